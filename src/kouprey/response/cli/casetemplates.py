"""Commands about templates of cases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from kouprey.kernel.cli.frame import Invocation, group
from kouprey.kernel.words.time import format_second
from kouprey.kernel.words.tlp import parse_tlp
from kouprey.response.service import CaseTemplates, HandOffs

template = group("template", "What the next case of a kind begins with.", example="kouprey case template list")
_TEMPLATE = click.argument("id_", metavar="TEMPLATE")


@template.command("keep", example="kouprey case template keep 12 'A page is defaced'")
@click.argument("number")
@click.argument("name")
@click.option("--description", default="", help="When it is used.")
@click.option("--tlp", default="", help="No lower than that of the case, which is taken when this is left out.")
def keep(call: Invocation, number: str, name: str, description: str, tlp: str) -> None:
    """Keep a template of a case: its head, its tasks, and who watches it."""
    with call.node() as services:
        level = parse_tlp(tlp) if tlp else None
        who = services.get(HandOffs).operator()
        made = services.get(CaseTemplates).keep(who, number, name, description=description, tlp=level)
    call.out.result({"id": made.id, "tasks": len(made.tasks)}, f"Kept: {made.id}, {len(made.tasks)} tasks.")


@template.command("list", example="kouprey case template list --retired")
@click.option("--retired", is_flag=True, help="Those that are offered no more.")
def list_templates(call: Invocation, retired: bool) -> None:
    """Show templates, by name."""
    with call.node() as services:
        found = services.get(CaseTemplates).list(services.get(HandOffs).operator(), retired=retired)
    rows = [
        {
            "id": each.id,
            "name": each.name,
            "tasks": len(each.tasks),
            "changed": format_second(each.changed_at),
            "marking": each.tlp.text,
        }
        for each in found
    ]
    columns = {"id": "id", "name": "template", "tasks": "tasks", "changed": "changed", "marking": "marking"}
    call.out.table(rows, columns, empty="None. `kouprey case template keep NUMBER NAME` keeps one of a case.")


@template.command("show", example="kouprey case template show tpl_3f9a")
@_TEMPLATE
def show(call: Invocation, id_: str) -> None:
    """Show what a new case gets by a template."""
    with call.node() as services:
        found = services.get(CaseTemplates).get(services.get(HandOffs).operator(), id_)
    tasks = [{"track": str(each.track), "title": each.title, "due_s": each.due_s} for each in found.tasks]
    lines = [f"{found.name}, {found.tlp.text}, version {found.version}", found.description]
    lines += [f"{number}. {each.title} ({each.track})" for number, each in enumerate(found.tasks, 1)]
    told: dict[str, Any] = {"id": found.id, "name": found.name, "version": found.version, "retired": found.retired}
    call.out.result(told | {"tasks": tasks}, "\n".join(filter(None, lines)))


@template.command("change", example="kouprey case template change tpl_3f9a --name 'A page shows another text'")
@_TEMPLATE
@click.option("--name", help="Another name.")
@click.option("--description", help="When it is used.")
@click.option("--title", help="Title of the new case.")
@click.option("--summary", help="What is known at its beginning.")
def change(call: Invocation, id_: str, **given: str | None) -> None:
    """Change the words of a template; each version stays. Tasks are changed on its page."""
    with call.node() as services:
        templates, who = services.get(CaseTemplates), services.get(HandOffs).operator()
        held = templates.get(who, id_)
        changes = {name: value for name, value in given.items() if value is not None}
        made = templates.change(who, id_, held.version, **changes)
    call.out.result({"id": made.id, "version": made.version}, f"Kept as version {made.version}.")


@template.command("retire", example="kouprey case template retire tpl_3f9a")
@_TEMPLATE
def retire(call: Invocation, id_: str) -> None:
    """Offer a template no more; nothing is deleted."""
    _retire(call, id_, retired=True)


@template.command("restore", example="kouprey case template restore tpl_3f9a")
@_TEMPLATE
def restore(call: Invocation, id_: str) -> None:
    """Offer a retired template again."""
    _retire(call, id_, retired=False)


def _retire(call: Invocation, id_: str, *, retired: bool) -> None:
    with call.node() as services:
        templates, who = services.get(CaseTemplates), services.get(HandOffs).operator()
        made = templates.retire(who, id_, templates.get(who, id_).version, retired=retired)
    call.out.result({"id": made.id, "retired": made.retired}, "It is retired." if retired else "It is offered again.")


@template.command("export", example="kouprey case template export tpl_3f9a -o defaced.json")
@_TEMPLATE
@click.option("-o", "--to", "to_", required=True, type=click.Path(dir_okay=False, path_type=Path), help="A new file.")
def export(call: Invocation, id_: str, to_: Path) -> None:
    """Write a template as a file, without persons; that it was written is noted first."""
    with call.node() as services:
        found, raw = services.get(CaseTemplates).write(services.get(HandOffs).operator(), id_)
        with to_.open("xb") as file:
            file.write(raw)
    call.out.result({"file": str(to_), "tlp": found.tlp.word}, f"Written: {to_} ({found.tlp.text})")


@template.command("import", example="kouprey case template import defaced.json --tlp amber")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--tlp", default="clear", show_default=True, help="Marked so at least; what it says itself counts too.")
def take(call: Invocation, file: Path, tlp: str) -> None:
    """Take in a template that a node has written."""
    with call.node() as services:
        who = services.get(HandOffs).operator()
        made = services.get(CaseTemplates).take(who, file.read_bytes(), tlp=parse_tlp(tlp))
    call.out.result({"id": made.id, "tlp": made.tlp.word}, f"Kept: {made.id}, {made.tlp.text}.")
