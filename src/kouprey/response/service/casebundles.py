"""Cases in STIX: one written as a bundle for whoever reads it, and one opened from a bundle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

import msgspec

from kouprey.exchange.model import Observable
from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words import decision
from kouprey.kernel.words.errors import Damaged, Forbidden, TooLarge
from kouprey.kernel.words.ids import new_id
from kouprey.kernel.words.tlp import TLP
from kouprey.response.model.cases import (
    Act,
    Body,
    Case,
    Evidence,
    Item,
    Note,
    Seen,
    Sort,
    Task,
    Track,
)
from kouprey.response.model.incidents import Coming
from kouprey.response.service.casefiles import AHEAD, LONGEST, Opened
from kouprey.response.service.caseitems import CaseItems
from kouprey.response.service.lacking import Lacking
from kouprey.response.store import cases as rows
from kouprey.response.store.cases import PIECE
from kouprey.response.wire.incidents import Author, vulnerability, write_case
from kouprey.response.wire.incoming import MOST, read_incident

MOST_WRITTEN = 5_000
"""Items of a case that is written as a bundle."""
BUNDLE = "application/stix+json;version=2.1"
_WRITTEN = (Sort.TASK, Sort.NOTE, Sort.FACT, Sort.OBSERVABLE, Sort.LINK)


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """A case opened from a bundle; `unread` says what of it was not understood."""

    case: Case
    unread: tuple[str, ...]


class CaseBundles(CaseItems):
    """Verbs about cases as STIX bundles."""

    lacking: Lacking
    """Says what hand-offs lack to which a case leads; given by whoever knows hand-offs."""

    def write_bundle(self, who: decision.Reader, case: str, *, legal: bool = False) -> tuple[Case, bytes]:
        """The bundle of a case and of those read in it, of the tracks that `who` reads; nothing is given to a partner.

        The legal track stands in it only when it is asked for by who reads it. That it was made is written down first.
        """
        opened = self.get(who, case)
        if legal and Track.LEGAL not in opened.reads:
            raise Forbidden("That track is not yours to read.", "", "Ask a legal officer.", code="role-missing")
        tracks = [each for each in opened.reads if each is not Track.LEGAL or legal]
        items = self._every(opened, tracks)
        values = {each.id: value for each in items if (value := self._object(each.body)) is not None}
        home = self._people.home()
        author = Author(identity=next(iter(home.card.identities)), party=home.id, name=home.name)
        made = write_case(author, opened.case, items, values, self.lacking.of_links(who, items))
        detail = {"tracks": ", ".join(map(str, tracks)), "sha256": sha256(made).hexdigest()}
        # Whoever reads the legal track alone learns that it stands in a file now.
        track = Track.LEGAL if legal else next(iter(tracks), Track.TECHNICAL)
        self._store.write(lambda tx: self._act(tx, who, opened.case, Act(did="case.export", detail=detail), track))
        return opened.case, made

    def take_bundle(
        self,
        who: decision.Reader,
        raw: bytes,
        *,
        tlp: TLP = TLP.AMBER_STRICT,
        track: Track | None = None,
        name: str = "",
    ) -> Taken:
        """Open a case from the incident of a bundle: all of it or nothing. It is marked at least as the bundle is.

        The bytes stay with it as evidence; what was not understood is named in a note.
        """
        coming = read_incident(raw, self._clock() + AHEAD)
        on = track or self.first_track(who)
        self._check_track(who, on)
        seen, nameless = self._seen_in(coming)
        unread = (*coming.unread, *nameless)
        plain = self._plain(who, [*coming.facts, *coming.notes, *coming.links, *seen], unread)
        tasks = {key: self._checked_body(who, each) for key, each in coming.tasks.items()}

        def also(tx: Tx, case: Case) -> None:
            for body in plain:
                self._put(tx, case, on, body, who)
            self._put_tasks(tx, who, case, on, tasks)
            self._put_bytes(tx, who, case, on, raw, name or "bundle.json")

        case = self.open(
            who,
            coming.title,
            summary=coming.summary,
            track=on,
            also=also,
            kind=coming.kind,
            phase=coming.phase,
            type=coming.type,
            severity=coming.severity,
            severity_why=coming.severity_why,
            cross_border=coming.cross_border,
            sectors=coming.sectors,
            tlp=max(tlp, coming.tlp),
            origin=coming.id,
            moments=coming.moments,
        )
        return Taken(case=case, unread=unread)

    def _plain(self, who: decision.Reader, bodies: Sequence[Body], unread: Sequence[str]) -> list[Body]:
        made = [self._checked_body(who, each) for each in bodies]
        if unread:
            told = "Not understood of the bundle, and kept in its bytes:\n" + "\n".join(f"- {each}" for each in unread)
            made.append(Note(text=told[:LONGEST]))
        return made

    def _seen_in(self, coming: Coming) -> tuple[list[Seen], list[str]]:
        """Technical values, each once, and what names none."""
        found: dict[tuple[str, str], str] = {}
        nameless = []
        for each in coming.values:
            named = (
                self._exchange.observables_in(each.value)
                if each.value
                else self._exchange.observables_of(each.text, each.kind)
            )
            if not named and each.value.get("type") != "observed-data":
                nameless.append(
                    f"{each.value.get('type') or each.kind}: {str(each.value.get('id') or each.text)[:150]}"
                )
            for one in named:
                found[one.kind, one.text] = found.get((one.kind, one.text)) or each.note
        if len(found) > MOST:
            raise TooLarge("There is too much in the bundle.", f"{MOST:,} values may be.", code="too-many-items")
        return [Seen(kind=kind, text=text, note=note) for (kind, text), note in found.items()], nameless

    def _put_tasks(self, tx: Tx, who: decision.Reader, case: Case, track: Track, tasks: Mapping[str, Body]) -> None:
        ids, now = {key: new_id("item") for key in tasks}, self._clock()
        for place, (key, body) in enumerate(tasks.items()):
            assert isinstance(body, Task)
            item = Item(
                id=ids[key],
                case=case.id,
                version=1,
                sort=Sort.TASK,
                track=track,
                # One microsecond apart: in lists they stand as they are to be done.
                at=now + place,
                made_at=now,
                made_by=who.name,
                hidden=False,
                body=msgspec.structs.replace(body, after=tuple(ids[each] for each in body.after if each in ids)),
            )
            rows.save_item(tx, item)

    def _put_bytes(self, tx: Tx, who: decision.Reader, case: Case, track: Track, raw: bytes, name: str) -> None:
        digest = sha256(raw).hexdigest()
        for part, start in enumerate(range(0, len(raw), PIECE)):
            rows.add_piece(tx, digest, part, raw[start : start + PIECE])
        if not name.isprintable() or len(name) > 255:
            raise Damaged("The file has no name that can be shown.", code="bad-name")
        kept = Evidence(name=name, media_type=BUNDLE, size=len(raw), sha256=digest, source="STIX")
        item = self._put(tx, case, track, kept, who)
        self._act(tx, who, case, Act(did="case.take", what=item.id, detail={"sha256": digest}), track)

    def _every(self, opened: Opened, tracks: Sequence[Track]) -> list[Item]:
        """What stands in a case and in those read in it, in the order in which it happened."""
        with self._store.read() as reader:
            found = rows.list_items(reader, opened.ids, tracks, _WRITTEN, limit=MOST_WRITTEN + 1) if tracks else []
        if len(found) > MOST_WRITTEN:
            raise TooLarge(
                "There is too much in the case.",
                f"{MOST_WRITTEN:,} items may be.",
                "Take out of sight what need not go.",
                code="too-many-items",
            )
        return found[::-1]

    def _object(self, body: Body) -> dict[str, Any] | None:
        if not isinstance(body, Seen):
            return None
        if body.kind == "cve":
            return vulnerability(self._people.home_id, body.text)
        return self._exchange.object_of(Observable(body.kind, body.text))
