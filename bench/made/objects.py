"""Objects of STIX of any number, always the same, with the skew of real libraries: few hubs, many rare values."""

from __future__ import annotations

import random
from bisect import bisect
from collections.abc import Iterator
from itertools import accumulate
from typing import Any

import msgspec

from kouprey.exchange.model import Arrival, Source, SourceKind
from kouprey.exchange.wire import read_object
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.tlp import TLP

HOME = "bench.example"
SHARES = ((1, TLP.CLEAR), (13, TLP.GREEN), (90, TLP.AMBER), (100, TLP.RED))
"""Readers cleared for these levels see these percentages."""
HUB, SEEN_OFTEN = "malware", "indicator"
EVERYWHERE, NEVER_CLEAR, PHRASE = "campaign", "quietly", "lateral movement"
COMMON, HIDDEN = "common.example", "hidden.example"
KHMER, THAI = "សុខាភិបាល", "โรงพยาบาล"
_KHMER_TEXT = "ការវាយប្រហារតាមអ៊ីនធឺណិតលើក្រសួងសុខាភិបាល"
_THAI_TEXT = "มัลแวร์เรียกค่าไถ่โจมตีโรงพยาบาล"
_SYLLABLES = [
    "ba",
    "ce",
    "di",
    "fo",
    "gu",
    "ha",
    "je",
    "ki",
    "lo",
    "mu",
    "na",
    "pe",
    "qi",
    "ro",
    "su",
    "ta",
    "ve",
    "wi",
    "xo",
    "zu",
    "bran",
    "clo",
    "dri",
    "flu",
    "gre",
]
_OTHERS = ("malware", "threat-actor", "report", "tool", "campaign", "ipv4-addr", "domain-name", "note")
_PARTNERS = tuple(f"partner-{n}.example" for n in range(4))
_BATCH = 1_000


