"""Lines of the ledger as somebody may see them: what is above him is named neither, nor asked for."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from kouprey.agreements.model import CLAUSES
from kouprey.agreements.model.citing import rests_on
from kouprey.agreements.service import Agreements
from kouprey.federation.service.lines import Line
from kouprey.federation.service.naming import EntryKey, EntryName, Naming
from kouprey.kernel.words.decision import Reader, Reason
from kouprey.kernel.words.errors import Forbidden
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.tlp import TLP, parse_tlp
from kouprey.people.model import Permission, roles_with


@dataclass(frozen=True)
class Row:
    """A line as a reader may see it: `hidden` when its label is above him; `because` is the clause it rests on.

    `name` is None where nobody here knows what it is called, or he may not see what it is about.
    """

    line: Line
    hidden: bool
    because: Reason | None
    name: EntryName | None


def knows_all(who: Reader, roles: Collection[str]) -> bool:
    """Whether somebody may know why entries are held back, which bear no label: who sees everything, or keeps links."""
    whole = who.local and who.clearance is TLP.RED and not who.exercise
    return whole or bool(set(roles) & set(roles_with(Permission.LINK)))


class Telling:
    """Asks the one decision of each label, and whoever knows the names of those he may see."""

    def __init__(self, agreements: Agreements, home: str, naming: Sequence[Naming]) -> None:
        self._agreements = agreements
        self._home = home
        self._naming = naming

    def check_export(self, who: Reader, agreement: str) -> None:
        """Forbidden when the ledger of an agreement could hold more than `who` may see: it holds every body."""
        versions = self._agreements.list_versions(agreement)
        highest = max(parse_tlp(version.document.terms.tlp_ceiling) for version in versions)
        if highest > who.clearance:
            raise Forbidden(
                "The ledger holds more than you may see.",
                f"“{versions[-1].document.title}” reaches up to {highest.text} (clause 2, Highest marking); you are"
                f" cleared up to {who.clearance.text}.",
                "Ask somebody with that clearance.",
                code="above-clearance",
                detail=rests_on(agreement, versions[-1].document.title, CLAUSES["tlp_ceiling"]),
            )

    def tell(self, who: Reader, lines: Sequence[Line]) -> list[Row]:
        """The lines as `who` may see them, in their order."""
        known: dict[tuple[str, str, Label], tuple[bool, Reason | None]] = {}
        seen: list[tuple[Line, bool, Reason | None]] = []
        for line in lines:
            hidden, because = False, None
            label = line.entry.label
            if label is not None:
                key = (line.author, line.agreement, label)
                if key not in known:
                    known[key] = self._judge(who, line, label)
                hidden, because = known[key]
            seen.append((line, hidden, because))
        # What is hidden is not even asked for; of the rest those who know the names tell as much as is theirs to see.
        keys = [_key(line) for line, hidden, _ in seen if not hidden]
        names: dict[EntryKey, EntryName] = {}
        for naming in self._naming:
            names.update(naming.name_entries(who, keys))
        return [Row(line, hidden, because, None if hidden else names.get(_key(line))) for line, hidden, because in seen]

    def _judge(self, who: Reader, line: Line, label: Label) -> tuple[bool, Reason | None]:
        """Whether this person may not see it; and under which clause its receivers may, asked of the one decision."""
        hidden = not self._agreements.decide([label], who).allowed
        if line.author != self._home:
            gate = self._agreements.may_receive(label)
            return hidden, gate.because[0] if gate.allowed and gate.because else None
        for party, _ in line.confirmed:
            reader = self._agreements.party_reader(party, exercise=label.exercise)
            made = self._agreements.decide([label], reader, under=line.agreement, released=True)
            return hidden, made.because[0] if made.because else None
        return hidden, None


def _key(line: Line) -> EntryKey:
    return line.entry.publication or (line.origin, line.entry.index)
