"""Pages of the exchange: the overview, the list, one object, taking in and giving."""

from __future__ import annotations

from kouprey.exchange.pages import (
    acting,
    erasing,
    giving,
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
)
from kouprey.kernel.web.door import Door
from kouprey.kernel.words.capability import Services


def routes(services: Services) -> list[Door]:
    """The doors of the exchange for persons. Fixed paths come before the one that takes any id."""
    return [
        *overview.doors(services),
        *listing.doors(services),
        *saved.doors(services),
        *acting.doors(services),
        *taking.doors(services),
        *texts.doors(services),
        *tables.doors(services),
        *giving.doors(services),
        *erasing.doors(services),
        *retaining.doors(services),
        *values.doors(services),
        *saying.doors(services),
        *one.doors(services),
    ]
