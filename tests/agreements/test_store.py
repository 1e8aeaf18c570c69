"""What agreements write, they read back; only drafts are ever deleted."""

from __future__ import annotations

from typing import Any

import msgspec

from kouprey.agreements import store as rows
from kouprey.agreements.model import Terms, Version

A, B = "cert.example", "ministry.example"


def made(node: Any) -> Version:
    version: Version = node.agreements.draft("Exchange", [B], Terms(), starts=node.clock(), by="operator")
    return version


def test_a_version_comes_back_as_it_was(trio: dict[str, Any]) -> None:
    node = trio[A]
    version = made(node)
    with node.store.read() as reader:
        assert rows.find_version(reader, version.note_sha256) == version
        assert rows.find_version(reader, b"no") is None
        assert rows.list_versions(reader) == rows.list_versions(reader, version.agreement) == [version]


def test_signatures_are_added_and_nothing_else_changes(trio: dict[str, Any]) -> None:
    node = trio[A]
    version = made(node)
    signed = msgspec.structs.replace(version, signers=(A,), note=b"note", number=9, proposed_by=B)
    node.store.write(lambda tx: rows.save_version(tx, signed))
    with node.store.read() as reader:
        held = rows.find_version(reader, version.note_sha256)
    assert held == msgspec.structs.replace(version, signers=(A,), note=b"note")
    assert node.store.write(lambda tx: rows.delete_draft(tx, version.note_sha256)) is False


def test_a_draft_is_deleted_once(trio: dict[str, Any]) -> None:
    node = trio[A]
    version = made(node)
    assert node.store.write(lambda tx: rows.delete_draft(tx, version.note_sha256)) is True
    assert node.store.write(lambda tx: rows.delete_draft(tx, version.note_sha256)) is False


def test_the_newest_notice_of_each_party(trio: dict[str, Any]) -> None:
    store = trio[A].store
    for party, serial, act in ((B, 1, "suspend"), (A, 2, "resume"), (A, 3, "leave"), (B, 4, "suspend")):
        store.write(
            lambda tx, party=party, serial=serial, act=act: rows.save_notice(
                tx, "agr_1", party, serial, act, act.encode(), 0
            )
        )
    with store.read() as reader:
        assert rows.find_notice(reader, "agr_1", A) == (3, "leave")
        assert rows.find_notice(reader, "agr_1", "nobody.example") is None
        assert rows.list_suspended(reader) == {"agr_1": (A, B)}
        assert rows.list_notices(reader, "agr_1") == [b"leave", b"suspend"]
    store.write(lambda tx: rows.save_notice(tx, "agr_1", B, 5, "resume", b"r", 0))
    with store.read() as reader:
        assert rows.list_suspended(reader) == {"agr_1": (A,)}
