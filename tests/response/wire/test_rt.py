"""What RT's REST 2.0 answers is read, or refused; whatever it says, nothing else comes of it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.kernel.words.errors import Damaged
from kouprey.response.model.tickets import Desk
from kouprey.response.wire.rt import (
    address,
    headers,
    history,
    new_comment,
    new_ticket,
    read_error,
    read_found,
    read_history,
    read_made,
    read_seen,
    search,
)

DESK = Desk(url="https://rt.example", token="1-14-secret", queue="Incident Reports")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
SHAPED = st.fixed_dictionaries(
    {},
    optional={"id": JSON, "Status": JSON, "LastUpdated": JSON, "items": JSON | st.lists(JSON), "message": JSON},
)


@given(st.binary(max_size=100) | (JSON | SHAPED).map(lambda value: json.dumps(value).encode()))
def test_any_answer_is_read_or_refused(raw: bytes) -> None:
    for read in (read_made, read_seen, read_history, lambda given: read_found(given, "kpy-")):
        try:
            read(raw)  # type: ignore[operator]  # each takes bytes
        except Damaged as error:
            assert error.code == "bad-answer"
    assert read_error(500, raw).startswith("It answered 500")


def test_the_documented_answers() -> None:
    assert read_made(b'{"_url":"x","type":"ticket","id":"20"}') == "20"
    seen = read_seen(b'{"id":20,"Status":"open","LastUpdated":"2026-11-20T00:00:00Z"}')
    assert (seen.ticket, seen.status, seen.updated) == ("20", "open", "2026-11-20T00:00:00Z")
    items = [
        {"id": "5", "type": "transaction", "Type": "Status", "Field": "Status", "OldValue": "new", "NewValue": "open"},
        {"id": "6", "type": "transaction", "Type": "Set", "Field": "Subject", "OldValue": "a", "NewValue": "b"},
        {"id": "7", "type": "transaction", "Type": "Comment", "Data": "kpy-x"},
    ]
    found, more = read_history(json.dumps({"items": items, "next_page": "x"}).encode())
    assert more and [(each.id, each.kind, each.after) for each in found] == [
        (5, "Status", "open"),
        (6, "Set", ""),
        (7, "Comment", ""),
    ]
    assert read_found(b'{"items":[{"id":"9","Subject":"a (kpy-1)"}]}', "kpy-1") == "9"
    assert read_found(b'{"items":[]}', "kpy-1") == ""
    assert read_error(404, b'{"message":"Not Found"}') == "It answered 404: Not Found."


def test_what_is_said_bears_no_words_of_a_case() -> None:
    made = json.loads(new_ticket(DESK, party="cert.example", number=12, phase="reported", title="", mark="kpy-1"))
    assert made["Queue"] == "Incident Reports" and made["Subject"] == "[cert.example #12] Case (kpy-1)"
    assert made["Content"] == "Case 12 at cert.example is now: reported."
    comment = json.loads(new_comment(party="cert.example", number=12, phase="contained", mark="kpy-2"))
    assert comment["Subject"] == "kpy-2" and comment["ContentType"] == "text/plain"
    assert headers(DESK)["authorization"] == "token 1-14-secret"
    path, query = search(DESK, "kpy-1")
    assert "Queue%20%3D%20%27Incident%20Reports%27" in address(DESK, path, **query)
    assert address(DESK, *[history("20", 2)[0]]) == "https://rt.example/REST/2.0/ticket/20/history"


def test_numbers_that_are_none() -> None:
    for wrong in (
        b'{"id":"0"}',
        b'{"id":"1e3"}',
        b'{"id":true}',
        b'{"id":""}',
        b'{"id":"99999999999999999999"}',
        b"[]",
    ):
        with pytest.raises(Damaged):
            read_made(wrong)
