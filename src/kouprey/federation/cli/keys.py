"""Commands of our own keys: `kouprey keys`."""

from __future__ import annotations

from pathlib import Path

import click

from kouprey.federation.cli.files import OPERATOR
from kouprey.federation.service import Federation
from kouprey.federation.service.ceremonies import KeyKind, Keys, OwnKey
from kouprey.kernel.cli.frame import Invocation, group
from kouprey.kernel.seal.keyring import (
    Keyring,
    begin_receipt,
    begin_root,
    begin_rotation,
    end_receipt,
    end_root,
    end_rotation,
    replace_age,
    replace_receipt,
)
from kouprey.kernel.words.time import format_second

keys = group("keys", "Replace the keys of this node, or revoke one.", example="kouprey keys rotate")


# keys


@keys.command("list", example="kouprey keys list")
def list_keys(invocation: Invocation) -> None:
    """Our keys: what each is for, which one is being replaced, and which were revoked."""
    with invocation.node() as services:
        held = services.get(Federation).ceremonies.look()
    found = [
        {
            "kind": str(each.kind),
            "key": each.key,
            "words": " ".join(each.words),
            "since": format_second(each.since),
            "state": _state(each, held),
        }
        for each in held.own
    ]
    found += [
        {
            "kind": str(gone.kind),
            "key": gone.key,
            "words": " ".join(gone.words),
            "since": format_second(gone.issued),
            "state": f"revoked, counts in {len(gone.cuts)} lanes",
        }
        for gone in held.revoked
    ]
    invocation.out.table(found, {"kind": "Kind", "words": "Words", "since": "Since", "state": "State", "key": "Key"})


def _state(each: OwnKey, held: Keys) -> str:
    if each.kind is KeyKind.ROOT:
        return "on this machine" if held.root_here else "taken away"
    return "is being replaced, and signs beside it" if each.leaving else "in use"


@keys.command("rotate", example="kouprey keys rotate")
@click.option("--receipt", "which", flag_value="receipt", help="The receipt key, in one step.")
@click.option("--age", "which", flag_value="age", help="The age key, in one step; the one before still opens.")
@click.option("--root", "which", flag_value="root", help="The root key, in one step; the one before vouches for it.")
def rotate(invocation: Invocation, which: str | None) -> None:
    """Replace our node key: a new one signs beside it, until `kouprey keys finish`. Stop the server first.

    With --receipt, --age or --root that key instead, for which nothing is to be finished.
    """
    if which == "root":
        _rotate_root(invocation)
    elif which is not None:
        _rotate_quiet(invocation, which)
    else:
        _rotate_node(invocation)


def _rotate_root(invocation: Invocation) -> None:
    with invocation.node() as services:
        services.get(Federation).rotation.prepare()
        folder, begun = invocation.data_dir() / "keys", services.get(Keyring).root_before is not None
    if not begun:
        begin_root(folder)
    with invocation.node() as services:
        federation = services.get(Federation)
        home = federation.rotation.announce(by=OPERATOR)
        words = federation.people.fingerprint(home.id)
    end_root(folder)
    said = {"party": home.id, "serial": home.card.serial, "root": home.card.root, "words": list(words)}
    invocation.out.result(
        said,
        f"Card {home.card.serial} is signed by a new root key, for which the one before vouches. Its words are now:"
        f" {' '.join(words)}. Take root.key away, and destroy every copy of the one before.",
    )


def _rotate_quiet(invocation: Invocation, which: str) -> None:
    with invocation.node() as services:
        services.get(Federation).rotation.prepare()
    folder = invocation.data_dir() / "keys"
    (replace_receipt if which == "receipt" else replace_age)(folder)
    with invocation.node() as services:
        home = services.get(Federation).rotation.announce(by=OPERATOR)
    said = {"party": home.id, "serial": home.card.serial, "receipt": home.card.receipt, "age": home.card.age}
    invocation.out.result(
        said, f"Card {home.card.serial} names a new {which} key. Start the server; nothing is to be finished."
    )


