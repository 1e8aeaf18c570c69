"""Two nodes that know each other, and what is done between them in the tests of pages."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from kouprey.agreements.model import Terms
from kouprey.federation.model import EntryBody
from kouprey.kernel.words.errors import Refused
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.time import SECOND, wall_clock
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role

Face = Any
MINISTRY, OPERATOR = "ministry.example", "operator.example"
STIX = "application/stix+json;version=2.1"


def receive(tx: object, deliveries: Sequence[Any]) -> list[Refused | None]:
    """A receiver that takes everything but what calls itself bad."""
    bad = Refused("It is <bad>.", "It says so.", code="bad-object")
    return [bad if delivery.content == b"bad" else None for delivery in deliveries]


@pytest.fixture
def pair(make_face: Callable[..., Face]) -> tuple[Face, Face]:
    more = {"receivers": {STIX: receive}}
    return make_face(MINISTRY, "Ministry of Examples", **more), make_face(OPERATOR, "Operator <i>Example", **more)


def _agreed(ministry: Face, operator: Face, ceiling: str = "amber") -> str:
    begin = wall_clock() // SECOND * SECOND - 60 * SECOND
    draft = ministry.agreements.draft("Exchange", [OPERATOR], Terms(tlp_ceiling=ceiling), starts=begin, by="test")
    agreement: str = draft.agreement
    ministry.agreements.sign(agreement, by="test")
    for source, target in ((ministry, operator), (operator, ministry)):
        for note, attachment in source.agreements.agreement_notes(agreement):
            target.agreements.receive_note(note, attachment, by=source.people.home_id)
        if (
            agreement in operator.agreements.standings()
            and OPERATOR in operator.agreements.get_current(agreement).missing
        ):
            operator.agreements.sign(agreement, by="test")
    return agreement


def _publish(face: Face, agreement: str, *contents: bytes, tlp: TLP = TLP.GREEN) -> None:
    label = Label(owner=face.people.home_id, tlp=tlp)
    bodies = [EntryBody(media_type=STIX, label=label, content=content) for content in contents]
    face.store.write(lambda tx: face.lanes.queue(tx, agreement, bodies))


def _make_parcel(face: Face, party: str) -> bytes:
    answer = face.visitor(Role.LIAISON).post(f"/partners/{party}/parcel")
    assert answer.status_code == 200 and ".kpx" in answer.headers["content-disposition"]
    assert int(answer.headers["content-length"]) == len(answer.content)
    return bytes(answer.content)


def _read_parcel(face: Face, raw: bytes) -> Any:
    return face.visitor(Role.LIAISON).post("/partners/parcels", files={"parcel": ("x.kpx", io.BytesIO(raw))})


def _text_of(page: str) -> str:
    """What a reader sees: without markup and runs of spaces."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page))


@pytest.fixture
def agreed() -> Callable[..., Any]:
    return _agreed


@pytest.fixture
def publish() -> Callable[..., Any]:
    return _publish


@pytest.fixture
def make_parcel() -> Callable[..., Any]:
    return _make_parcel


@pytest.fixture
def read_parcel() -> Callable[..., Any]:
    return _read_parcel


@pytest.fixture
def text_of() -> Callable[..., Any]:
    return _text_of
