"""Parcels: verify alone, in order, within caps, for their addressees only."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterable, Iterator
from functools import cache
from hashlib import sha256

import msgspec
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from kouprey.federation.model import (
    CARD_MEDIA_TYPE,
    BlobChunk,
    BodyFrame,
    BodyState,
    EntryHeader,
    EntryKind,
    LaneGroup,
    LanePart,
    Manifest,
    Paper,
    Receipt,
)
from kouprey.federation.rules import verify_body, verify_range
from kouprey.federation.wire.entry import new_header
from kouprey.federation.wire.parcel import (
    Caps,
    Group,
    Piece,
    new_manifest,
    read_parcel,
    read_records,
    write_parcel,
    write_records,
)
from kouprey.kernel.seal.box import new_identity, open_box, seal
from kouprey.kernel.seal.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from kouprey.kernel.seal.keys import SigningKey, VerifyKey
from kouprey.kernel.seal.tree import Frontier, leaf_hash
from kouprey.kernel.words.errors import Damaged, KoupreyError, Refused, TooLarge

ORIGIN = "kouprey/1/" + "ab" * 32
OTHER = "kouprey/1/" + "cd" * 32
KEY = SigningKey.from_bytes(b"n" * 32)
PAPERS = (Paper(CARD_MEDIA_TYPE, b"a card"),)
RECEIPTS = (Receipt(note="a receipt"),)


def node_keys(party: str) -> Iterable[VerifyKey]:
    return [KEY.verify_key("ministry.example/node")] if party == "ministry.example" else []


def salt(index: int) -> bytes:
    return sha256(b"salt%d" % index).digest()[:16]


def body(index: int) -> bytes:
    return b"text/plain\n\n" + b"body %d" % index


def headers(origin: str, start: int, end: int) -> list[EntryHeader]:
    return [
        new_header(
            kind=EntryKind.OBJECT if index else EntryKind.GENESIS,
            index=index,
            version=1,
            at_ms=len(origin),
            salt=salt(index),
            body=body(index),
        )
        for index in range(start, end)
    ]


def group(origin: str, start: int, end: int) -> Group:
    """Entries of a lane whose body 2 is erased, and one part of a file."""
    frontier = Frontier()
    frontier.extend(leaf_hash(header.to_bytes()) for header in headers(origin, 0, start))
    hashes = frontier.hashes
    frontier.extend(leaf_hash(header.to_bytes()) for header in headers(origin, start, end))
    head = LaneGroup(
        part=LanePart(origin=origin, start=start, end=end),
        checkpoint=sign_checkpoint(Checkpoint(origin, end, frontier.root()), KEY),
        frontier=hashes,
        headers=tuple(headers(origin, start, end)),
    )

    def pieces() -> Iterator[BodyFrame | BlobChunk]:
        for index in range(start, end):
            if index == 2:
                yield BodyFrame(index, BodyState.ERASED)
            else:
                yield BodyFrame(index, BodyState.PRESENT, salt(index), body(index))
        yield BlobChunk(start, 0, salt(0), b"chunk")

    return head, pieces()


def manifest(**changes: object) -> Manifest:
    made = new_manifest(
        parcel="0f" * 16,
        made_by="ministry.example",
        made_at="2026-12-01T00:00:00Z",
        seq=4,
        recipients=["operator.example", "relay.example"],
        lanes=[LanePart(origin=ORIGIN, start=3, end=9), LanePart(origin=OTHER, start=0, end=2)],
        wants=[LanePart(origin=OTHER, start=5, end=6)],
        papers=PAPERS,
        receipts=RECEIPTS,
    )
    return msgspec.structs.replace(made, **changes)


def groups() -> list[Group]:
    return [group(ORIGIN, 3, 9), group(OTHER, 0, 2)]


@cache
def records() -> bytes:
    return b"".join(write_records(manifest(), KEY, papers=PAPERS, receipts=RECEIPTS, groups=groups()))


def split(data: bytes) -> list[bytes]:
    """The records with their heads."""
    found = []
    while data:
        length = 5 + int.from_bytes(data[1:5], "big")
        found.append(data[:length])
        data = data[length:]
    return found


def closed(parts: list[bytes]) -> bytes:
    """Records with a closing hash that holds, as somebody who tampers would write it."""
    data = b"".join(parts)
    return data + b"\xff" + (32).to_bytes(4, "big") + sha256(data).digest()


def read(data: bytes, reader: str = "operator.example", caps: Caps | None = None) -> list[Piece]:
    return list(read_records(io.BytesIO(data), reader=reader, node_keys=node_keys, caps=caps or Caps()))


def code_of(data: bytes, **more: object) -> str:
    with pytest.raises(KoupreyError) as refused:
        read(data, **more)  # type: ignore[arg-type]  # passed on
    return refused.value.code


def verified(pieces: list[Piece]) -> int:
    """Check every lane as a receiver would; the number of bodies that hold."""
    by_index: dict[int, EntryHeader] = {}
    bodies = 0
    for piece in pieces:
        if isinstance(piece, LaneGroup):
            frontier = Frontier.from_bytes(piece.part.start, b"".join(piece.frontier))
            checkpoint = open_checkpoint(piece.checkpoint, piece.part.origin, [KEY.public])
            assert checkpoint.size == piece.part.end
            verify_range(frontier, piece.headers, checkpoint, agreement_version=1)
            by_index = {header.index: header for header in piece.headers}
        elif isinstance(piece, BodyFrame) and piece.state is BodyState.PRESENT:
            verify_body(by_index[piece.index], piece.salt, piece.body)
            bodies += 1
    return bodies


def test_a_parcel_is_read_as_it_was_written_and_verifies_alone() -> None:
    secret, recipient = new_identity()
    out = io.BytesIO()
    size = write_parcel(out, manifest(), KEY, [recipient], papers=PAPERS, receipts=RECEIPTS, groups=groups())
    assert size == len(out.getvalue())
    out.seek(0)
    pieces = list(read_parcel(out, [secret], reader="operator.example", node_keys=node_keys))
    assert pieces == read(records())
    assert pieces[:3] == [manifest(), *PAPERS, *RECEIPTS]
    assert verified(pieces) == 6 + 2
    assert [piece for piece in pieces if isinstance(piece, BlobChunk)] == [
        BlobChunk(3, 0, salt(0), b"chunk"),
        BlobChunk(0, 0, salt(0), b"chunk"),
    ]


def test_a_parcel_with_papers_only() -> None:
    only = manifest(lanes=())
    data = b"".join(write_records(only, KEY, papers=PAPERS, receipts=RECEIPTS))
    assert read(data) == [only, *PAPERS, *RECEIPTS]


def test_a_parcel_for_somebody_else_is_refused() -> None:
    secret, recipient = new_identity()
    third, third_recipient = new_identity()
    out = io.BytesIO()
    write_parcel(out, manifest(), KEY, [recipient], papers=PAPERS, receipts=RECEIPTS, groups=groups())
    forwarded = seal(open_box(out.getvalue(), [secret]), [third_recipient])
    with pytest.raises(Refused) as refused:
        list(read_parcel(io.BytesIO(forwarded), [third], reader="third.example", node_keys=node_keys))
    assert refused.value.code == "not-addressed"
    with pytest.raises(Damaged) as damaged:
        list(read_parcel(io.BytesIO(out.getvalue()), [third], reader="third.example", node_keys=node_keys))
    assert damaged.value.code == "cannot-open"


def test_a_parcel_of_a_stranger_or_an_impostor_is_refused() -> None:
    stranger = manifest(made_by="stranger.example")
    data = b"".join(write_records(stranger, KEY, papers=PAPERS, receipts=RECEIPTS, groups=groups()))
    assert code_of(data) == "unknown-sender"
    other_key = SigningKey.from_bytes(b"x" * 32)
    data = b"".join(write_records(manifest(), other_key, papers=PAPERS, receipts=RECEIPTS, groups=groups()))
    assert code_of(data) == "bad-signature"


def test_every_cut_is_noticed() -> None:
    data = records()
    for end in range(0, len(data), 7):
        assert code_of(data[:end]) == "truncated"
    assert code_of(data + b"x") == "trailing"


def test_records_changed_by_somebody_who_closes_the_file_again() -> None:
    parts = split(records())[:-1]
    kinds = [part[0] for part in parts]
    body_at = kinds.index(6)
    assert read(closed(parts)) == read(records())
    cases = {
        "reordered": [
            [parts[1], parts[0], *parts[2:]],
            [*parts[:body_at], parts[body_at + 1], parts[body_at], *parts[body_at + 2 :]],
            [*parts[:body_at], *parts[body_at + 1 :]],
            [*parts[: body_at + 1], *parts[body_at:]],
        ],
        "truncated": [parts[:1], parts[:-2]],
        "trailing": [[*parts, parts[body_at]]],
        "bad-manifest": [
            [part for part in parts if part[0] != 9],
            [part for part in parts if part[0] != 8],
            [*parts[:3], parts[2], *parts[3:]],
        ],
        "unknown-record": [[*parts[:4], b"\x0a" + bytes(4), *parts[4:]]],
        "too-large": [[*parts[:4], b"\x01\xff\xff\xff\xff"]],
    }
    for code, tampered in cases.items():
        for each in tampered:
            assert code_of(closed(each)) == code
    assert code_of(b"".join(parts) + b"\xff" + (32).to_bytes(4, "big") + bytes(32)) == "bad-parcel"


@settings(max_examples=300)
@given(st.data())
def test_one_bit_changed_is_never_taken_for_the_original(data: st.DataObject) -> None:
    changed = bytearray(records())
    bit = data.draw(st.integers(0, len(changed) * 8 - 1))
    changed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(KoupreyError):
        read(bytes(changed))


@settings(max_examples=300)
@given(st.data())
def test_a_bit_changed_under_a_new_closing_hash_fails_a_proof(data: st.DataObject) -> None:
    """What the signature of the manifest does not cover is covered by checkpoints and commitments."""
    parts = split(records())[:-1]
    at = data.draw(st.integers(0, len(parts) - 1))
    if parts[at][0] == 7:
        return  # proven by the file's own manifest entry
    changed = bytearray(parts[at])
    bit = data.draw(st.integers(0, len(changed) * 8 - 1))
    changed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(KoupreyError):
        verified(read(closed([*parts[:at], bytes(changed), *parts[at + 1 :]])))


@given(st.binary(max_size=60), st.data())
def test_mutated_records_are_damaged_or_refused_at_worst(noise: bytes, data: st.DataObject) -> None:
    whole = records()
    at = data.draw(st.integers(0, len(whole)))
    mutated = whole[:at] + noise + whole[at + data.draw(st.integers(0, 60)) :]
    with contextlib.suppress(Damaged, Refused):
        read(mutated)


@given(st.binary(max_size=100))
def test_random_bytes_are_damaged(data: bytes) -> None:
    secret, recipient = new_identity()
    packed = zstandard.compress(data)
    for source in (data, seal(data, [recipient]), seal(packed, [recipient]), seal(packed[:-1], [recipient])):
        with pytest.raises(Damaged):
            list(read_parcel(io.BytesIO(source), [secret], reader="operator.example", node_keys=node_keys))


def test_caps_hold_before_bytes_are_allocated() -> None:
    assert code_of(records(), caps=Caps(total=500)) == "too-large"
    assert code_of(records(), caps=Caps(record=100)) == "too-large"
    secret, recipient = new_identity()
    small = Caps(sealed=100)
    with pytest.raises(TooLarge):
        list(read_parcel(io.BytesIO(bytes(101)), [secret], reader="operator.example", node_keys=node_keys, caps=small))
    with pytest.raises(TooLarge):
        write_parcel(
            io.BytesIO(), manifest(), KEY, [recipient], papers=PAPERS, receipts=RECEIPTS, groups=groups(), caps=small
        )
    for caps in (Caps(total=500), Caps(record=100)):
        with pytest.raises(TooLarge):
            list(write_records(manifest(), KEY, papers=PAPERS, receipts=RECEIPTS, groups=groups(), caps=caps))


class Counted(io.BytesIO):
    """A source that counts what is read from it."""

    taken = 0

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        self.taken += len(data)
        return data


class Unread(io.BytesIO):
    """A file that nobody may read."""

    def read(self, size: int | None = -1, /) -> bytes:
        raise AssertionError("it was read")


def test_a_file_that_is_too_large_is_not_even_read() -> None:
    secret, _ = new_identity()
    with pytest.raises(TooLarge):
        list(read_parcel(Unread(bytes(11)), [secret], reader="a.example", node_keys=node_keys, caps=Caps(sealed=10)))


def test_a_bomb_is_refused_after_its_first_bytes() -> None:
    secret, recipient = new_identity()
    bomb = seal(zstandard.compress(bytes(256 * 1024 * 1024)), [recipient])
    with pytest.raises(Damaged) as refused:
        list(read_parcel(io.BytesIO(bomb), [secret], reader="operator.example", node_keys=node_keys))
    assert refused.value.code == "unknown-record"
    # A head that promises 64 MiB and brings nothing.
    source = Counted(b"\x05" + (64 * 1024 * 1024).to_bytes(4, "big") + bytes(10))
    with pytest.raises(Damaged):
        list(read_records(source, reader="operator.example", node_keys=node_keys))
    assert source.taken == 5


def test_a_window_that_needs_much_memory_is_refused() -> None:
    secret, recipient = new_identity()
    parameters = zstandard.ZstdCompressionParameters.from_level(3, window_log=27)
    packer = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    wide = packer.compress(records()) + packer.flush()
    with pytest.raises(Damaged):
        list(read_parcel(io.BytesIO(seal(wide, [recipient])), [secret], reader="operator.example", node_keys=node_keys))


@pytest.mark.parametrize(
    "change",
    [
        {"v": 2},
        {"parcel": "../../etc/passwd"},
        {"made_by": "MINISTRY"},
        {"made_at": "yesterday"},
        {"seq": -1},
        {"recipients": ()},
        {"recipients": ("b.example", "a.example")},
        {"lanes": (LanePart(origin="x", start=0, end=1),)},
        {"lanes": (LanePart(origin=ORIGIN, start=1, end=1),)},
        {"lanes": (LanePart(origin=ORIGIN, start=0, end=2_000_000),)},
        {"wants": (LanePart(origin=ORIGIN, start=-1, end=1),)},
        {"papers": ""},
    ],
)
def test_an_impossible_manifest_is_refused(change: dict[str, object]) -> None:
    bad = manifest(**change)
    document = msgspec.json.encode(bad)
    signature = KEY.sign(b"kouprey-parcel/1\n" + sha256(document).hexdigest().encode() + b"\n")
    parts = [b"\x01" + len(document).to_bytes(4, "big") + document, b"\x02" + (64).to_bytes(4, "big") + signature]
    assert code_of(closed(parts)) == "bad-manifest"


def test_a_writer_keeps_the_promise_of_its_manifest() -> None:
    for these in ([], groups()[:1], groups()[::-1], [*groups(), group(ORIGIN, 9, 10)]):
        with pytest.raises(Damaged) as refused:
            list(write_records(manifest(), KEY, papers=PAPERS, receipts=RECEIPTS, groups=these))
        assert refused.value.code == "bad-manifest"
