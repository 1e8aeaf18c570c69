"""What a STIX object says, in the order people read it: texts, facts and values."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from kouprey.exchange.model.weighing import OPINIONS
from kouprey.exchange.pages.drafts import REPORT_TYPES
from kouprey.exchange.pages.tactics import tactic
from kouprey.kernel.web.language import _, mark
from kouprey.kernel.words.ids import stix_type
from kouprey.kernel.words.time import Instant, parse_instant

TYPE_NAMES = {
    "artifact": mark("Artifact"),
    "attack-pattern": mark("Attack pattern"),
    "autonomous-system": mark("Autonomous system"),
    "campaign": mark("Campaign"),
    "course-of-action": mark("Course of action"),
    "directory": mark("Directory"),
    "domain-name": mark("Domain name"),
    "email-addr": mark("E-mail address"),
    "email-message": mark("E-mail"),
    "extension-definition": mark("Extension"),
    "file": mark("File"),
    "grouping": mark("Grouping"),
    "identity": mark("Identity"),
    "incident": mark("Incident"),
    "indicator": mark("Indicator"),
    "infrastructure": mark("Infrastructure"),
    "intrusion-set": mark("Intrusion set"),
    "ipv4-addr": mark("IPv4 address"),
    "ipv6-addr": mark("IPv6 address"),
    "language-content": mark("Translation"),
    "location": mark("Location"),
    "mac-addr": mark("MAC address"),
    "malware": mark("Malware"),
    "malware-analysis": mark("Malware analysis"),
    "marking-definition": mark("Marking"),
    "mutex": mark("Mutex"),
    "network-traffic": mark("Network traffic"),
    "note": mark("Note"),
    "observed-data": mark("Observed data"),
    "opinion": mark("Opinion"),
    "process": mark("Process"),
    "relationship": mark("Relationship"),
    "report": mark("Report"),
    "sighting": mark("Sighting"),
    "software": mark("Software"),
    "threat-actor": mark("Threat actor"),
    "tool": mark("Tool"),
    "url": mark("URL"),
    "user-account": mark("User account"),
    "vulnerability": mark("Vulnerability"),
    "windows-registry-key": mark("Registry key"),
    "x509-certificate": mark("Certificate"),
}

TEXTS = ("description", "abstract", "content", "explanation", "summary", "objective")
"""Properties that are read as prose, above the facts."""

FACTS = {
    "pattern": mark("Pattern"),
    "pattern_type": mark("Pattern language"),
    "value": mark("Value"),
    "path": mark("Path"),
    "key": mark("Key"),
    "command_line": mark("Command line"),
    "number": mark("Number"),
    "subject": mark("Subject"),
    "serial_number": mark("Serial number"),
    "issuer": mark("Issuer"),
    "hashes": mark("Hashes"),
    "size": mark("Bytes"),
    "mime_type": mark("Media type"),
    "relationship_type": mark("Relation"),
    "source_ref": mark("From"),
    "target_ref": mark("To"),
    "sighting_of_ref": mark("What was seen"),
    "count": mark("Times seen"),
    "where_sighted_refs": mark("Where"),
    "indicator_types": mark("Kind"),
    "malware_types": mark("Kind"),
    "threat_actor_types": mark("Kind"),
    "infrastructure_types": mark("Kind"),
    "tool_types": mark("Kind"),
    "report_types": mark("Kind"),
    "is_family": mark("A family"),
    "aliases": mark("Also called"),
    "roles": mark("Roles"),
    "identity_class": mark("Class"),
    "sectors": mark("Sectors"),
    "contact_information": mark("Contact"),
    "country": mark("Country"),
    "region": mark("Region"),
    "city": mark("City"),
    "goals": mark("Goals"),
    "sophistication": mark("Sophistication"),
    "resource_level": mark("Resources"),
    "primary_motivation": mark("Motivation"),
    "kill_chain_phases": mark("Phases of attack"),
    "opinion": mark("Opinion"),
    "context": mark("Context"),
    "authors": mark("Authors"),
    "published": mark("Published"),
    "valid_from": mark("Valid from"),
    "valid_until": mark("Valid until"),
    "first_seen": mark("First seen"),
    "last_seen": mark("Last seen"),
    "first_observed": mark("First observed"),
    "last_observed": mark("Last observed"),
    "number_observed": mark("Times observed"),
    "start_time": mark("Begins"),
    "stop_time": mark("Ends"),
    "confidence": mark("Confidence"),
    "labels": mark("Labels"),
    "created_by_ref": mark("Author"),
    "created": mark("Created"),
    "modified": mark("Modified"),
    "object_refs": mark("Objects"),
    "object_ref": mark("Object"),
    "resolves_to_refs": mark("Resolves to"),
    "src_ref": mark("Source"),
    "dst_ref": mark("Destination"),
    "parent_directory_ref": mark("Folder"),
    "external_references": mark("References"),
}
"""Property -> its label, in the order of reading. What is not here is in the raw object only."""

_INSTANTS = frozenset(
    {
        "published",
        "valid_from",
        "valid_until",
        "first_seen",
        "last_seen",
        "first_observed",
        "last_observed",
        "start_time",
        "stop_time",
        "created",
        "modified",
    }
)
_CODES = frozenset({"pattern", "value", "path", "key", "command_line", "subject", "serial_number", "issuer"})
# Written with other letters than they seem to be, or in another order; joiners of Khmer and other scripts stay.
_JOINERS = frozenset("\u200b\u200c\u200d")
_MISLEADING = frozenset({"Cc", "Cf", "Co", "Zl", "Zp"})
_LITERAL = re.compile(r"(hashes\s*\.\s*)?'((?:[^'\\]|\\.){1,2000})'")
_SCHEME = re.compile(r"^(h)(tt)(ps?)(?=:)", re.IGNORECASE)

LONGEST_TEXT = 20_000
MOST_REFERENCES = 60

FactKind = Literal["text", "code", "instant", "number", "words", "references", "pairs"]


@dataclass(frozen=True)
class Fact:
    """One property: its label (marked) and its value in the shape that `kind` names.

    text, code: str · instant: Instant · number: int or float · words: list of str · references: list of STIX ids ·
    pairs: list of (str, str). Every str has passed `plainly`, ids excepted.
    """

    label: str
    kind: FactKind
    value: Any


def plainly(text: str) -> str:
    """The text with every character that could mislead a reader written as its code point: `⟨U+202E⟩`."""
    if text.isprintable():
        return text
    return "".join(f"⟨U+{ord(char):04X}⟩" if _misleads(char) else char for char in text)


def visible(text: str) -> str:
    """The text with a space for every such character."""
    return "".join(" " if _misleads(char) else char for char in text)


def _misleads(char: str) -> bool:
    return char not in "\n\t" and char not in _JOINERS and unicodedata.category(char) in _MISLEADING


RELATION_NAMES = {
    "uses": mark("uses"),
    "indicates": mark("indicates"),
    "targets": mark("targets"),
    "attributed-to": mark("attributed to"),
    "related-to": mark("related to"),
    "based-on": mark("based on"),
    "mitigates": mark("mitigates"),
    "derived-from": mark("derived from"),
    "duplicate-of": mark("duplicate of"),
    "communicates-with": mark("communicates with"),
    "located-at": mark("located at"),
    "delivers": mark("delivers"),
    "drops": mark("drops"),
    "exploits": mark("exploits"),
    "variant-of": mark("variant of"),
    "compromises": mark("compromises"),
    "impersonates": mark("impersonates"),
    "controls": mark("controls"),
    "hosts": mark("hosts"),
    "owns": mark("owns"),
    "downloads": mark("downloads"),
    "originates-from": mark("originates from"),
    "consists-of": mark("consists of"),
    "object": mark("is about"),
    "source": mark("from"),
    "target": mark("to"),
    "sighting-of": mark("sighting of"),
    "where-sighted": mark("where sighted"),
}
"""The commonest words of relations, as the standard writes them without `_ref` and `_refs`."""
OPINION_NAMES = dict(
    zip(
        OPINIONS,
        (
            mark("strongly disagree"),
            mark("disagree"),
            mark("neutral"),
            mark("agree"),
            mark("strongly agree"),
        ),
        strict=True,
    )
)


INDICATOR_NAMES = {
    "malicious-activity": mark("Malicious"),
    "anomalous-activity": mark("Unusual"),
    "compromised": mark("Compromised"),
    "anonymization": mark("Anonymising"),
    "benign": mark("Harmless"),
    "attribution": mark("Attribution"),
    "unknown": mark("Not known yet"),
}
CLASS_NAMES = {
    "individual": mark("A person"),
    "group": mark("A group"),
    "system": mark("A system"),
    "organization": mark("An organisation"),
    "class": mark("A class of people"),
}
VOCABULARIES: Mapping[str, Mapping[str, str]] = {
    "indicator_types": INDICATOR_NAMES,
    "report_types": REPORT_TYPES,
    "identity_class": CLASS_NAMES,
}
"""What people call the words of STIX's open vocabularies; those of trades (`downloader`) stay as they are written."""


