"""Files and feed folders, read one event at a time."""

from __future__ import annotations

import gzip
import json
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import zstandard

from kouprey.kernel.words.errors import Damaged
from kouprey.misp.model import Given, Refusal
from kouprey.misp.service import list_feed, read_events, read_feed


def read(raw: bytes) -> list[Any]:
    return list(read_events(BytesIO(raw), "x.json"))


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstandard.ZstdCompressor().compress])
def test_events_are_cut_out_byte_for_byte(misp: Any, pack: Any) -> None:
    one, two = (json.dumps({"Event": misp.event(name=name)}, indent=1).encode() for name in ("a", "b"))
    for raw in (one, b'{"response": [' + one + b" ,\n" + two + b"]}", b"[" + one + b"," + two + b"]"):
        found = read(pack(raw))
        assert [each.raw for each in found] == ([one] if raw is one else [one, two])
        assert [raw[each.offset :][:8] for each in found] == [one[:8]] * len(found)
    lines = [json.dumps(misp.event(name=name)).encode() for name in ("a", "b")]
    assert [each.raw for each in read(pack(b"\n".join(lines)))] == lines


def test_what_cannot_be_read_costs_itself_and_says_where(misp: Any) -> None:
    good = json.dumps({"Event": misp.event()}).encode()
    stix = b'{"type":"indicator","id":"x"}'
    found = read(b'{"response": [' + stix + b"," + good + b',7,{"Event": {]')
    assert [type(each) for each in found] == [Refusal, Given, Refusal, Refusal]
    assert [each.code for each in found if isinstance(each, Refusal)] == ["no-event", "no-event", "broken-stream"]
    assert found[0].offset == 14 and "kouprey import" in found[0].remedy
    assert [each.code for each in read(gzip.compress(good)[:-10])] == ["broken-stream"]


def write_feed(folder: Path, *events: dict[str, Any]) -> dict[str, Any]:
    folder.mkdir()
    manifest = {}
    for event in events:
        raw = json.dumps({"Event": event}).encode()
        (folder / f"{event['uuid']}.json").write_bytes(raw)
        manifest[event["uuid"]] = {"timestamp": event["timestamp"], "integrity:sha256": sha256(raw).hexdigest()}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return manifest


def test_a_feed_gives_its_events_and_says_what_is_wrong_with_others(misp: Any, tmp_path: Path) -> None:
    folder = tmp_path / "feed"
    names = ("good", "skipped", "missing", "changed", "other")
    manifest = write_feed(folder, *(misp.event(name=name) for name in names))
    (folder / f"{misp.uuid('missing')}.json").unlink()
    (folder / f"{misp.uuid('changed')}.json").write_text("{}")
    other = json.dumps({"Event": misp.event(name="x")}).encode()
    (folder / f"{misp.uuid('other')}.json").write_bytes(other)
    manifest[misp.uuid("other")]["integrity:sha256"] = sha256(other).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest))
    found = list(read_feed(folder, list_feed(folder), lambda each: each.uuid == misp.uuid("skipped")))
    assert isinstance(found[0], Given) and found[0].value["uuid"] == misp.uuid("good") and found[1] is None
    told = [(each.event, each.code) for each in found[2:] if isinstance(each, Refusal)]
    assert told == [
        (misp.uuid("missing"), "missing-event"),
        (misp.uuid("changed"), "bad-integrity"),
        (misp.uuid("other"), "bad-integrity"),
    ]


def test_a_folder_without_a_manifest_is_no_feed(tmp_path: Path) -> None:
    with pytest.raises(Damaged) as error:
        list_feed(tmp_path)
    assert error.value.code == "bad-manifest"
