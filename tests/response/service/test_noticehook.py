"""The address outside is told how much waits, signed, again while it does not answer, and never what."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kouprey.kernel.net.fetch import Answer
from kouprey.kernel.seal.keys import hmac_sha256
from kouprey.kernel.words.errors import Unreachable
from kouprey.response.model.cases import Note, Track
from kouprey.response.model.notices import Hook
from kouprey.response.service import NoticeHook
from kouprey.response.service.noticehook import DELIVERY, SIGNATURE
from response.service.test_notices import Office, office

assert office
HOOK = Hook(url="https://pager.example/in", secret=b"0123456789abcdef")


class Outside:
    """Takes calls, and answers what it is told to."""

    def __init__(self) -> None:
        self.calls: list[tuple[dict[str, str], bytes]] = []
        self.status = 204

    def request(self, method: str, url: str, headers: Any, body: bytes) -> Answer:
        assert (method, url) == ("POST", HOOK.url)
        if not self.status:
            raise Unreachable("It does not answer.", code="timeout")
        self.calls.append((dict(headers), body))
        return Answer(self.status, {}, b"", url)


def test_it_is_told_once_signed_and_without_words(office: Office) -> None:
    notices, lead, analyst, outside = office.notices, office.lead, office.analyst, Outside()
    hook: Any = NoticeHook(notices, outside)  # type: ignore[arg-type]  # it asks for one verb of a fetcher
    case = office.open("The secret of the minister")
    notices.watch(analyst, case.id, watching=True)

    def note() -> None:
        office.cases.add(lead, case.id, Track.TECHNICAL, Note(text="It calls plain.example"))
        office.tell()

    note()
    assert not hook.call()
    notices.hook = lambda: HOOK
    assert not hook.call() and not outside.calls
    note()
    assert hook.call() and not hook.call()
    ((headers, body),) = outside.calls
    assert json.loads(body) == {"event": "waiting", "waiting": {"case": 1}, "link": "/notices"}
    at, _, signed = headers[SIGNATURE].removeprefix("t=").partition(",v1=")
    assert signed == hmac_sha256(HOOK.secret, at.encode() + b"." + body).hex() and headers[DELIVERY]
    note()
    assert hook.call() and len(outside.calls) == 2


@pytest.mark.parametrize("status", [0, 500, 301])
def test_whoever_does_not_take_it_is_told_again(office: Office, status: int) -> None:
    notices, lead, analyst, outside = office.notices, office.lead, office.analyst, Outside()
    hook: Any = NoticeHook(notices, outside)  # type: ignore[arg-type]  # it asks for one verb of a fetcher
    notices.hook = lambda: HOOK
    case = office.open()
    notices.watch(analyst, case.id, watching=True)
    assert not hook.call()
    office.cases.add(lead, case.id, Track.TECHNICAL, Note(text="x"))
    office.tell()
    outside.status = status
    assert not hook.call() and not hook.call() and len(outside.calls) == (1 if status else 0)
    outside.status = 200
    office.actor.ahead += 61
    assert hook.call() and not hook.call()
