"""Formats that leave: bytes kept, spreadsheets disarmed, and values that can be looked for."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouprey.exchange.model import Arrival, Head
from kouprey.exchange.wire import read_object, read_stream
from kouprey.exchange.wire.export import COLUMNS, FORMS, Exported, safe_cell, values_of
from kouprey.kernel.words.tlp import TLP


def made(number: int, **more: Any) -> Exported:
    thing = {
        "type": "indicator",
        "id": f"indicator--00000000-0000-4000-8000-{number:012d}",
        "modified": "2026-11-22T09:00:00.000Z",
        **more,
    }
    raw = json.dumps(thing, indent=1).encode()
    arrival = read_object(raw)
    head = Head(
        stix_id=arrival.stix_id,
        type=arrival.stix_id.partition("--")[0],
        title=str(more.get("name", "")),
        instant=arrival.instant,
        version_text="",
        tlp=TLP.GREEN,
        sources=("a", "b"),
        position=number,
        conflict=False,
        revoked=False,
    )
    return Exported(head, raw)


def written(form: str, *objects: Exported) -> bytes:
    def given_out() -> Iterator[Exported]:
        yield from objects

    return b"".join(FORMS[form].write(given_out()))


TEXTS = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=20)


@given(st.lists(TEXTS, max_size=4))
@settings(max_examples=40, deadline=None)
def test_bundle_and_lines_come_back_as_they_were(names: list[str]) -> None:
    objects = [made(number, name=name) for number, name in enumerate(names)]
    bundle = written("stix", *objects)
    assert [a.raw for a in read_stream(io.BytesIO(bundle)) if isinstance(a, Arrival)] == [o.raw for o in objects]
    assert json.loads(bundle)["type"] == "bundle"
    lines = written("ndjson", *objects).splitlines()
    assert [json.loads(line) for line in lines] == [json.loads(o.raw) for o in objects]


@given(TEXTS, st.lists(TEXTS, max_size=2))
@settings(max_examples=80, deadline=None)
def test_no_cell_of_a_table_is_a_formula(name: str, labels: list[str]) -> None:
    table = list(csv.reader(io.StringIO(written("csv", made(1, name=name, labels=labels)).decode(), newline="")))
    assert [len(row) for row in table] == [len(COLUMNS)] * 2
    assert not [cell for cell in table[1] if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", '=HYPERLINK("x")'])
def test_formulas_become_texts(text: str) -> None:
    assert safe_cell(text) == "'" + text
    assert safe_cell("a" + text) == "a" + text


@pytest.mark.parametrize(
    ("thing", "values"),
    [
        ({"type": "domain-name", "value": "evil.example"}, ["evil.example"]),
        ({"type": "url", "value": "http://a.example/\nb.example"}, []),
        ({"type": "file", "hashes": {"MD5": "aa", "SHA-256": "bb"}, "name": "x"}, ["aa", "bb"]),
        ({"type": "autonomous-system", "number": 64500}, ["AS64500"]),
        ({"type": "vulnerability", "name": "CVE-2026-12345"}, ["CVE-2026-12345"]),
        ({"type": "vulnerability", "name": "a name"}, []),
        (
            {"type": "indicator", "pattern_type": "stix", "pattern": "[ipv4-addr:value = '198.51.100.1']"},
            ["198.51.100.1"],
        ),
        (
            {
                "type": "indicator",
                "pattern_type": "stix",
                "pattern": "[file:hashes.'SHA-256' = 'ab' OR url:value NOT = 'no' OR url:value != 'no'"
                " OR file:name = 'url:value = \\'no\\'' OR url:value LIKE 'no' OR domain-name:value='o\\'k']",
            },
            ["ab", "o'k"],
        ),
        ({"type": "indicator", "pattern_type": "yara", "pattern": "url:value = 'no'"}, []),
        ({"type": "ipv4-addr", "value": ["198.51.100.1"]}, []),
        ({"type": "file", "hashes": "x"}, []),
        ({"type": "report", "name": "198.51.100.1"}, []),
    ],
)
def test_values(thing: dict[str, Any], values: list[str]) -> None:
    assert values_of(thing) == values
