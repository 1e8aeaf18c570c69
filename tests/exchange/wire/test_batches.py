"""What is made durable at a time."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest

from kouprey.exchange.wire import batches as module
from kouprey.exchange.wire import read_stream
from kouprey.exchange.wire.batches import batches


def test_batches_end_by_number_and_by_size(stix: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = b"\n".join([*(stix.make(f"o{n}") for n in range(6)), b"rubbish"])
    monkeypatch.setattr(module, "BATCH", 3)
    sizes = [(len(arrivals), len(refusals)) for arrivals, refusals, *_ in batches(read_stream(BytesIO(raw)))]
    assert sizes == [(3, 0), (3, 0), (0, 1)]
    monkeypatch.setattr(module, "BATCH_BYTES", 10)
    sizes = [(len(arrivals), len(refusals)) for arrivals, refusals, *_ in batches(read_stream(BytesIO(raw)))]
    assert sizes == [(1, 0)] * 6 + [(0, 1)]


def test_nothing_is_one_empty_batch() -> None:
    assert list(batches([])) == [([], [], True, 0, b"")]
