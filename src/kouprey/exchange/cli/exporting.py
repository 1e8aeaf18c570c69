"""The command that writes intelligence down for other tools."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from kouprey.agreements.service import Agreements
from kouprey.exchange.model import Filters
from kouprey.exchange.service import Exchange
from kouprey.kernel.cli.frame import Invocation, command
from kouprey.kernel.words.errors import Refused
from kouprey.people.service import People

_BY = "operator"


@command("export", example="kouprey export --format csv --type indicator -o indicators.csv")
@click.argument("ids", nargs=-1)
@click.option(
    "--format", "form", default="stix", show_default=True, metavar="FORMAT", help="stix, ndjson, csv, values."
)
@click.option("--type", "types", multiple=True, metavar="TYPE", help="Objects of this STIX type; may be repeated.")
@click.option("--query", default="", metavar="TEXT", help="Objects with this text in their title or id.")
@click.option("--collection", default="", metavar="NAME", help="Members of this collection.")
@click.option("--in-force", is_flag=True, help="Leave out what is revoked or past its end.")
@click.option("--as", "party", default="", metavar="PARTY", help="Only what this party may see now.")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    default=None,
    help="A new file instead of stdout.",
)
def export(
    invocation: Invocation,
    ids: Sequence[str],
    form: str,
    types: Sequence[str],
    query: str,
    collection: str,
    in_force: bool,
    party: str,
    output: Path | None,
) -> None:
    """Write the newest version of objects down: everything that is held, or what the options leave of it.

    stix and ndjson carry the bytes as they were received. In csv a cell that a spreadsheet would run as a formula
    begins with a quote. values are observables, hashes and numbers, one a line. Every export is in the audit trail.
    """
    with invocation.node() as services:
        exchange = services.get(Exchange)
        who = services.get(Agreements).party_reader(party) if party else exchange.operator()
        if party:
            services.get(People).get_party(party)
        filters = Filters(in_force=in_force)
        stream = exchange.export(
            who, form, ids=ids, types=types, text=query, collection=collection, filters=filters, by=_BY
        )
        if output is None:
            for piece in stream:
                sys.stdout.buffer.write(piece)
            sys.stdout.flush()
            return
        size = _write_new(output, stream)
    invocation.out.result({"file": str(output), "bytes": size}, f"{output}: {size:,} bytes")


def _write_new(path: Path, stream: Iterator[bytes]) -> int:
    """Write a file that others may not read; nothing is left of it when the stream breaks."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise Refused(
            f"{path} cannot be made.", str(error), "Name a file that does not exist.", code="file-exists"
        ) from error
    try:
        with os.fdopen(handle, "wb") as file:
            return sum(file.write(piece) for piece in stream)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
