"""Founding: once, with closed files and without a password, and never half."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kouprey.exchange.service import Exchange
from kouprey.kernel.words.errors import KoupreyError, Refused
from kouprey.kernel.words.tlp import TLP
from kouprey.node.assemble import Node
from kouprey.node.founding import Founded, found
from kouprey.people.model import Role
from kouprey.people.service import People

PARTY = "cert.sovan.example"


def make(folder: Path, **other: Any) -> Founded:
    wanted: dict[str, Any] = {
        "party": PARTY,
        "name": "Ministry of Sovan",
        "settings": {},
        "identity": "identity--5f8a3b0e-3a6e-4f0e-9d57-0c4f3c5d7a10",
        "person": "Sophea",
    }
    return found(folder, **{**wanted, **other})


def test_only_its_owner_can_read_what_was_made(folder: Path) -> None:
    for path in (folder, folder / "keys"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700, path
    keys = sorted((folder / "keys").iterdir())
    assert [path.name for path in keys] == ["age.key", "cookie.key", "node.key", "receipt.key", "root.key"]
    for path in (*keys, folder / "kouprey.toml"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def test_a_folder_that_was_open_is_closed(tmp_path: Path) -> None:
    (tmp_path / "node").mkdir(mode=0o755)
    make(tmp_path / "node")
    assert stat.S_IMODE((tmp_path / "node").stat().st_mode) == 0o700


def test_a_second_founding_is_refused_and_changes_nothing(folder: Path) -> None:
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with pytest.raises(Refused) as caught:
        make(folder, party="other.example")
    assert caught.value.code == "node-exists" and caught.value.remedy
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    "wrong",
    [
        {"settings": {"listen": "nowhere"}},
        {"settings": {"database": "host=/nonexistent dbname=nothing"}},
        {"party": "not a name"},
        {"name": ""},
        {"person": ""},
    ],
)
def test_what_fails_leaves_nothing_and_can_be_tried_again(tmp_path: Path, wrong: dict[str, Any]) -> None:
    with pytest.raises(KoupreyError):
        make(tmp_path / "new", **wrong)
    assert not (tmp_path / "new").exists()
    there = tmp_path / "there"
    there.mkdir()
    (there / "notes.txt").write_text("mine", "utf-8")
    with pytest.raises(KoupreyError):
        make(there, **wrong)
    assert [path.name for path in there.iterdir()] == ["notes.txt"]
    assert make(there).words


def test_keys_that_are_there_are_kept(tmp_path: Path, founding: tuple[Path, Founded]) -> None:
    keys = tmp_path / "node" / "keys"
    keys.mkdir(parents=True)
    held = (founding[0] / "keys" / "root.key").read_bytes()
    (keys / "root.key").write_bytes(held)
    with pytest.raises(Refused) as caught:
        make(tmp_path / "node")
    assert caught.value.code == "keys-exist"
    assert (keys / "root.key").read_bytes() == held


def test_the_node_speaks_for_its_party(told: Founded, node: Node) -> None:
    people = node.services.get(People)
    assert people.home_id == PARTY and people.home().card.url == "http://127.0.0.1:8420"
    assert told.words == people.fingerprint(PARTY) and len(told.words) == 8
    assert node.services.get(Exchange).list_collections(), "there is somewhere to put what comes first"


def test_the_administrator_has_a_link_and_nobody_a_password(told: Founded, opened: Callable[[], Node]) -> None:
    node = opened()
    people = node.services.get(People)
    [person] = people.list_persons()
    assert (person.name, person.roles, person.clearance) == ("Sophea", (Role.ADMINISTRATOR,), TLP.RED)
    assert people.list_tokens() == []
    with node.store.read() as reader:
        assert reader.all("SELECT 1 FROM session") == []
        assert reader.all("SELECT 1 FROM password") == []
    link, _, after = told.link.partition("?")
    assert after == "next=/setup", "the first administrator is led"
    address, _, secret = link.rpartition("/")
    assert address == "http://127.0.0.1:8420/sign-in" and len(secret) >= 43, "256 bits nobody can guess"


def test_each_founding_makes_its_own_keys_and_link(tmp_path: Path) -> None:
    one, two = make(tmp_path / "one"), make(tmp_path / "two")
    assert one.link != two.link and one.words != two.words
    for name in ("root.key", "node.key", "receipt.key", "age.key", "cookie.key"):
        assert (tmp_path / "one/keys" / name).read_bytes() != (tmp_path / "two/keys" / name).read_bytes()