def type_name(type_: str) -> str:
    """What people call a STIX type, in the language of the answer."""
    return _(TYPE_NAMES.get(type_, plainly(type_)))


def relation_name(word: str) -> str:
    """The word of a relation as people read it; one of somebody's own as it is written."""
    stem = word.removesuffix("_refs").removesuffix("_ref").replace("_", "-")
    return _(RELATION_NAMES[stem]) if stem in RELATION_NAMES else plainly(stem.replace("-", " "))


def texts_of(value: Mapping[str, Any]) -> list[str]:
    """The prose of an object, longest texts cut."""
    found = [value[name] for name in TEXTS if isinstance(value.get(name), str) and value[name].strip()]
    return [plainly(text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + " …") for text in found]


def facts_of(value: Mapping[str, Any]) -> list[Fact]:
    """The facts of an object in the order of reading; what has an unexpected shape is left to the raw object."""
    made = (_fact(name, label, value[name]) for name, label in FACTS.items() if name in value)
    return [fact for fact in made if fact is not None]


def references_in(facts: list[Fact]) -> list[str]:
    """Every STIX id the facts refer to."""
    return [stix_id for fact in facts if fact.kind == "references" for stix_id in fact.value]


def values_of(value: Mapping[str, Any]) -> list[str]:
    """What could be typed into a search or a blocklist: an observable's value, the literals of a pattern."""
    if isinstance(value.get("value"), str):
        return [value["value"][:2000]]
    pattern = value.get("pattern")
    if not isinstance(pattern, str):
        return []
    found = [text for hashes, text in _LITERAL.findall(pattern[:8000]) if not hashes]
    return list(dict.fromkeys(found))[:20]


