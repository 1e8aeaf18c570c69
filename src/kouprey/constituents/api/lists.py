"""Plain lists of indicators at an address, for firewalls and scripts: text, CSV or JSON, with an entity tag."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import msgspec
from starlette.responses import Response

from kouprey.constituents.service import Constituents
from kouprey.kernel.web.api import tagged
from kouprey.kernel.web.door import Door, machine
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.errors import Unknown
from kouprey.kernel.words.time import Instant, format_second
from kouprey.people.model import HOSTED

PATH = "/lists/{name}"
COLUMNS = ("kind", "value", "tlp", "modified")
# A cell that begins so is a formula to some spreadsheet; the quote makes it a text again.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")

Rows = Sequence[tuple[str, str, str, Instant]]


def doors(constituents: Constituents) -> list[Door]:
    """One address for each form."""

    def answer(request: Request) -> Response:
        write = _FORMS.get(request.path_params["name"])
        if write is None:
            raise Unknown(
                "There is no such list.", remedy=f"There is {', '.join(_FORMS)} below /lists/.", code="unknown-list"
            )
        return tagged(request, write(constituents.list_indicators(request.reader)))

    return [machine(PATH, answer, roles=(HOSTED,))]


def _text(rows: Rows) -> Response:
    lines = "".join(f"{value}\n" for _kind, value, _tlp, _at in rows if "\n" not in value)
    return Response(lines, media_type="text/plain; charset=utf-8")


def _csv(rows: Rows) -> Response:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for kind, value, tlp, at in rows:
        safe = f"'{value}" if value.startswith(_FORMULA) else value
        writer.writerow((kind, safe, tlp, format_second(at) if at else ""))
    return Response(out.getvalue(), media_type="text/csv; charset=utf-8")


def _json(rows: Rows) -> Response:
    told = [
        dict(zip(COLUMNS, (kind, value, tlp, format_second(at) if at else ""), strict=True))
        for kind, value, tlp, at in rows
    ]
    return Response(msgspec.json.encode({"indicators": told}), media_type="application/json")


_FORMS = {"indicators.txt": _text, "indicators.csv": _csv, "indicators.json": _json}
