"""A vital: one number, or a few, that tell an operator how a node fares and nothing of what it holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple


class Sample(NamedTuple):
    """One number. `labels` come from short fixed lists, never from what parties or persons wrote."""

    value: float
    labels: tuple[tuple[str, str], ...] = ()
    suffix: str = ""


@dataclass(frozen=True)
class Vital:
    """What Prometheus calls a metric: `name` without the prefix of this program, `help` one line for people."""

    name: str
    help: str
    kind: Literal["gauge", "counter", "histogram"]
    samples: tuple[Sample, ...]


def gauge(name: str, help: str, value: float) -> Vital:
    """A vital of one number that goes up and down."""
    return Vital(name, help, "gauge", (Sample(value),))
