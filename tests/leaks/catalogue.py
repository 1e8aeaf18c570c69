"""What the leak test asks with: values for every placeholder, parameter and field.

Who adds one of these adds a line here; the tests say which one is missing. What is not asked stands in `exemptions`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from leaks.response_fields import RESPONSE_FIELDS
from leaks.things import BANK, HUB, NEIGHBOUR, OPERATOR, PLAN, STRANGER, TOOL, UTILITY, Thing, id_of

NOWHERE = Thing("nowhere", 0)  # type: ignore[arg-type]  # it is never kept, so it needs no level
"""What does not exist: asked for beside what is hidden."""


@dataclass(frozen=True)
class Known:
    """Names of the world that are no secret to our own people: what addresses are made of."""

    agreements: Sequence[str]
    versions: Sequence[str]
    tags: Sequence[str]
    persons: Sequence[str]
    tokens: Sequence[str]
    delegations: Sequence[str]
    collections: Sequence[str]
    searches: Mapping[str, Sequence[str]]
    rules: Sequence[str]
    handoffs: Mapping[str, Sequence[str]]
    cases: Mapping[str, Sequence[str]]
    duties: Mapping[str, Sequence[str]]
    sendings: Mapping[str, Sequence[str]]
    reports: Mapping[str, Sequence[str]]
    items: Mapping[str, Sequence[str]]


Values = Callable[[Known, Thing], Sequence[str]]


def _ids(_: Known, thing: Thing) -> Sequence[str]:
    return (thing.ids["malware"], thing.ids["erased"], HUB)


def _one_of(*values: str) -> Values:
    return lambda _, __: values


PATHS: Mapping[str, Values] = {
    "stix_id": _ids,
    "id": _ids,
    "hold": _one_of("hold_000000000000"),
    "handoff": lambda known, thing: known.handoffs.get(thing.key, ("0" * 64,)),
    "link": _one_of("0000"),
    "sealed": _one_of("0" * 64),
    "case": lambda known, thing: known.cases.get(thing.key, ("0",)),
    "answer": _one_of("answer_0"),
    "item": lambda known, thing: known.items.get(thing.key, ("item_0",)),
    "strategy": lambda _, thing: (thing.ids["strategy"], PLAN),
    "duty": lambda known, thing: known.duties.get(thing.key, ("duty_0",)),
    "step": _one_of("initial"),
    "sending": lambda known, thing: known.sendings.get(thing.key, ("sending_0",)),
    "object": lambda _, thing: (thing.ids["malware"],),
    "report": lambda _, thing: (thing.ids["report"],),
    "constituent": _one_of(BANK, UTILITY),
    "contact": _one_of("ctc_00000000"),
    "message": _one_of("0" * 64),
    "shift": _one_of("sft_00000000"),
    "proof": _one_of("none"),
    "name": _one_of("indicators.txt", "indicators.csv", "indicators.json"),
    "wish": _one_of("1"),
    "kind": _one_of("domain-name"),
    "collection": lambda known, _: ("main", "yours", *known.collections[:1]),
    "status": _one_of("00000000-0000-4000-8000-000000000000"),
    "search": lambda known, thing: known.searches.get(thing.key, ("0000",)),
    "setting": _one_of("log_level"),
    "agreement": lambda known, _: known.agreements,
    "version": lambda known, _: known.versions[:1],
    "old": lambda known, _: known.versions[:1],
    "new": lambda known, _: known.versions[:1],
    "tag": lambda known, _: known.tags,
    "number": lambda known, thing: ("1", "5", *known.reports.get(thing.key, ())),
    "party": _one_of(OPERATOR, NEIGHBOUR),
    "person": lambda known, _: known.persons[:2],
    "delegation": lambda known, _: known.delegations[:1],
    "member": _one_of(OPERATOR),
    "user": lambda known, _: known.tokens[:1],
    "passkey": _one_of("00"),
    "secret": _one_of("x" * 43),
    "concern": _one_of("con_00000000000000000000000000000000"),
    "rule": lambda known, _: known.rules,
    "day": _one_of("2026-11-20"),
    "source": _one_of("0000"),
    "form": _one_of("indicator", "report", "sighting", "note"),
    "import": _one_of("0000000000000000"),
    "file": _one_of("00000000000000000000000000000000"),
    "rest": _one_of("nothing/here"),
    "deed": _one_of("deed_00000000000000000000000000000000"),
}
"""Placeholders of paths. With values that depend on the thing, each door is tried for things hidden and shown."""

QUERIES: Mapping[str, Values] = {
    "q": lambda _, thing: (
        thing.canary("host"),
        f"{thing.canary('name')[:-2]}*",
        thing.ids["malware"],
        thing.ids["malware"][:14],
    ),
    "type": _one_of("malware", "campaign", "note"),
    "tlp": lambda _, thing: ("clear", "green", "amber", "amber+strict", "red"),
    "sha256": _one_of("0" * 64),
    "source": lambda _, thing: (f"{thing.canary('file')}.json", thing.owner),
    "from": _one_of("2026-11-20", "0"),
    "to": _one_of("2026-11-20", "3"),
    "collection": lambda known, _: ("feed", *known.collections[:1]),
    "findings": _one_of("any", "must"),
    "revoked": _one_of("yes", "no", "true"),
    "conflict": _one_of("yes", "true"),
    "in_force": _one_of("true"),
    "since": _one_of("2026-11-20", "2026-11-20T00:30:00Z", "2026-11", "2026-12"),
    "until": _one_of("2026-11-20", "2026-11-20T00:30:00Z", "2026-11", "2026-10"),
    "kind": _one_of("domain-name", "indicator"),
    "chain": lambda _, thing: ("mitre-attack", thing.canary("word")),
    "at": lambda _, thing: (thing.number, thing.ids["pattern"]),
    "phase": lambda _, thing: (thing.canary("word"),),
    "all": _one_of("yes"),
    "part": _one_of("facts"),
    "id": lambda _, thing: (thing.ids["malware"],),
    "text": lambda _, thing: (thing.ids["malware"], thing.canary("file")),
    "form": _one_of("csv", "ndjson"),
    "left": _one_of("yes"),
    "here": _one_of("/intelligence"),
    "before": _one_of("20", "1800000000000000"),
    "after": _one_of("1790000000000000"),
    "search": lambda known, thing: known.searches.get(thing.key, ("0000",)),
    "saved": lambda known, thing: known.searches.get(thing.key, ("0000",)),
    "deleted": lambda known, thing: known.searches.get(thing.key, ("0000",)),
    "format": _one_of("stix", "ndjson", "csv", "values"),
    "value": lambda _, thing: (f"{thing.canary('host')}.example", "plain.example"),
    "depth": _one_of("2", "3"),
    "as": _one_of(OPERATOR, NEIGHBOUR, STRANGER),
    "named": _one_of("40"),
    "category": _one_of("intrusions"),
    "cross_border": _one_of("true"),
    "severity": _one_of("high"),
    "state": _one_of("any", "closed", "overdue", "revision"),
    "regime": _one_of("malaysia-act-854"),
    "happened": _one_of("true"),
    "standing": _one_of("new"),
    "hidden": _one_of("true"),
    "legal": _one_of("true", "yes"),
    "unread": _one_of("false"),
    "border": _one_of("yes"),
    "case": lambda known, thing: known.cases.get(thing.key, ("0",)),
    "readers": _one_of(""),
    "object": lambda _, thing: (thing.ids["malware"],),
    "handoff": lambda known, thing: known.handoffs.get(thing.key, ("0" * 64,)),
    "strategy": lambda _, thing: (thing.ids["strategy"],),
    "older": _one_of("2026-11-19T09:00:00.000Z"),
    "newer": _one_of("2026-11-19T09:00:00.000Z"),
    "agreement": lambda known, _: known.agreements,
    "version": lambda known, _: known.versions[:1],
    "quarter": _one_of("2026-Q4"),
    "days": _one_of("7"),
    "by": _one_of("hour"),
    "paper": _one_of("en"),
    "old": lambda known, _: known.versions[:1],
    "new": lambda known, _: known.versions[:1],
    "amends": lambda known, _: known.agreements[:1],
    "anew": lambda known, _: known.agreements[:1],
    "template": _one_of("bilateral"),
    "language": _one_of("km"),
    "next": _one_of("/"),
    "party": _one_of(OPERATOR),
    "view": _one_of("given", "received", "lanes"),
    "end": _one_of("2"),
    "action": _one_of("exchange.import", "object.erase", "search.save"),
    "subject": lambda _, thing: (thing.ids["malware"], thing.ids["erased"]),
    "actor": _one_of("operator"),
    "about": _one_of("type:campaign"),
    "do": _one_of("note", "seen", "collect", "revoke", "publish"),
    "rows": _one_of("compact"),
    "theme": _one_of("dark"),
    "said": _one_of("done"),
    "lang": _one_of("km", "th"),
    "added_after": _one_of("2026-11-20T00:30:00Z", "2026-11-20T01:00:00Z"),
    "limit": _one_of("1", "4"),
    "way": lambda known, _: (f"act {known.agreements[0]} {OPERATOR}",),
    "urgency": _one_of("emergency"),
    "title": _one_of("words of mine"),
    "refs": lambda _, thing: (thing.ids["malware"], f"{thing.canary('host')}.example"),
    "report": _one_of("3"),
    "basis": _one_of("none"),
    "number": _one_of("2026-1"),
    "match[id]": lambda _, thing: (thing.ids["malware"],),
    "match[type]": _one_of("malware", "campaign"),
    "match[version]": _one_of("all", "first"),
    "match[spec_version]": _one_of("2.1"),
}
"""Parameters of addresses."""

WHOLE: Mapping[str, Sequence[str]] = {
    "/intelligence": ("q", "type", "tlp", "source", "from", "to", "collection", "findings", "revoked", "conflict"),
    "/intelligence/export": ("q", "type", "tlp", "source", "collection", "conflict"),
    "/intelligence/many": ("q", "type", "tlp", "source", "collection", "conflict"),
    "/link/v1/{tag}/headers": ("from",),
    **dict.fromkeys(
        (
            "/taxii2/api/collections/{collection}/manifest/",
            "/taxii2/api/collections/{collection}/objects/",
            "/taxii2/api/collections/{collection}/objects/{object}/",
            "/taxii2/api/collections/{collection}/objects/{object}/versions/",
        ),
        ("added_after", "limit", "match[id]", "match[type]", "match[version]", "match[spec_version]"),
    ),
}
"""Doors that read their address as a whole, so that nobody can see which parameters they look at: these."""

ALWAYS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "/intelligence/export": (("format", "stix"),),
    "/intelligence/many": (("do", "note"), ("id", TOOL)),
    "/observables/{kind}": (("value", "plain.example"),),
    "/link/v1/{tag}/headers": (("from", "0"),),
    "/api/v1/values": (("value", "plain.example"),),
    "/graph": (("id", HUB),),
    "/api/v1/graph": (("id", HUB),),
    "/api/v1/attack/objects": (("at", "T1000"),),
    "/audit/export": (("form", "ndjson"),),
    "/api/v1/duties/quarter": (("quarter", "2026-Q4"),),
    "/api/v1/duties/quarter.csv": (("quarter", "2026-Q4"),),
}
"""What a door needs in every request to answer at all."""

FIELDS: Mapping[str, Values] = {
    "read": _one_of("yes"),
    "often": _one_of("daily"),
    "told": _one_of("case"),
    "address": _one_of("somebody@here.example"),
    "watch": _one_of("yes"),
    "who": _one_of(""),
    "sectors": _one_of("government"),
    "severity_why": _one_of("as it is"),
    "summary": _one_of("what is known"),
    "sort": _one_of("link", "observable"),
    "track": _one_of("technical"),
    "ref": lambda _, thing: (thing.ids["malware"],),
    "at": _one_of("2026-11-20 23:50"),
    "person": _one_of("psn_0"),
    "named": _one_of("yes"),
    "acknowledge": _one_of("1"),
    "decide": _one_of("4"),
    "ceiling": _one_of("amber"),
    "content": _one_of("green"),
    "mail": _one_of("it@hospital.example"),
    **RESPONSE_FIELDS,
    "phone": _one_of("+66 2 555 0100"),
    "team": _one_of("Northern Hospital"),
    "zone": _one_of("UTC"),
    "secret": _one_of("0" * 43),
    "contact": _one_of("ctc_00000000"),
    "via": _one_of("telephone"),
    "steps": _one_of("One step"),
    "count": _one_of("3"),
    "about": _one_of("type:campaign"),
    "days": _one_of("3650"),
    "day": _one_of("2026-11-20"),
    "limit": _one_of("5"),
    "sightings": _one_of("yes"),
    "everything": _one_of("yes"),
    "age": _one_of("received"),
    "note": _one_of("seen"),
    "do": _one_of("note"),
    "ids": lambda _, thing: (thing.ids["malware"],),
    "back": _one_of("/intelligence"),
    "text": _one_of("A text about plain.example."),
    "opinion": _one_of("agree"),
    "because": _one_of("for a reason"),
    "case": lambda known, thing: known.cases.get(thing.key, ("0",)),
    "into": _one_of(HUB),
    "one": _one_of(TOOL),
    "search": _one_of("q=plain"),
    "name": _one_of("a name of mine"),
    "shared": _one_of("yes"),
    "looked": _one_of("1800000000000000"),
    "agreement": lambda known, _: known.agreements[:1],
    "tlp": _one_of("green"),
    "collection": _one_of("feed"),
    "language": _one_of("en"),
    "theme": _one_of("dark"),
    "keys": _one_of("on"),
    "next": _one_of("/"),
    "source": _one_of("a letter"),
    "passing": _one_of("inside"),
    "credit": _one_of("somebody"),
    "description": _one_of("words"),
    "keep": _one_of(""),
    "file_name": _one_of("table.csv"),
    "file": _one_of(""),
    "csrf": _one_of(""),
    "emergency": _one_of(""),
    "kind": _one_of("recall"),
    "outcome": _one_of("noted"),
    "password": _one_of("wrong"),
    "ticket": _one_of("none"),
    "code": _one_of("000000"),
    "answer": _one_of("{}"),
    "values": lambda _, thing: (f"{thing.canary('host')}.example",),
    "find": lambda _, thing: (thing.canary("host"),),
    "link": lambda _, thing: (thing.ids["malware"],),
    "type": _one_of("malicious-activity"),
    "pattern": _one_of(""),
    "what": _one_of("words of mine"),
    "word": _one_of("fixed"),
    "necessity": lambda _, thing: (thing.ids["malware"],),
    "subjects": _one_of("people of mine"),
    "transfers": _one_of("none"),
    "risks": _one_of("none that I see"),
    "paper": _one_of("en"),
    "wish": _one_of("pause"),
    "why": _one_of("seen in our own logs"),
    "action": _one_of("look back"),
    "phase": _one_of("delivery"),
    "confidence": _one_of("50"),
    "since": _one_of("2026-11-20"),
    "until": _one_of("2027-11-20"),
    "pap": _one_of("green"),
    "audience": _one_of(""),
    "step": _one_of("look"),
    "seen": _one_of("1800000000000000"),
    "version": _one_of("1800000000000000"),
    "with": lambda _, thing: (thing.ids["malware"],),
    "verb": _one_of("acknowledge"),
    "other": _one_of(NEIGHBOUR),
    "reason": _one_of("capacity"),
    "way": lambda known, _: (f"act {known.agreements[0]} {OPERATOR}",),
    "urgency": _one_of("emergency"),
    "title": _one_of("words of mine"),
    "refs": lambda _, thing: (thing.ids["malware"],),
    "report": _one_of("3"),
    "basis": _one_of("none"),
    "number": _one_of("2026-1"),
    "to": _one_of(NEIGHBOUR, "object"),
}
"""Fields of forms: everything else is filled in right, so that the answer depends on what is asked about."""


def _taxii(thing: Thing) -> bytes:
    """A client says something about an id that may be hidden, and something new."""
    made = {"type": "malware", "spec_version": "2.1", "id": thing.ids["malware"], "is_family": False}
    made |= {"created": "2026-11-19T09:00:00.000Z", "modified": "2026-11-19T09:00:00.000Z", "name": "mine"}
    other = made | {"id": id_of("malware", "theirs")}
    return json.dumps({"objects": [made, other]}).encode()


def _json(make: Callable[[Thing], object]) -> tuple[str, Callable[[Thing], bytes]]:
    return "application/json", lambda thing: json.dumps(make(thing)).encode()


BODIES: Mapping[str, tuple[str, Callable[[Thing], bytes]]] = {
    "/taxii2/api/collections/{collection}/objects/": ("application/taxii+json;version=2.1", _taxii),
    "/digest/{contact}/{proof}/now": ("application/x-www-form-urlencoded", lambda _: b"List-Unsubscribe=One-Click"),
    "/link/v1/{tag}/bodies": ("application/json", lambda _: b'{"ranges":[[0,11]]}'),
    "/api/v1/values/lookup": _json(lambda thing: {"values": [f"{thing.canary('host')}.example", "plain.example"]}),
    "/api/v1/texts/candidates": _json(lambda thing: {"text": f"See {thing.canary('host')}.example and plain.example."}),
    "/api/v1/writings/look": _json(
        lambda thing: {
            "kind": "report",
            "name": "mine",
            "values": [f"{thing.canary('host')}.example"],
            "links": [thing.ids["malware"]],
        }
    ),
    "/api/v1/deeds/preview": _json(lambda thing: {"act": "note", "ids": [thing.ids["malware"], TOOL]}),
    "/api/v1/tables/look": _json(lambda thing: {"name": "t.csv", "text": f"value\n{thing.canary('host')}.example\n"}),
}
"""Doors that take no form: media type and what is sent."""


def pick(values: Values, known: Known, thing: Thing) -> Sequence[str]:
    """The values of a parameter for a thing, each once."""
    return tuple(dict.fromkeys(values(known, thing)))


def fill(names: Sequence[str], catalogue: Mapping[str, Values], known: Known, thing: Thing) -> list[dict[str, Any]]:
    """Every combination of values for these names; AssertionError for a name without any."""
    found: list[dict[str, Any]] = [{}]
    for name in names:
        assert name in catalogue, f"{name!r} has no values yet: add some in tests/leaks/catalogue.py"
        found = [each | {name: value} for each in found for value in pick(catalogue[name], known, thing)]
    return found
