"""The look: all components render, nothing needs a looser policy, and everything can be read."""

import re
from itertools import product
from pathlib import Path

import pytest

from inprocess import AppClient

WEB = Path(__file__).parents[3] / "src" / "kouprey" / "kernel" / "web"
STYLE = (WEB / "static/kouprey.css").read_text()
TEMPLATES = sorted((WEB / "templates").glob("*.html"))


@pytest.mark.parametrize(("theme", "language"), list(product(("light", "dark"), ("en", "km"))))
def test_all_components_render(client: AppClient, theme: str, language: str) -> None:
    answer = client.get(f"/design?theme={theme}&lang={language}")
    assert answer.status_code == 200
    assert f'<html lang="{language}" data-theme="{theme}">' in answer.text
    assert answer.text.count("<h1>") == 2 and "TLP:AMBER+STRICT" in answer.text


def test_identifiers_on_a_page_are_unique(client: AppClient) -> None:
    found = re.findall(r'\bid="([^"]+)"', client.get("/design").text)
    assert len(found) == len(set(found))


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_nothing_inline(template: Path) -> None:
    text = template.read_text()
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=|javascript:|\|safe", text)
    for script in re.findall(r"<script[^>]*>", text):
        assert "src=" in script


def test_every_icon_exists() -> None:
    known = set(re.findall(r'<symbol id="([^"]+)"', (WEB / "static/icons.svg").read_text()))
    used = set()
    for template in TEMPLATES:
        used |= set(re.findall(r'icon(?:_name)?(?:\(|=)"([a-z-]+)"', template.read_text()))
    assert len(used) > 15
    assert used | {"good", "warn", "bad", "info"} <= known


def tokens(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6});", block))


LIGHT = tokens(STYLE.split(":root {")[1].split("}")[0])
DARK = tokens(STYLE.split(':root[data-theme="dark"] {')[1].split("}")[0])


def test_dark_by_system_and_by_choice_are_the_same() -> None:
    by_system = STYLE.split(':root:not([data-theme="light"]) {')[1].split("}")[0]
    assert tokens(by_system) == DARK
    assert set(DARK) == set(LIGHT)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, two: str) -> float:
    """WCAG 2.2, contrast ratio."""
    light, dark = sorted((luminance(one), luminance(two)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


GROUNDS = ("ground", "panel", "side", "sunken", "hover")
TEXTS = ("ink", "ink-2", "ink-3", "accent")
READ = [*product(TEXTS, GROUNDS), *((tone, f"{tone}-soft") for tone in ("good", "warn", "bad", "info"))]
READ += [("ink", f"{tone}-soft") for tone in ("good", "warn", "bad", "info")]
READ += [("on-accent", "accent"), ("on-accent", "accent-strong"), ("accent-strong", "accent-soft"), ("bad", "panel")]


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_everything_can_be_read(theme: dict[str, str]) -> None:
    for text, ground in READ:
        assert contrast(theme[text], theme[ground]) >= 4.5, (text, ground)
    for ground in ("panel", "ground"):
        assert contrast(theme["edge-strong"], theme[ground]) >= 3, ground


def test_tlp_colours_are_official() -> None:
    rules = dict(re.findall(r"\.tlp-([a-z]+)(?:, \.tlp-amber-strict)? \{ color: (#[0-9a-f]+);", STYLE))
    assert rules == {"clear": "#fff", "green": "#33ff00", "amber": "#ffc000", "red": "#ff2b2b"}
    assert re.search(r"\.tlp \{[^}]*background: #000;", STYLE)
