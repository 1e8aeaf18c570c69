"""Gathering: indicators in force that a shield may be made of, and what the gate says of their values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from kouprey.exchange.model import Observable, PageRow
from kouprey.kernel.words.time import DAY, FOREVER, SECOND, Instant, parse_instant
from kouprey.kernel.words.tlp import PAP
from kouprey.protect import store as rows
from kouprey.protect.model import Entry, Left, Part, Shield, Why
from kouprey.protect.rules.allowing import Gate, network_of
from kouprey.protect.rules.reserved import national_names
from kouprey.protect.rules.writing import KINDS, NETWORKS
from kouprey.protect.service.shields import Shields
from kouprey.watch.service import name_of

DOMAIN = "domain-name"
PURPOSE = "protection"
"""What labels and agreements call it."""
LOUDEST = PAP.GREEN
"""Who blocks is noticed: beyond this PAP nothing is listed (PAP, level GREEN: active steps are allowed)."""
_PAGE = 1_000
_TYPE = "indicator"
_SHOWN = 300
_LEAST_WAIT = 60 * SECOND


class Gathered(msgspec.Struct, frozen=True):
    """What a shield would list now, and what was left out.

    `other` counts indicators in force of which nothing is of a kind that the shield lists. `position` is how far they
    were read; at `due` one of them begins or ends.
    """

    entries: tuple[Entry, ...]
    left: tuple[Left, ...]
    other: int
    position: Instant
    due: Instant

    @property
    def counts(self) -> dict[str, int]:
        """What was left out, by its reason."""
        return dict(Counter(str(each.why) for each in self.left))


class _Indicator(msgspec.Struct):
    """Of an indicator, what is asked here."""

    pattern: Any = None
    pattern_type: Any = "stix"
    revoked: Any = False
    valid_from: Any = None
    valid_until: Any = None
    confidence: Any = 0


_read = msgspec.json.Decoder(_Indicator).decode


class Gathering(Shields):
    """Reads as the shield; the exchange says what that may see and use."""

    def gather(self, shield: Shield) -> Gathered:
        """Everything in force that the query asks for, judged."""
        who, query = self.acting_for(shield), shield.query
        pile = _Pile(shield, self._gate([*self._ours(), *self._own()]), self._clock())
        barred = self._exchange.barred_from(who, PURPOSE, LOUDEST, _TYPE)
        said = self._exchange.said_by(who, query.sources, _TYPE) if query.sources else None
        after, more = 0, True
        while more:
            page = self._exchange.page(who, query.collection, after_position=after, types=(_TYPE,), limit=_PAGE)
            for row in page.rows:
                version = (row.stix_id, row.instant)
                if said is None or version in said:
                    pile.add(row, self._values(row), barred=version in barred)
            after, more = page.rows[-1].position if page.rows else after, page.more
        return pile.gathered(after)

    def is_due(self, shield: Shield) -> bool:
        """Whether something came, begins or ends since a shield was made of it, or everything is to be asked again."""
        if self._clock() >= shield.due:
            return True
        who = self.acting_for(shield)
        news = self._exchange.waiting(
            who, shield.query.collection, after_position=shield.position, types=(_TYPE,), limit=1
        )
        return news.count > 0

    def spares(self, values: Sequence[Observable], own: Iterable[tuple[str, str]] = ()) -> list[bool]:
        """Of each value, whether no shield would list it: for those who block by hand what they read of.

        `own` is what counts as ours for them, since a shield leaves out more than everybody may be told of.
        """
        home = self._people.home_id
        # Who our partners are would be told by what is missing.
        gate = self._gate([*((name, name) for name in (home, *national_names(home))), *own])
        return [_is_spared(gate, *_one_form(each)) for each in values]

    def _gate(self, own: Iterable[tuple[str, str]]) -> Gate:
        # Two hundred thousand public values, which are read when the first shield is made.
        from kouprey.protect.wire import lists

        with self._store.read() as reader:
            allowances = rows.list_allowances(reader)
        return Gate(lists.never(), lists.warned(), own, allowances)

    def _ours(self) -> list[tuple[str, str]]:
        home = self._people.home_id
        parties = [(each.id, each.name) for each in self._people.list_parties()]
        return [*parties, *((name, name) for name in national_names(home))]

    def _values(self, row: PageRow) -> tuple[_Indicator, tuple[Observable, ...]]:
        try:
            value = _read(row.raw)
        except msgspec.DecodeError:
            return _Indicator(revoked=True), ()
        if value.pattern_type != "stix" or not isinstance(value.pattern, str):
            return value, ()
        return value, self._exchange.sufficient_in(value.pattern)


class _Pile:
    """Values as they are met: each once, until the latest of its ends."""

    def __init__(self, shield: Shield, gate: Gate, now: Instant) -> None:
        self._shield, self._gate, self._now = shield, gate, now
        self._entries: dict[tuple[str, str], Entry] = {}
        self._left: dict[tuple[str, str], Left] = {}
        self._other = 0
        self._due = FOREVER

    def add(self, row: PageRow, read: tuple[_Indicator, tuple[Observable, ...]], *, barred: bool) -> None:
        """What an indicator names, if it is in force and sure enough."""
        value, values = read
        ends = self._ends(value, row.instant)
        if ends is None:
            return
        found = False
        for each in values:
            kind, text = _one_form(each)
            if kind not in KINDS or _part(kind) not in self._shield.query.parts:
                continue
            found = True
            if barred:
                self._leave(Left(kind, text[:_SHOWN], row.stix_id, Why.BARRED, ""))
            elif verdict := self._gate.judge(kind, text):
                self._leave(Left(kind, text[:_SHOWN], row.stix_id, verdict.why, verdict.by))
            else:
                before = self._entries.get((kind, text))
                if before is None or before.ends < ends:
                    self._entries[kind, text] = Entry(kind, text, row.stix_id, ends)
        self._other += not found

    def gathered(self, position: Instant) -> Gathered:
        """All of it, in order."""
        entries = sorted(self._entries.values(), key=lambda each: each.key)
        left = sorted((each for key, each in self._left.items() if key not in self._entries), key=_order)
        due = min([self._due, *(each.ends for each in entries)])
        return Gathered(tuple(entries), tuple(left), self._other, position, max(due, self._now + _LEAST_WAIT))

    def _leave(self, left: Left) -> None:
        self._left.setdefault((left.kind, left.text), left)

    def _ends(self, value: _Indicator, made: Instant) -> Instant | None:
        """When it is over; None for one that is not in force, or not sure enough."""
        sure = value.confidence if type(value.confidence) is int else 0
        if value.revoked is True or sure < self._shield.query.confidence:
            return None
        begins = _time(value.valid_from, 0)
        if begins > self._now:
            self._due = min(self._due, begins)
            return None
        ends = min(_time(value.valid_until, FOREVER), made + self._shield.limits.life_days * DAY)
        return ends if ends > self._now else None


def _is_spared(gate: Gate, kind: str, text: str) -> bool:
    verdict = gate.judge(kind, text) if kind in KINDS else None
    # What devices cannot read is left out of shields too, and may be blocked all the same.
    return verdict is not None and verdict.why not in (Why.UNSAFE, Why.LONG)


def _one_form(each: Observable) -> tuple[str, str]:
    if each.kind == DOMAIN:
        return DOMAIN, name_of(each.text) or each.text
    net = network_of(each.text) if each.kind in NETWORKS else None
    if net is not None and net.prefixlen == net.max_prefixlen:
        return f"ipv{net.version}-addr", str(net.network_address)
    return each.kind, each.text


def _part(kind: str) -> Part:
    return Part.NAMES if kind == DOMAIN else Part.ADDRESSES


def _order(each: Left) -> tuple[str, str, str]:
    return str(each.why), each.kind, each.text


def _time(text: object, otherwise: Instant) -> Instant:
    try:
        return parse_instant(text) if isinstance(text, str) else otherwise
    except ValueError:
        return otherwise
