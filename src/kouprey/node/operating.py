"""Commands of those who run a node as a service: bring it forward, print its unit."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click
import msgspec

from kouprey.kernel.cli.frame import Invocation, command, group
from kouprey.kernel.words.errors import Refused
from kouprey.node.care import watched


@command(
    "upgrade",
    example="kouprey upgrade --check --data /srv/kouprey\n"
    "kouprey upgrade /media/safe/before.kpbackup --recipient age1… --data /srv/kouprey",
)
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--recipient", "recipients", multiple=True, metavar="AGE", help="Who can open the backup; repeatable.")
@click.option("--check", is_flag=True, help="Say what would be done, and change nothing.")
def upgrade(invocation: Invocation, file: Path | None, recipients: Sequence[str], check: bool) -> None:
    """Bring the data of an older Kouprey forward to this version, after backing it up into FILE.

    Stop the node first. The way back is the backup, restored by the old version: data that was brought forward is never
    brought back.
    """
    from kouprey.node.upgrade import plan_upgrade
    from kouprey.node.upgrade import upgrade as run

    data = invocation.data_dir()
    plan = plan_upgrade(data)
    if check or not plan.steps:
        lines = [f"  {step}" for step in plan.steps]
        told = f"{len(lines)} migrations would be applied by Kouprey {plan.version}:" if lines else "Nothing to do."
        stop = ["The node is running: stop it first."] if plan.served and lines else []
        sizes = [f"Database {plan.database_size:,} bytes, free beside it {plan.free:,} bytes."] if lines else []
        invocation.out.result(msgspec.to_builtins(plan), "\n".join([told, *lines, *stop, *sizes]))
        return
    if file is None or not recipients:
        raise Refused(
            "There is no upgrade without a backup.",
            "The file or the recipient was not named."
            if not plan.served
            else "They were not named, and it is running.",
            "Name both: `kouprey upgrade FILE --recipient AGE`.",
            code="no-recipient",
        )
    with watched(invocation.out) as on_progress:
        report = run(data, file, recipients, on_progress=on_progress)
    invocation.out.result(
        msgspec.to_builtins(report),
        f"{len(report.steps)} migrations applied in {report.seconds:.1f} s; what was before is in {file}.\n"
        f"  Look at it:  kouprey doctor --data {data}\n"
        f"  Start it:    kouprey serve --data {data}",
    )


service = group("service", "Run the node as a service of systemd.", example="kouprey service print --data /srv/kouprey")


@service.command("print", example="kouprey service print --data /srv/kouprey --user kouprey")
@click.option("--user", default="kouprey", show_default=True, help="The account that owns the data directory.")
def print_unit(invocation: Invocation, user: str) -> None:
    """Print a systemd unit that runs this program for the node of --data, and may touch nothing but its data."""
    from kouprey.node.settings import read_settings
    from kouprey.node.unit import render_unit

    data = invocation.data_dir().absolute()
    own = Path(sys.argv[0])
    program = own if own.name == "kouprey" else Path(sys.executable).with_name("kouprey")
    unit = render_unit(program.absolute(), data, user, port=read_settings(data).port)
    invocation.out.result({"unit": unit}, unit.rstrip("\n"))
