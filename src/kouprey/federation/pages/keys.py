"""The page of keys and ceremonies, and the sheet on which a ceremony is written down."""

from __future__ import annotations

from starlette.responses import Response

from kouprey.federation.pages.ceremonies import print_sheet
from kouprey.federation.service import Federation
from kouprey.federation.service.ceremonies import KeyKind
from kouprey.kernel.web.language import LANGUAGES, current, mark
from kouprey.kernel.web.request import Request
from kouprey.people.service import People

KINDS: dict[KeyKind, tuple[str, str]] = {
    KeyKind.ROOT: (
        mark("Our root key"),
        mark("Signs our card, our agreements and the statements about our keys. Whoever has it speaks for us."),
    ),
    KeyKind.NODE: (
        mark("Node key"),
        mark("Signs all day what this node gives out: checkpoints, requests and parcels."),
    ),
    KeyKind.RECEIPT: (mark("Receipt key"), mark("Signs that we hold what partners gave us.")),
    KeyKind.AGE: (
        mark("Age key"),
        mark("Parcels and sealed content for us are encrypted to it; only this node opens them."),
    ),
}
"""Its name and what it is for."""

CEREMONIES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (
        mark("Another node key"),
        mark(
            "Once a year, and when somebody who could read it leaves. The second command ends it, once partners"
            " have the new card."
        ),
        ("kouprey keys rotate", "kouprey keys finish"),
    ),
    (
        mark("Another receipt key"),
        mark("Receipts that were given keep their proof."),
        ("kouprey keys rotate --receipt",),
    ),
    (
        mark("Another age key"),
        mark("The one before stays here and opens what was sealed to it before partners heard."),
        ("kouprey keys rotate --age",),
    ),
    (
        mark("Another root key"),
        mark(
            "When an officer leaves or a copy is missing. The one before vouches for it; agreements stay in"
            " force, and the words change."
        ),
        ("kouprey keys rotate --root",),
    ),
    (
        mark("The node key was stolen"),
        mark("What it signed up to now counts, and nothing it signs from now on."),
        ("kouprey keys revoke",),
    ),
    (
        mark("The receipt key was stolen"),
        mark("What we have confirmed with it counts, and nothing it confirms from now on; no epoch ends."),
        ("kouprey keys revoke --receipt",),
    ),
)
"""What a person can do about a key: what, when, and the commands."""


class KeyPages:
    """Shows keys; what changes them are commands, beside no server."""

    def __init__(self, federation: Federation, people: People) -> None:
        self._federation = federation
        self._people = people

    def overview(self, request: Request) -> Response:
        return request.render(
            "federation/keys.html",
            held=self._federation.ceremonies.look(),
            kinds=KINDS,
            ceremonies=CEREMONIES,
        )

    def sheet(self, request: Request) -> Response:
        """The ceremonies on paper, in the language of the page or of the question."""
        language = request.query_params.get("language", "")
        spoken = request.site.languages[language if language in LANGUAGES else current().code]
        drawn = print_sheet(self._people.home(), self._federation.ceremonies.look(), spoken)
        headers = {"Content-Disposition": 'attachment; filename="ceremonies.pdf"'}
        return Response(drawn, media_type="application/pdf", headers=headers)
