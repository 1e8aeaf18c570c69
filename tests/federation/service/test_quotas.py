"""Clause 8 at the receive gate: what is beyond a day's amount stays with its author, and comes the day after."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest

from kouprey.agreements.model import Quotas, Terms
from kouprey.federation.model import LaneClass
from kouprey.kernel.words.errors import Refused
from kouprey.kernel.words.time import DAY, wall_clock


def contents(count: int, mark: str) -> list[bytes]:
    return [f'{{"mark":"{mark}-{number}"}}'.encode() for number in range(count)]


@pytest.mark.parametrize("quotas", [Quotas(entries_day=4), Quotas(bytes_day=600)])
def test_the_rest_comes_tomorrow(each_world: Any, quotas: Quotas) -> None:
    a, b, agreement = each_world.pair(Terms(quotas=quotas))
    a.publish(agreement, contents(10, "first"))
    assert b.sync(a) == 11, "a page is taken whole"
    a.publish(agreement, contents(3, "second"))
    calls = len(each_world.wire.calls)
    with pytest.raises(Refused) as refused:
        b.sync(a)
    assert refused.value.code == "throttled" and "clause 8" in str(refused.value)
    assert not any("/headers" in url for _, url in each_world.wire.calls[calls:]), "nothing is fetched in vain"
    assert not b.federation.links.get_link(a.party).down_since
    a.publish(agreement, contents(1, "urgent"), lane_class=LaneClass.PRIORITY)
    with pytest.raises(Refused):
        b.sync(a)
    assert b.got[-1] == contents(1, "urgent")[0], "a full day of the one class does not hold up the other"
    parcel = BytesIO()
    a.federation.parcels.make(b.party, parcel, by="test")
    read = b.federation.parcels.read(BytesIO(parcel.getvalue()), by="test")
    assert "clause 8" in " ".join(read.problems) and len(b.got) == 11
    b.federation.admission._clock = lambda: wall_clock() + DAY
    assert b.sync(a) == 3 and b.sync(a) == 0 and len(b.got) == 14
