"""What a text that somebody gives may be."""

from __future__ import annotations

import re

from kouprey.exchange.model import Observable
from kouprey.exchange.wire.observables.canonical import HEX_DIGITS, LONGEST, address, canonical
from kouprey.exchange.wire.observables.refang import refang

_HEX = re.compile(r"[0-9A-Fa-f]+|[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2})+", re.ASCII)
_BY_LENGTH: dict[int, tuple[str, ...]] = {}
for _kind, _length in HEX_DIGITS.items():
    _BY_LENGTH[_length] = (*_BY_LENGTH.get(_length, ()), _kind)
_AS = re.compile(r"asn?\s?[0-9]", re.ASCII | re.IGNORECASE)
_HIVE = re.compile(r"hk(?:ey_|lm|cu|cr|cc|u)[a-z_]*\\", re.ASCII | re.IGNORECASE)
_FILE = re.compile(r".*\.[A-Za-z0-9]{1,10}", re.ASCII | re.DOTALL)


def recognise(given: str) -> tuple[Observable, ...]:
    """Everything the text may be, likeliest first; () when it is nothing.

    Several where kinds share a form: a domain name may be the name of a file, 64 digits are a hash of two families.
    """
    text = given.strip()
    if not text or len(text) > LONGEST:
        return ()
    first = text[0]
    if first.isdigit() or first == "[" or ":" in text:
        found = address(text)
        if found is not None:
            return (found,)
    kinds = _kinds(text)
    return tuple(made for kind in kinds if (made := canonical(kind, text)) is not None)


def _kinds(text: str) -> tuple[str, ...]:
    plain = refang(text)
    if "://" in plain:
        return ("url",)
    if "@" in plain:
        return ("email-addr", "user-agent")
    if _HEX.fullmatch(text):
        digits = len(text.replace(":", ""))
        if digits in _BY_LENGTH:
            return (*_BY_LENGTH[digits], "certificate-serial")
        return ("mac-addr", "certificate-serial", "file-name", "mutex")
    if text[:4].upper() == "CVE-":
        return ("cve", "file-name")
    if _AS.match(text):
        return ("as-number", "domain-name", "file-name", "mutex")
    if _HIVE.match(text):
        return ("registry-key",)
    if ":" in text or "-" in text:
        return ("mac-addr", "ssdeep", "domain-name", "file-name", "mutex", "user-agent")
    if " " not in text and "." in text:
        return ("domain-name", "file-name", "mutex") if _FILE.fullmatch(text) else ("domain-name", "mutex")
    return ("tlsh", "file-name", "mutex", "user-agent")
