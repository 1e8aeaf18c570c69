"""The life of an agreement: drafted, proposed, signed, received, suspended."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256

import msgspec

from kouprey.agreements import store as rows
from kouprey.agreements import wire
from kouprey.agreements.facts import AgreementChanged, NoteMade
from kouprey.agreements.model import Document, Group, PartyInDocument, Standing, Terms, Version
from kouprey.agreements.service.decisions import Decisions
from kouprey.agreements.service.standings import newest_signed
from kouprey.kernel.seal import notes
from kouprey.kernel.seal.keys import VerifyKey
from kouprey.kernel.storage import audit, outbox
from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words.errors import Damaged, Refused
from kouprey.kernel.words.time import SECOND, Instant, format_second
from kouprey.people.model import Party
from kouprey.people.service import bump_policy_epoch


class Life(Decisions):
    """Everything that changes an agreement."""

    def draft(
        self,
        title: str,
        parties: Iterable[str],
        terms: Terms,
        *,
        starts: Instant,
        ends: str = "",
        text: dict[str, str] | None = None,
        groups: Iterable[Group] = (),
        members: Mapping[str, Iterable[str]] = {},
        contacts: Mapping[str, Iterable[str]] = {},
        amends: str = "",
        by: str,
    ) -> Version:
        """Write a new agreement, or with `amends` the next version of one; nobody else learns of it until we sign.

        `members` and `contacts` are those of each party, by its id.
        """
        ids = sorted({self._people.home_id, *parties})
        known = [self._people.get_party(party) for party in ids]
        first = format_second(starts)
        document = Document(
            v=1,
            title=title,
            parties=tuple(_named(party, members, contacts) for party in known),
            terms=msgspec.structs.replace(terms, starts=first, ends=ends),
            groups=tuple(groups),
            text=text or {},
        )
        raw = wire.render_document(document)
        wire.parse_document(raw)
        previous = self._amended(amends) if amends else None
        fields = wire.VersionText(
            agreement=previous.agreement if previous else wire.agreement_id(raw),
            number=previous.number + 1 if previous else 1,
            previous=previous.note_sha256 if previous else b"",
            document_sha256=sha256(raw).digest(),
            document_length=len(raw),
            in_force_from=starts // SECOND * SECOND,
        )
        text_of_note = wire.render_version(fields)
        version = self._version(fields, text_of_note, raw, text_of_note + b"\n", (), self._people.home_id)

        def work(tx: Tx) -> Version:
            held = rows.find_version(tx, version.note_sha256)
            if held is not None:
                return held  # The same words again are the same version, with the signatures it has.
            rows.save_version(tx, version)
            self._note(tx, by, "agreement.draft", version)
            bump_policy_epoch(tx)
            return version

        return self._store.write(work)

    def _amended(self, agreement: str) -> Version:
        newest = newest_signed(self.list_versions(agreement))
        if newest is None:
            raise Refused(
                "This agreement cannot be amended yet.",
                "Not all parties have signed its first version.",
                "Discard the draft or wait for the signatures.",
                code="not-in-force",
            )
        return newest

    def discard(self, agreement: str, *, by: str) -> int:
        """Forget all drafts of an agreement; how many there were. What was signed by anybody stays."""
        drafts = [version for version in self.list_versions(agreement) if version.draft]

        def work(tx: Tx) -> int:
            gone = [draft for draft in drafts if rows.delete_draft(tx, draft.note_sha256)]
            for draft in gone:
                self._note(tx, by, "agreement.discard", draft)
            bump_policy_epoch(tx)
            return len(gone)

        count = self._store.write(work)
        if not count:
            raise Refused(
                "There is no draft to discard.",
                "What somebody has signed is kept; it has no effect until all have.",
                "Leave a proposal unsigned to decline it.",
                code="no-draft",
            )
        return count

    def list_signable(self, agreement: str) -> list[Version]:
        """Versions we have not signed and may still sign, oldest first: drafts of ours, proposals of others."""
        versions = self.list_versions(agreement)
        newest = newest_signed(versions)
        beyond = newest.number if newest is not None else 0
        return [v for v in versions if self._people.home_id in v.missing and v.number > beyond]

    def find_unsigned(self, agreement: str) -> Version | None:
        """The newest version that awaits our signature."""
        signable = self.list_signable(agreement)
        return signable[-1] if signable else None

    def sign(self, agreement: str, *, by: str, note_sha256: bytes = b"") -> Version:
        """Sign a version with our root key, and let the other parties know.

        `note_sha256` names the version that was read; without it, the newest one we have not signed.
        """
        pending = [v for v in self.list_signable(agreement) if note_sha256 in (b"", v.note_sha256)]
        if not pending:
            raise Refused(
                "There is nothing to sign.",
                "We have signed every version of this agreement that can still come into force.",
                "`kouprey agreement show` says whose signature is still awaited.",
                code="nothing-to-sign",
            )
        version = pending[-1]
        root = self._keyring.require_root()
        home = self._people.home_id
        name = f"{home}/root"
        if root.vkey(name) not in {party.root for party in version.document.parties}:
            raise Refused(
                "This version names the root key that we had before.",
                "What the present one signs would not count under it.",
                "Draft it anew, or ask the party that did: our card names the present key.",
                code="other-root",
            )
        if version.draft:
            note = notes.sign_note(version.note[:-1], [(name, root)])
        else:
            note = notes.add_signature(version.note, name, root)
        return self._keep(note, version.document_bytes, by=by, action="agreement.sign", send=True)

    def receive_note(self, note: bytes, attachment: bytes, *, by: str) -> str:
        """Take a note about an agreement from another party; returns the agreement's id.

        What counts is who signed it, not who carried it.
        """
        if wire.is_notice(notes.split_note(note)[0]):
            return self._receive_notice(note, by=by)
        return self._keep(note, attachment, by=by, action="agreement.receive", send=False).agreement

    def _keep(self, note: bytes, document_bytes: bytes, *, by: str, action: str, send: bool) -> Version:
        """Check a version note against its document and its predecessor, merge its signatures and store it."""
        fields = wire.parse_version(notes.split_note(note)[0])
        _check_document(fields, document_bytes)
        document = wire.parse_document(document_bytes)
        kept, signers = wire.keep_signatures(note, document)
        offered = self._version(fields, notes.split_note(note)[0], document_bytes, kept, signers, signers[0])
        self._check_roots(offered)

        def work(tx: Tx) -> Version:
            _check_predecessor(tx, offered)
            held = rows.find_version(tx, offered.note_sha256)
            merged = offered
            if held is not None and not held.draft:
                both, names = wire.keep_signatures(notes.merge_notes(held.note, kept), document)
                merged = msgspec.structs.replace(held, note=both, signers=names)
            if held is None or merged.signers != held.signers:
                rows.save_version(tx, merged)
                change = "signed" if merged.missing else "in force"
                outbox.record(tx, AgreementChanged(agreement=merged.agreement, change=change))
                self._note(tx, by, action, merged)
                self.refresh(tx)
            home = self._people.home_id
            regained = home in offered.signers and (held is None or home not in held.signers)
            if send or regained:
                # What we signed and lost with a database comes back from one partner: the others may not have it yet.
                self._send(tx, merged.agreement, merged.party_ids, merged.note, merged.document_bytes)
            elif len(merged.signers) > len(offered.signers):
                # Whoever brought it knows less than we do; the signers themselves have told everybody else.
                behind = (by,) if by in merged.party_ids else merged.party_ids
                self._send(tx, merged.agreement, behind, merged.note, merged.document_bytes)
            return merged

        return self._store.write(work)

    def _version(
        self,
        fields: wire.VersionText,
        text: bytes,
        document_bytes: bytes,
        note: bytes,
        signers: tuple[str, ...],
        proposed_by: str,
    ) -> Version:
        document = wire.parse_document(document_bytes)
        if self._people.home_id not in {party.id for party in document.parties}:
            raise Refused(
                "This agreement is not ours.", f"{self._people.home_id} is not among its parties.", code="not-ours"
            )
        return Version(
            agreement=fields.agreement,
            number=fields.number,
            previous=fields.previous,
            document_bytes=document_bytes,
            document=document,
            note=note,
            note_sha256=sha256(text).digest(),
            in_force_from=fields.in_force_from,
            signers=signers,
            proposed_by=proposed_by,
            at=self._clock(),
        )

    def _check_roots(self, version: Version) -> None:
        """The document must name the root keys we have pinned: otherwise somebody else would sign for a party.

        A proposal may name a party whose card we do not have yet; with our signature, or all signatures, none may.
        """
        complete = not version.missing or self._people.home_id in version.signers
        strangers = []
        for named in version.document.parties:
            known = self._people.get_party(named.id) if complete else self._people.find_party(named.id)
            if known is None:
                strangers.append(named.id)
            elif not self._people.counts_under(named.id, named.root, version.note_sha256):
                raise Refused(
                    f"The agreement names another root key for {named.id} than the one trusted here.",
                    "Either the party changed its root key, or somebody speaks in its name.",
                    "Call the party and compare the fingerprint words.",
                    code="other-root",
                )
        if set(version.signers) <= set(strangers):
            raise Refused(
                "Nobody we trust has signed this agreement.",
                f"Signed by {', '.join(version.signers)}, whose cards are not trusted here.",
                "Exchange cards first: `kouprey party trust FILE`.",
                code="untrusted-party",
            )

    def suspend(self, agreement: str, *, suspended: bool, by: str) -> Standing:
        """Suspend or resume for our part, at once and without anybody's consent; the others are told."""
        standing = self.get_standing(agreement)
        if not standing.signed:
            raise Refused(
                "This agreement is not in force.",
                "Only what all parties have signed can be suspended.",
                "Leave the proposal unsigned to decline it.",
                code="not-in-force",
            )
        self._give_notice(standing, "suspend" if suspended else "resume", by)
        return self.get_standing(agreement)

    def leave(self, agreement: str, *, by: str) -> Standing:
        """Leave for good: from now on nothing of ours counts under it; among the others it goes on."""
        standing = self.get_standing(agreement)
        if not standing.signed:
            raise Refused(
                "This agreement is not in force.",
                "Only what all parties have signed can be left.",
                "Leave the proposal unsigned to decline it.",
                code="not-in-force",
            )
        self._give_notice(standing, "leave", by)
        return self.get_standing(agreement)

    def _give_notice(self, standing: Standing, act: str, by: str) -> None:
        home = self._people.home_id

        def work(tx: Tx) -> None:
            held = rows.find_notice(tx, standing.agreement, home)
            before = held[1] if held else "resume"
            # Resuming is said again: a node restored from a backup may have forgotten a suspension that others know of.
            if before == act != "resume":
                return
            if before == "leave":
                raise Refused(
                    "We have left this agreement.",
                    "Leaving is final: nothing of ours counts under it any more.",
                    "Draft a new agreement with its parties.",
                    code="left",
                )
            now = self._clock()
            text = wire.NoticeText(
                agreement=standing.agreement,
                version=standing.version,
                party=home,
                act=act,
                # By the clock, so that a node restored from a backup is not ignored for a serial it used before.
                serial=max(now, held[0] + 1 if held else 1),
                at=now // SECOND * SECOND,
            )
            # The node key signs, because stopping must not wait for a root key that is kept elsewhere.
            note = notes.sign_note(wire.render_notice(text), [(f"{home}/node", self._keyring.speaker)])
            self._save_notice(tx, text, note, by)
            self._send(tx, standing.agreement, standing.parties, note, b"")

        self._store.write(work)

    def _receive_notice(self, note: bytes, *, by: str) -> str:
        text = wire.parse_notice(notes.split_note(note)[0])
        parties = self.get_standing(text.agreement).parties
        if text.party not in parties:
            raise Refused(f"{text.party[:60]} is not a party of this agreement.", code="not-a-party")
        card = self._people.get_party(text.party).card
        kept, _ = wire.keep_lines(note, [VerifyKey.parse(key) for key in (card.root, *card.nodes)])

        def work(tx: Tx) -> None:
            held = rows.find_notice(tx, text.agreement, text.party)
            # Leaving is final whenever it was said: who was restored may have resumed after what it forgot.
            newer = held is None or held[0] < text.serial or text.act == "leave"
            if newer and (held is None or held[1] != "leave"):
                self._save_notice(tx, text, kept, by)
                if text.party == self._people.home_id:
                    # Forgotten with a database that was restored: not everybody may have heard of it before.
                    self._send(tx, text.agreement, parties, kept, b"")

        self._store.write(work)
        return text.agreement

    def _save_notice(self, tx: Tx, text: wire.NoticeText, note: bytes, by: str) -> None:
        now = self._clock()
        rows.save_notice(tx, text.agreement, text.party, text.serial, text.act, note, now)
        change = {"suspend": "suspended", "resume": "resumed", "leave": "left"}[text.act]
        outbox.record(tx, AgreementChanged(agreement=text.agreement, change=change))
        detail = {"by": text.party}
        audit.append(tx, at=now, actor=by, action=f"agreement.{change}", subject=text.agreement, detail=detail)
        self.refresh(tx)

    def _send(self, tx: Tx, agreement: str, parties: Iterable[str], note: bytes, attachment: bytes) -> None:
        others = tuple(party for party in parties if party != self._people.home_id)
        outbox.record(tx, NoteMade(agreement=agreement, parties=others, note=note, attachment=attachment))

    def _note(self, tx: Tx, by: str, action: str, version: Version) -> None:
        detail = {"version": version.number, "signed_by": list(version.signers)}
        audit.append(tx, at=self._clock(), actor=by, action=action, subject=version.agreement, detail=detail)


