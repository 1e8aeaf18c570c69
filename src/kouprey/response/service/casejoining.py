"""Cases beside one another: joined and parted, named to some, and measured."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from kouprey.kernel.words import decision
from kouprey.kernel.words.errors import Damaged, Refused
from kouprey.response.model.cases import Act, Case, Kind
from kouprey.response.rules.measuring import summed
from kouprey.response.rules.tracks import Deed
from kouprey.response.service.casefiles import MEASURED, CaseFiles
from kouprey.response.store import cases as rows
from kouprey.response.store.cases import Wanted


class CaseJoining(CaseFiles):
    """Verbs about several cases."""

    def merge(self, who: decision.Reader, case: str, into: str) -> Case:
        """Read a case in another from now on. Both stay as they are, with their numbers; `unmerge` takes it back."""
        opened, target = self.get(who, case), self.get(who, into)
        self._check_may(opened, Deed.MERGE)
        if target.case.id == opened.case.id or target.case.merged_into or target.case.id in opened.ids:
            raise Refused(
                "The two cannot be joined so.",
                "A case is read in another one, and that one by itself.",
                "Choose the case that all are to be read in.",
                code="bad-merge",
            )
        if opened.case.merged_into:
            raise Refused("It is read in another case already.", remedy="Part the two first.", code="merged")
        if target.case.tlp < opened.case.tlp or opened.case.named or target.case.named:
            raise Refused(
                "The two cannot be joined.",
                "Who sees the one must be free to see the other: neither is named to some, and no marking falls.",
                "Raise the marking of the case that stays, or link the two.",
                code="bad-merge",
            )
        made = msgspec.structs.replace(opened.case, merged_into=target.case.id)
        made = self._version(
            who, opened.case, made, opened.case.version, "case.merge", {"into": str(target.case.number)}
        )
        self._told(who, target.case, Act(did="case.merged", detail={"case": str(made.number)}))
        return made

    def unmerge(self, who: decision.Reader, case: str) -> Case:
        """Part a case from the one it is read in; both are as they were, and both acts stand in their history."""
        opened = self.get(who, case)
        self._check_may(opened, Deed.MERGE)
        if not opened.case.merged_into:
            raise Refused("It stands by itself.", code="not-merged")
        target = opened.case.merged_into
        made = msgspec.structs.replace(opened.case, merged_into="")
        made = self._version(who, opened.case, made, opened.case.version, "case.unmerge", {"from": str(opened.into)})
        with self._store.read() as reader:
            held = rows.find_case(reader, target, self.eyes(who))
        if held is not None:
            self._told(who, held, Act(did="case.parted", detail={"case": str(made.number)}))
        return made

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
            found = rows.list_cases(reader, eyes, Wanted(closed=None), before=None, limit=MEASURED)
        # An exercise is none of what is counted in earnest, also where it is kept among the cases as one.
        counted = [each for each in found if who.exercise or each.kind is not Kind.EXERCISE]
        classes = sorted({each.category for each in counted if each.category})
        return {name: summed([each for each in counted if name in ("", each.category)]) for name in ("", *classes)}
