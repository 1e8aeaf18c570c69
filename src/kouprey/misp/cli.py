"""Commands of MISP."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import click
import msgspec

from kouprey.kernel.cli.beside import Beside
from kouprey.kernel.cli.frame import Invocation, group
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.tlp import TLP, parse_tlp
from kouprey.misp.model import Loss, Report
from kouprey.misp.service import Listeners, Misp, examine, list_feed, read_events, read_feed

_BY = "operator"
_SHOWN = 8

misp = group("misp", "MISP events and feeds.", example="kouprey misp import event.json feed/ --tlp green")


@misp.command("import", example="kouprey misp import event.json feed/ --tlp green --collection osint")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--tlp", default="", metavar="LEVEL", help="Level of what states none (amber+strict if left out).")
@click.option("--collection", default="", metavar="NAME", help="Make the objects members of this collection too.")
@click.option("--check", is_flag=True, help="Only say what would be lost; keep nothing, and need no node.")
def import_(invocation: Invocation, paths: Sequence[Path], tlp: str, collection: str, check: bool) -> None:
    """Take in MISP: event files (one event, a list, an answer of a search, also .gz or .zst) and feed folders.

    What STIX cannot carry is written to PATH.losses.ndjson, one line for each thing; what is refused to
    PATH.refusals.ndjson with its reason, and the exit code is then 7. The events themselves are kept as received. It
    is safe to interrupt and to repeat: what has not changed since is skipped.
    """
    try:
        level = parse_tlp(tlp) if tlp else None
    except ValueError as error:
        raise Damaged("The level cannot be read.", str(error), code="bad-tlp") from error
    if check:
        answers = [_one(invocation, path, lambda path, told: _examine(path, level, told)) for path in paths]
    else:
        with invocation.node() as services:
            service = services.get(Misp)

            def take(path: Path, told: Listeners) -> Report:
                if path.is_dir():
                    return service.import_feed(
                        path, name=path.resolve().name, tlp=level, collection=collection, by=_BY, listeners=told
                    )
                with path.open("rb") as file:
                    return service.import_stream(
                        _Watched(file, told.on_progress),  # type: ignore[arg-type]  # only its `read` is used
                        name=path.name,
                        tlp=level,
                        collection=collection,
                        by=_BY,
                        listeners=told,
                    )

            answers = [_one(invocation, path, take) for path in paths]
    value = answers[0] if len(answers) == 1 else {"paths": answers}
    invocation.out.result(value, lambda: "\n".join(line for answer in answers for line in _lines(answer, check)))
    if any(answer["refused"] or answer["refused_objects"] for answer in answers):
        raise click.exceptions.Exit(Damaged.exit_code)


def _examine(path: Path, level: TLP | None, told: Listeners) -> Report:
    if path.is_dir():
        return examine(read_feed(path, list_feed(path), lambda _: False), told, level)
    quiet = msgspec.structs.replace(told, on_progress=lambda _: None)
    with path.open("rb") as file:
        watched: BinaryIO = _Watched(file, told.on_progress)  # type: ignore[assignment]  # only its `read` is used
        return examine(read_events(watched, path.name), quiet, level)


def _one(invocation: Invocation, path: Path, take: Callable[[Path, Listeners], Report]) -> dict[str, object]:
    """Take in or examine one path; the answer about it."""
    data = invocation.data_dir() if invocation.data or os.environ.get("KOUPREY_DATA") else None
    source = path.resolve()
    total = len(list_feed(path)) if path.is_dir() else path.stat().st_size
    kinds: Counter[str] = Counter()
    with Beside(source, ".losses.ndjson", data) as losses, Beside(source, ".refusals.ndjson", data) as refusals:

        def lose(loss: Loss) -> None:
            kinds[loss.what.partition(" ")[0]] += 1
            losses.add(loss)

        with invocation.out.progress(path.name, total) as advance:
            report = take(path, Listeners(on_progress=advance, on_refusal=refusals.add, on_loss=lose))
    return {
        "path": str(path),
        **msgspec.to_builtins(report),
        "losses_by_kind": dict(kinds.most_common()),
        "losses_file": str(losses.path) if losses.path else None,
        "refusals_file": str(refusals.path) if refusals.path else None,
    }


def _lines(answer: dict[str, object], check: bool) -> Iterator[str]:
    line = f"{answer['path']}: {answer['events']} events, {answer['attributes']} attributes: "
    if check:
        yield f"{line}{answer['objects']} objects would be made"
    else:
        yield (
            f"{line}{answer['new']} new versions, {answer['repeats']} repeats, {answer['conflicts']} conflicts,"
            f" {answer['variants']} variants, {answer['revoked']} revoked"
        )
    skipped = [f"{answer[fate]} {fate}" for fate in ("unchanged", "older") if answer[fate]]
    if skipped:
        yield f"Skipped: {', '.join(skipped)} than what is held." if answer["older"] else f"Skipped: {skipped[0]}."
    kinds = answer["losses_by_kind"]
    if isinstance(kinds, dict) and kinds:
        shown = ", ".join(f"{count} {kind}" for kind, count in list(kinds.items())[:_SHOWN])
        yield f"Losses: {answer['losses']} ({shown}{', ...' if len(kinds) > _SHOWN else ''}): {answer['losses_file']}"
    if answer["refusals_file"]:
        count = f"{answer['refused']} events, {answer['refused_objects']} objects"
        yield f"Refused with their reasons: {count}: {answer['refusals_file']}"


@misp.command("original", example="kouprey misp original 5a3c2fcd-8328-42bb-a95e-4f4402de0b81 > event.json")
@click.argument("uuid")
def original(invocation: Invocation, uuid: str) -> None:
    """Write an event out as it was received, byte for byte; the newest one when there are several.

    Only whoever has the node's command line can: an original holds what may be withheld from readers of its parts.
    """
    with invocation.node() as services:
        raw = services.get(Misp).get_original(uuid, by=_BY)
    sys.stdout.buffer.write(raw)
    sys.stdout.buffer.flush()


class _Watched:
    """A file that says how much of it is read."""

    def __init__(self, file: BinaryIO, tell: Callable[[int], None]) -> None:
        self._file = file
        self._tell = tell

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self._tell(len(data))
        return data
