"""A bureau that takes reports in: cases and reports of one node on both engines, and people who look at them."""

from __future__ import annotations

from typing import Any

from kouprey.exchange.service import Exchange
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.migrate import migrate
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role
from kouprey.response.model.cases import Sort
from kouprey.response.service import Cases, Reports


class Bureau:
    """`relay` is what the reports are answered by, None for by hand."""

    relay: Any = None

    def __init__(self, world: Any) -> None:
        self.actor: Any = world.actor("ministry.example")
        migrate(self.actor.store, [("exchange", "kouprey.exchange.migrations")])
        actor = self.actor
        exchange = Exchange(actor.store, actor.people, actor.agreements, actor.lanes, actor.now)
        self.cases = Cases(actor.store, actor.people, actor.agreements, exchange, actor.handoffs, actor.now)
        given = (actor.store, actor.people, actor.agreements, exchange, self.cases, lambda: self.relay, actor.now)
        self.reports = Reports(*given, origin="https://a.example")
        self.lead, self.analyst = self.who(Role.LEAD), self.who(Role.ANALYST)

    def who(self, *roles: Role, clearance: TLP = TLP.RED) -> Reader:
        """Somebody new with these roles."""
        name = f"P{len(self.actor.people.list_persons())}"
        person = self.actor.people.save_person(name, roles, clearance, by="test").id
        words = tuple(map(str, roles))
        return Reader(party=self.actor.party, clearance=clearance, local=True, roles=words, name=person)

    def open(self, title: str = "A page shows another text", **given: Any) -> Any:
        return self.cases.open(self.lead, title, tlp=given.pop("tlp", TLP.AMBER_STRICT), **given)

    def bodies(self, who: Reader, case: Any, *sorts: Sort) -> list[Any]:
        items, _ = self.cases.items(who, self.cases.get(who, case.id), sorts or tuple(Sort))
        return [each.body for each in reversed(items)]

    def audited(self) -> list[str]:
        with self.actor.store.read() as reader:
            return [each.action for each in audit.list_audit(reader, limit=500)]
