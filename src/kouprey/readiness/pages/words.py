"""Words of readiness for people."""

from __future__ import annotations

from kouprey.kernel.web.language import mark
from kouprey.readiness.model import Objective, State

STATES = {
    State.CLAIMED: (mark("claimed"), "idle"),
    State.PROPOSED: (mark("proposed"), "warn"),
    State.CONFIRMED: (mark("confirmed"), "info"),
    State.PUBLIC: (mark("public"), "good"),
}
QUERIES = {
    "agreements.exchanged": mark("Agreements under which something came"),
    "cases.closed": mark("Cases closed"),
    "reports.taken": mark("Reports of people outside"),
    "handoffs.answered": mark("Hand-offs answered"),
    "drills.answered": mark("Drills answered"),
    "exercises.completed": mark("Exercises completed"),
    "activities.held": mark("Trainings held"),
    "activities.held-for-others": mark("Trainings held for others"),
    "statements.published": mark("Statements published"),
    "dossiers.kept": mark("Dossiers kept"),
}
"""What a query of a framework file counts; others are shown as they stand there."""
OBJECTIVES = {
    Objective.EFFORT: mark("the least work"),
    Objective.MONEY: mark("the least money"),
    Objective.TIME: mark("the least waiting"),
}
UNITS = {Objective.EFFORT: mark("days of work"), Objective.MONEY: mark("US dollars"), Objective.TIME: mark("days")}
TITLES = (
    mark("Legal measures"),
    mark("Technical measures"),
    mark("Organizational measures"),
    mark("Capacity development"),
    mark("Cooperation"),
    mark("Building"),
    mark("Evolving"),
    mark("Establishing"),
    mark("Advancing"),
    mark("Role-modelling"),
    mark("A quarter"),
    mark("Half"),
    mark("Three quarters"),
    mark("Organisation"),
    mark("Human"),
    mark("Tools"),
    mark("Processes"),
)
"""Titles of our own files that are translated; the others stay as their owners write them."""


def number_of(indicator: str) -> str:
    """The number by which the owner of a framework calls an indicator, "" where its id is a word of our files."""
    return indicator if any(each.isdigit() for each in indicator) else ""
