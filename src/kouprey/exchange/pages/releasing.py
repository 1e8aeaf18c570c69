"""Approvals: what waits for somebody's word before it goes to partners, and what became of the rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from kouprey.agreements.service import Agreements
from kouprey.exchange.model.releasing import Approval, Spoken
from kouprey.exchange.pages.citing import Citing
from kouprey.exchange.pages.listing import object_url
from kouprey.exchange.pages.naming import Named, Names, bodies, name_objects, reader_of, spoken_titles
from kouprey.exchange.pages.reading import plainly, type_name
from kouprey.exchange.pages.released import ROLES, STATES
from kouprey.exchange.service import Exchange
from kouprey.exchange.wire.references import references
from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import _, in_words, ngettext
from kouprey.kernel.web.request import Request
from kouprey.kernel.web.session import Undo
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.decision import Reader, Reason
from kouprey.kernel.words.errors import KoupreyError
from kouprey.kernel.words.time import wall_clock
from kouprey.people.model import Permission, roles_with
from kouprey.people.service import People

PATH = "/approvals"
SHOWN = 50
"""Approvals of one kind on the page."""
_REFERENCES = 5
"""References of one thing that are named."""
_MOST_NAMED = 300


@dataclass(frozen=True)
class Row:
    """One approval as it is shown: `hinder` is why this reader's word does not count, None when it is waited for."""

    approval: Approval
    title: str
    url: str
    agreement: str
    parties: list[str]
    asked_by: str
    voices: list[str]
    lacks: list[str]
    refers: list[Named]
    more: int
    hinder: Reason | None
    mine: bool
    """Whether this reader has spoken, and may take it back."""


def doors(services: Services) -> list[Door]:
    """The queue and what is said in it."""
    desk, roles = _Desk(services), roles_with(Permission.RELEASE)
    acts: dict[str, Callable[[Request], Response]] = {
        "release": desk.release,
        "decline": desk.decline,
        "take-back": desk.take_back,
        "review": desk.review,
    }
    return [
        page(PATH, desk.show, roles=roles),
        *(page(f"{PATH}/{verb}", act, "POST", roles=roles) for verb, act in acts.items()),
    ]


class _Desk:
    """What the queue asks of the services."""

    def __init__(self, services: Services) -> None:
        self._exchange = services.get(Exchange)
        self._people = services.get(People)
        self._agreements = services.get(Agreements)

    def show(self, request: Request) -> Response:
        who = reader_of(request)
        waiting = self._exchange.list_approvals(who, limit=SHOWN + 1)
        unreviewed = self._exchange.list_unreviewed(who, limit=SHOWN)
        settled = self._exchange.list_settled(who, limit=SHOWN)
        rows = self._rows(who, waiting[:SHOWN])
        return request.render(
            "exchange/approvals.html",
            mine=[row for row in rows if row.hinder is None],
            others=[row for row in rows if row.hinder is not None],
            more=len(waiting) > SHOWN,
            unreviewed=self._rows(who, unreviewed, refers=False),
            settled=self._rows(who, settled, refers=False),
            now=wall_clock(),
            states=STATES,
            me=who.name,
            person=Names(self._people).person,
            path=PATH,
            object_url=object_url,
            cite=Citing(self._people),
            plain=plainly,
            type_name=type_name,
        )

    def _rows(self, who: Reader, approvals: Sequence[Approval], *, refers: bool = True) -> list[Row]:
        names = Names(self._people)
        titles = {key: plainly(each.title) for key, each in self._agreements.standings().items()}
        held = bodies(self._exchange, who, [each.stix_id for each in approvals])
        spoken = spoken_titles(self._exchange, who, held)
        wanted = {
            stix_id: [each for each in references(value) if each != stix_id]
            for stix_id, value in held.items()
            if refers
        }
        named = self._named(who, wanted)
        hinders = self._exchange.hinders([each for each in approvals if each.state == "waiting"], who.name)
        made = []
        for each in approvals:
            listed = wanted.get(each.stix_id, [])
            shown = [named[ref] for ref in listed if ref in named and named[ref].seen][:_REFERENCES]
            made.append(
                Row(
                    approval=each,
                    title=spoken.get(each.stix_id) or plainly(each.title) or each.stix_id,
                    url=object_url(each.stix_id),
                    agreement=titles.get(each.agreement, each.agreement),
                    parties=[names.party(party) for party in each.parties],
                    asked_by=names.person(each.asked_by),
                    voices=[names.person(voice.person) for voice in each.voices],
                    lacks=[f"{lack.persons} × {_(ROLES[lack.role])}" for lack in each.lacks],
                    refers=shown,
                    more=max(0, len(listed) - len(shown)),
                    hinder=hinders.get(each.id),
                    mine=any(voice.person == who.name for voice in each.voices)
                    or (each.state in ("declined", "withdrawn") and each.ended_by == who.name),
                )
            )
        return made

    def _named(self, who: Reader, wanted: dict[str, Any]) -> dict[str, Named]:
        ids = dict.fromkeys(ref for refs in wanted.values() for ref in refs[: _REFERENCES * 2])
        return name_objects(self._exchange, who, list(ids)[:_MOST_NAMED])

    def release(self, request: Request) -> Response:
        return self._act(
            request, lambda who, ids: self._exchange.release(who, ids, by=who.name), _("Your word is kept."), undo=True
        )

    def decline(self, request: Request) -> Response:
        because = request.field("because")
        return self._act(
            request,
            lambda who, ids: self._exchange.decline(who, ids, because=because, by=who.name),
            _("It does not go, and the reason is kept."),
            undo=True,
        )

    def take_back(self, request: Request) -> Response:
        return self._act(
            request,
            lambda who, ids: self._exchange.take_back(who, ids, by=who.name),
            _("Your word is taken back. It waits again."),
        )

    def review(self, request: Request) -> Response:
        text = request.field("text")
        return self._act(
            request,
            lambda who, ids: self._exchange.review(who, ids, text=text, by=who.name),
            _("The review is kept."),
        )

    def _act(
        self, request: Request, act: Callable[[Reader, Sequence[str]], list[Spoken]], said: str, *, undo: bool = False
    ) -> Response:
        who = reader_of(request)
        ids = _ids(request)
        try:
            spoken = act(who, ids)
        except KoupreyError as error:
            return request.redirect(PATH, in_words(error), "bad")
        left = [each for each in spoken if each.state in ("left", "barred")]
        done = [each for each in spoken if each.state not in ("left", "barred")]
        sent = sum(each.state == "sent" for each in done)
        parts = []
        if done:
            parts.append(said)
        if sent and undo:
            parts.append(ngettext("%(n)s is sent.", "%(n)s are sent.", sent) % {"n": sent})
        if left:
            parts.append(ngettext("%(n)s does not go:", "%(n)s do not go:", len(left)) % {"n": len(left)})
            parts += dict.fromkeys(" ".join(map(Citing(self._people).in_words, each.because[:3])) for each in left)
        back = [each.id for each in done if each.state in ("waiting", "declined", "withdrawn")]
        again = Undo(f"{PATH}/take-back", {"ids": " ".join(back)}) if undo and back and len(back) <= SHOWN else None
        return request.redirect(PATH, " ".join(parts), "good" if done and not left else "warn", undo=again)


def _ids(request: Request) -> list[str]:
    """What was marked, one field for each; what is undone comes in one field."""
    return [word for value in request.fields.getlist("ids") if isinstance(value, str) for word in value.split()]
