"""Commands of the node itself: make one, run one, show the story."""

from __future__ import annotations

import sys
import uuid
from pathlib import Path

import click

from kouprey.kernel.cli.frame import Invocation, command


@command("init", example='kouprey init /srv/kouprey --party cert.example --name "Example CERT"')
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--party", required=True, metavar="ID", help="Who you are, for ever: a name like a domain you own.")
@click.option("--name", required=True, help="Your name as others shall read it.")
@click.option("--listen", default="127.0.0.1:8420", show_default=True, help="Where the node will listen.")
@click.option("--url", default="", help="The public address of the node, when it differs from --listen.")
@click.option("--database", default="", metavar="DSN", help="PostgreSQL instead of SQLite in the folder.")
@click.option("--guard-database", default="", metavar="DSN", help="Another database for the guard, never backed up.")
@click.option("--person", default="Administrator", show_default=True, help="Who sets the node up.")
def init(
    invocation: Invocation,
    folder: Path,
    party: str,
    name: str,
    listen: str,
    url: str,
    database: str,
    guard_database: str,
    person: str,
) -> None:
    """Make a node: a data directory with its keys, its signed card, and a one-time link for its first administrator.

    There is no default password. The link works once, for 24 hours.
    """
    from kouprey.node.founding import found

    founded = found(
        folder,
        party=party,
        name=name,
        settings={"listen": listen, "url": url, "database": database, "guard_database": guard_database},
        identity=f"identity--{uuid.uuid4()}",
        person=person,
    )
    invocation.out.result(
        {"party": party, "data": str(folder), "words": founded.words, "link": founded.link},
        f"{name} ({party}) is ready in {folder}.\n\n"
        f"  Fingerprint words: {' '.join(founded.words)}\n"
        f"  Start it:          kouprey serve --data {folder}\n"
        f"  Then open once:    {founded.link}\n\n"
        f"The root key in {folder}/keys/root.key signs cards and agreements. Copy it to paper or to an\n"
        "offline medium held by two officers, and take it off this machine between ceremonies.",
    )


@command("serve", example="kouprey serve --data /srv/kouprey --listen 127.0.0.1:8420")
@click.option("--listen", default=None, metavar="HOST:PORT", help="Where to listen.")
@click.option("--url", default=None, metavar="ORIGIN", help="The public address of the node.")
def serve(invocation: Invocation, listen: str | None, url: str | None) -> None:
    """Run the node until it is interrupted (Ctrl-C)."""
    from kouprey.node.assemble import open_node
    from kouprey.node.listening import raise_descriptors
    from kouprey.node.logs import set_up
    from kouprey.node.serve import serve as run
    from kouprey.node.settings import read_settings
    from kouprey.node.upgrade import serving

    def announce(origin: str) -> None:
        invocation.out.result({"url": origin}, f"Ready at {origin}")
        sys.stdout.flush()

    raise_descriptors()
    data = invocation.data_dir()
    read_settings(data)
    with serving(data):
        node = open_node(data, {"listen": listen, "url": url})
        set_up(node.settings)
        try:
            run(node, announce=announce)
        finally:
            node.close()


@command("demo", example="kouprey demo")
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("demo-data"),
    show_default=True,
    help="Where the story and its three nodes are kept.",
)
@click.option("--fresh", is_flag=True, help="Begin the story anew, forgetting the last one.")
@click.option("--port", default=8420, show_default=True, help="First of three ports.")
@click.option("--play", is_flag=True, help="Play all chapters without waiting, then stay.")
def demo(invocation: Invocation, folder: Path, fresh: bool, port: int, play: bool) -> None:
    """Three fictional parties live the story of an agreement on this machine: a ministry, an operator, a neighbour."""
    from kouprey.node.demo import run_demo

    run_demo(folder, fresh=fresh, port=port, play=play, say=click.echo)
