"""What a node has done, as a count that could prove readiness: never what was in it."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from kouprey.kernel.words.time import Instant


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """How often something was done; `first` and `last` are instants, 0 where unknown or never."""

    count: int
    first: Instant = 0
    last: Instant = 0


Prover = Callable[[Instant], Proof]
"""What was done since an instant (0: ever), in earnest, whoever may see the things themselves."""
