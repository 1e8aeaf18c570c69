"""What both sides of an agreement compute from the same entries and receipts, checked by hand."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.kernel.seal.notes import split_note
from kouprey.kernel.words.errors import Damaged, Forbidden
from kouprey.kernel.words.tlp import TLP
from kouprey.performance import store
from kouprey.performance.model import Report, State
from kouprey.performance.service import _sums
from kouprey.performance.wire import parse_manifest
from kouprey.performance.wire.paper import draw
from performance.conftest import Pair, Side, stix_id, thing

WHY = "Seen in a campaign against mail servers."


def figures(report: Report) -> dict[str, Any]:
    return {each.measure: (each.now.value, each.now.n) for each in report.measures}


def fill(pair: Pair) -> None:
    """Ten indicators of ours, six with context; six of theirs; two drills; two of ours are doubted by them."""
    pair.ours.give(pair.agreement, *(thing(f"w{n}", description=WHY, confidence=80) for n in range(5)))
    pair.ours.give(pair.agreement, *(thing(f"p{n}") for n in range(4)), thing("related", description=WHY))
    ends = {"source_ref": stix_id("indicator", "related"), "target_ref": stix_id("malware", "m")}
    pair.ours.give(pair.agreement, thing("r", "relationship", **ends))
    pair.ours.give(pair.agreement, thing("d1"), thing("d2", description=WHY, confidence=1), exercise="drill-1")
    pair.theirs.give(pair.agreement, *(thing(f"t{n}") for n in range(6)))
    pair.exchange()
    doubts = [stix_id("indicator", "p0"), stix_id("indicator", "p1"), stix_id("indicator", "t0")]
    pair.theirs.give(pair.agreement, thing("o", "opinion", opinion="disagree", object_refs=doubts))
    pair.exchange()


def test_both_sides_come_to_the_same_figures(pair: Pair) -> None:
    fill(pair)
    ours = pair.ours.performance.report(pair.agreement, pair.ours.reader())
    theirs = pair.theirs.performance.report(pair.agreement, pair.theirs.reader())
    told = figures(ours)
    # 10 indicators and a relation against 6 indicators and an opinion; nobody's doubt of its own counts.
    assert told["share-back"] == (7 / 11, 18)
    assert told["concentration"] == (11 / 18, 18)
    assert told["context"] == (6 / 16, 16)
    assert told["false-positives"] == (2 / 16, 16)
    assert told["time-to-publish"][1] == told["time-to-acknowledge"][1] == 18
    assert {name: figures(theirs)[name] for name in told if name != "time-to-acknowledge"} == {
        name: told[name] for name in told if name != "time-to-acknowledge"
    }
    assert {each.measure: each.state for each in ours.measures}["share-back"] is State.MET
    assert ours.verdict == "mixed" and ours.whole and not ours.behind
    assert _sums(pair.ours.performance, False) == []


def test_the_links_that_were_up_are_measured_by_each_side_for_itself(pair: Pair) -> None:
    before = figures(pair.ours.performance.report(pair.agreement, pair.ours.reader()))["availability"]
    pair.exchange()
    after = figures(pair.ours.performance.report(pair.agreement, pair.ours.reader()))["availability"]
    assert (before, after) == ((None, 0), (1.0, 1))


def test_drills_never_count(pair: Pair) -> None:
    pair.ours.give(pair.agreement, *(thing(f"d{n}") for n in range(9)), exercise="drill-1")
    pair.exchange()
    report = pair.ours.performance.report(pair.agreement, pair.ours.reader())
    given = [each for each in report.measures if each.measure != "availability"]
    assert all(each.now.n == 0 for each in given) and report.verdict == "unknown"


def test_summing_up_again_adds_nothing_and_a_new_version_is_no_new_object(pair: Pair) -> None:
    fill(pair)
    before = figures(pair.ours.performance.report(pair.agreement, pair.ours.reader()))
    assert pair.ours.performance.sum_up(100) == 0
    pair.ours.give(pair.agreement, thing("p2", description=WHY, confidence=3))
    pair.exchange()
    after = figures(pair.ours.performance.report(pair.agreement, pair.ours.reader()))
    assert after["share-back"] == before["share-back"]
    assert after["context"] == (7 / 16, 16), "what was added later counts"


def test_what_is_hidden_moves_no_figure_of_who_may_not_see_it(pair: Pair) -> None:
    fill(pair)
    low = pair.ours.reader(TLP.GREEN)
    before = pair.ours.performance.report(pair.agreement, low)
    pair.ours.give(pair.agreement, *(thing(f"h{n}", description=WHY, confidence=2) for n in range(20)), tlp=TLP.AMBER)
    doubts = [stix_id("indicator", f"t{n}") for n in range(6)]
    pair.ours.give(pair.agreement, thing("ho", "opinion", opinion="disagree", object_refs=doubts), tlp=TLP.AMBER)
    pair.theirs.give(pair.agreement, thing("t9"), tlp=TLP.AMBER)
    pair.exchange()
    after = pair.ours.performance.report(pair.agreement, low)
    assert (after.measures, after.shares, after.hhi) == (before.measures, before.shares, before.hhi)
    cleared = pair.ours.performance.report(pair.agreement, pair.ours.reader())
    assert figures(cleared)["share-back"][1] == 18 + 22


def test_few_are_not_told_to_who_may_not_see_everything(pair: Pair) -> None:
    pair.ours.give(pair.agreement, *(thing(f"w{n}") for n in range(30)))
    pair.theirs.give(pair.agreement, thing("a"), thing("b"))
    pair.exchange()
    report = pair.ours.performance.report(pair.agreement, pair.ours.reader(TLP.AMBER))
    assert [each.gave for each in report.shares] == [None, None], "the other one would give it away"
    told = {each.measure: each.now for each in report.measures}
    assert told["share-back"].value is None and told["share-back"].hidden and report.hhi is None
    assert "outstanding-recalls" not in told
    whole = pair.ours.performance.report(pair.agreement, pair.ours.reader())
    assert [each.gave for each in whole.shares] == [30, 2] and whole.hhi is not None


def test_sums_that_were_damaged_are_found_and_counted_again(pair: Pair) -> None:
    fill(pair)
    performance = pair.ours.performance
    before = figures(performance.report(pair.agreement, pair.ours.reader()))
    pair.ours.actor.store.write(lambda tx: tx.execute("UPDATE measure_tally SET n = n + 3 WHERE what = 'context'"))
    assert [each.level for each in _sums(performance, False)] == ["bad"]
    assert [each.level for each in _sums(performance, True)] == ["mended"]
    assert list(_sums(performance, False)) == []
    assert figures(performance.report(pair.agreement, pair.ours.reader())) == before
    assert store.list_unequal is not None


def test_recalls_are_outstanding_until_a_receipt_says_otherwise(pair: Pair) -> None:
    from kouprey.federation.service import erase_bodies

    pair.ours.give(pair.agreement, *(thing(f"w{n}") for n in range(3)))
    pair.exchange()
    (lane,) = pair.ours.actor.own_lanes()
    publications = [line.entry.publication for line in pair.ours.actor.federation.ledger.list_given().lines]
    pair.ours.actor.store.write(lambda tx: erase_bodies(tx, pair.ours.actor.lanes, publications[:1], []))
    pair.ours.actor.lanes.append_waiting()

    def outstanding() -> tuple[float | None, int]:
        pair.ours.performance.sum_up()
        return figures(pair.ours.performance.report(pair.agreement, pair.ours.reader()))["outstanding-recalls"]

    assert outstanding() == (1.0, 1), lane
    pair.exchange()
    assert outstanding() == (0.0, 0), "it was carried out and confirmed"


def printed(side: Side, agreement: str, language: str) -> tuple[bytes, bytes]:
    names = {side.party: "Ministry"}
    made = side.performance.print_report(
        agreement,
        side.reader(),
        None,
        language,
        lambda report, hashed: draw(report, hashed, language=language, names=names, home=side.party),
        by="operator",
    )
    return made.pdf, made.note


@pytest.mark.parametrize("language", ["en", "km"])
def test_the_paper_is_signed_and_verified_by_the_other_side(pair: Pair, language: str) -> None:
    fill(pair)
    pdf, note = printed(pair.ours, pair.agreement, language)
    assert pdf.startswith(b"%PDF") and pdf.count(b"/Type /Page\n") + pdf.count(b"/Type /Page ") <= 1
    found = pair.theirs.performance.verify_report(pdf, note)
    assert found.party == pair.ours.party and found.language == language
    assert found.n["false-positives"] == 16 and found.figures["false-positives"] is None, "two of 16 would be told"
    with pytest.raises(Damaged, match="not the one"):
        pair.theirs.performance.verify_report(pdf + b"\n", note)
    with pytest.raises(Damaged):
        pair.theirs.performance.verify_report(pdf, note.replace(b'"km"' if language == "km" else b'"en"', b'"xx"'))
    assert parse_manifest(split_note(note)[0]) == found


def test_only_who_may_see_everything_prints_it(pair: Pair) -> None:
    with pytest.raises(Forbidden):
        pair.ours.performance.print_report(
            pair.agreement, pair.ours.reader(TLP.AMBER), None, "en", lambda *_: b"", by="x"
        )
