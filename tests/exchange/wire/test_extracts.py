"""What is written down beside a body."""

from __future__ import annotations

from typing import Any

import msgspec

from kouprey.exchange.model import Arrival
from kouprey.exchange.wire import read_object
from kouprey.exchange.wire.extracts import extract_of


def test_the_extract_of_a_body_is_the_same_however_it_comes(stix: Any) -> None:
    uses = {"source_ref": stix.id("malware", "a"), "target_ref": stix.id("tool", "b")}
    raw = stix.make("r", "relationship", relationship_type="uses", description="Voilà", confidence=700, **uses)
    parsed = read_object(raw)
    made = extract_of(parsed)
    assert "confidence" in {finding.path for finding in made.findings}
    assert {"uses", "voila"} <= set(made.text.split())
    assert made.links == ((uses["source_ref"], 1, "uses"), (uses["target_ref"], 2, "uses"))
    names = [name for name in Arrival.__struct_fields__ if name != "extract"]
    bare = Arrival(**{name: getattr(parsed, name) for name in names})
    assert extract_of(bare) == made
    ready = msgspec.structs.replace(bare, extract=made)
    assert extract_of(ready) is made


def test_observables_are_in_it(stix: Any) -> None:
    raw = stix.make("i", pattern="[domain-name:value = 'Evil.example']", pattern_type="stix")
    assert [(each.kind, each.text) for each in extract_of(read_object(raw)).observables] == [
        ("domain-name", "evil.example")
    ]
