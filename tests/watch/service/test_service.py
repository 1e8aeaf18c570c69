"""From a line to an alert, a sighting, and the kept past."""

from __future__ import annotations

from typing import Any

from kouprey.exchange.service import Exchange
from kouprey.kernel.words.time import wall_clock
from kouprey.watch.model import Event, Format, How
from kouprey.watch.service import Watch
from watch.conftest import Indicate
from watch.lines import dns


def test_a_line_becomes_an_alert_and_a_sighting(programs: Any, watch: Watch, indicate: Indicate) -> None:
    who = watch.operator()
    indicator = indicate("[domain-name:value = 'evil.example']")
    watch.add_source(who, "zeek", Format.AUTO, by="test")
    body = dns("www.evil.example", "notevil.example", "fine.example", "evil.example") + b"{bad\n"
    status = watch.take(who, "zeek", body, batch="1")
    assert (status.format, status.taken, status.refused, status.hits) == (Format.ZEEK, 4, 1, 2)
    assert status.refusals[0].line == 5
    (shown,) = watch.list_alerts(who).shown
    assert (shown.alert.indicator, shown.alert.value, shown.alert.named, shown.alert.how, shown.alert.count) == (
        indicator,
        "www.evil.example",
        "evil.example",
        How.BELOW,
        2,
    )
    assert shown.alert.host == "10.0.0.5" and "www.evil.example" in shown.alert.line and shown.in_force
    kept = list(watch.kept(0))
    assert len(kept) == 4 and isinstance(kept[0], Event) and kept[0].source == "zeek"
    sighted = watch.tell(who, shown.alert.id, by="test")
    exchange: Exchange = programs.node.services.get(Exchange)
    raw = exchange.get_object(who, sighted.stix_id).newest.served.raw
    assert b'"count":2' in raw.replace(b" ", b"") and b"10.0.0.5" not in raw and b"www.evil" not in raw
    assert wall_clock() - shown.alert.last_at < 10**9
