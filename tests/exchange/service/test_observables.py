"""Looking values up: what meets, what it lies in, and that nobody learns what he may not see."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.exchange.service import observables as verbs
from kouprey.kernel.words.errors import Damaged, TooLarge
from kouprey.kernel.words.tlp import TLP

MD5 = "d41d8cd98f00b204e9800998ecf8427e"


def pattern(text: str) -> dict[str, str]:
    return {"pattern": text, "pattern_type": "stix"}


def observable(stix: Any, kind: str, name: str, **values: Any) -> bytes:
    return bytes(stix.make(name, kind, name=name if kind in ("file", "mutex") else None, **values))


def counts(party: Any, who: Any, *texts: str) -> dict[str, int]:
    return {text: found[0].versions for text, found in party.exchange.look_up(who, texts).items()}


def texts_of(found: Any) -> list[str]:
    return [each.observable.text for each in found]


def test_a_value_finds_everything_that_names_it_however_it_is_written(ministry: Any, stix: Any) -> None:
    ministry.keep(stix.make("a", **pattern("[domain-name:value = 'Evil.Example.']")), source="one.json")
    ministry.keep(
        observable(stix, "domain-name", "b", value="evil[.]example"),
        observable(stix, "url", "c", value="hxxp://www.evil.example/x"),
        source="two.json",
    )
    who = ministry.reader()
    assert counts(ministry, who, "EVIL[.]example", "evil.example", "good.example") == {
        "EVIL[.]example": 2,
        "evil.example": 2,
    }
    view = ministry.exchange.get_observable(who, "domain-name", "evil.example")
    assert (view.versions, view.sources, view.more) == (2, ("one.json", "two.json"), False)
    assert {each.stix_id for each in view.occurrences} == {stix.id("indicator", "a"), stix.id("domain-name", "b")}
    assert texts_of(view.within) == ["http://www.evil.example/x"]


def test_versions_of_an_object_are_one_line_and_repeats_count_once(ministry: Any, stix: Any) -> None:
    for minute in range(3):
        ministry.keep(stix.make("a", minute=minute, **pattern(f"[file:hashes.MD5 = '{MD5}']")))
    ministry.keep(stix.make("a", **pattern(f"[file:hashes.MD5 = '{MD5}']")), source="again.json")
    view = ministry.exchange.get_observable(ministry.reader(), "md5", MD5.upper())
    (only,) = view.occurrences
    assert (view.versions, only.versions, only.version_text) == (3, 3, "2026-11-22T09:02:00.000Z")
    assert view.sources == ("again.json", "feed.json")


def test_networks_contain_addresses_and_domains_their_names(ministry: Any, stix: Any) -> None:
    ministry.keep(
        observable(stix, "ipv4-addr", "net", value="198.51.100.0/24"),
        observable(stix, "ipv4-addr", "wide", value="198.51.0.0/16"),
        observable(stix, "ipv4-addr", "in", value="198.51.100.7"),
        observable(stix, "ipv4-addr", "out", value="198.51.101.7"),
        observable(stix, "domain-name", "sub", value="www.evil.example"),
        observable(stix, "domain-name", "like", value="notevil.example"),
        observable(stix, "email-addr", "mail", value="bob@evil.example"),
    )
    see = ministry.exchange.get_observable
    who = ministry.reader()
    assert texts_of(see(who, "ipv4-addr", "198.51.100.7").wider) == ["198.51.100.0/24", "198.51.0.0/16"]
    # Nothing names it, and still it lies in something.
    assert texts_of(see(who, "ipv4-addr", "198.51.101.200").wider) == ["198.51.0.0/16"]
    assert texts_of(see(who, "ipv4-net", "198.51.100.0/24").within) == ["198.51.100.7"]
    assert texts_of(see(who, "ipv4-net", "198.51.0.0/16").within) == ["198.51.100.7", "198.51.101.7", "198.51.100.0/24"]
    assert texts_of(see(who, "domain-name", "evil.example").within) == ["www.evil.example", "bob@evil.example"]
    assert texts_of(see(who, "domain-name", "www.evil.example").wider) == []


def test_what_is_named_beside_it_is_ranked_by_rarity(ministry: Any, stix: Any) -> None:
    together = "[domain-name:value = 'a.example' OR domain-name:value = 'rare.example' OR file:name = 'common.exe']"
    ministry.keep(stix.make("a", **pattern(together)))
    ministry.keep(*(stix.make(f"n{i}", **pattern("[file:name = 'common.exe']")) for i in range(3)))
    view = ministry.exchange.get_observable(ministry.reader(), "domain-name", "a.example")
    assert [(each.observable.text, each.versions) for each in view.related] == [("rare.example", 1), ("common.exe", 4)]


def test_sightings_are_counted(ministry: Any, stix: Any) -> None:
    ministry.keep(stix.make("a", **pattern("[domain-name:value = 'a.example']")))
    ministry.keep(stix.make("s", "sighting", sighting_of_ref=stix.id("indicator", "a"), count=2))
    ministry.keep(stix.make("s", "sighting", sighting_of_ref=stix.id("indicator", "a"), count=5, minute=1))
    ministry.keep(stix.make("t", "sighting", sighting_of_ref=stix.id("indicator", "a"), count=70), tlp=TLP.RED)
    see = ministry.exchange.get_observable
    assert see(ministry.reader(), "domain-name", "a.example").occurrences[0].times_seen == 75
    assert see(ministry.reader(TLP.GREEN), "domain-name", "a.example").occurrences[0].times_seen == 5


def test_nobody_learns_what_he_may_not_see(ministry: Any, operator: Any, stix: Any) -> None:
    stix.agree(ministry, operator, tlp_ceiling="green")
    both = "[domain-name:value = 'open.example' OR domain-name:value = 'canary-beside.example']"
    ministry.keep(stix.make("open", **pattern("[domain-name:value = 'open.example']")), tlp=TLP.GREEN)
    ministry.keep(stix.make("canary-object", **pattern(both)), tlp=TLP.RED, source="canary-source.json")
    ministry.keep(
        observable(stix, "domain-name", "canary-sub", value="canary.open.example"),
        observable(stix, "ipv4-addr", "canary-net", value="198.51.100.0/24"),
        observable(stix, "ipv4-addr", "canary-ip", value="203.0.113.7"),
        tlp=TLP.RED,
        source="canary-source.json",
    )
    # One version with two bodies, the second for few.
    ministry.keep(stix.make("torn", **pattern("[domain-name:value = 'open.example']")), tlp=TLP.GREEN)
    torn = pattern("[domain-name:value = 'canary-torn.example']")
    ministry.keep(stix.make("torn", **torn), tlp=TLP.RED, source="canary-source.json")
    hidden = ["canary-beside.example", "canary.open.example", "198.51.100.0/24", "203.0.113.7", "canary-torn.example"]
    asked = ["open.example", *hidden]
    see = ministry.exchange.get_observable
    for who in (ministry.reader(TLP.GREEN), ministry.foreign("operator.example")):
        assert counts(ministry, who, *asked) == {"open.example": 2}
        view = see(who, "domain-name", "open.example")
        assert "canary" not in repr(view) and view.versions == 2 and not view.within and not view.related
        for kind, text in (
            ("domain-name", "canary-torn.example"),
            ("ipv4-addr", "198.51.100.7"),
            ("ipv4-net", "203.0.113.0/24"),
            ("domain-name", "deep.canary.open.example"),
        ):
            told = see(who, kind, text)
            nothing = (told.versions, told.sources, told.more, told.occurrences, told.within, told.related)
            assert nothing == (0, (), False, (), (), ())
            assert [each for each in texts_of(told.wider) if each != "open.example"] == []
    assert "feed.json" not in repr(see(ministry.foreign("operator.example"), "domain-name", "open.example"))
    stranger = ministry.foreign("stranger.example")
    assert counts(ministry, stranger, *asked) == {}
    assert see(stranger, "domain-name", "open.example").versions == 0
    everything = ministry.reader()
    assert set(counts(ministry, everything, *asked)) == set(asked)
    assert see(everything, "domain-name", "open.example").versions == 3


def test_counts_stop_at_their_limits(ministry: Any, stix: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verbs.rows, "COUNTED", 3)
    monkeypatch.setattr(verbs.rows, "COUNTED_IN_BATCH", 2)
    ministry.keep(*(stix.make(f"n{i}", **pattern("[domain-name:value = 'a.example']")) for i in range(5)))
    who = ministry.reader()
    assert counts(ministry, who, "a.example") == {"a.example": 2}
    view = ministry.exchange.get_observable(who, "domain-name", "a.example")
    assert (view.versions, view.more, len(view.occurrences)) == (3, True, 3)


def test_a_batch_counts_what_stands_alone_and_what_is_torn(
    ministry: Any, stix: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def named(value: str) -> dict[str, Any]:
        return pattern(f"[domain-name:value = '{value}']")

    for value in ("a.example", "b.example"):
        ministry.keep(*(stix.make(f"{value} {n}", **named(value)) for n in range(3)), tlp=TLP.GREEN)
        # Versions with two bodies: of one both are seen, of the other the second is hidden with what only it names.
        ministry.keep(stix.make(f"torn {value}", **named(value)), tlp=TLP.GREEN)
        ministry.keep(stix.make(f"torn {value}", description="x", **named(value)), tlp=TLP.GREEN)
        ministry.keep(stix.make(f"half {value}", **named("other.example")), tlp=TLP.GREEN)
        ministry.keep(stix.make(f"half {value}", **named(value)), tlp=TLP.RED)
    ministry.keep(stix.make("half canary", **named("other.example")), tlp=TLP.GREEN)
    ministry.keep(stix.make("half canary", **named("canary.example")), tlp=TLP.RED)
    asked = ["a.example", "b.example", "canary.example", "absent.example"]
    by_road = []
    for common in (64, 2, 0):
        monkeypatch.setattr(verbs.rows, "_COMMON", common)
        by_road.append([counts(ministry, who, *asked) for who in (ministry.reader(TLP.GREEN), ministry.reader())])
    low, high = by_road[0]
    assert by_road == [by_road[0]] * 3
    assert set(low) == {"a.example", "b.example"} and low["a.example"] == low["b.example"] == 5
    assert high == {"a.example": 6, "b.example": 6, "canary.example": 1}


def test_what_cannot_be_asked(ministry: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    who = ministry.reader()
    assert ministry.exchange.look_up(who, ["a.example", "", "\ud800", "x" * 9_000]) == {}
    assert ministry.exchange.get_observable(who, "domain-name", "a.example").versions == 0
    for kind, text in (("domain-name", "1.2.3.4"), ("nonsense", "x")):
        with pytest.raises(Damaged, match="This is no"):
            ministry.exchange.get_observable(who, kind, text)
    monkeypatch.setattr(verbs, "MOST_LOOKED_UP", 1)
    with pytest.raises(TooLarge):
        ministry.exchange.look_up(who, ["a.example", "b.example"])


def test_a_kind_can_be_named(ministry: Any, stix: Any) -> None:
    ministry.keep(observable(stix, "mutex", "a.example"))
    who = ministry.reader()
    assert ministry.exchange.look_up(who, ["a.example"]) == {}
    assert texts_of(ministry.exchange.look_up(who, ["a.example"], kind="mutex")["a.example"]) == ["a.example"]


def test_ways_on_are_counted_as_far_as_one_sees(ministry: Any, stix: Any) -> None:
    def address(name: str, text: str) -> bytes:
        return observable(stix, "ipv4-addr", name, value=text)

    ministry.keep(address("a", "198.51.100.7"), address("b", "198.51.100.9"), tlp=TLP.GREEN)
    ministry.keep(address("c", "198.51.100.66"), address("d", "198.51.7.1"), tlp=TLP.RED)
    ministry.keep(observable(stix, "domain-name", "e", value="www.a.example"), tlp=TLP.GREEN)
    ministry.keep(observable(stix, "url", "f", value="http://b.a.example/x"), tlp=TLP.RED)

    def ways(kind: str, text: str, clearance: TLP) -> list[tuple[str, int, bool]]:
        found = ministry.exchange.list_pivots(ministry.reader(clearance), verbs.read_observables(text, kind)[0])
        return [(each.observable.text, each.count, each.more) for each in found]

    assert ways("ipv4-addr", "198.51.100.7", TLP.GREEN) == [("198.51.100.0/24", 1, False), ("198.51.0.0/16", 1, False)]
    assert ways("ipv4-addr", "198.51.100.7", TLP.RED) == [("198.51.100.0/24", 2, False), ("198.51.0.0/16", 3, False)]
    assert ways("ipv4-addr", "203.0.113.1", TLP.RED) == []
    assert ways("domain-name", "c.a.example", TLP.GREEN) == [("a.example", 1, False)]
    assert ways("domain-name", "c.a.example", TLP.RED) == [("a.example", 2, False)]
    assert ways("url", "http://www.a.example/y", TLP.GREEN) == [("a.example", 1, False)]
    assert ways("email-addr", "x@a.example", TLP.GREEN) == [("a.example", 1, False)]
    assert ways("md5", MD5, TLP.RED) == []


def test_when_it_was_named_first_and_last(ministry: Any, stix: Any) -> None:
    for minute in range(2):
        ministry.keep(stix.make("a", minute=minute, **pattern("[domain-name:value = 'a.example']")), tlp=TLP.GREEN)
    view = ministry.exchange.get_observable(ministry.reader(), "domain-name", "a.example")
    assert 0 < view.first_at <= view.last_at
    ministry.keep(stix.make("b", **pattern("[domain-name:value = 'a.example']")), tlp=TLP.RED)
    low = ministry.exchange.get_observable(ministry.reader(TLP.GREEN), "domain-name", "a.example")
    assert (low.first_at, low.last_at) == (view.first_at, view.last_at)
    nothing = ministry.exchange.get_observable(ministry.reader(), "domain-name", "b.example")
    assert (nothing.first_at, nothing.last_at) == (0, 0)
