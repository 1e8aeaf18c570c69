"""The REST interface of the exchange: the same verbs as on its pages, for programs."""

from __future__ import annotations

from kouprey.exchange.api import (
    acting,
    attacking,
    collecting,
    concerning,
    foreseeing,
    giving,
    jobs,
    joining,
    keeping,
    objects,
    publishing,
    releasing,
    retaining,
    rights,
    saying,
    searches,
    searching,
    streaming,
    taking,
    texts,
    values,
    walking,
    writing,
)
from kouprey.kernel.web.door import Door
from kouprey.kernel.words.capability import Services


def routes(services: Services) -> list[Door]:
    """Every endpoint. Fixed paths come before those that take any id."""
    return [
        *searching.doors(services),
        *collecting.doors(services),
        *objects.doors(services),
        *walking.doors(services),
        *attacking.doors(services),
        *values.doors(services),
        *saying.doors(services),
        *acting.doors(services),
        *taking.doors(services),
        *jobs.doors(services),
        *writing.doors(services),
        *texts.doors(services),
        *searches.doors(services),
        *giving.doors(services),
        *concerning.doors(services),
        *foreseeing.doors(services),
        *joining.doors(services),
        *releasing.doors(services),
        *publishing.doors(services),
        *rights.doors(services),
        *keeping.doors(services),
        *retaining.doors(services),
        *streaming.doors(services),
    ]
