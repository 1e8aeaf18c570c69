"""One written form for each value, so that what is the same thing is the same text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from socket import AF_INET, AF_INET6, inet_ntop, inet_pton

from kouprey.exchange.model import Observable
from kouprey.exchange.wire.observables.refang import refang
from kouprey.exchange.wire.observables.urls import canonical_url

LONGEST = 4096
"""Characters of a value; nobody looks for what is longer."""

_LONGEST_ADDRESS = 49
_MAPPED = bytes(10) + b"\xff\xff"
_HOST = re.compile(r"(?=.{1,253}\Z)(?:[a-z0-9_-]{1,63}\.)*(?![0-9]+\Z)[a-z0-9_-]{1,63}", re.ASCII)
# Ignored by UTS 46 (section 4, step 1); they are put into names to make two of what looks like one.
_IGNORED = re.compile("[\u00ad\u200b\u2060\ufeff]")
_FULL_STOPS = re.compile("[\u3002\uff0e\uff61]")
_LOCAL = re.compile(r"[^\s\x00-\x20\x7f()<>\[\]{},;:\"\\@]{1,64}")
_MAC = re.compile(
    r"[0-9a-f]{2}(?:([:-]?)[0-9a-f]{2})(?:\1[0-9a-f]{2}){4}|[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}", re.ASCII
)
_CVE = re.compile(r"CVE-[0-9]{4}-[0-9]{4,19}", re.ASCII)
_AS = re.compile(r"(?:asn?\s?)?([0-9]{1,10})(?:\.([0-9]{1,5}))?", re.ASCII | re.IGNORECASE)
_SERIAL = re.compile(r"[0-9a-f]{1,64}", re.ASCII)
_SERIAL_MARKS = re.compile(r"[\s:-]|\A\s*0x", re.ASCII)
_SSDEEP = re.compile(r"[0-9]{1,10}:[A-Za-z0-9/+]{0,64}:[A-Za-z0-9/+]{0,64}", re.ASCII)
_TLSH = re.compile(r"(?:T1)?([0-9A-F]{70})", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_HIVES = {
    "hkcc": "hkey_current_config",
    "hkcr": "hkey_classes_root",
    "hkcu": "hkey_current_user",
    "hklm": "hkey_local_machine",
    "hku": "hkey_users",
}
HEX_DIGITS = {
    "md5": 32,
    "sha1": 40,
    "sha224": 56,
    "sha256": 64,
    "sha384": 96,
    "sha512": 128,
    "sha3-256": 64,
    "sha3-512": 128,
}
"""Hexadecimal digits of each kind of hash."""


def address(given: str) -> Observable | None:
    """An IP address or a network in CIDR notation, of either family.

    IPv4 in its mapped form (RFC 4291 section 2.5.5.2) is IPv4, IPv6 is written as RFC 5952 wants; bits beyond the
    prefix are cleared, and a network of one address is that address.
    """
    text = refang(given.strip())
    base, slash, bits = text.partition("/")
    if len(base) > _LONGEST_ADDRESS or not text.isascii():
        return None
    try:
        packed = inet_pton(AF_INET6, base.strip("[]")) if ":" in base else inet_pton(AF_INET, base)
    except (OSError, ValueError):
        return None
    width = len(packed) * 8
    prefix = width
    if slash:
        if not bits.isdecimal() or len(bits) > 3 or int(bits) > width:
            return None
        prefix = int(bits)
    if width == 128 and packed.startswith(_MAPPED) and prefix >= 96:
        packed, width, prefix = packed[12:], 32, prefix - 96
    family, name = (AF_INET, "ipv4") if width == 32 else (AF_INET6, "ipv6")
    if prefix == width:
        return Observable(f"{name}-addr", inet_ntop(family, packed))
    cleared = int.from_bytes(packed, "big") >> (width - prefix) << (width - prefix)
    return Observable(f"{name}-net", f"{inet_ntop(family, cleared.to_bytes(width // 8, 'big'))}/{prefix}")


def domain(given: str) -> Observable | None:
    """A domain name in lower case, in A-labels (RFC 5890), without a dot at its end."""
    host = _host(refang(given.strip()))
    return None if host is None else Observable("domain-name", host)


def _host(text: str) -> str | None:
    if not text.isascii():
        mapped = _labels(text)
        if mapped is None:
            return None
        text = refang(mapped)
    text = text.lower()
    if text.endswith("."):
        text = text[:-1]
    return text if _HOST.fullmatch(text) else None


def _labels(text: str) -> str | None:
    """Every label that is not ASCII as an A-label, after the mappings of UTS 46 (lower case, NFKC)."""
    if len(text) > LONGEST or not _storable(text):
        return None
    text = _IGNORED.sub("", _FULL_STOPS.sub(".", text))
    # Letter by letter: the lower case of a final sigma depends on its place, that of a name does not.
    text = "".join(map(str.lower, unicodedata.normalize("NFKC", text)))
    text = _FULL_STOPS.sub(".", unicodedata.normalize("NFKC", text))
    try:
        return ".".join(
            label if label.isascii() else "xn--" + label.encode("punycode").decode("ascii") for label in text.split(".")
        )
    except UnicodeError:
        return None


def host(given: str) -> Observable | None:
    """An address or a domain name."""
    return address(given) or domain(given)


def url(given: str) -> Observable | None:
    """A URL after RFC 3986 section 6.2.2 and 6.2.3, but for dot segments, which servers treat differently."""
    text = canonical_url(refang(given.strip()), lambda name: host(name)) if len(given) <= LONGEST else None
    return None if text is None else Observable("url", text)


def email(given: str) -> Observable | None:
    """An e-mail address in lower case: nobody gives two mailboxes that differ in case only to two people."""
    text = given.strip().strip("<>")
    if not text.isascii():
        text = _fold(unicodedata.normalize("NFKC", text))
    text = refang(text)
    if text[:7].lower() == "mailto:":
        text = text[7:]
    local, _, name = text.rpartition("@")
    at = _host(name)
    local = local.lower() if local.isascii() else _fold(local)
    if at is None or _LOCAL.fullmatch(local) is None:
        return None
    return Observable("email-addr", f"{local}@{at}")


def mac(given: str) -> Observable | None:
    """Six octets with colons."""
    text = given.strip().lower()
    if _MAC.fullmatch(text) is None:
        return None
    digits = re.sub("[:.-]", "", text)
    return Observable("mac-addr", ":".join(digits[i : i + 2] for i in range(0, 12, 2)))


def hash_of(kind: str, given: str) -> Observable | None:
    """A hash in lower case; fingerprints of certificates are often written with colons."""
    text = given.strip()
    if kind == "ssdeep":
        return Observable(kind, text) if _SSDEEP.fullmatch(text) else None
    if kind == "tlsh":
        found = _TLSH.fullmatch(text.upper())
        return Observable(kind, f"T1{found[1]}") if found else None
    text = text.replace(":", "").lower()
    if len(text) != HEX_DIGITS[kind] or _SERIAL.fullmatch(text[:64]) is None or not text.isalnum():
        return None
    try:
        bytes.fromhex(text)
    except ValueError:
        return None
    return Observable(kind, text)


def file_name(given: str) -> Observable | None:
    """The last part of a path, without regard to case."""
    text = _fold(re.split(r"[/\\]", given)[-1]).strip()
    if not text or len(text) > 255 or _CONTROL.search(text):
        return None
    return Observable("file-name", text)


def as_number(given: str) -> Observable | None:
    """An AS number in asplain (RFC 5396): `AS64500`."""
    found = _AS.fullmatch(given.strip())
    if found is None:
        return None
    number = int(found[1])
    if found[2] is not None:
        if number > 0xFFFF or int(found[2]) > 0xFFFF:
            return None
        number = (number << 16) + int(found[2])
    return Observable("as-number", f"AS{number}") if number <= 0xFFFF_FFFF else None


def cve(given: str) -> Observable | None:
    """A CVE id."""
    text = given.strip().upper()
    return Observable("cve", text) if _CVE.fullmatch(text) else None


def serial(given: str) -> Observable | None:
    """A certificate's serial number: its hexadecimal digits in lower case, without zeros in front."""
    text = _SERIAL_MARKS.sub("", given).lower()
    return Observable("certificate-serial", text.lstrip("0") or "0") if _SERIAL.fullmatch(text) else None


