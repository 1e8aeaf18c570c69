"""What a profile of a team may hold, and what is still missing in it."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from kouprey.kernel.words.time import DAY, Instant
from kouprey.response.model.directory import DAYS, Asn, Domain, Hours, Profile
from kouprey.response.rules.competence import LAST_ASN, read_subject, text_of

LONGEST = 200
LONGEST_TEXT = 4_000
MOST = 500
"""Of each sort of thing in a constituency."""
STALE: Instant = 365 * DAY
"""A profile that nobody has checked for so long is not called checked."""
SHORT = ("name", "zone", "phone", "mail", "web", "pgp", "age", "sponsor")
TEXTS = (
    "address",
    "reach",
    "members",
    "mission",
    "constituency",
    "authority_text",
    "incidents",
    "disclosure",
    "authentication",
    "services",
    "forms",
    "disclaimers",
)
LISTS = ("prefixes", "domains", "sectors")
_PGP = re.compile(r"[0-9A-F]{40}(?:[0-9A-F]{24})?", re.ASCII)
_AGE = re.compile(r"age1[a-z0-9]{20,2000}", re.ASCII)
_TIME = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d", re.ASCII)
_MAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,253}")
_ZONE = re.compile(r"[A-Za-z0-9_+-]{1,40}(?:/[A-Za-z0-9_+-]{1,40}){0,2}", re.ASCII)


def put_right(profile: Profile) -> Profile:
    """The same in its one form: no blanks around words, networks and names as they are compared, each once, in order.

    ValueError says which part cannot be read.
    """
    words = {name: getattr(profile, name).strip() for name in (*SHORT, *TEXTS)}
    words["pgp"] = re.sub(r"[\s:]", "", words["pgp"]).upper().removeprefix("0X")
    prefixes, domains = set(), set()
    for text in profile.prefixes:
        read = read_subject(text)
        if read is None or isinstance(read, Asn | Domain):
            raise ValueError(f"no prefix: {text[:60]!r}")
        prefixes.add(read)
    for text in profile.domains:
        read = read_subject(text)
        if not isinstance(read, Domain):
            raise ValueError(f"no domain: {text[:60]!r}")
        domains.add(read.name)
    made = msgspec.structs.replace(
        profile,
        **words,
        asns=tuple(sorted(set(profile.asns))),
        prefixes=tuple(
            map(text_of, sorted(prefixes, key=lambda net: (net.version, int(net.network_address), net.prefixlen)))
        ),
        domains=tuple(sorted(domains)),
        sectors=tuple(dict.fromkeys(word for each in profile.sectors if (word := each.strip()))),
        days=tuple(day for day in DAYS if day in profile.days),
    )
    check(made)
    return made


def check(profile: Profile) -> None:
    """ValueError where a profile, ours or a partner's, holds what none may hold."""
    if profile.version < 0 or profile.version >= 1 << 53:
        raise ValueError("its version cannot be")
    _check_words(profile)
    if any(not 0 < number <= LAST_ASN for number in profile.asns):
        raise ValueError("no number of an autonomous system")
    if max(len(profile.asns), len(profile.prefixes), len(profile.domains), len(profile.sectors)) > MOST:
        raise ValueError(f"more than {MOST} of a sort")
    for text in profile.prefixes:
        if isinstance(read_subject(text), Asn | Domain | None):
            raise ValueError(f"no prefix: {text[:60]!r}")
    if not all(isinstance(read_subject(text), Domain) for text in profile.domains):
        raise ValueError("a name among the domains is none")
    if not set(profile.days) <= set(DAYS) or not all(map(_TIME.fullmatch, (profile.opens, profile.closes))):
        raise ValueError("its hours cannot be read: days, and times as 08:00")
    if profile.hours is Hours.OFFICE and profile.opens >= profile.closes:
        raise ValueError("it closes before it opens")
    if not _ZONE.fullmatch(profile.zone):
        raise ValueError(f"no time zone: {profile.zone[:60]!r}")
    if profile.mail and not _MAIL.fullmatch(profile.mail):
        raise ValueError(f"no mail address: {profile.mail[:60]!r}")
    if profile.pgp and not _PGP.fullmatch(profile.pgp):
        raise ValueError("no PGP fingerprint: 40 or 64 hexadecimal digits")
    if profile.age and not _AGE.fullmatch(profile.age):
        raise ValueError("no age recipient: it begins with age1")


def _check_words(profile: Profile) -> None:
    duty = (profile.duty.role, profile.duty.reach) if profile.duty is not None else ()
    short = [*(getattr(profile, name) for name in SHORT), *profile.sectors, *profile.prefixes, *profile.domains, *duty]
    # age keys that resist quantum computers are longer than any word.
    if any(len(word) > (2_100 if word.startswith("age1") else LONGEST) or not word.isprintable() for word in short):
        raise ValueError("a word is too long or cannot be shown")
    if any(len(getattr(profile, name)) > LONGEST_TEXT or "\0" in getattr(profile, name) for name in TEXTS):
        raise ValueError(f"a text is longer than {LONGEST_TEXT} characters or cannot be shown")


WANTED: Sequence[tuple[str, Sequence[str]]] = (
    ("name", ("name",)),
    ("reach", ("phone",)),
    ("mail", ("mail",)),
    ("keys", ("pgp", "age")),
    ("members", ("members",)),
    ("mission", ("mission",)),
    ("constituency", ("asns", "prefixes", "domains")),
    ("incidents", ("incidents",)),
    ("disclosure", ("disclosure",)),
    ("authentication", ("authentication",)),
    ("services", ("services",)),
)
"""What partners look for -> fields of which one is enough."""


def wants(profile: Profile, now: Instant) -> list[tuple[bool, str]]:
    """(is it there, what it is) for all that makes a profile useful to who needs it at three in the morning."""
    made = [(any(getattr(profile, field) for field in fields), key) for key, fields in WANTED]
    return [*made, (profile.verified > 0 and now - profile.verified < STALE, "verified")]
