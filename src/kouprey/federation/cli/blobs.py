"""Commands of files in parts: `kouprey file`."""

from __future__ import annotations

import mimetypes
from pathlib import Path

import click

from kouprey.federation.cli.files import OPERATOR, when
from kouprey.federation.service import Federation
from kouprey.federation.service.files import FileView
from kouprey.federation.service.whole import written
from kouprey.kernel.cli.frame import Invocation, group
from kouprey.kernel.words.errors import Unknown
from kouprey.kernel.words.tlp import TLP, parse_tlp

file = group(
    "file",
    "Give files in parts to partners, and save what they gave.",
    example="kouprey file give agr_0b5c capture.pcap --tlp amber",
)


@file.command("give", example="kouprey file give agr_0b5c capture.pcap --tlp amber")
@click.argument("agreement")
@click.argument("path", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--tlp", type=click.Choice([level.word for level in TLP]), default="amber", help="How it is marked.")
@click.option("--type", "media_type", default="", help="Its media type; without it, by its name.")
def give(invocation: Invocation, agreement: str, path: Path, tlp: str, media_type: str) -> None:
    """Give the file PATH to all parties of AGREEMENT."""
    guessed = media_type or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    with invocation.node() as services:
        federation = services.get(Federation)
        with path.open("rb") as source:
            made = federation.files.publish(
                federation.agreements.find_by_prefix(agreement),
                source,
                name=path.name,
                media_type=guessed,
                tlp=parse_tlp(tlp),
                by=OPERATOR,
            )
    invocation.out.result(_said(made), f"{made.name}: {made.size} bytes, given under “{made.title}” as {made.file}.")


@file.command("list", example="kouprey file list")
def list_files(invocation: Invocation) -> None:
    """Files given and received, and how much of each is here."""
    with invocation.node() as services:
        found = services.get(Federation).files.list(None)
    columns = {"file": "File", "name": "Name", "author": "From", "tlp": "TLP", "here": "Here", "state": "State"}
    invocation.out.table([{**_said(each), "here": f"{each.held} of {each.size}"} for each in found], columns)


@file.command("save", example="kouprey file save 5f1c report.pdf")
@click.argument("which", metavar="FILE")
@click.argument("path", type=click.Path(path_type=Path))
def save(invocation: Invocation, which: str, path: Path) -> None:
    """Write the bytes of FILE to PATH, once all of them are here."""
    with invocation.node() as services:
        files = services.get(Federation).files
        found = _one(files.list(None), which)
        with written(path) as out:
            for part in files.content(found.file, None, by="operator"):
                out.write(part)
    invocation.out.result({"file": found.file, "path": str(path), "bytes": found.size}, f"{path}: {found.size} bytes.")


@file.command("erase", example="kouprey file erase 5f1c")
@click.argument("which", metavar="FILE")
@click.option("--yes", is_flag=True, help="Do not ask.")
def erase(invocation: Invocation, which: str, yes: bool) -> None:
    """Remove FILE and its parts for good; partners are asked to follow when it is ours."""
    with invocation.node() as services:
        files = services.get(Federation).files
        found = _one(files.list(None), which)
        invocation.out.confirm(f"Erase {found.name} ({found.size} bytes) for good?", yes=yes)
        files.erase(found.file, by=OPERATOR)
    invocation.out.result({"file": found.file}, f"{found.name} is erased.")


def _one(among: list[FileView], which: str) -> FileView:
    found = [each for each in among if which and each.file.startswith(which)]
    if len(found) != 1:
        raise Unknown(
            f"{which[:60]!r} names no file, or several.",
            remedy="`kouprey file list` lists them; the beginning of an id will do.",
            code="unknown-file",
        )
    return found[0]


def _said(each: FileView) -> dict[str, object]:
    return {
        "file": each.file,
        "name": each.name,
        "author": each.author,
        "agreement": each.agreement,
        "tlp": each.tlp.word,
        "size": each.size,
        "held": each.held,
        "sha256": each.sha256,
        "state": each.state,
        "why": each.why,
        "at": when(each.at),
    }
