"""One item: who opens it, its release, its custody, and its paper."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.datastructures import UploadFile
from starlette.responses import Response, StreamingResponse

from kouprey.kernel.web.attachments import attachment
from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import _, mark
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Damaged, KoupreyError
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Permission, roles_with
from kouprey.people.service import People
from kouprey.proceedings.model import STATED, Disclosure, Item, Kept, Part
from kouprey.proceedings.pages.dossiers import ONE, PATH, who_of
from kouprey.proceedings.pages.telling import Names, command, events_of, said
from kouprey.proceedings.service import Dossiers
from kouprey.proceedings.wire import LONGEST_HEAD, read_grants
from kouprey.proceedings.wire.paper import draw
from kouprey.proceedings.wire.words import ACTS, DISCLOSURES, KINDS, PURPOSES

ITEM = f"{ONE}/items/{{piece}}"


def doors(services: Services) -> list[Door]:
    """What stands in a dossier, one at a time."""
    desk = _Desk(services)
    reads: dict[str, Any] = {"roles": roles_with(Permission.READ)}
    return [
        page(ITEM, desk.one, **reads),
        page(f"{ITEM}/body", desk.body, seconds=600.0, **reads),
        page(f"{ITEM}/release", desk.release, "POST", **reads),
        page(f"{ITEM}/acts", desk.act, "POST", **reads),
        page(f"{ITEM}/grants", desk.grant, "POST", **reads),
        page(f"{ITEM}/given", desk.give, "POST", **reads),
        page(f"{ITEM}/custody.pdf", desk.paper, **reads),
        page(f"{ITEM}/proof.json", desk.proof, **reads),
    ]


class _Desk:
    def __init__(self, services: Services) -> None:
        self.dossiers = services.get(Dossiers)
        self.people = services.get(People)

    def one(self, request: Request) -> Response:
        return self._one(request)

    def _one(self, request: Request, error: str = "", status: int = 200) -> Response:
        who, kept, item = self._found(request)
        names = Names(self.people)
        grants = [each for each in kept.grants if each.item == item.id]
        released: dict[str, list[Any]] = {}
        for each in kept.releases:
            if each.item == item.id:
                released.setdefault(each.person, []).append(each)
        events = self.dossiers.list_events(who, kept.dossier.id, item.id)
        return request.render(
            "proceedings/item.html",
            status,
            kept=kept,
            item=item,
            names=names,
            grants=grants,
            released=released,
            mine=any(each.person == who.name and not each.ended_at for each in grants),
            holds=kept.held(item.id),
            given=[each for each in kept.given if each.item == item.id],
            events=events_of(events, kept, names),
            may=kept.own.part is Part.CUSTODIAN,
            me=who.name,
            members=[(each.person, names.of(each.person)) for each in kept.members if not each.until],
            **self._choices(kept, item, names),
            error=error,
            path=f"{PATH}/{kept.dossier.id}/items/{item.id}",
            above=f"{PATH}/{kept.dossier.id}",
        )

    def _choices(self, kept: Kept, item: Item, names: Names) -> dict[str, Any]:
        keys = self.dossiers.keys_of({each.person for each in kept.members if not each.until})
        has = {each.person for each in kept.grants if each.item == item.id and not each.ended_at}
        without = [(names.of(person), key) for person, key in keys.items() if person not in has]
        partners = self.dossiers.partners() if not item.party else []
        return {
            "kinds": KINDS,
            "disclosures": DISCLOSURES,
            "undecided": Disclosure.UNDECIDED,
            "purposes": [(str(each), _(text)) for each, text in PURPOSES.items()],
            "purpose_words": PURPOSES,
            "stated": [(str(each), _(ACTS[each])) for each in STATED],
            "partners": [(f"{agreement} {party}", names.of(party)) for agreement, party in partners],
            "through": [(names.of(party), self.dossiers.through(party)) for party in sorted({p for _a, p in partners})],
            "grant": command("grant released.age --key me.key", without, self.dossiers.through(), "-o more.grants")
            if without
            else "",
            "without": [name for name, _key in without],
        }

    def body(self, request: Request) -> StreamingResponse:
        """As an attachment of no type; it opens for nobody without its key."""
        at = request.path_params
        item, pieces = self.dossiers.read_body(who_of(request), at["dossier"], at["piece"])
        return attachment(f"{item.sha256[:12]}.age", item.size, pieces)

    def release(self, request: Request) -> Response:
        """As an attachment: it opens on the reader's own machine, and nowhere else."""
        at = request.path_params
        try:
            released = self.dossiers.release(
                who_of(request),
                at["dossier"],
                at["piece"],
                purpose=request.field("purpose"),
                basis=request.field("basis"),
                emergency=request.field("emergency") == "yes",
                ground=request.field("ground"),
            )
        except KoupreyError as error:
            if error.code in ("unknown-dossier", "unknown-item") or error.http_status >= 500:
                raise
            return self._one(request, said(error), error.http_status)
        return attachment(f"{at['piece'][4:12]}-released.age", len(released), iter([released]))

    def act(self, request: Request) -> Response:
        """What is done with an item."""
        who, at = who_of(request), request.path_params
        place = (who, at["dossier"], at["piece"])
        field = request.field
        deeds: dict[str, Callable[[], object]] = {
            "state": lambda: self.dossiers.state(*place, field("act"), field("text")),
            "offer": lambda: self.dossiers.offer(*place, field("person"), why=field("why")),
            "receive": lambda: self.dossiers.receive(*place, field("sha256")),
            "disclose": lambda: self.dossiers.decide(*place, Disclosure.DISCLOSED, ground=field("ground")),
            "withhold": lambda: self.dossiers.decide(*place, Disclosure.WITHHELD, ground=field("ground")),
            "dispose": lambda: self.dossiers.dispose(*place, ground=field("ground")),
        }
        return self._done(request, deeds.get(field("do"), _no_deed), _("It is written down."))

    def grant(self, request: Request) -> Response:
        """Keys that a reader made on their own machine."""
        at = request.path_params

        def work() -> None:
            why = request.field("why")
            self.dossiers.add_grants(who_of(request), at["dossier"], at["piece"], _grants_in(request), why=why)

        return self._done(request, work, _("It opens for them too."))

    def give(self, request: Request) -> Response:
        """To named readers of a partner."""
        at = request.path_params

        def work() -> None:
            agreement, _sep, party = request.field("to").partition(" ")
            self.dossiers.give(
                who_of(request),
                at["dossier"],
                at["piece"],
                agreement=agreement,
                party=party,
                grants=_grants_in(request),
                purpose=request.field("purpose"),
                basis=request.field("basis"),
                tlp=TLP.AMBER,
            )

        return self._done(request, work, _("It goes to them sealed, with the next exchange."))

    def paper(self, request: Request) -> Response:
        """Everything about it on paper."""
        who, kept, item = self._found(request)
        events = self.dossiers.list_events(who, kept.dossier.id, item.id)
        point = self.dossiers.sign(kept.dossier.id)
        names = Names(self.people)
        pdf = draw(
            kept, item, events, point.note.decode(), language=request.language, name=names.of, at=self.dossiers.now()
        )
        headers = {"Content-Disposition": f'attachment; filename="custody-{item.number}.pdf"'}
        return Response(pdf, media_type="application/pdf", headers=headers)

    def proof(self, request: Request) -> Response:
        """For somebody outside: all events of the item, or the one that is asked for, and nothing of the others."""
        who, kept, item = self._found(request)
        asked = request.query_params.get("event", "")
        if asked.isdecimal() and len(asked) < 10:
            raw = self.dossiers.proof(who, kept.dossier.id, positions=(int(asked),))
        else:
            raw = self.dossiers.proof(who, kept.dossier.id, item=item.id)
        return attachment(f"custody-{item.number}-proof.json", len(raw), iter([raw]))

    def _found(self, request: Request) -> tuple[Reader, Kept, Item]:
        who, at = who_of(request), request.path_params
        return (
            who,
            self.dossiers.get_dossier(who, at["dossier"]),
            self.dossiers.get_item(who, at["dossier"], at["piece"]),
        )

    def _done(self, request: Request, work: Callable[[], object], notice: str) -> Response:
        try:
            work()
        except KoupreyError as error:
            if error.http_status == 404:
                raise
            return self._one(request, said(error), error.http_status)
        at = request.path_params
        return request.redirect(f"{PATH}/{at['dossier']}/items/{at['piece']}", notice)


def _grants_in(request: Request) -> Any:
    sent = request.fields.get("grants")
    if not isinstance(sent, UploadFile) or not sent.size:
        raise Damaged(mark("No file came."), "", mark("Choose the .grants file that you made."), code="no-file")
    return read_grants(sent.file.read(LONGEST_HEAD + 1))


def _no_deed() -> object:
    raise Damaged(mark("There is no such act."), "", mark("Choose one of the page."), code="bad-act")
