"""The endpoint that gives a hand-off on paper."""

from __future__ import annotations

from base64 import b64encode
from typing import Annotated

from msgspec import Meta, Struct

from kouprey.kernel.web.api import Asked, api
from kouprey.kernel.web.door import Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.people.model import Permission, roles_with
from kouprey.response.service import Contacts, HandOffPapers, HandOffs, Situations
from kouprey.response.wire.handoffpaper import draw_handoff


class PaperIn(Asked, frozen=True, kw_only=True):
    """The language of the paper: `en`, `km`, `th` or `ms`."""

    language: Annotated[str, Meta(max_length=10)] = "en"


class HandOffOnPaper(Struct, kw_only=True):
    """A PDF (base64), and its marking."""

    pdf: str
    tlp: str


def doors(services: Services) -> list[Door]:
    """The one."""
    papers, situations, contacts = services.get(HandOffPapers), services.get(Situations), services.get(Contacts)

    def paper(request: Request, asked: PaperIn) -> HandOffOnPaper:
        who = HandOffs.speaker(request.reader, request.who.roles)
        made = papers.paper(who, request.path_params["handoff"])
        drawn = draw_handoff(made, situations.names(contacts.names()), asked.language)
        papers.note_printed(who, made, asked.language)
        return HandOffOnPaper(pdf=b64encode(drawn).decode(), tlp=made.asked.tlp.word)

    return [
        api(
            "GET",
            "/handoffs/{handoff}/paper",
            paper,
            takes=PaperIn,
            gives=HandOffOnPaper,
            fails={"unknown-handoff": 404, "bad-field": 400},
            does=("GET /handoffs/{handoff}/paper.pdf",),
            summary="A hand-off as PDF, with its clocks and all that was said; that it was made is written down.",
            group="Hand-offs",
            roles=roles_with(Permission.READ),
        )
    ]
