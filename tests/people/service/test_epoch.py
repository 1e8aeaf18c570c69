"""The policy epoch differs after every change, also after one that was rolled back."""

from __future__ import annotations

import pytest

from kouprey.kernel.storage.engine import Store, Tx
from kouprey.people.service import bump_policy_epoch, policy_epoch


def now(store: Store) -> int:
    with store.read() as reader:
        return policy_epoch(reader)


def test_no_epoch_comes_twice(store: Store) -> None:
    seen = [now(store)]

    def rolled_back(tx: Tx) -> None:
        bump_policy_epoch(tx)
        seen.append(policy_epoch(tx))
        raise KeyError

    for _ in range(3):
        with pytest.raises(KeyError):
            store.write(rolled_back)
        store.write(bump_policy_epoch)
        assert now(store) == now(store)
        seen.append(now(store))
    assert seen[0] == 0
    assert len(set(seen)) == 7
