"""Pages of parcels: what waits goes by file, and comes back confirmed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kouprey.people.model import Role

Face = Any
Do = Callable[..., Any]
MINISTRY, OPERATOR = "ministry.example", "operator.example"


def test_what_waits_goes_by_parcel_and_comes_back_confirmed(
    pair: tuple[Face, Face], agreed: Do, publish: Do, make_parcel: Do, read_parcel: Do, text_of: Do
) -> None:
    ministry, operator = pair
    agreement = agreed(ministry, operator)
    publish(ministry, agreement, b"one", b"two", b"three")
    ministry.settle()
    analyst = ministry.visitor(Role.ANALYST)
    assert "3 waiting" in text_of(analyst.get("/partners").text)
    ledger = analyst.get("/ledger").text
    assert ledger.count('<ul class="receipts">') == ledger.count("#clock") == 3
    assert "clause 2" in text_of(ledger) and "TLP:GREEN" in ledger

    page = text_of(read_parcel(operator, make_parcel(ministry, OPERATOR)).text)
    assert "Everything in it was checked and kept" in page
    at_theirs = operator.visitor(Role.ANALYST)
    assert "Nothing was given yet" in at_theirs.get("/ledger").text
    theirs = at_theirs.get("/ledger?view=received").text
    assert text_of(theirs).count("Ministry of Examples Exchange") == 3 and theirs.count("#check") == 3

    again = text_of(read_parcel(operator, make_parcel(ministry, OPERATOR)).text)
    assert "nothing new" in again or "Everything in it" in again
    read_parcel(ministry, make_parcel(operator, MINISTRY))
    assert "nothing waits" in text_of(analyst.get("/partners").text)
    confirmed = analyst.get("/ledger").text
    assert confirmed.count("#check") == 3 and "#clock" not in confirmed
    assert operator.federation.ledger.list_lanes()[0].size == ministry.federation.ledger.list_lanes()[0].size


def test_a_parcel_that_is_none_or_not_ours_is_told(
    pair: tuple[Face, Face], agreed: Do, make_parcel: Do, read_parcel: Do
) -> None:
    ministry, operator = pair
    agreed(ministry, operator)
    for raw in (b"", b"hello", make_parcel(ministry, OPERATOR)):
        answer = read_parcel(ministry, raw)
        assert answer.status_code in (400, 409) and 'class="notice bad"' in answer.text
    assert ministry.visitor(Role.LIAISON).post("/partners/parcels").status_code == 400
