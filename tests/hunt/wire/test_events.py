"""Events of lines and of Parquet: flat or nested, and what is no event is counted and not lost."""

from __future__ import annotations

import io
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.hunt.wire import events
from kouprey.hunt.wire.events import read_event, read_events, read_parquet
from kouprey.kernel.words.errors import Damaged

NESTED = {
    "Event": {
        "System": {
            "Provider": {"#attributes": {"Name": "Sysmon"}},
            "EventID": 1,
            "TimeCreated": {"#attributes": {"SystemTime": "2026-11-01T00:00:00Z"}},
        },
        "EventData": {"Image": "x", "Threat Name": "y", "Inner": {"Deep": "z"}},
    }
}


def test_windows_events_are_flat() -> None:
    found = read_event(json.dumps(NESTED).encode())
    assert found is not None and found["Provider_Name"] == "Sysmon" and found["EventID"] == 1
    assert (found["Image"], found["ThreatName"], found["Deep"]) == ("x", "y", "z")
    assert found["TimeCreated"] == "2026-11-01T00:00:00Z"


def test_lines_that_are_no_events_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "LONGEST_LINE", 40)
    raw = b'{"a":1}\n\n[1]\nnothing\n' + b"x" * 100 + b"\n" + b'{"b":2}'
    found = list(read_events(io.BytesIO(raw)))
    assert [each for each, _ in found] == [{"a": 1}, None, None, None, {"b": 2}]
    assert next(text for _, text in found) == b'{"a":1}'


@given(st.binary(max_size=200))
def test_any_bytes_are_lines(raw: bytes) -> None:
    found = list(read_events(io.BytesIO(raw)))
    assert len(found) <= raw.count(b"\n") + 1
    assert all(event is None or isinstance(event, dict) for event, _ in found)
    assert read_event(raw) is None or isinstance(read_event(raw), dict)


def test_parquet_is_read_row_by_row(tmp_path: Path) -> None:
    pyarrow: Any = pytest.importorskip("pyarrow", reason="the extra `hunt` is not installed")
    from pyarrow import parquet

    rows = [{"Image": "x", "Port": 1}, {"Image": None, "Port": 2}]
    parquet.write_table(pyarrow.Table.from_pylist(rows), tmp_path / "a.parquet")
    found = list(read_parquet(tmp_path / "a.parquet"))
    assert [event for event, _ in found] == rows and json.loads(found[0][1]) == rows[0]
    (tmp_path / "b.parquet").write_bytes(b"PAR1 and nothing")
    with pytest.raises(Damaged):
        list(read_parquet(tmp_path / "b.parquet"))


@given(st.binary(max_size=200))
def test_any_bytes_are_parquet_or_refused(raw: bytes) -> None:
    pytest.importorskip("pyarrow", reason="the extra `hunt` is not installed")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "a"
        file.write_bytes(b"PAR1" + raw + b"PAR1")
        with pytest.raises(Damaged):
            list(read_parquet(file))
