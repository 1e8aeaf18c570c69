"""Pages of the exchange: the overview, the list, one object, taking in and giving."""

from __future__ import annotations

from kouprey.exchange.pages import (
    acting,
    attack,
    concerning,
    erasing,
    foreseeing,
    giving,
    graph,
    joining,
    listing,
    naming,
    one,
    overview,
    publishing,
    releasing,
    retaining,
    rights,
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
    exchange = services.get(Exchange)
    exchange.naming = naming.HeadNaming(exchange)
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
        *concerning.doors(services),
        *foreseeing.doors(services),
        *joining.doors(services),
        *releasing.doors(services),
        *publishing.doors(services),
        *rights.doors(services),
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
