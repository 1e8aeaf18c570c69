"""Verbs of response."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import msgspec

from kouprey.federation.service import Eraser, Receiver
from kouprey.kernel.storage import outbox
from kouprey.kernel.storage.engine import Store
from kouprey.kernel.words.capability import Job, Services
from kouprey.response.facts import CaseActed, ClockNeared, HandOffCame, WordGiven
from kouprey.response.rules.outside import heads_of, numbers_of
from kouprey.response.service.calling import Calling
from kouprey.response.service.casereports import CaseReports
from kouprey.response.service.cases import Cases
from kouprey.response.service.casetemplates import CaseTemplates
from kouprey.response.service.competence import Answer, Competence
from kouprey.response.service.contacts import Contacts, Opened, nothing_here
from kouprey.response.service.directory import Directory
from kouprey.response.service.drills import Drills
from kouprey.response.service.dutyreports import Duties
from kouprey.response.service.handoffpapers import HandOffPapers
from kouprey.response.service.handoffs import HandOffs, Line, Said, Told
from kouprey.response.service.noticehook import NoticeHook
from kouprey.response.service.noticemail import NoticeMail
from kouprey.response.service.notices import Notices
from kouprey.response.service.outcomes import Outcomes
from kouprey.response.service.outside import Words, told_by
from kouprey.response.service.preserving import Preserving
from kouprey.response.service.proven import Proving
from kouprey.response.service.releasing import Releasing
from kouprey.response.service.reports import Reports
from kouprey.response.service.roster import Roster, zone_of
from kouprey.response.service.sealing import Sealing
from kouprey.response.service.situation import Situations
from kouprey.response.service.strategies import Strategies
from kouprey.response.service.tickets import Tickets
from kouprey.response.wire import MEDIA_TYPE
from kouprey.response.wire.profiles import MEDIA_TYPE as PROFILE_MEDIA_TYPE


def receives(services: Services) -> Mapping[str, Receiver]:
    """Entries that carry a message of a hand-off, or the profile of a team."""
    return {MEDIA_TYPE: services.get(HandOffs).apply, PROFILE_MEDIA_TYPE: services.get(Directory).apply}


def erases(services: Services) -> Eraser:
    """The words of what a partner said, there or of itself, go when he asks for it."""
    handoffs, directory = services.get(HandOffs), services.get(Directory)

    def erase(origin: str, author: str, indices: Sequence[int]) -> Collection[int]:
        directory.erase_received(origin, author, indices)
        return handoffs.erase_received(origin, author, indices)

    return erase


def listeners(services: Services) -> list[outbox.Listener]:
    """What happens is told to those who want to know."""
    notices = services.get(Notices)

    def on_case(_: Store, body: bytes, fact: int) -> None:
        notices.on_case(msgspec.json.decode(body, type=CaseActed), fact)

    def on_handoff(_: Store, body: bytes, fact: int) -> None:
        notices.on_handoff(msgspec.json.decode(body, type=HandOffCame), fact)

    def on_clock(_: Store, body: bytes, fact: int) -> None:
        notices.on_clock(msgspec.json.decode(body, type=ClockNeared), fact)

    def on_word(_: Store, body: bytes, fact: int) -> None:
        notices.on_word(msgspec.json.decode(body, type=WordGiven), fact)

    return [
        outbox.Listener("response.notices.word", outbox.fact_name(WordGiven), on_word),
        outbox.Listener("response.notices.case", outbox.fact_name(CaseActed), on_case),
        outbox.Listener("response.notices.handoff", outbox.fact_name(HandOffCame), on_handoff),
        outbox.Listener("response.notices.clock", outbox.fact_name(ClockNeared), on_clock),
    ]


def jobs(services: Services) -> list[Job]:
    """Clocks are looked at, and told of once; profiles go out, drills are measured, reports fetched, answers sent."""
    reports = services.get(Reports)
    return [
        Job("response.clocks", 30.0, services.get(HandOffs).warn),
        Job("response.preserved", 60.0, services.get(Preserving).turn),
        Job("response.bases", 60.0, services.get(Releasing).remind),
        Job("response.directory", 60.0, services.get(Directory).turn),
        Job("response.drills", 30.0, services.get(Drills).turn),
        Job("response.duties", 30.0, services.get(Duties).warn),
        Job("response.tickets", 10.0, services.get(Tickets).turn),
        Job("response.folder", 5.0, reports.take_folder),
        Job("response.mailbox", 20.0, reports.take_box),
        Job("response.answers", 10.0, reports.post),
    ]


__all__ = [
    "Answer",
    "Calling",
    "CaseReports",
    "CaseTemplates",
    "Cases",
    "Competence",
    "Contacts",
    "Directory",
    "Drills",
    "Duties",
    "HandOffPapers",
    "HandOffs",
    "Line",
    "NoticeHook",
    "NoticeMail",
    "Notices",
    "Opened",
    "Outcomes",
    "Preserving",
    "Proving",
    "Releasing",
    "Reports",
    "Roster",
    "Said",
    "Sealing",
    "Situations",
    "Strategies",
    "Tickets",
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
    "zone_of",
]
