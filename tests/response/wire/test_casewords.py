"""Times as people write them, and items from the fields of a form."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.time import SECOND
from kouprey.response.model.cases import Fact, Link, Moment, Precision, Seen, Sort, Task, TaskState
from kouprey.response.rules.items import sort_of
from kouprey.response.wire.casewords import offset_text, read_body, read_moment, show_moment, write_moment


def test_a_time_keeps_its_offset_and_how_exactly_it_is_known() -> None:
    found = read_moment("2026-11-27 23:50", "+07:00")
    assert found == Moment(read_moment("2026-11-27T16:50:00Z").at, 420, Precision.MINUTE)
    assert write_moment(found) == "2026-11-27T23:50:00+07:00" and offset_text(found) == "+07:00"
    assert show_moment(found) == "2026-11-27 23:50:00 UTC+07:00"
    assert show_moment(Moment(found.at)) == "2026-11-27 16:50:00 UTC"
    assert read_moment("2026-11-27", "+07:00").precision is Precision.DAY
    assert read_moment("2026-11-27 23:50:01").precision is Precision.SECOND
    assert read_moment("2026-11-27 23:50", "+07:00", "hour").precision is Precision.HOUR
    assert read_moment("2026-11-27T23:50:00.25-05:00").offset == -300


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01", "2026-11-27 25:00", "27.11.2026", "2026-11-27T23"])
def test_what_is_no_time_is_refused_with_how_to_write_it(text: str) -> None:
    with pytest.raises(Damaged) as caught:
        read_moment(text, "+07:00")
    assert caught.value.code == "bad-time" and "2026-11-27 23:50" in caught.value.remedy


@given(st.integers(0, 4 * 10**9), st.integers(-840, 840))
def test_a_time_comes_back_as_it_was(seconds: int, offset: int) -> None:
    moment = Moment(seconds * SECOND, offset, Precision.SECOND)
    assert read_moment(write_moment(moment)) == moment


@given(st.text(max_size=40), st.text(max_size=10), st.text(max_size=10))
def test_no_text_breaks_the_reader(text: str, offset: str, precision: str) -> None:
    try:
        found = read_moment(text, offset, precision)
    except Damaged as error:
        assert error.code in ("bad-time", "bad-field")
    else:
        assert read_moment(write_moment(found)).at == found.at // SECOND * SECOND


@given(
    st.sampled_from(Sort),
    st.dictionaries(
        st.sampled_from(["title", "text", "due", "offset", "state", "after", "at", "precision", "kind", "to", "ref"]),
        st.text(max_size=30),
    ),
)
def test_no_form_breaks_the_reader(sort: Sort, fields: dict[str, str]) -> None:
    try:
        body = read_body(sort, fields)
    except Damaged as error:
        assert error.code in ("bad-item", "bad-field", "bad-time")
    else:
        assert sort_of(body) is sort


def test_each_sort_takes_its_fields() -> None:
    task = read_body(Sort.TASK, {"title": " Call ", "due": "2026-11-28 09:00", "offset": "+07:00", "after": "a b"})
    assert isinstance(task, Task) and task.title == "Call" and task.after == ("a", "b")
    assert task.due == read_moment("2026-11-28T02:00:00Z").at and task.state is TaskState.OPEN
    fact = read_body(Sort.FACT, {"text": "It changed.", "at": "2026-11-27", "technique": "T1491.002"})
    assert isinstance(fact, Fact) and fact.technique == "T1491.002"
    assert read_body(Sort.OBSERVABLE, {"text": "203.0.113.7"}) == Seen(kind="", text="203.0.113.7")
    link = read_body(Sort.LINK, {"to": "ticket", "ref": "RT-7", "changed": "yes"})
    assert isinstance(link, Link) and link.changed
    for sort, given_, code in [
        (Sort.ACT, {}, "bad-item"),
        (Sort.EVIDENCE, {}, "bad-item"),
        (Sort.TASK, {"title": "x", "state": "sleeping"}, "bad-field"),
        (Sort.LINK, {"to": "moon", "ref": "x"}, "bad-field"),
        (Sort.FACT, {"text": "x"}, "bad-time"),
    ]:
        with pytest.raises(Damaged) as caught:
            read_body(sort, given_)
        assert caught.value.code == code
