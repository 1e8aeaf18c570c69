"""The life of an agreement between three parties who hand each other notes by any road."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from itertools import permutations
from typing import Any

import msgspec
import pytest

from kouprey.agreements import wire
from kouprey.agreements.facts import AgreementChanged, NoteMade
from kouprey.agreements.model import State, Terms, Version
from kouprey.kernel.seal import notes
from kouprey.kernel.seal.keys import SigningKey
from kouprey.kernel.words.errors import Damaged, Refused, Unknown
from kouprey.kernel.words.time import SECOND, format_second

# Decisions and rows are tested on both engines; this is about parties, not about engines.
pytestmark = pytest.mark.parametrize("stores", ["sqlite"], indirect=True)
A, B, C = "cert.example", "ministry.example", "operator.example"
Trio = dict[str, Any]
Agree = Callable[..., Version]


def draft(node: Any, *others: str, **more: Any) -> Version:
    options = {"starts": node.clock(), "by": "operator", **more}
    version: Version = node.agreements.draft("Exchange", others, Terms(), **options)
    return version


def state(node: Any, agreement: str) -> State:
    standing = node.agreements.get_standing(agreement)
    found: State = standing.state(node.clock())
    return found


def proposal(trio: Trio) -> tuple[Version, NoteMade]:
    drafted = draft(trio[A], B, C)
    trio[A].agreements.sign(drafted.agreement, by="operator")
    return drafted, trio[A].notes()[-1]


def test_three_parties_sign_in_any_order_and_hold_the_same_note(trio: Trio, hand_over: Any) -> None:
    for order in permutations([A, B, C]):
        drafted = draft(trio[A], B, C, starts=trio[A].clock() + SECOND)
        trio[A].agreements.sign(drafted.agreement, by="operator")
        note = trio[A].notes()[-1]
        for party in order:
            if party != A:
                trio[party].agreements.receive_note(note.note, note.attachment, by=A)
        for party in order:
            if party != A:
                trio[party].agreements.sign(drafted.agreement, by="operator")
        hand_over(trio)
        found = [trio[party].agreements.get_current(drafted.agreement) for party in order]
        assert {version.note for version in found} == {found[0].note}
        assert all(version.missing == () for version in found)
        trio[A].clock.pass_seconds(2)
        assert {state(trio[party], drafted.agreement) for party in order} == {State.IN_FORCE}


def test_a_draft_is_nobody_elses_business(trio: Trio) -> None:
    node = trio[A]
    drafted = draft(node, B)
    assert state(node, drafted.agreement) is State.DRAFT
    assert node.notes() == [] and node.facts(AgreementChanged) == []
    assert node.agreements.agreement_notes(drafted.agreement) == []
    assert node.agreements.find_by_prefix("exch") == drafted.agreement
    assert not node.agreements.decide([], node.party_reader(B)).allowed
    assert node.agreements.discard(drafted.agreement, by="operator") == 1
    with pytest.raises(Unknown):
        node.agreements.get_standing(drafted.agreement)


def test_discarding_spares_what_was_signed(trio: Trio) -> None:
    drafted, _ = proposal(trio)
    with pytest.raises(Refused, match="no draft"):
        trio[A].agreements.discard(drafted.agreement, by="operator")
    assert state(trio[A], drafted.agreement) is State.PROPOSED


def test_drafting_the_same_words_again_keeps_the_signatures(trio: Trio) -> None:
    starts = trio[A].clock()
    drafted = draft(trio[A], B, C, starts=starts)
    trio[A].agreements.sign(drafted.agreement, by="operator")
    again = draft(trio[A], C, B, starts=starts)
    assert again.signers == (A,)
    assert trio[A].agreements.get_current(drafted.agreement).signers == (A,)


def test_duplicates_change_nothing(trio: Trio, hand_over: Any) -> None:
    drafted, note = proposal(trio)
    for _ in range(3):
        trio[B].agreements.receive_note(note.note, note.attachment, by=A)
    assert len(trio[B].facts(AgreementChanged)) == 1
    assert trio[B].notes() == []
    assert trio[B].agreements.list_versions(drafted.agreement)[0].proposed_by == A


def test_who_brings_old_news_is_told_the_new(trio: Trio) -> None:
    drafted, note = proposal(trio)
    trio[B].agreements.receive_note(note.note, note.attachment, by=A)
    trio[B].agreements.sign(drafted.agreement, by="operator")
    before = len(trio[B].notes())
    trio[B].agreements.receive_note(note.note, note.attachment, by=C)
    answers = trio[B].notes()[before:]
    assert [answer.parties for answer in answers] == [(C,)]


def test_lines_of_strangers_are_neither_kept_nor_in_the_way(trio: Trio, hand_over: Any) -> None:
    drafted, note = proposal(trio)
    spoiled = note.note
    for number in range(15):
        spoiled = notes.add_signature(spoiled, f"stranger{number}.example/root", SigningKey.generate())
    # Another key under a party's name is a stranger too.
    trio[B].agreements.receive_note(spoiled, note.attachment, by=A)
    assert trio[B].agreements.get_current(drafted.agreement).note == note.note
    stolen = notes.add_signature(note.note, f"{C}/root", SigningKey.generate())
    trio[B].agreements.receive_note(stolen, note.attachment, by=A)
    assert trio[B].agreements.get_current(drafted.agreement).signers == (A,)
    trio[C].agreements.receive_note(spoiled, note.attachment, by=A)
    for party in (B, C):
        trio[party].agreements.sign(drafted.agreement, by="operator")
    hand_over(trio)
    assert {trio[party].agreements.get_current(drafted.agreement).missing for party in trio} == {()}


def test_a_forged_line_in_a_partys_name_is_damaged(trio: Trio) -> None:
    _, note = proposal(trio)
    real = trio[B].ring.root.verify_key(f"{B}/root")
    forged = notes.add_line(note.note, notes.SignatureLine(real.name, real.hash, bytes(64)))
    with pytest.raises(Damaged):
        trio[C].agreements.receive_note(forged, note.attachment, by=A)
    assert trio[C].agreements.standings() == {}


def test_a_document_with_another_root_key_is_refused(trio: Trio) -> None:
    thief = SigningKey.generate()
    drafted, note = proposal(trio)
    real = trio[B].ring.root.vkey(f"{B}/root")
    document = note.attachment.replace(real.encode(), thief.vkey(f"{B}/root").encode())
    text = wire.parse_version(notes.split_note(note.note)[0])
    changed = msgspec.structs.replace(
        text,
        agreement=wire.agreement_id(document),
        document_sha256=sha256(document).digest(),
        document_length=len(document),
    )
    forged = notes.sign_note(wire.render_version(changed), [(f"{A}/root", trio[A].ring.root), (f"{B}/root", thief)])
    with pytest.raises(Refused) as refused:
        trio[C].agreements.receive_note(forged, document, by=A)
    assert refused.value.code == "other-root"
    assert drafted.agreement not in trio[C].agreements.standings()


def test_another_document_than_the_signed_one_is_damaged(trio: Trio) -> None:
    _, note = proposal(trio)
    with pytest.raises(Damaged):
        trio[B].agreements.receive_note(note.note, note.attachment.replace(b"amber", b"green"), by=A)


def test_a_proposal_may_name_a_party_unknown_here_but_is_not_signed_before_it_is(
    trio: Trio, found_node: Callable[[str], Any], hand_over: Any
) -> None:
    stranger = found_node("neighbour.example")
    trio[A].people.trust(stranger.people.home().note, by="operator")
    stranger.people.trust(trio[A].people.home().note, by="operator")
    drafted = draft(trio[A], B, stranger.party)
    trio[A].agreements.sign(drafted.agreement, by="operator")
    note = trio[A].notes()[-1]
    trio[B].agreements.receive_note(note.note, note.attachment, by=A)
    assert state(trio[B], drafted.agreement) is State.PROPOSED
    with pytest.raises(Unknown) as unknown:
        trio[B].agreements.sign(drafted.agreement, by="operator")
    assert unknown.value.code == "unknown-party"
    trio[B].people.trust(stranger.people.home().note, by="operator")
    assert trio[B].agreements.sign(drafted.agreement, by="operator").signers == (A, B)


def test_what_only_strangers_signed_is_not_kept(trio: Trio, found_node: Callable[[str], Any]) -> None:
    stranger = found_node("neighbour.example")
    stranger.people.trust(trio[B].people.home().note, by="operator")
    drafted = draft(stranger, B)
    stranger.agreements.sign(drafted.agreement, by="operator")
    note = stranger.notes()[-1]
    with pytest.raises(Refused) as refused:
        trio[B].agreements.receive_note(note.note, note.attachment, by=A)
    assert refused.value.code == "untrusted-party"


def test_an_agreement_of_others_is_refused(trio: Trio) -> None:
    drafted = draft(trio[A], B)
    trio[A].agreements.sign(drafted.agreement, by="operator")
    note = trio[A].notes()[-1]
    with pytest.raises(Refused, match="not ours"):
        trio[C].agreements.receive_note(note.note, note.attachment, by=A)


def test_an_amendment_signed_by_one_changes_nothing(trio: Trio, agree: Agree, hand_over: Any) -> None:
    first = agree(trio, A, B, tlp_ceiling="green")
    pair = {A: trio[A], B: trio[B]}
    second = trio[A].agreements.draft(
        "Exchange more", [B], Terms(tlp_ceiling="amber"), starts=trio[A].clock(), amends=first.agreement, by="operator"
    )
    assert (second.number, second.previous) == (2, first.note_sha256)
    trio[A].agreements.sign(first.agreement, by="operator")
    hand_over(pair)
    for party in pair:
        assert trio[party].agreements.get_standing(first.agreement).version == 1
    trio[B].agreements.sign(first.agreement, by="operator", note_sha256=second.note_sha256)
    hand_over(pair)
    for party in pair:
        standing = trio[party].agreements.get_standing(first.agreement)
        assert (standing.version, standing.terms.tlp_ceiling) == (2, "amber")
    # A replay of the old version is no news, and nothing older can be signed any more.
    trio[B].agreements.receive_note(first.note, first.document_bytes, by=A)
    assert trio[B].agreements.get_standing(first.agreement).version == 2
    with pytest.raises(Refused, match="nothing to sign"):
        trio[B].agreements.sign(first.agreement, by="operator")


def test_an_amendment_needs_its_predecessor(
    trio: Trio, agree: Agree, hand_over: Any, forgetful: Callable[[Any], Any]
) -> None:
    made = agree(trio, A, B, C)
    held: list[Version] = []
    for number in (2, 3):
        amended = draft(trio[A], B, C, amends=made.agreement, starts=trio[A].clock() + number * SECOND)
        for party in (A, B, C):
            trio[party].agreements.sign(made.agreement, by="operator", note_sha256=amended.note_sha256)
            hand_over(trio)
        held.append(trio[A].agreements.list_versions(made.agreement)[-1])
    behind = forgetful(trio[B])
    behind.agreements.receive_note(made.note, made.document_bytes, by=A)
    with pytest.raises(Refused) as refused:
        behind.agreements.receive_note(held[1].note, held[1].document_bytes, by=A)
    assert refused.value.code == "unknown-predecessor"
    for version in held:
        behind.agreements.receive_note(version.note, version.document_bytes, by=A)
    assert [version.number for version in behind.agreements.list_versions(made.agreement)] == [1, 2, 3]


def test_a_party_joins_by_an_amendment(trio: Trio, agree: Agree, hand_over: Any) -> None:
    made = agree(trio, A, B)
    draft(trio[A], B, C, amends=made.agreement)
    for party in (A, B, C):
        trio[party].agreements.sign(made.agreement, by="operator")
        hand_over(trio)
    assert {trio[party].agreements.get_standing(made.agreement).parties for party in trio} == {(A, B, C)}
    assert state(trio[C], made.agreement) is State.IN_FORCE


def test_a_party_that_is_only_proposed_gets_only_its_own_versions(trio: Trio, agree: Agree) -> None:
    first = agree(trio, A, B)
    drafted = trio[A].agreements.draft(
        "More", [B, C], Terms(), starts=trio[A].clock(), amends=first.agreement, by="operator"
    )
    trio[A].agreements.sign(drafted.agreement, by="operator", note_sha256=drafted.note_sha256)
    assert len(trio[A].agreements.agreement_notes(first.agreement)) == 2
    assert len(trio[A].agreements.agreement_notes(first.agreement, C)) == 1


def test_what_nobody_has_signed_cannot_be_amended(trio: Trio) -> None:
    drafted, _ = proposal(trio)
    with pytest.raises(Refused, match="cannot be amended"):
        draft(trio[A], B, C, amends=drafted.agreement)


def test_countersigning_each_others_amendments_at_once_ends_in_one(trio: Trio, agree: Agree, hand_over: Any) -> None:
    first = agree(trio, A, B)
    pair = {A: trio[A], B: trio[B]}
    made = {
        party: trio[party].agreements.draft(
            f"By {party}", [A, B], Terms(), starts=trio[party].clock(), amends=first.agreement, by="operator"
        )
        for party in pair
    }
    for party in pair:
        trio[party].agreements.sign(first.agreement, by="operator", note_sha256=made[party].note_sha256)
    crossing = {party: trio[party].notes()[-1] for party in pair}
    trio[A].agreements.receive_note(crossing[B].note, crossing[B].attachment, by=B)
    trio[B].agreements.receive_note(crossing[A].note, crossing[A].attachment, by=A)
    trio[A].agreements.sign(first.agreement, by="operator", note_sha256=made[B].note_sha256)
    trio[B].agreements.sign(first.agreement, by="operator", note_sha256=made[A].note_sha256)
    hand_over(pair)
    assert trio[A].agreements.get_current(first.agreement).note == trio[B].agreements.get_current(first.agreement).note


def test_an_amendment_takes_over_at_its_instant(trio: Trio, agree: Agree, hand_over: Any) -> None:
    first = agree(trio, A, B, tlp_ceiling="green")
    starts = trio[A].clock() // SECOND * SECOND + 100 * SECOND
    second = trio[A].agreements.draft(
        "Later", [B], Terms(tlp_ceiling="amber"), starts=starts, amends=first.agreement, by="operator"
    )
    for party in (A, B):
        trio[party].agreements.sign(first.agreement, by="operator")
        hand_over({A: trio[A], B: trio[B]})
    assert second.in_force_from == starts
    assert trio[B].agreements.get_standing(first.agreement).version == 1
    trio[B].clock.pass_seconds(101)
    assert trio[B].agreements.get_standing(first.agreement).version == 2


def test_suspension_holds_at_once_and_an_old_resumption_does_not_undo_it(trio: Trio, agree: Agree) -> None:
    made = agree(trio, A, B)
    ours, theirs = trio[A].agreements, trio[B].agreements
    assert ours.suspend(made.agreement, suspended=True, by="operator").suspended_by == (A,)
    first = trio[A].notes()[-1]
    assert first.parties == (B,)
    theirs.receive_note(first.note, b"", by=A)
    assert state(trio[B], made.agreement) is State.SUSPENDED
    ours.suspend(made.agreement, suspended=False, by="operator")
    resumed = trio[A].notes()[-1]
    theirs.receive_note(resumed.note, b"", by=C)
    assert state(trio[B], made.agreement) is State.IN_FORCE
    ours.suspend(made.agreement, suspended=True, by="operator")
    again = trio[A].notes()[-1]
    theirs.receive_note(again.note, b"", by=A)
    for old in (resumed, first, resumed):
        theirs.receive_note(old.note, b"", by=A)
    assert state(trio[B], made.agreement) is State.SUSPENDED
    # One's own resumption does not take back the other's suspension.
    theirs.suspend(made.agreement, suspended=True, by="operator")
    theirs.suspend(made.agreement, suspended=False, by="operator")
    assert state(trio[B], made.agreement) is State.SUSPENDED


def test_suspending_twice_says_it_once(trio: Trio, agree: Agree) -> None:
    made = agree(trio, A, B)
    before = len(trio[A].notes())
    for _ in range(2):
        trio[A].agreements.suspend(made.agreement, suspended=True, by="operator")
    assert len(trio[A].notes()) == before + 1


def test_a_resumption_is_said_again_for_who_was_restored_may_not_know_of_his_suspension(
    trio: Trio, agree: Agree
) -> None:
    made = agree(trio, A, B)
    trio[A].agreements.suspend(made.agreement, suspended=True, by="operator")
    trio[B].agreements.receive_note(trio[A].notes()[-1].note, b"", by=A)
    trio[A].store.write(lambda tx: tx.execute("DELETE FROM agreement_notice"))
    trio[A].agreements.suspend(made.agreement, suspended=False, by="operator")
    trio[B].agreements.receive_note(trio[A].notes()[-1].note, b"", by=A)
    assert state(trio[B], made.agreement) is State.IN_FORCE


def test_nobody_suspends_in_anothers_name(trio: Trio, agree: Agree) -> None:
    made = agree(trio, A, B)
    for party, signer, key in ((A, A, trio[B].ring.node), (A, B, trio[B].ring.node), (C, C, trio[C].ring.node)):
        text = wire.NoticeText(agreement=made.agreement, version=1, party=party, act="suspend", serial=9, at=0)
        note = notes.sign_note(wire.render_notice(text), [(f"{signer}/node", key)])
        with pytest.raises((Damaged, Refused)):
            trio[B].agreements.receive_note(note, b"", by=A)
    assert state(trio[B], made.agreement) is State.IN_FORCE


def test_a_notice_may_be_signed_by_the_root_key_and_leaving_is_final(trio: Trio, agree: Agree) -> None:
    made = agree(trio, A, B)
    for serial, act in ((1, "leave"), (2, "resume")):
        text = wire.NoticeText(agreement=made.agreement, version=1, party=A, act=act, serial=serial, at=0)
        note = notes.sign_note(wire.render_notice(text), [(f"{A}/root", trio[A].ring.root)])
        trio[B].agreements.receive_note(note, b"", by=A)
    assert state(trio[B], made.agreement) is State.ENDED, "one of two is gone"


def test_only_what_is_signed_by_all_can_be_suspended(trio: Trio) -> None:
    drafted, _ = proposal(trio)
    with pytest.raises(Refused, match="not in force"):
        trio[A].agreements.suspend(drafted.agreement, suspended=True, by="operator")


def test_without_the_root_key_nothing_is_signed_but_stopping_works(trio: Trio, agree: Agree) -> None:
    made = agree(trio, A, B)
    offline = type(trio[A])(A, replace(trio[A].ring, root=None), trio[A].store, trio[A].clock)
    drafted = draft(offline, B, starts=offline.clock() + SECOND)
    with pytest.raises(Unknown) as unknown:
        offline.agreements.sign(drafted.agreement, by="operator")
    assert unknown.value.code == "no-root-key"
    assert offline.agreements.suspend(made.agreement, suspended=True, by="operator").suspended_by == (A,)


def test_a_party_never_trusted_cannot_be_named(trio: Trio) -> None:
    with pytest.raises(Unknown):
        draft(trio[A], "stranger.example")
    assert trio[A].agreements.standings() == {}


def test_what_ends_before_it_starts_is_not_drafted(trio: Trio) -> None:
    with pytest.raises(Damaged, match="ends before"):
        draft(trio[A], B, ends=format_second(trio[A].clock() - 10 * SECOND))
