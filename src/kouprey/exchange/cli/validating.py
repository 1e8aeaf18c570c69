"""The command that judges files by the standard."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click
import msgspec

from kouprey.exchange.model import Refusal
from kouprey.exchange.rules import remedy
from kouprey.exchange.wire import findings_of, read_stream
from kouprey.kernel.cli.frame import Invocation, command
from kouprey.kernel.words.errors import Damaged

_LISTED = 10_000


@command("validate", example="kouprey validate bundle.json feed.ndjson.gz")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--all", "everything", is_flag=True, help="Show what STIX advises too, not only what it demands.")
def validate(invocation: Invocation, files: Sequence[Path], everything: bool) -> None:
    """Judge STIX files by the standard; needs no node and keeps nothing.

    The exit code is 7 when an object breaks the standard or cannot be taken in at all. With --json there is a list of
    the objects with findings, each with what, where and the paragraph.
    """
    answers = [_validated(path, everything) for path in files]
    value = answers[0] if len(answers) == 1 else {"files": answers}
    invocation.out.result(value, lambda: "\n".join(line for answer in answers for line in _validated_lines(answer)))
    if any(answer["invalid"] or answer["refused"] for answer in answers):
        raise click.exceptions.Exit(Damaged.exit_code)


def _validated(path: Path, everything: bool) -> dict[str, Any]:
    counts = dict.fromkeys(("objects", "invalid", "musts", "shoulds", "refused"), 0)
    listed: list[dict[str, Any]] = []
    left_out = 0
    with path.open("rb") as file:
        for each in read_stream(file):
            if isinstance(each, Refusal):
                counts["refused"] += 1
                entry = {"id": each.stix_id, "refused": msgspec.to_builtins(each)}
            else:
                found = findings_of(each.value, each.type)
                musts = [one for one in found if one.severity == "must"]
                counts["objects"] += 1
                counts["invalid"] += bool(musts)
                counts["musts"] += len(musts)
                counts["shoulds"] += len(found) - len(musts)
                shown = found if everything else musts
                if not shown:
                    continue
                entry = {
                    "id": each.stix_id,
                    "findings": [{**msgspec.to_builtins(one), "remedy": remedy(one.code)} for one in shown],
                }
            if len(listed) < _LISTED:
                listed.append(entry)
            else:
                left_out += 1
    return {"file": str(path), **counts, "listed": listed, "left_out": left_out}


def _validated_lines(answer: dict[str, Any]) -> Iterator[str]:
    for each in answer["listed"]:
        if refused := each.get("refused"):
            where = f"line {refused['line']}" if refused["line"] else f"byte {refused['offset']}"
            said = f"{refused['what']} {refused['why']} {refused['remedy']}"
            yield f"{each['id'] or '(no id)'}\n  refused  {where}: {said}"
            continue
        yield each["id"]
        for one in each["findings"]:
            said = f"{one['text']} {one['remedy']}".strip()
            source = one["source"] or "limit of this node"
            yield f"  {one['severity']:<6}  {one['path'] or 'the object'}: {said} ({source})"
    if answer["left_out"]:
        yield f"{answer['left_out']} more objects with findings are not shown."
    yield (
        f"{answer['file']}: {answer['objects']} objects, {answer['invalid']} break the standard;"
        f" {answer['musts']} must, {answer['shoulds']} should, {answer['refused']} refused"
    )
