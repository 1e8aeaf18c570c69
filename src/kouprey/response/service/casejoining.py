"""Cases beside one another: joined and parted, named to some, and measured."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words import decision
from kouprey.kernel.words.errors import Damaged, Refused
from kouprey.response.model.cases import Act, Case, Kind
from kouprey.response.rules.measuring import summed
from kouprey.response.rules.tracks import Deed
from kouprey.response.service.casefiles import MEASURED, CaseFiles
from kouprey.response.store import cases as rows


class CaseJoining(CaseFiles):
    """Verbs about several cases."""

    def merge(self, who: decision.Reader, case: str, into: str) -> Case:
        """Read a case in another from now on. Both stay as they are, with their numbers; `unmerge` takes it back."""
        opened, target = self.get(who, case), self.get(who, into)
        self._check_may(opened, Deed.MERGE)
        _check_joinable(opened.case, target.case)
        eyes, number = self.eyes(who), opened.case.number

        def also(tx: Tx) -> None:
            # Looked at again in the same step: of two that are joined with each other at once, one has come first.
            newest = rows.find_case(tx, target.case.id, eyes)
            _check_joinable(opened.case, newest or msgspec.structs.replace(target.case, merged_into="?"))
            self._act(tx, who, target.case, Act(did="case.merged", detail={"case": str(number)}))

        made = msgspec.structs.replace(opened.case, merged_into=target.case.id)
        told = {"into": str(target.case.number)}
        return self._version(who, opened.case, made, opened.case.version, "case.merge", told, also=also)

    def unmerge(self, who: decision.Reader, case: str) -> Case:
        """Part a case from the one it is read in; both are as they were, and both acts stand in their history."""
        opened = self.get(who, case)
        self._check_may(opened, Deed.MERGE)
        if not opened.case.merged_into:
            raise Refused("It stands by itself.", code="not-merged")
        eyes, number = self.eyes(who), opened.case.number

        def also(tx: Tx) -> None:
            held = rows.find_case(tx, opened.case.merged_into, eyes)
            if held is not None:
                self._act(tx, who, held, Act(did="case.parted", detail={"case": str(number)}))

        made = msgspec.structs.replace(opened.case, merged_into="")
        told = {"from": str(opened.into)}
        return self._version(who, opened.case, made, opened.case.version, "case.unmerge", told, also=also)

    def name_to(self, who: decision.Reader, case: str, persons: Sequence[str], *, named: bool) -> Case:
        """Let only these see it, with whoever names it, or everybody again whose role and clearance allow it."""
        opened = self.get(who, case)
        self._check_may(opened, Deed.MEMBERS)
        known = {each.id for each in self._people.list_persons()}
        if unknown := set(persons) - known:
            raise Damaged("That person is not known.", ", ".join(sorted(unknown)), code="bad-person")
        if named and (opened.case.merged_into or opened.merged):
            raise Refused("It is joined with another case.", remedy="Part the two first.", code="merged")
        chosen = {*persons, *({who.name} & known)} if named else set()
        made = msgspec.structs.replace(opened.case, named=named)
        return self._version(
            who, opened.case, made, opened.case.version, "case.name" if named else "case.unname", members=chosen
        )

    def measured(self, who: decision.Reader) -> dict[str, dict[str, tuple[int, int, int, int]]]:
        """Class, or "" for all -> span -> how many have it, how many not, median and ninetieth part in seconds.

        Of the cases in earnest, or of the exercise of `who`, that changed last and that they may see.
        """
        eyes = self.eyes(who)
        with self._store.read() as reader:
            found = rows.list_latest(reader, eyes, limit=MEASURED)
        # An exercise is none of what is counted in earnest, also where it is kept among the cases as one.
        counted = [each for each in found if who.exercise or each.kind is not Kind.EXERCISE]
        classes = sorted({each.category for each in counted if each.category})
        return {name: summed([each for each in counted if name in ("", each.category)]) for name in ("", *classes)}


def _check_joinable(case: Case, into: Case) -> None:
    if into.id == case.id or into.merged_into:
        raise Refused(
            "The two cannot be joined so.",
            "A case is read in another one, and that one by itself.",
            "Choose the case that all are to be read in.",
            code="bad-merge",
        )
    if case.merged_into:
        raise Refused("It is read in another case already.", remedy="Part the two first.", code="merged")
    if into.tlp < case.tlp or case.named or into.named:
        raise Refused(
            "The two cannot be joined.",
            "Who sees the one must be free to see the other: neither is named to some, and no marking falls.",
            "Raise the marking of the case that stays, or link the two.",
            code="bad-merge",
        )
