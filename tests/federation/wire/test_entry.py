"""Entries on the wire: what is rendered is read again, and nothing else is."""

from __future__ import annotations

import contextlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.federation.model import (
    BODY_MAX,
    ERASE_MEDIA_TYPE,
    GENESIS_MEDIA_TYPE,
    LABELLED,
    EntryBody,
    EntryHeader,
    EntryKind,
    EpochReason,
    Genesis,
    LaneClass,
    LaneEnd,
)
from kouprey.federation.rules import commitment
from kouprey.federation.wire.entry import (
    new_header,
    read_body,
    read_erase,
    read_genesis,
    read_header,
    read_headers,
    read_targets,
    render_body,
    render_erase,
    render_genesis,
)
from kouprey.kernel.words.errors import Damaged, TooLarge
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.tlp import PAP, TLP

GENESIS = Genesis(
    agreement="agr_" + "1" * 32,
    version=1,
    version_sha256="2" * 64,
    author="ministry.example",
    audience=("ministry.example", "operator.example"),
    lane_class=LaneClass.BULK,
    purpose_set=("defence",),
    epoch="3" * 32,
    prev=None,
    reason=EpochReason.FIRST,
    root_key_statement="4" * 64,
)

HEADERS = st.builds(
    EntryHeader,
    kind=st.sampled_from(EntryKind),
    sealed=st.just(False),
    index=st.integers(0, 2**24 - 1),
    length=st.integers(0, BODY_MAX),
    version=st.integers(1, 2**32 - 1),
    at_ms=st.integers(0, 253_402_300_799_999),
    commitment=st.binary(min_size=32, max_size=32),
)
WORDS = st.text(max_size=12).filter(str.isprintable)
"""What a label may say: what cannot be shown is refused when it is read."""
SETS = st.sets(WORDS, max_size=3).map(lambda values: tuple(sorted(values)))
LABELS = st.builds(
    Label,
    owner=st.just("ministry.example"),
    agreement=st.just("agr_1"),
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


@given(HEADERS)
def test_a_header_is_read_as_it_was_written(header: EntryHeader) -> None:
    data = header.to_bytes()
    assert len(data) == 64
    assert read_header(data) == header


@given(HEADERS, st.integers(0, 511))
def test_a_header_with_one_bit_changed_is_refused_or_differs(header: EntryHeader, bit: int) -> None:
    data = bytearray(header.to_bytes())
    data[bit // 8] ^= 1 << bit % 8
    with contextlib.suppress(Damaged):
        changed = read_header(bytes(data))
        assert changed != header
        assert changed.to_bytes() == data


@given(st.binary(max_size=70) | st.binary(min_size=60, max_size=60).map(lambda tail: b"KE01" + tail))
def test_random_bytes_as_header_are_damaged_at_worst(data: bytes) -> None:
    with contextlib.suppress(Damaged):
        assert read_header(data).to_bytes() == data
    with contextlib.suppress(Damaged):
        assert b"".join(header.to_bytes() for header in read_headers(data * 2)) == data * 2


@pytest.mark.parametrize(
    ("at", "value", "code"),
    [
        (0, b"KE02", "bad-header"),
        (4, b"\x05", "bad-kind"),
        (4, b"\x0b", "bad-kind"),
        (5, b"\x02", "unknown-flag"),
        (6, b"\x01", "bad-header"),
        (8, b"\x01", "bad-header"),
        (16, (BODY_MAX + 1).to_bytes(4, "big"), "too-large"),
        (20, bytes(4), "bad-header"),
        (24, b"\xff", "bad-header"),
    ],
)
def test_what_no_writer_may_write_is_refused_with_its_code(at: int, value: bytes, code: str) -> None:
    header = EntryHeader(kind=EntryKind.OBJECT, index=1, length=5, version=1, at_ms=6, commitment=bytes(32))
    data = bytearray(header.to_bytes())
    data[at : at + len(value)] = value
    with pytest.raises(Damaged) as refused:
        read_header(bytes(data))
    assert refused.value.code == code


def test_only_kinds_with_a_label_are_sealed() -> None:
    for kind in EntryKind:
        header = EntryHeader(kind=kind, sealed=True, index=1, length=5, version=1, at_ms=6, commitment=bytes(32))
        if kind in LABELLED:
            assert read_header(header.to_bytes()).sealed
        else:
            with pytest.raises(Damaged):
                read_header(header.to_bytes())


def test_headers_in_a_row_end_with_a_whole_one() -> None:
    header = EntryHeader(kind=EntryKind.OBJECT, index=1, length=5, version=1, at_ms=6, commitment=bytes(32))
    data = header.to_bytes() * 3
    assert read_headers(data) == (header, header, header)
    with pytest.raises(Damaged) as refused:
        read_headers(data[:-1])
    assert refused.value.code == "truncated"


def test_a_new_header_commits_to_salt_and_body() -> None:
    header = new_header(kind=EntryKind.OBJECT, index=7, version=2, at_ms=3, salt=b"s" * 16, body=b"hello")
    assert (header.index, header.length, header.commitment) == (7, 5, commitment(b"s" * 16, b"hello"))
    with pytest.raises(Damaged):
        new_header(kind=EntryKind.OBJECT, index=7, version=2, at_ms=3, salt=b"s" * 16, body=bytes(BODY_MAX + 1))


@given(LABELS, st.binary(max_size=40), st.sampled_from(sorted(LABELLED)))
def test_a_body_is_read_as_it_was_written(label: Label, content: bytes, kind: EntryKind) -> None:
    body = EntryBody(media_type="application/stix+json;version=2.1", label=label, content=content)
    assert read_body(render_body(body), kind, owner="ministry.example", agreement="agr_1") == body


def test_a_body_without_label_is_for_kinds_that_have_none() -> None:
    data = render_body(EntryBody(media_type=GENESIS_MEDIA_TYPE, label=None, content=b"{}"))
    assert data == GENESIS_MEDIA_TYPE.encode() + b"\n\n{}"
    assert read_body(data, EntryKind.GENESIS, owner="a.example", agreement="agr_1").label is None
    with pytest.raises(Damaged) as refused:
        read_body(data, EntryKind.OBJECT, owner="a.example", agreement="agr_1")
    assert refused.value.code == "bad-label"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"text/plain",
        b"text/plain\n",
        b"text/plain\nno label\n",
        b"Text/Plain\n\n",
        b"text/plain;x\n\n",
        b"text\n\n",
        b"text/\xff\n\n",
        b"text/" + b"x" * 300 + b"\n\n",
        b"text/plain\n" + b" " * 20_000 + b"\n",
        bytes(BODY_MAX + 1),
    ],
)
def test_bodies_of_another_shape_are_damaged(data: bytes) -> None:
    with pytest.raises(Damaged):
        read_body(data, EntryKind.OBJECT, owner="a.example", agreement="agr_1")


