"""Commands about statements."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from kouprey.advisories.model import Content
from kouprey.advisories.service import Checker, Desk, Statements, export_statements
from kouprey.advisories.wire.block import write_block
from kouprey.advisories.wire.feeds import spoken
from kouprey.kernel.cli.frame import Invocation, group
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.safejson import decode
from kouprey.kernel.words.time import format_second

statements = group("statements", "What we say to everybody, signed.", example="kouprey statements list")


@statements.command("list", example="kouprey statements list --of partner.example")
@click.option("--of", "publisher", default="", metavar="PARTY", help="A partner whose statements are shown here.")
def list_statements(call: Invocation, publisher: str) -> None:
    """Show what is published, the newest first."""
    with call.node() as services:
        found = services.get(Statements).list_public(publisher)
    rows = [
        {
            "id": each.id,
            "issued": format_second(each.statement.issued),
            "verdict": str(each.content.verdict or "-"),
            "title": each.content.languages[spoken(each.statement, "en")].title,
            "state": "withdrawn" if each.withdrawn else "replaced" if each.followed else "in force",
        }
        for each in found
    ]
    columns = {"id": "number", "title": "statement", "verdict": "verdict", "state": "it is", "issued": "issued"}
    call.out.table(rows, columns, empty="Nothing is published. `kouprey statements draft FILE` begins a statement.")


@statements.command("show", example="kouprey statements show XX-CERT-2026-0001 --language km")
@click.argument("statement")
@click.option("--of", "publisher", default="", metavar="PARTY", help="A partner whose statements are shown here.")
@click.option("--language", default="en", show_default=True)
def show(call: Invocation, statement: str, publisher: str, language: str) -> None:
    """Show a statement as the text that is forwarded."""
    with call.node() as services:
        each = services.get(Statements).get_public(statement, publisher)
    text = write_block(each.statement, spoken(each.statement, language))
    call.out.result({"id": each.id, "sha256": each.hash, "key": each.signed.key, "text": text}, text)


@statements.command("draft", example="kouprey statements draft answer.json --rumour rum_3f9a")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--rumour", "rumours", multiple=True, metavar="ID", help="What it answers; may be repeated.")
def draft(call: Invocation, file: Path, rumours: tuple[str, ...]) -> None:
    """Begin a statement from a JSON file with kind, languages, verdict, claims; persons approve it on its page."""
    try:
        content = msgspec.convert(decode(file.read_bytes()), type=Content)
    except msgspec.ValidationError as error:
        raise Damaged(
            "The file is no draft.", str(error), "See docs/how-to/answer-a-rumour.md.", code="bad-draft"
        ) from error
    with call.node() as services:
        every = services.get(Statements)
        made = services.get(Desk).draft(every.operator(), content, rumours)
        origin = every.origin
    call.out.result(
        {"id": made.id, "revision": made.revision},
        f"Kept: {made.id}. Two persons approve it at {origin}/statements/desk/{made.id}",
    )


@statements.command("drafts", example="kouprey statements drafts")
def drafts(call: Invocation) -> None:
    """Show drafts that are open."""
    with call.node() as services:
        found = services.get(Desk).list_drafts(services.get(Statements).operator())
    rows = [
        {
            "id": each.id,
            "revision": each.revision,
            "title": next(iter(each.content.languages.values())).title,
            "approvals": len(each.approvals),
        }
        for each in found
    ]
    columns = {"id": "draft", "title": "title", "revision": "revision", "approvals": "approved by"}
    call.out.table(rows, columns, empty="No draft is open. `kouprey statements draft FILE` begins one.")


@statements.command("publish", example="kouprey statements publish drf_3f9a")
@click.argument("draft_id", metavar="DRAFT")
def publish(call: Invocation, draft_id: str) -> None:
    """Sign and publish a draft that two persons have approved."""
    with call.node() as services:
        every, desk = services.get(Statements), services.get(Desk)
        held, _ = desk.get_draft(every.operator(), draft_id)
        made = desk.publish(every.operator(), draft_id, held.revision)
    call.out.result({"id": made.id, "url": made.statement.url}, f"Published: {made.id}, {made.statement.url}")


@statements.command("rumour", example="kouprey statements rumour 'The border closes on Monday' --from hotline")
@click.argument("text")
@click.option("--url", default="", help="Where it was seen.")
@click.option("--sha256", "media", default="", help="Of a picture or film that carries it.")
@click.option("--from", "heard_from", default="", help="Who told us, in words.")
def rumour(call: Invocation, text: str, url: str, media: str, heard_from: str) -> None:
    """Write down what was heard; the clock of its answer begins."""
    with call.node() as services:
        made = services.get(Desk).take_rumour(
            services.get(Statements).operator(), text, url=url, media=media, heard_from=heard_from
        )
    call.out.result({"id": made.id}, f"Written down: {made.id}.")


@statements.command("rumours", example="kouprey statements rumours")
def rumours(call: Invocation) -> None:
    """Show what was heard, the newest first."""
    with call.node() as services:
        found = services.get(Desk).list_rumours(services.get(Statements).operator())
    rows = [
        {
            "id": each.id,
            "text": each.text[:80],
            "came": format_second(each.came_at),
            "state": "set aside" if each.aside_at else "being answered" if each.draft else "waits",
        }
        for each in found
    ]
    columns = {"id": "rumour", "text": "what is claimed", "state": "it", "came": "came"}
    call.out.table(rows, columns, empty="Nothing was heard. `kouprey statements rumour TEXT` writes something down.")


@statements.command("check", example="kouprey statements check 'The border closes on Monday'")
@click.argument("text", required=False, default="")
@click.option(
    "--file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A picture, or a signed file."
)
def check(call: Invocation, text: str, file: Path | None) -> None:
    """Say of a text, an address, a number or a file what the public check says."""
    with call.node() as services:
        checker = services.get(Checker)
        checked = checker.check_file(file.read_bytes()) if file is not None else checker.check_text(text)
    found = [
        {"id": each.found.id, "publisher": each.found.statement.publisher, "url": each.found.statement.url}
        for each in checked.hits
    ]
    lines = [str(checked.finding), *(f"{each['id']} {each['url']}" for each in found)]
    call.out.result({"finding": str(checked.finding), "hits": found}, "\n".join(lines))


@statements.command("mirror", example="kouprey statements mirror partner.example --show")
@click.argument("party")
@click.option("--show/--hide", "shown", default=True, show_default=True)
def mirror(call: Invocation, party: str, shown: bool) -> None:
    """Let everybody read here what a partner has said, or no longer."""
    with call.node() as services:
        every = services.get(Statements)
        every.show_mirror(every.operator(), party, shown)
        url = f"{every.origin}/statements/mirror/{party}"
    call.out.result({"publisher": party, "shown": shown}, f"Shown at {url}." if shown else "Not shown any more.")


@statements.command("export", example="kouprey statements export statements.zip")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--of", "publisher", default="", metavar="PARTY", help="A partner whose statements are shown here.")
def export(call: Invocation, file: Path, publisher: str) -> None:
    """Write everything public into a zip of plain files, for any web server to hand out."""
    with call.node() as services:
        raw = export_statements(services.get(Statements), publisher)
    file.write_bytes(raw)
    call.out.result({"file": str(file), "bytes": len(raw)}, f"Written: {file}, {len(raw):,} bytes.")
