"""Pure verification: ranges, bodies, genesis, checkpoints, gaps and slips."""

from __future__ import annotations

import contextlib
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.federation.model import (
    EntryHeader,
    EntryKind,
    EpochReason,
    Genesis,
    IndexRange,
    LaneClass,
)
from kouprey.federation.rules import (
    SLIP_MAX,
    commitment,
    is_origin,
    judge_checkpoint,
    lane_origin,
    lane_tag,
    missing_ranges,
    open_genesis,
    please_send,
    verify_body,
    verify_fork,
    verify_range,
)
from kouprey.federation.wire.entry import render_genesis
from kouprey.kernel.seal.checkpoint import Checkpoint
from kouprey.kernel.seal.tree import Frontier, Tree, leaf_hash
from kouprey.kernel.words.errors import Damaged, KoupreyError, Refused

ORIGIN = "kouprey/1/" + "ab" * 32


def lane(count: int, *, close: bool = False) -> list[EntryHeader]:
    """Headers of a small lane under agreement version 3."""

    def kind(index: int) -> EntryKind:
        if index == 0:
            return EntryKind.GENESIS
        return EntryKind.CLOSE if close and index == count - 1 else EntryKind.OBJECT

    return [
        EntryHeader(
            kind=kind(index), index=index, length=9, version=3, at_ms=index, commitment=index.to_bytes(32, "big")
        )
        for index in range(count)
    ]


def tree_of(headers: list[EntryHeader]) -> Tree:
    return Tree([leaf_hash(header.to_bytes()) for header in headers])


def checkpoint(headers: list[EntryHeader], size: int | None = None) -> Checkpoint:
    size = len(headers) if size is None else size
    return Checkpoint(ORIGIN, size, tree_of(headers).root(size))


def code_of(call: object) -> str:
    with pytest.raises(KoupreyError) as raised:
        call()  # type: ignore[operator]  # a lambda of the test
    return raised.value.code


@given(st.data())
def test_a_lane_verifies_in_any_pages_with_late_or_exact_checkpoints(data: st.DataObject) -> None:
    headers = lane(data.draw(st.integers(1, 40)))
    tree = tree_of(headers)
    frontier = Frontier()
    while frontier.size < len(headers):
        end = data.draw(st.integers(frontier.size + 1, len(headers)))
        size = data.draw(st.integers(end, len(headers)))
        frontier = verify_range(
            frontier,
            headers[frontier.size : end],
            checkpoint(headers, size),
            agreement_version=3,
            proof=tree.consistency_proof(end, size) if size > end else (),
        )
        assert frontier.size == end
    assert frontier.root() == tree.root(len(headers))


@given(st.integers(1, 20), st.data())
def test_a_changed_header_never_verifies(count: int, data: st.DataObject) -> None:
    headers = lane(count)
    signed = checkpoint(headers)
    at = data.draw(st.integers(0, count - 1))
    other = EntryHeader(kind=headers[at].kind, index=at, length=9, version=3, at_ms=1_000 + at, commitment=bytes(32))
    changed = [*headers[:at], other, *headers[at + 1 :]]
    start = data.draw(st.integers(0, at))
    frontier = Frontier()
    frontier.extend(leaf_hash(header.to_bytes()) for header in headers[:start])
    assert code_of(lambda: verify_range(frontier, changed[start:], signed, agreement_version=3)) == "bad-root"
    assert frontier.size == start


def test_headers_out_of_place_are_named() -> None:
    headers = lane(5)
    signed = checkpoint(headers)

    def code(these: list[EntryHeader], version: int = 3, cp: Checkpoint = signed) -> str:
        return code_of(lambda: verify_range(Frontier(), these, cp, agreement_version=version))

    assert code(headers[1:]) == "gap"
    assert code([headers[0], headers[2], headers[1], *headers[3:]]) == "gap"
    assert code([headers[0], headers[0]]) == "reordered"
    assert code(headers, version=4) == "bad-version"
    assert code(headers[:4]) == "bad-root"
    assert code(headers, cp=checkpoint(headers, 3)) == "bad-range"
    genesis_again = EntryHeader(kind=EntryKind.GENESIS, index=1, length=9, version=3, at_ms=1, commitment=bytes(32))
    assert code([headers[0], genesis_again]) == "bad-kind"
    no_genesis = EntryHeader(kind=EntryKind.OBJECT, index=0, length=9, version=3, at_ms=1, commitment=bytes(32))
    assert code([no_genesis]) == "bad-kind"


