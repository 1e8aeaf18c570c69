"""Assembly: open the stores of a node, build its services from the bottom up, and take them down again."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from importlib import import_module
from itertools import chain
from pathlib import Path
from typing import Any

from kouprey.advisories.service import Checker, Desk, Statements
from kouprey.agreements.service import Agreements
from kouprey.audit.service import Audit
from kouprey.capacity.service import Capacity
from kouprey.constituents.service import Constituents
from kouprey.exchange.service import Exchange
from kouprey.federation.service import Budget, Federation, Lanes, Laying, Receiver, Spool
from kouprey.hunt.service import Hunts
from kouprey.kernel.seal import keyring as keys
from kouprey.kernel.seal.keys import hmac_sha256
from kouprey.kernel.storage import outbox
from kouprey.kernel.storage.engine import Store
from kouprey.kernel.storage.lock import FileLock
from kouprey.kernel.storage.migrate import KERNEL, list_missing, migrate
from kouprey.kernel.web.traffic import Traffic
from kouprey.kernel.words.capability import Job, Services
from kouprey.kernel.words.errors import Refused
from kouprey.kernel.words.proof import Prover
from kouprey.kernel.words.time import Clock, wall_clock
from kouprey.misp.service import Misp
from kouprey.node.capabilities import CAPABILITIES
from kouprey.node.changing import Live
from kouprey.node.hook import hook_of
from kouprey.node.mailbox import box_of
from kouprey.node.own import own_things, public_things
from kouprey.node.reach import reach_of, read_secret
from kouprey.node.rtir import desk_of, eyed_of
from kouprey.node.settings import Settings, read_settings
from kouprey.node.turns import Turns
from kouprey.people.service import People
from kouprey.performance.service import Performance, Processing
from kouprey.proceedings.service import Dossiers
from kouprey.protect.service import Protect
from kouprey.readiness.service import Readiness
from kouprey.response.service import (
    Calling,
    CaseReports,
    Cases,
    CaseTemplates,
    Competence,
    Contacts,
    Directory,
    Drills,
    Duties,
    HandOffPapers,
    HandOffs,
    Notices,
    Outcomes,
    Preserving,
    Proving,
    Releasing,
    Reports,
    Roster,
    Sealing,
    Situations,
    Strategies,
    Tickets,
)
from kouprey.taxii.service import Clients, Remotes, Taxii
from kouprey.watch.service import Watch

SERVING = "serve.lock"
"""Shared by the servers of a data directory; an upgrade takes it alone."""
GUARD = ("guard", "kouprey.federation.migrations.guard")


class Node:
    """One opened node: its settings, stores and services."""

    def __init__(
        self,
        data: Path,
        settings: Settings,
        clock: Clock = wall_clock,
        flags: Mapping[str, object] | None = None,
    ) -> None:
        self.data, self.settings, self.clock = data, settings, clock
        self.flags = flags or {}
        self.store = open_store(settings.database, data / "kouprey.db", clock)
        self.guard = open_guard(settings.guard_database, data / "guard.db", clock)
        try:
            migrate(self.store, list_migrations(), clock=clock, fresh_only=True)
        except Refused:
            self.store.close()
            self.guard.close()
            raise
        self.services = Services()
        ring = keys.load(data / "keys")
        people = People(self.store, ring, clock)
        people.demand_second_factor(settings.second_factor_roles)
        if settings.provider is not None:
            people.use_provider(settings.provider, allow_private=settings.oidc_allow_private)
        agreements = Agreements(self.store, people, ring, clock)
        lanes = Lanes(self.store, self.guard, people, agreements, ring, FileLock(data / "lanes.lock"), clock)
        exchange = Exchange(self.store, people, agreements, lanes, clock)
        # Before anything is served: this database may be older than what was erased since.
        exchange.replay_erasures()
        for service in (settings, settings.limits, ring, people, agreements, lanes, exchange, Audit(self.store, clock)):
            self.services.put(service)
        self.services.put(Dossiers(self.store, people, agreements, lanes, ring, clock))
        relay, origin = (lambda: self.settings.relay), settings.origin
        constituents = Constituents(self.store, people, exchange, relay, clock, origin=origin)
        exchange.hosted.append(constituents.eyes)
        self.services.put(constituents)
        self._put_statements(people, agreements, lanes)
        self._put_upper_floors(people, agreements, exchange, lanes, constituents)
        federation = Federation(
            self.store,
            people,
            agreements,
            ring,
            lanes,
            self._receivers(),
            regained=self._receivers("regains"),
            erasers=[load(plate.erases)(self.services) for plate in CAPABILITIES if plate.erases],
            link_interval=settings.link_interval,
            way=settings.way,
            budget=Budget(settings.peer_requests, settings.peer_mib << 20),
            clock=clock,
        )
        self._put_federation(federation, clock)
        self.people, self.lanes, self.federation = people, lanes, federation
        self.since = clock()
        self.live, self.traffic, self.turns = Live(self), Traffic(), Turns()

    def _put_upper_floors(
        self, people: People, agreements: Agreements, exchange: Exchange, lanes: Lanes, constituents: Constituents
    ) -> None:
        """What stands on the exchange: others' protocols, whether agreements work, hand-offs."""
        store, clock, ring = self.store, self.clock, self.services.get(keys.Keyring)
        sign, longest = partial(hmac_sha256, ring.cookie), self.settings.limits.page
        for service in (
            Taxii(store, exchange, sign, longest, clock, within=constituents.within),
            Clients(store, exchange, people, clock),
            Remotes(store, exchange, people, ring, clock),
            Misp(store, exchange, people, clock),
            Performance(store, people, agreements, ring, clock),
            Processing(store, people, agreements, exchange, clock),
            Strategies(exchange, people, clock),
            Watch(store, people, exchange, self.data / "watch", lambda: self.settings.kept, clock),
            Hunts(store, exchange, self.data / "hunts", clock),
            Readiness(store, people, ring, self.data / "frameworks", self._provers, clock),
        ):
            self.services.put(service)
        watch, origin = self.services.get(Watch), self.settings.origin
        given = (store, people, exchange, watch, ring, self.data / "protect", clock)
        protect = Protect(*given, origin=origin, own=partial(own_things, self.services))
        constituents.spared_by = lambda values: protect.spares(values, public_things(self.services))
        self.services.put(protect)
        self._put_response(people, agreements, exchange, lanes)

    def _put_statements(self, people: People, agreements: Agreements, lanes: Lanes) -> None:
        """What we say to everybody, who asks whether it is so, and what people are trained in."""
        ring, settings = self.services.get(keys.Keyring), self.settings
        given = (self.store, people, agreements, lanes, ring, self.clock)
        statements = Statements(*given, origin=settings.origin, report=settings.reports_form)
        capacity = Capacity(*given, origin=settings.origin)
        for service in (capacity, statements, Desk(self.store, people, statements, self.clock), Checker(statements)):
            self.services.put(service)

    def _put_response(self, people: People, agreements: Agreements, exchange: Exchange, lanes: Lanes) -> None:
        """Hand-offs, cases and what is made of them, reports, and who is asked."""
        store, clock, ring = self.store, self.clock, self.services.get(keys.Keyring)
        handoffs = HandOffs(store, people, agreements, lanes, clock, four_eyes=lambda: eyed_of(self.settings))
        relay, origin = (lambda: self.settings.relay), self.settings.origin
        self.services.put(handoffs)
        cases = Cases(store, people, agreements, exchange, handoffs, clock)
        self.services.put(cases)
        self.services.put(Tickets(store, people, cases, lambda: desk_of(self.settings), clock))
        secrets = partial(read_secret, self.data / self.settings.playbook_secrets)
        self.services.put(Calling(store, people, cases, lambda: reach_of(self.settings), secrets, clock))
        self.services.put(CaseTemplates(store, people, agreements, cases, clock))
        self.services.put(CaseReports(store, people, cases, clock))
        self.services.put(Situations(store, people, agreements, exchange, handoffs, cases, clock))
        strategies = self.services.get(Strategies)
        self.services.put(Outcomes(exchange, strategies, cases, people, agreements))
        self.services.put(Sealing(store, people, handoffs, ring, clock))
        self.services.put(Preserving(store, people, exchange, handoffs, clock))
        self.services.put(Releasing(store, people, handoffs, clock))
        self.services.put(Duties(store, people, cases, self.data / "regimes", clock))
        self.services.put(
            Reports(
                store,
                people,
                agreements,
                exchange,
                cases,
                relay,
                clock,
                origin=origin,
                folder=self.data / self.settings.reports_folder,
                box=lambda: box_of(self.settings),
                form=self.settings.reports_form,
            )
        )
        contacts = Contacts(store, people, handoffs, relay, clock, origin=origin)
        self.services.put(contacts)
        self.services.put(HandOffPapers(store, people, agreements, handoffs, contacts))
        directory = Directory(store, people, agreements, lanes, clock)
        self.services.put(directory)
        self.services.put(Competence(store, people, agreements, directory, handoffs, clock))
        self.services.put(Roster(store, clock))
        self.services.put(Proving(store, people))
        self.services.put(
            Notices(store, people, agreements, cases, relay, clock, origin=origin, hook=lambda: hook_of(self.settings))
        )

    def _put_federation(self, federation: Federation, clock: Clock) -> None:
        settings = self.settings
        spool = Spool(self.data / settings.spool, federation.parcels, keep_days=settings.spool_keep_days, clock=clock)
        hours = settings.spool_after_hours
        laying = Laying(self.store, federation.people, federation.ledger, spool, hours, clock)
        drills = Drills(self.store, federation.people, federation, self.services.get(HandOffs), clock)
        for service in (federation, spool, laying, drills):
            self.services.put(service)

    def _receivers(self, named: str = "receives") -> Mapping[str, Receiver]:
        """Who takes the bodies of which media type; asked late, because receivers stand above federation."""
        found: dict[str, Receiver] = {}
        for plate in CAPABILITIES:
            if where := getattr(plate, named):
                found.update(load(where)(self.services))
        return found

    def _provers(self) -> Mapping[str, Prover]:
        """What each capability can prove; asked late, because most of them stand above readiness."""
        found: dict[str, Prover] = {}
        for plate in CAPABILITIES:
            if plate.proofs:
                found.update(load(plate.proofs)(self.services))
        return found

    def listeners(self) -> list[outbox.Listener]:
        """Everybody who listens to facts, lower capabilities first."""
        named = [plate.listeners for plate in CAPABILITIES if plate.listeners]
        return list(chain.from_iterable(load(name)(self.services) for name in named))

    def jobs(self) -> list[Job]:
        """What a running node does again and again."""
        named = [plate.jobs for plate in CAPABILITIES if plate.jobs]
        own = Job("node.settings", 5.0, self.live.refresh)
        return [*chain.from_iterable(load(name)(self.services) for name in named), own]

    def settle(self) -> None:
        """After a command: deliver facts, and append what waits, unless a running server does it."""
        outbox.deliver(self.store, self.listeners(), clock=self.clock)
        if self.lanes.ready or self.lanes.start():
            self.lanes.append_waiting()

    def close(self) -> None:
        """Release lock, stores and threads."""
        self.federation.links.stop()
        self.lanes.release()
        self.store.close()
        self.guard.close()


