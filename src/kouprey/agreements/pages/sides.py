"""Pages for what one party does alone: tighten, comment, decline, leave; and what changed between two versions."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import Any, NamedTuple

from markupsafe import Markup, escape
from starlette.responses import Response

from kouprey.agreements.model import (
    CLAUSES,
    Comment,
    Document,
    Narrowing,
    Onward,
    Standing,
    State,
    Version,
)
from kouprey.agreements.pages import words
from kouprey.agreements.pages.draft import choose_ceilings
from kouprey.agreements.pages.printing import print_version
from kouprey.agreements.rules import changes
from kouprey.agreements.service import Agreements
from kouprey.agreements.wire.said import WORDS_MAX
from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import LANGUAGES, _, current
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import Damaged, KoupreyError, Unknown
from kouprey.kernel.words.tlp import PAP, parse_pap, parse_tlp
from kouprey.people.model import Permission, roles_with
from kouprey.people.service import People

ALIKE = 0.6
"""How much of two texts has to be the same for marks to help: in others nearly every word would be marked."""


class Row(NamedTuple):
    """One clause of two versions: which way it moved and what each says."""

    number: str
    title: str
    way: str
    tone: str
    old: str
    new: str


def doors(services: Services) -> list[Door]:
    """The doors of what one party does alone."""
    sides = _Sides(services.get(Agreements), services.get(People))
    reads, agrees = roles_with(Permission.READ), roles_with(Permission.AGREE)
    return [
        page("/agreements/officers", sides.officers, "POST", roles=agrees),
        page("/agreements/{agreement}/changes", sides.changes, roles=reads),
        page("/agreements/{agreement}/tighten", sides.tighten, roles=agrees),
        page("/agreements/{agreement}/tighten", sides.tightened, "POST", roles=agrees),
        page("/agreements/{agreement}/leave", sides.leave, roles=agrees),
        page("/agreements/{agreement}/leave", sides.left, "POST", roles=agrees),
        page("/agreements/{agreement}/comment", sides.comment, "POST", roles=agrees, cap=1 << 16),
        page("/agreements/{agreement}/{version}/agreement.pdf", sides.printed, roles=reads),
    ]


class _Sides:
    def __init__(self, agreements: Agreements, people: People) -> None:
        self._agreements = agreements
        self._people = people

    # tightening

    def tighten(self, request: Request) -> Response:
        return self._tighten(
            request, self._standing(request), Narrowing(agreement="", version=0, party="", serial=0, at=0)
        )

    def _tighten(
        self, request: Request, standing: Standing, asked: Narrowing, error: KoupreyError | None = None
    ) -> Response:
        own = [each for each in standing.narrowed if each.party == standing.home]
        now = changes.effective(standing.terms, own)
        others = [party for party in standing.parties if party != standing.home]
        kept = next((each.parties for each in own if each.parties is not None), tuple(others))
        ceiling, pap, order = parse_tlp(now.tlp_ceiling), parse_pap(now.pap_ceiling), changes.ONWARD
        return request.render(
            "agreements/tighten.html",
            error.http_status if error else 200,
            standing=standing,
            now=now,
            asked=asked,
            error=error,
            ceilings=[each for each in choose_ceilings() if parse_tlp(each[0]) <= ceiling],
            paps=[(level.word, level.text) for level in PAP if level <= pap],
            onward=[(each, _(words.ONWARD_WORDS[Onward(each)][0])) for each in order[: order.index(now.onward) + 1]],
            types=[(word, _(words.KIND_WORDS.get(word, word)), "") for word in now.types],
            purposes=[(word, _(words.PURPOSE_WORDS.get(word, word)), "") for word in now.purposes],
            parties=[(party, self._names().get(party, party), party) for party in others if party in kept],
        )

    def tightened(self, request: Request) -> Response:
        standing = self._standing(request)

        def chosen(name: str, held: tuple[str, ...]) -> tuple[str, ...] | None:
            sent = {str(value) for value in request.fields.getlist(name)}
            kept = tuple(word for word in held if word in sent)
            return None if set(kept) == set(held) else kept

        own = [each for each in standing.narrowed if each.party == standing.home]
        now = changes.effective(standing.terms, own)
        others = tuple(party for party in standing.parties if party != standing.home)
        kept = next((each.parties for each in own if each.parties is not None), others)
        asked = Narrowing(
            agreement="",
            version=0,
            party="",
            serial=0,
            at=0,
            tlp_ceiling=_unless(request.field("tlp_ceiling"), now.tlp_ceiling),
            pap_ceiling=_unless(request.field("pap_ceiling"), now.pap_ceiling),
            onward=_unless(request.field("onward"), now.onward),
            types=chosen("types", now.types),
            purposes=chosen("purposes", now.purposes),
            parties=chosen("parties", kept),
        )
        try:
            if () in (asked.types, asked.purposes, asked.parties):
                raise Damaged(
                    _("Something must remain."),
                    _("Without a kind, a purpose or a party nothing could pass at all."),
                    _("To stop everything, suspend or leave the agreement."),
                    code="nothing-left",
                )
            self._agreements.narrow(standing.agreement, asked, by=request.reader.name)
        except KoupreyError as error:
            return self._tighten(request, standing, asked, error)
        said = _("Tightened for our part. It took effect at once, and the other parties are told.")
        return request.redirect(f"/agreements/{standing.agreement}", said)

    # leaving

    def leave(self, request: Request) -> Response:
        return self._leave(request, self._standing(request))

    def _leave(self, request: Request, standing: Standing, error: str = "") -> Response:
        names = self._names()
        remaining = [
            names.get(party, party) for party in standing.parties if party not in (standing.home, *standing.left)
        ]
        return request.render(
            "agreements/leave.html",
            400 if error else 200,
            standing=standing,
            remaining=remaining,
            error=error,
            days=standing.terms.leaving_days,
        )

    def left(self, request: Request) -> Response:
        standing = self._standing(request)
        if request.field("sure") != "yes":
            return self._leave(request, standing, _("Tick the box: leaving cannot be taken back."))
        self._agreements.leave(standing.agreement, by=request.reader.name)
        said = _("We have left the agreement. Nothing passes between us and its parties; they are told.")
        return request.redirect(f"/agreements/{standing.agreement}", said, "warn")

    # words about a version

    def comment(self, request: Request) -> Response:
        standing = self._standing(request)
        version = self._version(standing.agreement, request.field("version"))
        about = request.field("about")
        if about not in ("all", "decline", *CLAUSES.values()):
            raise Damaged(_("Choose what it is about."), code="bad-field")
        self._agreements.comment(
            standing.agreement,
            version.note_sha256,
            about,
            request.field("words", longest=WORDS_MAX),
            by=request.reader.name,
        )
        if about == "decline":
            said = _("Declined. The other parties get your reason.")
        else:
            said = _("The comment is on its way to the other parties.")
        return request.redirect(_link(version), said)

    # reading

    def changes(self, request: Request) -> Response:
        agreement = self._standing(request).agreement
        versions = self._agreements.list_versions(agreement)
        new = self._version(agreement, request.query_params.get("new", versions[-1].note_sha256.hex()))
        before = [each for each in versions if each.note_sha256 == new.previous] or versions[:1]
        old = self._version(agreement, request.query_params.get("old", before[0].note_sha256.hex()))
        return request.render(
            "agreements/changes.html",
            agreement=agreement,
            versions=versions,
            old=old,
            new=new,
            rows=differences(old.document, new.document),
            named=[(each.note_sha256.hex(), _called(each, versions)) for each in versions],
            marked=marked,
            link=_link(new),
        )

    def printed(self, request: Request) -> Response:
        agreement = request.path_params["agreement"]
        version = self._version(agreement, request.path_params["version"])
        language = request.query_params.get("language", "")
        code = language if language in LANGUAGES else current().code
        content = print_version(
            request.site.languages[code], version, self._state(version), self._fingerprints(version)
        )
        name = f"{version.agreement}-{version.number}-{code}.pdf"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(content, media_type="application/pdf", headers=headers)

    def officers(self, request: Request) -> Response:
        self._agreements.demand_two_officers(True, by=request.reader.name)
        return request.redirect("/agreements", _("From now on two persons sign: one prepares, another confirms."))

    # what all of them need

    def _standing(self, request: Request) -> Standing:
        return self._agreements.get_standing(request.path_params["agreement"])

    def _version(self, agreement: str, digest: str) -> Version:
        for version in self._agreements.list_versions(agreement):
            if version.note_sha256.hex() == digest:
                return version
        raise Unknown("There is no such version.", "", "Open the agreement itself.", code="unknown-version")

    def _state(self, version: Version) -> State:
        standing = self._agreements.get_standing(version.agreement)
        return words.state_of(version, standing.state(self._agreements.now()), standing.note_sha256)

    def _fingerprints(self, version: Version) -> dict[str, list[str]]:
        return {party: list(self._people.fingerprint(party)) for party in version.party_ids}

    def _names(self) -> dict[str, str]:
        return {party.id: party.name for party in self._people.list_parties()}


def differences(old: Document, new: Document) -> list[Row]:
    """What changed between two versions, clause by clause, as people read it."""
    before, after = ({each.number: each for each in words.clauses(document)} for document in (old, new))
    rows = []
    for clause, way in changes.compare(old, new):
        word, tone = words.WAYS[way]
        if clause == "title":
            rows.append(Row("", _("Title"), _(word), tone, old.title, new.title))
        elif clause == "text":
            for code in sorted({*old.text, *new.text}):
                texts = old.text.get(code, ""), new.text.get(code, "")
                if texts[0] != texts[1]:
                    rows.append(Row("", LANGUAGES.get(code, code), _(word), tone, *texts))
        else:
            number = CLAUSES[clause]
            rows.append(Row(number, after[number].title, _(word), tone, before[number].text, after[number].text))
    return rows


def marked(old: str, new: str) -> tuple[Markup, Markup]:
    """Both texts with the words marked that are in one of them alone."""
    # A clause with a moment in it is markup already; what people read of it is compared.
    plain = [text.striptags() if isinstance(text, Markup) else text for text in (old, new)]
    before, after = (re.split(r"(\s+)", text) for text in plain)
    compared = SequenceMatcher(a=before, b=after, autojunk=False)
    if old and new and compared.ratio() < ALIKE:
        return escape(plain[0]), escape(plain[1])
    ends: tuple[list[Markup], list[Markup]] = [], []
    for way, a, b, c, d in compared.get_opcodes():
        for end, words_ in zip(ends, (before[a:b], after[c:d]), strict=True):
            text = escape("".join(words_))
            end.append(text if way == "equal" or not text.strip() else Markup("<mark>{}</mark>").format(text))
    return Markup("").join(ends[0]), Markup("").join(ends[1])


def _called(version: Version, versions: list[Version]) -> str:
    """Its number; with a piece of its hash where two were proposed under one number."""
    called = _("Version %(a)s") % {"a": version.number}
    alone = sum(each.number == version.number for each in versions) == 1
    return called if alone else f"{called} · {version.note_sha256.hex()[:8]}"


def by_clause(comments: list[tuple[Comment, int]], version: Version, names: dict[str, str]) -> dict[str, list[Any]]:
    """Comments on a version by the clause they are about, as dicts with who, words and at."""
    found: dict[str, list[Any]] = {}
    for said, at in comments:
        if said.version == version.note_sha256:
            found.setdefault(said.about, []).append(
                {"who": names.get(said.party, said.party), "words": said.words, "at": at}
            )
    return found


def _link(version: Version) -> str:
    return f"/agreements/{version.agreement}?version={version.note_sha256.hex()}"


def _unless(chosen: str, now: str) -> str:
    return "" if chosen == now else chosen
