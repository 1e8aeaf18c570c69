"""The fiction of the chapters on what grows on the exchange: a log, a rule, a sealed list, a rumour, a training."""

from __future__ import annotations

import json
from typing import Any

from kouprey.kernel.words.time import SECOND, Instant
from kouprey.node import fiction

SENSOR = "zeek-border"
LOG_LINES = 6


def sensor_log(now: Instant) -> bytes:
    """Connections of the last minutes as Zeek writes them in JSON; the third goes to the first server of the story."""
    ends = ("192.0.2.80", "203.0.113.250", "198.51.100.7", "192.0.2.53", "203.0.113.251", "192.0.2.80")
    events = [
        {
            "_path": "conn",
            "ts": (now - (LOG_LINES - place) * 20 * SECOND) / SECOND,
            "uid": f"Cstory{place:012d}",
            "id.orig_h": f"10.20.0.{30 + place}",
            "id.orig_p": 50_000 + place,
            "id.resp_h": end,
            "id.resp_p": 443,
            "proto": "tcp",
        }
        for place, end in enumerate(ends)
    ]
    return _lines(events)


SIGMA_ID = "6f0f3c0e-52f7-4b6a-9a53-5b2f6a8a7d11"
SIGMA = f"""\
title: A calendar file that is a program
id: {SIGMA_ID}
status: test
level: high
description: The loader of the story arrives as an invitation.
logsource:
    product: windows
    category: process_creation
detection:
    loader:
        Image|endswith: '.ics.exe'
    condition: loader
"""
INFECTIONS = 2


def records() -> bytes:
    """A week of the operator's records: 40 programs that were started, two of them the loader."""
    names = ["explorer.exe", "outlook.exe", "invitation.ics.exe", "notepad.exe"]
    events = [
        {
            "EventID": 1,
            "Channel": "Microsoft-Windows-Sysmon/Operational",
            "Computer": f"noc-{place % 5}.borei.example",
            "Image": rf"C:\Users\duty\{names[2] if place in (11, 29) else names[place % 2]}",
        }
        for place in range(40)
    ]
    return _lines(events)


SHIELD, GUARDED = "resolvers", "The name servers of the administration"
PORTAL, WHY_SPARED = "portal.sovan.example", "The portal of the administration"
HASTY = fiction.stix_id("indicator", "hasty-1")
NAMED = "cdn1.lantern-press.example"
"""A name that the first server of the story goes by."""


def hasty_warning(author: str) -> list[dict[str, object]]:
    """What the operator's SOC writes down at the end of a long night: the site that was attacked, not the attacker."""
    return [
        fiction.sdo(
            author,
            "indicator",
            "hasty-1",
            tlp="green",
            name="A host that is named in the lures",
            description="Every lure names it.",
            pattern=f"[domain-name:value = '{PORTAL}']",
            pattern_type="stix",
            valid_from="2026-11-02T00:00:00Z",
            indicator_types=["malicious-activity"],
        )
    ]


SITE = "https://news-2.example/decree"
SEEN_BY_A_READER = "The front page shows a decree that nobody has passed. I have read this paper for thirty years."
READER_ADDRESS = "192.0.2.77"
ONCE = "the-reader-of-the-second-news-site-presses-it-once"

WHY_DOSSIER = "Asked for by the prosecutor after the defacement"
ORDER = "Request for assistance 2026/114"
EVIDENCE_NAME = "accounts-of-the-night.csv"
EVIDENCE = b"account,signed in from,at\ncanary-91aa-the-borrowed-account,203.0.113.200,21:58\n" * 40
"""What a court abroad asks for, and no node may read."""
EVIDENCE_CANARY = "canary-91aa-the-borrowed-account"

RUMOUR = "The ministry has closed every news site until the end of the year"
SPOKESWOMAN = "Kunthea"
ANSWER_TITLE = "All news sites stay open"
ANSWER: dict[str, Any] = {
    "kind": "rumour_response",
    "verdict": "false",
    "languages": {
        "en": {
            "title": ANSWER_TITLE,
            "body": "Nobody has closed a news site. One of them showed an invented decree, and is open again.",
            "what_to_do": "Read them as always. Ask this node before you forward a decree.",
        },
        "km": {
            "title": "គេហទំព័រព័ត៌មានទាំងអស់នៅបើក",
            "body": "គ្មាននរណាបិទគេហទំព័រព័ត៌មានណាមួយទេ។ គេហទំព័រមួយបានបង្ហាញក្រឹត្យក្លែងក្លាយ ហើយឥឡូវបើកវិញហើយ។",
            "what_to_do": "សូមអានដូចធម្មតា។ សូមសួរ​ថ្នាំង​នេះ​មុន​នឹង​បញ្ជូន​ក្រឹត្យ​ណាមួយ​បន្ត។",
        },
    },
    "claims": [{"text": RUMOUR}],
    "contact": "+855 23 555 0100",
}

THEME = "Working incidents of media together"
COURSE = "Who speaks for the site, and when"
PLACE = "Training room 2, Sovan"
SEATS = 2
TRAINEES = ("Chenda Keo", "canary-64d0-Visal Som", "Maly Tep")
"""Whom the operator sends; nobody else's names are known at the neighbour."""
TRAINEE_CANARY = "canary-64d0"

EVIDENCE_OF = ("ncsi-3", "9.3")
"""Framework and indicator of which the ministry can prove something by now."""


def _lines(events: list[dict[str, object]]) -> bytes:
    return b"".join(json.dumps(each).encode() + b"\n" for each in events)
