"""Whether what was derived from bodies is what deriving gives: findings, observables, placements, terms, references."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from kouprey.exchange.model import Renewal
from kouprey.exchange.service import indexing
from kouprey.exchange.service.renewing import readable
from kouprey.exchange.store import editions as rows
from kouprey.exchange.store import findings, observables
from kouprey.exchange.wire import findings_of
from kouprey.exchange.wire.observables import observables_in, order_key
from kouprey.exchange.wire.placements import placements_of
from kouprey.kernel.storage.engine import Reader, Store
from kouprey.kernel.words.finding import Finding

_STEP, _STEP_BYTES = 1_000, 8 << 20
_KINDS = {
    "findings": ("findings",),
    "observables": ("observables", "values"),
    "placements": ("placements",),
    "search": ("search",),
}


def compare(store: Store, repair: bool) -> Iterator[Finding]:
    """What is not as it should be; with `repair` it is derived again, by the running node or at its next start."""
    with store.read() as reader:
        waiting = [each for each in rows.list_renewals(reader) if not each.finished]
        loose = rows.count_loose(reader)
        most = int(reader.value("SELECT max(id) FROM body") or 0)
    yield from (_waits(each) for each in waiting)
    faults: dict[str, list[int]] = defaultdict(list)
    counted = [0]
    done = 0
    while done < most:
        # Each step a snapshot of its own, so that a running node is not held up.
        with store.read() as reader:
            held = rows.list_next(reader, Renewal(kind="", edition=0, done=done, upto=most), _STEP, _STEP_BYTES)
            if not held:
                break
            _look(reader, held, faults, counted)
        done = held[-1].id
    with store.read() as reader:
        written, unnamed = rows.count_occurrences(reader)
    unfinished = {each.kind for each in waiting}
    if (written > counted[0] or unnamed) and not faults["observables"]:
        faults["observables"].append(0)
    found = {kind: bodies for kind, bodies in faults.items() if bodies and unfinished.isdisjoint(_KINDS[kind])}
    if repair and found:
        store.write(lambda tx: rows.restart(tx, [each for kind in found for each in _KINDS[kind]]))
    yield from (_fault(kind, bodies, repair) for kind, bodies in found.items())
    if loose:
        yield Finding(
            level="bad",
            what="Rows speak of bodies that are not held: "
            + ", ".join(f"{n} of {table}" for table, n in loose.items())
            + ".",
            why="What was removed must leave nothing behind.",
            remedy="Restore a backup, and report it.",
        )


def _look(reader: Reader, held: list[rows.HeldRaw], faults: dict[str, list[int]], counted: list[int]) -> None:
    """Add the bodies of one step that differ, and count what they name."""
    told = findings.load(reader, [each.id for each in held])
    counts = findings.list_counts(reader, [each.id for each in held])
    wanted = set()
    placed = set()
    for each, value in readable(held):
        placed |= {(each.id, *placement) for placement in placements_of(value)}
        said = findings_of(value, each.type)
        musts = sum(one.severity == "must" for one in said)
        if told.get(each.id, ()) != said or counts.get(each.id, (0, 0)) != (musts, len(said) - musts):
            faults["findings"].append(each.id)
        named = list(dict.fromkeys(observables_in(value)))
        for identity, one in zip(observables.ids_of(reader, named), named, strict=False):
            wanted.add((identity, each.version, each.id, one.kind, one.text, order_key(one)))
    counted[0] += len(wanted)
    known = rows.list_known(reader, [each[:3] for each in wanted])
    faults["observables"] += sorted({each[2] for each in wanted - known})
    faults["placements"] += sorted(
        {row[0] for row in placed ^ rows.list_placements(reader, [each.id for each in held])}
    )
    unfindable, unlinked = indexing.list_faults(reader, sorted({each.version for each in held}))
    faults["search"] += unfindable + unlinked


def _waits(renewal: Renewal) -> Finding:
    return Finding(
        level="warn",
        what=f"The {renewal.kind} of what is held are still being brought to edition {renewal.edition} of their rules.",
        why="They came before this program knew those rules: until then something may not be found, or not be judged.",
        remedy="Leave the node running: it goes on by itself, a little at a time.",
    )


def _fault(kind: str, bodies: list[int], repair: bool) -> Finding:
    where = f", the first of body {min(bodies)}" if bodies[0] else ""
    return Finding(
        level="mended" if repair else "bad",
        what=f"What is written down of the {kind} is not what the bodies say{where}.",
        why="Something may not be found, not be warned of, or be found where it is not.",
        remedy="The running node derives it again."
        if repair
        else "Run `kouprey doctor --repair`: it is derived again.",
    )
