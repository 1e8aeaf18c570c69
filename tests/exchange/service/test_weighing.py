"""What is said about an object and what it is worth: over what the reader sees, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.exchange.rules.fading import DAY
from kouprey.kernel.words.time import format_instant, wall_clock
from kouprey.kernel.words.tlp import TLP


@pytest.fixture
def claimed(ministry: Any, stix: Any) -> Any:
    """An indicator that two feeds state unequally, the second in secret; open and secret words about it."""
    pattern = {"pattern": "[ipv4-addr:value = '198.51.100.7']", "pattern_type": "stix"}
    ministry.keep(stix.make("a", confidence=80, **pattern), tlp=TLP.GREEN, source="open.json")
    ministry.keep(stix.make("a", confidence=20, **pattern, description="canary"), tlp=TLP.RED, source="canary.json")
    about = {"object_refs": [stix.id("indicator", "a")]}
    ministry.keep(
        stix.make("n", "note", content="an open note", **about),
        stix.make("s", "sighting", sighting_of_ref=about["object_refs"][0], count=3),
        tlp=TLP.GREEN,
        source="open.json",
    )
    ministry.keep(
        stix.make("canary-note", "note", content="canary", **about),
        stix.make("canary-view", "opinion", opinion="strongly-disagree", explanation="canary", **about),
        stix.make("canary-seen", "sighting", sighting_of_ref=about["object_refs"][0], count=77),
        tlp=TLP.RED,
        source="canary.json",
    )
    return ministry


def weigh(party: Any, stix: Any, clearance: TLP = TLP.RED, name: str = "a") -> Any:
    who = party.reader(clearance)
    return party.exchange.weigh(who, party.exchange.get_object(who, stix.id("indicator", name)))


def test_who_says_what_and_how_sure(claimed: Any, stix: Any) -> None:
    made = weigh(claimed, stix)
    told = [
        (assertion.source.name, assertion.confidence, assertion.body, assertion.served) for assertion in made.assertions
    ]
    assert told == [("open.json", 80, 1, True), ("canary.json", 20, 2, False)]
    told = sorted((each.kind, each.times) for each in made.comments)
    assert told == [("note", 0), ("note", 0), ("opinion", 0), ("sighting", 3), ("sighting", 77)]
    assert made.assessment.score < 20 and made.assessment.state == "doubted"


def test_nothing_hidden_is_told_counted_or_weighed(claimed: Any, stix: Any) -> None:
    made = weigh(claimed, stix, TLP.GREEN)
    assert "canary" not in repr(made) and "77" not in repr([each.times for each in made.comments])
    assert [(assertion.source.name, assertion.confidence) for assertion in made.assertions] == [("open.json", 80)]
    assert [(each.kind, each.text) for each in made.comments if each.kind == "note"] == [("note", "an open note")]
    claimed.keep(stix.make("b", confidence=80, pattern="[ipv4-addr:value = '198.51.100.7']"), tlp=TLP.GREEN)
    alone = weigh(claimed, stix, TLP.GREEN, "b").assessment
    assert (made.assessment.score, made.assessment.state) == (alone.score, alone.state), "as if nothing were hidden"


def test_a_new_version_or_a_revocation_replaces_a_comment(claimed: Any, stix: Any) -> None:
    about = {"object_refs": [stix.id("indicator", "a")]}
    claimed.keep(stix.make("n", "note", content="better", minute=5, **about), tlp=TLP.GREEN)
    assert [each.text for each in weigh(claimed, stix, TLP.GREEN).comments if each.kind == "note"] == ["better"]
    claimed.keep(stix.make("n", "note", content="gone", minute=6, revoked=True, **about), tlp=TLP.GREEN)
    assert not [each for each in weigh(claimed, stix, TLP.GREEN).comments if each.kind == "note"]


def test_a_remote_clock_makes_nothing_younger(ministry: Any, stix: Any) -> None:
    later = format_instant(wall_clock() + 900 * DAY)
    earlier = format_instant(wall_clock() - 60 * DAY)
    pattern = {"pattern": "[ipv4-addr:value = '198.51.100.7']", "confidence": 80}
    ministry.keep(
        stix.make("a", created=earlier, modified=later, **pattern),
        stix.make("b", created=earlier, modified=earlier, **pattern),
    )
    assert weigh(ministry, stix).assessment.score == 80
    assert weigh(ministry, stix, name="b").assessment.score == 20
    seen = {"sighting_of_ref": stix.id("indicator", "b"), "last_seen": later}
    ministry.keep(stix.make("s", "sighting", created=earlier, modified=earlier, **seen))
    made = weigh(ministry, stix, name="b").assessment
    assert made.score == 80 and "last seen" in " ".join(map(str, made.because))


def test_what_ends_soon_is_what_the_reader_sees(ministry: Any, stix: Any) -> None:
    def ends(days: float) -> dict[str, str]:
        return {"valid_until": format_instant(wall_clock() + round(days * DAY))}

    ministry.keep(
        stix.make("past", **ends(-1)),
        stix.make("third", **ends(3)),
        stix.make("first", **ends(1)),
        stix.make("later", **ends(8)),
        stix.make("renewed", **ends(2)),
        stix.make("renewed", minute=1, **ends(30)),
        stix.make("gone", **ends(2), revoked=True),
        stix.make("odd", valid_until="soon"),
        tlp=TLP.GREEN,
    )
    ministry.keep(stix.make("canary", **ends(2)), tlp=TLP.RED)
    low = ministry.exchange.list_ending(ministry.reader(TLP.GREEN))
    assert [each.title for each in low] == ["first", "third"]
    assert [each.title for each in ministry.exchange.list_ending(ministry.reader())] == ["first", "canary", "third"]
    assert len(ministry.exchange.list_ending(ministry.reader(), limit=1)) == 1


def test_a_value_is_worth_what_those_who_state_it_say(claimed: Any, stix: Any) -> None:
    def worth(clearance: TLP, text: str = "198.51.100.7") -> Any:
        who = claimed.reader(clearance)
        return claimed.exchange.weigh_observable(who, claimed.exchange.get_observable(who, "ipv4-addr", text))

    low, high = worth(TLP.GREEN)[0], worth(TLP.RED)[0]
    assert "canary" not in repr(low) and low.state != "doubted" and high.state == "doubted"
    assert any("80 of 100" in str(ground) for ground in low.because)
    assert worth(TLP.RED, "198.51.100.9") is None
    claimed.keep(stix.make("r", "report", external_references=[{"source_name": "cve", "external_id": "CVE-2026-1234"}]))
    view = claimed.exchange.get_observable(claimed.reader(), "cve", "CVE-2026-1234")
    assert view.occurrences and claimed.exchange.weigh_observable(claimed.reader(), view) is None
