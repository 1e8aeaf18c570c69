"""Who is hosted here: kept, archived, and given networks, contacts, people and programs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec

from kouprey.constituents import rules, wire
from kouprey.constituents import store as rows
from kouprey.constituents.model import CLEARANCES, CONTENTS, Constituent, Contact, Network, Row, Wish
from kouprey.exchange.service import Exchange
from kouprey.exchange.service.observables import read_observables
from kouprey.kernel.net.mail import Relay
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Store, Tx
from kouprey.kernel.words import decision
from kouprey.kernel.words.errors import Damaged, Forbidden, Refused, Unknown
from kouprey.kernel.words.ids import is_party_id, new_id
from kouprey.kernel.words.time import Clock, wall_clock
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Person, Token
from kouprey.people.service import People

MOST_NETWORKS, MOST_CONTACTS, MOST_PERSONS = 500, 50, 100
_NET_KINDS = ("ipv4-net", "ipv6-net")
_ADDR_KINDS = {"ipv4-addr": "ipv4-net", "ipv6-addr": "ipv6-net"}


class Registry:
    """Verbs of whoever keeps constituents. `by` acts in the audit; `clearance_of` bounds what somebody may grant."""

    def __init__(
        self,
        store: Store,
        people: People,
        exchange: Exchange,
        relay: Callable[[], Relay | None] = lambda: None,
        clock: Clock = wall_clock,
        *,
        origin: str = "",
    ) -> None:
        self.origin = origin
        self._store = store
        self._people = people
        self._exchange = exchange
        self._relay = relay
        self._clock = clock

    def list_constituents(self) -> list[Constituent]:
        """Everybody, by name; those that are archived last."""
        with self._store.read() as reader:
            return rows.list_all(reader)

    def get_constituent(self, constituent: str) -> Constituent:
        """One by its id; Unknown when there is none."""
        with self._store.read() as reader:
            found = rows.find(reader, constituent)
        if found is None:
            raise _unknown(constituent)
        return found

    def counts(self) -> tuple[dict[str, int], dict[str, int]]:
        """Constituent -> how many networks it has, and -> how many of its wishes are open."""
        with self._store.read() as reader:
            return rows.count_networks(reader), rows.count_wishes(reader)

    def reader_of(self, each: Constituent, *, beside: decision.Reader | None = None) -> decision.Reader:
        """A constituent as a reader; with `beside`, as far as that person of ours may see it too."""
        clearance = each.clearance if beside is None else min(each.clearance, beside.clearance)
        name = f"constituent:{each.id}" if beside is None else beside.name
        reader = self._people.constituent_reader(each.id, clearance, name=name)
        return reader if beside is None else msgspec.structs.replace(reader, exercise=beside.exercise)

    def add(self, each: Constituent, *, by: str, granter: decision.Reader | None = None) -> Constituent:
        """A new one; Refused when its id is taken, by a constituent or by a party."""
        self._check(each, granter)
        if self._people.find_party(each.id) is not None:
            raise Refused(
                f"{each.id} is a party.",
                "It has a node, or its card is trusted here: it reads under its agreements.",
                "Choose another id, or let the party use its own node.",
                code="is-a-party",
            )

        def work(tx: Tx) -> Constituent:
            if rows.find(tx, each.id) is not None:
                raise Refused(
                    f"{each.id} is a constituent already.", "", "Open its page to change it.", code="constituent-taken"
                )
            # What is known so far is no news: the first digest tells what comes from now on.
            made = msgspec.structs.replace(each, created_at=self._clock(), since=tx.positions(1), archived_at=0)
            rows.save(tx, made)
            self._note(tx, by, "constituent.add", made)
            return made

        return self._store.write(work)

    def change(self, each: Constituent, *, by: str, granter: decision.Reader | None = None) -> Constituent:
        """Another name, language, clearance, rhythm and so on; what a higher clearance opens becomes news to them."""
        self._check(each, granter)

        def work(tx: Tx) -> Constituent:
            held = self._held(tx, each.id)
            self._check_reach(held, granter)
            kept = {"since": held.since, "created_at": held.created_at, "archived_at": held.archived_at}
            changed = msgspec.structs.replace(each, **kept)
            rows.save(tx, changed)
            if held.clearance != changed.clearance:
                self._people.narrow_constituent(tx, each.id, held.clearance, changed.clearance)
            self._note(tx, by, "constituent.change", changed)
            return changed

        return self._store.write(work)

    def set_archived(
        self, constituent: str, archived: bool, *, by: str, granter: decision.Reader | None = None
    ) -> Constituent:
        """Nobody and no program of it comes in any more, and no mail goes out; or it is there again.

        Sessions and tokens that ended stay ended: people get new links, programs new tokens.
        """

        def work(tx: Tx) -> Constituent:
            held = self._held(tx, constituent)
            self._check_reach(held, granter)
            since = held.since if archived or not held.archived_at else tx.positions(1)
            changed = msgspec.structs.replace(held, archived_at=self._clock() if archived else 0, since=since)
            rows.save(tx, changed)
            if archived:
                self._people.shut_out(tx, constituent, by=by)
            self._note(tx, by, "constituent.archive" if archived else "constituent.restore", changed)
            return changed

        return self._store.write(work)

    def networks(self, constituent: str) -> list[Network]:
        """What is theirs."""
        with self._store.read() as reader:
            return rows.list_networks(reader, constituent)

    def set_networks(self, constituent: str, texts: Iterable[str], *, by: str) -> tuple[Network, ...]:
        """These and no others: CIDR, addresses, AS numbers, domains, and `@domain` for mailboxes alone."""
        networks = read_networks(texts)

        def work(tx: Tx) -> None:
            held = self._held(tx, constituent)
            rows.replace_networks(tx, constituent, networks)
            self._note(tx, by, "constituent.networks", held, {"networks": len(networks)})

        self._store.write(work)
        return networks

    def contacts(self, constituent: str) -> list[Contact]:
        """Whom mail goes to."""
        with self._store.read() as reader:
            return rows.list_contacts(reader, constituent)

    def add_contact(self, constituent: str, name: str, address: str, *, by: str) -> Contact:
        """Somebody to write to; one mailbox once."""
        contact = Contact(id=new_id("ctc"), constituent=constituent, name=name.strip(), address=address.strip())
        _check_contact(contact.name, contact.address)

        def work(tx: Tx) -> Contact:
            held = self._held(tx, constituent)
            known = rows.list_contacts(tx, constituent)
            if len(known) >= MOST_CONTACTS:
                raise Refused("These are too many contacts.", f"At most {MOST_CONTACTS}.", code="too-many-contacts")
            rows.save_contact(tx, contact)
            self._note(tx, by, "constituent.contact", held, {"added": contact.name})
            return next(each for each in rows.list_contacts(tx, constituent) if each.address == contact.address)

        return self._store.write(work)

    def remove_contact(self, constituent: str, contact: str, *, by: str) -> Contact:
        """Nobody writes to them any more; who it was."""

        def work(tx: Tx) -> Contact:
            held = self._held(tx, constituent)
            found = rows.find_contact(tx, contact)
            if found is None or found.constituent != constituent:
                raise _unknown_contact()
            rows.remove_contact(tx, constituent, contact)
            self._note(tx, by, "constituent.contact", held, {"removed": found.name})
            return found

        return self._store.write(work)

    def invite(
        self, constituent: str, name: str, *, by: str, granter: decision.Reader | None = None
    ) -> tuple[Person, str]:
        """Somebody of a constituent, new or known, and the secret of a one-time link for them, shown once."""
        held = self._open(constituent, granter)
        known = {each.name: each for each in self._people.list_persons(constituent)}
        if name not in known and len(known) >= MOST_PERSONS:
            raise Refused("These are too many people.", f"At most {MOST_PERSONS}.", code="too-many-persons")
        person = known.get(name) or self._people.add_hosted_person(constituent, name, held.clearance, by=by)
        if not person.active:
            person = self._people.set_active(person, True, by=by)
        return person, self._people.make_sign_in_link(person, by=by)

    def set_person_active(
        self, constituent: str, person: str, active: bool, *, by: str, granter: decision.Reader | None = None
    ) -> Person:
        """Somebody of a constituent may sign in again, or no longer."""
        self._open(constituent, granter)
        found = next((each for each in self._people.list_persons(constituent) if each.id == person), None)
        if found is None:
            raise Unknown("There is nobody by that id.", code="unknown-person")
        return self._people.set_active(found, active, by=by)

    def persons(self, constituent: str) -> list[Person]:
        """Who signs in for them."""
        return self._people.list_persons(constituent)

    def add_token(
        self, constituent: str, name: str, *, by: str, granter: decision.Reader | None = None
    ) -> tuple[Token, str]:
        """A credential of a program of theirs; the secret is shown once."""
        held = self._open(constituent, granter)
        return self._people.create_hosted_token(constituent, held.clearance, name=name, by=by)

    def set_token_active(
        self, constituent: str, user: str, active: bool, *, by: str, granter: decision.Reader | None = None
    ) -> Token:
        """A program of theirs comes in again, or no longer."""
        self._open(constituent, granter)
        if user not in {each.user for each in self._people.list_tokens(constituent)}:
            raise Unknown("There is no such token.", code="unknown-token")
        return self._people.change_token(user, by=by, active=active)

    def tokens(self, constituent: str) -> list[Token]:
        """The programs of theirs."""
        return self._people.list_tokens(constituent)

    def wishes(self, constituent: str) -> list[Wish]:
        """What they asked us to correct, what is open first."""
        with self._store.read() as reader:
            return rows.list_wishes(reader, constituent, 50)

    def settle_wish(self, constituent: str, wish: int, done: bool, *, by: str) -> None:
        """It is done, or open again."""
        at = self._clock() if done else 0
        if not self._store.write(lambda tx: rows.settle_wish(tx, constituent, wish, by if done else "", at)):
            raise Unknown("There is no such wish.", code="unknown-wish")

    def read_table(self, text: str, *, granter: decision.Reader | None = None) -> list[Row]:
        """What a table would bring, line by line, with what is wrong; nothing is kept."""
        known = {each.id for each in self.list_constituents()}
        return [self._judged(raw, known, granter) for raw in wire.read_table(text)]

    def take_table(self, text: str, *, by: str, granter: decision.Reader | None = None) -> list[Row]:
        """Keep what is right in a table: new ones are added, known ones changed; what is wrong stays out."""
        taken = []
        for row in self.read_table(text, granter=granter):
            if not row.wrong:
                keep = self.change if row.known else self.add
                keep(row.constituent, by=by, granter=granter)
                self.set_networks(row.constituent.id, [_shown(each) for each in row.networks], by=by)
                for name, address in row.contacts:
                    self.add_contact(row.constituent.id, name, address, by=by)
            taken.append(row)
        return taken

    def _judged(self, raw: wire.Line, known: set[str], granter: decision.Reader | None) -> Row:
        try:
            each = wire.constituent_of(raw)
            self._check(each, granter)
            if each.id not in known and self._people.find_party(each.id) is not None:
                raise Refused(f"{each.id} is a party.")
            networks = read_networks(raw.networks)
            for name, address in raw.contacts:
                _check_contact(name, address)
            if each.id in known:
                # What the table says nothing of stays as it is.
                held = self.get_constituent(each.id)
                self._check_reach(held, granter)
                kept = {"rhythm": held.rhythm, "hour": held.hour, "content": min(held.content, each.clearance)}
                each = msgspec.structs.replace(each, note=held.note, **kept)
        except (Damaged, Refused, Forbidden) as error:
            return Row(line=raw.line, constituent=Constituent(id=raw.id[:100], name=raw.name[:200]), wrong=str(error))
        return Row(line=raw.line, constituent=each, networks=networks, contacts=raw.contacts, known=each.id in known)

    def _check(self, each: Constituent, granter: decision.Reader | None) -> None:
        if not is_party_id(each.id):
            raise Damaged(
                f"{each.id[:60]!r} is no id.",
                "A constituent is named by a domain of its own, in small letters.",
                "Write it like bank.example.",
                code="bad-constituent",
            )
        if not 0 < len(each.name) <= 200 or not each.name.isprintable():
            raise Damaged("The name is missing or too long.", "", "Write 1 to 200 letters.", code="bad-constituent")
        if each.clearance not in CLEARANCES or each.content not in CONTENTS or each.content > each.clearance:
            raise Damaged(
                "These levels do not fit.",
                "A mail carries at most AMBER, and nothing above the clearance.",
                "Lower the level of the mail, or raise the clearance.",
                code="bad-constituent",
            )
        if not 0 <= each.hour <= 23 or len(each.note) > 2000:
            raise Damaged("The hour or the note is out of bounds.", "", "", code="bad-constituent")
        self._check_reach(each, granter)

    def _check_reach(self, each: Constituent, granter: decision.Reader | None) -> None:
        if granter is not None and each.clearance > granter.clearance:
            raise Forbidden(
                "Nobody can grant more than they have.",
                f"It is about {each.clearance.text}; you are cleared up to {granter.clearance.text}.",
                "Ask somebody who is.",
                code="beyond-own-rights",
            )

    def _open(self, constituent: str, granter: decision.Reader | None) -> Constituent:
        held = self.get_constituent(constituent)
        self._check_reach(held, granter)
        if held.archived_at:
            raise Refused(f"{held.name} is archived.", "Nobody of it comes in.", "Restore it first.", code="archived")
        return held

    def _held(self, tx: Tx, constituent: str) -> Constituent:
        found = rows.find(tx, constituent)
        if found is None:
            raise _unknown(constituent)
        return found

    def _note(self, tx: Tx, by: str, action: str, each: Constituent, detail: dict[str, object] | None = None) -> None:
        told = detail or {"name": each.name, "clearance": each.clearance.word, "rhythm": str(each.rhythm)}
        audit.append(tx, at=self._clock(), actor=by, action=action, subject=each.id, detail=told)


def read_networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Networks and names as they are typed, each once, in order; Damaged names the first that is none."""
    found = sorted({_read_network(text) for text in texts if text.strip()})
    if len(found) > MOST_NETWORKS:
        raise Damaged("These are too many networks.", f"At most {MOST_NETWORKS}.", code="bad-network")
    return tuple(found)


