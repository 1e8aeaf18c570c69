"""A process of its own that takes files in at one door and tells after each what was said and how it grew."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from kouprey.exchange.model import Refusal
from kouprey.exchange.wire import findings_of, read_stream
from kouprey.kernel.words.errors import KoupreyError

ORDINARY = 25_000
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

    # The writer's pages in memory are bounded and fill with any import: what counts is what a bomb takes beyond them.
    ordinary = (
        b'{"type":"indicator","spec_version":"2.1","id":"indicator--%08x-0000-4000-8000-000000000000","created":'
        b'"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","pattern":"[domain-name:value = '
        b'\'h%d.example\']","pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z","description":"%s"}\n'
        % (n, n, b"ordinary word%d " % n * 40)
        for n in range(ORDINARY)
    )
    exchange.import_stream(io.BytesIO(b"".join(ordinary)), name="ordinary", by="operator")

    def imported(path: Path) -> dict[str, Any]:
        refused: list[Any] = []

        def note(one: Refusal) -> None:
            refused[:] = [one.code, one.what, one.why, one.remedy, one.offset]

        with path.open("rb") as file:
            report = exchange.import_stream(file, name=path.name, by="operator", on_refusal=note)
        return {"taken": report.new + report.repeats + report.conflicts, "refused": refused, "musts": []}

    return imported


MOST_AT_ONCE = 8 << 20
"""Bytes of a message that a door other than a stream ever hands to its parser."""


def parsers() -> list[Callable[[bytes], object]]:
    """Everything else that reads what others have written: notes, agreements, the link, TAXII, parcels, backups."""
    from kouprey.agreements import wire as agreements
    from kouprey.exchange.wire.pattern import check_pattern
    from kouprey.exchange.wire.terms import read_query as read_search
    from kouprey.federation.model import EntryKind
    from kouprey.federation.wire import entry, link
    from kouprey.federation.wire.parcel import read_parcel
    from kouprey.kernel.seal.box import new_identity
    from kouprey.kernel.seal.notes import split_note
    from kouprey.kernel.words import safejson
    from kouprey.kernel.words.label import read_label_line
    from kouprey.node.archive import Unpacker
    from kouprey.people.wire import parse_card
    from kouprey.taxii.wire.envelope import name_of, read_envelope
    from kouprey.taxii.wire.query import read_query

    secret, _ = new_identity()
    return [
        safejson.decode,
        split_note,
        parse_card,
        agreements.parse_document,
        agreements.parse_version,
        agreements.parse_notice,
        lambda data: read_label_line(data, owner="a.example", agreement="agr_1"),
        entry.read_genesis,
        entry.read_headers,
        lambda data: entry.read_body(data, EntryKind.OBJECT, owner="a.example", agreement="agr_1"),
        lambda data: list(link.read_frames(data)),
        link.read_headers_answer,
        link.read_papers,
        link.read_receipt,
        link.read_lanes,
        link.read_bodies_request,
        link.read_hint,
        link.read_fork_evidence,
        link.read_problem,
        lambda data: list(read_parcel(io.BytesIO(data), [secret], reader="a.example", node_keys=lambda _: ())),
        lambda data: Unpacker(Path("/nowhere")).feed(data),
        lambda data: read_query(b"match[id]=" + data[: 1 << 16]),
        read_envelope,
        name_of,
        lambda data: read_search(data.decode("utf-8", "replace")),
        lambda data: check_pattern(data.decode("utf-8", "replace")),
    ]


def parsed(path: Path) -> dict[str, Any]:
    """Every parser on the same bytes; whatever is raised but an error of ours ends the process."""
    with path.open("rb") as file:
        data = file.read(MOST_AT_ONCE)
    refused: list[Any] = []
    for parse in parsers():
        try:
            parse(data)
        except KoupreyError as error:
            assert error.what and error.code
            refused = ["", error.what, error.why or error.what, error.remedy or error.what, 0]
    return {"taken": 1, "refused": refused, "musts": []}


def said(door: str, folder: Path) -> Iterator[dict[str, Any]]:
    """Every file of the folder in its order, the first of which is a good one and warms the process up."""
    take = importer(folder / "node") if door == "import" else {"validate": validated, "parsers": parsed}[door]
    first, *rest = sorted(path for path in folder.iterdir() if path.is_file())
    for _ in range(3):
        take(first)
    begun = memory("VmRSS")
    for path in rest:
        Path("/proc/self/clear_refs").write_text("5", "ascii")
        before = memory("VmRSS")
        answer = take(path)
        yield {"bomb": path.name[3:], "growth": memory("VmHWM") - before, **answer}
    yield {"bomb": "still-well", "growth": memory("VmRSS") - begun, **take(first)}


if __name__ == "__main__":
    for line in said(sys.argv[1], Path(sys.argv[2])):
        print(json.dumps(line), flush=True)
