"""What two persons released and what waits for a second word, and a case with its ticket at RTIR."""

from __future__ import annotations

from collections.abc import Sequence

from browser.stage import Stage
from kouprey.kernel.seal import box
from kouprey.node.actors import Actor, wait_until
from kouprey.people.model import Role
from kouprey.people.service import People
from kouprey.response.model import Verb
from kouprey.response.model.cases import Phase
from kouprey.response.model.sealed import Opener, SealedItem
from kouprey.response.model.tickets import Desk
from kouprey.response.service import Cases, HandOffs, Releasing, Said, Tickets
from kouprey.response.service.sealing import seal_file
from response.conftest import officer
from response.requesttracker import TOKEN, running

WORDS = "Of the number that was asked for, from 3 to 5 November, as the register has it."


def release(actor: Actor, handoff: str, items: Sequence[SealedItem], *, both: bool = True) -> None:
    """A lead of theirs and a legal officer give files away, or the first of them alone."""
    with actor.services() as services:
        people, releasing = services.get(People), services.get(Releasing)
        word = releasing.give(officer(people, Role.LEAD), handoff, Said(Verb.REPORT, WORDS, items=tuple(items)))
        if both:
            releasing.second(officer(people, Role.LEGAL), handoff, word.id)


def furnish_disclose(stage: Stage) -> None:
    """The operator asks in an emergency, the ministry gave one word of two; a case has a ticket that contradicts."""
    ministry, operator = stage.actors["ministry"], stage.actors["operator"]
    reader = Opener(name="Duty prosecutor of Talay", key=box.new_identity()[1])
    words = ("Where the telephone is", "--text", "It was seen in Sovan.", "--urgency", "emergency")
    ground = ("--ground", "A child is missing since noon.", "--reader", f"{reader.name}={reader.key}")
    made = operator.command("handoff", "ask", "Memorandum", ministry.party, "disclose", *words, *ground)["id"]

    def came() -> bool:
        return any(made.startswith(each["id"]) for each in ministry.command("handoff", "list"))

    wait_until("the ministry is asked in an emergency", came)
    ministry.command("handoff", "say", made, "accept", "--text", "Now.")
    with operator.services() as services:
        through = services.get(People).home().card.age
    items = [seal_file(name.encode() * 400, f"{name}.csv", [reader], through) for name in ("cells", "calls")]
    release(ministry, made, items[:1])
    wait_until("what is owed is seen", lambda: ministry.command("handoff", "list")[0]["basis"] == "missing" or came())
    again = operator.command("handoff", "ask", "Memorandum", ministry.party, "disclose", *words, *ground)["id"]
    wait_until("it is asked again", lambda: any(again.startswith(e["id"]) for e in ministry.command("handoff", "list")))
    ministry.command("handoff", "say", again, "accept", "--text", "Now.")
    release(ministry, again, items[1:], both=False)
    _tickets(ministry)


def _tickets(ministry: Actor) -> None:
    with running() as tracker, ministry.services() as services:
        tickets, cases = services.get(Tickets), services.get(Cases)
        tickets.desk = lambda: Desk(url=tracker.url, token=TOKEN)
        who = services.get(HandOffs).operator()
        case = cases.open(who, "The register of companies answers slowly")
        cases.change(who, case.id, case.version, phase=Phase.CONTAINED)
        held = tickets.make(who, case.id)
        tickets.turn()
        tracker.happen(4711, "Correspond", Data="Re: the register")
        tracker.set_status(4711, "resolved")
        tickets.look(who, case.id, held.id)
