"""Prose of others, as it may stand on our pages: paragraphs, lists and code, and no link of theirs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from kouprey.exchange.pages.reading import defanged

_PIECE = re.compile(
    r"\[(?P<label>[^\[\]]{1,200})\]\((?P<target>https?://[^\s()]{1,1000})\)"
    r"|<code>(?P<code>[^<]{1,1000})</code>|`(?P<ticked>[^`\n]{1,1000})`"
    r"|\((?P<cited>Citation: [^()\n]{1,200})\)"
)
_ITEM = re.compile(r"[ \t]{0,8}(?:[-*•·]|\d{1,2}[.)])[ \t]+(?=\S)")
_HEADING = re.compile(r"#{1,6}[ \t]+")
_RULE = re.compile(r"\n[ \t]*\n")

PieceKind = Literal["text", "code", "named", "cited"]


@dataclass(frozen=True)
class Piece:
    """A stretch of a line: text, code, a name that led somewhere (`more`: to which host), or a citation."""

    kind: PieceKind
    text: str
    more: str = ""


Line = tuple[Piece, ...]


@dataclass(frozen=True)
class Block:
    """A paragraph or heading of one or more lines, or a list of items."""

    kind: Literal["paragraph", "heading", "list"]
    lines: tuple[Line, ...]


def read_prose(text: str) -> tuple[Block, ...]:
    """The blocks of a text; what is no mark-up that is known here stays as it was written. Never raises."""
    return tuple(block for part in _RULE.split(text.replace("\r\n", "\n")) for block in _blocks(part) if block.lines)


def as_text(blocks: Sequence[Block]) -> str:
    """What is left of a text without its mark-up, in one line."""
    return " ".join("".join(piece.text for piece in line) for block in blocks for line in block.lines)


def _blocks(part: str) -> Iterator[Block]:
    """One paragraph, cut where a list begins or ends; lines that go on with an item belong to it."""
    plain: list[Line] = []
    items: list[str] = []
    for line in part.split("\n"):
        found = _ITEM.match(line)
        if found is not None:
            if plain:
                yield Block("paragraph", tuple(plain))
                plain = []
            items.append(line[found.end() :])
        elif items and line.startswith((" ", "\t")) and line.strip():
            items[-1] += " " + line.strip()
        elif line.strip():
            if items:
                yield Block("list", tuple(map(_pieces, items)))
                items = []
            heading = _HEADING.match(line)
            if heading is not None and not plain:
                yield Block("heading", (_pieces(line[heading.end() :]),))
            else:
                plain.append(_pieces(line))
    if items:
        yield Block("list", tuple(map(_pieces, items)))
    if plain:
        yield Block("paragraph", tuple(plain))


def _pieces(line: str) -> Line:
    made: list[Piece] = []
    at = 0
    for found in _PIECE.finditer(line):
        if found.start() > at:
            made.append(Piece("text", line[at : found.start()]))
        if found["label"]:
            made.append(Piece("named", found["label"], _host(found["target"], found["label"])))
        elif found["cited"]:
            made.append(Piece("cited", found["cited"]))
        else:
            made.append(Piece("code", found["code"] or found["ticked"]))
        at = found.end()
    if at < len(line):
        made.append(Piece("text", line[at:]))
    return tuple(made)


def _host(target: str, label: str) -> str:
    """Where a name led, so that nothing makes a link of it; "" where the name says so itself."""
    try:
        host = urlsplit(target).hostname or ""
    except ValueError:
        return defanged(target[:100])
    return "" if host and host in label else defanged(host)
