"""Which party belongs to which: a group and its national operators. Nobody sees or may do anything more by it."""

from __future__ import annotations

from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words.errors import Refused, Unknown
from kouprey.people import rules, wire
from kouprey.people.model import Membership
from kouprey.people.service.parties import Parties
from kouprey.people.store import members as rows

BECAUSE_MAX = 500
"""Characters of a ground."""


class Members(Parties):
    """Memberships of parties, as this node has written them down."""

    def add_member(self, party: str, member: str, *, because: str, by: str) -> Membership:
        """Write down that `member` belongs to `party`; both are known here.

        Refused (`known-member`, `member-of-itself`) when that is written down already, or would close a circle.
        """
        self.get_party(party)
        self.get_party(member)
        made = Membership(party=party, member=member, because=read_ground(because), by=by, at=self._clock())

        def work(tx: Tx) -> None:
            if rules.closes_circle(rows.list_memberships(tx), party, member):
                raise Refused(
                    f"{member} cannot belong to {party}.",
                    "A party would belong to itself, directly or through others.",
                    "Look which way round it is.",
                    code="member-of-itself",
                )
            if not rows.add_membership(tx, made):
                raise Refused(
                    f"{member} is written down as a member of {party} already.",
                    remedy="Remove it first to give another ground.",
                    code="known-member",
                )
            detail = {"member": member, "because": made.because}
            audit.append(tx, at=made.at, actor=by, action="party.add-member", subject=party, detail=detail)

        self._store.write(work)
        return made

    def remove_member(self, party: str, member: str, *, by: str) -> None:
        """Write down that `member` belongs to `party` no more; Unknown when it was not known to."""

        def work(tx: Tx) -> None:
            if not rows.remove_membership(tx, party, member):
                raise Unknown(
                    f"{member[:80]!r} is not a member of {party[:80]!r} here.",
                    remedy="`kouprey party members` lists who is.",
                    code="unknown-member",
                )
            detail = {"member": member}
            audit.append(tx, at=self._clock(), actor=by, action="party.remove-member", subject=party, detail=detail)

        self._store.write(work)

    def list_memberships(self) -> list[Membership]:
        """All of them, by party and member."""
        with self._store.read() as reader:
            return rows.list_memberships(reader)


def read_ground(text: str) -> str:
    """The ground of a deed as it is kept; Refused (`no-ground`) when it says nothing or too much."""
    ground = text.strip()
    if not 0 < len(ground) <= BECAUSE_MAX or not wire.is_shown(ground):
        raise Refused(
            "This needs a ground.",
            f"It is one line of 1 to {BECAUSE_MAX} printable characters.",
            "Name the document it rests on.",
            code="no-ground",
        )
    return ground
