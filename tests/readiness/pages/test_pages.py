"""Pages of readiness as a director, an analyst and somebody without an account see them."""

from __future__ import annotations

import re
from typing import Any

from inprocess import AppClient
from kouprey.kernel.words.proof import Proof
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role
from kouprey.readiness.service import Readiness

ORIGIN = "http://127.0.0.1:8420"


class Person:
    """A browser with somebody signed in."""

    def __init__(self, programs: Any, *roles: Role) -> None:
        self.client = AppClient(programs.app, base_url=ORIGIN, follow_redirects=True)
        if roles:
            person = programs.people.save_person(f"Somebody {roles[0]}", roles, TLP.RED, by="test")
            secret = programs.people.make_sign_in_link(person, by="test")
            assert self.client.post(f"/sign-in/{secret}", headers={"Origin": ORIGIN}).status_code == 200

    def get(self, path: str) -> str:
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.text
        return answer.text

    def post(self, path: str, at: str = "/readiness", **form: str) -> Any:
        csrf = re.findall(r'name="csrf" value="([^"]+)"', self.client.get(at).text)[0]
        return self.client.post(path, data={"csrf": csrf, **form}, headers={"Origin": ORIGIN})


def test_a_director_sees_where_the_country_stands_and_what_helps(programs: Any) -> None:
    director = Person(programs, Role.POLICY)
    assert "No country is chosen" in director.get("/readiness")
    assert director.post("/readiness/country", country="KHM").status_code == 200
    page = director.get("/readiness")
    assert (
        "37.09" in page
        and "17.91 more for the next step, “Establishing”" in page
        and "Lao PDR" in page
        and "2026-11-22" in page
    )
    plan = director.get("/readiness/gci-2024/plan")
    assert "of 3 weightings" in plan and "Leave out" in plan
    out = re.findall(r'href="(/readiness/gci-2024/plan\?without=[^"]+)"', plan)[0]
    assert "take in again" in director.get(out.replace("&amp;", "&"))
    assert "There is nothing above to plan for" in director.get("/readiness/gci-2024/plan?target=20")
    assert director.client.get("/readiness/gci-2024/plan?for=fun").status_code == 400
    assert director.client.get("/readiness/readiness.pdf?paper=km").content.startswith(b"%PDF")


def test_a_country_has_one_score_and_one_tier(programs: Any) -> None:
    director = Person(programs, Role.POLICY)
    director.post("/readiness/country", country="KHM")
    shown = [director.get(page) for page in ("/readiness", "/readiness/gci-2024")]
    for page in shown:
        assert '<span class="num">37.09</span>' in page and "T4 · Evolving" in page
        assert "Of this, claimed and confirmed here: 0.00; of that, public: 0.00." in page
    own = shown[1]
    assert "T5" not in own and '<span class="num">0.00</span>' not in own
    plan = director.get("/readiness/gci-2024/plan")
    assert "from 37.09 now" in plan and "All together" in plan and "ncsi-3:" not in plan


def test_nothing_is_claimed_by_a_slip(programs: Any) -> None:
    director = Person(programs, Role.POLICY)
    asked = director.get("/readiness/gci-2024/crime")
    chosen = re.findall(r'<option value="([^"]*)"( selected)?>', asked)
    assert chosen[0] == ("", " selected") and not any(each for _, each in chosen[1:])
    assert "crime Law" not in asked and "Law against cybercrime" in asked
    assert "1.4 " in director.get("/readiness/ncsi-3/1.4")


def test_claimed_confirmed_and_shown_to_everybody(programs: Any, monkeypatch: Any) -> None:
    director, analyst, nobody = Person(programs, Role.LEAD), Person(programs, Role.ANALYST), Person(programs)
    known = programs.node.services.get(Readiness)
    monkeypatch.setattr(known, "_provers", lambda: {"exercises.completed": lambda _: Proof(count=7)})
    page = director.get("/readiness/ncsi-3")
    assert "This node can prove it" in page and "nothing said" in page and "Claim it" in page
    assert "Claim it" not in analyst.get("/readiness/ncsi-3") and ">Confirm<" not in analyst.get("/readiness")
    form = "/readiness/ncsi-3/10.2"
    assert analyst.post(form, do="confirm").status_code == 403
    assert "Confirmed, with your name." in director.post(form, do="confirm", note="In May").text
    assert "Publish as evidence" in director.get("/readiness/ncsi-3")
    public = director.post(f"{form}/public")
    place = public.url.path
    assert place.startswith("/evidence/") and "Everybody can read this page now." in public.text
    seen = nobody.get(place)
    assert "kouprey-evidence/1" in seen and "Withdraw" not in seen and "In May" in seen
    assert "— cert.example/node" in nobody.client.get(f"{place}/note").text
    gone = director.post(f"/readiness/statements/{place.rpartition('/')[2]}/withdraw", at=place)
    assert "This statement was withdrawn" in gone.text and "This statement was withdrawn" in nobody.get(place)
    kept = director.post("/readiness/ncsi-3/1.4", value="3", evidence="https://gov.example/strategy", note="")
    assert "Kept, with your name." in kept.text
    assert "gov.example/strategy" in director.get("/readiness/ncsi-3/1.4")
    assert director.post("/readiness/ncsi-3/1.4", value="much", evidence="x").status_code == 400
    assert "The answer is taken back." in director.post("/readiness/ncsi-3/1.4", value="0", evidence="").text
    assert "Our answer" not in analyst.get("/readiness/ncsi-3/1.4")
    assert nobody.client.get("/evidence/evidence_0").status_code == 404
