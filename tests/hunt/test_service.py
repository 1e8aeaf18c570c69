"""Rules are brought, a record is asked in its turn, and what was found becomes a sighting without an event in it."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from hunt.sigma import lines, rule
from kouprey.exchange.service import Exchange
from kouprey.hunt import service
from kouprey.hunt.model import State
from kouprey.hunt.service import Hunts
from kouprey.kernel.words.errors import Damaged, Forbidden, Refused, TooLarge, Unknown
from kouprey.kernel.words.tlp import TLP

CURL = rule("s:\n    Image|endswith: 'curl'\ncondition: s")
WORD = rule("k:\n    - 'any'\ncondition: k", title="Words", id="22222222-2222-4222-8222-222222222222")
BLIND = rule("s:\n    Hash: x\ncondition: s", title="Blind", id="33333333-3333-4333-8333-333333333333")
EVENTS = lines({"Image": "/bin/curl", "Secret": "CANARY"}, {"Image": "/bin/sh"}, {"Image": "/usr/bin/curl"}) + b"no\n"


def packed(**files: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return out.getvalue()


def test_asked_found_and_sighted(programs: Any, hunts: Hunts) -> None:
    who = hunts.operator()
    with pytest.raises(Refused):
        hunts.begin(who, "a", io.BytesIO(EVENTS))
    kept = hunts.keep_rules(
        who, "a.zip", packed(**{"a.yml": CURL, "b.yml": WORD, "c.yml": BLIND, "d.yml": "x", "e": "y"})
    )
    assert (kept.new, kept.known) == (3, 0) and [name for name, _ in kept.unrunnable] == ["Words"]
    assert [name for name, _ in kept.refused] == ["d.yml"] and hunts.count_rules(who) == (2, 1)
    made = hunts.begin(who, "events.ndjson", io.BytesIO(EVENTS))
    assert made.state is State.WAITING and hunts.turn() == 1 and hunts.turn() == 0
    done = hunts.get(who, made.id)
    assert (done.state, done.events, done.unread, done.rules, done.hits) == (State.DONE, 4, 1, 2, 2)
    (found,) = hunts.outcomes(who, made.id)
    assert (found.title, found.hits) == ("A loader", 2)
    missed = {each.title: each for each in hunts.outcomes(who, made.id, found=False)}
    assert missed["Words"].problem and missed["Blind"].unseen == ("Hash",)
    assert [each.line for each in hunts.hits(who, made.id, found.digest)] == [0, 2]
    assert "CANARY" in hunts.hits(who, made.id, found.digest)[0].text
    assert list((programs.node.data / "hunts").iterdir()) == [], "the record is gone once it was asked"
    sighting = hunts.sight(who, made.id, found.digest, tlp=TLP.AMBER, by="test")
    exchange: Exchange = programs.node.services.get(Exchange)
    raw = exchange.get_object(who, sighting).newest.served.raw
    assert b"CANARY" not in raw and b'"count":2' in raw.replace(b" ", b"")
    again = hunts.sight(who, made.id, found.digest, tlp=TLP.AMBER, by="test")
    assert again != sighting
    with pytest.raises(Refused):
        hunts.sight(who, made.id, missed["Blind"].digest, tlp=TLP.AMBER, by="test")


def test_an_interrupted_hunt_is_asked_again_and_a_bad_one_ends(hunts: Hunts, monkeypatch: Any) -> None:
    who = hunts.operator()
    hunts.keep_rules(who, "a.yml", CURL.encode())
    made = hunts.begin(who, "a", io.BytesIO(EVENTS))
    with monkeypatch.context() as patch:
        patch.setattr(service.Ruleset, "find", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
        with pytest.raises(KeyboardInterrupt):
            hunts.turn()
    assert hunts.get(who, made.id).state is State.RUNNING and hunts.turn() == 1
    assert hunts.get(who, made.id).hits == 2
    bad = hunts.begin(who, "b", io.BytesIO(b"PAR1 nothing"))
    gone = hunts.begin(who, "c", io.BytesIO(EVENTS))
    (hunts._folder / gone.id).unlink()
    assert hunts.turn() == 2
    for each in (bad, gone):
        ended = hunts.get(who, each.id)
        assert ended.state is State.FAILED and ended.problem
    with monkeypatch.context() as patch:
        patch.setattr(service.Ruleset, "find", lambda *_: (_ for _ in ()).throw(ValueError("odd")))
        odd = hunts.begin(who, "d", io.BytesIO(EVENTS))
        assert hunts.turn() == 1
    assert "odd" in hunts.get(who, odd.id).problem


def test_a_newer_text_takes_the_place_of_the_older(hunts: Hunts) -> None:
    who = hunts.operator()
    hunts.keep_rules(who, "a.yml", CURL.encode())
    newer = CURL.replace("high", "low")
    assert hunts.keep_rules(who, "a.yml", newer.encode()).new == 1 and hunts.count_rules(who) == (1, 0)
    assert hunts.keep_rules(who, "a.yml", newer.encode()).known == 1
    found, after = hunts.list_rules(who, text="LOADER")
    assert [each.retired for each in sorted(found, key=lambda each: each.level)] == [True, False] and after == ""
    digest = next(each.digest for each in found if not each.retired)
    hunts.retire_rule(who, digest, True)
    assert hunts.count_rules(who) == (0, 0)
    with pytest.raises(Unknown):
        hunts.get_rule(who, "0")
    with pytest.raises(Unknown):
        hunts.get(who, "0")


def test_what_is_refused(programs: Any, hunts: Hunts, monkeypatch: Any, tmp_path: Path) -> None:
    who = hunts.operator()
    for raw in (b"\xff", b"PK broken", b"\x1f\x8b broken", b"x", packed(**{"a.txt": CURL})):
        with pytest.raises(Damaged):
            hunts.keep_rules(who, "a", raw)
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        each = tarfile.TarInfo("rules/a.yml")
        each.size = len(CURL)
        archive.addfile(each, io.BytesIO(CURL.encode()))
    assert hunts.keep_rules(who, "a.tar.gz", out.getvalue()).new == 1
    assert gzip.decompress(out.getvalue())
    foreign = type(who)(party="operator.example", clearance=TLP.RED)
    for call in (lambda: hunts.list_hunts(foreign), lambda: hunts.list_rules(foreign)):
        with pytest.raises(Forbidden):
            call()
    with pytest.raises(Damaged):
        hunts.begin(who, "empty", io.BytesIO(b""))
    monkeypatch.setattr(service, "LARGEST_RECORD", 3)
    with pytest.raises(TooLarge):
        hunts.begin(who, "large", io.BytesIO(EVENTS))
    assert list((programs.node.data / "hunts").iterdir()) == []
    file = tmp_path / "a.ndjson"
    file.write_bytes(EVENTS)
    assert hunts.run(who, file).hits == 2 and file.exists(), "a file of theirs stays where it is"
