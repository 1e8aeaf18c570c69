"""The bodies of heads are those the reader is given, never another's."""

from __future__ import annotations

from typing import Any

from kouprey.exchange.store import pages
from kouprey.exchange.store.export import list_bodies
from kouprey.exchange.store.seeing import Eyes
from kouprey.kernel.words.tlp import TLP


def test_each_reader_is_given_his_body(ministry: Any, stix: Any) -> None:
    secret, plain = stix.make("a", name="secret"), stix.make("a", name="plain")
    ministry.keep(secret, tlp=TLP.RED)
    ministry.keep(plain, stix.make("b"), tlp=TLP.GREEN)
    for clearance, wanted in ((TLP.RED, secret), (TLP.GREEN, plain)):
        eyes = Eyes(ministry.agreements.profile(ministry.reader(clearance)), ministry.clock(), True)
        with ministry.store.read() as reader:
            heads = pages.list_heads(
                reader, eyes, collection="", types=(), text="", findings="", before=None, after=None, limit=10
            )
            bodies = list_bodies(reader, eyes, heads)
        assert len(bodies) == 2
        head = next(head for head in heads if head.stix_id == stix.id("indicator", "a"))
        assert bodies[head.stix_id, head.instant] == wanted
        with ministry.store.read() as reader:
            assert list_bodies(reader, eyes, []) == {}
