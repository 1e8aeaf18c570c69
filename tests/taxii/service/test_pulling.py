"""Line 90: we pull from servers with every fault that was seen, skip nothing, and keep no page by half."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Damaged, KoupreyError, Refused, Unknown, Unreachable
from kouprey.kernel.words.time import SECOND, wall_clock
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role
from kouprey.taxii.model.pulling import SignIn
from kouprey.taxii.service import Remotes

Things = Callable[[int, int], list[Any]]
SECRET = "canary-of-a-password"


class Here:
    """Our node, and the source it pulls from."""

    def __init__(self, house: Any, upstream: Any, collection: str) -> None:
        self.house, self.upstream, self.collection = house, upstream, collection
        self.remotes: Remotes = house.node.services.get(Remotes)
        for fetcher in self.remotes._fetchers.values():
            fetcher.timeout = 5

    def source(self, **more: Any) -> Any:
        given = {"allow_private": True, "tlp": TLP.GREEN, "overlap": 0, "name": "Up", "by": "dara", **more}
        return self.remotes.save(self.upstream.url, self.collection, **given)

    def pull(self, **more: Any) -> Any:
        return self.remotes.pull("Up", by="dara", **more)

    def held(self) -> set[str]:
        everything = self.house.exchange.counts(self.house.exchange.operator()).total
        found = self.house.exchange.list_objects(self.house.exchange.operator(), limit=5_000).heads
        assert len(found) == everything
        return {head.title for head in found}


@pytest.fixture
def here(house: Any, upstream: Any, collection: str, monkeypatch: pytest.MonkeyPatch) -> Here:
    monkeypatch.setattr("kouprey.taxii.service.asking.time.sleep", lambda _: None)
    made = Here(house, upstream, collection)
    made.source()
    return made


def names(things: list[Any]) -> set[str]:
    return {each["name"] for each in things}


def test_line_90_only_what_is_new_is_asked_for(here: Here, things: Things) -> None:
    first, second = things(0, 25), things(25, 31)
    here.upstream.page_max = 10
    here.upstream.file(*first)
    told = here.pull()
    assert (told.pages, told.objects, told.new, told.refused) == (3, 25, 25, 0)
    assert here.held() == names(first)
    here.upstream.file(*second)
    here.upstream.asked.clear()
    told = here.pull()
    assert (told.pages, told.objects, told.new) == (1, 6, 6) and here.held() == names([*first, *second])
    assert here.pull().objects == 0 and len(here.remotes.list_pulls(here.remotes.get_remote("Up"))) == 2
    assert all("added_after" in each for each in here.upstream.asked)


@pytest.mark.parametrize(
    "faults",
    [
        {"no next"},
        {"no next", "one date"},
        {"no dates"},
        {"json type"},
        {"gzip"},
        {"word"},
        {"objects"},
        {"forgets"},
        {"cut"},
        {"filed"},
        {"json type", "gzip", "no next", "word"},
    ],
    ids="+".join,
)
def test_line_90_faults_that_cost_nothing(here: Here, things: Things, faults: set[str]) -> None:
    here.upstream.faults, here.upstream.page_max = set(faults), 7
    here.upstream.file(*things(0, 40))
    if "one date" in faults:
        here.upstream.page_max = 100
    assert here.pull().new == 40 and here.held() == names(things(0, 40))
    here.upstream.file(*things(40, 50))
    assert here.pull().new == 10 and here.held() == names(things(0, 50))


@pytest.mark.parametrize("digits", [0, 3, 6])
def test_line_90_many_objects_of_one_date(here: Here, things: Things, digits: int) -> None:
    """Without `next`, 17 of 20 of them were lost by others."""
    here.upstream.faults, here.upstream.digits = {"no next"}, digits
    here.upstream.page_max = 100_000
    here.upstream.file(*things(0, 5))
    here.upstream.file(*things(5, 1_505), at=here.upstream.held[-1][0] + 1)
    here.upstream.file(*things(1_505, 1_510))
    assert here.pull().new == 1_510
    assert here.house.exchange.counts(here.house.exchange.operator()).total == 1_510


def test_line_90_what_is_filed_late_is_found_within_the_overlap(here: Here, things: Things) -> None:
    here.source(overlap=60 * SECOND)
    here.upstream.file(*things(0, 10))
    here.pull()
    last = here.upstream.held[-1][0]
    here.upstream.file(things(10, 11)[0], at=last - 30 * SECOND)
    here.upstream.file(things(11, 12)[0], at=last - 90 * SECOND)
    assert here.pull().new == 1 and here.held() == names(things(0, 11)), "the older one is beyond what we look back"
    assert here.pull(again=True).new == 1, "and is found when everything is asked for again"


def test_line_90_a_date_of_the_future_hides_nothing(here: Here, things: Things) -> None:
    here.upstream.file(*things(0, 3))
    here.upstream.file(things(3, 4)[0], at=wall_clock() + 10**15)
    assert here.pull().new == 4
    here.upstream.file(things(4, 5)[0], at=wall_clock() + SECOND)
    assert here.pull().new == 1 and here.held() == names(things(0, 5))


@pytest.mark.parametrize(
    ("faults", "said", "kept"),
    [
        ({"circle"}, "the same `next` came twice", 7),
        ({"empty more"}, "pages without an object", 0),
        ({"no next", "no dates"}, "neither how to ask for it", 7),
        ({"no next", "unsorted"}, "order of their dates", 7),
        ({"2.0"}, "speaks TAXII 2.0", 0),
        ({"broken"}, "cannot be read", 0),
        ({"bomb"}, "more than", 0),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, set) else None,
)
def test_line_90_a_server_that_leads_astray_is_told_so(
    here: Here, things: Things, faults: set[str], said: str, kept: int
) -> None:
    here.upstream.faults, here.upstream.page_max = set(faults), 7
    here.upstream.file(*things(0, 40))
    with pytest.raises(KoupreyError, match=said):
        here.pull()
    assert here.house.exchange.counts(here.house.exchange.operator()).total == kept, "whole pages or nothing"
    (pull,) = here.remotes.list_pulls(here.remotes.get_remote("Up"))
    assert said in pull.trouble and pull.ended_at and pull.new == kept
    here.upstream.faults = set()
    here.pull()
    assert here.held() == names(things(0, 40)), "nothing behind it was taken for read"


def test_line_90_a_bad_object_costs_nothing_but_itself(here: Here, things: Things) -> None:
    here.upstream.file(*things(0, 2), {"type": "malware", "id": "malware--1"}, 7, *things(2, 4))
    told = here.pull()
    assert (told.objects, told.new, told.refused) == (6, 4, 2) and here.held() == names(things(0, 4))
    refused = here.remotes.list_refusals(here.remotes.get_remote("Up"))
    assert {each.object for each in refused} == {"malware--1", ""} and all(each.why for each in refused)


def test_line_90_whoever_is_stopped_between_two_pages_goes_on(here: Here, things: Things) -> None:
    here.upstream.page_max = 10
    here.upstream.file(*things(0, 45))

    def stop(now: Any) -> None:
        if now.pages == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        here.pull(on_page=stop)
    assert here.held() == names(things(0, 20))
    here.upstream.file(*things(45, 50))
    told = here.pull()
    assert (told.pages, told.objects, told.new, told.repeats) == (3, 30, 30, 0)
    assert here.held() == names(things(0, 50))
    assert "interrupted" in here.remotes.list_pulls(here.remotes.get_remote("Up"))[1].trouble


def test_two_walks_at_once_do_not_get_in_each_others_way(here: Here, things: Things) -> None:
    here.upstream.page_max = 10
    here.upstream.file(*things(0, 45))

    def meanwhile(now: Any) -> None:
        if now.pages == 2:
            assert here.pull().new == 25

    with pytest.raises(Refused) as told:
        here.pull(on_page=meanwhile)
    assert told.value.code == "taken-over" and here.held() == names(things(0, 45))


@pytest.mark.parametrize(
    ("status", "error", "remedy"),
    [
        (401, Refused, "password or token"),
        (403, Refused, "read the collection"),
        (404, Refused, "discover"),
        (406, Refused, "2.1"),
        (429, Unreachable, "--every"),
        (500, Unreachable, "when it is due"),
        (503, Unreachable, "when it is due"),
    ],
)
def test_what_a_server_refuses_is_said_with_a_remedy(
    here: Here, things: Things, status: int, error: type[KoupreyError], remedy: str
) -> None:
    here.upstream.file(*things(0, 3))
    here.upstream.refuse = [(status, {})] * 5
    with pytest.raises(error) as told:
        here.pull()
    assert remedy in str(told.value) and "Not now" in str(told.value)
    here.upstream.refuse = []
    assert here.pull().new == 3


def test_something_passing_is_asked_for_again_at_once(here: Here, things: Things) -> None:
    here.upstream.file(*things(0, 3))
    here.upstream.refuse = [(503, {"Retry-After": "1"}), (429, {"Retry-After": "2"})]
    assert here.pull().new == 3


def test_who_asks_us_to_wait_long_is_left_alone_for_so_long(here: Here, things: Things) -> None:
    remote = here.source(every=60 * SECOND)
    here.remotes.ask("Up", by="dara")
    here.upstream.refuse = [(429, {"Retry-After": "7200"})]
    assert here.remotes.pull_due() == 1
    place = here.remotes.get_place(remote)
    assert place.failures == 1 and place.due_at > wall_clock() + 7_000 * SECOND
    assert here.remotes.pull_due() == 0
    here.remotes.pause("Up", paused=False, by="dara")
    here.upstream.file(*things(0, 3))
    assert here.remotes.pull_due() == 1 and here.held() == names(things(0, 3))
    assert here.remotes.get_place(remote).failures == 0


def test_a_node_pulls_what_is_due_and_not_what_is_paused(here: Here, things: Things) -> None:
    here.upstream.file(*things(0, 3))
    assert here.remotes.pull_due() == 0, "nobody said how often"
    here.remotes.ask("Up", by="dara")
    assert here.remotes.pull_due() == 1 and here.remotes.pull_due() == 0, "once, when somebody says so"
    here.source(every=60 * SECOND)
    assert here.remotes.pull_due() == 0, "whoever keeps a source pulls from it first"
    here.remotes.pause("Up", paused=True, by="dara")
    assert here.remotes.pull_due() == 0
    with pytest.raises(Refused):
        here.remotes.ask("Up", by="dara")
    here.remotes.pause("Up", paused=False, by="dara")
    assert here.remotes.pull_due() == 1 and here.remotes.pull_due() == 0
    here.remotes.remove("Up", by="dara")
    assert here.remotes.list_remotes() == [] and here.held() == names(things(0, 3))
    with pytest.raises(Unknown):
        here.pull()


@pytest.mark.parametrize("location", ["http://127.0.0.2:1/x/", "https://127.0.0.1/x/", "//evil.example/x/"])
def test_our_password_goes_to_nobody_else(here: Here, things: Things, location: str) -> None:
    here.source(sign_in=SignIn(user="us", password=SECRET))
    here.upstream.refuse = [(302, {"Location": location})] * 5
    with pytest.raises(Refused) as told:
        here.pull()
    assert told.value.code == "redirected" and SECRET not in str(told.value)


def test_a_corner_on_the_same_machine_is_gone_round(here: Here, things: Things, collection: str) -> None:
    here.upstream.file(*things(0, 3))
    here.upstream.refuse = [(301, {"Location": f"/api/collections/{collection}/objects/?limit=1000&corner=1"})]
    assert here.pull().new == 3


def test_secrets_lie_sealed_and_are_sent_as_they_should(here: Here, things: Things, tmp_path: Any) -> None:
    here.upstream.file(*things(0, 1))
    here.source(sign_in=SignIn(token=SECRET))
    here.pull()
    here.source(sign_in=SignIn(user="us", password="p"))
    here.pull(again=True)
    assert {"", f"Bearer {SECRET}", "Basic dXM6cA=="} >= here.upstream.authorizations >= {f"Bearer {SECRET}"}
    assert "Basic dXM6cA==" in here.upstream.authorizations
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert SECRET.encode() not in path.read_bytes(), path


def test_what_carries_no_marking_is_held_as_told_and_markings_are_never_loosened(here: Here, house: Any) -> None:
    red = "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed"
    here.upstream.file(house.thing(1), house.thing(2, object_marking_refs=[red]))
    here.pull()
    someone = Reader(party=house.people.home_id, clearance=TLP.GREEN, local=True)
    assert [each.title for each in house.exchange.list_objects(someone).heads] == [house.thing(1)["name"]]


def test_only_the_types_that_were_asked_for(here: Here, house: Any) -> None:
    here.source(types=("tool",))
    here.upstream.file(house.thing(1), house.thing(2, kind="tool"))
    assert here.pull().new == 1 and here.upstream.asked[-1]["match[type]"] == "tool"


def test_collections_are_discovered(here: Here, collection: str) -> None:
    base = here.upstream.url.removesuffix("api/")
    for url in (here.upstream.url, f"{base}taxii2/"):
        found = here.remotes.discover(url, SignIn(), allow_private=True)
        assert [(each.root, each.id, each.readable) for each in found] == [(here.upstream.url, collection, True)]


@pytest.mark.parametrize(
    ("url", "wanted", "more"),
    [
        ("ftp://a.example/", "x", {}),
        ("http://u:p@a.example/", "x", {}),
        ("http://a.example/", "a b", {}),
        ("http://a.example/", "", {}),
        ("http://a.example/", "x", {"every": SECOND}),
        ("http://a.example/", "x", {"overlap": -1}),
        ("http://a.example/", "x", {"types": ("A B",)}),
        ("http://a.example/", "x", {"name": "a\nb"}),
    ],
)
def test_what_cannot_be_asked_is_not_kept(here: Here, url: str, wanted: str, more: dict[str, Any]) -> None:
    with pytest.raises(Damaged):
        here.remotes.save(url, wanted, by="dara", **more)
    assert [each.name for each in here.remotes.list_remotes()] == ["Up"]


def test_a_private_address_is_asked_only_when_that_was_said(here: Here) -> None:
    here.source(allow_private=False)
    with pytest.raises(Unreachable) as told:
        here.pull()
    assert told.value.code == "private-address"


def test_line_90_from_our_own_server(here: Here, house: Any, things: Things, collection: str) -> None:
    """What another node of ours gives comes byte for byte, and is a repeat where it is held already."""
    house.keep(*things(0, 30))
    with house.served() as origin:
        token, secret = house.people.create_token(house.people.home_id, Role.CONTRIBUTOR, TLP.RED, by="test")
        assert token
        main = house.exchange.get_collection("main").id
        found = here.remotes.discover(f"{origin}/taxii2/", SignIn(token=secret), allow_private=True)
        assert main in {each.id for each in found}
        root = next(each.root for each in found if each.id == main)
        made = here.remotes.save(
            root, main, by="dara", name="Own", sign_in=SignIn(token=secret), allow_private=True, tlp=TLP.CLEAR
        )
        told = here.remotes.pull(made.id, by="dara")
        assert (told.objects, told.new, told.repeats, told.conflicts) == (30, 0, 30, 0)
        assert json.dumps(told.trouble) == '""'
