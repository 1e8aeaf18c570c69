"""The command that takes in files, and goes on with one whose import was interrupted."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO

import click
import msgspec

from kouprey.exchange.cli.tables import TableOptions, table_of, table_options
from kouprey.exchange.model import Bookmark, ImportReport
from kouprey.exchange.service import Exchange
from kouprey.exchange.service.importing import Resumable
from kouprey.kernel.cli.beside import Beside
from kouprey.kernel.cli.frame import Invocation, command
from kouprey.kernel.cli.output import Output
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.tlp import TLP, parse_tlp

_BY = "operator"
_AHEAD_FROM = 1 << 17
"""Bytes from which on a file is worth a second process that reads it."""


@command("import", example="kouprey import indicators.json more.ndjson.gz --tlp green --collection feed")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path)
)
@click.option(
    "--tlp", default="", metavar="LEVEL", help="Level of objects without a marking (amber+strict if left out)."
)
@click.option("--collection", default="", metavar="NAME", help="Make the objects members of this collection too.")
@click.option(
    "--concerned", multiple=True, metavar="ID", help="A constituent whom it concerns; no other sees it. Repeatable."
)
@click.option("--from-start", is_flag=True, help="Begin anew, where an earlier run was interrupted.")
@table_options
def import_(
    invocation: Invocation,
    files: Sequence[Path],
    tlp: str,
    collection: str,
    concerned: tuple[str, ...],
    from_start: bool,
    **options: object,
) -> None:
    """Take in STIX: bundles, TAXII envelopes, lists or NDJSON, each also as .gz or .zst; or tables with a mapping.

    A table is a text of separated cells, such as CSV. With --map or --column it is said what its columns are; --check
    shows how it seems to be written and what it would become. STIX may also come from standard input (-).

    What is refused is written to FILE.refusals.ndjson, each with its byte, reason and remedy, and never stops the rest;
    the exit code is then 7. What was counted is durable. After an interruption the same command goes on where the last
    one was (with a table from its start); what is held already changes nothing.
    """
    try:
        level = parse_tlp(tlp) if tlp else None
    except ValueError as error:
        raise Damaged("The level cannot be read.", str(error), code="bad-tlp") from error
    table = table_of(options)
    if table.check:
        previews = [table.preview(path) for path in files]
        invocation.out.result([each for each, _ in previews], "\n".join(text for _, text in previews))
        return
    with invocation.node() as services:
        one = _Import(services.get(Exchange), invocation, level, (collection, concerned), from_start, table)
        # Once each: the second time would only tell the first again.
        answers = [one(path) for path in dict.fromkeys(files)]
        value = answers[0] if len(answers) == 1 else {"files": answers}
        invocation.out.result(value, lambda: "\n".join(_import_line(answer) for answer in answers))
        sys.stdout.flush()
        # Only now: killed before this, the next run goes on to the same answer.
        for path in files:
            services.get(Exchange).forget_import(str(path.resolve()))
    if any(answer["refused"] for answer in answers):
        raise click.exceptions.Exit(Damaged.exit_code)


class _Import:
    """Takes in one file after the other."""

    def __init__(
        self,
        exchange: Exchange,
        invocation: Invocation,
        level: TLP | None,
        whereto: tuple[str, tuple[str, ...]],
        from_start: bool,
        table: TableOptions,
    ) -> None:
        self._exchange = exchange
        self._invocation = invocation
        self._level = level
        self._collection, self._concerned = whereto
        self._from_start = from_start
        self._table = table
        self._mapping = table.mapping() if table.wanted else None

    def __call__(self, path: Path) -> dict[str, object]:
        out = self._invocation.out
        name = "stdin" if str(path) == "-" else path.name
        regular = path.is_file()
        size = path.stat().st_size if regular else None
        data = self._invocation.data_dir()
        refusals = Beside(path if regular else data / name, ".refusals.ndjson", data)
        if not regular:
            out.note(f"{name} is no file: if this is interrupted, it cannot go on there, but may be repeated.")
        with _opened(path) as file, refusals, _Watched(file, out, name, size) as watched:

            def say(mark: Bookmark | None, why: str) -> None:
                if mark is None:
                    out.note(f"{name} begins anew. {why}")
                elif mark.finished:
                    out.note(f"{name} was taken in to its end; this is what it came to.")
                else:
                    part = 100 * min(watched.taken, mark.after) // max(size or 1, 1)
                    out.note(f"{name}: going on at {part} % ({mark.counted.total:,} objects durable).")

            resumable = Resumable(str(path.resolve()), size or 0, refusals, say, self._from_start)
            take = self._how_to_take(path, resumable if regular else None)
            try:
                report = take(
                    watched,
                    name=name,
                    tlp=self._level,
                    collection=self._collection,
                    concerned=self._concerned,
                    by=_BY,
                    on_progress=watched.count,
                    on_refusal=refusals.add,
                )
            except KeyboardInterrupt:
                if regular and self._mapping is None:
                    out.note(f"{name}: interrupted. The same command goes on there.")
                raise
        return _answer(path, report, refusals.path)

    def _how_to_take(self, path: Path, resumable: Resumable | None) -> Callable[..., ImportReport]:
        mapping = self._mapping
        if mapping is not None:
            look = self._table.look(path, mapping)
            return lambda stream, **how: self._exchange.import_table(stream, mapping, look.dialect, **how)
        if path.name.lower().removesuffix(".gz").removesuffix(".zst").endswith((".csv", ".tsv")):
            raise Damaged(
                f"{path.name} is a table.",
                "It is not said what its columns are.",
                f"Look with --check, then say --column NAME=value: kouprey import {path.name} --check",
                code="no-mapping",
            )
        ahead = resumable is not None and resumable.size >= _AHEAD_FROM
        return partial(self._exchange.import_stream, resumable=resumable, ahead=ahead)


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    if str(path) == "-":
        yield sys.stdin.buffer
    else:
        # Unbuffered, so that its position says how far it has been read, by whichever process.
        with path.open("rb", buffering=0) as file:
            yield file


class _Watched:
    """A file that shows how far it is read, by whichever process, and how many objects a second came out of it."""

    def __init__(self, file: BinaryIO, out: Output, name: str, size: int | None) -> None:
        self._file = file
        self._bar = out.progress(name, size)
        self._placed = size is not None
        self._read = 0
        self._told = 0
        self._objects = 0
        self._began = time.monotonic()

    def __enter__(self) -> _Watched:
        self._advance = self._bar.__enter__()
        return self

    def __exit__(self, *failure: object) -> None:
        self._bar.__exit__(*failure)  # type: ignore[arg-type]  # the three of a context manager

    @property
    def taken(self) -> int:
        """Bytes that have been read."""
        return self._file.tell() if self._placed else self._read

    def fileno(self) -> int:
        return self._file.fileno()

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self._read += len(data)
        if self._read - self._told >= 1 << 20:
            self._show()
        return data

    def seek(self, offset: int) -> None:
        self._file.seek(offset)
        self._show()

    def count(self, objects: int) -> None:
        """Note that so many more were taken in."""
        self._objects += objects
        self._show()

    def _show(self) -> None:
        seconds = time.monotonic() - self._began
        speed = f"{self._objects / seconds:,.0f} objects/s" if self._objects and seconds else ""
        taken = self.taken
        self._advance(taken - self._told, speed)
        self._told = taken


def _answer(path: Path, report: ImportReport, refusals: Path | None) -> dict[str, object]:
    return {
        "file": str(path),
        **msgspec.to_builtins(report),
        "total": report.total,
        "per_second": round(report.per_second),
        "refusals": str(refusals) if refusals is not None else None,
    }


def _import_line(answer: dict[str, object]) -> str:
    line = (
        f"{answer['file']}: {answer['total']} objects: {answer['new']} new versions, {answer['repeats']} repeats,"
        f" {answer['conflicts']} conflicts, {answer['variants']} variants, {answer['refused']} refused"
        f" ({answer['per_second']} objects/s)"
    )
    if answer["musts"] or answer["shoulds"]:
        line += (
            f"\nFindings: {answer['musts']} must in {answer['invalid']} objects, {answer['shoulds']} should;"
            " kept with the objects."
        )
    return line + (f"\nRefusals with their reasons: {answer['refusals']}" if answer["refusals"] else "")
