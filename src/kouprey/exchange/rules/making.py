"""What we make of a value that somebody gives us: the observable itself, and the pattern that looks for it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kouprey.exchange.model import Observable
from kouprey.exchange.rules.observable_ids import observable_id
from kouprey.kernel.words.time import Instant, format_instant
from kouprey.kernel.words.tlp import STIX_MARKINGS

# Later entries of the table are the TLP 2.0 definitions, which say all five levels.
MARKING = {level: stix_id for stix_id, level in STIX_MARKINGS.items()}

_PROPERTY = {
    "as-number": ("autonomous-system", "number"),
    "certificate-serial": ("x509-certificate", "serial_number"),
    "domain-name": ("domain-name", "value"),
    "email-addr": ("email-addr", "value"),
    "file-name": ("file", "name"),
    "ipv4-addr": ("ipv4-addr", "value"),
    "ipv4-net": ("ipv4-addr", "value"),
    "ipv6-addr": ("ipv6-addr", "value"),
    "ipv6-net": ("ipv6-addr", "value"),
    "mac-addr": ("mac-addr", "value"),
    "mutex": ("mutex", "name"),
    "registry-key": ("windows-registry-key", "key"),
    "url": ("url", "value"),
}
_ALGORITHM = {
    "md5": "MD5",
    "sha1": "SHA-1",
    "sha224": "SHA-224",
    "sha256": "SHA-256",
    "sha384": "SHA-384",
    "sha512": "SHA-512",
    "sha3-256": "SHA3-256",
    "sha3-512": "SHA3-512",
    "ssdeep": "SSDEEP",
    "tlsh": "TLSH",
}


def stamp(instant: Instant) -> str:
    """STIX 2.1 section 3.2: milliseconds are what `created` and `modified` have."""
    return format_instant(instant)[:-4] + "Z"


def observable_object(observable: Observable) -> dict[str, Any] | None:
    """The STIX observable of a value, with the id everybody gives it; None where STIX has none (a CVE, a user agent).

    Of two files that are named by one hash and by another nobody knows that they are one; each hash is a file.
    """
    kind, text = observable.kind, observable.text
    if kind in _ALGORITHM:
        value: dict[str, Any] = {"type": "file", "spec_version": "2.1", "hashes": {_ALGORITHM[kind]: text}}
    elif kind in _PROPERTY:
        type_, name = _PROPERTY[kind]
        value = {"type": type_, "spec_version": "2.1", name: int(text[2:]) if kind == "as-number" else text}
    else:
        return None
    return value | {"id": observable_id(value)}


def pattern_of(observable: Observable) -> str | None:
    """The STIX pattern that matches a value; None for what nothing can match (a CVE)."""
    kind, text = observable.kind, observable.text
    quoted = "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
    if kind in _ALGORITHM:
        name = _ALGORITHM[kind]
        return f"[file:hashes.{name if name.isalnum() else repr(name)} = {quoted}]"
    if kind == "as-number":
        return f"[autonomous-system:number = {text[2:]}]"
    if kind == "user-agent":
        return f"[network-traffic:extensions.'http-request-ext'.request_header.'User-Agent' = {quoted}]"
    if kind not in _PROPERTY:
        return None
    type_, name = _PROPERTY[kind]
    return f"[{type_}:{name} = {quoted}]"


def pattern_for(observables: Iterable[Observable]) -> str:
    """The STIX pattern that any of the values matches; "" when nothing can match them."""
    patterns = dict.fromkeys(pattern_of(each) for each in observables)
    return " OR ".join(each for each in patterns if each is not None)
