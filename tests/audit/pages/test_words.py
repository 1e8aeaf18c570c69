"""Every action that is written into the trail has words on its page."""

from __future__ import annotations

import re
from pathlib import Path

import kouprey
from kouprey.agreements.pages.history import DEEDS as OF_AGREEMENTS
from kouprey.audit.pages.words import DEEDS

SRC = Path(kouprey.__file__).parent
ACTION = re.compile(r'action="([a-z]+\.[a-z-]+)"|_note\(tx, by, "([a-z]+\.[a-z-]+)"')
APPROVAL = re.compile(r'_record_approval\(tx, each, person\.id, "([a-z-]+)"')
CONCERN = re.compile(r'_record_concern\(tx, [a-z]+\.id, "([a-z-]+)"')


def written() -> set[str]:
    found: set[str] = set()
    for path in SRC.rglob("*.py"):
        text = path.read_text("utf-8")
        found |= {"".join(match.groups("")) for match in ACTION.finditer(text)}
        found |= {f"approval.{match[1]}" for match in APPROVAL.finditer(text)}
        found |= {f"concern.{match[1]}" for match in CONCERN.finditer(text)}
    return found


def test_every_action_has_words() -> None:
    found = written()
    assert {"performance.print", "constituent.archive", "approval.take-back", "concern.raise"} <= found
    assert sorted(found - set(DEEDS)) == []


def test_what_an_agreement_tells_has_words_in_the_trail_too() -> None:
    assert sorted(set(OF_AGREEMENTS) - set(DEEDS)) == []
