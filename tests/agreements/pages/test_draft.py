"""The draft form: what it accepts makes a document that can be signed, everything else is said at its field."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from starlette.datastructures import FormData

from kouprey.agreements.model import Document, PartyInDocument
from kouprey.agreements.pages import draft as drafts
from kouprey.agreements.wire import parse_document, render_document
from kouprey.kernel.seal.keys import SigningKey
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.time import format_second

GOOD = {
    "title": "A title",
    "tlp_ceiling": "amber",
    "onward": "none",
    "retention_days": "730",
    "erasure_days": "30",
    "starts": "2026-11-22",
    "ends": "2028-11-21",
    "text_en": "First.\r\n\r\nSecond.",
}
LISTS = [("parties", "b.example"), ("types", "intelligence"), ("purposes", "protection")]
ROOTS = {party: SigningKey.generate().vkey(f"{party}/root") for party in ("a.example", "b.example")}


def read(changed: dict[str, str], lists: list[tuple[str, str]] = LISTS) -> drafts.Draft:
    request = Request({"type": "http"})
    request.fields = FormData([*{**GOOD, **changed}.items(), *lists])
    return drafts.read(request, ["b.example", "c.example"])


def document(form: drafts.Draft) -> Document:
    return Document(
        v=1,
        title=form.title,
        parties=tuple(PartyInDocument(id=party, name=party, root=root) for party, root in ROOTS.items()),
        terms=msgspec.structs.replace(form.terms, starts=format_second(form.begin), ends=form.end),
        text=form.texts,
    )


def test_a_good_form_is_read() -> None:
    form = read({})
    assert form.errors == {} and form.parties == ("b.example",)
    assert format_second(form.begin) == "2026-11-22T00:00:00Z"
    assert form.end == "2028-11-22T00:00:00Z", "the last day belongs to it"
    assert form.texts == {"en": "First.\n\nSecond."}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("title", "x" * 201),
        ("title", "two\nlines"),
        ("tlp_ceiling", "purple"),
        ("onward", "everybody"),
        ("retention_days", "0"),
        ("retention_days", "-1"),
        ("retention_days", "٣"),
        ("retention_days", "1e3"),
        ("erasure_days", "99999"),
        ("starts", ""),
        ("starts", "22.11.2026"),
        ("starts", "2026-02-30"),
        ("starts", "0001-01-01"),
        ("ends", "9999-12-31"),
        ("ends", "2026-11-21"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(field: str, value: str) -> None:
    assert list(read({field: value}).errors) == [field]


@pytest.mark.parametrize("left", ["parties", "types", "purposes"])
def test_lists_may_not_be_empty(left: str) -> None:
    assert list(read({}, [pair for pair in LISTS if pair[0] != left]).errors) == [left]


def test_words_and_parties_nobody_offered_are_not_taken() -> None:
    form = read({}, [*LISTS, ("parties", "evil.example"), ("types", "everything")])
    assert form.parties == ("b.example",) and form.types == ("intelligence",)


@settings(deadline=None)
@given(
    st.dictionaries(st.sampled_from([*GOOD]), st.text(max_size=12) | st.from_regex(r"\d{1,4}-\d\d-\d\d"), max_size=3)
)
@example({"text_en": "First.\0"})
def test_whatever_is_accepted_can_be_signed(changed: dict[str, Any]) -> None:
    try:
        form = read(changed)
    except Damaged:
        # U+0000, which is refused before a form is looked at.
        assert any("\0" in text for text in changed.values())
        return
    if not form.errors:
        parse_document(render_document(document(form)))


def test_the_fresh_form_needs_only_a_title_and_a_party() -> None:
    form = drafts.fresh(1_795_000_000_000_000)
    drafts._judge(form)
    assert sorted(form.errors) == ["parties", "title"]
