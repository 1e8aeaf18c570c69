"""The command that puts a hand-off on paper."""

from __future__ import annotations

from pathlib import Path

import click

from kouprey.kernel.cli.frame import Invocation, command
from kouprey.response.cli import id_of
from kouprey.response.model.contacts import TONGUES
from kouprey.response.service import Contacts, HandOffPapers, HandOffs, Situations
from kouprey.response.wire.handoffpaper import draw_handoff


@command("print", example="kouprey handoff print 3f9a --language th --into papers")
@click.argument("id_", metavar="ID")
@click.option("--language", type=click.Choice(TONGUES), default="en", show_default=True, help="Of the paper.")
@click.option("--into", type=click.Path(file_okay=False, path_type=Path), default=Path(), help="Folder to write to.")
def paper(call: Invocation, id_: str, language: str, into: Path) -> None:
    """Write a hand-off as PDF, with its clocks and all that was said."""
    with call.node() as services:
        every, papers = services.get(HandOffs), services.get(HandOffPapers)
        who = every.operator()
        made = papers.paper(who, id_of(every, id_))
        drawn = draw_handoff(made, services.get(Situations).names(services.get(Contacts).names()), language)
        papers.note_printed(who, made, language)
    file = into / f"hand-off-{made.asked.id[:12]}-{language}.pdf"
    into.mkdir(parents=True, exist_ok=True)
    file.write_bytes(drawn)
    call.out.result({"pdf": str(file), "tlp": made.asked.tlp.text}, f"Written: {file} ({made.asked.tlp.text})")
