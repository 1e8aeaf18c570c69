"""The one decision, asked and written down, so that every query can join it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import product

import msgspec

from kouprey.agreements import rules
from kouprey.agreements.facts import DecisionWidened
from kouprey.agreements.model import CLAUSES, Standing, Version
from kouprey.agreements.service.standings import Standings, standing_of
from kouprey.kernel.seal.keyring import Keyring
from kouprey.kernel.storage import labels, outbox
from kouprey.kernel.storage.engine import Reader, Store, Tx
from kouprey.kernel.words import decision
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.time import Clock, parse_instant, wall_clock
from kouprey.kernel.words.tlp import TLP
from kouprey.people.service import People, bump_policy_epoch

Judge = Callable[[Iterable[Label], decision.Reader], decision.Decision]
"""The one decision about labels and a reader, with everything else given."""

_LABEL_TEXT_MAX = 255
_LABEL_SET_MAX = 256
_LAST = parse_instant("9999-12-31T23:59:59Z")


class Decisions(Standings):
    """Answers who may see what, and keeps the answers per reader profile and label set."""

    def __init__(self, store: Store, people: People, keyring: Keyring, clock: Clock = wall_clock) -> None:
        super().__init__(store, people, keyring, clock)
        # An interned profile never changes and is never deleted, so it is remembered as long as the process lives.
        self._profiles: dict[decision.Reader, int] = {}

    def party_reader(self, party: str, *, exercise: str = "") -> decision.Reader:
        """A party as a reader at the gates of a lane: its agreements alone decide, not a clearance."""
        return decision.Reader(party=party, clearance=TLP.RED, exercise=exercise)

    def seen_as(self, party: str, who: decision.Reader) -> decision.Reader:
        """The eyes of a party for `who` of our own to look with: what that party may see and `who` may see too.

        Of equal or lower clearance than `who`, in the same exercise, and blind to what is sealed to others than us.
        """
        return decision.Reader(
            party=party, clearance=who.clearance, exercise=who.exercise, name=who.name, beside=who.party
        )

    def decide(
        self,
        marked: Iterable[Label],
        who: decision.Reader,
        *,
        purpose: str = "",
        under: str = "",
        reader: Reader | None = None,
        once_resumed: bool = False,
        released: bool = False,
    ) -> decision.Decision:
        """Whether `who` may see a thing with these labels now, with every ground.

        `once_resumed` asks as if nobody had suspended anything: for what is only queued and goes out after resumption.
        `released` asks as if everybody had released it who has to: for whoever has seen to that, or sees to it then.
        """
        terms = self.standings(reader)
        if once_resumed:
            terms = {key: msgspec.structs.replace(each, suspended_by=each.left) for key, each in terms.items()}
        if released:
            terms = {key: _without_approvals(standing) for key, standing in terms.items()}
        return rules.decide_set(marked, who, terms, purpose, self._clock(), under=under)

    def judge(self, reader: Reader, *, version: Version | None = None, released: bool = False) -> Judge:
        """The decision as of one snapshot, to be asked many times without reading anything more.

        With a `version`, a draft or a proposal, as it would be if that were in force already and nobody had suspended
        it; every other agreement stands as it does. `released` as in `decide`.
        """
        now = self._clock()
        terms = dict(self.standings(reader))
        if version is not None:
            # Who has left stays out, whatever is signed; what single parties had tightened is asked for anew.
            held = terms.get(version.agreement)
            left = held.left if held is not None else ()
            assumed = standing_of(version, (), left, left, (), self._people.home_id, now)
            assumed = msgspec.structs.replace(assumed, signed=True, draft=False, starts=min(assumed.starts, now))
            terms[version.agreement] = assumed
        if released:
            terms = {key: _without_approvals(standing) for key, standing in terms.items()}
        return lambda marked, who: rules.decide_set(marked, who, terms, "", now)

    def may_receive(self, label: Label, *, reader: Reader | None = None) -> decision.Decision:
        """The receive gate: whether a party that owns `label` may send it to us under `label.agreement`.

        The same policy as at the sender's gates, asked again here, because a peer's node may be wrong or hostile.
        """
        standing = self.standings(reader).get(label.agreement)
        if standing is None or label.owner not in standing.parties:
            title = standing.title if standing is not None else ""
            text = f"{label.owner} is not a party of that agreement."
            return _refused("not-a-party", text, label, "parties", title)
        if not _can_be_kept(label):
            text = "Its label has texts that are too long or cannot be shown."
            return _refused("bad-label", text, label, "types", standing.title)
        if suspended_by := standing.suspended_between(label.owner):
            text = f"Suspended by {', '.join(suspended_by)}."
            return _refused("suspended", text, label, "suspension", standing.title)
        # To us it arrives as the sender's own; how far we may pass it on is asked when we pass it on. What comes
        # before its embargo is over waits behind it here: our clock decides, not the sender's.
        own = msgspec.structs.replace(label, agreement="", not_before=0)
        us = self.party_reader(standing.home, exercise=label.exercise)
        # Whether it had to be released was for the sender's people to see to.
        return rules.decide(
            own, us, {label.agreement: _without_approvals(standing)}, "", self._clock(), under=label.agreement
        )

    def profile(self, who: decision.Reader) -> int:
        """The interned profile of a reader; before its first answer its decisions are written down."""
        anonymous = msgspec.structs.replace(who, name="")
        known = self._profiles.get(anonymous)
        if known is None:
            with self._store.read() as reader:
                known = labels.find_profile(reader, anonymous)
            if known is None:
                known = self._store.write(lambda tx: self._intern_profile(tx, anonymous))
            self._profiles[anonymous] = known
        return known

    def _intern_profile(self, tx: Tx, who: decision.Reader) -> int:
        found = labels.find_profile(tx, who)
        if found is not None:
            return found
        profile = labels.insert_profile(tx, who)
        sets = labels.list_label_sets(tx)
        self._write(tx, {profile: who}, sets, ((profile, set_id) for set_id in sets))
        return profile

    def label_set(self, tx: Tx, label_ids: Iterable[int]) -> int:
        """The interned set of these labels; a new one is decided for every profile in the same transaction."""
        ids = sorted(set(label_ids))
        found = labels.find_label_set(tx, ids)
        if found is not None:
            return found
        set_id = labels.insert_label_set(tx, ids)
        profiles = labels.list_profiles(tx)
        sets = {set_id: tuple(labels.get_labels(tx, set_id).values())}
        self._write(tx, profiles, sets, ((profile, set_id) for profile in profiles))
        return set_id

    def refresh(self, tx: Tx) -> None:
        """Decide everything again after a change of agreements; tighter and wider take effect with this transaction."""
        bump_policy_epoch(tx)
        profiles, sets = labels.list_profiles(tx), labels.list_label_sets(tx)
        self._record(tx, self._write(tx, profiles, sets, product(profiles, sets)))

    def recheck(self) -> int:
        """Ask again what was decided until now (embargoes over, agreements begun or ended); how many were due."""
        with self._store.read() as reader:
            waiting = bool(labels.list_due(reader, self._clock()))
        return self._store.write(self._recheck) if waiting else 0

    def _recheck(self, tx: Tx) -> int:
        due = labels.list_due(tx, self._clock())
        bump_policy_epoch(tx)
        self._record(tx, self._write(tx, labels.list_profiles(tx), labels.list_label_sets(tx), due))
        return len(due)

    def _write(
        self,
        tx: Tx,
        profiles: Mapping[int, decision.Reader],
        sets: Mapping[int, tuple[Label, ...]],
        pairs: Iterable[tuple[int, int]],
    ) -> set[int]:
        """Decide (profile, label set) pairs and write it down; the sets that somebody sees now and did not before."""
        now = self._clock()
        standings = self._load_standings(tx, now)
        made = {
            (profile, set_id): rules.decide_set(sets[set_id], profiles[profile], standings, "", now)
            for profile, set_id in pairs
        }
        return labels.write_visible(tx, made, now)

    def _record(self, tx: Tx, widened: set[int]) -> None:
        if widened:
            outbox.record(tx, DecisionWidened(label_sets=tuple(sorted(widened))))

    def reader_widened(self, before: decision.Reader, after: decision.Reader) -> None:
        """A reader's clearance or role changed: what it sees now and did not before counts as widened."""
        old, new = self.profile(before), self.profile(after)

        def work(tx: Tx) -> None:
            now = self._clock()
            self._record(tx, labels.list_visible(tx, new, now) - labels.list_visible(tx, old, now))

        self._store.write(work)


def _without_approvals(standing: Standing) -> Standing:
    if not standing.terms.approvals:
        return standing
    return msgspec.structs.replace(standing, terms=msgspec.structs.replace(standing.terms, approvals=()))


def _refused(code: str, text: str, label: Label, clause: str, title: str) -> decision.Decision:
    return decision.Decision(False, (decision.Reason(code, text, label.agreement, CLAUSES[clause], title),))


def _can_be_kept(label: Label) -> bool:
    """Whether what a label from elsewhere says fits into any database and onto any page."""
    several = (label.purposes, label.handling, label.sealed_to, label.concerned)
    texts = (label.kind, label.exercise, *(text for texts in several for text in texts))
    fit = label.not_before <= _LAST and all(len(texts) <= _LABEL_SET_MAX for texts in several)
    return fit and all(text.isprintable() and len(text) <= _LABEL_TEXT_MAX for text in texts)
