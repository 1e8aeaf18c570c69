"""What must not be blocked, and what a value that is to be blocked meets of it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, ip_network

from kouprey.protect.model import Allowance, Verdict, Why
from kouprey.protect.rules.reserved import ROOT_NAMES, ROOTS, SPECIAL, WIDEST
from kouprey.protect.rules.writing import LONGEST, is_name, is_writable

Network = IPv4Network | IPv6Network


class Names:
    """Names that are spared. A name meets one when it is that name, or a parent of it; or below it, if so added."""

    def __init__(self) -> None:
        self._whole: dict[str, str] = {}
        self._parents: dict[str, str] = {}
        self._below: dict[str, str] = {}

    def add(self, name: str, by: str, *, below: bool = False) -> None:
        """Spare a name, and with `below` whatever is below it. `by` says who does."""
        self._whole.setdefault(name, by)
        if below:
            self._below.setdefault(name, by)
        above = name
        while (dot := above.find(".")) >= 0:
            above = above[dot + 1 :]
            self._parents.setdefault(above, name)

    def meets(self, name: str) -> tuple[str, str] | None:
        """(what is met, by whom); the name itself where it is met exactly. None for one that meets nothing."""
        by = self._whole.get(name)
        if by is not None:
            return name, by
        below = self._parents.get(name)
        if below is not None:
            return below, self._whole[below]
        above = name if self._below else ""
        while (dot := above.find(".")) >= 0:
            above = above[dot + 1 :]
            if above in self._below:
                return above, self._below[above]
        return None


class Networks:
    """Networks of one version that are spared, merged into ranges that do not touch."""

    def __init__(self) -> None:
        self._ranges: list[tuple[int, int, str]] = []
        self._starts: list[int] | None = None
        self._ends: list[tuple[int, str]] = []

    def add(self, net: Network, by: str) -> None:
        """Spare every address of a network."""
        self._ranges.append((int(net.network_address), int(net.broadcast_address), by))
        self._starts = None

    def meets(self, net: Network) -> str:
        """By whom an address of the network is spared, "" for none."""
        if self._starts is None:
            self._merge()
        first, last = int(net.network_address), int(net.broadcast_address)
        place = bisect_right(self._starts or (), last) - 1
        if place < 0:
            return ""
        end, by = self._ends[place]
        return by if end >= first else ""

    def _merge(self) -> None:
        starts: list[int] = []
        ends: list[tuple[int, str]] = []
        for first, last, by in sorted(self._ranges):
            if ends and first <= ends[-1][0]:
                ends[-1] = (max(last, ends[-1][0]), ends[-1][1])
                continue
            starts.append(first)
            ends.append((last, by))
        self._starts, self._ends = starts, ends


class Spared:
    """Names and networks of one strength."""

    def __init__(self) -> None:
        self.names = Names()
        self.networks = {4: Networks(), 6: Networks()}

    def add(self, text: str, by: str, *, below: bool = False) -> bool:
        """Spare a name, an address or a network; False when it is none of them. `.name` spares what is below, too."""
        net = network_of(text)
        if net is not None:
            self.networks[net.version].add(net, by)
            return True
        name = text.strip().lower().removeprefix("*.").removesuffix(".")
        below, name = below or name.startswith("."), name.removeprefix(".")
        if not is_name(name):
            return False
        self.names.add(name, by, below=below)
        return True


class Gate:
    """Judges values: by what is special, ours, decided by people, never to be blocked, and warned of, in this order.

    `never` and `warned` come from public lists, `own` are names and networks of this node with what they are.
    """

    def __init__(
        self,
        never: Spared,
        warned: Spared,
        own: Iterable[tuple[str, str]] = (),
        allowances: Iterable[Allowance] = (),
    ) -> None:
        self._never, self._warned = never, warned
        self._own, self._decided = Spared(), Spared()
        self._insisted = frozenset(each.text for each in allowances if each.insists)
        for text, by in own:
            self._own.add(text, by, below=True)
        for each in allowances:
            if not each.insists:
                self._decided.add(each.text, each.reason, below=not each.alone)

    def judge(self, kind: str, text: str) -> Verdict | None:
        """Why a value is not listed, or None for one that is."""
        if kind == "domain-name":
            return self._judge_name(text)
        if not is_writable(kind, text):
            return Verdict(Why.UNSAFE, "")
        net = ip_network(text)
        if _SPECIAL[net.version].meets(net):
            return Verdict(Why.RESERVED, _SPECIAL[net.version].meets(net))
        if net.prefixlen < WIDEST[net.version]:
            return Verdict(Why.WIDE, f"/{net.prefixlen}")
        one = net.prefixlen == net.max_prefixlen
        for spared, why in ((self._own, Why.OWN), (self._decided, Why.NEVER), (self._never, Why.NEVER)):
            if by := spared.networks[net.version].meets(net):
                return Verdict(why if one or why is Why.OWN else Why.COVERS, by)
        by = self._warned.networks[net.version].meets(net)
        return Verdict(Why.WARNED, by) if by and text not in self._insisted else None

    def _judge_name(self, name: str) -> Verdict | None:
        if not is_name(name):
            return Verdict(Why.UNSAFE, "")
        if len(name) > LONGEST:
            return Verdict(Why.LONG, str(len(name)))
        root = _ROOT_NAMES.meets(name)
        if "." not in name or root is not None:
            return Verdict(Why.SUFFIX, root[0] if root is not None else name)
        for spared, why in ((self._own, Why.OWN), (self._decided, Why.NEVER), (self._never, Why.NEVER)):
            met = spared.names.meets(name)
            if met is not None:
                return _of_name(name, met, why)
        met = self._warned.names.meets(name)
        if met is None or name in self._insisted:
            return None
        return Verdict(Why.WARNED, f"{met[0]}: {met[1]}" if met[0] != name else met[1])


def network_of(text: str) -> Network | None:
    """An address or a network, host bits left out; None for anything else."""
    try:
        return ip_network(text.strip(), strict=False)
    except ValueError:
        return None


def _of_name(name: str, met: tuple[str, str], why: Why) -> Verdict:
    what, by = met
    if what == name:
        return Verdict(why, by)
    if what.endswith(f".{name}"):
        return Verdict(Why.PARENT, f"{what}: {by}" if by else what)
    return Verdict(why, f"{what}: {by}" if by else what)


def _special() -> dict[int, Networks]:
    made = Spared()
    for text in SPECIAL:
        made.add(text, text)
    for text in ROOTS:
        made.add(text, f"root server {text}")
    return made.networks


def _root_names() -> Names:
    made = Names()
    for name in ROOT_NAMES:
        made.add(name, "", below=True)
    return made


_SPECIAL = _special()
_ROOT_NAMES = _root_names()