def _rotate_node(invocation: Invocation) -> None:
    with invocation.node() as services:
        services.get(Federation).rotation.prepare()
        folder, begun = invocation.data_dir() / "keys", services.get(Keyring).node_before is not None
    if not begun:
        begin_rotation(folder)
    with invocation.node() as services:
        home = services.get(Federation).rotation.announce(by=OPERATOR)
    said = {"party": home.id, "serial": home.card.serial, "nodes": list(home.card.nodes)}
    invocation.out.result(
        said,
        f"Card {home.card.serial} names both keys, and both sign. Start the server; partners get the card by themselves"
        " or in the next parcel. Then: `kouprey keys finish`.",
    )


@keys.command("finish", example="kouprey keys finish")
@click.option("--yes", is_flag=True, help="Also when partners may not have the new card yet.")
def finish(invocation: Invocation, yes: bool) -> None:
    """End the replacement: the old key signs no more, and counts up to what it has signed. Stop the server first."""
    with invocation.node() as services:
        rotation = services.get(Federation).rotation
        unheard = rotation.unheard()
        if unheard:
            invocation.out.note(f"These may not have our new card yet: {', '.join(unheard)}.")
            invocation.out.confirm("Finish all the same? They take it from their next exchange.", yes=yes)
        lanes = rotation.revoke_before(by=OPERATOR, compromised=False)
        folder = invocation.data_dir() / "keys"
    _forget(invocation, folder, lanes, "The old key is retired")


@keys.command("revoke", example="kouprey keys revoke")
@click.option("--receipt", is_flag=True, help="The receipt key instead: what we have confirmed with it counts.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def revoke(invocation: Invocation, receipt: bool, yes: bool) -> None:
    """Somebody else may have our node key: replace it at once, and end every epoch. Stop the server first.

    What it signed up to now counts, and nothing it signs from now on. With --receipt it is the receipt key; no epoch
    ends, and partners are brought our receipts again.
    """
    if receipt:
        _revoke_receipt(invocation, yes)
        return
    invocation.out.confirm("Partners refuse everything that the present key signs from now on. Revoke it?", yes=yes)
    with invocation.node() as services:
        services.get(Federation).rotation.prepare()
        folder, begun = invocation.data_dir() / "keys", services.get(Keyring).node_before is not None
    if not begun:
        begin_rotation(folder)
    with invocation.node() as services:
        lanes = services.get(Federation).rotation.revoke_before(by=OPERATOR, compromised=True)
    _forget(invocation, folder, lanes, "The old key is revoked")


def _revoke_receipt(invocation: Invocation, yes: bool) -> None:
    asked = "Partners refuse every receipt that the present key signs beyond what we have confirmed. Revoke it?"
    invocation.out.confirm(asked, yes=yes)
    with invocation.node() as services:
        services.get(Federation).rotation.prepare()
        folder, begun = invocation.data_dir() / "keys", services.get(Keyring).receipt_before is not None
    if not begun:
        begin_receipt(folder)
    with invocation.node() as services:
        rotation = services.get(Federation).rotation
        lanes = rotation.revoke_receipt_before(by=OPERATOR)
        home = rotation.announce(by=OPERATOR)
    end_receipt(folder)
    said = {"party": home.id, "serial": home.card.serial, "lanes": lanes, "receipt": home.card.receipt}
    invocation.out.result(
        said,
        f"The old receipt key is revoked; it counts in {lanes} lanes up to what we have confirmed."
        f" Card {home.card.serial} with the new one goes to all partners.",
    )


def _forget(invocation: Invocation, folder: Path, lanes: int, done: str) -> None:
    end_rotation(folder)
    with invocation.node() as services:
        home = services.get(Federation).rotation.announce(by=OPERATOR)
    said = {"party": home.id, "serial": home.card.serial, "lanes": lanes, "nodes": list(home.card.nodes)}
    invocation.out.result(
        said, f"{done}; it counts in {lanes} lanes up to what was signed. Card {home.card.serial} goes to all partners."
    )
