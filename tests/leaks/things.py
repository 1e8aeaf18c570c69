"""What the world of the leak test holds: each thing with its label, and a canary in every text that could betray it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid5

from kouprey.exchange.model.searching import Search
from kouprey.exchange.service import Exchange
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.time import Instant, parse_instant
from kouprey.kernel.words.tlp import PAP, TLP

HOME, OPERATOR, NEIGHBOUR, STRANGER = "cert.example", "operator.example", "neighbour.example", "stranger.example"
BANK, UTILITY = "bank.example", "utility.example"
"""Constituents of the home node; one thing concerns the second alone."""
DRILL = "drill-one"
BEGIN = parse_instant("2026-11-20T00:00:00Z")
NOW = parse_instant("2026-11-20T06:00:00Z")
LATER = parse_instant("2030-01-01T00:00:00Z")
MINUTE = 60_000_000
_SPACE = UUID("5a5a5a5a-5a5a-4a5a-8a5a-5a5a5a5a5a5a")

FLAVOURS = ("name", "text", "word", "host", "file", "note")
"""Where a canary stands: title, description, word of a relation, observable, source, what is said of it."""


def id_of(kind: str, name: str) -> str:
    """An id that follows from a name."""
    return f"{kind}--{uuid5(_SPACE, f'{kind}/{name}')}"


HUB, TOOL, PLAN = id_of("malware", "hub"), id_of("tool", "tool"), id_of("course-of-action", "plan")
"""What everybody may see, and what hidden things are said of."""


@dataclass(frozen=True)
class Thing:
    """Something with one label: `under` is "operator" or "neighbour" when it came under the agreement with them.

    `extra` names what is done with it beyond keeping it: publish, ask (the operator to act on it), save, merge, hold,
    erase, conflict.
    """

    key: str
    tlp: TLP
    owner: str = HOME
    under: str = ""
    extra: tuple[str, ...] = ()
    label: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def canary(self, flavour: str) -> str:
        """A word that stands nowhere else."""
        return f"kanari{self.key}{flavour}"

    @property
    def number(self) -> str:
        """The technique that its indicator names, and that its attack pattern is."""
        return f"T2{sum(map(ord, self.key)) % 1000:03}"

    @property
    def ids(self) -> dict[str, str]:
        """What it is made of."""
        kinds = {"malware": "malware", "indicator": "indicator", "relation": "relationship", "host": "domain-name"}
        kinds |= {"note": "note", "sighting": "sighting", "report": "report", "erased": "campaign", "twin": "malware"}
        kinds |= {"pattern": "attack-pattern", "uses": "relationship"}
        kinds |= {"strategy": "course-of-action", "outcome": "opinion"}
        return {word: id_of(kind, f"{self.key}/{word}") for word, kind in kinds.items()}

    @property
    def canaries(self) -> dict[str, str]:
        """What must not be seen -> what it is."""
        found = {self.canary(flavour): f"{flavour} of {self.key}" for flavour in FLAVOURS}
        kept = {word: each for word, each in self.ids.items() if word != "erased" or "erase" in self.extra}
        if "merge" not in self.extra:
            kept.pop("twin")
        return found | {each.partition("--")[2]: f"id of the {word} of {self.key}" for word, each in kept.items()}

    def labelled(self, agreements: Mapping[str, str]) -> Label:
        """Its label; `agreements` are the ids by the name of the partner."""
        under = agreements[self.under] if self.under else ""
        return Label(owner=self.owner, agreement=under, tlp=self.tlp, **self.label)


def _made(kind: str, stix_id: str, **more: Any) -> dict[str, Any]:
    body: dict[str, Any] = {"type": kind, "spec_version": "2.1", "id": stix_id}
    if kind != "domain-name":
        body |= {"created": "2026-11-19T09:00:00.000Z", "modified": "2026-11-19T09:00:00.000Z"}
    return body | more


def objects_of(thing: Thing) -> Iterator[bytes]:
    """Its objects: they name one another and the hub, which knows nothing of them."""
    ids, host = thing.ids, f"{thing.canary('host')}.example"
    name, text, note = thing.canary("name"), thing.canary("text"), thing.canary("note")
    made = [
        _made("malware", ids["malware"], name=name, description=text, is_family=False, labels=[thing.canary("word")]),
        _made("domain-name", ids["host"], value=host),
        _made(
            "indicator",
            ids["indicator"],
            name=f"{name} beacon",
            pattern=f"[domain-name:value = '{host}']",
            pattern_type="stix",
            valid_from="2026-11-19T09:00:00Z",
            valid_until="2026-11-29T09:00:00Z",
            kill_chain_phases=[{"kill_chain_name": "mitre-attack", "phase_name": "impact"}],
            external_references=[{"source_name": "mitre-attack", "external_id": "T1000"}],
        ),
        _made(
            "attack-pattern",
            ids["pattern"],
            name=f"{name} pattern",
            kill_chain_phases=[{"kill_chain_name": "mitre-attack", "phase_name": thing.canary("word")}],
            external_references=[{"source_name": "mitre-attack", "external_id": thing.number}],
        ),
        _made(
            "relationship",
            ids["uses"],
            relationship_type="uses",
            source_ref=HUB,
            target_ref=ids["pattern"],
        ),
        _made(
            "relationship",
            ids["relation"],
            relationship_type=thing.canary("word"),
            source_ref=HUB,
            target_ref=ids["malware"],
        ),
        _made("note", ids["note"], content=note, object_refs=[HUB, ids["malware"]]),
        _made("sighting", ids["sighting"], sighting_of_ref=HUB, count=7, description=note),
        _made("report", ids["report"], name=f"{name} report", published="2026-11-19T09:00:00Z", object_refs=[TOOL]),
    ]
    made += [
        _made("course-of-action", ids["strategy"], name=f"{name} strategy", description=text),
        _made(
            "opinion",
            ids["outcome"],
            opinion="agree",
            explanation=f"Used on an incident: it worked; 3 of 4 steps done.\n{note}",
            object_refs=[PLAN],
        ),
    ]
    if "erase" in thing.extra:
        made.append(_made("campaign", ids["erased"], name=f"{name} campaign"))
    if "merge" in thing.extra:
        made.append(_made("malware", ids["twin"], name=f"{name} twin", is_family=False))
    if "conflict" in thing.extra:
        made.append(_made("malware", HUB, name="Hub", is_family=False, description=text))
    return (json.dumps(each).encode() for each in made)


def open_objects() -> Iterator[bytes]:
    """What everybody of our party and every partner sees."""
    made = [
        _made("malware", HUB, name="Hub", is_family=False),
        _made("tool", TOOL, name="Plain tool"),
        _made("course-of-action", PLAN, name="Plain strategy"),
        _made("domain-name", id_of("domain-name", "plain"), value="plain.example"),
    ]
    return (json.dumps(each).encode() for each in made)


_DEEDS = ("save", "merge", "hold", "erase", "conflict")

THINGS: tuple[Thing, ...] = (
    Thing("clear", TLP.CLEAR, extra=("publish",)),
    Thing("green", TLP.GREEN, extra=("publish",)),
    Thing("amber", TLP.AMBER, extra=("publish", "ask", "case", *_DEEDS)),
    Thing("strict", TLP.AMBER_STRICT, extra=("save",)),
    Thing("red", TLP.RED, extra=_DEEDS),
    Thing("fromoperator", TLP.AMBER, OPERATOR, "operator", extra=("profile",)),
    Thing("fromneighbour", TLP.GREEN, NEIGHBOUR, "neighbour"),
    Thing("embargoed", TLP.GREEN, OPERATOR, "operator", label={"not_before": LATER}),
    Thing("sealed", TLP.GREEN, OPERATOR, "operator", label={"sealed_to": (NEIGHBOUR,)}),
    Thing("sealedours", TLP.GREEN, label={"sealed_to": (OPERATOR,)}),
    Thing("drill", TLP.CLEAR, label={"exercise": DRILL}),
    Thing("careful", TLP.AMBER, label={"pap": PAP.RED, "concerned": (UTILITY,)}),
)


def instant_of(thing: Thing) -> Instant:
    """When it is kept: the same whether or not others are there."""
    return BEGIN + (1 + THINGS.index(thing)) * 10 * MINUTE


def give_by_rule(exchange: Exchange, agreement: str) -> None:
    """A rule that asks for the release of every report, so that nothing goes by it and all it meets is told."""
    who = exchange.operator()
    exchange.save_search(who, "Reports", Search(types=("report",)), by="operator")
    made = exchange.add_publishing_rule(who, saved="Reports", agreement=agreement, sightings=True, by="operator")
    exchange.start_publishing_rule(who, made.id, by="operator")
