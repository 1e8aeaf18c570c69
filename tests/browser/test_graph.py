"""The graph of relations in a real browser: without overlap, walked by keyboard, filtered, and read as a table."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from browser.conftest import Opened, Stage
from browser.hands import choose, press, reach, tick
from kouprey.exchange.service import Exchange

if TYPE_CHECKING:
    from playwright.sync_api import Page

TYPES = ("malware", "intrusion-set", "indicator", "report", "ipv4-addr", "attack-pattern", "constructor")
LAID = "#graph[data-laid=yes]"
HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "</td><script>alert(1)</script>",
    "\u202ereversed",
    '" onmouseover="alert(1)',
    "{{7*7}}",
    "=HYPERLINK(1)",
)

Looked = dict[str, Any]


@pytest.fixture
def start(stage: Stage) -> str:
    """An object of the story that is related with others."""
    with stage.actors["ministry"].services() as services:
        exchange = services.get(Exchange)
        who = exchange.operator()
        heads = exchange.list_objects(who, types=("malware", "campaign", "intrusion-set"), limit=50).heads
        return max((each.stix_id for each in heads), key=lambda each: len(exchange.neighbours(who, each).nodes))


def made(count: int, shape: str) -> dict[str, Any]:
    """A graph such as the node would answer with: one hub, or clusters that hang together."""
    objects = [
        {
            "id": f"{TYPES[n % len(TYPES)]}--{n:08d}-0000-4000-8000-000000000000",
            "type": TYPES[n % len(TYPES)],
            "title": HOSTILE[n] if n < len(HOSTILE) else f"Object number {n}",
            "at": f"20{10 + n % 15:02d}-01-01T00:00:00Z",
            "tlp": "green",
            "sources": ["one.json" if n % 2 else "two.json"],
            "distance": 0 if n == 0 else 1,
        }
        for n in range(count)
    ]
    pairs = [(n, 0 if shape == "star" or n % 40 == 0 else n // 40 * 40) for n in range(1, count)]
    pairs += [(n, n * 31 % count) for n in range(7, count, 7)] if shape == "clusters" else []
    relations = [
        {"source": objects[a]["id"], "word": "uses" if a % 3 else "related-to", "target": objects[b]["id"], "by": ""}
        for a, b in pairs
        if a != b
    ]
    return {"objects": objects, "relations": relations, "known": count - 1, "more": False, "next": ""}


@pytest.fixture
def drawn(visit: Opened, start: str) -> Callable[..., Page]:
    """The page of a graph, with the answer of the node if one is given instead of the node's own."""

    def open_it(answer: dict[str, Any] | None = None, fragment: str = "", **as_whom: Any) -> Page:
        page = visit("/", **as_whom)
        if answer is not None:
            page.route("**/api/v1/graph?**", lambda route: route.fulfill(json=answer))
            page.route("**/graph?part=facts", lambda route: route.fulfill(body="<p>It says this.</p>"))
        origin = page.url.rstrip("/")
        page.goto(f"{origin}/intelligence/{quote(start)}/graph{fragment}")
        page.wait_for_selector(LAID, timeout=60_000)
        return page

    return open_it


def look(page: Page) -> Looked:
    found: Looked = page.evaluate("() => document.getElementById('graph').look()")
    return found


def table(page: Page) -> list[str]:
    """The names of the table; it follows the picture a little later."""
    page.wait_for_selector(f'#graph[data-listed="{len(look(page)["nodes"])}"]')
    return page.locator(".graph-table tbody td.main").all_inner_texts()


@pytest.mark.parametrize(("count", "shape"), [(500, "star"), (500, "clusters"), (2_000, "clusters")])
def test_no_two_objects_overlap_and_no_two_names(drawn: Callable[..., Page], count: int, shape: str) -> None:
    page = drawn(made(count, shape))
    found = look(page)
    assert len(found["nodes"]) == count
    overlaps = page.evaluate(
        """() => { const a = document.getElementById('graph').look().nodes; let n = 0;
        for (let i = 0; i < a.length; i++) for (let j = 0; j < i; j++)
          if (Math.hypot(a[i].x - a[j].x, a[i].y - a[j].y) < a[i].r + a[j].r) n++; return n; }"""
    )
    assert overlaps == 0
    whole = named(page)
    assert whole > 0.01
    for _ in range(7):
        press(page.locator("canvas"), "+")
    assert named(page) > whole, "the nearer one comes, the more has its name"


