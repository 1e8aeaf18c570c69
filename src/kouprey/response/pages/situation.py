"""The situation: what goes on across borders now, its briefing on paper, and how clocks of hand-offs went."""

from __future__ import annotations

from datetime import date, timedelta
from statistics import median
from typing import Any

from starlette.responses import Response

from kouprey.agreements.service import Agreements
from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import _, current
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.decision import Reader
from kouprey.people.model import Permission, roles_with
from kouprey.response.model import Stage
from kouprey.response.model.situation import Campaign, Due, Punctual, Situation, Strike
from kouprey.response.pages import casewords, words
from kouprey.response.pages.naming import plain
from kouprey.response.rules.measuring import percentile
from kouprey.response.rules.situation import HEIGHT, WIDTH, placed
from kouprey.response.service import Cases, Contacts, HandOffs, Situations
from kouprey.response.wire import briefing
from kouprey.response.wire.sectors import called_sector
from kouprey.response.wire.words import CLOCKS, KINDS

PATH = "/situation"
_ROOMY = 6


def doors(services: Services) -> list[Door]:
    """The page, the briefing, and the figures by partner."""
    desk = _Desk(services)
    reads = roles_with(Permission.READ)
    return [
        page(PATH, desk.show, roles=reads),
        page(f"{PATH}/briefing.pdf", desk.paper, roles=reads),
        page(f"{PATH}/partners", desk.partners, roles=reads),
    ]


class _Desk:
    def __init__(self, services: Services) -> None:
        self._situations = services.get(Situations)
        self._contacts = services.get(Contacts)
        self._cases = services.get(Cases)
        self._agreements = services.get(Agreements)

    def show(self, request: Request) -> Response:
        who = _who(request)
        found, names = self._situations.look(who), self._names()
        return request.render(
            "response/situation.html",
            found=found,
            home=_short(plain(names.get(found.home, found.home)), 40),
            fresh=briefing.fresh_of(found.fresh, cases=found.cases is not None),
            strikes=[_strike(each) for each in found.strikes],
            cases=[
                {
                    "case": each,
                    "title": plain(each.title),
                    "phase": (_(casewords.PHASES[each.phase][0]), casewords.PHASES[each.phase][1]),
                    "severity": (_(casewords.SEVERITIES[each.severity][0]), casewords.SEVERITIES[each.severity][1]),
                }
                for each in found.cases or ()
            ],
            handoffs=[_due(each, names) for each in found.handoffs],
            campaigns=[_campaign(each, names) for each in found.campaigns],
            changing=[
                {"one": one, "title": plain(one.title), "object": plain(one.object_title), "note": plain(one.note)}
                for one in found.changing
            ],
            seen=[(_day(found.first_day + place), [count]) for place, count in enumerate(found.seen)],
            picture=_picture(found, names),
            traffic=[(plain(names.get(each.party, each.party)), each) for each in found.traffic],
            size=(WIDTH, HEIGHT),
            may_open=self._cases.may_open(who),
        )

    def paper(self, request: Request) -> Response:
        who = _who(request)
        language = request.query_params.get("language", "") or request.language
        names = self._names()
        drawn = briefing.draw_briefing(self._situations.look(who), names, language)
        self._situations.note_printed(who, language)
        headers = {"Content-Disposition": f'attachment; filename="situation-{language}.pdf"'}
        return Response(drawn, media_type="application/pdf", headers=headers)

    def partners(self, request: Request) -> Response:
        names, titles = self._names(), self._agreements.standings()
        rows = [
            {
                "party": plain(names.get(each.party, each.party)),
                "agreement": plain(titles[each.agreement].title) if each.agreement in titles else "",
                "url": f"/agreements/{each.agreement}" if each.agreement in titles else "",
                "what": _(KINDS[each.kind]),
                "clock": _(CLOCKS[each.clock]),
                **_figures(each),
            }
            for each in self._situations.punctual(_who(request))
        ]
        sides = [[row for row in rows if row["asked"] is side] for side in (True, False)]
        return request.render("response/situation_partners.html", they=sides[0], we=sides[1], path=PATH)

    def _names(self) -> dict[str, str]:
        return self._situations.names(self._contacts.names())


def _who(request: Request) -> Reader:
    return HandOffs.speaker(request.reader, request.who.roles)


def _day(number: int) -> str:
    """Day and month of a day of UTC, by its number since 1970."""
    return current().day(date(1970, 1, 1) + timedelta(days=number), short=True)


def _strike(each: Strike) -> dict[str, Any]:
    return {
        "strike": each,
        "attack": _(briefing.ATTACKS[each.attack]),
        "title": plain(each.title),
        "url": f"/cases/{each.number}" if each.number else f"/intelligence/{each.stix_id}",
        "where": briefing.where(each),
        "sectors": [called_sector(sector) for sector in each.sectors],
    }


def _due(each: Due, names: dict[str, str]) -> dict[str, Any]:
    return {
        "due": each,
        "title": plain(each.title),
        "other": plain(names.get(each.other, each.other)),
        "kind": _(KINDS[each.kind]),
        "stage": words.stage(Stage(each.stage)),
        "lacks": words.lacking(each.lacks),
    }


def _campaign(each: Campaign, names: dict[str, str]) -> dict[str, Any]:
    return {
        "campaign": each,
        "title": plain(each.title),
        "kind": _(briefing.KINDS[each.type]),
        "sectors": [called_sector(sector) for sector in each.sectors],
        "said": [
            {
                "actor": plain(said.actor_title),
                "url": f"/intelligence/{said.actor}",
                "by": briefing.voices(said.said_by, names),
                "confidence": said.confidence,
                "relation": f"/intelligence/{said.relation}",
                "agree": briefing.voices(said.agree, names),
                "disagree": briefing.voices(said.disagree, names),
            }
            for said in each.attributions
        ],
    }


def _picture(found: Situation, names: dict[str, str]) -> list[dict[str, Any]]:
    """Parties with a short name below each; many stand so close that it must be shorter."""
    shown = placed(found.traffic)
    letters = 30 if len(shown) <= _ROOMY else 14
    return [
        {
            "x": each.x,
            "y": each.y,
            # On the side that is away from us, where no line ends.
            "named": each.y - 16 if each.y < HEIGHT / 2 else each.y + 25,
            "width": each.width,
            "late": each.traffic.late > 0,
            "name": _short(plain(names.get(each.traffic.party, each.traffic.party)), letters),
            "full": plain(names.get(each.traffic.party, each.traffic.party)),
        }
        for each in shown
    ]


def _short(name: str, letters: int) -> str:
    return name if len(name) <= letters else name[: letters - 1].rstrip() + "…"


def _figures(each: Punctual) -> dict[str, Any]:
    """A row of figures, with its arithmetic: half within, nine in ten within, of how many, and what is missing."""
    known = len(each.seconds)
    return {
        "asked": each.asked,
        "allowed": each.allowed_s,
        "known": known,
        "half": int(median(each.seconds)) if known else 0,
        "most": percentile(each.seconds, 90),
        "late": each.late,
        "open": each.open,
        "missing": each.missing,
        "seconds": each.seconds[:10],
    }
