"""What the nodes of the story hold, seen beside their servers: the story checks its claims here, and pages count."""

from __future__ import annotations

from collections.abc import Sequence

from kouprey.advisories.service import Desk, Statements
from kouprey.agreements.service import Agreements
from kouprey.constituents.service import Constituents
from kouprey.exchange.service import MAIN, Exchange
from kouprey.federation.service import Federation
from kouprey.kernel.storage import audit, outbox
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import Unknown
from kouprey.kernel.words.time import SECOND, wall_clock
from kouprey.node.actors import Actor
from kouprey.node.assemble import open_node
from kouprey.node.book import Tie
from kouprey.people.service import People
from kouprey.response.model.cases import Sort, Task, TaskState
from kouprey.response.service import Cases, HandOffs, Outcomes, Strategies
from kouprey.response.store.cases import Wanted

SHORT = 10
"""Deeds of one kind that are looked at; a story has few."""
MANY = 200
"""Objects of one type that are looked through."""


def is_founded(actor: Actor) -> bool:
    """Whether there is a node in the folder."""
    return (actor.folder / "kouprey.toml").exists()


def identity(actor: Actor) -> str:
    """The STIX identity of a party, from its card."""
    with actor.services() as services:
        return str(services.get(People).home().card.identities[0])


def words(actor: Actor) -> list[str]:
    """The fingerprint words of a party, as its own node says them."""
    with actor.services() as services:
        return list(services.get(People).fingerprint(actor.party))


def agreement_of(actor: Actor, title: str) -> str:
    """The id of the agreement of that title at a node, "" while it is unknown there."""
    with actor.services() as services:
        standings = services.get(Agreements).standings().values()
        return next((str(each.agreement) for each in standings if each.title == title), "")


def state(actor: Actor, agreement: str) -> str:
    """Where an agreement stands at a node, "" while it is unknown there."""
    with actor.services() as services:
        agreements = services.get(Agreements)
        standing = agreements.standings().get(agreement)
        return "" if standing is None else str(standing.state(agreements.now()))


def signers(actor: Actor, agreement: str, number: int = 0) -> set[str]:
    """Whose signatures under a version of an agreement, the newest for 0, a node holds."""
    with actor.services() as services:
        versions = services.get(Agreements).list_versions(agreement) if agreement else []
        chosen = [each for each in versions if number in (0, each.number)]
        return {str(party) for party in chosen[-1].signers} if chosen else set()


def version(actor: Actor, agreement: str) -> int:
    """The number of the version that counts at a node."""
    with actor.services() as services:
        return int(services.get(Agreements).get_standing(agreement).version)


def narrowed(actor: Actor, agreement: str) -> bool:
    """Whether a node knows that somebody has tightened the agreement for their part."""
    with actor.services() as services:
        return bool(services.get(Agreements).get_standing(agreement).narrowed)


def holds(actor: Actor) -> int:
    """How many versions of objects a node holds."""
    with actor.services() as services:
        exchange = services.get(Exchange)
        return int(exchange.counts(exchange.operator()).total)


def knows(actor: Actor, stix_ids: Sequence[str]) -> int:
    """How many of these objects a node holds."""
    found = 0
    with actor.services() as services:
        exchange = services.get(Exchange)
        for stix_id in stix_ids:
            try:
                exchange.get_object(exchange.operator(), stix_id)
            except Unknown:
                continue
            found += 1
    return found


def sightings(actor: Actor, stix_id: str) -> int:
    """How many sightings of an object a node knows; 0 where the object itself is unknown."""
    with actor.services() as services:
        exchange = services.get(Exchange)
        try:
            found = exchange.get_object(exchange.operator(), stix_id)
            return sum(each.kind == "sighting" for each in exchange.weigh(exchange.operator(), found).comments)
        except Unknown:
            return 0


def sighted(actor: Actor, stix_id: str) -> list[str]:
    """The ids of sightings of an object at a node, the newest last."""
    with actor.services() as services:
        exchange = services.get(Exchange)
        found = exchange.get_object(exchange.operator(), stix_id)
        told = exchange.weigh(exchange.operator(), found).comments
        return [str(each.stix_id) for each in told if each.kind == "sighting"]


def has_hunted(actor: Actor, rule: str) -> bool:
    """Whether somebody has kept what a Sigma rule (by its id) found."""
    with actor.services() as services:
        exchange = services.get(Exchange)
        page = exchange.page(exchange.operator(), MAIN, types=("sighting",), limit=MANY)
        return any(rule.encode() in row.raw for row in page.rows)


def has_approved(actor: Actor, name: str, draft: str) -> bool:
    """Whether a person wants a draft of a statement published, or has had it published."""
    with actor.services() as services:
        person, desk = person_in(services, name), services.get(Desk)
        held, _ = desk.get_draft(services.get(Statements).operator(), draft)
        return person in {each.person for each in held.approvals}


def strategy_of(actor: Actor, title: str) -> str:
    """The id of the strategy of that title at a node, "" while it is unknown there."""
    with actor.services() as services:
        heads, _ = services.get(Strategies).list(services.get(HandOffs).operator())
        return next((str(each.stix_id) for each in heads if each.title == title), "")


def case_of(actor: Actor, title: str) -> int:
    """The number of the case of that title at a node, 0 for none."""
    with actor.services() as services:
        lines, _ = services.get(Cases).list_cases(services.get(HandOffs).operator(), Wanted(text=title, closed=None))
        return next((int(each.case.number) for each in lines), 0)


