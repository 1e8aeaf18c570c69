"""Acting on many: foreseen as it happens, each object settled once, taken back where that is honest."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.exchange.model.acting import Act
from kouprey.exchange.model.searching import Search
from kouprey.exchange.service import settling
from kouprey.exchange.store import acting as rows
from kouprey.kernel.words.errors import Damaged, Forbidden, Refused, TooLarge, Unknown
from kouprey.kernel.words.tlp import TLP


def _ours(party: Any, stix: Any, name: str, kind: str = "indicator", **more: Any) -> bytes:
    made: bytes = stix.make(name, kind, created_by_ref=party.people.home().card.identities[0], **more)
    return made


def _listed(party: Any, collection: str) -> set[str]:
    found = party.exchange.list_objects(party.reader(), collection=collection, limit=1_000)
    return {head.stix_id for head in found.heads}


def _act(party: Any, act: Act, ids: list[str], who: Any = None, **more: Any) -> Any:
    foreseen = party.exchange.foresee(who or party.reader(), act, ids)
    deed = party.exchange.begin_deed(who or party.reader(), act, ids, by="ann", **more)
    if deed.ended:
        done = party.exchange.list_deed_items(deed.id, by="ann", fates=["done"])
        assert {item.stix_id for item, _ in done} == set(foreseen.will), "what was said is what happened"
        left = party.exchange.list_deed_items(deed.id, by="ann", fates=["left"])
        assert {item.stix_id: why for item, why in left} == {each.stix_id: each.because[0] for each in foreseen.wont}
    return deed


def test_what_joins_a_collection_leaves_it_again_and_what_was_in_it_stays(ministry: Any, stix: Any) -> None:
    ministry.keep(stix.make("a"), stix.make("b"), stix.make("red"), tlp=TLP.GREEN)
    ministry.keep(stix.make("secret"), tlp=TLP.RED)
    feed = ministry.exchange.create_collection("feed", by="test")
    a, b, secret = (stix.id("indicator", name) for name in ("a", "b", "secret"))
    green = ministry.reader(TLP.GREEN)
    collect = Act(kind="collect", collection=feed.id)
    first = _act(ministry, collect, [a])
    assert _listed(ministry, "feed") == {a} and first.counts == {"done": 1}
    deed = _act(ministry, collect, [a, b, secret, "indicator--nowhere"], green)
    assert _listed(ministry, "feed") == {a, b}
    whys = {i.stix_id: w.code for i, w in ministry.exchange.list_deed_items(deed.id, by="ann", fates=["left"])}
    assert whys == {a: "in-it", secret: "unknown-object", "indicator--nowhere": "unknown-object"}
    page = ministry.exchange.page(ministry.reader(), "feed")
    assert [row.stix_id for row in page.rows] == [a, b], "a client that polls meets what joined later, later"
    back = ministry.exchange.undo_deed(green, deed.id, by="ann")
    assert back.ended and _listed(ministry, "feed") == {a}
    with pytest.raises(Refused, match="already"):
        ministry.exchange.undo_deed(green, deed.id, by="ann")
    out = _act(ministry, Act(kind="release", collection=feed.id), [a, b])
    assert _listed(ministry, "feed") == set() and out.counts == {"done": 1, "left": 1}
    ministry.exchange.undo_deed(ministry.reader(), out.id, by="ann")
    assert _listed(ministry, "feed") == {a}
    main = Act(kind="collect", collection="main")
    with pytest.raises(Refused, match="by hand"):
        ministry.exchange.foresee(ministry.reader(), main, [a])


def test_nothing_joins_an_archived_collection_and_what_is_in_it_may_leave(ministry: Any, stix: Any) -> None:
    ministry.keep(stix.make("a", "campaign"), stix.make("b", "campaign"))
    a, b = (stix.id("campaign", name) for name in "ab")
    ministry.exchange.create_collection("old", by="test")
    _act(ministry, Act(kind="collect", collection="old"), [a])
    ministry.exchange.archive_collection("old", by="test")
    with pytest.raises(Refused, match="archived"):
        ministry.exchange.foresee(ministry.reader(), Act(kind="collect", collection="old"), [b])
    _act(ministry, Act(kind="release", collection="old"), [a])
    ministry.exchange.restore_collection("old", by="test")
    assert _listed(ministry, "old") == set()


def test_a_strict_collection_takes_only_what_keeps_the_standard(ministry: Any, stix: Any) -> None:
    ministry.keep(stix.make("good", "campaign"), stix.make("odd", "campaign", first_seen="yesterday"))
    ministry.exchange.create_collection("strict", strict=True, by="test")
    ids = [stix.id("campaign", name) for name in ("good", "odd")]
    _act(ministry, Act(kind="collect", collection="strict"), ids)
    assert _listed(ministry, "strict") == {ids[0]}


def test_notes_and_opinions_are_told_once_and_revoked_when_taken_back(ministry: Any, operator: Any, stix: Any) -> None:
    agreement = stix.agree(operator, ministry, tlp_ceiling="amber")
    operator.keep(stix.make("a"), stix.make("b"), tlp=TLP.GREEN)
    ids = [stix.id("indicator", name) for name in ("a", "b")]
    operator.exchange.publish(agreement, ids, by="test")
    stix.hand_over(operator, ministry)
    who = ministry.reader()
    act = Act(kind="false-positive", text="A scanner of ours.")
    assert ministry.exchange.foresee(who, act, ids).parties == ("operator.example",)
    deed = _act(ministry, act, ids)
    assert deed.ended and deed.counts == {"done": 2} and len(ministry.outgoing()) == 3, "with who we are"
    made = [item.made[0] for item, _ in ministry.exchange.list_deed_items(deed.id, by="ann")]
    weighed = ministry.exchange.weigh(who, ministry.exchange.get_object(who, ids[0]))
    (said,) = weighed.comments
    assert said.opinion == "strongly-disagree" and said.text == "False positive. A scanner of ours."
    back = ministry.exchange.undo_deed(who, deed.id, by="ann")
    assert back.counts == {"done": 2} and len(ministry.outgoing()) == 5, "whoever was told learns that it is revoked"
    for each in made:
        found = ministry.exchange.get_object(who, each)
        assert found.newest.served.revoked and len(found.versions) == 2
    with pytest.raises(Refused, match="cannot be taken back"):
        ministry.exchange.undo_deed(who, back.id, by="ann")


def test_seen_is_said_of_what_stix_can_sight(ministry: Any, stix: Any) -> None:
    ministry.keep(stix.make("a"), stix.make("h", "domain-name", value="a.example"))
    deed = _act(ministry, Act(kind="seen"), [stix.id("indicator", "a"), stix.id("domain-name", "h")])
    assert deed.counts == {"done": 1, "left": 1}
    assert ministry.exchange.get_object(ministry.reader(), stix.id("indicator", "a")).times_seen == 1


def test_only_what_is_ours_is_revoked_and_whoever_has_it_is_told(ministry: Any, operator: Any, stix: Any) -> None:
    agreement = stix.agree(ministry, operator, tlp_ceiling="amber")
    ministry.exchange.create_collection("feed", by="test")
    ministry.keep(_ours(ministry, stix, "a"), tlp=TLP.GREEN, into=["feed"])
    ministry.keep(stix.make("theirs"), _ours(ministry, stix, "gone", revoked=True), tlp=TLP.GREEN)
    ids = [stix.id("indicator", name) for name in ("a", "theirs", "gone")]
    ministry.exchange.publish(agreement, ids[:1], by="test")
    deed = _act(ministry, Act(kind="revoke"), ids)
    whys = [why.code for _, why in ministry.exchange.list_deed_items(deed.id, by="ann", fates=["left"])]
    assert whys == ["not-ours", "revoked-already"]
    found = ministry.exchange.get_object(ministry.reader(), ids[0])
    assert found.newest.served.revoked and found.newest.tlp is TLP.GREEN
    assert len(ministry.outgoing()) == 2 and b'"revoked":true' in ministry.outgoing()[-1].content
    # Whoever reads the collection it was put into has to learn of it too.
    assert ministry.exchange.page(ministry.reader(), "feed").rows[0].version_text == found.newest.version_text
    with pytest.raises(Refused, match="for good"):
        ministry.exchange.undo_deed(ministry.reader(), deed.id, by="ann")


def test_publishing_many_is_foreseen_by_the_gate_itself(ministry: Any, operator: Any, stix: Any) -> None:
    agreement = stix.agree(ministry, operator, tlp_ceiling="green")
    ministry.keep(stix.make("a"), tlp=TLP.GREEN)
    ministry.keep(stix.make("red"), tlp=TLP.RED)
    ids = [stix.id("indicator", name) for name in ("a", "red")]
    act = Act(kind="publish", agreement=agreement)
    foreseen = ministry.exchange.foresee(ministry.reader(), act, ids)
    assert foreseen.will == (ids[0],) and foreseen.parties == ("operator.example",)
    assert ministry.outgoing() == [], "nothing has happened yet"
    deed = _act(ministry, act, ids)
    assert deed.counts == {"done": 1, "left": 1} and len(ministry.outgoing()) == 1
    assert _act(ministry, act, ids[:1]).counts == {"left": 1}, "it is given once"
    with pytest.raises(Refused, match="recall"):
        ministry.exchange.undo_deed(ministry.reader(), deed.id, by="ann")


def test_holds_are_for_those_who_see_everything_and_are_lifted_again(ministry: Any, stix: Any) -> None:
    ministry.keep(stix.make("a"), stix.make("b"))
    ids, who = [stix.id("indicator", name) for name in ("a", "b")], ministry.reader()
    act = Act(kind="hold", text="Case 12")
    with pytest.raises(Forbidden):
        ministry.exchange.begin_deed(ministry.reader(TLP.AMBER), act, ids, by="ann")
    deed = _act(ministry, act, ids)
    assert {hold.what for hold in ministry.exchange.list_holds(who)} == set(ids)
    assert _act(ministry, act, ids).counts == {"left": 2}
    assert ministry.exchange.undo_deed(who, deed.id, by="ann").counts == {"done": 2}
    assert ministry.exchange.list_holds(who) == []


def test_a_deed_is_done_in_steps_and_goes_on_where_it_stopped(
    ministry: Any, stix: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settling, "STEP", 2)
    names = [f"n{number}" for number in range(7)]
    ministry.keep(*(stix.make(name) for name in names))
    ids = [stix.id("indicator", name) for name in names]
    who = ministry.reader()
    deed = ministry.exchange.begin_deed(who, Act(kind="note", text="Seen."), ids, by="ann", seconds=0)
    assert deed.settled == 2 and not deed.ended and not deed.may_undo
    with pytest.raises(Refused, match="not finished"):
        ministry.exchange.undo_deed(who, deed.id, by="ann")
    deed = ministry.exchange.carry_on(who, deed.id, by="ann", seconds=0)
    assert deed.settled == 4
    # Whoever stopped between keeping a note and saying so has kept it once: it is told and settled, not made again.
    with ministry.store.read() as reader:
        item = rows.list_items(reader, deed.id, ("waiting",), 1)[0]
    real = ministry.exchange._tell
    monkeypatch.setattr(type(ministry.exchange), "_settle", lambda *_args, **_more: (_ for _ in ()).throw(Stopped()))
    with pytest.raises(Stopped):
        ministry.exchange.carry_on(who, deed.id, by="ann", seconds=0)
    monkeypatch.undo()
    assert real == ministry.exchange._tell
    ministry.store.write(lambda tx: rows.release(tx, deed.id))
    deed = ministry.exchange.carry_on(who, deed.id, by="ann", seconds=30)
    assert deed.ended and deed.counts == {"done": 7}
    notes = ministry.exchange.list_objects(who, types=["note"], limit=100).heads
    assert len(notes) == 7 and item.stix_id in ids


class Stopped(BaseException):
    """The process is gone."""


def test_two_at_once_do_nothing_twice(ministry: Any, stix: Any) -> None:
    ministry.keep(stix.make("a"))
    who, wanted = ministry.reader(), stix.id("indicator", "a")
    deed = ministry.exchange.begin_deed(who, Act(kind="note", text="x"), [wanted], by="ann", seconds=0)
    with ministry.store.read() as reader:
        (item,) = rows.list_items(reader, deed.id, ("done",), 1)
    again = type(item)(place=item.place, stix_id=wanted, fate="waiting", made=(), tell=(), because="")
    with pytest.raises(settling.OvertakenError):
        ministry.exchange._settle_one(deed, who, again)
    assert len(ministry.exchange.list_objects(who, types=["note"]).heads) == 1, "what was made again is rolled back"
    assert not ministry.store.write(lambda tx: rows.hold(tx, "deed_none", 1, 2))


def test_the_job_goes_on_as_whoever_began_and_stops_when_they_may_not(
    ministry: Any, stix: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(settling, "STEP", 1)
    people = ministry.people
    ann = people.save_person("Ann", ("analyst",), TLP.AMBER, by="test")
    ministry.keep(stix.make("a"), stix.make("b"), stix.make("c"))
    ids, who = [stix.id("indicator", name) for name in "abc"], people.reader_of(ann)
    deed = ministry.exchange.begin_deed(who, Act(kind="note", text="x"), ids, by=ann.id, seconds=0)
    people.save_person("Ann", ("policy",), TLP.AMBER, by="test")
    ministry.exchange.go_on()
    stuck = ministry.exchange.get_deed(deed.id, by=ann.id)
    assert stuck.settled == 1 and "may not" in stuck.trouble
    people.save_person("Ann", ("analyst",), TLP.AMBER, by="test")
    ministry.exchange.carry_on(who, deed.id, by=ann.id, seconds=0)
    ministry.exchange.go_on()
    assert ministry.exchange.get_deed(deed.id, by=ann.id).counts == {"done": 3}


def test_what_makes_no_sense_is_refused_before_anything_happens(ministry: Any, stix: Any) -> None:
    ministry.keep(stix.make("a"))
    who, ids = ministry.reader(), [stix.id("indicator", "a")]
    for act, given, error in (
        (Act(kind="note", text=" "), ids, Damaged),
        (Act(kind="note", text="x" * 10_001), ids, Damaged),
        (Act(kind="opinion", opinion="perhaps"), ids, Damaged),
        (Act(kind="collect", collection="nowhere"), ids, Unknown),
        (Act(kind="publish", agreement="agr_none"), ids, Unknown),
        (Act(kind="lift"), ids, Damaged),
        (Act(kind="hold"), ids, Damaged),
        (Act(kind="note", text="x"), [], Refused),
        (Act(kind="note", text="x"), [f"indicator--{n}" for n in range(1_001)], TooLarge),
    ):
        with pytest.raises(error):
            ministry.exchange.begin_deed(who, act, given, by="ann")
    with pytest.raises(Forbidden):
        ministry.exchange.foresee(ministry.foreign("operator.example"), Act(kind="note", text="x"), ids)
    assert ministry.exchange.list_deeds(by="ann") == []


def test_a_deed_is_shown_to_whoever_did_it(ministry: Any, stix: Any) -> None:
    ministry.keep(stix.make("a"))
    deed = ministry.exchange.begin_deed(
        ministry.reader(), Act(kind="note", text="x"), [stix.id("indicator", "a")], by="ann"
    )
    assert [each.id for each in ministry.exchange.list_deeds(by="ann")] == [deed.id]
    assert ministry.exchange.list_deeds(by="bob") == []
    for verb in (ministry.exchange.get_deed, ministry.exchange.list_deed_items):
        with pytest.raises(Unknown):
            verb(deed.id, by="bob")


def test_all_hits_of_a_search_up_to_a_bound(ministry: Any, stix: Any) -> None:
    ministry.keep(*(stix.make(f"n{number}") for number in range(12)), stix.make("t", "tool"))
    search = Search(types=("indicator",))
    found, more = ministry.exchange.find_subjects(ministry.reader(), search)
    assert len(set(found)) == 12 and not more
    found, more = ministry.exchange.find_subjects(ministry.reader(), search, most=5)
    assert len(found) == 5 and more
