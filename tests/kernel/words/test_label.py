"""Labels: what is written in an entry is what is read from it, and nothing loosens."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.label import Label, label_line, read_label_line
from kouprey.kernel.words.tlp import PAP, TLP

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8).filter(str.isprintable)
SETS = st.sets(WORDS, max_size=4).map(lambda words: tuple(sorted(words)))
LABELS = st.builds(
    Label,
    owner=st.just("cert.example"),
    agreement=st.sampled_from(["", "agr_1"]),
    tlp=st.sampled_from(TLP),
    pap=st.sampled_from(PAP),
    kind=WORDS,
    purposes=SETS,
    handling=SETS,
    sealed_to=SETS,
    concerned=SETS,
    not_before=st.integers(0, 2**52),
    exercise=WORDS,
)


@given(LABELS)
def test_round_trip_on_one_line(label: Label) -> None:
    line = label_line(label)
    assert b"\n" not in line
    assert read_label_line(line, owner=label.owner, agreement=label.agreement) == label


def test_owner_and_agreement_come_from_the_lane_not_from_the_line() -> None:
    line = label_line(Label(owner="liar.example", agreement="agr_9"))
    assert b"liar" not in line
    read = read_label_line(line, owner="cert.example", agreement="agr_1")
    assert (read.owner, read.agreement) == ("cert.example", "agr_1")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("tlp", "purple"),
        ("pap", "amber+strict"),
        ("purposes", ["b", "a"]),
        ("handling", ["a", "a"]),
        ("sealed_to", "cert.example"),
        ("concerned", [1]),
        ("not_before", "tomorrow"),
        ("surprise", ""),
        ("exercise", None),
    ],
)
def test_a_label_out_of_order_is_damaged(key: str, value: object) -> None:
    fields = msgspec.json.decode(label_line(Label(owner="cert.example")))
    fields[key] = value
    with pytest.raises(Damaged) as caught:
        read_label_line(msgspec.json.encode(fields), owner="cert.example", agreement="")
    assert caught.value.code == "bad-label"


@pytest.mark.parametrize("missing", ["tlp", "pap", "sealed_to", "exercise"])
def test_a_missing_field_is_damaged(missing: str) -> None:
    fields = msgspec.json.decode(label_line(Label(owner="cert.example")))
    del fields[missing]
    with pytest.raises(Damaged):
        read_label_line(msgspec.json.encode(fields), owner="cert.example", agreement="")


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_damaged(line: bytes) -> None:
    with pytest.raises(Damaged):
        read_label_line(line, owner="cert.example", agreement="")


@given(LABELS, st.sampled_from(TLP))
def test_raising_never_loosens(label: Label, tlp: TLP) -> None:
    assert label.strictest(tlp).tlp == max(label.tlp, tlp)
    assert msgspec.structs.replace(label.strictest(tlp), tlp=label.tlp) == label


@pytest.mark.parametrize("text", ["a\x00b", "a\nb", "a\u202eb", "\u2028"])
def test_characters_that_cannot_be_shown_are_refused(text: str) -> None:
    for label in (Label(owner="a.example", kind=text), Label(owner="a.example", handling=(text,))):
        with pytest.raises(Damaged):
            read_label_line(label_line(label), owner="a.example", agreement="")
