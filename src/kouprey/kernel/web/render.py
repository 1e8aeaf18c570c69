"""Templates to pages: one environment, always escaping, where an unknown name is an error."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING, Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, PrefixLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup
from starlette.responses import HTMLResponse, Response

from kouprey.kernel.web import filters
from kouprey.kernel.web.language import LANGUAGES, _, current, ngettext, pgettext, told, use
from kouprey.kernel.web.static import static_files

if TYPE_CHECKING:
    from kouprey.kernel.web.request import Request
    from kouprey.kernel.web.site import Site

_csrf: ContextVar[str] = ContextVar("csrf", default="")


class Pages:
    """All templates of a node. Those of the frame have plain names, those of a capability begin with its name:

    `frame.html`, `components.html`; `agreements/list.html` from `kouprey/agreements/templates/list.html`.
    """

    def __init__(self, site: Site, packages: Sequence[str]) -> None:
        self._site = site
        self.environment = _environment(tuple(packages))

    def page(self, request: Request, template: str, status: int, values: Mapping[str, Any]) -> Response:
        """Render for one request, in its language; a notice left before a redirect is shown and dropped."""
        site = self._site
        self.speak(request)
        _csrf.set(request.csrf)
        notice = site.sessions.take_notice(request)
        path = request.url.path
        nav = [item for item in site.nav if item.shown_to(request.identity)]
        places = [(place, item.path) for item in nav for place in (item.path, *item.also) if _within(path, place)]
        active = max(places, key=lambda each: len(each[0]), default=("", ""))[1]
        sections = [(title, list(items)) for title, items in groupby(nav, lambda item: item.section)]
        frame = {
            "request": request,
            "site": site,
            "identity": request.identity,
            "language": request.language,
            "font": site.languages[request.language].font,
            "theme": request.theme,
            "nav": sections,
            "active": active,
            "notice": notice,
            # What is fetched into a page that is open (a dialog) needs no frame around it.
            "layout": "part.html" if request.headers.get("x-fragment") else "frame.html",
            "keys": request.identity is not None and request.look.keys is not False,
        }
        text = self.environment.get_template(template).render({**frame, **values})
        response = HTMLResponse(text, status_code=status)
        if notice is not None:
            site.sessions.drop_notice(response)
        return response

    def speak(self, request: Request) -> None:
        """Make the request's language that of all texts in this context."""
        use(self._site.languages[request.language])


def alone(packages: Sequence[str], template: str, **values: Any) -> str:
    """A page that stands alone, without the frame and without a request, in the language of the current context."""
    return _environment(tuple(packages)).get_template(template).render(values)


@cache
def _environment(packages: tuple[str, ...]) -> Environment:
    """What templates are compiled in: it depends on what is installed and on nothing of a node, so once is enough."""
    own = PackageLoader("kouprey.kernel.web", "templates")
    others = {package.rpartition(".")[2]: PackageLoader(package, "templates") for package in packages}
    environment = Environment(
        loader=ChoiceLoader([own, PrefixLoader(others)]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_callables(_, ngettext, newstyle=True, pgettext=pgettext)  # type: ignore[attr-defined]  # of i18n
    environment.filters.update({name: _each_time(call) for name, call in filters.FILTERS.items()})
    environment.globals.update(
        static=static_files().url, csrf_field=csrf_field, languages=LANGUAGES, say=told, speech=current
    )
    return environment


def _each_time(call: Callable[..., Any]) -> Callable[..., Any]:
    """Keep Jinja from applying a filter to a constant once, in the language and at the time of whoever came first."""

    @pass_context
    def filter_(context: Context, *args: Any, **named: Any) -> Any:
        return call(*args, **named)

    return filter_


def _within(path: str, place: str) -> bool:
    return path == place or (place != "/" and path.startswith(place.rstrip("/") + "/"))


def csrf_field() -> Markup:
    """The hidden field every form carries."""
    return Markup('<input type="hidden" name="csrf" value="{}">').format(_csrf.get())
