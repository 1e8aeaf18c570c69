"""Importing streams: counted truly, refusals told, repeatable after a kill at any moment, in flat memory."""

from __future__ import annotations

import gzip
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kouprey.exchange.model import Refusal
from kouprey.exchange.service import importing
from kouprey.exchange.wire import batches as reading
from kouprey.kernel.storage import audit
from kouprey.kernel.words.errors import Refused, Unknown
from kouprey.kernel.words.tlp import TLP

SHARED = Path(os.environ.get("KOUPREY_SHARED", Path(__file__).parents[4] / "shared")) / "data" / "stix"
needs_samples = pytest.mark.skipif(not SHARED.is_dir(), reason="the sample data is not here (KOUPREY_SHARED)")


def test_marked_objects_keep_their_level_and_unmarked_ones_get_the_given(ministry: Any, stix: Any) -> None:
    lines = [stix.make("plain"), stix.make("red", tlp=TLP.RED), stix.make("clear", tlp=TLP.CLEAR)]
    ministry.exchange.import_stream(BytesIO(b"\n".join(lines)), name="f.ndjson", tlp=TLP.GREEN, by="test")
    levels = {
        name: ministry.exchange.get_object(ministry.reader(), stix.id("indicator", name)).newest.tlp
        for name in ("plain", "red", "clear")
    }
    assert levels == {"plain": TLP.GREEN, "red": TLP.RED, "clear": TLP.CLEAR}


def test_without_a_level_unmarked_objects_stay_in_the_house(ministry: Any, stix: Any) -> None:
    ministry.exchange.create_collection("feed", by="test")
    report = ministry.exchange.import_stream(
        BytesIO(gzip.compress(stix.make("plain"))), name="f.gz", collection="feed", by="test"
    )
    assert (report.new, report.total) == (1, 1)
    view = ministry.exchange.get_object(ministry.reader(), stix.id("indicator", "plain"))
    (said,) = view.newest.served.assertions
    assert view.newest.tlp is TLP.AMBER_STRICT and said.label.owner == "ministry.example"
    assert said.source.name == "f.gz"
    assert len(ministry.exchange.page(ministry.reader(), "feed").rows) == 1
    with ministry.store.read() as reader:
        assert any(entry.action == "exchange.import" for entry in audit.list_audit(reader))
    with pytest.raises(Unknown):
        ministry.exchange.import_stream(BytesIO(b""), name="f", collection="nowhere", by="test")


def test_refusals_are_told_as_they_come_and_stop_nothing(ministry: Any, operator: Any, stix: Any) -> None:
    stix.agree(ministry, operator)
    theirs = stix.make("x", created_by_ref=stix.id("identity", "operator.example"))
    lines = [stix.make("a"), b'{"type":"indicator","id":"nonsense"}', theirs, stix.make("b"), b"[{]"]
    refusals: list[Refusal] = []
    progress: list[int] = []
    report = ministry.exchange.import_stream(
        BytesIO(b"\n".join(lines)), name="f", by="test", on_refusal=refusals.append, on_progress=progress.append
    )
    assert (report.new, report.refused) == (2, len(refusals)) and sum(progress) == report.total
    assert {"bad-id", "reserved-author"} <= {refusal.code for refusal in refusals}
    assert all(refusal.what and refusal.why and refusal.remedy for refusal in refusals)
    (late,) = [refusal for refusal in refusals if refusal.code == "reserved-author"]
    assert (late.offset, late.line) == (b"\n".join(lines).index(theirs), 3)