def named(page: Page) -> float:
    """The part of what is on the screen that has its name, none of which covers another."""
    found = look(page)
    boxes = found["labels"]
    labels = [tuple(boxes[n : n + 4]) for n in range(0, len(boxes), 4)]
    for n, (x, y, w, h) in enumerate(labels):
        assert not any(x < ox + ow and ox < x + w and y < oy + oh and oy < y + h for ox, oy, ow, oh in labels[:n])
    box = page.locator("canvas").bounding_box()
    assert box is not None
    seen = [n for n in found["nodes"] if 0 < n["sx"] < box["width"] and 0 < n["sy"] < box["height"]]
    return len(labels) / len(seen) if seen else 0.0


def test_the_same_graph_always_lies_the_same_way(drawn: Callable[..., Page]) -> None:
    first, second = (look(drawn(made(60, "clusters")))["nodes"] for _ in range(2))
    assert [(round(n["x"]), round(n["y"])) for n in first] == [(round(n["x"]), round(n["y"])) for n in second]


def test_the_table_says_what_the_picture_shows(drawn: Callable[..., Page]) -> None:
    page = drawn()
    found = look(page)
    assert len(found["nodes"]) > 2 and found["ties"] > 1
    assert sorted(table(page)) == sorted(node["name"] for node in found["nodes"])
    # Every relation stands twice: with the one that says it, and with the one it is said of.
    for rest in page.locator(".graph-ties summary").all():
        press(rest)
    expect(page.locator(".graph-ties li")).to_have_count(2 * found["ties"])


def test_without_a_script_the_table_is_there(visit: Opened, start: str, chromium: Any) -> None:
    page = visit("/")
    state, origin = page.context.storage_state(), page.url.rstrip("/")
    context = chromium.new_context(storage_state=state, java_script_enabled=False)
    plain = context.new_page()
    plain.goto(f"{origin}/intelligence/{quote(start)}/graph?depth=2")
    assert plain.locator(".graph-table tbody tr").count() > 2
    assert not plain.locator("#graph").is_visible()
    context.close()


def test_the_keyboard_walks_reads_expands_and_takes_back(drawn: Callable[..., Page]) -> None:
    page = drawn()
    before = len(look(page)["nodes"])
    reach(page.locator("canvas"))
    page.keyboard.press("ArrowRight")
    begun = look(page)["chosen"]
    assert begun
    for key in ("ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp", "ArrowRight"):
        page.keyboard.press(key)
    here = look(page)["chosen"]
    page.keyboard.press("Enter")
    expect(page.locator(".graph-side h2:visible")).to_be_focused()
    expect(page.locator(".graph-facts .tlp")).to_be_visible()
    name = next(node["name"] for node in look(page)["nodes"] if node["id"] == here)
    expect(page.locator(".graph-side h2:visible")).to_have_text(name)
    page.keyboard.press("Escape")
    expect(page.locator("canvas")).to_be_focused()
    page.keyboard.press("e")
    expect(page.locator("#graph-status")).not_to_be_empty()
    page.wait_for_selector(LAID)
    page.keyboard.press("h")
    page.wait_for_selector(LAID)
    assert here not in {node["id"] for node in look(page)["nodes"]} or here == begun
    while page.locator('[data-do="undo"]').is_enabled():
        page.keyboard.press("u")
    page.wait_for_selector(LAID)
    assert len(look(page)["nodes"]) == before
    scale = look(page)["scale"]
    page.keyboard.press("+")
    assert look(page)["scale"] > scale
    page.keyboard.press("0")
    assert look(page)["scale"] == pytest.approx(scale)


def test_filters_narrow_the_picture_and_the_table(drawn: Callable[..., Page]) -> None:
    page = drawn(made(120, "clusters"))
    press(page.locator(".graph-filter > summary"))
    tick(page.get_by_role("group", name="Type").get_by_label("Malware"))
    page.wait_for_selector(LAID)
    page.wait_for_timeout(300)
    page.wait_for_selector(LAID)
    left = look(page)["nodes"]
    # Where the graph begins always stays.
    assert [node["type"] for node in left].count("malware") == 1 and len(left) < 120
    assert len(table(page)) == len(left)
    choose(page.locator("#g-source"), "one.json")
    reach(page.locator("#g-low"))
    for _ in range(3):
        page.keyboard.press("PageUp")
    page.wait_for_timeout(300)
    page.wait_for_selector(LAID)
    fewer = look(page)["nodes"]
    assert 1 < len(fewer) < len(left) and page.input_value("#g-from") > "2010-01-01"
    assert "without=malware" in page.url and "source=one.json" in page.url and "from=" in page.url
    again = drawn(made(120, "clusters"), fragment="#" + page.url.partition("#")[2])
    assert {node["id"] for node in look(again)["nodes"]} == {node["id"] for node in fewer}
    press(page.get_by_role("button", name="Show all", exact=True).last)
    page.wait_for_timeout(300)
    page.wait_for_selector(LAID)
    assert len(look(page)["nodes"]) == 120


