"""Endpoints about free text: what may be a value in it, and taking in what was chosen."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct

from kouprey.exchange.api.shapes import Level, level, level_of, wrong
from kouprey.exchange.model.texts import Chosen, Telling
from kouprey.exchange.service import Exchange
from kouprey.exchange.service.observables import read_observables
from kouprey.exchange.service.texts import LONGEST_TEXT
from kouprey.kernel.web.api import Asked, api
from kouprey.kernel.web.door import MIB, Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.people.model import Permission, roles_with


class Text(Asked, frozen=True, kw_only=True):
    """A text to be read; nothing of it is kept."""

    text: Annotated[str, Meta(max_length=LONGEST_TEXT)]


class Candidate(Struct, kw_only=True):
    """A value found in a text. `doubts` say why it may be a false friend; `versions` how often you see it named."""

    kind: str
    value: str
    written: str
    line: int
    column: int
    times: int
    doubts: tuple[str, ...]
    versions: int


class Candidates(Struct, kw_only=True):
    """The candidates in their order; `more` when there are further ones."""

    candidates: tuple[Candidate, ...]
    more: bool


class Choice(Asked, frozen=True, kw_only=True):
    """A value that is taken in; a malicious one as an indicator."""

    kind: str
    value: str
    malicious: bool = False


class NewReport(Asked, frozen=True, kw_only=True):
    """A report: its name, level, where the text came from, the text itself where it is to be kept, and the values."""

    name: str
    tlp: Level
    chosen: tuple[Choice, ...]
    source: str = ""
    description: str = ""
    text: Annotated[str, Meta(max_length=LONGEST_TEXT)] = ""


class Taken(Struct, kw_only=True):
    """What was made."""

    report: str
    indicators: tuple[str, ...]
    observed: tuple[str, ...]


class Made(Struct, kw_only=True):
    """A report that was made of a text, as it stands now."""

    report: str
    title: str
    tlp: Level
    revoked: bool
    published: bool
    objects: tuple[str, ...]


class Withdrawn(Struct, kw_only=True):
    """What is revoked now, and how many values stay because they have no versions."""

    revoked: tuple[str, ...]
    staying: int


def doors(services: Services) -> list[Door]:
    """The endpoints."""
    desk = _Desk(services.get(Exchange))
    told: dict[str, Any] = {"group": "Texts", "roles": roles_with(Permission.WRITE), "cap": 8 * MIB}
    page = "/intelligence/text"
    return [
        api(
            "POST",
            "/texts/candidates",
            desk.candidates,
            takes=Text,
            gives=Candidates,
            reads=True,
            seconds=120.0,
            fails={"text-too-long": 413},
            does=(f"POST {page}",),
            summary="Find what may be a value in a text, defanged or not, and what speaks against each.",
            **told,
        ),
        api(
            "POST",
            "/texts",
            desk.save,
            takes=NewReport,
            gives=Taken,
            status=201,
            fails={"no-name": 400, "nothing-chosen": 409, "bad-observable": 400, "no-identity": 409},
            does=(f"POST {page}/save",),
            summary="Take in what was chosen of a text: values, indicators, and a report that names them.",
            **told,
        ),
        api(
            "GET",
            "/texts/{report}",
            desk.made,
            gives=Made,
            fails={"unknown-object": 404, "not-ours": 409},
            does=(f"GET {page}/{{report}}",),
            summary="A report that was made of a text.",
            **told,
        ),
        api(
            "POST",
            "/texts/{report}/withdrawal",
            desk.withdraw,
            gives=Withdrawn,
            seconds=120.0,
            fails={"unknown-object": 404, "not-ours": 409, "revoked-already": 409},
            does=(f"POST {page}/{{report}}/withdraw",),
            summary="Revoke a report of ours and the indicators that were made with it.",
            **told,
        ),
    ]


class _Desk:
    """What these endpoints ask of the exchange."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def candidates(self, request: Request, asked: Text) -> Candidates:
        found = self._exchange.extract(asked.text)
        known = self._exchange.known(request.reader, (each.observable for each in found.candidates))
        return Candidates(
            candidates=tuple(
                Candidate(
                    kind=each.observable.kind,
                    value=each.observable.text,
                    written=each.written,
                    line=each.line,
                    column=each.column,
                    times=each.times,
                    doubts=tuple(map(str, each.doubts)),
                    versions=known.get(each.observable, 0),
                )
                for each in found.candidates
            ),
            more=found.more,
        )

    def save(self, request: Request, asked: NewReport) -> Taken:
        tlp = level_of(asked.tlp, "tlp")
        if tlp is None or tlp > request.reader.clearance:
            raise wrong("tlp", "It is above your own clearance: you could not see it yourself.", "Choose a lower one.")
        chosen = []
        for number, each in enumerate(asked.chosen):
            meant = read_observables(each.value, each.kind)
            if not meant:
                raise wrong(f"chosen[{number}].value", f"It is no {each.kind[:40]}.", "Send it as it was found.")
            chosen.append(Chosen(observable=meant[0], malicious=each.malicious))
        telling = Telling(name=asked.name, tlp=tlp, source=asked.source, description=asked.description, text=asked.text)
        made = self._exchange.take_text(chosen, telling, by=request.reader.name)
        return Taken(report=made.report, indicators=made.indicators, observed=made.observed)

    def made(self, request: Request) -> Made:
        found, body = self._exchange.get_taken(request.reader, request.path_params["report"])
        return Made(
            report=found.stix_id,
            title=found.title,
            tlp=level(found.newest.tlp),
            revoked=found.newest.served.revoked,
            published=bool(found.publications),
            objects=tuple(ref for ref in body.get("object_refs", []) if isinstance(ref, str)),
        )

    def withdraw(self, request: Request) -> Withdrawn:
        who = request.reader
        done = self._exchange.withdraw(request.path_params["report"], who=who, by=who.name)
        return Withdrawn(revoked=done.revoked, staying=done.staying)
