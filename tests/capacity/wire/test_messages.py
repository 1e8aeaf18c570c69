"""Messages between nodes come back as they were, and anything else is refused."""

from __future__ import annotations

import contextlib
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capacity.conftest import START, training
from kouprey.capacity.model import (
    Activity,
    Competency,
    KeyLine,
    Nomination,
    Nominee,
    Register,
    SeatPlan,
    Sort,
    Wish,
    WishList,
)
from kouprey.capacity.wire.messages import (
    activity_id,
    days_of,
    problem_of,
    read_activity,
    read_nomination,
    read_register,
    read_seats,
    read_wishes,
    without_words,
    write_activity,
    write_nomination,
    write_register,
    write_seats,
    write_wishes,
)
from kouprey.kernel.seal.integrity import multikey
from kouprey.kernel.seal.keys import SigningKey
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.time import DAY, SECOND

HOST, GUEST, ONE = "host.example", "guest.example", "a" * 32
SECRET = SigningKey.from_bytes(bytes(range(32)))
KEY = multikey(SECRET.public)


def whole(**more: Any) -> Activity:
    made = msgspec.structs.replace(training(**more), host=HOST, nonce="n", version=1)
    return msgspec.structs.replace(made, id=activity_id(HOST, "n"))


NAMED = Nomination(activity=ONE, host=HOST, party=GUEST, version=2, people=(Nominee(id="n1", name="Dara"),))
PLAN = SeatPlan(activity=ONE, host=HOST, party=GUEST, version=1, confirmed=("n1",), passes={"n1": "ABCD2345"})
WISHES = WishList(
    party=HOST,
    version=1,
    wishes=(Wish(need=True, competency=Competency(framework="nice", code="PD-WRL-003"), count=5),),
)
REGISTER = Register(
    party=HOST,
    version=1,
    dids=(f"did:key:{KEY}",),
    keys=(KeyLine(key=KEY, not_before=START, not_after=START + DAY),),
    status=b"{}",
)


def signed(_: str, text: bytes) -> bytes:
    return SECRET.sign(text)


def test_they_come_back_as_they_were() -> None:
    assert read_activity(write_activity(whole())) == whole()
    assert read_nomination(write_nomination(NAMED)) == NAMED
    assert read_seats(write_seats(PLAN)) == PLAN
    assert read_wishes(write_wishes(WISHES)) == WISHES
    assert read_register(write_register(REGISTER, signed)) == REGISTER


def test_nobody_can_have_the_id_of_anothers_activity() -> None:
    assert activity_id(HOST, "n") != activity_id(GUEST, "n")


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"title": " "}, "title"),
        ({"zone": "Asia/Nowhere"}, "time zone"),
        ({"ends": START}, "before it begins"),
        ({"ends": START + 400 * DAY}, "a year"),
        ({"deadline": START + 9 * DAY}, "nominations end"),
        ({"place": ""}, "neither a place"),
        ({"languages": ("Khmer!",)}, "language"),
        ({"competencies": (Competency(framework="sfia", code="X"),)}, "framework"),
    ],
)
def test_what_is_wrong_is_named(wrong: dict[str, Any], why: str) -> None:
    assert why in problem_of(whole(**wrong))
    with pytest.raises(Damaged) as found:
        read_activity(write_activity(whole(**wrong)))
    assert why in found.value.why


def test_days_are_those_of_the_place() -> None:
    assert len(days_of(whole())) == 2
    late = whole(starts=START + 16 * 3_600 * SECOND, ends=START + 17 * 3_600 * SECOND)
    assert days_of(late) != days_of(msgspec.structs.replace(late, zone="UTC")), "after midnight there"


def test_what_is_erased_has_no_names_left() -> None:
    erased = read_nomination(without_words(Sort.NOMINATION, write_nomination(NAMED)))
    assert [(each.id, each.name) for each in erased.people] == [("n1", "–")]
    assert b"Handing" not in without_words(Sort.ACTIVITY, write_activity(whole()))
    assert read_wishes(without_words(Sort.NEEDS, write_wishes(WISHES))).wishes == ()
    assert without_words(Sort.SEATS, write_seats(PLAN)) == write_seats(PLAN)


@pytest.mark.parametrize(
    "made",
    [
        msgspec.structs.replace(NAMED, people=NAMED.people * 2),
        msgspec.structs.replace(NAMED, people=(Nominee(id="n", name="\x07"),)),
        msgspec.structs.replace(NAMED, activity="short"),
    ],
)
def test_lists_with_somebody_twice_or_nobody_are_refused(made: Nomination) -> None:
    with pytest.raises(Damaged):
        read_nomination(write_nomination(made))


def test_nobody_has_two_states() -> None:
    with pytest.raises(Damaged):
        read_seats(write_seats(msgspec.structs.replace(PLAN, waiting=("n1",))))
    with pytest.raises(Damaged):
        made = msgspec.structs.replace(REGISTER, keys=(KeyLine(key="z6", not_before=1),))
        read_register(write_register(made, signed))


def test_nobody_has_the_key_of_another_party_among_its_own() -> None:
    """Else its status list would take back badges of that party, and its name would stand beside them."""
    theirs, other = msgspec.structs.replace(REGISTER, party=GUEST), SigningKey.generate()
    with pytest.raises(Damaged) as found:
        read_register(write_register(theirs, lambda _, text: other.sign(text)))
    assert "has not signed" in found.value.why
    copied = msgspec.json.decode(write_register(REGISTER, signed)) | {"party": GUEST}
    with pytest.raises(Damaged):
        read_register(msgspec.json.encode(copied))


VALID = [
    write_activity(whole()),
    write_nomination(NAMED),
    write_seats(PLAN),
    write_wishes(WISHES),
    write_register(REGISTER, signed),
]


@given(st.sampled_from(VALID), st.integers(0, 600), st.binary(max_size=6))
def test_anything_is_read_or_refused(raw: bytes, at: int, put: bytes) -> None:
    """read_activity, read_nomination, read_seats, read_wishes and read_register say what they cannot read."""
    for read in (read_activity, read_nomination, read_seats, read_wishes, read_register):
        with contextlib.suppress(Damaged):
            read(raw[:at] + put + raw[at + len(put) :])
