"""Pages of capacity as a trainer, an analyst, and somebody without an account see them, over two assembled nodes."""

from __future__ import annotations

import json
import re
from typing import Any

from inprocess import AppClient
from kouprey.capacity.pages import activity, badges, own, programmes, public, upload, words
from kouprey.capacity.service import Capacity
from kouprey.kernel.words.time import DAY, SECOND
from kouprey.node.web import build_web
from kouprey.people.model import Role
from response.conftest import HERE

assert all((activity, badges, own, programmes, public, upload, words)), "what these pages are made of"
FORM = {
    "kind": "exercise",
    "title": "Night of the lantern",
    "zone": "Asia/Phnom_Penh",
    "seats": "2",
    "place": "Phnom Penh",
    "languages": "km en",
    "competencies": "nice:PD-WRL-003",
}


def times(now: int) -> dict[str, str]:
    from kouprey.capacity.wire.typed import show_local

    marks = {"deadline": 10 * DAY, "starts": 20 * DAY, "ends": 20 * DAY + 3_600 * SECOND}
    return {name: show_local(now + after, FORM["zone"]) for name, after in marks.items()}


def publish(a: Any, agreement: str, trainer: Any, title: str = FORM["title"]) -> str:
    made = trainer.post("/programmes", agreement=agreement, theme="Response", year="2027", tlp="green", answers="AAR 3")
    assert made.status_code == 303, made.text
    where = made.headers["location"].removesuffix("/new")
    assert "Publish" in trainer.text(f"{where}/new") and "Keep" in trainer.text("/programmes/new")
    wrong = trainer.post(where, **{**FORM, **times(a.now()), "seats": "many"})
    assert wrong.status_code == 400 and "how many seats" in wrong.text
    done = trainer.post(where, **{**FORM, **times(a.now()), "title": title})
    assert done.status_code == 303, re.findall(r'role="alert">.*?</div>', done.text, re.S)
    return str(done.headers["location"])


def test_from_the_programme_to_the_badge(offices: tuple[Any, Any, str]) -> None:
    a, b, agreement = offices
    trainer, analyst, guest = a.visitor(Role.TRAINER), a.visitor(Role.ANALYST), b.visitor(Role.LIAISON)
    assert "Nothing is planned" in analyst.text("/programmes")
    assert trainer.post("/programmes", agreement=agreement, theme="", year="2027").status_code == 400
    assert analyst.post("/programmes", agreement=agreement, theme="X", year="2027", tlp="green").status_code == 403
    path = publish(a, agreement, trainer)
    a.parcel(b)
    assert "Night of the lantern" in guest.text("/programmes")
    sent = guest.post(f"{path}/nominations", people="Guest One; analyst\nGuest Two\nGuest Three")
    assert sent.status_code == 303, sent.text
    b.parcel(a)
    shown = trainer.text(path)
    assert "Guest Three" in shown and "Confirm seats" in shown
    assert "Guest Three" not in analyst.text(path)
    assert trainer.post(f"{path}/seats").status_code == 303
    a.parcel(b)
    assert "has a seat" in guest.text(path) and "waits" in guest.text(path)
    assert guest.post(f"{path}/seats").status_code == 409
    capacity: Capacity = a.node.services.get(Capacity)
    seat = capacity.picture(capacity.operator(), path.rpartition("/")[2]).seats[0]
    room = trainer.text(f"{path}/room")
    assert "<svg" in room
    code = re.findall(r'data-copy="([A-Z0-9]{10})"', room)[0]
    nobody = AppClient(build_web(a.node), base_url=HERE, follow_redirects=False)
    assert "Night of the lantern" in nobody.get(f"/attend/{code}").text
    here = {"Origin": HERE}
    assert "marked as present" in nobody.post("/attend", data={"room": code, "code": seat.code}, headers=here).text
    assert nobody.post("/attend", data={"room": code, "code": "NOBODY22"}, headers=here).status_code == 404
    a.ahead = 20 * 86_400 + 60
    trainer = a.visitor(Role.TRAINER)
    assert "Attendance and outcome" in trainer.text(path)
    who = f"{seat.party} {seat.person.id}"
    assert trainer.post(f"{path}/outcomes", who=who, pre="40", post="x").status_code == 400
    done = trainer.post(f"{path}/outcomes", who=who, pre="40", post="86", q1="5", q2="4", q3="5", q4="3", q5="5")
    assert done.status_code == 303
    assert trainer.post(f"{path}/close").status_code == 303
    refused = trainer.post(
        "/programmes/badges/achievements", name="Global ACE", description="d", criteria="c", times="1", least="70"
    )
    assert refused.status_code == 409 and "does not bear the name of Global ACE" in refused.text
    odd = {"name": "Night work", "description": "d", "criteria": "c", "times": "²", "least": "9" * 5_000}
    assert trainer.post("/programmes/badges/achievements", **odd).status_code == 400
    good = {"name": "Night work", "description": "d", "criteria": "c", "kind": "exercise", "times": "1", "least": "70"}
    assert trainer.post("/programmes/badges/achievements", **good).status_code == 303
    value = re.findall(r'name="for" value="([^"]+)"', trainer.text("/programmes/badges"))[0]
    assert trainer.post("/programmes/badges", **{"for": value}).status_code == 303
    badge = re.findall(r'href="/badges/(bdg_[0-9a-f]+)"', trainer.text("/programmes/badges"))[0]
    assert trainer.client.get(f"/programmes/badges/{badge}/badge.pdf?paper=km").content.startswith(b"%PDF")
    assert "Valid" in nobody.get(f"/badges/{badge}").text
    raw = nobody.get(f"/badges/{badge}/badge.json").text
    status = nobody.get("/badges/status/1").text
    assert nobody.get("/.well-known/did.json").status_code == 404, "it is reached by no https address"
    assert "not revoked" in nobody.post("/verify", data={"badge": raw, "identity": "Guest One"}, headers=here).text
    changed = json.loads(raw)
    changed["credentialSubject"]["result"][0]["value"] = "87"
    answer = nobody.post("/verify", data={"badge": json.dumps(changed)}, headers=here).text
    assert "something in it was changed" in answer
    elsewhere = AppClient(build_web(b.node), base_url=HERE, follow_redirects=False)
    unknown = elsewhere.post("/verify", data={"badge": raw}, headers=here).text
    assert "the state is unknown" in unknown and "not known here" in unknown
    files = {"file": ("badge.json", raw.encode()), "list_file": ("list.json", status.encode())}
    assert "not revoked" in elsewhere.post("/verify", files=files, headers=here).text
    assert elsewhere.post("/verify", data={"badge": ""}, headers=here).status_code == 400
    assert elsewhere.post("/verify", data={"badge": "{}"}, headers=here).status_code == 400
    assert trainer.post(f"/programmes/badges/{badge}/revoke", why="Wrong person").status_code == 303
    assert "has taken it back" in nobody.get(f"/badges/{badge}").text
    assert trainer.post("/programmes/badges/key").status_code == 303


