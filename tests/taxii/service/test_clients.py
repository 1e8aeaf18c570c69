"""What clients asked: sums that grow on both engines, places that follow the client, and no name of a stranger."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kouprey.kernel.words.errors import Damaged, Unknown
from kouprey.kernel.words.time import SECOND
from kouprey.kernel.words.tlp import TLP
from kouprey.node.assemble import GUARD, list_migrations
from kouprey.taxii.service import Clients
from kouprey.taxii.service.clients import DAY, KEPT_DAYS, MOST

PATH = "/taxii2/api/collections/main/objects/"
NOON = 1_800_000_000 * SECOND


@pytest.fixture(params=["sqlite", "postgres"])
def dated(request: pytest.FixtureRequest, build: Callable[..., Any], past: Any) -> Any:
    """A house whose clock the test sets, on each engine."""
    databases = ("", "")
    if request.param == "postgres":
        fresh = request.getfixturevalue("fresh_postgres")
        databases = fresh(list_migrations()), fresh([GUARD])
    past.now = NOON
    house = build(databases, clock=past)
    house.past, house.clients = past, house.node.services.get(Clients)
    return house


def test_a_poller_is_followed_page_by_page(dated: Any) -> None:
    dated.keep(*(dated.thing(n) for n in range(5)))
    user, secret = dated.token()
    client = dated.client((user, secret))
    first = client.get(PATH, params={"limit": "2"}).json()
    dated.clients.log.flush()
    (one,) = dated.clients.list_standings(client=user)
    assert (one.requests, one.objects, one.first_at) == (1, 2, NOON)
    token = dated.clients.get_token(user)
    assert dated.clients.waiting(token, one).count == 3 and dated.clients.waiting(token, one, limit=1).more
    dated.past.now += DAY
    client.get(PATH, params={"limit": "10", "next": first["next"]})
    client.get(f"{PATH}{dated.thing(1)['id']}/")
    assert dated.clients.log.flush() == 1 and dated.clients.log.flush() == 0
    (two,) = dated.clients.list_standings(collection=one.collection)
    assert (two.requests, two.objects, two.first_at, two.asked_at) == (2, 5, NOON, NOON + DAY)
    assert two.reached > one.reached and dated.clients.waiting(token, two).count == 0
    days = dated.clients.list_days(user, 3)
    assert [each.objects for each in days] == [0, 2, 3] and [each.requests for each in days] == [0, 1, 1]


def test_a_look_at_one_object_does_not_move_it(dated: Any) -> None:
    dated.keep(*(dated.thing(n) for n in range(3)))
    user, secret = dated.token()
    client = dated.client((user, secret))
    client.get(PATH)
    dated.clients.log.flush()
    before = dated.clients.list_standings(client=user)[0].reached
    client.get(PATH, params={"match[id]": dated.thing(0)["id"]})
    dated.clients.log.flush()
    (after,) = dated.clients.list_standings(client=user)
    assert after.reached == before > 0 and after.filters == "1 ids" and dated.thing(0)["id"] not in str(after)


def test_an_unchanged_answer_is_asked_and_not_sent(dated: Any) -> None:
    dated.keep(dated.thing(1))
    user, secret = dated.token()
    client = dated.client((user, secret))
    etag = client.get(PATH).headers["etag"]
    assert client.get(PATH, headers={"If-None-Match": etag}).status_code == 304
    dated.clients.log.flush()
    (held,) = dated.clients.list_standings(client=user)
    assert (held.requests, held.objects) == (2, 1)


def test_names_that_strangers_make_up_are_not_kept(dated: Any) -> None:
    user, _ = dated.token()
    log = dated.clients.log
    for name in (user, "tok_00", "tok_zz", "x" * 500, "' OR 1"):
        log.refused(name, Damaged("w", code="bad-query"))
    log.flush()
    log.refused(user, Damaged("w", code="bad-query"))
    log.flush()
    held = {each.client: each.times for each in dated.clients.list_turned()}
    assert held == {user: 2, "": 4}
    assert [each.times for each in dated.clients.list_turned(user)] == [2]
    dated.past.now += 40 * DAY
    assert dated.clients.list_turned() == []
    assert dated.clients.forget() == 2


def test_what_is_gathered_is_bounded_and_old_sums_go(dated: Any) -> None:
    log = dated.clients.log
    for number in range(MOST + 1):
        log.refused(f"tok_{number:x}", Damaged("w", code="bad-query"))
    assert sum(each.times for each in dated.clients.list_turned()) == MOST + 1, "written by itself when it was full"
    user, secret = dated.token()
    dated.client((user, secret)).get(PATH)
    log.flush()
    dated.past.now += (KEPT_DAYS + 2) * DAY
    assert dated.clients.forget() > 0 and dated.clients.list_standings(client=user)


def test_what_waits_is_what_the_client_may_see(dated: Any) -> None:
    dated.keep(dated.thing(1), tlp=TLP.GREEN)
    dated.keep(dated.thing(2), tlp=TLP.RED)
    user, secret = dated.token(clearance=TLP.GREEN)
    dated.client((user, secret)).get(PATH, params={"match[type]": "tool"})
    dated.clients.log.flush()
    token = dated.clients.get_token(user)
    (held,) = dated.clients.list_standings(client=user)
    assert dated.clients.waiting(token, held).count == 0, "it asked for another type"
    dated.client((user, secret)).get(PATH, params={"limit": "1", "added_after": "2000-01-01T00:00:00Z"})
    dated.clients.log.flush()
    (held,) = dated.clients.list_standings(client=user)
    assert held.objects == 1 and dated.clients.waiting(token, held).count == 0, "the other is above it"
    with pytest.raises(Unknown):
        dated.clients.get_token("tok_none")


def test_a_collection_it_may_no_longer_know_of_says_nothing(dated: Any) -> None:
    made = dated.exchange.create_collection("named", by="test")
    user, secret = dated.token(party="operator.example")
    dated.client((user, secret)).get(f"/taxii2/api/collections/{made.id}/objects/")
    dated.clients.log.flush()
    dated.exchange.change_collection("named", readers=(), by="test")
    token = dated.clients.get_token(user)
    (held,) = dated.clients.list_standings(client=user)
    assert dated.clients.waiting(token, held) is None
