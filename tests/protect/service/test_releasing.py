"""From indicators to a list in force: asked for, released, trimmed, refused and gone back to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from kouprey.exchange.service import Exchange
from kouprey.kernel.seal.keys import VerifyKey
from kouprey.kernel.seal.notes import open_note, split_note
from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words.errors import Damaged, Refused, Unknown
from kouprey.kernel.words.time import DAY, SECOND, format_instant, wall_clock
from kouprey.kernel.words.tlp import TLP
from kouprey.protect.model import Ask, Format, Limits, Query, Release, State
from kouprey.protect.service import Protect, releasing, vitals
from kouprey.protect.wire.manifest import parse_manifest
from protect.conftest import Indicate


def released(protect: Protect, name: str = "resolvers", **limits: int) -> Release:
    """A shield whose first list a person released."""
    who = protect.operator()
    protect.add_shield(who, name, limits=Limits(**limits), by="test")
    waiting = protect.compile(who, name, by="test")
    return protect.approve(who, name, waiting.serial, by="test")


def texts(protect: Protect, serial: int, name: str = "resolvers") -> list[str]:
    """What a release lists."""
    return [each.text for each in protect.list_entries(protect.operator(), name, serial).entries]


def test_a_list_waits_for_a_word_and_is_released(programs: Any, protect: Protect, indicate: Indicate) -> None:
    who = protect.operator()
    indicator = indicate("[domain-name:value = 'evil.example']")
    indicate("[ipv4-addr:value = '8.8.8.8']")
    indicate("[file:hashes.MD5 = '" + "b" * 32 + "']")
    protect.add_shield(who, "resolvers", by="test")
    waiting = protect.compile(who, "resolvers", by="test")
    assert waiting.state is State.WAITING and waiting.asks == (Ask.FIRST,)
    assert (waiting.names, waiting.addresses, dict(waiting.left), waiting.other) == (1, 0, {"never": 1}, 1)
    (left,) = protect.list_left(who, "resolvers", waiting.serial).left
    assert left.text == "8.8.8.8" and "resolvers" in left.by
    with pytest.raises(Unknown):
        protect.read_file(who, "resolvers", Format.NAMES)
    made = protect.approve(who, "resolvers", waiting.serial, by="test")
    assert made.state is State.CURRENT and made.serial > waiting.serial and made.decided_by == "test"
    assert all(each.passed or not each.found for each in made.checks)
    (entry,) = protect.list_entries(who, "resolvers", made.serial).entries
    assert (entry.text, entry.indicator) == ("evil.example", indicator)
    assert protect.read_file(who, "resolvers", Format.NAMES)[1].endswith(b"\nevil.example\n")
    # Nothing changed, so nothing is made, and what waited is gone.
    assert protect.compile(who, "resolvers", by="test") == made and protect.renew() == 0
    assert [each.state for each in protect.list_releases(who, "resolvers")] == [State.CURRENT]
    note = protect.manifest(who, "resolvers", made.serial)
    card = protect._people.home().card
    assert open_note(note, [VerifyKey.parse(key) for key in card.nodes]).signers
    manifest = parse_manifest(split_note(note)[0])
    assert (manifest.serial, manifest.names, manifest.files) == (made.serial, 1, made.files)
    told = {each.name: each.samples[0].value for each in vitals(programs.node.services)}
    assert told["protect_entries"] == 1 and told["protect_shields_waiting"] == 0


def test_what_is_revoked_leaves_at_once_while_what_comes_waits(protect: Protect, indicate: Indicate) -> None:
    who = protect.operator()
    gone = indicate("[domain-name:value = 'old.example']")
    indicate("[domain-name:value = 'stays.example']")
    first = released(protect)
    for n in range(30):
        indicate(f"[domain-name:value = 'n{n}.example']")
    indicate("[domain-name:value = 'old.example']", stix_id=gone, revoked=True)
    assert protect.renew() == 1
    standing = protect.standing(who, "resolvers")
    assert standing.current is not None and standing.current.serial > first.serial
    assert texts(protect, standing.current.serial) == ["stays.example"] and standing.current.decided_by == "protect"
    assert standing.waiting is not None and standing.waiting.asks == (Ask.GROWTH,)
    assert (standing.waiting.added, standing.waiting.gone) == (30, 0)
    change = protect.compare(who, "resolvers", standing.waiting.serial, standing.current.serial)
    assert (change.coming, change.going) == (30, 0)
    refused = protect.refuse(who, "resolvers", standing.waiting.serial, "Not these", by="test")
    assert refused.state is State.REFUSED and refused.reason == "Not these"
    # The same list is not made again by itself; a person may have it made.
    protect.allow(who, "other.example", "ours", by="test")
    assert protect.renew() == 1 and protect.standing(who, "resolvers").waiting is None
    assert protect.compile(who, "resolvers", by="test").state is State.WAITING


def test_little_comes_without_a_word_and_leaves_when_it_is_over(
    protect: Protect, indicate: Indicate, monkeypatch: pytest.MonkeyPatch
) -> None:
    who, now = protect.operator(), wall_clock()
    indicate("[domain-name:value = 'evil.example']")
    released(protect)
    indicate("[domain-name:value = 'brief.example']", valid_until=format_instant(now + 3600 * SECOND))
    indicate("[domain-name:value = 'later.example']", valid_from=format_instant(now + 7200 * SECOND))
    assert protect.renew() == 1
    current = protect.standing(who, "resolvers").current
    assert current is not None and texts(protect, current.serial) == ["brief.example", "evil.example"]
    monkeypatch.setattr(protect, "_clock", lambda: now + 3601 * SECOND)
    assert protect.renew() == 1
    after = protect.standing(who, "resolvers").current
    assert after is not None and texts(protect, after.serial) == ["evil.example"]
    monkeypatch.setattr(protect, "_clock", lambda: now + 7201 * SECOND)
    assert protect.renew() == 1
    later = protect.standing(who, "resolvers").current
    assert later is not None and texts(protect, later.serial) == ["evil.example", "later.example"]
    # A release is followed by another although nothing changed, and one that is not is old.
    monkeypatch.setattr(protect, "_clock", lambda: now + 3 * DAY)
    assert protect.renew() == 1
    again = protect.standing(who, "resolvers").current
    assert again is not None and again.serial > later.serial and again.digest == later.digest
    monkeypatch.setattr(protect, "_clock", lambda: now + 11 * DAY)
    assert protect.standing(who, "resolvers").old


def test_going_back_holds_until_it_is_resumed(protect: Protect, indicate: Indicate) -> None:
    who = protect.operator()
    one = indicate("[domain-name:value = 'one.example']")
    indicate("[domain-name:value = 'two.example']")
    first = released(protect)
    indicate("[domain-name:value = 'bad.example']")
    second = protect.compile(who, "resolvers", by="test")
    assert second.state is State.CURRENT and second.added == 1
    with pytest.raises(Unknown):
        protect.roll_back(who, "resolvers", second.serial, "It is the one in force", by="test")
    with pytest.raises(Damaged):
        protect.roll_back(who, "resolvers", first.serial, " ", by="test")
    back = protect.roll_back(who, "resolvers", first.serial, "Mail failed", by="test")
    assert back.serial > second.serial and back.back_to == first.serial and back.reason == "Mail failed"
    assert texts(protect, back.serial) == ["one.example", "two.example"] and back.digest == first.digest
    indicate("[domain-name:value = 'three.example']")
    indicate("[domain-name:value = 'one.example']", stix_id=one, revoked=True)
    assert protect.renew() == 1
    standing = protect.standing(who, "resolvers")
    assert standing.shield.held == first.serial and standing.current is not None and standing.waiting is None
    assert texts(protect, standing.current.serial) == ["two.example"]
    resumed = protect.resume(who, "resolvers", by="test")
    assert texts(protect, resumed.serial) == ["bad.example", "three.example", "two.example"]
    assert not protect.get_shield(who, "resolvers").held
    # What was taken back stays out, whatever is gone back to.
    assert texts(protect, protect.roll_back(who, "resolvers", first.serial, "Again", by="test").serial) == [
        "two.example"
    ]


def test_a_word_is_about_the_list_that_was_looked_at(protect: Protect, indicate: Indicate) -> None:
    who = protect.operator()
    indicate("[domain-name:value = 'one.example']")
    protect.add_shield(who, "resolvers", by="test")
    seen = protect.compile(who, "resolvers", by="test")
    indicate("[domain-name:value = 'two.example']")
    with pytest.raises(Refused) as told:
        protect.approve(who, "resolvers", seen.serial, by="test")
    assert told.value.code == "list-changed"
    waiting = protect.standing(who, "resolvers").waiting
    assert waiting is not None and waiting.names == 2
    with pytest.raises(Refused) as gone:
        protect.approve(who, "resolvers", seen.serial, by="test")
    assert gone.value.code == "not-waiting"
    assert protect.approve(who, "resolvers", waiting.serial, by="test").names == 2


def test_what_is_spared_leaves_at_once_and_what_is_insisted_on_comes(protect: Protect, indicate: Indicate) -> None:
    who = protect.operator()
    for name in ("a.spared.example", "evil.example", "github.com", "gov.example"):
        indicate(f"[domain-name:value = '{name}']")
    first = released(protect)
    assert texts(protect, first.serial) == ["a.spared.example", "evil.example", "gov.example"]
    protect.allow(who, "Spared.example.", "Ours", by="test")
    protect.allow(who, "www.gov.example", "The state", by="test")
    protect.allow(who, "github.com", "A page of it is bad", insists=True, by="test")
    assert protect.renew() == 1
    current = protect.standing(who, "resolvers").current
    assert current is not None and texts(protect, current.serial) == ["evil.example", "github.com"]
    left = {each.text: (each.why, each.by) for each in protect.list_left(who, "resolvers", current.serial).left}
    assert left["a.spared.example"] == ("never", "spared.example: Ours")
    assert left["gov.example"] == ("parent", "www.gov.example: The state")
    assert [each.text for each in protect.list_allowances(who)] == ["github.com", "spared.example", "www.gov.example"]
    protect.disallow(who, "spared.example", by="test")
    with pytest.raises(Unknown):
        protect.disallow(who, "spared.example", by="test")
    for text, reason in (("a b", "x"), ("x.example", ""), ("*", "x")):
        with pytest.raises(Damaged):
            protect.allow(who, text, reason, by="test")


class Stopped(BaseException):
    """The process is killed."""


def test_killed_between_the_files_and_the_table_the_old_list_stays(
    protect: Protect, indicate: Indicate, monkeypatch: pytest.MonkeyPatch, programs: Any
) -> None:
    who = protect.operator()
    indicate("[domain-name:value = 'one.example']")
    first = released(protect)
    indicate("[domain-name:value = 'two.example']")

    def die(tx: Tx, release: Release) -> None:
        raise Stopped

    with monkeypatch.context() as patched:
        patched.setattr(releasing.rows, "save_release", die)
        with pytest.raises(Stopped):
            protect.compile(who, "resolvers", by="test")
    folder: Path = programs.node.data / "protect" / "resolvers"
    assert len([each for each in folder.iterdir() if each.is_dir()]) == 2
    assert protect.standing(who, "resolvers").current == first
    assert protect.read_file(who, "resolvers", Format.NAMES)[1].endswith(b"one.example\n")
    assert protect.tidy() == 1 and [each.name for each in folder.iterdir() if each.is_dir()] == [str(first.serial)]
    assert texts(protect, protect.compile(who, "resolvers", by="test").serial) == ["one.example", "two.example"]


def test_of_each_shield_few_releases_are_kept(programs: Any, protect: Protect, indicate: Indicate) -> None:
    who = protect.operator()
    indicate("[domain-name:value = 'one.example']")
    released(protect)
    for n in range(releasing.KEPT + 2):
        indicate(f"[domain-name:value = 'n{n}.example']")
        protect.compile(who, "resolvers", by="test")
    kept = protect.list_releases(who, "resolvers")
    assert len(kept) == releasing.KEPT + 1 and kept[0].state is State.CURRENT
    folder = programs.node.data / "protect" / "resolvers"
    assert {each.name for each in folder.iterdir() if each.is_dir()} == {str(each.serial) for each in kept}


def test_a_list_that_a_program_cannot_read_is_not_released(
    protect: Protect, indicate: Indicate, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kouprey.protect.wire import writers

    who = protect.operator()
    indicate("[domain-name:value = 'one.example']")
    first = released(protect)
    if not any(each.found and each.format is Format.RPZ for each in first.checks):
        pytest.skip("named-checkzone is not installed: apt-get install bind9-utils")
    indicate("[domain-name:value = 'two.example']")
    with monkeypatch.context() as patched:
        patched.setitem(writers.WRITERS, Format.RPZ, lambda listing: (b"$INCLUDE /nowhere\n", 1))
        made = protect.compile(who, "resolvers", by=releasing.NAME)
        assert made.state is State.FAILED
        with pytest.raises(Refused) as told:
            protect.compile(who, "resolvers", by="test")
    assert told.value.code == "bad-list" and protect.standing(who, "resolvers").current == first


def test_only_what_may_be_used_is_listed(programs: Any, protect: Protect, indicate: Indicate) -> None:
    who = protect.operator()
    exchange: Exchange = programs.node.services.get(Exchange)
    for level in TLP:
        indicate(f"[domain-name:value = '{level.name.lower().replace('_', '-')}.example']", level)
    indicate("[domain-name:value = 'sure.example']", confidence=80)
    with pytest.raises(Damaged):
        protect.add_shield(who, "all", query=Query(tlp=TLP.RED), by="test")
    assert texts(protect, released(protect).serial) == [
        "amber-strict.example",
        "amber.example",
        "clear.example",
        "green.example",
        "sure.example",
    ]
    protect.change_shield(who, "resolvers", query=Query(tlp=TLP.GREEN, confidence=70), by="test")
    assert texts(protect, protect.compile(who, "resolvers", by="test").serial) == ["sure.example"]
    low = msgspec.structs.replace(who, clearance=TLP.CLEAR)
    assert protect.list_shields(low) == [] and exchange.operator() == who
    with pytest.raises(Unknown):
        protect.list_entries(low, "resolvers", 1)


def test_what_waited_for_what_was_revoked_waits_no_more(protect: Protect, indicate: Indicate) -> None:
    who = protect.operator()
    indicate("[domain-name:value = 'one.example']")
    first = released(protect)
    many = [indicate(f"[domain-name:value = 'n{n}.example']") for n in range(21)]
    assert protect.renew() == 1 and protect.standing(who, "resolvers").waiting is not None
    for each in many:
        indicate("[domain-name:value = 'x.example']", stix_id=each, revoked=True)
    assert protect.renew() == 1
    standing = protect.standing(who, "resolvers")
    assert standing.current == first and standing.waiting is None


def test_a_release_shows_what_somebody_may_see_today(programs: Any, protect: Protect, indicate: Indicate) -> None:
    who = protect.operator()
    indicate("[domain-name:value = 'open.example']")
    indicate("[domain-name:value = 'strict.example']", TLP.AMBER_STRICT)
    indicate("[ipv4-addr:value = '8.8.8.8']", TLP.AMBER_STRICT)
    release = released(protect)
    low = msgspec.structs.replace(who, clearance=TLP.GREEN)
    entries = protect.list_entries(who, "resolvers", release.serial).entries
    assert [each.text for each in entries] == ["open.example", "strict.example"]
    # Whatever a list holds: who may not see the indicator by now is not shown its value, nor counted it.
    shown, hidden = protect._seen(low, entries)
    assert [each.text for each in shown] == ["open.example"] and hidden == 1
    # A shield that goes less far than before still hides what its releases held then.
    protect.change_shield(who, "resolvers", query=Query(tlp=TLP.GREEN), by="test")
    assert protect.standing(low, "resolvers").current is None and protect.list_releases(low, "resolvers") == []
    with pytest.raises(Unknown):
        protect.list_left(low, "resolvers", release.serial)
    assert protect.compile(who, "resolvers", by="test").tlp is TLP.GREEN
    assert protect.list_entries(low, "resolvers", protect.newest(low, "resolvers").serial).total == 1
