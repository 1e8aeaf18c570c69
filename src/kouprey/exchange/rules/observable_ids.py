"""The id that an observable's own properties give it, the same for everybody (STIX 2.1, 2.9 and 3.4)."""

from __future__ import annotations

import json
import math
from typing import Any
from uuid import UUID, uuid5

NAMESPACE = UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")
"""Of all derived ids; no other object may use it (2.9)."""

CONTRIBUTING: dict[str, tuple[str, ...]] = {
    "artifact": ("hashes", "payload_bin"),
    "autonomous-system": ("number",),
    "directory": ("path",),
    "domain-name": ("value",),
    "email-addr": ("value",),
    "email-message": ("from_ref", "subject", "body"),
    "file": ("hashes", "name", "parent_directory_ref", "extensions"),
    "ipv4-addr": ("value",),
    "ipv6-addr": ("value",),
    "mac-addr": ("value",),
    "mutex": ("name",),
    "network-traffic": ("start", "end", "src_ref", "dst_ref", "src_port", "dst_port", "protocols", "extensions"),
    "process": (),
    "software": ("name", "cpe", "swid", "vendor", "version"),
    "url": ("value",),
    "user-account": ("account_type", "user_id", "account_login"),
    "windows-registry-key": ("key", "values"),
    "x509-certificate": ("hashes", "serial_number"),
}
"""The properties of each type that its id is made of."""

_PREFERRED_HASHES = ("MD5", "SHA-1", "SHA-256", "SHA-512")
_quote = json.encoder.encode_basestring


def observable_id(value: dict[str, Any]) -> str | None:
    """The derived id of an observable; None for one that has nothing to derive it from, or is not an observable."""
    type_ = value.get("type")
    names = CONTRIBUTING.get(type_) if type(type_) is str else None
    if not names:
        return None
    chosen = {name: value[name] for name in names if name in value}
    if not chosen:
        return None
    hashes = chosen.get("hashes")
    if type(hashes) is dict and hashes:
        chosen["hashes"] = _one_hash(hashes)
    return f"{type_}--{uuid5(NAMESPACE, canonical(chosen))}"


def _one_hash(hashes: dict[str, Any]) -> dict[str, Any]:
    """The first of MD5, SHA-1, SHA-256, SHA-512 that is there, else the first of all by name."""
    for name in (*_PREFERRED_HASHES, min(hashes)):
        if name in hashes:
            return {name: hashes[name]}
    return hashes


def canonical(value: Any) -> str:
    """RFC 8785: the one text of a JSON value from which everybody gets the same hash."""
    if type(value) is str:
        return _quote(value)
    if type(value) is dict:
        # Sorted by UTF-16 code units, which differs from code points beyond the basic plane.
        keys = sorted(value) if all(map(str.isascii, value)) else sorted(value, key=lambda key: key.encode("utf-16-be"))
        return "{" + ",".join([f"{_quote(key)}:{canonical(value[key])}" for key in keys]) + "}"
    if type(value) is list:
        return "[" + ",".join([canonical(item) for item in value]) + "]"
    if type(value) is float:
        return _number(value)
    return {True: "true", False: "false", None: "null"}[value] if type(value) is not int else str(value)


def _number(value: float) -> str:
    """As ECMAScript writes a number (RFC 8785, 3.2.2.3): Python's digits, with the point elsewhere."""
    if value == 0 or not math.isfinite(value):
        return "0"
    sign = "-" if value < 0 else ""
    mantissa, _, power = repr(abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    # Where the point is, counted from the first digit that is not zero.
    point = len(whole) + int(power or 0) - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0")
    if len(digits) <= point <= 21:
        return sign + digits.ljust(point, "0")
    if 0 < point <= 21:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    rest = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{sign}{digits[0]}{rest}e{point - 1:+d}"
