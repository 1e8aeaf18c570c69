"""Requests of steps from the command line."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kouprey.kernel.cli.frame import run
from kouprey.kernel.words.tlp import TLP
from kouprey.node.main import kouprey, open_for
from kouprey.response.model.cases import Task
from kouprey.response.service import Cases, HandOffs, Strategies
from response.playbooks import calling, raw
from response.servers import serving


def test_shown_then_sent(offices: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    a, _, _ = offices
    services = a.node.services
    who, strategies, cases = services.get(HandOffs).operator(), services.get(Strategies), services.get(Cases)
    with serving() as server:
        monkeypatch.setenv("KOUPREY_PLAYBOOK_HOSTS", server.host)
        commands = [{"command": "GET /who?is=__who__:value HTTP/1.1"}, {"command": "GET /x HTTP/1.1"}]
        made = strategies.keep(who, raw(calling(server.base, *commands)), tlp=TLP.GREEN, by="test")
        case = cases.open_by(who, "x", made, strategies.tasks(who, made), tlp=TLP.AMBER)
        items, _ = cases.items(who, cases.get(who, case.id))
        (task,) = [each.id for each in items if isinstance(each.body, Task)]

        def call(*words: str, code: int = 0) -> Any:
            capsys.readouterr()
            done = run(kouprey(), ["case", "call", task, *words, "--data", str(a.folder), "--json"], opener=open_for)
            out = capsys.readouterr()
            assert done == code, out.err
            return json.loads(out.out) if out.out.strip() else out.err

        assert call("--set", "who=a b")["request"] == f"GET {server.base}/who?is=a%20b" and not server.came
        call("--set", "who", code=7)
        assert call("--set", "who=a b", "--send")["status"] == 201 and server.came[0][1] == "/who?is=a%20b"
        server.status = 500
        assert "It answered 500" in str(call("--number", "2", "--send", code=6)) and len(server.came) == 2
        call("--number", "3", code=4)
