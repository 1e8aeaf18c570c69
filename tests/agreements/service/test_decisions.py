"""The decision written down: what every query joins is what the rules say, now and after each change."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import pytest

from kouprey.agreements.facts import DecisionWidened
from kouprey.agreements.model import Terms, Version
from kouprey.agreements.service import Agreements, jobs, listeners
from kouprey.kernel.storage import labels, outbox
from kouprey.kernel.storage.engine import Store, Tx
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.time import FOREVER, SECOND, format_second
from kouprey.kernel.words.tlp import PAP, TLP
from kouprey.people.model import Role
from kouprey.people.service import People, policy_epoch

A, B, C = "cert.example", "ministry.example", "operator.example"
Trio = dict[str, Any]
Agree = Callable[..., Version]


def widened(node: Any) -> list[tuple[int, ...]]:
    return [fact.label_sets for fact in node.facts(DecisionWidened)]


def person(clearance: TLP) -> Reader:
    return Reader(party=A, local=True, clearance=clearance)


def test_the_fragment_says_what_the_rules_say(trio: Trio, agree: Agree) -> None:
    node = trio[A]
    sets = {tlp: node.label_set(Label(owner=A, tlp=tlp)) for tlp in TLP}
    assert node.sees(node.party_reader(B)) == set()
    agree(trio, A, B, tlp_ceiling="green")
    assert node.sees(node.party_reader(B)) == {sets[TLP.CLEAR], sets[TLP.GREEN]}
    assert node.sees(node.party_reader(C)) == set()
    assert node.sees(person(TLP.AMBER)) == {sets[TLP.CLEAR], sets[TLP.GREEN], sets[TLP.AMBER]}
    # A set made later is decided for every profile that is known.
    assert node.label_set(Label(owner=A, tlp=TLP.CLEAR, kind="sighting")) in node.sees(node.party_reader(B))
    # The same labels are the same set, in any order.
    both = (Label(owner=A, tlp=TLP.RED), Label(owner=A, tlp=TLP.CLEAR))
    assert node.label_set(*both) == node.label_set(*reversed(both))


def test_names_make_no_profiles(trio: Trio) -> None:
    agreements = trio[A].agreements
    first = agreements.profile(msgspec.structs.replace(person(TLP.RED), name="one"))
    assert agreements.profile(msgspec.structs.replace(person(TLP.RED), name="two")) == first
    assert agreements.profile(person(TLP.GREEN)) != first
    assert trio[A].again().agreements.profile(person(TLP.RED)) == first


def test_an_agreement_in_force_widens_and_its_suspension_closes_at_once(trio: Trio, agree: Agree) -> None:
    node = trio[A]
    seen = node.label_set(Label(owner=A, tlp=TLP.GREEN))
    node.sees(node.party_reader(B))
    made = agree(trio, A, B)
    assert widened(node) == [(seen,)]
    assert node.sees(node.party_reader(B)) == {seen}
    node.agreements.suspend(made.agreement, suspended=True, by="operator")
    assert node.sees(node.party_reader(B)) == set()
    assert not node.agreements.decide([Label(owner=A, tlp=TLP.GREEN)], node.party_reader(B)).allowed
    assert widened(node) == [(seen,)]
    node.agreements.suspend(made.agreement, suspended=False, by="operator")
    assert widened(node) == [(seen,), (seen,)]


def test_an_embargo_ends_by_itself_and_that_is_told(trio: Trio, agree: Agree) -> None:
    node = trio[A]
    agree(trio, A, B)
    waits = node.label_set(Label(owner=A, tlp=TLP.GREEN, not_before=node.clock() + 60 * SECOND))
    reader = node.party_reader(B)
    assert node.sees(reader) == set()
    assert node.agreements.recheck() == 0
    with node.store.read() as snapshot:
        before = policy_epoch(snapshot)
    node.clock.pass_seconds(61)
    assert node.agreements.recheck() == 1
    assert node.sees(reader) == {waits}
    assert widened(node) == [(waits,)]
    assert node.agreements.recheck() == 0
    with node.store.read() as snapshot:
        assert policy_epoch(snapshot) != before


def test_an_agreement_begins_and_ends_by_the_clock(trio: Trio, hand_over: Any) -> None:
    node = trio[A]
    seen = node.label_set(Label(owner=A, tlp=TLP.GREEN))
    reader = node.party_reader(B)
    assert node.sees(reader) == set()
    starts = node.clock() // SECOND * SECOND + 100 * SECOND
    drafted = node.agreements.draft(
        "Exchange", [B], Terms(), starts=starts, ends=format_second(starts + 100 * SECOND), by="operator"
    )
    for party in (A, B):
        trio[party].agreements.sign(drafted.agreement, by="operator")
        hand_over({A: trio[A], B: trio[B]})
    assert node.sees(reader) == set()
    node.clock.pass_seconds(101)
    assert node.agreements.recheck() == 1
    assert node.sees(reader) == {seen}
    node.clock.pass_seconds(100)
    # Closed at its instant, before anybody has rechecked anything.
    assert node.sees(reader) == set()
    assert node.agreements.recheck() == 1
    assert node.sees(reader) == set()
    assert widened(node) == [(seen,)]


def test_an_amendment_that_begins_later_names_a_new_party(trio: Trio, agree: Agree, hand_over: Any) -> None:
    node = trio[A]
    seen = node.label_set(Label(owner=A, tlp=TLP.GREEN))
    first = agree(trio, A, B)
    assert node.sees(node.party_reader(C)) == set()
    starts = node.clock() // SECOND * SECOND + 100 * SECOND
    node.agreements.draft("More", [B, C], Terms(), starts=starts, amends=first.agreement, by="operator")
    for party in (A, B, C):
        trio[party].agreements.sign(first.agreement, by="operator")
        hand_over(trio)
    assert node.sees(node.party_reader(C)) == set()
    node.clock.pass_seconds(101)
    assert node.agreements.recheck() >= 1
    assert node.sees(node.party_reader(C)) == {seen}
    assert node.agreements.standings()[first.agreement].version == 2


def test_a_token_that_sees_more_is_owed_what_it_did_not_see(trio: Trio) -> None:
    node = trio[A]
    low, high = (node.label_set(Label(owner=A, tlp=tlp)) for tlp in (TLP.GREEN, TLP.AMBER))
    token, _ = node.people.create_token(A, Role.FEED, TLP.GREEN, by="operator")
    assert node.sees(node.people.reader_of_token(token)) == {low}
    changed = node.people.change_token(token.user, by="operator", clearance=TLP.AMBER)
    services = Services()
    services.put(node.agreements)
    assert outbox.deliver(node.store, listeners(services), clock=node.clock) == 1
    assert widened(node) == [(high,)]
    assert node.sees(node.people.reader_of_token(changed)) == {low, high}
    node.people.change_token(token.user, by="operator", clearance=TLP.GREEN)
    outbox.deliver(node.store, listeners(services), clock=node.clock)
    assert widened(node) == [(high,)]
    assert [job.name for job in jobs(services)] == ["agreements.recheck"]


def test_a_person_that_sees_more_is_owed_it_too(trio: Trio) -> None:
    node = trio[A]
    node.label_set(Label(owner=A, tlp=TLP.GREEN))
    high = node.label_set(Label(owner=A, tlp=TLP.RED))
    node.people.save_person("Dara", (Role.ANALYST,), TLP.GREEN, by="operator")
    node.people.save_person("Dara", (Role.LEAD,), TLP.GREEN, by="operator")
    node.people.save_person("Dara", (Role.LEAD,), TLP.RED, by="operator")
    services = Services()
    services.put(node.agreements)
    assert outbox.deliver(node.store, listeners(services), clock=node.clock) == 1
    assert widened(node) == [(high,)]


def test_what_was_received_goes_on_only_as_far_as_all_who_gave_it_allow(trio: Trio, agree: Agree) -> None:
    node = trio[A]
    given = agree(trio, A, B)
    agree(trio, A, C)
    ours = Label(owner=A, tlp=TLP.GREEN)
    theirs = Label(owner=B, agreement=given.agreement, tlp=TLP.GREEN)
    own, both, only = node.label_set(ours), node.label_set(ours, theirs), node.label_set(theirs)
    assert node.sees(node.party_reader(C)) == {own}
    assert node.sees(node.party_reader(B)) == {own, both, only}
    assert node.sees(person(TLP.GREEN)) == {own, both, only}


def test_the_receive_gate(trio: Trio, agree: Agree) -> None:
    node = trio[A]
    made = agree(trio, A, B, tlp_ceiling="amber")

    def gate(**changes: Any) -> str:
        label = Label(**{"owner": B, "agreement": made.agreement, "tlp": TLP.GREEN, **changes})
        answer = node.agreements.may_receive(label)
        return "yes" if answer.allowed else answer.because[0].code

    assert gate() == "yes"
    assert gate(tlp=TLP.RED) == "ceiling"
    assert gate(owner=C) == "not-a-party"
    assert gate(agreement="agr_0") == "not-a-party"
    assert gate(kind="hand-off") == "type"
    assert gate(sealed_to=(C,)) == "sealed"
    assert gate(exercise="drill") == "yes"
    # Our clock decides when it is seen; that it came early is no offence.
    assert gate(not_before=node.clock() + 60 * SECOND) == "yes"
    assert gate(not_before=FOREVER) == "bad-label"
    assert gate(exercise="x\0") == "bad-label"
    assert gate(handling=("a\n",)) == "bad-label"
    node.agreements.suspend(made.agreement, suspended=True, by="operator")
    assert gate() == "suspended"


def test_a_rolled_back_change_leaves_no_answer_behind(trio: Trio, agree: Agree) -> None:
    node = trio[A]
    made = agree(trio, A, B)

    class Stop(Exception):
        pass

    def work(tx: Tx) -> None:
        tx.execute("DELETE FROM agreement_version WHERE agreement = ?", (made.agreement,))
        node.agreements.refresh(tx)
        assert node.agreements.standings(tx) == {}
        raise Stop

    with pytest.raises(Stop):
        node.store.write(work)
    assert made.agreement in node.agreements.standings()
    node.agreements.suspend(made.agreement, suspended=True, by="operator")
    assert node.agreements.get_standing(made.agreement).suspended_by == (A,)


def test_two_processes_never_leave_a_pair_undecided(
    trio: Trio, agree: Agree, open_again: Callable[[Store], Store]
) -> None:
    """New profiles in one process race with new label sets in another; every pair ends up decided."""
    node = trio[A]
    agree(trio, A, B)
    other = type(node)(node.party, node.ring, open_again(node.store), node.clock)
    readers = [Reader(party=party, clearance=tlp) for party in (B, C) for tlp in TLP]
    made = [Label(owner=A, tlp=tlp, handling=(f"h{number}",)) for tlp in TLP for number in range(3)]

    def intern(marked: Label) -> None:
        other.store.write(lambda tx: other.agreements.label_set(tx, [labels.intern_label(tx, marked)]))

    with ThreadPoolExecutor(4) as pool:
        waiting = [pool.submit(node.agreements.profile, who) for who in readers]
        waiting += [pool.submit(intern, marked) for marked in made]
        waiting += [pool.submit(other.agreements.profile, who) for who in reversed(readers)]
        for each in waiting:
            each.result()
    with node.store.read() as reader:
        counts = [reader.value(f"SELECT count(*) FROM {table}") for table in ("profile", "label_set", "visible")]
    assert counts == [len(readers), len(made), len(readers) * len(made)]
    assert len(node.sees(Reader(party=B, clearance=TLP.RED))) == 9


def test_a_new_epoch_after_each_change(trio: Trio, agree: Agree) -> None:
    node = trio[A]
    seen = set()
    for act in (
        lambda: agree(trio, A, B),
        lambda: node.people.create_token(A, Role.FEED, TLP.GREEN, by="operator"),
        lambda: node.people.save_person("Dara", (Role.ANALYST,), TLP.GREEN, by="operator"),
    ):
        act()
        with node.store.read() as reader:
            seen.add(policy_epoch(reader))
    # A new token changes nothing that anybody could have remembered.
    assert len(seen) == 2


def test_people_and_agreements_are_found_by_their_class(trio: Trio) -> None:
    services = Services()
    services.put(trio[A].agreements)
    services.put(trio[A].people)
    assert services.get(Agreements) is trio[A].agreements
    assert services.get(People) is trio[A].people


KINDS_ASKED, SOME_PURPOSES = ("intelligence", "sighting", "strategy"), ("protection", "research", "law-enforcement")
STRANGER = "stranger.example"


def any_label(chance: random.Random, agreements: list[str], begin: int) -> Label:
    """A label of any sort: ours and others', received under an agreement or not, sealed, embargoed, of an exercise."""

    def few(words: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(sorted(chance.sample(words, chance.choice((0, 0, 0, 1, 2)))))

    owner = chance.choice((A, A, B, C, STRANGER))
    return Label(
        owner=owner,
        agreement="" if owner == A and chance.random() < 0.8 else chance.choice(["", *agreements, "agr_" + "0" * 32]),
        tlp=chance.choice(tuple(TLP)),
        pap=chance.choice(tuple(PAP)),
        kind=chance.choice(KINDS_ASKED),
        purposes=few(SOME_PURPOSES),
        sealed_to=few((A, B, C)),
        not_before=chance.choice((0, 0, 0, begin + chance.randrange(400) * SECOND)),
        exercise=chance.choice(("", "", "", "drill")),
    )


@pytest.mark.parametrize("count", [300, pytest.param(20_000, marks=pytest.mark.long)])
def test_the_fragment_and_the_rules_agree_on_anything_at_any_time(
    trio: Trio, agree: Agree, hand_over: Any, count: int
) -> None:
    """For 105,000 random labels, readers and times the rows that queries join say what the rules say; never more."""
    chance, node = random.Random(count), trio[A]
    with node.store.read() as reader:
        # What is asked of PostgreSQL is the same, and takes five times as long.
        count = 150 if count == 300 and reader.dialect == "postgres" else count
    begin = node.clock() // SECOND * SECOND
    made = [
        agree(trio, A, B, tlp_ceiling="amber", pap_ceiling="amber", onward="members"),
        agree(
            trio, A, C, tlp_ceiling="red", types=KINDS_ASKED, purposes=("protection", "research"), onward="community"
        ),
    ]
    node.agreements.draft(
        "Later and short",
        [B, C],
        Terms(onward="members"),
        starts=begin + 150 * SECOND,
        ends=format_second(begin + 300 * SECOND),
        by="operator",
    )
    (later,) = (each.agreement for each in node.agreements.standings().values() if each.title == "Later and short")
    for party in (A, B, C):
        trio[party].agreements.sign(later, by="operator")
        hand_over(trio)
    parties = [node.party_reader(party) for party in (B, C, STRANGER)]
    people = [msgspec.structs.replace(person(level), exercise=drill) for level in TLP for drill in ("", "drill")]
    readers = [*parties, *people, *(node.agreements.seen_as(party, person(TLP.AMBER)) for party in (B, C))]
    for reader in readers[::2]:
        # Half of them are there before the labels, half come after.
        node.agreements.profile(reader)
    ids = [made_of.agreement for made_of in made] + [later]
    several = [
        tuple(any_label(chance, ids, begin) for _ in range(chance.choice((1, 1, 1, 2, 3)))) for _ in range(count)
    ]

    def intern(tx: Tx) -> dict[int, tuple[Label, ...]]:
        return {
            node.agreements.label_set(tx, [labels.intern_label(tx, each) for each in some]): some for some in several
        }

    sets: dict[int, tuple[Label, ...]] = node.store.write(intern)
    assert len(sets) > count * 0.9
    seen_at_all = 0
    for number, seconds in enumerate((0, 60, 100, 150, 200)):
        node.clock.pass_seconds(seconds)
        if number == 2:
            node.agreements.suspend(made[1].agreement, suspended=True, by="operator")
        if number == 3:
            node.agreements.suspend(made[1].agreement, suspended=False, by="operator")
        for recheck in (False, True):
            if recheck:
                node.agreements.recheck()
            for reader in readers:
                said = {each for each, some in sets.items() if node.agreements.decide(some, reader).allowed}
                found = node.sees(reader)
                assert found & sets.keys() <= said, (number, reader)
                if recheck:
                    assert found & sets.keys() == said, (number, reader)
                    seen_at_all += len(said)
    # Neither everything nor nothing: otherwise there would be little to agree on.
    assert 0.05 < seen_at_all / (5 * len(readers) * len(sets)) < 0.7
