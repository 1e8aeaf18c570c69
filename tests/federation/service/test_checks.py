"""The examination of lanes: a replica's damaged body is named, forgotten and fetched again; ours is only named."""

from __future__ import annotations

from typing import Any

from kouprey.federation.service import Federation
from kouprey.federation.service.checks import checks
from kouprey.kernel.words.capability import Services


def told(federation: Federation, *, repair: bool = False) -> dict[str, list[str]]:
    services = Services()
    services.put(federation)
    return {check.name: [f"{each.level} {each.what}" for each in check.call(repair)] for check in checks(services)}


def test_a_replica_is_mended_from_its_author(each_world: Any) -> None:
    a, b, agreement = each_world.pair()
    contents = [b'{"mark":"%d"}' % number for number in range(4)]
    a.publish(agreement, contents)
    b.link(a)
    b.sync(a)
    assert not any(told(a.federation).values()) and not any(told(b.federation).values())
    spoil = "UPDATE lane_entry SET body = salt WHERE place % 16777216 = 2"
    b.store.write(lambda tx: tx.execute(spoil))
    (named,) = told(b.federation)["lanes"]
    assert "damaged entry 2" in named and named.startswith("bad")
    assert told(b.federation, repair=True)["lanes"][0].startswith("mended")
    assert not told(b.federation)["lanes"]
    with b.store.read() as reader:
        assert reader.value("SELECT count(*) FROM lane_entry WHERE state <> 0") == 1
    b.sync(a)
    with b.store.read() as reader:
        assert reader.value("SELECT count(*) FROM lane_entry WHERE state <> 0") == 0
    assert not any(told(b.federation).values())
    a.store.write(lambda tx: tx.execute(spoil))
    assert told(a.federation)["lanes"][0].startswith("bad")
    assert told(a.federation, repair=True)["lanes"][0].startswith("mended")
    a.sync(b)
    assert not any(told(a.federation).values()), "whoever has it gives our own word back"


def test_what_is_lost_or_altered_is_named(each_world: Any) -> None:
    a, _, agreement = each_world.pair()
    a.publish(agreement, [b'{"mark":"%d"}' % number for number in range(4)])
    for spoil, names in (
        (
            "UPDATE lane_entry SET header = (SELECT header FROM lane_entry WHERE place % 16777216 = 1)"
            " WHERE place % 16777216 = 3",
            "damaged entry 3",
        ),
        ("DELETE FROM lane_entry WHERE place % 16777216 = 2", "lost entries"),
        ("UPDATE lane SET tag = 'x'", "another genesis"),
        ("DELETE FROM lane_checkpoint", "lost a checkpoint"),
    ):
        a.store.write(lambda tx, spoil=spoil: tx.execute(spoil))  # type: ignore[misc]  # a lambda with defaults
        assert any(names in each for each in told(a.federation)["lanes"]), (names, told(a.federation))


def test_links_and_quarantine_need_a_look(world: Any) -> None:
    a, b, _ = world.pair()
    a.link(b)
    a.store.write(lambda tx: tx.execute("UPDATE link SET failures = 3, error = 'no route'"))
    a.store.write(lambda tx: tx.execute("INSERT INTO quarantine VALUES (1, 1, 'x', 'y', 0, NULL)"))
    found = told(a.federation)
    assert "failed 3 times" in found["links"][0] and found["quarantine"][0].startswith("warn 1 ")
