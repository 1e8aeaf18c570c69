"""How pages of proceedings call people, acts and times, and read what forms send."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from shlex import quote
from typing import Any

from kouprey.kernel.web.language import _, in_words, joined
from kouprey.kernel.words.errors import Damaged, KoupreyError
from kouprey.kernel.words.time import Instant, parse_instant
from kouprey.people.service import People
from kouprey.proceedings.model import Act, Event, Kept, Purpose
from kouprey.proceedings.wire.words import ACTS, PURPOSES


class Names:
    """People of ours and parties by their names."""

    def __init__(self, people: People) -> None:
        self._parties = {party.id: party.name for party in people.list_parties()}
        self._persons = {person.id: person.name for person in people.list_persons()}

    def of(self, by: str) -> str:
        """Whoever did something: a person, a partner, or the node itself."""
        return self._persons.get(by) or self._parties.get(by) or (_("this node") if by == "node" else by)


def said(error: KoupreyError) -> str:
    """An error as a page shows it."""
    return in_words(error)


def read_day(text: str) -> Instant:
    """A day of a form as the instant at which it begins in UTC, 0 for none; Damaged for what is no day."""
    if not text:
        return 0
    try:
        return parse_instant(f"{text}T00:00:00Z")
    except ValueError:
        raise Damaged("There is no such day.", text[:40], "Write it as 2026-11-30.", code="bad-day") from None


def events_of(events: Iterable[Event], kept: Kept, names: Names) -> list[dict[str, Any]]:
    """Events as a timeline shows them, the newest first."""
    numbers = {each.id: each.number for each in kept.items}
    return [
        {
            "at": each.at,
            "title": _(ACTS[Act(each.act)]),
            "text": _text(each, numbers, names),
            "tone": _TONES.get(Act(each.act), "info"),
            "icon": _ICONS.get(Act(each.act), "audit"),
            "position": each.position,
        }
        for each in reversed(list(events))
    ]


_TONES = {Act.FAIL: "bad", Act.REMIND: "warn", Act.DISPOSE: "warn", Act.WITHHOLD: "warn", Act.RECEIVE: "good"}
_ICONS = {
    Act.RELEASE: "key",
    Act.SEAL: "lock",
    Act.GRANT: "key",
    Act.HOLD: "shield",
    Act.KEPT: "shield",
    Act.GIVE: "out",
    Act.ARRIVE: "download",
    Act.ADD_MEMBER: "person",
    Act.REMOVE_MEMBER: "person",
}
_SHOWN = ("text", "why", "scope", "ground", "basis")


def _text(event: Event, numbers: dict[str, int], names: Names) -> str:
    """Who, of which item, to whom, and the words that were written down."""
    parts = [names.of(event.by)]
    if event.item in numbers:
        parts.append(_("item %(n)s") % {"n": numbers[event.item]})
    detail = event.detail
    whom = detail.get("to_name") or detail.get("person_name") or _list_of(detail.get("to"), names)
    if whom:
        parts[0] = f"{parts[0]} → {whom}"
    if detail.get("purpose") in tuple(Purpose):
        parts.append(_(PURPOSES[Purpose(detail["purpose"])]))
    parts += [str(detail[key]) for key in _SHOWN if detail.get(key)]
    if Act(event.act) is Act.RELEASE and not detail.get("basis"):
        parts.append(_("without a basis"))
    return " · ".join(parts)


def _list_of(value: Any, names: Names) -> str:
    if isinstance(value, str):
        return names.of(value)
    return joined(names.of(str(each)) for each in value) if isinstance(value, list) else ""


def command(verb: str, readers: Sequence[tuple[str, str]], through: str, rest: str) -> str:
    """What to write on one's own machine; names are quoted, as people choose them."""
    named = " ".join(f"--reader {quote(f'{name}={key}')}" for name, key in readers)
    return f"kouprey dossier {verb} {named} --through {through} {rest}"