def list_migrations() -> list[tuple[str, str]]:
    """Capability -> the package of its migrations, in the order in which they are applied."""
    return [KERNEL, *((each.name, each.migrations) for each in CAPABILITIES if each.migrations)]


def open_node(data: Path, flags: Mapping[str, object] | None = None, *, clock: Clock = wall_clock) -> Node:
    """Open the node in a data directory; a new database is filled, an older one Refused ("upgrade-needed")."""
    return Node(data, read_settings(data, flags), clock, flags)


def open_store(dsn: str, file: Path, clock: Clock) -> Store:
    """PostgreSQL for a DSN, else SQLite in `file`."""
    if dsn:
        from kouprey.kernel.storage.postgres import open_postgres

        return open_postgres(dsn, clock=clock)
    from kouprey.kernel.storage.sqlite import open_sqlite

    return open_sqlite(file, clock=clock)


def open_guard(dsn: str, file: Path, clock: Clock) -> Store:
    """As `open_store`, brought forward; one that a newer version has written serves this one too.

    It is in no backup, so after a way back an older version finds it as the newer one has left it. For the same reason
    the kernel's migrations are not applied to it: versions before this rule refuse those that they do not know.
    """
    guard = open_store(dsn, file, clock)
    try:
        migrate(guard, [GUARD], clock=clock, newer_too=True)
    except BaseException:
        guard.close()
        raise
    return guard


def bring_forward(data: Path, settings: Settings, clock: Clock = wall_clock) -> list[str]:
    """Apply to the database of a node what is missing; which files those were, as "capability/file name".

    Refused ("newer"), before anything is changed, when it belongs to a newer version.
    """
    store = open_store(settings.database, data / "kouprey.db", clock)
    try:
        list_missing(store, list_migrations())
        return migrate(store, list_migrations(), clock=clock)
    finally:
        store.close()


def load(target: str) -> Any:
    """The object named `package.module:attribute`."""
    module, _, attribute = target.partition(":")
    return getattr(import_module(module), attribute)