def test_nothing_follows_a_closing_entry() -> None:
    closed = lane(3, close=True)
    assert verify_range(Frontier(), closed, checkpoint(closed), agreement_version=3).size == 3
    longer = [*closed, lane(4)[3]]
    assert code_of(lambda: verify_range(Frontier(), longer, checkpoint(longer), agreement_version=3)) == "after-close"
    proof = tree_of(longer).consistency_proof(3, 4)
    assert (
        code_of(lambda: verify_range(Frontier(), closed, checkpoint(longer), agreement_version=3, proof=proof))
        == "after-close"
    )


def test_a_proof_that_is_not_needed_is_refused() -> None:
    headers = lane(3)
    assert (
        code_of(lambda: verify_range(Frontier(), headers, checkpoint(headers), agreement_version=3, proof=[bytes(32)]))
        == "bad-root"
    )


@given(st.binary(min_size=16, max_size=16), st.binary(max_size=50), st.data())
def test_a_body_is_the_committed_one_or_refused(salt: bytes, body: bytes, data: st.DataObject) -> None:
    header = EntryHeader(
        kind=EntryKind.OBJECT, index=1, length=len(body), version=1, at_ms=1, commitment=commitment(salt, body)
    )
    verify_body(header, salt, body)
    whole = bytearray(salt + body)
    bit = data.draw(st.integers(0, len(whole) * 8 - 1))
    whole[bit // 8] ^= 1 << bit % 8
    assert code_of(lambda: verify_body(header, bytes(whole[:16]), bytes(whole[16:]))) == "bad-commitment"
    # The border between salt and body is fixed: the same bytes divided elsewhere are another body.
    if body:
        assert code_of(lambda: verify_body(header, salt + body[:1], body[1:])) == "bad-commitment"


GENESIS = Genesis(
    agreement="agr_" + "1" * 32,
    version=1,
    version_sha256="2" * 64,
    author="ministry.example",
    audience=("ministry.example", "operator.example"),
    lane_class=LaneClass.BULK,
    purpose_set=(),
    epoch="3" * 32,
    prev=None,
    reason=EpochReason.FIRST,
    root_key_statement="4" * 64,
)
PARTIES = {"ministry.example", "operator.example", "neighbour.example"}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({}, ""),
        ({"origin": ORIGIN}, "wrong-origin"),
        ({"agreement": "agr_" + "9" * 32}, "wrong-agreement"),
        ({"version": 2}, "wrong-agreement"),
        ({"version_sha256": "9" * 64}, "wrong-agreement"),
        ({"reader": "neighbour.example"}, "wrong-audience"),
        ({"parties": {"operator.example", "neighbour.example"}}, "wrong-author"),
        ({"parties": {"ministry.example"}}, "wrong-audience"),
    ],
)
def test_a_genesis_opens_only_its_own_lane(change: dict[str, object], code: str) -> None:
    document = render_genesis(GENESIS)
    given: dict[str, object] = {
        "origin": lane_origin(document),
        "reader": "operator.example",
        "agreement": GENESIS.agreement,
        "version": 1,
        "version_sha256": GENESIS.version_sha256,
        "parties": PARTIES,
    }
    arguments = {**given, **change}

    def call() -> None:
        open_genesis(GENESIS, document, **arguments)  # type: ignore[arg-type]  # parametrized

    if code:
        assert code_of(call) == code
    else:
        call()


def test_origin_and_tag() -> None:
    origin = lane_origin(b"{}")
    assert is_origin(origin)
    assert not is_origin(origin + "\n")
    assert not is_origin(origin.upper())
    assert origin.startswith("kouprey/1/" + lane_tag(origin))
    assert len(lane_tag(origin)) == 32


