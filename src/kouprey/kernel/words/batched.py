"""Many things a few at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def batched(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Lists of `size` items, the last one shorter, none empty; `itertools.batched` of Python 3.12 says it too."""
    every = iter(items)
    while some := list(islice(every, size)):
        yield some
