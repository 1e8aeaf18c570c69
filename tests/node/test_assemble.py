"""Assembly: every plate is honoured, a node opens again as it was, and the operator's copy of it settles its deeds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kouprey.agreements.service import Agreements
from kouprey.exchange.service import MEDIA_TYPE, Exchange
from kouprey.federation.pages.ledger import KINDS
from kouprey.federation.service import Federation
from kouprey.kernel.words.capability import Job
from kouprey.kernel.words.errors import Unknown, Unreachable
from kouprey.node.assemble import Node, load, open_node, open_store
from kouprey.node.capabilities import CAPABILITIES
from kouprey.node.settings import read_settings
from kouprey.people.service import People


def test_every_name_on_every_plate_leads_somewhere(node: Node) -> None:
    for plate in CAPABILITIES:
        for target in (*plate.routes, plate.receives, plate.listeners, plate.jobs):
            if target:
                assert callable(load(target)), target
        for command in plate.commands:
            assert load(command.target) is not None
    with pytest.raises(AttributeError):
        load("kouprey.node.assemble:nothing")


def test_services_are_found_by_their_class(node: Node) -> None:
    for kind in (People, Agreements, Exchange, Federation):
        assert isinstance(node.services.get(kind), kind)
    with pytest.raises(Unknown):
        node.services.get(Node)


def test_what_partners_send_has_a_receiver(node: Node) -> None:
    assert MEDIA_TYPE in node._receivers()


def test_listeners_and_jobs_have_names_of_their_own(node: Node) -> None:
    names = [each.name for each in node.listeners()]
    assert names and len(names) == len(set(names)), "a cursor hangs on each name"
    jobs = node.jobs()
    assert all(isinstance(each, Job) and each.every_seconds > 0 for each in jobs)
    assert len({each.name for each in jobs}) == len(jobs)


def test_a_node_opens_again_as_it_was(opened: Callable[[], Node], folder: Path) -> None:
    first = opened()
    card = first.services.get(People).home().note
    tables = "SELECT name, sql FROM sqlite_schema ORDER BY name"
    with first.store.read() as reader:
        held = reader.all(tables)
    first.close()
    again = opened()
    assert again.services.get(People).home().note == card
    with again.store.read() as reader:
        assert reader.all(tables) == held
    assert (folder / "guard.db").exists(), "the guard has a file of its own, for it is never backed up"


def test_flags_reach_the_node(folder: Path) -> None:
    node = open_node(folder, {"listen": "127.0.0.1:7"})
    assert node.settings.port == 7
    node.close()


def test_without_its_keys_a_node_does_not_open(folder: Path) -> None:
    (folder / "keys" / "node.key").unlink()
    with pytest.raises(Unknown, match=r"node\.key"):
        open_node(folder)


def test_the_root_key_may_be_elsewhere(folder: Path) -> None:
    (folder / "keys" / "root.key").rename(folder.parent / "root.key")
    node = open_node(folder)
    assert node.services.get(People).home_id == "cert.sovan.example"
    node.close()


def test_settling_leaves_the_lanes_to_a_running_server(opened: Callable[[], Node]) -> None:
    server, command = opened(), opened()
    assert server.lanes.start()
    command.settle()
    assert not command.lanes.ready
    server.close()
    command.settle()
    assert command.lanes.ready


def test_a_closed_node_is_closed(node: Node) -> None:
    node.close()
    with pytest.raises(Unreachable):
        node.services.get(People).list_persons()


def test_the_dsn_decides_the_engine(tmp_path: Path, fresh_postgres: Callable[[], str]) -> None:
    for dsn, dialect in (("", "sqlite"), (fresh_postgres(), "postgres")):
        store = open_store(dsn, tmp_path / "x.db", lambda: 1)
        assert store.dialect == dialect
        store.close()


def test_the_settings_of_the_node_are_those_of_its_folder(node: Node, folder: Path) -> None:
    assert node.settings == read_settings(folder)


def test_the_ledger_has_a_word_for_whatever_is_received(programs: Any) -> None:
    plain = {"application/stix+json"}
    named = {media.partition(";")[0] for media in programs.node._receivers()}
    assert len(named) > 8 and not named - plain - set(KINDS)
