"""What is this node's own and of those it speaks for: names and networks that its shields never list."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from kouprey.constituents.service import Constituents
from kouprey.kernel.words.capability import Services
from kouprey.node.settings import Settings
from kouprey.protect.service import Protect
from kouprey.response.service import Directory

_KINDS = ("domain-name", "ipv4-addr", "ipv4-net", "ipv6-addr", "ipv6-net")


def own_things(services: Services) -> Iterator[tuple[str, str]]:
    """(name, address or network, what it is): where the node is reached, what it is competent for, whom it hosts."""
    yield from public_things(services)
    constituents = services.get(Constituents)
    for hosted in constituents.list_constituents():
        if not hosted.archived_at:
            yield from ((each.text, hosted.name) for each in constituents.networks(hosted.id) if each.kind in _KINDS)


def public_things(services: Services) -> Iterator[tuple[str, str]]:
    """(name, address or network, what it is) without those of constituents, whom nobody else is told of."""
    yield urlsplit(services.get(Settings).origin).hostname or "", "the address of this node"
    profile = services.get(Directory).own(services.get(Protect).operator()).profile
    yield from ((each, "what we are competent for") for each in (*profile.domains, *profile.prefixes))
