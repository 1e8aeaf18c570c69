"""A tree comes back from JSON as it was."""

from __future__ import annotations

import msgspec

from kouprey.hunt.model import Kind, Leaf, Node, Not, Probe, Some


def test_a_tree_is_json() -> None:
    tree: Node = Some(parts=(Not(part=Leaf(field="a", test=Probe(kind=Kind.CONTAINS, text="x", cased=True))),))
    assert msgspec.json.decode(msgspec.json.encode(tree), type=Node) == tree
