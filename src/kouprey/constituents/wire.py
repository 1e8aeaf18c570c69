"""Tables of constituents: CSV with a line for each, read with a truthful word for each line that cannot be taken."""

from __future__ import annotations

import csv
import io
from typing import NamedTuple

from kouprey.constituents.model import Constituent
from kouprey.kernel.words.errors import Damaged, TooLarge
from kouprey.kernel.words.tlp import TLP, parse_tlp

COLUMNS = ("id", "name", "language", "clearance", "networks", "contacts")
"""`networks` are separated by blanks or semicolons; `contacts` are `Name <address>`, separated by semicolons."""
MOST_LINES = 2_000
LONGEST = 2 << 20
_HELD = 100_000


class Line(NamedTuple):
    """A line as it stands in the table."""

    line: int
    id: str
    name: str
    language: str
    clearance: str
    networks: tuple[str, ...]
    contacts: tuple[tuple[str, str], ...]


def read_table(text: str) -> list[Line]:
    """The lines of a table with a header; Damaged when it has not the columns, TooLarge beyond 2,000 lines."""
    if len(text) > LONGEST:
        raise TooLarge("The table is too long.", f"At most {LONGEST:,} characters.", "Give it in parts.")
    first = text.lstrip("\ufeff").partition("\n")[0]
    mark = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text.lstrip("\ufeff")), delimiter=mark)
    found: list[Line] = []
    try:
        header = [each.strip().lower() for each in next(reader, [])]
        missing = [each for each in COLUMNS[:2] if each not in header]
        if missing:
            raise Damaged(
                "The table has not the columns that are needed.",
                f"There is no {' and no '.join(missing)}.",
                f"Its first line names the columns: {', '.join(COLUMNS)}.",
                code="bad-table",
            )
        for cells in reader:
            values = {name: cell.strip() for name, cell in zip(header, cells, strict=False)}
            if not any(values.values()):
                continue
            if len(found) >= MOST_LINES:
                raise TooLarge("The table has too many lines.", f"At most {MOST_LINES:,}.", "Give it in parts.")
            found.append(
                Line(
                    reader.line_num,
                    values.get("id", "").lower(),
                    values.get("name", ""),
                    values.get("language", ""),
                    values.get("clearance", ""),
                    tuple(values.get("networks", "")[:_HELD].replace(";", " ").split()),
                    tuple(_contact(each) for each in values.get("contacts", "").split(";") if each.strip()),
                )
            )
    except csv.Error as error:
        raise Damaged("The table cannot be read.", str(error), "Save it as CSV.", code="bad-table") from error
    return found


def constituent_of(line: Line) -> Constituent:
    """What a line describes; Damaged for a level that is none."""
    try:
        clearance = parse_tlp(line.clearance) if line.clearance else TLP.GREEN
    except ValueError as error:
        raise Damaged("The clearance cannot be read.", f"{error}.", code="bad-tlp") from error
    content = min(clearance, TLP.GREEN)
    return Constituent(id=line.id, name=line.name, language=line.language or "en", clearance=clearance, content=content)


def _contact(text: str) -> tuple[str, str]:
    name, mark, rest = text.strip().rpartition("<")
    if not mark:
        return text.strip(), text.strip()
    address = rest.rstrip(">").strip()
    return name.strip().strip('"') or address, address
