"""A process of its own that takes files in at one door and tells after each what was said and how it grew."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from kouprey.exchange.model import Refusal
from kouprey.exchange.wire import findings_of, read_stream

IDENTITY = "00000002-1f2e-4a3b-8c4d-5e6f708192a3"


def memory(name: str) -> float:
    """MiB, as the kernel counts them: VmRSS now, VmHWM at most so far."""
    line = next(line for line in Path("/proc/self/status").read_text("ascii").splitlines() if line.startswith(name))
    return int(line.split()[1]) / 1024


def validated(path: Path) -> dict[str, Any]:
    """What `kouprey validate` says."""
    taken, refused, musts = 0, [], set()
    with path.open("rb") as file:
        for each in read_stream(file):
            if isinstance(each, Refusal):
                refused = [each.code, each.what, each.why, each.remedy, each.offset]
            else:
                taken += 1
                musts |= {one.code for one in findings_of(each.value, each.type) if one.severity == "must"}
    return {"taken": taken, "refused": refused, "musts": sorted(musts)}


def importer(data: Path) -> Callable[[Path], dict[str, Any]]:
    """What `kouprey import` does, on a node of its own."""
    from kouprey.exchange.service import Exchange
    from kouprey.node.assemble import open_node
    from kouprey.node.founding import found

    found(data, party="cert.example", name="CERT", settings={}, identity=f"identity--{IDENTITY}", person="A")
    node = open_node(data)
    exchange = node.services.get(Exchange)

    def imported(path: Path) -> dict[str, Any]:
        refused: list[Any] = []

        def note(one: Refusal) -> None:
            refused[:] = [one.code, one.what, one.why, one.remedy, one.offset]

        with path.open("rb") as file:
            report = exchange.import_stream(file, name=path.name, by="operator", on_refusal=note)
        return {"taken": report.new + report.repeats + report.conflicts, "refused": refused, "musts": []}

    return imported


def said(door: str, folder: Path) -> Iterator[dict[str, Any]]:
    """Every file of the folder in its order, the first of which is a good one and warms the process up."""
    take = validated if door == "validate" else importer(folder / "node")
    first, *rest = sorted(path for path in folder.iterdir() if path.is_file())
    for _ in range(3):
        take(first)
    before = memory("VmRSS")
    for path in rest:
        Path("/proc/self/clear_refs").write_text("5", "ascii")
        answer = take(path)
        yield {"bomb": path.name[3:], "growth": memory("VmHWM") - before, **answer}
    yield {"bomb": "still-well", "growth": 0, **take(first)}


if __name__ == "__main__":
    for line in said(sys.argv[1], Path(sys.argv[2])):
        print(json.dumps(line), flush=True)
