"""Pages of response."""

from __future__ import annotations

from kouprey.exchange.service import Exchange
from kouprey.kernel.web.door import Door
from kouprey.kernel.words.capability import Services
from kouprey.response.pages import (
    asking,
    cases,
    casework,
    contacts,
    duties,
    dutywork,
    handoffs,
    linking,
    outside,
    strategies,
)


def routes(services: Services) -> list[Door]:
    """The doors for persons."""
    # The overview stands below: it is told here what else waits for somebody.
    services.get(Exchange).needs["duties"] = duties.needs(services)
    return [
        *asking.doors(services),
        *cases.doors(services),
        *casework.doors(services),
        *duties.doors(services),
        *dutywork.doors(services),
        *contacts.doors(services),
        *outside.doors(services),
        *linking.doors(services),
        *handoffs.doors(services),
        *strategies.doors(services),
    ]
