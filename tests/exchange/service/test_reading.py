"""Canary strings: no read verb shows a reader anything that the one decision denies him."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from kouprey.exchange.service import MAIN
from kouprey.kernel.storage import audit
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import KoupreyError
from kouprey.kernel.words.tlp import TLP

SECRETS = ("canary-red", "canary-conflict", "canary-sighting", "canary-source", "canary-agreement")
OPEN = "canary-open"


@pytest.fixture(params=["narrow", "wide"], autouse=True)
def road(request: pytest.FixtureRequest) -> None:
    """Both plans by which pages are made."""
    request.getfixturevalue(f"{request.param}_road")


def shown(value: Any) -> str:
    """Everything in an answer as text; bytes both as they are and as the encoder would hide them."""
    return repr(value)


def page_of(party: Any, who: Any, **query: Any) -> Any:
    return party.exchange.page(who, MAIN, **query)


def attempt(call: Callable[[], Any]) -> str:
    try:
        return shown(call())
    except KoupreyError as error:
        return shown(msgspec.json.encode({"e": str(error), "d": error.detail}, enc_hook=str))


@pytest.fixture
def stocked(ministry: Any, operator: Any, stix: Any) -> Any:
    """Open, red and conflicting objects; a red sighting of an open thing; a thing received under an agreement."""
    ministry.agreement = stix.agree(ministry, operator, tlp_ceiling="green")
    ministry.keep(stix.make(OPEN, description=OPEN), tlp=TLP.GREEN)
    ministry.keep(stix.make("canary-red", description="canary-red"), tlp=TLP.RED, source="canary-source.json")
    ministry.keep(stix.make("both", description=OPEN), tlp=TLP.GREEN)
    both = stix.make("both", description="canary-conflict", created_by_ref=stix.id("identity", "canary-conflict"))
    both = both.replace(b'"name":"both"', b'"name":"canary-conflict"')
    ministry.keep(both, tlp=TLP.RED, source="canary-source.json")
    # The red body first: it is the one served to whoever sees all.
    ministry.keep(stix.make("turned", name="canary-conflict"), tlp=TLP.RED, source="canary-source.json")
    ministry.keep(stix.make("turned", name=OPEN), tlp=TLP.GREEN)
    sighting = stix.make(
        "canary-sighting",
        "sighting",
        sighting_of_ref=stix.id("indicator", OPEN),
        count=77,
        description="canary-sighting",
    )
    ministry.keep(sighting, tlp=TLP.RED, source="canary-source.json")
    return ministry


def answers(party: Any, who: Any, stix: Any) -> dict[str, str]:
    """Every read verb, asked in every way that could reveal something."""
    exchange = party.exchange
    ids = [stix.id("indicator", name) for name in (OPEN, "canary-red", "both", "turned")]
    ids.append(stix.id("sighting", "canary-sighting"))
    made = {
        "list": attempt(lambda: exchange.list_objects(who)),
        "list in collection": attempt(lambda: exchange.list_objects(who, collection=MAIN)),
        "list up": attempt(lambda: exchange.list_objects(who, after_position=1)),
        "counts": attempt(lambda: exchange.counts(who)),
        "recent": attempt(lambda: exchange.list_recent(who)),
        "publications": attempt(lambda: exchange.list_publications(who)),
        "collections": attempt(lambda: exchange.list_collections(who)),
        "page": attempt(lambda: page_of(party, who)),
        "manifest": attempt(lambda: page_of(party, who, bodies=False)),
        "by type": attempt(lambda: page_of(party, who, types=["indicator"])),
        "by types": attempt(lambda: page_of(party, who, types=["indicator", "sighting"])),
        "by id": attempt(lambda: page_of(party, who, ids=ids)),
    }
    for versions in ("first", "last", "all"):
        made[versions] = attempt(lambda versions=versions: page_of(party, who, versions=versions))
    for stix_id in ids:
        made[f"object {stix_id}"] = attempt(lambda stix_id=stix_id: exchange.get_object(who, stix_id))
        made[f"explain {stix_id}"] = attempt(
            lambda stix_id=stix_id: exchange.explain(stix_id, "operator.example", who=who)
        )
    # What is asked for comes back in the message of an error, so searches are judged apart.
    for text in SECRETS:
        assert attempt(lambda text=text: exchange.list_objects(who, text=text)).count("Head(") == 0
    return made


def assert_nothing(made: dict[str, str], words: tuple[str, ...] = SECRETS) -> None:
    for verb, text in made.items():
        for word in words:
            encoded = base64.b64encode(word.encode()).decode()
            assert word not in text and encoded not in text, (verb, word)


def test_low_clearance_sees_none_of_it_and_high_clearance_all(stocked: Any, stix: Any) -> None:
    low = answers(stocked, stocked.reader(TLP.GREEN), stix)
    assert_nothing(low)
    assert OPEN in low["list"] and OPEN in low["page"] and OPEN in low[f"object {stix.id('indicator', 'turned')}"]
    assert "conflict=True" not in low["list"] and "times=77" not in low[f"object {stix.id('indicator', OPEN)}"]
    assert "total=3" in low["counts"] and "RED" not in low["counts"]
    exchange, high = stocked.exchange, stocked.reader()
    everything = shown(exchange.list_objects(high)) + shown(page_of(stocked, high)) + shown(exchange.list_recent(high))
    assert all(word in everything for word in SECRETS if word != "canary-agreement")
    assert "conflict=True" in everything
    assert exchange.counts(high).total == 5 and exchange.counts(high).by_tlp[TLP.RED] == 4


def test_one_row_a_version_and_the_body_is_the_readers_own(stocked: Any, stix: Any) -> None:
    wanted = stix.id("indicator", "turned")
    for who, expected in ((stocked.reader(TLP.GREEN), OPEN), (stocked.reader(), "canary-conflict")):
        (row,) = page_of(stocked, who, ids=[wanted]).rows
        assert msgspec.json.decode(row.raw)["name"] == expected
        assert stocked.exchange.get_object(who, wanted).title == expected


def test_foreign_tokens_see_what_their_agreement_opens(stocked: Any, stix: Any) -> None:
    with_agreement = answers(stocked, stocked.foreign("operator.example"), stix)
    assert_nothing(with_agreement)
    assert OPEN in with_agreement["page"]
    # Names of our files are ours.
    assert "feed.json" not in "".join(with_agreement.values())
    without = answers(stocked, stocked.foreign("stranger.example"), stix)
    assert_nothing(without, (*SECRETS, OPEN, stocked.agreement))
    assert "total=0" in without["counts"]


def test_suspension_closes_at_once_and_resumption_opens(stocked: Any, stix: Any) -> None:
    who = stocked.foreign("operator.example")
    assert OPEN in answers(stocked, who, stix)["page"]
    stocked.agreements.suspend(stocked.agreement, suspended=True, by="test")
    assert_nothing(answers(stocked, who, stix), (*SECRETS, OPEN))
    stocked.agreements.suspend(stocked.agreement, suspended=False, by="test")
    assert OPEN in answers(stocked, who, stix)["page"]


def test_what_came_under_an_agreement_is_not_for_others(
    ministry: Any, operator: Any, neighbour: Any, stix: Any
) -> None:
    stix.agree(ministry, operator, tlp_ceiling="amber")
    under = stix.agree(ministry, neighbour, tlp_ceiling="amber")
    ministry.keep(
        stix.make("canary-agreement", description="canary-agreement"),
        tlp=TLP.GREEN,
        owner="neighbour.example",
        source="neighbour.example",
        agreement=under,
    )
    ministry.store.write(lambda tx: ministry.exchange._of_agreement(tx, under))
    theirs = ministry.foreign("operator.example")
    made = {
        "page": attempt(lambda: page_of(ministry, theirs)),
        "list": attempt(lambda: ministry.exchange.list_objects(theirs)),
        "recent": attempt(lambda: ministry.exchange.list_recent(theirs)),
        "counts": attempt(lambda: ministry.exchange.counts(theirs)),
    }
    assert_nothing(made)
    assert "total=0" in made["counts"]
    named = [c.agreement for c in ministry.exchange.list_collections(theirs)]
    assert under not in named
    assert "unknown" in attempt_code(lambda: ministry.exchange.page(theirs, f"agr-{under[4:12]}"))
    assert "canary-agreement" in attempt(lambda: page_of(ministry, ministry.foreign("neighbour.example")))
    # A voice of our own does not give away what another gave us.
    ministry.keep(stix.make("canary-agreement", description="canary-agreement"), tlp=TLP.GREEN)
    assert_nothing({"page": attempt(lambda: page_of(ministry, theirs))})


def attempt_code(call: Callable[[], Any]) -> str:
    try:
        return shown(call())
    except KoupreyError as error:
        return error.code


def test_embargo_opens_by_the_clock(found_party: Any, stix: Any) -> None:
    now = [1_800_000_000_000_000]
    party = found_party("ministry.example", clock=lambda: now[0])
    party.keep(stix.make("canary-red"), tlp=TLP.GREEN, owner="other.example", not_before=now[0] + 1_000_000)
    who = party.reader()
    assert party.poll(who)[0] == []
    after = party.poll(who)[1]
    now[0] += 2_000_000
    party.agreements.recheck()
    party.settle()
    assert party.poll(who, after)[0] == [stix.make("canary-red")]


def test_who_was_given_what_stands_in_the_audit(ministry: Any, stix: Any) -> None:
    ministry.keep(*(stix.make(f"m{n}") for n in range(3)), tlp=TLP.GREEN)
    ministry.exchange.reads.begin()
    dara = Reader(party=ministry.id, clearance=TLP.RED, local=True, name="psn_dara")
    heads = ministry.exchange.list_objects(dara, text="m1").heads
    ministry.exchange.get_object(dara, stix.id("indicator", "m1"))
    ministry.exchange.page(dara, "main")
    ministry.exchange.look_up(dara, ["198.51.100.7"])
    ministry.exchange.reads.flush(all_of_it=True)
    with ministry.store.read() as reader:
        lines = [each for each in audit.list_audit(reader, None, 20) if each.action == "exchange.read"]
    told = {each.detail["what"]: each for each in lines}
    assert {name: each.detail["count"] for name, each in told.items()} == {
        "list": 1,
        "object": 1,
        "page": 3,
        "values": 0,
    }
    assert told["list"].detail["first"] == told["list"].detail["last"] == heads[0].position
    assert told["object"].subject == stix.id("indicator", "m1") and "m1" in told["list"].detail["asked"]
