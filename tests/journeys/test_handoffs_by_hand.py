"""Hand-offs by hand: what people of three served nodes ask of one another and answer, pressing what pages offer.

Scenarios 8 to 14 of response. Where one speaks of hours the agreement of these nodes says seconds, so that clocks of
the machine show it. Scenario 8 is played in every run of the tests, the others with `--long`.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from browser import hands
from journeys.conftest import FAST
from journeys.desks import Desks, ask, say
from journeys.three import HOUR, Three, open_three
from kouprey.agreements.model import HandOffTerm
from kouprey.node.actors import Actor, wait_until
from kouprey.people.model import Role

if TYPE_CHECKING:
    from journeys.desks import Desk

OVERDUE, PAUSE = 20, 4
"""Seconds within which help is acknowledged, and for which a question about sightings may stop the clock."""
TERMS = (
    HandOffTerm(kind="act", acknowledge_s=HOUR, decide_s=4 * HOUR),
    HandOffTerm(kind="assist", acknowledge_s=OVERDUE, decide_s=HOUR),
    HandOffTerm(kind="sighting-query", acknowledge_s=HOUR, decide_s=4 * HOUR, pause_s=PAUSE),
)


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Three]:
    with open_three(tmp_path_factory.mktemp("hand-offs"), TERMS) as made:
        yield made


@contextmanager
def apart(three: Three) -> Iterator[None]:
    """While the line between the neighbour's country and the others is cut."""
    others = (three.ministry, three.operator)
    three.story.cut.cut(three.neighbour, others)
    try:
        yield
    finally:
        three.story.cut.heal(three.neighbour, others)


def events(desk: Desk) -> str:
    return desk.panel("What was said").inner_text()


def deadlines(desk: Desk) -> list[str]:
    """Until when each clock runs, and how each stands, as the page says it."""
    return [" ".join(each.split()) for each in desk.panel("Clocks").locator("li").all_inner_texts()]


def test_8_an_officer_without_an_account_says_yes_and_both_nodes_show_it(
    three: Three, desks: Desks, tmp_path: Path
) -> None:
    lead, theirs = desks.sit(three.ministry, Role.LEAD), desks.sit(three.operator, Role.LEAD)
    words = ("Block the control server", "It calls 203.0.113.9.")
    path = ask(lead, f"{three.operator.cast.name}: Act", *words, refs="203.0.113.9", number="MPTC-17")
    theirs.go("/handoffs/contacts")
    for label, text in (("Name", "Azman"), ("Team and organisation", "CFC")):
        hands.write(theirs.main.get_by_label(label, exact=True), text)
    theirs.choose("Party", three.operator.cast.name)
    theirs.send("Write down")
    theirs.until(path, "Block the control server")
    theirs.send("Make a link")
    address = theirs.panel("The link").locator("code").first.inner_text().strip()

    officer = desks.stranger(three.operator).go(address.removeprefix(three.operator.url))
    assert "203.0.113.9" not in officer.text, "a program that follows links sees nothing"
    officer.send("Show what is asked")
    assert "203.0.113.9" in officer.text and "MPTC-17" in officer.text
    form = officer.fold("Accept")
    officer.write("Your case number", "CFC-9", form)
    officer.send("Accept", form)
    assert "It is recorded." in officer.text and "CFC-9" in officer.text

    lead.until(path, "accepted", "CFC-9")
    theirs.until(path, "accepted", "confirmed by their node")
    assert deadlines(lead) == deadlines(theirs) and "kept" in deadlines(lead)[0]
    for desk in (lead, theirs):
        assert "MPTC-17" in events(desk) and "CFC-9" in events(desk) and "Azman" in events(desk)
    paper = lead.fetch("ไทย", tmp_path)
    assert paper.name.endswith("-th.pdf") and paper.read_bytes().startswith(b"%PDF")
    desks.picture("08", lead=lead, theirs=theirs, officer=officer)


