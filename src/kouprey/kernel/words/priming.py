"""Have msgspec learn our structs before several threads use them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from threading import Lock

import msgspec

_alone = Lock()
_learnt: set[type] = set()


def prime() -> int:
    """Learn every struct that is imported by now; how many were new.

    msgspec works out the fields of a struct at its first use, and puts what it has so far into the class before the
    types of all fields are known (0.22, `StructInfo_Convert`). A thread that uses the same struct meanwhile reads a
    field without a type: the interpreter dies of it. So it is done here, by one thread, before there are others.
    """
    with _alone:
        fresh = [each for each in _below(msgspec.Struct) if each not in _learnt]
        for each in fresh:
            # What no decoder takes, such as a struct of a free parameter, is read by none either.
            with suppress(TypeError, NameError):
                msgspec.json.Decoder(each)
        _learnt.update(fresh)
        return len(fresh)


def _below(kind: type) -> Iterator[type]:
    below: list[type] = kind.__subclasses__()
    for each in below:
        yield each
        yield from _below(each)
