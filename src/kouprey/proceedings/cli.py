"""Commands about dossiers: all of them work on people's own machines, without a node and without a network."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import click

from kouprey.kernel.cli.frame import Invocation, group
from kouprey.kernel.seal import box
from kouprey.kernel.words.errors import Refused
from kouprey.proceedings.model import Kind
from kouprey.proceedings.service import open_file, seal_file, wrap_again
from kouprey.proceedings.service.dossiers import Keeping
from kouprey.proceedings.wire import read_readers, write_grants

dossier = group(
    "dossier",
    "Seal and open items of confidential proceedings, on your own machine.",
    example="kouprey dossier seal calls.csv --reader Bopha=age1… --through age1… -o calls.sealed",
)
_NEW = click.Path(dir_okay=False, path_type=Path)
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_READERS = click.option(
    "--reader", "readers", multiple=True, required=True, metavar="NAME=KEY", help="Who opens it; repeatable."
)
_THROUGH = click.option(
    "--through", required=True, metavar="KEY", help="The key of the node that releases it; its page shows it."
)
_TO = click.option("-o", "--to", "to_", required=True, type=_NEW, help="A new file.")
_KEY = click.option("--key", "key_", required=True, type=_FILE, help="Your own secret key.")


@dossier.command("key", example="kouprey dossier key -o me.key")
@click.option("-o", "--to", "to_", required=True, type=_NEW, help="A new file; keep it where you lose nothing.")
def key(call: Invocation, to_: Path) -> None:
    """Make a key of your own; the public one goes into the page Dossiers, the secret one nowhere."""
    secret, recipient = box.new_identity()
    _new(to_, 0o600, f"# public key: {recipient}\n{secret}\n".encode("ascii"))
    words = Keeping.voice_of(recipient)
    call.out.result(
        {"key": recipient, "words": words, "file": str(to_)},
        f"Your public key: {recipient}\nSpoken: {words}\nThe secret one is in {to_}.",
    )


@dossier.command("seal", example="kouprey dossier seal calls.csv --reader Bopha=age1… --through age1… -o calls.sealed")
@click.argument("file", type=_FILE, required=False)
@_READERS
@_THROUGH
@click.option("--title", default="", metavar="TEXT", help="Seal the title of a dossier instead of a file.")
@_TO
def seal(call: Invocation, file: Path | None, readers: tuple[str, ...], through: str, title: str, to_: Path) -> None:
    """Seal a FILE: padded, under a key of its own. Its name is inside the seal too."""
    if (file is None) == (not title.strip()):
        raise Refused("Name a file, or a title.", "One of the two is sealed.", code="nothing-named")
    named = read_readers("\n".join(readers))
    with BytesIO(title.strip().encode()) if file is None else file.open("rb") as source, _whole(to_) as out:
        kind, name = (Kind.TITLE, "title.txt") if file is None else (Kind.THING, file.name)
        digest, size = seal_file(source, name, named, through, out, kind=kind)
    call.out.result({"sha256": digest, "size": size, "file": str(to_)}, f"Sealed: {digest} in {to_}.")


@dossier.command("open", example="kouprey dossier open body.age released.age --key me.key")
@click.argument("file", type=_FILE)
@click.argument("released", type=_FILE)
@_KEY
@click.option("--into", type=click.Path(exists=True, file_okay=False, path_type=Path), default=Path(), help="Folder.")
def open_(call: Invocation, file: Path, released: Path, key_: Path, into: Path) -> None:
    """Open an item with your own key; what was opened is compared with what was sealed, and kept only if it is that."""
    temporary = into / f".{os.urandom(8).hex()}.opening"
    try:
        with file.open("rb") as body, _whole(temporary, 0o600) as out:
            name, size = open_file(body, released.read_bytes(), _secret(key_), out)
        target = into / (Path(name.replace("\\", "/")).name.strip(". ") or "opened")
        _check_new(target)
        temporary.rename(target)
    finally:
        temporary.unlink(missing_ok=True)
    call.out.result({"file": str(target), "size": size}, f"{target}: {size:,} bytes, as they were sealed.")


@dossier.command(
    "grant",
    example="kouprey dossier grant released.age --key me.key --reader Chan=age1… --through age1… -o chan.grants",
)
@click.argument("released", type=_FILE)
@_KEY
@_READERS
@_THROUGH
@_TO
def grant(call: Invocation, released: Path, key_: Path, readers: tuple[str, ...], through: str, to_: Path) -> None:
    """Seal the key of an item, which you were released, to somebody else too; the item itself is not touched.

    For a reader of a partner, `--through` is the key of the partner's node.
    """
    made = wrap_again(released.read_bytes(), _secret(key_), read_readers("\n".join(readers)), through)
    _new(to_, 0o644, write_grants(made))
    call.out.result({"readers": [each.key for each in made], "file": str(to_)}, f"For {len(made)} more, in {to_}.")


def _secret(path: Path) -> str:
    found = [line.strip() for line in path.read_text("utf-8", "replace").splitlines() if line.startswith("AGE-")]
    if not found:
        raise Refused("There is no age key in that file.", remedy="Choose the file of your own key.", code="bad-key")
    return found[0]


def _check_new(path: Path) -> None:
    if path.exists():
        raise Refused(f"There is a file {path} already.", remedy="Name another one.", code="file-exists")


def _new(path: Path, mode: int, data: bytes) -> None:
    with _whole(path, mode) as out:
        out.write(data)


@contextmanager
def _whole(path: Path, mode: int = 0o644) -> Iterator[BinaryIO]:
    """A new file, there only when all of it was written; Refused where one is there already."""
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        raise Refused(f"There is a file {path} already.", remedy="Name another one.", code="file-exists") from None
    try:
        with os.fdopen(handle, "w+b") as file:
            yield file
    except BaseException:
        path.unlink(missing_ok=True)
        raise
