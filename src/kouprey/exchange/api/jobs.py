"""Endpoints for imports that outlive their request: start one, ask how far it is, read its refusals, stop it."""

from __future__ import annotations

import tempfile
from typing import Any

from msgspec import Struct

from kouprey.exchange.api.shapes import Refused, level_of
from kouprey.exchange.api.shown import refused
from kouprey.exchange.api.taking import PACKED, STIX, Stream
from kouprey.exchange.model.importing import ImportJob
from kouprey.exchange.service import Exchange
from kouprey.kernel.web.api import Paged, Time, api, next_page, place_of, time_of
from kouprey.kernel.web.door import MIB, Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.time import FOREVER
from kouprey.people.model import Permission, roles_with


class Job(Struct, kw_only=True):
    """An import: what it has come to until now is durable, whatever becomes of the rest.

    `state` is waiting, running, done, cancelled, failed, or interrupted: the server was stopped, and the rest of the
    file has to be given again. `size` and `read` are bytes of what was given; `trouble` is why it failed.
    """

    id: str
    name: str
    state: str
    size: int
    read: int
    new: int
    repeats: int
    conflicts: int
    variants: int
    refused: int
    invalid: int
    seconds: float
    trouble: str
    began_at: Time
    ended_at: Time


class JobList(Struct, kw_only=True):
    """Your imports of the last month, newest first."""

    imports: tuple[Job, ...]
    next: str


class RefusalList(Struct, kw_only=True):
    """What an import refused, in the order of the stream; the first 100,000 are kept."""

    refusals: tuple[Refused, ...]
    next: str


def doors(services: Services) -> list[Door]:
    """The endpoints."""
    desk = _Desk(services.get(Exchange))
    told: dict[str, Any] = {"group": "Taking in", "roles": roles_with(Permission.WRITE)}
    return [
        api(
            "POST",
            "/import-jobs",
            desk.start,
            takes=Stream,
            gives=Job,
            status=202,
            brings=(*STIX, *PACKED),
            repeatable=True,
            cap=100 * MIB,
            seconds=600.0,
            fails={"unknown-collection": 404},
            does=("POST /intelligence/import",),
            summary="Take in a stream beside the request: the answer comes at once, with the import to ask after.",
            **told,
        ),
        *_asking(desk, told),
    ]


def _asking(desk: _Desk, told: dict[str, Any]) -> list[Door]:
    return [
        api(
            "GET",
            "/import-jobs",
            desk.list,
            takes=Paged,
            gives=JobList,
            does=("GET /intelligence/imports",),
            summary="The imports you have started, here or on the pages.",
            **told,
        ),
        api(
            "GET",
            "/import-jobs/{import}",
            desk.show,
            gives=Job,
            fails={"unknown-import": 404},
            does=("GET /intelligence/imports/{import}",),
            summary="How far an import of yours is.",
            **told,
        ),
        api(
            "GET",
            "/import-jobs/{import}/refusals",
            desk.refusals,
            takes=Paged,
            gives=RefusalList,
            fails={"unknown-import": 404},
            does=("GET /intelligence/imports/{import}/refusals.csv",),
            summary="What an import of yours refused, where, why, and what to do.",
            **told,
        ),
        api(
            "POST",
            "/import-jobs/{import}/cancel",
            desk.cancel,
            gives=Job,
            fails={"unknown-import": 404, "import-ended": 409},
            does=("POST /intelligence/imports/{import}/cancel",),
            summary="Stop an import of yours; what it has taken in stays.",
            **told,
        ),
    ]


class _Desk:
    """What these endpoints ask of the exchange."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def start(self, request: Request, asked: Stream) -> Job:
        level = level_of(asked.tlp, "tlp")
        # It outlives the request, and so must not lie in memory as long as it takes.
        stream = tempfile.TemporaryFile()  # noqa: SIM115  # whoever works at it closes it
        try:
            stream.write(request.content)
            stream.seek(0)
            job = self._exchange.start_import(
                stream,
                name=asked.name,
                size=len(request.content),
                tlp=level,
                collection=asked.collection,
                who=request.reader,
            )
        except BaseException:
            stream.close()
            raise
        return _job(job)

    def list(self, request: Request, asked: Paged) -> JobList:
        before = place_of(request, asked, int) or FOREVER
        found = self._exchange.list_imports(request.reader, before=before, limit=asked.limit + 1)
        shown = found[: asked.limit]
        on = next_page(request, asked, shown[-1].began_at) if len(found) > asked.limit else ""
        return JobList(imports=tuple(map(_job, shown)), next=on)

    def show(self, request: Request) -> Job:
        return _job(self._exchange.get_import(request.path_params["import"], request.reader))

    def refusals(self, request: Request, asked: Paged) -> RefusalList:
        place = place_of(request, asked, int)
        after = -1 if place is None else place
        found = self._exchange.list_refusals(
            request.path_params["import"], request.reader, after=after, limit=asked.limit + 1
        )
        shown = found[: asked.limit]
        on = next_page(request, asked, shown[-1][0]) if len(found) > asked.limit else ""
        return RefusalList(refusals=tuple(refused(each) for _number, each in shown), next=on)

    def cancel(self, request: Request) -> Job:
        return _job(self._exchange.cancel_import(request.path_params["import"], request.reader))


def _job(job: ImportJob) -> Job:
    counted = job.counted
    return Job(
        id=job.id,
        name=job.name,
        state=job.state,
        size=job.size,
        read=job.done,
        new=counted.new,
        repeats=counted.repeats,
        conflicts=counted.conflicts,
        variants=counted.variants,
        refused=counted.refused,
        invalid=counted.invalid,
        seconds=counted.seconds,
        trouble=" ".join(filter(None, (job.told.what, job.told.why, job.told.remedy))),
        began_at=time_of(job.began_at),
        ended_at=time_of(job.ended_at),
    )
