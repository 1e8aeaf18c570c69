"""The card of a statement: one sheet A4 with a code that leads to the check of exactly these words."""

from __future__ import annotations

from contextvars import copy_context
from functools import cache
from io import BytesIO

from kouprey.advisories.model import Published
from kouprey.advisories.wire.block import exercise_word, verdict_word
from kouprey.advisories.wire.words import KINDS
from kouprey.kernel import paper
from kouprey.kernel.web.language import Language, _, load_partly, use
from kouprey.kernel.words.time import format_second

SHORT = 16
"""Digits of the hash in a code: enough that nobody makes other words for it, few enough to be scanned."""


@cache
def _language(code: str) -> Language:
    return load_partly(code, ("kouprey.kernel.web", "kouprey.advisories"))


def draw_card(each: Published, language: str, check: str) -> bytes:
    """The PDF of a statement in one of its languages; `check` is the address in its code."""
    return copy_context().run(_draw, each, language, check)


def _draw(each: Published, language: str, check: str) -> bytes:
    use(_language(language))
    said, content = each.statement, each.content
    words = content.languages[language]
    values = {
        "exercise": exercise_word(language) if content.exercise else "",
        "publisher": said.name,
        "kind": _(KINDS[content.kind]),
        "title": words.title,
        "verdict": verdict_word(content.verdict, language) if content.verdict is not None else "",
        "tone": "good" if content.verdict == "true" else "bad",
        "claim_head": _("The claim"),
        "claims": [claim.text for claim in content.claims],
        "body": words.body,
        "do_head": _("What to do"),
        "what_to_do": words.what_to_do,
        "issued": f"{_('Issued')} {format_second(said.issued)[:16].replace('T', ' ')} UTC",
        "until": f"{_('Valid until')} {format_second(content.valid_until)[:16].replace('T', ' ')} UTC"
        if content.valid_until
        else "",
        "later": _("A later statement replaces this one: %(ids)s.") % {"ids": ", ".join(each.followed)}
        if each.followed
        else "",
        "contact": content.contact,
        "id": said.id,
        "check": check,
        "scan": _("Scan the code and compare the words. A picture of a card proves nothing by itself."),
        "qr": _code(check),
    }
    footer = f"{said.publisher} · {said.id} · SHA-256 {each.hash[:SHORT]}"
    return paper.render(
        "advisories/card.typ", values, title=words.title, language=language, at=said.issued, footer=footer
    )


def _code(text: str) -> str:
    # Imported late: most of what a node does draws nothing.
    import segno

    out = BytesIO()
    segno.make(text, error="m", micro=False, boost_error=False).save(out, kind="svg", scale=8, border=4, light="#fff")
    return out.getvalue().decode()
