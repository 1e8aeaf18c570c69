"""What is done to keys in tests: the steps of a rotation, with the restarts that the commands make."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.federation.service.checks import checks
from kouprey.kernel.seal import keyring
from kouprey.kernel.words.errors import KoupreyError


def contents(count: int, mark: str = "o") -> list[bytes]:
    return [f'{{"mark":"{mark}-{number}"}}'.encode() for number in range(count)]


def step(actor: Any, change: Any = None) -> None:
    """A restart, with the key files changed in between."""
    actor.close()
    if change is not None:
        change(actor.folder / "keys")
    actor.open()


def rotate(actor: Any) -> None:
    actor.federation.rotation.prepare()
    step(actor, keyring.begin_rotation)
    actor.federation.rotation.announce(by="test")


def finish(actor: Any, *, compromised: bool = False) -> None:
    actor.federation.rotation.revoke_before(by="test", compromised=compromised)
    step(actor, keyring.end_rotation)
    actor.federation.rotation.announce(by="test")


def refusal(call: Any) -> str:
    with pytest.raises(KoupreyError) as refused:
        call()
    return refused.value.code


def replace_key(actor: Any, change: Any) -> None:
    """A key that is replaced in one step: the receipt key or the age key."""
    actor.federation.rotation.prepare()
    step(actor, change)
    actor.federation.rotation.announce(by="test")


def replace_root(actor: Any) -> None:
    actor.federation.rotation.prepare()
    step(actor, keyring.begin_root)
    actor.federation.rotation.announce(by="test")
    step(actor, keyring.end_root)


def revoke_receipt(actor: Any) -> int:
    """In how many lanes the old receipt key is cut off."""
    actor.federation.rotation.prepare()
    step(actor, keyring.begin_receipt)
    lanes: int = actor.federation.rotation.revoke_receipt_before(by="test")
    actor.federation.rotation.announce(by="test")
    step(actor, keyring.end_receipt)
    return lanes


def well(actor: Any) -> None:
    found = {check.name: list(check.call(False)) for check in checks(actor.services)}
    assert found["lanes"] == []
