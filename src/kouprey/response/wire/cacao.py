"""CACAO Security Playbooks 2.0 read from JSON; what a step may say stands in sections 3 to 7 and 10 of the standard.

Strict in what decides where the work goes (ids, ways, types of steps), lenient in what is only shown: a word of a
vocabulary that we do not know is kept as it is.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any, NoReturn
from uuid import UUID, uuid5

import msgspec

from kouprey.kernel.words.errors import Damaged, TooLarge
from kouprey.kernel.words.safejson import decode
from kouprey.kernel.words.time import Instant, format_instant, parse_instant
from kouprey.response.model.playbooks import REQUESTS, Address, Command, Playbook, Step, StepKind, Variable

LARGEST = 1 << 19
"""Bytes of a playbook."""
MOST_STEPS = 500
MOST_COMMANDS = 50
LONGEST = 20_000
"""Characters of a text that a person reads."""

ACTING = "extension-definition--5b0c1f0e-6f0a-4d0e-9c58-3f2f8b6f7a11"
"""Extension of a step by which its author says that it acts on third parties: `{"third_party": true}`."""

_ID = re.compile(r"[a-z][a-z0-9-]*--[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_VARIABLE = re.compile(r"__[A-Za-z0-9_-]{1,240}__")
_WAYS = (
    ("on_completion", "then"),
    ("on_success", "success"),
    ("on_failure", "failure"),
    ("on_true", "true"),
    ("on_false", "false"),
)
_BRANCHING = {StepKind.IF: ("condition", "on_true"), StepKind.WHILE: ("condition", "on_true")}


def read_playbook(raw: bytes) -> Playbook:
    """A playbook out of its bytes; Damaged (`bad-playbook`) naming where it is wrong, TooLarge beyond `LARGEST`."""
    if len(raw) > LARGEST:
        raise TooLarge(
            "The playbook is too large.", f"{LARGEST:,} bytes may be, it has {len(raw):,}.", code="too-large"
        )
    whole = _Place(decode(raw), "playbook")
    if whole.word("type") != "playbook":
        whole.wrong("type", "It is not “playbook”.")
    if whole.word("spec_version") != "cacao-2.0":
        whole.wrong("spec_version", "Only “cacao-2.0” is read.")
    steps = _steps(whole, _names(whole), _addresses(whole))
    start = whole.id("workflow_start")
    if start not in steps:
        whole.wrong("workflow_start", "There is no such step.")
    if steps[start].kind is not StepKind.START:
        whole.wrong("workflow_start", "It is not a step of the type “start”.")
    return Playbook(
        id=whole.id("id", "playbook"),
        name=whole.text("name", needed=True),
        description=whole.text("description"),
        types=whole.words("playbook_types"),
        created_by=whole.id("created_by"),
        created=whole.instant("created"),
        modified=whole.instant("modified"),
        revoked=whole.flag("revoked"),
        start=start,
        steps=steps,
        variables=tuple(_variables(whole)),
        signees=tuple(each.text("signee") or "?" for each in whole.places("signatures")),
        sha256=sha256(raw).hexdigest(),
    )


class _Place:
    """An object of the playbook and where it stands, so that an error can say so."""

    def __init__(self, value: object, where: str) -> None:
        self._where = where
        if not isinstance(value, dict):
            self.wrong("", "It is not an object.")
        self._value: dict[str, Any] = value

    def wrong(self, field: str, why: str) -> NoReturn:
        place = f"{self._where}.{field}" if field else self._where
        raise Damaged(
            "This playbook cannot be read.",
            f"{place}: {why}",
            "Mend it, or ask whoever wrote it (CACAO 2.0).",
            code="bad-playbook",
            detail={"where": place},
        )

    def text(self, field: str, *, needed: bool = False, null: bool = False) -> str:
        value = self._value.get(field, "")
        if null and value is None:
            return ""
        if not isinstance(value, str):
            self.wrong(field, "It is not a text.")
        if len(value) > LONGEST:
            self.wrong(field, f"It is longer than {LONGEST:,} characters.")
        if needed and not value.strip():
            self.wrong(field, "It is missing.")
        return str(value)

    def word(self, field: str) -> str:
        return self.text(field, needed=True)

    def words(self, field: str) -> tuple[str, ...]:
        value = self._value.get(field, [])
        if not isinstance(value, list) or not all(isinstance(each, str) and len(each) <= 250 for each in value):
            self.wrong(field, "It is not a list of words.")
        return tuple(value)

    def id(self, field: str, kind: str = "") -> str:
        value = self.word(field)
        if not _ID.fullmatch(value) or (kind and value.partition("--")[0] != kind):
            self.wrong(field, f"It is no id of the form {kind or 'type'}--UUID (10.10).")
        return value

    def ids(self, field: str) -> tuple[str, ...]:
        found = self.words(field)
        if not all(_ID.fullmatch(each) for each in found):
            self.wrong(field, "It holds what is no id of the form type--UUID (10.10).")
        return found

    def instant(self, field: str) -> Instant:
        try:
            return parse_instant(self.word(field))
        except ValueError as error:
            self.wrong(field, f"It is no time with a zone: {error}")

    def flag(self, field: str) -> bool:
        value = self._value.get(field, False)
        if not isinstance(value, bool):
            self.wrong(field, "It is neither true nor false.")
        return value

    def amount(self, field: str) -> int:
        value = self._value.get(field, 0)
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            self.wrong(field, "It is no whole number of milliseconds.")
        return value

    def port(self, field: str) -> str:
        value = str(self._value.get(field, ""))
        if value and not (value.isascii() and value.isdecimal() and 0 < int(value[:6]) < 65536):
            self.wrong(field, "It is no port.")
        return value

    def has(self, field: str) -> bool:
        return field in self._value

    def mapping(self, field: str) -> Mapping[str, Any]:
        value = self._value.get(field, {})
        if not isinstance(value, dict):
            self.wrong(field, "It is not a dictionary.")
        return value

    def children(self, field: str) -> Iterator[tuple[str, _Place]]:
        for key, value in self.mapping(field).items():
            yield key, _Place(value, f"{self._where}.{field}.{key[:80]}")

    def places(self, field: str) -> list[_Place]:
        value = self._value.get(field, [])
        if not isinstance(value, list):
            self.wrong(field, "It is not a list.")
        return [_Place(each, f"{self._where}.{field}[{place}]") for place, each in enumerate(value)]


def _names(whole: _Place) -> dict[str, str]:
    """Agents and targets by their names: what a person knows them by."""
    return {
        key: each.text("name") or key
        for field in ("agent_definitions", "target_definitions")
        for key, each in whole.children(field)
    }


def _addresses(whole: _Place) -> dict[str, Address]:
    """Agents and targets that take requests over HTTP, by their ids."""
    secrets = dict(whole.children("authentication_info_definitions"))
    return {
        key: _address(each, secrets.get(each.text("authentication_info", null=True)))
        for field in ("agent_definitions", "target_definitions")
        for key, each in whole.children(field)
        if each.text("type") == "http-api"
    }


def _address(place: _Place, known: _Place | None) -> Address:
    """Its URL, or https and the first name or number of it; nothing of a password but that one stands there."""
    given = place.mapping("address")
    found = {kind: each[0] for kind, each in given.items() if isinstance(each, list) and each}
    base = found.get("url") or next((found[kind] for kind in ("dname", "ipv4", "ipv6") if found.get(kind)), "")
    if not isinstance(base, str) or len(base) > LONGEST:
        place.wrong("address", "It is not a text.")
    if base and "://" not in base:
        port = place.port("port")
        base = f"https://{f'[{base}]' if ':' in base else base}{f':{port}' if port else ''}"
    if known is None:
        return Address(base=base)
    bare = any(known.has(field) for field in ("password", "token", "access_token", "private_key"))
    user = known.text("user_id") or known.text("username") if known.text("type") in ("http-basic", "user-auth") else ""
    return Address(
        base=base, user=user, secret=known.text("kms_key_identifier") if known.flag("kms") else "", bare=bare
    )


def _variables(whole: _Place) -> Iterator[Variable]:
    for name, each in whole.children("playbook_variables"):
        if not _VARIABLE.fullmatch(name):
            each.wrong("", "The name of a variable begins and ends with two underscores (10.18).")
        yield Variable(
            name=name,
            kind=each.word("type"),
            value=each.text("value", null=True),
            description=each.text("description"),
            external=each.flag("external"),
        )


def _steps(whole: _Place, names: Mapping[str, str], addresses: Mapping[str, Address]) -> dict[str, Step]:
    found: dict[str, Step] = {}
    for key, place in whole.children("workflow"):
        if not _ID.fullmatch(key):
            place.wrong("", "The key of a step is an id of the form type--UUID (10.10).")
        if len(found) == MOST_STEPS:
            whole.wrong("workflow", f"It has more than {MOST_STEPS} steps.")
        found[key] = _step(key, place, names, addresses)
    for key, step in found.items():
        for way, other in step.nexts:
            if other not in found:
                whole.wrong(f"workflow.{key}", f"It goes on ({way}) to a step that is not there: {other}")
    return found


def _step(key: str, place: _Place, names: Mapping[str, str], addresses: Mapping[str, Address]) -> Step:
    word = place.word("type")
    if word not in set(StepKind):
        place.wrong("type", f"“{word[:40]}” is no type of a step (4).")
    kind = StepKind(word)
    for field in _BRANCHING.get(kind, ()):
        place.word(field)
    agent = place.id("agent") if kind is StepKind.ACTION else ""
    targets = place.ids("targets") if kind is StepKind.ACTION else ()
    commands = tuple(map(_command, place.places("commands"))) if kind is StepKind.ACTION else ()
    if kind is StepKind.ACTION and not 0 < len(commands) <= MOST_COMMANDS:
        place.wrong("commands", f"One to {MOST_COMMANDS} commands are to stand there.")
    return Step(
        id=key,
        kind=kind,
        name=place.text("name"),
        description=place.text("description"),
        condition=place.text("switch" if kind is StepKind.SWITCH else "condition"),
        commands=commands,
        agent=names.get(agent, agent),
        targets=tuple(names.get(each, each) for each in targets),
        playbook=place.id("playbook_id", "playbook") if kind is StepKind.PLAYBOOK else "",
        delay_ms=place.amount("delay"),
        timeout_ms=place.amount("timeout"),
        nexts=tuple(_ways(kind, place)),
        addresses=tuple(addresses[each] for each in (*targets, agent) if each in addresses)[: len(targets) or 1],
        third=_is_third(place),
        outs=tuple(each for each in place.words("out_args") if _VARIABLE.fullmatch(each))[:MOST_COMMANDS],
    )


def _is_third(place: _Place) -> bool:
    said = place.mapping("step_extensions").get(ACTING)
    return isinstance(said, dict) and said.get("third_party") is True


def _ways(kind: StepKind, place: _Place) -> Iterator[tuple[str, str]]:
    """Where it goes on: branches first, since what follows a step comes when they have ended."""
    if kind is StepKind.PARALLEL:
        branches = place.ids("next_steps")
        if not branches:
            place.wrong("next_steps", "It is missing.")
        yield from (("branch", each) for each in branches)
    if kind is StepKind.SWITCH:
        place.word("switch")
        cases = place.mapping("cases")
        if not cases:
            place.wrong("cases", "It is missing.")
        for case, other in cases.items():
            if not isinstance(other, str) or not _ID.fullmatch(other):
                place.wrong(f"cases.{case[:80]}", "It is no id of a step.")
            yield f"case {case[:200]}", other
    inner = kind in (StepKind.IF, StepKind.WHILE)
    for field, way in sorted(_WAYS, key=lambda each: each[1] not in ("true", "false")):
        if (field in ("on_true", "on_false") and not inner) or not place.has(field):
            continue
        yield way, place.id(field)


def _command(place: _Place) -> Command:
    kind = place.word("type")
    return Command(
        kind=kind,
        text=place.text("command") or _unpacked(place, "command_b64"),
        description=place.text("description"),
        headers=tuple(_headers(place)) if kind in REQUESTS else (),
        content=(place.text("content") or _unpacked(place, "content_b64")) if kind in REQUESTS else "",
    )


def _headers(place: _Place) -> Iterator[tuple[str, str]]:
    for name, values in place.mapping("headers").items():
        for value in values if isinstance(values, list) else [values]:
            if not isinstance(value, str) or len(value) > LONGEST or any(sign in name + value for sign in "\r\n\0"):
                place.wrong(f"headers.{name[:80]}", "It is no header of one line.")
            yield name, value


def _unpacked(place: _Place, field: str) -> str:
    packed = place.text(field)
    try:
        return b64decode(packed, validate=True).decode("utf-8", "replace")
    except binascii.Error as error:
        place.wrong(field, f"It is not base64: {error}")


def write_manual(
    playbook_id: str, *, name: str, description: str, types: tuple[str, ...], author: str, at: Instant, steps: list[str]
) -> bytes:
    """A playbook of manual steps, one after the other: what somebody has written down in a form.

    `author` is our STIX identity; a step's first line is its name, and all of it what is to be done.
    """
    seed = UUID(playbook_id.partition("--")[2])
    person = f"individual--{uuid5(seed, 'person')}"
    keys = [f"start--{uuid5(seed, 'start')}"]
    keys += [f"action--{uuid5(seed, str(number))}" for number in range(len(steps))]
    end = f"end--{uuid5(seed, 'end')}"
    workflow: dict[str, object] = {keys[0]: {"type": "start", "on_completion": [*keys, end][1]}}
    for number, text in enumerate(steps, 1):
        workflow[keys[number]] = {
            "type": "action",
            "name": text.partition("\n")[0][:200],
            "commands": [{"type": "manual", "command": text}],
            "agent": person,
            "on_completion": [*keys, end][number + 1],
        }
    workflow[end] = {"type": "end"}
    made = {
        "type": "playbook",
        "spec_version": "cacao-2.0",
        "id": playbook_id,
        "name": name,
        "description": description,
        "playbook_types": list(types),
        "created_by": author,
        "created": format_instant(at),
        "modified": format_instant(at),
        "workflow_start": keys[0],
        "workflow": workflow,
        "agent_definitions": {person: {"type": "individual", "name": "Whoever works the case"}},
    }
    return msgspec.json.encode({key: value for key, value in made.items() if value not in ("", [])})
