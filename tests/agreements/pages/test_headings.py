"""Every clause stands once, in the order of its number, and has the name that decisions cite."""

from __future__ import annotations

from kouprey.agreements.model import CLAUSES
from kouprey.agreements.model.citing import TITLES
from kouprey.agreements.pages.headings import GROUPS, NAMES


def test_the_clauses_are_read_in_the_order_of_their_numbers() -> None:
    read = [int(CLAUSES[clause]) for _, clauses in GROUPS for clause in clauses]
    assert read == list(range(1, len(CLAUSES) + 1))


def test_translators_find_the_name_of_every_clause() -> None:
    assert tuple(TITLES[clause] for clause in CLAUSES) == NAMES
