"""Commands about constituents."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import msgspec

from kouprey.constituents.model import CLEARANCES, CONTENTS, Constituent, Rhythm
from kouprey.constituents.service import Constituents
from kouprey.kernel.cli.frame import Invocation, group
from kouprey.kernel.words.errors import Refused
from kouprey.kernel.words.tlp import TLP, parse_tlp

_BY = "operator"
_CLEARANCE = click.Choice([level.word for level in CLEARANCES], case_sensitive=False)
_CONTENT = click.Choice([level.word for level in CONTENTS], case_sensitive=False)
_RHYTHM = click.Choice([str(rhythm) for rhythm in Rhythm])

constituent = group("constituent", "Readers without a node, hosted on ours.", example="kouprey constituent list")


@constituent.command("add", example="kouprey constituent add bank.example 'Example Bank' --clearance amber")
@click.argument("id_", metavar="ID")
@click.argument("name")
@click.option(
    "--clearance", type=_CLEARANCE, default="green", show_default=True, help="Highest TLP level they may see."
)
@click.option("--language", default="km", show_default=True, help="Language of their mail.")
@click.option("--network", "networks", multiple=True, help="CIDR, AS number, domain or @domain of theirs; repeatable.")
def add(call: Invocation, id_: str, name: str, clearance: str, language: str, networks: tuple[str, ...]) -> None:
    """Host an organisation; ID is a domain of theirs."""
    level = parse_tlp(clearance)
    with call.node() as services:
        every = services.get(Constituents)
        made = every.add(
            Constituent(id=id_, name=name, language=language, clearance=level, content=min(level, TLP.GREEN)), by=_BY
        )
        if networks:
            every.set_networks(made.id, networks, by=_BY)
    call.out.result(_row(made), f"{made.name} ({made.id}) is hosted, cleared up to {made.clearance.text}.")


@constituent.command("list", example="kouprey constituent list --json")
def list_constituents(call: Invocation) -> None:
    """Show everybody who is hosted."""
    with call.node() as services:
        rows = [_row(each) for each in services.get(Constituents).list_constituents()]
    columns = {"id": "id", "name": "name", "clearance": "cleared up to", "rhythm": "mail", "archived": "archived"}
    call.out.table(rows, columns, empty="Nobody is hosted. `kouprey constituent add` hosts somebody.")


@constituent.command("change", example="kouprey constituent change bank.example --rhythm daily --hour 0")
@click.argument("id_", metavar="ID")
@click.option("--name", help="What they are called.")
@click.option("--clearance", type=_CLEARANCE, help="Highest TLP level they may see.")
@click.option("--language", help="Language of their mail.")
@click.option("--rhythm", type=_RHYTHM, help="How often they are written to.")
@click.option("--hour", type=click.IntRange(0, 23), help="Not before this hour, in UTC.")
@click.option("--content", type=_CONTENT, help="Up to which level a mail carries content.")
def change(call: Invocation, id_: str, **given: Any) -> None:
    """Change how somebody is hosted."""
    wanted = {name: value for name, value in given.items() if value is not None}
    if not wanted:
        raise Refused("Nothing to change.", "No option is given.", "See --help.", code="no-change")
    for name in ("clearance", "content"):
        if name in wanted:
            wanted[name] = parse_tlp(wanted[name])
    if "rhythm" in wanted:
        wanted["rhythm"] = Rhythm(wanted["rhythm"])
    with call.node() as services:
        every = services.get(Constituents)
        made = every.change(msgspec.structs.replace(every.get_constituent(id_), **wanted), by=_BY)
    call.out.result(_row(made), f"{made.name} was changed.")


@constituent.command("networks", example="kouprey constituent networks bank.example 203.0.113.0/24 bank.example")
@click.argument("id_", metavar="ID")
@click.argument("networks", nargs=-1)
def networks(call: Invocation, id_: str, networks: tuple[str, ...]) -> None:
    """Say what is theirs, all of it; without any NETWORKS, show it."""
    with call.node() as services:
        every = services.get(Constituents)
        if networks:
            every.set_networks(id_, networks, by=_BY)
        held = [each.text for each in every.networks(every.get_constituent(id_).id)]
    call.out.result(held, "\n".join(held) or "Nothing is theirs yet.")


@constituent.command("contact", example="kouprey constituent contact bank.example 'Sok Dara' security@bank.example")
@click.argument("id_", metavar="ID")
@click.argument("name")
@click.argument("address")
def contact(call: Invocation, id_: str, name: str, address: str) -> None:
    """Write to somebody of theirs."""
    with call.node() as services:
        made = services.get(Constituents).add_contact(id_, name, address, by=_BY)
    call.out.result(msgspec.to_builtins(made), f"Mail goes to {made.name}, {made.address}.")


@constituent.command("write", example="kouprey constituent write bank.example")
@click.argument("id_", metavar="ID")
def write(call: Invocation, id_: str) -> None:
    """Write to them now of what is new since the last digest; a running server sends it."""
    with call.node() as services:
        count = services.get(Constituents).write_now(id_, by=_BY)
    call.out.result({"letters": count}, f"{count} letters are queued.")


@constituent.command("invite", example="kouprey constituent invite bank.example 'Sok Dara (Example Bank)'")
@click.argument("id_", metavar="ID")
@click.argument("name")
@click.option("--url", default="", help="Address of the node, when it is not that of the settings.")
def invite(call: Invocation, id_: str, name: str, url: str) -> None:
    """Let somebody of theirs in by a link, shown now and never again."""
    with call.node() as services:
        every = services.get(Constituents)
        person, secret = every.invite(id_, name, by=_BY)
        link = f"{(url or every.origin).rstrip('/')}/sign-in/{secret}"
    call.out.result({"person": person.id, "name": person.name, "link": link}, link)


@constituent.command("token", example="kouprey constituent token bank.example 'SIEM of the bank'")
@click.argument("id_", metavar="ID")
@click.argument("name")
def token(call: Invocation, id_: str, name: str) -> None:
    """Make a token for a program of theirs; its secret is shown now and never again."""
    with call.node() as services:
        made, secret = services.get(Constituents).add_token(id_, name, by=_BY)
    value = {"user": made.user, "name": made.name, "token": secret, "basic": f"{made.user}:{secret}"}
    call.out.result(value, f"user   {made.user}\ntoken  {secret}")


@constituent.command("archive", example="kouprey constituent archive bank.example")
@click.argument("id_", metavar="ID")
def archive(call: Invocation, id_: str) -> None:
    """Nobody of theirs comes in any more, and no mail goes out."""
    with call.node() as services:
        made = services.get(Constituents).set_archived(id_, True, by=_BY)
    call.out.result(_row(made), f"{made.name} is archived.")


@constituent.command("restore", example="kouprey constituent restore bank.example")
@click.argument("id_", metavar="ID")
def restore(call: Invocation, id_: str) -> None:
    """Host them again; people need new links, programs new tokens."""
    with call.node() as services:
        made = services.get(Constituents).set_archived(id_, False, by=_BY)
    call.out.result(_row(made), f"{made.name} is hosted again.")


@constituent.command("import", example="kouprey constituent import banks.csv --dry-run")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only show what would become of each line.")
def take_table(call: Invocation, file: Path, dry_run: bool) -> None:
    """Take many in by a CSV table with the columns id, name, language, clearance, networks, contacts."""
    text = file.read_text("utf-8-sig")
    with call.node() as services:
        every = services.get(Constituents)
        rows = every.read_table(text) if dry_run else every.take_table(text, by=_BY)
    told = [
        {
            "line": row.line,
            "id": row.constituent.id,
            "networks": len(row.networks),
            "becomes": "stays out" if row.wrong else "changed" if row.known else "new",
            "wrong": row.wrong,
        }
        for row in rows
    ]
    columns = {"line": "line", "id": "id", "networks": "networks", "becomes": "becomes", "wrong": "why"}
    call.out.table(told, columns, empty="The table has no lines.")


def _row(each: Constituent) -> dict[str, Any]:
    return {
        "id": each.id,
        "name": each.name,
        "language": each.language,
        "clearance": each.clearance.word,
        "content": each.content.word,
        "rhythm": str(each.rhythm),
        "hour": each.hour,
        "archived": bool(each.archived_at),
    }
