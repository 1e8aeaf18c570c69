"""Playbooks of our own making for tests: a small language of steps, and the JSON of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid5

_SPACE = UUID("3c3c3c3c-3c3c-4c3c-8c3c-3c3c3c3c3c3c")


def id_of(kind: str, name: str) -> str:
    return f"{kind}--{uuid5(_SPACE, f'{kind}/{name}')}"


AGENT = id_of("individual", "duty")
HOST = id_of("linux", "web server")


def manual(text: str, **more: Any) -> dict[str, Any]:
    return action([{"type": "manual", "command": text}], **more)


def action(commands: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return {"type": "action", "commands": commands, "agent": AGENT, "targets": [HOST], **more}


def playbook(workflow: Mapping[str, Mapping[str, Any]], start: str = "start", **more: Any) -> dict[str, Any]:
    """A whole one: keys of `workflow` are names, and ways in it lead to names."""
    ids = {name: id_of(str(step["type"]), name) for name, step in workflow.items()}

    def put(value: Any) -> Any:
        if isinstance(value, str):
            return ids.get(value, value)
        return [ids.get(each, each) for each in value] if isinstance(value, list) else value

    ways = ("on_completion", "on_success", "on_failure", "on_true", "on_false", "next_steps")
    steps = {}
    for name, step in workflow.items():
        made = {key: put(value) if key in ways else value for key, value in step.items()}
        if "cases" in made:
            made["cases"] = {case: ids.get(other, other) for case, other in made["cases"].items()}
        steps[ids[name]] = {"name": name} | made
    return {
        "type": "playbook",
        "spec_version": "cacao-2.0",
        "id": id_of("playbook", "ours"),
        "name": "Answer a defaced page",
        "description": "What to do in the first hour.",
        "playbook_types": ["mitigation"],
        "created_by": id_of("identity", "ours"),
        "created": "2026-11-20T08:00:00Z",
        "modified": "2026-11-21T08:00:00Z",
        "workflow_start": ids[start],
        "workflow": steps,
        "agent_definitions": {AGENT: {"type": "individual", "name": "Duty officer"}},
        "target_definitions": {HOST: {"type": "linux", "name": "Web server"}},
        **more,
    }


def raw(made: Mapping[str, Any]) -> bytes:
    return json.dumps(made).encode()


DEFACED = playbook(
    {
        "start": {"type": "start", "on_completion": "picture"},
        "picture": manual("Take a picture of the page with its address and the time.", on_completion="both"),
        "both": {"type": "parallel", "next_steps": ["block", "tell"], "on_completion": "restore"},
        "block": action([{"type": "bash", "command": "systemctl stop web"}], on_success="end block", on_failure="call"),
        "call": manual("Call the hoster.", on_completion="end block"),
        "end block": {"type": "end"},
        "tell": action(
            [
                {
                    "type": "http-api",
                    "command": "POST /notices HTTP/1.1",
                    "headers": {"content-type": ["application/json"]},
                    "content": '{"text":"defaced"}',
                }
            ],
            on_completion="end tell",
        ),
        "end tell": {"type": "end"},
        "restore": {
            "type": "playbook-action",
            "playbook_id": id_of("playbook", "restore"),
            "on_completion": "again",
        },
        "again": {
            "type": "while-condition",
            "condition": "__page__:value = 'defaced'",
            "on_true": "look",
            "on_completion": "end",
        },
        "look": manual("Look at the page.", on_completion="end look"),
        "end look": {"type": "end"},
        "end": {"type": "end"},
    }
)
"""Every way a step can go on."""
