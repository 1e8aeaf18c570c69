"""An agreement on paper: both languages, every clause and text, and nothing that a name could spoil."""

from __future__ import annotations

import msgspec
import pytest

from kouprey.agreements.model import CLAUSES, Document, PartyInDocument, State, Terms, Version
from kouprey.agreements.pages import printing
from kouprey.agreements.wire import render_document
from kouprey.kernel.web.language import current, load_languages

LANGUAGES = load_languages(["kouprey.kernel.web", "kouprey.agreements"])
PARTIES = (
    PartyInDocument(id="a.example", name="First #panic() <Party>", root="a", contacts=("Desk $x$ ]",)),
    PartyInDocument(id="b.example", name="Second", root="b", members=("c.example",)),
)
DOCUMENT = Document(
    v=1,
    title="Exchange #read(1)",
    parties=PARTIES,
    terms=Terms(starts="2026-12-01T00:00:00Z"),
    text={"en": "One.\n\nTwo = *b*", "km": "មួយ។", "xx": "?"},
)
RAW = render_document(DOCUMENT)
VERSION = Version(
    agreement="agr_1",
    number=2,
    previous=b"",
    document_bytes=RAW,
    document=DOCUMENT,
    note=b"the text\n\nlines\n",
    note_sha256=b"1",
    in_force_from=0,
    signers=("a.example",),
    proposed_by="a.example",
    at=0,
)
WORDS = {"a.example": ["amber", "forest"]}


@pytest.mark.parametrize("code", ["en", "km"])
def test_any_version_is_printed_the_same_each_time(code: str) -> None:
    before = current()
    made = printing.print_version(LANGUAGES[code], VERSION, State.PROPOSED, WORDS)
    assert made.startswith(b"%PDF-")
    assert made == printing.print_version(LANGUAGES[code], VERSION, State.PROPOSED, WORDS)
    assert current() is before


def test_everything_that_is_signed_stands_on_it() -> None:
    told = printing.describe(VERSION, State.PROPOSED, WORDS)
    text = msgspec.json.encode(told).decode()
    numbers = [clause["number"] for group in told["groups"] for clause in group["clauses"]]  # type: ignore[attr-defined]  # values of a paper are plain objects
    assert sorted(numbers, key=int) == sorted(CLAUSES.values(), key=int)
    for part in ("amber forest", "Desk $x$ ]", "c.example", "Two = *b*", "មួយ។", "the text", "not signed", "xx"):
        assert part in text, part
    assert "<time" not in text and "lines\\n" not in text
