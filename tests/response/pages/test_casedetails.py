"""What acts say beside their verb is told in words: no keys, no codes, no ids of what has a name."""

from __future__ import annotations

from typing import Any

from kouprey.people.model import Role
from kouprey.response.model.regimes import Regime, Step
from kouprey.response.pages.casedetails import KEYS, Details
from kouprey.response.pages.naming import Names
from response.pages.test_cases import opened, version
from response.pages.test_dutywork import begun

REGIMES = {
    "act": Regime(
        key="act",
        title="The Act",
        place="",
        version="",
        sources=(),
        review_by=0,
        steps=(Step(key="first", title="First word", cites=""),),
    )
}
STRATEGY = "course-of-action--14a25651-7f84-4790-9e0e-09cd2b1568e2"


def test_codes_are_told_in_words_and_what_is_not_known_stays(offices: Any) -> None:
    a, _, _ = offices
    details = Details(Names(a.people), REGIMES, {STRATEGY: "Defaced page"})
    assert details.tell({"phase": "reported → contained", "severity": "unknown → high"}) == [
        "phase: reported → contained",
        "severity: not rated → high",
    ]
    assert details.tell({"regime": "act", "report": "first", "percent": "80"}) == [
        "law or agreement: The Act",
        "report: First word",
        "of the time: 80 %",
    ]
    assert details.tell({"tracks": "technical, legal", "contained": "set"}) == [
        "tracks: technical, legal",
        "It spread no further: set",
    ]
    assert details.tell({"strategy": STRATEGY, "from": "indicator--x", "new_key": "<b>"}) == [
        "strategy: Defaced page",
        "from: indicator--x",
        "new key: <b>",
    ]
    assert details.tell({"verdict": "revision-required", "known": "2026-11-20T16:50:00Z", "at": "soon"}) == [
        "what they said: revision required",
        "known since: 2026-11-20 16:50:00 UTC",
        "at: soon",
    ]
    assert all(" " not in key for key in KEYS)


def test_the_timeline_of_a_case_speaks_the_readers_language(offices: Any) -> None:
    a, _, _ = offices
    lead = a.visitor(Role.LEAD)
    one, _duty = begun(a, lead)
    changed = lead.post(one, version=version(lead.text(one)), phase="contained")
    assert changed.status_code == 303, changed.text
    page = lead.text(one)
    assert "phase: reported → contained" in page and "law or agreement: Malaysia" in page
    assert "regime:" not in page and "malaysia-act-854" not in page.partition("What happened")[2]
    khmer = lead.text(one, **{"Accept-Language": "km"})
    assert "phase:" not in khmer and "ដំណាក់កាល៖ " in khmer
    assert opened(lead)
