"""Imports beside their request, on both engines: followed, stopped, failed, and nothing that was kept is lost."""

from __future__ import annotations

import io
from typing import Any

import msgspec
import pytest

from kouprey.exchange.service.jobs import SILENT
from kouprey.kernel.words.errors import Refused, TooLarge, Unknown
from kouprey.kernel.words.tlp import TLP


class Breaking(io.BytesIO):
    """A file that cannot be read to its end."""

    def __init__(self, content: bytes, error: Exception) -> None:
        super().__init__(content)
        self.error = error

    def read(self, size: int | None = -1) -> bytes:
        found = super().read(size)
        if not found:
            raise self.error
        return found


def ann(party: Any) -> Any:
    return msgspec.structs.replace(party.reader(), name="ann")


def done(party: Any, stream: Any, **more: Any) -> Any:
    job = party.exchange.start_import(stream, **{"name": "feed.ndjson", "size": 9, "who": ann(party)} | more)
    party.exchange.wait_for_import(job.id, 60)
    return party.exchange.get_import(job.id, ann(party))


def test_it_ends_with_its_figures_its_refusals_and_a_line_in_the_audit(ministry: Any, stix: Any) -> None:
    lines = b"\n".join([stix.make("one"), b"{broken", stix.make("two")])
    stream = io.BytesIO(lines)
    job = done(ministry, stream, size=len(lines), tlp=TLP.GREEN)
    assert (job.state, job.counted.new, job.counted.refused, job.done) == ("done", 2, 1, len(lines)), job
    assert stream.closed
    assert [each.line for each in ministry.exchange.each_refusal(job.id, ann(ministry))] == [2]
    assert ministry.exchange.get_object(ministry.reader(), stix.id("indicator", "one")).newest.tlp is TLP.GREEN
    with pytest.raises(Refused, match="ended already"):
        ministry.exchange.cancel_import(job.id, ann(ministry))


@pytest.mark.parametrize(
    ("error", "code"),
    [(TooLarge("It is too much.", "Really.", "Send less.", code="too-much"), "too-much"), (OSError("gone"), "error")],
)
def test_a_failure_is_told_and_what_was_kept_is_kept(
    ministry: Any, stix: Any, error: Exception, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kouprey.exchange.wire.batches.BATCH", 2)
    lines = b"\n".join(stix.make(f"thing {n}") for n in range(6)) + b"\n"
    job = done(ministry, Breaking(lines, error))
    assert (job.state, job.told.code) == ("failed", code) and job.told.what
    assert 0 < job.counted.new == ministry.exchange.counts(ministry.reader()).by_type.get("indicator")
    assert job.ended_at and not job.going


def test_everybody_asks_after_their_own(ministry: Any) -> None:
    job = done(ministry, io.BytesIO(b"{}"))
    bob = msgspec.structs.replace(ministry.reader(), name="bob")
    for ask in (ministry.exchange.get_import, ministry.exchange.list_refusals, ministry.exchange.cancel_import):
        with pytest.raises(Unknown):
            ask(job.id, bob)
    assert ministry.exchange.list_imports(bob) == [] and ministry.exchange.list_imports(ann(ministry)) == [job]
    with pytest.raises(Unknown):
        ministry.exchange.start_import(io.BytesIO(b"{}"), name="x", size=2, collection="nowhere", who=bob)


def test_a_job_whose_process_has_gone_is_interrupted(ministry: Any) -> None:
    job = done(ministry, io.BytesIO(b"{}"))
    ministry.store.write(
        lambda tx: tx.execute("UPDATE import_job SET state = 'running', ended_at = 0 WHERE id = ?", (job.id,))
    )
    state = ministry.exchange.get_import(job.id, ann(ministry)).state
    # On PostgreSQL another process may be at work at it, until it has been silent for a while.
    assert state == ("interrupted" if ministry.store.dialect == "sqlite" else "running")
    long_ago = ministry.clock() - 2 * SILENT
    ministry.store.write(lambda tx: tx.execute("UPDATE import_job SET beat_at = ?", (long_ago,)))
    assert ministry.exchange.get_import(job.id, ann(ministry)).state == "interrupted"
    with pytest.raises(Refused):
        ministry.exchange.cancel_import(job.id, ann(ministry))
