"""The pages of settings and of the node itself, and the endpoints that stand for them; for administrators."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from msgspec import Struct
from starlette.responses import Response

from kouprey.kernel.web.api import Asked, Time, api, time_of
from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import _, mark
from kouprey.kernel.web.request import Request
from kouprey.kernel.web.session import Undo
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Forbidden, KoupreyError
from kouprey.kernel.words.finding import Finding
from kouprey.kernel.words.tlp import TLP
from kouprey.node.about import licences, look
from kouprey.node.assemble import Node
from kouprey.node.changing import LIVE
from kouprey.node.doctor import look_at
from kouprey.node.logs import without_secrets
from kouprey.node.settings import FILE, MEANINGS, Settings
from kouprey.node.wording import GROUPS, LEVELS, SAID, TITLES, shown
from kouprey.people.model import Permission, Role, roles_with

PATH = "/settings"
PATIENCE = 300.0
"""Seconds the doctor may take on a large node."""


@dataclass(frozen=True)
class Row:
    """A setting: its value in force, where that comes from, and what stands in the file, if that is another."""

    name: str
    title: str
    said: str
    value: str
    default: str
    place: str
    waiting: str
    live: bool
    elsewhere: bool


class Setting(Struct, kw_only=True):
    """A setting in force; `place` is default, file, environment (NAME) or flag --NAME; `live`: it may be changed."""

    name: str
    value: str
    default: str
    place: str
    live: bool
    meaning: str


class Listed(Struct, kw_only=True):
    """All settings, secrets masked."""

    settings: tuple[Setting, ...]


class NewValue(Asked, frozen=True, kw_only=True):
    """Another value, as it would stand in the environment; with `reset` the default holds."""

    value: str = ""
    reset: bool = False


class About(Struct, kw_only=True):
    """The node as it runs; sizes in bytes."""

    version: str
    python: str
    engine: str
    size: int
    free: int
    words: tuple[str, ...]
    root_key: bool
    backup_at: Time
    signing: bool
    trouble: str
    since: Time


class Found(Struct, kw_only=True):
    """A finding of the doctor."""

    check: str
    level: str
    what: str
    why: str
    remedy: str


class Examined(Struct, kw_only=True):
    """Every check, and what was found."""

    checks: tuple[str, ...]
    findings: tuple[Found, ...]


class Used(Struct, kw_only=True):
    """A package that is part of the program."""

    name: str
    version: str
    licence: str


class Licences(Struct, kw_only=True):
    """By name."""

    packages: tuple[Used, ...]


def routes(node: Node) -> list[Door]:
    """The doors."""
    desk, roles = _Desk(node), roles_with(Permission.PEOPLE)
    return [
        page(PATH, desk.show, roles=roles),
        page(PATH, desk.change, "POST", roles=roles),
        page(f"{PATH}/node", desk.about, roles=roles),
        page(f"{PATH}/node", desk.examine, "POST", roles=roles, seconds=PATIENCE),
        page(f"{PATH}/licences", desk.licences, roles=roles),
        *_endpoints(node, roles),
    ]


def _endpoints(node: Node, roles: tuple[str, ...]) -> list[Door]:
    told: dict[str, Any] = {"group": "The node", "roles": roles}
    desk = _Programs(node)
    return [
        api("GET", "/settings", desk.list, gives=Listed, does=(f"GET {PATH}",), summary="Settings in force.", **told),
        api(
            "PUT",
            "/settings/{setting}",
            desk.change,
            takes=NewValue,
            gives=Setting,
            fails={
                "unknown-setting": 404,
                "needs-restart": 409,
                "set-elsewhere": 409,
                "by-hand": 409,
                "bad-setting": 400,
            },
            does=(f"POST {PATH}",),
            repeatable=True,
            summary="Change one that a running node obeys; it is written into its file.",
            **told,
        ),
        api(
            "GET", "/node", desk.about, gives=About, does=(f"GET {PATH}/node",), summary="The node as it runs.", **told
        ),
        api(
            "POST",
            "/node/examination",
            desk.examine,
            gives=Examined,
            fails={"above-clearance": 403},
            does=(f"POST {PATH}/node",),
            reads=True,
            seconds=PATIENCE,
            summary="Let the doctor look at the running node; nothing is mended.",
            **told,
        ),
        api(
            "GET",
            "/node/licences",
            desk.licences,
            gives=Licences,
            does=(f"GET {PATH}/licences",),
            summary="The packages this program is made of, and their licences.",
            **told,
        ),
    ]


class _Desk:
    """What the pages ask of the node."""

    def __init__(self, node: Node) -> None:
        self._node = node

    def show(self, request: Request) -> Response:
        rows = {row.name: row for row in list_rows(self._node)}
        return request.render(
            "node/settings.html",
            groups=[(key, _(title), [rows[name] for name in names]) for key, title, names in GROUPS],
            file=str(self._node.data / FILE),
            levels=[(key, _(text)) for key, text in LEVELS.items()],
            shown=shown,
            roles=[str(role) for role in Role],
            chosen={row.name: [each.strip() for each in row.value.split(",")] for row in rows.values()},
        )

    def change(self, request: Request) -> Response:
        name = request.field("setting", longest=60)
        values = [str(each) for each in request.fields.getlist("value")]
        value = None if request.field("reset") == "yes" else ", ".join(each for each in values if each)
        try:
            before = self._node.live.change(name, value, by=request.reader.name)
        except KoupreyError as error:
            return request.redirect(PATH, str(error), "bad")
        back = {"setting": name, **({"reset": "yes"} if before is None else {"value": before})}
        said = _("%(title)s is changed, and counts from now on. Before it was: %(value)s.") % {
            "title": _(TITLES[name]),
            "value": before or _("the default"),
        }
        return request.redirect(PATH, said, undo=Undo(PATH, back))

    def about(self, request: Request) -> Response:
        return self._about(request, None)

    def examine(self, request: Request) -> Response:
        _check_cleared(request.reader)
        return self._about(request, list(look_at(self._node)))

    def _about(self, request: Request, found: list[tuple[str, list[Finding]]] | None) -> Response:
        return request.render(
            "node/about.html",
            facts=look(self._node),
            found=found,
            cleared=_is_cleared(request.reader),
            origins=request.site.origins,
        )

    def licences(self, request: Request) -> Response:
        return request.render("node/licences.html", packages=licences())


class _Programs:
    """What the endpoints ask of the node."""

    def __init__(self, node: Node) -> None:
        self._node = node

    def list(self, _: Request) -> Listed:
        return Listed(settings=tuple(map(_setting, list_rows(self._node))))

    def change(self, request: Request, asked: NewValue) -> Setting:
        name = str(request.path_params["setting"])
        self._node.live.change(name, None if asked.reset else asked.value, by=request.reader.name)
        return _setting(next(row for row in list_rows(self._node) if row.name == name))

    def about(self, _: Request) -> About:
        held = look(self._node)
        return About(
            version=held.version,
            python=held.python,
            engine=held.engine,
            size=held.size,
            free=held.free,
            words=held.words,
            root_key=held.root_key,
            backup_at=time_of(held.backup.at if held.backup is not None else 0),
            signing=held.signing,
            trouble=held.trouble,
            since=time_of(held.since),
        )

    def examine(self, request: Request) -> Examined:
        _check_cleared(request.reader)
        found = list(look_at(self._node))
        return Examined(
            checks=tuple(name for name, _ in found),
            findings=tuple(
                Found(check=name, level=each.level, what=each.what, why=each.why, remedy=each.remedy)
                for name, several in found
                for each in several
            ),
        )

    def licences(self, _: Request) -> Licences:
        return Licences(packages=tuple(Used(**each._asdict()) for each in licences()))


def list_rows(node: Node) -> list[Row]:
    """Every setting as it is in force, passwords masked."""
    given, defaults = node.live.given(), Settings()
    rows = []
    for name in MEANINGS:
        held, place = given.get(name, (None, "default"))
        value, default = getattr(node.settings, name), getattr(defaults, name)
        written = default if held is None else held
        # The environment says everything as text.
        waiting = "" if str(_plain(written)) == str(_plain(value)) else without_secrets(str(_plain(written)))
        rows.append(
            Row(
                name,
                _(TITLES[name]),
                _(SAID[name]),
                without_secrets(str(_plain(value))),
                str(_plain(default)),
                place,
                waiting if place in ("file", "default") else "",
                name in LIVE,
                place not in ("file", "default"),
            )
        )
    return rows


def _plain(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _setting(row: Row) -> Setting:
    return Setting(
        name=row.name,
        value=row.value,
        default=row.default,
        place=row.place,
        live=row.live and not row.elsewhere,
        meaning=MEANINGS[row.name],
    )


def _is_cleared(who: Reader) -> bool:
    return who.local and who.clearance is TLP.RED and not who.exercise


def _check_cleared(who: Reader) -> None:
    """What is damaged is called by its id, whatever its level."""
    if not _is_cleared(who):
        raise Forbidden(
            mark("The doctor may name more than you may see."),
            mark("It calls what is damaged by its id, whatever its level."),
            mark("Ask somebody who is cleared for TLP:RED, or run `kouprey doctor` on the machine."),
            code="above-clearance",
        )
