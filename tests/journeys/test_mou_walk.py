"""The walk: the whole story over three real nodes, on both engines, with the link cut in three ways."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kouprey.audit.pages.words import DEEDS
from kouprey.audit.service import Audit
from kouprey.node.actors import Actor
from kouprey.node.cuts import BlackholeCut, Cut, NetworkCut, ProcessCut
from kouprey.node.fiction import CANARY, CASE_CANARY, CAST
from kouprey.node.scenes import EVIDENCE_CANARY, TRAINEE_CANARY
from kouprey.node.story import Story

ROOT = Path(__file__).parents[2]
VERIFIER = ROOT / "examples" / "verify_ledger.py"
Actors = Callable[..., dict[str, Actor]]


@pytest.fixture
def network() -> Iterator[NetworkCut]:
    missing = NetworkCut.missing()
    if missing:
        pytest.skip(missing)
    made = NetworkCut("kpt")
    try:
        yield made
    finally:
        made.clean()


def walk(actors: dict[str, Actor], cut: Cut) -> None:
    """Play every chapter; each checks what it claims."""
    story = Story(actors, verifier=VERIFIER, cut=cut)
    try:
        for chapter in story.chapters:
            story.play(chapter)
            assert chapter.seen, chapter.key
    finally:
        story.stop()
    assert_nothing_leaked(actors)
    assert_deeds_have_words(actors)


def assert_deeds_have_words(actors: dict[str, Actor]) -> None:
    """Whatever stands in the audit after all that can be read as words."""
    for actor in actors.values():
        with actor.services() as services:
            nameless = set(services.get(Audit).list_actions()) - set(DEEDS)
        assert not nameless, nameless


def assert_nothing_leaked(actors: dict[str, Actor]) -> None:
    """In files, logs and databases: the witness at the operator, the case at the ministry, sealed evidence nowhere.

    Whom the operator sends to a training is known to both of them, and not to the neighbour.
    """
    home = {
        CANARY: {"operator"},
        CASE_CANARY: {"ministry"},
        EVIDENCE_CANARY: set(),
        TRAINEE_CANARY: {"ministry", "operator"},
    }
    for key, actor in actors.items():
        kept = {path.name: path.read_bytes() for path in actor.folder.rglob("*") if path.is_file()}
        kept |= {dsn: dump(dsn) for dsn in (actor.database, actor.guard) if dsn}
        for canary, keepers in home.items():
            holding = [name for name, data in kept.items() if holds(data, canary)]
            assert bool(holding) == (key in keepers), f"{key} holds {canary} in {holding}"


def holds(data: bytes, canary: str) -> bool:
    """The canary as text, or in hex as a dump writes bytes."""
    return canary.encode() in data or canary.encode().hex().encode() in data


def dump(dsn: str) -> bytes:
    """Everything in a PostgreSQL database."""
    program = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_dump"))[-1]
    return subprocess.run([program, "--data-only", "--inserts", dsn], check=True, capture_output=True).stdout


@pytest.mark.long
def test_walk_with_the_process_stopped(loopback_actors: Actors) -> None:
    walk(loopback_actors(), ProcessCut())


@pytest.mark.long
def test_walk_with_a_blackholed_address(loopback_actors: Actors) -> None:
    walk(loopback_actors(), BlackholeCut())


def test_walk_on_postgresql(tmp_path: Path, loopback_actors: Actors, fresh_postgres: Callable[[], str]) -> None:
    """The walk of every test run: on PostgreSQL, with a real network that is cut where there can be one.

    On SQLite the same chapters are played in a browser and by hand (`tests/browser/story`, `test_by_hand.py`).
    """
    if NetworkCut.missing():
        walk(loopback_actors(fresh_postgres), ProcessCut())
        return
    network = NetworkCut("kpt")
    try:
        walk(actors_in_namespaces(tmp_path, network, fresh_postgres), network)
    finally:
        network.clean()


@pytest.mark.long
def test_walk_with_the_network_cut(tmp_path: Path, network: NetworkCut) -> None:
    walk(actors_in_namespaces(tmp_path, network, str), network)


def actors_in_namespaces(folder: Path, network: NetworkCut, database: Callable[[], str]) -> dict[str, Actor]:
    places = network.prepare(len(CAST))
    return {
        cast.key: Actor(
            cast=cast,
            folder=folder / cast.key,
            address=f"{address}:8420",
            url=f"http://{address}:8420",
            database=database(),
            guard=database(),
            prefix=prefix,
            environment={"KOUPREY_LINK_INTERVAL": "1"},
        )
        for cast, (address, prefix) in zip(CAST, places, strict=True)
    }


@pytest.mark.long
def test_walk_on_postgresql_with_a_blackholed_address(
    loopback_actors: Actors, fresh_postgres: Callable[[], str]
) -> None:
    walk(loopback_actors(fresh_postgres), BlackholeCut())
