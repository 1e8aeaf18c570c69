"""Receiving: new, repeat, conflict, variant, refused; labels never looser than markings; authorship."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from kouprey.kernel.words.tlp import TLP


def verdicts(outcomes: list[Any]) -> list[str]:
    return [outcome.verdict for outcome in outcomes]


def test_new_then_repeats_then_conflict(ministry: Any, stix: Any) -> None:
    raw = stix.make("a")
    spaced = msgspec.json.format(raw, indent=2)
    other = stix.make("a", description="other")
    first = ministry.keep(raw, raw, spaced, other, other)
    assert verdicts(first) == ["new", "repeat", "repeat", "conflict", "repeat"]
    assert [outcome.byte_equal for outcome in first] == [False, True, False, False, True]
    again = ministry.keep(raw, spaced, other)
    assert verdicts(again) == ["repeat", "repeat", "repeat"]
    assert all(outcome.position == 0 for outcome in again)
    (version,) = ministry.exchange.get_object(ministry.reader(), stix.id("indicator", "a")).versions
    assert [body.raw for body in version.bodies] == [raw, other]
    assert version.served.raw == raw


def test_versions_are_told_apart_by_instant_not_by_text(ministry: Any, stix: Any) -> None:
    raw = stix.make("a")
    same_instant = raw.replace(b'"modified":"2026-11-22T09:00:00.000Z"', b'"modified":"2026-11-22T09:00:00Z"')
    assert verdicts(ministry.keep(raw, same_instant, stix.make("a", minute=1))) == ["new", "conflict", "new"]


def test_observables_have_variants_and_never_conflicts(ministry: Any, stix: Any) -> None:
    one = msgspec.json.encode({"type": "url", "id": stix.id("url", "u"), "value": "https://a.example"})
    two = msgspec.json.encode({"type": "url", "id": stix.id("url", "u"), "value": "https://b.example"})
    assert verdicts(ministry.keep(one, two, one)) == ["new", "variant", "repeat"]


def test_one_position_for_each_version_and_its_memberships(ministry: Any, stix: Any) -> None:
    ministry.exchange.create_collection("feed", by="test")
    outcomes = ministry.keep(stix.make("a"), stix.make("b"), into=["feed"])
    assert outcomes[1].position == outcomes[0].position + 1
    for collection in ("main", "feed"):
        page = ministry.exchange.page(ministry.reader(), collection)
        assert [row.position for row in page.rows] == [outcome.position for outcome in outcomes]


def test_a_repeat_joins_a_further_collection_as_news_there(ministry: Any, stix: Any) -> None:
    ministry.keep(stix.make("a"))
    last = ministry.exchange.page(ministry.reader(), "main").rows[-1].position
    ministry.exchange.create_collection("late", by="test")
    ministry.keep(stix.make("a"), into=["late"])
    assert [row.position for row in ministry.exchange.page(ministry.reader(), "main").rows] == [last]
    (row,) = ministry.exchange.page(ministry.reader(), "late").rows
    assert row.position > last


def test_a_further_label_makes_the_version_news_again(ministry: Any, stix: Any) -> None:
    ministry.keep(stix.make("a"), tlp=TLP.RED)
    low = ministry.reader(TLP.GREEN)
    assert ministry.poll(low) == ([], 0)
    high_after = ministry.poll(ministry.reader())[1]
    (outcome,) = ministry.keep(stix.make("a"), tlp=TLP.GREEN, source="second.json")
    assert outcome.verdict == "repeat" and outcome.position > high_after
    assert ministry.poll(low)[0] == [stix.make("a")]
    assert ministry.exchange.counts(low).total == 1


@pytest.mark.parametrize("marked", list(TLP))
@pytest.mark.parametrize("given_level", list(TLP))
def test_label_is_never_looser_than_a_marking(found_party: Any, stix: Any, marked: TLP, given_level: TLP) -> None:
    party = found_party("ministry.example")
    party.keep(stix.make("a", tlp=marked), tlp=given_level)
    view = party.exchange.get_object(party.reader(), stix.id("indicator", "a"))
    assert view.newest.tlp == max(marked, given_level)


def test_markings_defined_by_held_objects_count(ministry: Any, stix: Any) -> None:
    mine = stix.id("marking-definition", "our red")
    definition = msgspec.json.encode(
        {
            "type": "marking-definition",
            "spec_version": "2.1",
            "id": mine,
            "created": "2026-11-22T09:00:00.000Z",
            "definition_type": "tlp",
            "definition": {"tlp": "red"},
        }
    )
    before = stix.make("before", object_marking_refs=[mine])
    ministry.keep(before, definition)
    ministry.keep(stix.make("after", object_marking_refs=[mine]))
    for name in ("before", "after"):
        assert ministry.exchange.get_object(ministry.reader(), stix.id("indicator", name)).newest.tlp is TLP.RED


def test_standard_definitions_are_open_to_all(ministry: Any, stix: Any) -> None:
    red = stix.MARKING[TLP.RED]
    raw = msgspec.json.encode(
        {
            "type": "marking-definition",
            "spec_version": "2.1",
            "id": red,
            "created": "2022-10-01T00:00:00.000Z",
            "name": "TLP:RED",
            "extensions": {
                "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d": {
                    "extension_type": "property-extension",
                    "tlp_2_0": "red",
                }
            },
        }
    )
    ministry.keep(raw, tlp=TLP.AMBER_STRICT)
    assert ministry.exchange.get_object(ministry.reader(TLP.CLEAR), red).newest.tlp is TLP.CLEAR


def test_versions_are_reserved_to_the_party_whose_card_lists_the_creator(
    ministry: Any, operator: Any, neighbour: Any, stix: Any
) -> None:
    stix.agree(ministry, operator, neighbour)
    theirs = stix.make("a", created_by_ref=stix.id("identity", "operator.example"))
    (by_us, by_neighbour) = (
        ministry.keep(theirs)[0],
        ministry.keep(theirs, owner="neighbour.example", source="neighbour.example")[0],
    )
    assert by_us.error.code == by_neighbour.error.code == "reserved-author"
    assert ministry.keep(theirs, owner="operator.example", source="operator.example")[0].verdict == "new"
    # Who says the same as the author adds a voice; a new version, even one without a creator, is not his to give.
    assert ministry.keep(theirs)[0].verdict == "repeat"
    assert ministry.keep(stix.make("a", minute=1))[0].error.code == "reserved-author"


def test_the_authors_body_is_served_even_when_it_comes_second(ministry: Any, operator: Any, stix: Any) -> None:
    mine = stix.id("identity", "operator.example")
    early = stix.make("a", created_by_ref=mine, description="as somebody copied it")
    ministry.keep(early)
    stix.agree(ministry, operator)
    after = ministry.poll(ministry.reader())[1]
    own = stix.make("a", created_by_ref=mine, description="as its author wrote it")
    (outcome,) = ministry.keep(own, owner="operator.example", source="operator.example")
    assert outcome.verdict == "conflict" and outcome.position > after
    assert ministry.poll(ministry.reader(), after)[0] == [own]


def test_too_many_bodies_are_refused(found_party: Any, stix: Any) -> None:
    party = found_party("ministry.example")
    outcomes = party.keep(*(stix.make("a", description=str(n)) for n in range(103)))
    assert [o.error.code for o in outcomes if o.error] == ["too-many-bodies"] * 3
    assert len(party.exchange.get_object(party.reader(), stix.id("indicator", "a")).newest.bodies) == 100


def test_what_is_said_where_one_may_not_see_moves_nothing(ministry: Any, stix: Any) -> None:
    """A position is shared by all readers: one that moves would betray to the low that something was said."""
    ministry.keep(stix.make("one", description="open"), tlp=TLP.CLEAR)
    ministry.keep(stix.make("two"), tlp=TLP.CLEAR)
    low, high = ministry.reader(TLP.GREEN), ministry.reader(TLP.RED)
    _, last = ministry.poll(low)
    before = ministry.exchange.list_objects(low).heads
    (said,) = ministry.keep(stix.make("one", description="canary"), tlp=TLP.RED, source="canary.json")
    assert (said.verdict, said.position) == ("conflict", 0)
    assert ministry.exchange.list_objects(low).heads == before and ministry.poll(low, last)[0] == []
    assert ministry.exchange.list_objects(low, text="canary").heads == ()
    # It is found as before, and whoever may see it sees both.
    assert [head.stix_id for head in ministry.exchange.list_objects(low, text="open").heads] == [
        stix.id("indicator", "one")
    ]
    assert len(ministry.exchange.get_object(high, stix.id("indicator", "one")).versions[0].bodies) == 2
    # What opens it to somebody is news as ever.
    ministry.keep(stix.make("three"), tlp=TLP.RED)
    (opened,) = ministry.keep(stix.make("three"), tlp=TLP.GREEN)
    assert opened.position > 0 and len(ministry.poll(low, last)[0]) == 1