def test_a_checkpoint_only_ever_grows() -> None:
    headers = lane(5)
    three, five = checkpoint(headers, 3), checkpoint(headers, 5)
    assert judge_checkpoint(None, three)
    assert judge_checkpoint(three, five)
    assert not judge_checkpoint(five, five)
    for held, offered, code, kind in (
        (five, three, "rollback", Refused),
        (five, Checkpoint(ORIGIN, 5, bytes(32)), "fork", Refused),
        (five, Checkpoint("kouprey/1/" + "cd" * 32, 6, bytes(32)), "wrong-origin", Damaged),
    ):
        with pytest.raises(kind) as refused:
            judge_checkpoint(held, offered)
        assert refused.value.code == code


def test_a_fork_is_proven_by_two_checkpoints() -> None:
    ours = lane(6)
    theirs = lane(9)
    theirs[4] = EntryHeader(kind=EntryKind.OBJECT, index=4, length=1, version=3, at_ms=1, commitment=bytes(32))
    a, b = checkpoint(ours), checkpoint(theirs)
    leaf_a, leaf_b = ours[4].to_bytes(), theirs[4].to_bytes()
    proof_a, proof_b = tree_of(ours).inclusion_proof(4, 6), tree_of(theirs).inclusion_proof(4, 9)
    assert verify_fork(a, b, index=4, header_a=leaf_a, proof_a=proof_a, header_b=leaf_b, proof_b=proof_b)
    assert not verify_fork(a, b, index=4, header_a=leaf_a, proof_a=proof_a, header_b=leaf_a, proof_b=proof_b)
    assert not verify_fork(a, b, index=3, header_a=leaf_a, proof_a=proof_a, header_b=leaf_b, proof_b=proof_b)
    assert verify_fork(checkpoint(ours, 5), checkpoint(theirs, 5))
    assert not verify_fork(a, a)
    # An honest lane that has grown is never proof of a fork.
    assert not verify_fork(checkpoint(ours, 4), checkpoint(theirs, 4))


RANGES = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20)).map(lambda p: IndexRange(p[0], p[0] + p[1])))


@given(st.integers(0, 70), RANGES)
def test_missing_is_exactly_what_is_not_held(size: int, held: list[IndexRange]) -> None:
    have = {index for part in held for index in range(part.start, part.end)}
    missing = missing_ranges(size, held)
    assert [index for part in missing for index in range(part.start, part.end)] == sorted(set(range(size)) - have)
    assert all(a.end < b.start for a, b in pairwise(missing))


@given(st.sets(st.integers(0, 2**24 - 2), max_size=120), st.just(2**24))
def test_a_slip_is_short_and_asks_for_everything_missing(gaps: set[int], size: int) -> None:
    missing = [IndexRange(gap, gap + 1) for gap in sorted(gaps)]
    slip = please_send(ORIGIN, missing, size)
    assert len(slip.encode()) <= SLIP_MAX
    if not gaps:
        assert slip == f"nothing missing from {lane_tag(ORIGIN)[:12]} of {size}"
        return
    asked: list[range] = []
    for word in slip.split()[3:-2]:
        first, _, last = word.partition("-")
        asked.append(range(int(first), int(last or first) + 1))
    assert all(any(gap in part for part in asked) for gap in gaps)


def test_a_slip_can_be_read_aloud() -> None:
    missing = [IndexRange(120, 340), IndexRange(512, 513)]
    assert please_send(ORIGIN, missing, 900) == "please send abababababab 120-339 512 of 900"


@given(st.binary(max_size=200), st.integers(0, 5))
def test_random_salt_and_body_never_raise_anything_else(data: bytes, cut: int) -> None:
    header = EntryHeader(kind=EntryKind.OBJECT, index=1, length=cut, version=1, at_ms=1, commitment=bytes(32))
    with contextlib.suppress(Damaged):
        verify_body(header, data[:cut], data[cut:])
        raise AssertionError("random bytes met a commitment")
