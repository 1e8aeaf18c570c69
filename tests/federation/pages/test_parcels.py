"""Pages of parcels: what waits goes by file, and comes back confirmed."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from typing import Any

from kouprey.federation.pages import parcels as pages
from kouprey.federation.service import Spool
from kouprey.people.model import Role
from photographing import sheet_of

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
    assert text_of(theirs).count("“Exchange”") >= 3 and theirs.count("#check") == 3

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


def test_the_gap_is_named_and_the_slip_is_answered_on_the_page(
    pair: tuple[Face, Face], agreed: Do, publish: Do, read_parcel: Do, text_of: Do
) -> None:
    ministry, operator = pair
    agreement = agreed(ministry, operator)
    sticks = []
    for number in range(3):
        publish(ministry, agreement, f"batch {number}".encode())
        ministry.settle()
        sticks.append(choose(ministry, OPERATOR, what="fresh"))
    read_parcel(operator, sticks[0].content)
    early = text_of(read_parcel(operator, sticks[2].content).text)
    tag = ministry.federation.ledger.list_lanes()[0].tag[:12]
    assert "Entries before these are missing." in early and f"please send {tag} 2 of 4" in early
    assert "1 entries are missing before others that came." in early
    desk = ministry.visitor(Role.LIAISON)
    form = text_of(desk.get(f"/partners/{OPERATOR}/parcel").text)
    assert "Entries not confirmed 3" in form and "Of these in no parcel yet 0" in form
    answer = choose(ministry, OPERATOR, slips=f"PLEASE SEND {tag.upper()} 2 OF 4")
    done = text_of(read_parcel(operator, answer.content).text)
    assert "Everything in it was checked and kept" in done and f"please send {tag} from 4" in done
    assert (
        MINISTRY not in answer.headers["content-disposition"] and OPERATOR not in answer.headers["content-disposition"]
    )


def test_what_is_typed_wrongly_is_told_beside_what_was_typed(pair: tuple[Face, Face], agreed: Do) -> None:
    ministry, operator = pair
    agreed(ministry, operator)
    for slips, status, said in (
        ("please help", 400, "cannot be understood"),
        ("please send 605ac5c0093b 3", 404, "A digit was misheard"),
    ):
        answer = choose(ministry, OPERATOR, slips=slips)
        assert answer.status_code == status and said in answer.text and f">{slips}</textarea>" in answer.text
    assert "That is no size." in choose(ministry, OPERATOR, most="much").text
    assert ministry.visitor(Role.LIAISON).get(f"/partners/{MINISTRY}/parcel").status_code == 400


def test_a_short_parcel_goes_as_pictures_and_is_read_from_their_texts(
    pair: tuple[Face, Face], agreed: Do, publish: Do, text_of: Do, monkeypatch: Any
) -> None:
    ministry, operator = pair
    agreement = agreed(ministry, operator)
    publish(ministry, agreement, b"one")
    ministry.settle()
    drawn: list[str] = []
    monkeypatch.setattr(pages, "draw", lambda text, **_: drawn.append(text) or "<svg></svg>")
    shown = choose(ministry, OPERATOR, how="pictures")
    assert shown.status_code == 200 and len(drawn) >= 2
    assert shown.text.count("<figure>") == len(drawn) and f"Picture 1 of {len(drawn)}" in text_of(shown.text)
    monkeypatch.undo()
    texts = "\n".join(reversed(drawn))
    desk = operator.visitor(Role.LIAISON)
    assert "Everything in it was checked" in desk.post("/partners/parcels", {"pictures": texts.lower()}).text
    assert "missing: 1" in desk.post("/partners/parcels", {"pictures": "\n".join(drawn[1:])}).text
    # On photographs, not all on one: what was read stands in the page until the rest has come.
    first, rest = (sheet_of(drawn[:1]), sheet_of(drawn[1:]))
    half = desk.post("/partners/parcels", files={"parcel": ("p.png", io.BytesIO(first))})
    assert half.status_code == 400 and "these are missing" in half.text and drawn[0] in half.text
    sent = {"parcel": ("p.png", io.BytesIO(rest))}
    whole = desk.post("/partners/parcels", {"pictures": drawn[0]}, files=sent)
    assert whole.status_code == 200 and "Made, by their clock" in whole.text
    publish(ministry, agreement, *(bytes(random.Random(number).randbytes(900)) for number in range(6)))
    ministry.settle()
    long = choose(ministry, OPERATOR, how="pictures")
    assert long.status_code == 413 and "too long for pictures" in long.text


def test_the_spool_folder_is_filled_and_told_of(pair: tuple[Face, Face], agreed: Do, publish: Do, text_of: Do) -> None:
    ministry, operator = pair
    publish(ministry, agreed(ministry, operator), b"one")
    ministry.settle()
    laid = text_of(choose(ministry, OPERATOR, how="spool").text)
    (file,) = (ministry.spool.folder / "out" / OPERATOR).iterdir()
    assert "A parcel is ready to be carried." in laid and f"out/{OPERATOR}/{file.name}" in laid
    now = [0.0]
    spool = Spool(operator.spool.folder, operator.federation.parcels, passing=lambda: now[0])
    spool.prepare()
    (spool.folder / "in" / "<b>.kpx").write_bytes(file.read_bytes())
    (spool.folder / "in" / "milk.txt").write_bytes(b"milk")
    before = operator.visitor(Role.LIAISON).get("/partners/parcels").text
    assert "About to be taken in" in before and "&lt;b&gt;.kpx" in before
    for _ in range(3):
        spool.take_in()
        now[0] += 61
    after = text_of(operator.visitor(Role.LIAISON).get("/partners/parcels").text)
    assert "Taken in" in after and "2 new entries" in after
    assert "Refused, with the reason" in after and "There is no parcel in this file." in after
    assert operator.visitor(Role.ANALYST).get("/partners/parcels").status_code == 403


def choose(face: Face, party: str, **typed: str) -> Any:
    return face.visitor(Role.LIAISON).post(f"/partners/{party}/parcel", typed)
