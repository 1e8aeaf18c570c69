"""The independent verifier of custody: one event without the others, a partner's receipt, and edits by position."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from base64 import b64decode, b64encode
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from kouprey.kernel.seal.tree import Tree, leaf_hash
from kouprey.proceedings.store import custody
from proceedings.conftest import bureau, two
from proceedings.service.test_crossing import forge, given

__all__ = ["bureau", "given", "two"]

ROOT = Path(__file__).parents[2]
VERIFIER = ROOT / "examples" / "verify_custody.py"


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("verify_custody", VERIFIER)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


VERIFY = load()


def run(*words: object) -> tuple[int, str]:
    done = subprocess.run([sys.executable, str(VERIFIER), *map(str, words)], capture_output=True, text=True)
    return done.returncode, done.stdout


@pytest.fixture
def received(given: Any) -> tuple[Any, ...]:
    """Given, received there, and told back."""
    a, b, _, bopha, azman, dossier, item = given
    a.parcel(b)
    (theirs,) = b.dossiers.list_dossiers(azman.who)
    (arrived,) = b.dossiers.get_dossier(azman.who, theirs.id).items
    b.dossiers.receive(azman.who, theirs.id, arrived.id, item.sha256)
    b.parcel(a)
    a.dossiers.sign(dossier)
    return a, b, bopha, dossier, item


def test_one_item_is_confirmed_and_no_other_event_is_told(received: Any, tmp_path: Path) -> None:
    """Scenario 22, without a time-stamping authority: hash, both sides of the transfer, witness, inclusion, offline."""
    a, b, bopha, dossier, item = received
    other = a.item(dossier, bopha, plain=b"another matter").id
    a.dossiers.state(bopha.who, dossier, other, "preserve", "canary-5e5e in the other safe")
    proof, body = tmp_path / "proof.json", tmp_path / "body.age"
    proof.write_bytes(a.dossiers.proof(bopha.who, dossier, item=item.id))
    body.write_bytes(b"".join(a.dossiers.read_body(bopha.who, dossier, item.id)[1]))
    known = a.dossiers._vkeys(dossier)[0]
    code, told = run(proof, "--body", body, "--key", known)
    assert code == 0, told
    for word in ("seal", "release", "give", "received-there", "receive", item.sha256, f"{b.party}/receipt", bopha.name):
        assert word in told, (word, told)
    assert b"canary-5e5e" not in proof.read_bytes() and other.encode() not in proof.read_bytes()
    body.write_bytes(b"x")
    assert run(proof, "--body", body)[0] == 1
    assert run(proof, "--key", b.dossiers._vkeys(dossier)[0])[0] == 1, "a key of somebody else"
    one = tmp_path / "one.json"
    one.write_bytes(a.dossiers.proof(bopha.who, dossier, positions=(0,)))
    assert run(one)[0] == 0 and "1 events hold" in run(one)[1]


def test_a_changed_proof_does_not_hold(received: Any, tmp_path: Path) -> None:
    a, _, bopha, dossier, item = received
    made = json.loads(a.dossiers.proof(bopha.who, dossier, item=item.id))
    file = tmp_path / "p.json"

    def code(**more: Any) -> int:
        file.write_text(json.dumps(made | more))
        return run(file)[0]

    assert code() == 0
    event = made["events"][0]
    raw = b64decode(event["event"]).replace(b'"act":"seal"', b'"act":"open"')
    assert code(events=[event | {"event": b64encode(raw).decode()}]) == 1
    assert code(events=[event | {"position": event["position"] + 1}]) == 1
    assert code(events=[event | {"path": event["path"][:-1]}]) == 1
    assert code(checkpoint=made["checkpoint"].replace(f"\n{made['size']}\n", f"\n{made['size'] + 1}\n")) == 1
    assert code(ledger="other.example/dossier/x") == 1
    earlier = made["earlier"][0]
    assert code(earlier=[earlier | {"path": earlier["path"][1:]}]) == 1
    assert code(earlier=[earlier | {"witnesses": [earlier["witnesses"][0].replace(" ", " x", 1)]}]) == 1


def test_an_edit_of_the_ledger_is_named_by_its_position(received: Any, tmp_path: Path) -> None:
    """Scenario 21, without the node."""
    a, _, bopha, dossier, _ = received
    made = json.loads(a.dossiers.ledger(bopha.who, dossier))
    file = tmp_path / "ledger.json"

    def told(**more: Any) -> str:
        file.write_text(json.dumps(made | more))
        return run(file)[1]

    assert f"{len(made['events'])} events hold" in told()
    for position in range(len(made["events"])):
        events = list(made["events"])
        events[position] = b64encode(b64decode(events[position]).replace(b"Z", b"z", 1)).decode()
        assert f"event {position} is not as it was signed" in told(events=events)
        assert f"event {position} is not as it was signed" in told(
            events=events[:position] + events[position + 1 :]
        ) or (position == len(events) - 1)
    assert f"event {len(made['events']) - 1} was signed and is missing" in told(events=made["events"][:-1])


def test_a_rebuilt_ledger_does_not_fit_an_earlier_checkpoint(received: Any, tmp_path: Path) -> None:
    a, _, bopha, dossier, _ = received
    with a.node.store.read() as reader:
        earlier = custody.list_checkpoints(reader, dossier)[1].note
    held, file = tmp_path / "held.note", tmp_path / "ledger.json"
    held.write_bytes(earlier)
    file.write_bytes(a.dossiers.ledger(bopha.who, dossier))
    assert run(file, "--earlier", held)[0] == 0
    forge(a, dossier, 0)
    file.write_bytes(a.dossiers.ledger(bopha.who, dossier))
    assert run(file)[0] == 0, "by itself it holds"
    assert "event 1 is not as it was signed" in run(file, "--earlier", held)[1]


@drawn(st.integers(1, 40), st.integers(1, 40), st.integers(0, 39))
def test_its_trees_are_those_of_the_node(size: int, old: int, index: int) -> None:
    leaves = [leaf_hash(bytes([number])) for number in range(size)]
    tree = Tree(leaves)
    assert VERIFY.root_of(leaves) == tree.root()
    if index < size:
        path = tree.inclusion_proof(index, size)
        assert VERIFY.included(leaves[index], index, size, path) == tree.root()
        with pytest.raises(ValueError):
            VERIFY.included(leaves[index], index, size, [*path, leaves[0]])
    if old <= size:
        proof = tree.consistency_proof(old, size)
        assert VERIFY.goes_on(old, size, tree.root(old), tree.root(), proof)
        assert not VERIFY.goes_on(old, size, bytes(32), tree.root(), proof)
        assert not VERIFY.goes_on(old, size, tree.root(old), tree.root(), [*proof, leaves[0]])
