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


def calling(base: str, *commands: dict[str, Any], third: bool = False, secret: str = "", **more: Any) -> dict[str, Any]:
    """A playbook with one step of requests, all to one machine; `more` are fields of the step."""
    target, keyring = id_of("http-api", "their service"), id_of("oauth2", "their token")
    extension = {"extension-definition--5b0c1f0e-6f0a-4d0e-9c58-3f2f8b6f7a11": {"third_party": third}}
    step = action([{"type": "http-api"} | each for each in commands], on_completion="end", step_extensions=extension)
    machine = {"type": "http-api", "name": "Their service", "address": {"url": [base]}}
    whole: dict[str, Any] = {}
    if secret:
        machine["authentication_info"] = keyring
        whole["authentication_info_definitions"] = {
            keyring: {"type": "oauth2", "kms": True, "kms_key_identifier": secret}
        }
    workflow = {"start": {"type": "start", "on_completion": "call"}, "call": step | more, "end": {"type": "end"}}
    workflow["call"] |= {"targets": [target]}
    made = playbook(workflow, id=id_of("playbook", f"calls {base} {third} {secret}"), **whole)
    return made | {"target_definitions": {target: machine}}


def chained(name: str, *called: str, **more: Any) -> dict[str, Any]:
    """A playbook with a manual step before and after those that it calls, by their names."""
    steps: dict[str, Any] = {"start": {"type": "start", "on_completion": f"{name} first"}}
    places = [f"{name} first", *(f"{name} calls {each}" for each in called), f"{name} last", "end"]
    steps[places[0]] = manual(f"Begin {name}.", on_completion=places[1])
    for number, each in enumerate(called, 1):
        steps[places[number]] = {
            "type": "playbook-action",
            "playbook_id": id_of("playbook", each),
            "on_completion": places[number + 1],
        }
    steps[places[-2]] = manual(f"End {name}.", on_completion="end")
    steps["end"] = {"type": "end"}
    return playbook(steps, id=id_of("playbook", name), name=f"Play {name}", **more)
