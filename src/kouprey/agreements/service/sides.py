"""What one party says alone: it tightens for its part, comments on a version, declines to sign."""

from __future__ import annotations

from hashlib import sha256

import msgspec

from kouprey.agreements import store as rows
from kouprey.agreements import wire
from kouprey.agreements.facts import AgreementChanged
from kouprey.agreements.model import Comment, Narrowing, Standing, Version
from kouprey.agreements.rules import changes
from kouprey.agreements.service.life import Life
from kouprey.agreements.wire import said as sayings
from kouprey.kernel.seal import notes
from kouprey.kernel.seal.keys import VerifyKey
from kouprey.kernel.storage import audit, outbox
from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words.errors import Damaged, Refused, Unknown
from kouprey.kernel.words.time import SECOND

MOST_COMMENTS = 500
"""Comments of one party on one agreement."""


class Sides(Life):
    """Everything a party does to an agreement without the others."""

    def receive_note(self, note: bytes, attachment: bytes, *, by: str) -> str:
        """Take a note about an agreement from another party; returns the agreement's id.

        What counts is who signed it, not who carried it.
        """
        text = notes.split_note(note)[0]
        if sayings.is_narrowing(text):
            return self._receive_narrowing(note, by)
        if sayings.is_comment(text):
            return self._receive_comment(note, by)
        return super().receive_note(note, attachment, by=by)

    # tightening

    def narrow(self, agreement: str, asked: Narrowing, *, by: str) -> Standing:
        """Tighten the clauses that `asked` names for our part, at once; the others are told.

        Only its clauses are read. Refused when it would loosen what counts for us now: that needs a new version.
        """
        standing = self.get_standing(agreement)
        if not standing.signed or standing.home in standing.left:
            raise Refused(
                "This agreement is not in force.",
                "Only what all parties have signed can be tightened.",
                "Say in a comment what should be tighter before it is signed.",
                code="not-in-force",
            )
        held = next((each for each in standing.narrowed if each.party == standing.home), None)
        made = self._narrowed(standing, held, asked)

        def work(tx: Tx) -> None:
            now = self._clock()
            given = msgspec.structs.replace(
                made, serial=max(now, held.serial + 1 if held else 1), at=now // SECOND * SECOND
            )
            text = sayings.render_narrowing(given)
            sayings.parse_narrowing(text)
            note = notes.sign_note(text, [(f"{standing.home}/node", self._keyring.speaker)])
            self._save_narrowing(tx, given, note, by)
            self._send(tx, agreement, standing.parties, note, b"")

        self._store.write(work)
        return self.get_standing(agreement)

    def _narrowed(self, standing: Standing, held: Narrowing | None, asked: Narrowing) -> Narrowing:
        """What was tightened before together with what is asked now."""
        before = changes.effective(standing.terms, [held] if held else [])
        others = tuple(party for party in standing.parties if party != standing.home)
        known = held.parties if held and held.parties is not None else others
        wanted = {name: value for name, value in msgspec.structs.asdict(asked).items() if name in _CLAUSES and value}
        limits = {**msgspec.structs.asdict(before), "parties": known}
        floor = Narrowing(
            agreement="",
            version=0,
            party="",
            serial=0,
            at=0,
            **{name: limits[name] for name in wanted},
        )
        asked = msgspec.structs.replace(floor, **wanted)
        if looser := changes.loosened_by(floor, asked):
            raise Refused(
                "This would loosen the agreement.",
                f"Looser than what counts now: {', '.join(looser)}.",
                "Draft its next version: what is looser needs the signatures of all parties.",
                code="loosens",
            )
        if asked == floor:
            raise Refused(
                "This would tighten nothing.",
                "Each clause is as strict as that already, or none was chosen.",
                "Choose a lower level or fewer words.",
                code="tightens-nothing",
            )
        signed = [v.number for v in self.list_versions(standing.agreement) if standing.home in v.signers]
        base = held or Narrowing(agreement="", version=0, party="", serial=0, at=0)
        return msgspec.structs.replace(
            base,
            agreement=standing.agreement,
            party=standing.home,
            # Also what we have signed already and what is not in force yet begins as tight as this.
            version=max([standing.version, *signed]),
            **{name: tuple(sorted(value)) if isinstance(value, tuple) else value for name, value in wanted.items()},
        )

    def _receive_narrowing(self, note: bytes, by: str) -> str:
        said = sayings.parse_narrowing(notes.split_note(note)[0])
        standing = self.get_standing(said.agreement)
        kept = self._signed_by(note, said.party, standing.parties)

        def work(tx: Tx) -> None:
            for each in rows.list_narrowings(tx, said.agreement):
                held = sayings.parse_narrowing(notes.split_note(each)[0])
                if held.party != said.party:
                    continue
                if held.serial >= said.serial:
                    return
                if held.version >= standing.version and changes.loosened_by(held, said):
                    raise Refused(
                        f"{said.party} may not loosen the agreement alone.",
                        "Its newer notice is looser than the one before.",
                        "It drafts a new version, which all parties sign.",
                        code="loosens",
                    )
            self._save_narrowing(tx, said, kept, by)
            if said.party == standing.home:
                # Forgotten with a database that was restored: not everybody may have heard of it before.
                self._send(tx, said.agreement, standing.parties, kept, b"")

        self._store.write(work)
        return said.agreement

    def _save_narrowing(self, tx: Tx, said: Narrowing, note: bytes, by: str) -> None:
        now = self._clock()
        rows.save_narrowing(tx, said, note, now)
        outbox.record(tx, AgreementChanged(agreement=said.agreement, change="tightened"))
        detail = {"by": said.party}
        audit.append(tx, at=now, actor=by, action="agreement.tightened", subject=said.agreement, detail=detail)
        self.refresh(tx)

    # saying something about a version

    def comment(self, agreement: str, version: bytes, about: str, words: str, *, by: str) -> Comment:
        """Say something about a version that is proposed or signed; all its parties get it.

        `about` is a clause's number, "all", or "decline": we will not sign it, for the reason in `words`.
        """
        found = self._commented(agreement, version)
        home = self._people.home_id
        if about == "decline" and home in found.signers:
            raise Refused(
                "We have signed this version.",
                "A signature cannot be taken back.",
                "Suspend or leave the agreement, or draft its next version.",
                code="signed",
            )
        now = self._clock()
        said = Comment(
            agreement=agreement,
            version=version,
            party=home,
            about=about,
            serial=now,
            at=now // SECOND * SECOND,
            words=sayings.clean_words(words),
        )
        if not said.words:
            raise Damaged("There are no words.", "", "Write what the other parties should know.", code="no-words")
        text = sayings.render_comment(said)
        sayings.parse_comment(text)
        note = notes.sign_note(text, [(f"{home}/node", self._keyring.speaker)])

        def work(tx: Tx) -> None:
            self._save_comment(tx, said, note, by)
            self._send(tx, agreement, found.party_ids, note, b"")

        self._store.write(work)
        return said

    def _commented(self, agreement: str, version: bytes) -> Version:
        for found in self.list_versions(agreement):
            if found.note_sha256 == version:
                if found.draft:
                    raise Refused(
                        "This is a draft of ours.",
                        "Nobody else knows of it.",
                        "Draft it anew with other words.",
                        code="draft",
                    )
                return found
        raise Unknown("There is no such version.", "", "Open the agreement itself.", code="unknown-version")

    def _receive_comment(self, note: bytes, by: str) -> str:
        said = sayings.parse_comment(notes.split_note(note)[0])
        version = self._commented(said.agreement, said.version)
        kept = self._signed_by(note, said.party, version.party_ids)
        self._store.write(lambda tx: self._save_comment(tx, said, kept, by))
        return said.agreement

    def _save_comment(self, tx: Tx, said: Comment, note: bytes, by: str) -> None:
        if rows.count_comments(tx, said.agreement, said.party) >= MOST_COMMENTS:
            raise Refused(
                "There are too many comments.",
                f"At most {MOST_COMMENTS} of one party are kept.",
                "Speak with each other.",
                code="too-many",
            )
        now = self._clock()
        if not rows.save_comment(tx, said, note, sha256(notes.split_note(note)[0]).digest(), now):
            return
        change = "declined" if said.about == "decline" else "commented"
        outbox.record(tx, AgreementChanged(agreement=said.agreement, change=change))
        detail = {"by": said.party, "clause": said.about}
        audit.append(tx, at=now, actor=by, action=f"agreement.{change}", subject=said.agreement, detail=detail)

    def declined(self, agreement: str, version: bytes) -> dict[str, str]:
        """Who has declined a version, and the reason each gave last; a party that signed it after all is left out."""
        signers = next((v.signers for v in self.list_versions(agreement) if v.note_sha256 == version), ())
        return {
            each.party: each.words
            for each, _ in self.list_comments(agreement)
            if each.version == version and each.about == "decline" and each.party not in signers
        }

    def _signed_by(self, note: bytes, party: str, parties: tuple[str, ...]) -> bytes:
        """The note with the lines of that party alone; it must be one of `parties`."""
        if party not in parties:
            raise Refused(f"{party[:60]} is not a party of this agreement.", code="not-a-party")
        card = self._people.get_party(party).card
        return wire.keep_lines(note, [VerifyKey.parse(key) for key in (card.root, *card.nodes)])[0]


_CLAUSES = ("tlp_ceiling", "pap_ceiling", "onward", "types", "purposes", "parties")
