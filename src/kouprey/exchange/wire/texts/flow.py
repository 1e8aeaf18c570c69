"""A text that is rewritten step by step and still knows where each of its characters came from."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence

Span = tuple[int, int]
"""A piece of the text before, kept as it is."""


class Flow:
    """`text`, made of `before` by replacing; `origin` leads from a place in it to the place in the first text."""

    def __init__(self, text: str, before: Flow | None = None, places: Sequence[Span] = ()) -> None:
        self.text = text
        self._before = before
        # Where a stretch begins here, and where it begins in the text before.
        self._here = [here for here, _ in places]
        self._there = [there for _, there in places]

    def rewrite(self, pattern: re.Pattern[str], made: Callable[[re.Match[str]], str | list[str | Span]]) -> Flow:
        """Replace each match by a text, or by texts and pieces of the match that are kept in their places."""
        parts: list[str] = []
        places: list[Span] = [(0, 0)]
        size = last = 0
        for found in pattern.finditer(self.text):
            given = made(found)
            at = last
            for each in [(last, found.start()), *([given] if isinstance(given, str) else given)]:
                if isinstance(each, tuple):
                    places.append((size, each[0]))
                    at = each[1]
                    each = self.text[each[0] : at]
                else:
                    places.append((size, at))
                parts.append(each)
                size += len(each)
            last = found.end()
            places.append((size, last))
        if not last:
            return self
        parts.append(self.text[last:])
        return Flow("".join(parts), self, places)

    def origin(self, place: int) -> int:
        """The place in the first text of what stands here at `place`."""
        if self._before is None:
            return place
        at = bisect_right(self._here, place) - 1
        there = self._there[at] + place - self._here[at]
        # Within a replacement there is no exact place: not beyond what was replaced.
        if at + 1 < len(self._there):
            there = min(there, self._there[at + 1])
        return self._before.origin(there)
