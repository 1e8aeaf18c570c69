"""Free text: what may be a value in it, what is known of that here, and taking in what a person has chosen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import uuid4

import msgspec

from kouprey.exchange.model import Arrival, ObjectView, Observable, Source, SourceKind
from kouprey.exchange.model.texts import Chosen, Extraction, Taken, Telling, Withdrawn
from kouprey.exchange.rules import released
from kouprey.exchange.rules.making import MARKING, observable_object, pattern_of, stamp
from kouprey.exchange.service.collections import MAIN
from kouprey.exchange.service.sighting import Sightings
from kouprey.exchange.store import observables as rows
from kouprey.exchange.wire import read_object
from kouprey.exchange.wire.texts import MOST, find_candidates
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Damaged, Refused, TooLarge
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.safejson import decode
from kouprey.kernel.words.time import Instant, parse_instant
from kouprey.people.model import Party

LONGEST_TEXT = 1 << 20
"""Characters of a text that is read at once."""
_MILLISECOND = 1_000
_AT_ONCE = 500


class Texts(Sightings):
    """Verbs for texts that people paste; nothing of a text is kept before somebody has chosen."""

    @staticmethod
    def extract(text: str) -> Extraction:
        """The candidates of a text, at most 5,000, and what speaks against each; TooLarge beyond 2^20 characters."""
        if len(text) > LONGEST_TEXT:
            raise TooLarge(
                "The text is too long.",
                f"It has {len(text)} characters, and {LONGEST_TEXT} are read at once.",
                "Give it in several parts.",
                code="text-too-long",
            )
        return find_candidates(text)

    def known(self, who: Reader, observables: Iterable[Observable]) -> dict[Observable, int]:
        """In how many versions that the reader sees each is named, up to 100; what is named nowhere is left out."""
        asked = tuple(dict.fromkeys(observables))
        eyes = self._eyes(who)
        with self._store.read() as reader:
            ids = rows.ids_of(reader, asked)
            counts = rows.count_seen(reader, eyes, set(ids))
        return {each: counts[key] for each, key in zip(asked, ids, strict=False) if key in counts}

    def take_text(self, chosen: Sequence[Chosen], telling: Telling, *, by: str) -> Taken:
        """Keep what was chosen of a text, all of it or nothing: observables, indicators, and a report that names them.

        The report and the indicators are by our own identity. A CVE becomes an outside reference of the report. Damaged
        without a name, Refused when nothing was chosen, TooLarge for more than 5,000.
        """
        home = self._author()
        if not telling.name.strip():
            raise Damaged("The report has no name.", "People find it again by its name.", code="no-name")
        if not chosen:
            raise Refused("Nothing was chosen.", "Every value is to be ignored.", "Choose some.", code="nothing-chosen")
        if len(chosen) > MOST:
            raise TooLarge(
                "Too many values at once.", f"{MOST} are the most.", "Take them in parts.", code="too-many-values"
            )
        now = self._clock()
        label = Label(owner=home.id, tlp=telling.tlp)
        values = [_made(each, telling, home, now) for each in dict.fromkeys(chosen)]
        kept = [value for value in values if value is not None]
        report = _report(kept, chosen, telling, home, now)

        def work(tx: Tx) -> None:
            self._keep_all(tx, home, [*kept, report], label, by)
            detail = {"tlp": telling.tlp.word, "values": len(chosen)}
            audit.append(tx, at=now, actor=by, action="exchange.take-text", subject=report["id"], detail=detail)

        self._store.write(work)
        return Taken(
            report=report["id"],
            indicators=tuple(value["id"] for value in kept if value["type"] == "indicator"),
            observed=tuple(value["id"] for value in kept if value["type"] != "indicator"),
        )

    def get_taken(self, who: Reader, report: str) -> tuple[ObjectView, dict[str, Any]]:
        """A report of ours with its newest body; Unknown when `who` may not see it, Refused when it is not ours."""
        found = self.get_object(who, report)
        body = decode(found.newest.served.raw)
        if found.type != "report" or body.get("created_by_ref") not in self._people.home().card.identities:
            raise Refused(
                "This was not made here of a text.",
                "Only a report of our own can be taken back.",
                "Add an opinion or a note instead.",
                code="not-ours",
            )
        return found, body

    def withdraw(self, report: str, *, who: Reader, by: str) -> Withdrawn:
        """Revoke a report that was made of a text, and the indicators made with it, each by a new version.

        Observables have no versions and stay. Refused when the report is not ours or is revoked already; Unknown when
        `who` may not see it.
        """
        found, body = self.get_taken(who, report)
        home = self._author()
        if found.newest.served.revoked:
            raise Refused("It has been taken back already.", "The report is revoked.", code="revoked-already")
        refs = [ref for ref in body.get("object_refs", []) if isinstance(ref, str)]
        with_it = [each for each in self._made_with(who, refs, body) if each.get("revoked") is not True]
        now = self._clock()
        label = released([a.label for version in found.versions for b in version.bodies for a in b.assertions], home.id)

        def work(tx: Tx) -> None:
            self._keep_all(tx, home, [revoked_version(each, now) for each in [*with_it, body]], label, by)
            detail = {"indicators": len(with_it)}
            audit.append(tx, at=now, actor=by, action="exchange.withdraw", subject=report, detail=detail)

        self._store.write(work)
        staying = sum(not ref.startswith(("indicator--", "identity--")) for ref in refs)
        return Withdrawn(revoked=(report, *(each["id"] for each in with_it)), staying=staying)

    def _made_with(self, who: Reader, refs: Sequence[str], report: dict[str, Any]) -> list[dict[str, Any]]:
        """The indicators the report names that were made in the same deed: by the same author, at the same instant."""
        wanted = [ref for ref in refs if ref.startswith("indicator--")]
        made: list[dict[str, Any]] = []
        collection = self.get_collection(MAIN).id
        for begin in range(0, len(wanted), _AT_ONCE):
            page = self.page(who, collection, ids=wanted[begin : begin + _AT_ONCE], limit=_AT_ONCE)
            made += [decode(row.raw) for row in page.rows]
        same = ("created_by_ref", "created")
        return [each for each in made if all(each.get(name) == report.get(name) for name in same)]

    def _keep_all(self, tx: Tx, home: Party, values: Sequence[dict[str, Any]], label: Label, by: str) -> None:
        into = [self._main(tx).id]
        source = Source(kind=SourceKind.PERSON, party=home.id, name=by)
        self._ensure_identity(tx, home, into)
        arrivals: list[Arrival] = [read_object(msgspec.json.encode(value)) for value in values]
        for outcome in self.receive(tx, arrivals, source=source, label_of=lambda *_: label, into=into):
            if outcome.error is not None:
                # All of it or nothing: half a report would say what nobody has chosen.
                raise outcome.error


def _made(chosen: Chosen, telling: Telling, home: Party, now: Instant) -> dict[str, Any] | None:
    pattern = pattern_of(chosen.observable) if chosen.malicious else None
    if pattern is None:
        value = observable_object(chosen.observable)
        return value if value is None else value | {"object_marking_refs": [MARKING[telling.tlp]]}
    return {
        "type": "indicator",
        "spec_version": "2.1",
        "id": f"indicator--{uuid4()}",
        "created_by_ref": home.card.identities[0],
        "created": stamp(now),
        "modified": stamp(now),
        "name": chosen.observable.text,
        "description": telling.description or f"Named as malicious in the report “{telling.name.strip()}”.",
        "indicator_types": ["malicious-activity"],
        "pattern": pattern,
        "pattern_type": "stix",
        "valid_from": stamp(now),
        "object_marking_refs": [MARKING[telling.tlp]],
    }


def _report(
    values: Sequence[dict[str, Any]], chosen: Sequence[Chosen], telling: Telling, home: Party, now: Instant
) -> dict[str, Any]:
    references = [
        {"source_name": "cve", "external_id": each.observable.text} for each in chosen if each.observable.kind == "cve"
    ]
    if telling.source:
        references.insert(0, {"source_name": telling.source, "description": "Where the text came from."})
    value: dict[str, Any] = {
        "type": "report",
        "spec_version": "2.1",
        "id": f"report--{uuid4()}",
        "created_by_ref": home.card.identities[0],
        "created": stamp(now),
        "modified": stamp(now),
        "name": telling.name.strip(),
        "report_types": ["threat-report"],
        "published": stamp(now),
        # A report must refer to something; where nothing of it is an object of its own, to whoever reports.
        "object_refs": [each["id"] for each in values] or [home.card.identities[0]],
        "object_marking_refs": [MARKING[telling.tlp]],
    }
    if description := "\n\n".join(filter(None, (telling.description, telling.text))):
        value["description"] = description
    if references:
        value["external_references"] = references
    return value


def revoked_version(value: dict[str, Any], now: Instant) -> dict[str, Any]:
    """The version of an object that revokes it, later than the one given."""
    after = parse_instant(value["modified"]) + _MILLISECOND
    return value | {"revoked": True, "modified": stamp(max(now, after))}
