"""Releases: written down first or not at all, with a purpose and a basis, for whom it is sealed to and nobody else."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from kouprey.kernel.seal.items import open_item, read_key
from kouprey.kernel.words.errors import KoupreyError, Unreachable
from kouprey.people.model import Role
from kouprey.proceedings.model import Disclosure, Handed, Part
from kouprey.proceedings.service import wrap_again
from proceedings.conftest import BASIS, NAME, PLAIN, refusal


def body_of(bureau: Any, somebody: Any, dossier: str, item: str) -> bytes:
    return b"".join(bureau.dossiers.read_body(somebody.who, dossier, item)[1])


@pytest.fixture
def opened(bureau: Any) -> tuple[Any, Any, Any, str, str]:
    bopha, azman = bureau.person("Bopha"), bureau.person("Azman", Role.ANALYST)
    dossier = bureau.dossier(bopha, azman)
    return bureau, bopha, azman, dossier, bureau.item(dossier, bopha, azman).id


def test_a_reader_opens_what_was_released_to_them(opened: Any) -> None:
    bureau, bopha, azman, dossier, item = opened
    released = bureau.release(azman, dossier, item)
    body = body_of(bureau, azman, dossier, item)
    assert open_item(body, released, azman.secret) == (NAME, PLAIN)
    assert refusal(lambda: open_item(body, released, bopha.secret)) == "cannot-open"
    (told,) = bureau.dossiers.get_dossier(bopha.who, dossier).releases
    assert (told.person, told.item, told.purpose, told.basis) == (azman.id, item, "prosecution", BASIS)
    last = bureau.dossiers.list_events(bopha.who, dossier)[-1]
    assert (last.act, last.by, last.item, last.detail["basis"]) == ("release", azman.id, item, BASIS)


def test_stock_age_opens_an_item_for_its_reader(opened: Any, tmp_path: Path) -> None:
    if shutil.which("age") is None:
        pytest.skip("age is not installed")
    bureau, _, azman, dossier, item = opened
    for name, data in (
        ("me.key", azman.secret.encode()),
        ("released.age", bureau.release(azman, dossier, item)),
        ("body.age", body_of(bureau, azman, dossier, item)),
    ):
        (tmp_path / name).write_bytes(data)

    def age(key: str, file: str) -> bytes:
        return subprocess.run(["age", "-d", "-i", key, file], cwd=tmp_path, check=True, capture_output=True).stdout

    (tmp_path / "item.key").write_bytes(age("me.key", "released.age"))
    size = read_key((tmp_path / "item.key").read_bytes()).size
    assert age("item.key", "body.age")[:size] == PLAIN


class Ceased(Exception):
    """Nothing of a seal was touched before this."""


def test_nothing_leaves_that_cannot_be_written_down(opened: Any) -> None:
    """Scenario 18: the disk is full. The seal is not even touched."""
    bureau, bopha, azman, dossier, item = opened
    events = bureau.acts(bopha, dossier)
    full = Unreachable("The database cannot be written.", "The disk is full.", code="database")
    with (
        mock.patch.object(bureau.node.store, "write", side_effect=full),
        mock.patch("kouprey.kernel.seal.box.open_box", side_effect=Ceased),
    ):
        assert refusal(lambda: bureau.release(azman, dossier, item)) == "database"
    assert bureau.acts(bopha, dossier) == events
    seen = []

    def look(*_: Any) -> bytes:
        seen.extend(bureau.acts(bopha, dossier)[len(events) :])
        raise Ceased

    with mock.patch("kouprey.kernel.seal.box.open_box", side_effect=look), pytest.raises(Ceased):
        bureau.release(azman, dossier, item)
    assert seen == ["release"], "the event was durable before the seal came off"


def on_the_writer(bureau: Any, *pragma: Any) -> None:
    """Bar SQLite from writing, or let it again, as a full disk or one that is read-only does."""
    # Nothing else is written meanwhile, so its thread is idle.
    bureau.node.store._writer._session._connection.pragma(*pragma)


def test_a_full_database_and_one_that_is_read_only_release_nothing(opened: Any) -> None:
    """Scenario 18, by the engine itself: no page can be added, then nothing can be written at all."""
    bureau, bopha, azman, dossier, item = opened
    for barred, free in ((("max_page_count", 1), ("max_page_count", 1 << 30)), (("query_only", 1), ("query_only", 0))):
        on_the_writer(bureau, *barred)
        codes, done = set(), len(bureau.acts(bopha, dossier))
        with mock.patch("kouprey.kernel.seal.box.open_box", return_value=b"released") as stripped:
            for _ in range(40):
                try:
                    bureau.release(azman, dossier, item, basis="x" * 2000)
                except KoupreyError as error:
                    codes.add(error.code)
            acts = bureau.acts(bopha, dossier)[done:]
        assert codes == {"database"}, (barred, codes)
        assert stripped.call_count <= len(acts) == acts.count("release"), "no seal came off without its event"
        on_the_writer(bureau, *free)
    released = bureau.release(azman, dossier, item)
    assert open_item(body_of(bureau, azman, dossier, item), released, azman.secret)[1] == PLAIN


def test_purpose_and_basis_are_asked_for(opened: Any) -> None:
    bureau, bopha, azman, dossier, item = opened
    for wrong, code in (
        ({"purpose": ""}, "no-purpose"),
        ({"purpose": "curiosity"}, "no-purpose"),
        ({"basis": ""}, "no-basis"),
        ({"basis": "", "ground": "no time"}, "no-basis"),
        ({"basis": "", "emergency": True}, "no-ground"),
        ({"basis": "x" * 3000}, "too-long"),
    ):
        assert refusal(lambda wrong=wrong: bureau.release(azman, dossier, item, **wrong)) == code
    assert "release" not in bureau.acts(bopha, dossier)


def test_an_emergency_is_flagged_until_its_basis_is_filed(opened: Any) -> None:
    """Scenario 24."""
    bureau, bopha, azman, dossier, item = opened
    ground = "a server is being wiped"
    bureau.release(azman, dossier, item, basis="", emergency=True, ground=ground)
    assert bureau.dossiers.remind() == 1 and bureau.dossiers.remind() == 0, "once a day"
    (lacks,) = bureau.dossiers.get_dossier(bopha.who, dossier).lacking
    assert (lacks.ground, lacks.basis, lacks.due > bureau.now()) == (ground, "", True)
    last = bureau.dossiers.list_events(bopha.who, dossier)[-1]
    assert (last.act, last.detail["to"], last.detail["overdue"]) == ("remind", [bopha.id], 0)
    bureau.ahead = 4 * 86_400
    assert bureau.dossiers.remind() == 1
    assert bureau.dossiers.list_events(bopha.who, dossier)[-1].detail["overdue"] == 1
    third = bureau.person("Chan", Role.LEGAL)
    bureau.dossiers.add_member(bopha.who, dossier, third.id, Part.READER, why="reads too")
    assert refusal(lambda: bureau.dossiers.file_basis(third.who, dossier, lacks.id, BASIS)) == "not-custodian"
    bureau.dossiers.file_basis(azman.who, dossier, lacks.id, BASIS)
    assert refusal(lambda: bureau.dossiers.file_basis(bopha.who, dossier, lacks.id, BASIS)) == "has-basis"
    assert not bureau.dossiers.get_dossier(bopha.who, dossier).lacking
    assert bureau.dossiers.list_events(bopha.who, dossier)[-1].detail["late"] is True
    bureau.ahead += 86_400
    assert bureau.dossiers.remind() == 0


def test_a_reader_more_needs_no_new_body(opened: Any) -> None:
    """Scenario 19, small: the key is sealed once more, on a reader's machine, and the ledger says who and why."""
    bureau, bopha, _, dossier, item = opened
    before = body_of(bureau, bopha, dossier, item)
    chan = bureau.person("Chan", Role.POLICY)
    bureau.dossiers.add_member(bopha.who, dossier, chan.id, Part.READER, why="joins the case")
    assert refusal(lambda: bureau.release(chan, dossier, item)) == "unknown-key"
    released = bureau.release(bopha, dossier, item)
    reader = Handed(name=chan.name, key=chan.key, box=b"")
    grants = wrap_again(released, bopha.secret, [reader], bureau.dossiers.through())
    bureau.dossiers.add_grants(bopha.who, dossier, item, grants, why="joins the case")
    assert body_of(bureau, chan, dossier, item) == before
    assert open_item(before, bureau.release(chan, dossier, item), chan.secret) == (NAME, PLAIN)
    told = next(e for e in bureau.dossiers.list_events(bopha.who, dossier) if e.act == "grant")
    assert told.by == bopha.id and told.detail["why"] == "joins the case"
    assert told.detail["readers"] == [{"key": chan.key, "person": chan.id}]
    again = (bopha.who, dossier, item, grants)
    assert refusal(lambda: bureau.dossiers.add_grants(*again, why="x")) == "granted-already", "nothing is overwritten"
    other = bureau.person("Dara Two", Role.POLICY)
    bureau.dossiers.add_member(bopha.who, dossier, other.id, Part.READER, why="reads")
    bare = (other.who, dossier, item, grants)
    assert refusal(lambda: bureau.dossiers.add_grants(*bare, why="x")) == "not-custodian", (
        "who cannot open it grants none"
    )
    assert refusal(lambda: wrap_again(released, chan.secret, [reader], bureau.dossiers.through())) == "cannot-open"


