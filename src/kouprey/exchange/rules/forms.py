"""Strings with a form: timestamps, identifiers, languages, addresses, hashes (STIX 2.1, section 2)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from ipaddress import IPv6Address
from typing import Any

import idna

from kouprey.exchange.model import Finding
from kouprey.exchange.rules.shapes import FINE, Check, Findings, Rule, at, dictionary, finding, full, text
from kouprey.exchange.rules.vocabularies import LANGUAGES

UUID = "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[1-5][0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}"
"""RFC 4122, versions 1 to 5, upper case included."""

_TIMESTAMP = re.compile(
    r"[0-9]{4}-(?:0[1-9]|1[012])-(?:0[1-9]|[12][0-9]|3[01])T(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)"
    r"(?:\.[0-9]+)?Z"
).fullmatch
_HOST = re.compile(
    r"(?!.{254})(?:(?!..--)[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*"
    r"(?!..--)[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.?"
).fullmatch
# A group that repeats remembers each repetition (some 60 bytes), so long values must not run through one: % is
# taken as any other character, and what follows each is looked at apart.
_PCHARS = r"[A-Za-z0-9._~!$&'()*+,;=:@%%%s-]"
_REG = r"[A-Za-z0-9._~!$&'()*+,;=%%%s-]"
_URI = re.compile(
    r"[A-Za-z][A-Za-z0-9+.-]*:(?://"
    rf"(?:{_REG % ':'}*@)?(?:\[(?:([0-9A-Fa-f:.]+)|v[0-9A-Fa-f]+\.{_REG % ':'}+)\]|{_REG % ''}*)(?::[0-9]*)?"
    rf"(?:/{_PCHARS % '/'}*)?|/(?!/){_PCHARS % '/'}*|(?!/){_PCHARS % '/'}*)"
    rf"(?:\?{_PCHARS % '/?'}*)?(?:#{_PCHARS % '/?'}*)?"
).fullmatch
_BAD_ESCAPE = re.compile("%(?![0-9A-Fa-f]{2})").search
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_EMAIL = re.compile(
    rf'(?:{_ATOM}(?:\.{_ATOM})*|"(?:[ \t!#-\[\]-~]|\\[ -~\t])*")@(?:{_ATOM}(?:\.{_ATOM})*|\[[ \t!-Z^-~]*\])'
).fullmatch
_LONGEST_LINE = 998
_LONGEST_TAG = 500
_BASE64 = re.compile("[A-Za-z0-9+/]+={0,2}").fullmatch
_DIGITS = re.compile("[a-fA-F0-9]+").fullmatch
_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_CPE_PART = r"(?:(?:\?*|\*?)(?:[a-zA-Z0-9._-]|\\[\\*?!\"#$%&'()+,/:;<=>@\[\]^`{|}~-])+(?:\?*|\*?)|[*-])"
_LANGUAGE = re.compile(
    r"(?:([a-z]{2})|[a-z]{3}(?:-[a-z]{3}){0,3})(?:-[a-z]{4})?(?:-(?:[a-z]{2}|[0-9]{3}))?"
    r"(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*(?:-[0-9a-wy-z](?:-[a-z0-9]{2,8})+)*(?:-x(?:-[a-z0-9]{1,8})+)?"
    r"|x(?:-[a-z0-9]{1,8})+",
    re.IGNORECASE | re.ASCII,
).fullmatch


def form(pattern: str, words: str, section: str, *, code: str = "form") -> Check:
    """A string that matches as a whole; `words` end the sentence "It must be"."""
    matches = re.compile(pattern, re.ASCII).fullmatch
    return _formed(matches, words, section, code)


def _formed(matches: Callable[[str], object], words: str, section: str, code: str = "form") -> Check:
    wrong = finding(code, f"It must be {words}.", section)
    return lambda value: text(value) if type(value) is not str else FINE if matches(value) else wrong


def is_timestamp(value: str) -> bool:
    """RFC 3339 in UTC with a Z, on a day that exists."""
    if _TIMESTAMP(value) is None:
        return False
    if value[8:10] <= "28":
        return value[:4] != "0000"
    try:
        date(int(value[:4]), int(value[5:7]), int(value[8:10]))
    except ValueError:
        return False
    return True


def is_domain(value: str) -> bool:
    """RFC 1034 with labels of RFC 5890: letters, digits and hyphens, or an internationalised name that encodes."""
    if _HOST(value) is not None:
        return True
    if value.isascii() and "xn--" not in value.lower():
        return False
    try:
        idna.encode(value)
    except UnicodeError:
        return False
    return True


def is_binary(value: str) -> bool:
    """RFC 4648 base64, padded, and not nothing."""
    return len(value) % 4 == 0 and _BASE64(value) is not None


def is_hexadecimal(value: str) -> bool:
    """Whole octets, and not none."""
    return len(value) % 2 == 0 and _DIGITS(value) is not None


def is_email(value: str) -> bool:
    """RFC 5322 addr-spec, which fits on a line (2.1.1)."""
    return len(value) <= _LONGEST_LINE and _EMAIL(value) is not None


def is_uri(value: str) -> bool:
    """RFC 3986, absolute, as written: no space and nothing beyond ASCII."""
    found = _URI(value)
    return found is not None and _BAD_ESCAPE(value) is None and (found[1] is None or _is_ipv6(found[1]))


def is_ipv6(value: str) -> bool:
    """RFC 4291 text form, alone or with a prefix length."""
    address, slash, length = value.partition("/")
    if slash and not (length.isascii() and length.isdigit() and str(int(length[:4])) == length and int(length) <= 128):
        return False
    return _is_ipv6(address)


def _is_ipv6(address: str) -> bool:
    try:
        IPv6Address(address)
    except ValueError:
        return False
    return True


def is_language(value: str) -> bool:
    """RFC 5646: well-formed, and beginning with a language that exists."""
    found = _LANGUAGE(value) if len(value) <= _LONGEST_TAG else None
    return found is not None and (found[1] is None or found[1].lower() in LANGUAGES)


timestamp = _formed(is_timestamp, "a date and time in UTC like 2026-11-22T09:00:00.000Z", "2.16")
language = _formed(is_language, "a language tag of RFC 5646, like km or en-GB", "3.2", "language")
uri = _formed(is_uri, "a URL as RFC 3986 writes it", "6.15")
binary = _formed(is_binary, "base64", "2.1")
hexadecimal = _formed(is_hexadecimal, "an even number of hexadecimal digits", "2.8")
domain = _formed(is_domain, "a domain name of letters, digits and hyphens", "6.4")
email = _formed(is_email, "an e-mail address as RFC 5322 writes it", "6.5")
ipv4 = form(rf"(?:{_OCTET}\.){{3}}{_OCTET}(?:/(?:3[0-2]|[12]?[0-9]))?", "an IPv4 address or CIDR block", "6.8")
ipv6 = _formed(is_ipv6, "an IPv6 address or CIDR block", "6.9")
mac = form("(?:[0-9a-f]{2}:){5}[0-9a-f]{2}", "six lower-case octets joined by colons", "6.10")
cpe = form(
    rf"cpe:2\.3:[aho*-](?::{_CPE_PART}){{5}}:(?:[a-zA-Z]{{2,3}}(?:-(?:[a-zA-Z]{{2}}|[0-9]{{3}}))?|[*-])"
    rf"(?::{_CPE_PART}){{4}}",
    "a CPE 2.3 formatted string",
    "6.14",
)
media_type = form(
    "(?:application|audio|font|image|message|model|multipart|text|video)/[a-zA-Z0-9.+_-]+(?: *;[ -~]*)?",
    "a media type like text/plain",
    "6.1",
)


def precise(least: str = "{3,}", section: str = "3.2") -> Check:
    """A timestamp with milliseconds; `least` is how many fraction digits, as a regular expression counts."""
    fraction = re.compile(rf"\.[0-9]{least}Z").search
    coarse = finding("precision", "It must be given to the millisecond.", section)

    def check(value: Any) -> Findings:
        if said := timestamp(value):
            return said
        return FINE if fraction(value) else coarse

    return check


def identifier(*kinds: str, no: tuple[str, ...] = (), section: str = "2.9", uuid: str = UUID) -> Check:
    """The id of an object: of one of `kinds`, if any are named, and of none of `no`."""
    prefix = f"(?:{'|'.join(kinds)})" if kinds else "[a-z][a-z0-9-]+[a-z0-9]"
    barred = f"(?!(?:{'|'.join(no)})--)" if no else ""
    matches = re.compile(f"{barred}{prefix}--{uuid}").fullmatch
    any_id = re.compile(f"[a-z0-9][a-z0-9-]+[a-z0-9]--{uuid}").fullmatch
    wrong = finding("identifier", "It must be an id: a type, two hyphens and a UUID.", "2.9")
    what = f"to {' or '.join(kinds)}" if kinds else f"not to {', '.join(no)}"
    elsewhere = finding("reference", f"It must refer {what}.", section)

    def check(value: Any) -> Findings:
        if type(value) is not str:
            return text(value)
        if matches(value):
            return FINE
        return elsewhere if any_id(value) else wrong

    return check


def in_order(earlier: str, later: str, section: str, *, strictly: bool = False) -> Rule:
    """One timestamp is not before another.

    Two of unequal precision are compared as far as both go: 12.012Z is not before 12.012201Z, whoever cut the digits.
    """
    words = "later than" if strictly else "at or after"
    wrong = finding("order", f"'{later}' must be {words} '{earlier}'.", section, path=later)

    def check(value: dict[str, Any]) -> Findings:
        first: Any = value.get(earlier)
        second: Any = value.get(later)
        if type(first) is not str or type(second) is not str:
            return FINE
        if len(first) != len(second):
            # The point or Z at 19 is left out, zeros at the end say nothing.
            first, second = first[:19] + first[20:-1], second[:19] + second[20:-1]
            if first.ljust(40, "0") != second.ljust(40, "0"):
                shorter = min(len(first), len(second))
                if first[:shorter] == second[:shorter]:
                    return FINE
            else:
                second = first
        return FINE if first < second or (first == second and not strictly) else wrong

    return check


_HASH_FORMS = {
    "MD5": "[a-fA-F0-9]{32}",
    "SHA-1": "[a-fA-F0-9]{40}",
    "SHA-256": "[a-fA-F0-9]{64}",
    "SHA-512": "[a-fA-F0-9]{128}",
    "SHA3-256": "[a-fA-F0-9]{64}",
    "SHA3-512": "[a-fA-F0-9]{128}",
    "SSDEEP": "[a-zA-Z0-9/+:.]{1,148}",
    # The tool writes T1 before the 70 digits since its version 4.
    "TLSH": "(?:T1)?[a-zA-Z0-9]{70}",
}
_HASH_FORMS_2_0 = {
    **{name: _HASH_FORMS[name] for name in ("MD5", "SHA-1", "SHA-256", "SHA-512", "SHA3-256", "SHA3-512")},
    "MD6": "(?:[a-fA-F0-9]{2}){16,64}",
    "RIPEMD-160": "[a-fA-F0-9]{40}",
    "SHA-224": "[a-fA-F0-9]{56}",
    "SHA-384": "[a-fA-F0-9]{96}",
    "SHA3-224": "[a-fA-F0-9]{56}",
    "SHA3-384": "[a-fA-F0-9]{96}",
    "ssdeep": "[a-zA-Z0-9/+:.]{1,148}",
    "WHIRLPOOL": "[a-fA-F0-9]{128}",
}


def hashes(*, closed: bool = False, earlier: bool = False) -> Check:
    """A dictionary of hash values by algorithm; `closed`: only algorithms of the vocabulary, `earlier`: STIX 2.0."""
    forms = {
        name: form(pattern, f"a {name} value", "2.7", code="hash")
        for name, pattern in (_HASH_FORMS_2_0 if earlier else _HASH_FORMS).items()
    }
    name = re.compile("[a-zA-Z0-9_-]{3,256}" if earlier else "[a-zA-Z0-9_-]{3,250}").fullmatch
    keys = dictionary(
        text,
        name=name,
        names="3 to 250 letters, digits, hyphens and underscores",
        section="2.7",
        least=0 if earlier else 1,
    )
    foreign = finding(
        "vocabulary",
        "The algorithm must be a word of hash-algorithm-ov."
        if closed
        else "The algorithm should be of hash-algorithm-ov.",
        "2.5" if closed else "10.7",
        severity="must" if closed else "should",
    )

    def check(value: Any) -> Findings:
        if said := keys(value):
            return said
        found: list[Finding] = []
        for algorithm, digest in value.items():
            known = forms.get(algorithm)
            if known is not None:
                if said := known(digest):
                    found += at(algorithm, said)
            elif closed or not algorithm.startswith("x_"):
                found += at(algorithm, foreign)
                if full(found):
                    break
        return tuple(found) if found else FINE

    return check
