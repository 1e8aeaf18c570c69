"""From a table: looked at, mapped, previewed and taken in; nothing is kept before, and a mistake loses nothing."""

from __future__ import annotations

import html
import re
from typing import Any

from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role

PATH = "/intelligence/table"
TABLE = """ip,first_seen,why
198.51.100.7,2026-11-22 09:00,"c2, <b>"
nonsense,2026-11-22 09:00,x

198.51.100.8,2026-11-22,
"""


def fields(text: str) -> dict[str, str]:
    """The form of a page as a browser would send it back."""
    found = {}
    for name, options in re.findall(r'<select[^>]* name="([^"]*)"[^>]*>(.*?)</select>', text, re.S):
        chosen = re.search(r'value="([^"]*)" selected', options)
        found[html.unescape(name)] = html.unescape(chosen[1]) if chosen else ""
    for tag in re.findall(r"<input[^>]*>", text):
        name, value = (re.search(rf'\s{each}="([^"]*)"', tag) for each in ("name", "value"))
        if name and name[1] != "csrf" and ('type="checkbox"' not in tag or " checked" in tag):
            found[name[1]] = html.unescape(value[1]) if value else ""
    area = re.search(r'<textarea[^>]* name="text"[^>]*>\n?(.*?)</textarea>', text, re.S)
    return found | ({"text": html.unescape(area[1])} if area else {})


def total(desk: Any) -> int:
    return int(desk.exchange.counts(desk.exchange.operator()).total)


def test_look_map_preview_and_take_in(desk: Any) -> None:
    reader = desk.visitor(Role.ANALYST)
    assert PATH in desk.links(reader.text("/intelligence"))
    reader.text(PATH)
    seen = reader.post(PATH, files={"file": ("list.csv", TABLE.encode())})
    assert seen.status_code == 200 and "list.csv" in seen.text
    form = fields(seen.text)
    assert (form["column:1"], form["column:2"], form["kind"]) == ("value", "valid_from", "indicator")
    assert form["text"] == TABLE and "&lt;b&gt;" in seen.text and "ipv4-addr:value" in seen.text
    desk.assert_harmless(seen.text)
    form |= {"column:3": "labels", "level": "green", "constant:name": "List", "text": TABLE.replace("\n", "\r\n")}
    again = reader.post(PATH, **form)
    assert "c2, &lt;b&gt;" in again.text and total(desk) == 0
    taken = reader.post(f"{PATH}/save", **{**fields(again.text), "text": TABLE})
    assert taken.status_code == 200 and "bad-value" in taken.text and PATH in desk.links(taken.text)
    counts = desk.exchange.counts(desk.exchange.operator())
    assert counts.by_type == {"identity": 1, "indicator": 2} and counts.by_tlp == {TLP.CLEAR: 1, TLP.GREEN: 2}
    assert "List" in reader.text("/intelligence")
    reader.client.cookies.set("kouprey-ab12-language", "km")
    khmer = reader.post(f"{PATH}/save", **{**fields(again.text), "text": TABLE}).text
    assert "is not a value" not in khmer and "Column" not in khmer and "Correct it" not in khmer


def test_what_was_said_survives_a_mistake(desk: Any) -> None:
    reader = desk.visitor(Role.ANALYST)
    form = fields(reader.post(PATH, text=TABLE).text)
    form |= {"column:2": "", "constant:description": "Mine", "zone": "Nowhere/City"}
    for wrong in (
        {},
        {"constant:valid_from": "2026-11-22"},
        {"zone": "UTC", "column:1": "", "constant:valid_from": "2026-11-22"},
    ):
        answer = reader.post(f"{PATH}/save", **{**form, **wrong})
        assert answer.status_code == 400 and 'role="alert"' in answer.text
        assert fields(answer.text)["constant:description"] == "Mine" and fields(answer.text)["column:2"] == ""
    assert reader.post(f"{PATH}/save", **{**form, "level": "purple"}).status_code == 400
    assert total(desk) == 0


def test_what_the_page_refuses(desk: Any) -> None:
    reader = desk.visitor(Role.ANALYST)
    assert "Choose a file" in reader.post(PATH, files={"file": ("", b"")}).text
    large = reader.post(PATH, files={"file": ("big.csv", b"x" * (4 * 2**20 + 1))})
    assert large.status_code == 413 and "command line" in large.text
    for rubbish in (b"\xff\xfe\x00", b"\x00" * 50, b'"' * 1000, b"\n\n", b"a"):
        assert reader.post(PATH, files={"file": ("x", rubbish)}).status_code < 500
    assert desk.visitor(Role.AUDITOR).post(PATH, text=TABLE).status_code == 403
    assert desk.visitor(Role.ANALYST, local=False).post(PATH, text=TABLE).status_code == 403


def test_a_table_without_times_is_what_was_seen(desk: Any) -> None:
    reader = desk.visitor(Role.ANALYST)
    form = fields(reader.post(PATH, text="# list\n198.51.100.7\n198.51.100.8\n").text)
    assert form["kind"] == "observed" and form["column:1"] == "value" and "header" not in form
    assert reader.post(f"{PATH}/save", **form).status_code == 200
    assert desk.exchange.counts(desk.exchange.operator()).by_type["ipv4-addr"] == 2
