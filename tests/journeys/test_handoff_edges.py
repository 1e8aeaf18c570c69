"""Over real nodes: a yes by a link without an account, and one by telephone while the line is cut."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode, urlsplit

import msgspec
import pytest

from kouprey.agreements.model import HandOffTerm
from kouprey.agreements.service import Agreements
from kouprey.node.actors import Actor, wait_until
from kouprey.node.story import Story
from kouprey.response.service import Contacts, HandOffs

HOUR = 3_600
TERMS = tuple(HandOffTerm(kind=kind, acknowledge_s=HOUR, decide_s=4 * HOUR) for kind in ("act", "inform"))


@pytest.fixture
def story(loopback_actors: Callable[..., dict[str, Actor]], monkeypatch: pytest.MonkeyPatch) -> Iterator[Story]:
    """Three nodes and an agreement with hand-offs: signs of life within an hour, decisions within four."""
    drafted = Agreements.draft

    def draft(self: Agreements, title: str, parties: Any, terms: Any, **more: Any) -> Any:
        types = tuple(dict.fromkeys((*terms.types, "hand-off")))
        return drafted(self, title, parties, msgspec.structs.replace(terms, types=types, handoffs=TERMS), **more)

    monkeypatch.setattr(Agreements, "draft", draft)
    made = Story(loopback_actors())
    try:
        for key in ("nodes", "cards", "agreement"):
            made.play(next(each for each in made.chapters if each.key == key))
        yield made
    finally:
        made.stop()


def inside(actor: Actor, what: Callable[[HandOffs, Any], Any]) -> Any:
    """Something with the hand-offs beside the running node."""
    with actor.services() as services:
        return what(services.get(HandOffs), services)


def held(actor: Actor, handoff: str) -> Any:
    """A hand-off as a node sees it; None while it has not come."""
    with actor.services() as services:
        every = services.get(HandOffs)
        who = every.operator()
        lines = [*every.list_asked(who), *every.list_asking(who)]
        return every.get(who, handoff) if handoff in {line.id for line in lines} else None


class Browser:
    """That of somebody without an account: no cookie; names below localhost lead to this machine, as browsers do it."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self.host, self.path, self.origin = parts.netloc, parts.path, f"{parts.scheme}://{parts.netloc}"

    def ask(self, **form: str) -> tuple[int, str]:
        """Open the page, or send its form."""
        connection = HTTPConnection("127.0.0.1", int(self.host.rpartition(":")[2]), timeout=20)
        headers = {"Host": self.host, "Connection": "close"}
        if form:
            headers |= {"Origin": self.origin, "Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST" if form else "GET", self.path, urlencode(form) if form else None, headers)
        answer = connection.getresponse()
        said = answer.read().decode()
        connection.close()
        return answer.status, said


def seen(text: str) -> str:
    return re.findall(r'name="seen" value="([^"]*)"', text)[0]


def test_an_officer_says_yes_by_a_link_and_both_nodes_show_it(story: Story) -> None:
    ministry, operator = story.ministry, story.operator
    words = ("Block the control server", "--text", "It calls 203.0.113.7.", "--number", "MPTC-17", "--tlp", "amber")
    asked = ministry.command("handoff", "ask", story.agreement, operator.party, "act", *words)["id"]
    wait_until("the request has come", lambda: held(operator, asked) is not None)

    officer = operator.command("contact", "add", "Azman", "--team", "CFC", "--party", operator.party)["id"]
    address = operator.command("contact", "link", asked, officer)["address"]
    assert address.startswith(f"{operator.url}/reply/")
    browser = Browser(address)
    status, opened = browser.ask()
    assert status == 200 and "203.0.113.7" not in opened, "a scanner that follows links sees nothing"
    assert held(operator, asked).course.stage == "requested"
    shown = browser.ask(verb="look")[1]
    assert "203.0.113.7" in shown and "MPTC-17" in shown
    for _ in range(2):
        assert browser.ask(verb="accept", text="Tonight.", number="CFC-9", seen=seen(shown))[0] == 303
    wait_until("the answer has come", lambda: held(ministry, asked).course.stage == "accepted")
    ours, theirs = held(ministry, asked), held(operator, asked)
    assert ours.course == theirs.course and len(ours.course.steps) == 2
    assert [step.message.number for step in ours.course.steps] == ["MPTC-17", "CFC-9"]
    assert {clock.name: clock.met for clock in ours.course.clocks} == {
        "acknowledge": ours.course.steps[1].message.at,
        "decide": ours.course.steps[1].message.at,
    }
    after = browser.ask(verb="look")[1]
    assert "MPTC-17" in after and "CFC-9" in after and ">accepted<" in after


def test_a_party_without_a_node_says_yes_by_a_link(story: Story) -> None:
    ministry = story.ministry
    contact = ministry.command(
        "contact", "add", "Somchai", "--team", "Northern Hospital", "--language", "th", "--zone", "Asia/Bangkok"
    )["id"]
    asked = ministry.command("contact", "ask", contact, "act", "Block it", "--text", "All of it.", "--number", "M-1")[
        "id"
    ]
    address = ministry.command("contact", "link", asked, contact)["address"]
    browser = Browser(address)
    shown = browser.ask()[1]
    assert '<html lang="th">' in shown and "M-1" in shown
    assert browser.ask(verb="accept", number="H-4", seen=seen(shown))[0] == 303

    def same(every: HandOffs, services: Any) -> None:
        ours = every.get(every.operator(), asked)
        theirs = services.get(Contacts).open(address.rpartition("/")[2]).held
        assert ours.course == theirs.course and ours.course.stage == "accepted"
        assert [step.message.number for step in ours.course.steps] == ["M-1", "H-4"]

    inside(ministry, same)
    assert "H-4" in browser.ask()[1]
