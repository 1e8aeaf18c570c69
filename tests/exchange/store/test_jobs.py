"""Imports and their refusals are kept for whoever started them, on both engines."""

from __future__ import annotations

from typing import Any

import msgspec

from kouprey.exchange.model import ImportReport, Refusal
from kouprey.exchange.model.importing import Failure, ImportJob
from kouprey.exchange.store import jobs as rows


def job(name: str, began: int, person: str = "ann") -> ImportJob:
    return ImportJob(
        id=name,
        person=person,
        name=f"{name}.json",
        tlp="green",
        collection="",
        size=100,
        done=0,
        counted=ImportReport(),
        state="waiting",
        told=Failure(),
        stop=False,
        began_at=began,
        beat_at=began,
        ended_at=0,
    )


def refusal(number: int) -> Refusal:
    return Refusal(offset=number, line=number, stix_id="tool--1", code="bad-id", what="No.", why="So.", remedy="Mend.")


def test_a_job_goes_its_way(ministry: Any) -> None:
    def now() -> Any:
        with ministry.store.read() as reader:
            return rows.find(reader, "a", "ann")

    write = ministry.store.write
    write(lambda tx: rows.insert(tx, job("a", 5)))
    assert now() == job("a", 5)
    counted = ImportReport(new=3, refused=1, seconds=0.5)
    write(lambda tx: rows.advance(tx, "a", counted=counted, done=60, now=7))
    assert now() == msgspec.structs.replace(job("a", 5), counted=counted, done=60, state="running", beat_at=7)
    write(lambda tx: rows.beat(tx, "a", 8))
    write(lambda tx: rows.ask_to_stop(tx, "a", "bob"))
    assert now().beat_at == 8 and not now().stop
    write(lambda tx: rows.ask_to_stop(tx, "a", "ann"))
    with ministry.store.read() as reader:
        assert rows.is_to_stop(reader, "a") and not rows.is_to_stop(reader, "nothing")
    trouble = Failure(code="x", what="It broke.")
    write(lambda tx: rows.end(tx, "a", "failed", trouble, 9))
    write(lambda tx: rows.end(tx, "a", "done", Failure(), 10))
    assert (now().state, now().told, now().ended_at) == ("failed", trouble, 9)


def test_everybody_has_their_own(ministry: Any) -> None:
    for each in (job("a", 1), job("b", 2), job("c", 3, "bob"), job("d", 4)):
        ministry.store.write(lambda tx, each=each: rows.insert(tx, each))
    with ministry.store.read() as reader:
        assert [each.id for each in rows.list_of(reader, "ann", before=10, limit=2)] == ["d", "b"]
        assert [each.id for each in rows.list_of(reader, "ann", before=4, limit=9)] == ["b", "a"]
        assert rows.find(reader, "c", "ann") is None and rows.find(reader, "c", "bob") is not None
        assert rows.list_older(reader, 3, 9) == ["a", "b"]


def test_refusals_stand_in_their_order_up_to_a_bound_and_go_with_their_job(ministry: Any) -> None:
    write = ministry.store.write
    write(lambda tx: rows.insert(tx, job("a", 1)))
    write(lambda tx: rows.add_refusals(tx, "a", [refusal(1), refusal(2)], 3))
    write(lambda tx: rows.add_refusals(tx, "a", [refusal(3), refusal(4)], 3))
    with ministry.store.read() as reader:
        assert rows.list_refusals(reader, "a", after=-1, limit=9) == [(n, refusal(n + 1)) for n in range(3)]
        assert rows.list_refusals(reader, "a", after=0, limit=1) == [(1, refusal(2))]
    write(lambda tx: rows.forget(tx, "a"))
    with ministry.store.read() as reader:
        assert rows.list_refusals(reader, "a", after=-1, limit=9) == [] and rows.find(reader, "a", "ann") is None
