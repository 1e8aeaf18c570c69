"""Batches on their way in: how they are cut makes no difference, and what is counted stays true."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kouprey.exchange.model import Source, SourceKind
from kouprey.exchange.store import intake
from kouprey.kernel.words.tlp import TLP


def verdicts(outcomes: list[Any]) -> list[str]:
    return [outcome.verdict for outcome in outcomes]


def test_a_source_is_kept_once(ministry: Any) -> None:
    one = Source(kind=SourceKind.FILE, party="ministry.example", name="a")
    other = Source(kind=SourceKind.TOKEN, party="ministry.example", name="a")
    ids = ministry.store.write(lambda tx: [intake.intern_source(tx, each) for each in (one, other, one)])
    assert ids[0] == ids[2] != ids[1]


def test_counts_of_sightings_outside_the_standard_are_one(ministry: Any, stix: Any) -> None:
    target = stix.id("indicator", "a")
    for n, count in enumerate((5, -1, 10**9, True, "3", None)):
        ministry.keep(stix.make(f"s{n}", "sighting", sighting_of_ref=target, count=count))
    ministry.keep(stix.make("a"))
    with ministry.store.read() as reader:
        assert [row[0] for row in reader.all("SELECT times FROM sighting ORDER BY times")] == [1, 1, 1, 1, 1, 5]
    assert ministry.exchange.get_object(ministry.reader(), target).times_seen == 10


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.integers(0, 1), st.integers(0, 2), st.sampled_from(list(TLP))),
        min_size=1,
        max_size=12,
    )
)
def test_batches_make_no_difference_and_the_tally_is_true(
    found_party: Any, stix: Any, said: list[tuple[int, int, int, TLP]]
) -> None:
    whole, single = found_party("whole.example"), found_party("single.example")
    raws = [(stix.make(f"o{o}", minute=m, description=f"b{b}"), tlp) for o, m, b, tlp in said]
    by_level: list[tuple[TLP, list[bytes]]] = []
    for raw, tlp in raws:
        if by_level and by_level[-1][0] is tlp:
            by_level[-1][1].append(raw)
        else:
            by_level.append((tlp, [raw]))
    together = [v for tlp, some in by_level for v in verdicts(whole.keep(*some, tlp=tlp))]
    one_by_one = [v for raw, tlp in raws for v in verdicts(single.keep(raw, tlp=tlp))]
    assert together == one_by_one
    for party in (whole, single):
        with party.store.read() as reader:
            told = reader.all("SELECT label_set_id, type, source_id, n FROM tally WHERE n <> 0 ORDER BY 1, 2, 3")
            true = reader.all(
                "SELECT label_set_id, type, source_id, count(*) FROM version GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
            )
            wrong = reader.value(
                "SELECT count(*) FROM version JOIN membership ON membership.version_id = version.id"
                " WHERE membership.position < version.position"
            )
        assert told == true and wrong == 0
