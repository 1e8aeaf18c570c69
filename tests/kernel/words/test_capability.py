"""Services are found by their class."""

from __future__ import annotations

import pytest

from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import Unknown


class Thing:
    """A service."""


class Other(Thing):
    """Another one, although a kind of the first."""


def test_found_by_its_own_class_alone() -> None:
    services = Services()
    thing, other = Thing(), Other()
    services.put(other)
    with pytest.raises(Unknown) as unknown:
        services.get(Thing)
    assert unknown.value.code == "no-service"
    services.put(thing)
    assert services.get(Thing) is thing
    assert services.get(Other) is other
