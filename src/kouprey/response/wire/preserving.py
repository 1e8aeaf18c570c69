"""The fields of a request to preserve, and of its answer, as messages and forms carry them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

import msgspec

from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.time import Instant, parse_instant
from kouprey.response.model.preserving import Hop, Period, Preserve

LONGEST = 4_000
"""Characters of one field of a request."""
MOST_HOPS = 10
_STATE = re.compile(r"[A-Z]{2}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class PreserveWire(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What is to be preserved, as a request carries it."""

    authority: str = ""
    offence: str = ""
    data: str = ""
    custodian: str = ""
    necessity: str = ""
    assistance: bool = False


class HopWire(msgspec.Struct, kw_only=True):
    """A provider and its state."""

    provider: str
    state: str


def to_wire(preserve: Preserve | None) -> PreserveWire | None:
    """A request's fields as its message carries them."""
    return None if preserve is None else msgspec.convert(msgspec.to_builtins(preserve), PreserveWire)


def from_wire(wire: PreserveWire | None) -> Preserve | None:
    """Those fields read; Damaged (`bad-preserve`) for what is too long or cannot be kept."""
    if wire is None:
        return None
    for name in ("authority", "offence", "data", "custodian", "necessity"):
        text = getattr(wire, name)
        if len(text) > LONGEST or "\0" in text:
            raise Damaged(
                "What is to be preserved cannot be read.",
                f"“{name}” is longer than {LONGEST:,} characters, or cannot be kept.",
                "Say it shorter.",
                code="bad-preserve",
            )
    return Preserve(**{name: getattr(wire, name) for name in wire.__struct_fields__})


def read_route(hops: Sequence[HopWire]) -> tuple[Hop, ...]:
    """Where the trail leads on; Damaged (`bad-route`) for anything but names of providers and codes of states."""
    if len(hops) > MOST_HOPS:
        raise _bad_route(f"There are more than {MOST_HOPS}.")
    for each in hops:
        if not 0 < len(each.provider) <= 200 or not each.provider.isprintable():
            raise _bad_route("The name of a provider is missing, too long or cannot be shown.")
        if not _STATE.fullmatch(each.state):
            raise _bad_route("A state is written by two capital letters, as KH.")
    return tuple(Hop(provider=each.provider, state=each.state) for each in hops)


def read_route_lines(text: str) -> tuple[Hop, ...]:
    """A route as a form has it: on each line a provider, a blank, and its state."""
    hops = []
    for line in filter(None, map(str.strip, text.splitlines())):
        provider, _, state = line.rpartition(" ")
        hops.append(HopWire(provider=provider.strip(), state=state))
    return read_route(hops)


def read_until(text: str) -> Instant:
    """An instant, or the end of a day in UTC as `2027-01-26`; 0 for nothing; Damaged (`bad-until`) for all else."""
    given = text.strip()
    if not given:
        return 0
    try:
        return parse_instant(f"{given}T23:59:59Z" if _DAY.fullmatch(given) else given)
    except ValueError:
        raise Damaged("That is no day.", given[:40], "Write it as 2027-01-26.", code="bad-until") from None


@cache
def shipped_period() -> Period:
    """For how long it is preserved where nobody says otherwise, with the text that says so."""
    text = (files("kouprey.response") / "templates" / "preservation.toml").read_text("utf-8")
    return msgspec.convert(tomllib.loads(text), Period)


def _bad_route(why: str) -> Damaged:
    return Damaged(
        "Where the trail leads on cannot be read.",
        why,
        "Write on each line a provider and its state, as: Talay Telecom TH.",
        code="bad-route",
    )
