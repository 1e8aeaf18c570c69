"""What everybody reads, without an account and without script: statements, feeds, files, and copies of partners.

Each answer is made once for each change of the shelf, kept in memory, and named by an entity tag.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from threading import Lock
from typing import Any

from starlette.responses import RedirectResponse, Response

from kouprey.advisories.model import Published
from kouprey.advisories.service import Statements, View, export_statements
from kouprey.advisories.wire import cap, card, feeds
from kouprey.advisories.wire.archive import write_chain
from kouprey.advisories.wire.block import write_block
from kouprey.advisories.wire.html import TONGUES, Links, list_page, spoken_in, statement_page, trouble_page
from kouprey.advisories.wire.statement import write_signed
from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.etag import knows
from kouprey.kernel.web.language import told
from kouprey.kernel.web.request import Request
from kouprey.kernel.web.static import static_files
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import KoupreyError
from kouprey.people.service import People

PATH, MIRROR = "/statements", "/statements/mirror/{publisher}"
HTML, TEXT, JSON = "text/html; charset=utf-8", "text/plain; charset=utf-8", "application/json"
SECONDS = 60
"""For so long others may hand an answer out without asking; then they ask whether it has changed."""
MOST_KEPT = 4_000
"""Answers in memory."""


def doors(services: Services) -> list[Door]:
    """The list and what belongs to it; those of one statement stand last, since their path takes any name."""
    desk = _Desk(services)
    open_: dict[str, Any] = {"open": True, "show": trouble}
    found = [page("/s/{said}", desk.short, **open_)]
    for base in (MIRROR, PATH):
        found += [
            page(base, desk.list, **open_),
            page(f"{base}/feed.atom", desk.atom, **open_),
            page(f"{base}/feed.json", desk.json_feed, **open_),
            page(f"{base}/chain.json", desk.chain, **open_),
            page(f"{base}/publisher.card", desk.card_of, **open_),
            page(f"{base}/export.zip", desk.export, **open_),
            page(f"{base}/{{said}}", desk.one, **open_),
            page(f"{base}/{{said}}/signed.json", desk.signed, **open_),
            page(f"{base}/{{said}}/cap.xml", desk.cap, **open_),
            page(f"{base}/{{said}}/text.txt", desk.text, **open_),
            page(f"{base}/{{said}}/card.pdf", desk.card, **open_),
        ]
    return found


class Kept:
    """Answers of one view of the shelf; another view begins anew."""

    def __init__(self) -> None:
        self._view: View | None = None
        self._made: dict[tuple[str, ...], tuple[bytes, str]] = {}
        self._lock = Lock()

    def get(self, view: View, key: tuple[str, ...], make: Callable[[], bytes]) -> tuple[bytes, str]:
        """The body of an answer and its tag, made if this is the first to ask."""
        if self._view is view and (held := self._made.get(key)) is not None:
            return held
        with self._lock:
            if self._view is not view:
                self._view, self._made = view, {}
            held = self._made.get(key)
            if held is None:
                body = make()
                held = body, f'"{sha256(body).hexdigest()[:32]}"'
                if len(self._made) < MOST_KEPT:
                    self._made[key] = held
            return held


class _Desk:
    def __init__(self, services: Services) -> None:
        self._statements = services.get(Statements)
        self._people = services.get(People)
        self._kept = Kept()

    def short(self, request: Request) -> Response:
        found = self._statements.get_public(request.path_params["said"])
        return RedirectResponse(f"{PATH}/{found.id}", 302, {"Cache-Control": f"public, max-age={SECONDS}"})

    def list(self, request: Request) -> Response:
        party, language = _party(request), tongue(request)

        def make() -> bytes:
            view = self._statements.view()
            every, chain = self._statements.list_public(party), self._statements.chain(party)
            others = (
                []
                if party
                else [(view.chains[each].name, self._base(each)) for each in view.public[1:] if each in view.chains]
            )
            return list_page(every, chain, language, self._links(party), host=self._host(party), others=others).encode()

        return self._answer(request, ("list", party, language), HTML, make)

    def atom(self, request: Request) -> Response:
        party, language = _party(request), tongue(request)

        def make() -> bytes:
            every, chain = self._statements.list_public(party), self._statements.chain(party)
            changed = max((each.issued for each in chain.links), default=0)
            return feeds.write_atom(every, changed=changed, **self._feed(party, chain.name, language, "feed.atom"))

        return self._answer(request, ("atom", party, language), feeds.ATOM, make)

    def json_feed(self, request: Request) -> Response:
        party, language = _party(request), tongue(request)

        def make() -> bytes:
            name = self._statements.chain(party).name
            return feeds.write_json_feed(
                self._statements.list_public(party), **self._feed(party, name, language, "feed.json")
            )

        return self._answer(request, ("feed", party, language), feeds.JSON_FEED, make)

    def chain(self, request: Request) -> Response:
        party = _party(request)
        return self._answer(request, ("chain", party), JSON, lambda: write_chain(self._statements.chain(party)))

    def card_of(self, request: Request) -> Response:
        party = _party(request)
        self._statements.chain(party)
        return self._answer(request, ("publisher", party), TEXT, lambda: self._statements.card(party))

    def export(self, request: Request) -> Response:
        party = _party(request)
        return self._answer(
            request, ("export", party), "application/zip", lambda: export_statements(self._statements, party)
        )

    def one(self, request: Request) -> Response:
        party, found, language = self._asked(request)

        def make() -> bytes:
            replaced = self._statements.replaced_by(found)
            return statement_page(
                found,
                language,
                self._links(party),
                address=self._address(party, found),
                replaced=replaced,
                host=self._host(party),
            ).encode()

        return self._answer(request, ("one", party, found.id, language), HTML, make)

    def signed(self, request: Request) -> Response:
        party, found, _language = self._asked(request)
        return self._answer(request, ("signed", party, found.id), JSON, lambda: write_signed(found.signed))

    def cap(self, request: Request) -> Response:
        party, found, _language = self._asked(request)
        return self._answer(
            request,
            ("cap", party, found.id),
            cap.MEDIA_TYPE,
            lambda: cap.write_cap(found.statement, self._statements.replaced_by(found)),
        )

    def text(self, request: Request) -> Response:
        party, found, language = self._asked(request)
        code = feeds.spoken(found.statement, language)
        return self._answer(
            request, ("text", party, found.id, code), TEXT, lambda: write_block(found.statement, code).encode()
        )

    def card(self, request: Request) -> Response:
        party, found, language = self._asked(request)
        code = feeds.spoken(found.statement, language)
        check = f"{found.statement.url.rpartition('/s/')[0]}/check/{found.id}/{found.hash[: card.SHORT]}"
        return self._answer(
            request, ("card", party, found.id, code), "application/pdf", lambda: card.draw_card(found, code, check)
        )

    def _asked(self, request: Request) -> tuple[str, Published, str]:
        party = _party(request)
        found = self._statements.get_public(request.path_params["said"], party)
        wished = request.query_params.get("lang", "")
        return party, found, wished if wished in found.content.languages else tongue(request)

    def _answer(self, request: Request, key: tuple[str, ...], media: str, make: Callable[[], bytes]) -> Response:
        body, etag = self._kept.get(self._statements.view(), key, make)
        headers = {
            "ETag": etag,
            "Cache-Control": f"public, max-age={SECONDS}, stale-while-revalidate=600, stale-if-error=86400",
            "Vary": "Accept-Language",
            # So that a partner's page, or a checker in a browser, may read them.
            "Cross-Origin-Resource-Policy": "cross-origin",
        }
        if knows(request.headers.get("if-none-match", ""), etag):
            return Response(None, 304, headers)
        return Response(body, 200, headers, media)

    def _feed(self, party: str, title: str, language: str, name: str) -> dict[str, Any]:
        home = f"{self._statements.origin}{self._base(party)}"
        address = self._statements.origin + self._base(party)
        return {
            "title": title,
            "home": home,
            "own": f"{home}/{name}",
            "language": language,
            "address": lambda said: f"{address}/{said.id}",
        }

    def _links(self, party: str) -> Links:
        report = "/report" if self._statements.report else ""
        return Links(
            style=static_files().url("statements.css"),
            base=self._base(party),
            check="/check",
            report=report,
            brand=self._people.home().name,
        )

    def _address(self, party: str, found: Published) -> str:
        return found.statement.url if party else f"{self._statements.origin}{PATH}/{found.id}"

    @staticmethod
    def _base(party: str) -> str:
        return f"{PATH}/mirror/{party}" if party else PATH

    def _host(self, party: str) -> str:
        return self._people.home().name if party else ""


def trouble(error: KoupreyError, request: Request) -> Response:
    """What cannot be shown, in the language of the reader, without the frame."""
    language = tongue(request)
    links = Links(style=static_files().url("statements.css"), base=PATH, check="/check", brand=request.site.party_name)
    what, why = spoken_in(
        language, lambda: (told(error.what), " ".join(filter(None, map(told, (error.why, error.remedy)))))
    )
    return Response(trouble_page(what, why, language, links), error.http_status, {"Cache-Control": "no-store"}, HTML)


def tongue(request: Request) -> str:
    """What was chosen on the page, else the first of ours that the browser names (RFC 9110, 12.5.4)."""
    chosen = request.query_params.get("lang", "")
    if chosen in TONGUES:
        return chosen
    for part in request.headers.get("accept-language", "")[:400].split(","):
        code = part.partition(";")[0].strip().split("-")[0].lower()
        if code in TONGUES:
            return code
    return TONGUES[0]


def _party(request: Request) -> str:
    """The publisher whose copy is asked for, "" for ourselves."""
    return str(request.path_params.get("publisher", ""))


__all__ = ["PATH", "Kept", "doors", "tongue", "trouble"]