def defanged(text: str) -> str:
    """So written that no program makes a link of it: `hxxps://press-day-1[.]example`."""
    return _SCHEME.sub(r"\1xx\3", text).replace(".", "[.]").replace("@", "[@]")


def pretty(raw: bytes) -> str:
    """A body as lines of JSON, in its own order."""
    return plainly(msgspec.json.format(raw, indent=2).decode("utf-8"))


def _fact(name: str, label: str, given: Any) -> Fact | None:
    if name in _INSTANTS:
        instant = _instant(given)
        return None if instant is None else Fact(label, "instant", instant)
    if name.endswith(("_ref", "_refs")):
        listed = given if isinstance(given, list) else [given]
        ids = [each for each in listed if isinstance(each, str) and stix_type(each)]
        return Fact(label, "references", ids) if ids else None
    if isinstance(given, bool):
        return Fact(label, "text", _("yes") if given else _("no"))
    if isinstance(given, int | float):
        return Fact(label, "number", given)
    if name == "opinion" and isinstance(given, str) and given in OPINION_NAMES:
        return Fact(label, "text", _(OPINION_NAMES[given]))
    if name == "relationship_type" and isinstance(given, str) and given:
        return Fact(label, "text", relation_name(given[:100]))
    if isinstance(given, str) and given in VOCABULARIES.get(name, ()):
        return Fact(label, "text", _(VOCABULARIES[name][given]))
    if name == "relationship_type" and isinstance(given, str) and given:
        return Fact(label, "text", relation_name(given))
    if isinstance(given, str) and given:
        return Fact(label, "code" if name in _CODES else "text", plainly(given[:LONGEST_TEXT]))
    if isinstance(given, list):
        return _listed(name, label, given)
    if isinstance(given, dict):
        pairs = [(plainly(key), plainly(text)) for key, text in given.items() if isinstance(text, str)]
        return Fact(label, "pairs", pairs) if pairs else None
    return None


def _listed(name: str, label: str, given: list[Any]) -> Fact | None:
    if name == "kill_chain_phases":
        phases = [each.get("phase_name") for each in given if isinstance(each, dict)]
        given = [tactic(phase) or phase.replace("-", " ") for phase in phases if isinstance(phase, str)]
    if name == "external_references":
        named = [each for each in given if isinstance(each, dict) and isinstance(each.get("source_name"), str)]
        pairs = [(plainly(each["source_name"]), plainly(_reference(each))) for each in named[:MOST_REFERENCES]]
        return Fact(label, "pairs", pairs) if pairs else None
    known = VOCABULARIES.get(name, {})
    words = [_(known[each]) if each in known else plainly(each) for each in given if isinstance(each, str) and each]
    return Fact(label, "words", words[:MOST_REFERENCES]) if words else None


def _reference(given: Mapping[str, Any]) -> str:
    found = (given.get(name) for name in ("external_id", "url", "description"))
    return " · ".join(text[:300] for text in found if isinstance(text, str) and text)


def _instant(given: Any) -> Instant | None:
    try:
        return parse_instant(given) if isinstance(given, str) else None
    except ValueError:
        return None
