"""Commands about the audit: list it, write it down, and see whether it is whole."""

from __future__ import annotations

import sys

import click

from kouprey.audit.model import Line, Question
from kouprey.audit.service import Audit
from kouprey.audit.wire import Form, read_day
from kouprey.kernel.cli.frame import Invocation, group
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.time import format_second
from kouprey.people.service import People

_BY = "operator"

audit = group("audit", "Who did what: list, export, verify.", example="kouprey audit list --action person.link")


def _question(action: str, who: str, about: str, text: str, since: str, until: str, people: People) -> Question:
    ids = {person.name: person.id for person in people.list_persons()}
    return Question(
        action=action,
        actor=ids.get(who, who),
        subject=ids.get(about, about),
        text=text,
        since=read_day(since) if since else None,
        until=read_day(until, end=True) if until else None,
    )


_ACTION = click.option("--action", default="", metavar="ACTION", help="Only this action, such as exchange.publish.")
_WHO = click.option("--who", default="", metavar="NAME|ID", help="Only what this person, token or party did.")
_ABOUT = click.option("--about", default="", metavar="NAME|ID", help="Only what was done to this.")
_TEXT = click.option("--text", default="", metavar="TEXT", help="Only what was done to something with this in its id.")
_SINCE = click.option("--since", default="", metavar="DAY", help="From this day on (UTC), such as 2026-11-01.")
_UNTIL = click.option("--until", default="", metavar="DAY", help="Up to the end of this day (UTC).")


@audit.command("list", example='kouprey audit list --who "Dara Sok" --since 2026-11-01')
@_ACTION
@_WHO
@_ABOUT
@_TEXT
@_SINCE
@_UNTIL
@click.option("--before", type=int, metavar="ID", help="The next page: the last id of the page before.")
def list_lines(
    call: Invocation, action: str, who: str, about: str, text: str, since: str, until: str, before: int | None
) -> None:
    """Show fifty lines, newest first. That they were read stands in the trail too."""
    with call.node() as services:
        people = services.get(People)
        question = _question(action, who, about, text, since, until, people)
        page = services.get(Audit).read(question, by=_BY, before=before)
        names = {person.id: person.name for person in people.list_persons()}
    columns = {"id": "Id", "at": "When", "who": "Who", "action": "What", "about": "About", "detail": "Detail"}
    call.out.table([_row(line, names) for line in page.lines], columns, empty="No line of the trail is about this.")
    if page.older:
        call.out.note(f"Older ones: --before {page.older}")


def _row(line: Line, names: dict[str, str]) -> dict[str, object]:
    return {
        "id": line.id,
        "at": format_second(line.at),
        "who": names.get(line.actor, line.actor),
        "action": line.action,
        "about": names.get(line.subject, line.subject),
        "detail": line.detail,
    }


@audit.command("export", example="kouprey audit export --format csv --since 2026-11-01 > audit.csv")
@click.option(
    "--format",
    "form",
    type=click.Choice([str(form) for form in Form]),
    default="ndjson",
    show_default=True,
    help="How.",
)
@_ACTION
@_WHO
@_ABOUT
@_TEXT
@_SINCE
@_UNTIL
def export(call: Invocation, form: str, action: str, who: str, about: str, text: str, since: str, until: str) -> None:
    """Write the trail to standard output, newest first. In csv no cell is a formula; ndjson changes nothing."""
    with call.node() as services:
        question = _question(action, who, about, text, since, until, services.get(People))
        for piece in services.get(Audit).export(Form(form), question, by=_BY):
            sys.stdout.buffer.write(piece)
        sys.stdout.flush()


@audit.command("verify", example="kouprey audit verify")
@click.option("--noted", default="", metavar="HASH", help="A hash that was noted earlier, to be found in the trail.")
def verify(call: Invocation, noted: str) -> None:
    """See whether a line was changed, removed or put in. Note the hash it prints, on another machine or on paper."""
    with call.node() as services:
        service = services.get(Audit)
        found = service.verify()
        known = not noted or service.has_link(noted)
    value = {
        "whole": found.whole and known,
        "lines": found.lines,
        "earlier": found.earlier,
        "head": found.head.hex(),
        "broken": found.broken,
    }
    if not found.whole:
        where = f"Line {found.broken} is" if found.broken else f"The end, after {found.lines:,} lines, is"
        raise Damaged(
            "The audit trail is not whole.",
            f"{where} not as it was written.",
            "Keep a copy of the database, compare it with a backup, and find out who could write to it.",
            code="audit-broken",
            detail=value,
        )
    if not known:
        raise Damaged(
            "The noted hash is not in the trail.",
            "The trail was written anew since, or the hash belongs to another node.",
            "Compare with a backup of that time.",
            code="audit-rewritten",
            detail=value,
        )
    earlier = f", and {found.earlier:,} from before lines were chained" if found.earlier else ""
    call.out.result(value, f"{found.lines:,} lines are whole{earlier}. The newest hash is {found.head.hex()}")