@pytest.mark.long
def test_9_cut_off_both_pages_say_overdue_at_one_instant_and_the_telephone_helps(three: Three, desks: Desks) -> None:
    lead, theirs = desks.sit(three.ministry, Role.LEAD), desks.sit(three.neighbour, Role.DUTY_OFFICER)
    path = ask(lead, f"{three.neighbour.cast.name}: Help", "Look at these logs", "They end at midnight.")
    theirs.until(path, "Look at these logs")
    with apart(three):
        lead.until(path, "overdue")
        theirs.until(path, "overdue")
        due = [re.findall(r"until (\S+ \S+)", deadlines(desk)[0]) for desk in (lead, theirs)]
        assert due[0] == due[1] and "overdue" in deadlines(lead)[0]
        assert "They are overdue: call them and compare the six words, carry a parcel" in lead.text
        ladder = [desk.panel("When the link is cut").inner_text() for desk in (lead, theirs)]
        assert ladder[0] == ladder[1] and "Make a parcel" in ladder[0]
        assert len(lead.panel("When the link is cut").locator("li").all()) == 6, "six words for the telephone"
        desks.picture("09", lead=lead, theirs=theirs)
        say(lead, path, "They told us by telephone", "Anan, at the number of the card.")
        assert "heard by telephone that they have it" in events(lead) and "kept late" in deadlines(lead)[0]
        desks.picture("09b", lead=lead)
    theirs.until(path, "heard by telephone that they have it")


@pytest.mark.long
def test_10_accepted_there_while_it_was_given_to_somebody_else_here(three: Three, desks: Desks) -> None:
    lead, theirs = desks.sit(three.ministry, Role.LEAD), desks.sit(three.neighbour, Role.LEAD)
    path = ask(lead, f"{three.neighbour.cast.name}: Help", "Who rents this server", "It serves the false shop.")
    theirs.until(path, "Who rents this server")
    with apart(three):
        say(theirs, path, "Accept", "We look at it tonight.")
        say(lead, path, "Ask somebody else", "They do not answer.", Whom_to_ask_instead=three.operator.cast.name)
        assert "Instead of" in lead.text
    lead.until(path, "given to somebody else", "came too late to count", "We look at it tonight.")
    theirs.until(path, "given to somebody else", "came too late to count")
    assert "They had accepted before your word" in lead.text, "our lead is told what to do"
    assert "before your word reached them" in theirs.text, "their lead is told what to do"
    assert three.operator.cast.name in lead.panel("Facts").inner_text(), "and whom else to call"
    desks.picture("10", lead=lead, theirs=theirs)


@pytest.mark.long
def test_11_who_is_not_competent_names_who_is(three: Three, desks: Desks) -> None:
    lead, theirs = desks.sit(three.ministry, Role.LEAD), desks.sit(three.operator, Role.LEAD)
    far = desks.sit(three.neighbour, Role.LEAD)
    path = ask(lead, f"{three.operator.cast.name}: Act", "Take the page off", "It is a copy.", refs="203.0.113.77")
    theirs.until(path, "Take the page off")
    named = {"Reason": "We are not competent", "Who_is_competent": three.neighbour.cast.name}
    say(theirs, path, "Decline", "Not our network.", **named)
    lead.until(path, f"Ask {three.neighbour.cast.name}")
    desks.picture("11", lead=lead)
    lead.send(f"Ask {three.neighbour.cast.name}")
    second = lead.page.url.removeprefix(lead.origin).partition("?")[0]
    far.until(second, "Take the page off")
    theirs.until(path, "given to somebody else")
    assert "stopped" in deadlines(lead.go(path))[-1] or "kept" in deadlines(lead)[-1]
    assert "overdue" not in lead.go("/situation/partners").text
    lead.go("/directory")
    proposal = lead.panel("Proposals")
    assert three.neighbour.cast.name in proposal.inner_text()
    lead.write("For these, one on each line", "203.0.113.0/24", proposal)
    lead.send("Apply", proposal)
    lead.go("/directory/competence?q=203.0.113.77")
    assert three.neighbour.cast.name in lead.text and "learned from a decline" in lead.text
    desks.picture("11b", lead=lead, theirs=theirs, far=far)


@pytest.mark.long
def test_12_a_question_stops_the_clock_and_the_page_says_for_how_long(three: Three, desks: Desks) -> None:
    """Agreed is a pause of some seconds; the answer comes later, and the rest counts."""
    lead, theirs = desks.sit(three.ministry, Role.LEAD), desks.sit(three.operator, Role.LEAD)
    path = ask(lead, f"{three.operator.cast.name}: Say what", "Did you see this address", "In November.")
    theirs.until(path, "Did you see this address")
    say(theirs, path, "We have it in hand")
    say(theirs, path, "Ask back", "Which of the two?")
    assert "A question stops the clocks of the decision and the report now." in theirs.text
    lead.until(path, "Which of the two?")
    lead.page.wait_for_timeout(2 * PAUSE * 1000)
    say(lead, path, "Answer", "The first.")
    theirs.until(path, "The first.")
    for desk in (lead, theirs):
        clock = next(each for each in deadlines(desk) if each.startswith("Decided"))
        assert re.search(rf"was open for \d+ seconds: {PAUSE} seconds are left out, \d+ seconds? count", clock), clock
    assert deadlines(lead) == deadlines(theirs)
    desks.picture("12", lead=lead, theirs=theirs)


