"""What answers at the endpoints of shields."""

from __future__ import annotations

import msgspec

from kouprey.kernel.web.request import Request
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.tlp import TLP, parse_tlp
from kouprey.protect.api import shapes
from kouprey.protect.model import Limits, Query
from kouprey.protect.service import Protect


class Desk:
    """One method for each endpoint."""

    def __init__(self, protect: Protect) -> None:
        self._protect = protect

    def list(self, request: Request) -> shapes.ShieldList:
        return shapes.ShieldList(shields=tuple(map(shapes.show_standing, self._protect.standings(request.reader))))

    def add(self, request: Request, asked: shapes.NewShield) -> shapes.ShieldShown:
        who = request.reader
        query = Query(
            parts=asked.parts,
            collection=asked.collection,
            sources=asked.sources,
            confidence=asked.confidence,
            tlp=_level(asked.tlp) if asked.tlp else min(who.clearance, TLP.AMBER_STRICT),
        )
        limits = Limits(
            growth=asked.growth, canary=asked.canary, life_days=asked.life_days, valid_days=asked.valid_days
        )
        self._protect.add_shield(who, asked.name, asked.title, query, limits, by=who.name)
        return self._shown(who, asked.name)

    def show(self, request: Request) -> shapes.ShieldShown:
        return self._shown(request.reader, _name(request))

    def change(self, request: Request, asked: shapes.ChangedShield) -> shapes.ShieldShown:
        who, name = request.reader, _name(request)
        held = self._protect.get_shield(who, name)
        wish = {key: value for key, value in msgspec.structs.asdict(asked).items() if value is not None}
        level = {"tlp": _level(wish.pop("tlp"))} if "tlp" in wish else {}
        query = {key: wish.pop(key) for key in ("parts", "collection", "sources", "confidence") if key in wish} | level
        limits = {key: wish.pop(key) for key in ("growth", "canary", "life_days", "valid_days") if key in wish}
        self._protect.change_shield(
            who,
            name,
            query=msgspec.structs.replace(held.query, **query) if query else None,
            limits=msgspec.structs.replace(held.limits, **limits) if limits else None,
            by=who.name,
            **wish,
        )
        return self._shown(who, name)

    def releases(self, request: Request) -> shapes.Releases:
        found = self._protect.list_releases(request.reader, _name(request))
        return shapes.Releases(releases=tuple(map(shapes.show_release, found)))

    def entries(self, request: Request, asked: shapes.Sought) -> shapes.Entries:
        serial = self._serial(request, asked.serial)
        found = self._protect.list_entries(request.reader, _name(request), serial, asked.text)
        return shapes.Entries(entries=tuple(map(shapes.show_entry, found.entries)), total=found.total)

    def left(self, request: Request, asked: shapes.SoughtLeft) -> shapes.LeftList:
        serial = self._serial(request, asked.serial)
        found = self._protect.list_left(request.reader, _name(request), serial, asked.text, asked.why)
        return shapes.LeftList(left=tuple(map(shapes.show_left, found.left)), total=found.total, counts=found.counts)

    def compile(self, request: Request) -> shapes.ReleaseShown:
        who = request.reader
        return shapes.show_release(self._protect.compile(who, _name(request), by=who.name))

    def approve(self, request: Request, asked: shapes.Serial) -> shapes.ReleaseShown:
        who = request.reader
        return shapes.show_release(self._protect.approve(who, _name(request), asked.serial, by=who.name))

    def refuse(self, request: Request, asked: shapes.Reasoned) -> shapes.ReleaseShown:
        who = request.reader
        return shapes.show_release(self._protect.refuse(who, _name(request), asked.serial, asked.reason, by=who.name))

    def roll_back(self, request: Request, asked: shapes.Reasoned) -> shapes.ReleaseShown:
        who = request.reader
        made = self._protect.roll_back(who, _name(request), asked.serial, asked.reason, by=who.name)
        return shapes.show_release(made)

    def resume(self, request: Request) -> shapes.ReleaseShown:
        who = request.reader
        return shapes.show_release(self._protect.resume(who, _name(request), by=who.name))

    def allowances(self, request: Request) -> shapes.Allowances:
        found = self._protect.list_allowances(request.reader)
        return shapes.Allowances(allowances=tuple(map(shapes.show_allowance, found)))

    def allow(self, request: Request, asked: shapes.NewAllowance) -> shapes.AllowanceShown:
        who = request.reader
        made = self._protect.allow(who, asked.text, asked.reason, insists=asked.insists, alone=asked.alone, by=who.name)
        return shapes.show_allowance(made)

    def disallow(self, request: Request, asked: shapes.Named) -> None:
        self._protect.disallow(request.reader, asked.text, by=request.reader.name)

    def outlets(self, request: Request) -> shapes.OutletList:
        found = self._protect.list_outlets(request.reader, _name(request))
        return shapes.OutletList(outlets=tuple(map(shapes.show_outlet, found)))

    def add_outlet(self, request: Request, asked: shapes.NewOutlet) -> shapes.OutletMade:
        who = request.reader
        made, secret = self._protect.add_outlet(who, _name(request), asked.title, by=who.name)
        return shapes.OutletMade(outlet=shapes.show_outlet(made), secret=secret)

    def end_outlet(self, request: Request) -> None:
        who = request.reader
        self._protect.end_outlet(who, _name(request), request.path_params["outlet"], by=who.name)

    def _shown(self, who: Reader, name: str) -> shapes.ShieldShown:
        return shapes.show_standing(self._protect.standing(who, name))

    def _serial(self, request: Request, serial: int) -> int:
        return serial or self._protect.newest(request.reader, _name(request)).serial


def _name(request: Request) -> str:
    name: str = request.path_params["shield"]
    return name


def _level(text: str) -> TLP:
    try:
        return parse_tlp(text)
    except ValueError as error:
        raise Damaged("The level cannot be read.", str(error), "Write one of TLP 2.0.", code="bad-level") from None
