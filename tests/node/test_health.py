"""Health: whether the node signs, and that a node which cannot work says so."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from inprocess import AppClient
from kouprey.kernel.words.errors import Unreachable
from kouprey.node.assemble import Node
from kouprey.node.health import health
from kouprey.node.web import build_web


def test_it_says_whether_the_node_signs(opened: Callable[[], Node]) -> None:
    node, beside = opened(), opened()
    assert health(node) == {"signing": False}
    assert node.lanes.start() and health(node) == {"signing": True}
    assert not beside.lanes.start() and health(beside) == {"signing": False}
    node.close()
    assert beside.lanes.start() and health(beside) == {"signing": True}


def test_a_halted_node_answers_503_with_the_reason(node: Node) -> None:
    client = AppClient(build_web(node), base_url=node.settings.origin)
    assert client.get("/healthz").json() == {"status": "ok", "signing": False}
    node.lanes.halted = "Somebody else has signed for lane x."
    with pytest.raises(Unreachable):
        health(node)
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["code"] == "halted" and "Somebody else has signed" in answer.text


def test_a_database_that_is_gone_answers_503(node: Node) -> None:
    client = AppClient(build_web(node), base_url=node.settings.origin)
    node.store.close()
    assert client.get("/healthz").status_code == 503


def test_a_load_balancer_may_ask_under_any_name_and_without_a_name(node: Node) -> None:
    client = AppClient(build_web(node), base_url="http://10.0.0.7:8420")
    assert client.get("/healthz").status_code == 200
    assert client.get("/").status_code != 200, "everything else is told by its name only"
