"""The command `extract`: values in a text, printed, or taken in."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Sequence
from pathlib import Path

import click
import msgspec

from kouprey.exchange.model.texts import Candidate, Chosen, Extraction, Telling
from kouprey.exchange.service import Exchange
from kouprey.exchange.service.texts import LONGEST_TEXT
from kouprey.exchange.wire.export import safe_cell
from kouprey.exchange.wire.texts import decoded
from kouprey.kernel.cli.frame import Invocation, command
from kouprey.kernel.cli.output import plain
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.tlp import TLP, parse_tlp

_BY = "operator"


@command("extract", example='kouprey extract mail.txt\nkouprey extract report.txt --save "Lure of Monday" --tlp green')
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path))
@click.option("--all", "everything", is_flag=True, help="What is probably a false friend too.")
@click.option("--kind", "kinds", multiple=True, metavar="KIND", help="Only values of this kind; may be repeated.")
@click.option("--csv", "as_csv", is_flag=True, help="Print the candidates as CSV.")
@click.option("--save", "name", default="", metavar="NAME", help="Take the values in, with a report of this name.")
@click.option("--malicious", is_flag=True, help="Save the values as indicators, not as observed.")
@click.option("--tlp", default="", metavar="LEVEL", help="Level of what is saved (amber+strict if left out).")
@click.option("--source", default="", metavar="TEXT", help="Where the text comes from, for the report.")
@click.option("--description", default="", metavar="TEXT", help="What is known of the values.")
@click.option("--keep-text", is_flag=True, help="Keep the text in the report; else nothing of it is kept but values.")
def extract(
    invocation: Invocation,
    file: Path,
    everything: bool,
    kinds: Sequence[str],
    as_csv: bool,
    name: str,
    malicious: bool,
    tlp: str,
    source: str,
    description: str,
    keep_text: bool,
) -> None:
    """Find values in a text, however they were made harmless: a mail, a report, a chat, HTML; - reads standard input.

    Without --save it needs no node and keeps nothing. What is probably a false friend (a private address, the name of
    a file, an example) is left out unless --all is given; with it, the reason is told.
    """
    text = _read(file)
    found = Exchange.extract(text)
    chosen = [
        each
        for each in found.candidates
        if (everything or not each.doubts) and (not kinds or each.observable.kind in kinds)
    ]
    if found.more:
        invocation.out.note(f"Only the first {len(found.candidates)} values are given. Split the text for the rest.")
    if not name:
        _show(invocation, found, chosen, as_csv)
        return
    try:
        level = parse_tlp(tlp) if tlp else TLP.AMBER_STRICT
    except ValueError as error:
        raise Damaged("The level cannot be read.", str(error), code="bad-tlp") from error
    telling = Telling(name=name, tlp=level, source=source, description=description, text=text if keep_text else "")
    with invocation.node() as services:
        taken = services.get(Exchange).take_text(
            [Chosen(observable=each.observable, malicious=malicious) for each in chosen], telling, by=_BY
        )
    counts = f"{len(taken.indicators)} indicators, {len(taken.observed)} observed values"
    invocation.out.result(msgspec.to_builtins(taken), f"{taken.report}: {counts}")


def _read(file: Path) -> str:
    if str(file) == "-":
        raw = sys.stdin.buffer.read(4 * LONGEST_TEXT + 1)
    else:
        try:
            with file.open("rb") as opened:
                raw = opened.read(4 * LONGEST_TEXT + 1)
        except OSError as error:
            raise Damaged(f"{file} cannot be read.", f"{error.strerror}.", code="no-file") from None
    return decoded(raw)


def _show(invocation: Invocation, found: Extraction, chosen: Sequence[Candidate], as_csv: bool) -> None:
    rows = [
        {
            "kind": each.observable.kind,
            "value": each.observable.text,
            "written": each.written,
            "line": each.line,
            "column": each.column,
            "times": each.times,
            "doubts": list(each.doubts),
        }
        for each in chosen
    ]
    if as_csv:
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(rows[0] if rows else ["kind", "value"])
        writer.writerows(
            [safe_cell(plain(" ".join(each) if isinstance(each, list) else each)) for each in row.values()]
            for row in rows
        )
        invocation.out.result(rows, out.getvalue().rstrip("\n"))
        return
    heads = {"kind": "Kind", "value": "Value", "line": "Line", "times": "Times", "doubts": "Doubts"}
    left = len(found.candidates) - len(chosen)
    invocation.out.table(rows, heads, "Nothing in it looks like a value.")
    if left:
        invocation.out.note(f"{left} more are probably false friends, or of another kind; --all shows them.")
