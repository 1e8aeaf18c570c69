"""What our own badges may say, who has earned one, and whether one that is shown still counts."""

from __future__ import annotations

import gzip
import unicodedata
import zlib
from collections.abc import Iterable, Sequence

from kouprey.capacity.model import Achievement, Outcome

BITS = 131_072
"""The least length of a status list (W3C Bitstring Status List 1.0, 3.1), so that an index tells little."""

# Bodies that certify people, and what they call it: shortened to letters and digits as `scheme_in` does.
_SCHEMES = {
    "globalace": "Global ACE",
    "cybersecuritymalaysia": "CyberSecurity Malaysia",
    "cissp": "CISSP",
    "isc2": "ISC2",
    "isaca": "ISACA",
    "comptia": "CompTIA",
    "eccouncil": "EC-Council",
    "certifiedethicalhacker": "Certified Ethical Hacker",
    "offsec": "OffSec",
    "offensivesecurity": "Offensive Security",
    "giac": "GIAC",
    "sansinstitute": "SANS Institute",
    "crestregistered": "CREST",
    "ccnp": "Cisco CCNP",
    "ccna": "Cisco CCNA",
    "iso17024": "ISO/IEC 17024",
    "isoiec17024": "ISO/IEC 17024",
}
_WORDS = {
    "oscp": "OSCP",
    "ceh": "CEH",
    "cism": "CISM",
    "gcih": "GCIH",
    "cisa": "CISA",
    "crest": "CREST",
    "sans": "SANS",
}
"""Short names, which count only as whole words."""
# Letters of other scripts that look like ours.
_ALIKE = str.maketrans("аеорсхуіѕјԁԛԝαεορτυχικνԍбвнкмтг", "aeopcxyisjdqwaeoptyxikvg6bhkmtr")


def scheme_in(*texts: str) -> str:
    """The name of another body's scheme that stands in a text, however it is spaced or drawn; "" for none."""
    for text in texts:
        plain = _plain(text)
        joined = "".join(letter for letter in plain if letter.isalnum())
        for key, name in _SCHEMES.items():
            if key in joined:
                return name
        words = "".join(letter if letter.isalnum() else " " for letter in plain).split()
        for key, name in _WORDS.items():
            if key in words:
                return name
    return ""


def _plain(text: str) -> str:
    spread = unicodedata.normalize("NFKD", text).casefold().translate(_ALIKE)
    return "".join(letter for letter in spread if not unicodedata.category(letter).startswith(("M", "Cf")))


def earned(achievement: Achievement, outcomes: Iterable[tuple[Outcome, str]]) -> tuple[bool, int]:
    """Whether outcomes (each with the kind of its activity) earn it, and the mean of the scores that count."""
    scores = sorted(
        (
            outcome.post
            for outcome, kind in outcomes
            if (not achievement.kind or kind == achievement.kind) and outcome.post >= achievement.least
        ),
        reverse=True,
    )
    counted = scores[: achievement.times]
    mean = sum(counted) // len(counted) if counted else 0
    return len(counted) >= achievement.times, mean


def encode_status(revoked: Iterable[int]) -> bytes:
    """The compressed bits, the first index leftmost (Bitstring Status List 1.0, 4.1)."""
    bits = bytearray(BITS // 8)
    for index in revoked:
        bits[index // 8] |= 0x80 >> index % 8
    return gzip.compress(bytes(bits), mtime=0)


def status_of(packed: bytes, index: int) -> bool:
    """Whether a bit is set; ValueError for what is no list, is too large, or has no such index."""
    unpacker = zlib.decompressobj(wbits=31)
    try:
        bits = unpacker.decompress(packed, BITS)
    except zlib.error as error:
        raise ValueError(str(error)) from error
    if not 0 <= index < len(bits) * 8:
        raise ValueError("there is no such index")
    return bool(bits[index // 8] & (0x80 >> index % 8))


def mean_gain(outcomes: Sequence[Outcome]) -> tuple[int, int]:
    """The mean of what people gained, in points, and of how many it was measured."""
    gains = [each.post - each.pre for each in outcomes if each.pre >= 0 and each.post >= 0]
    return (round(sum(gains) / len(gains)) if gains else 0), len(gains)
