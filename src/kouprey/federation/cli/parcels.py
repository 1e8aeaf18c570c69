"""Commands of parcels: `kouprey parcel`."""

from __future__ import annotations

import sys
import time
from io import BytesIO
from pathlib import Path

import click

from kouprey.federation.cli.files import OPERATOR, since_of
from kouprey.federation.service import Federation, Spool
from kouprey.federation.service.spool import DONE, REFUSED
from kouprey.federation.service.whole import written
from kouprey.federation.wire.pictures import SHOWN_MAX, from_pictures, to_pictures
from kouprey.kernel.cli.frame import Invocation, group
from kouprey.kernel.seal.keys import random_bytes
from kouprey.kernel.web.photos import is_photo, read_codes
from kouprey.kernel.web.qr import draw_lines
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.time import format_second

MIB = 1 << 20

PATIENCE = 5.0
"""Seconds that a parcel waits for what was just given to be signed."""

parcel = group(
    "parcel",
    "Carry entries by stick or mail when the link is cut.",
    example="kouprey parcel make cert.example -o /media/stick/cert.kpx",
)


@parcel.command(
    "make",
    example="kouprey parcel make cert.example -o /media/stick/cert.kpx\n"
    'kouprey parcel make cert.example --wants "please send 605ac5c0093b 120-339 of 900"\n'
    "kouprey parcel make cert.example --new --at-most 10 --spool",
)
@click.argument("party")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The file; without it, a random name here.")
@click.option("--spool", is_flag=True, help="Lay it into the spool folder instead.")
@click.option("--wants", multiple=True, metavar="SLIP", help="What their slip asks for, and no other entry.")
@click.option("--new", is_flag=True, help="Only what no parcel for them has carried yet.")
@click.option("--at-most", type=click.IntRange(1, 250), metavar="MIB", help="About so large; make the next with --new.")
@click.option("--from", "start", multiple=True, metavar="TAG:N", help="Send a lane from entry N on.")
@click.option("--qr", is_flag=True, help=f"Show it as pictures, too; up to {SHOWN_MAX} bytes.")
def make(
    invocation: Invocation,
    party: str,
    output: Path | None,
    spool: bool,
    wants: tuple[str, ...],
    new: bool,
    at_most: int | None,
    start: tuple[str, ...],
    qr: bool,
) -> None:
    """Write all that PARTY has not confirmed into one sealed file."""
    if spool and (output or start or qr):
        raise Damaged(
            "--spool goes with no -o, --from or --qr.",
            "The parcel is laid into the spool folder under a name of its own.",
            "Leave one of them out.",
            code="bad-option",
        )
    how: dict[str, object] = {"slips": "\n".join(wants), "fresh": new, "most": (at_most or 0) * MIB}
    with invocation.node() as services:
        federation = services.get(Federation)
        unsigned = _wait_signed(federation, party)
        if spool:
            file = services.get(Spool).lay_ready(party, by=OPERATOR, **how)  # type: ignore[arg-type]  # as it takes them
            said: dict[str, object] = {"file": str(file), "party": party, "bytes": file.stat().st_size}
            text = f"{file}: {said['bytes']} bytes, sealed to {party}."
        else:
            since = since_of(start, [(lane.tag, lane.origin) for lane in federation.ledger.list_lanes(party=party)])
            file = output or Path(f"{random_bytes(16).hex()}.kpx")
            with written(file) as out:
                manifest = federation.parcels.make(party, out, by=OPERATOR, since=since, **how)  # type: ignore[arg-type]  # as it takes them
            if output is None:
                file = file.rename(f"{manifest.parcel}.kpx")
            entries = sum(part.end - part.start for part in manifest.lanes)
            size = file.stat().st_size
            said = {"file": str(file), "party": party, "parcel": manifest.parcel, "entries": entries, "bytes": size}
            text = f"{file}: {entries} entries in {size} bytes, sealed to {party}."
        if left := federation.parcels.uncarried(party):
            text += f"\n{left} entries are in no parcel yet: make the next with --new."
        said |= {"uncarried": left, "unsigned": unsigned}
        if unsigned:
            text += f"\n{unsigned} entries are not signed yet and not in it: make another one in a moment."
    if qr:
        pictures = to_pictures(file.read_bytes())
        said["pictures"] = pictures
        text = "\n".join([*map(draw_lines, pictures), text])
    invocation.out.result(said, text)