def carry(desk: Desk, to: str, stick: Path, name: str) -> Path:
    """A parcel for somebody, by the page for it."""
    desk.go("/partners/parcels")
    row = desk.panel("Make a parcel").locator("li", has_text=to)
    with desk.page.expect_download() as download:
        hands.press(row.get_by_role("button", name="Make", exact=True))
    file = stick / name
    download.value.save_as(file)
    return file


def read(desk: Desk, file: Path) -> str:
    desk.go("/partners/parcels")
    hands.give(desk.main.get_by_label("The .kpx file"), str(file))
    desk.send("Read it")
    return desk.text


@pytest.mark.long
def test_13_two_parcels_out_of_order_and_twice(three: Three, desks: Desks, tmp_path: Path) -> None:
    """An older and a newer message by stick: the newer is read first, and both again; the page is as it is online."""
    lead, theirs = desks.sit(three.ministry, Role.LEAD), desks.sit(three.neighbour, Role.LEAD)
    keeper, far = desks.sit(three.ministry, Role.ADMINISTRATOR), desks.sit(three.neighbour, Role.ADMINISTRATOR)
    path = ask(lead, f"{three.neighbour.cast.name}: Act", "Block it by stick", "The link will be cut.")
    theirs.until(path, "Block it by stick")
    with apart(three):
        say(theirs, path, "We have it in hand", Our_case_number="T-4")
        older = carry(far, three.ministry.cast.name, tmp_path, "older.kpx")
        say(theirs, path, "Accept", "Tonight.")
        newer = carry(far, three.ministry.cast.name, tmp_path, "newer.kpx")
        told = [read(keeper, each) for each in (newer, older, newer, older)]
        assert ["\nNew entries\n0\n" in each for each in told] == [False, True, True, True]
        lead.until(path, "accepted", "T-4")
        said = events(lead)
        assert said.count("has it in hand") == 1 and said.count("Tonight.") == 1
        clocks = deadlines(lead)
        desks.picture("13", keeper=keeper, lead=lead)
    theirs.until(path, "confirmed by their node")
    assert deadlines(theirs) == clocks == deadlines(lead.go(path)), "as it is online"
    assert re.sub(r"here .* apart", "", events(lead)) == said


@pytest.mark.long
def test_14_what_a_revoked_key_signs_is_not_applied_and_seen(three: Three, desks: Desks, tmp_path: Path) -> None:
    """The neighbour's key is stolen and revoked; the thief says yes on a copy of the node, and a parcel brings it."""
    lead, theirs = desks.sit(three.ministry, Role.LEAD), desks.sit(three.neighbour, Role.LEAD)
    keeper = desks.sit(three.ministry, Role.ADMINISTRATOR)
    path = ask(lead, f"{three.neighbour.cast.name}: Act", "Signed by whom", "Before the theft.")
    theirs.until(path, "Signed by whom")
    say(theirs, path, "We have it in hand", Our_case_number="T-9")
    lead.until(path, "T-9")
    away = three.neighbour
    away.stop()
    stolen = tmp_path / "stolen"
    shutil.copytree(away.folder, stolen)
    away.command("keys", "revoke", "--yes")
    away.start()
    keeper.until("/partners/keys", "was revoked on")
    desks.picture("14", keeper=keeper)
    thief = Actor(away.cast, stolen, away.address, away.url, environment=FAST)
    thief.command("handoff", "say", path.rpartition("/")[2], "accept", "--text", "We are not who you think.")
    parcel = tmp_path / "stolen.kpx"
    thief.command("parcel", "make", three.ministry.party, "-o", str(parcel))
    text = read(keeper, parcel)
    assert f"signed by a key that {away.party} has revoked" in text, text
    # By the folder it stands there with the reason for as long as nobody takes it away.
    shutil.copy(parcel, three.ministry.folder / "spool" / "in" / parcel.name)
    keeper.until("/partners/parcels", "Refused, with the reason", parcel.name, "has revoked")
    desks.picture("14b", keeper=keeper)
    said = events(lead.go(path))
    assert "We are not who you think." not in said and "T-9" in said, "what was signed before stays valid"
    wait_until("the real node goes on", away.is_ready)
    # Another node key is another name of the cookie: everybody signs in anew.
    theirs = desks.sit(away, Role.LEAD, anew=True)
    say(theirs, path, "Accept", "We are ourselves.")
    lead.until(path, "We are ourselves.")
    desks.picture("14c", lead=lead)
