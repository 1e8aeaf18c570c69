"""How sectors are called: an object says them as words of STIX 2.1 (section 10.6), which are no words for people."""

from __future__ import annotations

from kouprey.kernel.web.language import _, mark
from kouprey.response.wire.words import plain

SECTORS = {
    "aerospace": mark("Aerospace"),
    "agriculture": mark("Agriculture"),
    "automotive": mark("Automotive industry"),
    "chemical": mark("Chemical industry"),
    "commercial": mark("Commerce"),
    "communications": mark("Communication networks"),
    "construction": mark("Construction"),
    "dams": mark("Dams"),
    "defense": mark("National defence"),
    "education": mark("Education"),
    "emergency-services": mark("Emergency services"),
    "energy": mark("Energy"),
    "entertainment": mark("Entertainment"),
    "financial-services": mark("Financial services"),
    "government": mark("Government"),
    "government-local": mark("Local government"),
    "government-national": mark("National government"),
    "government-public-services": mark("Public services"),
    "government-regional": mark("Regional government"),
    "healthcare": mark("Health care"),
    "hospitality-leisure": mark("Hotels and leisure"),
    "infrastructure": mark("Infrastructure"),
    "insurance": mark("Insurance"),
    "manufacturing": mark("Manufacturing"),
    "mining": mark("Mining"),
    "non-profit": mark("Non-profit organisations"),
    "nuclear": mark("Nuclear power"),
    "pharmaceuticals": mark("Pharmaceuticals"),
    "retail": mark("Retail"),
    "technology": mark("Technology"),
    "telecommunications": mark("Telecommunications"),
    "transportation": mark("Transport"),
    "utilities": mark("Utilities"),
    "water": mark("Water supply"),
}
"""industry-sector-ov -> its name."""


def called_sector(sector: str) -> str:
    """Its name in the language of this context; what is no word of the vocabulary stays as somebody wrote it."""
    return _(SECTORS[sector]) if sector in SECTORS else plain(sector)
