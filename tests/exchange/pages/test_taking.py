"""Taking in: files, pasted texts, the road each of them takes, and imports to follow, to stop and to read again."""

from __future__ import annotations

import csv
import gzip
import io
import re
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from kouprey.exchange.store import jobs as rows
from kouprey.kernel.words.time import wall_clock
from kouprey.kernel.words.tlp import TLP
from kouprey.node import fiction
from kouprey.people.model import Role

HERE = "http://soc.borei.example"
CANARY = fiction.CANARY


def told(reader: Any, answer: Any) -> str:
    """The page of the import that an answer leads to, once it has ended."""
    assert answer.status_code == 303, answer.text[-2000:]
    text: str = reader.text(answer.headers["location"])
    return text


class Slow(io.RawIOBase):
    """A stream that says its first part, and the rest when it is let go."""

    def __init__(self, first: bytes, rest: bytes) -> None:
        self.parts = [first, rest]
        self.asked, self.go = threading.Event(), threading.Event()
        self.passed = 0

    def read(self, size: int = -1) -> bytes:
        if not self.parts:
            return b""
        if len(self.parts) == 1:
            self.asked.set()
            assert self.go.wait(30)
        part = self.parts.pop(0)
        self.passed += len(part)
        return part

    def tell(self) -> int:
        return self.passed


@pytest.fixture
def slow(desk: Any) -> Iterator[Slow]:
    """A file of lines whose first batch is kept, and whose second is still to come."""
    lines = [fiction.bundle([desk.thing("tool", f"Tool {n}")]).decode().replace("\n", " ") for n in range(2_005)]
    made = Slow("\n".join(lines[:2_002]).encode() + b"\n", "\n".join(lines[2_002:]).encode())
    yield made
    made.go.set()


def test_a_file_is_taken_in_and_told_object_by_object(desk: Any) -> None:
    reader = desk.visitor(Role.ANALYST)
    objects = [desk.thing("tool", "Hammer"), {"type": "tool", "id": "no-id"}, desk.thing("tool", "Saw")]
    packed = gzip.compress(fiction.bundle(objects))
    text = told(reader, reader.post("/intelligence/import", files={"file": ("tools.json.gz", packed)}, tlp="green"))
    assert "tools.json.gz" in text and "Refused, and why" in text
    assert "bad-id" in text, re.findall(r"<main.*</main>", text, re.S)
    assert set(desk.titles(reader.text("/intelligence"))) == {"Hammer", "Saw"}
    again = reader.post("/intelligence/import", files={"file": ("tools.json", fiction.bundle(objects))})
    assert "Known already" in told(reader, again)
    reader.client.cookies.set("kouprey-ab12-language", "km")
    khmer = told(reader, reader.post("/intelligence/import", files={"file": ("tools.json", fiction.bundle(objects))}))
    assert "cannot be accepted" not in khmer and "is missing" not in khmer and "Give it an id" not in khmer
    held = desk.exchange.get_object(desk.exchange.operator(), fiction.stix_id("tool", "Hammer"))
    assert next(a.source.name for body in held.newest.bodies for a in body.assertions) == "tools.json.gz"


def test_what_came_in_and_what_was_refused_can_be_looked_at(desk: Any) -> None:
    reader = desk.visitor(Role.ANALYST)
    rubbish = {"type": "=cmd", "id": "=cmd--1"}
    content = fiction.bundle([desk.thing("tool", "Hammer"), rubbish])
    desk.take(desk.thing("tool", "Saw"), name="other.json")
    answer = reader.post("/intelligence/import", files={"file": ("tools.json", content)})
    text = told(reader, answer)
    came_in = next(link for link in desk.links(text) if link.startswith("/intelligence?source="))
    assert desk.titles(reader.text(came_in)) == ["Hammer"]
    table = reader.get(f"{answer.headers['location']}/refusals.csv")
    assert table.headers["content-type"].startswith("text/csv")
    head, *refused = csv.reader(io.StringIO(table.text))
    assert head == ["line", "byte", "id", "code", "what", "why", "remedy"]
    assert len(refused) == 1 and int(refused[0][1]) > 0 and refused[0][4]
    assert not any(cell.startswith("=") for cell in refused[0])
    assert "tools.json" in reader.text("/intelligence/imports") and "tools.json" in reader.text("/intelligence/import")


def test_a_pasted_text_gets_the_marking_that_was_chosen(desk: Any) -> None:
    reader = desk.visitor(Role.ANALYST, clearance=TLP.AMBER)
    unmarked = {name: value for name, value in desk.thing("tool", "Hammer").items() if name != "object_marking_refs"}
    answer = reader.post("/intelligence/import", text=fiction.bundle([unmarked]).decode(), tlp="red")
    assert "above your own clearance" in told(reader, answer)
    assert reader.get(f"/intelligence/{unmarked['id']}").status_code == 404
    assert "TLP:RED" in desk.visitor(Role.ANALYST).text(f"/intelligence/{unmarked['id']}")


