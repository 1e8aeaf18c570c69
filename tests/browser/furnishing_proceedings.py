"""A dossier of whoever looks at the pages: readers, a title, things in custody, an emergency, a hold, a redaction."""

from __future__ import annotations

from io import BytesIO

from browser.stage import Stage
from kouprey.kernel.seal import box
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.time import DAY, wall_clock
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Person, Role
from kouprey.people.service import People
from kouprey.proceedings.model import Disclosure, Handed, Kind, Part
from kouprey.proceedings.service import Dossiers, seal_file

LOOKS = "Chan Tester"
"""Who is signed in where pages are looked at."""
LONG = "Mutual legal assistance request 2026/114 of the central authority, with annexes that came on paper afterwards"


def keep_a_dossier(stage: Stage) -> None:
    """At the ministry."""
    ministry = stage.actors["ministry"]
    with ministry.services() as services:
        people, dossiers = services.get(People), services.get(Dossiers)
        looks = people.save_person(LOOKS, tuple(Role), TLP.RED, by="test")
        others = [
            people.save_person(name, (Role.ANALYST,), TLP.AMBER, by="test")
            for name in ("Bopha Keo", f"Azman of {LONG}"[:120], "Somebody without a key", "Sok Left")
        ]

        def who(person: Person) -> Reader:
            roles = tuple(map(str, person.roles))
            return Reader(party=ministry.party, clearance=TLP.RED, local=True, name=person.id, roles=roles)

        keys = {}
        for person in (looks, others[0], others[1], others[3]):
            for _ in range(2 if person is looks else 1):
                keys[person.id] = box.new_identity()[1]
                dossiers.set_key(who(person), keys[person.id])
        me = who(looks)
        empty = dossiers.open_dossier(me, why="Order 13")
        dossiers.add_member(me, empty.id, others[2].id, Part.CUSTODIAN, why="keeps it too")
        made = dossiers.open_dossier(me, why=LONG).id
        for person in others:
            dossiers.add_member(me, made, person.id, Part.READER, why="reads for the prosecutor")
        readers = [Handed(name=each.name, key=keys[each.id], box=b"") for each in (looks, others[0], others[3])]

        def hand_in(plain: bytes, kind: Kind = Kind.THING, derived: str = "") -> str:
            out = BytesIO()
            seal_file(BytesIO(plain), "exhibit.bin", readers, dossiers.through(), out, kind=kind)
            return dossiers.add_item(me, made, out, derived=derived, keep_until=wall_clock() + 900 * DAY).id

        hand_in(b"The matter of the ferry", Kind.TITLE)
        image, notes = hand_in(bytes(200_000)), hand_in(b"notes")
        redacted = hand_in(b"notes without a name", derived=notes)
        dossiers.release(me, made, image, purpose="investigation", basis=LONG)
        dossiers.release(who(others[3]), made, image, purpose="court", basis="Order 12")
        dossiers.release(who(others[0]), made, notes, purpose="prosecution", emergency=True, ground="a server is wiped")
        dossiers.state(me, made, image, "acquire", "imaged with a write blocker, dd 9.1, in the rack room")
        dossiers.offer(me, made, image, others[0].id, why="for the laboratory")
        dossiers.decide(me, made, notes, Disclosure.WITHHELD, ground="names a witness")
        dossiers.decide(me, made, redacted, Disclosure.DISCLOSED)
        review = wall_clock() + 30 * DAY
        dossiers.hold(me, made, item=image, why=LONG, scope="the image and what is made of it", review=review)
        dossiers.remove_member(me, made, others[3].id, why="left the office")
        dossiers.remind()
