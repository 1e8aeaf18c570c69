"""The file of a template: what is written is read again, and no bytes make anything else than a clear error."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouprey.kernel.words.errors import Damaged, KoupreyError
from kouprey.kernel.words.tlp import PAP, TLP
from kouprey.response.model.calls import Call
from kouprey.response.model.cases import Track
from kouprey.response.model.casetemplates import Template, TemplateTask
from kouprey.response.wire.casetemplates import LARGEST, read_template, write_template

TEXT = st.text(st.characters(exclude_categories=["C"]), max_size=40)
CALL = Call(
    method="POST",
    url="https://a.example/x",
    headers=(("X-A", "b"),),
    content="c",
    secret="k",
    third=True,
    outs=("__ticket__",),
)
MADE = Template(
    id="",
    name="A page is defaced",
    tlp=TLP.AMBER,
    pap=PAP.GREEN,
    tasks=(
        TemplateTask(track=Track.TECHNICAL, title="One", calls=(CALL,)),
        TemplateTask(track=Track.LEGAL, title="Two", after=(0,), under=0, due_s=60),
    ),
)


@given(
    TEXT.filter(str.strip), TEXT, st.sampled_from(TLP), st.lists(st.tuples(st.sampled_from(Track), TEXT), max_size=4)
)
@settings(max_examples=60, deadline=None)
def test_what_is_written_is_read_again(name: str, words: str, tlp: TLP, tasks: list[tuple[Track, str]]) -> None:
    made = Template(
        id="",
        name=name,
        summary=words,
        description=words,
        tlp=tlp,
        tasks=tuple(
            TemplateTask(track=track, title=title or "x", after=tuple(range(place)), under=place - 1 if place else None)
            for place, (track, title) in enumerate(tasks)
        ),
    )
    assert read_template(write_template(made)) == made


def test_requests_come_along_and_are_judged_anew() -> None:
    assert read_template(write_template(MADE)) == MADE
    bad = msgspec.structs.replace(CALL, headers=(("Authorization", "Bearer abc"),))
    task = msgspec.structs.replace(MADE.tasks[0], calls=(bad,))
    taken = read_template(write_template(msgspec.structs.replace(MADE, tasks=(task,))))
    assert "password" in taken.tasks[0].calls[0].barred
    two = msgspec.structs.replace(task, calls=(msgspec.structs.replace(CALL, headers=(("X-A", "b\r\nX-B: c"),)),))
    read = read_template(write_template(msgspec.structs.replace(MADE, tasks=(two,))))
    assert "more than one line" in read.tasks[0].calls[0].barred


def change(path: list[Any], value: Any) -> bytes:
    whole = json.loads(write_template(MADE))
    at = whole
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    return json.dumps(whole).encode()


@pytest.mark.parametrize(
    ("path", "value", "where"),
    [
        (["type"], "other", "type"),
        (["name"], "", "name"),
        (["tlp"], "purple", "purple"),
        (["tasks", 0, "track"], "none", "track"),
        (["tasks", 0, "title"], "x" * 201, "title"),
        (["tasks", 1, "after"], [2], "after"),
        (["tasks", 1, "after"], [1], "after"),
        (["tasks", 0, "under"], 1, "under"),
        (["tasks", 1, "due_s"], -1, "due_s"),
        (["kind"], "party", "kind"),
    ],
)
def test_what_is_wrong_is_named(path: list[Any], value: Any, where: str) -> None:
    with pytest.raises(Damaged) as caught:
        read_template(change(path, value))
    assert where in caught.value.why and caught.value.code == "bad-template"


@given(
    st.binary(max_size=60)
    | st.recursive(
        st.none() | st.integers() | TEXT, lambda x: st.lists(x) | st.dictionaries(TEXT, x), max_leaves=10
    ).map(lambda x: json.dumps(x).encode())
)
@settings(max_examples=150, deadline=None)
def test_no_bytes_make_anything_but_a_clear_error(raw: bytes) -> None:
    with pytest.raises(KoupreyError) as caught:
        read_template(raw)
    assert caught.value.what and caught.value.code


def test_more_than_a_file_may_have_is_refused() -> None:
    with pytest.raises(KoupreyError, match="too large"):
        read_template(b" " * (LARGEST + 1))
