"""From a line to an alert, a sighting, and the kept past."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from kouprey.exchange.service import Exchange
from kouprey.kernel.words.errors import Damaged, Forbidden, Refused, Unknown
from kouprey.kernel.words.time import DAY, wall_clock
from kouprey.kernel.words.tlp import TLP
from kouprey.watch.model import HOUR, Event, Format, How, Kept
from kouprey.watch.service import Watch, vitals
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
    alert = shown.alert
    assert (alert.indicator, alert.value, alert.named, alert.count) == (
        indicator,
        "www.evil.example",
        "evil.example",
        2,
    )
    assert alert.how is How.BELOW and alert.host == "10.0.0.5" and shown.in_force and "www.evil" in alert.line
    kept = list(watch.kept(0))
    assert len(kept) == 4 and isinstance(kept[0], Event) and kept[0].source == "zeek"
    assert list(watch.kept(0, kept[0].at)) == [] and watch.total_kept(who)[0] == 4
    sighted = watch.tell(who, alert.id, by="test")
    exchange: Exchange = programs.node.services.get(Exchange)
    raw = exchange.get_object(who, sighted.stix_id).newest.served.raw
    assert b'"count":2' in raw.replace(b" ", b"") and b"10.0.0.5" not in raw and b"www.evil" not in raw
    with pytest.raises(Refused) as told:
        watch.tell(who, alert.id, by="test")
    assert told.value.code == "nothing-to-tell"
    # The same batch is taken once, another of its name not at all.
    again = watch.take(who, "zeek", body, batch="1")
    assert again.repeated and again.taken == 4 and again.hits == 0 and len(list(watch.kept(0))) == 4
    with pytest.raises(Refused) as differs:
        watch.take(who, "zeek", dns("x.example"), batch="1")
    assert differs.value.code == "batch-differs"
    (health,) = watch.health(who)
    assert health.source.format is Format.ZEEK and (health.source.events, health.source.refused) == (4, 1)
    assert health.rate > 0 and not health.silent and sum(n for _, n, _ in watch.hours(who)) == 4
    assert {each.name: each.samples[0].value for each in vitals(programs.node.services)}["watch_events"] == 4


def test_alerts_are_seen_by_who_sees_the_indicator_and_counted_for_nobody_else(
    watch: Watch, indicate: Indicate
) -> None:
    who = watch.operator()
    indicate("[domain-name:value = 'open.example']", TLP.GREEN)
    hidden = indicate("[domain-name:value = 'secret.example']", TLP.RED)
    # An indicator of which the reader sees an older version, which names something else.
    grown = indicate("[domain-name:value = 'before.example']", TLP.GREEN)
    indicate("[domain-name:value = 'grown.example']", TLP.RED, stix_id=grown, at=5_000_000)
    watch.add_source(who, "zeek", Format.ZEEK, by="test")
    green = msgspec.structs.replace(who, clearance=TLP.GREEN, name="green")
    body = dns("open.example", "secret.example", "grown.example")
    assert watch.take(green, "zeek", body).hits == 1, "nobody asks by lines what he may not see"
    assert watch.list_alerts(who).total == 3
    seen = watch.list_alerts(green)
    assert [each.alert.named for each in seen.shown] == ["open.example"] and seen.total == 1
    assert seen.facets["state"] == {"open": 1} and sum(n for _, _, n in watch.hours(green)) == 1
    assert sum(n for _, _, n in watch.hours(who)) == 3 and watch.pulse(green) == watch.pulse(who)
    for each in watch.list_alerts(who).shown:
        if each.alert.indicator == hidden or each.alert.indicator == grown:
            for ask in (
                lambda alert=each.alert.id: watch.get_alert(green, alert),
                lambda alert=each.alert.id: watch.dismiss(green, alert, "none", by="green"),
                lambda alert=each.alert.id: watch.tell(green, alert, by="green"),
            ):
                with pytest.raises(Unknown):
                    ask()
    for stranger in (
        msgspec.structs.replace(who, local=False, party="partner.example"),
        msgspec.structs.replace(who, exercise="drill"),
    ):
        for deny in (watch.list_alerts, watch.health, watch.list_sources):
            with pytest.raises(Forbidden):
                deny(stranger)
        assert watch.pulse(stranger) is None


def test_only_what_is_in_force_and_fulfilled_by_one_value_hits(watch: Watch, indicate: Indicate) -> None:
    who = watch.operator()
    watch.add_source(who, "zeek", Format.ZEEK, by="test")
    indicate("[domain-name:value = 'late.example']", valid_from="2190-01-01T00:00:00Z")
    indicate("[domain-name:value = 'over.example']", valid_until="2021-01-01T00:00:00Z")
    indicate("[domain-name:value = 'and.example' AND ipv4-addr:value = '192.0.2.1']")
    indicate("[NOT domain-name:value = 'not.example']")
    indicate("[domain-name:value IN ('in.example', 'other.example') OR url:value = 'http://u.example/a']")
    taken = indicate("[domain-name:value = 'taken.example']")
    names = ("late.example", "over.example", "and.example", "not.example", "in.example", "taken.example")
    assert watch.take(who, "zeek", dns(*names)).hits == 2
    # Revoked while the process that matches runs: what is looked for is older, what hits is asked anew.
    indicate("[domain-name:value = 'taken.example']", stix_id=taken, at=9_000_000, revoked=True)
    assert watch.take(who, "zeek", dns("taken.example", "other.example")).hits == 1
    gone = next(each for each in watch.list_alerts(who).shown if each.alert.indicator == taken)
    assert not gone.in_force and gone.alert.count == 1


def test_nothing_is_learnt_ahead_for_sensors_that_nobody_has(watch: Watch, indicate: Indicate) -> None:
    """A million indicators take most of a minute, in which pages were slow for nothing."""
    who = watch.operator()
    for number in range(250):
        indicate(f"[domain-name:value = 'c2-{number}.example']")
    assert watch.arm_ahead() == 0
    watch.add_source(who, "zeek", Format.ZEEK, by="test")
    assert watch.arm_ahead() == 250
    assert watch.arm_ahead() == 0
    indicate("[domain-name:value = 'later.example']")
    watch.change_source(who, "zeek", retired=True, by="test")
    assert watch.arm_ahead() == 0
    # Whoever has events to ask for waits for all of it, and for none of the rests.
    assert watch.arm() == 1


def test_dismissed_with_a_reason_and_back(watch: Watch, indicate: Indicate) -> None:
    who = watch.operator()
    indicate("[ipv4-addr:value ISSUBSET '10.0.0.0/27']")
    watch.add_source(who, "zeek", Format.ZEEK, by="test")
    watch.take(who, "zeek", dns("a.example"))
    every = watch.list_alerts(who).shown
    (alert,) = {each.alert.id for each in every}
    for reason in ("", " ", "x" * 501):
        with pytest.raises(Damaged):
            watch.dismiss(who, alert, reason, by="dara")
    watch.dismiss(who, alert, "a  test", by="dara")
    shown = watch.get_alert(who, alert).alert
    assert (shown.reason, shown.dismissed_by) == ("a test", "dara") and shown.dismissed_at
    with pytest.raises(Refused):
        watch.tell(who, alert, by="dara")
    assert watch.list_alerts(who, state="open").total == 0
    watch.reopen(who, alert, by="dara")
    assert watch.list_alerts(who, state="open").total == 1 and watch.get_alert(who, alert).alert.reason == ""


def test_sources_are_named_used_and_retired(watch: Watch) -> None:
    who = watch.operator()
    for bad in ("", "Zeek", "a b", "-a", "alerts", "x" * 41, "../x"):
        with pytest.raises(Damaged):
            watch.add_source(who, bad, Format.AUTO, by="test")
    watch.add_source(who, "zeek", Format.AUTO, by="test")
    with pytest.raises(Refused):
        watch.add_source(who, "zeek", Format.AUTO, by="test")
    with pytest.raises(Damaged) as unclear:
        watch.take(who, "zeek", b'{"a":1}\n')
    assert unclear.value.code == "unclear-format" and watch.health(who)[0].source.events == 0
    with pytest.raises(Damaged):
        watch.take(who, "zeek", b"", batch="x" * 201)
    watch.change_source(who, "zeek", retired=True, by="test")
    with pytest.raises(Refused) as retired:
        watch.take(who, "zeek", dns("a.example"))
    assert retired.value.code == "source-retired"
    assert not watch.change_source(who, "zeek", retired=False, by="test").retired
    with pytest.raises(Unknown):
        watch.take(who, "none", b"")
    user, secret = watch.make_token("zeek", by="test")
    assert user and secret


def test_a_source_that_tells_tells_once_an_hour(
    programs: Any, watch: Watch, indicate: Indicate, tmp_path: Path
) -> None:
    who = watch.operator()
    now = wall_clock()
    watch._clock = lambda: now
    watch._keeping._clock = watch._clock
    indicator = indicate("[domain-name:value = 'evil.example']")
    watch.add_source(who, "zeek", Format.ZEEK, tells=True, by="test")
    watch.add_source(who, "quiet", Format.ZEEK, by="test")
    watch.take(who, "quiet", dns("evil.example", at=now, client="10.0.0.7"))
    assert watch.tell_by_itself() == 0
    watch.take(who, "zeek", dns("evil.example", "a.evil.example", at=now))
    assert watch.tell_by_itself() == 1 and watch.tell_by_itself() == 0
    watch.take(who, "zeek", dns("evil.example", at=now))
    assert watch.tell_by_itself() == 0, "the same hour"
    now += HOUR + 1
    assert watch.tell_by_itself() == 1
    exchange: Exchange = programs.node.services.get(Exchange)
    assert exchange.get_object(who, indicator).times_seen == 3


def test_a_new_indicator_asks_the_kept_past(watch: Watch, indicate: Indicate) -> None:
    who = watch.operator()
    then = wall_clock() - 5 * DAY
    watch.add_source(who, "zeek", Format.ZEEK, by="test")
    watch.take(who, "zeek", dns("www.evil.example", "www.evil.example", "fine.example", at=then))
    assert watch.recall() == 0 and not watch.list_alerts(who).shown
    indicator = indicate("[domain-name:value = 'evil.example']")
    assert watch.recall() == 2 and watch.recall() == 0
    (shown,) = watch.list_alerts(who, found="past").shown
    assert shown.alert.past and shown.alert.count == 2 and abs(shown.alert.last_at - then) < 10
    # A newer version asks again, and adds nothing to what it finds again.
    indicate("[domain-name:value = 'evil.example']", stix_id=indicator, at=9_000_000)
    assert watch.recall() == 2 and watch.list_alerts(who).shown[0].alert.count == 2


def test_what_is_kept_is_bounded_by_age_and_size(watch: Watch) -> None:
    who = watch.operator()
    now = wall_clock()
    keeping = watch._keeping
    keeping._clock = watch._clock = lambda: now
    watch.add_source(who, "zeek", Format.ZEEK, by="test")
    for n in range(3):
        watch.take(who, "zeek", dns(f"{n}.example", at=now), batch=str(n))
        now += HOUR
    files = sorted((keeping._folder / "zeek").glob("*.zst"))
    assert len(files) == 3
    keeping._bounds = lambda: Kept(30, sum(each.stat().st_size for each in files) - 1)
    assert watch.tidy() == 1 and [event.values[0][1] for event in watch.kept(0)] == ["1.example", "2.example"]
    now += 31 * DAY
    keeping._bounds = lambda: Kept(30, 1 << 30)
    assert watch.tidy() == 2 and list(watch.kept(0)) == [] and not list((keeping._folder / "zeek").glob("*.zst"))


def test_what_was_not_committed_does_not_count(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    who = watch.operator()
    watch.add_source(who, "zeek", Format.ZEEK, by="test")
    watch.take(who, "zeek", dns("one.example"), batch="1")
    with monkeypatch.context() as patch:
        patch.setattr(type(watch._store), "write", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
        with pytest.raises(KeyboardInterrupt):
            watch.take(who, "zeek", dns("lost.example"), batch="2")
    assert [event.values[0][1] for event in watch.kept(0)] == ["one.example"]
    watch.take(who, "zeek", dns("two.example"), batch="2")
    assert [event.values[0][1] for event in watch.kept(0)] == ["one.example", "two.example"]
    # A database that came back without its files begins anew.
    (file,) = (watch._keeping._folder / "zeek").glob("*.zst")
    file.unlink()
    assert list(watch.kept(0)) == []
    watch.take(who, "zeek", dns("three.example"))
    assert [event.values[0][1] for event in watch.kept(0)] == ["three.example"]
