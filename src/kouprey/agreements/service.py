"""Verbs of agreements: draft, propose, sign, receive, suspend; and keep written down who may see what."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

import msgspec

from kouprey.agreements import rules, wire
from kouprey.agreements import store as rows
from kouprey.agreements.facts import AgreementChanged, DecisionWidened, NoteMade
from kouprey.agreements.model import CLAUSES, Document, PartyInDocument, Standing, Terms, Version
from kouprey.kernel.seal import notes
from kouprey.kernel.seal.keyring import Keyring
from kouprey.kernel.seal.keys import VerifyKey
from kouprey.kernel.storage import audit, labels, outbox
from kouprey.kernel.storage.engine import Reader, Store, Tx
from kouprey.kernel.words import decision
from kouprey.kernel.words.capability import Job, Services
from kouprey.kernel.words.errors import Damaged, Refused, Unknown
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.time import Clock, Instant, format_second, parse_instant, wall_clock
from kouprey.kernel.words.tlp import TLP, parse_tlp
from kouprey.people.facts import ReaderWidened
from kouprey.people.service import People, bump_policy_epoch, policy_epoch


class Agreements:
    """Every agreement this node knows, and the one decision made under them."""

    def __init__(self, store: Store, people: People, keyring: Keyring, clock: Clock = wall_clock) -> None:
        self._store = store
        self._people = people
        self._keyring = keyring
        self._clock = clock
        self._standings: tuple[int, dict[str, Standing]] | None = None
        self._profiles: dict[decision.Reader, int] = {}

    # the document and its life

    def draft(
        self,
        title: str,
        parties: Iterable[str],
        terms: Terms,
        *,
        starts: Instant,
        ends: str = "",
        text: dict[str, str] | None = None,
        amends: str = "",
        by: str,
    ) -> Version:
        """Write a new agreement, or with `amends` the next version of one; nobody has signed it yet."""
        ids = sorted({self._people.home_id, *parties})
        known = [self._people.get_party(party) for party in ids]
        document = Document(
            v=1,
            title=title,
            parties=tuple(PartyInDocument(id=p.id, name=p.name, root=p.card.root) for p in known),
            terms=msgspec.structs.replace(terms, start=format_second(starts), until=ends),
            text=text or {},
        )
        raw = wire.render_document(document)
        wire.parse_document(raw)
        previous = self.get_current(amends) if amends else None
        fields = wire.VersionText(
            agreement=previous.agreement if previous else wire.agreement_id(raw),
            number=previous.number + 1 if previous else 1,
            previous=previous.note_sha256 if previous else b"",
            document_sha256=sha256(raw).digest(),
            document_length=len(raw),
            in_force_from=starts,
        )
        version = self._version(wire.render_version(fields) + b"\n", raw, signers=())

        def work(tx: Tx) -> None:
            rows.save_version(tx, version)
            self._note(tx, by, "agreement.draft", version)

        self._store.write(work)
        return version

    def sign(self, agreement: str, *, by: str) -> Version:
        """Sign the newest version we have not signed with our root key, and let the other parties know."""
        pending = [v for v in self.list_versions(agreement) if self._people.home_id in v.missing]
        if not pending:
            raise Refused(
                "There is nothing to sign.",
                "We have signed every version of this agreement that we hold.",
                "`kouprey agreement show` says whose signature is still awaited.",
                code="nothing-to-sign",
            )
        version = pending[-1]
        self._check_roots(version.document)
        name = f"{self._people.home_id}/root"
        text = notes.split_note(version.note)[0] if version.signers else version.note[:-1]
        root = self._keyring.require_root()
        note = (
            notes.add_signature(version.note, name, root) if version.signers else notes.sign_note(text, [(name, root)])
        )
        return self._keep(note, version.document_bytes, by=by, action="agreement.sign", send=True)

    def receive_note(self, note: bytes, attachment: bytes, *, by: str) -> str:
        """Take a note about an agreement from another party; returns the agreement's id.

        What counts is who signed it, not who carried it.
        """
        text = notes.split_note(note)[0]
        if text.startswith(wire.SUSPENSION_LINE.encode()):
            return self._receive_suspension(note, by=by)
        return self._keep(note, attachment, by=by, action="agreement.receive", send=False).agreement

    def _keep(self, note: bytes, document_bytes: bytes, *, by: str, action: str, send: bool) -> Version:
        """Check a version note against its document and its predecessor, merge its signatures and store it."""
        version = self._version(note, document_bytes, signers=None)
        self._check_roots(version.document)
        if not version.signers:
            raise Damaged("Nobody has signed this agreement note.", code="unsigned")

        def work(tx: Tx) -> Version:
            self._check_predecessor(tx, version)
            held = rows.find_version(tx, version.note_sha256)
            merged = version
            if held is not None and held.signers:
                both = notes.merge_notes(held.note, note)
                signers = tuple(sorted({*held.signers, *version.signers}))
                merged = msgspec.structs.replace(held, note=both, signers=signers)
            if held is None or merged.signers != held.signers:
                rows.save_version(tx, merged)
                change = "in force" if not merged.missing else "signed"
                outbox.record(tx, AgreementChanged(agreement=merged.agreement, change=change))
                self._note(tx, by, action, merged)
                self.refresh(tx)
            if send or (held is not None and len(merged.signers) > len(version.signers)):
                self._send(tx, merged.agreement, merged.party_ids, merged.note, merged.document_bytes)
            return merged

        return self._store.write(work)

    def _version(self, note: bytes, document_bytes: bytes, *, signers: tuple[str, ...] | None) -> Version:
        text = notes.split_note(note)[0] if signers is None else note[:-1]
        fields = wire.parse_version(text)
        if sha256(document_bytes).digest() != fields.document_sha256 or len(document_bytes) != fields.document_length:
            raise Damaged(
                "The document is not the one that was signed.",
                "Its SHA-256 or length differs from the note.",
                "Ask for the note and its document again.",
                code="other-document",
            )
        document = wire.parse_document(document_bytes)
        if fields.number == 1 and wire.agreement_id(document_bytes) != fields.agreement:
            raise Damaged("The agreement's id does not come from its document.", code="bad-agreement")
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
            signers=wire.signers_of(note, document) if signers is None else signers,
            proposed_by="",
            at=self._clock(),
        )

    def _check_roots(self, document: Document) -> None:
        """The document must name the root keys we have pinned: otherwise somebody else would sign for a party."""
        for named in document.parties:
            if self._people.get_party(named.id).card.root != named.root:
                raise Refused(
                    f"The agreement names another root key for {named.id} than the one trusted here.",
                    "Either the party changed its root key, or somebody speaks in its name.",
                    "Call the party and compare the fingerprint words.",
                    code="other-root",
                )

    def _check_predecessor(self, tx: Tx, version: Version) -> None:
        if version.number == 1:
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
        home = self._people.home_id

        def work(tx: Tx) -> None:
            held = rows.find_suspension(tx, agreement, home)
            serial = max(self._clock(), (held[0] if held else 0) + 1)
            text = wire.SuspensionText(
                agreement=agreement,
                version=standing.version,
                by=home,
                suspended=suspended,
                serial=serial,
                at=self._clock(),
            )
            note = notes.sign_note(wire.render_suspension(text), [(f"{home}/node", self._keyring.node)])
            self._save_suspension(tx, text, note, by)
            self._send(tx, agreement, standing.parties, note, b"")

        self._store.write(work)
        return self.get_standing(agreement)

    def _receive_suspension(self, note: bytes, *, by: str) -> str:
        text = wire.parse_suspension(notes.split_note(note)[0])
        standing = self.get_standing(text.agreement)
        if text.by not in standing.parties:
            raise Refused(f"{text.by} is not a party of this agreement.", code="not-a-party")
        card = self._people.get_party(text.by).card
        notes.open_note(note, [VerifyKey.parse(key) for key in (card.root, *card.nodes)])

        def work(tx: Tx) -> None:
            held = rows.find_suspension(tx, text.agreement, text.by)
            if held is not None and held[0] >= text.serial:
                return
            self._save_suspension(tx, text, note, by)

        self._store.write(work)
        return text.agreement

    def _save_suspension(self, tx: Tx, text: wire.SuspensionText, note: bytes, by: str) -> None:
        now = self._clock()
        rows.save_suspension(tx, text.agreement, text.by, text.serial, text.suspended, note, now)
        change = "suspended" if text.suspended else "resumed"
        outbox.record(tx, AgreementChanged(agreement=text.agreement, change=change))
        audit.append(tx, at=now, actor=by, action=f"agreement.{change}", subject=text.agreement, detail={"by": text.by})
        self.refresh(tx)

    def _send(self, tx: Tx, agreement: str, parties: tuple[str, ...], note: bytes, attachment: bytes) -> None:
        others = tuple(party for party in parties if party != self._people.home_id)
        outbox.record(tx, NoteMade(agreement=agreement, parties=others, note=note, attachment=attachment))

    def _note(self, tx: Tx, by: str, action: str, version: Version) -> None:
        detail = {"version": version.number, "signed_by": list(version.signers)}
        audit.append(tx, at=self._clock(), actor=by, action=action, subject=version.agreement, detail=detail)

    # what is known

    def list_versions(self, agreement: str = "") -> list[Version]:
        with self._store.read() as reader:
            versions = rows.list_versions(reader, agreement)
        if agreement and not versions:
            raise Unknown(
                f"No agreement {agreement[:60]!r} is known here.",
                remedy="`kouprey agreement list` shows all of them.",
                code="unknown-agreement",
            )
        return versions

    def get_current(self, agreement: str) -> Version:
        """The version that counts now: the newest fully signed one, else the newest proposal."""
        return _current(self.list_versions(agreement), self._clock())

    def standings(self, reader: Reader | None = None) -> dict[str, Standing]:
        """Every agreement by id; asked again when people or agreements have changed."""
        if reader is None:
            with self._store.read() as snapshot:
                return self.standings(snapshot)
        epoch = policy_epoch(reader)
        if self._standings is None or self._standings[0] != epoch:
            self._standings = (epoch, self._load_standings(reader))
        return self._standings[1]

    def get_standing(self, agreement: str) -> Standing:
        found = self.standings().get(agreement)
        if found is None:
            raise Unknown(
                f"No agreement {agreement[:60]!r} is known here.",
                remedy="`kouprey agreement list` shows all of them.",
                code="unknown-agreement",
            )
        return found

    def find_by_prefix(self, text: str) -> str:
        """The one agreement whose id or title begins with `text`; Unknown or Refused when none or several do."""
        found = [
            s.agreement
            for s in self.standings().values()
            if s.agreement.startswith(text) or s.title.lower().startswith(text.lower())
        ]
        if len(found) == 1:
            return found[0]
        if not found:
            return self.get_standing(text).agreement
        raise Refused(
            f"{len(found)} agreements begin with {text[:40]!r}.", remedy="Write more of the id.", code="ambiguous"
        )

    def _load_standings(self, reader: Reader) -> dict[str, Standing]:
        suspended = rows.list_suspended(reader)
        by_agreement: dict[str, list[Version]] = {}
        for version in rows.list_versions(reader):
            by_agreement.setdefault(version.agreement, []).append(version)
        now = self._clock()
        home = self._people.home_id
        return {
            agreement: _standing(_current(versions, now), suspended.get(agreement, ()), home)
            for agreement, versions in by_agreement.items()
        }

    def agreement_notes(self, agreement: str) -> list[tuple[bytes, bytes]]:
        """Every signed note of an agreement with its attachment, for parcels and for parties that missed them."""
        with self._store.read() as reader:
            versions = rows.list_versions(reader, agreement)
            suspensions = rows.list_suspension_notes(reader, agreement)
        return [(v.note, v.document_bytes) for v in versions if v.signers] + [(note, b"") for note in suspensions]

    # the one decision, asked and written down

    def party_reader(self, party: str, *, exercise: str = "") -> decision.Reader:
        """A party as a reader at the gates of a lane: its agreements alone decide, not a clearance."""
        return decision.Reader(party=party, clearance=TLP.RED, exercise=exercise)

    def decide(
        self,
        marked: Iterable[Label],
        who: decision.Reader,
        *,
        purpose: str = "",
        under: str = "",
        reader: Reader | None = None,
        once_resumed: bool = False,
    ) -> decision.Decision:
        """Whether `who` may see a thing with these labels now, with every ground.

        `once_resumed` asks as if nobody had suspended anything: for what is only queued and goes out after resumption.
        """
        terms = self.standings(reader)
        if once_resumed:
            terms = {key: msgspec.structs.replace(standing, suspended_by=()) for key, standing in terms.items()}
        return rules.decide_set(marked, who, terms, purpose, self._clock(), under=under)

    def may_receive(self, label: Label, *, reader: Reader | None = None) -> decision.Decision:
        """The receive gate: whether a party that owns `label` may send it to us under `label.agreement`.

        The same policy as at the sender's gates, asked again here, because a peer's node may be wrong or hostile.
        """
        standing = self.standings(reader).get(label.agreement)
        if standing is None or label.owner not in standing.parties:
            reason = decision.Reason("not-a-party", f"{label.owner} is not a party of that agreement.", label.agreement)
            return decision.Decision(False, (reason,))
        suspended_by = standing.suspended_between(label.owner)
        if suspended_by:
            clause = CLAUSES["suspension"]
            text = f"Suspended by {', '.join(suspended_by)}."
            return decision.Decision(False, (decision.Reason("suspended", text, label.agreement, clause),))
        # To us it arrives as the sender's own; how far we may pass it on is asked when we pass it on.
        own = msgspec.structs.replace(label, agreement="")
        us = decision.Reader(party=standing.home, clearance=TLP.RED, exercise=label.exercise)
        return rules.decide(own, us, {label.agreement: standing}, "", self._clock(), under=label.agreement)

    def profile(self, who: decision.Reader) -> int:
        """The interned profile of a reader; before its first answer its decisions are written down."""
        anonymous = msgspec.structs.replace(who, name="")
        known = self._profiles.get(anonymous)
        if known is None:
            with self._store.read() as reader:
                found = labels.find_profile(reader, anonymous)
            known = self._store.write(lambda tx: self._intern_profile(tx, anonymous)) if found is None else found
            self._profiles[anonymous] = known
        return known

    def _intern_profile(self, tx: Tx, who: decision.Reader) -> int:
        found = labels.find_profile(tx, who)
        if found is not None:
            return found
        profile = labels.insert_profile(tx, who)
        now = self._clock()
        standings = self._load_standings(tx)
        for set_id, members in labels.list_label_sets(tx).items():
            labels.write_visible(tx, profile, set_id, rules.decide_set(members, who, standings, "", now), now)
        return profile

    def label_set(self, tx: Tx, label_ids: Iterable[int]) -> int:
        """The interned set of these labels; a new one is decided for every profile in the same transaction."""
        ids = sorted(set(label_ids))
        found = labels.find_label_set(tx, ids)
        if found is not None:
            return found
        set_id = labels.insert_label_set(tx, ids)
        members = tuple(labels.get_labels(tx, set_id).values())
        now = self._clock()
        standings = self._load_standings(tx)
        for profile, who in labels.list_profiles(tx).items():
            labels.write_visible(tx, profile, set_id, rules.decide_set(members, who, standings, "", now), now)
        return set_id

    def refresh(self, tx: Tx) -> None:
        """Decide everything again after a change of agreements; tighter and wider take effect with this transaction."""
        bump_policy_epoch(tx)
        self._decide_again(tx, None)

    def recheck(self) -> int:
        """Ask again what was decided until now (embargoes over, agreements begun or ended); how many were due."""
        with self._store.read() as reader:
            due = labels.list_due(reader, self._clock())
        if due:
            self._store.write(lambda tx: self._decide_again(tx, due))
        return len(due)

    def _decide_again(self, tx: Tx, pairs: list[tuple[int, int]] | None) -> None:
        now = self._clock()
        standings = self._load_standings(tx)
        profiles = labels.list_profiles(tx)
        sets = labels.list_label_sets(tx)
        wanted = pairs if pairs is not None else [(profile, set_id) for profile in profiles for set_id in sets]
        widened = {
            set_id
            for profile, set_id in wanted
            if labels.write_visible(
                tx,
                profile,
                set_id,
                rules.decide_set(sets[set_id], profiles[profile], standings, "", now),
                now,
            )
        }
        if widened:
            outbox.record(tx, DecisionWidened(label_sets=tuple(sorted(widened))))

    def reader_widened(self, before: decision.Reader, after: decision.Reader) -> None:
        """A reader's clearance or role changed: what it sees now and did not before counts as widened."""
        old, new = self.profile(before), self.profile(after)

        def work(tx: Tx) -> None:
            now = self._clock()
            gained = labels.list_visible(tx, new, now) - labels.list_visible(tx, old, now)
            if gained:
                outbox.record(tx, DecisionWidened(label_sets=tuple(sorted(gained))))

        self._store.write(work)


