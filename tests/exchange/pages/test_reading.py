"""Reading an object: nothing misleads and nothing raises."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from kouprey.exchange.pages import reading
from kouprey.kernel.words.ids import stix_type

TEXTS = st.text(max_size=60) | st.text(alphabet="\u202e\u2066\u200b\u00ad\x00\x7f\n\tក្ aé", max_size=40)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)
NAMES = st.sampled_from([*reading.FACTS, *reading.TEXTS, "id", "x_other"])
OBJECTS = st.dictionaries(NAMES, JSON, max_size=8)


@given(TEXTS)
def test_what_misleads_is_written_as_its_code_point(text: str) -> None:
    shown = reading.plainly(text)
    assert reading.plainly(shown) == shown
    left = {char for char in shown if unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp")}
    assert left <= set("\n\t\u200b\u200c\u200d")
    if not any(unicodedata.category(char)[0] in "CZ" for char in text):
        assert shown == text


def test_khmer_and_new_lines_stay() -> None:
    text = "ព័ត៌មាន\u200bសន្តិសុខ\n\tbelow"
    assert reading.plainly(text) == text
    assert reading.plainly("exe.\u202egnp") == "exe.⟨U+202E⟩gnp"
    assert reading.visible("exe.\u202egnp") == "exe. gnp"


@given(OBJECTS)
def test_no_object_is_too_strange_to_be_read(value: dict[str, object]) -> None:
    facts = reading.facts_of(value)
    assert [fact.label for fact in facts] == [
        label for name, label in reading.FACTS.items() if name in value and reading.facts_of({name: value[name]})
    ]
    assert all(stix_type(each) for each in reading.references_in(facts))
    for text in (*reading.texts_of(value), *reading.values_of(value)):
        assert isinstance(text, str)


def test_values_are_what_could_be_blocked_and_not_names_of_hashes() -> None:
    pattern = (
        "[file:hashes.'SHA-256' = 'ab12' OR url:value = 'https://a.example/x' OR url:value = 'https://a.example/x']"
    )
    assert reading.values_of({"pattern": pattern}) == ["ab12", "https://a.example/x"]
    assert reading.values_of({"value": "198.51.100.7"}) == ["198.51.100.7"]
    assert reading.values_of({"pattern": ["no", "text"]}) == []


def test_harmless_values_make_no_links() -> None:
    assert reading.defanged("https://a.example/x?y=1") == "hxxps://a[.]example/x?y=1"
    assert reading.defanged("HTTP://a.example") == "HxxP://a[.]example"
    assert reading.defanged("editor@a.example") == "editor[@]a[.]example"


def test_a_relation_is_written_as_its_title_says_it() -> None:
    [fact] = reading.facts_of({"relationship_type": "attributed-to"})
    assert fact.value == "attributed to"


def test_words_of_the_standard_are_read_as_those_of_people() -> None:
    kinds = reading.facts_of({"indicator_types": ["malicious-activity", "our-own"], "identity_class": "organization"})
    assert [fact.value for fact in kinds] == [["Malicious", "our-own"], "An organisation"]
    assert reading.facts_of({"report_types": ["threat-report"]})[0].value == ["A threat in general"]
    assert reading.facts_of({"malware_types": ["downloader"], "identity_class": "ministry"})[0].value == ["downloader"]
    assert reading.facts_of({"relationship_type": "attributed-to"})[0].value == "attributed to"
