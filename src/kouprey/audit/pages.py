"""The page of the audit: who did what to what, and when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from kouprey.agreements.service import Agreements
from kouprey.audit.model import Line
from kouprey.audit.service import Audit
from kouprey.federation.service import Federation
from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import _, mark
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Permission, roles_with
from kouprey.people.service import People

DEEDS = {
    "agreement.draft": mark("Agreement drafted"),
    "agreement.sign": mark("Agreement signed"),
    "agreement.receive": mark("Agreement received"),
    "agreement.discard": mark("Draft discarded"),
    "agreement.suspended": mark("Agreement suspended"),
    "agreement.resumed": mark("Agreement resumed"),
    "misp.import": mark("MISP events imported"),
    "misp.original": mark("Original of a MISP event read"),
    "lane.open": mark("Lane opened"),
    "lane.new-epoch": mark("Lane goes on in a new epoch"),
    "lane.admit": mark("Entries taken in"),
    "lane.serve": mark("Entries handed out"),
    "lane.close": mark("Lane closed"),
    "lane.fill": mark("Missing content taken in"),
    "lane.fork": mark("Lane frozen: two histories"),
    "exchange.import": mark("Objects imported"),
    "exchange.publish": mark("Objects published"),
    "exchange.sight": mark("Sighting said"),
    "exchange.erase": mark("Object erased"),
    "exchange.lift-erasure": mark("Erasure lifted"),
    "hold.place": mark("Hold placed"),
    "hold.lift": mark("Hold lifted"),
    "collection.create": mark("Collection made"),
    "link.add": mark("Link added"),
    "link.pause": mark("Link paused"),
    "link.resume": mark("Link resumed"),
    "parcel.make": mark("Parcel made"),
    "parcel.read": mark("Parcel read"),
    "party.trust": mark("Card trusted"),
    "person.save": mark("Person changed"),
    "person.link": mark("Sign-in link made"),
    "session.open": mark("Signed in"),
    "token.create": mark("Token made"),
    "token.change": mark("Token changed"),
}
"""Actions in words; those of other capabilities are shown as they are."""

_YES_NO = {"True": "yes", "False": "no"}

_OPEN = frozenset(
    ("agreement", "authenticator", "collection", "link", "node", "parcel", "party", "passkey", "password")
) | frozenset(("person", "session", "token"))
"""What actions begin with that are about people, partners and the node, never about what is marked.

All others name ids, files, searches or reasons, which no label covers: only who is cleared for everything reads those.
"""
_NOTHING = " "
"""No line is about this: what is asked for is stripped."""

LONGEST = 300
"""Characters of one value of a detail that are shown."""


def routes(services: Services) -> list[Door]:
    """The door of the audit for persons."""
    audit = services.get(Audit)

    def trail(request: Request) -> Response:
        asked = {name: request.query_params.get(name, "")[:200].strip() for name in ("action", "subject", "actor")}
        names = _names(services)
        ids = {name: id_ for id_, name in reversed(names.items())}
        before = _before(request)
        whole, subject = _sees_all(request.reader), ids.get(asked["subject"], asked["subject"])
        found = audit.read(
            before=before,
            action=asked["action"],
            # A line that is found by what it is about would say that this exists, even with the rest left out.
            subject=subject if whole or not subject or subject in names else _NOTHING,
            actor=ids.get(asked["actor"], asked["actor"]),
        )

        def address(**more: Any) -> str:
            query = urlencode({name: value for name, value in {**asked, **more}.items() if value})
            return "/audit" + (f"?{query}" if query else "")

        return request.render(
            "audit/trail.html",
            lines=found.lines,
            shown=lambda line: whole or line.action.partition(".")[0] in _OPEN,
            whole=whole,
            detail=lambda line: _detail(line, names),
            names=names,
            actors={**names, "operator": _("the operator of this node"), "node": _("this node")},
            deeds=DEEDS,
            actions=audit.list_actions(),
            asked=asked,
            narrowed=any(asked.values()),
            newest=address() if before else "",
            older=address(before=found.older) if found.older else "",
            address=address,
        )

    return [page("/audit", trail, roles=roles_with(Permission.AUDIT))]


def _names(services: Services) -> dict[str, str]:
    """What people call persons, parties, agreements and lanes, by their ids; the first of a name is meant by it."""
    people = services.get(People)
    parties = {party.id: party.name for party in people.list_parties()}
    standings = services.get(Agreements).standings()
    lanes = services.get(Federation).ledger.list_lanes()
    return {
        **{person.id: person.name for person in people.list_persons()},
        **parties,
        **{standing.agreement: standing.title for standing in standings.values()},
        **{lane.origin: _("lane of %(a)s") % {"a": parties.get(lane.author, lane.author)} for lane in lanes},
    }


def _sees_all(who: Reader) -> bool:
    return who.local and who.clearance is TLP.RED and not who.exercise


def _before(request: Request) -> int | None:
    text = request.query_params.get("before", "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 18):
        raise Damaged(mark("There is no such page of the trail."), "", mark("Start from the newest."), code="bad-page")
    return int(text)


def _detail(line: Line, names: Mapping[str, str]) -> list[tuple[str, str]]:
    """The detail as words, without what says nothing; ids stand in it as parts of a list or of a phrase."""
    shown = []
    for name, value in line.detail.items():
        if value in ("", [], {}, None):
            continue
        if isinstance(value, list):
            text = ", ".join(names.get(str(each), str(each)) for each in value)
        else:
            text = " ".join(names.get(word, word) for word in _YES_NO.get(str(value), str(value)).split(" "))
        shown.append((name.replace("_", " "), text if len(text) <= LONGEST else text[:LONGEST] + "…"))
    return shown
