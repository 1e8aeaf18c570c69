"""Taking in: files, pasted texts, and everything that is refused."""

from __future__ import annotations

import gzip
import re
from typing import Any

from kouprey.kernel.words.tlp import TLP
from kouprey.node import fiction
from kouprey.people.model import Role

HERE = "http://soc.borei.example"
CANARY = fiction.CANARY
MINISTRY = fiction.MINISTRY.party


def test_a_file_is_taken_in_and_told_object_by_object(desk: Any) -> None:
    reader = desk.visitor(Role.ANALYST)
    objects = [desk.thing("tool", "Hammer"), {"type": "tool", "id": "no-id"}, desk.thing("tool", "Saw")]
    packed = gzip.compress(fiction.bundle(objects))
    answer = reader.post("/intelligence/import", files={"file": ("tools.json.gz", packed)}, tlp="green")
    assert answer.status_code == 200
    assert "tools.json.gz" in answer.text and "Refused, and why" in answer.text
    assert "bad-id" in answer.text, re.findall(r"<main.*</main>", answer.text, re.S)
    assert set(desk.titles(reader.text("/intelligence"))) == {"Hammer", "Saw"}
    again = reader.post("/intelligence/import", files={"file": ("tools.json", fiction.bundle(objects))})
    assert "Known already" in again.text
    held = desk.exchange.get_object(desk.exchange.operator(), fiction.stix_id("tool", "Hammer"))
    assert next(a.source.name for body in held.newest.bodies for a in body.assertions) == "tools.json.gz"


def test_a_pasted_text_gets_the_marking_that_was_chosen(desk: Any) -> None:
    reader = desk.visitor(Role.ANALYST, clearance=TLP.AMBER)
    unmarked = {name: value for name, value in desk.thing("tool", "Hammer").items() if name != "object_marking_refs"}
    answer = reader.post("/intelligence/import", text=fiction.bundle([unmarked]).decode(), tlp="red")
    assert answer.status_code == 200 and "above your own clearance" in answer.text
    assert reader.get(f"/intelligence/{unmarked['id']}").status_code == 404
    assert "TLP:RED" in desk.visitor(Role.ANALYST).text(f"/intelligence/{unmarked['id']}")


def test_an_import_that_cannot_be_is_said_in_the_form(desk: Any) -> None:
    reader = desk.visitor(Role.ANALYST)
    empty = reader.post("/intelligence/import", files={"file": ("", b"")})
    assert empty.status_code == 400 and "Choose a file" in empty.text
    assert reader.post("/intelligence/import", text="{}", tlp="purple").status_code == 400
    assert reader.post("/intelligence/import", text="{}", collection="nowhere").status_code == 404
    for rubbish in ("nothing", "[1,2", "\x00", "{}", "[]", '{"type":"bundle"}'):
        assert reader.post("/intelligence/import", text=rubbish).status_code < 500
    assert desk.visitor(Role.AUDITOR).post("/intelligence/import", text="{}").status_code == 403
    assert reader.client.post("/intelligence/import", data={"text": "{}"}, headers={"Origin": HERE}).status_code == 403
