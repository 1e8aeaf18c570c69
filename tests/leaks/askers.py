"""Everybody who may ask the node of the leak test: persons, tokens, constituents, and who acts for another party."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from kouprey.constituents import store as rows
from kouprey.constituents.model import Constituent, Network
from kouprey.constituents.service import Constituents
from kouprey.kernel.seal.keyring import Keyring
from kouprey.kernel.seal.keys import SigningKey
from kouprey.kernel.words.tlp import TLP
from kouprey.node.assemble import Node
from kouprey.node.web import build_web
from kouprey.people.model import PERMISSIONS, Permission, Role
from kouprey.people.service import People
from leaks.oracle import Sight
from leaks.things import BANK, BEGIN, DRILL, HOME, MINUTE, NEIGHBOUR, OPERATOR, STRANGER, UTILITY

FEED = "feed"
"""The collection that one token is bound to; of the things, none is in it."""


@dataclass(frozen=True)
class Asker:
    """Somebody who asks: what decides what they see, and what their requests bear.

    `deep`: every probe is tried with them, and compared with a twin; else one request at each door. `reads`: some door
    with what is marked opens to them.
    """

    name: str
    sight: Sight
    headers: Mapping[str, str] = field(default_factory=dict)
    csrf: str = ""
    key: SigningKey | None = None
    deep: bool = False
    person: str = ""
    reads: bool = True


ASKERS = (
    *("nobody", "clear", "green", "low administrator", "amber", "strict", "red", "drill"),
    *(f"a {role}" for role in Role if role is not Role.ADMINISTRATOR),
    *("deactivated", "program", "bound", "operator's", "operator's low", "neighbour's", "stranger's"),
    *("expired", "revoked", "a peer"),
    *("acting", "acting unconfirmed", "acting no more"),
    *("a bank's", "a bank's program", "a utility's", "a low bank's program"),
)
"""The names of all who ask."""


def let_in(home: Node, peer: Keyring) -> Iterator[Asker]:
    """Persons of every clearance and role, tokens of every kind, constituents, and whoever acts for another."""
    people, site = home.services.get(People), build_web(home).site

    def person(
        name: str, role: Role | tuple[Role, ...], clearance: TLP, *, deep: bool = False, active: bool = True
    ) -> Asker:
        roles = (role,) if isinstance(role, Role) else role
        made = people.save_person(name, roles, clearance, by="operator")
        cookie, _ = people.sign_in(people.make_sign_in_link(made, by="operator"))
        sight = Sight(HOME, clearance)
        if not active:
            people.set_active(made, False, by="operator")
            sight = Sight()
        headers = {"cookie": f"{site.sessions.cookie}={cookie}"}
        return Asker(name, sight, headers, site.sessions.csrf(cookie), deep=deep, person=made.id)

    def token(name: str, party: str, clearance: TLP, *, deep: bool = False, **more: Any) -> Asker:
        role = more.pop("role", Role.FEED)
        dead, off = more.get("life"), more.pop("off", False)
        made, secret = people.create_token(party, role, clearance, by="operator", **more)
        if off:
            people.change_token(made.user, active=False, by="operator")
        sight = Sight() if dead or off else Sight(party, clearance, scope=next(iter(more.get("collections", ())), ""))
        return Asker(name, sight, {"authorization": f"Bearer {secret}"}, deep=deep)

    yield Asker("nobody", Sight(), deep=True)
    admin = Role.ADMINISTRATOR
    # All that may be done without the permissions of those who may know how much waits, whatever it is.
    versed = (Role.DUTY_OFFICER, Role.LEGAL, Role.AGREEMENT_MANAGER)
    yield person("green", versed, TLP.GREEN, deep=True)
    yield person("low administrator", admin, TLP.GREEN)
    yield person("clear", admin, TLP.CLEAR)
    yield person("amber", versed, TLP.AMBER, deep=True)
    yield person("strict", admin, TLP.AMBER_STRICT)
    red = person("red", admin, TLP.RED)
    yield red
    yield replace(red, name="drill", sight=Sight(HOME, TLP.RED, DRILL), headers=red.headers | {"x-exercise": DRILL})
    for role in Role:
        if role is not admin:
            yield replace(person(f"a {role}", role, TLP.GREEN), reads=Permission.READ in PERMISSIONS[role])
    yield person("deactivated", admin, TLP.RED, active=False)
    yield token("program", HOME, TLP.GREEN, role=Role.CONTRIBUTOR, deep=True)
    yield token("bound", HOME, TLP.RED, collections=(FEED,), deep=True)
    yield token("operator's", OPERATOR, TLP.RED, deep=True)
    yield token("operator's low", OPERATOR, TLP.GREEN)
    yield token("neighbour's", NEIGHBOUR, TLP.RED)
    yield token("stranger's", STRANGER, TLP.RED)
    yield token("expired", HOME, TLP.RED, life=MINUTE)
    yield token("revoked", HOME, TLP.RED, off=True)
    yield Asker("a peer", Sight(OPERATOR, TLP.RED, takes=True), key=peer.node, reads=False)

    def acting(name: str, *, confirmed: bool = True, off: bool = False) -> Asker:
        """A token of our own, cleared for everything, that may read for the operator up to green."""
        made, secret = people.create_token(HOME, Role.ADMINISTRATOR, TLP.RED, by="operator")
        bounds = {"starts": BEGIN, "ends": BEGIN + 365 * 1440 * MINUTE, "because": "so it was agreed"}
        held = people.record_delegation(OPERATOR, made.user, [Permission.READ], TLP.GREEN, granter=None, **bounds)
        if confirmed:
            people.confirm_delegation(held.id, granter=people.get_person(red.person))
        if off:
            people.revoke_delegation(held.id, by="operator")
        sight = Sight(OPERATOR, TLP.GREEN) if confirmed and not off else Sight()
        return Asker(name, sight, {"authorization": f"Bearer {secret}", "x-acting-for": OPERATOR})

    yield from _host(home, site)
    yield acting("acting")
    yield acting("acting unconfirmed", confirmed=False)
    yield acting("acting no more", off=True)


def _host(home: Node, site: Any) -> Iterator[Asker]:
    """Constituents to whom every name in the world belongs, so that nothing is hidden for being somebody else's."""
    people, constituents = home.services.get(People), home.services.get(Constituents)
    everything = [Network(kind="domain-name", text="example")]
    for each, word, clearance in (
        (BANK, "a bank's", TLP.AMBER),
        (UTILITY, "a utility's", TLP.RED),
        ("low.example", "a low bank's", TLP.GREEN),
    ):
        content = min(clearance, TLP.AMBER)
        made = Constituent(id=each, name=f"Name of {each}", clearance=clearance, content=content)
        constituents.add(made, by="operator")
        home.store.write(lambda tx, each=each: rows.replace_networks(tx, each, everything))
        constituents.add_contact(each, "Sok Dara", f"security@{each}", by="operator")
        person, link = constituents.invite(each, f"Somebody of {each}", by="operator")
        cookie, _ = people.sign_in(link)
        sight, deep = Sight(each, clearance, hosted=True), each == BANK
        headers = {"cookie": f"{site.sessions.cookie}={cookie}"}
        if clearance is not TLP.GREEN:
            yield Asker(word, sight, headers, site.sessions.csrf(cookie), deep=deep, person=person.id)
        _, secret = constituents.add_token(each, "SIEM", by="operator")
        if each != UTILITY:
            yield Asker(f"{word} program", sight, {"authorization": f"Bearer {secret}"}, deep=deep)
