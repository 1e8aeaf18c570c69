"""The terms of texts in many scripts, and the reading of what people type."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouprey.exchange.wire import terms
from kouprey.exchange.wire.terms import links_of, parted, read_query, terms_of, text_of

LETTERS = st.text(
    alphabet=st.sampled_from("aZ9é đ—…™ÅßİKការវថไทยลาວမြန်မာ攻撃한국\u200b\u00ad\"*-_.()^{}:+'\\\0\ud7ff😀ﬁ")
)


def found_in(text: str, typed: str) -> bool:
    """Whether every part of a query stands in a text, by the terms alone."""
    have = terms_of(text)
    for each in read_query(typed):
        n = len(each.terms)
        runs = (have[at : at + n] for at in range(len(have) - n + 1))
        if not any(
            run[:-1] == list(each.terms[:-1])
            and (run[-1].startswith(each.terms[-1]) if each.open_end else run[-1] == each.terms[-1])
            for run in runs
        ):
            return False
    return True


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("ការវាយប្រហារតាមអ៊ីនធឺណិតលើក្រសួង", "ប្រហារ"),
        ("ការវាយប្រហារ\u200bតាមអ៊ីនធឺណិត", "ប្រហារតាម"),
        ("มัลแวร์เรียกค่าไถ่โจมตีโรงพยาบาล", "เรียกค่าไถ่"),
        ("ไวรัสคอมพิวเตอร์ทำลายข้อมูล", "ทำลาย"),
        ("ການໂຈມຕີທາງໄຊເບີ", "ໂຈມຕີ"),
        ("ဆိုက်ဘာတိုက်ခိုက်မှု", "တိုက်ခိုက်"),
        ("针对政府的网络攻击活动", "攻击"),
        ("ランサムウェアによる被害", "ウェア"),
        ("사이버공격을", "공격"),
        ("Mã độc tống tiền", "ma doc"),
        ("Mã độc tống tiền", "TỐNG"),
        ("Spearphishing Attachment (T1566.001)", "t1566.001"),
        ("evil-domain.example/path", "evil-domain.example"),
        ("beacon to 192.0.2.17 over HTTPS", "192.0.2.17 https"),
        ("command and control", '"command and control"'),
        ("spearphishing", "spear*"),
        ("Mustang Panda", '"mustang pan"*'),
        ("STRASSE", "straße"),
        ("x AND y", "AND"),
    ],
)
def test_words_as_people_write_and_type_them(text: str, typed: str) -> None:
    assert read_query(typed)
    assert found_in(text, typed)


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("control and command", '"command and control"'),
        ("spearphishing", "spear"),
        ("10.192.0.2", "192.0.2.17"),
        ("มัลแวร์", "ไวรัส"),
        ("ការវាយ", "ប្រហារ"),
        ("alpha", "alpha beta"),
    ],
)
def test_what_is_not_there(text: str, typed: str) -> None:
    assert not found_in(text, typed)


@pytest.mark.parametrize("typed", ["", " ", '"', "***", "—", '""*', "()", "\u200b", "-- ;"])
def test_nothing_to_look_for(typed: str) -> None:
    assert read_query(typed) == ()


@given(LETTERS | st.text())
@settings(max_examples=300, deadline=None)
def test_both_ways_of_writing_a_text_give_the_same_terms(text: str) -> None:
    made = terms_of(text)
    # As SQLite's "ascii" tokenizer cuts and folds.
    assert re.findall(r"(?:[a-z0-9]|[^\x00-\x7f])+", re.sub("[A-Z]", lambda m: m[0].lower(), parted(text))) == made
    assert all(re.fullmatch(r"[^\s'\"\\:&|!<>()*\0]+", term) for term in made)


@given(LETTERS | st.text(max_size=3000))
@settings(max_examples=300, deadline=None)
def test_queries_are_bounded_and_made_of_terms(typed: str) -> None:
    wanted = read_query(typed)
    assert len(wanted) <= terms.MOST_WORDS and sum(len(each.terms) for each in wanted) <= terms.MOST_PARTS
    assert all(re.fullmatch(r"[^\s'\"\\:&|!<>()*\0]+", term) for each in wanted for term in each.terms)


@given(LETTERS)
@settings(max_examples=200, deadline=None)
def test_a_text_is_found_by_itself_as_a_phrase(text: str) -> None:
    quoted = '"' + text.replace('"', " ").replace("*", " ") + '"'
    assert found_in(text.replace('"', " ").replace("*", " "), quoted)


def test_long_texts_are_cut_alike() -> None:
    long = "a" * 1000 + " b " + "c" * 399
    assert parted(long).split() == terms_of(long) == ["a" * terms.LONGEST_TERM, "b", "c" * 399]
    assert len(terms_of("x " * 50_000)) == terms.MOST_TERMS == len(parted("x " * 50_000).split())
    assert len(text_of({"description": "y" * 200_000})) == terms.LONGEST_TEXT


def test_what_of_an_object_is_searched_and_what_it_refers_to() -> None:
    one, two, three = (f"malware--0000000{n}-0000-4000-8000-000000000000" for n in (1, 2, 3))
    value: dict[str, Any] = {
        "type": "relationship",
        "relationship_type": "uses",
        "source_ref": one,
        "target_ref": two,
        "created_by_ref": three,
        "object_marking_refs": [three],
        "x_refs": [three, 7, "rubbish", [one]],
        "labels": ["one", 2, {"three": 3}],
        "external_references": [{"external_id": "T1059"}, "rubbish", {"external_id": 4}],
        "hashes": {"MD5": "d41d8cd9", "x": 1},
        "number": 64500,
        "name": ["no text"],
    }
    assert text_of(value) == "uses one T1059 d41d8cd9 AS64500"
    assert set(links_of(value)) == {(one, 1, "uses"), (two, 2, "uses"), (three, 0, "x_refs")}
