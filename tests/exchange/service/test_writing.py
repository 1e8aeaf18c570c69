"""Writing by hand: kept whole, by ourselves, edited by nobody else, taken back and brought back by new versions."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from kouprey.agreements.model import Group
from kouprey.exchange.model.writing import Draft
from kouprey.kernel.words.errors import Damaged, Refused, Unknown
from kouprey.kernel.words.safejson import decode
from kouprey.kernel.words.tlp import PAP, TLP

VALUES = ("203.0.113.7", "hxxps://login[.]bad[.]test/x")
PATTERN = "[ipv4-addr:value = '203.0.113.7'] OR [url:value = 'https://login.bad.test/x']"


def indicator(**more: Any) -> Draft:
    return Draft(**{"kind": "indicator", "values": VALUES, "tlp": TLP.GREEN} | more)


def view(party: Any, stix_id: str) -> Any:
    return party.exchange.get_object(party.reader(), stix_id)


def body(party: Any, stix_id: str) -> Any:
    return decode(view(party, stix_id).newest.served.raw)


def write(party: Any, draft: Draft) -> Any:
    return party.exchange.write(draft, who=party.reader(), by="ann")


def test_an_indicator_with_what_it_indicates(ministry: Any, stix: Any) -> None:
    ministry.keep(stix.make("Wick", "malware", is_family=True))
    malware = stix.id("malware", "Wick")
    draft = indicator(why="In a sample of ours.", links=(malware,), types=("malicious-activity",), pap=PAP.AMBER)
    looked = ministry.exchange.look(draft, ministry.reader())
    assert (looked.pattern, looked.problems) == (PATTERN, ())
    assert [taken.kind for _given, taken in looked.values] == ["ipv4-addr", "url"]
    assert ministry.exchange.counts(ministry.reader()).total == 1
    made = write(ministry, draft)
    kept, (tie,) = body(ministry, made.stix_id), made.with_it
    assert kept["pattern"] == PATTERN and kept["name"] == "203.0.113.7"
    assert kept["created_by_ref"] == stix.id("identity", "ministry.example")
    assert kept["description"] == "How we know: In a sample of ours."
    said = body(ministry, tie)
    assert (said["relationship_type"], said["source_ref"], said["target_ref"]) == ("indicates", made.stix_id, malware)
    label = view(ministry, made.stix_id).newest.served.assertions[0].label
    assert (label.tlp, label.pap, label.owner) == (TLP.GREEN, PAP.AMBER, "ministry.example")
    for each in (made.stix_id, tie):
        assert not view(ministry, each).newest.served.findings
    assert ministry.exchange.ask_of(ministry.reader(), view(ministry, made.stix_id)).score == 65


def test_our_own_gets_a_next_version_and_what_stays_the_same_is_said(ministry: Any, stix: Any) -> None:
    made = write(ministry, indicator())
    found, draft = ministry.exchange.draft_again(ministry.reader(), made.stix_id)
    assert draft.values == ("203.0.113.7", "https://login.bad.test/x") and draft.pattern == ""
    seen = found.newest.instant

    def revise(draft: Draft, seen: int = seen) -> Any:
        return ministry.exchange.revise(made.stix_id, draft, seen=seen, who=ministry.reader(), by="bob")

    with pytest.raises(Refused, match="Nothing was changed"):
        revise(draft)
    revise(msgspec.structs.replace(draft, action="Block it.", tlp=TLP.AMBER, pap=PAP.RED))
    now = view(ministry, made.stix_id)
    assert len(now.versions) == 2 and now.newest.tlp is TLP.AMBER
    label = now.newest.served.assertions[0].label
    assert (label.pap, label.agreement) == (PAP.RED, "")
    assert body(ministry, made.stix_id)["description"] == "What to do: Block it."
    with pytest.raises(Refused, match="changed since"):
        revise(draft)
    with pytest.raises(Damaged):
        revise(msgspec.structs.replace(draft, values=("???",)), now.newest.instant)
    # The former one still has the level it was written under.
    assert ministry.exchange.get_object(ministry.reader(TLP.GREEN), made.stix_id).newest.tlp is TLP.GREEN


def test_a_relation_is_added_once(ministry: Any, stix: Any) -> None:
    ministry.keep(stix.make("Wick", "malware", is_family=True))
    malware = stix.id("malware", "Wick")
    made = write(ministry, indicator(links=(malware,)))
    found, draft = ministry.exchange.draft_again(ministry.reader(), made.stix_id)
    again = msgspec.structs.replace(draft, links=(malware,), why="In a sample of ours.")
    done = ministry.exchange.revise(made.stix_id, again, seen=found.newest.instant, who=ministry.reader(), by="bob")
    assert done.with_it == ()


def test_nobody_edits_what_others_have_made(ministry: Any, operator: Any, stix: Any) -> None:
    agreement = stix.agree(ministry, operator)
    theirs = operator.exchange.write(indicator(), who=operator.reader(), by="oak")
    operator.exchange.publish(agreement, [theirs.stix_id], by="oak")
    ministry.store.write(lambda tx: ministry.exchange.apply(tx, operator.outgoing()))
    ministry.keep(stix.make("nobody's"))
    for stix_id in (theirs.stix_id, stix.id("indicator", "nobody's")):
        assert not ministry.exchange.may_edit(view(ministry, stix_id))
        with pytest.raises(Refused, match="not ours"):
            ministry.exchange.draft_again(ministry.reader(), stix_id)
        with pytest.raises(Refused, match="not ours"):
            ministry.exchange.revoke(stix_id, who=ministry.reader(), by="ann")
        with pytest.raises(Refused, match="not ours"):
            ministry.exchange.restore(stix_id, 0, who=ministry.reader(), by="ann")
    mine = write(ministry, indicator(tlp=TLP.AMBER))
    with pytest.raises(Unknown):
        ministry.exchange.draft_again(ministry.reader(TLP.GREEN), mine.stix_id)
    with pytest.raises(Refused, match="not ours"):
        ministry.exchange.revoke(mine.stix_id, with_it=(theirs.stix_id,), who=ministry.reader(), by="ann")
    assert not view(ministry, mine.stix_id).newest.served.revoked


def test_it_is_taken_back_and_brought_back(ministry: Any, stix: Any) -> None:
    ministry.keep(stix.make("Wick", "malware", is_family=True))
    made = write(ministry, indicator(links=(stix.id("malware", "Wick"),)))
    first = view(ministry, made.stix_id).newest.instant
    done = ministry.exchange.revoke(made.stix_id, with_it=made.with_it, who=ministry.reader(), by="ann")
    assert done.with_it == made.with_it
    for each in (made.stix_id, *made.with_it):
        now = view(ministry, each)
        assert now.newest.served.revoked and len(now.versions) == 2 and now.newest.tlp is TLP.GREEN
    with pytest.raises(Refused, match="revoked"):
        ministry.exchange.revoke(made.stix_id, who=ministry.reader(), by="ann")
    with pytest.raises(Refused, match="revoked"):
        ministry.exchange.draft_again(ministry.reader(), made.stix_id)
    ministry.exchange.restore(made.stix_id, first, who=ministry.reader(), by="ann")
    now = view(ministry, made.stix_id)
    assert not now.newest.served.revoked and len(now.versions) == 3
    with pytest.raises(Unknown):
        ministry.exchange.restore(made.stix_id, first + 1, who=ministry.reader(), by="ann")


def test_sightings_and_notes_are_about_one_thing_and_have_its_marking(ministry: Any, stix: Any) -> None:
    ministry.keep(stix.make("bad"), tlp=TLP.AMBER)
    about = (stix.id("indicator", "bad"),)
    seen = write(ministry, Draft(kind="sighting", links=about, count=3, why="Proxy logs.", since=10**15, tlp=TLP.CLEAR))
    noted = write(ministry, Draft(kind="note", links=about, name="In short", what="Shared hosting.", tlp=TLP.CLEAR))
    for each in (seen, noted):
        assert view(ministry, each.stix_id).newest.tlp is TLP.AMBER
    sighting = body(ministry, seen.stix_id)
    assert (sighting["count"], sighting["sighting_of_ref"], sighting["description"]) == (3, about[0], "Proxy logs.")
    note = body(ministry, noted.stix_id)
    assert (note["abstract"], note["content"], note["object_refs"]) == ("In short", "Shared hosting.", list(about))
    assert view(ministry, about[0]).times_seen == 3
    found, draft = ministry.exchange.draft_again(ministry.reader(), seen.stix_id)
    changed = msgspec.structs.replace(draft, count=4, links=(), tlp=TLP.CLEAR)
    ministry.exchange.revise(seen.stix_id, changed, seen=found.newest.instant, who=ministry.reader(), by="ann")
    assert body(ministry, seen.stix_id)["sighting_of_ref"] == about[0]
    assert view(ministry, seen.stix_id).newest.tlp is TLP.AMBER and view(ministry, about[0]).times_seen == 4
    with pytest.raises(Refused, match="cannot be sighted"):
        write(ministry, Draft(kind="sighting", links=(seen.stix_id,)))
    ministry.keep(stix.make("ours", "malware", is_family=True, created_by_ref=stix.id("identity", "ministry.example")))
    with pytest.raises(Refused, match="not edited"):
        ministry.exchange.draft_again(ministry.reader(), stix.id("malware", "ours"))


def test_what_is_written_for_an_audience_is_sealed_to_it(
    ministry: Any, operator: Any, neighbour: Any, stix: Any
) -> None:
    two = Group(name="two", parties=("ministry.example", "operator.example"))
    agreement = stix.agree(ministry, operator, neighbour, groups=[two], tlp_ceiling="amber")
    exchange, who = ministry.exchange, ministry.reader()
    draft = Draft(
        kind="indicator",
        name="A",
        what="Seen.",
        values=("198.51.100.7",),
        types=("malicious-activity",),
        tlp=TLP.GREEN,
        audience=f"{agreement}/two",
    )
    made = exchange.write(draft, who=who, by="test").stix_id
    verdicts = exchange.verdicts(who, exchange.get_object(who, made), ["operator.example", "neighbour.example"])
    assert verdicts["operator.example"].allowed and not verdicts["neighbour.example"].allowed
    first = verdicts["neighbour.example"].because[0]
    assert (first.code, first.agreement, first.clause) == ("sealed", agreement, "19") and "“two”" in first.text
    # Not over TAXII either, which asks nobody to publish first.

    def polled(party: str) -> int:
        return sum(made.encode() in raw for raw in ministry.poll(ministry.foreign(party))[0])

    assert (polled("neighbour.example"), polled("operator.example")) == (0, 1)
    # The next version is for the same unless others are named.
    seen = exchange.get_object(who, made).newest.instant
    again = msgspec.structs.replace(draft, name="B", audience="")
    exchange.revise(made, again, seen=seen, who=who, by="test")
    assert (polled("neighbour.example"), polled("operator.example")) == (0, 2)
    for wrong in (f"{agreement}/none", "agr_x/two"):
        with pytest.raises(Unknown):
            exchange.write(msgspec.structs.replace(draft, audience=wrong), who=who, by="test")
    reached = {(each.agreement, each.audience): each for each in exchange.list_prospects(who)[1].under}
    assert {one.party for one in reached[(agreement, "two")].parties} == {"operator.example"}
    assert len(reached[(agreement, "")].parties) == 2
