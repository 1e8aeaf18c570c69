"""The list of one's own dossiers, one of them, and the key that things are sealed to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.datastructures import UploadFile
from starlette.responses import Response

from kouprey.kernel.web.attachments import attachment
from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import _, mark
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Damaged, KoupreyError
from kouprey.people.model import Permission, roles_with
from kouprey.people.service import People
from kouprey.proceedings.model import Disclosure, Kept, Part
from kouprey.proceedings.pages.telling import Names, command, events_of, read_day, said
from kouprey.proceedings.rules import OPENS
from kouprey.proceedings.service import Dossiers
from kouprey.proceedings.wire import LARGEST
from kouprey.proceedings.wire.words import DISCLOSURES, KINDS, PARTS

PATH = "/dossiers"
ONE = f"{PATH}/{{dossier}}"
EVENTS = 100


def doors(services: Services) -> list[Door]:
    """Whoever reads here may look; they find what they belong to."""
    desk = Desk(services)
    reads: dict[str, Any] = {"roles": roles_with(Permission.READ)}
    return [
        page(PATH, desk.list, **reads),
        page(PATH, desk.open, "POST", **reads),
        page(f"{PATH}/key", desk.key, **reads),
        page(f"{PATH}/key", desk.set_key, "POST", **reads),
        page(ONE, desk.one, **reads),
        page(f"{ONE}/acts", desk.act, "POST", **reads),
        page(f"{ONE}/items", desk.add, "POST", cap=LARGEST, part=LARGEST, seconds=600.0, **reads),
        page(f"{ONE}/ledger.json", desk.ledger, **reads),
    ]


def who_of(request: Request) -> Reader:
    """Who asks, with the roles they have."""
    return Dossiers.speaker(request.reader, request.who.roles)


class Desk:
    """The pages."""

    def __init__(self, services: Services) -> None:
        self.dossiers = services.get(Dossiers)
        self.people = services.get(People)

    def list(self, request: Request) -> Response:
        return self._list(request)

    def _list(self, request: Request, error: str = "", status: int = 200) -> Response:
        who = who_of(request)
        kept = [self.dossiers.get_dossier(who, each.id) for each in self.dossiers.list_dossiers(who)]
        return request.render(
            "proceedings/dossiers.html",
            status,
            dossiers=kept,
            names=Names(self.people),
            parts=PARTS,
            lacking=sum(len(each.lacking) for each in kept),
            may_open=not OPENS.isdisjoint(who.roles),
            has_key=bool(self.dossiers.keys_of({who.name})),
            error=error,
            path=PATH,
        )

    def open(self, request: Request) -> Response:
        try:
            made = self.dossiers.open_dossier(who_of(request), why=request.field("why"))
        except KoupreyError as error:
            return self._list(request, said(error), error.http_status)
        return request.redirect(f"{PATH}/{made.id}", _("It is open. Name who belongs to it, then seal its title."))

    def key(self, request: Request) -> Response:
        return self._key(request)

    def _key(self, request: Request, error: str = "", status: int = 200) -> Response:
        keys = self.dossiers.list_keys(who_of(request))
        return request.render(
            "proceedings/key.html",
            status,
            keys=[(each, self.dossiers.voice_of(each.key)) for each in keys],
            error=error,
            path=PATH,
        )

    def set_key(self, request: Request) -> Response:
        try:
            self.dossiers.set_key(who_of(request), request.field("key", longest=200))
        except KoupreyError as error:
            return self._key(request, said(error), error.http_status)
        return request.redirect(f"{PATH}/key", _("From now on things are sealed to this key."))

    def one(self, request: Request) -> Response:
        return self._one(request)

    def _one(self, request: Request, error: str = "", status: int = 200) -> Response:
        who = who_of(request)
        kept = self.dossiers.get_dossier(who, request.path_params["dossier"])
        names = Names(self.people)
        events = self.dossiers.list_events(who, kept.dossier.id)
        return request.render(
            "proceedings/dossier.html",
            status,
            kept=kept,
            names=names,
            **self._around(kept, names),
            events=events_of(events[-EVENTS:], kept, names),
            more=max(0, len(events) - EVENTS),
            may=kept.own.part is Part.CUSTODIAN,
            kinds=KINDS,
            parts=PARTS,
            disclosures=DISCLOSURES,
            undecided=Disclosure.UNDECIDED,
            now=self.dossiers.now(),
            error=error,
            path=f"{PATH}/{kept.dossier.id}",
            above=PATH,
        )

    def _around(self, kept: Kept, names: Names) -> dict[str, Any]:
        """Who belongs to it with which key, who else could, and how something is sealed to them."""
        here = [each for each in kept.members if not each.until]
        keys = self.dossiers.keys_of({each.person for each in here})
        persons = [each for each in self.people.list_persons() if each.active]
        known = {each.person for each in here}
        readers = [(names.of(each.person), keys[each.person]) for each in here if each.person in keys]
        return {
            "members": here,
            "left": [each for each in kept.members if each.until],
            "keys": keys,
            "voice": {person: self.dossiers.voice_of(key) for person, key in keys.items()},
            "others": [(each.id, each.name) for each in persons if each.id not in known],
            "seal": command("seal FILE", readers, self.dossiers.through(), "-o FILE.sealed") if readers else "",
            "seal_title": command('seal --title "TITLE"', readers, self.dossiers.through(), "-o title.sealed")
            if readers
            else "",
            "fetched": {
                person: sorted({kept.item(each.item).number for each in kept.releases if each.person == person})  # type: ignore[union-attr]  # releases are of its items
                for person in {each.person for each in kept.releases}
            },
        }

    def act(self, request: Request) -> Response:
        """What a custodian does with a dossier."""
        who, dossier = who_of(request), request.path_params["dossier"]
        deeds: dict[str, Callable[[], str]] = {
            "add-member": lambda: self._add_member(request, who, dossier),
            "remove-member": lambda: self._remove_member(request, who, dossier),
            "hold": lambda: self._hold(request, who, dossier),
            "lift-hold": lambda: self._lift(request, who, dossier),
            "file-basis": lambda: self._file(request, who, dossier),
        }
        return self._done(request, deeds.get(request.field("do"), _no_deed))

    def _add_member(self, request: Request, who: Reader, dossier: str) -> str:
        part = Part.CUSTODIAN if request.field("part") == Part.CUSTODIAN else Part.READER
        person = request.field("person")
        made = self.dossiers.add_member(who, dossier, person, part, why=request.field("why"))
        told = _("%(name)s belongs to it now. What is here already is sealed to them item by item.")
        return told % {"name": Names(self.people).of(made.person)}

    def _remove_member(self, request: Request, who: Reader, dossier: str) -> str:
        fetched = self.dossiers.remove_member(who, dossier, request.field("person"), why=request.field("why"))
        if not fetched:
            return _("Nothing more is released to them. They had fetched nothing.")
        told = _("Nothing more is released to them. What they fetched before (%(n)s) they still have.")
        return told % {"n": len(fetched)}

    def _hold(self, request: Request, who: Reader, dossier: str) -> str:
        review = read_day(request.field("review"))
        item, scope = request.field("item"), request.field("scope")
        self.dossiers.hold(who, dossier, item=item, why=request.field("why"), scope=scope, review=review)
        return _("It is held: neither retention nor a partner's request removes it.")

    def _lift(self, request: Request, who: Reader, dossier: str) -> str:
        self.dossiers.lift_hold(who, dossier, request.field("hold"), why=request.field("why"))
        return _("The hold is lifted, and that is written down.")

    def _file(self, request: Request, who: Reader, dossier: str) -> str:
        self.dossiers.file_basis(who, dossier, request.field("release"), request.field("basis"))
        return _("The basis is filed.")

    def add(self, request: Request) -> Response:
        def work() -> str:
            sent = request.fields.get("file")
            if not isinstance(sent, UploadFile) or not sent.size:
                raise Damaged(mark("No file came."), "", mark("Choose the .sealed file that you made."), code="no-file")
            keep_until = read_day(request.field("keep_until"))
            derived, dossier = request.field("derived"), request.path_params["dossier"]
            self.dossiers.add_item(who_of(request), dossier, sent.file, derived=derived, keep_until=keep_until)
            return _("It is kept, sealed as it came.")

        return self._done(request, work)

    def ledger(self, request: Request) -> Response:
        """All of it, for `verify_custody.py`."""
        dossier = request.path_params["dossier"]
        raw = self.dossiers.ledger(who_of(request), dossier)
        return attachment(f"{dossier[:12]}-ledger.json", len(raw), iter([raw]))

    def _done(self, request: Request, work: Callable[[], str]) -> Response:
        try:
            notice = work()
        except KoupreyError as error:
            if error.http_status == 404:
                raise
            return self._one(request, said(error), error.http_status)
        return request.redirect(f"{PATH}/{request.path_params['dossier']}", notice)


def _no_deed() -> str:
    raise Damaged(mark("There is no such act."), "", mark("Choose one of the page."), code="bad-act")
