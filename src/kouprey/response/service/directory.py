"""The directory: what teams say of themselves, ours and partners', and how ours gets to them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import msgspec

from kouprey.agreements.model import Standing
from kouprey.agreements.service import Agreements
from kouprey.federation.model import EntryBody, LaneClass
from kouprey.federation.service import Delivery, Lanes
from kouprey.kernel.storage import audit, labels
from kouprey.kernel.storage.engine import Reader, Store, Tx
from kouprey.kernel.words import decision
from kouprey.kernel.words.errors import Damaged, Forbidden, KoupreyError, Refused, Unknown
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.time import SECOND, Clock, Instant, wall_clock
from kouprey.kernel.words.tlp import TLP
from kouprey.people.service import People
from kouprey.response.model.directory import Duty, Entry, Profile
from kouprey.response.rules.profiles import put_right
from kouprey.response.rules.rights import LEADING
from kouprey.response.rules.roster import on_duty
from kouprey.response.store import directory as rows
from kouprey.response.wire.profiles import MEDIA_TYPE, read_profile, without_words, write_profile

MOST_VERSIONS = 10_000
"""Versions of one partner; one that changes its profile more often than daily for years is heard no further."""
LISTED = 200
SHIFTS = 1_000


class Directory:
    """Verbs about profiles. Ours travels as an entry under each agreement that covers hand-offs."""

    def __init__(
        self, store: Store, people: People, agreements: Agreements, lanes: Lanes, clock: Clock = wall_clock
    ) -> None:
        self._store = store
        self._people = people
        self._agreements = agreements
        self._lanes = lanes
        self._clock = clock

    def now(self) -> Instant:
        """By this node's clock."""
        return self._clock()

    def may_keep(self, who: decision.Reader) -> bool:
        """Whether they say in our name who we are, and decide on proposals."""
        return who.local and (who.name == "operator" or not LEADING.isdisjoint(who.roles))

    def own(self, who: decision.Reader) -> Entry:
        """Our own profile in its newest version; one that is empty but for our name where there is none yet."""
        home = self._people.home()
        found = self.list_versions(who, home.id)
        if found:
            return found[0]
        empty = Profile(party=home.id, name=home.name, age=home.card.age)
        return Entry(profile=empty, agreements=(), came_at=0, written_by="")

    def list_teams(self, who: decision.Reader) -> dict[str, Entry]:
        """Party -> the newest version of its profile that `who` may see."""
        eyes = self._eyes(who)
        with self._store.read() as reader:
            kept = rows.list_newest(reader, eyes)
        return {entry.profile.party: entry for entry in _entries(kept)}

    def list_versions(self, who: decision.Reader, party: str) -> list[Entry]:
        """Every version of a party that `who` may see, the newest first."""
        eyes = self._eyes(who)
        with self._store.read() as reader:
            return _entries(rows.list_seen(reader, eyes, party, LISTED))

    def get(self, who: decision.Reader, party: str, version: int = 0) -> Entry:
        """The newest version, or that one; Unknown where there is none that `who` may see."""
        for each in self.list_versions(who, party):
            if version in (0, each.profile.version):
                return each
        raise Unknown(
            "No such profile is known here.",
            "That team has sent none, or you may not see it.",
            "Look at the directory.",
            code="unknown-profile",
        )

    def save(self, who: decision.Reader, profile: Profile, *, verified: bool) -> Profile:
        """Keep a new version of ours. `verified`: somebody has checked all of it now. It goes to nobody yet.

        Damaged `bad-profile` says what cannot be kept. What we hold of ourselves is never changed, only followed.
        """
        self._check_keeps(who)
        try:
            checked = put_right(msgspec.structs.replace(profile, party=self._people.home_id, version=0, duty=None))
        except ValueError as error:
            raise Damaged(
                "The profile cannot be kept.", f"In it, {error}."[:300], "Put it right.", code="bad-profile"
            ) from error
        if not checked.name:
            raise Damaged("The team has no name.", remedy="Say how it is called.", code="bad-profile")
        return self._store.write(lambda tx: self._save(tx, checked, by=who.name, verified=verified))

    def _save(self, tx: Tx, profile: Profile, *, by: str, verified: bool) -> Profile:
        now, home = self._clock() // SECOND * SECOND, profile.party
        version = rows.newest_version(tx, home) + 1
        before = rows.find_versions(tx, home, version - 1)
        held = read_profile(before[0].body) if before else None
        made = msgspec.structs.replace(
            profile,
            version=version,
            at=now,
            verified=now if verified else held.verified if held else 0,
            duty=self._duty(tx) if profile.duty_shown else None,
        )
        label = Label(owner=home, tlp=TLP.GREEN, kind="hand-off")
        rows.add_profile(tx, self._kept(tx, made, write_profile(made), label, written_by=by))
        audit.append(tx, at=now, actor=by, action="directory.save", subject=home, detail={"version": version})
        return made

    def publish(self, who: decision.Reader) -> Profile:
        """Give the newest version to every partner under agreements that cover hand-offs, now and once they do."""
        self._check_keeps(who)
        own = self.own(who).profile
        if not own.version:
            raise Refused("There is no profile yet.", remedy="Write it first.", code="no-profile")

        def work(tx: Tx) -> None:
            if rows.published_version(tx) < own.version:
                rows.add_sent(tx, own.version, "", 0, self._clock())
                detail: dict[str, object] = {"version": own.version}
                audit.append(
                    tx, at=self._clock(), actor=who.name, action="directory.publish", subject=own.party, detail=detail
                )

        self._store.write(work)
        self.send_waiting()
        return own

    def outlook(self) -> tuple[int, dict[str, tuple[int, str]]]:
        """The version that partners are given, 0 for none; agreement -> which went out, and what bars the next."""
        with self._store.read() as reader:
            published, sent = rows.published_version(reader), rows.list_sent(reader)
        reached = self._reached()
        return published, {standing.agreement: (sent.get(standing.agreement, 0), why) for standing, why in reached}

    def send_waiting(self) -> int:
        """Queue what partners do not have yet; under how many agreements it goes out."""
        with self._store.read() as reader:
            published, sent = rows.published_version(reader), rows.list_sent(reader)
        todo = [each for each, why in self._reached() if not why and sent.get(each.agreement, 0) < published]

        def work(tx: Tx) -> None:
            # The same bytes under every agreement: who gets them twice sees that they are one version.
            raw = rows.find_versions(tx, self._people.home_id, published)[0].body
            for standing in todo:
                body = EntryBody(media_type=MEDIA_TYPE, label=self._label(standing), content=raw)
                number = self._lanes.queue(tx, standing.agreement, [body], lane_class=LaneClass.PRIORITY)[0]
                rows.add_sent(tx, published, standing.agreement, number, self._clock())

        if todo:
            self._store.write(work)
        return len(todo)

    def turn(self) -> int:
        """What is done each minute: the officer on duty now gets into a profile that shows them, and it goes out."""
        with self._store.read() as reader:
            published = rows.published_version(reader)
            newest = rows.newest_version(reader, self._people.home_id)
            held = rows.find_versions(reader, self._people.home_id, newest) if newest else []
            duty = self._duty(reader)
        # A version that somebody still writes at is not sent by a change of shift.
        if held and newest == published:
            own = read_profile(held[0].body)
            if own.duty_shown and own.duty != duty:
                self._store.write(lambda tx: self._follow(tx, own))
        return self.send_waiting()

    def _follow(self, tx: Tx, own: Profile) -> None:
        """The same with who is on duty now, given to partners at once, unless somebody has written another by now."""
        if rows.newest_version(tx, own.party) == own.version:
            made = self._save(tx, own, by="node", verified=False)
            rows.add_sent(tx, made.version, "", 0, self._clock())

    def apply(self, tx: Tx, deliveries: Sequence[Delivery]) -> list[KoupreyError | None]:
        """Keep what partners say of themselves; for each None, or why it is not applied. Never raises for content."""
        answers: list[KoupreyError | None] = []
        for delivery in deliveries:
            try:
                self._take(tx, delivery)
            except KoupreyError as error:
                answers.append(error)
            else:
                answers.append(None)
        return answers

    def erase_received(self, origin: str, author: str, indices: Sequence[int]) -> None:
        """Take the words out of what came in these entries."""

        def work(tx: Tx) -> None:
            for each in rows.list_in_entries(tx, origin, indices):
                if each.party == author and not each.erased:
                    rows.erase_profile(tx, each, without_words(each.body))

        self._store.write(work)

    def _take(self, tx: Tx, delivery: Delivery) -> None:
        profile = read_profile(delivery.content)
        if profile.party != delivery.author:
            raise Refused("A party speaks of another one.", "A profile is its own party's.", code="not-its-own")
        for each in rows.find_versions(tx, profile.party, profile.version):
            if each.body != delivery.content and not each.erased:
                raise Refused(
                    "That version is here already, with other words.", "The first one stays.", code="other-version"
                )
        if rows.count_profiles(tx, profile.party) >= MOST_VERSIONS:
            raise Refused("That team has sent so many versions that no more are kept.", code="too-many-versions")
        label = msgspec.structs.replace(delivery.label, agreement=delivery.agreement)
        entry = (delivery.origin, delivery.index)
        if rows.add_profile(tx, self._kept(tx, profile, delivery.content, label, entry=entry)):
            detail: dict[str, object] = {"version": profile.version, "agreement": delivery.agreement}
            audit.append(
                tx,
                at=self._clock(),
                actor=delivery.author,
                action="directory.receive",
                subject=profile.party,
                detail=detail,
            )

    def _kept(
        self,
        tx: Tx,
        profile: Profile,
        raw: bytes,
        label: Label,
        *,
        written_by: str = "",
        entry: tuple[str, int] = ("", 0),
    ) -> rows.Kept:
        return rows.Kept(
            party=profile.party,
            version=profile.version,
            agreement=label.agreement,
            at=profile.at,
            came_at=self._clock(),
            origin=entry[0],
            entry_index=entry[1],
            written_by=written_by,
            erased=False,
            label_set=self._agreements.label_set(tx, [labels.intern_label(tx, label)]),
            body=raw,
        )

    def _duty(self, reader: Reader) -> Duty | None:
        """Who is on duty now, by role and never by name; None where nobody is."""
        now = self._clock()
        running = on_duty(rows.list_shifts(reader, now, SHIFTS), now)
        if not running:
            return None
        first = running[0]
        return Duty(role=first.role, reach=first.reach, until=first.ends // SECOND * SECOND)

    def _reached(self) -> list[tuple[Standing, str]]:
        """Agreements that run and cover hand-offs, each with what bars a profile there, "" for nothing."""
        now, found = self._clock(), []
        for standing in self._agreements.standings().values():
            others = [each for each in standing.parties if each != standing.home and each not in standing.left]
            mine = standing.home in standing.parties and standing.home not in standing.left
            if not (standing.signed and mine and others and standing.starts <= now < standing.ends):
                continue
            if "hand-off" in standing.terms.types:
                found.append((standing, self._barred(standing, others)))
        return found

    def _barred(self, standing: Standing, others: Sequence[str]) -> str:
        for party in others:
            reader = self._agreements.party_reader(party)
            made = self._agreements.decide([self._label(standing)], reader, under=standing.agreement, once_resumed=True)
            if not made.allowed:
                return made.because[0].text
        return ""

    def _label(self, standing: Standing) -> Label:
        return Label(owner=self._people.home_id, tlp=min(TLP.GREEN, standing.tlp_ceiling), kind="hand-off")

    def _eyes(self, who: decision.Reader) -> tuple[int, Instant]:
        if not who.local:
            raise Forbidden("This is for people of this node's own party.", code="not-local")
        return self._agreements.profile(msgspec.structs.replace(who, roles=())), self._clock()

    def _check_keeps(self, who: decision.Reader) -> None:
        if not self.may_keep(who):
            raise Forbidden(
                "That is not yours to say.",
                "It needs one of these roles: lead, liaison.",
                "Ask one of them.",
                code="role-missing",
            )


def _entries(kept: Sequence[rows.Kept]) -> list[Entry]:
    """One for each version: those of several agreements are one, of which what still has its words is shown."""
    made = []
    for _, several in groupby(kept, key=lambda each: (each.party, each.version)):
        group = sorted(several, key=lambda each: each.erased)
        made.append(
            Entry(
                profile=read_profile(group[0].body),
                agreements=tuple(sorted(each.agreement for each in group if each.agreement)),
                came_at=min(each.came_at for each in group),
                written_by=group[0].written_by,
            )
        )
    return made
