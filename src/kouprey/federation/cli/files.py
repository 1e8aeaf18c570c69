"""What the commands of federation share: places in lanes, instants."""

from __future__ import annotations

from collections.abc import Iterable

from kouprey.kernel.words.errors import Unknown
from kouprey.kernel.words.time import Instant, format_second

OPERATOR = "operator"


def since_of(asked: Iterable[str], lanes: list[tuple[str, str]]) -> dict[str, int]:
    since: dict[str, int] = {}
    for text in asked:
        tag, _, number = text.partition(":")
        found = [origin for each, origin in lanes if tag and each.startswith(tag)]
        if len(found) != 1 or not number.isascii() or not number.isdigit():
            raise Unknown(
                f"{text[:60]!r} names no entry of a lane.",
                "It is the beginning of a lane's tag, a colon and a number.",
                "`kouprey ledger show` lists the lanes.",
                code="unknown-lane",
            )
        since[found[0]] = int(number)
    return since


def when(instant: Instant) -> str:
    return format_second(instant) if instant else ""
