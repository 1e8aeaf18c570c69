"""The page of an observable: reached from objects, harmless, and no wider than the reader sees."""

from __future__ import annotations

from typing import Any

from kouprey.kernel.words.tlp import TLP
from kouprey.node import fiction
from kouprey.people.model import Role

RED = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"


def indicator(desk: Any, name: str, pattern: str, **more: Any) -> dict[str, object]:
    made = desk.thing(
        "indicator", name, pattern=pattern, pattern_type="stix", valid_from="2026-10-27T00:00:00Z", **more
    )
    return dict(made)


def test_from_an_object_to_everything_that_names_its_values(desk: Any) -> None:
    lure = "https://press-day-1.example/a?b=%2F#c"
    desk.take(
        indicator(desk, "Lure", f"[url:value = '{lure}' OR domain-name:value = 'press-day-1.example']"),
        indicator(desk, "Same host", "[domain-name:value = 'Press-Day-1.example.']"),
        indicator(desk, "Kept back", "[domain-name:value = 'press-day-1.example']", object_marking_refs=[RED]),
    )
    reader = desk.visitor(Role.ANALYST)
    text = reader.text(f"/intelligence/{fiction.stix_id('indicator', 'Lure')}")
    pages = [each for each in desk.links(text) if each.startswith("/observables/")]
    assert len(pages) == 2
    for path in pages:
        told = reader.text(path)
        assert "press-day-1[.]example" in told, path
        assert "Lure" in told, path
        assert "press-day-1.example</" not in told, path
        assert all(each.startswith(("/", "#")) for each in desk.links(told))
        desk.assert_harmless(told)
    told = reader.text("/observables/domain-name?value=press-day-1.example")
    assert "Same host" in told and "Kept back" in told and "named in 3 versions" in told
    assert "/observables/url?value=https%3A%2F%2Fpress-day-1.example%2Fa%3Fb%3D%252F%23c" in desk.links(told)


def test_a_reader_meets_only_what_he_sees(desk: Any) -> None:
    desk.take(
        indicator(desk, "Open", "[domain-name:value = 'a.example']"),
        indicator(
            desk,
            "Canary",
            "[domain-name:value = 'canary.a.example' OR domain-name:value = 'a.example']",
            object_marking_refs=[RED],
        ),
    )
    low = desk.visitor(Role.ANALYST, clearance=TLP.GREEN)
    told = low.text("/observables/domain-name?value=a.example")
    assert "Open" in told and "anary" not in told and "named in 1 version<" in told
    assert "Nothing that you may see" in low.text("/observables/domain-name?value=canary.a.example")
    assert desk.visitor(Role.ANALYST, local=False).get("/observables/domain-name?value=a.example").status_code == 403


def test_what_is_no_value_is_said_to_be_none(desk: Any) -> None:
    reader = desk.visitor(Role.ANALYST)
    assert reader.get("/observables/domain-name?value=1.2.3.4").status_code in (400, 422)
    assert reader.get("/observables/nonsense?value=x").status_code in (400, 422)
    text = reader.text("/observables/mutex?value=%3Cscript%3Ealert(1)%3C%2Fscript%3E")
    desk.assert_harmless(text)
