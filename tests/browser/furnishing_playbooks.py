"""A strategy that sends and calls another, a case in the middle of it, and a template of that case."""

from __future__ import annotations

from typing import Any

from browser.stage import Stage
from kouprey.kernel.words.tlp import TLP
from kouprey.people.service import People
from kouprey.response.model.calls import Reach
from kouprey.response.model.cases import Task
from kouprey.response.service import Calling, Cases, CaseTemplates, HandOffs, Strategies
from response.playbooks import calling, chained, id_of, raw
from response.servers import serving

WORDS = {
    "command": "POST /tickets?for=__who__:value HTTP/1.1",
    "headers": {"Content-Type": ["application/json"]},
    "content": '{"title": "A page shows another text", "for": "__who__:value", "words": "__words__:value"}',
}


def furnish_playbooks(stage: Stage) -> None:
    """Requests in each state: shown, answered, redirected, and one that waits for a second person."""
    with stage.actors["ministry"].services() as services, serving() as server:
        who, strategies = services.get(HandOffs).operator(), services.get(Strategies)
        strategies.keep(who, raw(chained("restore")), tlp=TLP.GREEN, by="furnishing")
        made: dict[str, Any] = calling(server.base, WORDS, {"command": "GET /tickets/7 HTTP/1.1"}, secret="tickets")
        made["name"] = "Open a ticket, and restore the page"
        step = made["workflow"][id_of("action", "call")]
        step["name"] = "Open a ticket at the hoster"
        for name, place in (("restore", "sub"), ("not here", "gone")):
            made["workflow"][id_of("playbook-action", place)] = {
                "type": "playbook-action",
                "name": f"Playbook: {name}",
                "playbook_id": id_of("playbook", name),
                "on_completion": step["on_completion"],
            }
            step["on_completion"] = id_of("playbook-action", place)
        kept = strategies.keep(who, raw(made), tlp=TLP.GREEN, by="furnishing")
        cases, people = services.get(Cases), services.get(People)
        tasks = strategies.tasks(who, kept)
        case = cases.open_by(who, "A page of the port shows another text", kept, tasks, tlp=TLP.AMBER)
        items, _ = cases.items(who, cases.get(who, case.id))
        (item,) = [each.id for each in items if isinstance(each.body, Task) and each.body.calls]
        reach = Reach(hosts=frozenset({server.host}))
        # The store is that of the services: nothing else of a node gives it to a test.
        calls = Calling(vars(cases)["_store"], people, cases, lambda: reach, lambda *_: "s3cret")
        for status, place in ((503, 1), (200, 1), (302, 0)):
            server.status, server.headers = status, {"location": f"{server.base}/sign-in"}
            values = {"__who__": "cert.example", "__words__": "Seen at 23:50"} if place == 0 else {}
            seen = calls.look(who, item, place, values)
            calls.send(who, item, place, digest=seen.sent.digest, newest=seen.newest, values=values)
        services.get(CaseTemplates).keep(who, case.id, "A page shows another text", description="In the first hour.")
