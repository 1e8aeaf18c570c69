"""The fiction of the story: three parties that do not exist, and intelligence about an attack that never was.

Names end in `.example` (RFC 2606); addresses are of the documentation networks (RFC 5737).
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from typing import Any

import msgspec

_SPACE = uuid.UUID("5b1d2c57-6a0e-4f0e-9f0a-3a1f8f1c8f10")
TLP_MARKING = {
    "clear": "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
    "green": "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
    "amber": "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
    "amber+strict": "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
    "red": "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
}
CANARY = "canary-7f3e-the-subscriber-who-warned-us"
"""Stands in the one object that must never leave the operator; the tests look for it everywhere."""


@dataclass(frozen=True)
class Cast:
    """One party of the story, the person who acts for it, and in one word what it is to the others."""

    key: str
    party: str
    name: str
    person: str
    role: str
    nick: str = ""


MINISTRY = Cast("ministry", "cert.sovan.example", "Ministry of Digital Affairs, Sovan", "Sophea", "liaison", "Ministry")
OPERATOR = Cast("operator", "soc.borei.example", "Borei Telecom Group", "Rith", "lead", "Operator")
NEIGHBOUR = Cast("neighbour", "cert.talay.example", "National CERT of Talay", "Anan", "liaison", "Neighbour")
CAST = (MINISTRY, OPERATOR, NEIGHBOUR)

AGREEMENT_TITLE = "Memorandum on the exchange of cyber-threat information"
AGREEMENT_TEXT = (
    "The Parties share information on threats to networks, government services and media, so that each can act"
    " before harm is done, and so that incidents that cross a border are worked together. What is received is used"
    " for incident response and protection only. Each Party may suspend the exchange at any time and at once."
)


def stix_id(kind: str, name: str) -> str:
    """The same id every time the story is told."""
    return f"{kind}--{uuid.uuid5(_SPACE, f'{kind}/{name}')}"


SERVER = stix_id("indicator", "server-1")
REPORT = stix_id("report", "lantern-report")
WITNESS = stix_id("note", "witness")
WARNING = stix_id("indicator", "cut-1")
"""What the story comes back to: the first server and the report of the operator, its witness, a warning."""


def operator_findings(author: str) -> list[dict[str, object]]:
    """What the operator's SOC found: a campaign against news sites, with one witness to protect.

    `author` is the STIX identity id of the operator.
    """
    campaign = sdo(
        author,
        "campaign",
        "paper-lantern",
        tlp="green",
        name="Paper Lantern",
        description="Defacement of news sites and a portal of the administration, prepared by messages to editors.",
        first_seen="2026-10-28T02:10:00.000Z",
    )
    malware = sdo(
        author,
        "malware",
        "wick",
        tlp="green",
        name="Wick",
        description="A loader that arrives as a calendar file and fetches its orders every eleven minutes.",
        is_family=True,
        malware_types=["downloader"],
    )
    objects: list[dict[str, object]] = [campaign, malware, _relationship(author, campaign, "uses", malware, "green")]
    for number in range(1, 13):
        objects += _server(author, malware, number)
    for number in range(1, 7):
        objects += _page(author, campaign, number)
    objects += _sample(author, malware)
    witness = sdo(
        author,
        "note",
        "witness",
        tlp="red",
        abstract="Who told us",
        content=f"A subscriber reported the first message in confidence. {CANARY}",
        object_refs=[campaign["id"]],
    )
    report = sdo(
        author,
        "report",
        "lantern-report",
        tlp="amber",
        name="Paper Lantern: what we know on the third day",
        description="Twelve servers, six lures, one loader. Block the servers, warn editors, look for the loader.",
        published="2026-10-31T06:00:00.000Z",
        report_types=["campaign"],
        object_refs=[o["id"] for o in (*objects, witness)],
    )
    return [*objects, witness, report]


MAIL_TITLE = "The invitation that a bank received"
MAIL = """\
From: security@bank-of-sovan.example
Subject: an odd invitation

Our proxy 10.20.0.5 saw hxxp://cdn1[.]lantern-press[.]example/invite and then 198[.]51[.]100[.]7.
The file was invitation.ics.exe.
"""
"""A mail of a constituent; the server in it is the first of the operator's."""
LURE = "http://cdn1.lantern-press.example/invite"
"""The one address of the mail that is worth keeping, as it was before somebody made it harmless."""


