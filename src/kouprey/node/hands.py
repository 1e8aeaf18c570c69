"""What a person does by hand in the story: each check asks the nodes whether it is there, and says what is missing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from kouprey.node import fiction, scenes, watching
from kouprey.node.actors import Actor
from kouprey.node.book import Said, Task, resolve, said
from kouprey.node.by_hand import HANDS
from kouprey.node.fiction import BANK, CROSSING, REPORT, SERVER, WARNING
from kouprey.node.story import Story

HANDED = "handed.ledger"
"""The ledger that somebody has given to the verifier, in the folder of the story."""


class Watch:
    """Watches the nodes of a story for what its chapters ask of a person."""

    def __init__(self, story: Story, folder: Path) -> None:
        self._story = story
        self._folder = folder
        self._parcels: dict[tuple[str, str], int] = {}

    def begin(self, chapter: str) -> list[Task]:
        """Do what comes before a person's part of a chapter, and list what is left to them."""
        hands = HANDS[chapter]
        if hands.ready:
            getattr(self._story, hands.ready)()
        if chapter == "parcel":
            self._parcels = {way: self._made(way) for way in (("ministry", "neighbour"), ("neighbour", "ministry"))}
        places = self._story.places()
        return [Task(deed.text, deed.party, resolve(deed.path, places)) for deed in hands.deeds]

    def look(self, chapter: str, tasks: list[Task]) -> bool:
        """Tick what is done and say what is missing of the rest; True when nothing is.

        What was seen done stays ticked: a parcel that was made need not be made again.
        """
        for deed, task in zip(HANDS[chapter].deeds, tasks, strict=True):
            if not task.done:
                check: Callable[[], Said | None] = getattr(self, deed.check)
                task.missing = check()
                task.done = task.missing is None
        return all(task.done for task in tasks)

    def operator_signature(self) -> Said | None:
        return self._signature(self._story.operator)

    def neighbour_signature(self) -> Said | None:
        return self._signature(self._story.neighbour)

    def _signature(self, actor: Actor) -> Said | None:
        if actor.party in watching.signers(actor, self._story.agreement):
            return None
        return said("%(party)s has not signed yet.", party=actor.cast.name)

    def findings(self) -> Said | None:
        story = self._story
        ids = [str(each["id"]) for each in fiction.operator_findings(watching.identity(story.operator))]
        held = watching.knows(story.operator, ids)
        if held == len(ids):
            return None
        return said("%(held)s of %(all)s objects of the file are there.", held=held, all=len(ids))

    def publication(self) -> Said | None:
        if watching.knows(self._story.ministry, [REPORT]):
            return None
        return said("The report has not come to the ministry yet.")

    def sighting(self) -> Said | None:
        if watching.sightings(self._story.operator, SERVER):
            return None
        if watching.sightings(self._story.ministry, SERVER):
            return said("The sighting is on its way to the operator.")
        return said("The ministry has not reported this server yet.")

    def lure(self) -> Said | None:
        return None if self._story.has_lure() else said("The address that begins with http was not kept yet.")

    def parcel_made(self) -> Said | None:
        return self._parcel("ministry", "neighbour")

    def answer_made(self) -> Said | None:
        return self._parcel("neighbour", "ministry")

    def _parcel(self, key: str, to: str) -> Said | None:
        if self._made((key, to)) > self._parcels.get((key, to), 0):
            return None
        return said("No parcel for %(party)s was made yet.", party=self._actor(to).cast.name)

    def _made(self, way: tuple[str, str]) -> int:
        return watching.deeds(self._actor(way[0]), "parcel.make", self._actor(way[1]).party)

    def parcel_read(self) -> Said | None:
        if watching.knows(self._story.neighbour, [WARNING]):
            return None
        return said("The warnings have not come to the neighbour yet.")

    def answer_read(self) -> Said | None:
        waits = self._story.waiting(self._story.ministry, self._story.neighbour.party)
        return said("%(count)s receipts have not come back yet.", count=waits) if waits else None

    def answer_sighting(self) -> Said | None:
        if watching.sightings(self._story.neighbour, WARNING):
            return None
        return said("The neighbour has not reported the server of the warning yet.")

    def bank_networks(self) -> Said | None:
        if watching.networks(self._story.operator, BANK):
            return None
        return said("Nothing is held for theirs yet.")

    def outcome_told(self) -> Said | None:
        if watching.outcomes(self._story.operator, self._story.strategy):
            return None
        if watching.outcomes(self._story.ministry, self._story.strategy):
            return said("What you told is on its way to the operator.")
        return said("The operator has not been told how it went.")

    def shielded(self) -> Said | None:
        return None if self._story.has_shield() else said("The list waits for somebody's word.")

    def hunted(self) -> Said | None:
        if watching.has_hunted(self._story.operator, scenes.SIGMA_ID):
            return None
        return said("What the rule found was not kept yet.")

    def approved(self) -> Said | None:
        if watching.has_approved(self._story.ministry, self._story.ministry.cast.person, self._story.found["draft"]):
            return None
        return said("%(person)s has not approved these words.", person=self._story.ministry.cast.person)

    def nominated(self) -> Said | None:
        return None if self._story.nominated() else said("The ministry knows of nobody yet.")

    def confirmed(self) -> Said | None:
        return None if self._story.is_confirmed() else said("Nobody has confirmed it yet.")

    def tightening(self) -> Said | None:
        if watching.narrowed(self._story.neighbour, self._story.agreement):
            return None
        return said("The neighbour has not tightened anything yet.")

    def released(self) -> Said | None:
        state = watching.approval_of(self._story.ministry, CROSSING)
        if state == "sent":
            return None
        return (
            said("It waits for somebody's word.")
            if state == "waiting"
            else said("It was not released: %(state)s", state=state)
        )

    def printed(self) -> Said | None:
        if watching.deeds(self._story.ministry, "performance.print", self._story.agreement):
            return None
        return said("The report was not saved yet.")

    def verdict(self) -> Said | None:
        """The ledger that was handed over holds, and equals that of the operator."""
        handed = self._folder / HANDED
        if not handed.exists():
            return said("No ledger was given to the verifier yet.")
        wrong = self._story.judge(str(handed))
        if not wrong:
            theirs = self._story.export(self._story.operator, self._folder)
            wrong = self._story.judge("--equal", str(handed), str(theirs))
            theirs.unlink(missing_ok=True)
        return said("The verifier says: %(verdict)s", verdict=wrong[-400:]) if wrong else None

    def _actor(self, key: str) -> Actor:
        return next(actor for actor in self._story.actors if actor.cast.key == key)
