"""What is measured of the exchange with partners: it follows what waits and what has arrived, and names nobody."""

from __future__ import annotations

from typing import Any

from kouprey.federation.service import Federation
from kouprey.federation.service.vitals import vitals
from kouprey.kernel.words.capability import Services


def told(federation: Federation) -> dict[str, float]:
    services = Services()
    services.put(federation)
    found = vitals(services)
    assert not [sample for each in found for sample in each.samples if sample.labels], "no partner is named"
    return {each.name: each.samples[0].value for each in found}


def test_what_waits_is_counted_until_it_is_confirmed(each_world: Any) -> None:
    a, b, agreement = each_world.pair()
    b.sync(a)
    assert told(b.federation)["links_never_up"] == 0
    before = told(a.federation)
    assert before["lane_entries_queued"] == before["lane_entries_unsigned"] == 0
    a.queue(agreement, [b'{"mark":"1"}', b'{"mark":"2"}'])
    assert told(a.federation)["lane_entries_queued"] == 2
    a.lanes.append_waiting()
    after = told(a.federation)
    assert after["lane_entries_queued"] == after["lane_entries_unsigned"] == 0
    assert after["lane_entries_unconfirmed"] == 2
    a.store.write(lambda tx: tx.execute("UPDATE lane SET signed_size = signed_size - 1"))
    assert told(a.federation)["lane_entries_unsigned"] == 1
    a.store.write(lambda tx: tx.execute("UPDATE lane SET signed_size = signed_size + 1"))
    b.sync(a)
    assert told(a.federation)["lane_entries_unconfirmed"] == 0
    linked = told(b.federation)
    assert (linked["links"], linked["links_failing"], linked["links_never_up"]) == (1, 0, 0)
    b.store.write(lambda tx: tx.execute("UPDATE link SET last_ok = last_ok - 7200000000, failures = 3"))
    assert 7200 <= told(b.federation)["link_silence_seconds"] < 7300
    assert told(b.federation)["links_failing"] == 1
    b.store.write(lambda tx: tx.execute("UPDATE link SET paused = 1"))
    assert told(b.federation)["links"] == told(b.federation)["link_silence_seconds"] == 0
