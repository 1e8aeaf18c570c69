"""What is measured of intelligence: how much there is."""

from __future__ import annotations

from typing import Any

from kouprey.exchange.service.vitals import vitals
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.tlp import TLP


def test_versions_are_counted_and_nothing_is_named(ministry: Any, stix: Any) -> None:
    services = Services()
    services.put(ministry.exchange)
    ministry.keep(stix.make("a"), stix.make("b"), stix.make("b", minute=5), tlp=TLP.GREEN)
    ministry.keep(stix.make("c"), tlp=TLP.RED, into=())
    found = {each.name: each.samples for each in vitals(services)}
    rules = {sample.labels[0][1]: sample.value for sample in found.pop("publishing_rules")}
    assert rules == {"running": 0, "paused": 0, "paused-itself": 0}
    assert {name: samples[0].value for name, samples in found.items()} == {"object_versions": 4, "renewed_part": 1}
    assert not [sample for samples in found.values() for sample in samples if sample.labels]
