"""The form by which a partner is asked."""

from __future__ import annotations

from starlette.responses import Response

from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import _, in_words, labelled
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import Damaged, KoupreyError
from kouprey.kernel.words.tlp import TLP, parse_tlp
from kouprey.people.model import Permission, roles_with
from kouprey.people.service import People
from kouprey.response.model import Urgency, Wanted
from kouprey.response.model.preserving import Preserve
from kouprey.response.pages import directory, words
from kouprey.response.pages.naming import Names, plain
from kouprey.response.service import HandOffs
from kouprey.response.wire.preserving import PreserveWire, from_wire
from kouprey.response.wire.sealed import read_lines

PATH = "/handoffs/new"
REPORTS = (0, 1, 3, 7, 14, 30)
"""Days within which a report can be asked for; 0 for none."""
PRESERVE = ("authority", "offence", "data", "custodian", "necessity")
FIELDS: tuple[str, ...] = ("way", "urgency", "title", "text", "refs", "tlp", "report", "basis", "number", "readers")
FIELDS += ("ground", *PRESERVE, "assistance")


def doors(services: Services) -> list[Door]:
    """The form, and what it sends."""
    desk = _Desk(services)
    roles = roles_with(Permission.READ)
    return [page(PATH, desk.form, roles=roles), page("/handoffs", desk.ask, "POST", roles=roles)]


class _Desk:
    def __init__(self, services: Services) -> None:
        self._services = services
        self._handoffs = services.get(HandOffs)
        self._people = services.get(People)

    def form(self, request: Request) -> Response:
        given = {name: request.query_params.get(name, "")[:2_000] for name in FIELDS}
        return self._form(request, given | {"tlp": given["tlp"] or "amber", "urgency": given["urgency"] or "urgent"})

    def ask(self, request: Request) -> Response:
        who = self._handoffs.speaker(request.reader, request.who.roles)
        given = {name: request.field(name, longest=20_000) for name in FIELDS}
        try:
            kind, _one, rest = given["way"].partition(" ")
            agreement, _two, to = rest.partition(" ")
            if not to:
                raise Damaged("Nobody is chosen.", remedy="Choose whom to ask for what.", code="no-party")
            wanted = Wanted(
                agreement=agreement,
                to=to,
                kind=kind,
                title=given["title"],
                text=given["text"],
                tlp=parse_tlp(given["tlp"]),
                urgency=Urgency(given["urgency"]),
                refs=tuple(given["refs"].split()),
                report_within_s=int(given["report"] or 0) * 86_400,
                basis=given["basis"],
                number=given["number"],
                readers=read_lines(given["readers"]),
                preserve=_preserve(kind, given),
                ground=given["ground"],
            )
            made = self._handoffs.request(who, wanted)
        except KoupreyError as error:
            said = in_words(error)
            return self._form(request, given, said, 400)
        except ValueError as error:
            raise Damaged("The form cannot be read.", str(error)[:200], "Load it again.", code="bad-form") from error
        return request.redirect(f"/handoffs/{made.id}", _("It is on its way."))

    def _form(self, request: Request, given: dict[str, str], error: str = "", status: int = 200) -> Response:
        names, home = Names(self._people), self._people.home_id
        who = self._handoffs.speaker(request.reader, request.who.roles)
        ways = [
            (
                f"{term.kind} {standing.agreement} {party}",
                labelled(names.party(party), f"{_(words.KINDS[term.kind])} ({plain(standing.title)})"),
            )
            for standing, term in self._handoffs.terms()
            for party in standing.parties
            if party != home and party not in standing.left
        ]
        return request.render(
            "response/asking.html",
            status,
            ways=[("", _("choose")), *sorted(ways, key=lambda way: way[1])] if ways else [],
            levels=[(level.word, level.text) for level in TLP if level is not TLP.RED],
            urgencies=[(str(key), _(word)) for key, (word, _tone) in words.URGENCIES.items()],
            reports=[(str(days), _("%(n)s days") % {"n": days} if days else _("no date")) for days in REPORTS],
            given=given,
            preserving=any(given[name] for name in PRESERVE) or given["way"].startswith("preserve "),
            competent=directory.answers(self._services, who, given["refs"].split()),
            error=error,
        )


def _preserve(kind: str, given: dict[str, str]) -> Preserve | None:
    """What is to be preserved; None where nothing of it was filled in and something else is asked for."""
    if kind != "preserve" and not any(given[name] for name in PRESERVE):
        return None
    return from_wire(PreserveWire(**{name: given[name] for name in PRESERVE}, assistance=given["assistance"] == "yes"))