def open_tasks(actor: Actor, case: int) -> list[str]:
    """The tasks of a case that nobody has begun, in their order."""
    with actor.services() as services:
        cases, who = services.get(Cases), services.get(HandOffs).operator()
        items, _ = cases.items(who, cases.get(who, str(case)), (Sort.TASK,))
        return [
            each.id for each in reversed(items) if isinstance(each.body, Task) and each.body.state is TaskState.OPEN
        ]


def outcomes(actor: Actor, strategy: str) -> list[str]:
    """What a node was told of a strategy, in words; nothing where the strategy is unknown."""
    with actor.services() as services:
        try:
            told, _ = services.get(Outcomes).list(services.get(HandOffs).operator(), strategy)
        except Unknown:
            return []
        return [each.outcome.words for each in told]


def waiting(actor: Actor, party: str = "") -> int:
    """How many entries of a node wait to be confirmed, by a party or by any."""
    with actor.services() as services:
        each = services.get(Federation).ledger.list_waiting()
        return sum(one.total for one in each if party in ("", one.party))


def lanes(actor: Actor, agreement: str) -> dict[str, int]:
    """Origin -> signed size of every lane of an agreement at a node."""
    with actor.services() as services:
        found = services.get(Federation).ledger.list_lanes(agreement=agreement)
        return {lane.origin: lane.signed_size for lane in found}


def deeds(actor: Actor, action: str, subject: str = "") -> int:
    """How often something was done at a node, up to a few, as its trail says; looking leaves no line there."""
    node = open_node(actor.folder)
    try:
        with node.store.read() as reader:
            return len(audit.list_audit(reader, None, SHORT, action=action, subject=subject))
    finally:
        node.close()


def is_open(actor: Actor, link: str) -> bool:
    """Whether a sign-in link still lets somebody in."""
    with actor.services() as services:
        return services.get(People).find_link_holder(link.rpartition("/")[2]) is not None


def leaked(actors: Sequence[Actor], stix_id: str) -> int:
    """How many of these nodes hold an object that should not have come to them."""
    return sum(knows(actor, [stix_id]) for actor in actors)


def tie(one: Actor, other: Actor) -> Tie:
    """What is between two nodes now: whether they reach each other, and what waits."""
    here, there = link(one, other.party), link(other, one.party)
    return Tie(one.cast.key, other.cast.key, worse(here[0], there[0]), (here[1], there[1]))


def worse(here: str, there: str) -> str:
    """The state of a link that each side sees in its own way: one that fails is cut, one that is not there is none."""
    for bad in ("cut", "none", "paused"):
        if bad in (here, there):
            return bad
    return "works"


def trouble(actors: Sequence[Actor]) -> str:
    """What stands in the way between the nodes: links that fail, what waits, listeners that stumbled, ends of logs."""
    told: list[str] = []
    for actor in actors:
        node = open_node(actor.folder)
        try:
            links = node.federation.links.list_links()
            waiting = node.federation.ledger.list_waiting()
            with node.store.read() as reader:
                stumbled = [each for each in outbox.list_listeners(reader) if each.error]
        finally:
            node.close()
        now = wall_clock()
        told += [
            f"{actor.party} to {each.party}: {each.failures} failures, tried {(now - each.last_try) // SECOND} s ago."
            f" {each.error}"
            for each in links
        ]
        told += [f"{actor.party}: {each.total} entries and papers wait for {each.party}." for each in waiting]
        told += [f"{actor.party}: {each.listener} stumbled: {each.error}" for each in stumbled]
        if actor.process is not None and not actor.is_running:
            told.append(f"{actor.party}: its server has ended with {actor.process.returncode}.")
        if words := actor.last_words():
            told.append(f"{actor.party}, from its log: {words}")
    return "\n".join(told)


def link(actor: Actor, party: str) -> tuple[str, int]:
    """How a node finds its link to a party, and how many entries wait there for it."""
    with actor.services() as services:
        federation = services.get(Federation)
        found = next((each for each in federation.links.list_links() if each.party == party), None)
        waits = sum(each.total for each in federation.ledger.list_waiting() if each.party == party)
    if found is None or not (found.last_ok or found.failures or found.paused):
        # Written down and never used is no link yet.
        return "none", waits
    if found.paused:
        return "paused", waits
    return "cut" if found.failures else "works", waits


def is_hosted(actor: Actor, constituent: str) -> bool:
    """Whether a node hosts somebody."""
    with actor.services() as services:
        return constituent in {each.id for each in services.get(Constituents).list_constituents()}


def networks(actor: Actor, constituent: str) -> list[str]:
    """What a node holds for theirs; nothing of somebody it does not host."""
    with actor.services() as services:
        return [each.text for each in services.get(Constituents).networks(constituent)]


def concerns(actor: Actor, constituent: str) -> set[str]:
    """Ids of what a constituent is shown of its networks, with its own eyes."""
    with actor.services() as services:
        constituents = services.get(Constituents)
        who = constituents.reader_of(constituents.get_constituent(constituent))
        return {hit.stix_id for hit in constituents.inside(who).hits}


def person_in(services: Services, name: str) -> str:
    """The id of a person by name, "" for nobody."""
    return next((each.id for each in services.get(People).list_persons() if each.name == name), "")


def person(actor: Actor, name: str) -> str:
    """The same, at a node."""
    with actor.services() as services:
        return person_in(services, name)


def approval_of(actor: Actor, stix_id: str) -> str:
    """What became of the release of an object that was asked for, "" when nobody has asked."""
    with actor.services() as services:
        exchange = services.get(Exchange)
        found = exchange.list_approvals_of(exchange.operator(), stix_id)
        return str(found[0].state) if found else ""
