"""What one party says alone: it holds at once, travels, and never loosens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from kouprey.agreements.facts import AgreementChanged
from kouprey.agreements.model import Narrowing, State, Terms, Version
from kouprey.agreements.wire import said
from kouprey.kernel.seal import notes
from kouprey.kernel.words.errors import Damaged, KoupreyError, Refused
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.tlp import TLP

A, B, C = "cert.example", "ministry.example", "operator.example"
Trio = dict[str, Any]
Agree = Callable[..., Version]


def ask(**more: Any) -> Narrowing:
    return Narrowing(agreement="", version=0, party="", serial=0, at=0, **more)


def sees(node: Any, reader: str, agreement: str, tlp: TLP = TLP.AMBER) -> bool:
    made = node.agreements.decide([Label(owner=node.party, tlp=tlp)], node.agreements.party_reader(reader))
    return bool(made.allowed)


def proposed(trio: Trio, *parties: str) -> Version:
    drafted = trio[A].agreements.draft("Exchange", parties, Terms(), starts=trio[A].clock(), by="dara")
    version: Version = trio[A].agreements.sign(drafted.agreement, by="dara")
    return version


def test_tightening_holds_at_once_for_the_one_and_when_told_for_the_other(
    trio: Trio, agree: Agree, hand_over: Any
) -> None:
    made = agree(trio, A, B, C)
    trio[A].agreements.narrow(made.agreement, ask(tlp_ceiling="green"), by="dara")
    assert not sees(trio[A], B, made.agreement) and sees(trio[A], B, made.agreement, TLP.GREEN)
    assert sees(trio[B], A, made.agreement), "not told yet"
    hand_over(trio)
    assert not sees(trio[B], A, made.agreement) and sees(trio[B], C, made.agreement)
    narrowed = trio[C].agreements.get_standing(made.agreement).narrowed
    assert [(each.party, each.tlp_ceiling, each.version) for each in narrowed] == [(A, "green", 1)]
    assert trio[C].agreements.history(made.agreement)[0].action == "agreement.tightened"


def test_each_tightening_is_added_to_the_one_before(trio: Trio, agree: Agree, hand_over: Any) -> None:
    made = agree(trio, A, B)
    trio[A].agreements.narrow(made.agreement, ask(tlp_ceiling="green"), by="dara")
    trio[A].agreements.narrow(made.agreement, ask(types=("sighting",)), by="dara")
    hand_over({name: trio[name] for name in (A, B)})
    (held,) = trio[B].agreements.get_standing(made.agreement).narrowed
    assert (held.tlp_ceiling, held.types) == ("green", ("sighting",))


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"tlp_ceiling": "red"}, "loosens"),
        ({"types": ("hand-off",)}, "loosens"),
        ({"onward": "community"}, "loosens"),
        ({"parties": ("stranger.example",)}, "loosens"),
        ({"tlp_ceiling": "amber"}, "tightens-nothing"),
        ({}, "tightens-nothing"),
    ],
)
def test_nothing_is_loosened_alone(trio: Trio, agree: Agree, more: dict[str, Any], code: str) -> None:
    made = agree(trio, A, B)
    with pytest.raises(Refused) as refused:
        trio[A].agreements.narrow(made.agreement, ask(**more), by="dara")
    assert refused.value.code == code


def test_a_looser_notice_of_another_party_is_refused_and_an_older_one_ignored(trio: Trio, agree: Agree) -> None:
    made = agree(trio, A, B)

    def note(serial: int, tlp: str, signer: str = A) -> bytes:
        text = said.render_narrowing(
            Narrowing(agreement=made.agreement, version=1, party=A, serial=serial, at=0, tlp_ceiling=tlp)
        )
        return notes.sign_note(text, [(f"{signer}/node", trio[signer].ring.node)])

    trio[B].agreements.receive_note(note(5, "green"), b"", by=A)
    trio[B].agreements.receive_note(note(4, "amber"), b"", by=A)
    with pytest.raises(Refused, match="loosen"):
        trio[B].agreements.receive_note(note(6, "amber"), b"", by=A)
    with pytest.raises(Damaged):
        trio[B].agreements.receive_note(note(7, "clear", B), b"", by=A)
    assert trio[B].agreements.get_standing(made.agreement).narrowed[0].tlp_ceiling == "green"


def test_a_version_all_have_signed_takes_its_place(trio: Trio, agree: Agree, hand_over: Any) -> None:
    two = {name: trio[name] for name in (A, B)}
    made = agree(trio, A, B)
    trio[A].agreements.narrow(made.agreement, ask(tlp_ceiling="clear"), by="dara")
    hand_over(two)
    trio[B].agreements.draft("Exchange", [A], Terms(), starts=trio[B].clock(), amends=made.agreement, by="sovan")
    for name in (B, A):
        trio[name].agreements.sign(made.agreement, by="someone")
        hand_over(two)
    assert trio[A].agreements.get_standing(made.agreement).narrowed == ()
    assert sees(trio[A], B, made.agreement) and sees(trio[B], A, made.agreement)


def test_one_of_three_leaves_and_the_others_go_on(trio: Trio, agree: Agree, hand_over: Any) -> None:
    made = agree(trio, A, B, C)
    trio[C].agreements.leave(made.agreement, by="dara")
    hand_over(trio)
    for node, other in ((A, B), (B, A)):
        assert sees(trio[node], other, made.agreement) and not sees(trio[node], C, made.agreement)
        standing = trio[node].agreements.get_standing(made.agreement)
        assert standing.left == (C,) and standing.state(trio[node].clock()) is not State.ENDED
    assert not sees(trio[C], A, made.agreement)
    assert trio[C].agreements.get_standing(made.agreement).state(trio[C].clock()) is State.ENDED
    denied = trio[A].agreements.decide([Label(owner=A, tlp=TLP.GREEN)], trio[A].agreements.party_reader(C))
    assert denied.because[0].clause == "18" and "has left" in denied.because[0].text
    with pytest.raises(Refused, match="left"):
        trio[C].agreements.suspend(made.agreement, suspended=False, by="dara")
    with pytest.raises(Refused):
        trio[C].agreements.narrow(made.agreement, ask(tlp_ceiling="clear"), by="dara")


def test_who_forgot_that_it_left_has_left(trio: Trio, agree: Agree, hand_over: Any) -> None:
    """C leaves, A alone hears of it, and C is restored to before that: it resumes, later than it left."""
    made = agree(trio, A, B, C)
    trio[C].agreements.leave(made.agreement, by="dara")
    left = trio[C].notes()[-1].note
    trio[A].agreements.receive_note(left, b"", by=C)
    trio[C].store.write(lambda tx: tx.execute("DELETE FROM agreement_notice"))
    trio[C].agreements.suspend(made.agreement, suspended=False, by="dara")
    resumed = trio[C].notes()[-1].note
    for node in (A, B):
        trio[node].agreements.receive_note(resumed, b"", by=C)
    assert trio[A].agreements.get_standing(made.agreement).left == (C,), "leaving is final"
    # A brings C back what it lost, and C says it again to whoever had not heard.
    trio[C].agreements.receive_note(left, b"", by=A)
    assert trio[C].notes()[-1].note == left and set(trio[C].notes()[-1].parties) == {A, B}
    trio[B].agreements.receive_note(left, b"", by=C)
    for node in trio.values():
        assert node.agreements.get_standing(made.agreement).left == (C,)


def test_with_one_of_two_gone_it_is_over(trio: Trio, agree: Agree) -> None:
    made = agree(trio, A, B)
    assert trio[A].agreements.leave(made.agreement, by="dara").state(trio[A].clock()) is State.ENDED


def test_comments_travel_to_all_parties(trio: Trio, hand_over: Any) -> None:
    version = proposed(trio, B, C)
    hand_over(trio)
    trio[B].agreements.comment(version.agreement, version.note_sha256, "2", "ខ្ពស់ពេក", by="sovan")
    hand_over(trio)
    hand_over(trio)
    for node in trio.values():
        (found,) = [each for each, _ in node.agreements.list_comments(version.agreement)]
        assert (found.party, found.about, found.words) == (B, "2", "ខ្ពស់ពេក")
    changes = [fact.change for fact in trio[C].facts(AgreementChanged)]
    assert changes.count("commented") == 1, "the same comment again is nothing new"


def test_declining_is_told_with_its_reason_and_signing_later_takes_it_back(trio: Trio, hand_over: Any) -> None:
    version = proposed(trio, B)
    two = {name: trio[name] for name in (A, B)}
    hand_over(two)
    trio[B].agreements.comment(version.agreement, version.note_sha256, "decline", "Too long.", by="sovan")
    hand_over(two)
    assert trio[A].agreements.declined(version.agreement, version.note_sha256) == {B: "Too long."}
    with pytest.raises(Refused, match="signed"):
        trio[A].agreements.comment(version.agreement, version.note_sha256, "decline", "No.", by="dara")
    trio[B].agreements.sign(version.agreement, by="sovan")
    hand_over(two)
    assert trio[A].agreements.declined(version.agreement, version.note_sha256) == {}


def test_what_is_no_comment(trio: Trio, agree: Agree) -> None:
    draft = trio[A].agreements.draft("Exchange", [B], Terms(), starts=trio[A].clock(), by="dara")
    version = proposed(trio, B)
    for agreement, digest, words in (
        (draft.agreement, draft.note_sha256, "x"),
        (version.agreement, b"?", "x"),
        (version.agreement, version.note_sha256, " \u202e "),
    ):
        if agreement == draft.agreement and not trio[A].agreements.get_current(agreement).draft:
            continue
        with pytest.raises(KoupreyError):
            trio[A].agreements.comment(agreement, digest, "all", words, by="dara")


def test_nobody_comments_in_anothers_name(trio: Trio, agree: Agree) -> None:
    made = agree(trio, A, B)
    trio[A].agreements.comment(made.agreement, made.note_sha256, "all", "words", by="dara")
    (mine, _), *_ = trio[A].agreements.list_comments(made.agreement)
    for party, signer in ((B, A), (C, C)):
        text = said.render_comment(msgspec.structs.replace(mine, party=party))
        note = notes.sign_note(text, [(f"{signer}/node", trio[signer].ring.node)])
        with pytest.raises((Damaged, Refused)):
            trio[B].agreements.receive_note(note, b"", by=A)


def test_a_parcel_brings_what_parties_said(trio: Trio, agree: Agree, forgetful: Any) -> None:
    made = agree(trio, A, B)
    trio[A].agreements.comment(made.agreement, made.note_sha256, "all", "words", by="dara")
    trio[A].agreements.narrow(made.agreement, ask(tlp_ceiling="green"), by="dara")
    again = forgetful(trio[B])
    for note, attachment in trio[A].agreements.agreement_notes(made.agreement, B):
        again.agreements.receive_note(note, attachment, by=A)
    assert again.agreements.get_standing(made.agreement).narrowed[0].party == A
    assert len(again.agreements.list_comments(made.agreement)) == 1
