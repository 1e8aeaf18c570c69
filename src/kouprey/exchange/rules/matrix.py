"""The matrix of one kill chain, made of what a reader sees: its columns, its techniques, and how much stands where."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from kouprey.exchange.model.placing import Cell, Column, Matrix, Place, Tactic, Technique

ORDERS: Mapping[str, tuple[str, ...]] = {
    "mitre-attack": (
        "reconnaissance",
        "resource-development",
        "initial-access",
        "execution",
        "persistence",
        "privilege-escalation",
        "defense-evasion",
        "credential-access",
        "discovery",
        "lateral-movement",
        "collection",
        "command-and-control",
        "exfiltration",
        "impact",
    ),
    "lockheed-martin-cyber-kill-chain": (
        "reconnaissance",
        "weaponization",
        "delivery",
        "exploitation",
        "installation",
        "command-and-control",
        "actions-on-objectives",
    ),
}
"""The order of phases that their authors gave; of others the alphabet decides, unless a catalogue is held."""

FIRST = "mitre-attack"
MOST_COLUMNS = 40
MOST_LOOSE = 100
"""Techniques that no column knows which are shown."""
MOST_CHAINS = 30


def chains_of(places: Iterable[Place], techniques: Iterable[Technique]) -> tuple[str, ...]:
    """Every kill chain that is named, the one of ATT&CK first, then those that are named most."""
    named = Counter(scheme for way, scheme, _ in places if way == "phase")
    named.update(scheme for technique in techniques for scheme, _ in technique.phases)
    if not named and any(way != "phase" for way, _, _ in places):
        named[FIRST] = 1
    ranked = sorted(named, key=lambda chain: (chain != FIRST, -named[chain], chain))
    return tuple(ranked[:MOST_CHAINS])


def build(
    chain: str,
    counts: Mapping[Place, int],
    techniques: Sequence[Technique],
    tactics: Sequence[Tactic],
    *,
    kinds: tuple[str, ...] = (),
    sources: tuple[str, ...] = (),
) -> Matrix:
    """The matrix of a chain, or of the first there is. A technique under several phases stands in each of them."""
    chains = chains_of(counts, techniques)
    if chain not in chains:
        chain = chains[0] if chains else ""
    cells = _cells(counts, techniques)
    phases: dict[str, set[str]] = defaultdict(set)
    for technique in techniques:
        phases[_key(technique)].update(phase for scheme, phase in technique.phases if scheme == chain)
    here: dict[str, list[Cell]] = defaultdict(list)
    for key, cell in cells.items():
        for phase in phases[key]:
            here[phase].append(cell)
    alone = {name: n for (way, scheme, name), n in counts.items() if way == "phase" and scheme == chain}
    known = {tactic.phase: tactic for tactic in tactics}
    columns = [
        Column(
            phase=phase,
            name=known[phase].name if phase in known else spoken(phase),
            stix_id=known[phase].stix_id if phase in known else "",
            count=alone.get(phase, 0),
            cells=_ranked(here.get(phase, ())),
        )
        for phase in _order(chain, {*here, *alone, *known}, known)
    ]
    if chain.startswith("mitre") and (loose := _loose(counts, techniques)):
        columns.append(Column(phase="", name="", stix_id="", count=0, cells=loose))
    return Matrix(
        chain=chain,
        chains=chains,
        columns=tuple(columns[: MOST_COLUMNS + 1]),
        kinds=kinds,
        sources=sources,
        most=max((cell.count for column in columns for cell in column.cells), default=0),
        catalogue=any(scheme == chain for technique in techniques for scheme, _ in technique.phases),
    )


def places_of(matrix: Matrix, phase: str, number: str) -> tuple[Cell | None, frozenset[Place]]:
    """The technique of this number (or STIX id) with everything that places something there, sub-techniques too.

    Without a number: what names the phase alone. An empty set for what the matrix does not have.
    """
    if not number:
        named = any(column.phase == phase for column in matrix.columns) and phase
        return None, frozenset({("phase", matrix.chain, phase)} if named else ())
    for cell in (cell for column in matrix.columns for cell in column.cells):
        for one in (cell, *cell.below):
            if number in (one.number, *one.stix_ids):
                return one, frozenset(place for each in (one, *one.below) for place in _places(each))
    return None, frozenset()


def shade(count: int, most: int) -> int:
    """How dark a cell is, from 0 for nothing to 5: each step is so many times more than the one before."""
    if not count:
        return 0
    return 1 + sum(count > step for step in steps_of(most))


def steps_of(most: int) -> list[int]:
    """The highest counts of the first four shades."""
    return [max(n, round(float(most) ** (n / 5))) for n in range(1, 5)]


def scale_of(most: int) -> list[tuple[int, int, int]]:
    """Each shade with the lowest and the highest count that it stands for, up to the highest there is."""
    steps = [0, *steps_of(most)]
    lows = [step + 1 for step in steps]
    highs = [*(min(step, most) for step in steps[1:]), most]
    return [(n, low, high) for n, (low, high) in enumerate(zip(lows, highs, strict=True), 1) if low <= high]


def spoken(phase: str) -> str:
    """A phase as people read it."""
    words = phase.replace("-", " ").replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def _places(cell: Cell) -> list[Place]:
    found: list[Place] = [("object", "", stix_id) for stix_id in cell.stix_ids]
    return [("technique", "mitre", cell.number), *found] if cell.number else found


def _key(technique: Technique) -> str:
    return technique.number or technique.stix_id


def _cells(counts: Mapping[Place, int], techniques: Sequence[Technique]) -> dict[str, Cell]:
    """Key -> cell of every technique that is not folded into another one."""
    same: dict[str, list[Technique]] = defaultdict(list)
    for technique in techniques:
        same[_key(technique)].append(technique)
    flat = {
        key: Cell(
            number=several[0].number,
            name=several[0].name,
            stix_ids=tuple(sorted(each.stix_id for each in several)),
            own=sum(counts.get(("object", "", each.stix_id), 0) for each in several)
            + (counts.get(("technique", "mitre", key), 0) if several[0].number else 0),
            count=0,
        )
        for key, several in same.items()
    }
    below: dict[str, list[Cell]] = defaultdict(list)
    for key, cell in flat.items():
        parent = key.partition(".")[0] if cell.number else key
        if parent != key and parent in flat:
            below[parent].append(_counted(cell, ()))
    folded = {cell.number for listed in below.values() for cell in listed}
    return {key: _counted(cell, _ranked(below.get(key, ()))) for key, cell in flat.items() if cell.number not in folded}


def _counted(cell: Cell, below: tuple[Cell, ...]) -> Cell:
    return Cell(
        number=cell.number,
        name=cell.name,
        stix_ids=cell.stix_ids,
        own=cell.own,
        count=cell.own + sum(each.count for each in below),
        below=below,
    )


def _ranked(cells: Iterable[Cell]) -> tuple[Cell, ...]:
    return tuple(sorted(cells, key=lambda cell: (-cell.count, cell.name.casefold(), cell.number)))


def _loose(counts: Mapping[Place, int], techniques: Sequence[Technique]) -> tuple[Cell, ...]:
    """What is named and that no attack pattern the reader sees describes, the most named first."""
    numbers = {technique.number for technique in techniques}
    held = {technique.stix_id for technique in techniques}
    found = [
        Cell(
            number=name if way == "technique" else "",
            name=name,
            stix_ids=() if way == "technique" else (name,),
            own=n,
            count=n,
        )
        for (way, _, name), n in counts.items()
        if n and ((way == "technique" and name not in numbers) or (way == "object" and name not in held))
    ]
    return _ranked(found)[:MOST_LOOSE]


def _order(chain: str, phases: Iterable[str], tactics: Mapping[str, Tactic]) -> list[str]:
    given = {phase: place for place, phase in enumerate(ORDERS.get(chain, ()))}

    def place(phase: str) -> tuple[int, str]:
        if phase in tactics:
            return tactics[phase].place, phase
        return (given[phase] if phase in given and not tactics else 1_000), phase

    return sorted(phases, key=place)[:MOST_COLUMNS]
