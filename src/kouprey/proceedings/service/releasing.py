"""Releases: why is asked, then it is written down, then the node takes its seal off; in this order or not at all."""

from __future__ import annotations

from kouprey.kernel.seal import box
from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words import decision
from kouprey.kernel.words.errors import Damaged, Refused, Unknown
from kouprey.kernel.words.ids import new_id
from kouprey.kernel.words.time import DAY, format_instant
from kouprey.proceedings import rules
from kouprey.proceedings import store as rows
from kouprey.proceedings.model import BASIS_WITHIN, Act, Disclosure, Grant, Item, Part, Release
from kouprey.proceedings.service.dossiers import Keeping
from kouprey.proceedings.store import custody


class Releasing(Keeping):
    """Verbs about releases and about custody."""

    def release(
        self,
        who: decision.Reader,
        dossier: str,
        item: str,
        *,
        purpose: str,
        basis: str = "",
        emergency: bool = False,
        ground: str = "",
        key: str = "",
    ) -> bytes:
        """The key of an item for `who`, as they alone can open it. `key` chooses among keys of theirs.

        That it was released, for what and on which basis is durable before the seal of the node comes off: where it
        cannot be written down, nothing leaves. An emergency may lack a basis; then it has a ground, and the release is
        flagged until a basis is filed.
        """
        wanted = rules.read_purpose(purpose)
        basis = basis.strip() and rules.check_text(basis, "the basis")
        ground = ground.strip() and rules.check_text(ground, "the ground")
        rules.check_basis(basis, emergency, ground)

        def work(tx: Tx) -> tuple[Release, bytes]:
            held = self._item(tx, who, dossier, item)
            rules.check_there(held)
            grant = self._grant_of(tx, who, item, key)
            now = self._clock()
            made = Release(
                id=new_id("rel"),
                dossier=dossier,
                item=item,
                person=who.name,
                key=grant.key,
                at=now,
                purpose=wanted,
                basis=basis,
                ground=ground,
                due=0 if basis else now + BASIS_WITHIN,
            )
            custody.add_release(tx, made)
            detail = {"release": made.id, "key": grant.key, "purpose": str(wanted), "basis": basis, "ground": ground}
            if made.due:
                detail["due"] = format_instant(made.due)
            self._append(tx, dossier, Act.RELEASE, who.name, item=item, detail=detail)
            return made, grant.box

        made, sealed = self._record(dossier, work)
        try:
            return box.open_box(sealed, self._ring.age_secrets)
        except Damaged:
            failed = {"release": made.id}
            self._record(dossier, lambda tx: self._append(tx, dossier, Act.FAIL, who.name, item=item, detail=failed))
            raise

    def _grant_of(self, tx: Tx, who: decision.Reader, item: str, key: str) -> Grant:
        grants = [each for each in custody.list_grants(tx, [item]) if each.person == who.name and not each.ended_at]
        found = next((each for each in reversed(grants) if key in ("", each.key)), None)
        if found is None:
            raise Unknown(
                "This item is not sealed to you.",
                "You belong to the dossier, and have no key of this item.",
                "Ask somebody who has one to seal it to you too.",
                code="unknown-key",
            )
        return found

    def file_basis(self, who: decision.Reader, dossier: str, release: str, basis: str) -> None:
        """The basis of an emergency, afterwards; by whoever was released it, or by a custodian."""
        basis = rules.check_text(basis, "the basis")

        def work(tx: Tx) -> None:
            _, own = self._get(tx, who, dossier)
            found = next((each for each in custody.list_releases(tx, dossier) if each.id == release), None)
            if found is None:
                raise Unknown("There is no such release.", code="unknown-release")
            if found.person != who.name:
                rules.check_custodian(own)
            if not custody.file_basis(tx, release, basis, self._clock(), who.name):
                raise Refused("It has a basis already.", "What was filed stays.", code="has-basis")
            detail = {"release": release, "basis": basis, "late": self._clock() > found.due}
            self._append(tx, dossier, Act.FILE_BASIS, who.name, item=found.item, detail=detail)

        self._record(dossier, work)

    def remind(self) -> int:
        """Once a day, write into each ledger that releases lack a basis, and whom that concerns; how many ledgers.

        Its custodians and whoever was released something see it on every list, from the release on.
        """
        with self._store.read() as reader:
            lacking = custody.list_lacking(reader)
        told = 0
        for dossier in sorted({each.dossier for each in lacking}):
            open_ = [each for each in lacking if each.dossier == dossier]

            def work(tx: Tx, dossier: str = dossier, open_: list[Release] = open_) -> bool:
                now = self._clock()
                if custody.has_line(tx, dossier, Act.REMIND, now - DAY + 1):
                    return False
                members = [each for each in rows.list_members(tx, dossier) if not each.until]
                whom = sorted({each.person for each in members if each.part is Part.CUSTODIAN})
                overdue = sum(each.due <= now for each in open_)
                detail = {"to": whom, "releases": [each.id for each in open_], "overdue": overdue}
                self._append(tx, dossier, Act.REMIND, "node", detail=detail)
                return True

            told += self._record(dossier, work)
        return told

    # custody

    def state(self, who: decision.Reader, dossier: str, item: str, act: str, text: str) -> None:
        """What was done with the thing outside: identified, collected, acquired or preserved, how and with what.

        The words stand in the ledger in the clear: they say nothing of what the thing is about.
        """
        done, text = rules.stated(act), rules.check_text(text, "what was done")

        def work(tx: Tx) -> None:
            self._item(tx, who, dossier, item)
            self._append(tx, dossier, done, who.name, item=item, detail={"text": text})

        self._record(dossier, work)

    def offer(self, who: decision.Reader, dossier: str, item: str, person: str, *, why: str) -> Item:
        """Offer custody of an item to a member; it changes hands when they receive it."""
        why = rules.check_text(why, "why it changes hands")

        def work(tx: Tx) -> Item:
            held = self._item(tx, who, dossier, item)
            rules.check_there(held)
            self._check_holder(held, who)
            if person == who.name or rows.find_member(tx, dossier, person) is None:
                raise Refused("They do not belong to the dossier.", remedy="Name them first.", code="no-member")
            detail = {"to": person, "to_name": self._name(tx, person), "sha256": held.sha256, "why": why}
            self._append(tx, dossier, Act.OFFER, who.name, item=item, detail=detail)
            return self._change(tx, held, offered=person, offered_at=self._clock())

        return self._record(dossier, work)

    def receive(self, who: decision.Reader, dossier: str, item: str, sha256: str) -> Item:
        """Take an item into custody that was offered; `sha256` is what the taker measured of the sealed body."""

        def work(tx: Tx) -> Item:
            held = self._item(tx, who, dossier, item)
            if held.offered != who.name:
                raise Refused("It was not offered to you.", remedy="Ask whoever has it.", code="not-offered")
            self._check_measured(held, sha256)
            detail = {"from": held.holder, "from_name": self._name(tx, held.holder), "sha256": held.sha256}
            self._append(tx, dossier, Act.RECEIVE, who.name, item=item, detail=detail)
            return self._change(tx, held, holder=who.name, offered="", offered_at=0)

        return self._record(dossier, work)

    def decide(
        self, who: decision.Reader, dossier: str, item: str, disclosure: Disclosure, *, ground: str = ""
    ) -> Item:
        """Put an item into the list of what is disclosed, or withhold it, with the ground; for custodians."""
        if disclosure is Disclosure.UNDECIDED:
            raise Damaged("It is not said what is decided.", code="bad-disclosure")
        if disclosure is Disclosure.WITHHELD or ground.strip():
            ground = rules.check_text(ground, "the ground")
        act = Act.DISCLOSE if disclosure is Disclosure.DISCLOSED else Act.WITHHOLD

        def work(tx: Tx) -> Item:
            held = self._item(tx, who, dossier, item)
            rules.check_custodian(self._get(tx, who, dossier)[1])
            detail = {"ground": ground, "before": str(held.disclosure)}
            self._append(tx, dossier, act, who.name, item=item, detail=detail)
            return self._change(tx, held, disclosure=disclosure, ground=ground)

        return self._record(dossier, work)

    def _check_holder(self, item: Item, who: decision.Reader) -> None:
        if item.holder != who.name:
            raise Refused(
                "You do not have this item in custody.",
                "Whoever has it offers it.",
                "Ask them.",
                code="not-holder",
            )

    def _check_measured(self, item: Item, sha256: str) -> None:
        if sha256.strip().lower() != item.sha256:
            raise Damaged(
                "This is not what was offered.",
                "The SHA-256 that you measured is another.",
                "Fetch the sealed body again and measure it: `sha256sum`. If it stays so, do not take it.",
                code="broken",
            )
