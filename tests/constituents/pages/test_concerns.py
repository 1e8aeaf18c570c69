"""What somebody of a constituent meets: its own pages, and no others."""

from __future__ import annotations

from typing import Any

from kouprey.constituents.pages import concerns
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role

assert concerns


def test_whatever_leads_to_the_first_page_leads_to_what_concerns_them(desk: Any) -> None:
    visitor = desk.visitor(desk.bank)
    answer = visitor.get("/")
    assert (answer.status_code, answer.headers["location"]) == (303, "/yours")
    text = visitor.get("/yours").text
    assert "Nothing is said of your networks" in text and 'href="/intelligence' not in text


def test_other_pages_are_not_for_them_and_theirs_not_for_others(desk: Any) -> None:
    visitor = desk.visitor(desk.bank)
    for path in ("/intelligence", "/partners", "/agreements", "/people", "/constituents", "/audit", "/settings"):
        assert visitor.get(path).status_code == 403, path
    for path in ("/me", "/keys", "/yours", "/yours/threats", "/yours/search", "/yours/own"):
        assert visitor.get(path).status_code == 200, path
    ours = desk.visitor("", Role.ADMINISTRATOR)
    assert ours.get("/yours").status_code == 403 and ours.get("/yours/own").status_code == 403


def test_it_says_what_what_to_do_and_from_whom_as_far_as_it_may(desk: Any) -> None:
    ca = desk.made("course-of-action", "Clean it", description="Take it off the network first.")
    hit = desk.indicator("Beacon", "[ipv4-addr:value = '203.0.113.9']", description="It calls every ten minutes.")
    link = {"relationship_type": "mitigates", "source_ref": ca["id"], "target_ref": hit["id"]}
    relation = desk.made("relationship", "r", **link)
    relation.pop("name")
    desk.keep(ca, hit, relation)
    desk.keep(desk.indicator("Secret", "[ipv4-addr:value = '203.0.113.10']"), tlp=TLP.RED)
    visitor = desk.visitor(desk.bank)
    listed = visitor.get("/yours").text
    assert "Beacon" in listed and "203.0.113.9" in listed and "An address of yours is named" in listed
    assert "Secret" not in listed and "test.json" not in listed and "cert.example" in listed
    one = visitor.get(f"/yours/{hit['id']}").text
    assert "Take it off the network first." in one and "It calls every ten minutes." in one
    assert visitor.get(f"/yours/{desk.id_of('indicator', 'Secret')}").status_code == 404


def test_it_is_told_in_their_language_with_names_and_days(desk: Any) -> None:
    hit = desk.indicator("Beacon", "[ipv4-addr:value = '203.0.113.9']", valid_until="2030-12-01T00:00:00Z")
    desk.keep(hit)
    visitor = desk.visitor(desk.bank)
    home = desk.people.get_party(desk.people.home_id).name
    for path in ("/yours", "/yours/threats", "/yours/search?q=203.0.113.9", f"/yours/{hit['id']}"):
        assert home in visitor.get(path).text.partition("<main")[2], path
    one = visitor.get(f"/yours/{hit['id']}").text
    assert "2030-12-01 00:00:00 UTC" in one and "may go to those we host" in one
    khmer = visitor.client.get(f"/yours/{hit['id']}", headers={"Accept-Language": "km"}).text
    assert 'lang="km"' in khmer and "may go to those we host" not in khmer


def test_threats_and_a_value(desk: Any) -> None:
    desk.keep(desk.indicator("Wick server", "[domain-name:value = 'cdn-wick.example']"))
    visitor = desk.visitor(desk.bank)
    assert "cdn-wick.example" in visitor.get("/yours/threats").text
    assert "Wick server" in visitor.get("/yours/search?q=CDN-wick[.]example").text
    assert "Nothing that you may see names it" in visitor.get("/yours/search?q=other.example").text
    assert visitor.get("/yours?before=x").status_code == 200


def test_nobody_is_told_to_block_what_is_theirs(desk: Any) -> None:
    desk.keep(desk.indicator("Beacon", "[ipv4-addr:value = '203.0.113.9']"))
    desk.keep(desk.indicator("Wick server", "[ipv4-addr:value = '192.0.2.9']"))
    visitor = desk.visitor(desk.bank)
    for path in ("/yours/search?q=203.0.113.9", "/yours/threats"):
        assert "An address of yours is named" in visitor.get(path).text, path
    assert "block it" not in visitor.get("/yours/search?q=203.0.113.9").text
    assert "block it" in visitor.get("/yours/search?q=192.0.2.9").text
    assert visitor.get("/yours/threats").text.count("block it") == 1


def test_feedback_and_a_wish(desk: Any) -> None:
    hit = desk.indicator("Beacon", "[ipv4-addr:value = '203.0.113.9']")
    desk.keep(hit)
    visitor = desk.visitor(desk.bank)
    answer = visitor.post(f"/yours/{hit['id']}", word="fixed", note="The proxy.")
    assert answer.status_code == 303
    assert "We have fixed it" in visitor.get("/yours").text
    assert visitor.post(f"/yours/{hit['id']}", word="nonsense").status_code == 400
    assert visitor.post("/yours/own", text=" ").status_code == 400
    assert visitor.post("/yours/own", text="Add 192.0.2.0/24").status_code == 303
    assert "Add 192.0.2.0/24" in visitor.get("/yours/own").text
    ours = desk.visitor("", Role.ADMINISTRATOR).get(f"/constituents/{desk.bank}").text
    assert "The proxy." in ours and "Add 192.0.2.0/24" in ours


def test_nobody_is_told_to_block_what_no_shield_would_list(desk: Any) -> None:
    harmful = {
        "[ipv4-addr:value = '0.0.0.0/0']": "0.0.0.0/0",
        "[ipv4-addr:value = '8.8.8.8']": "8.8.8.8",
        "[ipv4-addr:value = '10.20.0.53']": "10.20.0.53",
        "[domain-name:value = 'com']": "",
        "[domain-name:value = 'github.com']": "github.com",
    }
    for number, pattern in enumerate(harmful):
        desk.keep(desk.indicator(f"Poison {number}", pattern))
    visitor = desk.visitor(desk.bank)
    page = visitor.get("/yours/threats").text
    assert "block it." not in page and page.count("do not block it") == len(harmful)
    for text in filter(None, harmful.values()):
        found = visitor.get(f"/yours/search?q={text}").text
        assert "do not block it" in found and "block it." not in found, text
    desk.keep(desk.indicator("Wick server", "[ipv4-addr:value = '192.0.2.9']"))
    assert "block it." in visitor.get("/yours/threats").text


def test_a_network_that_holds_half_the_internet_is_no_place_to_lie_in(desk: Any) -> None:
    desk.keep(desk.indicator("Everything", "[ipv4-addr:value = '0.0.0.0/0']"))
    desk.keep(desk.indicator("A block", "[ipv4-addr:value = '198.51.100.0/24']"))
    found = desk.visitor(desk.bank).get("/yours/search?q=198.51.100.7").text
    assert "198.51.100.0/24" in found and "0.0.0.0/0" not in found
