"""The list of capabilities, lowest floor first: the one place where a capability is added to the node."""

from __future__ import annotations

from kouprey.advisories.capability import CAPABILITY as advisories
from kouprey.agreements.capability import CAPABILITY as agreements
from kouprey.audit.capability import CAPABILITY as audit
from kouprey.capacity.capability import CAPABILITY as capacity
from kouprey.constituents.capability import CAPABILITY as constituents
from kouprey.exchange.capability import CAPABILITY as exchange
from kouprey.federation.capability import CAPABILITY as federation
from kouprey.hunt.capability import CAPABILITY as hunt
from kouprey.kernel.words.capability import Capability
from kouprey.misp.capability import CAPABILITY as misp
from kouprey.people.capability import CAPABILITY as people
from kouprey.performance.capability import CAPABILITY as performance
from kouprey.proceedings.capability import CAPABILITY as proceedings
from kouprey.protect.capability import CAPABILITY as protect
from kouprey.readiness.capability import CAPABILITY as readiness
from kouprey.response.capability import CAPABILITY as response
from kouprey.taxii.capability import CAPABILITY as taxii
from kouprey.watch.capability import CAPABILITY as watch

CAPABILITIES: tuple[Capability, ...] = (
    people,
    agreements,
    federation,
    exchange,
    audit,
    capacity,
    readiness,
    advisories,
    proceedings,
    taxii,
    misp,
    constituents,
    performance,
    watch,
    hunt,
    protect,
    response,
)
