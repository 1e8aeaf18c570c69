"""Forms and contents say the same."""

from __future__ import annotations

import msgspec
import pytest

from advisories.conftest import content
from kouprey.advisories.model import Claim, Media, Rumour, Words
from kouprey.advisories.pages import forms
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.time import parse_instant


def test_a_draft_goes_through_the_form_and_back() -> None:
    until = parse_instant("2026-12-31T17:00:00Z")
    said = content(
        valid_until=until,
        claims=(Claim(text="a", urls=("https://a.example/",), media=(Media(sha256="ab" * 32, note="n"),)),),
        languages={"en": Words(title="t", body="b"), "th": Words(title="x", body="y")},
        replaces=("XX-A-2026-0001",),
        cancels=True,
        exercise="Mekong",
    )
    # Languages that the form has no fields for stay.
    assert forms.content_of(forms.filled(said), said) == said


def test_a_rumour_begins_an_answer() -> None:
    heard = Rumour(id="r", text="words", url="https://a.example", media="", heard_from="", came_at=1, taken_by="p")
    given = forms.empty([heard])
    assert given.fields["kind"] == "rumour_response" and given.claims == (forms.Row("words", "https://a.example", ""),)
    assert forms.empty().claims == (forms.Row(),)


@pytest.mark.parametrize("until", ["soon", "2026-13-01", "2026-12-31 25:00", "31.12.2026"])
def test_times_are_refused_in_words(until: str) -> None:
    given = forms.filled(content())
    with pytest.raises(Damaged) as caught:
        forms.content_of(msgspec.structs.replace(given, fields=given.fields | {"until": until}))
    assert caught.value.code == "bad-field"