def test_a_label_has_one_form_only() -> None:
    label = Label(owner="a.example", agreement="agr_1", tlp=TLP.GREEN)
    data = render_body(EntryBody(media_type="text/plain", label=label, content=b"x"))
    for twin in (
        data.replace(b'"tlp":', b'"tlp": '),
        data.replace(b'"tlp":', b'"tlp":"clear","tlp":'),
        data.replace(b'"green"', b'"TLP:GREEN"'),
    ):
        assert twin != data
        with pytest.raises(Damaged) as refused:
            read_body(twin, EntryKind.OBJECT, owner="a.example", agreement="agr_1")
        assert refused.value.code == "bad-label"


@given(st.binary(max_size=60), st.data())
def test_mutated_bodies_are_damaged_at_worst(noise: bytes, data: st.DataObject) -> None:
    whole = render_body(EntryBody(media_type="text/plain", label=Label(owner="a.example"), content=b"x" * 20))
    at = data.draw(st.integers(0, len(whole)))
    cut = data.draw(st.integers(0, 20))
    mutated = whole[:at] + noise + whole[at + cut :]
    with contextlib.suppress(Damaged):
        read = read_body(mutated, EntryKind.OBJECT, owner="a.example", agreement="")
        assert render_body(read) == mutated


def test_a_genesis_is_read_as_it_was_written() -> None:
    assert read_genesis(render_genesis(GENESIS)) == GENESIS
    later = msgspec.structs.replace(
        GENESIS,
        lane_class=LaneClass.PRIORITY,
        prev=LaneEnd(origin="kouprey/1/" + "5" * 64, size=9, root="6" * 64),
        reason=EpochReason.RESTORE,
    )
    assert read_genesis(render_genesis(later)) == later
    assert list(msgspec.json.decode(render_genesis(later))) == [
        "agreement",
        "version",
        "version_sha256",
        "author",
        "audience",
        "class",
        "purpose_set",
        "epoch",
        "prev",
        "reason",
        "root_key_statement",
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"agreement": "agr_x"},
        {"version": 0},
        {"version": 2**32},
        {"version_sha256": "Z" * 64},
        {"author": "other.example"},
        {"audience": ("ministry.example",)},
        {"audience": ("operator.example", "ministry.example")},
        {"audience": ("ministry.example", "ministry.example")},
        {"audience": ("MINISTRY", "ministry.example")},
        {"purpose_set": ("b", "a")},
        {"purpose_set": ("Not a word",)},
        {"epoch": "3" * 31},
        {"prev": LaneEnd(origin="x", size=9, root="6" * 64), "reason": EpochReason.ROLL},
        {"prev": LaneEnd(origin="kouprey/1/" + "5" * 64, size=0, root="6" * 64), "reason": EpochReason.ROLL},
        {"prev": LaneEnd(origin="kouprey/1/" + "5" * 64, size=1, root="6" * 64)},
        {"root_key_statement": ""},
    ],
)
def test_an_impossible_genesis_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(Damaged) as refused:
        read_genesis(render_genesis(msgspec.structs.replace(GENESIS, **change)))
    assert refused.value.code == "bad-genesis"


