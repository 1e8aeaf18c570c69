"""Profiles of teams as entries carry them (docs/spec/team-profile.md)."""

from __future__ import annotations

from typing import Any

import msgspec

from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.ids import is_party_id
from kouprey.kernel.words.safejson import decode
from kouprey.kernel.words.time import Instant, format_second, parse_instant
from kouprey.response.model.directory import Authority, Duty, Hours, Profile
from kouprey.response.rules.profiles import check

MEDIA_TYPE = "application/vnd.kouprey.team-profile+json;version=1"
LARGEST = 200_000
_TIMES = ("at", "verified")


class _Duty(msgspec.Struct, kw_only=True):
    role: str
    reach: str
    until: str


class _Wire(msgspec.Struct, kw_only=True, omit_defaults=True):
    v: int
    party: str
    version: int
    at: str
    name: str
    zone: str
    hours: Hours
    authority: Authority
    tlp: bool
    days: tuple[str, ...]
    opens: str
    closes: str
    verified: str = ""
    address: str = ""
    phone: str = ""
    reach: str = ""
    mail: str = ""
    web: str = ""
    pgp: str = ""
    age: str = ""
    members: str = ""
    mission: str = ""
    constituency: str = ""
    asns: tuple[int, ...] = ()
    prefixes: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    sectors: tuple[str, ...] = ()
    sponsor: str = ""
    authority_text: str = ""
    incidents: str = ""
    disclosure: str = ""
    authentication: str = ""
    services: str = ""
    forms: str = ""
    disclaimers: str = ""
    duty_shown: bool = False
    duty: _Duty | None = None


def write_profile(profile: Profile) -> bytes:
    """The bytes of a version; times in whole seconds of UTC."""
    fields: dict[str, Any] = msgspec.structs.asdict(profile)
    fields |= {name: format_second(fields[name]) if fields[name] else "" for name in _TIMES}
    if profile.duty is not None:
        duty = profile.duty
        fields["duty"] = _Duty(role=duty.role, reach=duty.reach, until=format_second(duty.until))
    return msgspec.json.encode(_Wire(v=1, **fields))


def read_profile(raw: bytes) -> Profile:
    """What an entry says; Damaged `bad-profile` for anything that is not exactly that."""
    if len(raw) > LARGEST:
        raise _bad("it is too large")
    try:
        wire = msgspec.convert(decode(raw), type=_Wire)
        fields = msgspec.structs.asdict(wire)
        fields |= {name: _instant(fields[name]) for name in _TIMES}
        if wire.duty is not None:
            duty = wire.duty
            fields["duty"] = Duty(role=duty.role, reach=duty.reach, until=parse_instant(duty.until))
        if fields.pop("v") != 1 or not is_party_id(wire.party) or wire.version < 1 or not fields["at"]:
            raise ValueError("its form, its party, its version or its time is not known")
        read = Profile(**fields)
        check(read)
    except (msgspec.ValidationError, ValueError, OverflowError) as error:
        raise _bad(str(error)) from error
    return read


def without_words(raw: bytes) -> bytes:
    """A version that its author has erased: that there was one stays, what it said goes."""
    held = read_profile(raw)
    return write_profile(Profile(party=held.party, version=held.version, at=held.at))


def _instant(text: str) -> Instant:
    return parse_instant(text) if text else 0


def _bad(why: str) -> Damaged:
    return Damaged("A profile of a team cannot be read.", f"In it, {why}."[:300], code="bad-profile")
