"""Commands about cases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from kouprey.kernel.cli.frame import Invocation, Lazy, group
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.time import format_second
from kouprey.kernel.words.tlp import parse_tlp
from kouprey.response.model.cases import Case, Evidence, Fact, Phase, Seen, Severity, Sort, Task, Track
from kouprey.response.rules.casetemplates import said_over
from kouprey.response.service import CaseReports, Cases, CaseTemplates, Contacts, HandOffs, Situations, Strategies
from kouprey.response.store.cases import Wanted
from kouprey.response.wire.casepaper import draw_case
from kouprey.response.wire.casewords import read_body, write_moment

case = group(
    "case",
    "What our own party works on.",
    example="kouprey case list",
    lazy=(
        Lazy("stix", "kouprey.response.cli.casebundles:give", "Write a case as a STIX 2.1 bundle."),
        Lazy("call", "kouprey.response.cli.calling:send_call", "Show the request of a step, and let it go."),
        Lazy("template", "kouprey.response.cli.casetemplates:template", "What the next case of a kind begins with."),
        Lazy("take", "kouprey.response.cli.casebundles:take", "Open a case from a STIX bundle."),
    ),
)
_WRITTEN = [str(each) for each in Sort if each not in (Sort.ACT, Sort.EVIDENCE)]
_ON = click.option("--track", type=click.Choice([str(each) for each in Track]), default="technical", show_default=True)


@case.command("open", example="kouprey case open 'A page shows another text' --type application-compromise")
@click.argument("title", default="")
@click.option("--summary", default="", help="What is known.")
@click.option("--type", "type_", default="", help="Of the Reference Security Incident Taxonomy, as phishing.")
@click.option("--severity", type=click.Choice([str(each) for each in Severity]), default="unknown", show_default=True)
@click.option("--tlp", default="amber", show_default=True, help="Who of ours sees it.")
@click.option("--cross-border", is_flag=True, help="It crosses a border.")
@click.option("--object", "from_object", default="", help="Id of an object to begin with.")
@click.option("--handoff", "from_handoff", default="", help="Hand-off to begin with.")
@click.option("--strategy", default="", help="Strategy whose steps become tasks.")
@click.option("--template", default="", help="Template to begin with; its fields count where none is given.")
def open_case(call: Invocation, title: str, **given: Any) -> None:
    """Open a case; TITLE may be left out where it begins with an object or a hand-off."""
    with call.node() as services:
        every, who = services.get(Cases), services.get(HandOffs).operator()
        begun = every.begin_with(who, from_object=given["from_object"], from_handoff=given["from_handoff"])
        how: dict[str, Any] = {
            "summary": given["summary"] or begun.summary,
            "bodies": begun.bodies,
            "origin": begun.origin,
            "type": given["type_"],
            "severity": Severity(given["severity"]),
            "tlp": max(parse_tlp(given["tlp"]), begun.tlp),
            "cross_border": given["cross_border"],
        }
        if template := given["template"]:
            templates = services.get(CaseTemplates)
            how = said_over(templates.get(who, template), how)
            made = templates.open(who, template, title or begun.title, **how)
        elif strategy := given["strategy"]:
            tasks = services.get(Strategies).tasks(who, strategy)
            made = every.open_by(who, title or begun.title, strategy, tasks, **how)
        else:
            made = every.open(who, title or begun.title, **how)
    call.out.result({"number": made.number, "id": made.id}, f"Case {made.number} is open.")


@case.command("list", example="kouprey case list --words ministry --cross-border")
@click.option("--words", default="", help="Words of the title, or a number.")
@click.option("--phase", type=click.Choice([str(each) for each in Phase]), help="Only those.")
@click.option("--cross-border", is_flag=True, help="Only those that cross a border.")
@click.option("--closed", is_flag=True, help="Those that are closed.")
def list_cases(call: Invocation, words: str, phase: str | None, cross_border: bool, closed: bool) -> None:
    """Show cases, what changed last first."""
    with call.node() as services:
        wanted = Wanted(text=words, phase=phase or "", cross_border=cross_border or None, closed=closed)
        lines, _ = services.get(Cases).list_cases(services.get(HandOffs).operator(), wanted)
    rows = [
        {
            "number": each.case.number,
            "title": each.case.title,
            "phase": str(each.case.phase),
            "severity": str(each.case.severity),
            "tasks": each.tasks,
            "changed": format_second(each.case.changed_at),
            "marking": each.case.tlp.text,
        }
        for each in lines
    ]
    names = {"number": "#", "title": "case", "phase": "phase", "severity": "severity", "tasks": "to do"}
    columns = {**names, "changed": "changed", "marking": "marking"}
    call.out.table(rows, columns, empty="No case is like that. `kouprey case open TITLE` opens one.")


@case.command("show", example="kouprey case show 12")
@click.argument("number")
def show(call: Invocation, number: str) -> None:
    """Show a case, what is to be done, and what happened."""
    with call.node() as services:
        every, who = services.get(Cases), services.get(HandOffs).operator()
        opened = every.get(who, number)
        items, _ = every.items(who, opened)
    held = opened.case
    lines = [
        f"#{held.number} {held.title}",
        f"{held.phase}, severity {held.severity}, {held.tlp.text}" + (f", {held.type}" if held.type else ""),
        held.summary,
    ]
    lines += [f"{name}: {write_moment(each)}" for name, each in held.moments.items()]
    for item in reversed(items):
        body = item.body
        if isinstance(body, Task):
            lines.append(f"[{'x' if body.state == 'done' else ' '}] {body.title} ({item.id})")
        elif isinstance(body, Fact):
            lines.append(f"{write_moment(body.moment)} {body.text}")
        elif isinstance(body, Seen):
            lines.append(f"{body.kind} {body.text}")
        elif isinstance(body, Evidence):
            lines.append(f"evidence {body.name} sha256 {body.sha256} ({item.id})")
    call.out.result(_plain(held), "\n".join(line for line in lines if line))


@case.command("write", example="kouprey case write 12 fact 'The page changed' --at '2026-11-27 23:50' --offset +07:00")
@click.argument("number")
@click.argument("sort", type=click.Choice(_WRITTEN))
@click.argument("text")
@click.option("--at", default="", help="When it happened, as 2026-11-27 23:50.")
@click.option("--offset", default="", help="In which time, as +07:00.")
@click.option("--due", default="", help="By when a task is to be done.")
@click.option("--note", default="", help="What an observable or a link has to do with the case.")
@click.option("--to", default="object", help="What a link leads to: object, handoff or ticket.")
@_ON
def write(call: Invocation, number: str, sort: str, text: str, track: str, **given: str) -> None:
    """Write a task, note, fact, observable or link into a case."""
    body = read_body(
        Sort(sort), {**given, "text": text, "title": text, "ref": text} | ({"text": ""} if sort == "task" else {})
    )
    with call.node() as services:
        made = services.get(Cases).add(services.get(HandOffs).operator(), number, Track(track), body)
    call.out.result({"id": made.id}, f"Written down: {made.id}.")


@case.command("done", example="kouprey case done item_3f9a 'The page is as it was.'")
@click.argument("task")
@click.argument("result", default="")
def done(call: Invocation, task: str, result: str) -> None:
    """Say that a task is done, and what came of it."""
    with call.node() as services:
        every, who = services.get(Cases), services.get(HandOffs).operator()
        _, held = every.get_item(who, task)
        if not isinstance(held.body, Task):
            raise Damaged("That is no task.", remedy="`kouprey case show NUMBER` shows them.", code="bad-item")
        every.finish(who, task, held.version, result)
    call.out.result({"id": task}, "It is done.")


@case.command("phase", example="kouprey case phase 12 contained")
@click.argument("number")
@click.argument("phase", type=click.Choice([str(each) for each in Phase]))
def set_phase(call: Invocation, number: str, phase: str) -> None:
    """Bring a case to a phase; `closed` closes it, any other opens it again."""
    with call.node() as services:
        every, who = services.get(Cases), services.get(HandOffs).operator()
        held = every.get(who, number).case
        made = every.change(who, number, held.version, phase=Phase(phase))
    call.out.result(_plain(made), f"Case {made.number} is {made.phase}.")


@case.command("merge", example="kouprey case merge 13 12")
@click.argument("number")
@click.argument("into")
def merge(call: Invocation, number: str, into: str) -> None:
    """Read a case in another one; both stay as they are."""
    with call.node() as services:
        made = services.get(Cases).merge(services.get(HandOffs).operator(), number, into)
    call.out.result(_plain(made), f"Case {made.number} is read in case {into} now.")


@case.command("unmerge", example="kouprey case unmerge 13")
@click.argument("number")
def unmerge(call: Invocation, number: str) -> None:
    """Part a case from the one it is read in."""
    with call.node() as services:
        made = services.get(Cases).unmerge(services.get(HandOffs).operator(), number)
    call.out.result(_plain(made), f"Case {made.number} stands by itself again.")


@case.command("adopt", example="kouprey case adopt 12 course-of-action--3f9a")
@click.argument("number")
@click.argument("strategy")
@_ON
def adopt(call: Invocation, number: str, strategy: str, track: str) -> None:
    """Make tasks of the steps of a strategy."""
    with call.node() as services:
        who = services.get(HandOffs).operator()
        tasks = services.get(Strategies).tasks(who, strategy)
        made = services.get(Cases).add_tasks(who, number, Track(track), tasks, strategy)
    call.out.result({"tasks": [each.id for each in made]}, f"{len(made)} tasks.")


@case.command("evidence", example="kouprey case evidence 12 mail.eml --source 'Mailbox of the press office'")
@click.argument("number")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--source", default="", help="Where it comes from.")
@click.option("--seal", default="", help="Number of the seal.")
@click.option("--location", default="", help="Where the thing itself is.")
@_ON
def evidence(call: Invocation, number: str, file: Path, track: str, **given: str) -> None:
    """Keep a file as evidence, byte for byte."""
    about = Evidence(name=file.name, media_type="application/octet-stream", size=0, sha256="", **given)
    with call.node() as services, file.open("rb") as source:
        made = services.get(Cases).keep_evidence(services.get(HandOffs).operator(), number, Track(track), source, about)
    assert isinstance(made.body, Evidence)
    call.out.result({"id": made.id, "sha256": made.body.sha256}, f"Kept: {made.body.sha256} ({made.id}).")


@case.command("fetch", example="kouprey case fetch item_3f9a --to mail.eml")
@click.argument("item")
@click.option("--to", "to_", required=True, type=click.Path(dir_okay=False, path_type=Path), help="A new file.")
def fetch(call: Invocation, item: str, to_: Path) -> None:
    """Fetch evidence; that it was fetched is written down first."""
    with call.node() as services:
        body, parts = services.get(Cases).read_evidence(services.get(HandOffs).operator(), item)
        with to_.open("xb") as file:
            for part in parts:
                file.write(part)
    call.out.result({"sha256": body.sha256, "file": str(to_)}, f"{body.name}: {body.size:,} bytes, {body.sha256}.")


@case.command("report", example="kouprey case report 12 --language km --into papers")
@click.argument("number")
@click.option("--language", default="en", show_default=True, help="Such as en or km.")
@click.option("--into", type=click.Path(file_okay=False, path_type=Path), default=Path(), help="Folder to write to.")
def report(call: Invocation, number: str, language: str, into: Path) -> None:
    """Write the report of a case as PDF."""
    with call.node() as services:
        reports, who = services.get(CaseReports), services.get(HandOffs).operator()
        made = reports.report(who, number)
        drawn = draw_case(made, services.get(Situations).names(services.get(Contacts).names()), language)
        reports.note_printed(who, made, language)
    file = into / f"case-{made.case.number}-{language}.pdf"
    into.mkdir(parents=True, exist_ok=True)
    file.write_bytes(drawn)
    call.out.result({"pdf": str(file), "tlp": made.tlp.text}, f"Written: {file} ({made.tlp.text})")


def _plain(held: Case) -> dict[str, Any]:
    return {
        "number": held.number,
        "id": held.id,
        "title": held.title,
        "phase": str(held.phase),
        "severity": str(held.severity),
        "tlp": held.tlp.word,
        "merged": bool(held.merged_into),
        "moments": {name: write_moment(each) for name, each in held.moments.items()},
    }
