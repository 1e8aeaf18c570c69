"""What whoever keeps constituents does, and that each deed can be undone."""

from __future__ import annotations

from typing import Any

from kouprey.constituents.model import Rhythm
from kouprey.constituents.pages import keeping
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role

assert keeping


def test_hosting_one_from_nothing(desk: Any) -> None:
    ours = desk.visitor("", Role.ADMINISTRATOR)
    given = {"id": "Shop.example", "name": "Example Shop", "language": "km", "clearance": "amber"}
    assert ours.post("/constituents", **given).headers["location"] == "/constituents/shop.example"
    assert ours.post("/constituents", **given).status_code == 409
    path = "/constituents/shop.example"
    assert ours.post(f"{path}/networks", networks="192.0.2.0/24, shop.example").status_code == 303
    wrong = ours.post(f"{path}/networks", networks="192.0.2.0/24 nonsense")
    assert wrong.status_code == 400 and "nonsense" in wrong.text
    changed = {"name": "Shop", "language": "en", "clearance": "green", "content": "green", "rhythm": "weekly"}
    assert ours.post(path, **changed, hour="3", note="").status_code == 303
    held = desk.all.get_constituent("shop.example")
    assert (held.name, held.clearance, held.rhythm, held.hour) == ("Shop", TLP.GREEN, Rhythm.WEEKLY, 3)
    assert ours.post(path, **changed | {"content": "amber"}, hour="3").status_code == 400
    assert ours.post(f"{path}/contacts", name="Sok", address="s@shop.example").status_code == 303
    (contact,) = desk.all.contacts("shop.example")
    told = ours.post(f"{path}/contacts/{contact.id}/test")
    assert told.status_code == 303 and desk.all.letters("shop.example") == []
    assert ours.post(f"{path}/contacts/{contact.id}/remove").status_code == 303
    assert "Example Newspaper" in ours.get("/constituents").text and "Shop" in ours.get(path).text


def test_letting_people_and_programs_in_and_out(desk: Any) -> None:
    ours, path = desk.visitor("", Role.ADMINISTRATOR), f"/constituents/{desk.bank}"
    shown = ours.post(f"{path}/people", name="Sok Dara").text
    assert "/sign-in/" in shown
    (person,) = desk.all.persons(desk.bank)
    assert ours.post(f"{path}/people/{person.id}/active", active="no").status_code == 303
    assert not desk.all.persons(desk.bank)[0].active
    assert "/sign-in/" in ours.post(f"{path}/people", name="Sok Dara").text
    assert "indicators.txt" in ours.post(f"{path}/tokens", name="Firewall of the bank").text
    (token,) = desk.all.tokens(desk.bank)
    for active in ("no", "yes"):
        assert ours.post(f"{path}/tokens/{token.user}/active", active=active).status_code == 303
    assert "Firewall of the bank" in ours.get(path).text
    assert "Firewall of the bank" not in ours.get("/people").text
    for archived in ("yes", "no"):
        assert ours.post(f"{path}/archive", archived=archived).status_code == 303
        assert bool(desk.all.get_constituent(desk.bank).archived_at) is (archived == "yes")
        assert ours.get(path).status_code == 200


def test_only_those_who_let_people_in_and_never_beyond_their_own(desk: Any) -> None:
    assert desk.visitor("", Role.LEAD).get("/constituents").status_code == 403
    low, path = desk.visitor("", Role.ADMINISTRATOR, clearance=TLP.GREEN), f"/constituents/{desk.bank}"
    desk.keep(desk.indicator("Amber thing", "[ipv4-addr:value = '203.0.113.9']"), tlp=TLP.AMBER)
    seen = low.get(path).text
    assert "Amber thing" not in seen and "cleared for more than you" in seen
    assert low.post(f"{path}/people", name="Sok Dara").status_code == 403
    assert "Amber thing" in desk.visitor("", Role.ADMINISTRATOR).get(path).text


def test_a_table_is_shown_before_it_is_taken(desk: Any) -> None:
    ours = desk.visitor("", Role.ADMINISTRATOR)
    table = "id,name,networks\nshop.example,Example Shop,192.0.2.0/24\nx,,\n"
    assert ours.get("/constituents/table").status_code == 200
    seen = ours.post("/constituents/table", files={"file": ("t.csv", table.encode())}).text
    assert "Example Shop" in seen and "Take 1 line in" in seen and len(desk.all.list_constituents()) == 2
    taken = ours.post("/constituents/table", table=table, take="yes")
    assert taken.status_code == 200 and "1 of 2" in taken.text and len(desk.all.list_constituents()) == 3
    assert ours.post("/constituents/table", table="nothing").status_code == 400
    assert ours.post("/constituents/table", files={"file": ("t.csv", b"\xff\xfe\x00")}).status_code == 400


def test_letters_and_wishes(desk: Any) -> None:
    ours, path = desk.visitor("", Role.ADMINISTRATOR), f"/constituents/{desk.bank}"
    desk.all.add_contact(desk.bank, "Sok Dara", "security@bank.example", by="test")
    assert ours.post(f"{path}/write").status_code == 303
    (letter,) = desk.all.letters(desk.bank)
    again = ours.post(f"{path}/letters", contact=letter.contact, period=letter.period)
    assert again.status_code == 409, "it waits already"
    desk.all.wish(desk.eyes(), "Please")
    (wish,) = desk.all.wishes(desk.bank)
    for done in ("yes", "no"):
        assert ours.post(f"{path}/wishes/{wish.id}", done=done).status_code == 303
        assert bool(desk.all.wishes(desk.bank)[0].settled_at) is (done == "yes")
    assert ours.post(f"{path}/wishes/x", done="yes").status_code == 404
