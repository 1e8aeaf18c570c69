"""`/metrics`: what an operator's monitoring asks for, in the text format of Prometheus; no secrets, no intelligence."""

from __future__ import annotations

import resource
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.responses import Response

from kouprey import __version__
from kouprey.kernel.storage.integrity import last_position, list_failing
from kouprey.kernel.web.door import Door, machine
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.time import SECOND
from kouprey.kernel.words.vital import Sample, Vital, gauge
from kouprey.node.capabilities import CAPABILITIES

if TYPE_CHECKING:
    from kouprey.node.assemble import Node

PREFIX = "kouprey_"
MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_PROCESS = Path("/proc/self")


def metrics_door(node: Node, roles: tuple[str, ...]) -> Door:
    """For tokens alone, also on this machine: behind a proxy that nobody named, everybody seems to be on it."""

    def metrics(request: Request) -> Response:
        return Response(render(vitals_of(node)), media_type=MEDIA_TYPE)

    return machine("/metrics", metrics, roles=roles, any_host=True, name="metrics")


def vitals_of(node: Node) -> Iterator[Vital]:
    """Everything as it is now: the process, the store, the web, and what each capability has to say."""
    from kouprey.node.assemble import load

    yield Vital("info", "The program that runs.", "gauge", (Sample(1, (("version", __version__),)),))
    if _PROCESS.exists():  # not on macOS, which is for development
        yield gauge("resident_bytes", "Memory this process holds.", _resident())
        yield gauge(
            "open_files", "Files and connections this process has open.", len(list((_PROCESS / "fd").iterdir()))
        )
    yield Vital("processor_seconds_total", "Processor time used.", "counter", (Sample(_processor()),))
    yield gauge("disk_free_bytes", "Free for the data directory.", shutil.disk_usage(node.data).free)
    if not node.settings.database:
        held = sum(path.stat().st_size for path in node.data.glob("kouprey.db*"))
        yield gauge("database_bytes", "The database and its journal.", held)
    yield gauge("writer_queue", "Works that wait for the writer.", node.store.queued())
    with node.store.read() as reader:
        position, failing = last_position(reader), len(list_failing(reader))
    yield gauge("position_seconds", "The last position given, as seconds since 1970.", position / SECOND)
    yield gauge("listeners_failing", "Listeners that could not take a fact and try it again.", failing)
    yield from _jobs(node)
    yield from node.traffic.vitals()
    for plate in CAPABILITIES:
        if plate.vitals:
            yield from load(plate.vitals)(node.services)


def render(vitals: Iterable[Vital]) -> str:
    """The exposition format 0.0.4."""
    lines: list[str] = []
    for each in vitals:
        name = PREFIX + each.name
        lines += [f"# HELP {name} {each.help}", f"# TYPE {name} {each.kind}"]
        for sample in each.samples:
            labels = ",".join(f'{key}="{_escaped(value)}"' for key, value in sample.labels)
            lines.append(f"{name}{sample.suffix}{{{labels}}} {sample.value}" if labels else f"{name} {sample.value}")
    return "\n".join(lines) + "\n"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _jobs(node: Node) -> Iterator[Vital]:
    counts = node.turns.counts()
    turns = tuple(Sample(done, (("job", job),)) for job, done, _ in counts)
    failures = tuple(Sample(failed, (("job", job),)) for job, _, failed in counts)
    yield Vital("job_turns_total", "Turns of repeated tasks.", "counter", turns)
    yield Vital("job_failures_total", "Turns that failed.", "counter", failures)


def _resident() -> int:
    return int((_PROCESS / "statm").read_text("ascii").split()[1]) * resource.getpagesize()


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return round(used.ru_utime + used.ru_stime, 3)
