"""A hand-off as a file, in each language in which a contact can be written to."""

from __future__ import annotations

from starlette.responses import Response

from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import own_name
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.people.model import Permission, roles_with
from kouprey.response.model.contacts import TONGUES
from kouprey.response.service import Contacts, HandOffPapers, HandOffs, Situations
from kouprey.response.wire.handoffpaper import draw_handoff


def doors(services: Services) -> list[Door]:
    """The PDF."""
    papers, situations, contacts = services.get(HandOffPapers), services.get(Situations), services.get(Contacts)

    def paper(request: Request) -> Response:
        who = HandOffs.speaker(request.reader, request.who.roles)
        made = papers.paper(who, request.path_params["handoff"])
        language = request.query_params.get("language", "") or request.language
        drawn = draw_handoff(made, situations.names(contacts.names()), language)
        papers.note_printed(who, made, language)
        headers = {"Content-Disposition": f'attachment; filename="hand-off-{made.asked.id[:12]}-{language}.pdf"'}
        return Response(drawn, media_type="application/pdf", headers=headers)

    return [page("/handoffs/{handoff}/paper.pdf", paper, roles=roles_with(Permission.READ))]


def tongues() -> list[tuple[str, str]]:
    """Code and own name of each language it can be had in."""
    return [(code, own_name(code)) for code in TONGUES]