def registry_key(given: str) -> Observable | None:
    """A key of the Windows registry without regard to case, its hive written out."""
    parts = [part for part in _fold(given.strip()).split("\\") if part.strip()]
    if not parts or _CONTROL.search(given.strip()):
        return None
    parts[0] = _HIVES.get(parts[0].strip(), parts[0].strip())
    parts[-1] = parts[-1].strip()
    return Observable("registry-key", "\\".join(parts))


def mutex(given: str) -> Observable | None:
    """A mutex's name, in which case counts."""
    return Observable("mutex", given) if given.strip() and not _CONTROL.search(given) else None


def user_agent(given: str) -> Observable | None:
    """A user agent, each stretch of white space as one blank."""
    text = " ".join(given.split())
    return Observable("user-agent", text) if text and not _CONTROL.search(text) else None


def _fold(text: str) -> str:
    if text.isascii():
        return text.lower()
    for _ in range(4):
        made = unicodedata.normalize("NFC", text.casefold())
        if made == text:
            break
        text = made
    return text


def _hash(kind: str) -> Callable[[str], Observable | None]:
    return lambda given: hash_of(kind, given)


_FORMS: dict[str, Callable[[str], Observable | None]] = {
    "ipv4-addr": address,
    "ipv6-addr": address,
    "ipv4-net": address,
    "ipv6-net": address,
    "domain-name": domain,
    "url": url,
    "email-addr": email,
    "mac-addr": mac,
    **{kind: _hash(kind) for kind in (*HEX_DIGITS, "ssdeep", "tlsh")},
    "file-name": file_name,
    "as-number": as_number,
    "cve": cve,
    "certificate-serial": serial,
    "mutex": mutex,
    "registry-key": registry_key,
    "user-agent": user_agent,
}

KINDS = tuple(_FORMS)
"""Every kind of observable."""


def canonical(kind: str, given: str) -> Observable | None:
    """The value in its canonical form, or None when it is none of this kind (or the kind is unknown).

    Never raises. Addresses and networks are told apart by what is given, not by the kind that is named. What it gives
    is its own canonical form.
    """
    form = _FORMS.get(kind)
    if form is None or not given or len(given) > LONGEST:
        return None
    made = form(given)
    return made if made is None or _storable(made.text) else None


def _storable(text: str) -> bool:
    """Whether both engines can keep the text: no U+0000 and nothing UTF-8 cannot write."""
    if text.isascii():
        return "\0" not in text
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text