def _current(versions: list[Version], now: Instant) -> Version:
    signed = [version for version in versions if not version.missing]
    running = [version for version in signed if version.in_force_from <= now]
    if running:
        return max(running, key=lambda v: (v.number, v.note_sha256))
    if signed:
        return min(signed, key=lambda v: (v.number, v.note_sha256))
    return versions[-1]


def _standing(version: Version, suspended_by: tuple[str, ...], home: str) -> Standing:
    document = version.document
    return Standing(
        agreement=version.agreement,
        home=home,
        version=version.number,
        note_sha256=version.note_sha256,
        title=document.title,
        parties=version.party_ids,
        terms=document.terms,
        tlp_ceiling=parse_tlp(document.terms.tlp_ceiling),
        signed=not version.missing,
        starts=max(parse_instant(document.starts), version.in_force_from),
        ends=wire.read_end(document),
        suspended_by=suspended_by,
    )


def listeners(services: Services) -> list[outbox.Listener]:
    """A widened reader is owed what it may see now."""
    agreements = services.get(Agreements)

    def on_reader_widened(_: Store, body: bytes, __: int) -> None:
        fact = msgspec.json.decode(body, type=ReaderWidened)
        agreements.reader_widened(
            msgspec.convert(fact.before, type=decision.Reader), msgspec.convert(fact.after, type=decision.Reader)
        )

    return [
        outbox.Listener("agreements.reader-widened", outbox.fact_name(ReaderWidened), on_reader_widened),
    ]


def jobs(services: Services) -> list[Job]:
    """Embargoes end and agreements begin and end by the clock."""
    return [Job("agreements.recheck", 2.0, services.get(Agreements).recheck)]
