"""Commands about hand-offs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import msgspec

from kouprey.agreements.model import HANDOFF_KINDS
from kouprey.agreements.service import Agreements
from kouprey.kernel.cli.frame import Invocation, Lazy, group
from kouprey.kernel.words.errors import Damaged, Refused, Unknown
from kouprey.kernel.words.time import format_second
from kouprey.kernel.words.tlp import parse_tlp
from kouprey.response.model import Decline, Urgency, Verb, Wanted
from kouprey.response.model.preserving import Preserve
from kouprey.response.service import HandOffs, Line
from kouprey.response.wire.preserving import PreserveWire, from_wire
from kouprey.response.wire.sealed import read_file, read_lines

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_LATER = [str(verb) for verb in Verb if verb not in (Verb.REQUEST, Verb.REROUTE)]

handoff = group(
    "handoff",
    "Ask a partner to act, and answer when asked.",
    example="kouprey handoff list",
    lazy=(
        Lazy("print", "kouprey.response.cli.handoffpapers:paper", "Write a hand-off as PDF."),
        Lazy("preserved", "kouprey.response.cli.releasing:preserved", "Answer a request to preserve by a date."),
        Lazy("longer", "kouprey.response.cli.releasing:longer", "Ask for a longer preservation."),
        Lazy("words", "kouprey.response.cli.releasing:words", "Show what two persons release."),
        Lazy("basis", "kouprey.response.cli.releasing:basis", "File the legal basis of an emergency."),
    ),
)


@handoff.command("ask", example="kouprey handoff ask Mekong cert.b.example act 'Block the loader' --text 'It calls …'")
@click.argument("agreement")
@click.argument("party")
@click.argument("kind", type=click.Choice(HANDOFF_KINDS))
@click.argument("title")
@click.option("--text", default="", help="What happened, what is asked, why.")
@click.option("--tlp", default="amber", show_default=True, help="Marking of all that is said about it.")
@click.option("--urgency", type=click.Choice([str(each) for each in Urgency]), default="urgent", show_default=True)
@click.option("--about", "refs", multiple=True, help="Id of an object, or a value; repeatable.")
@click.option("--report-days", type=click.IntRange(0, 365), default=0, help="Ask for a report within so many days.")
@click.option("--basis", default="", help="Legal basis; needed to preserve or to disclose.")
@click.option("--number", default="", help="Our case number.")
@click.option("--ground", default="", help="To disclose as an emergency before its basis: what cannot wait.")
@click.option(
    "--preserve",
    "fields",
    multiple=True,
    metavar="FIELD=TEXT",
    help="To preserve: authority, offence, data, custodian, necessity; repeatable.",
)
@click.option("--assistance", is_flag=True, help="To preserve: a request for mutual assistance will follow.")
@click.option("--reader", "readers", multiple=True, metavar="NAME=KEY", help="Who opens what is disclosed; repeatable.")
def ask(call: Invocation, agreement: str, party: str, kind: str, title: str, **given: Any) -> None:
    """Ask a partner; deadlines follow from clause 15 of the AGREEMENT (its id or how its title begins)."""
    with call.node() as services:
        every = services.get(HandOffs)
        wanted = Wanted(
            agreement=services.get(Agreements).find_by_prefix(agreement),
            to=party,
            kind=kind,
            title=title,
            text=given["text"],
            tlp=parse_tlp(given["tlp"]),
            urgency=Urgency(given["urgency"]),
            refs=given["refs"],
            report_within_s=given["report_days"] * 86_400,
            basis=given["basis"],
            number=given["number"],
            readers=read_lines("\n".join(given["readers"])),
            preserve=_preserve(given["fields"], assistance=given["assistance"]),
            ground=given["ground"],
        )
        made = every.request(every.operator(), wanted)
        code = every.code_of(made.id)
    due = f" They owe a sign of life until {format_second(made.due.acknowledge)}." if made.due.acknowledge else ""
    call.out.result({"id": made.id, "code": code}, f"{party} is asked: {made.id}.{due}\nWords for a call: {code}.")


@handoff.command("list", example="kouprey handoff list --ended")
@click.option("--ended", is_flag=True, help="Those that are over.")
def list_handoffs(call: Invocation, ended: bool) -> None:
    """Show what partners ask of us and what we asked of them, what is due first."""
    with call.node() as services:
        every = services.get(HandOffs)
        who = every.operator()
        lines = [*every.list_asked(who, ended=ended), *every.list_asking(who, ended=ended)]
    columns = {"id": "id", "title": "what", "asking": "asking", "asked": "asked", "stage": "stands", "due": "due"}
    columns |= {"until": "preserved", "basis": "basis"}
    call.out.table([_row(line) for line in lines], columns, empty="No hand-off. `kouprey handoff ask` asks a partner.")


@handoff.command("show", example="kouprey handoff show 3f9a")
@click.argument("id_", metavar="ID")
def show(call: Invocation, id_: str) -> None:
    """Show one with all that was said, its clocks, and what may be said next; ID may be how it begins."""
    with call.node() as services:
        every = services.get(HandOffs)
        held = every.get(every.operator(), id_of(every, id_))
        code, now = every.code_of(held.asked.id), every.now()
    asked, course = held.asked, held.course
    lines = [f"{asked.title} ({asked.kind}, {asked.urgency}), {course.stage}"]
    lines += [f"Preserved until {format_second(course.until)}."] if course.until else []
    lines += ["Its legal basis is missing: files were given in an emergency."] if course.lacking else []
    lines += [
        f"  {format_second(step.message.at)} {step.message.author} {step.message.verb}"
        f"{'' if step.counted else ' (too late)'}"
        for step in course.steps
    ]
    for clock in course.clocks:
        late = clock.late_at(now - (held.stopped if clock.name != "acknowledge" else 0))
        how = f"met {format_second(clock.met)}" if clock.met else "late" if late else "runs"
        lines.append(f"  {clock.name}: until {format_second(clock.due)}, {how}")
    lines += [f"Next: {', '.join(held.may) or 'nothing of ours'}.", f"Words for a call: {code}."]
    call.out.result({**msgspec.to_builtins(held), "code": code}, "\n".join(lines))


@handoff.command("say", example="kouprey handoff say 3f9a accept --text 'We block it tonight.'")
@click.argument("id_", metavar="ID")
@click.argument("verb", type=click.Choice(_LATER))
@click.option("--text", default="", help="In words.")
@click.option("--reason", type=click.Choice([str(each) for each in Decline]), help="Why it is declined.")
@click.option("--other", default="", help="The party that is competent.")
@click.option("--number", default="", help="Our case number.")
@click.option("--item", "files", multiple=True, type=_FILE, help="A sealed file; repeatable.")
def say(
    call: Invocation,
    id_: str,
    verb: str,
    text: str,
    reason: str | None,
    other: str,
    number: str,
    files: tuple[Path, ...],
) -> None:
    """Say what is next: acknowledge, accept, decline, query, report, confirm, ..."""
    with call.node() as services:
        every = services.get(HandOffs)
        held = every.say(
            every.operator(),
            id_of(every, id_),
            Verb(verb),
            text=text,
            reason=reason or "",
            other=other,
            number=number,
            via="phone" if verb == Verb.HEARD else "",
            items=tuple(read_file(each.read_bytes()) for each in files),
        )
    call.out.result(
        {"id": held.asked.id, "stage": str(held.course.stage)}, f"Said. The hand-off is {held.course.stage}."
    )


@handoff.command("reroute", example="kouprey handoff reroute 3f9a soc.c.example --text 'They run that network.'")
@click.argument("id_", metavar="ID")
@click.argument("party")
@click.option("--text", default="", help="Why.")
def reroute(call: Invocation, id_: str, party: str, text: str) -> None:
    """Ask another PARTY instead; the first is told and its clocks stop."""
    with call.node() as services:
        every = services.get(HandOffs)
        made = every.reroute(every.operator(), id_of(every, id_), party, text=text)
    call.out.result({"id": made.id}, f"{party} is asked now: {made.id}.")


def id_of(every: HandOffs, text: str) -> str:
    """The one hand-off whose id begins so."""
    if len(text) == 64:
        return text
    who = every.operator()
    found = {
        line.id
        for ended in (False, True)
        for line in (*every.list_asked(who, ended=ended), *every.list_asking(who, ended=ended))
        if line.id.startswith(text.lower()) and text
    }
    if not found:
        raise Unknown(
            f"No hand-off begins with {text[:64]!r}.", remedy="`kouprey handoff list`.", code="unknown-handoff"
        )
    if len(found) > 1:
        raise Refused(f"{len(found)} hand-offs begin so.", remedy="Write more of the id.", code="ambiguous")
    return found.pop()


def _row(line: Line) -> dict[str, object]:
    return {
        "id": line.id[:12],
        "title": line.title,
        "asking": line.asking,
        "asked": line.asked,
        "stage": str(line.stage),
        "due": format_second(line.due_next) if line.due_next and not line.ended else "",
        "until": format_second(line.until)[:10] if line.until else "",
        "basis": "missing" if line.lacking else "",
    }


def _preserve(fields: tuple[str, ...], *, assistance: bool) -> Preserve | None:
    """What is to be preserved, out of FIELD=TEXT; None where nothing of it is said."""
    if not fields and not assistance:
        return None
    said = dict(each.split("=", 1) for each in fields if "=" in each)
    known = ("authority", "offence", "data", "custodian", "necessity")
    if len(said) < len(fields) or set(said) - set(known):
        raise Damaged(
            "What is to be preserved cannot be read.",
            f"A field is one of {', '.join(known)}, each once, as FIELD=TEXT.",
            code="bad-preserve",
        )
    return from_wire(PreserveWire(**said, assistance=assistance))
