"""The proof of one entry verifies alone, with a program that is not ours, and not after any byte of it was changed."""

from __future__ import annotations

import subprocess
import sys
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

from kouprey.federation.service import erase_bodies
from kouprey.kernel.words.errors import Unknown

VERIFIER = Path(__file__).parents[3] / "examples" / "verify_proof.py"


def verify(folder: Path, proof: bytes, *cards: Any) -> Any:
    file = folder / "one.tlog-proof"
    file.write_bytes(proof)
    names = []
    for place, actor in enumerate(cards):
        card = folder / f"{place}.card"
        card.write_bytes(actor.people.home().note)
        names += ["--card", str(card)]
    words = [sys.executable, str(VERIFIER), str(file), *names, "--content", str(folder / "content")]
    return subprocess.run(words, capture_output=True, text=True, check=False)


def test_an_entry_is_proven_with_content_and_confirmations(each_world: Any, tmp_path: Path) -> None:
    a, b, agreement = each_world.pair()
    a.publish(agreement, [b"one", b"two", b"three"])
    a.publish(agreement, [b"four"])
    b.sync(a)
    (lane,) = a.own_lanes()
    for number in range(5):
        proof = a.federation.proofs.prove(lane.tag, number, content=True)
        told = verify(tmp_path, proof, a, b)
        assert told.returncode == 0, told.stdout + told.stderr
        assert "PROVEN" in told.stdout and f"entry {number} " in told.stdout
        assert f"{b.party} confirms to hold it" in told.stdout
    assert (tmp_path / "content").read_bytes() == b"four"
    theirs = b.federation.proofs.prove(lane.tag, 2, content=True)
    assert verify(tmp_path, theirs, a, b).returncode == 0, "its reader proves it as well"
    assert verify(tmp_path, theirs, b).returncode == 1, "not without the card of its author"


def test_what_is_not_shown_is_not_in_the_file_and_is_proven_all_the_same(world: Any, tmp_path: Path) -> None:
    a, _, agreement = world.pair()
    numbers = a.publish(agreement, [b"one", b"secret"])
    (lane,) = a.own_lanes()
    bare = a.federation.proofs.prove(lane.tag, 2, content=False)
    extra = b64decode(bare.split(b"\n")[1].removeprefix(b"extra "))
    assert len(extra) == 64 and "not in the file" in verify(tmp_path, bare, a).stdout
    a.store.write(lambda tx: erase_bodies(tx, a.lanes, numbers[1:], ()))
    a.lanes.append_waiting()
    assert len(b64decode(a.federation.proofs.prove(lane.tag, 2, content=True).split(b"\n")[1][6:])) == 64


def test_a_changed_byte_proves_nothing(world: Any, tmp_path: Path) -> None:
    a, _, agreement = world.pair()
    a.publish(agreement, [b"one", b"two", b"three"])
    (lane,) = a.own_lanes()
    proof = a.federation.proofs.prove(lane.tag, 2, content=True)
    lines = proof.split(b"\n")
    assert lines[0] == b"c2sp.org/tlog-proof@v1" and lines[2] == b"index 2"
    for place, changed in ((1, lines[1][:-8] + b"AAAAAAA="), (2, b"index 1"), (3, lines[4]), (6, lines[6] + b"x")):
        wrong = [*lines[:place], changed, *lines[place + 1 :]]
        assert verify(tmp_path, b"\n".join(wrong), a).returncode == 1, lines[place]


def test_what_is_not_signed_is_not_proven(world: Any) -> None:
    a, _, agreement = world.pair()
    a.publish(agreement, [b"one"])
    (lane,) = a.own_lanes()
    for tag, number in ((lane.tag, 2), (lane.tag, -1), ("0" * 32, 0)):
        with pytest.raises(Unknown):
            a.federation.proofs.prove(tag, number, content=True)
