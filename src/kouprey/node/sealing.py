"""The chapter on what only named readers open: sealed evidence, carried over a dead line."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import msgspec

from kouprey.kernel.seal import box
from kouprey.kernel.seal.items import open_item
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Refused, Unknown
from kouprey.node import scenes, watching
from kouprey.node.actors import Actor, wait_until
from kouprey.node.book import Said, said
from kouprey.node.cuts import Cut
from kouprey.node.living import Living, check
from kouprey.people.service import People
from kouprey.proceedings.model import Handed
from kouprey.proceedings.service import Dossiers, seal_file, wrap_again


@dataclass
class Reading:
    """Somebody who opens sealed items: the secret key is theirs, and on no node."""

    actor: Actor
    name: str
    secret: str = ""
    key: str = ""


class Sealed(Living):
    """Plays the chapter for Story."""

    verifier: Path | None
    cut: Cut
    is_cut: bool
    readers: dict[str, Reading]

    def hand_evidence(self) -> list[Said]:
        """With the line dead, an item of a dossier goes to a named reader abroad on a stick, and its receipt back."""
        ours, theirs = self._reading("bopha", self.ministry), self._reading("malee", self.neighbour)
        dossier, item = self._seal(ours)
        if not self._received(ours, dossier):
            if not self.is_cut:
                self.cut.cut(self.neighbour, [self.ministry, self.operator])
                self.is_cut = True
            self._give(ours, theirs, dossier, item)
            self._carry(self.ministry, self.neighbour)
            self._open_there(theirs)
            if self.neighbour.is_running:
                self._carry(self.neighbour, self.ministry)
                check(self._received(ours, dossier), "no receipt of the item has come back by stick")
        # Where the line was cut by ending the node, nobody signs its receipt before it is there again.
        self.reconnect()
        wait_until("a receipt of the item has come back", lambda: self._received(ours, dossier), seconds=90)
        for actor in self.actors:
            wait_until(f"nothing waits at {actor.party}", lambda actor=actor: not watching.waiting(actor), seconds=90)  # type: ignore[misc]  # mypy cannot infer a lambda with defaults
        events = self._verify_custody(ours, dossier)
        return [
            said("sealed on Bopha's machine; what the node keeps, its administrator cannot open"),
            said("Malee has opened it, letter for letter, with the line dead"),
            said("%(events)s events of custody, verified without Kouprey", events=events),
        ]

    def reconnect(self) -> None:
        """Heal the link."""
        if self.is_cut:
            self.cut.heal(self.neighbour, [self.ministry, self.operator])
            self.is_cut = False

    def _give(self, ours: Reading, theirs: Reading, dossier: str, item: str) -> None:
        """Give the item to the reader abroad, once; our node cannot open what it gives."""
        abroad, purpose = self.neighbour.party, "assistance"
        with _as(ours) as (dossiers, who):
            if dossiers.get_dossier(who, dossier).given:
                return
            released = dossiers.release(who, dossier, item, purpose=purpose, basis=scenes.ORDER)
            to = [Handed(name=theirs.name, key=theirs.key, box=b"")]
            dossiers.give(
                who,
                dossier,
                item,
                agreement=self.agreement,
                party=abroad,
                grants=wrap_again(released, ours.secret, to, dossiers.through(abroad)),
                purpose=purpose,
                basis=scenes.ORDER,
            )

    def _reading(self, key: str, actor: Actor) -> Reading:
        """Somebody with the legal role, whose node knows the public half of their key."""
        held = self.readers.get(key)
        if held is None:
            held = self.readers[key] = Reading(actor, key.title(), *box.new_identity())
        if not watching.person(actor, held.name):
            actor.command("person", "invite", held.name, "--role", "legal", "--clearance", "amber")
        with _as(held) as (dossiers, who):
            if held.key not in {each.key for each in dossiers.list_keys(who)}:
                dossiers.set_key(who, held.key)
        return held

    def _seal(self, ours: Reading) -> tuple[str, str]:
        """(dossier, item) of the story, made once."""
        with _as(ours) as (dossiers, who):
            for each in dossiers.list_dossiers(who):
                if items := dossiers.get_dossier(who, each.id).items:
                    return each.id, items[0].id
            made = dossiers.open_dossier(who, why=scenes.WHY_DOSSIER)
            out = BytesIO()
            named = [Handed(name=ours.name, key=ours.key, box=b"")]
            seal_file(BytesIO(scenes.EVIDENCE), scenes.EVIDENCE_NAME, named, dossiers.through(), out)
            out.seek(0)
            return made.id, dossiers.add_item(who, made.id, out).id

    def _open_there(self, theirs: Reading) -> None:
        """The reader abroad opens it; whoever administers the node there does not know of it."""
        with _as(theirs) as (dossiers, who):
            (came,) = dossiers.list_dossiers(who)
            (item,) = dossiers.get_dossier(who, came.id).items
            released = dossiers.release(who, came.id, item.id, purpose="assistance", basis=scenes.ORDER)
            sealed = b"".join(dossiers.read_body(who, came.id, item.id)[1])
            opened = open_item(sealed, released, theirs.secret)
            check(opened == (scenes.EVIDENCE_NAME, scenes.EVIDENCE), "other words were opened than were sealed")
            dossiers.receive(who, came.id, item.id, item.sha256)
        with _as(Reading(self.neighbour, self.neighbour.cast.person)) as (dossiers, who):
            check(not dossiers.list_dossiers(who), "whoever administers the node sees the dossier")
            try:
                dossiers.get_dossier(who, came.id)
            except Unknown:
                return
            check(False, "whoever administers the node opens the dossier")

    def _received(self, ours: Reading, dossier: str) -> bool:
        with _as(ours) as (dossiers, who):
            return any(each.received_at for each in dossiers.get_dossier(who, dossier).given)

    def _carry(self, one: Actor, other: Actor) -> None:
        with tempfile.TemporaryDirectory() as stick:
            parcel = str(Path(stick) / "parcel.kpx")
            one.command("parcel", "make", other.party, "-o", parcel)
            read = other.command("parcel", "read", parcel)
        check(not read["problems"], f"the parcel: {read['problems']}")

    def _verify_custody(self, ours: Reading, dossier: str) -> int:
        """How many events the independent verifier has found good."""
        if self.verifier is None:
            raise Refused(
                "The independent verifier is not here.", "It is examples/verify_custody.py of the repository."
            )
        with _as(ours) as (dossiers, who), tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "custody.json"
            file.write_bytes(dossiers.ledger(who, dossier))
            events = len(dossiers.list_events(who, dossier))
            words = [sys.executable, str(self.verifier.with_name("verify_custody.py")), str(file)]
            done = subprocess.run(words, capture_output=True, text=True, check=False)
        check(done.returncode == 0, f"the verifier of custody says: {done.stdout}{done.stderr}")
        return events


@contextmanager
def _as(somebody: Reading) -> Iterator[tuple[Dossiers, Reader]]:
    """The dossiers of a node, and how that person asks of them."""
    with somebody.actor.services() as services:
        yield services.get(Dossiers), speaker(services, somebody.name)


def speaker(services: Services, name: str) -> Reader:
    """How somebody asks who is signed in at a node: with the roles that they have."""
    people: People = services.get(People)
    person = people.get_person(watching.person_in(services, name))
    return msgspec.structs.replace(people.reader_of(person), roles=tuple(map(str, person.roles)))
