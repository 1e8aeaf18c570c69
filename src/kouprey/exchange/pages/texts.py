"""From a text: paste it, look at what was found in it, choose, save, and take it back if it was wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from starlette.datastructures import UploadFile
from starlette.responses import Response

from kouprey.exchange.model import Observable
from kouprey.exchange.model.texts import Candidate, Choice, Chosen, Doubt, Extraction, Telling
from kouprey.exchange.pages.listing import object_url
from kouprey.exchange.pages.marking import LEVELS
from kouprey.exchange.pages.naming import reader_of
from kouprey.exchange.pages.reading import plainly
from kouprey.exchange.pages.values import kind_name, observable_url, written
from kouprey.exchange.service import Exchange
from kouprey.exchange.service.observables import COUNTED_IN_BATCH
from kouprey.exchange.service.texts import LONGEST_TEXT
from kouprey.exchange.wire.texts import decoded
from kouprey.kernel.web.door import MIB, Door, page
from kouprey.kernel.web.language import _, in_words, mark, ngettext
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import Damaged, KoupreyError
from kouprey.kernel.words.tlp import TLP, parse_tlp
from kouprey.people.model import Permission, roles_with

PATH = "/intelligence/text"
CAP = 16 * MIB
"""Of a form: the text in it may be three times as long as the text, and each candidate is a field."""
FIELDS = 6_000

DOUBTS = {
    Doubt.PRIVATE: mark("private or reserved"),
    Doubt.DOCUMENTATION: mark("set aside for examples"),
    Doubt.VERSION: mark("perhaps the number of a version"),
    Doubt.EMPTY: mark("the hash of an empty file"),
    Doubt.FILE: mark("the name of a file, or a domain"),
    Doubt.ALONE: mark("the name of a file alone says little"),
    Doubt.COMMON: mark("very common: perhaps only a reference"),
    Doubt.SENDER: mark("where the text itself comes from"),
    Doubt.WORDS: mark("spelled in words"),
    Doubt.UNKNOWN_TOP: mark("no such top-level domain"),
}
_ORDER = ("url", "domain-name", "ipv4-addr", "ipv4-net", "ipv6-addr", "ipv6-net", "email-addr")
_CHOICES: dict[Choice, str] = {"ignore": mark("Ignore"), "observed": mark("Observed"), "malicious": mark("Malicious")}
NEVER_MALICIOUS = frozenset({"cve"})


@dataclass
class Form:
    """What was filled in, and what was wrong with it."""

    text: str = ""
    name: str = ""
    source: str = ""
    description: str = ""
    tlp: str = TLP.AMBER_STRICT.word
    keep: bool = False
    choices: Mapping[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Line:
    """A candidate as the review shows it; `known` is in how many versions it is named, as far as the reader sees."""

    candidate: Candidate
    name: str
    shown: str
    known: int
    choice: str
    options: tuple[tuple[str, str], ...]


def doors(services: Services) -> list[Door]:
    """Paste, review, save, see what was made, take back."""
    desk = _Desk(services.get(Exchange))
    roles = roles_with(Permission.WRITE)
    wide = {"cap": CAP, "part": 4 * MIB, "fields": FIELDS, "seconds": 120.0}
    return [
        page(PATH, desk.ask, roles=roles),
        page(PATH, desk.review, "POST", roles=roles, **wide),
        page(f"{PATH}/save", desk.save, "POST", roles=roles, **wide),
        page(f"{PATH}/{{report}}", desk.made, roles=roles),
        page(f"{PATH}/{{report}}/withdraw", desk.withdraw, "POST", roles=roles, seconds=120.0),
    ]


def router(services: Services) -> Callable[[Request], Response]:
    """What looks at a text that was given on another page."""
    return _Desk(services.get(Exchange)).review


class _Desk:
    """The pages over one exchange."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def ask(self, request: Request) -> Response:
        reader_of(request)
        return self._ask(request, Form())

    def _ask(self, request: Request, form: Form, status: int = 200) -> Response:
        return request.render("exchange/text.html", status, form=form, longest=LONGEST_TEXT)

    def review(self, request: Request) -> Response:
        reader_of(request)
        form = _read(request)
        try:
            form.text = _given(request) or form.text
            if not form.text:
                form.errors["text"] = _("Paste a text, or choose a file.")
                return self._ask(request, form, 400)
            found = self._exchange.extract(form.text)
        except KoupreyError as error:
            form.errors["text"] = in_words(error)
            return self._ask(request, form, error.http_status)
        if not found.candidates:
            form.errors["text"] = _("Nothing in it looks like a value: no address, domain, URL, hash or the like.")
            return self._ask(request, form)
        return self._review(request, form, found)

    def _review(self, request: Request, form: Form, found: Extraction, status: int = 200) -> Response:
        who = reader_of(request)
        known = self._exchange.known(who, (each.observable for each in found.candidates))
        groups: dict[str, list[Line]] = {}
        for each in sorted(found.candidates, key=lambda each: _rank(each.observable.kind)):
            groups.setdefault(each.observable.kind, []).append(_line(each, known.get(each.observable, 0), form))
        return request.render(
            "exchange/text_review.html",
            status,
            form=form,
            groups=[(kind, kind_name(kind), lines) for kind, lines in groups.items()],
            count=len(found.candidates),
            more=found.more,
            doubts=DOUBTS,
            all_choices=tuple((key, _(text)) for key, text in _CHOICES.items()),
            never_malicious=NEVER_MALICIOUS,
            level_options=[(level.word, level.text) for level in LEVELS if level <= who.clearance],
            counted=COUNTED_IN_BATCH,
            observable_url=observable_url,
            plain=plainly,
        )

    def save(self, request: Request) -> Response:
        who = reader_of(request)
        form = _read(request)
        found = self._exchange.extract(form.text)
        chosen = [
            Chosen(observable=each.observable, malicious=choice == "malicious")
            for each in found.candidates
            if (choice := _choice(each, form)) != "ignore"
        ]
        try:
            level = parse_tlp(form.tlp)
        except ValueError as error:
            raise Damaged(
                "The marking cannot be read.", str(error), "Choose one of the list.", code="bad-tlp"
            ) from None
        if level > who.clearance:
            form.errors["tlp"] = _("You could not see it yourself: this is above your own clearance.")
        if not form.name:
            form.errors["name"] = _("Give the report a name by which people find it again.")
        if not chosen:
            form.errors["choices"] = _(
                "Every value is to be ignored. Choose some, or leave this page: nothing is kept."
            )
        if form.errors:
            return self._review(request, form, found, 400)
        telling = Telling(
            name=form.name,
            tlp=level,
            source=form.source,
            description=form.description,
            text=form.text if form.keep else "",
        )
        try:
            taken = self._exchange.take_text(chosen, telling, by=who.name)
        except KoupreyError as error:
            form.errors["choices"] = in_words(error)
            return self._review(request, form, found, error.http_status)
        return request.redirect(f"{PATH}/{taken.report}", _("Saved."))

    def made(self, request: Request) -> Response:
        who = reader_of(request)
        found, body = self._exchange.get_taken(who, request.path_params["report"])
        refs = [ref for ref in body.get("object_refs", []) if isinstance(ref, str)]
        indicators = [ref for ref in refs if ref.startswith("indicator--")]
        values = [ref for ref in refs if not ref.startswith(("indicator--", "identity--"))]
        return request.render(
            "exchange/text_saved.html",
            title=plainly(found.title),
            url=object_url(found.stix_id),
            withdraw=f"{PATH}/{found.stix_id}/withdraw",
            tlp=found.newest.tlp,
            revoked=found.newest.served.revoked,
            published=bool(found.publications),
            indicators=len(indicators),
            values=len(values),
            cves=len([each for each in body.get("external_references", []) if each.get("source_name") == "cve"]),
        )

    def withdraw(self, request: Request) -> Response:
        who = reader_of(request)
        done = self._exchange.withdraw(request.path_params["report"], who=who, by=who.name)
        count = len(done.revoked) - 1
        notice = ngettext(
            "Taken back: the report and %(n)s indicator are revoked.",
            "Taken back: the report and %(n)s indicators are revoked.",
            count,
        ) % {"n": count}
        return request.redirect(f"{PATH}/{done.revoked[0]}", notice)


