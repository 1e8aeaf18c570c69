"""Preservation and release on the page of a hand-off: a date that answers, words of two persons, the basis owed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.responses import Response

from kouprey.kernel.web.door import MIB, Door, page
from kouprey.kernel.web.language import _, in_words, mark
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Damaged, KoupreyError
from kouprey.kernel.words.time import format_second
from kouprey.people.model import Permission, Role, roles_with
from kouprey.response.model import Course, HandOff, Side, Stage, Verb
from kouprey.response.model.releasing import Word, WordState
from kouprey.response.pages import words
from kouprey.response.pages.naming import Names, plain
from kouprey.response.pages.sealing import handed_in
from kouprey.response.rules.disclosing import CARRIES
from kouprey.response.rules.folding import verbs_for
from kouprey.response.service import HandOffs, Preserving, Releasing, Said, Told
from kouprey.response.wire.preserving import read_route_lines, read_until
from kouprey.response.wire.sealed import LARGEST_FILE

ONE = "/handoffs/{handoff}"
ANSWERED = frozenset({Verb.ACCEPT, Verb.START, Verb.PROGRESS, Verb.REPORT})
"""What the date of a preservation says in their stead on its page."""
STATES = {
    WordState.WAITING: (mark("waits for the second word"), "warn"),
    WordState.GIVEN: (mark("released by two"), "good"),
    WordState.BACK: (mark("taken back"), "idle"),
}
ROLES = {
    str(Role.LEAD): mark("lead"),
    str(Role.LEGAL): mark("legal officer"),
    str(Role.LIAISON): mark("liaison"),
}


def doors(services: Services) -> list[Door]:
    """What is said by two, filed after, or answered by a date."""
    desk = _Desk(services)
    reads: dict[str, Any] = {"roles": roles_with(Permission.READ)}
    return [
        page(f"{ONE}/words", desk.give, "POST", cap=12 * MIB, part=LARGEST_FILE, **reads),
        page(f"{ONE}/words/{{word}}/second", desk.second, "POST", **reads),
        page(f"{ONE}/words/{{word}}/back", desk.back, "POST", **reads),
        page(f"{ONE}/basis", desk.basis, "POST", **reads),
        page(f"{ONE}/preserved", desk.preserved, "POST", **reads),
        page(f"{ONE}/longer", desk.longer, "POST", **reads),
    ]


def part(services: Services, who: Reader, held: Told, names: Names) -> dict[str, Any]:
    """What the page of a hand-off says about preservation, words and the basis."""
    releasing, handoffs = services.get(Releasing), services.get(HandOffs)
    asked, course = held.asked, held.course
    ours = held.side is Side.ASKED
    next_ = verbs_for(course, held.side)
    gives = asked.kind == "disclose" and ours and {Role.LEAD, Role.LEGAL}.intersection(who.roles)
    found = releasing.list(who, asked.id)
    return {
        "preserve": _preservation(services.get(Preserving), who, held) if asked.kind == "preserve" else None,
        "words": [_word(each, who, releasing, names) for each in found],
        "gives": [(str(verb), _(words.DO[verb][0])) for verb in reversed(CARRIES) if verb in next_] if gives else [],
        "two": [str(verb) for verb in held.may if handoffs.two_for(held, Said(verb)) is not None],
        "lacking": course.lacking,
        "owed": bool(asked.ground) and not ours and not _filed(course, asked) and Role.LEGAL in who.roles,
        "ground": plain(asked.ground),
    }


def verbs(held: Told) -> list[Verb]:
    """What may be said next by a form of its own: of a preservation the date stands in for the rest."""
    if held.asked.kind != "preserve":
        return list(held.may)
    instead = ANSWERED if held.side is Side.ASKED else {Verb.CONTEST}
    return [each for each in held.may if each not in instead]


def _filed(course: Course, asked: HandOff) -> bool:
    return bool(asked.basis) or any(step.message.basis for step in course.steps)


def _preservation(preserving: Preserving, who: Reader, held: Told) -> dict[str, Any]:
    course, preserve = held.course, held.asked.preserve
    ours, legal = held.side is Side.ASKED, Role.LEGAL in who.roles
    answers = course.stage in (Stage.REQUESTED, Stage.ACKNOWLEDGED) or Verb.REPORT in verbs_for(course, held.side)
    period = preserving.period()
    return {
        "fields": []
        if preserve is None
        else [
            (name, plain(text))
            for name, text in (
                (_("Authority that seeks it"), preserve.authority),
                (_("Offence, and the facts in short"), preserve.offence),
                (_("Data to preserve, and their link to the offence"), preserve.data),
                (_("Custodian or place"), preserve.custodian),
                (_("Why it is needed"), preserve.necessity),
            )
            if text
        ],
        "until": course.until,
        "longer": course.longer,
        "ours": ours,
        "held": [(stix_id, plain(title)) for stix_id, title in preserving.held(who, held.asked.id)] if ours else [],
        "answers": ours and legal and answers,
        "asks": not ours and legal and Verb.CONTEST in held.may,
        "suggested": format_second(course.longer or preserving.suggested())[:10],
        "cites": period.cites,
    }


def _word(word: Word, who: Reader, releasing: Releasing, names: Names) -> dict[str, Any]:
    state, tone = STATES[word.state]
    second = (names.person(word.second), _(ROLES.get(word.second_role, word.second_role)))
    return {
        "word": word,
        "state": (_(state), tone),
        "verb": _(words.DO[word.proposed.verb][0]),
        "text": plain(word.proposed.text),
        "files": [(each.sha256, each.size) for each in word.proposed.items],
        "first": (names.person(word.first), _(ROLES.get(word.first_role, word.first_role))),
        "second": second if word.second else None,
        "may_second": releasing.may_give(who, word),
        "may_back": word.state is WordState.WAITING and word.first == who.name,
    }


class _Desk:
    def __init__(self, services: Services) -> None:
        self._handoffs = services.get(HandOffs)
        self._releasing = services.get(Releasing)
        self._preserving = services.get(Preserving)

    def give(self, request: Request) -> Response:
        def work(who: Reader, handoff: str) -> str:
            try:
                verb = Verb(request.field("verb", longest=40))
            except ValueError:
                raise Damaged("It is not clear what is meant.", remedy="Choose what to say.", code="bad-verb") from None
            text, number = request.field("text", longest=20_000), request.field("number", longest=80)
            self._releasing.give(who, handoff, Said(verb, text, number=number, items=handed_in(request)))
            return _("Your word is written down. Nothing has left: it waits for the word of a colleague.")

        return self._done(request, work)

    def second(self, request: Request) -> Response:
        def work(who: Reader, handoff: str) -> str:
            self._releasing.second(who, handoff, request.path_params["word"])
            return _("Both words are given. It is on its way.")

        return self._done(request, work)

    def back(self, request: Request) -> Response:
        def work(who: Reader, handoff: str) -> str:
            self._releasing.take_back(who, handoff, request.path_params["word"])
            return _("Your word is taken back. Nothing has left.")

        return self._done(request, work)

    def basis(self, request: Request) -> Response:
        def work(who: Reader, handoff: str) -> str:
            self._releasing.file_basis(who, handoff, request.field("basis", longest=20_000))
            return _("The legal basis is filed. It is on its way.")

        return self._done(request, work)

    def preserved(self, request: Request) -> Response:
        def work(who: Reader, handoff: str) -> str:
            until = read_until(request.field("until", longest=40))
            self._preserving.answer(who, handoff, until, read_route_lines(request.field("route", longest=4_000)))
            return _("They are told until when, and nothing else. What we hold of it is under a legal hold.")

        return self._done(request, work)

    def longer(self, request: Request) -> Response:
        def work(who: Reader, handoff: str) -> str:
            until = read_until(request.field("until", longest=40))
            self._preserving.extend(who, handoff, until, request.field("text", longest=20_000))
            return _("They are asked to preserve it for longer.")

        return self._done(request, work)

    def _done(self, request: Request, work: Callable[[Reader, str], str]) -> Response:
        who, handoff = HandOffs.speaker(request.reader, request.who.roles), request.path_params["handoff"]
        try:
            notice = work(who, handoff)
        except KoupreyError as error:
            if error.http_status == 404:
                raise
            said = in_words(error)
            return request.redirect(f"/handoffs/{handoff}", said, "bad")
        return request.redirect(f"/handoffs/{handoff}", notice)
