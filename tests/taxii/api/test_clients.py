"""Clients by programs: all of them for whoever sees the audit, oneself for each."""

from __future__ import annotations

from typing import Any

from kouprey.people.model import Role
from kouprey.taxii.api import clients
from kouprey.taxii.service import Clients


def test_a_program_sees_itself_and_an_auditor_sees_all(programs: Any) -> None:
    feed, auditor = programs.client(Role.FEED), programs.client(Role.AUDITOR)
    assert feed.get("client").json()["places"] == []
    user = feed.get("client").json()["user"]
    assert feed.get("clients").status_code == feed.get(f"clients/{user}").status_code == 403
    assert user in [each["user"] for each in auditor.get("clients").json()["clients"]]
    programs.node.services.get(Clients).log.flush()
    told = auditor.get(f"clients/{user}").json()
    assert told["user"] == user and told["refused"] == []
    assert auditor.get("clients/tok_none").status_code == 404
    assert clients.DAYS == 30