def test_who_was_removed_gets_nothing_more(opened: Any) -> None:
    """Scenario 20: what was fetched before is listed, and nobody says that it was taken back."""
    bureau, bopha, azman, dossier, first = opened
    second = bureau.item(dossier, bopha, azman, plain=b"another").id
    bureau.release(azman, dossier, first)
    assert bureau.dossiers.remove_member(bopha.who, dossier, azman.id, why="left the office") == (first,)
    for item in (first, second):
        assert refusal(lambda item=item: bureau.release(azman, dossier, item)) == "unknown-dossier"
    assert not bureau.dossiers.list_dossiers(azman.who)
    last = bureau.dossiers.list_events(bopha.who, dossier)[-1]
    assert (last.act, last.detail["had_before"]) == ("remove-member", [first])
    bureau.dossiers.add_member(bopha.who, dossier, azman.id, Part.READER, why="is back")
    assert refusal(lambda: bureau.release(azman, dossier, second)) == "unknown-key", "old keys stay ended"
    assert refusal(lambda: bureau.dossiers.remove_member(bopha.who, dossier, bopha.id, why="x")) == "last-custodian"


def test_custody_changes_hands_by_two_who_say_so(opened: Any) -> None:
    bureau, bopha, azman, dossier, item = opened
    held = bureau.dossiers.get_item(bopha.who, dossier, item)
    bureau.dossiers.state(bopha.who, dossier, item, "acquire", "imaged with a write blocker, dd 9.1")
    assert refusal(lambda: bureau.dossiers.state(bopha.who, dossier, item, "admire", "x")) == "bad-act"
    assert refusal(lambda: bureau.dossiers.offer(azman.who, dossier, item, bopha.id, why="x")) == "not-holder"
    assert refusal(lambda: bureau.dossiers.receive(azman.who, dossier, item, held.sha256)) == "not-offered"
    bureau.dossiers.offer(bopha.who, dossier, item, azman.id, why="for the laboratory")
    assert refusal(lambda: bureau.dossiers.receive(azman.who, dossier, item, "0" * 64)) == "broken"
    taken = bureau.dossiers.receive(azman.who, dossier, item, held.sha256)
    assert (taken.holder, taken.offered) == (azman.id, "")
    assert bureau.acts(bopha, dossier)[-3:] == ["acquire", "offer", "receive"]


