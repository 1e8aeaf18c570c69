"""What leaves for other tools: a STIX bundle, one object a line, a table for spreadsheets, or plain values."""

from __future__ import annotations

import csv
import io
import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from kouprey.exchange.model import Head
from kouprey.kernel.words.safejson import decode

COLUMNS = (
    "id",
    "type",
    "title",
    "value",
    "tlp",
    "created",
    "modified",
    "valid_from",
    "valid_until",
    "confidence",
    "labels",
    "created_by_ref",
    "sources",
    "revoked",
    "conflict",
    "under",
)
"""Of the table. `value` holds what the `values` format gives, one below the other; lists are separated by blanks.

`under` names the agreements by which it is here or may be seen, each with the clause, one below the other.
"""

# A cell that begins so is a formula to some spreadsheet (OWASP, "CSV Injection"); the quote makes it a text again.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_VALUED = frozenset({"domain-name", "email-addr", "ipv4-addr", "ipv6-addr", "mac-addr", "url"})
_HASHED = frozenset({"artifact", "file", "x509-certificate"})
_CVE = re.compile(r"CVE-\d{4}-\d{4,19}", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
# Literals that are compared otherwise are passed over as a whole, so that nothing inside them looks like a comparison.
_COMPARED = re.compile(r"([a-z0-9-]+):([^\s=!<>]+)\s*=\s*'((?:[^'\\]|\\.)*)'|'(?:[^'\\]|\\.)*'", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Exported:
    """One object on its way out: its head as the reader sees it, its bytes as received, and what it rests on."""

    head: Head
    raw: bytes
    under: tuple[str, ...] = ()


@dataclass(frozen=True)
class Form:
    """A way to write objects down: a name, what files and browsers call it, and how to write.

    `under`: whether it has room for what each rests on; what carries the bytes as they were received has none.
    """

    name: str
    suffix: str
    media_type: str
    write: Callable[[Iterator[Exported]], Iterator[bytes]]
    under: bool = False


def _bundle(objects: Iterator[Exported]) -> Iterator[bytes]:
    yield b'{"type":"bundle","id":"bundle--%s","objects":[' % str(uuid.uuid4()).encode()
    comma = b"\n"
    for each in objects:
        yield comma + each.raw
        comma = b",\n"
    yield b"\n]}\n"


def _lines(objects: Iterator[Exported]) -> Iterator[bytes]:
    for each in objects:
        # In JSON an end of line can only stand between words, where a blank says the same.
        yield each.raw.replace(b"\r", b" ").replace(b"\n", b" ") + b"\n"


def _table(objects: Iterator[Exported]) -> Iterator[bytes]:
    yield _row(COLUMNS)
    for each in objects:
        yield _row(tuple(map(safe_cell, _cells(each))))


def _values(objects: Iterator[Exported]) -> Iterator[bytes]:
    for each in objects:
        for value in values_of(decode(each.raw)):
            yield value.encode() + b"\n"


FORMS = {
    form.name: form
    for form in (
        Form("stix", "json", "application/stix+json;version=2.1", _bundle),
        Form("ndjson", "ndjson", "application/x-ndjson", _lines),
        Form("csv", "csv", "text/csv; charset=utf-8", _table, under=True),
        Form("values", "txt", "text/plain; charset=utf-8", _values),
    )
}


def values_of(stix: Any) -> list[str]:
    """What can be looked for in logs: values, hashes, AS and CVE numbers, and what a pattern compares for equality.

    Values with control characters are left out: a line of the list is one value.
    """
    kind = stix.get("type")
    found: list[Any] = []
    if kind in _VALUED:
        found.append(stix.get("value"))
    elif kind in _HASHED and isinstance(stix.get("hashes"), dict):
        found.extend(stix["hashes"].values())
    elif kind == "autonomous-system" and type(stix.get("number")) is int:
        found.append(f"AS{stix['number']}")
    elif kind == "vulnerability" and isinstance(stix.get("name"), str) and _CVE.fullmatch(stix["name"]):
        found.append(stix["name"])
    elif kind == "indicator" and stix.get("pattern_type") == "stix" and isinstance(stix.get("pattern"), str):
        found.extend(_compared(stix["pattern"]))
    texts = (each for each in found if isinstance(each, str) and each and not _CONTROL.search(each))
    return list(dict.fromkeys(texts))


def _compared(pattern: str) -> Iterator[str]:
    for kind, path, literal in _COMPARED.findall(pattern):
        if (kind in _VALUED and path == "value") or (kind in _HASHED and path.startswith("hashes.")):
            yield _ESCAPED.sub(r"\1", literal)


def safe_cell(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return "'" + text if text.startswith(_FORMULA) else text


def _cells(each: Exported) -> tuple[str, ...]:
    head, stix = each.head, decode(each.raw)

    def text(name: str) -> str:
        value = stix.get(name)
        if isinstance(value, list):
            return " ".join(str(part) for part in value if isinstance(part, str))
        return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""

    return (
        head.stix_id,
        head.type,
        head.title,
        "\n".join(values_of(stix)),
        head.tlp.text,
        *(text(name) for name in COLUMNS[5:12]),
        "; ".join(head.sources),
        "yes" if head.revoked else "",
        "yes" if head.conflict else "",
        "\n".join(each.under),
    )


def _row(cells: tuple[str, ...]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue().encode("utf-8", "replace")
