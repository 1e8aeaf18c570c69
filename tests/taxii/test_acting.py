"""What a token sees and does for another party: that party's view at the lower clearance, and nothing beside it."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.kernel.storage.audit import list_audit
from kouprey.kernel.words.time import SECOND, wall_clock
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Permission, Role

House = Any
API = "/taxii2/api/"
MAIN = f"{API}collections/main/"
HOME, PARTNER = "cert.example", "operator.example"
CANARY = "canary-4d1c"
VERBS = (Permission.READ, Permission.WRITE)


def agreed(house: House, token: tuple[str, str], clearance: TLP = TLP.RED, **more: Any) -> str:
    """A delegation for the partner, by two."""
    now = wall_clock()
    given = {"starts": now, "ends": now + 3600 * SECOND, "because": "Minutes 7"} | more
    verbs = given.pop("verbs", VERBS)
    made = house.people.record_delegation(PARTNER, token[0], verbs, clearance, granter=None, **given)
    dara = house.people.save_person("Dara", (Role.ADMINISTRATOR,), TLP.RED, by="operator")
    house.people.confirm_delegation(made.id, granter=dara)
    return str(made.id)


def acting(house: House, token: tuple[str, str], party: str = PARTNER) -> Any:
    client = house.client(token)
    client.headers["X-Acting-For"] = party
    return client


def text(client: Any) -> str:
    """All that can be got of the collections that are shown, and of the main one."""
    listed = client.get(f"{API}collections/")
    names = [each["id"] for each in listed.json().get("collections", [])] or ["main"]
    answers = [listed]
    for name in names:
        answers.extend(client.get(f"{API}collections/{name}/{what}") for what in ("", "objects/", "manifest/"))
    return "\n".join(f"{each.text}{dict(each.headers)}" for each in answers)


@pytest.fixture
def world(either: House) -> House:
    """Something at each level, and an agreement with the partner up to amber."""
    for number, level in enumerate((TLP.GREEN, TLP.AMBER, TLP.AMBER_STRICT)):
        either.keep(either.thing(number, name=f"{CANARY} {level.word}"), tlp=level)
    agreement = either.agree("amber")
    either.node.store.write(lambda tx: either.exchange._of_agreement(tx, agreement))
    either.settle()
    return either


def seen(client: Any) -> set[str]:
    found = text(client)
    return {level.word for level in TLP if f'{CANARY} {level.word}"' in found}


def test_the_partys_view_at_the_lower_clearance_and_nothing_beyond(world: House) -> None:
    ours = world.token(HOME, TLP.RED, role=Role.CONTRIBUTOR)
    assert seen(world.client(ours)) == {"green", "amber", "amber+strict"}
    agreed(world, ours)
    assert seen(acting(world, ours)) == seen(world.client(party=PARTNER)) == {"green", "amber"}
    assert seen(world.client(ours)) == {"green", "amber", "amber+strict"}, "its own view is as it was"
    low = world.token(HOME, TLP.GREEN)
    agreed(world, low)
    assert seen(acting(world, low)) == {"green"}, "the clearance of the token is lower"
    bounded = world.token(HOME, TLP.RED)
    agreed(world, bounded, TLP.GREEN)
    assert seen(acting(world, bounded)) == {"green"}, "the clearance of the delegation is lower"
    bound = world.token(HOME, TLP.RED, collection="elsewhere")
    agreed(world, bound)
    assert seen(acting(world, bound)) == set(), "its bound to a collection stays"
    # Answer for answer what the party itself is told, at that clearance.
    theirs = world.client(party=PARTNER, clearance=TLP.GREEN)
    for path in (f"{API}collections/", f"{MAIN}objects/", f"{MAIN}manifest/"):
        assert acting(world, low).get(path).content == theirs.get(path).content, path


def test_nothing_before_confirmation_outside_the_time_or_after_an_end(world: House) -> None:
    token = world.token(HOME, TLP.RED)
    now = wall_clock()

    def dead(client: Any) -> None:
        for path in (f"{API}collections/", f"{MAIN}objects/", MAIN):
            answer = client.get(path)
            assert answer.status_code == 403 and CANARY not in answer.text

    dead(acting(world, token))
    unconfirmed = world.people.record_delegation(
        PARTNER, token[0], VERBS, TLP.RED, starts=now, ends=now + 3600 * SECOND, because="x", granter=None
    )
    dead(acting(world, token))
    world.people.revoke_delegation(unconfirmed.id, by="operator")
    later = world.token(HOME, TLP.RED)
    agreed(world, later, starts=now + 1800 * SECOND)
    dead(acting(world, later))
    held = agreed(world, token)
    assert seen(acting(world, token)) == {"green", "amber"}
    dead(acting(world, token, HOME))
    dead(acting(world, world.token(HOME, TLP.RED)))
    world.people.revoke_delegation(held, by="operator")
    dead(acting(world, token))
    again = world.token(HOME, TLP.RED)
    agreed(world, again)
    world.people.change_token(again[0], active=False, by="operator")
    assert acting(world, again).get(f"{MAIN}objects/").status_code == 401


def test_a_suspended_agreement_counts_for_who_acts_too(house: House) -> None:
    agreement = house.agree("amber")
    house.keep(house.thing(1, name=f"{CANARY} green"), tlp=TLP.GREEN)
    token = house.token(HOME, TLP.RED)
    agreed(house, token)
    assert seen(acting(house, token)) == {"green"}
    house.agreements.suspend(agreement, suspended=True, by="op")
    assert seen(acting(house, token)) == set()


def test_only_the_verbs_and_where_the_party_may(world: House) -> None:
    """What is given comes from the party, under its agreement; the audit names the token and the party."""
    reads = world.token(HOME, TLP.RED, role=Role.CONTRIBUTOR)
    agreed(world, reads, verbs=[Permission.READ])
    collections = acting(world, reads).get(f"{API}collections/").json()["collections"]
    assert collections and not any(each["can_write"] for each in collections)
    for each in collections:
        assert world.post(acting(world, reads), world.thing(7), path=each["id"]).status_code == 403
    both = world.token(HOME, TLP.RED, role=Role.CONTRIBUTOR)
    held = agreed(world, both)
    client = acting(world, both)
    theirs = world.client(party=PARTNER, role=Role.CONTRIBUTOR)
    writable, same = (
        [each["id"] for each in one.get(f"{API}collections/").json()["collections"] if each["can_write"]]
        for one in (client, theirs)
    )
    assert writable == same != []
    assert world.post(client, world.thing(8)).status_code == 403, "the main collection is our own people's"
    for path in writable:
        assert world.post(client, world.thing(9), path=path).status_code == 202
    given = theirs.get(f"{API}collections/{writable[0]}/objects/").json()["objects"]
    assert world.thing(9)["id"] in [each["id"] for each in given], "it is the party's own now"
    with world.node.store.read() as reader:
        lines = list_audit(reader, actor=both[0])
    assert lines and {each.party for each in lines} == {PARTNER}
    assert [each.subject for each in lines if each.action == "delegation.use"] == [held]
    writes = world.token(HOME, TLP.RED, role=Role.CONTRIBUTOR)
    agreed(world, writes, verbs=[Permission.WRITE])
    assert acting(world, writes).get(f"{MAIN}objects/").status_code == 403


def test_a_raised_token_is_given_what_it_could_not_see_before(house: House) -> None:
    """Its position is past what was hidden: without a move it would never come (decision 0004)."""
    house.keep(house.thing(1, name=f"{CANARY} amber"), tlp=TLP.AMBER)
    house.keep(house.thing(2), tlp=TLP.GREEN)
    house.agree("amber")
    house.settle()
    token = house.token(HOME, TLP.GREEN)
    agreed(house, token, TLP.AMBER)
    client = acting(house, token)
    first = client.get(f"{MAIN}objects/")
    assert [each["id"] for each in first.json()["objects"]] == [house.thing(2)["id"]]
    house.people.change_token(token[0], clearance=TLP.RED, by="operator")
    house.settle()
    after = {"added_after": first.headers["X-TAXII-Date-Added-Last"]}
    news = client.get(f"{MAIN}objects/", params=after).json()
    assert house.thing(1)["id"] in [each["id"] for each in news["objects"]]
