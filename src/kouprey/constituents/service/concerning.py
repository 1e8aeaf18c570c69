"""What a constituent is shown: what concerns its networks, threats in force, one thing, and what it says of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from kouprey.constituents import store as rows
from kouprey.constituents.model import Constituent, Feedback, Network, Word
from kouprey.constituents.service.registry import Registry
from kouprey.exchange.model import Filters, HeadPage, ObjectView, Observable, ObservableView
from kouprey.exchange.model.inside import Inside
from kouprey.exchange.service import MAIN
from kouprey.exchange.service.inside import MOST_WITHIN
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words import decision
from kouprey.kernel.words.errors import Forbidden, Refused
from kouprey.kernel.words.safejson import decode
from kouprey.kernel.words.time import FOREVER, Instant

THREATS = ("indicator",)
LISTED = 10_000
"""Indicators of one list for a program."""
MOST_ADVICE = 5
LONGEST_NOTE = 2_000
MOST_SAID = 200


class Concerning(Registry):
    """Verbs for constituents; each asks as `who`, so that one decision says what is seen."""

    spared_by: Callable[[Sequence[Observable]], list[bool]] | None = None
    """Which values no shield of this node would list; the assembled node says, since shields stand on a floor above."""

    def constituent_of(self, who: decision.Reader) -> Constituent:
        """Whose eyes these are; Forbidden for anybody who is not hosted, or no longer."""
        with self._store.read() as reader:
            found = rows.find(reader, who.constituents[0]) if len(who.constituents) == 1 else None
        if found is None or found.archived_at:
            raise Forbidden(
                "These pages are for constituents hosted here.",
                "You are not signed in for one.",
                "People of this node find what they look for under Intelligence.",
                code="not-a-constituent",
            )
        return found

    def names_of(self, parties: Iterable[str]) -> list[str]:
        """What these parties are called, by name; the id where no card is held."""
        known = {party.id: party.name for party in self._people.list_parties()}
        return sorted(known.get(party, party) for party in set(parties))

    def inside(
        self,
        who: decision.Reader,
        *,
        after: Instant = 0,
        before: Instant = FOREVER,
        limit: int = 25,
        of: str = "",
        most: int = MOST_WITHIN,
    ) -> Inside:
        """What is said of their networks and names, latest news first, in pages; `of` for whoever looks with them."""
        return self._exchange.list_inside(
            who, self.within(who, of=of), after_position=after, before_position=before, limit=limit, most=most
        )

    def within(self, who: decision.Reader, *, of: str = "") -> list[Observable]:
        """What is theirs, as values; `of` for whoever looks with them."""
        return [Observable(each.kind, each.text) for each in self.networks(of or self.constituent_of(who).id)]

    def threats(
        self,
        who: decision.Reader,
        *,
        after: Instant | None = None,
        upto: Instant | None = None,
        before: Instant | None = None,
        limit: int = 25,
    ) -> HeadPage:
        """Indicators in force that they may see, latest news first."""
        filters = Filters(in_force=True, since=after, until=None if upto is None else upto + 1)
        return self._exchange.list_objects(who, types=THREATS, filters=filters, before_position=before, limit=limit)

    def show(self, who: decision.Reader, stix_id: str) -> ObjectView:
        """One thing; Unknown when they may not see it."""
        return self._exchange.get_object(who, stix_id)

    def why(self, who: decision.Reader, found: ObjectView) -> tuple[decision.Reason, ...]:
        """Why they may see a thing they were shown."""
        return self._exchange.ground(who, found)

    def bodies(self, who: decision.Reader, ids: list[str]) -> dict[str, dict[str, Any]]:
        """What these objects say of themselves, of those they may see."""
        if not ids:
            return {}
        found = self._exchange.page(who, MAIN, ids=ids, limit=len(ids)).rows
        values = {row.stix_id: decode(row.raw) for row in found}
        return {stix_id: value for stix_id, value in values.items() if isinstance(value, dict)}

    def named_by(self, body: dict[str, Any]) -> list[Observable]:
        """The values an object names."""
        return list(self._exchange.observables_in(body))

    def own_values(self, who: decision.Reader, body: dict[str, Any]) -> list[Observable]:
        """Of the values an object names, those that are theirs."""
        lies_within = self._theirs(who)
        return [each for each in self.named_by(body) if lies_within(each)]

    def is_own(self, who: decision.Reader, each: Observable) -> bool:
        """Whether a value lies in what is theirs."""
        return self._theirs(who)(each)

    def _theirs(self, who: decision.Reader) -> Callable[[Observable], bool]:
        return self._exchange.lying_within(self.within(who))

    def spared(self, values: Sequence[Observable]) -> list[bool]:
        """Of each value, whether blocking it would do more harm than good: too wide, of special purpose, or common."""
        return self.spared_by(values) if self.spared_by is not None and values else [False] * len(values)

    def look_up(self, who: decision.Reader, meant: Sequence[Observable]) -> list[ObservableView]:
        """What is said of these values, as far as they may see."""
        return [self._exchange.get_observable(who, each.kind, each.text) for each in meant]

    def actions(self, who: decision.Reader, stix_id: str) -> list[dict[str, Any]]:
        """Courses of action that are related to a thing, at most five."""
        near = self._exchange.walk(who, [stix_id], depth=2, limit=200).spots
        ids = [each.stix_id for each in near if each.type == "course-of-action"][:MOST_ADVICE]
        return list(self.bodies(who, ids).values())

    def say(self, who: decision.Reader, stix_id: str, word: Word, note: str) -> None:
        """They have seen it, hold it for wrong, or have mended it; Unknown for what they may not see."""
        constituent = self.constituent_of(who)
        self._exchange.get_object(who, stix_id)
        said = Feedback(
            constituent=constituent.id,
            stix_id=stix_id,
            word=word,
            note=_text(note),
            by=who.name,
            at=self._clock(),
        )

        def work(tx: Tx) -> None:
            rows.add_feedback(tx, said)
            detail = {"object": stix_id, "word": str(word)}
            audit.append(
                tx, at=said.at, actor=who.name, action="constituent.say", subject=constituent.id, detail=detail
            )

        self._store.write(work)

    def said(self, who: decision.Reader, constituent: str, *, stix_id: str = "") -> list[tuple[Feedback, str]]:
        """What was said of things `who` may see, with their titles, the newest first; of one, or of all."""
        with self._store.read() as reader:
            found = rows.list_feedback(reader, constituent, MOST_SAID, stix_id)
        # What one may know of what was said follows from the thing it was said of, asked now.
        titles = self._exchange.list_titles(who, {each.stix_id for each in found})
        return [(each, titles[each.stix_id][1]) for each in found if each.stix_id in titles]

    def words_of(self, who: decision.Reader, ids: Sequence[str]) -> dict[str, Word]:
        """What they said last of things they were shown."""
        with self._store.read() as reader:
            return rows.list_words(reader, self.constituent_of(who).id, ids)

    def wish(self, who: decision.Reader, text: str) -> None:
        """Ask us to correct something, such as their networks."""
        constituent = self.constituent_of(who)
        given = _text(text)
        if not given:
            raise Refused("Nothing was written.", "", "Write what is wrong.", code="empty-wish")

        def work(tx: Tx) -> None:
            now = self._clock()
            rows.add_wish(tx, constituent.id, given, who.name, now)
            audit.append(tx, at=now, actor=who.name, action="constituent.wish", subject=constituent.id, detail={})

        self._store.write(work)

    def own(self, who: decision.Reader) -> tuple[Constituent, list[Network]]:
        """Who they are here, and what we hold for theirs."""
        found = self.constituent_of(who)
        return found, self.networks(found.id)

    def list_indicators(self, who: decision.Reader) -> list[tuple[str, str, str, Instant]]:
        """(kind, value, level, version) of indicators in force they may see, newest first, at most LISTED values.

        Nothing of their own is among them, nor what no shield would list: a list like this is what firewalls block by.
        """
        lies_within = self._theirs(who)
        found: dict[tuple[str, str], tuple[str, str, str, Instant]] = {}
        before: Instant | None = None
        while len(found) < LISTED:
            page = self.threats(who, before=before, limit=500)
            bodies = self.bodies(who, [head.stix_id for head in page.heads])
            named = [(head, each) for head in page.heads for each in self.named_by(bodies.get(head.stix_id, {}))]
            spared = self.spared([each for _head, each in named])
            for (head, each), left_out in zip(named, spared, strict=True):
                if not left_out and not lies_within(each):
                    found.setdefault((each.kind, each.text), (each.kind, each.text, head.tlp.text, head.instant))
            if not page.more or not page.heads:
                break
            before = page.heads[-1].position
        return list(found.values())[:LISTED]


def _text(text: str) -> str:
    given = "".join(letter for letter in text.strip() if letter.isprintable() or letter in "\n\u200b")
    if len(given) > LONGEST_NOTE:
        raise Refused(
            "The text is too long.", f"At most {LONGEST_NOTE} letters.", "Write it shorter.", code="text-too-long"
        )
    return given
