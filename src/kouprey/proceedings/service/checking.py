"""Whether a ledger is as it was written: each event named by its position that was changed, put in or taken out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from kouprey.kernel.seal import checkpoint as signed
from kouprey.kernel.seal.keys import VerifyKey
from kouprey.kernel.seal.notes import split_note
from kouprey.kernel.seal.tree import Frontier, leaf_hash
from kouprey.kernel.words.errors import KoupreyError
from kouprey.kernel.words.finding import Check, Finding
from kouprey.proceedings import store as rows
from kouprey.proceedings.model import Checkpoint, Line
from kouprey.proceedings.service.crossing import Crossing
from kouprey.proceedings.store import custody
from kouprey.proceedings.wire.proofs import read_event


class Checking(Crossing):
    """What the doctor asks of ledgers."""

    def list_findings(self) -> Iterator[Finding]:
        """The first fault of each ledger."""
        keys = [
            *(key.public for key in self._ring.signers),
            *(VerifyKey.parse(each).public for each in self._people.home().card.nodes),
        ]
        with self._store.read() as reader:
            for dossier in rows.list_ids(reader):
                lines, points = custody.list_lines(reader, dossier), custody.list_checkpoints(reader, dossier)
                fault = first_fault(lines, points, self.origin(dossier), keys)
                if fault is not None:
                    position, why = fault
                    yield Finding(
                        level="bad",
                        what=f"Event {position} of the ledger of {dossier} is not as it was written.",
                        why=why,
                        remedy="Stop releasing from this dossier, keep the database as it is, and tell its custodians.",
                    )

    def checks(self) -> list[Check]:
        """For the doctor."""
        return [Check("proceedings", lambda _: self.list_findings())]


def first_fault(
    lines: Sequence[Line], points: Sequence[Checkpoint], origin: str, keys: Iterable[bytes]
) -> tuple[int, str] | None:
    """Position and reason of the first event that is not as it was written, None where all hold.

    Events are compared with their leaves, leaves with every checkpoint, and the newest checkpoint with the keys of the
    node; an earlier one may be signed by a key that was replaced since, and says what the newest one signs too.
    """
    known, longest = list(keys), max((each.size for each in points), default=0)
    frontier, by_size = Frontier(), {each.size: each for each in points}
    for number, line in enumerate(lines):
        if line.position != number:
            return number, "It is missing."
        if leaf_hash(line.raw) != line.leaf or not _says_the_same(line, origin):
            return number, "What it says differs from what was hashed."
        frontier.append(line.leaf)
        point = by_size.get(number + 1)
        if point is not None and (why := _differs(point, frontier, origin, known, newest=point.size == longest)):
            return number, why
    return (len(lines), "It was signed, and is missing.") if longest > len(lines) else None


def _says_the_same(line: Line, origin: str) -> bool:
    try:
        event = read_event(line.dossier, line.raw)
    except KoupreyError:
        return False
    beside = (line.position, line.act, line.item, line.by, line.at)
    named = b'"ledger":"' + origin.encode() + b'"' in line.raw
    return named and (event.position, event.act, event.item, event.by, event.at) == beside


def _differs(point: Checkpoint, frontier: Frontier, origin: str, keys: Sequence[bytes], *, newest: bool) -> str:
    try:
        stated = signed.open_checkpoint(point.note, origin, keys)
    except KoupreyError as error:
        if newest or error.code != "no-known-signature":
            return f"The checkpoint after it does not hold: {error.why}"
        stated = signed.Checkpoint.parse(split_note(point.note)[0])
    if (stated.origin, stated.size, stated.root) != (origin, frontier.size, frontier.root()):
        return "The checkpoint signed after it has another root."
    return ""
