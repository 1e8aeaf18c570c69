"""What the law wants written down: the record of processing of this node, and the start of an impact assessment."""

from __future__ import annotations

from kouprey.agreements.model import Standing, State
from kouprey.agreements.service import Agreements
from kouprey.exchange.service import Exchange
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Store
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Unknown
from kouprey.kernel.words.time import Clock, Instant, wall_clock
from kouprey.people.service import People
from kouprey.performance.model import Activity, Register
from kouprey.performance.service.reporting import check_whole


class Processing:
    """Verbs that describe; everything is read from agreements, collections and rules as they stand now."""

    def __init__(
        self, store: Store, people: People, agreements: Agreements, exchange: Exchange, clock: Clock = wall_clock
    ) -> None:
        self._store = store
        self._people = people
        self._agreements = agreements
        self._exchange = exchange
        self._clock = clock

    def register(self, who: Reader) -> Register:
        """Every activity of this node, agreements first; for people who may see everything, since rules name it."""
        check_whole(who)
        now = self._clock()
        rules = [each for each in self._exchange.list_rules(who) if each.state == "in-force"]
        duties = {each.agreement: each for each in self._exchange.list_duties(who)}
        running = [each for each in self._agreements.standings().values() if _counts(each, now)]
        found = [
            self._under(each, duties[each.agreement].rule if each.agreement in duties else "", each.agreement in duties)
            for each in sorted(running, key=lambda each: (each.title, each.agreement))
        ]
        for each in self._exchange.list_collections(who):
            if not each.agreement:
                own = sorted(rule.name for rule in rules if rule.search.collection == each.id)
                days = min((rule.days for rule in rules if rule.search.collection == each.id), default=0)
                found.append(
                    Activity(
                        kind="collection",
                        id=each.id,
                        title=each.title,
                        parties=each.readers,
                        days=days,
                        kept_by=", ".join(own),
                        since=each.created_at,
                    )
                )
        found.append(Activity(kind="access", title="", count=self._people.count_accounts()))
        home = self._people.home()
        return Register(party=home.id, name=home.name, at=now, activities=tuple(found))

    def describe(self, agreement: str) -> Activity:
        """What is processed under an agreement, by its terms; Unknown for a draft or none."""
        standing = self._agreements.get_standing(agreement)
        if standing.draft:
            raise Unknown("This agreement is a draft.", remedy="Sign it first.", code="unknown-agreement")
        return self._under(standing, "", False)

    def now(self) -> Instant:
        """The time a paper bears."""
        return self._clock()

    def note_printed(self, agreement: str, *, by: str) -> None:
        """That somebody printed an assessment stands in the audit; what it says does not."""
        now = self._clock()
        self._store.write(
            lambda tx: audit.append(tx, at=now, actor=by, action="performance.impact", subject=agreement, detail={})
        )

    def _under(self, standing: Standing, rule: str, held: bool) -> Activity:
        terms = standing.terms
        return Activity(
            kind="agreement",
            id=standing.agreement,
            title=standing.title,
            parties=standing.parties,
            purposes=terms.purposes,
            kinds=terms.types,
            onward=terms.onward,
            tlp=terms.tlp_ceiling,
            days=terms.retention_days,
            kept_by=rule,
            unkept=held and not rule,
            erasure_days=terms.erasure_days,
            since=standing.starts,
        )


def _counts(standing: Standing, now: int) -> bool:
    """What was signed and is not over; a suspended one still holds what came before."""
    return standing.state(now) in (State.IN_FORCE, State.SUSPENDED)
