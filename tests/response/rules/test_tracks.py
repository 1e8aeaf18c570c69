"""Who reads and writes which track: the whole matrix, and that nobody reads all."""

from __future__ import annotations

from kouprey.people.model import Role
from kouprey.response.model.cases import Track
from kouprey.response.rules.tracks import DEEDS, READERS, READS, WRITES, Deed, may, readable, writable

MATRIX = {
    Role.ANALYST: ("w", "", "", "", ""),
    Role.DUTY_OFFICER: ("w", "", "", "", "r"),
    Role.LEAD: ("w", "", "w", "r", "w"),
    Role.LIAISON: ("w", "", "r", "w", "r"),
    Role.LEGAL: ("r", "w", "", "", ""),
    Role.POLICY: ("", "", "w", "r", ""),
    Role.DIPLOMAT: ("", "", "r", "w", ""),
    Role.COMMUNICATIONS: ("", "", "", "", "w"),
}
"""Role -> what it does on each track, in their order: write, read, or nothing."""


def test_the_matrix_is_as_it_is_written() -> None:
    for role in Role:
        wanted = MATRIX.get(role, ("",) * len(Track))
        found = tuple("w" if track in writable([role]) else "r" if track in readable([role]) else "" for track in Track)
        assert found == wanted, role


def test_whoever_writes_reads_and_no_role_reads_all() -> None:
    for track in Track:
        assert WRITES[track] <= READS[track]
    for role in Role:
        assert len(readable([role])) < len(Track)
    assert not {Role.ADMINISTRATOR, Role.AUDITOR, Role.AGREEMENT_MANAGER, Role.FEED} & READERS


def test_deeds_are_for_those_who_see_cases() -> None:
    for deed in Deed:
        assert DEEDS[deed] and DEEDS[deed] <= READERS
    assert may(["lead"], Deed.CLOSE) and not may(["analyst"], Deed.CLOSE) and not may([], Deed.OPEN)
