"""Commands that keep a node alive: save it, bring it back, look whether it is well."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click
import msgspec

from kouprey.kernel.cli.frame import Invocation, command
from kouprey.kernel.cli.output import Output
from kouprey.kernel.words.errors import Damaged, Refused
from kouprey.node.backup import Progress


@command("backup", example="kouprey backup /media/safe/node.kpbackup --recipient age1… --data /srv/kouprey")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--recipient", "recipients", multiple=True, metavar="AGE", help="Who can open it; may be repeated.")
@click.option(
    "--new-identity",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    metavar="FILE",
    help="Make a key that can open it, in this new file.",
)
def backup(invocation: Invocation, file: Path, recipients: Sequence[str], new_identity: Path | None) -> None:
    """Save a node into one file: its database, its keys and its settings, as of now, also while it runs.

    The file is sealed to the recipients (age public keys). It holds the private keys of the node, the root key too when
    that lies in the keys folder. What opens it must be kept elsewhere: without it the backup is worth nothing.
    """
    from kouprey.node.backup import make_backup, new_identity_file

    if not recipients and new_identity is None:
        raise Refused(
            "Nobody could open this backup.",
            "It is always sealed, and no recipient was named.",
            "Add --recipient AGE, or --new-identity FILE to make a key; keep that file on another machine.",
            code="no-recipient",
        )
    chosen = [*recipients, *([new_identity_file(new_identity)] if new_identity is not None else [])]
    with watched(invocation.out) as on_progress:
        report = make_backup(invocation.data_dir(), file, chosen, on_progress=on_progress)
    invocation.out.result(
        msgspec.to_builtins(report),
        f"{report.file}: {report.size:,} bytes, sealed to {len(report.recipients)} key(s), in {report.seconds:.1f} s."
        + (f"\nThe only key that opens it for you is {new_identity}: move it elsewhere now." if new_identity else "")
        + ("\nThe root key is in it." if report.root_key else "\nThe root key is not in it: it is kept elsewhere."),
    )


@command("restore", example="kouprey restore node.kpbackup /srv/kouprey --identity backup-identity.txt")
@click.argument("file", type=click.Path(exists=True, path_type=Path, dir_okay=False))
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--identity",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="The age identity that opens the backup.",
)
@click.option(
    "--database",
    default="",
    metavar="DSN",
    help="An empty PostgreSQL database, when the backup is of one and it shall not be the one named in its settings.",
)
@click.option(
    "--erasures",
    type=click.Path(exists=True, path_type=Path),
    default=None,
    metavar="FILE|FOLDER",
    help="What was erased since the backup: the list of `kouprey erase --export`, or the folder of the old node.",
)
def restore(
    invocation: Invocation, file: Path, folder: Path, identity: Path, database: str, erasures: Path | None
) -> None:
    """Make a node out of a backup, in a folder that is missing or empty.

    Everything is opened and verified before anything is put in place, and what an older version has backed up is
    brought forward to this one. Make sure first that the old node is stopped for good. The guard is not in a backup: at
    its start the node opens a new epoch, which partners accept without alarm.
    """
    from kouprey.node.backup import read_identities, restore_backup

    with watched(invocation.out) as on_progress:
        report = restore_backup(
            file, folder, read_identities(identity), database=database, erasures=erasures, on_progress=on_progress
        )
    invocation.out.result(
        msgspec.to_builtins(report),
        f"{report.party} as of {report.made_at} is in {report.folder} ({report.seconds:.1f} s).\n"
        + (f"  An older Kouprey made it: {len(report.steps)} migrations were applied.\n" if report.steps else "")
        + f"{_erasures_text(report.erasures)}\n"
        f"  Look at it:  kouprey doctor --data {report.folder}\n"
        f"  Start it:    kouprey serve --data {report.folder}",
    )


def _erasures_text(replayed: int | None) -> str:
    if replayed is not None:
        return f"  Erased since:  {replayed} lines of the list were carried out."
    return (
        "  WARNING: WHAT WAS ERASED SINCE THIS BACKUP IS HELD AGAIN, if anything was: no list of erasures was found.\n"
        "  If you have the old node's folder or a list of `kouprey erase --export`, do not start this node:\n"
        "  restore once more with --erasures. If both are lost, erase again what your records name."
    )


@command("doctor", example="kouprey doctor --data /srv/kouprey")
@click.option("--repair", is_flag=True, help="Mend what can be mended without losing anything.")
def doctor(invocation: Invocation, repair: bool) -> None:
    """Examine a node, also while it runs: files, keys, database, labels, bodies, counts, positions, lanes, links.

    Each finding says what it is, why it matters and what to do. The exit code is 7 when something is bad; what only
    needs a look does not change it. Nothing is changed without --repair.
    """
    from kouprey.node.doctor import examine

    begun = time.monotonic()
    answers: list[dict[str, object]] = []
    levels: Counter[str] = Counter()
    for name, found in examine(invocation.data_dir(), repair=repair):
        if not found:
            invocation.out.note(f"{name}: well")
        for each in found:
            invocation.out.note(f"{name}: {each.level}: {each.what}\n  Why: {each.why}\n  Do:  {each.remedy}")
        answers.append({"check": name, "findings": msgspec.to_builtins(found)})
        levels.update(each.level for each in found)
    seconds = round(time.monotonic() - begun, 3)
    invocation.out.result(
        {
            "checks": answers,
            "bad": levels["bad"],
            "warn": levels["warn"],
            "mended": levels["mended"],
            "seconds": seconds,
        },
        f"{len(answers)} checks in {seconds:.1f} s: {levels['bad']} bad, {levels['warn']} to look at,"
        f" {levels['mended']} mended.",
    )
    if levels["bad"]:
        raise click.exceptions.Exit(Damaged.exit_code)


@contextmanager
def watched(out: Output) -> Iterator[Progress]:
    """One bar after another, as the work changes."""
    with ExitStack() as stack:
        now: list[object] = ["", 0, None]

        def on_progress(what: str, done: int, total: int) -> None:
            if now[0] != what:
                stack.close()
                now[:] = [what, 0, stack.enter_context(out.progress(what, total))]
            advance, before = now[2], now[1]
            if callable(advance) and isinstance(before, int):
                advance(done - before)
                now[1] = done

        yield on_progress