def _read(request: Request) -> Form:
    return Form(
        text=request.field("text", longest=2 * LONGEST_TEXT),
        name=request.field("name", longest=250),
        source=request.field("source", longest=500),
        description=request.field("description"),
        tlp=request.field("tlp") or TLP.AMBER_STRICT.word,
        keep=bool(request.field("keep")),
        choices={key: value for key, value in request.fields.items() if isinstance(value, str)},
    )


def _given(request: Request) -> str:
    """The text of a file, "" when none was given; browsers send an empty file for none."""
    given = request.fields.get("file")
    if not isinstance(given, UploadFile) or not (given.filename or given.size):
        return ""
    return decoded(given.file.read(4 * LONGEST_TEXT + 1)).strip()


def _rank(kind: str) -> int:
    return _ORDER.index(kind) if kind in _ORDER else len(_ORDER)


def field_of(observable: Observable) -> str:
    """The name of the field with the choice for a value: by the value, so that it is right whatever the order."""
    return f"c:{observable.kind}:{observable.text}"


def _choice(candidate: Candidate, form: Form) -> Choice:
    kind = candidate.observable.kind
    asked = form.choices.get(f"all:{kind}") or form.choices.get(field_of(candidate.observable), "")
    if asked == "malicious" and kind not in NEVER_MALICIOUS:
        return "malicious"
    if asked in ("observed", "malicious"):
        return "observed"
    if asked == "ignore" or candidate.doubts:
        return "ignore"
    return "observed"


def _line(candidate: Candidate, known: int, form: Form) -> Line:
    never = candidate.observable.kind in NEVER_MALICIOUS
    return Line(
        candidate=candidate,
        name=field_of(candidate.observable),
        shown=written(candidate.observable),
        known=known,
        choice=_choice(candidate, form),
        options=tuple((key, _(text)) for key, text in _CHOICES.items() if not (never and key == "malicious")),
    )
