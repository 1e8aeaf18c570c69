"""Passwords: hashes carry their cost, nobody's costs the same, and a crowd is turned away instead of filling memory."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest

from kouprey.kernel.seal.passwords import Cost, Hasher
from kouprey.kernel.words.errors import Unreachable

CHEAP = Cost(memory=8, rounds=1, lanes=1)


def test_a_hash_holds_for_its_password_alone() -> None:
    hasher = Hasher(CHEAP)
    held = hasher.hash("rice and fish sauce")
    assert "rice" not in held and held != hasher.hash("rice and fish sauce"), "every hash has its own salt"
    assert hasher.verify(held, "rice and fish sauce")
    for wrong in ("rice and fish sauc", "", "Rice and fish sauce", "rice and fish sauce\x00"):
        assert not hasher.verify(held, wrong)
    assert not hasher.verify("not a hash", "rice and fish sauce")


def test_nobodys_hash_costs_the_same_and_never_holds() -> None:
    hasher = Hasher(Cost())
    cost = r"\$argon2id\$v=19\$m=65536,t=3,p=4\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}"
    assert re.fullmatch(cost, hasher._nobodys())
    assert len(Hasher(CHEAP).hash("x")) == len(Hasher(CHEAP)._nobodys())
    assert not Hasher(CHEAP).verify("", "")


def test_a_hash_of_another_cost_is_told() -> None:
    held = Hasher(CHEAP).hash("x")
    assert not Hasher(CHEAP).outgrown(held)
    assert Hasher(Cost(memory=16, rounds=1, lanes=1)).outgrown(held)


def test_a_crowd_is_turned_away(monkeypatch: pytest.MonkeyPatch) -> None:
    hasher, go_on, begun = Hasher(CHEAP, at_once=1, waiting=1), Event(), Event()

    class Slow:
        def hash(self, password: str) -> str:
            begun.set()
            go_on.wait(10)
            return "done"

    monkeypatch.setattr(Hasher, "_argon", lambda self: Slow())
    with ThreadPoolExecutor() as pool:
        first: Any = pool.submit(hasher.hash, "x")
        assert begun.wait(10)
        with ThreadPoolExecutor() as behind:
            second: Any = behind.submit(hasher.hash, "x")
            while hasher._admitted._value:  # type: ignore[attr-defined]  # until the second stands in the queue
                pass
            with pytest.raises(Unreachable) as raised:
                hasher.hash("x")
            assert raised.value.code == "sign-in-busy"
            go_on.set()
            assert (first.result(), second.result()) == ("done", "done")
    monkeypatch.undo()
    assert hasher.hash("x"), "the places were given back"
