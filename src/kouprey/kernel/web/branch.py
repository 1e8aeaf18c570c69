"""Doors under one first name of a path, so that a request is not held against every other door of the node."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from starlette.datastructures import URLPath
from starlette.routing import BaseRoute, Match, NoMatchFound, Route
from starlette.types import Receive, Scope, Send

_CHOSEN = "kouprey.route"


class Branch(BaseRoute):
    """Routes whose paths begin with the same name, tried in their order; others are not tried for such a path.

    The router tries its routes one by one, about a microsecond each: with some hundreds of doors that was half of what
    a small answer costs.
    """

    def __init__(self, name: str, routes: Sequence[Route]) -> None:
        self.name = name
        self.routes = routes

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """The first route that fits wholly, else the first whose path does."""
        best: tuple[Match, Scope] = Match.NONE, {}
        if scope["type"] != "http" or first_name(scope["path"]) != self.name:
            return best
        for route in self.routes:
            match, found = route.matches(scope)
            if match is Match.FULL:
                return match, {**found, _CHOSEN: route}
            if match is Match.PARTIAL and best[0] is Match.NONE:
                best = match, {**found, _CHOSEN: route}
        return best

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the route answer that was found."""
        await scope[_CHOSEN].handle(scope, receive, send)

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        """The path of one of the routes by its name."""
        for route in self.routes:
            try:
                return route.url_path_for(name, **path_params)
            except NoMatchFound:
                continue
        raise NoMatchFound(name, path_params)


def branches(routes: Iterable[Route]) -> list[BaseRoute]:
    """Routes by the first name of their paths, in their order; a path may not begin with a parameter."""
    by_name: dict[str, list[Route]] = {}
    for route in routes:
        name = first_name(route.path)
        if "{" in name:
            raise ValueError(f"{route.path} begins with a parameter, so it could belong to any branch")
        by_name.setdefault(name, []).append(route)
    return [Branch(name, several) for name, several in by_name.items()]


def first_name(path: str) -> str:
    """Of "/a/b" it is "a"; "" of "/"."""
    return path.split("/", 2)[1] if path.startswith("/") else path