def _read_network(text: str) -> Network:
    given = text.strip()
    made: Network | None = None
    if given.startswith("@"):
        around = read_observables(given[1:], "domain-name")
        made = Network(kind="email-addr", text=f"@{around[0].text}") if around else None
    else:
        for kind in (*_NET_KINDS, "as-number", "domain-name"):
            if kind == "as-number" and given[:2].lower() != "as":
                continue
            for each in read_observables(given, kind):
                net = _ADDR_KINDS.get(each.kind)
                width = "/32" if net == "ipv4-net" else "/128"
                made = made or Network(kind=net or each.kind, text=each.text + width if net else each.text)
            if made is not None:
                break
    problem = "It is neither a network, an AS number, a domain nor @domain." if made is None else rules.problem_of(made)
    if made is None or problem:
        raise Damaged(
            f"{given[:80]!r} cannot be theirs.",
            problem,
            "Write it like 203.0.113.0/24, 2001:db8::/32, AS64500, bank.example or @bank.example.",
            code="bad-network",
        )
    return made


def show_networks(networks: Sequence[Network]) -> str:
    """As they are typed, one on each line."""
    return "\n".join(_shown(each) for each in networks)


def _shown(network: Network) -> str:
    return network.text


def _check_contact(name: str, address: str) -> None:
    if not 0 < len(name) <= 200 or not name.isprintable() or not rules.is_address(address):
        raise Damaged(
            f"{address[:80]!r} of {name[:80]!r} cannot be written to.",
            "A contact has a name and one mailbox.",
            "Write it like Sok Dara, security@bank.example.",
            code="bad-contact",
        )


def _unknown(constituent: str) -> Unknown:
    return Unknown(
        f"No constituent {constituent[:60]!r}.",
        remedy="`kouprey constituent list` shows them.",
        code="unknown-constituent",
    )


def _unknown_contact() -> Unknown:
    return Unknown("There is no such contact.", code="unknown-contact")


__all__ = ["TLP", "Registry", "read_networks", "show_networks"]
