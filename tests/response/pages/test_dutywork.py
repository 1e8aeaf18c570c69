"""Duties of one case as people work them in a browser: begin, write, send with proof, answer, stop, go on."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Any

from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role
from kouprey.response.model.cases import Moment
from kouprey.response.wire.casewords import write_moment
from response.pages.test_cases import opened

SINCE = {"regime": "malaysia-act-854", "known_by": "The duty officer", "why": "NCII entity"}


def begun(a: Any, visitor: Any, **given: str) -> tuple[str, str]:
    """A case with running clocks: its address, and the id of the duty."""
    one = opened(visitor)
    known = write_moment(Moment(a.now(), 420))
    made = visitor.post(f"{one}/duties", **(SINCE | {"known": known} | given))
    assert made.status_code == 303, made.text
    return one, re.findall(r"/duties/(duty_\w+)", visitor.text(one))[0]


def test_from_the_first_clock_to_the_answer_of_the_receiver(offices: Any) -> None:
    a, _, _ = offices
    lead = a.visitor(Role.LEAD)
    one = opened(lead)
    assert "None runs." in lead.text(one) and "No clock runs" in lead.text(f"{one}/duties")
    for wrong in ({"known": ""}, {"known": "2999-01-01 00:00"}, {"why": ""}, {"regime": "x"}, {"track": "moon"}):
        answer = lead.post(f"{one}/duties", **(SINCE | {"known": "2026-11-01 23:50", "offset": "+07:00"} | wrong))
        assert answer.status_code == 400 and "The duty officer" in answer.text, wrong
    one, duty = begun(a, lead)
    page = lead.text(one)
    assert "Malaysia: Cyber Security Act 2024" in page and "runs" in page and "<progress" in page and "+07:00" in page
    here = f"{one}/duties/{duty}/initial"
    page = lead.text(here)
    assert "filled in from the case, not kept yet" in page and "Keep the words first" in page and "unknown" in page
    assert lead.post(f"{here}/sendings", version="0", channel="portal").status_code == 409
    assert lead.post(here, version="0", sector="Energy & water").status_code == 303
    again = lead.post(here, version="0", sector="Typed anew")
    assert again.status_code == 409 and "Typed anew" in again.text, "what was typed is not lost"
    page = lead.text(here)
    assert "Sector: Energy &amp; water" in page and "version 1" in page
    for fields in ({"channel": "pigeon"}, {"channel": "mail", "at": "never"}, {"channel": "mail", "version": "x"}):
        assert lead.post(f"{here}/sendings", **({"version": "1"} | fields)).status_code == 400
    assert lead.post(f"{here}/sendings", version="1", channel="portal", reference="NC4-17").status_code == 303
    page = lead.text(here)
    path = re.findall(r'href="([^"]+/sendings/sending_\w+)"', page)[0]
    text = lead.client.get(path)
    assert text.headers["content-type"] == "text/plain; charset=utf-8"
    assert sha256(text.content).hexdigest() in page and "NC4-17" in page and "sent in time" in page
    assert lead.post(path, verdict="maybe").status_code == 400
    assert lead.post(path, verdict="revision-required").status_code == 400, "it needs words"
    assert lead.post(path, verdict="revision-required", words="Which sector?").status_code == 303
    page = lead.text(here)
    assert "revision required" in page and "Which sector?" in page
    assert "wrote down that a report was sent" in lead.text(one)


def test_a_clock_is_stopped_with_a_reason_and_goes_on(offices: Any) -> None:
    a, _, _ = offices
    lead = a.visitor(Role.LEAD)
    one, duty = begun(a, lead)
    path = f"{one}/duties/{duty}"
    assert lead.post(path, version="1", stopped="yes", why="").status_code == 400
    assert lead.post(path, version="x", stopped="yes", why="y").status_code == 400
    assert lead.post(path, version="1", stopped="yes", why="No NCII entity").status_code == 303
    page = lead.text(one)
    assert "No NCII entity" in page and "Let the clocks go on" in page
    assert "are stopped" in lead.text(f"{path}/initial")
    assert lead.post(path, version="2", stopped="no", why="It is one").status_code == 303
    assert "Stop the clocks" in lead.text(one)


def test_who_reads_another_track_or_is_not_cleared_sees_no_clock(offices: Any) -> None:
    a, _, _ = offices
    lead, legal = a.visitor(Role.LEAD), a.visitor(Role.LEGAL)
    one, duty = begun(a, lead)
    here = f"{one}/duties/{duty}/initial"
    page = legal.text(here)
    assert "Keep the words" not in page and "The exact text" in page, "the legal officer reads the technical track"
    assert "Clocks of laws" not in a.visitor(Role.POLICY).text(one)
    a.visitor(Role.POLICY).text(here, 404)
    a.visitor(Role.LEAD, clearance=TLP.GREEN).text(here, 404)
    other = opened(lead)
    lead.text(f"{other}/duties/{duty}/initial", 404)
    assert lead.post(f"{other}/duties/{duty}", version="1", stopped="yes", why="x").status_code == 404
    assert lead.post(f"{one}/duties/{duty}/nothing", version="0").status_code == 404
    kept = legal.post(f"{one}/duties", **(SINCE | {"known": write_moment(Moment(a.now())), "why": "CANARY"}))
    assert kept.status_code == 303 and "CANARY" in legal.text(one) and "CANARY" not in lead.text(one)


def test_a_wrong_file_of_a_regime_hinders_no_clock_that_runs(offices: Any) -> None:
    a, _, _ = offices
    lead = a.visitor(Role.LEAD)
    one, duty = begun(a, lead)
    folder = a.folder / "regimes"
    folder.mkdir()
    (folder / "ours.toml").write_text("title = 1", "utf-8")
    assert "Initial particulars" in lead.text(one) and "Initial particulars" in lead.text("/duties")
    assert "The exact text" in lead.text(f"{one}/duties/{duty}/initial")
    answer = lead.client.get(f"{one}/duties")
    assert answer.status_code == 400 and "ours" in answer.text, "what is wrong is named where one is begun"
