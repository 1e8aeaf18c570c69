"""What a case of the leak test has of strategies: a task that sends, what was sent of it, and a template."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kouprey.response.model.calls import Attempt, Call, CallState, Sent
from kouprey.response.model.cases import Track
from kouprey.response.model.playbooks import Planned, Run
from kouprey.response.service import Cases, CaseTemplates, HandOffs
from kouprey.response.store.calls import add_attempt

if TYPE_CHECKING:
    from leaks.things import Thing
    from leaks.world import World


def prepare_requests(world: World, thing: Thing, case: str) -> None:
    """A request with a second one asked for, and a template with it; everything bears what is hidden."""
    services = world.node.services
    cases, who = services.get(Cases), services.get(HandOffs).operator()
    url, content = f"https://{thing.canary('host')}.example/{thing.canary('word')}", thing.canary("text")
    call = Call(method="POST", url=url, headers=(("X-Note", thing.canary("note")),), content=content, third=True)
    step = Planned(step="action--1", title=thing.canary("word"), text=content, run=Run.HTTP, calls=(call,))
    (item,) = cases.add_tasks(who, case, Track.TECHNICAL, [step], thing.ids["strategy"])
    sent = Sent(method="POST", url=url, headers=call.headers, content=content, digest="0" * 64)
    asked = Attempt(
        id=f"call_{thing.key}",
        case=case,
        item=item.id,
        call=0,
        state=CallState.FAILED,
        sent=sent,
        asked_by=who.name,
        asked_at=world.clock.now,
        error=thing.canary("note"),
    )
    world.node.store.write(lambda tx: add_attempt(tx, asked))
    services.get(CaseTemplates).keep(who, case, thing.canary("name"), description=thing.canary("note"))
