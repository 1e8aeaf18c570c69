"""Hosting: who is taken, what is theirs, who comes in, and that nobody is given more than somebody has."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.constituents.model import Constituent
from kouprey.constituents.service import read_networks, show_networks
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Damaged, Forbidden, Refused, Unknown
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role


def low(clearance: TLP = TLP.GREEN) -> Reader:
    return Reader(party="cert.example", clearance=clearance, local=True, name="psn_low")


def test_networks_as_they_are_typed() -> None:
    texts = ["203.0.113.7", "203.0.113.0/24", "2001:DB8::/32", "AS64500", "Bank.Example.", "@Mail.example", ""]
    found = read_networks(texts)
    assert {(each.kind, each.text) for each in found} == {
        ("ipv4-net", "203.0.113.7/32"),
        ("ipv4-net", "203.0.113.0/24"),
        ("ipv6-net", "2001:db8::/32"),
        ("as-number", "AS64500"),
        ("domain-name", "bank.example"),
        ("email-addr", "@mail.example"),
    }
    assert read_networks(show_networks(found).split("\n")) == found
    for wrong in ("0.0.0.0/0", "hello", "@", "http://bank.example/", "example", "10.0.0.0/33"):
        with pytest.raises(Damaged) as caught:
            read_networks([wrong])
        assert caught.value.remedy
    with pytest.raises(Damaged):
        read_networks(f"10.0.{n // 256}.{n % 256}" for n in range(501))


def test_an_id_is_taken_once_and_never_that_of_a_party(host: Any) -> None:
    for taken, code in ((host.bank, "constituent-taken"), ("cert.example", "is-a-party")):
        with pytest.raises(Refused) as caught:
            host.all.add(Constituent(id=taken, name="x"), by="test")
        assert caught.value.code == code
    for wrong in ("", "Bank.Example", "bank example", "a" * 300):
        with pytest.raises(Damaged):
            host.all.add(Constituent(id=wrong, name="x"), by="test")
    with pytest.raises(Damaged):
        host.all.add(Constituent(id="a.example", name="x", clearance=TLP.GREEN, content=TLP.AMBER), by="test")


def test_nobody_grants_more_than_they_have(host: Any) -> None:
    with pytest.raises(Forbidden):
        host.all.add(Constituent(id="a.example", name="A", clearance=TLP.AMBER), by="x", granter=low())
    for act in (
        lambda: host.all.invite(host.bank, "Somebody", by="x", granter=low()),
        lambda: host.all.add_token(host.bank, "SIEM", by="x", granter=low()),
        lambda: host.all.set_archived(host.bank, True, by="x", granter=low()),
    ):
        with pytest.raises(Forbidden):
            act()
    assert host.all.persons(host.bank) == [] and host.all.tokens(host.bank) == []


def test_its_people_are_readers_of_its_own_and_not_ours(host: Any) -> None:
    person, secret = host.all.invite(host.bank, "Sok Dara", by="test")
    cookie, _ = host.people.sign_in(secret)
    reader = host.people.reader_of(host.people.find_session(cookie).person)
    assert (reader.local, reader.party, reader.constituents, reader.beside) == (
        False,
        host.bank,
        (host.bank,),
        "cert.example",
    )
    assert person.roles == () and "Sok Dara" not in {each.name for each in host.people.list_persons()}
    with pytest.raises(Refused) as caught:
        host.people.save_person("Sok Dara", (Role.ADMINISTRATOR,), TLP.RED, by="test")
    assert caught.value.code == "of-a-constituent"
    with pytest.raises(Refused):
        host.all.invite(host.news, "Sok Dara", by="test")
    token, _ = host.all.add_token(host.bank, "SIEM", by="test")
    with pytest.raises(Refused) as caught:
        host.people.change_token(token.user, by="test", role=Role.ADMINISTRATOR)
    assert caught.value.code == "of-a-constituent" and token not in host.people.list_tokens("")


def test_another_clearance_counts_at_once_and_what_it_opens_is_news(host: Any) -> None:
    host.all.invite(host.bank, "Sok Dara", by="test")
    host.all.add_token(host.bank, "SIEM", by="test")
    host.change(clearance=TLP.GREEN, content=TLP.GREEN)
    assert {each.clearance for each in (*host.all.persons(host.bank), *host.all.tokens(host.bank))} == {TLP.GREEN}
    host.keep(host.indicator("stolen", "[ipv4-addr:value = '203.0.113.9']"), tlp=TLP.AMBER)
    assert host.inside() == []
    reached = host.all.get_constituent(host.bank).since
    host.change(clearance=TLP.AMBER)
    host.keep()
    assert host.inside(after=reached) == ["stolen"]


def test_archived_nobody_comes_in_and_restored_they_need_new_links(host: Any) -> None:
    _, secret = host.all.invite(host.bank, "Sok Dara", by="test")
    cookie, _ = host.people.sign_in(secret)
    token, key = host.all.add_token(host.bank, "SIEM", by="test")
    host.all.set_archived(host.bank, True, by="test")
    assert host.people.find_session(cookie) is None and host.people.find_token(f"Bearer {key}") is None
    for act in (
        lambda: host.all.invite(host.bank, "Sok Dara", by="test"),
        lambda: host.all.write_now(host.bank, by="test"),
        lambda: host.all.set_token_active(host.bank, token.user, True, by="test"),
    ):
        with pytest.raises(Refused):
            act()
    host.all.set_archived(host.bank, False, by="test")
    assert host.people.find_token(f"Bearer {key}") is None
    assert host.people.sign_in(host.all.invite(host.bank, "Sok Dara", by="test")[1])


def test_a_table_is_judged_before_it_is_taken(host: Any) -> None:
    table = (
        "id,name,language,clearance,networks,contacts\n"
        "shop.example,Example Shop,km,green,192.0.2.0/24 shop.example,Sok <s@shop.example>\n"
        "bank.example,Bank of Examples,en,green,203.0.113.0/25,\n"
        "cert.example,Ourselves,en,green,,\n"
        "wide.example,Wide,en,green,0.0.0.0/0,\n"
        "red.example,Red,en,red,,\n"
    )
    seen = host.all.read_table(table, granter=low())
    assert [(row.known, bool(row.wrong)) for row in seen] == [
        (False, False),
        (False, True),
        (False, True),
        (False, True),
        (False, True),
    ]
    assert len(host.all.list_constituents()) == 2
    taken = host.all.take_table(table, by="test")
    assert [bool(row.wrong) for row in taken] == [False, False, True, True, False]
    assert host.all.get_constituent(host.bank).name == "Bank of Examples"
    assert show_networks(host.all.networks(host.bank)) == "203.0.113.0/25"
    assert [each.address for each in host.all.contacts("shop.example")] == ["s@shop.example"]


def test_contacts_and_wishes(host: Any) -> None:
    made = host.all.add_contact(host.bank, "Sok Dara", "security@bank.example", by="test")
    again = host.all.add_contact(host.bank, "Sok Dara, desk 2", "security@bank.example", by="test")
    assert (again.id, again.name) == (made.id, "Sok Dara, desk 2")
    with pytest.raises(Damaged):
        host.all.add_contact(host.bank, "x", "no address", by="test")
    with pytest.raises(Unknown):
        host.all.remove_contact(host.news, made.id, by="test")
    host.all.remove_contact(host.bank, made.id, by="test")
    assert host.all.contacts(host.bank) == []
    host.all.wish(host.eyes(), "203.0.113.0/24 is not ours any more.")
    (wish,) = host.all.wishes(host.bank)
    assert host.all.counts()[1] == {host.bank: 1} and host.all.wishes(host.news) == []
    host.all.settle_wish(host.bank, wish.id, True, by="psn_1")
    assert host.all.wishes(host.bank)[0].settled_by == "psn_1" and host.all.counts()[1] == {}
    with pytest.raises(Unknown):
        host.all.settle_wish(host.news, wish.id, True, by="psn_1")
