"""Badges of our own: what they say, who has earned one, the keys that sign them, and what takes them back."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import msgspec

from kouprey.agreements.service import Agreements
from kouprey.capacity.model import Achievement, Badge, Holder, KeyLine, Kind, Register, Sort
from kouprey.capacity.rules.badges import BITS, earned, scheme_in
from kouprey.capacity.service.certificates import Certificates
from kouprey.capacity.service.records import LONGEST
from kouprey.capacity.store import messages as rows
from kouprey.capacity.store import records
from kouprey.capacity.wire import badge as paper
from kouprey.capacity.wire.messages import read_register, write_register
from kouprey.capacity.wire.tables import competencies
from kouprey.federation.service import Lanes
from kouprey.kernel.seal import box
from kouprey.kernel.seal.integrity import multikey, sign_document
from kouprey.kernel.seal.keyring import Keyring
from kouprey.kernel.seal.keys import SigningKey, random_bytes
from kouprey.kernel.storage.engine import Reader, Store, Tx
from kouprey.kernel.words import decision
from kouprey.kernel.words.errors import Damaged, Refused, Unknown
from kouprey.kernel.words.ids import new_id
from kouprey.kernel.words.time import DAY, SECOND, Clock, Instant, format_second, wall_clock
from kouprey.kernel.words.tlp import TLP
from kouprey.people.service import People

LIST_LASTS = 7 * DAY
"""How long a status list counts; whoever has none newer says that the state is unknown."""
RENEWED = 3 * DAY
"""Before it ends a new one goes to partners."""
BADGE_LASTS = 3 * 365 * DAY


class Badges(Certificates):
    """Verbs about badges. Only what another body has certified may bear that body's name, and no badge does."""

    def __init__(
        self,
        store: Store,
        people: People,
        agreements: Agreements,
        lanes: Lanes,
        ring: Keyring,
        clock: Clock = wall_clock,
        *,
        origin: str = "",
    ) -> None:
        super().__init__(store, people, agreements, lanes, clock)
        self._ring = ring
        self._origin = origin

    def add_achievement(self, who: decision.Reader, achievement: Achievement) -> Achievement:
        """What a badge says. Refused (`other-scheme`) where it bears the name of another body's scheme."""
        self._check_writes(who)
        texts = (achievement.name, achievement.description, achievement.criteria)
        if not all(0 < len(each.strip()) <= 2_000 for each in texts) or not achievement.name.isprintable():
            raise Damaged(
                "An achievement has a name, a description and criteria.", remedy="Write all three.", code="bad-badge"
            )
        if found := scheme_in(*texts):
            raise Refused(
                f"A badge of ours does not bear the name of {found}.",
                "That body certifies people; we only say what somebody has done here.",
                "Name it after what they can do. Record the other body's as an external certificate.",
                code="other-scheme",
            )
        bounds = 1 <= achievement.times <= 20 and 0 <= achievement.least <= 100
        if not bounds or (achievement.kind and achievement.kind not in set(Kind)):
            raise Damaged("How it is earned is out of bounds.", "1 to 20 times, 0 to 100 points.", code="bad-badge")
        if any((each.framework, each.code) not in competencies() for each in achievement.competencies):
            raise Damaged("A competency is not known here.", remedy="Choose from the list.", code="bad-badge")
        made = msgspec.structs.replace(achievement, id=new_id("ach"), made_by=who.name, made_at=self._clock())

        def work(tx: Tx) -> Achievement:
            records.add_achievement(tx, made)
            self._note(tx, who, "achievement", made.id, name=made.name)
            return made

        return self._store.write(work)

    def achievements(self) -> list[Achievement]:
        """All that badges here say."""
        with self._store.read() as reader:
            return records.list_achievements(reader)

    def candidates(self, who: decision.Reader, achievement: str) -> list[tuple[Holder, int]]:
        """Who has earned it and has no badge that counts, with their mean score."""
        self._check_writes(who)
        with self._store.read() as reader:
            wanted = self._achievement(reader, achievement)
            held = {
                each.holder
                for each in records.list_badges(reader)
                if each.achievement == wanted.id and not each.revoked_at
            }
            found = []
            for party, nominee in sorted({(each.party, each.nominee) for each in records.list_outcomes(reader)}):
                so, mean = self._earned(reader, wanted, party, nominee)
                if so and f"{party} {nominee}" not in held and (holder := self._holder(reader, party, nominee)):
                    found.append((holder, mean))
        return found

    def issue(self, who: decision.Reader, achievement: str, party: str, nominee: str) -> Badge:
        """Sign a badge for somebody who has earned it. Refused (`not-earned`) otherwise."""
        self._check_writes(who)
        given: dict[str, Any] = {"who": who, "achievement": achievement, "party": party, "nominee": nominee}
        return self._store.write(partial(self._issue, home=self._people.home().name, **given))

    def revoke(self, who: decision.Reader, badge: str, why: str) -> Badge:
        """It counts no more: our list says so at once, partners' copies when they get it."""
        self._check_writes(who)
        if not why.strip() or len(why) > LONGEST:
            raise Damaged("It is not said why.", remedy="Say why in a sentence.", code="no-text")
        self.get_badge(badge)

        def work(tx: Tx) -> None:
            if not records.revoke_badge(tx, badge, who.name, why.strip(), self._clock()):
                raise Refused("It was revoked before.", code="revoked-already")
            self._note(tx, who, "badge-revoke", badge)
            self._tell_register(tx, who.name)

        self._store.write(work)
        return self.get_badge(badge)

    def get_badge(self, badge: str) -> Badge:
        """One, for everybody who knows its id: it names nobody."""
        with self._store.read() as reader:
            found = records.list_badges(reader, badge=badge) if badge else []
        if not found:
            raise Unknown("There is no such badge.", remedy="Look at its address again.", code="unknown-badge")
        return found[0]

    def badges(self, who: decision.Reader, person: str = "") -> list[Badge]:
        """One's own; for who builds capacity those of somebody of ours, or all."""
        self._eyes(who)
        with self._store.read() as reader:
            if self.may_write(who) and not person:
                return records.list_badges(reader)
            wanted = person if self.may_write(who) else who.name
            mine = records.list_nominees(reader, self._people.home_id, wanted or "-")
            return [each for one in mine for each in records.list_badges(reader, holder=f"{one.party} {one.id}")]

    def holder_of(self, who: decision.Reader, badge: Badge) -> Holder:
        """Whose it is, for who may know: who builds capacity, and themselves."""
        if badge.id not in {each.id for each in self.badges(who)}:
            raise Unknown("There is no such badge.", code="unknown-badge")
        party, _, nominee = badge.holder.partition(" ")
        with self._store.read() as reader:
            return self._holder(reader, party, nominee) or Holder(party=party, id=nominee, name="–")

    def key_log(self) -> list[KeyLine]:
        """Every key that ever signed badges here, the newest first."""
        with self._store.read() as reader:
            return records.list_keys(reader)

    def rotate_key(self, who: decision.Reader) -> str:
        """A new key signs from now on; badges of the old one stay good, since it stays in the log."""
        self._check_writes(who)

        def work(tx: Tx) -> str:
            key = self._new_key(tx)
            self._note(tx, who, "key", key)
            self._tell_register(tx, who.name)
            return key

        return self._store.write(work)

    def did_document(self) -> dict[str, Any]:
        """The keys as did:web publishes them; Unknown for a node without an https address."""
        if not paper.did_web(self._origin):
            raise Unknown("This node has no did:web.", "It is reached by no https address.", code="no-did")
        return paper.did_document(self._origin, self.key_log())

    def status_list(self) -> bytes:
        """The signed list of what was revoked, as of now; Unknown while no badge was given."""
        with self._store.read() as reader:
            if not records.list_keys(reader):
                raise Unknown("No badge was given here yet.", code="no-list")
            return self._status_list(reader)

    def keep_register(self) -> bool:
        """What is done each hour: partners get a new status list before the one they have ends."""
        with self._store.read() as reader:
            if not records.list_keys(reader):
                return False
            home = self._people.home_id
            mine = [each for each in rows.list_every(reader, Sort.REGISTER) if each.author == home]
        told = {each.agreement: each for each in mine}
        now, soon = self._clock(), RENEWED
        stale = [
            each.agreement
            for each in self.agreed()
            if (held := told.get(each.agreement)) is None or held.came_at + LIST_LASTS - soon <= now
        ]
        if stale:
            self._store.write(lambda tx: self._tell_register(tx, "node"))
        return bool(stale)

    def registers(self, reader: Reader) -> dict[str, Register]:
        """Party -> the newest that came of what its badges are checked by."""
        found = {}
        for each in rows.list_every(reader, Sort.REGISTER):
            if each.author != self._people.home_id:
                found[each.author] = read_register(each.body, each.came_at)
        return found

    def _issue(self, tx: Tx, who: decision.Reader, home: str, achievement: str, party: str, nominee: str) -> Badge:
        wanted, holder = self._achievement(tx, achievement), self._holder(tx, party, nominee)
        so, mean = self._earned(tx, wanted, party, nominee)
        if holder is None or not so:
            raise Refused(
                "They have not earned this badge.",
                f"It takes {wanted.times} activities with {wanted.least} points or more.",
                "Enter their scores first.",
                code="not-earned",
            )
        for each in records.list_badges(tx, holder=f"{party} {nominee}"):
            if each.achievement == achievement and not each.revoked_at:
                raise Refused("They have this badge already.", code="badge-held")
        now, key = self._clock() // SECOND * SECOND, self._key(tx)
        made = Badge(
            id=new_id("bdg"),
            achievement=achievement,
            holder=f"{party} {nominee}",
            index=self._free_index(tx),
            issued_at=now,
            issued_by=who.name,
            raw=b"",
        )
        document = paper.write_badge(
            made.id,
            wanted,
            holder,
            issuer=self._issuer(key),
            issuer_name=home,
            base=self._base(),
            salt=random_bytes(16).hex(),
            issued=now,
            until=now + BADGE_LASTS,
            result=mean,
            index=made.index,
            names=competencies(),
        )
        made = msgspec.structs.replace(made, raw=msgspec.json.encode(self._signed(tx, document, key, now)))
        records.add_badge(tx, made)
        self._note(tx, who, "badge", made.id, achievement=wanted.name, party=party)
        return made

    def _earned(self, reader: Reader, wanted: Achievement, party: str, nominee: str) -> tuple[bool, int]:
        kinds: list[tuple[Any, str]] = []
        for each in records.list_outcomes(reader, nominee=(party, nominee)):
            picture = self._whole(reader, each.activity)
            kinds.append((each, str(picture.activity.kind) if picture is not None else ""))
        return earned(wanted, kinds)

    def _holder(self, reader: Reader, party: str, nominee: str) -> Holder | None:
        if party == self._people.home_id:
            mine = records.list_nominees(reader, party)
            return next((each for each in mine if each.id == nominee), None)
        for outcome in records.list_outcomes(reader, nominee=(party, nominee)):
            picture = self._whole(reader, outcome.activity)
            for seat in picture.seats if picture is not None else ():
                if (seat.party, seat.person.id) == (party, nominee):
                    one = seat.person
                    return Holder(party=party, id=one.id, name=one.name, role=one.role, mail=one.mail)
        return None

    def _achievement(self, reader: Reader, achievement: str) -> Achievement:
        found = records.list_achievements(reader, achievement) if achievement else []
        if not found:
            raise Unknown("There is no such achievement.", code="unknown-achievement")
        return found[0]

    def _key(self, tx: Tx) -> str:
        found = records.list_keys(tx)
        return found[0].key if found else self._new_key(tx)

    def _new_key(self, tx: Tx) -> str:
        secret = SigningKey.generate()
        key = multikey(secret.public)
        # Whole seconds, as what is signed says them: a badge of this second is not older than its key.
        at = self._clock() // SECOND * SECOND
        records.add_key(tx, key, box.seal(secret.to_bytes(), [self._ring.age_recipient]), at)
        return key

    def _signed(self, reader: Reader, document: dict[str, Any], key: str, now: Instant) -> dict[str, Any]:
        secret = self._secret(reader, key)
        return sign_document(document, secret, method=paper.method_of(self._origin, key), created=format_second(now))

    def _secret(self, reader: Reader, key: str) -> SigningKey:
        return SigningKey.from_bytes(box.open_box(records.find_sealed(reader, key), self._ring.age_secrets))

    def _status_list(self, reader: Reader) -> bytes:
        key, now = records.list_keys(reader)[0].key, self._clock() // SECOND * SECOND
        document = paper.write_list(
            self._base(), self._issuer(key), records.list_revoked(reader), issued=now, until=now + LIST_LASTS
        )
        return msgspec.json.encode(self._signed(reader, document, key, now))

    def _tell_register(self, tx: Tx, by: str) -> None:
        """Every party gets our keys and the list under each agreement that covers nominations."""
        home, agreed = self._people.home_id, self.agreed(tx)
        keys = records.list_keys(tx)
        if not keys or not agreed:
            return
        version = rows.newest_version(tx, Sort.REGISTER, author=home, party=home) + 1
        dids = [paper.did_web(self._origin), *(paper.did_key(each.key) for each in keys)]
        made = Register(
            party=home,
            version=version,
            dids=tuple(each for each in dids if each),
            keys=tuple(keys),
            status=self._status_list(tx),
        )
        for standing in agreed:
            self._say(
                tx,
                Sort.REGISTER,
                write_register(made, lambda key, text: self._secret(tx, key).sign(text)),
                agreement=standing.agreement,
                party=home,
                version=version,
                by=by,
                tlp=TLP.GREEN,
            )

    def _free_index(self, tx: Tx) -> int:
        taken = {each.index for each in records.list_badges(tx)}
        while True:
            index = int.from_bytes(random_bytes(3), "big") % BITS
            if index not in taken:
                return index

    def _issuer(self, key: str) -> str:
        return paper.did_web(self._origin) or paper.did_key(key)

    def _base(self) -> str:
        return self._origin or f"https://{self._people.home_id}"


def named(achievements: Sequence[Achievement]) -> dict[str, Achievement]:
    """By id."""
    return {each.id: each for each in achievements}
