"""The key files of a node: made once, read by their owner, and never shown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kouprey.kernel.seal import box, keyring
from kouprey.kernel.words.errors import Damaged, Refused, Unknown


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data" / "keys"


def test_what_is_made_is_read(folder: Path) -> None:
    made = keyring.create(folder)
    read = keyring.load(folder)
    assert read.require_root().public == made.require_root().public
    assert (read.node.public, read.receipt.public) == (made.node.public, made.receipt.public)
    assert read.cookie == made.cookie
    assert box.open_box(box.seal(b"hello", [made.age_recipient]), read.age_secrets) == b"hello"
    assert len({made.require_root().public, made.node.public, made.receipt.public}) == 3


def test_only_the_owner_may_read_them(folder: Path) -> None:
    keyring.create(folder)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}


def test_keys_are_never_overwritten(folder: Path) -> None:
    before = keyring.create(folder)
    for name in ("root.key", "node.key", "receipt.key", "cookie.key"):
        (folder / name).unlink()
    with pytest.raises(Refused) as refused:
        keyring.create(folder)
    assert refused.value.code == "keys-exist"
    assert before.age_secrets[0] in (folder / "age.key").read_text()


@given(st.sampled_from(["root.key", "node.key", "receipt.key", "cookie.key", "age.key"]), st.binary(max_size=90))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_spoiled_key_file_is_damaged_and_never_quoted(tmp_path: Path, name: str, content: bytes) -> None:
    folder = tmp_path / "spoiled"
    if not folder.exists():
        keyring.create(folder)
    before = (folder / name).read_bytes()
    (folder / name).write_bytes(content)
    try:
        with pytest.raises(Damaged) as damaged:
            keyring.load(folder)
    finally:
        (folder / name).write_bytes(before)
    assert len(content) < 8 or content.decode("ascii", "replace").strip() not in str(damaged.value)


def test_the_root_key_may_be_elsewhere(folder: Path) -> None:
    keyring.create(folder)
    (folder / "root.key").unlink()
    ring = keyring.load(folder)
    assert ring.root is None
    with pytest.raises(Unknown) as unknown:
        ring.require_root()
    assert unknown.value.code == "no-root-key"


@pytest.mark.parametrize("name", ["node.key", "receipt.key", "age.key", "cookie.key"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    keyring.create(folder)
    (folder / name).unlink()
    with pytest.raises(Unknown, match=name):
        keyring.load(folder)


@pytest.mark.parametrize("text", ["", "\n", "# only a remark\n", "zz" * 32, "00" * 31, "AGE-SECRET-KEY-1QQ", "\xff"])
@pytest.mark.parametrize("name", ["root.key", "node.key", "receipt.key", "age.key", "cookie.key"])
def test_a_spoiled_file_is_damaged_and_its_text_is_not_told(folder: Path, name: str, text: str) -> None:
    keyring.create(folder)
    (folder / name).write_text(text, encoding="latin-1")
    with pytest.raises(Damaged) as damaged:
        keyring.load(folder)
    assert len(text) < 3 or text not in str(damaged.value)


def test_secrets_do_not_show(folder: Path) -> None:
    ring = keyring.create(folder)
    shown = repr(ring)
    for secret in (ring.age_secrets[0], ring.cookie.hex(), repr(ring.cookie), ring.node.to_bytes().hex()):
        assert secret not in shown


def test_an_age_key_is_replaced_and_the_one_before_still_opens(folder: Path) -> None:
    before = keyring.create(folder)
    sealed = box.seal(b"on its way", [before.age_recipient])
    for _ in range(2):
        after = keyring.replace_age(folder)
    assert after.age_recipient != before.age_recipient and len(after.age_secrets) == 3
    assert box.open_box(sealed, after.age_secrets) == b"on its way"
    assert box.open_box(box.seal(b"new", [after.age_recipient]), after.age_secrets[:1]) == b"new"
    assert (folder / "age.key").stat().st_mode & 0o777 == 0o600


def test_a_receipt_key_is_replaced_and_nothing_else(folder: Path) -> None:
    before = keyring.create(folder)
    after = keyring.replace_receipt(folder)
    assert after.receipt.public != before.receipt.public
    assert after.node.public == before.node.public
    assert sorted(path.name for path in folder.iterdir()) == sorted(keyring.FILES[:5])


@pytest.mark.parametrize(
    ("word", "begin", "end"),
    [
        ("node", keyring.begin_rotation, keyring.end_rotation),
        ("root", keyring.begin_root, keyring.end_root),
    ],
)
def test_a_key_stands_beside_the_one_that_follows_until_it_is_forgotten(
    folder: Path, word: str, begin: Callable[[Path], keyring.Keyring], end: Callable[[Path], keyring.Keyring]
) -> None:
    first = keyring.create(folder)
    both = begin(folder)
    kept = getattr(both, f"{word}_before")
    assert kept is not None and kept.public == getattr(first, word).public != getattr(both, word).public
    with pytest.raises(Refused) as refused:
        begin(folder)
    assert refused.value.code == "rotation-under-way"
    assert getattr(end(folder), f"{word}_before") is None
    # Killed between the two steps of beginning: the key lies in both places, and nothing was begun.
    (folder / f"{word}.old.key").hardlink_to(folder / f"{word}.key")
    assert getattr(keyring.load(folder), f"{word}_before") is None
    assert getattr(begin(folder), f"{word}_before") is not None


def test_without_a_root_key_none_follows(folder: Path) -> None:
    keyring.create(folder)
    (folder / "root.key").unlink()
    with pytest.raises(Unknown):
        keyring.begin_root(folder)
