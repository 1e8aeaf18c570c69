"""From a line of the trail to the page of what it is about, for whoever may open that page."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

import pytest

from kouprey.audit.pages import places
from kouprey.kernel.storage.audit import append
from kouprey.people.model import Role

THING = "malware--31b940d4-6f7f-459a-80ea-9c1f17b5891b"
LINES = {
    ("person.save", "psn_1"): "/people/psn_1",
    ("token.change", "tok_1"): "/people/tokens/tok_1",
    ("node.setting", "log_level"): "/settings#setting-log_level",
    ("agreement.sign", "agr_1"): "/agreements/agr_1",
    ("exchange.note", THING): f"/intelligence/{THING}",
    ("collection.change", "c-1"): "/collections/c-1",
    ("delegation.use", "dlg_1"): "/people/delegations",
    ("node.backup", "/media/safe/one"): "",
    ("parcel.make", "whatever"): "",
}


@pytest.fixture
def face(make_face: Callable[..., Any]) -> Any:
    made = make_face("ministry.example", "Ministry of Examples")

    def work(tx: Any) -> None:
        for action, subject in LINES:
            append(tx, at=1, actor="node", action=action, subject=subject, detail={})

    made.store.write(work)
    return made


def test_each_line_leads_to_its_page(face: Any) -> None:
    page = html.unescape(face.visitor(Role.ADMINISTRATOR).get("/audit?actor=node").text)
    for (_, subject), path in LINES.items():
        assert (f'href="{path}" aria-label="Open {subject}"' in page) is bool(path), subject


def test_nobody_is_led_to_a_page_that_is_closed_to_them(face: Any) -> None:
    page = html.unescape(face.visitor(Role.AUDITOR).get("/audit?actor=node").text)
    led = [path for path in LINES.values() if path and f'href="{path}"' in page]
    assert led == ["/agreements/agr_1", f"/intelligence/{THING}", "/collections/c-1"]
    assert places.Places.__doc__
