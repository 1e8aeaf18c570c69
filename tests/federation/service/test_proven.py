"""What an exchange proves: under how many agreements something of a partner came, and since when."""

from __future__ import annotations

from typing import Any

from kouprey.federation.store.lines import agreements_exchanged


def test_only_what_came_counts(world: Any) -> None:
    a, b, agreement = world.pair()
    a.publish(agreement, [b"one", b"two"])
    a.sync(b)
    b.sync(a)
    with a.store.read() as reader:
        mine = agreements_exchanged(reader, 0)
    with b.store.read() as reader:
        theirs = agreements_exchanged(reader, 0)
        later = agreements_exchanged(reader, theirs.last + 1)
    assert mine.count in (0, 1) and theirs.count == 1 and 0 < theirs.first <= theirs.last and later.count == 0
