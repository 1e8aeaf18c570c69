"""What a member sees of a dossier, asked in small questions."""

from __future__ import annotations

from kouprey.proceedings.model import Dossier, Hold, Item, Kept, Kind, Member, Part, Purpose, Release


def test_what_is_held_and_what_lacks_its_basis() -> None:
    items = tuple(
        Item(id=f"i{n}", dossier="d", number=n, kind=Kind.THING, sha256="", size=1, at=1, by="x") for n in (1, 2)
    )
    hold = Hold(id="h1", dossier="d", item="i1", by="x", at=1, why="y", scope="z", review=9)
    lifted = Hold(id="h2", dossier="d", item="", by="x", at=1, why="y", scope="z", review=9, lifted_at=3)
    given = {"dossier": "d", "item": "i1", "person": "p", "key": "k", "at": 1, "purpose": Purpose.COURT}
    releases = (Release(id="r1", basis="Order", **given), Release(id="r2", basis="", **given))
    kept = Kept(
        dossier=Dossier(id="d", name="n", by="x", at=1),
        own=Member(dossier="d", person="p", part=Part.READER, at=1, by="x", why="y"),
        members=(),
        items=items,
        grants=(),
        releases=releases,
        holds=(hold, lifted),
        given=(),
        events=0,
    )
    assert kept.held("i1") == (hold,) and kept.held("i2") == ()
    assert [each.id for each in kept.lacking] == ["r2"]
    assert kept.item("i2") is items[1] and kept.item("i3") is None
