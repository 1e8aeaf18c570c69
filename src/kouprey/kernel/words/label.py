"""The label: everything that decides who may see a thing, in one immutable value."""

from __future__ import annotations

import msgspec

from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.time import Instant
from kouprey.kernel.words.tlp import PAP, TLP


class Label(msgspec.Struct, frozen=True, kw_only=True):
    """Who owns a thing and under which conditions it may be seen.

    `owner` is the party that speaks, `agreement` the agreement under which we received it ("" = our own or open).
    `kind` is what the agreement's `types` speak of: "intelligence", "sighting", "hand-off", "statement", ...
    Tuples are sorted and unique. `sealed_to` names parties that alone may read; `concerned` constituents it is about.
    `exercise` is "" in earnest, else the exercise's id: outputs of one exercise reach only the same exercise.
    """

    owner: str
    agreement: str = ""
    tlp: TLP = TLP.AMBER_STRICT
    pap: PAP = PAP.CLEAR
    kind: str = "intelligence"
    purposes: tuple[str, ...] = ()
    handling: tuple[str, ...] = ()
    sealed_to: tuple[str, ...] = ()
    concerned: tuple[str, ...] = ()
    not_before: Instant = 0
    exercise: str = ""

    def strictest(self, tlp: TLP) -> Label:
        """Raised to `tlp` if that is stricter: an assertion is never looser than its body's own markings."""
        return self if tlp <= self.tlp else msgspec.structs.replace(self, tlp=tlp)


class _Line(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    tlp: str
    pap: str
    kind: str
    purposes: tuple[str, ...]
    handling: tuple[str, ...]
    sealed_to: tuple[str, ...]
    concerned: tuple[str, ...]
    not_before: str
    exercise: str


def label_line(label: Label) -> bytes:
    """One line of JSON inside an entry body (docs/spec/lane.md); owner and agreement follow from the lane."""
    from kouprey.kernel.words.time import format_instant

    return msgspec.json.encode(
        _Line(
            tlp=label.tlp.word,
            pap=label.pap.word,
            kind=label.kind,
            purposes=label.purposes,
            handling=label.handling,
            sealed_to=label.sealed_to,
            concerned=label.concerned,
            not_before=format_instant(label.not_before) if label.not_before else "",
            exercise=label.exercise,
        )
    )


def read_label_line(line: bytes, *, owner: str, agreement: str) -> Label:
    """Read what `label_line` wrote; unknown fields, bad levels and unsorted sets raise Damaged."""
    from kouprey.kernel.words.time import parse_instant
    from kouprey.kernel.words.tlp import parse_pap, parse_tlp

    try:
        read = msgspec.json.decode(line, type=_Line)
        label = Label(
            owner=owner,
            agreement=agreement,
            tlp=parse_tlp(read.tlp),
            pap=parse_pap(read.pap),
            kind=read.kind,
            purposes=read.purposes,
            handling=read.handling,
            sealed_to=read.sealed_to,
            concerned=read.concerned,
            not_before=parse_instant(read.not_before) if read.not_before else 0,
            exercise=read.exercise,
        )
    except (msgspec.DecodeError, ValueError) as error:
        raise Damaged("The label of an entry cannot be read.", str(error), code="bad-label") from error
    sets = (label.purposes, label.handling, label.sealed_to, label.concerned)
    if not all(
        text.isprintable() for text in (label.kind, label.exercise, *(each for values in sets for each in values))
    ):
        # U+0000 cannot be stored on every engine, and no label needs what cannot be shown.
        raise Damaged("The label of an entry has characters that cannot be shown.", code="bad-label")
    for values in sets:
        if list(values) != sorted(set(values)):
            raise Damaged(
                "The label of an entry is not in order.",
                "Its sets must be sorted and unique.",
                code="bad-label",
            )
    return label
