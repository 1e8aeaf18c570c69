"""What the leak test asks with: values for every placeholder, parameter and field.

Who adds one of these adds a line here; the tests say which one is missing. What is not asked stands in `exemptions`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from leaks.known import Known, Values, one_of
from leaks.rooms import with_rooms
from leaks.things import BANK, HUB, NEIGHBOUR, OPERATOR, PLAN, STRANGER, TOOL, UTILITY, Thing, id_of

NOWHERE = Thing("nowhere", 0)  # type: ignore[arg-type]  # it is never kept, so it needs no level
"""What does not exist: asked for beside what is hidden."""


def _ids(_: Known, thing: Thing) -> Sequence[str]:
    return (thing.ids["malware"], thing.ids["erased"], HUB)


PATHS: Mapping[str, Values] = with_rooms(
    "PATHS",
    {
        "stix_id": _ids,
        "id": _ids,
        "hold": one_of("hold_000000000000"),
        "handoff": lambda known, thing: known.handoffs.get(thing.key, ("0" * 64,)),
        "link": one_of("0000"),
        "sealed": one_of("0" * 64),
        "case": lambda known, thing: known.cases.get(thing.key, ("0",)),
        "answer": one_of("answer_0"),
        "item": lambda known, thing: known.items.get(thing.key, ("item_0",)),
        "strategy": lambda _, thing: (thing.ids["strategy"], PLAN),
        "duty": lambda known, thing: known.duties.get(thing.key, ("duty_0",)),
        "step": one_of("initial"),
        "sending": lambda known, thing: known.sendings.get(thing.key, ("sending_0",)),
        "object": lambda _, thing: (thing.ids["malware"],),
        "report": lambda _, thing: (thing.ids["report"],),
        "constituent": one_of(BANK, UTILITY),
        "contact": one_of("ctc_00000000"),
        "message": one_of("0" * 64),
        "shift": one_of("sft_00000000"),
        "proof": one_of("none"),
        "name": one_of("indicators.txt", "indicators.csv", "indicators.json"),
        "wish": one_of("1"),
        "kind": one_of("domain-name"),
        "collection": lambda known, _: ("main", "yours", *known.collections[:1]),
        "status": one_of("00000000-0000-4000-8000-000000000000"),
        "search": lambda known, thing: known.searches.get(thing.key, ("0000",)),
        "setting": one_of("log_level"),
        "agreement": lambda known, _: known.agreements,
        "version": lambda known, _: known.versions[:1],
        "old": lambda known, _: known.versions[:1],
        "new": lambda known, _: known.versions[:1],
        "tag": lambda known, _: known.tags,
        "number": lambda known, thing: ("1", "5", *known.reports.get(thing.key, ())),
        "party": one_of(OPERATOR, NEIGHBOUR),
        "person": lambda known, _: known.persons[:2],
        "delegation": lambda known, _: known.delegations[:1],
        "member": one_of(OPERATOR),
        "user": lambda known, _: known.tokens[:1],
        "passkey": one_of("00"),
        "secret": one_of("x" * 43),
        "concern": one_of("con_00000000000000000000000000000000"),
        "rule": lambda known, _: known.rules,
        "day": one_of("2026-11-20"),
        "source": one_of("0000"),
        "form": one_of("indicator", "report", "sighting", "note"),
        "import": one_of("0000000000000000"),
        "file": one_of("00000000000000000000000000000000"),
        "rest": one_of("nothing/here"),
        "deed": one_of("deed_00000000000000000000000000000000"),
    },
)
"""Placeholders of paths. With values that depend on the thing, each door is tried for things hidden and shown."""

QUERIES: Mapping[str, Values] = with_rooms(
    "QUERIES",
    {
        "q": lambda _, thing: (
            thing.canary("host"),
            f"{thing.canary('name')[:-2]}*",
            thing.ids["malware"],
            thing.ids["malware"][:14],
        ),
        "type": one_of("malware", "campaign", "note"),
        "tlp": lambda _, thing: ("clear", "green", "amber", "amber+strict", "red"),
        "sha256": one_of("0" * 64),
        "source": lambda _, thing: (f"{thing.canary('file')}.json", thing.owner),
        "from": one_of("2026-11-20", "0"),
        "to": one_of("2026-11-20", "3"),
        "collection": lambda known, _: ("feed", *known.collections[:1]),
        "findings": one_of("any", "must"),
        "revoked": one_of("yes", "no", "true"),
        "conflict": one_of("yes", "true"),
        "in_force": one_of("true"),
        "since": one_of("2026-11-20", "2026-11-20T00:30:00Z", "2026-11", "2026-12"),
        "until": one_of("2026-11-20", "2026-11-20T00:30:00Z", "2026-11", "2026-10"),
        "kind": one_of("domain-name", "indicator"),
        "chain": lambda _, thing: ("mitre-attack", thing.canary("word")),
        "at": lambda _, thing: (thing.number, thing.ids["pattern"]),
        "phase": lambda _, thing: (thing.canary("word"),),
        "all": one_of("yes"),
        "part": one_of("facts"),
        "id": lambda _, thing: (thing.ids["malware"],),
        "text": lambda _, thing: (thing.ids["malware"], thing.canary("file")),
        "form": one_of("csv", "ndjson"),
        "left": one_of("yes"),
        "here": one_of("/intelligence"),
        "before": one_of("20", "1800000000000000"),
        "after": one_of("1790000000000000"),
        "search": lambda known, thing: known.searches.get(thing.key, ("0000",)),
        "saved": lambda known, thing: known.searches.get(thing.key, ("0000",)),
        "deleted": lambda known, thing: known.searches.get(thing.key, ("0000",)),
        "format": one_of("stix", "ndjson", "csv", "values"),
        "value": lambda _, thing: (f"{thing.canary('host')}.example", "plain.example"),
        "depth": one_of("2", "3"),
        "as": one_of(OPERATOR, NEIGHBOUR, STRANGER),
        "named": one_of("40"),
        "category": one_of("intrusions"),
        "cross_border": one_of("true"),
        "severity": one_of("high"),
        "state": one_of("any", "closed", "overdue", "revision"),
        "regime": one_of("malaysia-act-854"),
        "happened": one_of("true"),
        "standing": one_of("new"),
        "hidden": one_of("true"),
        "legal": one_of("true", "yes"),
        "unread": one_of("false"),
        "border": one_of("yes"),
        "case": lambda known, thing: known.cases.get(thing.key, ("0",)),
        "readers": one_of(""),
        "object": lambda _, thing: (thing.ids["malware"],),
        "handoff": lambda known, thing: known.handoffs.get(thing.key, ("0" * 64,)),
        "strategy": lambda _, thing: (thing.ids["strategy"],),
        "older": one_of("2026-11-19T09:00:00.000Z"),
        "newer": one_of("2026-11-19T09:00:00.000Z"),
        "agreement": lambda known, _: known.agreements,
        "version": lambda known, _: known.versions[:1],
        "quarter": one_of("2026-Q4"),
        "days": one_of("7"),
        "by": one_of("hour"),
        "paper": one_of("en"),
        "old": lambda known, _: known.versions[:1],
        "new": lambda known, _: known.versions[:1],
        "amends": lambda known, _: known.agreements[:1],
        "anew": lambda known, _: known.agreements[:1],
        "template": lambda known, thing: ("bilateral", *known.templates.get(thing.key, ())),
        "language": one_of("km"),
        "next": one_of("/"),
        "party": one_of(OPERATOR),
        "view": one_of("given", "received", "lanes"),
        "end": one_of("2"),
        "action": one_of("exchange.import", "object.erase", "search.save"),
        "subject": lambda _, thing: (thing.ids["malware"], thing.ids["erased"]),
        "actor": one_of("operator"),
        "about": one_of("type:campaign"),
        "do": one_of("note", "seen", "collect", "revoke", "publish"),
        "rows": one_of("compact"),
        "theme": one_of("dark"),
        "said": one_of("done"),
        "lang": one_of("km", "th"),
        "added_after": one_of("2026-11-20T00:30:00Z", "2026-11-20T01:00:00Z"),
        "limit": one_of("1", "4"),
        "way": lambda known, _: (f"act {known.agreements[0]} {OPERATOR}",),
        "urgency": one_of("emergency"),
        "title": one_of("words of mine"),
        "refs": lambda _, thing: (thing.ids["malware"], f"{thing.canary('host')}.example"),
        "report": one_of("3"),
        "basis": one_of("none"),
        "number": one_of("2026-1"),
        "match[id]": lambda _, thing: (thing.ids["malware"],),
        "match[type]": one_of("malware", "campaign"),
        "match[version]": one_of("all", "first"),
        "match[spec_version]": one_of("2.1"),
    },
)
"""Parameters of addresses."""

WHOLE: Mapping[str, Sequence[str]] = with_rooms(
    "WHOLE",
    {
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
    },
)
"""Doors that read their address as a whole, so that nobody can see which parameters they look at: these."""

ALWAYS: Mapping[str, tuple[tuple[str, str], ...]] = with_rooms(
    "ALWAYS",
    {
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
    },
)
"""What a door needs in every request to answer at all."""

FIELDS: Mapping[str, Values] = with_rooms(
    "FIELDS",
    {
        "read": one_of("yes"),
        "often": one_of("daily"),
        "told": one_of("case"),
        "address": one_of("somebody@here.example"),
        "watch": one_of("yes"),
        "who": one_of(""),
        "sectors": one_of("government"),
        "severity_why": one_of("as it is"),
        "summary": one_of("what is known"),
        "sort": one_of("link", "observable"),
        "track": one_of("technical"),
        "ref": lambda _, thing: (thing.ids["malware"],),
        "at": one_of("2026-11-20 23:50"),
        "person": one_of("psn_0"),
        "named": one_of("yes"),
        "acknowledge": one_of("1"),
        "decide": one_of("4"),
        "ceiling": one_of("amber"),
        "content": one_of("green"),
        "mail": one_of("it@hospital.example"),
        "phone": one_of("+66 2 555 0100"),
        "team": one_of("Northern Hospital"),
        "zone": one_of("UTC"),
        "secret": one_of("0" * 43),
        "contact": one_of("ctc_00000000"),
        "via": one_of("telephone"),
        "steps": one_of("One step"),
        "count": one_of("3"),
        "about": one_of("type:campaign"),
        "days": one_of("3650"),
        "day": one_of("2026-11-20"),
        "limit": one_of("5"),
        "sightings": one_of("yes"),
        "everything": one_of("yes"),
        "age": one_of("received"),
        "note": one_of("seen"),
        "do": one_of("note"),
        "ids": lambda _, thing: (thing.ids["malware"],),
        "back": one_of("/intelligence"),
        "text": one_of("A text about plain.example."),
        "opinion": one_of("agree"),
        "because": one_of("for a reason"),
        "case": lambda known, thing: known.cases.get(thing.key, ("0",)),
        "into": one_of(HUB),
        "one": one_of(TOOL),
        "search": one_of("q=plain"),
        "name": one_of("a name of mine"),
        "shared": one_of("yes"),
        "looked": one_of("1800000000000000"),
        "agreement": lambda known, _: known.agreements[:1],
        "tlp": one_of("green"),
        "collection": one_of("feed"),
        "language": one_of("en"),
        "theme": one_of("dark"),
        "keys": one_of("on"),
        "next": one_of("/"),
        "source": one_of("a letter"),
        "passing": one_of("inside"),
        "credit": one_of("somebody"),
        "description": one_of("words"),
        "keep": one_of(""),
        "file_name": one_of("table.csv"),
        "file": one_of(""),
        "csrf": one_of(""),
        "emergency": one_of(""),
        "kind": one_of("recall"),
        "outcome": one_of("noted"),
        "password": one_of("wrong"),
        "ticket": one_of("none"),
        "code": one_of("000000"),
        "answer": one_of("{}"),
        "values": lambda _, thing: (f"{thing.canary('host')}.example",),
        "find": lambda _, thing: (thing.canary("host"),),
        "link": lambda _, thing: (thing.ids["malware"],),
        "type": one_of("malicious-activity"),
        "pattern": one_of(""),
        "what": one_of("words of mine"),
        "word": one_of("fixed"),
        "necessity": lambda _, thing: (thing.ids["malware"],),
        "subjects": one_of("people of mine"),
        "transfers": one_of("none"),
        "risks": one_of("none that I see"),
        "paper": one_of("en"),
        "wish": one_of("pause"),
        "why": one_of("seen in our own logs"),
        "action": one_of("look back"),
        "phase": one_of("delivery"),
        "confidence": one_of("50"),
        "since": one_of("2026-11-20"),
        "until": one_of("2027-11-20"),
        "pap": one_of("green"),
        "audience": one_of(""),
        "step": one_of("look"),
        "seen": one_of("1800000000000000"),
        "version": one_of("1800000000000000"),
        "with": lambda _, thing: (thing.ids["malware"],),
        "verb": one_of("acknowledge"),
        "other": one_of(NEIGHBOUR),
        "reason": one_of("capacity"),
        "way": lambda known, _: (f"act {known.agreements[0]} {OPERATOR}",),
        "urgency": one_of("emergency"),
        "title": one_of("words of mine"),
        "refs": lambda _, thing: (thing.ids["malware"],),
        "report": one_of("3"),
        "basis": one_of("none"),
        "number": one_of("2026-1"),
        "to": one_of(NEIGHBOUR, "object"),
    },
)
"""Fields of forms: everything else is filled in right, so that the answer depends on what is asked about."""


def _taxii(thing: Thing) -> bytes:
    """A client says something about an id that may be hidden, and something new."""
    made = {"type": "malware", "spec_version": "2.1", "id": thing.ids["malware"], "is_family": False}
    made |= {"created": "2026-11-19T09:00:00.000Z", "modified": "2026-11-19T09:00:00.000Z", "name": "mine"}
    other = made | {"id": id_of("malware", "theirs")}
    return json.dumps({"objects": [made, other]}).encode()


def _json(make: Callable[[Thing], object]) -> tuple[str, Callable[[Thing], bytes]]:
    return "application/json", lambda thing: json.dumps(make(thing)).encode()


BODIES: Mapping[str, tuple[str, Callable[[Thing], bytes]]] = with_rooms(
    "BODIES",
    {
        "/taxii2/api/collections/{collection}/objects/": ("application/taxii+json;version=2.1", _taxii),
        "/digest/{contact}/{proof}/now": ("application/x-www-form-urlencoded", lambda _: b"List-Unsubscribe=One-Click"),
        "/link/v1/{tag}/bodies": ("application/json", lambda _: b'{"ranges":[[0,11]]}'),
        "/api/v1/values/lookup": _json(lambda thing: {"values": [f"{thing.canary('host')}.example", "plain.example"]}),
        "/api/v1/texts/candidates": _json(
            lambda thing: {"text": f"See {thing.canary('host')}.example and plain.example."}
        ),
        "/api/v1/writings/look": _json(
            lambda thing: {
                "kind": "report",
                "name": "mine",
                "values": [f"{thing.canary('host')}.example"],
                "links": [thing.ids["malware"]],
            }
        ),
        "/api/v1/deeds/preview": _json(lambda thing: {"act": "note", "ids": [thing.ids["malware"], TOOL]}),
        "/api/v1/tables/look": _json(
            lambda thing: {"name": "t.csv", "text": f"value\n{thing.canary('host')}.example\n"}
        ),
    },
)
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