def test_batches_end_by_number_and_by_size(found_party: Any, stix: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(reading, "BATCH", 3)
    party = found_party("ministry.example")
    sizes: list[int] = []
    raw = b"\n".join(stix.make(f"o{n}") for n in range(7))
    party.exchange.import_stream(BytesIO(raw), name="f", by="test", on_progress=sizes.append)
    assert sizes == [3, 3, 1]
    monkeypatch.setattr(reading, "BATCH_BYTES", 10)
    sizes.clear()
    party.exchange.import_stream(BytesIO(raw), name="f", by="test", on_progress=sizes.append)
    assert sizes == [1] * 7 + [0]


class Paper:
    """A file of refusals in memory, which forgets what was not settled when its process is killed."""

    def __init__(self) -> None:
        self.lines: list[Refusal] = []

    def settle(self) -> int:
        return len(self.lines)

    def cut(self, size: int) -> bool:
        fits = len(self.lines) >= size
        del self.lines[size if fits else 0 :]
        return fits


class Killed(BaseException):
    """Stands for SIGKILL at a moment of our choice."""


@pytest.fixture
def begun(ministry: Any, operator: Any, stix: Any, monkeypatch: Any) -> Any:
    """Runs the import of a stream with every kind of outcome; ends it after some batches, or while telling refusals."""
    monkeypatch.setattr(reading, "BATCH", 4)
    stix.agree(ministry, operator)
    theirs = stix.id("identity", "operator.example")
    lines = []
    for n in range(5):
        lines += [stix.make(f"a{n}"), b"nonsense %d" % n, stix.make(f"b{n}", created_by_ref=theirs), stix.make(f"a{n}")]
        lines += [stix.make(f"a{n}", name="other"), b'{"objects":[' + stix.make(f"c{n}") + b",7]}"]
    told: list[str] = []

    def run(
        paper: Paper, *, party: Any = ministry, batches: int = 99, refusals: int = 99, raw: bytes = b"", **more: Any
    ) -> Any:
        data = raw or b"\n".join(lines)

        def progress(_: int) -> None:
            nonlocal batches
            batches -= 1
            if not batches:
                raise Killed

        def refuse(refusal: Refusal) -> None:
            nonlocal refusals
            refusals -= 1
            if not refusals:
                raise Killed
            paper.lines.append(refusal)

        size, start = more.pop("size", len(data)), more.pop("from_start", False)
        resumable = importing.Resumable(
            "/f", size, paper, lambda mark, why: told.append(why or f"at {mark.counted.total}"), start
        )
        return party.exchange.import_stream(
            BytesIO(data),
            name="f",
            by="test",
            on_progress=progress,
            on_refusal=refuse,
            resumable=resumable,
            **more,
        )

    return run, told, b"\n".join(lines)


def figures(report: Any) -> Any:
    return msgspec.structs.replace(report, seconds=0)


def test_an_import_killed_anywhere_goes_on_to_the_same_figures(
    begun: Any, ministry: Any, found_party: Any, operator: Any, stix: Any
) -> None:
    run, told, _ = begun
    twin = found_party("twin.example")
    stix.agree(twin, operator)
    whole = run(whole_paper := Paper(), party=twin)
    wanted = [(each.offset, each.line, each.code) for each in whole_paper.lines]
    paper = Paper()
    for moment in ({"batches": 1}, {"refusals": 1}, {"refusals": 2}, {"batches": 2}, {"refusals": 3}, {"batches": 1}):
        with pytest.raises(Killed):
            run(paper, **moment)
    assert figures(run(paper)) == figures(whole)
    assert [(each.offset, each.line, each.code) for each in paper.lines] == wanted and len(wanted) == 15
    assert figures(run(paper)) == figures(whole), "the end is told again until it is forgotten"
    assert len(paper.lines) == 15
    assert all(each.startswith("at ") for each in told)
    with ministry.store.read() as reader:
        assert sum(entry.action == "exchange.import" for entry in audit.list_audit(reader)) == 1
    ministry.exchange.forget_import("/f")
    again = run(Paper())
    assert (again.new, again.conflicts, again.repeats) == (0, 0, whole.total - whole.refused)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"size": 1}, "and has 1."),
        ({"raw": True}, "before the place"),
        ({"tlp": TLP.GREEN}, "Its level"),
        ({"from_start": True}, "As asked for."),
        ({}, "refusals is gone"),
    ],
)
def test_a_bookmark_that_does_not_fit_is_not_used_and_why_is_said(begun: Any, change: Any, why: str) -> None:
    run, told, raw = begun
    paper = Paper()
    with pytest.raises(Killed):
        run(paper, batches=3)
    if not change:
        paper.lines.clear()
    other = {"raw": raw.replace(b"nonsense 0", b"nonsense 9")} if "raw" in change else {}
    report = run(paper, **(change | other))
    assert why in told[0] and len(told) == 1
    assert report.total == 35 and len(paper.lines) == report.refused == 15


def test_two_runs_of_one_file_do_not_write_into_each_other(begun: Any, ministry: Any) -> None:
    run, _told, _ = begun
    second: list[Any] = []

    class Rival(Paper):
        def settle(self) -> int:
            if len(self.lines) == 2 and not second:
                second.append(run(Paper()))
            return super().settle()

    with pytest.raises(Refused) as refused:
        run(Rival())
    assert refused.value.code == "taken-over" and second[0].total == 35


@needs_samples
def test_a_real_file_is_counted_truly_and_repeats_without_a_trace(ministry: Any) -> None:
    path = SHARED / "attack-ics-18.1.ndjson.gz"
    reports = []
    for _ in range(2):
        with path.open("rb") as file:
            reports.append(ministry.exchange.import_stream(file, name=path.name, by="test"))
    first, second = reports
    assert (first.new, first.refused, first.total) == (1826, 0, 1826)
    assert (second.new, second.repeats, second.byte_equal) == (0, 1826, 1826)
    assert ministry.exchange.counts(ministry.reader()).total == 1826


@needs_samples
@pytest.mark.long
def test_all_real_data(ministry: Any) -> None:
    totals: Counter[str] = Counter()
    began = time.monotonic()
    for path in sorted(SHARED.glob("*.gz")):
        with path.open("rb") as file:
            report = ministry.exchange.import_stream(file, name=path.name, by="test")
        totals.update(new=report.new, repeats=report.repeats, conflicts=report.conflicts, refused=report.refused)
        totals["variants"] += report.variants
    seconds = time.monotonic() - began
    assert totals == {"new": 98124, "repeats": 1854, "conflicts": 2292, "refused": 0, "variants": 0}
    assert ministry.exchange.counts(ministry.reader()).total == 98124
    print(f"{102270 / seconds:,.0f} objects/s")


