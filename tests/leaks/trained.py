"""What the leak test knows of trainings: one of the party that a thing is of."""

from __future__ import annotations

from collections.abc import Mapping

from kouprey.capacity.model import Activity, Kind, Sort
from kouprey.capacity.service import Capacity
from kouprey.capacity.wire.messages import write_activity
from kouprey.federation.service import Delivery
from kouprey.kernel.words.time import DAY
from kouprey.node.assemble import Node
from leaks.things import Thing


def publish_training(node: Node, thing: Thing, agreements: Mapping[str, str], now: int) -> None:
    """An activity of the party that a thing is of, at the level of the thing."""
    made = Activity(
        id="",
        nonce=thing.key,
        host=thing.owner,
        agreement="",
        version=1,
        kind=Kind.TRAINING,
        title=thing.canary("name"),
        starts=now + DAY,
        ends=now + 2 * DAY,
        zone="Asia/Phnom_Penh",
        deadline=now + DAY,
        seats=1,
        place=thing.canary("word"),
        note=thing.canary("text"),
    )
    label, agreement = thing.labelled(agreements), agreements[thing.under]
    came = Delivery("lane", 2, thing.owner, agreement, label, write_activity(made), now)
    capacity = node.services.get(Capacity)
    assert node.store.write(lambda tx: capacity.apply(Sort.ACTIVITY)(tx, [came])) == [None]
