"""An operator's edit of one row is named by its position, whichever row it is and however it was edited."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import pytest

from kouprey.kernel.seal.keys import SigningKey
from kouprey.kernel.seal.tree import leaf_hash
from kouprey.node.doctor import look_at
from kouprey.proceedings.service import first_fault
from kouprey.proceedings.store import custody


@pytest.fixture
def kept(bureau: Any) -> tuple[Any, Any, str]:
    bopha = bureau.person("Bopha")
    dossier = bureau.dossier(bopha)
    item = bureau.item(dossier, bopha).id
    bureau.release(bopha, dossier, item)
    bureau.dossiers.state(bopha.who, dossier, item, "preserve", "in the safe")
    return bureau, bopha, dossier


def test_a_ledger_as_it_was_written_has_no_fault(kept: Any) -> None:
    bureau, _, dossier = kept
    bureau.dossier(bureau.person("Chan"))
    assert not list(bureau.dossiers.list_findings())
    with bureau.node.store.read() as reader:
        assert first_fault([], [], "x", []) is None
        assert len(custody.list_checkpoints(reader, dossier)) == 4, "one after each event"


def test_a_replaced_key_is_no_fault(kept: Any) -> None:
    """Earlier checkpoints are by the old key; the newest is signed anew, and must be."""
    bureau, _, dossier = kept
    old = bureau.dossiers._ring
    bureau.dossiers._ring = replace(old, node=SigningKey.generate())
    with bureau.node.store.read() as reader:
        lines, points = custody.list_lines(reader, dossier), custody.list_checkpoints(reader, dossier)
    fresh = [bureau.dossiers._ring.node.public]
    origin = bureau.dossiers.origin(dossier)
    assert (first_fault(lines, points, origin, fresh) or (0, ""))[0] == 3, "not signed by a key that counts"
    assert bureau.dossiers.sign_open() == 1 and bureau.dossiers.sign_open() == 0
    with bureau.node.store.read() as reader:
        points = custody.list_checkpoints(reader, dossier)
    assert first_fault(lines, points, origin, fresh) is None
    changed = [*points[:1], msgspec.structs.replace(points[1], note=points[2].note), *points[2:]]
    assert first_fault(lines, changed, origin, fresh) == (1, "The checkpoint signed after it has another root.")


EDITS = (
    ("UPDATE dossier_custody SET raw = raw || CAST(' ' AS BLOB) WHERE dossier = ? AND position = 2", 2),
    ("UPDATE dossier_custody SET person = 'psn_other' WHERE dossier = ? AND position = 1", 1),
    ("UPDATE dossier_custody SET at = at - 1 WHERE dossier = ? AND position = 3", 3),
    ("UPDATE dossier_custody SET leaf = zeroblob(32) WHERE dossier = ? AND position = 0", 0),
    ("DELETE FROM dossier_custody WHERE dossier = ? AND position = 1", 1),
    ("DELETE FROM dossier_custody WHERE dossier = ? AND position = 3", 3),
    ("UPDATE dossier_checkpoint SET note = CAST('x' AS BLOB) WHERE dossier = ? AND size = 3", 2),
)


@pytest.mark.parametrize(("edit", "position"), EDITS)
def test_an_edit_is_named_by_its_position(kept: Any, edit: str, position: int) -> None:
    """Scenario 21."""
    bureau, _, dossier = kept
    bureau.node.store.write(lambda tx: tx.execute(edit, (dossier,)))
    (found,) = bureau.dossiers.list_findings()
    assert found.level == "bad" and f"Event {position} of the ledger of {dossier}" in found.what
    told = dict(look_at(bureau.node))
    assert [each.what for each in told["proceedings"]] == [found.what], "the doctor says so too"


def test_a_whole_event_written_anew_with_its_leaf_is_named_too(kept: Any) -> None:
    bureau, _, dossier = kept
    with bureau.node.store.read() as reader:
        raw = custody.list_lines(reader, dossier)[3].raw.replace(b"in the safe", b"in a drawer")
    bureau.node.store.write(
        lambda tx: tx.execute(
            "UPDATE dossier_custody SET raw = ?, leaf = ? WHERE dossier = ? AND position = 3",
            (raw, leaf_hash(raw), dossier),
        )
    )
    (found,) = bureau.dossiers.list_findings()
    assert "Event 3" in found.what and "another root" in found.why
