"""The audit by programs: page by page, above nobody's clearance, and that it was read stands in it."""

from __future__ import annotations

from typing import Any

from kouprey.audit import api
from kouprey.kernel.storage import audit
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role


def write(programs: Any, count: int, action: str, subject: str) -> None:
    for number in range(count):
        programs.node.store.write(
            lambda tx, number=number: audit.append(
                tx, at=number, actor="node", action=action, subject=subject, detail={"number": number}
            )
        )


def test_it_is_read_page_by_page(programs: Any) -> None:
    write(programs, 60, "lane.admit", "lane-1")
    auditor = programs.client(Role.AUDITOR)
    first = auditor.get("audit", params={"action": "lane.admit"}).json()
    second = auditor.get("audit", params={"action": "lane.admit", "cursor": first["next"]}).json()
    numbers = [each["detail"]["number"] for each in first["lines"] + second["lines"]]
    assert numbers == list(range(59, -1, -1)) and second["next"] == ""
    assert auditor.get("audit", params={"cursor": first["next"]}).status_code == 400
    assert auditor.get("audit", params={"since": "soon"}).json()["field"] == "since"
    assert auditor.get("audit", params={"action": "audit.read"}).json()["lines"], "the look itself is written down"
    lines = auditor.get("audit/export", params={"action": "lane.admit"})
    assert lines.text.count("\n") == 60 and lines.headers["content-type"] == "application/x-ndjson"
    assert auditor.get("audit/export", params={"form": "csv"}).text.startswith("id,at,actor")
    assert auditor.get("audit/export", params={"form": "xml"}).status_code == 400
    assert programs.client(Role.LEAD).get("audit").status_code == 403
    assert callable(api.routes)


def test_what_was_done_to_intelligence_is_told_to_those_cleared_for_all_of_it(programs: Any) -> None:
    write(programs, 1, "exchange.erase", "malware--canary")
    low, high = programs.client(Role.AUDITOR, TLP.AMBER), programs.client(Role.AUDITOR)
    seen = low.get("audit", params={"action": "exchange.erase"})
    assert "canary" not in seen.text and seen.json()["lines"][0]["hidden"] is True
    for ask in ({"subject": "malware--canary"}, {"text": "canary"}):
        assert low.get("audit", params=ask).json() == {"lines": [], "next": ""}
        assert high.get("audit", params=ask).json()["lines"]
    assert low.get("audit/export").json()["code"] == "above-clearance"
    assert "canary" in high.get("audit/export").text
