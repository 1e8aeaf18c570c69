"""Alerts have the structure that CAP 1.2 gives them: elements, their order, their values and their times."""

from __future__ import annotations

import re
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import msgspec
import pytest

from advisories.conftest import content
from advisories.wire.test_statement import SAID
from kouprey.advisories.model import Kind, Statement
from kouprey.advisories.wire.cap import NAMESPACE, write_cap

# OASIS CAP 1.2, section 3.2 and its schema: name -> (least, most), in the order of the sequence.
ALERT = {
    **dict.fromkeys(("identifier", "sender", "sent", "status", "msgType"), (1, 1)),
    "source": (0, 1),
    "scope": (0, 1),
    **dict.fromkeys(("restriction", "addresses"), (0, 1)),
    "code": (0, 99),
    **dict.fromkeys(("note", "references", "incidents"), (0, 1)),
    "info": (0, 99),
}
INFO = {
    "language": (0, 1),
    "category": (1, 99),
    "event": (1, 1),
    "responseType": (0, 99),
    **dict.fromkeys(("urgency", "severity", "certainty"), (1, 1)),
    "audience": (0, 1),
    "eventCode": (0, 99),
    **dict.fromkeys(("effective", "onset", "expires", "senderName", "headline", "description", "instruction"), (0, 1)),
    **dict.fromkeys(("web", "contact"), (0, 1)),
    **dict.fromkeys(("parameter", "resource", "area"), (0, 99)),
}
VALUES = {
    "status": {"Actual", "Exercise", "System", "Test", "Draft"},
    "msgType": {"Alert", "Update", "Cancel", "Ack", "Error"},
    "scope": {"Public", "Restricted", "Private"},
    "category": {
        *("Geo", "Met", "Safety", "Security", "Rescue", "Fire"),
        *("Health", "Env", "Transport", "Infra", "CBRNE", "Other"),
    },
    "urgency": {"Immediate", "Expected", "Future", "Past", "Unknown"},
    "severity": {"Extreme", "Severe", "Moderate", "Minor", "Unknown"},
    "certainty": {"Observed", "Likely", "Possible", "Unlikely", "Unknown"},
}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d")
NAME = re.compile(r"[^\s,<&]+")


def check_sequence(element: Element, allowed: dict[str, tuple[int, int]]) -> dict[str, list[Element]]:
    names = [each.tag.removeprefix(f"{{{NAMESPACE}}}") for each in element]
    order = list(allowed)
    assert [order.index(name) for name in names] == sorted(order.index(name) for name in names), names
    for name, (least, most) in allowed.items():
        assert least <= names.count(name) <= most, name
    for each, name in zip(element, names, strict=True):
        assert name not in VALUES or each.text in VALUES[name], (name, each.text)
        assert len(each) or (each.text or "").strip(), f"{name} is empty"
    return {name: [each for each, own in zip(element, names, strict=True) if own == name] for name in allowed}


def check_alert(raw: bytes) -> dict[str, Any]:
    """The top of an alert as text; AssertionError for what the standard does not allow."""
    alert = fromstring(raw)
    assert alert.tag == f"{{{NAMESPACE}}}alert"
    top = check_sequence(alert, ALERT)
    told = {name: found[0].text or "" for name, found in top.items() if found and name != "info"}
    assert NAME.fullmatch(told["identifier"]) and NAME.fullmatch(told["sender"]) and TIME.fullmatch(told["sent"])
    # 3.2.1: Update and Cancel must name what they follow; each name has sender, identifier and time.
    assert (told["msgType"] in ("Update", "Cancel")) is ("references" in told)
    for each in told.get("references", "").split():
        sender, identifier, sent = each.split(",")
        assert sender and identifier and TIME.fullmatch(sent)
    for info in top["info"]:
        parts = check_sequence(info, INFO)
        for name in ("effective", "onset", "expires"):
            assert all(TIME.fullmatch(each.text or "") for each in parts[name])
        for parameter in parts["parameter"]:
            assert [each.tag.rpartition("}")[2] for each in parameter] == ["valueName", "value"]
    told["languages"] = [info[0].text for info in top["info"]]
    told["headlines"] = [info.findtext(f"{{{NAMESPACE}}}headline") for info in top["info"]]
    return told


def of(**more: Any) -> Statement:
    return msgspec.structs.replace(SAID, content=content(**more))


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_is_an_alert_with_one_part_for_each_language(kind: Kind) -> None:
    told = check_alert(write_cap(of(kind=kind, valid_until=SAID.issued + 10**12)))
    assert (told["status"], told["msgType"], told["languages"]) == ("Actual", "Alert", ["en", "km"])
    assert told["sent"].endswith("-00:00") and told["identifier"] == SAID.id


def test_what_replaces_names_what_it_follows() -> None:
    later = msgspec.structs.replace(of(replaces=(SAID.id,)), id="XX-CERT-2026-0002", number=2, previous="ab" * 32)
    told = check_alert(write_cap(later, [SAID]))
    assert told["msgType"] == "Update" and told["references"].startswith(f"cert.example,{SAID.id},2026-")
    gone = msgspec.structs.replace(later, content=content(replaces=(SAID.id,), cancels=True))
    assert check_alert(write_cap(gone, [SAID]))["msgType"] == "Cancel"


def test_an_exercise_says_so_in_its_status_its_note_and_its_headlines() -> None:
    told = check_alert(write_cap(of(exercise="Mekong 2026")))
    assert told["status"] == "Exercise" and "Mekong 2026" in told["note"]
    assert all("EXERCISE" in each for each in told["headlines"])
