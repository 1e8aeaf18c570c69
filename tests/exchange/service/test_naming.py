"""What is written down with new bodies, and only with those."""

from __future__ import annotations

from typing import Any

from kouprey.kernel.words.tlp import TLP


def test_only_new_bodies_add_occurrences(ministry: Any, stix: Any) -> None:
    body = stix.make("a", pattern="[ipv4-addr:value = '198.51.100.7']", pattern_type="stix")
    for source in ("one.json", "two.json"):
        ministry.keep(body, source=source)
    # The same in other bytes.
    ministry.keep(body.replace(b'":', b'" :', 1))
    with ministry.store.read() as reader:
        assert reader.value("SELECT count(*) FROM occurrence") == 1
        assert reader.all("SELECT kind, text, place FROM observable") == [("ipv4-addr", "198.51.100.7", "c6336407")]
    ministry.keep(stix.make("b"))
    ministry.keep(body.replace(b".7'", b".8'"))
    with ministry.store.read() as reader:
        assert reader.value("SELECT count(*) FROM occurrence") == 2


def test_occurrences_stand_where_their_version_stands(ministry: Any, stix: Any) -> None:
    """Under its label set while it has one body; then each body is asked for its own assertions."""
    named = {"pattern": "[ipv4-addr:value = '198.51.100.7']", "pattern_type": "stix"}
    body, other = stix.make("a", **named), stix.make("a", description="canary", **named)
    low, exchange = ministry.reader(TLP.GREEN), ministry.exchange

    def stands() -> tuple[list[Any], int]:
        with ministry.store.read() as reader:
            return reader.all("SELECT label_set_id FROM occurrence ORDER BY body_id"), reader.value(
                "SELECT label_set_id FROM version"
            )

    ministry.keep(body, tlp=TLP.RED, source="red.json")
    assert stands()[0] == [(stands()[1],)] and exchange.look_up(low, ["198.51.100.7"]) == {}
    before = stands()[1]
    ministry.keep(body, tlp=TLP.GREEN, source="green.json")
    assert stands()[0] == [(stands()[1],)] != [(before,)]
    assert exchange.look_up(low, ["198.51.100.7"])["198.51.100.7"][0].versions == 1
    ministry.keep(other, tlp=TLP.RED, source="red.json")
    assert stands()[0] == [(0,), (0,)]
    assert exchange.look_up(low, ["198.51.100.7"])["198.51.100.7"][0].versions == 1
    assert exchange.look_up(ministry.reader(), ["198.51.100.7"])["198.51.100.7"][0].versions == 2
    assert [each.title for each in exchange.get_observable(low, "ipv4-addr", "198.51.100.7").occurrences] == ["a"]
