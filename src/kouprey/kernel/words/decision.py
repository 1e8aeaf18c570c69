"""The answer of the one decision: allowed or not, and because of what."""

from __future__ import annotations

import msgspec

from kouprey.kernel.words.time import FOREVER, Instant
from kouprey.kernel.words.tlp import TLP


class Reason(msgspec.Struct, frozen=True):
    """One ground of a decision: a stable code, the agreement and clause it rests on, a sentence for people.

    `title` is the agreement's at that time. `change` says, of a ground that bars, what would have to change and who
    decides that: one way in each sentence, () where nothing could.
    """

    code: str
    text: str
    agreement: str = ""
    clause: str = ""
    title: str = ""
    change: tuple[str, ...] = ()


NOT_SHOWN = Reason("not-shown", "An assertion you may not see decides it.")
"""The ground for whoever may not see the assertion it rests on: neither its owner nor its marking is theirs to know."""


class Decision(msgspec.Struct, frozen=True):
    """Allowed or not, with every ground; `until` is the instant at which it must be asked again."""

    allowed: bool
    because: tuple[Reason, ...]
    until: Instant = FOREVER


class Reader(msgspec.Struct, frozen=True, kw_only=True):
    """Who wants to see: a party, or a person or token acting for one.

    `clearance` is the highest TLP level the reader may see. `local`: a person or token of the node's own party.
    `constituents`: who is hosted here and reads with these eyes; `party` is its id too, and no agreement counts for it.
    `exercise` is "" in earnest. `name` is for the audit only and never decides. `beside` is set while people of another
    party look on with these eyes, or host them: what is sealed to others is barred to that party too.
    """

    party: str
    clearance: TLP = TLP.CLEAR
    roles: tuple[str, ...] = ()
    constituents: tuple[str, ...] = ()
    exercise: str = ""
    local: bool = False
    name: str = msgspec.field(default="")
    # Unset it is left out of an interned profile, whose hash is then what it was before there was such a field.
    beside: str | msgspec.UnsetType = msgspec.UNSET
