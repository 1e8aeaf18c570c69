"""What waits for a second word, what is held for a preservation, and tickets, in the world of the leak test."""

from __future__ import annotations

from kouprey.kernel.storage.engine import Store, Tx
from kouprey.response.model import Verb
from kouprey.response.model.releasing import Proposed, Word, WordState
from kouprey.response.model.tickets import Ticket
from kouprey.response.store import preserving, releasing, tickets
from leaks.things import BEGIN, Thing


def give_word(store: Store, thing: Thing, handoff: str) -> None:
    """Somebody gave the first word to something that says what the thing says."""
    proposed = Proposed(verb=Verb.ACCEPT, text=thing.canary("text"), roles=("lead", "liaison"))
    word = Word(
        id=f"word_{thing.key}",
        handoff=handoff,
        proposed=proposed,
        state=WordState.WAITING,
        first="psn_0",
        first_role="lead",
        first_at=BEGIN,
    )

    def work(tx: Tx) -> None:
        releasing.add(tx, word)
        preserving.add_hold(tx, handoff, f"hold_{thing.key}", thing.ids["malware"])

    store.write(work)


def tie_ticket(store: Store, thing: Thing, case: str) -> None:
    """A ticket of a case, whose status and error say what the thing says."""
    made = Ticket(
        id=f"rtk_{thing.key}",
        case=case,
        ticket=thing.number[1:],
        made_by="operator",
        made_at=BEGIN,
        told="reported",
        status=thing.canary("word"),
        seen_at=BEGIN,
        last=1,
        due=1 << 60,
        error=thing.canary("note"),
    )
    store.write(lambda tx: tickets.save(tx, made))
