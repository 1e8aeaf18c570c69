"""What a list is written from: its head, and its values in one order, each of them safe to write."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ipaddress import ip_network

import msgspec

from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.time import Instant, format_second
from kouprey.protect.model import Entry
from kouprey.protect.rules.writing import is_writable


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """What stands above every list; nothing of it comes from an indicator. `manifest` is an address."""

    shield: str
    serial: int
    made_at: Instant
    until: Instant
    manifest: str

    def lines(self, mark: str) -> str:
        """The head as comments that begin with `mark`."""
        said = (
            f"Shield {self.shield}, serial {self.serial}",
            f"Made {format_second(self.made_at)}, to be followed by another before {format_second(self.until)}",
            f"Signed manifest: {self.manifest}",
        )
        return "".join(f"{mark} {each}\n" for each in said)


class Listing:
    """Values to write: `names`, `four` and `six` (addresses and networks) in order, each once.

    Damaged (`unsafe-value`) for one that could mean anything but itself in a file, whoever let it come so far.
    """

    def __init__(self, head: Head, entries: Iterable[Entry], numbers: Mapping[str, int] | None = None) -> None:
        self.head = head
        self.numbers = numbers or {}
        names: set[str] = set()
        four: set[str] = set()
        six: set[str] = set()
        for each in entries:
            if not is_writable(each.kind, each.text):
                raise Damaged(
                    f"{each.text[:60]!r} cannot be written into a list.",
                    f"It is no {each.kind} in the form of lists.",
                    code="unsafe-value",
                )
            (names if each.kind == "domain-name" else four if each.kind[3] == "4" else six).add(each.text)
        self.names = sorted(names)
        self.four = sorted(four, key=_place)
        self.six = sorted(six, key=_place)

    def __len__(self) -> int:
        """Values in it."""
        return len(self.names) + len(self.four) + len(self.six)


def _place(text: str) -> tuple[int, int]:
    if ":" not in text and "/" not in text:
        a, b, c, d = map(int, text.split("."))
        return a << 24 | b << 16 | c << 8 | d, 32
    net = ip_network(text)
    return int(net.network_address), net.prefixlen
