"""Who is competent for an address, a network, an autonomous system or a domain."""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, ip_network

from kouprey.response.model.directory import Asn, Claim, Domain, Profile, Subject

_ASN = re.compile(r"as\s?(\d{1,10})", re.ASCII | re.IGNORECASE)
_HOST = re.compile(r"[a-z][a-z0-9+.-]{0,30}://(?:[^/?#@]*@)?(\[[0-9a-f:.]+\]|[^/:?#\[\]]+)", re.ASCII | re.IGNORECASE)
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?", re.ASCII)
_LONGEST = 2_000
LAST_ASN = (1 << 32) - 1


def read_subject(text: str) -> Subject | None:
    """What a text names: an address, a prefix, `AS64500`, a domain, or the host of a URL; None for anything else.

    Host bits of a prefix are cut, as routers do. A domain may end with a dot, and may be written in its own letters.
    """
    word = text.strip()
    if not word or len(word) > _LONGEST:
        return None
    if "://" in word:
        host = _HOST.match(word)
        if host is None:
            return None
        word = host[1].strip("[]")
    if found := _ASN.fullmatch(word):
        number = int(found[1])
        return Asn(number) if 0 < number <= LAST_ASN else None
    try:
        return ip_network(word, strict=False)
    except ValueError:
        return _domain(word)


def _domain(word: str) -> Domain | None:
    try:
        name = word.removesuffix(".").lower().encode("idna").decode("ascii") if word.isprintable() else ""
    except UnicodeError:
        return None
    labels = name.split(".")
    if len(name) > 253 or len(labels) < 2 or not all(map(_LABEL.fullmatch, labels)) or labels[-1].isdigit():
        return None
    return Domain(name)


def read_subjects(texts: Iterable[str]) -> list[Subject]:
    """Those of many texts that name something, each once, in their order."""
    read = [read_subject(text) for text in texts]
    return list(dict.fromkeys(each for each in read if each is not None))


def text_of(subject: Subject) -> str:
    """As it is written; `read_subject` reads it back."""
    if isinstance(subject, Asn):
        return f"AS{subject.number}"
    if isinstance(subject, Domain):
        return subject.name
    return str(subject.network_address) if subject.prefixlen == subject.max_prefixlen else str(subject)


def claims_of(profile: Profile) -> list[Claim]:
    """What a party names in its constituency."""
    read = [Asn(number) for number in profile.asns]
    named: Iterable[Subject | None] = (*read, *map(read_subject, (*profile.prefixes, *profile.domains)))
    return [Claim(profile.party, subject) for subject in named if subject is not None]


def covers(claimed: Subject, subject: Subject) -> bool:
    """Whether who is competent for the first is for the second: the same, or a part of it."""
    if isinstance(claimed, IPv4Network) and isinstance(subject, IPv4Network):
        return subject.subnet_of(claimed)
    if isinstance(claimed, IPv6Network) and isinstance(subject, IPv6Network):
        return subject.subnet_of(claimed)
    if isinstance(claimed, Domain) and isinstance(subject, Domain):
        return subject.name == claimed.name or subject.name.endswith(f".{claimed.name}")
    return claimed == subject


def competent(subject: Subject, claims: Iterable[Claim]) -> list[Claim]:
    """The claims that cover it, the most specific first; of equal ones what a party says of itself comes first.

    A party that is named twice stands there once, by its most specific claim.
    """
    found = sorted(
        (claim for claim in claims if covers(claim.subject, subject)),
        key=lambda claim: (-_narrowness(claim.subject), claim.learned, claim.party),
    )
    first: dict[str, Claim] = {}
    for claim in found:
        first.setdefault(claim.party, claim)
    return list(first.values())


def _narrowness(subject: Subject) -> int:
    if isinstance(subject, Asn):
        return 0
    return subject.name.count(".") if isinstance(subject, Domain) else subject.prefixlen
