"""What is said to RT's REST 2.0 and what it answers, as its documentation has it (RT::REST2, RT 5).

`POST /ticket` with Queue, Subject and Content answers 201 with the id; `POST /ticket/:id/comment` takes Subject,
Content and ContentType; `GET /ticket/:id` has Status and LastUpdated; `GET /ticket/:id/history` is a collection in
pages, whose items have the fields that are asked for; `GET /tickets?query=` searches by TicketSQL. The subject of a
comment comes back as the Data of its transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

import msgspec

from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.safejson import decode
from kouprey.response.model.tickets import Desk, Happened, Seen

PER_PAGE = 100
MOST_PAGES = 100
"""Pages of one history that are read: 10,000 transactions."""
LARGEST = 4 << 20
_FIELDS = "Type,Field,OldValue,NewValue,Data,Creator"
_LONGEST = 200


def address(desk: Desk, path: str, **query: str) -> str:
    """Where something is asked for."""
    return f"{desk.url}/REST/2.0/{path}" + (f"?{urlencode(query, quote_via=quote)}" if query else "")


def headers(desk: Desk, *, body: bool = False) -> dict[str, str]:
    """By which this node is known there."""
    made = {"authorization": f"token {desk.token}", "accept": "application/json"}
    return made | ({"content-type": "application/json"} if body else {})


def new_ticket(desk: Desk, *, party: str, number: int, phase: str, title: str, mark: str) -> bytes:
    """A ticket: number and phase of the case, its title where it may go, and a mark by which it is found again."""
    subject = f"[{party} #{number}] {title or 'Case'} ({mark})"
    told = {
        "Queue": desk.queue,
        "Subject": subject,
        "Content": words(party, number, phase),
        "ContentType": "text/plain",
    }
    return msgspec.json.encode(told)


def new_comment(*, party: str, number: int, phase: str, mark: str) -> bytes:
    """A comment, which RT sends to nobody outside: the phase, and the mark as its subject."""
    told = {"Subject": mark, "Content": words(party, number, phase), "ContentType": "text/plain"}
    return msgspec.json.encode(told)


def words(party: str, number: int, phase: str) -> str:
    """What is told of a case: where it is worked, under which number, and how far it is."""
    return f"Case {number} at {party} is now: {phase}."


def history(ticket: str, page: int) -> tuple[str, dict[str, str]]:
    """One page of what happened to a ticket."""
    return f"ticket/{ticket}/history", {"fields": _FIELDS, "per_page": str(PER_PAGE), "page": str(page)}


def search(desk: Desk, mark: str) -> tuple[str, dict[str, str]]:
    """The tickets of our queue that bear a mark: one at most."""
    return "tickets", {"query": f"Queue = '{desk.queue}' AND Subject LIKE '{mark}'", "fields": "Subject"}


def read_made(raw: bytes) -> str:
    """The number of a ticket that was made."""
    return _number(_object(raw).get("id"))


def read_seen(raw: bytes) -> Seen:
    """A ticket; Damaged (`bad-answer`) where it is none."""
    value = _object(raw)
    status = _word(value.get("Status"))
    if not status:
        raise _bad("it names no status")
    return Seen(ticket=_number(value.get("id")), status=status, updated=_word(value.get("LastUpdated")))


def read_history(raw: bytes) -> tuple[list[Happened], bool]:
    """One page of a history, and whether there is another; Damaged (`bad-answer`) for anything else."""
    value = _object(raw)
    items = value.get("items")
    if not isinstance(items, list) or len(items) > 10 * PER_PAGE:
        raise _bad("it lists nothing, or too much")
    made = [_happened(each) for each in items if isinstance(each, dict)]
    return made, bool(value.get("next_page")) and bool(made)


def read_found(raw: bytes, mark: str) -> str:
    """The number of the ticket that bears a mark, "" for none."""
    items = _object(raw).get("items")
    for each in items if isinstance(items, list) else ():
        if isinstance(each, dict) and mark in str(each.get("Subject", "")):
            return _number(each.get("id"))
    return ""


def read_error(status: int, raw: bytes) -> str:
    """Why it was not done, as far as it says so: `message`, cut short."""
    said = ""
    try:
        value = decode(raw)
        said = _word(value.get("message")) if isinstance(value, dict) else ""
    except (ValueError, Damaged):
        pass
    return f"It answered {status}{': ' + said if said else ''}."[:300]


def _happened(item: Mapping[str, Any]) -> Happened:
    kind = _word(item.get("Type"))
    status = kind == "Status" or (kind == "Set" and item.get("Field") == "Status")
    return Happened(
        id=int(_number(item.get("id"))),
        kind="Status" if status else kind,
        before=_word(item.get("OldValue")) if status else "",
        after=_word(item.get("NewValue")) if status else "",
        subject=_word(item.get("Data")),
    )


def _object(raw: bytes) -> dict[str, Any]:
    try:
        value = decode(raw)
    except (ValueError, Damaged) as error:
        raise _bad("it is no JSON that is safe to read") from error
    if not isinstance(value, dict):
        raise _bad("it is no object")
    return value


def _number(value: object) -> str:
    """A number of RT, which it writes as a number or as text."""
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 1 << 53:
        raise _bad("a number of it is none")
    return str(int(text))


def _word(value: object) -> str:
    """A short text that can be shown; "" for anything else."""
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return "".join(each for each in text[:_LONGEST] if each.isprintable())


def _bad(why: str) -> Damaged:
    return Damaged(
        "What RTIR answered cannot be read.",
        f"Of it, {why}."[:300],
        "Look at the address in `rtir_url`: it is the one above /REST/2.0.",
        code="bad-answer",
    )
