"""Papers: cards, agreements and notices, exchanged before there is a lane and beside it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256

from kouprey.agreements.facts import NoteMade
from kouprey.agreements.service import Agreements
from kouprey.federation import store as rows
from kouprey.federation.model import (
    AGREEMENT_DOCUMENT_MEDIA_TYPE,
    AGREEMENT_NOTE_MEDIA_TYPE,
    AGREEMENT_NOTICE_MEDIA_TYPE,
    CARD_MEDIA_TYPE,
    Paper,
)
from kouprey.federation.wire import link
from kouprey.kernel.seal.notes import split_note
from kouprey.kernel.storage.engine import Store
from kouprey.kernel.words.errors import KoupreyError, Refused
from kouprey.kernel.words.time import Clock, wall_clock
from kouprey.people.service import People


class Papers:
    """Carries signed notes to the parties they concern, and hands in those that come."""

    def __init__(self, store: Store, people: People, agreements: Agreements, clock: Clock = wall_clock) -> None:
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
        papers = [Paper(CARD_MEDIA_TYPE, note) for note in (home.note, *earlier)]
        for standing in self._agreements.standings().values():
            if party in standing.parties:
                for note, attachment in self._agreements.agreement_notes(standing.agreement, party):
                    papers += _papers_of(note, attachment)
        return papers

    def take(self, papers: Sequence[Paper], *, by: str) -> tuple[int, list[str]]:
        """Hand in papers from `by`; how many were taken, and what was wrong with the others."""
        documents = {
            b64encode(sha256(paper.content).digest()): paper.content
            for paper in papers
            if paper.media_type == AGREEMENT_DOCUMENT_MEDIA_TYPE
        }
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
        else:
            raise Refused("Nobody here understands this paper.", paper.media_type, code="bad-note")

    def _take_card(self, note: bytes, by: str) -> None:
        if any(party.note == note for party in self._people.list_parties()):
            return
        try:
            self._people.receive_card(note, by=by)
        except Refused as error:
            if error.code != "old-card":
                raise
            # Signed by the root key we trust, and older than what we hold: a genesis of then may name it.
            text = split_note(note)[0]
            party = next(line[6:] for line in text.split(b"\n") if line.startswith(b"party ")).decode()
            self._store.write(lambda tx: rows.keep_card(tx, sha256(text).hexdigest(), party, note))


def _document_of(text: bytes, documents: Mapping[bytes, bytes]) -> bytes | None:
    """The document a version note names by its hash (docs/spec/agreement.md, line `doc`)."""
    return next((content for digest, content in documents.items() if b"\ndoc " + digest + b" " in text), None)


def _papers_of(note: bytes, attachment: bytes) -> Iterable[Paper]:
    if attachment:
        return (Paper(AGREEMENT_DOCUMENT_MEDIA_TYPE, attachment), Paper(AGREEMENT_NOTE_MEDIA_TYPE, note))
    return (Paper(AGREEMENT_NOTICE_MEDIA_TYPE, note),)
