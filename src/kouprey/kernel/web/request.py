"""The request as an endpoint sees it: who asks, what was sent, and how to answer with a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from starlette.datastructures import FormData
from starlette.requests import Request as StarletteRequest
from starlette.responses import RedirectResponse, Response

from kouprey.kernel.web.identity import Identity
from kouprey.kernel.web.session import Notice, Undo
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Damaged, Unidentified
from kouprey.kernel.words.look import Look

if TYPE_CHECKING:
    from kouprey.kernel.web.door import Door
    from kouprey.kernel.web.site import Site

THEMES = ("auto", "light", "dark")


class Request(StarletteRequest):
    """One request at one door. `fields` is a form that was sent, `content` any other body, both already read."""

    door: Door | None = None
    identity: Identity | None = None
    content: bytes = b""
    fields: FormData = FormData()

    @property
    def site(self) -> Site:
        """The node's web face."""
        site: Site = self.scope["kouprey.site"]
        return site

    @property
    def id(self) -> str:
        """Names this request in logs and on error pages."""
        return str(self.scope.get("kouprey.request", "-"))

    @property
    def who(self) -> Identity:
        """Who asks; raises Unidentified when nobody is signed in."""
        if self.identity is None:
            raise Unidentified(
                "This needs somebody who is signed in.", "Nobody is.", "Sign in, or send a token.", code="unidentified"
            )
        return self.identity

    @property
    def reader(self) -> Reader:
        """For whom to read; raises Unidentified."""
        return self.who.reader

    @property
    def csrf(self) -> str:
        """The token forms carry; "" when nobody is signed in."""
        return self.identity.csrf if self.identity is not None else ""

    @property
    def look(self) -> Look:
        """What the person who is signed in chose."""
        return self.identity.look if self.identity is not None else Look()

    @property
    def language(self) -> str:
        """The code of the language to answer in: what the person chose, else this browser's choice, else its wish."""
        wish = self.query_params.get("lang", "") if self.door is not None and self.door.preview else ""
        chosen = self.site.sessions.get(self, "language")
        return self.site.choose_language((wish, self.look.language, chosen), self.headers.get("accept-language", ""))

    @property
    def theme(self) -> str:
        """auto, light or dark."""
        wish = self.query_params.get("theme", "") if self.door is not None and self.door.preview else ""
        chosen = wish or self.look.theme or self.site.sessions.get(self, "theme")
        return chosen if chosen in THEMES else "auto"

    def field(self, name: str, *, longest: int = 10_000) -> str:
        """A text field of the form, stripped, "" when absent; raises Damaged when it is too long or a file."""
        value = self.fields.get(name, "")
        if not isinstance(value, str) or len(value) > longest:
            raise Damaged(f"The field {name!r} cannot be read.", "It is too long or a file.", code="bad-field")
        return value.strip()

    def render(self, template: str, status: int = 200, **values: Any) -> Response:
        """A page from a template; what every page needs is added."""
        return self.site.pages.page(self, template, status, values)

    def redirect(self, path: str, notice: str = "", kind: str = "good", undo: Undo | None = None) -> Response:
        """Go to another page of ours after a form (303); `notice` is shown there once, with a way to `undo` it."""
        response = RedirectResponse(own_path(path), status_code=303)
        if notice:
            self.site.sessions.leave_notice(response, Notice(notice, kind, undo))
        return response


def own_path(path: str) -> str:
    """`path` when it stays on this node, else `/`: where to go next must not be a stranger's choice."""
    if not path.startswith("/") or path.startswith("//") or any(letter in "\\" or ord(letter) < 33 for letter in path):
        return "/"
    parts = urlsplit(path)
    return "/" if parts.scheme or parts.netloc else path
