"""Endpoints about what two persons release, what an emergency owes, and the date that answers a preservation."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct

from kouprey.kernel.web.api import Asked, Time, api, time_of
from kouprey.kernel.web.door import MIB, Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words import decision
from kouprey.kernel.words.capability import Services
from kouprey.people.model import Permission, roles_with
from kouprey.response.api.handoffshapes import Short, Text, Trail, Whole, hops_of, whole
from kouprey.response.model import Verb
from kouprey.response.model.releasing import Word
from kouprey.response.service import HandOffs, Preserving, Releasing, Said
from kouprey.response.wire.preserving import read_route, read_until
from kouprey.response.wire.sealed import read_file

ONE = "/handoffs/{handoff}"


class NewWord(Asked, frozen=True, kw_only=True):
    """What would be said once a second person has given their word; `items` as in a message."""

    verb: Verb
    text: Text = ""
    number: Short = ""
    items: Annotated[tuple[bytes, ...], Meta(max_length=10)] = ()


class OneWord(Struct, kw_only=True):
    """A word: `waiting` for the second, `given` by both, or `taken-back`. `second_at` is "" while it waits.

    `roles` are those whose words it needs; `message` is what left, "" while nothing has. `items` names the SHA-256 of
    each sealed file in it.
    """

    id: str
    state: str
    verb: str
    text: str
    items: tuple[str, ...]
    roles: tuple[str, ...]
    first: str
    first_role: str
    first_at: Time
    second: str
    second_role: str
    second_at: str
    message: str


class WordList(Struct, kw_only=True):
    """Words of a hand-off, the newest first."""

    words: tuple[OneWord, ...]


class NewBasis(Asked, frozen=True, kw_only=True):
    """The legal basis of what was asked for in an emergency."""

    basis: Text


class NewAnswer(Asked, frozen=True, kw_only=True):
    """Until when it is preserved (an instant, a day, or "" for the usual time), and where the trail leads on."""

    until: Short = ""
    route: Annotated[tuple[Trail, ...], Meta(max_length=10)] = ()


class Longer(Asked, frozen=True, kw_only=True):
    """Until when it is asked to be preserved, and why."""

    until: Short
    text: Text = ""


class Preservation(Struct, kw_only=True):
    """How a preservation stands: until when, what was asked last, and the objects under a hold that you may see.

    `usual_days` and `cites` say for how long it is where nobody says otherwise, and which text says so.
    """

    until: str
    longer: str
    held: tuple[str, ...]
    usual_days: int
    cites: str
    review_by: str


def doors(services: Services) -> list[Door]:
    """The endpoints."""
    desk = _Desk(services)
    word = {"unknown-word": 404, "word-gone": 409, "no-person": 403, "role-missing": 403}
    first = {**word, "one-is-enough": 409, "bad-item": 400, "other-readers": 409, "not-now": 409}
    second = {**word, "same-person": 409, "first-word-lapsed": 409}
    owed = {"no-basis-owed": 409, "no-basis": 400, "role-missing": 403}
    dated = {"not-preserving": 409, "not-now": 409, "role-missing": 403, "bad-until": 400}
    give = "Give the first word to what two persons release; nothing leaves by it."
    say = "Answer a request to preserve by a date, and by nothing else."
    file = "File the legal basis of what was asked for in an emergency."
    return [
        _get("words", desk.words, WordList, "Who has given a word to what, and what waits for a second one."),
        _post("words", desk.give, NewWord, OneWord, first, give),
        _post("words/{word}/second", desk.second, None, Whole, second, "Give the second word: it is said."),
        _post("words/{word}/back", desk.back, None, OneWord, word | {"not-your-word": 403}, "Take a first word back."),
        _post("basis", desk.basis, NewBasis, Whole, owed, file),
        _get("preservation", desk.preservation, Preservation, "Until when it is preserved, and what is held for it."),
        _post("preserved", desk.preserved, NewAnswer, Whole, dated | {"bad-route": 400}, say),
        _post("longer", desk.longer, Longer, Whole, dated, "Ask for a longer preservation."),
    ]


_TOLD: dict[str, Any] = {"group": "Hand-offs", "roles": roles_with(Permission.READ)}
_GONE = {"unknown-handoff": 404}


def _get(path: str, call: Any, gives: Any, summary: str) -> Door:
    return api("GET", f"{ONE}/{path}", call, gives=gives, fails=_GONE, summary=summary, **_TOLD)


def _post(path: str, call: Any, takes: Any, gives: Any, fails: dict[str, int], summary: str) -> Door:
    where = f"{ONE}/{path}"
    how: dict[str, Any] = {"takes": takes} if takes is not None else {}
    how |= {"gives": gives, "fails": _GONE | fails, "does": (f"POST {where}",), "summary": summary, "status": 201}
    return api("POST", where, call, cap=2 * MIB, **how, **_TOLD)


class _Desk:
    def __init__(self, services: Services) -> None:
        self._handoffs = services.get(HandOffs)
        self._releasing = services.get(Releasing)
        self._preserving = services.get(Preserving)

    @staticmethod
    def _who(request: Request) -> decision.Reader:
        return HandOffs.speaker(request.reader, request.who.roles)

    def words(self, request: Request) -> WordList:
        found = self._releasing.list(self._who(request), request.path_params["handoff"])
        return WordList(words=tuple(map(_word, found)))

    def give(self, request: Request, asked: NewWord) -> OneWord:
        words = Said(asked.verb, asked.text, number=asked.number, items=tuple(map(read_file, asked.items)))
        return _word(self._releasing.give(self._who(request), request.path_params["handoff"], words))

    def second(self, request: Request) -> Whole:
        at = request.path_params
        return whole(self._releasing.second(self._who(request), at["handoff"], at["word"]), self._handoffs)

    def back(self, request: Request) -> OneWord:
        at = request.path_params
        return _word(self._releasing.take_back(self._who(request), at["handoff"], at["word"]))

    def basis(self, request: Request, asked: NewBasis) -> Whole:
        who, handoff = self._who(request), request.path_params["handoff"]
        return whole(self._releasing.file_basis(who, handoff, asked.basis), self._handoffs)

    def preservation(self, request: Request) -> Preservation:
        who, handoff = self._who(request), request.path_params["handoff"]
        course, period = self._handoffs.get(who, handoff).course, self._preserving.period()
        return Preservation(
            until=time_of(course.until) if course.until else "",
            longer=time_of(course.longer) if course.longer else "",
            held=tuple(stix_id for stix_id, _ in self._preserving.held(who, handoff)),
            usual_days=period.days,
            cites=period.cites,
            review_by=period.review_by,
        )

    def preserved(self, request: Request, asked: NewAnswer) -> Whole:
        who, handoff = self._who(request), request.path_params["handoff"]
        route = read_route(hops_of(asked.route))
        return whole(self._preserving.answer(who, handoff, read_until(asked.until), route), self._handoffs)

    def longer(self, request: Request, asked: Longer) -> Whole:
        who, handoff = self._who(request), request.path_params["handoff"]
        return whole(self._preserving.extend(who, handoff, read_until(asked.until), asked.text), self._handoffs)


def _word(word: Word) -> OneWord:
    return OneWord(
        id=word.id,
        state=str(word.state),
        verb=str(word.proposed.verb),
        text=word.proposed.text,
        items=tuple(each.sha256 for each in word.proposed.items),
        roles=word.proposed.roles,
        first=word.first,
        first_role=word.first_role,
        first_at=time_of(word.first_at),
        second=word.second,
        second_role=word.second_role,
        second_at=time_of(word.second_at) if word.second_at else "",
        message=word.message,
    )
