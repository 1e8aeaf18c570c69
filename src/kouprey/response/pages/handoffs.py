"""What partners ask of us, what we asked of them, and the course of one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from kouprey.agreements.service import Agreements
from kouprey.exchange.service import Exchange
from kouprey.federation.service import Federation
from kouprey.kernel.web.door import MIB, Door, page
from kouprey.kernel.web.language import _, in_words
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Damaged, KoupreyError
from kouprey.kernel.words.time import SECOND, Instant
from kouprey.people.model import Permission, roles_with
from kouprey.people.service import People
from kouprey.response.model import Clock, Side, Step, Verb
from kouprey.response.model.contacts import Via
from kouprey.response.model.preserving import Answer
from kouprey.response.pages import directory, handoffpapers, linking, releasing, sealing, words
from kouprey.response.pages.naming import Names, name_refs, plain
from kouprey.response.rules.folding import crossed, questions_open
from kouprey.response.rules.preserving import request_words
from kouprey.response.service import Cases, Contacts, Drills, HandOffs, Line, Told
from kouprey.response.wire.preserving import read_route_lines
from kouprey.response.wire.sealed import LARGEST_FILE

PATH = "/handoffs"
ENDED = 50


@dataclass(frozen=True)
class Row:
    """A hand-off in a list."""

    line: Line
    other: str
    stage: tuple[str, str]
    urgency: tuple[str, str]
    kind: str
    late: bool
    next: str


@dataclass(frozen=True)
class Event:
    """One message as it is shown."""

    who: str
    person: str
    did: str
    icon: str
    tone: str
    at: Instant
    came: Instant
    skew: int
    text: str
    reason: str
    other: str
    number: str
    via: str
    typed: str
    counted: bool
    held: str
    until: Instant
    route: list[str]
    also: str
    files: int


@dataclass(frozen=True)
class Dial:
    """A clock as it is shown: how much of its time is used, and in words how it stands.

    `open`: for how long questions were open, where that is longer than they stopped it; else 0.
    """

    name: str
    clock: Clock
    part: int
    word: str
    tone: str
    open: Instant


def doors(services: Services) -> list[Door]:
    """The list, one, and what may be said."""
    desk = Desk(services)
    reads = roles_with(Permission.READ)
    return [
        page(PATH, desk.show, roles=reads),
        page(f"{PATH}/{{handoff}}", desk.one, roles=reads),
        page(f"{PATH}/{{handoff}}", desk.say, "POST", cap=12 * MIB, part=LARGEST_FILE, roles=reads),
    ]


class Desk:
    """What these pages ask of the services. The same pages show drills, below another path and to other eyes."""

    path = PATH
    exercise = False

    def __init__(self, services: Services) -> None:
        self._handoffs = services.get(HandOffs)
        self._contacts = services.get(Contacts)
        self._people = services.get(People)
        self._agreements = services.get(Agreements)
        self._exchange = services.get(Exchange)
        self._services = services

    def _who(self, request: Request) -> Reader:
        return self._handoffs.speaker(request.reader, request.who.roles)

    def _names(self) -> Names:
        return Names(self._people, self._contacts.names())

    def show(self, request: Request) -> Response:
        who, names = self._who(request), self._names()
        every = self._handoffs
        ended = sorted(
            [*every.list_asked(who, ended=True, limit=ENDED), *every.list_asking(who, ended=True, limit=ENDED)],
            key=lambda line: -line.changed_at,
        )[:ENDED]
        return request.render(
            "response/handoffs.html",
            asked=[self._row(line, names) for line in every.list_asked(who)],
            asking=[self._row(line, names) for line in every.list_asking(who)],
            ended=[self._row(line, names) for line in ended],
            may_ask=every.may_ask(who),
            agreed=bool(every.terms()),
            drills=len(self._services.get(Drills).asked(who)),
            path=self.path,
        )

    def _row(self, line: Line, names: Names) -> Row:
        ours = line.asking == self._people.home_id
        now = self._handoffs.now()
        return Row(
            line=line,
            other=names.party(line.asked if ours else line.asking),
            stage=words.stage(line.stage),
            urgency=(_(words.URGENCIES[line.urgency][0]), words.URGENCIES[line.urgency][1]),
            kind=_(words.KINDS[line.kind]),
            late=not line.ended and 0 < line.due_next < now,
            next=words.next_step(line.stage, ours=ours, exercise=bool(line.exercise), kind=line.kind),
        )

    def one(self, request: Request) -> Response:
        return self._one(request, self._handoffs.get(self._who(request), request.path_params["handoff"]))

    def _one(self, request: Request, held: Told, error: str = "", status: int = 200, **typed: str) -> Response:
        names, asked, dials = self._names(), held.asked, self._dials(held)
        ours = held.side is Side.ASKING
        standing = self._agreements.standings().get(asked.agreement)
        return request.render(
            "response/handoff.html",
            status,
            asked=asked,
            held=held,
            ours=ours,
            title=plain(asked.title),
            # What follows from the fields of a preservation stands beside them already.
            text="" if asked.preserve and asked.text == request_words(asked.preserve) else plain(asked.text),
            other=names.party(asked.asked if ours else asked.asking),
            agreement=plain(standing.title) if standing is not None else asked.agreement,
            stage=words.stage(held.course.stage),
            urgency=(_(words.URGENCIES[asked.urgency][0]), words.URGENCIES[asked.urgency][1]),
            kind=_(words.KINDS[asked.kind]),
            next=words.next_step(
                held.course.stage,
                ours=ours,
                exercise=bool(asked.exercise),
                kind=asked.kind,
                crossed=crossed(asked, held.course),
                late=any(each.clock.name != "report" and each.tone == "bad" for each in dials),
                linked=bool(asked.agreement),
            ),
            dials=dials,
            events=[self._event(step, held, names) for step in reversed(held.course.steps)],
            refs=name_refs(self._exchange, request.reader, asked.refs),
            code=self._handoffs.code_of(asked.id),
            may=[
                (verb, *map(_, words.DO[verb]))
                for verb in releasing.verbs(held)
                if verb in words.DO and not _elsewhere(verb, held)
            ],
            release=releasing.part(self._services, self._who(request), held, names),
            sealed=sealing.part(self._services, self._who(request), held, names),
            may_work=not self.exercise and self._services.get(Cases).may_open(self._who(request)),
            outside={} if self.exercise else linking.part(self._services, self._who(request), held),
            named=self._named(held, names),
            instead=self._instead(self._who(request), held, names) if ours else [],
            competent=directory.answers(
                self._services, self._handoffs.speaker(request.reader, request.who.roles), asked.refs
            ),
            reasons=[("", _("choose")), *((str(key), _(text)) for key, text in words.REASONS.items())],
            others=[("", _("choose")), *self._others(held)],
            forked=[names.party(party) for party in held.course.forked],
            papers=[] if self.exercise else handoffpapers.tongues(),
            error=error,
            typed=typed,
            path=self.path,
        )

    def say(self, request: Request) -> Response:
        who, handoff = self._who(request), request.path_params["handoff"]
        held = self._handoffs.get(who, handoff)
        text = request.field("text", longest=20_000)
        try:
            try:
                verb = Verb(request.field("verb", longest=40))
            except ValueError:
                raise Damaged("It is not clear what is meant.", remedy="Choose what to say.", code="bad-verb") from None
            other = request.field("other", longest=200)
            if verb is Verb.REROUTE:
                made = self._handoffs.reroute(who, handoff, other, text=text)
                return request.redirect(f"{self.path}/{made.id}", _("Somebody else is asked now; the first was told."))
            self._handoffs.say(
                who,
                handoff,
                verb,
                text=text,
                reason=request.field("reason", longest=60) if verb is Verb.DECLINE else "",
                other=other if verb is Verb.DECLINE else "",
                number=request.field("number", longest=80),
                via="phone" if verb is Verb.HEARD else "",
                items=sealing.handed_in(request),
                answer=Answer(route=read_route_lines(request.field("route", longest=4_000))),
            )
        except KoupreyError as error:
            said = in_words(error)
            return self._one(request, held, said, 400, verb=request.field("verb", longest=40), text=text)
        return request.redirect(f"{self.path}/{handoff}", _("It is on its way."))

    def _instead(self, who: Reader, held: Told, names: Names) -> list[tuple[str, str]]:
        """Of what we gave to somebody else: the new requests, which bear its title, each with whom it asks."""
        if not held.course.ended:
            return []
        asked, every = held.asked, self._handoffs
        lines = [*every.list_asking(who), *every.list_asking(who, ended=True)]
        alike = [line for line in lines if line.title == asked.title and line.at >= asked.at and line.id != asked.id]
        found = (every.get(who, line.id).asked for line in alike[:ENDED])
        return [(each.id, names.party(each.asked)) for each in found if each.instead_of == asked.id]

    def _named(self, held: Told, names: Names) -> tuple[str, str] | None:
        """The party that is competent, as the one we asked has said, where it can be asked by one click."""
        if held.side is not Side.ASKING or Verb.REROUTE not in held.may:
            return None
        others = {party for party, _name in self._others(held)}
        said = [step.message.other for step in held.course.steps if step.message.verb is Verb.DECLINE]
        return next(((party, names.party(party)) for party in reversed(said) if party in others), None)

    def _dials(self, held: Told) -> list[Dial]:
        now, opened, made = self._handoffs.now(), questions_open(held.course), []
        for clock in held.course.clocks:
            stopped = held.stopped if clock.name != "acknowledge" else 0
            end = clock.met or clock.frozen or now - stopped
            whole = max(clock.due - held.asked.at, 1)
            part = min(100, max(0, (end - held.asked.at) * 100 // whole))
            word, tone = words.standing(clock, held.asked.at, now, stopped)
            made.append(
                Dial(
                    _(words.CLOCKS[clock.name]),
                    clock,
                    part,
                    _(word),
                    tone,
                    opened if clock.paused and opened > clock.paused else 0,
                )
            )
        return made

    def _event(self, step: Step, held: Told, names: Names) -> Event:
        message = step.message
        did, icon, tone = words.did(message)
        came = held.came.get(message.id, 0)
        skew = abs(came - message.at) // SECOND if message.id not in held.sent and came else 0
        return Event(
            who=names.party(message.author),
            person=plain(message.person or names.person(held.by.get(message.id, ""))),
            did=_(did),
            icon=icon,
            tone=tone if step.counted or message.basis else "idle",
            at=message.at,
            came=came,
            skew=skew,
            text=plain(message.text) if message.verb is not Verb.REQUEST else "",
            reason=_(words.REASONS[message.reason]) if message.verb is Verb.DECLINE else "",  # type: ignore[index]  # it was read
            other=names.party(message.other) if message.other else "",
            number=plain(message.number),
            via=_(words.VIAS[message.via]) if message.via in words.VIAS else "",
            typed=_typist(held.by.get(message.id, ""), names) if message.via in (Via.PHONE, Via.MAIL) else "",
            counted=step.counted or bool(message.basis),
            held=self._confirmed(held.sent.get(message.id, 0)),
            until=message.until,
            route=[f"{plain(each.provider)} ({each.state})" for each in message.route],
            also=plain(message.also_person),
            files=len(message.items),
        )

    def _confirmed(self, publication: int) -> str:
        """Of what we said: whether the partner's node has confirmed that it holds it."""
        if not publication:
            return ""
        place = self._services.get(Federation).ledger.find_places([publication]).get(publication)
        return "yes" if place is not None and place.confirmed else "no"

    def _others(self, held: Told) -> list[tuple[str, str]]:
        """Whom else it could be asked: parties of agreements that allow the kind, or, of who is asked, all we know."""
        names, home = Names(self._people), self._people.home_id
        parties: set[str] = set()
        if held.side is Side.ASKING:
            for standing, term in self._handoffs.terms():
                if term.kind == held.asked.kind:
                    parties |= set(standing.parties)
        else:
            parties = {each.id for each in self._people.list_parties()}
        parties -= {home, *held.asked.parties}
        return [(party, names.party(party)) for party in sorted(parties)]


def _elsewhere(verb: Verb, held: Told) -> bool:
    """Where the other side has no node, what they told is written down as theirs, and not as something we heard."""
    return verb is Verb.HEARD and not held.asked.agreement


def _typist(by: str, names: Names) -> str:
    return names.person(by) if by else ""


__all__: list[Any] = ["PATH", "Desk", "doors"]
