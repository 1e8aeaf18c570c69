"""The page on which our own profile is written, with help that names what is missing."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.responses import Response

from kouprey.agreements.service import Agreements
from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import _, in_words, told
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Damaged, KoupreyError
from kouprey.people.model import Permission, roles_with
from kouprey.people.service import People
from kouprey.response.model.directory import DAYS, Authority, Hours, Profile
from kouprey.response.pages import directorywords as words
from kouprey.response.pages.naming import plain
from kouprey.response.rules.profiles import SHORT, TEXTS, wants
from kouprey.response.service import Directory, HandOffs

PATH = "/directory/own"
LISTS = ("asns", "prefixes", "domains", "sectors")
# The field of the age recipient has a name of its own: "age" is a number elsewhere.
NAMED = {"age": "recipient"}
WORDS = (*SHORT, *TEXTS, *LISTS, "hours", "opens", "closes", "authority")
CHECKS = ("tlp", "duty_shown", "verified")


def doors(services: Services) -> list[Door]:
    """The form, and what it sends."""
    desk = _Desk(services)
    roles = roles_with(Permission.READ)
    return [page(PATH, desk.form, roles=roles), page(PATH, desk.save, "POST", roles=roles)]


class _Desk:
    def __init__(self, services: Services) -> None:
        self._directory = services.get(Directory)
        self._handoffs = services.get(HandOffs)
        self._people = services.get(People)
        self._agreements = services.get(Agreements)

    def _who(self, request: Request) -> Reader:
        return self._handoffs.speaker(request.reader, request.who.roles)

    def form(self, request: Request) -> Response:
        return self._form(request, _given(self._directory.own(self._who(request)).profile))

    def _form(self, request: Request, given: dict[str, Any], error: str = "", status: int = 200) -> Response:
        who = self._who(request)
        entry, now = self._directory.own(who), self._directory.now()
        found = wants(entry.profile, now)
        published, under = self._directory.outlook()
        standings = self._agreements.standings()
        return request.render(
            "response/own_profile.html",
            status,
            entry=entry,
            given=given,
            may=self._directory.may_keep(who),
            wanted=[(done, _(words.WANTS[key])) for done, key in found],
            score=100 * sum(done for done, _key in found) // len(found),
            hours=[(str(key), _(text)) for key, text in words.HOURS.items()],
            days=[(key, _(words.DAYS[key])) for key in DAYS],
            authorities=[(str(key), _(text)) for key, text in words.AUTHORITIES.items()],
            published=published,
            under=[(each, plain(standings[each].title), sent, told(why)) for each, (sent, why) in under.items()],
            node_key=self._people.home().card.node,
            error=error,
            path=PATH,
        )

    def save(self, request: Request) -> Response:
        who = self._who(request)
        given: dict[str, Any] = {name: request.field(NAMED.get(name, name), longest=20_000) for name in WORDS}
        given |= {name: request.field(name, longest=10) == "yes" for name in CHECKS}
        given["days"] = tuple(day for day in DAYS if day in {str(each) for each in request.fields.getlist("days")})
        try:
            self._directory.save(who, _profile(given, self._people.home_id), verified=given["verified"])
            if request.field("do", longest=20) == "publish":
                self._directory.publish(who)
                return request.redirect(PATH, _("It is kept, and on its way to partners."))
        except KoupreyError as error:
            said = in_words(error)
            return self._form(request, given, said, error.http_status)
        return request.redirect(PATH, _("It is kept. Partners do not have it yet."))


def _given(profile: Profile) -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.structs.asdict(profile)
    return fields | {
        "asns": " ".join(f"AS{number}" for number in profile.asns),
        "prefixes": "\n".join(profile.prefixes),
        "domains": "\n".join(profile.domains),
        "sectors": "\n".join(profile.sectors),
        "hours": str(profile.hours),
        "authority": str(profile.authority),
        "verified": False,
    }


def _profile(given: dict[str, Any], home: str) -> Profile:
    try:
        return Profile(
            party=home,
            **{name: given[name] for name in (*SHORT, *TEXTS)},
            asns=tuple(int(each.upper().removeprefix("AS")) for each in given["asns"].replace(",", " ").split()),
            prefixes=tuple(given["prefixes"].replace(",", " ").split()),
            domains=tuple(given["domains"].replace(",", " ").split()),
            sectors=tuple(given["sectors"].splitlines()),
            hours=Hours(given["hours"]),
            authority=Authority(given["authority"]),
            days=given["days"],
            opens=given["opens"],
            closes=given["closes"],
            tlp=given["tlp"],
            duty_shown=given["duty_shown"],
        )
    except ValueError as error:
        raise Damaged(
            "The profile cannot be kept.",
            f"In it, {error}."[:300],
            "Write numbers of autonomous systems as AS64500.",
            code="bad-profile",
        ) from error
