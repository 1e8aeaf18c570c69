"""Labels are interned, and the fragment lets through exactly what was written down."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kouprey.kernel.storage import labels
from kouprey.kernel.storage.engine import Store, Tx
from kouprey.kernel.words.decision import Decision, Reader
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.time import FOREVER
from kouprey.kernel.words.tlp import PAP, TLP

FULL = Label(
    owner="cert.example",
    agreement="agr_1",
    tlp=TLP.AMBER,
    pap=PAP.GREEN,
    kind="sighting",
    purposes=("protection", "research"),
    handling=('with "quotes", commas',),
    sealed_to=("operator.example",),
    concerned=("ខ្មែរ",),
    not_before=2**52,
    exercise="drill",
)
YES, NO = Decision(True, ()), Decision(False, ())


def seen(store: Store, profile: int, now: int) -> list[int]:
    with store.read() as reader:
        sql = f"SELECT label_set.id FROM label_set {labels.visible_join('label_set.id')} ORDER BY label_set.id"
        found = [row[0] for row in reader.all(sql, (profile, now))]
        assert set(found) == labels.list_visible(reader, profile, now)
    return found


def intern(store: Store, *marked: Label) -> int:
    def work(tx: Tx) -> int:
        ids = [labels.intern_label(tx, label) for label in marked]
        found = labels.find_label_set(tx, ids)
        return labels.insert_label_set(tx, ids) if found is None else found

    return store.write(work)


def profile(store: Store, **who: object) -> int:
    return store.write(lambda tx: labels.insert_profile(tx, Reader(party="a.example", **who)))  # type: ignore[arg-type]  # fields of Reader


def write(store: Store, decisions: dict[tuple[int, int], Decision], now: int) -> set[int]:
    return store.write(lambda tx: labels.write_visible(tx, decisions, now))


def test_a_label_comes_back_whole_and_is_stored_once(store: Store) -> None:
    first = store.write(lambda tx: labels.intern_label(tx, FULL))
    assert store.write(lambda tx: labels.intern_label(tx, FULL)) == first
    plain = store.write(lambda tx: labels.intern_label(tx, Label(owner="cert.example")))
    both = intern(store, FULL, Label(owner="cert.example"))
    with store.read() as reader:
        assert labels.get_labels(reader, both) == {first: FULL, plain: Label(owner="cert.example")}
        assert labels.list_label_sets(reader) == {both: (FULL, Label(owner="cert.example"))}
        assert labels.get_labels(reader, 99) == {}


TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=6)
SETS = st.sets(TEXTS, max_size=3).map(lambda texts: tuple(sorted(texts)))
LABELS = st.builds(
    Label,
    owner=TEXTS,
    agreement=TEXTS,
    tlp=st.sampled_from(TLP),
    pap=st.sampled_from(PAP),
    kind=TEXTS,
    purposes=SETS,
    handling=SETS,
    sealed_to=SETS,
    concerned=SETS,
    not_before=st.integers(0, FOREVER),
    exercise=TEXTS,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(LABELS, LABELS)
def test_two_labels_are_one_row_only_if_equal(store: Store, one: Label, other: Label) -> None:
    ids = store.write(lambda tx: [labels.intern_label(tx, label) for label in (one, other)])
    assert (ids[0] == ids[1]) == (one == other)
    with store.read() as reader:
        assert set(labels.get_labels(reader, intern(store, one, other)).values()) == {one, other}


def test_a_set_has_no_order_and_no_repeats(store: Store) -> None:
    assert labels.label_set_key([10, 9, 10, 1]) == "1,9,10"
    one, other = Label(owner="a.example"), Label(owner="b.example")
    assert intern(store, one, other) == intern(store, other, one, other)
    assert intern(store) != intern(store, one)
    with store.read() as reader:
        assert labels.list_label_sets(reader)[intern(store)] == ()


def test_a_profile_has_no_name(store: Store) -> None:
    who = Reader(party="a.example", clearance=TLP.GREEN, roles=("x",), name="dara")
    made = store.write(lambda tx: labels.insert_profile(tx, who))
    with store.read() as reader:
        assert labels.find_profile(reader, Reader(party="a.example", clearance=TLP.GREEN, roles=("x",))) == made
        assert labels.find_profile(reader, Reader(party="a.example", clearance=TLP.AMBER, roles=("x",))) is None
        assert labels.list_profiles(reader)[made].name == ""


def test_what_was_not_decided_is_denied(store: Store) -> None:
    first, second, third = (intern(store, Label(owner=owner)) for owner in "abc")
    who, other = profile(store), profile(store, clearance=TLP.RED)
    write(store, {(who, first): YES, (who, second): NO}, 0)
    assert seen(store, who, 5) == [first]
    assert seen(store, other, 5) == []
    assert third not in seen(store, who, 5)


def test_a_row_closes_by_itself_and_is_due_then(store: Store) -> None:
    first, second = (intern(store, Label(owner=owner)) for owner in "ab")
    who = profile(store)
    write(store, {(who, first): Decision(True, (), 10), (who, second): Decision(False, (), 20)}, 0)
    assert seen(store, who, 9) == [first]
    assert seen(store, who, 10) == []
    with store.read() as reader:
        assert labels.list_due(reader, 9) == []
        assert labels.list_due(reader, 10) == [(who, first)]
        assert sorted(labels.list_due(reader, 20)) == [(who, first), (who, second)]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (None, YES, True),
        (None, NO, False),
        (NO, YES, True),
        (YES, YES, False),
        (YES, NO, False),
        (Decision(True, (), 50), YES, True),  # closed at 50; who polled since then has missed it
        (Decision(True, (), 101), YES, False),
        (NO, Decision(False, (), 500), False),
        (NO, Decision(True, (), 500), True),
    ],
)
def test_what_counts_as_widened(store: Store, before: Decision | None, after: Decision, expected: bool) -> None:
    one, who = intern(store, Label(owner="a.example")), profile(store)
    if before is not None:
        write(store, {(who, one): before}, 0)
    assert write(store, {(who, one): after}, 100) == ({one} if expected else set())
    assert (seen(store, who, 100) == [one]) == after.allowed
    assert write(store, {(who, one): after}, 100) == set()


def test_nothing_to_write(store: Store) -> None:
    assert write(store, {}, 0) == set()


def test_what_has_not_changed_is_not_written(store: Store) -> None:
    sets = [intern(store, Label(owner=str(number))) for number in range(20)]
    who = profile(store)
    decisions = {(who, each): YES for each in sets}
    write(store, decisions, 0)
    statements: list[int] = []

    def work(tx: Tx) -> None:
        real = tx.many
        tx.many = lambda sql, rows: (statements.append(len(list(rows))), real(sql, []))[1]  # type: ignore[method-assign]  # a spy
        labels.write_visible(tx, decisions | {(who, sets[0]): NO}, 5)

    store.write(work)
    assert statements == [1]


def test_a_set_opens_to_somebody_who_did_not_see_the_other(store: Store) -> None:
    one, other = intern(store, Label(owner="a.example")), intern(store, Label(owner="b.example"))
    low, high = profile(store, clearance=TLP.GREEN), profile(store, clearance=TLP.RED)
    write(store, {(low, one): YES, (high, one): YES, (high, other): YES, (low, other): NO}, 0)
    with store.read() as reader:
        assert not labels.opens(reader, one, other, 0) and labels.opens(reader, other, one, 0)
        assert not labels.opens(reader, one, one, 0)
    write(store, {(high, one): Decision(True, (), 50)}, 0)
    with store.read() as reader:
        assert not labels.opens(reader, one, other, 49) and labels.opens(reader, one, other, 50)
