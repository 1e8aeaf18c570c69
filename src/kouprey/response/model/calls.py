"""Requests that a step of a strategy is made of, and what came of them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from kouprey.kernel.words.time import Instant


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """A request over HTTP as a task keeps it from the day it was made: nobody's later version changes it.

    `secret` is the name of a secret of this node, sent as a password of `user`, or alone as a bearer token where there
    is none (CACAO 2.0, 6: `kms_key_identifier`). `timeout_ms` is what the author wrote, 0 for nothing. `third`: it acts
    on third parties, and two persons are needed. `barred` says why it can never be sent, "" where it can. `outs` are
    variables that its answer says something of.
    """

    method: str = ""
    url: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    content: str = ""
    user: str = ""
    secret: str = ""
    timeout_ms: int = 0
    third: bool = False
    barred: str = ""
    outs: tuple[str, ...] = ()


class Reach(msgspec.Struct, frozen=True, kw_only=True):
    """Whom steps may call: hosts as HOST:PORT, and those of third parties, which need two persons."""

    hosts: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """What leaves, letter for letter; a secret stands in it as its name between « and ».

    `digest` is the SHA-256 of all of it, hexadecimal: what somebody saw is what is sent.
    """

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    content: str
    digest: str


class CallState(StrEnum):
    """How far a request is. `asked` waits for a second person; `sent` has left and nothing came back yet."""

    ASKED = "asked"
    DECLINED = "declined"
    SENT = "sent"
    ANSWERED = "answered"
    FAILED = "failed"


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One time that somebody wanted a request to be sent; `call` is its place among those of the task, from 0.

    `values` fill its variables. `released_by` is the second person, "" for none; `sent_at` and `ended_at` are 0 until
    then. Of an answer `status` and `evidence` (the item that keeps it); of a failure `error`, and `left`: whether
    anything may have reached the other side. `outputs`: variables, and what the answer says of them.
    """

    id: str
    case: str
    item: str
    call: int
    state: CallState
    sent: Sent
    values: Mapping[str, str] = {}
    asked_by: str = ""
    asked_at: Instant = 0
    released_by: str = ""
    sent_at: Instant = 0
    ended_at: Instant = 0
    status: int = 0
    evidence: str = ""
    error: str = ""
    left: bool = False
    outputs: Mapping[str, str] = {}
