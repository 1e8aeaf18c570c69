"""What the page of an agreement tells of what was done with it, and how often of what was done under it."""

from __future__ import annotations

from kouprey.agreements.model import Deed
from kouprey.agreements.pages.history import tell

NAMES = {"psn_1": "Sophea"}


def deed(action: str, at: int, **detail: object) -> Deed:
    return Deed(at=at, by="psn_1", action=action, detail=detail)


def test_what_was_done_under_it_is_told_once_with_how_often() -> None:
    history = [deed("exchange.publish", 5, count=3), deed("agreement.sign", 4, version=2), deed("file.read", 3)]
    history += [deed("exchange.publish", 2, count=1), deed("agreement.sign", 1, version=1)]
    told = tell(history, NAMES)
    assert [each["title"] for each in told] == ["Objects published", "Signed by us", "File read", "Signed by us"]
    assert told[0]["text"] == "Sophea · 3 objects · 2 times, the last one told here"
    assert told[1]["text"] == "Sophea · version 2" and told[3]["text"] == "Sophea · version 1"


def test_a_deed_without_a_word_is_left_to_the_audit() -> None:
    assert tell([deed("somebody.did", 1)], NAMES) == []