_CHILD = """
import sys
from pathlib import Path
from kouprey.agreements.service import Agreements
from kouprey.exchange.service import Exchange
from kouprey.federation.service import Lanes
from kouprey.kernel.seal import keyring
from kouprey.kernel.storage.lock import FileLock
from kouprey.kernel.storage.sqlite import open_sqlite
from kouprey.people.service import People
folder = Path(sys.argv[1])
store, guard, ring = open_sqlite(folder / "kouprey.db"), open_sqlite(folder / "guard.db"), keyring.load(folder / "keys")
people = People(store, ring)
agreements = Agreements(store, people, ring)
lanes = Lanes(store, guard, people, agreements, ring, FileLock(folder / "lanes.lock"))
exchange = Exchange(store, people, agreements, lanes)
with open(sys.argv[2], "rb") as file:
    exchange.import_stream(file, name="big.ndjson", by="test", on_progress=lambda n: print(n, flush=True))
print("done", flush=True)
"""


@pytest.mark.parametrize("batches", [0, 1, 4])
def test_killed_imports_go_on_and_lose_nothing_acknowledged(
    found_party: Any, stix: Any, tmp_path: Path, batches: int
) -> None:
    party = found_party("ministry.example")
    party.exchange.ensure_defaults()
    raws = [stix.make(f"o{n}") for n in range(8_000)]
    big = tmp_path / "big.ndjson"
    big.write_bytes(b"\n".join(raws))
    folder = next(tmp_path.glob("ministry.example-*"))
    command = [sys.executable, "-c", _CHILD, str(folder), str(big)]
    path = os.pathsep.join(sys.path)
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": path})
    assert child.stdout is not None
    acknowledged = sum(int(child.stdout.readline()) for _ in range(batches))
    if not batches:
        time.sleep(0.5)
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    kept, after = party.poll(party.reader())
    assert kept == raws[: len(kept)] and len(kept) >= acknowledged
    with big.open("rb") as file:
        report = party.exchange.import_stream(file, name="big.ndjson", by="test")
    assert (report.repeats, report.new) == (len(kept), len(raws) - len(kept))
    assert party.poll(party.reader(), after)[0] == raws[len(kept) :]
    assert party.exchange.counts(party.reader()).total == len(raws)


def test_memory_stays_flat(found_party: Any, stix: Any) -> None:
    tracemalloc = pytest.importorskip("tracemalloc")
    party = found_party("ministry.example")

    class Endless:
        """A long stream that is nowhere in memory as a whole."""

        def __init__(self, lines: int) -> None:
            self._lines = iter(range(lines))

        def read(self, size: int = -1) -> bytes:
            made = bytearray()
            while len(made) < 65_536 and (n := next(self._lines, None)) is not None:
                made += stix.make(f"o{n}", description="x" * 200) + b"\n"
            return bytes(made)

    peaks = []
    for lines in (4_000, 12_000):
        tracemalloc.start()
        party.exchange.import_stream(Endless(lines), name="f", by="test")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.5


def test_an_empty_stream_is_no_news(ministry: Any) -> None:
    report = ministry.exchange.import_stream(BytesIO(b""), name="f", by="test")
    assert report.total == 0 and report.per_second == 0
    assert msgspec.to_builtins(report)["new"] == 0


def test_a_file_read_ahead_is_taken_in_alike(ministry: Any, operator: Any, stix: Any, tmp_path: Path) -> None:
    stix.agree(ministry, operator)
    lines = [stix.make(f"o{n}", description=f"needle number{n}") for n in range(3)]
    lines += [
        b"rubbish",
        stix.make("o1", description="another thread"),
        stix.make("theirs", created_by_ref=stix.id("identity", "operator.example")),
        stix.make("seen", "sighting", sighting_of_ref=stix.id("indicator", "o2"), count=7),
        stix.make("bad", pattern="[ipv4-addr:value = ", pattern_type="stix"),
        stix.make("bad", pattern="[ipv4-addr:value = ", pattern_type="stix"),
    ]
    file = tmp_path / "f.ndjson"
    file.write_bytes(b"\n".join(lines))
    refusals: list[Refusal] = []
    with file.open("rb") as stream:
        report = ministry.exchange.import_stream(stream, name="f", by="test", ahead=True, on_refusal=refusals.append)
    assert (report.new, report.conflicts, report.repeats, report.refused) == (5, 1, 1, 2)
    assert [(each.code, each.line) for each in refusals] == [("unsafe-json", 4), ("reserved-author", 6)]
    who = ministry.reader()
    assert len(ministry.exchange.list_objects(who, text="needle").heads) == 3
    assert ministry.exchange.get_object(who, stix.id("indicator", "o2")).times_seen == 7
