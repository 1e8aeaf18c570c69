"""The settings of what two persons accept, and of RTIR as the system of record beside this node."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from kouprey.kernel.net.fetch import read_url
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.tlp import parse_tlp
from kouprey.response.model.tickets import Desk
from kouprey.response.rules.releasing import EYED

TICKETS = {
    "four_eyes": "Kinds of hand-offs, with commas between, that two persons accept: `act`, `transfer`, or both.",
    "rtir_url": 'The address of RTIR or RT (5 or newer), above `/REST/2.0`; "" = tickets are links in words alone.',
    "rtir_token_file": "A file with the token by which this node is known there, readable by the node alone.",
    "rtir_queue": "The queue in which tickets are made.",
    "rtir_ceiling": "The highest TLP level of cases whose number and phase RTIR is told.",
    "rtir_title": 'The highest TLP level of cases whose title goes along; "" = no title ever does.',
    "rtir_subjects": "Take the subject lines of what is written in tickets into the case, and not its number alone.",
}
"""Setting -> what it means, for the reference."""
_QUEUE = re.compile(r"[^\x00-\x1f'\"\\]{1,120}")


class Given(Protocol):
    """The settings that are read here."""

    @property
    def four_eyes(self) -> str: ...
    @property
    def rtir_url(self) -> str: ...
    @property
    def rtir_token_file(self) -> str: ...
    @property
    def rtir_queue(self) -> str: ...
    @property
    def rtir_ceiling(self) -> str: ...
    @property
    def rtir_title(self) -> str: ...
    @property
    def rtir_subjects(self) -> bool: ...


def eyed_of(settings: Given) -> tuple[str, ...]:
    """The kinds of hand-offs that two persons accept."""
    return tuple(filter(None, map(str.strip, settings.four_eyes.split(","))))


def desk_of(settings: Given) -> Desk | None:
    """Where tickets are, the token read from its file; None for a node that has no RTIR beside it."""
    if not settings.rtir_url:
        return None
    return Desk(
        url=settings.rtir_url.rstrip("/"),
        token=_read(settings.rtir_token_file),
        queue=settings.rtir_queue,
        ceiling=parse_tlp(settings.rtir_ceiling),
        title=parse_tlp(settings.rtir_title) if settings.rtir_title else None,
        subjects=settings.rtir_subjects,
    )


def ticket_problems(settings: Given) -> Iterator[tuple[str, str]]:
    """(setting, what is wrong with it) for what its type alone allows."""
    for kind in eyed_of(settings):
        if kind not in EYED:
            yield "four_eyes", f"{kind!r} is none of {', '.join(EYED)}."
    for name in ("rtir_ceiling", "rtir_title"):
        try:
            if getattr(settings, name) or name == "rtir_ceiling":
                parse_tlp(getattr(settings, name))
        except (Damaged, ValueError):
            yield name, f"{getattr(settings, name)!r} is no TLP level."
    if not settings.rtir_url:
        return
    try:
        read_url(settings.rtir_url)
    except Damaged as error:
        yield "rtir_url", error.why
    if not _QUEUE.fullmatch(settings.rtir_queue):
        yield "rtir_queue", f"{settings.rtir_queue!r} is no name of a queue."
    try:
        if not settings.rtir_token_file or not _read(settings.rtir_token_file):
            yield "rtir_token_file", "It names no file with a token."
    except (OSError, UnicodeDecodeError) as error:
        yield "rtir_token_file", f"A file cannot be read: {error}."


def _read(file: str) -> str:
    return Path(file).read_text("utf-8").strip()
