"""Bundles on both engines: out with their times, in with all that stands in them or not at all."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kouprey.kernel.words.errors import KoupreyError
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role
from kouprey.response.model.cases import Fact, Moment, Note, Phase, Precision, Seen, Sort, Task, TaskState, Track
from response.service.test_cases import Bureau, bureau

assert bureau


def test_out_and_in_again(bureau: Bureau) -> None:
    cases, lead = bureau.cases, bureau.lead
    case = bureau.open()
    fact = Fact(text="It changed", moment=Moment(1_790_000_000_000_000, 420, Precision.HOUR), source="A call")
    first = cases.add(lead, case.id, Track.TECHNICAL, Task(title="Look"))
    second = cases.add(lead, case.id, Track.TECHNICAL, Task(title="Mend", after=(first.id,), result="x"))
    for body in (fact, Seen(kind="", text="CVE-2026-1234"), Seen(kind="", text="plain.example"), Note(text="So")):
        cases.add(lead, case.id, Track.TECHNICAL, body)
    cases.finish(lead, second.id, 1, "Mended")
    hidden = cases.add(lead, case.id, Track.TECHNICAL, Note(text="Out of sight"))
    cases.hide(lead, hidden.id, 1, hidden=True)
    held = cases.change(lead, case.id, 1, phase=Phase.CONTAINED)
    _, raw = cases.write_bundle(lead, case.id)
    assert b"Out of sight" not in raw
    taken = cases.take_bundle(lead, raw, tlp=TLP.CLEAR)
    assert taken.unread == () and taken.case.tlp is TLP.AMBER and taken.case.phase is Phase.CONTAINED
    assert taken.case.moments == held.moments and taken.case.origin.startswith("incident--")
    assert bureau.bodies(lead, taken.case, Sort.FACT) == [fact]
    look, mend = (each for each in cases.items(lead, cases.get(lead, taken.case.id), (Sort.TASK,))[0][::-1])
    assert mend.body == Task(title="Mend", after=(look.id,), state=TaskState.DONE, result="Mended")
    seen = {(each.kind, each.text) for each in bureau.bodies(lead, taken.case, Sort.OBSERVABLE)}
    assert seen == {("cve", "CVE-2026-1234"), ("domain-name", "plain.example")}
    assert {"case.export", "case.take", "case.open"} <= set(bureau.audited())


def test_nothing_is_opened_when_something_in_it_cannot_be(bureau: Bureau, monkeypatch: pytest.MonkeyPatch) -> None:
    cases, lead = bureau.cases, bureau.lead
    raw = json.dumps({"type": "bundle", "objects": [{"type": "incident", "name": "x"}, {"type": "url", "value": "?"}]})
    with pytest.raises(KoupreyError, match="name that can be shown"):
        cases.take_bundle(lead, raw.encode(), name="a\x00b")
    assert cases.count(lead) == 0
    taken = cases.take_bundle(lead, raw.encode())
    assert taken.unread == ("url: ",) and taken.case.number == 1
    assert any("Not understood" in each.text for each in bureau.bodies(lead, taken.case, Sort.NOTE))
    many: Any = "kouprey.response.service.casebundles.MOST_WRITTEN"
    monkeypatch.setattr(many, 1)
    with pytest.raises(KoupreyError) as caught:
        cases.add(lead, taken.case.id, Track.TECHNICAL, Note(text="More"))
        cases.write_bundle(lead, taken.case.id)
    assert caught.value.code == "too-many-items"


def test_the_legal_track_is_for_whoever_reads_it_and_asks(bureau: Bureau) -> None:
    cases, counsel = bureau.cases, bureau.who(Role.LEGAL)
    case = bureau.open()
    cases.add(counsel, case.id, Track.LEGAL, Note(text="For the prosecutor"))
    assert b"prosecutor" not in cases.write_bundle(counsel, case.id)[1]
    assert b"prosecutor" in cases.write_bundle(counsel, case.id, legal=True)[1]
    with pytest.raises(KoupreyError) as caught:
        cases.write_bundle(bureau.lead, case.id, legal=True)
    assert caught.value.code == "role-missing"
    seen = [getattr(each, "did", "") for each in bureau.bodies(bureau.analyst, case, Sort.ACT)]
    assert seen.count("case.export") == 1
