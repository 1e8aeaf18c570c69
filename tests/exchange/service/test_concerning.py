"""Concerns: said to those who have a thing, outstanding until each has answered, and no more than they know."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from kouprey.kernel.words.errors import Damaged, Forbidden, Refused, Unknown
from kouprey.kernel.words.tlp import TLP


def carry(giver: Any, taker: Any) -> list[Any]:
    """Concerns that wait at one party reach the other."""
    deliveries = [each for each in giver.outgoing() if each.content.startswith(b'{"say"')]
    return list(taker.store.write(lambda tx: taker.exchange.apply_concerns(tx, deliveries)))


@pytest.fixture
def given(ministry: Any, operator: Any, stix: Any) -> str:
    """The id of something green that the operator was given under an amber agreement."""
    agreement = stix.agree(ministry, operator, tlp_ceiling="amber")
    ministry.keep(stix.make("a"), tlp=TLP.GREEN)
    ministry.exchange.publish(agreement, [stix.id("indicator", "a")], by="test")
    assert stix.hand_over(ministry, operator) == [None]
    return str(stix.id("indicator", "a"))


def test_a_recall_is_outstanding_until_it_is_answered(ministry: Any, operator: Any, given: str) -> None:
    ours, theirs = ministry.exchange, operator.exchange
    (made,) = ours.raise_concern(ministry.reader(), given, "recall", text="It was wrong.", by="dara")
    assert made.outstanding == ("operator.example",)
    assert [each.id for each in ours.list_outstanding(ministry.reader())] == [made.id]
    assert carry(ministry, operator) == [None] == carry(ministry, operator)
    (asked,) = theirs.list_asked(operator.reader())
    assert (asked.kind, asked.text, asked.author, asked.said_by) == ("recall", "It was wrong.", "ministry.example", "")
    with pytest.raises(Damaged):
        theirs.answer_concern(operator.reader(), asked.id, "declined", text=" ", by="sok")
    done = theirs.answer_concern(operator.reader(), asked.id, "followed", text="Erased.", by="sok")
    assert not done.outstanding and not theirs.list_asked(operator.reader())
    with pytest.raises(Refused):
        theirs.answer_concern(operator.reader(), asked.id, "noted", text="", by="sok")
    assert carry(operator, ministry) == [None] == carry(operator, ministry)
    assert not ours.list_outstanding(ministry.reader())
    (told,) = ours.list_concerns_of(ministry.reader(), given)
    assert [(a.party, a.outcome, a.text) for a in told.answers] == [("operator.example", "followed", "Erased.")]
    assert [each.id for each in ours.list_answered(ministry.reader())] == [made.id]


def test_what_nobody_answered_is_not_hidden_by_what_came_later(ministry: Any, operator: Any, given: str) -> None:
    ours, theirs = ministry.exchange, operator.exchange
    (old,) = ours.raise_concern(ministry.reader(), given, "recall", text="The first.", by="dara")
    for number in range(3):
        (later,) = ours.raise_concern(ministry.reader(), given, "retag", text=f"Later {number}.", tlp="amber", by="d")
        carry(ministry, operator)
        theirs.answer_concern(operator.reader(), later.id, "noted", text="", by="sok")
        carry(operator, ministry)
    assert [each.id for each in ours.list_outstanding(ministry.reader(), limit=1)] == [old.id]
    assert [each.id for each in theirs.list_asked(operator.reader(), limit=1)] == [old.id]


def test_feedback_goes_to_whoever_gave_it_and_a_recall_only_from_them(ministry: Any, operator: Any, given: str) -> None:
    who = operator.reader()
    with pytest.raises(Refused) as nobody:
        operator.exchange.raise_concern(who, given, "recall", text="No.", by="sok")
    assert nobody.value.code == "nobody-to-tell"
    for kind in ("feedback", "false-positive"):
        (made,) = operator.exchange.raise_concern(who, given, kind, text="Ours.", by="sok")
        assert made.parties == ("ministry.example",)
    assert carry(operator, ministry) == [None, None]
    assert {each.kind for each in ministry.exchange.list_asked(ministry.reader())} == {"feedback", "false-positive"}


def test_it_is_said_at_the_level_of_what_was_given_and_hidden_from_others(
    ministry: Any, operator: Any, given: str, stix: Any
) -> None:
    ministry.keep(stix.make("a"), tlp=TLP.RED)
    (made,) = ministry.exchange.raise_concern(ministry.reader(), given, "retag", text="canary", tlp="amber", by="d")
    assert {each.label.tlp for each in ministry.outgoing()} == {TLP.GREEN} and made.tlp == "amber"
    low = ministry.reader(TLP.CLEAR)
    assert ministry.exchange.list_outstanding(low) == [] == ministry.exchange.list_answered(low)
    with pytest.raises(Unknown):
        ministry.exchange.get_concern(low, made.id)
    with pytest.raises(Unknown):
        ministry.exchange.raise_concern(low, given, "recall", text="x", by="d")
    for verb in (ministry.exchange.list_outstanding, ministry.exchange.list_asked):
        with pytest.raises(Forbidden):
            verb(ministry.foreign("operator.example"))
    for kind, tlp, text in (("recall", "amber", "x"), ("retag", "", "x"), ("recall", "", "")):
        with pytest.raises(Damaged):
            ministry.exchange.raise_concern(ministry.reader(), given, kind, text=text, tlp=tlp, by="d")


def test_what_a_hostile_partner_says_is_refused_and_the_rest_kept(ministry: Any, operator: Any, given: str) -> None:
    ministry.exchange.raise_concern(ministry.reader(), given, "recall", text="Wrong.", by="dara")
    (good,) = [each for each in ministry.outgoing() if b'"say"' in each.content]
    other = msgspec.structs.replace(good, author="neighbour.example")
    unasked = msgspec.structs.replace(
        good, content=b'{"say":"answer","v":1,"answers":"con_' + b"0" * 32 + b'","outcome":"noted","text":""}'
    )
    broken = msgspec.structs.replace(good, content=b'{"say":"concern","v":1}')
    answers = operator.store.write(lambda tx: operator.exchange.apply_concerns(tx, [broken, good, other, unasked]))
    assert [error and error.code for error in answers] == ["bad-concern", None, "id-taken", "unasked-answer"]