def batches(objects: int) -> Iterator[tuple[Source, list[Arrival]]]:
    """What each source says, a thousand at a time."""
    made = iter(Maker(objects))
    for number in range(-(-objects // _BATCH)):
        lines = [line for _, line in zip(range(_BATCH), made, strict=False)]
        if number % 8 < 4:
            source = Source(kind=SourceKind.FILE, party=HOME, name=f"file-{number % 4}.json")
        else:
            source = Source(kind=SourceKind.PARTY, party=_PARTNERS[number % 4], name=_PARTNERS[number % 4])
        yield source, [read_object(line) for line in lines]


def label_of(arrival: Arrival, source: Source) -> Label:
    """Of about forty labels at each level; who may see it follows from the id."""
    own = source.party == HOME
    return Label(
        owner=source.party,
        agreement="" if own else f"agreement-{source.party[8:9]}",
        tlp=level_of(arrival.stix_id),
        kind="sighting" if arrival.type == "sighting" else "intelligence",
        handling=(f"desk-{int(arrival.stix_id[-8:-6], 16) % 4}",),
    )


def level_of(stix_id: str) -> TLP:
    """The level that puts the object into one of the shares."""
    part = int(stix_id[-4:], 16) * 100 >> 16
    return next(level for share, level in SHARES if part < share)


def id_of(kind: str, number: int) -> str:
    """The id of the object made at this place; the first four places are seen by everybody."""
    mixed = random.Random(number).getrandbits(122)
    tail = f"{mixed:032x}"
    last = tail[28:] if number > 3 else "0000"
    return f"{kind}--{tail[:8]}-{tail[8:12]}-4{tail[13:16]}-8{tail[17:20]}-{tail[20:28]}{last}"


class Maker:
    """An iterable of bodies: a twentieth groups and tools first, then indicators, relationships and sightings."""

    def __init__(self, objects: int) -> None:
        self._chance = random.Random(1)
        self._objects = objects
        self._kinds: list[str] = []
        self.words = self._vocabulary()
        self._weights = list(accumulate(1 / (n + 3) for n in range(len(self.words))))

    def __iter__(self) -> Iterator[bytes]:
        lately: dict[int, bytes] = {}
        for number in range(self._objects):
            before = number % 3_000
            drawn = self._chance.random() if number > 3_000 else 1
            if drawn < 0.02 and before in lately:
                # Said again by somebody else, or with other words: then a conflict, or a second version.
                self._kinds.append("")
                kind, minute = self._kinds[number - 3_000], int(drawn * 100)
                yield lately[before] if drawn < 0.008 else self._make(number - 3_000, kind, minute=minute)
                del lately[before]
            else:
                self._kinds.append(self._kind(number))
                lately[before] = self._make(number, self._kinds[number])
                yield lately[before]

    def _kind(self, number: int) -> str:
        if number in (0, 1):
            return (HUB, SEEN_OFTEN)[number]
        drawn = self._chance.random()
        if number < self._objects // 200 or drawn < 0.045:
            return _OTHERS[number % len(_OTHERS)]
        return "indicator" if drawn < 0.65 else "relationship" if drawn < 0.9 else "sighting"

    def _make(self, number: int, kind: str, minute: int = 0) -> bytes:
        own = id_of(kind, number)
        value: dict[str, Any] = {"type": kind, "spec_version": "2.1", "id": own}
        if kind not in ("ipv4-addr", "domain-name"):
            time = f"2026-11-{1 + number % 28:02}T{number % 24:02}:{minute:02}:00.000Z"
            value |= {"created": time.replace(f":{minute:02}:", ":00:"), "modified": time}
        getattr(self, f"_{kind.replace('-', '_')}", self._other)(value, number, level_of(own))
        if number % 100 == 50 and "modified" in value:
            value["revoked"] = True
        return msgspec.json.encode(value)

    def _indicator(self, value: dict[str, Any], number: int, level: TLP) -> None:
        value |= {
            "name": self._text(3, level),
            "description": self._text(12, level),
            "pattern": self._pattern(number, level),
            "pattern_type": "stix",
            "valid_from": "2026-11-01T00:00:00Z",
            "labels": [self._word()],
        }
        if number % 50 == 7:
            del value["valid_from"]  # A finding that says must.

    def _pattern(self, number: int, level: TLP) -> str:
        if level is not TLP.CLEAR and number % 12 == 5 and level is not TLP.GREEN:
            return f"[domain-name:value = '{HIDDEN}']"
        if number % 12 == 6:
            return f"[domain-name:value = '{COMMON}']"
        return (
            f"[ipv4-addr:value = '{address(number)}']",
            f"[domain-name:value = '{self._word()}.{name(number)}']",
            f"[file:hashes.'SHA-256' = '{digest(number)}']",
            f"[url:value = 'http://{self._word()}.{self._word()}.example/{number}']",
            f"[domain-name:value = '{self._word()}.{self._word()}.test']",
            f"[ipv4-addr:value = '{address(number)}']",
            f"[ipv4-addr:value = '{address(number)}']",
        )[(number // 12 + number) % 7]

    def _relationship(self, value: dict[str, Any], number: int, level: TLP) -> None:
        source = self._earlier(number)
        target = 0 if number % 5 == 0 else self._earlier(number)
        value |= {
            "relationship_type": self._chance.choice(("indicates", "uses", "related-to")),
            "source_ref": id_of(self._kinds[source], source),
            "target_ref": id_of(self._kinds[target], target),
        }
        if number % 4 == 0:
            value["description"] = self._text(6, level)

    def _sighting(self, value: dict[str, Any], number: int, level: TLP) -> None:
        seen = 1 if number % 10 == 0 else self._earlier(number)
        value |= {"sighting_of_ref": id_of(self._kinds[seen], seen), "count": 1 + number % 9}

    def _ipv4_addr(self, value: dict[str, Any], number: int, _: TLP) -> None:
        value["value"] = address(number)

    def _domain_name(self, value: dict[str, Any], number: int, _: TLP) -> None:
        value["value"] = f"{self._word()}.{name(number)}"

    def _other(self, value: dict[str, Any], number: int, level: TLP) -> None:
        value |= {"name": self._text(2, level), "description": self._text(40, level)}
        if value["type"] in ("report", "note"):
            value["object_refs"] = [id_of(self._kinds[n], n) for n in {self._earlier(number) for _ in range(5)}]
        if value["type"] == "note":
            value["content"] = value.pop("description")

    def _earlier(self, number: int) -> int:
        """An earlier object, the first ones far more often; never a relationship or a sighting."""
        for _ in range(20):
            drawn = int(number * self._chance.random() ** 3)
            if self._kinds[drawn] not in ("", "relationship", "sighting") and drawn != number:
                return drawn
        return 0

    def _word(self) -> str:
        return self.words[bisect(self._weights, self._chance.random() * self._weights[-1])]

    def _text(self, words: int, level: TLP) -> str:
        said = [self._word() for _ in range(words)]
        drawn = self._chance.random()
        if words > 5:
            said += [EVERYWHERE] * (drawn < 0.6)
            said += [NEVER_CLEAR] * (0.1 < drawn < 0.85 and level is not TLP.CLEAR)
            said += [PHRASE] * (drawn < 0.05)
            said += [_KHMER_TEXT] * (0.5 < drawn < 0.52) + [_THAI_TEXT] * (0.52 < drawn < 0.54)
        return " ".join(said)

    def _vocabulary(self) -> list[str]:
        chance = random.Random(2)
        return list({"".join(chance.choices(_SYLLABLES, k=2 + n % 3)): None for n in range(20_000)})


def address(number: int) -> str:
    """One of many in 10.0.0.0/8, most of them distinct."""
    drawn = random.Random(-number).getrandbits(22)
    return f"10.{drawn >> 16}.{drawn >> 8 & 255}.{drawn & 255}"


def name(number: int) -> str:
    """A domain name that occurs once or twice."""
    return f"host-{number // 2}.example"


def digest(number: int) -> str:
    """The hash of a file."""
    return f"{random.Random(number + 7).getrandbits(256):064x}"