def ministry_warnings(author: str) -> list[dict[str, object]]:
    """What the ministry learns while the link to the neighbour is cut: three things worth knowing at once."""
    made = []
    for number, text in enumerate(("the railway's ticket shop", "the second news site", "the portal's mail gate"), 1):
        made.append(
            sdo(
                author,
                "indicator",
                f"cut-{number}",
                tlp="green",
                name=f"Server seen against {text}",
                description="Observed while the link was cut; confirmed by two sensors.",
                pattern=f"[ipv4-addr:value = '203.0.113.{200 + number}']",
                pattern_type="stix",
                valid_from="2026-11-02T00:00:00Z",
                indicator_types=["malicious-activity"],
            )
        )
    return made


BANK, BANK_NAME = "bank-of-sovan.example", "Bank of Sovan"
"""The bank that forwarded the mail: a customer of the operator, without a node."""
BANK_CONTACT = ("Chan Lina", "security@bank-of-sovan.example")
BANK_NETWORK, BANK_MACHINE = "192.0.2.0/26", "192.0.2.40"
INFECTED = stix_id("indicator", "bank-1")
"""What the operator finds in the network of the bank."""


def bank_findings(author: str) -> list[dict[str, object]]:
    """One machine of the bank asks for orders: worth a mail to the bank, and to nobody else."""
    return [
        sdo(
            author,
            "indicator",
            "bank-1",
            tlp="green",
            name="A machine that asks for orders of Wick",
            description="It has asked a control server for orders every eleven minutes since the morning.",
            pattern=f"[ipv4-addr:value = '{BANK_MACHINE}']",
            pattern_type="stix",
            valid_from="2026-11-02T00:00:00Z",
            indicator_types=["compromised"],
        )
    ]


ON_DUTY = "Dara"
"""Who is on duty at the ministry and asks for what a second person releases."""
CROSSING = stix_id("indicator", "crossing-1")
AMENDED_TERMS: dict[str, list[Any]] = {
    "types": ["intelligence", "sighting", "hand-off", "strategy", "sealed-item", "statement", "nomination"],
    "handoffs": [
        {"kind": "act", "acknowledge_s": 4 * 3_600, "decide_s": 24 * 3_600, "pause_s": 24 * 3_600},
        {"kind": "disclose", "acknowledge_s": 24 * 3_600, "decide_s": 14 * 24 * 3_600, "pause_s": 0},
    ],
    "approvals": [{"tlp": "amber", "role": "liaison", "kinds": ["intelligence", "sighting"]}],
    "targets": [
        {"measure": "time-to-acknowledge", "target": 3600.0},
        {"measure": "context", "target": 0.5},
        {"measure": "false-positives", "target": 0.05},
    ],
}
"""What the second version of the memorandum adds to the first."""


PANEL = "panel.lantern-press.example"
REQUEST = (
    "Take down the panel of Wick",
    "The panel from which the loader Wick is steered stands with a host of yours. Please take it off the network and"
    " keep its disk: two news sites are attacked from it every night.",
)
"""Title and text of what the ministry asks of the neighbour."""
ANSWERS = (
    ("acknowledge", "The officer on duty has it."),
    ("accept", "We reach the host tonight."),
    ("report", "The machine is off the network since 21:40 UTC, its disk is kept."),
)
"""What the neighbour says to that."""
THANKS = "Nothing calls it any more. Thank you."

STRATEGY = "A news site shows what its editors never wrote"
STRATEGY_FOR = "To have the site back within hours, with everything kept that a court may ask for."
STEPS = (
    "Take the page off the net, and say at its address that it is being looked at",
    "Keep the disk and the logs as they are",
    "Change every password that can publish",
    "Tell readers what was false, in the place where they read it",
)
"""How the operator's SOC answers a defaced site."""
CASE_CANARY = "canary-5b2d-the-night-editor-of-the-second-site"
"""Stands in the case of the ministry, which nobody else may learn of."""
CASE = "The second news site shows an invented decree"
CASE_NOTE = f"Published with the account of {CASE_CANARY}, who was on leave."
DONE = ("Off the net at 22:05.", "Both copied, with their hashes.", "All eleven are new.")
"""What came of the first steps; the last was not done in time."""
OUTCOME = "The fourth step took a day: nobody had said who speaks for the site."
"""What the operator is told, and all of it."""


