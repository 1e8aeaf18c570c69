"""Custody on paper: one item, everything that happened to it, and the signed checkpoint that covers it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextvars import copy_context
from functools import cache
from typing import TypeVar

from kouprey.kernel import paper
from kouprey.kernel.web.language import LANGUAGES, Language, _, load_languages, use
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.time import Instant, format_second
from kouprey.proceedings.model import Act, Event, Item, Kept, Purpose
from kouprey.proceedings.wire.words import ACTS, DISCLOSURES, KINDS, PURPOSES

T = TypeVar("T")
_SAID = ("text", "why", "basis", "ground", "scope")


@cache
def _languages() -> dict[str, Language]:
    # A text that two capabilities use is translated in one of them.
    others = ("agreements", "audit", "exchange", "federation", "people", "response")
    return load_languages(("kouprey.kernel.web", *(f"kouprey.{name}" for name in others), "kouprey.proceedings"))


def draw(
    kept: Kept,
    item: Item,
    events: Iterable[Event],
    checkpoint: str,
    *,
    language: str,
    name: Callable[[str], str],
    at: Instant,
) -> bytes:
    """The PDF. What the thing is called is not on it: nobody but its readers knows. Damaged for no such language."""
    if language not in LANGUAGES:
        raise Damaged("There is no such language.", language[:20], code="bad-field")
    return copy_context().run(_draw, kept, item, list(events), checkpoint, language, name, at)


def _draw(
    kept: Kept,
    item: Item,
    events: list[Event],
    checkpoint: str,
    language: str,
    name: Callable[[str], str],
    at: Instant,
) -> bytes:
    use(_languages()[language])
    owed = any(each.item == item.id for each in kept.lacking)
    title = _("Custody of item %(n)s") % {"n": item.number}
    values = {
        "head": title,
        "about": _("Dossier “%(name)s”") % {"name": kept.dossier.name},
        "facts": [
            (_("What it is"), _(KINDS[item.kind])),
            (_("Called (to be filled in by a reader)"), "_" * 40),
            (_("SHA-256 of the sealed body"), item.sha256),
            (_("Size, sealed and padded"), f"{item.size:,}"),
            (_("In custody of"), name(item.holder) if item.holder else "–"),
            (_("Made of"), item.derived or "–"),
            (_("In the list of what is disclosed"), _(DISCLOSURES[item.disclosure][0])),
            (_("Ground"), item.ground or "–"),
            *([(_("Legal basis"), _("a release lacks its basis"))] if owed else []),
        ],
        "heads": [_("No."), _("When (UTC)"), _("What"), _("Who"), _("Details")],
        "events": [_row(each, name) for each in events],
        "checkpoint_head": _("Signed by the node over the whole ledger"),
        "checkpoint": checkpoint,
        "how": _(
            "Each line is an event of the ledger of this dossier. The file of its proof shows that it stands there,"
            " and tells nothing of other events; examples/verify_custody.py checks it without this node."
        ),
    }
    return paper.render(
        "proceedings/custody.typ", values, title=title, language=language, at=at, footer=kept.dossier.id
    )


def _row(event: Event, name: Callable[[str], str]) -> list[str]:
    detail = event.detail
    said = [str(detail[key]) for key in _SAID if detail.get(key)]
    if detail.get("purpose") in tuple(Purpose):
        said.insert(0, _(PURPOSES[Purpose(detail["purpose"])]))
    if whom := detail.get("to_name") or detail.get("from_name"):
        said.insert(0, str(whom))
    when = format_second(event.at).replace("T", " ").removesuffix("Z")
    return [str(event.position), when, _(ACTS[Act(event.act)]), detail.get("name") or name(event.by), " · ".join(said)]