def test_what_moves_and_what_is_done_afterwards(offices: tuple[Any, Any, str]) -> None:
    a, _, agreement = offices
    trainer, analyst = a.visitor(Role.LEAD), a.visitor(Role.ANALYST)
    path = publish(a, agreement, trainer)
    assert "Night of the lantern" in trainer.text(f"{path}/edit")
    moved = trainer.post(f"{path}/edit", **{**FORM, **times(a.now() + DAY)})
    assert moved.status_code == 303
    assert trainer.post(f"{path}/edit", **{**FORM, **times(a.now()), "zone": "Nowhere"}).status_code == 400
    due = times(a.now())["ends"]
    assert trainer.post(f"{path}/follow-ups", text="Write it down", owner="Dara", due=due).status_code == 303
    one = re.findall(r"/follow-ups/(fup_[0-9a-f]+)", trainer.text(path))[0]
    assert "Write it down" in analyst.text(path)
    assert trainer.post(f"{path}/follow-ups/{one}", done="yes").status_code == 303
    assert analyst.post(f"{path}/follow-ups/{one}", done="no").status_code == 403
    assert trainer.post(f"{path}/cancel", why="Flooded").status_code == 303
    assert "It does not take place" in analyst.text(path)
    assert trainer.post(f"{path}/cancel", why="Again").status_code == 409
    assert trainer.text(path, 200)


def test_ones_own_record_and_calendar(offices: tuple[Any, Any, str]) -> None:
    a, _, agreement = offices
    trainer, analyst = a.visitor(Role.TRAINER), a.visitor(Role.ANALYST)
    me = next(each for each in a.people.list_persons() if Role.ANALYST in each.roles)
    path = publish(a, agreement, trainer)
    assert trainer.post(f"{path}/nominations", people="", me=me.id).status_code == 303
    assert trainer.post(f"{path}/seats").status_code == 303
    assert "Your code at the door" in analyst.text("/programmes/mine")
    bad = analyst.post("/programmes/certificates", issuer="A body", title="Global ACE", number="", valid_until="soon")
    assert bad.status_code == 400
    given = {"issuer": "A body", "title": "Global ACE forensics", "number": "17", "valid_until": "2029-11-30"}
    assert analyst.post("/programmes/certificates", **given).status_code == 303
    assert "not checked" in analyst.text("/programmes/mine")
    one = re.findall(r"/certificates/(crt_[0-9a-f]+)/check", trainer.text("/programmes/certificates"))[0]
    assert analyst.post(f"/programmes/certificates/{one}/check").status_code == 403
    assert trainer.post(f"/programmes/certificates/{one}/check").status_code == 303
    assert "checked by" in analyst.text("/programmes/mine")
    assert analyst.post(f"/programmes/certificates/{one}/withdraw").status_code == 303
    made = analyst.post("/programmes/mine/calendar", whole="no")
    address = re.findall(r"http://127.0.0.1:8420(/calendar/[^\"<]+\.ics)", made.text)[0]
    nobody = AppClient(build_web(a.node), base_url=HERE)
    read = nobody.get(address)
    assert read.headers["content-type"].startswith("text/calendar") and "STATUS:CONFIRMED" in read.text
    assert nobody.get("/calendar/none.ics").status_code == 404
    assert analyst.post("/programmes/mine/calendar", whole="yes").status_code == 403


def test_needs_and_offers_meet(offices: tuple[Any, Any, str]) -> None:
    a, b, _ = offices
    here, there = a.visitor(Role.TRAINER), b.visitor(Role.TRAINER)
    said = {"competency": "nice:PD-WRL-003", "count": "5"}
    assert here.post("/programmes/needs", sort="need", **said).status_code == 303
    assert here.post("/programmes/needs", sort="need", competency="nice:NONE", count="5").status_code == 400
    assert "nobody offers it yet" in here.text("/programmes/needs")
    assert there.post("/programmes/needs", sort="offer", **said).status_code == 303
    b.parcel(a)
    assert "offers it for 5" in here.text("/programmes/needs")
    assert here.post("/programmes/needs", remove="0").status_code == 303
    assert "No party has said what it needs" in here.text("/programmes/needs")
