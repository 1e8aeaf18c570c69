"""The living page of all components and their states, with invented data; not in the navigation."""

from __future__ import annotations

from datetime import date
from math import sin
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from kouprey.kernel.web.filters import DAY
from kouprey.kernel.web.identity import Identity
from kouprey.kernel.web.language import _, current, mark
from kouprey.kernel.web.request import Request
from kouprey.kernel.web.session import Undo
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.time import SECOND, Instant, format_second, wall_clock
from kouprey.kernel.words.tlp import TLP

if TYPE_CHECKING:
    from kouprey.kernel.web.door import Door

WORDS = ("amber", "river", "seven", "candle", "north", "paper", "violin", "harvest")


def design_door() -> Door:
    """`/design`; obeys `?theme=light|dark` and `?lang=km`."""
    from kouprey.kernel.web.door import page

    return page("/design", design, open=True, preview=True, name="design")


def design(request: Request) -> Response:
    """Every component in every state, so that a change of style is seen at once."""
    from kouprey.kernel.web.site import NavItem

    now = wall_clock()
    nav = [
        ("", [NavItem("/design", mark("Overview"), "overview"), NavItem("#i", mark("Intelligence"), "intelligence")]),
        (
            mark("Exchange"),
            [
                NavItem("#p", mark("Partners"), "partners"),
                NavItem("#a", mark("Agreements"), "agreement"),
                NavItem("#l", mark("Ledger"), "ledger"),
                NavItem("#c", mark("Parcels"), "parcel"),
            ],
        ),
        (mark("Administration"), [NavItem("#u", mark("Audit"), "audit"), NavItem("#s", mark("Settings"), "settings")]),
    ]
    reader = Reader(party=request.site.party, clearance=TLP.AMBER_STRICT, local=True)
    rows = [
        (now - 4 * SECOND, "malware", "7d96181ece86203541027fb79c20a8e1f3b6a2d4", "operator.example", TLP.RED),
        (now - 70 * SECOND, "report", "Phishing against provincial tax offices", "cert.example", TLP.CLEAR),
        (now - 900 * SECOND, "domain-name", "wing-bonus53.example", "neighbour.example", TLP.GREEN),
        (now - 9000 * SECOND, "indicator", "[domain-name:value = 'wing-bonus59.example']", "cert.example", TLP.AMBER),
        (now - 200000 * SECOND, "ipv4-addr", "198.51.100.12", "operator.example", TLP.AMBER_STRICT),
    ]
    events = [
        {"at": now - 900 * SECOND, "title": _("Agreement signed"), "text": "", "tone": "good", "icon": "agreement"},
        {
            "at": now - 600 * SECOND,
            "title": _("Link cut"),
            "text": _("The other node does not answer; 3 entries are waiting."),
            "tone": "bad",
            "icon": "link-cut",
        },
        {
            "at": now - 60 * SECOND,
            "title": _("Parcel read"),
            "text": _("Both ledgers agree again."),
            "tone": "info",
            "icon": "parcel",
        },
    ]
    values = [60 + 30 * sin(at / 6) + 18 * sin(at * 1.7) for at in range(60)]
    return request.render(
        "design.html",
        identity=Identity(name="Dara Example", reader=reader),
        nav=nav,
        active="/design",
        rows=rows,
        events=events,
        values=values,
        words=WORDS,
        levels=list(TLP),
        **_given(now),
    )


def _given(now: Instant) -> dict[str, Any]:
    """What the parts of the lower half show."""
    days = [
        (current().day(date.fromisoformat(format_second(now - (13 - at) * DAY)[:10]), short=True), counts)
        for at, counts in enumerate([30 + at * 7 % 23, 9 + at * 5 % 11, at % 4] for at in range(14))
    ]
    return {
        "days": days,
        "facet": [
            {"text": "malware", "href": "#m", "count": 4210, "on": True, "more": False},
            {"text": "indicator", "href": "#n", "count": 10000, "on": False, "more": True},
            {"text": "report", "href": "#r", "count": 311, "on": False, "more": False},
        ],
        "rarer": [
            {"text": "tool", "href": "#t", "count": 17, "on": False, "more": False},
            {"text": "campaign", "href": "#c", "count": 3, "on": False, "more": False},
        ],
        "differences": [
            {"name": "valid_until", "tone": "changed", "left": "2026-11-30T00:00:00Z", "right": "2027-01-31T00:00:00Z"},
            {"name": "description", "tone": "added", "left": "", "right": "Seen in mails to provincial offices."},
            {"name": "labels", "tone": "removed", "left": "unconfirmed", "right": ""},
        ],
        "undo": Undo("/design", {"field": "value"}),
        "wants": [
            (True, mark("What it is")),
            (True, mark("Since when it was seen")),
            (False, mark("How you know: name what you saw, and where")),
            (False, mark("What the reader should do")),
        ],
    }
