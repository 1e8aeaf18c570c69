"""Verbs of response."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from kouprey.federation.service import Eraser, Receiver
from kouprey.kernel.storage import outbox
from kouprey.kernel.storage.engine import Store
from kouprey.kernel.words.capability import Job, Services
from kouprey.response.facts import CaseActed, ClockNeared, HandOffCame
from kouprey.response.rules.outside import heads_of, numbers_of
from kouprey.response.service.cases import Cases
from kouprey.response.service.contacts import Contacts, Opened, nothing_here
from kouprey.response.service.handoffs import HandOffs, Line, Told
from kouprey.response.service.noticemail import NoticeMail
from kouprey.response.service.notices import Notices
from kouprey.response.service.outcomes import Outcomes
from kouprey.response.service.outside import Words, told_by
from kouprey.response.service.strategies import Strategies
from kouprey.response.wire import MEDIA_TYPE


def receives(services: Services) -> Mapping[str, Receiver]:
    """Entries that carry a message of a hand-off."""
    return {MEDIA_TYPE: services.get(HandOffs).apply}


def erases(services: Services) -> Eraser:
    """The words of what a partner said go when he asks for it."""
    return services.get(HandOffs).erase_received


def listeners(services: Services) -> list[outbox.Listener]:
    """What happens is told to those who want to know."""
    notices = services.get(Notices)

    def on_case(_: Store, body: bytes, fact: int) -> None:
        notices.on_case(msgspec.json.decode(body, type=CaseActed), fact)

    def on_handoff(_: Store, body: bytes, fact: int) -> None:
        notices.on_handoff(msgspec.json.decode(body, type=HandOffCame), fact)

    def on_clock(_: Store, body: bytes, fact: int) -> None:
        notices.on_clock(msgspec.json.decode(body, type=ClockNeared), fact)

    return [
        outbox.Listener("response.notices.case", outbox.fact_name(CaseActed), on_case),
        outbox.Listener("response.notices.handoff", outbox.fact_name(HandOffCame), on_handoff),
        outbox.Listener("response.notices.clock", outbox.fact_name(ClockNeared), on_clock),
    ]


def jobs(services: Services) -> list[Job]:
    """Clocks are looked at; what they have reached is told once."""
    return [Job("response.clocks", 30.0, services.get(HandOffs).warn)]


__all__ = [
    "Cases",
    "Contacts",
    "HandOffs",
    "Line",
    "NoticeMail",
    "Notices",
    "Opened",
    "Outcomes",
    "Strategies",
    "Told",
    "Words",
    "erases",
    "heads_of",
    "jobs",
    "listeners",
    "nothing_here",
    "numbers_of",
    "receives",
    "told_by",
]
