"""Shields as people make them, and what they decide of single values."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from kouprey.exchange.service import Exchange
from kouprey.kernel.seal.keyring import Keyring
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Store, Tx
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Damaged, Forbidden, Refused, Unknown
from kouprey.kernel.words.time import Clock, wall_clock
from kouprey.kernel.words.tlp import TLP
from kouprey.people.service import People
from kouprey.protect import store as rows
from kouprey.protect.model import Allowance, Limits, Query, Shield
from kouprey.protect.rules.allowing import network_of
from kouprey.protect.rules.writing import LONGEST, is_name
from kouprey.protect.service.folders import Folders
from kouprey.watch.service import Watch, name_of

RESERVED = frozenset({"allowed", "new", "now"})
"""Words that stand where names stand in addresses."""
BOUNDS = {"growth": (0, 1_000), "canary": (0, 1_000_000_000), "life_days": (1, 3_650), "valid_days": (1, 7)}
"""Limit -> the least and the most of it."""
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
_LONGEST_LINE = 300
Own = Callable[[], Iterable[tuple[str, str]]]
"""Names and networks of this node and of those it hosts, each with what it is."""


class Shields:
    """Verbs for shields and allowances. People of ours see shields up to their clearance, in earnest."""

    def __init__(
        self,
        store: Store,
        people: People,
        exchange: Exchange,
        watch: Watch,
        keyring: Keyring,
        folder: Path,
        clock: Clock = wall_clock,
        *,
        origin: str = "",
        own: Own = tuple,
    ) -> None:
        self._store = store
        self._people = people
        self._exchange = exchange
        self._watch = watch
        self._keyring = keyring
        self._folders = Folders(folder)
        self._clock = clock
        self._origin = origin
        self._own = own

    def operator(self) -> Reader:
        """Whoever has the node's command line."""
        return self._exchange.operator()

    def acting_for(self, shield: Shield) -> Reader:
        """As whom a shield reads: our own party, cleared as far as the shield goes."""
        return Reader(party=self._people.home_id, clearance=shield.query.tlp, local=True, name=f"shield {shield.name}")

    def add_shield(
        self, who: Reader, name: str, title: str = "", query: Query = Query(), limits: Limits = Limits(), *, by: str
    ) -> Shield:
        """Make a shield. Its first list waits for a person's word."""
        self._check(who)
        if _NAME.fullmatch(name) is None or name in RESERVED:
            raise Damaged(
                f"{name[:60]!r} cannot be the name of a shield.",
                "It is 1 to 40 small letters, digits and hyphens, none at its ends, and not allowed, new or now.",
                "Call it after what it guards, such as resolvers.",
                code="bad-shield-name",
            )
        self._check_wish(who, query, limits)
        shield = Shield(name=name, title=one_line(title), query=query, limits=limits, made_at=self._clock(), made_by=by)

        def work(tx: Tx) -> None:
            if not rows.add_shield(tx, shield):
                raise Refused(f"There is a shield {name} already.", remedy="Choose another name.", code="shield-exists")
            self._note(tx, by, "protect.add", name, _told(shield))

        self._store.write(work)
        return shield

    def change_shield(
        self,
        who: Reader,
        name: str,
        *,
        title: str | None = None,
        query: Query | None = None,
        limits: Limits | None = None,
        retired: bool | None = None,
        by: str,
    ) -> Shield:
        """Change what a shield is made of, when people are asked, or whether it is in use; what is None stays."""

        def changed(held: Shield) -> Shield:
            return msgspec.structs.replace(
                held,
                title=held.title if title is None else one_line(title),
                query=held.query if query is None else query,
                limits=held.limits if limits is None else limits,
                retired=held.retired if retired is None else retired,
            )

        def work(tx: Tx) -> Shield:
            made = changed(self._of(who, rows.find_shield(tx, name), name))
            rows.change_shield(tx, made)
            self._note(tx, by, "protect.change", name, _told(made))
            return made

        wish = changed(self.get_shield(who, name))
        self._check_wish(who, wish.query, wish.limits)
        return self._store.write(work)

    def list_shields(self, who: Reader) -> list[Shield]:
        """Those up to the reader's clearance, by name, the retired last."""
        self._check(who)
        with self._store.read() as reader:
            return [each for each in rows.list_shields(reader) if each.query.tlp <= who.clearance]

    def get_shield(self, who: Reader, name: str) -> Shield:
        """One; Unknown when there is none, or it goes beyond the reader's clearance."""
        self._check(who)
        with self._store.read() as reader:
            return self._of(who, rows.find_shield(reader, name), name)

    def list_allowances(self, who: Reader) -> list[Allowance]:
        """What people decided of single values."""
        self._check(who)
        with self._store.read() as reader:
            return rows.list_allowances(reader)

    def allow(
        self, who: Reader, text: str, reason: str, *, insists: bool = False, alone: bool = False, by: str
    ) -> Allowance:
        """Never list a name or network, or (`insists`) list it although a public list warns of that.

        A name spares what is below it, too, unless `alone`. Nothing that is never listed otherwise is listed by
        insisting.
        """
        self._check(who)
        given = " ".join(reason.split())
        if not given or len(given) > _LONGEST_LINE:
            raise Damaged(
                "A reason is needed.", f"It has 1 to {_LONGEST_LINE} letters.", "Say it in a line.", code="bad-reason"
            )
        made = Allowance(text=_value(text), insists=insists, alone=alone, reason=given, at=self._clock(), by=by)

        def work(tx: Tx) -> None:
            rows.save_allowance(tx, made)
            rows.make_due(tx)
            self._note(tx, by, "protect.allow", made.text, {"insists": insists, "alone": alone, "reason": given})

        self._store.write(work)
        return made

    def disallow(self, who: Reader, text: str, *, by: str) -> None:
        """Take a decision back."""

        def work(tx: Tx) -> None:
            if not rows.drop_allowance(tx, text):
                raise Unknown(f"Nothing was decided of {text[:60]!r}.", code="unknown-allowance")
            rows.make_due(tx)
            self._note(tx, by, "protect.disallow", text, {})

        self._check(who)
        self._store.write(work)

    def _of(self, who: Reader, found: Shield | None, name: str) -> Shield:
        if found is None or found.query.tlp > who.clearance:
            raise Unknown(
                f"There is no shield {name[:60]!r}.",
                "It is none, or it goes beyond your clearance.",
                "`kouprey protect list` shows them.",
                code="unknown-shield",
            )
        return found

    def _check(self, who: Reader) -> None:
        if not who.local or who.exercise:
            raise Forbidden("Shields are for people of this node, in earnest.", code="not-local")

    def _check_wish(self, who: Reader, query: Query, limits: Limits) -> None:
        if query.tlp >= TLP.RED:
            raise Damaged(
                "No shield holds TLP:RED.",
                "What is for named recipients only goes to no device.",
                f"Ask for {TLP.AMBER_STRICT.text} at most.",
                code="too-strict",
            )
        if query.tlp > who.clearance:
            raise Forbidden(
                "A shield cannot go beyond your own clearance.",
                f"You are cleared up to {who.clearance.text}.",
                "Ask for less, or somebody who is cleared.",
                code="above-clearance",
            )
        if not query.parts or not 0 <= query.confidence <= 100:
            raise Damaged(
                "The shield asks for what cannot be.",
                "It lists names, addresses or both, of a confidence from 0 to 100.",
                code="bad-query",
            )
        for name, (least, most) in BOUNDS.items():
            if not least <= getattr(limits, name) <= most:
                raise Damaged(f"The limit {name} is out of bounds.", f"It is from {least} to {most}.", code="bad-limit")
        self._exchange.get_collection(query.collection, who)
        for party in query.sources:
            self._people.get_party(party)

    def _note(self, tx: Tx, by: str, action: str, subject: str, detail: dict[str, object]) -> None:
        audit.append(tx, at=self._clock(), actor=by, action=action, subject=subject, detail=detail)


def one_line(text: str) -> str:
    """A description as it is kept: one line without double blanks; Damaged for what is none."""
    line = " ".join(text.split())
    if len(line) > _LONGEST_LINE or not line.isprintable():
        raise Damaged(
            "A shield cannot be described so.", f"It is one line of at most {_LONGEST_LINE} letters.", code="bad-title"
        )
    return line


def _value(text: str) -> str:
    net = network_of(text)
    if net is not None:
        return str(net.network_address) if net.prefixlen == net.max_prefixlen else str(net)
    name = name_of(text.strip().removeprefix("*."))
    if not is_name(name) or len(name) > LONGEST:
        raise Damaged(
            f"{text[:60]!r} is no name, address or network.",
            remedy="Write it as gov.example, 192.0.2.1 or 192.0.2.0/24.",
            code="bad-value",
        )
    return name


def _told(shield: Shield) -> dict[str, object]:
    query = msgspec.to_builtins(shield.query) | {"tlp": shield.query.tlp.word}
    return {"query": query, "limits": msgspec.to_builtins(shield.limits), "retired": shield.retired}
