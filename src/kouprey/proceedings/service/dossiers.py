"""Dossiers: opening one, who belongs to it, whose key is which, and what is put into it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from hashlib import sha256
from itertools import count
from typing import BinaryIO

import msgspec

from kouprey.kernel.seal.items import is_key
from kouprey.kernel.seal.keys import random_bytes
from kouprey.kernel.seal.voice import words_of
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Reader, Tx
from kouprey.kernel.words import decision
from kouprey.kernel.words.errors import Damaged, Forbidden, KoupreyError, Refused, Unknown
from kouprey.kernel.words.ids import new_id
from kouprey.kernel.words.time import DAY, Instant
from kouprey.proceedings import rules
from kouprey.proceedings import store as rows
from kouprey.proceedings.model import Act, Dossier, Grant, Handed, Item, Kept, Kind, Member, Part, ReaderKey
from kouprey.proceedings.service.ledgering import Ledgering
from kouprey.proceedings.store import custody
from kouprey.proceedings.wire import read_sealed


class Keeping(Ledgering):
    """Verbs about dossiers, their members and items."""

    @staticmethod
    def speaker(reader: decision.Reader, roles: Sequence[str]) -> decision.Reader:
        """Somebody with the roles they have: one of them opens a dossier, and none of them shows one."""
        return msgspec.structs.replace(reader, roles=tuple(roles))

    # keys

    def set_key(self, who: decision.Reader, key: str) -> ReaderKey:
        """The key to seal to for `who` from now on; the one before stays for what was sealed to it."""
        self._check_person(who)
        key = key.strip()
        if not is_key(key):
            raise Damaged(
                "This is no key to seal to.",
                "A public key of age begins with age1 and has 62 characters.",
                "Make one on your own machine: `kouprey dossier key -o me.key`. Never send the secret one.",
                code="bad-key",
            )

        def work(tx: Tx) -> ReaderKey:
            if rows.find_key(tx, key) is not None:
                raise Refused(
                    "This key is known already.",
                    "A key is for one person, and is not taken back into use.",
                    "Make a new one.",
                    code="known-key",
                )
            before = next((each for each in rows.list_keys(tx, who.name) if not each.until), None)
            made = ReaderKey(key=key, person=who.name, since=self._clock(), follows=before.key if before else "")
            rows.add_key(tx, made)
            detail: dict[str, object] = {"key": key, "follows": made.follows}
            audit.append(tx, at=made.since, actor=who.name, action="dossier.key", subject=who.name, detail=detail)
            return made

        return self._store.write(work)

    def list_keys(self, who: decision.Reader) -> list[ReaderKey]:
        """One's own, the newest first."""
        self._check_person(who)
        with self._store.read() as reader:
            return rows.list_keys(reader, who.name)

    def keys_of(self, persons: Collection[str]) -> dict[str, str]:
        """Person -> the key to seal to for them; whoever has none is left out."""
        with self._store.read() as reader:
            every = rows.list_keys(reader)
        return {each.person: each.key for each in every if not each.until and each.person in persons}

    @staticmethod
    def voice_of(key: str) -> str:
        """Six words that two people compare over a telephone: the key on both screens is the same one."""
        return " ".join(words_of(key.encode(), 6))

    def through(self, party: str = "") -> str:
        """The key of the node that releases: ours, or that of a partner."""
        return str(self._people.get_party(party).card.age) if party else self._ring.age_recipient

    # dossiers and members

    def open_dossier(self, who: decision.Reader, *, why: str) -> Dossier:
        """Open a dossier, with `who` as its custodian; for the legal role. `why` stands in its ledger, in the clear."""
        self._check_person(who)
        rules.check_opens(who.roles)
        why = rules.check_text(why, "why it is opened")
        made = Dossier(id=new_id("dos"), name=drawn_name(), by=who.name, at=self._clock())
        own = Member(dossier=made.id, person=who.name, part=Part.CUSTODIAN, at=made.at, by=who.name, why=why)

        def work(tx: Tx) -> None:
            rows.add_dossier(tx, made)
            rows.add_member(tx, own)
            self._append(tx, made.id, Act.OPEN, who.name, detail={"why": why})

        self._record(made.id, work)
        return made

    def list_dossiers(self, who: decision.Reader) -> list[Dossier]:
        """Those that `who` belongs to, the newest first; nobody sees any other."""
        if not self._is_person(who):
            return []
        with self._store.read() as reader:
            return rows.list_dossiers(reader, who.name)

    def get_dossier(self, who: decision.Reader, dossier: str) -> Kept:
        """One with all that stands in it; Unknown unless `who` belongs to it."""
        with self._store.read() as reader:
            found, own = self._get(reader, who, dossier)
            items = rows.list_items(reader, dossier)
            return Kept(
                dossier=found,
                own=own,
                members=tuple(rows.list_members(reader, dossier)),
                items=tuple(items),
                grants=tuple(custody.list_grants(reader, [each.id for each in items])),
                releases=tuple(custody.list_releases(reader, dossier)),
                holds=tuple(custody.list_holds(reader, dossier)),
                given=tuple(custody.list_given(reader, dossier)),
                events=custody.count_lines(reader, dossier),
            )

    def add_member(self, who: decision.Reader, dossier: str, person: str, part: Part, *, why: str) -> Member:
        """Name somebody of ours. They open what is sealed to them from now on; earlier items are granted one by one."""
        why = rules.check_text(why, "why they belong to it")
        named = self._people.get_person(person)
        if not named.active or named.constituent:
            raise Refused("That person does not come in here.", remedy="Name somebody else.", code="bad-person")

        def work(tx: Tx) -> Member:
            rules.check_custodian(self._get(tx, who, dossier)[1])
            if rows.find_member(tx, dossier, named.id) is not None:
                raise Refused("They belong to it already.", code="member-already")
            made = Member(dossier=dossier, person=named.id, part=part, at=self._clock(), by=who.name, why=why)
            rows.add_member(tx, made)
            detail = {"person": named.id, "person_name": named.name, "part": str(part), "why": why}
            self._append(tx, dossier, Act.ADD_MEMBER, who.name, detail=detail)
            return made

        return self._record(dossier, work)

    def remove_member(self, who: decision.Reader, dossier: str, person: str, *, why: str) -> tuple[str, ...]:
        """Nothing is released to them any more. The items they were released before; nobody can take those back."""
        why = rules.check_text(why, "why they leave it")

        def work(tx: Tx) -> tuple[str, ...]:
            rules.check_custodian(self._get(tx, who, dossier)[1])
            rules.check_leaves_custodian(rows.list_members(tx, dossier), person)
            if not rows.end_member(tx, dossier, person, self._clock(), who.name, why):
                raise Unknown("They do not belong to it.", code="no-member")
            had = {each.item for each in custody.list_releases(tx, dossier) if each.person == person}
            fetched = tuple(sorted(had))
            detail = {"person": person, "person_name": self._name(tx, person), "why": why, "had_before": list(fetched)}
            self._append(tx, dossier, Act.REMOVE_MEMBER, who.name, detail=detail)
            return fetched

        return self._record(dossier, work)

    # items

    def add_item(
        self, who: decision.Reader, dossier: str, source: BinaryIO, *, derived: str = "", keep_until: Instant = 0
    ) -> Item:
        """Keep a sealed file as it is; Damaged where its SHA-256 is another. Killed in between, none was kept.

        It must be sealed to members alone. `derived` is the item it was made of, by leaving something out.
        """
        with self._store.read() as reader:
            rules.check_custodian(self._get(reader, who, dossier)[1])
        source.seek(0)
        file = read_sealed(source)
        source.seek(file.start)
        measured = sha256()
        while piece := source.read(rows.PIECE):
            measured.update(piece)
        if measured.hexdigest() != file.sha256:
            raise Damaged("The file is not as it was sealed.", "Its SHA-256 is another.", code="broken")
        item = new_id("itm")

        def work(tx: Tx) -> Item:
            _, own = self._get(tx, who, dossier)
            rules.check_custodian(own)
            every = rows.list_items(tx, dossier)
            if derived and derived not in {each.id for each in every}:
                raise Unknown("It was made of no item of this dossier.", code="unknown-item")
            made = Item(
                id=item,
                dossier=dossier,
                number=len(every) + 1,
                kind=Kind.REDACTION if derived else file.kind,
                sha256=file.sha256,
                size=file.size,
                at=self._clock(),
                by=who.name,
                derived=derived,
                holder=who.name,
                keep_until=keep_until,
            )
            rows.add_item(tx, made)
            self._grant(tx, who, made, file.grants)
            detail = {"sha256": made.sha256, "size": made.size, "kind": str(made.kind), "derived_from": derived}
            detail |= {"readers": [each.key for each in file.grants]}
            self._append(tx, dossier, Act.SEAL, who.name, item=item, detail=detail)
            return made

        self._keep_body(item, source, file.start)
        try:
            return self._record(dossier, work)
        except KoupreyError:
            self._store.write(lambda tx: rows.drop_body(tx, item))
            raise

    def _keep_body(self, item: str, source: BinaryIO, start: int) -> None:
        """In parts, each durable by itself; until the item is kept too nobody can reach them."""
        source.seek(start)
        for part in count():
            piece = source.read(rows.PIECE)
            if not piece:
                return
            self._store.write(lambda tx, part=part, piece=piece: rows.add_piece(tx, item, part, piece))  # type: ignore[misc]  # mypy cannot infer a lambda with defaults

    def drop_unkept(self) -> int:
        """Drop bodies whose item was never kept, as whoever handed them in was killed; of how many items.

        They go after a day in which they were seen so, since one may still be coming in.
        """
        with self._store.read() as reader:
            found = rows.list_unkept(reader)
        now = self._clock()
        self._unkept = {each: self._unkept.get(each, now) for each in found}
        late = [each for each, since in self._unkept.items() if now - since >= DAY]
        for item in late:
            self._store.write(lambda tx, item=item: rows.drop_body(tx, item))  # type: ignore[misc]  # mypy cannot infer a lambda with defaults
        return len(late)

    def add_grants(
        self, who: decision.Reader, dossier: str, item: str, grants: Sequence[Handed], *, why: str
    ) -> tuple[Grant, ...]:
        """Keys of an item for members who had none, sealed on a reader's machine; the body is not touched."""
        why = rules.check_text(why, "why they get it")

        def work(tx: Tx) -> tuple[Grant, ...]:
            held = self._item(tx, who, dossier, item)
            rules.check_there(held)
            opens = [each for each in custody.list_grants(tx, [item]) if not each.ended_at]
            if who.name not in {each.person for each in opens}:
                rules.check_custodian(self._get(tx, who, dossier)[1])
            if {each.key for each in opens} & {each.key for each in grants}:
                raise Refused(
                    "It is sealed to one of these keys already.", "What is there stays.", code="granted-already"
                )
            made = self._grant(tx, who, held, grants)
            detail = {"readers": [{"key": each.key, "person": each.person} for each in made], "why": why}
            self._append(tx, dossier, Act.GRANT, who.name, item=item, detail=detail)
            return made

        return self._record(dossier, work)

    def get_item(self, who: decision.Reader, dossier: str, item: str) -> Item:
        """One of them; Unknown unless `who` belongs to its dossier."""
        with self._store.read() as reader:
            return self._item(reader, who, dossier, item)

    def read_body(self, who: decision.Reader, dossier: str, item: str) -> tuple[Item, Iterator[bytes]]:
        """The sealed body, in parts. It opens for nobody without its key, so the release of that is what counts."""
        held = self.get_item(who, dossier, item)
        rules.check_there(held)
        return held, self._pieces(item)

    def _pieces(self, item: str) -> Iterator[bytes]:
        part = 0
        while True:
            with self._store.read() as reader:
                piece = rows.find_piece(reader, item, part)
            if piece is None:
                return
            yield piece
            part += 1

    def _item(self, reader: Reader, who: decision.Reader, dossier: str, item: str) -> Item:
        self._get(reader, who, dossier)
        found = rows.find_item(reader, item)
        if found is None or found.dossier != dossier:
            raise Unknown("There is no such item.", "Or it is not in this dossier.", code="unknown-item")
        return found

    def _grant(self, tx: Tx, who: decision.Reader, item: Item, grants: Sequence[Handed]) -> tuple[Grant, ...]:
        """Keep keys of an item; Refused (`no-reader`) for one that is of nobody who belongs to the dossier."""
        made = []
        for each in grants:
            owner = rows.find_key(tx, each.key)
            if owner is None or rows.find_member(tx, item.dossier, owner.person) is None:
                raise Refused(
                    "It is sealed to somebody who does not belong to the dossier.",
                    f"The key {each.key[:16]}… is of none of its members.",
                    "Name them in the dossier first, or seal it without them.",
                    code="no-reader",
                )
            if owner.until:
                raise Refused(
                    "It is sealed to a key that was replaced.",
                    f"{self._name(tx, owner.person)} has a new one since.",
                    "Seal it to that one: the page of the dossier shows it.",
                    code="old-key",
                )
            grant = Grant(item=item.id, key=each.key, box=each.box, by=who.name, at=self._clock(), person=owner.person)
            custody.put_grant(tx, grant)
            made.append(grant)
        return tuple(made)

    def _check_person(self, who: decision.Reader) -> None:
        if not self._is_person(who):
            raise Forbidden(
                "This is for people of this node's own party.",
                "Programs and the node's operator belong to no dossier.",
                "Sign in as yourself.",
                code="not-a-person",
            )

    def _change(self, tx: Tx, item: Item, **changes: object) -> Item:
        changed = msgspec.structs.replace(item, **changes)
        rows.save_item(tx, changed)
        return changed


def drawn_name() -> str:
    """Three words by chance, so that people can speak of a dossier whose title is sealed."""
    return " ".join(words_of(random_bytes(16), 3))
