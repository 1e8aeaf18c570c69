"""Papers: cards, agreements and notices, exchanged before there is a lane and beside it."""

from __future__ import annotations

import contextlib
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from itertools import accumulate

from kouprey.agreements.facts import NoteMade
from kouprey.agreements.service import Agreements
from kouprey.federation import store as rows
from kouprey.federation.model import (
    AGREEMENT_DOCUMENT_MEDIA_TYPE,
    AGREEMENT_NOTE_MEDIA_TYPE,
    AGREEMENT_NOTICE_MEDIA_TYPE,
    CARD_MEDIA_TYPE,
    ERASURE_RECEIPT_MEDIA_TYPE,
    KEY_STATEMENT_MEDIA_TYPE,
    ROOT_STATEMENT_MEDIA_TYPE,
    Paper,
)
from kouprey.federation.service.nodekeys import NodeKeys
from kouprey.federation.service.requests import Requests
from kouprey.federation.wire import link
from kouprey.kernel.seal.notes import split_note
from kouprey.kernel.storage.engine import Store
from kouprey.kernel.words.errors import KoupreyError, Refused
from kouprey.kernel.words.time import Clock, wall_clock
from kouprey.people.service import People


class Papers:
    """Carries signed notes to the parties they concern, and hands in those that come."""

    def __init__(
        self,
        store: Store,
        people: People,
        agreements: Agreements,
        requests: Requests,
        keys: NodeKeys,
        clock: Clock = wall_clock,
    ) -> None:
        self._requests = requests
        self._keys = keys
        self._store = store
        self._people = people
        self._agreements = agreements
        self._clock = clock

    def note_made(self, fact: NoteMade, fact_id: int) -> None:
        """Queue a new note, with our card before it, for every party it concerns; repeating this changes nothing."""
        papers = [Paper(CARD_MEDIA_TYPE, self._people.home().note), *_papers_of(fact.note, fact.attachment)]
        rendered = link.render_papers(papers)
        self._store.write(
            lambda tx: rows.queue_papers(tx, fact_id, fact.parties, fact.agreement, rendered, self._clock())
        )

    def keys_changed(self, parties: Sequence[str], paper_id: int) -> None:
        """Queue our card and our key statements for partners."""
        home = self._people.home()
        statements = [Paper(KEY_STATEMENT_MEDIA_TYPE, note) for note in self._keys.statements(home.id)]
        rendered = link.render_papers([*self._roots(), Paper(CARD_MEDIA_TYPE, home.note), *statements])
        self._store.write(lambda tx: rows.queue_papers(tx, paper_id, parties, "", rendered, self._clock()))

    def _roots(self) -> list[Paper]:
        """What vouches for our root key: it comes before the card that the key has signed."""
        home = self._people.home_id
        return [Paper(ROOT_STATEMENT_MEDIA_TYPE, note) for note in self._people.list_root_notes(home)]

    def take_cards(self, papers: Sequence[Paper], *, by: str) -> None:
        """Take what proves itself among papers that nobody has vouched for; it begins no trust.

        A card does, and a statement about a new root key.
        """
        for paper in papers:
            with contextlib.suppress(KoupreyError):
                if paper.media_type == CARD_MEDIA_TYPE:
                    self._take_card(paper.content, by)
                elif paper.media_type == ROOT_STATEMENT_MEDIA_TYPE:
                    self._people.receive_root(paper.content, by=by)

    def card_trusted(self, party: str) -> None:
        """Keep a card as it is now: a genesis names it by its hash, and a proof needs it when there is a newer one."""
        note = self._people.get_party(party).note
        statement = sha256(split_note(note)[0]).hexdigest()
        self._store.write(lambda tx: rows.keep_card(tx, statement, party, note))

    def for_party(self, party: str) -> list[Paper]:
        """Everything a parcel should bring a party: our card and all notes of the agreements between us."""
        home = self._people.home()
        with self._store.read() as reader:
            earlier = [note for _, owner, note in rows.list_cards(reader) if owner == home.id and note != home.note]
            words = [
                each.note
                for lane in rows.list_lanes(reader, mine=False, author=party)
                for each in rows.list_erasure_receipts(reader, lane.id)
                if each.party == home.id
            ]
        papers = [*self._roots(), *(Paper(CARD_MEDIA_TYPE, note) for note in (home.note, *earlier))]
        for standing in self._agreements.standings().values():
            if party in standing.parties:
                for note, attachment in self._agreements.agreement_notes(standing.agreement, party):
                    papers += _papers_of(note, attachment)
        papers += [Paper(KEY_STATEMENT_MEDIA_TYPE, note) for note in self._keys.statements(home.id)]
        return papers + [Paper(ERASURE_RECEIPT_MEDIA_TYPE, note) for note in words]

    def page_for(self, party: str, start: int) -> list[Paper]:
        """Of `for_party` what follows the first `start` papers, as much as fits one answer; none at the end."""
        papers = self.for_party(party)[start : start + link.PAPERS_MAX]
        ends = accumulate(len(paper.content) for paper in papers)
        return [paper for paper, end in zip(papers, ends, strict=True) if paper is papers[0] or end < link.PAPERS_BYTES]

    def take(self, papers: Sequence[Paper], *, by: str) -> tuple[int, list[str]]:
        """Hand in papers from `by`; how many were taken, and what was wrong with the others."""
        documents = {
            b64encode(sha256(paper.content).digest()): paper.content
            for paper in papers
            if paper.media_type == AGREEMENT_DOCUMENT_MEDIA_TYPE
        }
        for paper in reversed(papers):
            # Whoever trusts the newest root key alone learns of those before from the newest statement backwards.
            if paper.media_type == ROOT_STATEMENT_MEDIA_TYPE:
                with contextlib.suppress(KoupreyError):
                    self._people.receive_root(paper.content, by=by)
        taken = 0
        problems: list[str] = []
        for paper in papers:
            if paper.media_type == AGREEMENT_DOCUMENT_MEDIA_TYPE:
                continue
            try:
                self._take(paper, documents, by)
                taken += 1
            except KoupreyError as error:
                problems.append(str(error))
        return taken, problems

    def _take(self, paper: Paper, documents: dict[bytes, bytes], by: str) -> None:
        if paper.media_type == CARD_MEDIA_TYPE:
            self._take_card(paper.content, by)
        elif paper.media_type == ROOT_STATEMENT_MEDIA_TYPE:
            self._people.receive_root(paper.content, by=by)
        elif paper.media_type == AGREEMENT_NOTE_MEDIA_TYPE:
            document = _document_of(split_note(paper.content)[0], documents)
            if document is None:
                raise Refused(
                    "An agreement note came without its document.",
                    remedy="Ask the sender for both.",
                    code="other-document",
                )
            self._agreements.receive_note(paper.content, document, by=by)
        elif paper.media_type == AGREEMENT_NOTICE_MEDIA_TYPE:
            self._agreements.receive_note(paper.content, b"", by=by)
        elif paper.media_type == KEY_STATEMENT_MEDIA_TYPE:
            self._keys.take(paper.content)
        elif paper.media_type == ERASURE_RECEIPT_MEDIA_TYPE:
            self._requests.take_receipt(paper.content, by)
        else:
            raise Refused("Nobody here understands this paper.", paper.media_type, code="bad-note")

    def _take_card(self, note: bytes, by: str) -> None:
        if any(party.note == note for party in self._people.list_parties()):
            return
        card, _ = self._people.read_card(note)
        if self._people.find_party(card.party) is not None:
            # What an earlier card names is verified by it: receipts, checkpoints and proofs of then.
            self.card_trusted(card.party)
        try:
            self._people.receive_card(note, by=by)
        except Refused as error:
            if error.code != "old-card":
                raise
            # Older than what we hold: a genesis of then may name it. What a former root key has signed is kept when
            # the one after it says so: whoever has stolen that key may write cards to this day.
            digest = sha256(split_note(note)[0])
            if self._people.counts_under(card.party, card.root, digest.digest()):
                self._store.write(lambda tx: rows.keep_card(tx, digest.hexdigest(), card.party, note))


def _document_of(text: bytes, documents: Mapping[bytes, bytes]) -> bytes | None:
    """The document a version note names by its hash (docs/spec/agreement.md, line `doc`)."""
    return next((content for digest, content in documents.items() if b"\ndoc " + digest + b" " in text), None)


def _papers_of(note: bytes, attachment: bytes) -> Iterable[Paper]:
    if attachment:
        return (Paper(AGREEMENT_DOCUMENT_MEDIA_TYPE, attachment), Paper(AGREEMENT_NOTE_MEDIA_TYPE, note))
    return (Paper(AGREEMENT_NOTICE_MEDIA_TYPE, note),)
