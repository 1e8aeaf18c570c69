"""Shapes of the link API: exact both ways, bounded, and damaged at worst."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.federation.model import (
    BODY_MAX,
    CARD_MEDIA_TYPE,
    KEY_STATEMENT_MEDIA_TYPE,
    BodyFrame,
    BodyState,
    EntryHeader,
    EntryKind,
    HeadersAnswer,
    IndexRange,
    LaneClass,
    LaneState,
    Paper,
    ReasonCode,
    Receipt,
)
from kouprey.federation.rules import lane_tag
from kouprey.federation.wire.link import (
    Hint,
    HintedLane,
    LanesAnswer,
    open_receipt,
    problem_of,
    read_bodies,
    read_bodies_request,
    read_fork_evidence,
    read_frames,
    read_headers_answer,
    read_heads,
    read_held,
    read_hint,
    read_lanes,
    read_paper,
    read_papers,
    read_problem,
    read_receipt,
    render_frame,
    render_headers_answer,
    render_json,
    render_paper,
    render_papers,
)
from kouprey.kernel.seal.checkpoint import Checkpoint, cosign, sign_checkpoint
from kouprey.kernel.seal.keys import ALG_COSIGNATURE, SigningKey
from kouprey.kernel.seal.notes import add_line
from kouprey.kernel.words.errors import Damaged, Refused, TooLarge, Unknown

ORIGIN = "kouprey/1/" + "ab" * 32
NODE = SigningKey.from_bytes(b"n" * 32)
PEER = SigningKey.from_bytes(b"p" * 32)

FRAMES = st.one_of(
    st.builds(
        BodyFrame,
        st.integers(0, 2**24 - 1),
        st.just(BodyState.PRESENT),
        st.binary(min_size=16, max_size=16),
        st.binary(max_size=40),
    ),
    st.builds(BodyFrame, st.integers(0, 2**24 - 1), st.sampled_from([BodyState.ERASED, BodyState.WITHHELD])),
)
HASHES = st.lists(st.binary(min_size=32, max_size=32), max_size=4).map(tuple)
ANSWERS = st.builds(
    HeadersAnswer,
    start=st.integers(0, 2**24 - 1),
    checkpoint=st.binary(max_size=80),
    frontier=HASHES,
    proof=HASHES,
    headers=st.integers(0, 5).map(
        lambda count: tuple(
            EntryHeader(kind=EntryKind.OBJECT, index=i, length=1, version=1, at_ms=1, commitment=bytes(32))
            for i in range(count)
        )
    ),
)


@given(st.lists(FRAMES, max_size=5))
def test_frames_are_read_as_they_were_written(frames: list[BodyFrame]) -> None:
    assert list(read_frames(b"".join(map(render_frame, frames)))) == frames


@given(st.lists(FRAMES, min_size=1, max_size=3), st.data())
def test_cut_frames_are_truncated(frames: list[BodyFrame], data: st.DataObject) -> None:
    last = render_frame(frames[-1])
    whole = b"".join(map(render_frame, frames))
    with pytest.raises(Damaged) as refused:
        list(read_frames(whole[: -data.draw(st.integers(1, len(last) - 1))]))
    assert refused.value.code == "truncated"


@given(st.binary(max_size=80))
def test_random_frames_are_damaged_at_worst(data: bytes) -> None:
    with contextlib.suppress(Damaged):
        assert b"".join(map(render_frame, read_frames(data))) == data


def test_a_frame_that_lies_about_its_length_is_refused() -> None:
    head = (5).to_bytes(8, "big")
    for state, length, code in (
        (0, 15, "bad-body"),
        (1, 1, "bad-body"),
        (2, 17, "bad-body"),
        (3, 0, "bad-body"),
        (0, 16 + BODY_MAX + 1, "too-large"),
        (0, 2**32 - 1, "too-large"),
    ):
        with pytest.raises(Damaged) as refused:
            list(read_frames(head + bytes([state]) + length.to_bytes(4, "big") + bytes(20)))
        assert refused.value.code == code


def test_an_answer_with_bodies_is_the_beginning_of_what_was_asked() -> None:
    asked = (IndexRange(3, 5), IndexRange(9, 10))
    frames = [BodyFrame(index, BodyState.WITHHELD) for index in (3, 4, 9)]
    for count in (1, 2, 3):
        assert list(read_bodies(b"".join(map(render_frame, frames[:count])), asked)) == frames[:count]
    for wrong in ([frames[1]], [frames[0], frames[2]], [*frames, frames[2]]):
        with pytest.raises(Damaged) as refused:
            list(read_bodies(b"".join(map(render_frame, wrong)), asked))
        assert refused.value.code == "reordered"
    with pytest.raises(Damaged) as refused:
        list(read_bodies(b"", asked))
    assert refused.value.code == "truncated"


@given(ANSWERS)
def test_a_headers_answer_is_read_as_it_was_written(answer: HeadersAnswer) -> None:
    data = render_headers_answer(answer)
    assert read_headers_answer(data) == answer
    with pytest.raises(Damaged) as refused:
        read_headers_answer(data + b"x")
    assert refused.value.code == "trailing"
    with pytest.raises(Damaged) as refused:
        read_headers_answer(data[:-1])
    assert refused.value.code == "truncated"


@given(ANSWERS, st.binary(max_size=40), st.data())
def test_mutated_headers_answers_are_damaged_at_worst(answer: HeadersAnswer, noise: bytes, data: st.DataObject) -> None:
    whole = render_headers_answer(answer)
    at = data.draw(st.integers(0, len(whole)))
    mutated = whole[:at] + noise + whole[at + data.draw(st.integers(0, 40)) :]
    with contextlib.suppress(Damaged):
        assert render_headers_answer(read_headers_answer(mutated)) == mutated


def test_a_headers_answer_is_bounded_before_it_is_read() -> None:
    head = b"KH01" + bytes(8)
    for data in (head + b"\xff" * 8, head + bytes(4) + b"\xff" * 4, head + bytes(8) + b"\xff" + bytes(3_000)):
        with pytest.raises(Damaged):
            read_headers_answer(data)


PAPERS = st.lists(
    st.builds(Paper, st.sampled_from([CARD_MEDIA_TYPE, KEY_STATEMENT_MEDIA_TYPE]), st.binary(max_size=40)), max_size=3
).map(tuple)


@given(PAPERS)
def test_papers_are_read_as_they_were_written(papers: tuple[Paper, ...]) -> None:
    data = render_papers(papers)
    assert read_papers(data) == papers
    if papers:
        with pytest.raises(Damaged):
            read_papers(data[:-1])


@given(st.binary(max_size=60) | st.binary(max_size=9).map(lambda data: CARD_MEDIA_TYPE.encode() + data))
def test_random_papers_are_damaged_at_worst(data: bytes) -> None:
    with contextlib.suppress(Damaged):
        assert render_paper(read_paper(data)) == data
    with contextlib.suppress(Damaged):
        assert render_papers(read_papers(data)) == data


def test_papers_of_unknown_kind_or_too_many_are_refused() -> None:
    with pytest.raises(Damaged):
        read_papers(render_papers([Paper("text/html", b"x")]))
    with pytest.raises(TooLarge):
        read_papers(render_papers([Paper(CARD_MEDIA_TYPE, b"")] * 1_001))
    with pytest.raises(TooLarge):
        read_papers(render_papers([Paper(CARD_MEDIA_TYPE, bytes(1_048_576))]))


def receipt_of(note: bytes) -> Receipt:
    line = cosign(note, "operator.example/receipt", PEER, 1_800_000_000)
    return Receipt(note=add_line(note, line).decode(), without=(IndexRange(1, 2),))


def test_a_receipt_says_what_the_peer_confirms_and_when() -> None:
    checkpoint = Checkpoint(ORIGIN, 7, b"r" * 32)
    receipt = receipt_of(sign_checkpoint(checkpoint, NODE))
    assert read_receipt(render_json(receipt)) == receipt
    key = PEER.verify_key("operator.example/receipt", ALG_COSIGNATURE)
    assert open_receipt(receipt, origin=ORIGIN, author_keys=[NODE.public], receipt_keys=[key]) == (
        checkpoint,
        1_800_000_000,
        key,
    )


def test_forged_receipts_are_refused() -> None:
    note = sign_checkpoint(Checkpoint(ORIGIN, 7, b"r" * 32), NODE)
    key = PEER.verify_key("operator.example/receipt", ALG_COSIGNATURE)
    good = receipt_of(note)
    node_as_receipt_key = add_line(note, cosign(note, "operator.example/receipt", NODE, 1))
    cases = {
        "another lane": (good, "kouprey/1/" + "cd" * 32, NODE),
        "another author": (good, ORIGIN, PEER),
        "no cosignature": (Receipt(note=note.decode()), ORIGIN, NODE),
        "cosigned by another key": (Receipt(note=node_as_receipt_key.decode()), ORIGIN, NODE),
        "another size": (Receipt(note=good.note.replace("\n7\n", "\n8\n")), ORIGIN, NODE),
        "lone surrogate": (Receipt(note="\ud800"), ORIGIN, NODE),
    }
    for name, (receipt, origin, author) in cases.items():
        with pytest.raises(Damaged):
            open_receipt(receipt, origin=origin, author_keys=[author.public], receipt_keys=[key])
            pytest.fail(name)


def test_lanes_are_announced_under_their_own_tag() -> None:
    lane = LaneState(
        tag=lane_tag(ORIGIN),
        origin=ORIGIN,
        agreement="agr_" + "1" * 32,
        version=1,
        author="ministry.example",
        lane_class=LaneClass.BULK,
        size=7,
        closed=False,
    )
    assert read_lanes(render_json(LanesAnswer((lane,)))) == LanesAnswer((lane,))
    for change in ({"tag": "0" * 32}, {"origin": "x"}, {"size": -1}):
        with pytest.raises(Damaged):
            read_lanes(render_json(LanesAnswer((msgspec.structs.replace(lane, **change),))))


@pytest.mark.parametrize(
    "data", [b'{"ranges":[]}', b'{"ranges":[[2,2]]}', b'{"ranges":[[3,4],[1,2]]}', b'{"ranges":[[0,99999999]]}', b"{}"]
)
def test_impossible_ranges_are_refused(data: bytes) -> None:
    with pytest.raises(Damaged):
        read_bodies_request(data)


def test_requests_are_read() -> None:
    assert read_bodies_request(b'{"ranges":[[0,2],[2,3]]}').ranges == (IndexRange(0, 2), IndexRange(2, 3))
    hint = Hint((HintedLane(ORIGIN, 8),))
    assert read_hint(render_json(hint)) == hint
    with pytest.raises(TooLarge):
        read_bodies_request(b'{"ranges":[' + b",".join(b"[%d,%d]" % (i, i + 1) for i in range(1_001)) + b"]}")


@given(st.binary(max_size=60) | st.text(max_size=40).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_random_json_is_damaged_at_worst(data: bytes) -> None:
    for read in (read_receipt, read_lanes, read_bodies_request, read_hint, read_fork_evidence):
        with contextlib.suppress(Damaged):
            read(data)


@given(
    st.binary(max_size=60) | st.dictionaries(st.text(max_size=6), st.text() | st.integers()).map(msgspec.json.encode)
)
def test_whatever_answers_is_a_problem(data: bytes) -> None:
    problem = read_problem(data)
    assert read_problem(msgspec.json.encode(problem)) == problem


@given(st.lists(FRAMES, max_size=3), st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=3))
def test_bodies_are_those_asked_for_or_damaged(frames: list[BodyFrame], asked: list[tuple[int, int]]) -> None:
    ranges = [IndexRange(start, end) for start, end in asked]
    due = [index for part in ranges for index in range(part.start, part.end)]
    try:
        came = list(read_bodies(b"".join(map(render_frame, frames)), ranges))
    except Damaged:
        return
    assert came == frames and [frame.index for frame in came] == due[: len(came)]


@given(st.text(max_size=200))
def test_what_is_no_receipt_is_damaged(note: str) -> None:
    with pytest.raises(Damaged):
        open_receipt(
            Receipt(note=note),
            origin=ORIGIN,
            author_keys=[NODE.public],
            receipt_keys=[PEER.verify_key("operator.example/receipt", ALG_COSIGNATURE)],
        )


def test_deep_json_is_damaged() -> None:
    with pytest.raises(Damaged):
        read_hint(b'{"x":' + b"[" * 100_000)


def test_a_peer_is_told_a_code_of_the_closed_list() -> None:
    told = problem_of(Refused("No.", "Smaller.", code="rollback", detail={"held": 9}))
    assert (told.status, told.code, told.size) == (409, "rollback", 9)
    assert problem_of(Unknown("What?", code="no-such-code")).code == "bad-request"
    assert problem_of(Damaged("What?", code="bad-root")).code in set(ReasonCode)


def test_the_closed_list_is_the_one_of_the_specification() -> None:
    spec = (Path(__file__).parents[3] / "docs" / "spec" / "link.md").read_text(encoding="utf-8")
    rows = spec.split("| code | meaning |", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    listed = [code for row in rows for code in re.findall(r"`([a-z-]+)`", row.split("|")[1])]
    assert sorted(listed) == sorted(ReasonCode)


@given(st.binary(max_size=200) | st.just(b'{"lanes":[],"receipts":[{"note":"","without":[]}],"heads":["x"]}'))
def test_what_peers_hold_is_read_or_damaged(data: bytes) -> None:
    for read in (read_held, read_heads):
        with contextlib.suppress(Damaged, TooLarge):
            read(data)
