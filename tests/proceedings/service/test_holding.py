"""A legal hold beats disposal, retention and what a partner asks; lifting it is written down."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.kernel.words.time import DAY
from kouprey.people.model import Role
from proceedings.conftest import refusal

WORDS = {"why": "the court of Sovan", "scope": "everything of the ferry"}


@pytest.fixture
def kept(bureau: Any) -> tuple[Any, Any, str, str]:
    bopha = bureau.person("Bopha")
    dossier = bureau.dossier(bopha)
    return bureau, bopha, dossier, bureau.item(dossier, bopha, keep_until=bureau.now() + DAY).id


def test_what_is_held_is_not_disposed_of(kept: Any) -> None:
    bureau, bopha, dossier, item = kept
    for covered in ("", item):
        hold = bureau.dossiers.hold(bopha.who, dossier, item=covered, review=bureau.now() + DAY, **WORDS)
        assert refusal(lambda: bureau.dossiers.dispose(bopha.who, dossier, item, ground="over")) == "held"
        bureau.dossiers.lift_hold(bopha.who, dossier, hold.id, why="the court said so")
        assert refusal(lambda h=hold: bureau.dossiers.lift_hold(bopha.who, dossier, h.id, why="x")) == "unknown-hold"
    gone = bureau.dossiers.dispose(bopha.who, dossier, item, ground="over")
    assert gone.disposed_at
    assert bureau.acts(bopha, dossier)[-3:] == ["hold", "lift-hold", "dispose"]
    assert refusal(lambda: bureau.release(bopha, dossier, item)) == "disposed"
    assert refusal(lambda: bureau.dossiers.read_body(bopha.who, dossier, item)) == "disposed"
    with bureau.node.store.read() as reader:
        assert reader.value("SELECT count(*) FROM dossier_piece WHERE item = ?", (item,)) == 0
        assert reader.value("SELECT box FROM dossier_grant WHERE item = ?", (item,)) == b""
    assert b'"act":"dispose"' in bureau.dossiers.ledger(bopha.who, dossier) or len(bureau.acts(bopha, dossier)) == 7


def test_retention_says_what_a_hold_has_kept(kept: Any) -> None:
    """Scenario 25, its second half: at the same time retention deletes nothing under a hold, and says so."""
    bureau, bopha, dossier, item = kept
    assert bureau.dossiers.retain() == (0, 0)
    hold = bureau.dossiers.hold(bopha.who, dossier, item=item, review=bureau.now() + 9 * DAY, **WORDS)
    bureau.ahead = 2 * 86_400
    assert bureau.dossiers.retain() == (0, 1) and bureau.dossiers.retain() == (0, 1)
    events = [each for each in bureau.dossiers.list_events(bopha.who, dossier) if each.act == "kept-by-hold"]
    assert [each.detail["hold"] for each in events] == [hold.id], "once a day"
    bureau.dossiers.lift_hold(bopha.who, dossier, hold.id, why="over")
    assert bureau.dossiers.retain() == (1, 0) and bureau.dossiers.retain() == (0, 0)
    assert bureau.acts(bopha, dossier)[-1] == "dispose"


def test_what_a_hold_needs(kept: Any) -> None:
    bureau, bopha, dossier, item = kept
    azman = bureau.person("Azman", Role.ANALYST)
    from kouprey.proceedings.model import Part

    bureau.dossiers.add_member(bopha.who, dossier, azman.id, Part.READER, why="reads")
    review = bureau.now() + DAY

    def hold(who: Any, **more: Any) -> str:
        return refusal(lambda: bureau.dossiers.hold(who, dossier, **({"review": review} | WORDS | more)))

    assert hold(azman.who) == "not-custodian"
    assert hold(bopha.who, why=" ") == "no-text" and hold(bopha.who, scope="") == "no-text"
    assert hold(bopha.who, review=bureau.now()) == "bad-review"
    assert hold(bopha.who, item="itm_0") == "unknown-item"
    assert refusal(lambda: bureau.dossiers.dispose(azman.who, dossier, item, ground="x")) == "not-custodian"
