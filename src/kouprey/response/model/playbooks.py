"""Playbooks as they are read: what of CACAO Security Playbooks 2.0 (OASIS, CS01, 27 November 2023) is used here."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from kouprey.kernel.words.time import Instant
from kouprey.kernel.words.tlp import TLP
from kouprey.response.model.calls import Call


class StepKind(StrEnum):
    """Types of workflow steps (CACAO 2.0, section 4)."""

    START = "start"
    END = "end"
    ACTION = "action"
    PLAYBOOK = "playbook-action"
    PARALLEL = "parallel"
    IF = "if-condition"
    WHILE = "while-condition"
    SWITCH = "switch-condition"


HTTP, OPENC2 = "http-api", "openc2-http"
REQUESTS = frozenset({HTTP, OPENC2})
"""Commands that are requests over HTTP (section 5)."""


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """What an agent is told to do (section 5): `kind` as it stands, `text` readable, also of what came in base64.

    `headers` and `content` belong to those of `REQUESTS`; other commands have none.
    """

    kind: str
    text: str = ""
    description: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    content: str = ""


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """Where requests of a step go (section 7): `base` is an origin and perhaps a path, "" where none is told.

    `user` and `secret` are of its authentication (section 6). `bare`: a password stands in the playbook itself.
    """

    base: str = ""
    user: str = ""
    secret: str = ""
    bare: bool = False


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One step. `nexts` are the ways out of it, each with its reason: "then", "success", "failure", "true", "false",
    "branch" of parallel ones, or "case X".

    `agent` and `targets` are names; `delay_ms` and `timeout_ms` what the author wrote, 0 for nothing. `addresses` are
    where its requests go; `third` says that it acts on third parties. `outs` are the variables it says something of
    (`out_args`).
    """

    id: str
    kind: StepKind
    name: str = ""
    description: str = ""
    condition: str = ""
    commands: tuple[Command, ...] = ()
    agent: str = ""
    targets: tuple[str, ...] = ()
    playbook: str = ""
    delay_ms: int = 0
    timeout_ms: int = 0
    nexts: tuple[tuple[str, str], ...] = ()
    addresses: tuple[Address, ...] = ()
    third: bool = False
    outs: tuple[str, ...] = ()


class Variable(msgspec.Struct, frozen=True, kw_only=True):
    """A variable of the playbook (section 10.18); `external` ones are asked of whoever runs it."""

    name: str
    kind: str
    value: str = ""
    description: str = ""
    external: bool = False


class Playbook(msgspec.Struct, frozen=True, kw_only=True):
    """A playbook; `sha256` is that of its bytes, which are kept as they came.

    `signees` are whom its signatures name (section 9); this node shows that there are any and verifies none.
    """

    id: str
    name: str
    description: str
    types: tuple[str, ...]
    created_by: str
    created: Instant
    modified: Instant
    revoked: bool
    start: str
    steps: Mapping[str, Step]
    variables: tuple[Variable, ...]
    signees: tuple[str, ...]
    sha256: str


class Run(StrEnum):
    """How a planned piece of work is done: by a person, by a request over HTTP, or by another playbook."""

    PERSON = "person"
    HTTP = "http"
    PLAYBOOK = "playbook"


class Planned(msgspec.Struct, frozen=True, kw_only=True):
    """A task that a step becomes.

    `after` are places (from 0) of the tasks that come before it; `when` the reasons for which it is reached at all, the
    outermost first, () for always. `not_run` names commands that this node never runs, so that a person does.
    `calls` are the requests that a person may let it send. `timeout_ms` is what the author wrote, 0 for nothing.
    `under` is the place of the task whose playbook it is of, None for the playbook itself; `strategy` where that one
    was found, `missing` its id where it is not here. `tlp` is the marking of the strategy that says all this.
    """

    step: str
    title: str
    text: str
    run: Run
    commands: tuple[Command, ...] = ()
    playbook: str = ""
    after: tuple[int, ...] = ()
    when: tuple[str, ...] = ()
    not_run: tuple[str, ...] = ()
    calls: tuple[Call, ...] = ()
    timeout_ms: int = 0
    under: int | None = None
    strategy: str = ""
    missing: str = ""
    tlp: TLP = TLP.CLEAR
