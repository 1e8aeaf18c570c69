"""Founding a node: the folder, the keys, the card, the first administrator."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kouprey.exchange.service import Exchange
from kouprey.kernel.seal import keyring
from kouprey.kernel.words.errors import Refused
from kouprey.kernel.words.tlp import TLP
from kouprey.node.assemble import open_node
from kouprey.node.settings import FILE, write_settings
from kouprey.people.model import Role
from kouprey.people.service import People


@dataclass(frozen=True)
class Founded:
    """What the operator is told: the words to read out, and the link for the first administrator."""

    words: tuple[str, ...]
    link: str


def found(
    folder: Path, *, party: str, name: str, settings: Mapping[str, object], identity: str, person: str
) -> Founded:
    """Make a node in `folder`; Refused when there is one already. What fails leaves no half of a node behind."""
    if (folder / FILE).exists():
        raise Refused(
            "There is a node in this folder already.",
            f"{folder / FILE} exists.",
            "Use it with --data, or choose another folder.",
            code="node-exists",
        )
    with _whole_or_nothing(folder):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)
        keyring.create(folder / "keys")
        write_settings(folder, settings)
        node = open_node(folder)
        try:
            people = node.services.get(People)
            people.found(party, name, urls=(node.settings.origin,), identity=identity)
            node.services.get(Exchange).ensure_defaults()
            administrator = people.save_person(person, (Role.ADMINISTRATOR,), TLP.RED, by="operator")
            link = people.make_sign_in_link(administrator, by="operator")
            return Founded(people.fingerprint(party), f"{node.settings.origin}/sign-in/{link}?next=/setup")
        finally:
            node.close()


@contextmanager
def _whole_or_nothing(folder: Path) -> Iterator[None]:
    """Take away what was made when making it fails: keys without a node would refuse the next attempt."""
    existed = folder.exists()
    before = set(folder.iterdir()) if existed else set()
    try:
        yield
    except BaseException:
        for path in set(folder.iterdir()) - before if folder.exists() else ():
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
        if not existed and folder.exists():
            folder.rmdir()
        raise
