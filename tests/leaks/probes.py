"""Probes made of the tables of the assembled node: every door, with every parameter it looks at."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec

from kouprey.agreements.service import Agreements
from kouprey.exchange.service import Exchange
from kouprey.federation.service import Federation
from kouprey.kernel.web.door import Door
from kouprey.kernel.words.decision import Reader
from kouprey.people.service import People
from kouprey.response.model.cases import Sort
from kouprey.response.service import Calling, Cases, CaseTemplates, Duties, HandOffs, Reports
from kouprey.response.store.duties import Sought
from leaks import catalogue, exemptions
from leaks.asking import Probe
from leaks.known import Known
from leaks.things import HOME, Thing
from leaks.world import World

_PLACE = re.compile(r"\{(\w+)(?::path)?\}")


def places(path: str) -> list[str]:
    """The placeholders of a path."""
    return _PLACE.findall(path)


def known_of(world: World) -> Known:
    """Names that addresses are made of."""
    services = world.node.services
    people, exchange = services.get(People), services.get(Exchange)
    versions = services.get(Agreements).list_versions()
    keeper = world.base.askers["red"].person
    searches: dict[str, list[str]] = {}
    for each in exchange.list_saved(exchange.operator(), by=keeper):
        key = next(thing.key for thing in world.things if thing.canary("note") == each.name)
        searches.setdefault(key, []).append(each.id)
    asking: dict[str, list[str]] = {}
    handoffs = services.get(HandOffs)
    for line in handoffs.list_asking(handoffs.operator()):
        key = next(thing.key for thing in world.things if thing.canary("name") == line.title)
        asking.setdefault(key, []).append(line.id)
    cases, operator = services.get(Cases), handoffs.operator()
    numbers: dict[str, list[str]] = {}
    items: dict[str, list[str]] = {}
    attempts: dict[str, list[str]] = {}
    for worked in cases.list_cases(operator)[0]:
        key = next(thing.key for thing in world.things if thing.canary("name") == worked.case.title)
        numbers.setdefault(key, []).append(str(worked.case.number))
        inside = cases.items(operator, cases.get(operator, worked.case.id), (Sort.EVIDENCE, Sort.TASK))[0]
        sending = [item.id for item in inside if getattr(item.body, "calls", True)]
        items.setdefault(key, []).extend(sending)
        for item in sending:
            sent = services.get(Calling).attempts(operator, item)
            attempts.setdefault(key, []).extend(each.id for each in sent)
    templates: dict[str, list[str]] = {}
    for kept in services.get(CaseTemplates).list(operator):
        key = next(thing.key for thing in world.things if thing.canary("name") == kept.name)
        templates.setdefault(key, []).append(kept.id)
    duties, sendings = _clocks(services.get(Duties), operator, world)
    told: dict[str, list[str]] = {}
    for report, _case in services.get(Reports).page(operator)[0]:
        key = next((thing.key for thing in world.things if thing.canary("word") == report.mail.subject), "")
        told.setdefault(key, []).append(str(report.number))
    return Known(
        agreements=sorted({each.agreement for each in versions}),
        versions=[each.note_sha256.hex() for each in versions],
        tags=[each.tag for each in services.get(Federation).ledger.list_lanes()],
        persons=[each.id for each in people.list_persons()],
        tokens=[each.user for each in people.list_tokens()],
        delegations=[each.id for each in people.list_delegations()],
        collections=[each.id for each in exchange.list_collections() if each.name != "main"],
        searches=searches,
        handoffs=asking,
        cases=numbers,
        duties=duties,
        sendings=sendings,
        reports=told,
        items=items,
        attempts=attempts,
        templates=templates,
        dossiers=world.dossiers,
        rules=[
            *(each.id for each in exchange.list_rules(exchange.operator())),
            *(each.id for each in exchange.list_publishing_rules(exchange.operator())),
        ],
    )


def _clocks(every: Duties, operator: Reader, world: World) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Duties and what was sent of them, by the thing that their case is about."""
    duties: dict[str, list[str]] = {}
    sendings: dict[str, list[str]] = {}
    for line in every.list(operator, Sought(state="any"))[0]:
        key = next(thing.key for thing in world.things if thing.canary("name") == line.case.title)
        duties.setdefault(key, [])
        if line.duty.id not in duties[key]:
            duties[key].append(line.duty.id)
        if line.report.sending:
            sendings.setdefault(key, []).append(line.report.sending)
    return duties, sendings


def asked_doors(doors: Sequence[Door]) -> Iterator[tuple[str, Door]]:
    """Each method of each door that is to be asked; OPTIONS say what any machine may know."""
    for door in doors:
        for method in door.methods:
            if method != "OPTIONS" and not unasked(method, door):
                yield method, door


def unasked(method: str, door: Door) -> str:
    """Why a door is not asked, "" for one that is."""
    if door.contract is not None and door.contract.effect:
        return exemptions.TWINS
    return exemptions.UNASKED.get(f"{method} {door.path}", "")


def declared(door: Door) -> set[str]:
    """The parameters that an endpoint of the REST interface takes, without those that only turn pages."""
    if door.contract is None or door.contract.takes is None:
        return set()
    return {each.encode_name for each in msgspec.structs.fields(door.contract.takes)} - {"cursor", "limit"}


def filled(path: str, known: Known, thing: Thing) -> list[str]:
    """The addresses of a door for a thing."""
    return [
        _PLACE.sub(lambda match, values=values: values[match[1]], path)
        for values in catalogue.fill(places(path), catalogue.PATHS, known, thing)
    ]


def reads(door: Door, known: Known, things: Sequence[Thing]) -> list[Probe]:
    """One request for each address of a door, as far as it needs no more."""
    always = catalogue.ALWAYS.get(door.path, ())
    found = dict.fromkeys(path for thing in things for path in filled(door.path, known, thing))
    return [Probe(door.path, path, query=always) for path in found]


def questions(
    door: Door, names: Sequence[str], known: Known, things: Sequence[Thing], at: Sequence[Probe]
) -> list[Probe]:
    """Each parameter with each value, one after the other, at the first addresses of a door."""
    found: dict[Probe, None] = {}
    for probe in at:
        for name in names:
            for thing in things:
                for value in catalogue.pick(catalogue.QUERIES[name], known, thing):
                    query = (*(pair for pair in probe.query if pair[0] != name), (name, value))
                    found[Probe(door.path, probe.path, query=query)] = None
    return list(found)


def writes(method: str, door: Door, fields: Sequence[str], known: Known, things: Sequence[Thing]) -> list[Probe]:
    """One request for each address and thing, with every field filled in."""
    found: dict[Probe, None] = {}
    for thing in things:
        form = tuple((name, catalogue.pick(catalogue.FIELDS[name], known, thing)[0]) for name in fields)
        media, body = "", b""
        if door.path in catalogue.BODIES:
            media, make = catalogue.BODIES[door.path]
            body = make(thing)
        for path in filled(door.path, known, thing):
            if body or method == "DELETE":
                found[Probe(door.path, path, method, body=body, media=media)] = None
            else:
                found[Probe(door.path, path, method, form=form or (("csrf", ""),))] = None
    return list(found)


__all__ = ["HOME", "asked_doors", "filled", "known_of", "places", "questions", "reads", "writes"]
