"""Memoranda to begin with: each makes a document that can be signed; a file is read or refused in words."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouprey.agreements.model import Document, PartyInDocument, Quotas, Terms
from kouprey.agreements.wire import parse_document, render_document
from kouprey.agreements.wire.memorandum import ORDER, Memorandum, get_template, parse_memorandum
from kouprey.kernel.seal.keys import SigningKey
from kouprey.kernel.words.errors import Damaged, Unknown

PARTIES = tuple(
    PartyInDocument(id=party, root=SigningKey.generate().vkey(f"{party}/root")) for party in ("a.example", "b.example")
)
many = settings(max_examples=150, deadline=None)


@pytest.mark.parametrize("name", ORDER)
def test_each_template_can_be_signed_and_speaks_both_languages(name: str) -> None:
    made = get_template(name)
    assert {*made.title} == {*made.about} == {*made.text} == {"en", "km"} and made.days > 0
    terms = msgspec.structs.replace(made.terms, starts="2026-12-01T00:00:00Z")
    for title in made.title.values():
        document = Document(v=1, title=title, parties=PARTIES, terms=terms, text=made.text)
        assert parse_document(render_document(document)) == document


def test_toml_and_json_say_the_same() -> None:
    toml = b'days = 3\n[title]\nen = "T"\n[terms]\ntlp_ceiling = "green"\nquotas = { entries_day = 5 }\n'
    json = b'{"days": 3, "title": {"en": "T"}, "terms": {"tlp_ceiling": "green", "quotas": {"entries_day": 5}}}'
    wanted = Memorandum(days=3, title={"en": "T"}, terms=Terms(tlp_ceiling="green", quotas=Quotas(entries_day=5)))
    assert parse_memorandum(toml) == parse_memorandum(json) == wanted


@many
@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_bytes_are_more_than_damaged(raw: bytes) -> None:
    for each in (raw, b"[terms]\n" + raw, b"{" + raw):
        try:
            assert isinstance(parse_memorandum(each), Memorandum)
        except Damaged:
            continue


@pytest.mark.parametrize(
    "raw", [b"terms = 3", b"unknown = 1", b"[terms]\nnone = 1", b"a" * (1 << 20) + b"a", b"x = " + b"[" * 5000]
)
def test_what_is_no_memorandum(raw: bytes) -> None:
    with pytest.raises(Damaged):
        parse_memorandum(raw)


def test_no_such_template() -> None:
    with pytest.raises(Unknown):
        get_template("../secret")
