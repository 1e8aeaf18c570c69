"""Endpoints for whoever keeps constituents."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET

from kouprey.constituents import model
from kouprey.constituents.api.shapes import (
    Active,
    Called,
    Change,
    Constituent,
    Contact,
    Done,
    Invited,
    Judged,
    Letter,
    Line,
    Listed,
    Made,
    NewConstituent,
    NewContact,
    Person,
    Program,
    Table,
    Theirs,
    Which,
    Whole,
    Wish,
    Written,
)
from kouprey.constituents.service import Constituents
from kouprey.kernel.web.api import api, time_of
from kouprey.kernel.web.door import Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.errors import Damaged, Unknown
from kouprey.kernel.words.time import FOREVER
from kouprey.kernel.words.tlp import TLP, parse_tlp
from kouprey.people import model as people
from kouprey.people.model import Permission, roles_with

ALL = "/constituents"
ONE = f"{ALL}/{{constituent}}"
UNKNOWN = {"unknown-constituent": 404}
BEYOND = {"beyond-own-rights": 403}


def doors(constituents: Constituents) -> list[Door]:
    """The endpoints."""
    desk = _Desk(constituents)
    told: dict[str, Any] = {"group": "Constituents", "roles": roles_with(Permission.PEOPLE)}
    known: dict[str, Any] = told | {"fails": {**UNKNOWN, **BEYOND}}
    bad = {"bad-constituent": 400, "bad-tlp": 400, **BEYOND}
    return [
        api("GET", ALL, desk.list, gives=Listed, does=("GET /constituents",), summary="Whom we host.", **told),
        api(
            "POST",
            ALL,
            desk.add,
            takes=NewConstituent,
            gives=Constituent,
            status=201,
            fails={**bad, "is-a-party": 409, "constituent-taken": 409},
            does=("POST /constituents",),
            summary="Host somebody.",
            **told,
        ),
        api(
            "POST",
            f"{ALL}/table",
            desk.table,
            takes=Table,
            gives=Judged,
            fails={"bad-table": 400, "too-large": 413},
            does=("POST /constituents/table",),
            cap=4 << 20,
            seconds=120.0,
            summary="Take many in by a table, or only see what would become of it.",
            **told,
        ),
        *_one_doors(desk, told, bad),
        *_mail_doors(desk, told),
        *_access_doors(desk, known),
    ]


def _one_doors(desk: _Desk, told: dict[str, Any], bad: dict[str, int]) -> list[Door]:
    return [
        api(
            "GET",
            ONE,
            desk.show,
            gives=Whole,
            fails=UNKNOWN,
            does=("GET /constituents/{constituent}",),
            summary="One, with networks, contacts, people, tokens, letters and wishes.",
            **told,
        ),
        api(
            "PATCH",
            ONE,
            desk.change,
            takes=Change,
            gives=Constituent,
            fails={**UNKNOWN, **bad},
            does=("POST /constituents/{constituent}", "POST /constituents/{constituent}/archive"),
            summary="Change how they are hosted, archive or restore them.",
            **told,
        ),
        api(
            "PUT",
            f"{ONE}/networks",
            desk.networks,
            takes=Theirs,
            gives=Whole,
            fails={**UNKNOWN, "bad-network": 400},
            does=("POST /constituents/{constituent}/networks",),
            summary="Say what is theirs.",
            **told,
        ),
    ]


def _mail_doors(desk: _Desk, told: dict[str, Any]) -> list[Door]:
    return [
        api(
            "POST",
            f"{ONE}/contacts",
            desk.contact,
            takes=NewContact,
            gives=Contact,
            status=201,
            fails={**UNKNOWN, "bad-contact": 400, "too-many-contacts": 409},
            does=("POST /constituents/{constituent}/contacts",),
            summary="Write to somebody too.",
            **told,
        ),
        api(
            "DELETE",
            f"{ONE}/contacts/{{contact}}",
            desk.remove,
            fails={**UNKNOWN, "unknown-contact": 404},
            does=("POST /constituents/{constituent}/contacts/{contact}/remove",),
            summary="Write to them no more.",
            **told,
        ),
        api(
            "POST",
            f"{ONE}/letters",
            desk.again,
            takes=Which,
            fails={"unknown-letter": 404, "letter-over": 409},
            does=("POST /constituents/{constituent}/letters",),
            summary="Try a letter again that failed.",
            **told,
        ),
        api(
            "POST",
            f"{ONE}/write",
            desk.write,
            gives=Written,
            fails={**UNKNOWN, "archived": 409},
            does=("POST /constituents/{constituent}/write",),
            summary="Write to them now of what is new since the last digest.",
            **told,
        ),
        api(
            "PUT",
            f"{ONE}/wishes/{{wish}}",
            desk.settle,
            takes=Done,
            fails={"unknown-wish": 404},
            does=("POST /constituents/{constituent}/wishes/{wish}",),
            summary="Say that a wish is settled, or open again.",
            **told,
        ),
    ]


def _access_doors(desk: _Desk, known: dict[str, Any]) -> list[Door]:
    made: dict[str, Any] = {"takes": Called, "secret": True, "status": 201, **known}
    return [
        api(
            "POST",
            f"{ONE}/people",
            desk.invite,
            gives=Invited,
            does=("POST /constituents/{constituent}/people",),
            summary="Invite somebody of theirs by a one-time link.",
            **made,
        ),
        api(
            "PUT",
            f"{ONE}/people/{{person}}",
            desk.person,
            takes=Active,
            gives=Person,
            does=("POST /constituents/{constituent}/people/{person}/active",),
            summary="Let somebody of theirs in again, or no longer.",
            **known,
        ),
        api(
            "POST",
            f"{ONE}/tokens",
            desk.token,
            gives=Made,
            does=("POST /constituents/{constituent}/tokens",),
            summary="Make a token for a program of theirs.",
            **made,
        ),
        api(
            "PUT",
            f"{ONE}/tokens/{{user}}",
            desk.token_active,
            takes=Active,
            gives=Program,
            does=("POST /constituents/{constituent}/tokens/{user}/active",),
            summary="Let a program of theirs read again, or no longer.",
            **known,
        ),
    ]


class _Desk:
    """What these endpoints ask of constituents."""

    def __init__(self, constituents: Constituents) -> None:
        self._all = constituents

    def list(self, _: Request) -> Listed:
        return Listed(constituents=tuple(map(_one, self._all.list_constituents())))

    def add(self, request: Request, asked: NewConstituent) -> Constituent:
        level = _level(asked.clearance)
        made = model.Constituent(
            id=asked.id, name=asked.name, language=asked.language, clearance=level, content=min(level, TLP.GREEN)
        )
        return _one(self._all.add(made, by=request.reader.name, granter=request.reader))

    def table(self, request: Request, asked: Table) -> Judged:
        if asked.take:
            rows = self._all.take_table(asked.table, by=request.reader.name, granter=request.reader)
        else:
            rows = self._all.read_table(asked.table, granter=request.reader)
        return Judged(
            lines=tuple(
                Line(
                    line=row.line,
                    id=row.constituent.id,
                    known=row.known,
                    networks=len(row.networks),
                    wrong=row.wrong,
                )
                for row in rows
            )
        )

    def show(self, request: Request) -> Whole:
        held = self._all.get_constituent(_id(request))
        return Whole(
            constituent=_one(held),
            networks=tuple(each.text for each in self._all.networks(held.id)),
            contacts=tuple(map(_contact, self._all.contacts(held.id))),
            people=tuple(_person(each) for each in self._all.persons(held.id)),
            tokens=tuple(map(_program, self._all.tokens(held.id))),
            letters=tuple(
                Letter(
                    contact=each.contact,
                    period=each.period,
                    state=str(each.state),
                    made=time_of(each.made_at),
                    error=each.error,
                    remedy=each.remedy,
                )
                for each in self._all.letters(held.id)
            ),
            wishes=tuple(
                Wish(id=each.id, text=each.text, at=time_of(each.at), settled=time_of(each.settled_at))
                for each in self._all.wishes(held.id)
            ),
        )

    def change(self, request: Request, asked: Change) -> Constituent:
        held = self._all.get_constituent(_id(request))
        given = {
            field: value
            for field in ("name", "language", "rhythm", "hour", "note")
            if (value := getattr(asked, field)) is not UNSET
        }
        for field in ("clearance", "content"):
            if (level := getattr(asked, field)) is not UNSET:
                given[field] = _level(level)
        by, who = request.reader.name, request.reader
        if given:
            held = self._all.change(msgspec.structs.replace(held, **given), by=by, granter=who)
        if asked.archived is not UNSET:
            held = self._all.set_archived(held.id, asked.archived, by=by, granter=who)
        return _one(held)

    def networks(self, request: Request, asked: Theirs) -> Whole:
        self._all.set_networks(_id(request), asked.networks, by=request.reader.name)
        return self.show(request)

    def contact(self, request: Request, asked: NewContact) -> Contact:
        return _contact(self._all.add_contact(_id(request), asked.name, asked.address, by=request.reader.name))

    def remove(self, request: Request) -> None:
        self._all.remove_contact(_id(request), request.path_params["contact"], by=request.reader.name)

    def again(self, request: Request, asked: Which) -> None:
        self._all.send_again(_id(request), asked.contact, asked.period, by=request.reader.name)

    def write(self, request: Request) -> Written:
        return Written(letters=self._all.write_now(_id(request), by=request.reader.name))

    def settle(self, request: Request, asked: Done) -> None:
        wish = request.path_params["wish"]
        if not wish.isdigit() or len(wish) > 17:
            raise Unknown("There is no such wish.", code="unknown-wish")
        self._all.settle_wish(_id(request), int(wish), asked.done, by=request.reader.name)

    def invite(self, request: Request, asked: Called) -> Invited:
        by, who = request.reader.name, request.reader
        person, secret = self._all.invite(_id(request), asked.name, by=by, granter=who)
        return Invited(person=_person(person), link=f"{request.site.origins[0]}/sign-in/{secret}")

    def person(self, request: Request, asked: Active) -> Person:
        by, who = request.reader.name, request.reader
        return _person(
            self._all.set_person_active(_id(request), request.path_params["person"], asked.active, by=by, granter=who)
        )

    def token(self, request: Request, asked: Called) -> Made:
        by, who = request.reader.name, request.reader
        token, secret = self._all.add_token(_id(request), asked.name, by=by, granter=who)
        return Made(token=_program(token), secret=secret)

    def token_active(self, request: Request, asked: Active) -> Program:
        by, who = request.reader.name, request.reader
        return _program(
            self._all.set_token_active(_id(request), request.path_params["user"], asked.active, by=by, granter=who)
        )


def _id(request: Request) -> str:
    return str(request.path_params["constituent"])


def _level(text: str) -> TLP:
    try:
        return parse_tlp(text)
    except ValueError as error:
        raise Damaged("The level cannot be read.", f"{error}.", "Write green, for example.", code="bad-tlp") from None


def _one(held: model.Constituent) -> Constituent:
    return Constituent(
        id=held.id,
        name=held.name,
        language=held.language,
        clearance=held.clearance.word,
        content=held.content.word,
        rhythm=str(held.rhythm),
        hour=held.hour,
        note=held.note,
        archived=time_of(held.archived_at),
    )


def _contact(held: model.Contact) -> Contact:
    ended = held.paused_until >= FOREVER
    paused = "9999-12-31T23:59:59.000000Z" if ended else time_of(held.paused_until)
    return Contact(id=held.id, name=held.name, address=held.address, paused=paused)


def _person(held: people.Person) -> Person:
    return Person(id=held.id, name=held.name, active=held.active)


def _program(held: people.Token) -> Program:
    return Program(user=held.user, name=held.name, active=held.active)
