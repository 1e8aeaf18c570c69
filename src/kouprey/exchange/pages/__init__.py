"""Pages of the exchange: the overview, the list, one object, taking in and giving."""

from __future__ import annotations

from kouprey.exchange.pages import (
    acting,
    attack,
    erasing,
    giving,
    graph,
    listing,
    one,
    overview,
    retaining,
    saved,
    saying,
    tables,
    taking,
    texts,
    values,
    writing,
)
from kouprey.exchange.service import Exchange
from kouprey.kernel.web.door import Door
from kouprey.kernel.web.live import Pulses
from kouprey.kernel.words.capability import Services


def routes(services: Services) -> list[Door]:
    """The doors of the exchange for persons. Fixed paths come before the one that takes any id."""
    return [
        *overview.doors(services),
        *listing.doors(services),
        *saved.doors(services),
        *acting.doors(services),
        *writing.doors(services),
        *taking.doors(services, table=tables.router(services), text=texts.router(services)),
        *texts.doors(services),
        *tables.doors(services),
        *giving.doors(services),
        *erasing.doors(services),
        *retaining.doors(services),
        *values.doors(services),
        *saying.doors(services),
        *graph.doors(services),
        *attack.doors(services),
        *one.doors(services),
    ]


def pulses(services: Services) -> Pulses:
    """What is new to a reader has the newest position that this reader sees."""
    return {"intelligence": services.get(Exchange).newest}
