"""Whether a request of a step may leave: who lets it, to which machine, in which case; and when two persons must."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from kouprey.kernel.words.tlp import PAP
from kouprey.response.model.calls import Attempt, CallState, Reach
from kouprey.response.model.cases import Case
from kouprey.response.rules.rights import DUTY, LAWFUL, LEADING

LONGEST_S = 60.0
"""Seconds that one request may take, whatever its author wrote."""
USUAL_S = 30.0
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class Bar(NamedTuple):
    """Why nothing is sent, and what to do about it."""

    code: str
    what: str
    why: str
    remedy: str


def may_send(roles: Collection[str]) -> bool:
    """Whether somebody with these roles lets a request leave, on a track that they write on."""
    return not (DUTY | LAWFUL).isdisjoint(roles)


def may_release(roles: Collection[str]) -> bool:
    """Whether somebody with these roles is a second person for what acts on third parties."""
    return not (LEADING | LAWFUL).isdisjoint(roles)


def seconds_for(timeout_ms: int) -> float:
    """How long it may take: what its author wrote, or `USUAL_S`, and never more than `LONGEST_S`."""
    return min(timeout_ms / 1000, LONGEST_S) if timeout_ms else USUAL_S


def is_third(host: str, port: int, reach: Reach, *, marked: bool) -> bool:
    """Whether it acts on third parties: its author says so, or the settings of this node do."""
    return marked or _place(host, port) in reach.others


def bar_place(scheme: str, host: str, port: int, reach: Reach) -> Bar | None:
    """Why nothing goes to this machine, None where something may."""
    place = _place(host, port)
    if scheme != "https" and host not in LOOPBACK:
        return Bar(
            "not-https",
            f"Nothing is sent to {place} without TLS.",
            "Only a service on this very machine is called by http.",
            "Mend the playbook: its address begins with https.",
        )
    if place not in reach.hosts | reach.others:
        return Bar(
            "host-not-allowed",
            f"This node may not call {place}.",
            "Requests of playbooks go only to hosts that its settings name.",
            f"Whoever keeps the node adds {place} to playbook_hosts, or to playbook_hosts_of_others.",
        )
    return None


def bar_case(case: Case, *, third: bool) -> Bar | None:
    """Why nothing leaves for this case, None where something may."""
    if case.exercise:
        return Bar(
            "exercise",
            "Nothing is sent in an exercise.",
            "What is called would take it for real.",
            "Play it by hand, and say what came of it.",
        )
    if third and case.pap >= PAP.AMBER:
        return Bar(
            "pap",
            f"Under {case.pap.text} nothing is done to third parties.",
            "They would learn that somebody looks at this.",
            "Do it by hand where its source agrees, or change the marking of the case.",
        )
    return None


def is_waiting(attempt: Attempt, now: int, lease: int) -> bool:
    """Whether it is under way: sent, and still within the time it is given."""
    return attempt.state is CallState.SENT and attempt.sent_at + lease > now


def _place(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
