"""Pages for whoever keeps constituents: all of them, one, and a table of many."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.datastructures import UploadFile
from starlette.responses import Response

from kouprey.constituents.model import CLEARANCES, CONTENTS, Constituent, Rhythm
from kouprey.constituents.pages import words
from kouprey.constituents.pages.letters import Clerk
from kouprey.constituents.service import Constituents, show_networks
from kouprey.constituents.wire import COLUMNS
from kouprey.kernel.web.door import MIB, Door, page
from kouprey.kernel.web.language import LANGUAGES, _, ngettext
from kouprey.kernel.web.request import Request
from kouprey.kernel.web.session import Undo
from kouprey.kernel.words.errors import Damaged, Forbidden, KoupreyError, Refused
from kouprey.kernel.words.tlp import TLP, parse_tlp
from kouprey.people.model import Permission, roles_with

ALL = "/constituents"
ONE = "/constituents/{constituent}"
SHOWN = 20


def doors(constituents: Constituents, clerk: Clerk) -> list[Door]:
    """Whoever may let people in may host a constituent."""
    desk, one = _Desk(constituents), _One(constituents, clerk)
    roles = roles_with(Permission.PEOPLE)
    return [
        page(ALL, desk.show, roles=roles),
        page(ALL, desk.add, "POST", roles=roles),
        page(f"{ALL}/table", desk.ask_table, roles=roles),
        page(f"{ALL}/table", desk.take_table, "POST", roles=roles, cap=4 * MIB, part=4 * MIB, seconds=120.0),
        page(ONE, one.show, roles=roles),
        page(ONE, one.change, "POST", roles=roles),
        page(f"{ONE}/archive", one.archive, "POST", roles=roles),
        page(f"{ONE}/networks", one.networks, "POST", roles=roles),
        page(f"{ONE}/contacts", one.contact, "POST", roles=roles),
        page(f"{ONE}/contacts/{{contact}}/remove", one.remove, "POST", roles=roles),
        page(f"{ONE}/contacts/{{contact}}/test", one.test, "POST", roles=roles, seconds=90.0),
        page(f"{ONE}/letters", one.again, "POST", roles=roles),
        page(f"{ONE}/write", one.write, "POST", roles=roles),
        page(f"{ONE}/people", one.invite, "POST", roles=roles),
        page(f"{ONE}/people/{{person}}/active", one.person, "POST", roles=roles),
        page(f"{ONE}/tokens", one.token, "POST", roles=roles),
        page(f"{ONE}/tokens/{{user}}/active", one.token_active, "POST", roles=roles),
        page(f"{ONE}/wishes/{{wish}}", one.settle, "POST", roles=roles),
    ]


class _Desk:
    """All of them."""

    def __init__(self, constituents: Constituents) -> None:
        self._all = constituents

    def show(self, request: Request) -> Response:
        return self._list(request, {}, "")

    def add(self, request: Request) -> Response:
        given = {name: request.field(name) for name in ("id", "name", "language", "clearance")}
        try:
            level = _level(given["clearance"])
            made = self._all.add(
                Constituent(
                    id=given["id"].lower(),
                    name=given["name"],
                    language=_language(given["language"]),
                    clearance=level,
                    content=min(level, TLP.GREEN),
                ),
                by=request.reader.name,
                granter=request.reader,
            )
        except (Damaged, Refused, Forbidden) as error:
            return self._list(request, given, words.told_of(error), error.http_status)
        said = _("%(name)s is hosted now. Say next what is theirs.") % {"name": made.name}
        return request.redirect(f"{ALL}/{made.id}", said, undo=Undo(f"{ALL}/{made.id}/archive", {"archived": "yes"}))

    def ask_table(self, request: Request) -> Response:
        return self._table(request, "", None)

    def take_table(self, request: Request) -> Response:
        text = request.field("table", longest=3_000_000)
        given = request.fields.get("file")
        if isinstance(given, UploadFile) and (given.filename or given.size):
            try:
                text = given.file.read().decode("utf-8-sig")
            except UnicodeDecodeError:
                return self._table(request, "", None, _("The file is not UTF-8 text. Save it as CSV UTF-8."), 400)
        take = request.field("take") == "yes"
        try:
            if take:
                found = self._all.take_table(text, by=request.reader.name, granter=request.reader)
                kept = sum(not row.wrong for row in found)
                said = _("%(kept)s of %(all)s lines were taken.") % {"kept": kept, "all": len(found)}
                if kept == len(found):
                    return request.redirect(ALL, said)
                return self._table(request, text, found, said)
            return self._table(request, text, self._all.read_table(text, granter=request.reader))
        except KoupreyError as error:
            return self._table(request, text, None, words.told_of(error), error.http_status)

    def _list(self, request: Request, given: dict[str, str], error: str, status: int = 200) -> Response:
        networks, wishes = self._all.counts()
        return request.render(
            "constituents/list.html",
            status,
            every=self._all.list_constituents(),
            networks=networks,
            wishes=wishes,
            troubled=self._all.count_troubled(),
            given=given,
            error=error,
            levels=_levels(request, CLEARANCES),
            languages_=_languages(),
            words=words,
        )

    def _table(self, request: Request, text: str, rows: Any, error: str = "", status: int = 200) -> Response:
        return request.render(
            "constituents/table.html", status, table=text, rows=rows, error=error, columns=", ".join(COLUMNS)
        )


class _One:
    """One of them, and everything that is done with it."""

    def __init__(self, constituents: Constituents, clerk: Clerk) -> None:
        self._all = constituents
        self._clerk = clerk

    def show(self, request: Request) -> Response:
        return self._page(request)

    def change(self, request: Request) -> Response:
        held = self._held(request)
        names = ("name", "language", "clearance", "content", "rhythm", "hour", "note")
        given = {name: request.field(name, longest=5_000) for name in names}
        try:
            changed = self._all.change(_read(held, given), by=request.reader.name, granter=request.reader)
        except (Damaged, Refused, Forbidden) as error:
            return self._page(request, error=words.told_of(error), status=error.http_status)
        back = {
            "name": held.name,
            "language": held.language,
            "clearance": held.clearance.word,
            "content": held.content.word,
            "rhythm": str(held.rhythm),
            "hour": str(held.hour),
            "note": held.note,
        }
        return self._done(request, _("%(name)s was changed.") % {"name": changed.name}, Undo(self._path(request), back))

    def archive(self, request: Request) -> Response:
        archived = request.field("archived") == "yes"
        held = self._all.set_archived(self._id(request), archived, by=request.reader.name, granter=request.reader)
        undo = Undo(f"{self._path(request)}/archive", {"archived": "no" if archived else "yes"})
        said = (
            _("%(name)s is archived: nobody of it comes in, and no mail goes out.")
            if archived
            else _("%(name)s is there again. Its people need new links, its programs new tokens.")
        )
        return self._done(request, said % {"name": held.name}, undo)

    def networks(self, request: Request) -> Response:
        text = request.field("networks", longest=100_000)
        before = show_networks(self._all.networks(self._id(request)))
        try:
            taken = self._all.set_networks(self._id(request), text.replace(",", " ").split(), by=request.reader.name)
        except Damaged as error:
            return self._page(request, error=words.told_of(error), networks=text, status=400)
        undo = Undo(f"{self._path(request)}/networks", {"networks": before})
        return self._done(request, _("%(count)s networks and names are theirs.") % {"count": len(taken)}, undo)

    def contact(self, request: Request) -> Response:
        try:
            made = self._all.add_contact(
                self._id(request), request.field("name"), request.field("address"), by=request.reader.name
            )
        except (Damaged, Refused) as error:
            return self._page(request, error=words.told_of(error), status=error.http_status)
        undo = Undo(f"{self._path(request)}/contacts/{made.id}/remove")
        return self._done(request, _("Mail goes to %(name)s too.") % {"name": made.name}, undo)

    def remove(self, request: Request) -> Response:
        gone = self._all.remove_contact(self._id(request), request.path_params["contact"], by=request.reader.name)
        undo = Undo(f"{self._path(request)}/contacts", {"name": gone.name, "address": gone.address})
        return self._done(request, _("No mail goes to %(name)s any more.") % {"name": gone.name}, undo)

    def test(self, request: Request) -> Response:
        held, wanted = self._held(request), request.path_params["contact"]
        contact = next((each for each in self._all.contacts(held.id) if each.id == wanted), None)
        try:
            mail = self._clerk.write_test(held, contact) if contact is not None else None
            if mail is None:
                raise Refused(_("There is no such contact."))
            self._all.send_test(held.id, wanted, mail, by=request.reader.name)
        except KoupreyError as error:
            return request.redirect(self._path(request), words.told_of(error), "bad")
        said = _("The relay took a test mail to %(address)s.") % {"address": contact.address if contact else ""}
        return request.redirect(self._path(request), said)

    def again(self, request: Request) -> Response:
        self._all.send_again(
            self._id(request), request.field("contact"), request.field("period"), by=request.reader.name
        )
        return self._done(request, _("The letter is tried again."))

    def write(self, request: Request) -> Response:
        count = self._all.write_now(self._id(request), by=request.reader.name)
        said = ngettext("%(num)s letter is written.", "%(num)s letters are written.", count) % {"num": count}
        return self._done(request, said)

    def invite(self, request: Request) -> Response:
        try:
            person, secret = self._all.invite(
                self._id(request), request.field("name"), by=request.reader.name, granter=request.reader
            )
        except (Damaged, Refused) as error:
            return self._page(request, error=words.told_of(error), status=error.http_status)
        link = f"{request.site.origins[0]}/sign-in/{secret}"
        return request.render(
            "constituents/secret.html", each=self._held(request), person=person, link=link, token=None
        )

    def person(self, request: Request) -> Response:
        active = request.field("active") == "yes"
        person = self._all.set_person_active(
            self._id(request), request.path_params["person"], active, by=request.reader.name, granter=request.reader
        )
        said = _("%(name)s may sign in again, by a new link.") if active else _("%(name)s may not sign in any more.")
        undo = Undo(f"{self._path(request)}/people/{person.id}/active", {"active": "no" if active else "yes"})
        return self._done(request, said % {"name": person.name}, undo)

    def token(self, request: Request) -> Response:
        try:
            token, secret = self._all.add_token(
                self._id(request), request.field("name"), by=request.reader.name, granter=request.reader
            )
        except (Damaged, Refused) as error:
            return self._page(request, error=words.told_of(error), status=error.http_status)
        return request.render(
            "constituents/secret.html",
            each=self._held(request),
            person=None,
            link=secret,
            token=token,
            origin=request.site.origins[0],
        )

    def token_active(self, request: Request) -> Response:
        active, user = request.field("active") == "yes", request.path_params["user"]
        token = self._all.set_token_active(
            self._id(request), user, active, by=request.reader.name, granter=request.reader
        )
        said = _("%(name)s reads again.") if active else _("%(name)s reads no more.")
        undo = Undo(f"{self._path(request)}/tokens/{user}/active", {"active": "no" if active else "yes"})
        return self._done(request, said % {"name": token.name or token.user}, undo)

    def settle(self, request: Request) -> Response:
        done, wish = request.field("done") == "yes", request.path_params["wish"]
        self._all.settle_wish(
            self._id(request), int(wish) if wish.isdigit() and len(wish) < 18 else 0, done, by=request.reader.name
        )
        undo = Undo(f"{self._path(request)}/wishes/{wish}", {"done": "no" if done else "yes"})
        return self._done(request, _("It is done.") if done else _("It is open again."), undo)

    def _page(self, request: Request, *, error: str = "", networks: str = "", status: int = 200) -> Response:
        held = self._held(request)
        eyes = self._all.reader_of(held, beside=request.reader)
        sees = self._all.inside(eyes, limit=10, of=held.id)
        return request.render(
            "constituents/one.html",
            status,
            each=held,
            error=error,
            networks=networks or show_networks(self._all.networks(held.id)),
            contacts=self._all.contacts(held.id),
            persons=self._all.persons(held.id),
            tokens=self._all.tokens(held.id),
            letters=self._all.letters(held.id),
            wishes=self._all.wishes(held.id),
            said=self._all.said(eyes, held.id)[:SHOWN],
            names={contact.id: contact.name for contact in self._all.contacts(held.id)},
            people={person.id: person.name for person in self._all.persons(held.id)},
            sees=sees,
            narrowed=held.clearance > request.reader.clearance,
            mails=self._all.sends_mail(),
            now=self._all.now(),
            levels=_levels(request, CLEARANCES),
            contents=_levels(request, CONTENTS),
            languages_=_languages(),
            rhythms=[(str(key), _(text)) for key, text in words.RHYTHMS.items()],
            hours=[(str(hour), f"{hour:02}:00 UTC") for hour in range(24)],
            words=words,
        )

    def _held(self, request: Request) -> Constituent:
        return self._all.get_constituent(self._id(request))

    def _id(self, request: Request) -> str:
        return str(request.path_params["constituent"])

    def _path(self, request: Request) -> str:
        return f"{ALL}/{self._id(request)}"

    def _done(self, request: Request, said: str, undo: Undo | None = None) -> Response:
        return request.redirect(self._path(request), said, undo=undo)


def _read(held: Constituent, given: dict[str, str]) -> Constituent:
    try:
        rhythm, hour = Rhythm(given["rhythm"]), int(given["hour"] or "0")
    except ValueError as error:
        raise Damaged("The rhythm cannot be read.", str(error), "Choose one of the list.", code="bad-rhythm") from error
    return msgspec.structs.replace(
        held,
        name=given["name"],
        language=_language(given["language"]),
        clearance=_level(given["clearance"]),
        content=_level(given["content"]),
        rhythm=rhythm,
        hour=hour,
        note=given["note"],
    )


def _level(text: str) -> TLP:
    try:
        return parse_tlp(text)
    except ValueError as error:
        raise Damaged("The level cannot be read.", str(error), "Choose one of the list.", code="bad-tlp") from error


def _language(text: str) -> str:
    return text if text in LANGUAGES else next(iter(LANGUAGES))


def _levels(request: Request, every: tuple[TLP, ...]) -> list[tuple[str, str]]:
    return [(level.word, level.text) for level in every if level <= request.reader.clearance]


def _languages() -> list[tuple[str, str]]:
    return list(LANGUAGES.items())
