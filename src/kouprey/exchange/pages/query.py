"""What the address of the list asks for, and the address that asks for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal
from urllib.parse import parse_qs, urlencode

from kouprey.exchange.model import Filters, Findings
from kouprey.exchange.model.searching import Search
from kouprey.exchange.pages.reading import visible
from kouprey.exchange.wire.days import day_from, day_to, from_day, to_day
from kouprey.kernel.words.time import Instant
from kouprey.kernel.words.tlp import TLP, parse_tlp

PATH = "/intelligence"
LONGEST_QUERY = 200
_MOST = 40
_TYPE = re.compile(r"[a-z0-9-]{1,250}", re.ASCII)
_REVOKED: dict[str, bool] = {"yes": True, "no": False}

Facet = Literal["types", "levels", "sources"]


@dataclass(frozen=True)
class Query:
    """What the address asks for, as the form writes it; days are `2026-11-22` or "", `revoked` is yes, no or ""."""

    text: str = ""
    types: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    since: str = ""
    until: str = ""
    collection: str = ""
    findings: Findings = ""
    revoked: str = ""
    conflict: bool = False

    @property
    def narrows(self) -> bool:
        """Whether anything is left out."""
        return self != Query()

    @property
    def search(self) -> Search:
        """What is looked for."""
        return Search(
            text=self.text,
            types=self.types,
            collection=self.collection,
            filters=Filters(
                sources=self.sources,
                levels=tuple(parse_tlp(level) for level in self.levels),
                since=_position(self.since, from_day),
                until=_position(self.until, to_day),
                conflict=self.conflict,
                revoked=_REVOKED.get(self.revoked),
                findings=self.findings,
            ),
        )

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Names and values, as they stand in the address and in the form."""
        several = (("type", self.types), ("tlp", self.levels), ("source", self.sources))
        single = (
            ("q", self.text),
            ("from", self.since),
            ("to", self.until),
            ("collection", self.collection),
            ("findings", self.findings),
            ("revoked", self.revoked),
            ("conflict", "yes" if self.conflict else ""),
        )
        chosen = [(name, value) for name, values in several for value in values]
        return chosen + [(name, value) for name, value in single if value]

    def url(self, *, at: str = PATH, **more: str) -> str:
        """The address of this list, or of what is made of it `at` another; `more` are places in it."""
        words = urlencode([*self.pairs, *((name, value) for name, value in more.items() if value)])
        return f"{at}?{words}" if words else at

    def toggled(self, facet: Facet, value: str) -> Query:
        """The same with one type, level or source more, or without it."""
        chosen: tuple[str, ...] = getattr(self, facet)
        kept = tuple(v for v in chosen if v != value) if value in chosen else (*chosen, value)
        more: dict[str, Any] = {facet: kept}
        return replace(self, **more)


def read_address(given: Mapping[str, list[str]]) -> Query:
    """The query of an address; what cannot be one is left out or cut to size."""

    def one(name: str) -> str:
        return (given.get(name) or [""])[0]

    findings: Findings = {"any": "any", "must": "must"}.get(one("findings"), "")  # type: ignore[assignment]  # the values of a dict are no literals to mypy
    return Query(
        # Titles have no characters that cannot be seen, so neither has what is looked for in them.
        text=visible(one("q")[:LONGEST_QUERY]).strip(),
        types=_several(given.get("type", []), lambda each: each if _TYPE.fullmatch(each) else ""),
        levels=_several(given.get("tlp", []), _level),
        sources=_several(given.get("source", []), lambda each: each[:300]),
        since=_day(one("from")),
        until=_day(one("to")),
        collection=one("collection")[:100],
        findings=findings,
        revoked=one("revoked") if one("revoked") in _REVOKED else "",
        conflict=one("conflict") == "yes",
    )


def read_words(words: str) -> Query:
    """The query of the part of an address behind its question mark."""
    return read_address(parse_qs(words[:20_000].removeprefix("?")))


def query_of(search: Search) -> Query:
    """How the address asks for a search."""
    filters = search.filters
    return Query(
        text=search.text,
        types=search.types,
        levels=tuple(TLP(level).word for level in filters.levels),
        sources=filters.sources,
        since="" if filters.since is None else day_from(filters.since),
        until="" if filters.until is None else day_to(filters.until),
        collection=search.collection,
        findings=filters.findings,
        revoked={None: "", True: "yes", False: "no"}[filters.revoked],
        conflict=filters.conflict,
    )


def _several(given: list[str], read: Callable[[str], str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for each in given[:_MOST] if (value := read(each))))


def _level(text: str) -> str:
    try:
        return parse_tlp(text).word
    except ValueError:
        return ""


def _day(text: str) -> str:
    return text if _position(text, from_day) is not None else ""


def _position(text: str, read: Callable[[str], Instant]) -> Instant | None:
    try:
        return read(text)
    except (ValueError, OverflowError):
        return None