def test_several_files_are_several_imports_and_a_table_among_them_is_named(desk: Any) -> None:
    reader = desk.visitor(Role.ANALYST)
    names = {"one.json": "Hammer", "two.json": "Saw"}
    files = [("file", (name, fiction.bundle([desk.thing("tool", tool)]))) for name, tool in names.items()]
    files.append(("file", ("hosts.csv", b"domain,seen\nexample.org,2026-11-01\n")))
    answer = reader.post("/intelligence/import", files=files)
    assert answer.status_code == 303 and answer.headers["location"] == "/intelligence/imports"
    text = reader.text("/intelligence/imports")
    assert "one.json" in text and "two.json" in text
    assert "give it alone (hosts.csv)" in text


def test_what_is_no_stix_goes_on_to_the_page_that_reads_it(desk: Any) -> None:
    reader = desk.visitor(Role.ANALYST)
    table = reader.post("/intelligence/import", files={"file": ("hosts.csv", b"domain,note\nlogin.bank.test,seen\n")})
    assert table.status_code == 200 and 'action="/intelligence/table/save"' in table.text
    text = reader.post("/intelligence/import", text="We saw hxxps://login[.]bank[.]test/ in the mails of today.")
    assert text.status_code == 200 and 'action="/intelligence/text/save"' in text.text
    assert desk.exchange.counts(desk.exchange.operator()).total == 0


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


def test_an_import_under_way_is_followed_and_stopped(desk: Any, slow: Slow) -> None:
    reader = desk.visitor(Role.ANALYST)
    who = desk.readers[reader.client.cookies["kouprey-ab12"]].reader
    job = desk.exchange.start_import(slow, name="long.ndjson", size=10**7, who=who)
    assert slow.asked.wait(30)
    page = reader.text(f"/intelligence/imports/{job.id}")
    assert "under way" in page and "2,000" in page and f'data-live="/intelligence/imports/{job.id}/now"' in page
    part = reader.text(f"/intelligence/imports/{job.id}/now")
    assert "<html" not in part and "2,000" in part
    assert reader.post(f"/intelligence/imports/{job.id}/cancel").status_code == 303
    slow.go.set()
    desk.exchange.wait_for_import(job.id, 30)
    page = reader.text(f"/intelligence/imports/{job.id}")
    assert "stopped" in page and "were taken in and stay" in page and "data-live" not in page
    assert desk.exchange.counts(desk.exchange.operator()).total == 2_000
    late = reader.post(f"/intelligence/imports/{job.id}/cancel")
    assert "had ended already" in reader.text(late.headers["location"])


def test_an_import_whose_server_has_gone_says_so_and_what_is_kept(desk: Any, slow: Slow) -> None:
    reader = desk.visitor(Role.ANALYST)
    who = desk.readers[reader.client.cookies["kouprey-ab12"]].reader
    job = desk.exchange.start_import(slow, name="long.ndjson", size=10**7, who=who)
    assert slow.asked.wait(30)
    # As a new process finds it.
    held = desk.exchange._jobs.pop(job.id)
    page = reader.text(f"/intelligence/imports/{job.id}")
    assert "interrupted" in page and "are kept safely" in page and "2,000" in page
    desk.exchange._jobs[job.id] = held


def test_nobody_sees_the_imports_of_others(desk: Any) -> None:
    reader, other = desk.visitor(Role.ANALYST), desk.visitor(Role.ANALYST, Role.ADMINISTRATOR)
    location = reader.post("/intelligence/import", text="{}").headers["location"]
    for path in (location, f"{location}/now", f"{location}/refusals.csv"):
        assert reader.get(path).status_code == 200
        assert other.get(path).status_code == 404
    assert other.post(f"{location}/cancel").status_code == 404
    assert "pasted text" not in other.text("/intelligence/imports")


def test_the_list_of_imports_goes_on_where_it_was_left(desk: Any) -> None:
    reader = desk.visitor(Role.ANALYST)
    who = desk.readers[reader.client.cookies["kouprey-ab12"]].reader
    for n in range(32):
        job = desk.exchange.start_import(io.BytesIO(b"{}"), name=f"file-{n:02}.json", size=2, who=who)
        desk.exchange.wait_for_import(job.id, 30)
    first = reader.text("/intelligence/imports")
    assert "file-31.json" in first and "file-01.json" not in first
    older = next(link for link in desk.links(first) if "before=" in link)
    second = reader.text(older)
    assert "file-01.json" in second and "file-31.json" not in second
    assert reader.get("/intelligence/imports?before=x").status_code == 200


def test_what_is_a_month_old_is_forgotten(desk: Any) -> None:
    reader = desk.visitor(Role.ANALYST)
    who = desk.readers[reader.client.cookies["kouprey-ab12"]].reader
    job = desk.exchange.start_import(io.BytesIO(b"{}"), name="old.json", size=2, who=who)
    desk.exchange.wait_for_import(job.id, 30)
    long_ago = wall_clock() - 40 * 86_400 * 10**6
    desk.exchange._store.write(
        lambda tx: tx.execute("UPDATE import_job SET began_at = ? WHERE id = ?", (long_ago, job.id))
    )
    again = desk.exchange.start_import(io.BytesIO(b"{}"), name="new.json", size=2, who=who)
    desk.exchange.wait_for_import(again.id, 30)
    assert [each.name for each in desk.exchange.list_imports(who)] == ["new.json"]
    with desk.exchange._store.read() as snapshot:
        assert rows.list_refusals(snapshot, job.id, after=-1, limit=10) == []