@given(st.binary(max_size=30), st.data())
def test_mutated_genesis_documents_are_damaged(noise: bytes, data: st.DataObject) -> None:
    whole = render_genesis(GENESIS)
    at = data.draw(st.integers(0, len(whole)))
    mutated = whole[:at] + noise + whole[at + len(noise) :]
    with contextlib.suppress(Damaged):
        assert render_genesis(read_genesis(mutated)) == mutated


def test_a_genesis_with_a_key_twice_is_refused() -> None:
    twice = render_genesis(GENESIS).replace(b'"author":', b'"author":"operator.example","author":')
    with pytest.raises(Damaged):
        read_genesis(twice)


@given(
    body=st.binary(max_size=80)
    | st.lists(st.tuples(st.integers(-5, 40), st.integers(-5, 40)), max_size=4).map(
        lambda targets: b"x/y\n\n" + msgspec.json.encode({"targets": targets, "reason": "erased"})
    ),
    index=st.integers(0, 30),
)
def test_an_erase_entry_names_only_what_came_before_it(body: bytes, index: int) -> None:
    assert all(0 <= start < end <= index for start, end in read_targets(body, index))


def test_the_targets_of_an_erase_entry_are_read() -> None:
    assert read_targets(b'x/y\n\n{"targets":[[1,2],[4,9],[9,12]],"authority":""}', 7) == ((1, 2), (4, 7))


HERE, THERE = "kouprey/1/" + "a" * 64, "kouprey/1/" + "b" * 64


@given(st.binary(max_size=60), st.integers(0, 50))
def test_whatever_an_erase_entry_says_it_means_entries_before_it_or_is_damaged(junk: bytes, index: int) -> None:
    for content in (junk, b'{"targets":[[' + junk + b"]]}"):
        body = ERASE_MEDIA_TYPE.encode() + b"\n\n" + content
        with contextlib.suppress(Damaged, TooLarge):
            named, targets = read_erase(body, index, HERE)
            assert named == HERE and all(1 <= start < beyond <= index for start, beyond in targets)


def test_an_erase_entry_names_its_lane() -> None:
    body = render_erase(THERE, 3, 5)
    assert read_erase(body, 2, HERE) == (THERE, ((3, 5),)), "of another lane all entries are before it"
    assert read_targets(body, 2, HERE, THERE) == ((3, 5),) and read_targets(body, 2, HERE) == ()
    assert read_targets(render_erase(HERE, 3, 9), 7, HERE) == ((3, 7),)
    with pytest.raises(Damaged):
        read_erase(render_erase(HERE, 3, 9), 7, HERE)
