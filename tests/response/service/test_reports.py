"""What strangers tell by the form: kept once, slowed down, added to by its link alone, and told in one word."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.kernel.seal.keys import token
from kouprey.kernel.words.errors import KoupreyError
from kouprey.kernel.words.time import DAY
from kouprey.response.model.cases import Evidence, Phase, Sort
from kouprey.response.model.reports import Origin, Standing, Told
from kouprey.response.service.reports import BYTES_A_DAY, IN_ALL, LARGEST_FILES, MOST_FILES, OF_ONE, WINDOW

WHAT = Told(what="My page shows another text", where="http://evil-login.com/x", reach="dara@bank.com")


def code(call: Any) -> str:
    with pytest.raises(KoupreyError) as caught:
        call()
    return caught.value.code


def test_told_once_added_to_and_told_how_far(bureau: Any) -> None:
    once = token()
    came, secret = bureau.reports.tell(WHAT, [("a.bin", b"\x00" * 9)], once=once, address="203.0.113.9")
    assert secret == once and came.fresh and came.report.standing is Standing.NEW and came.report.secret
    again, same = bureau.reports.tell(WHAT, [("a.bin", b"\x00" * 9)], once=once, address="203.0.113.9")
    assert same == secret and not again.fresh and again.report == came.report, "pressed twice"
    case = bureau.cases.get(bureau.lead, came.report.case).case
    assert bureau.reports.state_of(secret) == (case.number, "received")
    more, _ = bureau.reports.tell(Told(what="It is back"), back=secret, address="203.0.113.9")
    other, _ = bureau.reports.tell(Told(what="Other words in the same form"), once=once)
    for each in (more, other):
        assert each.report.case == came.report.case and each.report.standing is Standing.JOINED
    assert len([x for x in bureau.bodies(bureau.lead, case, Sort.EVIDENCE) if isinstance(x, Evidence)]) == 3
    (answer,) = bureau.reports.get(bureau.lead, str(came.report.number)).answers
    assert answer.to == "dara@bank.com" and f"https://a.example/report/{secret}" in answer.text
    for phase, word in ((Phase.CONTAINED, "working"), (Phase.CLOSED, "closed")):
        held = bureau.cases.get(bureau.lead, case.id).case
        bureau.cases.change(bureau.lead, case.id, held.version, phase=phase)
        assert bureau.reports.state_of(secret) == (case.number, word)
    bureau.reports.abandon(bureau.lead, str(came.report.number), "An advertisement")
    assert bureau.reports.state_of(secret)[1] == "abandoned"


def test_no_number_and_no_sender_leads_into_a_case_by_the_form(bureau: Any) -> None:
    came, _ = bureau.reports.tell(WHAT, address="203.0.113.9")
    forged = Told(what=f"Re: [{bureau.actor.party} #1] more", reach="dara@bank.com")
    for origin in (Origin.FORM, Origin.PROGRAM):
        other, _ = bureau.reports.tell(forged, origin=origin)
        assert other.report.case != came.report.case
    assert code(lambda: bureau.reports.tell(WHAT, back="x" * 43)) == "no-such-link"
    assert code(lambda: bureau.reports.state_of("x")) == "no-such-link"


def test_what_is_told_is_bounded(bureau: Any) -> None:
    tell = bureau.reports.tell
    assert code(lambda: tell(Told(what="  "))) == "no-text"
    assert code(lambda: tell(Told(what="x" * 20_001))) == "bad-text"
    assert code(lambda: tell(Told(what="x"), [("a", b"x" * (LARGEST_FILES + 1))])) == "too-large"
    assert code(lambda: tell(Told(what="x"), [("a", b"x")] * (MOST_FILES + 1))) == "too-large"
    assert bureau.reports.page(bureau.lead)[0] == []


def test_who_tells_much_is_slowed_down(bureau: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    counted = bureau.reports._count
    for _ in range(OF_ONE):
        counted("2001:db8:1:2::1")
    assert code(lambda: counted("2001:db8:1:2::ffff")) == "slowed", "one household is one"
    counted("2001:db8:1:3::1")
    for number in range(IN_ALL - OF_ONE - 1):
        counted(f"203.0.{number}.1")
    assert code(lambda: counted("198.51.100.1")) == "slowed", "all together"
    bureau.actor.ahead = WINDOW // 1_000_000 + 1
    counted("2001:db8:1:2::1")


def test_strangers_do_not_fill_the_disk(bureau: Any) -> None:
    counted = bureau.reports._count
    for number in range(BYTES_A_DAY // LARGEST_FILES):
        counted(f"203.{number}.113.1", LARGEST_FILES)
        bureau.actor.ahead += WINDOW // 1_000_000
    assert code(lambda: counted("198.51.100.1", 1)) == "no-more-files"
    counted("198.51.100.1", 0)
    bureau.actor.ahead += DAY // 1_000_000
    counted("198.51.100.1", LARGEST_FILES)


def test_a_node_without_the_form_knows_no_links(bureau: Any) -> None:
    _, secret = bureau.reports.tell(WHAT)
    bureau.reports.form = False
    assert code(lambda: bureau.reports.state_of(secret)) == "no-such-link"
