"""Commands about sealed files; making and opening them needs no node."""

from __future__ import annotations

import os
from pathlib import Path

import click

from kouprey.kernel.cli.frame import Invocation, group
from kouprey.kernel.seal import box
from kouprey.kernel.words.errors import Refused
from kouprey.kernel.words.time import format_second
from kouprey.response.cli import id_of
from kouprey.response.service import HandOffs, Sealing
from kouprey.response.service.sealing import open_item, seal_file
from kouprey.response.wire.sealed import read_lines, write_file

sealed = group("sealed", "Files that only named people can open.", example="kouprey sealed list 3f9a")
_NEW = click.Path(dir_okay=False, path_type=Path)
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@sealed.command("key", example="kouprey sealed key -o me.key")
@click.option("-o", "--to", "to_", required=True, type=_NEW, help="A new file; keep it where you lose nothing.")
def key(call: Invocation, to_: Path) -> None:
    """Make a key of your own, on your own machine; it is an age identity, as age-keygen makes it."""
    secret, recipient = box.new_identity()
    _save(to_, f"# public key: {recipient}\n{secret}\n".encode("ascii"), mode=0o600)
    call.out.result({"key": recipient, "file": str(to_)}, f"Your public key: {recipient}\nThe secret one is in {to_}.")


@sealed.command(
    "make", example="kouprey sealed make records.csv --reader Azman=age1… --through age1… -o records.sealed"
)
@click.argument("file", type=_FILE)
@click.option("--reader", "readers", multiple=True, required=True, metavar="NAME=KEY", help="Who opens it; repeatable.")
@click.option("--through", required=True, metavar="KEY", help="The key of the node that asked; its page shows it.")
@click.option("-o", "--to", "to_", required=True, type=_NEW, help="A new file.")
def make(call: Invocation, file: Path, readers: tuple[str, ...], through: str, to_: Path) -> None:
    """Seal a FILE to people, here and now; no node is asked, and none can read it."""
    item = seal_file(file.read_bytes(), file.name, read_lines("\n".join(readers)), through)
    _save(to_, write_file(item))
    call.out.result({"sha256": item.sha256, "size": item.size, "file": str(to_)}, f"Sealed: {item.sha256} in {to_}.")


@sealed.command("list", example="kouprey sealed list 3f9a")
@click.argument("id_", metavar="HANDOFF")
def list_items(call: Invocation, id_: str) -> None:
    """Show what came under seal in a hand-off, to whom it is sealed, and what was released."""
    with call.node() as services:
        every, who = services.get(HandOffs), services.get(HandOffs).operator()
        held = every.get(who, id_of(every, id_))
        released = services.get(Sealing).list_releases(who, held.asked.id)
    names = {each.key: each.name for each in held.asked.readers}
    lacking = "missing" if held.course.lacking else ""
    rows = [
        {
            "sha256": item.sha256,
            "size": item.size,
            "reader": names.get(grant.to, ""),
            "key": grant.to,
            "basis": lacking,
            "released": ", ".join(
                format_second(each.at) for each in released if (each.item, each.key) == (item.sha256, grant.to)
            ),
        }
        for step in held.course.steps
        for item in step.message.items
        for grant in item.grants
    ]
    columns = {
        "sha256": "SHA-256",
        "size": "bytes",
        "reader": "reader",
        "key": "key",
        "released": "released",
        "basis": "basis",
    }
    call.out.table(rows, columns, empty="Nothing came under seal.")


@sealed.command("fetch", example="kouprey sealed fetch 3f9a 9d2c… --to sealed.age")
@click.argument("id_", metavar="HANDOFF")
@click.argument("item", metavar="SHA256")
@click.option("--to", "to_", required=True, type=_NEW, help="A new file.")
def fetch(call: Invocation, id_: str, item: str, to_: Path) -> None:
    """Fetch a file as it came, still sealed."""
    with call.node() as services:
        every = services.get(HandOffs)
        _, _, found = services.get(Sealing).item(every.operator(), id_of(every, id_), item)
    _save(to_, found.body)
    call.out.result({"sha256": found.sha256, "file": str(to_)}, f"{found.size:,} bytes, still sealed, in {to_}.")


@sealed.command("release", example="kouprey sealed release 3f9a 9d2c… age1… --to released.age")
@click.argument("id_", metavar="HANDOFF")
@click.argument("item", metavar="SHA256")
@click.argument("key")
@click.option("--to", "to_", required=True, type=_NEW, help="A new file; only that reader can open it.")
def release(call: Invocation, id_: str, item: str, key: str, to_: Path) -> None:
    """Take the seal of the node off the key of one reader; that it was released is written down first."""
    with call.node() as services:
        every = services.get(HandOffs)
        inner = services.get(Sealing).release(every.operator(), id_of(every, id_), item, key)
        _save(to_, inner)
    call.out.result({"file": str(to_), "key": key}, f"Released, and written down. {to_} opens for {key} alone.")


@sealed.command("open", example="kouprey sealed open sealed.age released.age --key me.key")
@click.argument("file", type=_FILE)
@click.argument("released", type=_FILE)
@click.option("--key", "key_", required=True, type=_FILE, help="Your own secret key.")
@click.option("--into", type=click.Path(exists=True, file_okay=False, path_type=Path), default=Path(), help="Folder.")
def open_(call: Invocation, file: Path, released: Path, key_: Path, into: Path) -> None:
    """Open a sealed file with your own key, and compare what is in it with what was sealed."""
    secrets = [line.strip() for line in key_.read_text("utf-8", "replace").splitlines() if line.startswith("AGE-")]
    if not secrets:
        raise Refused("There is no age key in that file.", remedy="Choose the file of your own key.", code="bad-key")
    name, plain = open_item(file.read_bytes(), released.read_bytes(), secrets[0])
    target = into / (Path(name.replace("\\", "/")).name.strip(". ") or "opened")
    _save(target, plain)
    call.out.result({"file": str(target), "size": len(plain)}, f"{target}: {len(plain):,} bytes, as they were sealed.")


def _save(path: Path, data: bytes, mode: int = 0o644) -> None:
    """A new file, whole; Refused where one is there already."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        raise Refused(f"There is a file {path} already.", remedy="Name another one.", code="file-exists") from None
    with os.fdopen(handle, "wb") as file:
        file.write(data)
