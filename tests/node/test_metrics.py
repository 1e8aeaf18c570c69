"""Metrics: for an operator's token alone, in the format of Prometheus, small, and silent about what the node holds."""

from __future__ import annotations

import re

import pytest

from inprocess import AppClient
from kouprey.kernel.words.tlp import TLP
from kouprey.kernel.words.vital import Sample, Vital
from kouprey.node.assemble import Node
from kouprey.node.capabilities import CAPABILITIES
from kouprey.node.metrics import render, vitals_of
from kouprey.node.web import build_web
from kouprey.people.model import Role
from kouprey.people.service import People

LINE = re.compile(r'kouprey_[a-z_]+(\{[a-z]+="[^"\n]*"(,[a-z]+="[^"\n]*")*\})? [0-9.e+-]+')


@pytest.fixture
def client(node: Node) -> AppClient:
    return AppClient(build_web(node), base_url="http://10.0.0.7:8420", client=("127.0.0.1", 50_000))


def bearer(node: Node, role: Role) -> dict[str, str]:
    people = node.services.get(People)
    _, secret = people.create_token(people.home_id, role, TLP.CLEAR, by="test")
    return {"authorization": f"Bearer {secret}"}


def test_an_operator_reads_them_under_any_name(node: Node, client: AppClient) -> None:
    answer = client.get("/metrics", headers=bearer(node, Role.OPERATOR))
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    for line in answer.text.splitlines():
        assert line.startswith("# ") or LINE.fullmatch(line), line
    for name in ("requests_total", "writer_queue", "position_seconds", "lane_entries_unsigned", "link_silence_seconds"):
        assert f"# TYPE kouprey_{name} " in answer.text
    for name in ("disk_free_bytes", "resident_bytes", "object_versions", "quarantine_entries", "job_failures_total"):
        assert f"# TYPE kouprey_{name} " in answer.text


@pytest.mark.parametrize("role", [Role.FEED, Role.ANALYST, Role.AUDITOR])
def test_others_do_not_and_neither_does_this_machine(node: Node, client: AppClient, role: Role) -> None:
    assert client.get("/metrics", headers=bearer(node, role)).status_code == 403
    assert client.get("/metrics").status_code == 401


def test_an_operator_reads_nothing_else(node: Node) -> None:
    client = AppClient(build_web(node), base_url=node.settings.origin, follow_redirects=False)
    headers = bearer(node, Role.OPERATOR)
    web = client.app
    seen = set()
    for route in (each for branch in web._app.routes for each in branch.routes):  # type: ignore[attr-defined]  # not for others
        if "GET" in route.methods and not route.app.door.open:
            path = re.sub(r"\{[^}]*\}", "x", route.path)
            if client.get(path, headers=headers).status_code != 403:
                seen.add(route.path)
    assert seen == {"/metrics"}


def test_nothing_of_what_is_held_is_named(node: Node, client: AppClient) -> None:
    headers = bearer(node, Role.OPERATOR)
    client.get("/intelligence/indicator--5f8a3b0e-3a6e-4f0e-9d57-0c4f3c5d7a10", headers=headers)
    client.request("CANARY", "/canary", headers=headers)
    text = client.get("/metrics", headers=headers).text
    people = node.services.get(People)
    for word in (
        "5f8a3b0e",
        "canary",
        people.home_id,
        people.home().name,
        *(each.name for each in people.list_persons()),
    ):
        assert word.lower() not in text.lower()


def test_their_number_is_small_and_their_names_are_unique(node: Node) -> None:
    vitals = list(vitals_of(node))
    names = [each.name for each in vitals]
    assert len(names) == len(set(names))
    assert sum(len(each.samples) for each in vitals) < 300
    assert sum(1 for plate in CAPABILITIES if plate.vitals) >= 2


def test_text_is_escaped() -> None:
    told = render([Vital("x", "About x.", "gauge", (Sample(1.5, (("a", 'q"\\\n'),)), Sample(2)))])
    assert told == '# HELP kouprey_x About x.\n# TYPE kouprey_x gauge\nkouprey_x{a="q\\"\\\\\\n"} 1.5\nkouprey_x 2\n'
