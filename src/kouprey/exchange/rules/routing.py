"""What a file or a pasted text is, by how it begins: for choosing the reader, never for judging what it says."""

from __future__ import annotations

from typing import Literal

Road = Literal["stix", "table", "text"]

_PACKED = (b"\x1f\x8b", b"\x28\xb5\x2f\xfd")
"""gzip and Zstandard: only STIX is read packed."""
_BOM = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_TABLES = (".csv", ".tsv")
_DELIMITERS = (b",", b";", b"\t", b"|")
_LINES = 20


def road_of(head: bytes, name: str = "") -> Road:
    """By which road something comes in: `head` is how it begins, `name` what its file is called."""
    for mark in _BOM:
        head = head.removeprefix(mark)
    begin = head.lstrip()
    if head.startswith(_PACKED) or begin.startswith(b"{") or _is_list(begin):
        return "stix"
    if name.lower().endswith(_TABLES) or _has_columns(begin):
        return "table"
    return "text"


def _is_list(begin: bytes) -> bool:
    """A JSON list of objects, and not a text that begins with a bracket such as `[.]`."""
    return begin.startswith(b"[") and begin[1:].lstrip()[:1] in (b"{", b"]", b"")


def _has_columns(begin: bytes) -> bool:
    """Every one of the first lines is cut into as many pieces, and more than one, by the same character."""
    lines = [line for line in begin.splitlines()[: _LINES + 1] if line.strip() and not line.startswith(b"#")]
    # The last line may be cut off in the middle.
    whole = lines[:_LINES] if len(lines) > _LINES else lines
    if len(whole) < 2:
        return False
    return any(
        len({line.count(each) for line in whole}) == 1 and whole[0].count(each) and not _is_prose(whole, each)
        for each in _DELIMITERS
    )


def _is_prose(lines: list[bytes], delimiter: bytes) -> bool:
    """Where people write sentences, a space or the end of the line comes after a comma."""
    return any(delimiter + b" " in line or line.rstrip().endswith(delimiter) for line in lines)
