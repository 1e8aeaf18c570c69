"""Pages of collections: made, changed, archived, each with a way back; partners see what they may see."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role
from kouprey.taxii.pages import collections

FORM = {"name": "proxies", "title": "For <the> proxies", "audience": "all", "writable": "yes"}
PARTNER = "operator.example"


def names(client: Any) -> list[str]:
    return sorted(each["title"] for each in client.get("/taxii2/api/collections/").json().get("collections", []))


def test_a_collection_is_made_read_narrowed_and_opened_again(house: Any, visitor: Callable[..., Any]) -> None:
    keeper, client = visitor(Role.LEAD), house.client(party=PARTNER)
    made = keeper.post("/collections", **FORM)
    held = house.exchange.get_collection("proxies")
    assert f"/taxii2/api/collections/{held.id}/objects/" in made and "<the>" in made
    assert "For <the> proxies" in names(client)
    own = keeper.post("/collections/proxies", title="For <the> proxies", audience="own", writable="yes")
    assert "our own people and programs only" in own
    assert names(client) == ["Everything"]
    assert client.get(f"/taxii2/api/collections/{held.id}/objects/").status_code == 404
    back = keeper.undo(own)
    assert "every partner" in back and "For <the> proxies" in names(client)
    keeper.post("/collections/proxies", title="t", audience="named", parties=[PARTNER])
    held = house.exchange.get_collection("proxies")
    assert (held.readers, held.writable, held.title) == ((PARTNER,), False, "t")
    assert "t" in names(client)
    writer = house.writer()
    assert house.post(writer, house.thing(1), path=held.id).status_code == 403, "no program may give to it"


def test_an_archived_one_is_found_by_nobody_and_comes_back(house: Any, visitor: Callable[..., Any]) -> None:
    keeper, client = visitor(), house.client()
    keeper.post("/collections", **FORM)
    house.keep(house.thing(1), collection="proxies")
    gone = keeper.post("/collections/proxies/archive")
    assert "is archived" in gone and names(client) == ["Everything"]
    assert client.get("/taxii2/api/collections/proxies/objects/").status_code == 404
    assert "archived" in keeper.text("/collections/proxies")
    with pytest.raises(Exception, match="archived"):
        house.keep(house.thing(2), collection="proxies")
    keeper.undo(gone)
    assert len(client.get("/taxii2/api/collections/proxies/objects/").json()["objects"]) == 1
    for needed in ("main",):
        assert "cannot be archived" in keeper.post(f"/collections/{needed}/archive")


def test_counts_and_members_are_those_the_reader_sees(house: Any, visitor: Callable[..., Any]) -> None:
    keeper = visitor()
    keeper.post("/collections", **FORM)
    house.keep(house.thing(1, name="open thing"), collection="proxies", tlp=TLP.GREEN)
    house.keep(house.thing(2, name="closed thing"), collection="proxies", tlp=TLP.RED)
    green = visitor(Role.ANALYST, TLP.GREEN)
    assert "open thing" in green.text("/collections/proxies") and "closed thing" not in green.text(
        "/collections/proxies"
    )
    assert ">2</strong>" in keeper.text("/collections").replace("\n", "")
    assert ">2</strong>" not in green.text("/collections")


def test_members_are_called_as_people_call_them(house: Any, visitor: Callable[..., Any]) -> None:
    first, second = house.thing(1, name="Wick"), house.thing(2, name="Lure")
    ends = {"relationship_type": "uses", "source_ref": first["id"], "target_ref": second["id"]}
    tie = house.thing(3, kind="relationship", **ends)
    del tie["name"]
    for each in (first, second, tie):
        house.keep(each)
    page = visitor().text("/collections/main")
    assert "Wick uses Lure" in page and ">Relationship<" in page and "uses: " not in page


def test_what_is_wrong_is_told_at_its_field(house: Any, visitor: Callable[..., Any]) -> None:
    keeper = visitor()
    assert "cannot be the name" in keeper.post("/collections", **{**FORM, "name": "A B"})
    keeper.post("/collections", **FORM)
    assert "There is a collection 'proxies' already" in keeper.post("/collections", **FORM)
    house.agree()
    house.keep(house.thing(1))
    assert "Nothing was different" in keeper.post("/collections/proxies", **FORM)


def test_readers_look_and_change_nothing(house: Any, visitor: Callable[..., Any]) -> None:
    visitor().post("/collections", **FORM)
    reader = visitor(Role.POLICY, TLP.GREEN)
    assert "Make the collection" not in reader.text("/collections") and "Change it" not in reader.text(
        "/collections/main"
    )
    assert "not open to you" in reader.post("/collections/proxies/archive")
    assert not house.exchange.get_collection("proxies").archived_at
    assert reader.status("/collections/nowhere") == 404
    assert collections.PATH == "/collections"
