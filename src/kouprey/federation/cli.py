"""Commands of federation: `kouprey link`, `kouprey parcel` and `kouprey ledger`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import click

from kouprey.federation.service import Federation
from kouprey.kernel.cli.frame import Invocation, group
from kouprey.kernel.seal.keys import random_bytes
from kouprey.kernel.words.errors import Refused, Unknown
from kouprey.kernel.words.time import Instant, format_second

OPERATOR = "operator"

link = group(
    "link",
    "Reach partners over the network, pause and go on.",
    example="kouprey link add cert.example https://kouprey.cert.example",
)
parcel = group(
    "parcel",
    "Carry entries by stick or mail when the link is cut.",
    example="kouprey parcel make cert.example -o /media/stick/cert.kpx",
)
ledger = group(
    "ledger",
    "What was given to whom and confirmed when, with proof.",
    example="kouprey ledger show --party cert.example",
)


# link


@link.command("add", example="kouprey link add cert.example https://kouprey.cert.example")
@click.argument("party")
@click.argument("url")
@click.option("--allow-private", is_flag=True, help="The address may be on a private network.")
def add(invocation: Invocation, party: str, url: str, allow_private: bool) -> None:
    """Reach PARTY at URL from now on."""
    with invocation.node() as services:
        made = services.get(Federation).links.add(party, url, allow_private=allow_private, by=OPERATOR)
    said = {"party": made.party, "url": made.url, "allow_private": made.allow_private}
    invocation.out.result(said, f"{made.party} is reached at {made.url}; try it with `kouprey link test {made.party}`.")


@link.command("test", example="kouprey link test cert.example")
@click.argument("party")
def try_link(invocation: Invocation, party: str) -> None:
    """Call PARTY once and say what it has for us."""
    with invocation.node() as services:
        lanes = services.get(Federation).links.test(party)
    said = [
        {"tag": lane.tag, "agreement": lane.agreement, "class": str(lane.lane_class), "size": lane.size}
        for lane in lanes
    ]
    entries = sum(lane.size for lane in lanes)
    invocation.out.result(
        {"party": party, "lanes": said}, f"{party} answers and has {len(lanes)} lanes with {entries} entries for us."
    )


@link.command("pause", example="kouprey link pause cert.example")
@click.argument("party")
def pause(invocation: Invocation, party: str) -> None:
    """Neither call PARTY nor answer it until resumed; nothing is lost."""
    _pause(invocation, party, True)


@link.command("resume", example="kouprey link resume cert.example")
@click.argument("party")
def resume(invocation: Invocation, party: str) -> None:
    """Go on with PARTY after a pause."""
    _pause(invocation, party, False)


def _pause(invocation: Invocation, party: str, paused: bool) -> None:
    with invocation.node() as services:
        services.get(Federation).links.pause(party, paused=paused, by=OPERATOR)
    said = "is paused" if paused else "goes on"
    invocation.out.result({"party": party, "paused": paused}, f"The link to {party} {said}.")


@link.command("list", example="kouprey link list")
def list_links(invocation: Invocation) -> None:
    """Every link, and how it went last."""
    with invocation.node() as services:
        links = services.get(Federation).links.list_links()
    found = [
        {
            "party": each.party,
            "url": each.url,
            "state": "paused" if each.paused else f"failing, {each.failures} times" if each.failures else "well",
            "last_ok": _when(each.last_ok),
            "error": each.error,
        }
        for each in links
    ]
    columns = {"party": "Party", "url": "Address", "state": "State", "last_ok": "Last exchange", "error": "Trouble"}
    invocation.out.table(found, columns, "There is no link yet: `kouprey link add PARTY URL` makes one.")


@link.command("sync", example="kouprey link sync cert.example")
@click.argument("party")
def sync(invocation: Invocation, party: str) -> None:
    """Exchange with PARTY once now."""
    with invocation.node() as services:
        count = services.get(Federation).links.sync(party)
    invocation.out.result({"party": party, "entries": count}, f"{count} entries came from {party}.")


# parcel


@parcel.command("make", example="kouprey parcel make cert.example -o /media/stick/cert.kpx")
@click.argument("party")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The file; without it, a random name here.")
@click.option("--from", "start", multiple=True, metavar="TAG:N", help="Send a lane from entry N on, as a slip asks.")
def make(invocation: Invocation, party: str, output: Path | None, start: tuple[str, ...]) -> None:
    """Write all that PARTY has not confirmed into one sealed file."""
    file = output or Path(f"{random_bytes(16).hex()}.kpx")
    with invocation.node() as services, _written(file) as out:
        federation = services.get(Federation)
        since = _since(start, [(lane.tag, lane.origin) for lane in federation.ledger.list_lanes(party=party)])
        manifest = federation.parcels.make(party, out, by=OPERATOR, since=since)
    entries = sum(part.end - part.start for part in manifest.lanes)
    said = {
        "file": str(file),
        "party": party,
        "parcel": manifest.parcel,
        "entries": entries,
        "bytes": file.stat().st_size,
    }
    invocation.out.result(said, f"{file}: {entries} entries in {said['bytes']} bytes, sealed to {party}.")


def _since(asked: Iterable[str], lanes: list[tuple[str, str]]) -> dict[str, int]:
    since: dict[str, int] = {}
    for text in asked:
        tag, _, number = text.partition(":")
        found = [origin for each, origin in lanes if tag and each.startswith(tag)]
        if len(found) != 1 or not number.isascii() or not number.isdigit():
            raise Unknown(
                f"{text[:60]!r} names no entry of a lane.",
                "It is the beginning of a lane's tag, a colon and a number.",
                "`kouprey ledger show` lists the lanes.",
                code="unknown-lane",
            )
        since[found[0]] = int(number)
    return since


@parcel.command("read", example="kouprey parcel read /media/stick/ministry.kpx")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def read(invocation: Invocation, file: Path) -> None:
    """Take in a parcel; taking it in twice does no harm."""
    with invocation.node() as services, file.open("rb") as source:
        came = services.get(Federation).parcels.read(source, by=OPERATOR)
    said = {
        "made_by": came.made_by,
        "made_at": came.made_at,
        "entries": came.entries,
        "quarantined": came.quarantined,
        "receipts": came.receipts,
        "papers": came.papers,
        "problems": came.problems,
    }
    text = f"From {came.made_by}, made {came.made_at}: {came.entries} new entries, {came.receipts} receipts."
    if came.quarantined:
        text += f"\n{came.quarantined} entries are in quarantine."
    invocation.out.result(said, "\n".join([text, *(f"Not taken: {problem}" for problem in came.problems)]))


@parcel.command("wants", example="kouprey parcel wants cert.example")
@click.argument("party")
def wants(invocation: Invocation, party: str) -> None:
    """What to ask PARTY for, short enough to be read out over the telephone."""
    with invocation.node() as services:
        slips = services.get(Federation).parcels.wants(party)
    invocation.out.result(
        {"party": party, "slips": slips}, "\n".join(slips) or f"No lane of {party} is known here yet."
    )


# ledger


@ledger.command("show", example="kouprey ledger show --party cert.example")
@click.option("--party", default="", help="Only lanes to and from this party.")
def show(invocation: Invocation, party: str) -> None:
    """Every lane: what is in it, signed when, confirmed by whom; and what waits."""
    with invocation.node() as services:
        federation = services.get(Federation)
        lanes = federation.ledger.list_lanes(party=party)
        waiting = [each for each in federation.ledger.list_waiting() if not party or each.party == party]
    found = [
        {
            "lane": lane.tag[:12],
            "tag": lane.tag,
            "agreement": lane.title,
            "agreement_id": lane.agreement,
            "direction": "given" if lane.mine else "received",
            "author": lane.author,
            "class": lane.lane_class,
            "state": lane.state,
            "note": lane.note,
            "size": lane.size,
            "signed": lane.signed_size,
            "signed_at": _when(lane.signed_at),
            "quarantined": lane.quarantined,
            "confirmed": [f"{each.party} {each.size} at {_when(each.said_at)}" for each in lane.confirmations],
        }
        for lane in lanes
    ]
    if invocation.json:
        totals = [
            {"party": each.party, "waiting": each.total, "queued": each.queued, "papers": each.papers}
            for each in waiting
        ]
        invocation.out.result({"lanes": found, "waiting": totals}, "")
        return
    columns = {
        "lane": "Lane",
        "agreement": "Agreement",
        "direction": "Way",
        "author": "Author",
        "class": "Class",
        "state": "State",
        "size": "Entries",
        "signed_at": "Signed",
        "confirmed": "Confirmed",
    }
    invocation.out.table(found, columns, "There is no lane yet: publishing under an agreement opens one.")
    for each in waiting:
        invocation.out.note(f"{each.party}: {each.total} waiting" + (f", {each.papers} papers" if each.papers else ""))


@ledger.command("export", example="kouprey ledger export ledger.jsonl --agreement agr_0123456789abcdef0123456789abcdef")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--agreement", required=True, help="Its id, or the beginning of its id or title.")
def export(invocation: Invocation, file: Path, agreement: str) -> None:
    """Write a ledger anybody can verify; it holds what was exchanged, so keep it as safe as that."""
    with invocation.node() as services, _written(file) as out:
        federation = services.get(Federation)
        chosen = federation.agreements.find_by_prefix(agreement)
        for line in federation.ledger.export(chosen):
            out.write(line)
    said = {"file": str(file), "agreement": chosen, "bytes": file.stat().st_size}
    invocation.out.result(said, f"{file}: {said['bytes']} bytes; verify it with examples/verify_ledger.py.")


@contextmanager
def _written(file: Path) -> Iterator[BinaryIO]:
    """A file that appears whole or not at all, readable by its owner alone."""
    unfinished = file.with_name(f".{file.name}.{random_bytes(4).hex()}")
    try:
        handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        unfinished.replace(file)
    except OSError as error:
        raise Refused(f"{file} cannot be written.", str(error), "Choose another place.", code="cannot-write") from error
    finally:
        unfinished.unlink(missing_ok=True)


def _when(instant: Instant) -> str:
    return format_second(instant) if instant else ""
