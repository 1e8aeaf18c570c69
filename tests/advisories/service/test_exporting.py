"""A copy for others to hand out: whole, the same twice, and verified by whoever has never seen a node."""

from __future__ import annotations

from io import BytesIO
from zipfile import ZipFile

import pytest

from advisories.conftest import Bureau, content
from advisories.wire.test_cap import check_alert
from kouprey.advisories.model import Kind
from kouprey.advisories.service import export_statements
from kouprey.kernel.words.errors import Unknown


def test_everything_public_is_in_it_and_links_lead_to_files(ministry: Bureau) -> None:
    first = ministry.publish()
    drill = ministry.publish(content(exercise="Mekong"))
    ministry.publish(content(kind=Kind.CORRECTION, replaces=(first.id,)))
    ministry.desk.draft(ministry.press, content(contact="kanaridraft"))
    raw = export_statements(ministry.statements)
    assert raw == export_statements(ministry.statements) and b"kanaridraft" not in raw
    with ZipFile(BytesIO(raw)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    assert {
        "index.html",
        "index.km.html",
        "chain.json",
        "publisher.card",
        "feed.atom",
        "statements.css",
    } <= files.keys()
    assert f"signed/{first.id}.json" in files and f"{first.id}.km.txt" in files
    told = check_alert(files[f"{drill.id}.cap.xml"])
    assert told["status"] == "Exercise"
    assert b"EXERCISE" in files["index.km.html"] and b"EXERCISE" in files[f"{drill.id}.km.html"]
    assert b"This statement was replaced." in files[f"{first.id}.en.html"]
    for name, content_ in files.items():
        if name.endswith(".html"):
            assert len(content_) < 60_000 and b"<script src" not in content_
            text = content_.decode()
            for link in text.split('href="')[1:]:
                target = link.split('"')[0]
                assert target in files or target.startswith(("#", "http")), (name, target)


def test_of_whom_nothing_is_shown_nothing_is_exported(ministry: Bureau) -> None:
    with pytest.raises(Unknown):
        export_statements(ministry.statements, "other.example")
    assert ministry.statements.list_public() == []
    assert b"index.km.html" in export_statements(ministry.statements)
