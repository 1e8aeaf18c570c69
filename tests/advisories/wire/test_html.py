"""Public pages as functions of statements: addresses of a node or of files, and nothing that could be run."""

from __future__ import annotations

import msgspec

from advisories.conftest import content
from advisories.wire.test_feeds import published
from kouprey.advisories.model import Chain, Claim, Kind, Words
from kouprey.advisories.wire.html import Links, check_page, list_page, statement_page, trouble_page

NODE, FILES = Links(style="/s.css", base="/statements", check="/check"), Links(style="s.css")


def test_addresses_are_those_of_a_node_or_of_files() -> None:
    each = published()
    node, file = (statement_page(each, "km", links, address="https://cert.example/s/x") for links in (NODE, FILES))
    assert f"/statements/{each.id}/cap.xml" in node and f'href="{each.id}.cap.xml"' in file
    assert f"/statements/{each.id}/card.pdf?lang=km" in node and "card.pdf" not in file
    assert f'href="signed/{each.id}.json"' in file and f'href="{each.id}.km.txt"' in file
    assert 'href="index.km.html"' in file and '"/check' not in file


def test_words_are_never_markup_and_other_languages_keep_theirs() -> None:
    said = content(languages={"th": Words(title="<b>x", body="</p><script>alert(1)</script>")})
    each = published()
    nasty = msgspec.structs.replace(each, statement=msgspec.structs.replace(each.statement, content=said))
    text = statement_page(nasty, "en", NODE, address="https://cert.example/s/x")
    assert "<b>x" not in text and "<script>alert" not in text and "&lt;b&gt;x" in text and 'lang="th"' in text


def test_a_verdict_stands_beside_the_claim_that_it_is_of() -> None:
    each = published()
    listed = list_page([each], Chain(publisher="cert.example", name="CERT", links=()), "en", NODE)
    row = listed[listed.index("<h2 lang=") :]
    title, claimed = row[: row.index("</h2>")], row[row.index('class="claimed"') :]
    assert "FALSE" not in title and "FALSE" in claimed
    assert claimed.index(f"<q>{each.content.claims[0].text}</q>") < claimed.index("FALSE")
    long = content(claims=(Claim(text="word " * 100), Claim(text="another")))
    wide = msgspec.structs.replace(each, statement=msgspec.structs.replace(each.statement, content=long))
    listed = list_page([wide], Chain(publisher="cert.example", name="CERT", links=()), "en", NODE)
    assert "word…</q>" in listed and "and 1 more claim" in listed
    silent = content(verdict=None, claims=(), kind=Kind.SERVICE_NOTICE)
    told = msgspec.structs.replace(each, statement=msgspec.structs.replace(each.statement, content=silent))
    listed = list_page([told], Chain(publisher="cert.example", name="CERT", links=()), "en", NODE)
    assert 'class="claimed"' not in listed


def test_the_head_says_whose_site_it_is() -> None:
    branded = msgspec.structs.replace(NODE, brand="Ministry <of> news")
    assert "Ministry &lt;of&gt; news" in check_page(None, "en", branded, asked="")
    assert 'class="brand"' not in check_page(None, "en", NODE, asked="")


def test_a_broken_chain_and_a_later_statement_are_said_aloud() -> None:
    later = msgspec.structs.replace(published(), followed=("XX-CERT-2026-0002",), withdrawn=True)
    chain = Chain(publisher="cert.example", name="CERT", links=(), broken=3)
    listed = list_page([later], chain, "en", NODE, host="Mirror", others=[("Other", "/o")])
    assert (
        "does not hold from number 3 on" in listed and "withdrawn" in listed and "This is a copy at Mirror." in listed
    )
    page = statement_page(later, "en", NODE, address="https://cert.example/s/x")
    assert "This statement was withdrawn." in page and "ld+json" not in page
    assert "Something" in trouble_page("Something", "because", "km", NODE)
    assert 'class="answer' not in check_page(None, "en", NODE, asked="")
