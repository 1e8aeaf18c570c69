"""Which role opens which door: the table behind docs/reference/roles.md, read from the doors themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from kouprey.kernel.web.door import Door
from kouprey.people.model import DEEDS, HOSTED, PERMISSIONS, Permission, Role, permission_behind

_INTRODUCTION = """\
What somebody may *do* follows from their roles, and somebody with several roles may do what any of them may. What
they may *see* follows from clearance, agreements and labels alone, whatever the role.

Commands ask for no role: whoever can read the data directory of a node is its operator, and stands as `operator` in
the audit.
"""
_OPEN = """\
## Doors for everybody

Nobody has to be signed in. Those below `/link/` tell partners by the signature of each request.
"""


_HOSTED = """\
## Doors for constituents

People and programs of constituents have no role. They come in here, and at the doors of one's own sign-in.
"""


class Row(NamedTuple):
    """One method of one door; `needs` is None where nobody has to be signed in."""

    path: str
    method: str
    kind: str
    needs: Permission | None
    hosted: bool = False


def list_rows(doors: Iterable[Door]) -> list[Row]:
    """Every method of every door, by path; ValueError for a door that does not say who may open it."""
    return sorted((row for door in doors for row in _rows(door)), key=lambda row: row[:2])


def _rows(door: Door) -> Iterator[Row]:
    needs = permission_behind(door.roles)
    if door.roles == (HOSTED,):
        yield from (Row(door.path, method, door.kind, None, True) for method in door.methods)
        return
    if (needs is None) is not door.open:
        raise ValueError(f"{' '.join(door.methods)} {door.path} is not open and names no permission's roles, or both")
    for method in door.methods:
        yield Row(door.path, method, door.kind, needs)


def page(doors: Iterable[Door], note: str) -> str:
    """The reference page; `note` says that it is generated."""
    rows = list_rows(doors)
    parts = ["# Roles\n", note, _INTRODUCTION, "## What each role may do\n", _table(["may", *Permission], _by_role())]
    for permission in Permission:
        named = [_named(row) for row in rows if row.needs is permission]
        if named:
            parts.append(f"## Doors that need {permission}\n")
            parts.append(f"To {DEEDS[permission]}.\n")
            roles = [str(role) for role in Role]
            has = ["●" if permission in PERMISSIONS[role] else "" for role in Role]
            parts.append(_table(["door", *roles], [[name, *has] for name in named]))
    parts.append(_HOSTED)
    parts.append(_table(["door"], [[_named(row)] for row in rows if row.hosted]))
    parts.append(_OPEN)
    parts.append(_table(["door"], [[_named(row)] for row in rows if row.needs is None and not row.hosted]))
    return "\n".join(parts)


def _by_role() -> Iterator[list[str]]:
    for role in Role:
        yield [str(role), *("●" if permission in PERMISSIONS[role] else "" for permission in Permission)]


def _named(row: Row) -> str:
    return f"{'API' if row.kind == 'machine' else 'page'} `{row.method} {row.path}`"


def _table(head: Iterable[str], lines: Iterable[Iterable[str]]) -> str:
    cells = [list(head), *map(list, lines)]
    cells.insert(1, ["---"] * len(cells[0]))
    return "\n".join(f"| {' | '.join(line)} |" for line in cells) + "\n"
