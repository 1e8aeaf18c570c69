"""The commands of keys, as two officers type them: each opens the node anew, with the keys it finds."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from kouprey.federation.cli.keys import keys
from kouprey.kernel.cli.frame import Group, Invocation, run
from kouprey.kernel.seal.keyring import begin_root

Call = Callable[..., tuple[int, Any]]


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    def call(actor: Any, *words: str) -> tuple[int, Any]:
        root = Group("kouprey", example="kouprey")
        root.add_command(keys)

        @contextlib.contextmanager
        def opener(_: Invocation) -> Iterator[Any]:
            actor.close()
            actor.open(start=False)
            actor.services.put(actor.ring)
            yield actor.services

        capsys.readouterr()
        code = run(root, ["--data", str(actor.folder), "keys", *words, "--json"], opener=opener)
        said = capsys.readouterr()
        actor.close()
        actor.open()
        return code, json.loads(said.out or said.err)

    return call


def states(call: Call, actor: Any) -> list[tuple[str, str]]:
    return [(each["kind"], each["state"]) for each in call(actor, "list")[1]]


def test_every_key_is_replaced_and_the_list_says_so(world: Any, call: Call) -> None:
    a, b, agreement = world.pair()
    a.publish(agreement, [b"one"])
    b.sync(a)
    assert states(call, a) == [
        ("root", "on this machine"),
        ("node", "in use"),
        ("receipt", "in use"),
        ("age", "in use"),
    ]
    before = a.people.home().card
    assert call(a, "rotate")[1]["nodes"] == list(a.people.home().card.nodes)
    assert ("node", "is being replaced, and signs beside it") in states(call, a)
    code, said = call(a, "finish")
    assert code != 0, "a partner has not heard, and nobody confirms"
    a.sync(b)
    assert call(a, "finish")[1]["lanes"] == 1
    for which in ("receipt", "age"):
        code, said = call(a, "rotate", f"--{which}")
        assert code == 0 and said[which] != getattr(before, which)
    code, said = call(a, "rotate", "--root")
    assert code == 0 and said["root"] == a.people.home().card.root != before.root
    assert said["words"] == list(a.people.fingerprint(a.party))
    assert not (a.folder / "keys" / "root.old.key").exists()
    assert states(call, a)[-1] == ("node", "revoked, counts in 1 lanes")
    code, said = call(a, "revoke", "--receipt", "--yes")
    assert code == 0 and said["lanes"] == 0 and said["receipt"] == a.people.home().card.receipt
    assert states(call, a)[-1] == ("receipt", "revoked, counts in 0 lanes")
    assert not (a.folder / "keys" / "receipt.old.key").exists()
    a.sync(b)
    assert b.people.get_party(a.party).card == a.people.home().card
    a.publish(agreement, [b"two"])
    b.sync(a)
    assert b.got == [b"one", b"two"]


def test_a_root_rotation_that_was_interrupted_is_taken_up(world: Any, call: Call) -> None:
    a, b, _ = world.pair()
    words = a.people.fingerprint(a.party)
    begin_root(a.folder / "keys")
    code, said = call(a, "rotate", "--root")
    assert code == 0 and tuple(said["words"]) != words
    a.sync(b)
    assert b.people.fingerprint(a.party) == tuple(said["words"])


def test_without_the_root_key_nothing_is_begun(world: Any, call: Call) -> None:
    a, _, _ = world.pair()
    (a.folder / "keys" / "root.key").unlink()
    before = sorted((path.name, path.read_text()) for path in (a.folder / "keys").iterdir())
    for words in (
        ("rotate",),
        ("rotate", "--root"),
        ("rotate", "--age"),
        ("rotate", "--receipt"),
        ("revoke", "--yes"),
        ("revoke", "--receipt", "--yes"),
    ):
        code, said = call(a, *words)
        assert code != 0 and said["code"] == "no-root-key", words
    assert sorted((path.name, path.read_text()) for path in (a.folder / "keys").iterdir()) == before
    assert states(call, a)[0] == ("root", "taken away")
