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


def test_a_value_says_what_speaks_against_it_and_how_it_is_written(desk: Any) -> None:
    reader = desk.visitor(Role.ANALYST)
    told = reader.text("/observables/domain-name?value=xn--80ak6aa92e.com")
    assert (
        "only look Latin" in told
        and "xn--80ak6aa92e[.]com" in told
        and ">Cyrillic</span>" in told
        and "аррӏе[.]com" in told
    )
    assert "mixes letters of Cyrillic, Latin" in reader.text("/observables/domain-name?value=p%D0%B0ypal.com")
    assert "set aside for examples" in reader.text("/observables/ipv4-addr?value=198.51.100.7")
    assert "private or reserved" in reader.text("/observables/ipv4-addr?value=10.0.0.1")
    assert "very common" in reader.text("/observables/domain-name?value=www.google.com")
    assert 'data-copy="10.0.0.1"' in reader.text("/observables/ipv4-addr?value=10.0.0.1")
    assert "Nothing is known of it here" in reader.text("/observables/mutex?value=x")


def test_a_value_leads_on(desk: Any) -> None:
    desk.take(
        indicator(desk, "One", "[ipv4-addr:value = '198.51.100.7' OR file:hashes.MD5 = '" + "a" * 32 + "']"),
        indicator(desk, "Two", "[ipv4-addr:value = '198.51.100.8']"),
    )
    reader = desk.visitor(Role.ANALYST)
    reader.post(f"/intelligence/{fiction.stix_id('indicator', 'One')}/sight", count="3")
    told = reader.text("/observables/ipv4-addr?value=198.51.100.7")
    assert "/observables/ipv4-net?value=198.51.100.0%2F24" in desk.links(told)
    assert f"/observables/md5?value={'a' * 32}" in desk.links(told) and "What else is rare here" in told
    assert 'id="sightings"' in told and "seen 3 times" in told
    assert "198.51.100.7</" not in told
    desk.assert_harmless(told)
