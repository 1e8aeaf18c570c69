"""Pages of hunts: rules, records that are asked, and what each rule came to."""

from __future__ import annotations

import re

from starlette.datastructures import UploadFile
from starlette.responses import Response

from kouprey.hunt.model import Outcome, Rule, State
from kouprey.hunt.service import ARCHIVE, SENT, Hunts
from kouprey.kernel.web.door import MIB, Door, page
from kouprey.kernel.web.language import _, mark, ngettext
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import Damaged, KoupreyError
from kouprey.kernel.words.tlp import TLP, parse_tlp
from kouprey.people.model import Permission, roles_with

PATH = "/hunts"
STATES = {
    State.WAITING: (mark("waiting"), "idle"),
    State.RUNNING: (mark("running"), "info"),
    State.DONE: (mark("done"), "good"),
    State.FAILED: (mark("failed"), "bad"),
}
LEVELS = {
    "critical": (mark("critical"), "bad full"),
    "high": (mark("high"), "bad"),
    "medium": (mark("medium"), "warn"),
    "low": (mark("low"), ""),
    "informational": (mark("informational"), ""),
}
"""Levels of Sigma rules, with their tones."""


def routes(services: Services) -> list[Door]:
    """The doors of hunts for persons who write intelligence."""
    desk = _Desk(services.get(Hunts))
    writes = roles_with(Permission.WRITE)
    return [
        page(PATH, desk.show, roles=writes),
        page(PATH, desk.begin, "POST", roles=writes, cap=SENT + MIB, part=SENT + 1, seconds=120.0),
        page(f"{PATH}/rules", desk.rules, roles=writes),
        page(f"{PATH}/rules", desk.keep, "POST", roles=writes, cap=ARCHIVE + MIB, part=ARCHIVE + 1, seconds=120.0),
        page(f"{PATH}/rules/{{digest}}", desk.rule, roles=writes),
        page(f"{PATH}/rules/{{digest}}", desk.retire, "POST", roles=writes),
        page(f"{PATH}/{{hunt}}", desk.one, roles=writes),
        page(f"{PATH}/{{hunt}}/now", desk.now, roles=writes),
        page(f"{PATH}/{{hunt}}/rules/{{digest}}", desk.found, roles=writes),
        page(f"{PATH}/{{hunt}}/rules/{{digest}}", desk.sight, "POST", roles=writes),
    ]


