"""Patterns made at random: whole ones, and ones with a few tokens moved, lost or put in."""

from __future__ import annotations

import re
from random import Random

import pytest

from kouprey.exchange.wire.pattern.tree import (
    Between,
    Binary,
    Comparison,
    Comparisons,
    Condition,
    Constant,
    Expression,
    Hex,
    Observation,
    Observations,
    Path,
    Pattern,
    Qualified,
    Qualifier,
    Repeats,
    Timestamp,
    Within,
)

TOKEN = re.compile(r"[A-Za-z_][\w-]*|'(?:[^'\\]|\\.)*'|\s+|[0-9.]+|.", re.DOTALL)
CHARACTERS = "'\\[]()*.:,=<>!+-/ tbhANDOR019\n_\x00\xa0é"


class Maker:
    """A source of patterns; the same seed makes the same ones."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)

    def pattern(self) -> Pattern:
        return Pattern(self.expression(2))

    def expression(self, depth: int) -> Expression:
        kind = self.random.randrange(4) if depth else 0
        if kind == 1:
            parts = tuple(self.expression(depth - 1) for _ in range(self.random.randint(2, 3)))
            return Observations(self.random.choice(("AND", "OR", "FOLLOWEDBY")), parts)
        if kind == 2:
            return Qualified(
                self.expression(depth - 1), tuple(self.qualifier() for _ in range(self.random.randint(1, 3)))
            )
        return Observation(self.condition(2))

    def condition(self, depth: int) -> Condition:
        if depth and self.random.random() < 0.4:
            parts = tuple(self.condition(depth - 1) for _ in range(self.random.randint(2, 4)))
            return Comparisons(self.random.choice(("AND", "OR")), parts)
        path, negated = self.path(), self.random.random() < 0.3
        operator = self.random.choice(("=", "=", "=", "!=", "<", ">=", "IN", "LIKE", "MATCHES", "ISSUBSET", "EXISTS"))
        if operator == "EXISTS":
            return Comparison(path, operator, None, negated)
        if operator == "IN":
            return Comparison(path, operator, tuple(self.constant() for _ in range(self.random.randint(0, 4))), negated)
        value = self.constant()
        if operator in ("LIKE", "MATCHES", "ISSUBSET") or (isinstance(value, bool) and operator not in ("=", "!=")):
            value = self.text()
        return Comparison(path, operator, value, negated)

    def path(self) -> Path:
        types = ("file", "x-thing", "domain-name", "email-message", "a_b")
        keys = ("name", "value", "size", "x y", "it's", "back\\slash", "AND", "true", "ext-1", "_x", "v", "t")
        steps: list[str | int | None] = [self.random.choice(keys)]
        while self.random.random() < 0.4:
            steps.append(self.random.choice((*keys, 0, 17, None)))
        return Path(self.random.choice(types), tuple(steps))

    def constant(self) -> Constant:
        choose = self.random
        match choose.randrange(8):
            case 0:
                return choose.randrange(-(10**6), 10**20)
            case 1:
                return choose.choice((0.5, -1.25, 1e300, 5e-324, 0.1, -0.0, 123456.789))
            case 2:
                return choose.random() < 0.5
            case 3:
                return Hex(choose.randbytes(choose.randrange(6)))
            case 4:
                return Binary(choose.randbytes(choose.randrange(1, 6)))
            case 5:
                return self.timestamp()
        return self.text()

    def text(self) -> str:
        alphabet = "aZ09 .:/'\\%_-*[]()\n\tកខ😀\x00"
        return "".join(self.random.choices(alphabet, k=self.random.randrange(12)))

    def timestamp(self) -> Timestamp:
        choose = self.random.randint
        fraction = self.random.choice(("", ".1", ".123456", ".000000000001"))
        day = f"{choose(0, 9999):04}-{choose(1, 12):02}-{choose(1, 31):02}"
        return Timestamp(f"{day}T{choose(0, 23):02}:{choose(0, 59):02}:{choose(0, 60):02}{fraction}Z")

    def qualifier(self) -> Qualifier:
        match self.random.randrange(3):
            case 0:
                return Within(self.random.choice((1, 300, 0.5)))
            case 1:
                return Repeats(self.random.randrange(1, 100))
        return Between(self.timestamp(), self.timestamp())

    def mutant(self, seeds: list[str]) -> str:
        """One of the seeds with one to three things changed: tokens lost, put in or swapped, characters too."""
        choose = self.random
        text = choose.choice(seeds)
        for _ in range(choose.choice((1, 1, 1, 2, 3))):
            tokens = TOKEN.findall(text)
            place = choose.randrange(len(tokens) + 1)
            match choose.randrange(5):
                case 0:
                    tokens[place : place + 1] = []
                case 1:
                    tokens[place : place + choose.randrange(2)] = [choose.choice(TOKEN.findall(choose.choice(seeds)))]
                case 2 if tokens:
                    other, place = choose.randrange(len(tokens)), min(place, len(tokens) - 1)
                    tokens[other], tokens[place] = tokens[place], tokens[other]
                case 3:
                    foreign = TOKEN.findall(choose.choice(seeds))
                    start = choose.randrange(len(foreign))
                    tokens[place:place] = foreign[start : start + choose.randrange(8)]
                case _:
                    at = choose.randrange(len(text) + 1)
                    tokens = [text[:at], choose.choice(CHARACTERS), text[at + choose.randrange(2) :]]
            text = "".join(tokens) or "["
        return text


@pytest.fixture
def maker() -> Maker:
    return Maker(20261122)
