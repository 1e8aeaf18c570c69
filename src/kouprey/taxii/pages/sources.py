"""Pages of the TAXII servers from which we pull: how each fares, and what may be done with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from starlette.responses import Response

from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import _, in_words, mark, ngettext
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import Damaged, Forbidden, KoupreyError
from kouprey.kernel.words.time import SECOND
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Permission, roles_with
from kouprey.taxii.model.pulling import Place, Pull, Remote, SignIn
from kouprey.taxii.service.pulling import Remotes, Wishes

PATH = "/sources"
EVERY = {
    "0": mark("only when somebody says so"),
    "300": mark("every five minutes"),
    "3600": mark("every hour"),
    "86400": mark("every day"),
}
LEVELS = {level.word.lower(): level for level in TLP}


@dataclass(frozen=True)
class Row:
    """A source in the list: its last walk that brought something, how it fares, and its address here."""

    remote: Remote
    place: Place
    last: Pull | None
    state: tuple[str, str]
    url: str


def doors(services: Services) -> list[Door]:
    """The list, one source, and what may be done with it."""
    desk, roles = _Desk(services.get(Remotes)), roles_with(Permission.LINK)
    acts: dict[str, Callable[[Request], Response]] = {
        "pull": desk.pull,
        "pause": desk.pause,
        "resume": desk.resume,
        "remove": desk.remove,
    }
    one = f"{PATH}/{{source}}"
    return [
        page(PATH, desk.list, roles=roles),
        page(PATH, desk.save, "POST", roles=roles),
        page(one, desk.show, roles=roles),
        *(page(f"{one}/{verb}", act, "POST", roles=roles) for verb, act in acts.items()),
    ]


class _Desk:
    """What the pages ask of the service."""

    def __init__(self, remotes: Remotes) -> None:
        self._remotes = remotes

    def list(self, request: Request) -> Response:
        _check(request)
        return request.render(
            "taxii/sources.html",
            rows=[self._row(each) for each in self._remotes.list_remotes()],
            every=[(key, _(text)) for key, text in EVERY.items()],
            levels=[(word, f"TLP:{word.upper()}") for word in LEVELS],
        )

    def save(self, request: Request) -> Response:
        _check(request)
        wishes: Wishes = {"every": _every(request.field("every")), "tlp": _level(request.field("tlp"))}
        if request.field("name"):
            wishes["name"] = request.field("name", longest=200)
        user, secret = request.field("user", longest=500), request.field("secret", longest=4_000)
        if user or secret:
            wishes["sign_in"] = SignIn(user=user, password=secret) if user else SignIn(token=secret)
        if request.field("private") == "yes":
            wishes["allow_private"] = True
        try:
            made = self._remotes.save(
                request.field("url", longest=4_000), request.field("collection"), by=request.reader.name, **wishes
            )
            self._remotes.ask(made.id, by=request.reader.name)
        except KoupreyError as error:
            return request.redirect(PATH, in_words(error), "bad")
        return request.redirect(f"{PATH}/{made.id}", _("It is pulled now. This page says what comes of it."))

    def show(self, request: Request) -> Response:
        _check(request)
        remote = self._remotes.get_remote(request.path_params["source"])
        return request.render(
            "taxii/source.html",
            row=self._row(remote),
            remote=remote,
            back=PATH,
            pulls=self._remotes.list_pulls(remote),
            refused=self._remotes.list_refusals(remote),
            often=_often(remote.every // SECOND),
            overlap=remote.overlap // (60 * SECOND),
        )

    def pull(self, request: Request) -> Response:
        said = _("It is pulled now. This page says what comes of it.")
        return self._act(request, lambda name, by: self._remotes.ask(name, by=by), said)

    def pause(self, request: Request) -> Response:
        return self._act(
            request, lambda name, by: self._remotes.pause(name, paused=True, by=by), _("Nothing is pulled from it now.")
        )

    def resume(self, request: Request) -> Response:
        return self._act(
            request, lambda name, by: self._remotes.pause(name, paused=False, by=by), _("It is pulled from again.")
        )

    def remove(self, request: Request) -> Response:
        _check(request)
        gone = self._remotes.remove(request.path_params["source"], by=request.reader.name)
        return request.redirect(PATH, _("%(name)s is forgotten; what came from it stays.") % {"name": gone.name})

    def _act(self, request: Request, act: Callable[[str, str], Remote], said: str) -> Response:
        _check(request)
        name = request.path_params["source"]
        try:
            act(name, request.reader.name)
        except KoupreyError as error:
            return request.redirect(f"{PATH}/{name}", in_words(error), "bad")
        return request.redirect(f"{PATH}/{name}", said)

    def _row(self, remote: Remote) -> Row:
        place, last = self._remotes.get_place(remote), next(iter(self._remotes.list_pulls(remote, 1)), None)
        return Row(remote, place, last, _state(remote, place, last), f"{PATH}/{remote.id}")


def _state(remote: Remote, place: Place, last: Pull | None) -> tuple[str, str]:
    if remote.paused:
        return _("paused"), "idle"
    if last is not None and not last.ended_at:
        return _("goes on"), "info"
    if place.failures:
        return _("fails"), "bad"
    return (_("works"), "good") if place.reached or last is not None else (_("not pulled yet"), "warn")


def _check(request: Request) -> None:
    if not request.reader.local:
        raise Forbidden(mark("These pages are for people of this node's own party."), code="not-local")


def _often(seconds: int) -> str:
    """How often it is pulled, in the words of the form where they fit."""
    if str(seconds) in EVERY:
        return _(EVERY[str(seconds)])
    return ngettext("every %(count)s second", "every %(count)s seconds", seconds) % {"count": seconds}


def _every(text: str) -> int:
    if text not in EVERY:
        raise Damaged("It is not clear how often to pull.", remedy="Choose one from the list.", code="bad-every")
    return int(text) * SECOND


def _level(text: str) -> TLP:
    level = LEVELS.get(text)
    if level is None:
        raise Damaged("It is not clear how closely to hold it.", remedy="Choose a level.", code="bad-level")
    return level
