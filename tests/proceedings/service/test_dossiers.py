"""Dossiers: who opens one, who belongs to it, whose key is which, what is taken in; nothing readable is on disk."""

from __future__ import annotations

import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import Any
from unittest import mock

import msgspec
import pytest

from kouprey.kernel.seal import box
from kouprey.kernel.seal.items import open_item
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role
from kouprey.proceedings.model import Kind, Part
from proceedings.conftest import BASIS, NAME, PLAIN, TITLE, refusal

CANARIES = (TITLE, NAME, "canary-1d4b-who-called-whom")


def test_keys_follow_one_another(bureau: Any) -> None:
    bopha = bureau.person("Bopha")
    _, second = box.new_identity()
    made = bureau.dossiers.set_key(bopha.who, second)
    assert made.follows == bopha.key
    newest, oldest = bureau.dossiers.list_keys(bopha.who)
    assert (newest.key, newest.until, oldest.key) == (second, 0, bopha.key) and oldest.until
    assert bureau.dossiers.keys_of({bopha.id}) == {bopha.id: second}
    other = bureau.person("Chan")
    for key in (second, bopha.key, other.key):
        assert refusal(lambda key=key: bureau.dossiers.set_key(bopha.who, key)) == "known-key"
    assert refusal(lambda: bureau.dossiers.set_key(bopha.who, bopha.secret)) == "bad-key"
    assert len(bureau.dossiers.voice_of(second).split()) == 6


def test_the_old_key_stays_for_what_was_sealed_to_it(bureau: Any) -> None:
    bopha = bureau.person("Bopha")
    dossier = bureau.dossier(bopha)
    item = bureau.item(dossier, bopha).id
    bureau.dossiers.set_key(bopha.who, box.new_identity()[1])
    body = b"".join(bureau.dossiers.read_body(bopha.who, dossier, item)[1])
    assert open_item(body, bureau.release(bopha, dossier, item), bopha.secret) == (NAME, PLAIN)
    assert refusal(lambda: bureau.item(dossier, bopha)) == "old-key"


def test_who_opens_one_and_who_sees_it(bureau: Any) -> None:
    bopha, admin = bureau.person("Bopha"), bureau.person("Root", Role.ADMINISTRATOR)
    for who, code in (
        (admin.who, "role-missing"),
        (Reader(party=bureau.party, clearance=TLP.RED, local=True, roles=("legal",), name="operator"), "not-a-person"),
        (msgspec.structs.replace(bopha.who, local=False), "not-a-person"),
        (msgspec.structs.replace(bopha.who, exercise="drill"), "not-a-person"),
    ):
        assert refusal(lambda who=who: bureau.dossiers.open_dossier(who, why="x")) == code
        assert not bureau.dossiers.list_dossiers(who)
    dossier = bureau.dossier(bopha)
    assert [each.id for each in bureau.dossiers.list_dossiers(bopha.who)] == [dossier]
    item = bureau.item(dossier, bopha).id
    outsider = bureau.person("Chan", Role.LEGAL, Role.ADMINISTRATOR, Role.AUDITOR)
    every = bureau.dossiers
    for call in (
        lambda: every.get_dossier(outsider.who, dossier),
        lambda: every.get_item(outsider.who, dossier, item),
        lambda: every.read_body(outsider.who, dossier, item),
        lambda: every.ledger(outsider.who, dossier),
        lambda: every.proof(outsider.who, dossier, item=item),
        lambda: every.list_events(outsider.who, dossier),
        lambda: bureau.release(outsider, dossier, item),
        lambda: every.add_member(outsider.who, dossier, outsider.id, Part.READER, why="x"),
        lambda: every.add_grants(outsider.who, dossier, item, (), why="x"),
        lambda: every.add_item(outsider.who, dossier, bureau.sealed(PLAIN, outsider)),
        lambda: every.state(outsider.who, dossier, item, "preserve", "x"),
        lambda: every.get_dossier(msgspec.structs.replace(bopha.who, exercise="drill"), dossier),
    ):
        assert refusal(call) == "unknown-dossier"


