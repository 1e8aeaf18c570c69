"""Every page of a node: the doors say which there are, links say what stands for their placeholders."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol
from urllib.parse import urldefrag, urlsplit

from starlette.routing import compile_path

from kouprey.kernel.web.door import Door

EXAMPLES = 2
"""Pages that are looked at of each door with a placeholder, unless said otherwise; of objects, of each type."""


class Looking(Protocol):
    """Opens an address and returns the addresses of all links on its page; None when it is no page."""

    def __call__(self, path: str) -> list[str] | None: ...


def page_doors(doors: Sequence[Door]) -> list[Door]:
    """Doors that people open by an address; an answer that never ends is no page."""
    return [door for door in doors if door.kind == "page" and "GET" in door.methods and door.seconds is not None]


def crawl(
    doors: Sequence[Door], look: Looking, seeds: Sequence[str] = (), examples: int = EXAMPLES, *, alike: bool = False
) -> Iterator[tuple[str, str]]:
    """(path of the door, address) of every page, so many examples of each door with a placeholder.

    `alike`: what is done with an object looks much the same for all types, so one will do; the object and its form not.
    Addresses with a query are followed where `seeds` names them, and where nothing else leads to their door.
    """
    ways = [(door.path, compile_path(door.path)[0]) for door in page_doors(doors)]
    waiting = [door.path for door in page_doors(doors) if "{" not in door.path] + list(seeds)
    taken: dict[str, int] = {}
    seen: set[str] = set()
    asking: list[str] = []
    reached: set[str] = set()
    while waiting or asking:
        asked = not waiting
        address = (waiting or asking).pop(0)
        path = urlsplit(address).path
        door = next((door for door, way in ways if way.match(path)), "")
        if address in seen or not door or (asked and door in reached):
            continue
        kind = door if alike and not door.endswith(("}", "/edit")) else f"{door} {_type(path)}"
        if "{" in door and address not in seeds:
            if taken.get(kind, 0) >= examples:
                continue
            taken[kind] = taken.get(kind, 0) + 1
        seen.add(address)
        links = look(address)
        if links is None:
            continue
        reached.add(door)
        yield door, address
        for link in links:
            plain = urldefrag(link)[0]
            if plain.startswith("/") and plain not in seen:
                (asking if "?" in plain else waiting).append(plain)


def _type(path: str) -> str:
    """The type of the object an address names, else nothing: pages of types differ most."""
    for part in path.split("/"):
        if "--" in part:
            return part.partition("--")[0]
    return ""
