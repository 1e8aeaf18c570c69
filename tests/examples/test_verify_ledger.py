"""The independent verifier agrees with what we export, and with nothing that was tampered with."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kouprey.federation.model import (
    ERASE_MEDIA_TYPE,
    GENESIS_MEDIA_TYPE,
    BodyFrame,
    BodyState,
    EntryBody,
    EntryHeader,
    EntryKind,
    EpochReason,
    Genesis,
    IndexRange,
    LaneClass,
    Receipt,
)
from kouprey.federation.rules import lane_origin
from kouprey.federation.wire.entry import new_header, render_body, render_genesis
from kouprey.federation.wire.ledger import LedgerLane, render_ledger
from kouprey.kernel.seal.checkpoint import Checkpoint, cosign, sign_checkpoint
from kouprey.kernel.seal.keys import ALG_COSIGNATURE, SigningKey
from kouprey.kernel.seal.notes import add_line, add_signature, sign_note
from kouprey.kernel.seal.tree import Tree, leaf_hash
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.tlp import TLP

VERIFIER = Path(__file__).parents[2] / "examples" / "verify_ledger.py"
PARTIES = ("ministry.example", "neighbour.example", "operator.example")
AT = 1_796_000_000

Line = dict[str, Any]


def key(party: str, role: str) -> SigningKey:
    return SigningKey.from_bytes(sha256(f"{party}/{role}".encode()).digest())


def root_vkey(party: str) -> str:
    return key(party, "root").vkey(f"{party}/root")


def card(party: str) -> bytes:
    text = (
        f"kouprey.dev/card/v1\nparty {party}\nname Party {party}\nurl https://{party}\n"
        f"root {root_vkey(party)}\nnode {key(party, 'node').vkey(f'{party}/node')}\n"
        f"receipt {key(party, 'receipt').vkey(f'{party}/receipt', ALG_COSIGNATURE)}\n"
        "serial 1\nissued 2026-11-01T00:00:00Z\n"
    ).encode()
    return sign_note(text, [(f"{party}/root", key(party, "root"))])


def agreement() -> tuple[bytes, bytes]:
    document = json.dumps({"v": 1, "parties": [{"id": p, "root": root_vkey(p)} for p in PARTIES]}).encode()
    text = (
        f"kouprey.dev/agreement/v1\nagr_{sha256(document).hexdigest()[:32]}\nversion 1\nprev -\n"
        f"doc {b64encode(sha256(document).digest()).decode()} {len(document)}\nin-force 2026-12-01T00:00:00Z\n"
    ).encode()
    note = sign_note(text, [(f"{PARTIES[0]}/root", key(PARTIES[0], "root"))])
    for party in PARTIES[1:]:
        note = add_signature(note, f"{party}/root", key(party, "root"))
    return note, document


def text_of(note: bytes) -> bytes:
    return note[: note.rfind(b"\n\n") + 1]


def lane(author: str, audience: tuple[str, ...], count: int = 6, *, erased: int | None = None) -> LedgerLane:
    """A lane of `count` entries; entry 3 is withheld, entry `erased` was erased by the entry after the last."""
    note, document = agreement()
    genesis = render_genesis(
        Genesis(
            agreement="agr_" + sha256(document).hexdigest()[:32],
            version=1,
            version_sha256=sha256(text_of(note)).hexdigest(),
            author=author,
            audience=audience,
            lane_class=LaneClass.BULK,
            purpose_set=(),
            epoch=sha256(author.encode()).hexdigest()[:32],
            prev=None,
            reason=EpochReason.FIRST,
            root_key_statement=sha256(text_of(card(author))).hexdigest(),
        )
    )
    origin = lane_origin(genesis)
    label = Label(owner=author, agreement="", tlp=TLP.GREEN)
    bodies = [(EntryKind.GENESIS, EntryBody(media_type=GENESIS_MEDIA_TYPE, label=None, content=genesis))]
    bodies += [
        (EntryKind.OBJECT, EntryBody(media_type="text/plain", label=label, content=b"object %d" % index))
        for index in range(1, count)
    ]
    if erased is not None:
        order = b'{"targets":[[%d,%d]],"authority":"court","reason":"order"}' % (erased, erased + 1)
        bodies.append((EntryKind.ERASE, EntryBody(media_type=ERASE_MEDIA_TYPE, label=None, content=order)))
    entries: list[tuple[EntryHeader, BodyFrame]] = []
    for index, (kind, content) in enumerate(bodies):
        salt, body = sha256(b"%d" % index).digest()[:16], render_body(content)
        header = new_header(kind=kind, index=index, version=1, at_ms=AT * 1000 + index, salt=salt, body=body)
        absent = {3: BodyState.WITHHELD, erased: BodyState.ERASED}.get(index)
        frame = BodyFrame(index, absent) if absent else BodyFrame(index, BodyState.PRESENT, salt, body)
        entries.append((header, frame))
    tree = Tree([leaf_hash(header.to_bytes()) for header, _ in entries])

    def checkpoint(size: int) -> bytes:
        return sign_checkpoint(Checkpoint(origin, size, tree.root(size)), key(author, "node"))

    def receipt(party: str, size: int) -> tuple[str, Receipt]:
        line = cosign(checkpoint(size), f"{party}/receipt", key(party, "receipt"), AT)
        return party, Receipt(note=add_line(checkpoint(size), line).decode(), without=(IndexRange(3, 4),))

    peers = [party for party in audience if party != author]
    return LedgerLane(
        origin=origin,
        checkpoint=checkpoint(len(entries)),
        size=len(entries),
        entries=entries,
        receipts=tuple(receipt(party, len(entries) - at) for at, party in enumerate(peers)),
    )


def ledger(party: str = "ministry.example", lanes: tuple[LedgerLane, ...] = ()) -> bytes:
    lanes = lanes or (
        lane("ministry.example", PARTIES, erased=2),
        lane("operator.example", ("ministry.example", "operator.example")),
    )
    return b"".join(
        render_ledger(
            party=party,
            made_at="2026-12-02T00:00:00Z",
            cards=map(card, PARTIES),
            agreements=[agreement()],
            lanes=lanes,
        )
    )


def run(*arguments: object) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-I", str(VERIFIER), *map(str, arguments)], capture_output=True, text=True, timeout=60
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout


def closed(lines: list[Line]) -> bytes:
    """Lines with a closing hash that holds, as somebody who tampers would write it."""
    data = b"".join(msgspec.json.encode(line) + b"\n" for line in lines if line["type"] != "end")
    return data + msgspec.json.encode({"type": "end", "sha256": sha256(data).hexdigest()}) + b"\n"


@pytest.fixture(scope="module")
def verify() -> Callable[[Path], tuple[Any, dict[str, Any], bool]]:
    """The verifier's own function, for the many cases a process each would make slow."""
    import importlib.util

    spec = importlib.util.spec_from_file_location("verify_ledger", VERIFIER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return lambda path: module.verify(path, {})


def test_it_is_one_short_file_that_needs_nothing_of_ours() -> None:
    source = VERIFIER.read_text()
    assert len(source.splitlines()) <= 300
    assert "import kouprey" not in source
    assert "from kouprey" not in source


def test_a_true_ledger_is_confirmed(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    path.write_bytes(ledger())
    status, out = run(path, "--trust", f"ministry.example={root_vkey('ministry.example')}")
    assert status == 0, out
    assert out.count("  OK\n") == 2
    for said in (
        "ledger of ministry.example: 3 cards, 1 agreement versions, 2 lanes",
        "author ministry.example, for ministry.example, neighbour.example, operator.example, bulk",
        "size 7, root ",
        "5 present, 1 erased [2], 1 withheld [3]",
        "neighbour.example confirms 7 of 7 at 2026-11-30T",
        "operator.example confirms 6 of 7",
    ):
        assert said in out, out


def test_a_root_key_one_knows_is_compared(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    path.write_bytes(ledger())
    status, out = run(path, "--trust", f"ministry.example={root_vkey('operator.example')}")
    assert status == 1
    assert "another root key" in out


def test_two_ledgers_are_compared(tmp_path: Path) -> None:
    ours, theirs, older, forked = (tmp_path / name for name in ("ours", "theirs", "older", "forked"))
    shared = ("ministry.example", "operator.example")
    ours.write_bytes(ledger())
    theirs.write_bytes(
        ledger("operator.example", (lane("ministry.example", PARTIES, erased=2), lane("operator.example", shared)))
    )
    older.write_bytes(
        ledger("operator.example", (lane("ministry.example", PARTIES, erased=2), lane("operator.example", shared, 5)))
    )
    forked.write_bytes(ledger("operator.example", (lane("operator.example", shared),)))
    status, out = run("--equal", ours, theirs)
    assert status == 0, out
    assert "2 lanes for both ministry.example and operator.example: EQUAL" in out
    for other in (older, forked):
        status, out = run("--equal", ours, other)
        assert status == 1
        assert "NOT EQUAL" in out


def test_every_flipped_bit_is_refused(
    tmp_path: Path, verify: Callable[[Path], tuple[Any, dict[str, Any], bool]]
) -> None:
    whole = ledger()
    path = tmp_path / "ledger.jsonl"
    chance = random.Random(5)
    starts = [0]
    for line in whole.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    places = [chance.randrange(a, b) for a, b in pairwise(starts) for _ in range(8)]
    for place in [*places, len(whole) - 1]:
        changed = bytearray(whole)
        changed[place] ^= 1 << chance.randrange(8)
        path.write_bytes(changed)
        assert not verify(path)[2], place


def flips(lines: list[Line], chance: random.Random) -> Iterator[tuple[str, list[Line]]]:
    """Every field of every line, one bit of its meaning changed (decoded where it is base64)."""
    for at, line in enumerate(lines):
        for field, value in line.items():
            if field in ("type", "made_at", "without", "state") or line["type"] in ("end", "ledger"):
                continue
            if isinstance(value, int):
                changed: Any = value + 1
            elif not value:
                continue
            elif field in ("header", "salt", "body", "document"):
                raw = bytearray(b64decode(value))
                raw[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
                changed = b64encode(raw).decode()
            else:
                place = chance.randrange(len(value))
                changed = value[:place] + chr(ord(value[place]) ^ 1 << chance.randrange(6)) + value[place + 1 :]
            yield f"{at} {line['type']}.{field}", [*lines[:at], {**line, field: changed}, *lines[at + 1 :]]


def test_every_field_is_proven_even_when_the_closing_hash_is_made_anew(
    tmp_path: Path, verify: Callable[[Path], tuple[Any, dict[str, Any], bool]]
) -> None:
    lines = [msgspec.json.decode(line) for line in ledger().splitlines()]
    path = tmp_path / "ledger.jsonl"
    path.write_bytes(closed(lines))
    assert verify(path)[2]
    chance = random.Random(7)
    for _ in range(6):
        for what, changed in flips(lines, chance):
            path.write_bytes(closed(changed))
            assert not verify(path)[2], what


def test_lines_removed_added_or_reordered_are_refused(tmp_path: Path) -> None:
    lines = [msgspec.json.decode(line) for line in ledger().splitlines()]
    kinds = [line["type"] for line in lines]
    first_lane, first_entry, receipt = kinds.index("lane"), kinds.index("entry"), kinds.index("receipt")
    second_lane = kinds.index("lane", first_lane + 1)
    erased = next(at for at, line in enumerate(lines) if line.get("state") == "erased")
    present = erased - 1
    hidden = {**lines[present], "state": "erased", "salt": "", "body": ""}
    stolen = {**lines[receipt], "party": "operator.example"}
    cases = {
        "no agreement": [line for line in lines if line["type"] != "agreement"],
        "no card of the author": [line for line in lines if "party ministry" not in line.get("note", "")],
        "an entry less": lines[: first_entry + 1] + lines[first_entry + 2 :],
        "the last entry less": lines[: receipt - 1] + lines[receipt:],
        "entries swapped": [
            *lines[: first_entry + 1],
            *lines[first_entry + 2 : first_entry : -1],
            *lines[first_entry + 3 :],
        ],
        "a lane twice": lines[:-1] + lines[second_lane:-1],
        "a body called erased": [*lines[:present], hidden, *lines[present + 1 :]],
        "a receipt of another": [*lines[:receipt], stolen, *lines[receipt + 1 :]],
        "a receipt in another lane": [*lines[:-1], lines[receipt]],
        "a lane before the cards": [lines[0], *lines[first_lane:-1], *lines[1:first_lane]],
        "an unknown line": [*lines[:-1], {"type": "remark"}],
        "a field more": [{**lines[0], "more": 1}, *lines[1:]],
    }
    path = tmp_path / "ledger.jsonl"
    for what, changed in cases.items():
        path.write_bytes(closed(changed))
        status, out = run(path)
        assert status == 1, (what, out)
        assert "WRONG" in out
    whole = ledger()
    for cut in (whole[:-1], whole[: whole.rfind(b'{"type":"end"')], b"", b"[]\n", b"\xff\n", whole + b"{}\n"):
        path.write_bytes(cut)
        assert run(path)[0] == 1
    assert run(tmp_path / "absent")[0] == 1
