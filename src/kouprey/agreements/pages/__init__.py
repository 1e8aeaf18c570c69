"""Pages of agreements: read, draft, sign, suspend."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from starlette.responses import Response

from kouprey.agreements.model import (
    DUTIES,
    HANDOFF_KINDS,
    KINDS,
    MEASURES,
    PURPOSES,
    REFERENCES,
    RELEASING_ROLES,
    Standing,
    State,
    Version,
)
from kouprey.agreements.pages import draft as drafts
from kouprey.agreements.pages import further, sides, words
from kouprey.agreements.pages.history import signed_at, tell
from kouprey.agreements.service import Agreements
from kouprey.agreements.wire.memorandum import ORDER, get_template
from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import _, in_words, joined, mark
from kouprey.kernel.web.live import Pulses
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import Damaged, KoupreyError, Refused, Unknown
from kouprey.kernel.words.time import wall_clock
from kouprey.kernel.words.tlp import PAP
from kouprey.people.model import Permission, roles_with
from kouprey.people.service import People

FORM_CAP = 4 << 20
"""Bytes of the draft form: its text in every language, as a form encodes it."""


def routes(services: Services) -> list[Door]:
    """The doors of agreements for persons."""
    pages = _Pages(services.get(Agreements), services.get(People))
    reads, agrees = roles_with(Permission.READ), roles_with(Permission.AGREE)
    return [
        *sides.doors(services),
        page("/agreements", pages.overview, roles=reads),
        page("/agreements/new", pages.new, roles=agrees),
        page("/agreements/new", pages.draft, "POST", roles=agrees, cap=FORM_CAP),
        page("/agreements/{agreement}", pages.show, roles=reads),
        page("/agreements/{agreement}/sign", pages.confirm, roles=agrees),
        page("/agreements/{agreement}/sign", pages.sign, "POST", roles=agrees),
        page("/agreements/{agreement}/suspend", pages.suspend, "POST", roles=agrees),
        page("/agreements/{agreement}/resume", pages.resume, "POST", roles=agrees),
        page("/agreements/{agreement}/discard", pages.discard, "POST", roles=agrees),
        page("/agreements/{agreement}/{version}/document.json", pages.document, roles=reads),
        page("/agreements/{agreement}/{version}/note", pages.note, roles=reads),
    ]


def pulses(services: Services) -> Pulses:
    """Agreements are open to everybody who may read."""
    agreements = services.get(Agreements)
    return {"agreements": lambda _: agreements.standings()}


class _Pages:
    def __init__(self, agreements: Agreements, people: People) -> None:
        self._agreements = agreements
        self._people = people

    def overview(self, request: Request) -> Response:
        now = wall_clock()
        found = []
        for standing in self._agreements.standings().values():
            versions = self._agreements.list_versions(standing.agreement)
            state = self._state(standing, versions, now)
            ours = any(version.missing and standing.home in version.missing for version in versions)
            found.append((standing, state, words.summary(standing.terms), ours))
        order = list(State)
        found.sort(key=lambda each: (not each[3], order.index(each[1]), each[0].title.lower()))
        two = self._agreements.two_officers()
        return self._render(request, "list", found=found, states=words.STATES, names=self._names(), two_officers=two)

    def show(self, request: Request) -> Response:
        standing, versions, version = self._find(request)
        return self._paper(request, "show", standing, versions, version)

    def _paper(
        self,
        request: Request,
        template: str,
        standing: Standing,
        versions: list[Version],
        version: Version,
        status: int = 200,
        **more: Any,
    ) -> Response:
        state = self._state(standing, versions, wall_clock())
        history = self._agreements.history(standing.agreement)
        names = self._names()
        shown = words.state_of(version, state, standing.note_sha256)
        declined = self._agreements.declined(standing.agreement, version.note_sha256)
        counts = standing.narrowed if version.note_sha256 == standing.note_sha256 else ()
        prepared = self._agreements.prepared_by(version.note_sha256)
        clauses = words.clauses(version.document)
        return self._render(
            request,
            template,
            status,
            standing=standing,
            version=version,
            versions=versions[::-1],
            unsigned=self._agreements.find_unsigned(standing.agreement),
            state=shown,
            next_step=words.next_step(version, standing, shown, declined, names),
            declined=declined,
            narrowed=[(names.get(each.party, each.party), words.narrowed(each, names), each.at) for each in counts],
            comments=sides.by_clause(self._agreements.list_comments(standing.agreement), version, names),
            prepared=names.get(prepared, prepared),
            prepared_by_us=prepared == request.reader.name,
            two_officers=self._agreements.two_officers(),
            abouts=[("all", _("the whole")), *((each.number, f"{each.number} {each.title}") for each in clauses)],
            grouped=words.grouped(version.document),
            grown_from=any(each.note_sha256 == version.previous for each in versions),
            state_of=lambda each: words.state_of(each, state, standing.note_sha256),
            states=words.STATES,
            named=[names.get(party, party) for party in version.party_ids],
            fingerprints={party: self._people.fingerprint(party) for party in version.party_ids},
            names=names,
            signed_at=signed_at(history, version),
            events=tell(history, names),
            document_sha256=sha256(version.document_bytes).hexdigest(),
            **more,
        )

    # drafting

    def new(self, request: Request) -> Response:
        amends = request.query_params.get("amends", "")
        home = self._people.home_id
        if amends:
            return self._form(request, drafts.amending(self._agreements.get_current(amends), home, wall_clock()))
        again = request.query_params.get("anew", "")
        if again:
            # A proposal that was declined is written anew: another agreement, beginning with the same words.
            form = drafts.amending(self._agreements.get_current(again), home, wall_clock())
            form.amends = ""
            return self._form(request, form)
        if template := request.query_params.get("template", ""):
            return self._form(request, drafts.from_template(template, request.language, wall_clock()))
        return self._form(request, drafts.fresh(wall_clock()))

    def draft(self, request: Request) -> Response:
        form = drafts.read(request, [party.id for party in self._others()], self._people.home_id)
        if not form.errors:
            try:
                version = self._agreements.draft(
                    form.title,
                    form.parties,
                    form.terms,
                    starts=form.begin,
                    ends=form.end,
                    text=form.texts,
                    groups=form.made["groups"],
                    members=form.made["members"],
                    contacts=form.made["contacts"],
                    amends=form.amends,
                    by=request.reader.name,
                )
            except KoupreyError as error:
                form.errors["form"] = in_words(error)
            else:
                said = _("The draft is kept here. Nobody else sees it before you sign.")
                return request.redirect(f"/agreements/{version.agreement}?version={version.note_sha256.hex()}", said)
        return self._form(request, form, 400)

    def _form(self, request: Request, form: drafts.Draft, status: int = 200) -> Response:
        return self._render(
            request,
            "new",
            status,
            form=form,
            others=self._others(),
            kinds=[(word, words.KIND_WORDS[word]) for word in KINDS],
            purposes=[(word, words.PURPOSE_WORDS[word]) for word in PURPOSES],
            onward=words.ONWARD_WORDS,
            ceilings=drafts.choose_ceilings(),
            **_choices(self._people.list_parties(), form, request.language),
        )

    def discard(self, request: Request) -> Response:
        agreement = request.path_params["agreement"]
        self._agreements.discard(agreement, by=request.reader.name)
        left = agreement in self._agreements.standings()
        return request.redirect(f"/agreements/{agreement}" if left else "/agreements", _("The draft is discarded."))

    # signing and suspending

    def confirm(self, request: Request) -> Response:
        agreement = request.path_params["agreement"]
        unsigned = self._agreements.find_unsigned(agreement)
        if unsigned is None:
            return request.redirect(f"/agreements/{agreement}", _("We have signed every version we hold."), "info")
        return self._confirm(request, unsigned)

    def _confirm(
        self, request: Request, version: Version, status: int = 200, error: KoupreyError | None = None
    ) -> Response:
        standing = self._agreements.get_standing(version.agreement)
        versions = self._agreements.list_versions(version.agreement)
        note = version.note.decode("utf-8", "replace").split("\n\n")[0]
        return self._paper(request, "sign", standing, versions, version, status, note=note, error=error)

    def sign(self, request: Request) -> Response:
        agreement = request.path_params["agreement"]
        shown = _hash(request.field("version")) or b"?"
        try:
            if request.field("read") != "yes":
                raise Damaged(_("Tick the box when you have read it."), code="unread")
            signed = self._agreements.sign(agreement, by=request.reader.name, note_sha256=shown)
        except KoupreyError as error:
            unsigned = self._agreements.find_unsigned(agreement)
            if unsigned is None:
                raise
            if error.code == "nothing-to-sign":
                error = Refused(
                    mark("Another version has arrived meanwhile."),
                    mark("What would be signed is not what you have read."),
                    mark("Read this one, then sign."),
                    code="other-version",
                )
            return self._confirm(request, unsigned, error.http_status, error)
        awaited = joined(self._names().get(party, party) for party in signed.missing)
        if self._people.home_id in signed.missing:
            said = _("Prepared. A second person who may sign agreements confirms it now.")
        elif awaited:
            said = _("Signed. It is on its way to the other parties; awaited: %(a)s.") % {"a": awaited}
        else:
            said = _("Signed by all parties.")
        return request.redirect(f"/agreements/{agreement}", said)

    def suspend(self, request: Request) -> Response:
        agreement = request.path_params["agreement"]
        self._agreements.suspend(agreement, suspended=True, by=request.reader.name)
        said = _("Suspended. It took effect at once: nothing passes under it. The other parties are told.")
        return request.redirect(f"/agreements/{agreement}", said, "warn")

    def resume(self, request: Request) -> Response:
        agreement = request.path_params["agreement"]
        standing = self._agreements.suspend(agreement, suspended=False, by=request.reader.name)
        said = _("Resumed for our part. What waited is sent now.")
        if standing.suspended_by:
            names = joined(self._names().get(party, party) for party in standing.suspended_by)
            said = _("Resumed for our part. It is still suspended by %(a)s.") % {"a": names}
        return request.redirect(f"/agreements/{agreement}", said)

    # the bytes themselves

    def document(self, request: Request) -> Response:
        version = self._version(request)
        return _file(version.document_bytes, "application/json", f"{version.agreement}-{version.number}.json")

    def note(self, request: Request) -> Response:
        version = self._version(request)
        return _file(version.note, "text/plain; charset=utf-8", f"{version.agreement}-{version.number}.note")

    # what all of them need

    def _find(self, request: Request) -> tuple[Standing, list[Version], Version]:
        """The agreement of the path; the version asked for, else the newest proposal or the one that counts."""
        agreement = request.path_params["agreement"]
        standing = self._agreements.get_standing(agreement)
        versions = self._agreements.list_versions(agreement)
        wanted = _hash(request.query_params.get("version", "")) or standing.note_sha256
        found = [version for version in versions if version.note_sha256 == wanted]
        if not found:
            raise Unknown("There is no such version.", "", "Open the agreement itself.", code="unknown-version")
        return standing, versions, found[0]

    def _version(self, request: Request) -> Version:
        wanted = _hash(request.path_params["version"])
        for version in self._agreements.list_versions(request.path_params["agreement"]):
            if version.note_sha256 == wanted:
                return version
        raise Unknown("There is no such version.", code="unknown-version")

    def _state(self, standing: Standing, versions: list[Version], now: int) -> State:
        """Of the agreement: a draft while nobody has signed anything, else where it stands."""
        return standing.state(now) if any(version.signers for version in versions) else State.DRAFT

    def _others(self) -> list[Any]:
        return [party for party in self._people.list_parties() if not party.home]

    def _names(self) -> dict[str, str]:
        """Names of parties and persons by their ids."""
        names = {"operator": _("the operator of this node")}
        names |= {person.id: person.name for person in self._people.list_persons()}
        return names | {party.id: party.name for party in self._people.list_parties()}

    def _render(self, request: Request, template: str, status: int = 200, **values: Any) -> Response:
        may_agree = bool(set(request.who.roles) & set(roles_with(Permission.AGREE)))
        may_publish = bool(set(request.who.roles) & set(roles_with(Permission.PUBLISH)))
        return request.render(
            f"agreements/{template}.html", status, may_agree=may_agree, may_publish=may_publish, **values
        )


def _choices(parties: list[Any], form: drafts.Draft, language: str) -> dict[str, Any]:
    """What the further clauses of the form can be filled with."""
    held = {form.further.get(f"handoff_hours_{kind}", "always") for kind in HANDOFF_KINDS}
    zones = dict.fromkeys([*further.HOURS, *sorted(held)])
    return {
        "all_parties": sorted(parties, key=lambda party: not party.home),
        "paps": [(level.word, level.text) for level in PAP],
        "references": [(word, _(words.REFERENCE_WORDS[word])) for word in REFERENCES],
        "levels": [("", _("none")), *drafts.choose_ceilings()],
        "releasing": [(word, _(words.ROLE_WORDS[word])) for word in RELEASING_ROLES],
        "rules": range(further.RULES),
        "handoff_kinds": [(word, _(words.HANDOFF_WORDS[word])) for word in HANDOFF_KINDS],
        "hours": [(text, words.hours(text)) for text in zones],
        "duties": [(word, (_(words.DUTY_WORDS[word]) % {"a": "…"}).rstrip(".។")) for word in DUTIES],
        "measures": [(word, _(words.MEASURE_WORDS[word]), MEASURES[word]) for word in MEASURES],
        "templates": [
            (name, made.title.get(language, made.title["en"]), made.about.get(language, made.about["en"]))
            for name, made in ((name, get_template(name)) for name in ORDER)
        ],
    }


def _hash(text: str) -> bytes:
    try:
        return bytes.fromhex(text[:64])
    except ValueError:
        return b"?"


def _file(content: bytes, kind: str, name: str) -> Response:
    return Response(content, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
