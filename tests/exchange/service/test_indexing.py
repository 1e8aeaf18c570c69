"""What becomes visible, or moves, stays findable; what is closed is not found."""

from __future__ import annotations

from typing import Any

from kouprey.exchange.service import indexing
from kouprey.kernel.words.tlp import TLP


def names(party: Any, who: Any, text: str = "", **more: Any) -> list[str]:
    return [head.title for head in party.exchange.list_objects(who, text=text, **more).heads]


def test_what_becomes_visible_is_found_and_what_is_closed_is_not(ministry: Any, operator: Any, stix: Any) -> None:
    agreement = stix.agree(ministry, operator, tlp_ceiling="green")
    ministry.keep(stix.make("first", description="needle"), tlp=TLP.AMBER)
    ministry.keep(stix.make("second", description="needle"), tlp=TLP.GREEN)
    who = ministry.foreign("operator.example")
    assert names(ministry, who, "needle") == ["second"]
    # The same said again under an open label: a further assertion, a new label set, a new position.
    ministry.keep(stix.make("first", description="needle"), tlp=TLP.GREEN, source="again.json")
    assert names(ministry, who, "needle") == ["first", "second"] == names(ministry, ministry.reader(), "needle")
    ministry.agreements.suspend(agreement, suspended=True, by="test")
    assert names(ministry, who, "needle") == []
    ministry.agreements.suspend(agreement, suspended=False, by="test")
    ministry.settle()
    assert names(ministry, who, "needle") == names(ministry, ministry.reader(), "needle")
    assert len(names(ministry, who, "needle")) == 2


def test_moved_versions_are_found_in_their_new_order(ministry: Any, stix: Any) -> None:
    ministry.keep(*(stix.make(f"zebra {n}") for n in range(3)), tlp=TLP.GREEN)
    ministry.keep(stix.make("zebra 0", description="another"), tlp=TLP.GREEN, source="b.json")
    who = ministry.reader()
    with ministry.store.read() as reader:
        rows = reader.all("SELECT id FROM version ORDER BY position LIMIT 1")
    ministry.store.write(lambda tx: indexing.move(tx, [row[0] for row in rows]))
    assert names(ministry, who, "zebra") == ["zebra 0", "zebra 2", "zebra 1"]
    page = ministry.exchange.list_objects(who, text="zebra", limit=1)
    assert names(ministry, who, "zebra", before_position=page.heads[0].position) == ["zebra 2", "zebra 1"]
