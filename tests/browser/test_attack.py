"""The matrix of techniques in a real browser: read, narrowed, opened, taken along, on wide and narrow screens."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from itertools import pairwise
from typing import Any
from uuid import UUID, uuid5

import pytest
from playwright.sync_api import expect

from browser.conftest import Opened, Stage
from browser.hands import choose, press, write
from kouprey.exchange.rules.matrix import ORDERS
from kouprey.exchange.service import Exchange
from kouprey.node import fiction

_SPACE = UUID("0a0a0a0a-0a0a-4a0a-8a0a-0a0a0a0a0a0a")
TACTICS = ORDERS["mitre-attack"]
HOSTILE = "<img src=x onerror=alert(1)>"


def made(kind: str, name: str, **more: Any) -> dict[str, object]:
    body = {"type": kind, "spec_version": "2.1", "id": f"{kind}--{uuid5(_SPACE, name)}", "name": name}
    at = "2026-10-31T05:00:00.000Z"
    return {**body, "created": at, "modified": at, "object_marking_refs": [fiction.TLP_MARKING["green"]], **more}


def technique(number: str, name: str, *phases: str) -> dict[str, object]:
    return made(
        "attack-pattern",
        name,
        kill_chain_phases=[{"kill_chain_name": "mitre-attack", "phase_name": phase} for phase in phases],
        external_references=[{"source_name": "mitre-attack", "external_id": number}],
    )


def catalogue() -> list[dict[str, object]]:
    """A small catalogue under all fourteen tactics, and what points at it."""
    tactics = [
        made("x-mitre-tactic", f"{n}", x_mitre_shortname=phase) | {"name": phase.title()}
        for n, phase in enumerate(TACTICS)
    ]
    matrix = made(
        "x-mitre-matrix",
        "matrix",
        tactic_refs=[each["id"] for each in tactics],
        external_references=[{"source_name": "mitre-attack", "external_id": "enterprise-attack"}],
    )
    techniques = [technique(f"T3{n:03}", f"Way number {n} of doing it", TACTICS[n % 14]) for n in range(42)]
    techniques += [technique("T3900", HOSTILE, "impact"), technique("T3000.001", "Way below", "reconnaissance")]
    pointing: list[dict[str, object]] = [
        made(
            "relationship",
            f"uses {n}",
            relationship_type="uses",
            source_ref=f"malware--{uuid5(_SPACE, 'm')}",
            target_ref=techniques[n * n % 42]["id"],
        )
        for n in range(40)
    ]
    pointing += [
        made(
            "report",
            "Quarterly",
            published="2026-10-31T06:00:00Z",
            object_refs=[techniques[-1]["id"], techniques[-2]["id"]],
        )
    ]
    pointing += [
        made(
            "malware",
            f"Burst {n}",
            is_family=False,
            kill_chain_phases=[{"kill_chain_name": "borei-chain", "phase_name": "approach"}],
        )
        for n in range(3)
    ]
    return [*tactics, matrix, *techniques, *pointing]


@pytest.fixture
def held(stage: Stage) -> Iterator[None]:
    """The neighbour holds the catalogue."""
    with stage.actors["neighbour"].services() as services:
        exchange = services.get(Exchange)
        report = exchange.import_stream(io.BytesIO(fiction.bundle(catalogue())), name="catalogue.json", by="operator")
        assert not report.refused
    yield


def test_the_matrix_is_read_narrowed_and_opened(held: None, visit: Opened) -> None:
    page = visit("/attack", actor="neighbour")
    expect(page.locator(".attack-column")).to_have_count(14)
    assert [
        each.replace("\u00ad", "").lower().replace(" ", "-")
        for each in page.locator(".attack-head h2").all_inner_texts()
    ] == list(TACTICS)
    assert page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    hostile = page.locator("a.heat", has_text=HOSTILE)
    expect(hostile).to_contain_text("1")
    assert page.locator(".attack img").count() == 0
    # By keyboard to a technique that others are folded into.
    press(page.locator("a.heat", has_text="Way number 0 "))
    expect(page.locator("#at-title")).to_contain_text("T3000")
    press(page.get_by_role("link", name="Way below"))
    expect(page.locator("#at-title")).to_contain_text("Way below")
    press(page.get_by_role("link", name="Quarterly"))
    expect(page.locator("h1")).to_have_text("Quarterly")


def test_filters_and_other_chains(held: None, visit: Opened) -> None:
    page = visit("/attack", actor="neighbour")
    choose(page.get_by_label("Kind of object"), "Report")
    press(page.get_by_role("button", name="Show", exact=True))
    page.wait_for_url("**kind=report**")
    # The report names two, of which one is folded.
    assert {each.partition("\n")[0] for each in page.locator("a.heat").all_inner_texts()} == {
        HOSTILE,
        "Way number 0 of doing it",
    }
    press(page.get_by_role("link", name="Show all"))
    write(page.get_by_label("Came in until"), "2020-01")
    page.keyboard.press("Enter")
    expect(page.locator("a.heat")).to_have_count(0)
    page.goto(page.url.partition("?")[0])
    choose(page.get_by_label("Kill chain"), "Borei chain")
    press(page.get_by_role("button", name="Show", exact=True))
    expect(page.locator(".attack-head h2")).to_have_text(["Approach"])
    press(page.get_by_role("link", name="only this phase is named"))
    expect(page.locator("#at tbody tr")).to_have_count(3)


def test_the_layer_is_what_the_navigator_opens(held: None, visit: Opened) -> None:
    page = visit("/attack", actor="neighbour")
    with page.expect_download() as saved:
        press(page.get_by_role("link", name="Layer for the ATT&CK Navigator"))
    layer = json.loads(saved.value.path().read_bytes())
    scores = {each["techniqueID"]: each["score"] for each in layer["techniques"]}
    assert layer["domain"] == "enterprise-attack" and scores["T3000.001"] == 1 and sum(scores.values()) == 42
    assert all(each["tactic"] in TACTICS for each in layer["techniques"])


def test_on_a_phone_it_is_a_list(held: None, visit: Opened) -> None:
    page = visit("/attack", actor="neighbour", width=390)
    boxes = [each.bounding_box() for each in page.locator(".attack-column").all()]
    assert all(a and b and a["y"] + a["height"] <= b["y"] for a, b in pairwise(boxes))
    press(page.locator(".attack-jump a").last)
    expect(page.locator(".attack-column").last).to_be_in_viewport()
    assert page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 390)])
def test_axe_finds_nothing(held: None, visit: Opened, theme: str, width: int) -> None:
    axe_playwright = pytest.importorskip("axe_playwright_python.sync_playwright")
    for path in ("/attack", "/attack?at=T3000&all=yes", "/attack?at=T3900&kind=campaign"):
        page = visit(path, actor="neighbour", theme=theme, width=width)
        found = axe_playwright.Axe().run(page, context="main").response["violations"]
        assert not found, json.dumps(
            [(each["id"], [node["html"] for node in each["nodes"]]) for each in found], indent=1
        )
