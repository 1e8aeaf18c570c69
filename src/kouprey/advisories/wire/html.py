"""Public pages about statements: whole HTML documents that need no script, made of statements and nothing else.

The same functions make the pages of a node and the files of an export; only the addresses differ.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextvars import copy_context
from functools import cache
from typing import Any, TypeVar

import msgspec
from markupsafe import Markup

from kouprey.advisories.model import Chain, Checked, Published, Statement
from kouprey.advisories.wire.block import exercise_word, title_of, verdict_word, write_block
from kouprey.advisories.wire.feeds import spoken, write_claim_review
from kouprey.advisories.wire.words import KINDS, VERDICTS, claim_in_brief
from kouprey.kernel.web.language import Language, _, current, load_partly, own_name, use
from kouprey.kernel.web.render import alone

T = TypeVar("T")
TONGUES = ("en", "km")
"""Languages that the pages around statements speak."""
_PACKAGES = ("kouprey.kernel.web", "kouprey.advisories")


class Links(msgspec.Struct, frozen=True, kw_only=True):
    """Where things are: `base` of the pages of one publisher ("" in an export, whose files lie side by side).

    `brand` is the name of whose site it is, at the head of every page; "" for none.
    """

    style: str
    base: str = ""
    check: str = ""
    report: str = ""
    brand: str = ""

    def home(self, language: str) -> str:
        """The list."""
        return f"{self.base}?lang={language}" if self.base else f"index.{language}.html"

    def statement(self, statement: str, language: str) -> str:
        """The page of a statement in a language."""
        return f"{self.base}/{statement}?lang={language}" if self.base else f"{statement}.{language}.html"

    def file(self, statement: str, name: str, language: str = "") -> str:
        """A file of a statement: signed.json, cap.xml, text.txt or card.pdf; "" where there is none."""
        if self.base:
            return f"{self.base}/{statement}/{name}" + (f"?lang={language}" if language else "")
        if name == "card.pdf":
            return ""
        if name == "signed.json":
            return f"signed/{statement}.json"
        stem, _dot, ending = name.rpartition(".")
        return f"{statement}.{language}.{ending}" if language else f"{statement}.{stem}.{ending}"

    def feed(self, name: str) -> str:
        """A file of the list: feed.atom, feed.json or chain.json."""
        return f"{self.base}/{name}" if self.base else name


@cache
def language_of(code: str) -> Language:
    """A language of statements; what is not translated into it stays English."""
    return load_partly(code, _PACKAGES)


def spoken_in(code: str, make: Callable[[], T]) -> T:
    """What `make` says in a language, in a context of its own."""

    def work() -> T:
        use(language_of(code))
        return make()

    return copy_context().run(work)


def statement_page(
    each: Published, language: str, links: Links, *, address: str, replaced: Sequence[Statement] = (), host: str = ""
) -> str:
    """The page of a statement in one of its languages; `host` is the party that mirrors it, "" for its publisher."""
    said, content = each.statement, each.content

    def make() -> str:
        code = spoken(said, language)
        review = write_claim_review(each, code, address)
        return _page(
            "statement.html",
            links,
            title=title_of(said, code),
            each=each,
            said=said,
            content=content,
            words=content.languages[code],
            spoken=code,
            tongues=[(tag, own_name(tag), links.statement(said.id, tag), tag == code) for tag in content.languages],
            kind=_(KINDS[content.kind]),
            verdict=_verdict(said, code),
            exercise=exercise_word(code) if content.exercise else "",
            followed=[(tag, links.statement(tag, code)) for tag in each.followed],
            replaced=[(old.id, links.statement(old.id, code)) for old in replaced],
            block=write_block(said, code),
            review=Markup(review),  # JSON in which nothing can end the element
            host=host,
            canonical=address,
        )

    return spoken_in(language if language in TONGUES else spoken(said, language), make)


def list_page(
    every: Sequence[Published], chain: Chain, language: str, links: Links, *, host: str = "", others: Sequence[Any] = ()
) -> str:
    """The list of one publisher, the newest first; `others` are (name, address) of mirrors that are shown here."""

    def make() -> str:
        rows = []
        for each in every:
            said, code = each.statement, spoken(each.statement, language)
            rows.append(
                {
                    "each": each,
                    "code": code,
                    "title": said.content.languages[code].title,
                    "href": links.statement(said.id, code),
                    "kind": _(KINDS[said.content.kind]),
                    "verdict": _verdict(said, code),
                    "claim": claim_in_brief(said.content),
                    "more": max(len(said.content.claims) - 1, 0),
                    "exercise": exercise_word(code) if said.content.exercise else "",
                }
            )
        return _page(
            "list.html",
            links,
            title=_("Statements of %(name)s") % {"name": chain.name},
            rows=rows,
            chain=chain,
            host=host,
            others=others,
            tongues=_tongues(links.home),
            exercise="",
        )

    return spoken_in(language, make)


def check_page(
    checked: Checked | None,
    language: str,
    links: Links,
    *,
    asked: str,
    error: str = "",
    csrf: str = "",
    of: Callable[[Published], Links] | None = None,
) -> str:
    """The page that answers "Is this real?"; `asked` stays in the form, `of`: where pages are."""

    def make() -> str:
        hits = [] if checked is None or of is None else [_hit(each, language, of(each.found)) for each in checked.hits]
        return _page(
            "check.html",
            links,
            title=_("Is this real?"),
            checked=checked,
            finding="" if checked is None else str(checked.finding),
            hits=hits,
            asked=asked,
            error=error,
            csrf=csrf,
            tongues=_tongues(lambda code: f"{links.check}?lang={code}"),
            exercise=next((each["exercise"] for each in hits if each["exercise"]), ""),
        )

    return spoken_in(language, make)


def trouble_page(what: str, why: str, language: str, links: Links) -> str:
    """What cannot be shown, without the frame."""
    return spoken_in(
        language,
        lambda: _page("trouble.html", links, title=what, why=why, tongues=_tongues(links.home), exercise=""),
    )


def _hit(hit: Any, language: str, links: Links) -> Mapping[str, Any]:
    said: Statement = hit.found.statement
    code = spoken(said, language)
    return {
        "hit": hit,
        "each": hit.found,
        "said": said,
        "code": code,
        "words": said.content.languages[code],
        "verdict": _verdict(said, code),
        "href": links.statement(said.id, code),
        "followed": [(tag, links.statement(tag, code)) for tag in hit.found.followed],
        "exercise": exercise_word(code) if said.content.exercise else "",
    }


def _verdict(said: Statement, code: str) -> tuple[str, str] | None:
    """The word in the language of the statement, and its tone."""
    verdict = said.content.verdict
    return None if verdict is None else (verdict_word(verdict, code), VERDICTS[verdict][1])


def _tongues(address: Callable[[str], str]) -> list[tuple[str, str, str, bool]]:
    return [(code, own_name(code), address(code), code == current().code) for code in TONGUES]


def _page(template: str, links: Links, **values: Any) -> str:
    return alone(_PACKAGES, f"advisories/{template}", language=current().code, links=links, **values)
