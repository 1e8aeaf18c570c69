"""Reading ahead: the same as reading here, an end that cannot be mistaken, and no process left behind."""

from __future__ import annotations

import gzip
import os
import signal
import subprocess
import sys
import time
from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kouprey.exchange.model import Arrival, Parsed
from kouprey.exchange.wire import ahead
from kouprey.exchange.wire.ahead import Ahead
from kouprey.exchange.wire.batches import BATCH, Batch, Inline
from kouprey.exchange.wire.extracts import extract_of
from kouprey.kernel.words.errors import Unreachable


@pytest.fixture
def file(stix: Any, tmp_path: Path) -> Path:
    """More than two batches, with things that are refused."""
    lines = [stix.make(f"o{n}", description="Mã độc ការវាយប្រហារ", labels=["x"]) for n in range(2 * BATCH)]
    lines[7], lines[BATCH] = b"rubbish", b'{"type": "indicator", "id": "none"}'
    lines.append(stix.make("s", "sighting", sighting_of_ref=stix.id("indicator", "o1"), count=3))
    path = tmp_path / "f.ndjson.gz"
    path.write_bytes(gzip.compress(b"\n".join(lines)))
    return path


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[subprocess.Popen[bytes]]:
    """The processes that were started."""
    made: list[subprocess.Popen[bytes]] = []

    class Noted(subprocess.Popen[bytes]):
        def __init__(self, *args: Any, **more: Any) -> None:
            super().__init__(*args, **more)
            made.append(self)

    monkeypatch.setattr(ahead.subprocess, "Popen", Noted)
    return made


def shown(batch: Batch) -> tuple[Any, ...]:
    heads = [name for name in Arrival.__struct_fields__ if name != "extract"]
    arrivals = [(*(getattr(a, n) for n in heads), extract_of(a)) for a in batch.arrivals]
    return arrivals, list(batch.refusals), batch.last, batch.reached, batch.digest


def test_it_gives_what_reading_here_gives(file: Path, started: list[subprocess.Popen[bytes]]) -> None:
    with file.open("rb") as stream:
        here = [shown(batch) for batch in Inline(stream).batches()]
    with file.open("rb", buffering=0) as stream:
        reading = Ahead(stream)
        read = list(reading.batches())
        assert stream.tell() == file.stat().st_size
        reading.close()
    assert [shown(batch) for batch in read] == here and len(here) == 3
    assert not any(isinstance(each, Parsed) or each.extract is None for batch in read for each in batch.arrivals)
    assert [each.returncode is not None for each in started] == [True]


def test_whoever_stops_early_leaves_no_process(file: Path, started: list[subprocess.Popen[bytes]]) -> None:
    with file.open("rb") as stream:
        reading = Ahead(stream)
        assert len(next(reading.batches()).arrivals) == BATCH - 1
        reading.close()
    assert [each.returncode is not None for each in started] == [True]


def test_it_goes_on_behind_a_place_if_that_is_the_same(file: Path) -> None:
    with file.open("rb", buffering=0) as stream:
        here = list(Inline(stream).batches())
        stream.seek(0)
        reading = Ahead(stream)
        assert reading.skip(here[0].reached, here[0].digest)
        assert [shown(batch) for batch in reading.batches()] == [shown(batch) for batch in here[1:]]
        reading.close()
        stream.seek(0)
        reading = Ahead(stream)
        assert not reading.skip(here[0].reached, here[1].digest)
        reading.close()


def test_a_reader_that_ends_too_early_is_no_end_of_the_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/true")
    with file.open("rb") as stream, pytest.raises(Unreachable) as caught:
        list(Ahead(stream).batches())
    assert caught.value.code == "reader-ended" and caught.value.remedy


def test_every_cut_of_what_is_handed_over_is_noticed() -> None:
    frame = msgspec.msgpack.encode(Batch([], [], True, 7, b"x"))
    whole = len(frame).to_bytes(8, "big") + frame + bytes(8)
    assert list(ahead._received(BytesIO(whole))) == [([], [], True, 7, b"x")]
    for cut in range(len(whole)):
        with pytest.raises(Unreachable):
            list(ahead._received(BytesIO(whole[:cut])))


_PARENT = """
import subprocess, sys, time
from kouprey.exchange.wire import ahead
class Noted(subprocess.Popen):
    def __init__(self, *args, **more):
        super().__init__(*args, **more)
        print(self.pid, flush=True)
ahead.subprocess.Popen = Noted
with open(sys.argv[1], "rb") as file:
    reading = ahead.Ahead(file)
    next(reading.batches())
    print("reading", flush=True)
    time.sleep(60)
"""


def test_it_ends_with_the_process_it_reads_for(file: Path) -> None:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    parent = subprocess.Popen([sys.executable, "-c", _PARENT, str(file)], stdout=subprocess.PIPE, text=True, env=env)
    assert parent.stdout is not None
    reader = int(parent.stdout.readline())
    assert parent.stdout.readline() == "reading\n"
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    until = time.monotonic() + 30
    while _lives(reader) and time.monotonic() < until:
        time.sleep(0.02)
    assert not _lives(reader)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
        state = Path(f"/proc/{process}/stat")
        return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False
