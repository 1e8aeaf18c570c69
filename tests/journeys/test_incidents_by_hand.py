"""The scenarios of response by hand: people of each role press what the pages of three served nodes offer.

The clocks are the machine's: what takes hours is begun so long ago, or agreed in seconds. `--pictures FOLDER` keeps a
picture of each scenario's end. What two nodes say to one another by hand stands in `test_handoffs_by_hand.py`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from browser import hands
from journeys.desks import Desks, note, open_case
from journeys.three import HOUR, SEALED, Three, drop, open_three, reply_to
from kouprey.agreements.model import HandOffTerm
from kouprey.kernel.words.time import SECOND, format_second, wall_clock
from kouprey.node.actors import wait_until
from kouprey.people.model import Role
from response.playbooks import action, manual, playbook

if TYPE_CHECKING:
    from journeys.desks import Desk

pytestmark = pytest.mark.long
TERMS = (HandOffTerm(kind="act", acknowledge_s=HOUR, decide_s=4 * HOUR),)


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Three]:
    with open_three(tmp_path_factory.mktemp("by-hand"), TERMS) as made:
        yield made


def ago(seconds: int) -> str:
    """A time as it is typed into a form, in UTC."""
    return format_second(wall_clock() - seconds * SECOND)[:16].replace("T", " ")


def test_1_a_sealed_mail_and_a_stranger_who_writes_by_the_form(three: Three, desks: Desks) -> None:
    """The original is evidence, the reporter has a number, and what they add joins the same case."""
    officer = desks.sit(three.ministry, Role.DUTY_OFFICER)
    drop(three.ministry, "1.eml", SEALED)
    officer.until("/reports", "Encrypted", "dara@bank.example")
    wait_until("the reporter is answered", lambda: three.relay.came, seconds=60)
    (answer,) = three.relay.came
    number = re.findall(r"#(\d+)\]", str(answer["Subject"]))[0]
    with officer.page.expect_navigation():
        hands.press(officer.main.get_by_role("link", name=f"#{number}", exact=True).first)
    digest = officer.panel("Evidence").inner_text().replace("\n", "").replace(" ", "")
    assert sha256(SEALED).hexdigest() in digest
    drop(three.ministry, "2.eml", reply_to(answer, "dara@bank.example", "It goes on."))
    officer.until("/reports", "Re: ")
    links = officer.main.get_by_role("link", name=f"#{number}", exact=True)
    assert links.count() == 2, "the second mail stands in the same case"
    desks.picture("01", officer=officer)

    stranger = desks.stranger(three.ministry).go("/report")
    stranger.write("What happened", "The page of the bank asks for my password twice.")
    stranger.write("How we reach you", "dara@bank.example")
    stranger.send("Send it")
    theirs = re.findall(r"#(\d+)", stranger.text)[0]
    assert theirs != number
    stranger.write("What you want to add", "It has stopped.")
    stranger.send("Send it")
    officer.until("/reports", "by the form")
    assert officer.main.get_by_role("link", name=f"#{theirs}", exact=True).count() == 2
    desks.picture("01b", stranger=stranger, officer=officer)


def test_2_joined_and_parted_nothing_is_lost(three: Three, desks: Desks) -> None:
    lead = desks.sit(three.ministry, Role.LEAD)
    one, two = (open_case(lead, f"Phishing at {name}") for name in ("the bank", "the post"))
    for case in (one, two):
        note(lead, case, f"A note of {case}")

    def shown(case: str) -> list[str]:
        lead.go(case)
        return [lead.page.title(), *(lead.panel(each).inner_text() for each in ("Notes", "Facts"))]

    before = [shown(each) for each in (one, two)]
    lead.go(two)
    form = lead.fold("Read it in another case", lead.panel("Join, part, and who sees it"))
    lead.write("Number of that case", one.rpartition("/")[2], form)
    lead.send("Join", form)
    assert "Nothing of it is lost; the two can be parted." in lead.text
    lead.go(one)
    assert f"A note of {two}" in lead.text and "Read in this case" in lead.text
    lead.go(two).send("Part it again")
    assert [shown(each) for each in (one, two)] == before
    acts = lead.go(two).panel("What happened, and what was done").inner_text()
    assert "let it be read in another case" in acts and "parted it from another case" in acts
    desks.picture("02", lead=lead)


def test_3_nobody_is_offered_to_delete_and_whoever_tries_is_written_down(three: Three, desks: Desks) -> None:
    analyst, auditor = desks.sit(three.ministry, Role.ANALYST), desks.sit(three.ministry, Role.AUDITOR)
    case = open_case(analyst, "Nothing goes")
    note(analyst, case, "One")
    for path in (case, "/cases", "/reports"):
        named = analyst.go(path).main.get_by_role("button").all_inner_texts()
        assert not [each for each in named if re.search("delete|remove|erase", each, re.IGNORECASE)], named
    # What no button offers, somebody may still send from their own browser.
    tried = analyst.page.evaluate(
        """async (path) => (await fetch(path, { method: 'DELETE', headers: {
             'X-CSRF-Token': document.querySelector('input[name=csrf]')?.value ?? '' } })).status""",
        f"/api/v1{case}",
    )
    assert tried == 403
    analyst.go(case)
    analyst.send("take out of sight", analyst.panel("Notes"))
    assert "Out of sight" in analyst.text and "One" in analyst.panel("Out of sight").inner_text()
    text = auditor.until("/audit", "analyst ministry".title())
    assert "Deletion in a case refused" in text, text
    desks.picture("03", analyst=analyst, auditor=auditor)


def test_4_found_at_ten_to_midnight_and_taken_up_at_ten_past_one(three: Three, desks: Desks, tmp_path: Path) -> None:
    lead = desks.sit(three.ministry, Role.LEAD)
    case = open_case(lead, "Found before midnight")
    times = (
        ("Somebody noticed", "2026-11-01 23:50"),
        ("We were told", "2026-11-01 23:50"),
        ("We took it up", "2026-11-02 01:10"),
    )
    for moment, at in times:
        form = lead.go(case).fold("Say when something was", lead.panel("When"))
        hands.choose(form.locator("#moment"), moment)
        hands.write(form.locator("#m-at"), at)
        hands.choose(form.locator("#m-offset"), "UTC+07:00")
        lead.send("Write down", form)
    when = lead.go(case).panel("When").inner_text()
    assert "80 minutes" in when and "2026-11-01 23:50:00 UTC+07:00" in when, when
    bundle = json.loads(lead.fetch("STIX bundle", tmp_path).read_bytes())
    assert "2026-11-01T16:50:00" in json.dumps(bundle) and '"offset": "+07:00"' in json.dumps(bundle)
    desks.picture("04", lead=lead)


def begin_clock(desk: Desk, case: str, known: int) -> None:
    """The clocks of the Malaysian act for a case, known so many seconds ago."""
    desk.go(case).send("Begin one", desk.panel("Clocks of laws"), link=True)
    options = desk.main.get_by_label("Law or agreement").locator("option").all_inner_texts()
    desk.choose("Law or agreement", next(each for each in options if "Malaysia" in each))
    desk.write("Since when it is known", ago(known))
    hands.choose(desk.page.locator("#d-offset"), "UTC")
    desk.write("Who knew of it", "The duty officer")
    desk.write("Why the case falls under it", "An entity of the national critical infrastructure")
    desk.send("Begin the clocks")


def test_5_and_7_a_legal_clock_its_report_and_the_quarter(three: Three, desks: Desks, tmp_path: Path) -> None:
    """50, 80 and 100 % of six hours once each; unknown is said; what must be revised is left out, and named."""
    lead = desks.sit(three.ministry, Role.LEAD)
    cases = {}
    for share, seconds in ((50, 3 * HOUR), (80, 4 * HOUR + 48 * 60), (100, 6 * HOUR)):
        cases[share] = open_case(lead, f"Known for {share} % of the time")
        lead.go(cases[share]).send("Watch")
        begin_clock(lead, cases[share], seconds + 60)
        lead.until(cases[share], "of the time is over" if share < 100 else "over for")
        lead.until("/notices?all=yes", f"Known for {share} % of the time")
    assert "overdue" in lead.go("/duties?state=overdue").text
    lead.go(cases[100])
    links = lead.panel("Clocks of laws").get_by_role("link")
    initial = next(each for each in links.all_inner_texts() if "nitial" in each)
    lead.send(initial, lead.panel("Clocks of laws"), link=True)
    report = lead.page.url.removeprefix(lead.origin).partition("?")[0]
    assert "unknown" in lead.panel("The exact text").inner_text()
    hands.write(lead.main.locator("[name=sector]"), "Energy")
    lead.send("Keep the words")
    hands.choose(lead.main.locator("#s-channel"), "portal")
    hands.write(lead.main.locator("#s-ref"), "P-17")
    lead.send("It was sent")
    sent = lead.panel("Sent").inner_text()
    assert "P-17" in sent
    text = lead.fetch("the text that was sent", tmp_path).read_bytes()
    assert b"Energy" in text and sha256(text).hexdigest() in sent.replace("\n", "").replace(" ", "")
    desks.picture("05", lead=lead)

    lead.go(report.replace("/initial", "/supplementary"))
    lead.send("Keep the words")
    hands.choose(lead.main.locator("#s-channel"), "mail")
    lead.send("It was sent")
    at = ago(0)
    quarter = f"/duties/quarter?quarter={at[:4]}-Q{(int(at[5:7]) - 1) // 3 + 1}"
    name = "Known for 100 %"
    assert name in lead.go(quarter).panel("In the export").inner_text()
    lead.go(report.replace("/initial", "/supplementary"))
    form = lead.fold("What the receiver said", lead.panel("Sent"))
    lead.choose("What they said", "revision", form)
    lead.write("In their words", "Which one?", form)
    lead.send("Write down", form)
    lead.go(quarter)
    assert "None counts for this quarter" in lead.text
    assert name not in lead.panel("In the export").inner_text()
    assert name in lead.panel("Left out").inner_text() and "revis" in lead.panel("Left out").inner_text()
    desks.picture("07", lead=lead)


def test_6_what_crosses_a_border_is_in_its_list_at_once(three: Three, desks: Desks) -> None:
    analyst, liaison = desks.sit(three.ministry, Role.ANALYST), desks.sit(three.ministry, Role.LIAISON)
    open_case(analyst, "Within ours")
    analyst.go("/cases/new")
    analyst.write("In a few words", "Over the border")
    hands.tick(analyst.main.get_by_label(re.compile("^It crosses a border")))
    analyst.send("Open the case")
    liaison.go("/cases")
    hands.tick(liaison.main.get_by_label("Crosses a border"))
    liaison.send("Find")
    assert "Over the border" in liaison.text and "Within ours" not in liaison.text
    assert "reported" in liaison.main.locator("tr", has_text="Over the border").inner_text()
    desks.picture("06", liaison=liaison)
    assert "Over the border" in liaison.go("/situation").panel("Cases that cross a border").inner_text()
    desks.picture("06b", liaison=liaison)


def test_15_a_playbook_becomes_tasks_and_nothing_runs(three: Three, desks: Desks, tmp_path: Path) -> None:
    lead = desks.sit(three.ministry, Role.LEAD)
    trace, file = tmp_path / "ran", tmp_path / "playbook.json"
    steps = {
        "start": {"type": "start", "on_completion": "collect"},
        "collect": action([{"type": "bash", "command": f"touch {trace}"}], name="Collect", on_completion="call"),
        "call": manual("Call the host of the page.", name="Call the host", on_completion="end"),
        "end": {"type": "end"},
    }
    file.write_text(json.dumps(playbook(steps)))
    lead.go("/strategies/new")
    hands.give(lead.main.get_by_label("CACAO playbook"), str(file))
    lead.send("Keep")
    assert "bash: done by a person" in lead.text and "Signatures" in lead.text and "none" in lead.text
    desks.picture("15", lead=lead)
    case = open_case(lead, "A page shows another text")
    form = lead.go(case).panel("To do")
    lead.choose("Take up a strategy", "Answer a defaced page", form)
    lead.send("Make tasks of it", form)
    tasks = lead.go(case).panel("To do")
    # The next one names it too: it comes after it.
    collect = "li:has(strong:text-is('Collect'))"
    lead.fold("How", tasks.locator(collect))
    assert f"touch {trace}" in tasks.inner_text() and "Call the host" in tasks.inner_text()
    lead.write("What came of it", "Collected by hand.", tasks.locator(collect))
    lead.send("Done", tasks.locator(collect))
    assert "finished a task" in lead.text and "Collected by hand." in lead.text and not trace.exists()
    desks.picture("15b", lead=lead)


def test_16_a_drill_measures_and_counts_nowhere(three: Three, desks: Desks) -> None:
    lead, theirs = desks.sit(three.ministry, Role.LEAD), desks.sit(three.operator, Role.DUTY_OFFICER)
    silent = desks.sit(three.neighbour, Role.DUTY_OFFICER)
    lead.go("/directory/drills")
    for actor in (three.operator, three.neighbour):
        hands.tick(lead.main.get_by_label(actor.cast.name, exact=True))
    lead.send("Drill the chosen now")
    theirs.until("/directory/drills", three.ministry.cast.name, "requested")
    with theirs.page.expect_navigation():
        hands.press(theirs.panel("Asked of us").locator("td a").first)
    assert "EXERCISE" in theirs.text and "Acknowledge it: that is all it asks for." in theirs.text
    form = theirs.fold("We have it in hand", theirs.panel("What you can say"))
    theirs.send("We have it in hand", form)
    silent.until("/directory/drills", three.ministry.cast.name, "requested")
    end = wall_clock() + 60 * SECOND
    while "not yet" in (row := lead.go("/directory/drills").panel("Sent").locator("tr", has_text="Borei").inner_text()):
        assert wall_clock() < end, row
    assert "second" in row or "minute" in row
    assert "not yet" in lead.panel("Sent").locator("tr", has_text="Talay").inner_text(), "never is never a time"
    desks.picture("16", lead=lead, theirs=theirs, silent=silent)
    for desk in (lead, theirs, silent):
        assert "Please" not in desk.go("/handoffs").panel("Asked of us").inner_text()
        for path in ("/situation", "/situation/partners"):
            assert "exercise" not in desk.go(path).text.lower()
    desks.picture("16b", lead=lead)