class _Desk:
    def __init__(self, hunts: Hunts) -> None:
        self._hunts = hunts

    def show(self, request: Request) -> Response:
        return self._show(request)

    def _show(self, request: Request, status: int = 200, error: KoupreyError | None = None) -> Response:
        runs, fails = self._hunts.count_rules(request.reader)
        return request.render(
            "hunt/overview.html",
            status,
            hunts=self._hunts.list_hunts(request.reader),
            states=STATES,
            runs=runs,
            fails=fails,
            error=error,
            mib=SENT // MIB,
        )

    def begin(self, request: Request) -> Response:
        try:
            sent = _sent(request)
            made = self._hunts.begin(request.reader, sent.filename or "", sent.file)
        except KoupreyError as error:
            return self._show(request, error.http_status, error)
        return request.redirect(f"{PATH}/{made.id}", mark("It is asked as soon as its turn comes."), "good")

    def rules(self, request: Request) -> Response:
        return self._rules(request)

    def _rules(self, request: Request, status: int = 200, error: KoupreyError | None = None) -> Response:
        text, after = request.query_params.get("q", ""), request.query_params.get("after", "")
        found, following = self._hunts.list_rules(request.reader, text=text, after=after)
        runs, fails = self._hunts.count_rules(request.reader)
        return request.render(
            "hunt/rules.html",
            status,
            rules=found,
            following=following,
            after=after,
            text=text,
            runs=runs,
            fails=fails,
            levels=LEVELS,
            error=error,
        )

    def keep(self, request: Request) -> Response:
        try:
            sent = _sent(request)
            kept = self._hunts.keep_rules(request.reader, sent.filename or "", sent.file.read(ARCHIVE + 1))
        except KoupreyError as error:
            return self._rules(request, error.http_status, error)
        told = ngettext("%(n)s new rule.", "%(n)s new rules.", kept.new) % {"n": kept.new}
        if kept.unrunnable or kept.refused:
            told += " " + _("%(a)s cannot be run, %(b)s are no rules.") % {
                "a": len(kept.unrunnable),
                "b": len(kept.refused),
            }
        return request.redirect(f"{PATH}/rules", told, "warn" if kept.refused else "good")

    def rule(self, request: Request) -> Response:
        found = self._hunts.get_rule(request.reader, request.path_params["digest"])
        own = _own_text(found)
        return request.render("hunt/rule.html", rule=found, own=own, whole=own != found.text, levels=LEVELS)

    def retire(self, request: Request) -> Response:
        digest, retired = request.path_params["digest"], request.field("retired") == "yes"
        self._hunts.retire_rule(request.reader, digest, retired)
        told = mark("It is asked no more.") if retired else mark("It is asked again.")
        return request.redirect(f"{PATH}/rules/{digest}", told, "good")

    def one(self, request: Request) -> Response:
        return self._one(request, "hunt/hunt.html")

    def now(self, request: Request) -> Response:
        return self._one(request, "hunt/hunt_now.html")

    def _one(self, request: Request, template: str) -> Response:
        hunt = self._hunts.get(request.reader, request.path_params["hunt"])
        done = hunt.state is State.DONE
        missed = self._hunts.outcomes(request.reader, hunt.id, found=False) if done else []
        return request.render(
            template,
            hunt=hunt,
            state=STATES[hunt.state],
            found=sorted(self._hunts.outcomes(request.reader, hunt.id), key=_weight) if done else [],
            problems=[each for each in missed if each.problem],
            blind=[each for each in missed if not each.problem],
            levels=LEVELS,
        )

    def found(self, request: Request) -> Response:
        hunt = self._hunts.get(request.reader, request.path_params["hunt"])
        rule = self._hunts.get_rule(request.reader, request.path_params["digest"])
        every = {each.digest: each for each in self._hunts.outcomes(request.reader, hunt.id)}
        outcome = every.get(rule.digest)
        return request.render(
            "hunt/found.html",
            hunt=hunt,
            rule=rule,
            count=outcome.hits if outcome is not None else 0,
            hits=self._hunts.hits(request.reader, hunt.id, rule.digest),
            marks=[(level.word, level.text) for level in TLP if level <= request.reader.clearance],
            levels=LEVELS,
        )

    def sight(self, request: Request) -> Response:
        try:
            level = parse_tlp(request.field("tlp"))
        except ValueError as error:
            raise Damaged(mark("That is no marking."), str(error), mark("Choose one."), code="bad-tlp") from None
        hunt, digest = request.path_params["hunt"], request.path_params["digest"]
        made = self._hunts.sight(request.reader, hunt, digest, tlp=level, by=request.reader.name)
        return request.redirect(f"/intelligence/{made}", mark("The sighting is kept."), "good")


def _weight(outcome: Outcome) -> int:
    """The gravest level first; within one, as the hunt gives them."""
    known = list(LEVELS)
    return known.index(outcome.level) if outcome.level in known else len(known)


def _own_text(rule: Rule) -> str:
    """What a file of many rules says of this one, by its id; all of the file where that is not plain."""
    parts = re.split(r"(?m)^---[ \t]*\r?\n", rule.text)
    own = [each for each in parts if rule.id and re.search(rf"(?m)^id:\s*['\"]?{re.escape(rule.id)}\b", each)]
    return own[0].strip() if len(own) == 1 else rule.text


def _sent(request: Request) -> UploadFile:
    sent = request.fields.get("file")
    if not isinstance(sent, UploadFile) or not sent.filename:
        raise Damaged(mark("No file was sent."), "", mark("Choose a file."), code="no-file")
    return sent
