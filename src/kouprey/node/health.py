"""Health: what a load balancer and a director may know of a node without signing in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kouprey.exchange.service import Exchange
from kouprey.kernel.words.errors import Unreachable

if TYPE_CHECKING:
    from kouprey.node.assemble import Node


def health(node: Node) -> dict[str, object]:
    """`signing` is false while the start-up barrier is being passed or another process holds the lanes.
    `renewing` is there while held bodies are brought to new rules: the part that is done.

    Raises Unreachable when the database does not answer or signing has been halted.
    """
    with node.store.read() as reader:
        reader.value("SELECT 1")
    if node.lanes.halted:
        raise Unreachable("This node does not sign.", node.lanes.halted, code="halted")
    part = node.services.get(Exchange).renewed()
    return {"signing": node.lanes.ready, **({"renewing": round(part, 2)} if part < 1 else {})}