def test_what_is_handed_in(bureau: Any) -> None:
    bopha, azman, chan = bureau.person("Bopha"), bureau.person("Azman", Role.ANALYST), bureau.person("Chan")
    dossier = bureau.dossier(bopha, azman)
    every = bureau.dossiers
    assert refusal(lambda: every.add_item(azman.who, dossier, bureau.sealed(PLAIN, bopha))) == "not-custodian"
    assert refusal(lambda: every.add_item(bopha.who, dossier, bureau.sealed(PLAIN, bopha, chan))) == "no-reader"
    assert refusal(lambda: every.add_item(bopha.who, dossier, BytesIO(b"{}\n"))) == "bad-item"
    changed = bytearray(bureau.sealed(PLAIN, bopha).getvalue())
    changed[-1] ^= 1
    assert refusal(lambda: every.add_item(bopha.who, dossier, BytesIO(bytes(changed)))) == "broken"
    assert refusal(lambda: bureau.item(dossier, bopha, derived="itm_0")) == "unknown-item"
    assert not every.get_dossier(bopha.who, dossier).items
    with bureau.node.store.read() as reader:
        assert reader.value("SELECT count(*) FROM dossier_piece") == 0, "nothing was half kept"
    title = every.add_item(bopha.who, dossier, bureau.sealed(TITLE.encode(), bopha, name="t", kind=Kind.TITLE))
    assert (title.kind, title.number, title.holder) == ("title", 1, bopha.id)
    assert refusal(lambda: every.add_member(bopha.who, dossier, azman.id, Part.READER, why="x")) == "member-already"


def test_what_a_killed_upload_left_goes_after_a_day(bureau: Any) -> None:
    bopha = bureau.person("Bopha")
    dossier = bureau.dossier(bopha)
    kept = bureau.item(dossier, bopha)
    with mock.patch.object(bureau.dossiers, "_record", side_effect=SystemExit), pytest.raises(SystemExit):
        bureau.item(dossier, bopha)

    def pieces() -> int:
        with bureau.node.store.read() as reader:
            return int(reader.value("SELECT count(DISTINCT item) FROM dossier_piece"))

    assert bureau.dossiers.drop_unkept() == 0 and pieces() == 2, "it may be under way"
    bureau.ahead += 23 * 3_600
    assert bureau.dossiers.drop_unkept() == 0 and pieces() == 2
    bureau.ahead += 2 * 3_600
    assert bureau.dossiers.drop_unkept() == 1 and pieces() == 1
    assert b"".join(bureau.dossiers.read_body(bopha.who, dossier, kept.id)[1])


def test_a_dump_of_everything_tells_no_title_no_name_and_no_content(bureau: Any, tmp_path: Path) -> None:
    """Scenario 17: the database, the disk, the keys of the server, a backup."""
    bopha, azman = bureau.person("Bopha"), bureau.person("Azman", Role.ANALYST)
    dossier = bureau.dossier(bopha, azman)
    title = bureau.sealed(TITLE.encode(), bopha, azman, name="title.txt", kind=Kind.TITLE)
    bureau.dossiers.add_item(bopha.who, dossier, title)
    item = bureau.item(dossier, bopha, azman).id
    bureau.release(azman, dossier, item)
    with bureau.node.store.read() as reader:
        boxes = [bytes(row[0]) for row in reader.all("SELECT box FROM dossier_grant")]
        bodies = [bytes(row[0]) for row in reader.all("SELECT body FROM dossier_piece")]
        tables = [row[0] for row in reader.all("SELECT name FROM sqlite_master WHERE type = 'table'")]
        dumped = b"".join(
            repr(row).encode() for name in tables for row in reader.all(f'SELECT * FROM "{name}"') if "fts" not in name
        )
    secret, recipient = box.new_identity()
    words = ["backup", str(tmp_path / "b.age"), "--recipient", recipient, "--data", str(bureau.folder)]
    subprocess.run([sys.executable, "-m", "kouprey", *words], check=True, capture_output=True)
    backup = box.open_box((tmp_path / "b.age").read_bytes(), [secret])
    files = [path.read_bytes() for path in bureau.folder.rglob("*") if path.is_file()]
    assert len(files) > 4 and len(backup) > 10_000
    server = bureau.dossiers._ring.age_secrets
    stripped = [box.open_box(each, server) for each in boxes]
    for canary in CANARIES:
        for data in (dumped, backup, *files, *stripped, *boxes, *bodies):
            assert canary.encode() not in data
    for each in (*stripped, *bodies):
        assert refusal(lambda each=each: box.open_box(each, server)) == "cannot-open"
    assert BASIS.encode() in dumped, "what was written down in the clear is found: the search can find things"