def crossing_findings(author: str) -> list[dict[str, object]]:
    """What the ministry would not send abroad on one person's word."""
    return [
        sdo(
            author,
            "indicator",
            "crossing-1",
            tlp="amber",
            name="The panel from which Wick is steered",
            description="A machine abroad; its owner is not warned yet.",
            pattern="[domain-name:value = 'panel.lantern-press.example']",
            pattern_type="stix",
            valid_from="2026-11-02T00:00:00Z",
            indicator_types=["malicious-activity"],
            confidence=80,
        )
    ]


def bundle(objects: list[dict[str, object]]) -> bytes:
    """A STIX 2.1 bundle of these objects."""
    body = {"type": "bundle", "id": f"bundle--{uuid.uuid4()}", "objects": objects}
    return msgspec.json.encode(body)


def _server(author: str, malware: dict[str, object], number: int) -> list[dict[str, object]]:
    address = f"198.51.100.{number * 7}" if number % 2 else f"203.0.113.{number * 9}"
    level = "amber" if number % 3 == 0 else "green"
    indicator = sdo(
        author,
        "indicator",
        f"server-{number}",
        tlp=level,
        name=f"Wick control server {number}",
        description="The loader asks here for its orders.",
        pattern=f"[ipv4-addr:value = '{address}' OR domain-name:value = 'cdn{number}.lantern-press.example']",
        pattern_type="stix",
        valid_from="2026-10-28T00:00:00Z",
        indicator_types=["malicious-activity"],
        confidence=60 + number,
    )
    return [indicator, _relationship(author, indicator, "indicates", malware, level)]


def _page(author: str, campaign: dict[str, object], number: int) -> list[dict[str, object]]:
    indicator = sdo(
        author,
        "indicator",
        f"lure-{number}",
        tlp="clear",
        name=f"Lure page {number}",
        description="Sent to editors as an invitation to a press day.",
        pattern=f"[url:value = 'https://press-day-{number}.example/invitation']",
        pattern_type="stix",
        valid_from="2026-10-27T00:00:00Z",
        indicator_types=["malicious-activity"],
    )
    return [indicator, _relationship(author, indicator, "indicates", campaign, "clear")]


def _sample(author: str, malware: dict[str, object]) -> list[dict[str, object]]:
    digest = hashlib.sha256(b"a loader that never was").hexdigest()
    file: dict[str, object] = {
        "type": "file",
        "spec_version": "2.1",
        "id": stix_id("file", "sample"),
        "hashes": {"SHA-256": digest},
        "name": "invitation.ics.exe",
        "object_marking_refs": [TLP_MARKING["green"]],
    }
    indicator = sdo(
        author,
        "indicator",
        "sample",
        tlp="green",
        name="The loader as a file",
        description="Attached to the invitation.",
        pattern=f"[file:hashes.'SHA-256' = '{digest}']",
        pattern_type="stix",
        valid_from="2026-10-27T00:00:00Z",
        indicator_types=["malicious-activity"],
    )
    return [file, indicator, _relationship(author, indicator, "indicates", malware, "green")]


def sdo(author: str, kind: str, name: str, /, *, tlp: str, **values: object) -> dict[str, object]:
    """An object of the story with its id, its author and its marking; `values` are its other properties."""
    return {
        "type": kind,
        "spec_version": "2.1",
        "id": stix_id(kind, name),
        "created_by_ref": author,
        "created": "2026-10-31T05:00:00.000Z",
        "modified": "2026-10-31T05:00:00.000Z",
        **values,
        "object_marking_refs": [TLP_MARKING[tlp]],
    }


def _relationship(
    author: str, source: dict[str, object], verb: str, target: dict[str, object], tlp: str
) -> dict[str, object]:
    name = f"{source['id']} {verb} {target['id']}"
    return sdo(
        author,
        "relationship",
        name,
        tlp=tlp,
        relationship_type=verb,
        source_ref=source["id"],
        target_ref=target["id"],
    )
