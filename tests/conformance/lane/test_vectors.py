"""The vectors of docs/spec, written by an independent script, hold for what we render, read and verify."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from kouprey.federation.model import (
    CARD_MEDIA_TYPE,
    LABELLED,
    BlobChunk,
    BodyFrame,
    BodyState,
    EntryKind,
    IndexRange,
    LaneGroup,
    Manifest,
    Paper,
    Receipt,
)
from kouprey.federation.rules import (
    judge_checkpoint,
    lane_origin,
    lane_tag,
    please_go_on,
    please_send,
    verify_body,
    verify_range,
)
from kouprey.federation.wire.entry import (
    new_header,
    read_body,
    read_genesis,
    read_header,
    render_body,
    render_genesis,
)
from kouprey.federation.wire.ledger import LedgerLane, render_ledger
from kouprey.federation.wire.link import (
    open_receipt,
    read_frames,
    read_headers_answer,
    read_papers,
    read_receipt,
    render_frame,
    render_headers_answer,
    render_json,
    render_papers,
)
from kouprey.federation.wire.manifest import read_manifest
from kouprey.federation.wire.parcel import Piece, read_records, write_records
from kouprey.federation.wire.pictures import from_pictures, to_pictures
from kouprey.federation.wire.slip import Slip, read_slips
from kouprey.kernel.seal.checkpoint import Checkpoint, cosign, open_checkpoint, sign_checkpoint
from kouprey.kernel.seal.keys import SigningKey, VerifyKey
from kouprey.kernel.seal.notes import add_line, open_note
from kouprey.kernel.seal.tree import Frontier, Tree, leaf_hash, verify_consistency, verify_inclusion
from kouprey.kernel.words.errors import Damaged

HERE = Path(__file__).parent
AUTHOR, PEER = "ministry.example", "operator.example"


def load(name: str) -> Any:
    return json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))


def key(name: str) -> SigningKey:
    return SigningKey.from_bytes(sha256(b"kouprey test vector " + name.encode()).digest())


ENTRIES = load("entry")["entries"]
HEADERS = [read_header(bytes.fromhex(entry["header"])) for entry in ENTRIES]
ORIGIN = load("entry")["origin"]
FRAMES = list(read_frames(bytes.fromhex(load("link")["frames"])))


def signed(size: int) -> bytes:
    root = Tree([leaf_hash(header.to_bytes()) for header in HEADERS]).root(size)
    return sign_checkpoint(Checkpoint(ORIGIN, size, root), key(f"{AUTHOR}/node"))


def test_the_scripts_still_write_these_files(tmp_path: Path) -> None:
    for script in ("make_vectors.py", "make_report.py", "make_statements.py"):
        subprocess.run([sys.executable, "-I", str(HERE / script), str(tmp_path)], check=True, timeout=60)
    written = sorted(path.name for path in tmp_path.iterdir())
    assert len(written) == 11
    for name in written:
        assert (tmp_path / name).read_bytes() == (HERE / name).read_bytes(), name


def test_tree() -> None:
    vectors = load("tree")
    leaves = [leaf_hash(bytes.fromhex(item)) for item in vectors["leaves"]]
    assert [leaf.hex() for leaf in leaves] == vectors["leaf_hashes"]
    roots = [bytes.fromhex(root) for root in vectors["roots"]]
    frontier = Frontier()
    for size in range(9):
        assert frontier.root() == roots[size]
        assert [item.hex() for item in frontier.hashes] == vectors["compact_ranges"][size]
        if size < 8:
            frontier.append(leaves[size])
    for case in vectors["inclusion"]:
        proof = [bytes.fromhex(item) for item in case["proof"]]
        assert Tree(leaves).inclusion_proof(case["index"], case["size"]) == proof
        assert verify_inclusion(leaves[case["index"]], case["index"], case["size"], proof, roots[case["size"]])
    for case in vectors["consistency"]:
        proof = [bytes.fromhex(item) for item in case["proof"]]
        assert Tree(leaves).consistency_proof(case["old"], case["new"]) == proof
        assert verify_consistency(case["old"], case["new"], roots[case["old"]], roots[case["new"]], proof)


def test_genesis_and_origin() -> None:
    vectors = load("entry")
    document = vectors["genesis"].encode()
    assert render_genesis(read_genesis(document)) == document
    assert lane_origin(document) == vectors["origin"]
    assert lane_tag(vectors["origin"]) == vectors["tag"]


@pytest.mark.parametrize("index", range(len(ENTRIES)))
def test_entry(index: int) -> None:
    entry = ENTRIES[index]
    salt, body = bytes.fromhex(entry["salt"]), bytes.fromhex(entry["body"])
    header = new_header(
        kind=EntryKind(entry["kind"]), index=index, version=1, at_ms=entry["at_ms"], salt=salt, body=body
    )
    assert header == HEADERS[index]
    assert header.to_bytes().hex() == entry["header"]
    assert leaf_hash(header.to_bytes()).hex() == entry["leaf_hash"]
    verify_body(header, salt, body)
    read = read_body(body, header.kind, owner=AUTHOR, agreement="agr_1")
    assert render_body(read) == body
    assert (read.label is not None) == (header.kind in LABELLED)


@pytest.mark.parametrize("case", load("entry")["refused_headers"], ids=lambda case: case["code"])
def test_refused_header(case: dict[str, str]) -> None:
    with pytest.raises(Damaged) as refused:
        read_header(bytes.fromhex(case["header"]))
    assert refused.value.code == case["code"]


def test_checkpoint_and_receipt() -> None:
    vectors = load("checkpoint")
    node = bytes.fromhex(vectors["node_key"])
    opened = open_checkpoint(vectors["checkpoint"].encode(), ORIGIN, [node])
    assert opened == Checkpoint(ORIGIN, vectors["size"], bytes.fromhex(vectors["root"]))
    assert signed(7).decode() == vectors["checkpoint"]
    assert signed(5).decode() == vectors["earlier"]
    assert judge_checkpoint(open_checkpoint(signed(5), ORIGIN, [node]), opened)
    verify_range(Frontier(), HEADERS, opened, agreement_version=1)
    receipt = read_receipt(vectors["receipt"].encode())
    receipt_key = VerifyKey.parse(vectors["receipt_key"])
    assert open_receipt(receipt, origin=ORIGIN, author_keys=[node], receipt_keys=[receipt_key]) == (
        opened,
        vectors["receipt_seconds"],
        receipt_key,
    )
    line = cosign(signed(7), f"{PEER}/receipt", key(f"{PEER}/receipt"), vectors["receipt_seconds"])
    made = Receipt(note=add_line(signed(7), line).decode(), without=(IndexRange(2, 3), IndexRange(5, 6)))
    assert render_json(made).decode() == vectors["receipt"]


def test_link() -> None:
    vectors = load("link")
    data = bytes.fromhex(vectors["headers_answer"])
    answer = read_headers_answer(data)
    assert render_headers_answer(answer) == data
    assert (answer.start, len(answer.headers)) == (3, 2)
    after = verify_range(
        Frontier.from_bytes(3, b"".join(answer.frontier)),
        answer.headers,
        open_checkpoint(answer.checkpoint, ORIGIN, [key(f"{AUTHOR}/node").public]),
        agreement_version=1,
        proof=answer.proof,
    )
    assert after.size == 5
    assert [frame.state for frame in FRAMES] == vectors["states"]
    assert b"".join(map(render_frame, FRAMES)).hex() == vectors["frames"]
    papers = read_papers(bytes.fromhex(vectors["papers"]))
    assert [paper.media_type for paper in papers] == [CARD_MEDIA_TYPE]
    assert render_papers(papers).hex() == vectors["papers"]
    slip = vectors["slip"]
    missing = [IndexRange(*part) for part in slip["missing"]]
    assert please_send(ORIGIN, missing, slip["size"]) == slip["text"]
    meant = Slip(lane_tag(ORIGIN)[:12], tuple(missing), slip["size"])
    assert read_slips(slip["text"]) == read_slips(slip["spoken"]) == (meant,)
    assert please_go_on(ORIGIN, slip["size"]) == slip["going_on"]


def test_parcel() -> None:
    vectors = load("parcel")
    data = bytes.fromhex(vectors["records"])
    node = VerifyKey.parse(vectors["node_key"])
    pieces: list[Piece] = list(
        read_records(io.BytesIO(data), reader=PEER, node_keys=lambda party: [node] if party == AUTHOR else [])
    )
    manifest, paper, receipt, group = pieces[:4]
    assert isinstance(manifest, Manifest)
    assert isinstance(paper, Paper)
    assert isinstance(receipt, Receipt)
    assert isinstance(group, LaneGroup)
    checkpoint = open_checkpoint(group.checkpoint, ORIGIN, [node.public])
    verify_range(Frontier.from_bytes(3, b"".join(group.frontier)), group.headers, checkpoint, agreement_version=1)
    frames = [piece for piece in pieces[4:] if isinstance(piece, BodyFrame | BlobChunk)]
    assert frames == FRAMES[3:]
    again = write_records(manifest, key(f"{AUTHOR}/node"), papers=[paper], receipts=[receipt], groups=[(group, frames)])
    assert b"".join(again) == data


def test_a_manifest_whose_maker_has_ended_an_epoch() -> None:
    vectors = load("parcel")
    node = VerifyKey.parse(vectors["node_key"])
    for name, ended in (("manifest", False), ("ended", True)):
        held = vectors if name == "manifest" else vectors["ended"]
        document, signature = held["manifest"].encode(), bytes.fromhex(held["signature"])
        manifest = read_manifest(document, signature, PEER, lambda party: [node] if party == AUTHOR else [])
        assert [part.ended for part in manifest.lanes] == [ended]


def test_pictures() -> None:
    pictures = load("parcel")["pictures"]
    file = bytes.fromhex(pictures["file"])
    assert list(to_pictures(file)) == pictures["texts"] and from_pictures("\n".join(pictures["texts"])) == file


def test_agreement_and_cards() -> None:
    vectors = load("agreement")
    document = vectors["document"].encode()
    hashed = sha256(document).digest()
    assert vectors["agreement"] == "agr_" + hashed.hex()[:32]
    assert f"doc {b64encode(hashed).decode()} {len(document)}" in vectors["text"].split("\n")
    assert vectors["version_sha256"] == sha256(vectors["text"].encode()).hexdigest()
    roots = [VerifyKey.parse(party["root"]) for party in json.loads(document)["parties"]]
    opened = open_note(vectors["note"].encode(), roots)
    assert opened.text == vectors["text"].encode()
    assert opened.signers == (f"{AUTHOR}/root", f"{PEER}/root")
    assert open_note(vectors["notice"].encode(), roots).signers == (f"{PEER}/root",)
    for card, root in zip(load("card")["cards"], roots, strict=True):
        assert open_note(card["note"].encode(), [root]).text == card["text"].encode()
        assert f"root {root.vkey}" in card["text"].split("\n")
    assert read_genesis(load("entry")["genesis"].encode()).root_key_statement == (
        sha256(load("card")["cards"][0]["text"].encode()).hexdigest()
    )


def test_ledger() -> None:
    agreed = load("agreement")
    lane = LedgerLane(
        origin=ORIGIN,
        checkpoint=signed(7),
        size=7,
        entries=list(zip(HEADERS, FRAMES, strict=True)),
        receipts=((PEER, read_receipt(load("checkpoint")["receipt"].encode())),),
    )
    written = render_ledger(
        party=AUTHOR,
        made_at="2026-12-02T00:00:00Z",
        cards=[card["note"].encode() for card in load("card")["cards"]],
        agreements=[(agreed["note"].encode(), agreed["document"].encode())],
        lanes=[lane],
    )
    assert b"".join(written) == (HERE / "ledger.jsonl").read_bytes()
    verifier = Path(__file__).parents[3] / "examples" / "verify_ledger.py"
    done = subprocess.run(
        [sys.executable, "-I", str(verifier), str(HERE / "ledger.jsonl")], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stdout


def test_states_of_the_vectors_cover_all() -> None:
    assert {frame.state for frame in FRAMES} == set(BodyState)