def test_hostile_names_stay_text(drawn: Callable[..., Page]) -> None:
    page = drawn(made(12, "star"))
    names = table(page)
    assert {"<img src=x onerror=alert(1)>", "⟨U+202E⟩reversed", "{{7*7}}"} <= set(names)
    assert page.locator(".graph-table img, .graph-table script, .graph-side img").count() == 0
    reach(page.locator("canvas"))
    page.keyboard.press("ArrowRight")
    expect(page.locator(".graph-side h2:visible")).to_have_text(HOSTILE[0])
    with page.expect_download() as saved:
        press(page.get_by_role("button", name="CSV"))
    text = saved.value.path().read_bytes().decode()
    assert '"\'=HYPERLINK(1)"' in text and text.count("\r\n") == 12
    with page.expect_download() as saved:
        press(page.get_by_role("button", name="PNG"))
    assert saved.value.path().read_bytes().startswith(b"\x89PNG")


def test_a_key_pins_what_is_chosen_and_lets_it_go(drawn: Callable[..., Page]) -> None:
    page = drawn(made(12, "star"))

    def pinned() -> list[str]:
        return [node["id"] for node in look(page)["nodes"] if node["pinned"]]

    reach(page.locator("canvas"))
    page.keyboard.press("ArrowRight")
    chosen = look(page)["chosen"]
    page.keyboard.press("p")
    assert pinned() == [chosen] and "pin=" in page.url
    # The same by its button, which is told as pressed.
    button = page.locator('[data-do="pin"]')
    expect(button).to_have_attribute("aria-pressed", "true")
    press(button)
    assert pinned() == [] and "pin=" not in page.url


@pytest.mark.mouse("Dragging is the mouse's own; the test before this pins by a key.")
def test_a_dragged_object_stays_where_it_was_put(drawn: Callable[..., Page]) -> None:
    page = drawn(made(12, "star"))
    box = page.locator("canvas").bounding_box()
    assert box is not None
    node = look(page)["nodes"][5]
    page.mouse.move(box["x"] + node["sx"], box["y"] + node["sy"])
    page.mouse.down()
    page.mouse.move(box["x"] + node["sx"] + 40, box["y"] + node["sy"] + 30, steps=4)
    page.mouse.up()
    page.wait_for_selector(LAID)
    moved = look(page)["nodes"][5]
    assert moved["pinned"] and "pin=" in page.url
    assert moved["x"] == pytest.approx(node["x"] + 40 / look(page)["scale"], abs=2)


def test_a_theme_redraws_and_reduced_motion_is_still(visit: Opened, start: str) -> None:
    page = visit("/", theme="dark")
    page.emulate_media(reduced_motion="reduce", color_scheme="dark")
    page.goto(f"{page.url.rstrip('/')}/intelligence/{quote(start)}/graph")
    page.wait_for_selector(LAID)

    def wait_for_corner(holds: str) -> None:
        colour = "document.querySelector('canvas').getContext('2d').getImageData(2, 2, 1, 1).data"
        page.wait_for_function(f"() => {{ const [r, g, b] = {colour}; return r + g + b {holds}; }}")

    wait_for_corner("< 150")
    page.emulate_media(reduced_motion="reduce", color_scheme="light")
    wait_for_corner("> 700")


@pytest.mark.parametrize(("theme", "width"), [("dark", 1440), ("light", 390)])
def test_axe_finds_nothing(drawn: Callable[..., Page], theme: str, width: int) -> None:
    axe_playwright = pytest.importorskip("axe_playwright_python.sync_playwright")
    page = drawn(theme=theme, width=width)
    press(page.locator(".graph-filter > summary"))
    reach(page.locator("canvas"))
    page.keyboard.press("ArrowRight")
    expect(page.locator(".graph-facts .tlp")).to_be_visible()
    found = axe_playwright.Axe().run(page, context="main").response["violations"]
    assert not found, json.dumps([(each["id"], [node["html"] for node in each["nodes"]]) for each in found], indent=1)
    assert page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