def _named(
    party: Party, members: Mapping[str, Iterable[str]], contacts: Mapping[str, Iterable[str]]
) -> PartyInDocument:
    return PartyInDocument(
        id=party.id,
        name=party.name,
        root=party.card.root,
        members=tuple(members.get(party.id, ())),
        contacts=tuple(contacts.get(party.id, ())),
    )


def _check_document(fields: wire.VersionText, document_bytes: bytes) -> None:
    if sha256(document_bytes).digest() != fields.document_sha256 or len(document_bytes) != fields.document_length:
        raise Damaged(
            "The document is not the one that was signed.",
            "Its SHA-256 or length differs from the note.",
            "Ask for the note and its document again.",
            code="other-document",
        )
    if fields.number == 1 and wire.agreement_id(document_bytes) != fields.agreement:
        raise Damaged("The agreement's id does not come from its document.", code="bad-agreement")


def _check_predecessor(tx: Tx, version: Version) -> None:
    """A version follows the one before it, fully signed; a party that joins later has none before its first."""
    if not any(held.number < version.number for held in rows.list_versions(tx, version.agreement)):
        return
    held = rows.find_version(tx, version.previous)
    follows = held is not None and held.agreement == version.agreement and held.number == version.number - 1
    if held is None or not follows or held.missing:
        raise Refused(
            "This version does not follow one that is in force here.",
            f"Version {version.number} names a predecessor this node does not hold fully signed.",
            "Exchange the earlier versions first.",
            code="unknown-predecessor",
        )