def test_the_list_of_what_is_disclosed(opened: Any) -> None:
    bureau, bopha, azman, dossier, item = opened
    assert refusal(lambda: bureau.dossiers.decide(bopha.who, dossier, item, Disclosure.WITHHELD)) == "no-text"
    assert refusal(lambda: bureau.dossiers.decide(azman.who, dossier, item, Disclosure.DISCLOSED)) == "not-custodian"
    ground = "names a witness"
    assert bureau.dossiers.decide(bopha.who, dossier, item, Disclosure.WITHHELD, ground=ground).ground == ground
    made = bureau.item(dossier, bopha, plain=b"without the name", derived=item)
    assert (made.kind, made.derived) == ("redaction", item)
    decided = bureau.dossiers.decide(bopha.who, dossier, made.id, Disclosure.DISCLOSED)
    assert decided.disclosure is Disclosure.DISCLOSED
    assert bureau.acts(bopha, dossier)[-3:] == ["withhold", "seal", "disclose"]


def test_a_key_that_nobody_can_open_is_said(opened: Any) -> None:
    bureau, bopha, _, dossier, item = opened
    bureau.node.store.write(
        lambda tx: tx.execute("UPDATE dossier_grant SET box = ? WHERE item = ?", (b"age-encryption.org/v1\n", item))
    )
    assert refusal(lambda: bureau.release(bopha, dossier, item)) == "cannot-open"
    assert bureau.acts(bopha, dossier)[-2:] == ["release", "release-failed"]
