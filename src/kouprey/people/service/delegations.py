"""Delegations: a token acts for a party that is not its own, within bounds that two persons have agreed on."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

import msgspec

from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Reader as Snapshot
from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words import decision
from kouprey.kernel.words.errors import Forbidden, Refused, Unknown, Unreachable
from kouprey.kernel.words.ids import new_id
from kouprey.kernel.words.time import SECOND, Instant
from kouprey.kernel.words.tlp import TLP
from kouprey.people import rules
from kouprey.people import store as holders
from kouprey.people.model import DELEGABLE, Acting, Delegation, DelegationState, Permission, Person, Token
from kouprey.people.service.epoch import bump_policy_epoch
from kouprey.people.service.members import read_ground
from kouprey.people.service.persons import check_grant
from kouprey.people.service.tokens import Tokens
from kouprey.people.store import delegations as rows

LONGEST: Instant = 1096 * 86_400 * SECOND
"""How long a delegation may last: three years."""
_NOTED_EVERY: Instant = 3600 * SECOND
_ENDED = (DelegationState.REVOKED, DelegationState.OVER)


class Delegations(Tokens):
    """Who may act for whom. `granter` is the person who does a deed, None for the operator at the machine."""

    def record_delegation(
        self,
        party: str,
        token: str,
        verbs: Iterable[Permission],
        clearance: TLP,
        *,
        starts: Instant,
        ends: Instant,
        because: str,
        granter: Person | None,
    ) -> Delegation:
        """Write down that `token` may act for `party`; it counts once somebody else has confirmed it.

        Forbidden to let somebody do, or see, more than one may oneself.
        """
        self.get_party(party)
        now = self._clock()
        wanted = set(verbs)
        _check_bounds(wanted, starts, ends, now)
        check_grant(granter, wanted, clearance)
        ground = read_ground(because)

        def work(tx: Tx) -> Delegation:
            held = holders.find_token(tx, token)
            if held is None:
                raise Unknown(
                    f"No token {token[:60]!r}.", remedy="`kouprey token list` shows them.", code="unknown-token"
                )
            if party in (self.home_id, held.party):
                raise Refused(
                    "Nobody needs, or gets, a delegation for that party.",
                    f"The token is of {held.party}, and this node speaks for {self.home_id} itself.",
                    "Make a token of that party.",
                    code="own-party",
                )
            made = Delegation(
                id=new_id("dlg")[:20],
                party=party,
                token=token,
                to=held.party,
                verbs=tuple(verb for verb in DELEGABLE if verb in wanted),
                clearance=clearance,
                starts=starts,
                ends=ends,
                because=ground,
                recorded_by=_name(granter),
                recorded_at=now,
            )
            _check_place(tx, made)
            rows.add_delegation(tx, made)
            self._note_deed(tx, "record", made, granter, now)
            return made

        return self._store.write(work)

    def confirm_delegation(self, delegation: str, *, granter: Person | None) -> Delegation:
        """From now on it counts. Forbidden to who recorded it, and to who may not do or see as much oneself."""

        def work(tx: Tx) -> Delegation:
            held, now = _get(tx, delegation), self._clock()
            if held.state(now) in _ENDED or held.confirmed_at:
                raise _is_done(held)
            if held.recorded_by == _name(granter):
                raise Forbidden(
                    "Somebody else has to confirm this.",
                    "Whoever recorded a delegation cannot confirm it.",
                    "Ask another administrator; the operator can confirm what a person recorded, and the other way.",
                    code="same-person",
                )
            check_grant(granter, held.verbs, held.clearance)
            _check_place(tx, held)
            rows.confirm(tx, held.id, _name(granter), now)
            bump_policy_epoch(tx)
            self._note_deed(tx, "confirm", held, granter, now)
            return msgspec.structs.replace(held, confirmed_by=_name(granter), confirmed_at=now)

        return self._store.write(work)

    def revoke_delegation(self, delegation: str, *, by: str) -> Delegation:
        """It counts no more, from the next request on; one person is enough."""

        def work(tx: Tx) -> Delegation:
            held, now = _get(tx, delegation), self._clock()
            if held.state(now) in _ENDED:
                raise _is_done(held)
            rows.revoke(tx, held.id, by, now)
            bump_policy_epoch(tx)
            detail = {"party": held.party, "token": held.token, "to": held.to}
            audit.append(
                tx, at=now, actor=by, action="delegation.revoke", subject=held.id, detail=detail, party=self.home_id
            )
            return msgspec.structs.replace(held, revoked_by=by, revoked_at=now)

        return self._store.write(work)

    def list_delegations(self) -> list[Delegation]:
        """All of them, whatever became of them, newest first."""
        with self._store.read() as reader:
            return rows.list_delegations(reader)

    def acting_for(self, token: Token, party: str) -> Acting:
        """What `token` may do for `party` now; Forbidden, always in the same words, when that is nothing."""
        now = self._clock()
        with self._store.read() as reader:
            held = rows.list_confirmed(reader, token.user, party) if party else []
        for each in held:
            found = rules.acting(token, each, now)
            if found is not None:
                self._note_acting(each, now)
                return found
        raise Forbidden(
            "You may not act for that party.",
            "No delegation in force lets this token act for it.",
            "Leave the header X-Acting-For away, or ask an administrator of this node.",
            code="not-delegated",
        )

    def reader_acting(self, token: Token, acting: Acting) -> decision.Reader:
        """As any reader of that party with that clearance, and never as our own people, whatever the token is."""
        return decision.Reader(party=acting.party, clearance=acting.clearance, local=False, name=token.user)

    def _note_acting(self, held: Delegation, now: Instant) -> None:
        """Say in the audit by which delegation a token acts, by the hour: what it does then names token and party."""
        if now - held.used < _NOTED_EVERY:
            return

        def work(tx: Tx) -> None:
            rows.note_use(tx, held.id, now)
            detail = {"to": held.to, "because": held.because}
            audit.append(
                tx, at=now, actor=held.token, action="delegation.use", subject=held.id, detail=detail, party=held.party
            )

        # As with the use of tokens: a store that is too busy for a note is no reason to turn a reader away.
        with suppress(Unreachable):
            self._store.write(work)

    def _note_deed(self, tx: Tx, deed: str, held: Delegation, granter: Person | None, now: Instant) -> None:
        detail = {
            "party": held.party,
            "token": held.token,
            "to": held.to,
            "verbs": list(held.verbs),
            "clearance": held.clearance.word,
            "starts": held.starts,
            "ends": held.ends,
            "because": held.because,
        }
        action = f"delegation.{deed}"
        audit.append(
            tx, at=now, actor=_name(granter), action=action, subject=held.id, detail=detail, party=self.home_id
        )


def _check_bounds(verbs: set[Permission], starts: Instant, ends: Instant, now: Instant) -> None:
    if not verbs or not verbs <= set(DELEGABLE):
        raise Refused(
            "That cannot be done for another party.",
            f"What can is {', '.join(DELEGABLE)}.",
            "Name one of them, or both.",
            code="bad-scope",
        )
    if not starts < ends or ends <= now or ends - starts > LONGEST:
        raise Refused(
            "These are no times of a delegation.",
            "It ends after it begins and after now, and lasts at most three years.",
            "Give another beginning or end.",
            code="bad-times",
        )


def _check_place(reader: Snapshot, wanted: Delegation) -> None:
    """Refused beside another one of the same token and party, and above what an earlier one of them gave."""
    earlier = rows.list_confirmed(reader, wanted.token, wanted.party)
    if any(not each.revoked_at and rules.overlap(each, wanted) for each in earlier):
        raise Refused(
            "This token acts for that party in that time already.",
            "Two delegations at once would leave open which one counts.",
            "Revoke the other one first.",
            code="delegated-already",
        )
    # A client that goes on from its last position would never be given what only the wider view shows it (0004).
    if any(each.clearance < wanted.clearance for each in earlier):
        raise Refused(
            "An earlier delegation of this token for that party reached less far.",
            "Its program has read up to some place without what it would see now, and goes on from there.",
            "Make another token, which begins at the beginning.",
            code="above-earlier",
        )


def _get(reader: Snapshot, delegation: str) -> Delegation:
    found = rows.find_delegation(reader, delegation)
    if found is None:
        raise Unknown(
            f"There is no delegation {delegation[:40]!r}.",
            remedy="`kouprey delegation list` shows them.",
            code="unknown-delegation",
        )
    return found


def _is_done(held: Delegation) -> Refused:
    return Refused(
        "This delegation waits for nothing any more.",
        "It is confirmed, revoked or over.",
        "Look at it again: `kouprey delegation list`.",
        code="delegation-done",
    )


def _name(granter: Person | None) -> str:
    return "operator" if granter is None else granter.id
