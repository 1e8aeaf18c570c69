"""The name plate of a capability: what the node must know to assemble it, by name, so that listing costs nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, TypeVar, cast

from kouprey.kernel.words.errors import Unknown

if TYPE_CHECKING:
    # A list of commands loads nothing more.
    from kouprey.kernel.words.decision import Reader

T = TypeVar("T")


class CommandLine(NamedTuple):
    """A command or group: its name, `package.module:attribute`, and one line for the list."""

    name: str
    target: str
    help: str


class Place(NamedTuple):
    """An entry of the navigation: its text (translated when shown), path, icon, the permission it needs, its order.

    Below 100 it stands above all headings; each hundred from 200 on has one (`node.web`). `key`: the letter that leads
    there after `g`, "" for none; no two places have the same. `also`: other paths whose pages belong to it.
    """

    text: str
    path: str
    icon: str
    permission: str
    order: int
    key: str = ""
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Capability:
    """One capability's plate. Strings of the form `package.module:function` are imported when needed.

    `routes`, `receives`, `regains`, `erases`, `listeners`, `jobs`, `names`, `subjects`, `pulses`, `checks`, `vitals`
    and `proofs` name functions that take the Services and return a list of routes, a mapping of media type to receiver,
    the same for what we gave and lost ourselves, what removes all that was made of entries of partners, a list of
    outbox listeners, a list of Jobs, what calls entries of lanes by their names on pages, the same for ids that stand
    in the audit (a Subjects), a mapping of topic to what tells a reader's page that something changed
    (`kernel.web.live`), a list of Checks, a list of Vitals as they are now, and a mapping of what frameworks of
    readiness ask for to what counts it (`kernel.words.proof`).
    """

    name: str
    commands: tuple[CommandLine, ...] = ()
    migrations: str = ""
    templates: str = ""
    routes: tuple[str, ...] = ()
    receives: str = ""
    erases: str = ""
    regains: str = ""
    listeners: str = ""
    jobs: str = ""
    names: str = ""
    subjects: str = ""
    pulses: str = ""
    checks: str = ""
    vitals: str = ""
    proofs: str = ""
    places: tuple[Place, ...] = ()


Subjects: TypeAlias = "Callable[[Reader, Collection[str]], Mapping[str, str]]"
"""What people call the things of one capability: of these ids those that the reader may see, with their names."""


@dataclass(frozen=True)
class Job:
    """Something a running node does again and again; a failure is logged and it is tried at the next turn."""

    name: str
    every_seconds: float
    call: Callable[[], object]


class Services:
    """What has been assembled, found by its class: doors ask for `services.get(Exchange)`."""

    def __init__(self) -> None:
        self._by_kind: dict[type[Any], Any] = {}

    def put(self, service: object) -> None:
        """Make a service findable by its class."""
        self._by_kind[type(service)] = service

    def get(self, kind: type[T]) -> T:
        """The service of this class; Unknown when this node has none."""
        found = self._by_kind.get(kind)
        if found is None:
            raise Unknown(f"This node has no {kind.__name__}.", code="no-service")
        return cast(T, found)
