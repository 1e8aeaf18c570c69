"""The endpoint that gives the report of a case."""

from __future__ import annotations

from base64 import b64encode
from typing import Annotated

from msgspec import Meta, Struct

from kouprey.kernel.web.api import Asked, api
from kouprey.kernel.web.door import Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.people.model import Permission, roles_with
from kouprey.response.service import CaseReports, Contacts, HandOffs, Situations
from kouprey.response.wire.casepaper import draw_case


class ReportIn(Asked, frozen=True, kw_only=True):
    """The language of the report, as `en` or `km`."""

    language: Annotated[str, Meta(max_length=10)] = "en"


class CaseOnPaper(Struct, kw_only=True):
    """A PDF (base64), and its marking."""

    pdf: str
    tlp: str


def doors(services: Services) -> list[Door]:
    """The one."""
    reports, situations, contacts = services.get(CaseReports), services.get(Situations), services.get(Contacts)

    def paper(request: Request, asked: ReportIn) -> CaseOnPaper:
        who = HandOffs.speaker(request.reader, request.who.roles)
        made = reports.report(who, request.path_params["case"])
        drawn = draw_case(made, situations.names(contacts.names()), asked.language)
        reports.note_printed(who, made, asked.language)
        return CaseOnPaper(pdf=b64encode(drawn).decode(), tlp=made.tlp.word)

    return [
        api(
            "GET",
            "/cases/{case}/paper",
            paper,
            takes=ReportIn,
            gives=CaseOnPaper,
            fails={"unknown-case": 404, "role-missing": 403, "bad-field": 400},
            does=("GET /cases/{case}/report.pdf",),
            summary="The report of a case as PDF, of the tracks that you read; that it was made is written down.",
            group="Cases",
            roles=roles_with(Permission.READ),
        )
    ]