def _wait_signed(federation: Federation, party: str) -> int:
    """How many entries for a party are still unsigned after a moment in which a running node signs them."""
    end = time.monotonic() + PATIENCE
    while True:
        waits = next((each for each in federation.ledger.list_waiting() if each.party == party), None)
        unsigned = waits.queued + waits.unsigned if waits is not None else 0
        if not unsigned or time.monotonic() > end:
            return unsigned
        time.sleep(0.1)


@parcel.command("read", example="kouprey parcel read /media/stick/ministry.kpx")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False, allow_dash=True))
@click.option("--pictures", is_flag=True, help="FILE is a photograph of its pictures or, as - too, has their texts.")
def read(invocation: Invocation, file: Path, pictures: bool) -> None:
    """Take in a parcel; taking it in twice does no harm."""
    with invocation.node() as services:
        parcels = services.get(Federation).parcels
        if pictures:
            came = parcels.read(BytesIO(from_pictures(_texts_of(file))), by=OPERATOR)
        else:
            with file.open("rb") as source:
                came = parcels.read(source, by=OPERATOR)
        slips = parcels.wants(came.made_by) if came.early else []
    said = {
        "made_by": came.made_by,
        "made_at": came.made_at,
        "entries": came.entries,
        "early": came.early,
        "quarantined": came.quarantined,
        "receipts": came.receipts,
        "papers": came.papers,
        "problems": came.problems,
    }
    text = f"From {came.made_by}, made {came.made_at}: {came.entries} new entries, {came.receipts} receipts."
    if came.early:
        text += f"\n{came.early} entries are kept and wait for others before them. Tell {came.made_by}:"
    if came.quarantined:
        slips.append(f"{came.quarantined} entries are in quarantine.")
    invocation.out.result(said, "\n".join([text, *slips, *(f"Not taken: {problem}" for problem in came.problems)]))


def _texts_of(file: Path) -> str:
    """What pictures say: as a text, from standard input for "-", or on a photograph."""
    said = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    if is_photo(said):
        return "\n".join(code for code in read_codes(said) if code.startswith("KPX"))
    return said.decode("utf-8", "replace")


@parcel.command("wants", example="kouprey parcel wants cert.example\nkouprey parcel wants cert.example --qr")
@click.argument("party")
@click.option("--qr", is_flag=True, help="Show it as a picture, too.")
def wants(invocation: Invocation, party: str, qr: bool) -> None:
    """What to ask PARTY for, short enough to be read out over the telephone."""
    with invocation.node() as services:
        slips = services.get(Federation).parcels.wants(party)
    text = "\n".join(slips) or f"No lane of {party} is known here yet."
    if qr and slips:
        text = f"{draw_lines(text)}\n{text}"
    invocation.out.result({"party": party, "slips": slips}, text)


@parcel.command("spool", example="kouprey parcel spool")
def spool(invocation: Invocation) -> None:
    """What lies in the spool folder, and what became of what was dropped there."""
    with invocation.node() as services:
        held = services.get(Spool)
        listed = {
            "waiting": held.list_in(),
            "to carry": held.list_out(),
            "refused": held.list_past(REFUSED),
            "taken in": held.list_past(DONE),
        }
    found = [
        {
            "state": state,
            "name": each.name,
            "party": each.party,
            "bytes": each.size,
            "at": format_second(each.at),
            "said": each.said,
        }
        for state, files in listed.items()
        for each in files
    ]
    columns = {
        "state": "State",
        "name": "File",
        "party": "For",
        "bytes": "Bytes",
        "at": "Since",
        "said": "What was said",
    }
    invocation.out.table(found, columns, f"Nothing lies in {held.folder}.")
