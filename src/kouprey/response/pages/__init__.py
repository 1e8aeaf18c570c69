"""Pages of response."""

from __future__ import annotations

from kouprey.kernel.web.door import Door
from kouprey.kernel.words.capability import Services
from kouprey.response.pages import (
    asking,
    cases,
    casework,
    contacts,
    handoffs,
    lessons,
    linking,
    outcomes,
    outside,
    reports,
    situation,
    strategies,
)


def routes(services: Services) -> list[Door]:
    """The doors for persons."""
    return [
        *asking.doors(services),
        *cases.doors(services),
        *casework.doors(services),
        *contacts.doors(services),
        *outside.doors(services),
        *linking.doors(services),
        *handoffs.doors(services),
        *strategies.doors(services),
        *outcomes.doors(services),
        *lessons.doors(services),
        *reports.doors(services),
        *situation.doors(services),
    ]
