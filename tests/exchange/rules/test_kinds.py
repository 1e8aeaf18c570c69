"""Types as tables: their ids, their custom properties, ids that are derived or must be random."""

from __future__ import annotations

from kouprey.exchange.rules.kinds import custom_kind, custom_property, domain_kind, observable_kind, own_id
from kouprey.exchange.rules.shapes import FINE, text

UUID_4, UUID_5 = "00000001-1f2e-4a3b-8c4d-5e6f708192a3", "00000001-1f2e-5a3b-8c4d-5e6f708192a3"


def test_own_ids() -> None:
    check = own_id("tool", version="4")
    assert check(f"tool--{UUID_4.upper()}") == FINE
    assert check(f"tool--{UUID_5}")[0].severity == "should"
    assert [check(wrong)[0].code for wrong in (f"malware--{UUID_4}", "tool--1", 3)] == [
        "identifier",
        "identifier",
        "type",
    ]
    assert own_id("url", version="5")(f"url--{UUID_5}") == FINE


def test_custom_properties() -> None:
    assert custom_property("x_own", 1) == FINE == custom_property("type", 1)
    assert custom_property("username", "x")[0].code == "reserved"


def test_kinds_know_what_is_theirs() -> None:
    tool = domain_kind("tool", "4.18", {"name": text}, ("name",))
    assert {name for name, _ in tool.required} == {"spec_version", "id", "created", "modified", "name"}
    assert tool.defined and not custom_kind("x-own", observable=True).defined
    assert "confidence" in tool.checks and "confidence" not in observable_kind("url", "6.15", {}).checks


def test_a_derived_id_should_be_the_right_one() -> None:
    rule = observable_kind("url", "6.15", {}).rules[-1]
    assert [found.code for found in rule({"type": "url", "id": f"url--{UUID_5}", "value": "a"})] == ["id-mismatch"]
    assert rule({"type": "url", "id": f"url--{UUID_4}", "value": "a"}) == FINE
    assert rule({"type": "url", "id": f"url--{UUID_5}"}) == FINE
