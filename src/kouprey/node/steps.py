"""What a step of the tour is: where it is told, to whom, and what to look at there."""

from __future__ import annotations

from dataclasses import dataclass

MINISTRY, OPERATOR, NEIGHBOUR = "ministry", "operator", "neighbour"

ANALYST = "for an analyst"
ENGINEER = "for a SOC engineer"
LIAISON = "for a liaison officer"
PROSECUTOR = "for a prosecutor"
JOURNALIST = "for a journalist"
DIRECTOR = "for a director"

WORDS_A_MINUTE = 200
"""How fast somebody reads who has never seen the pages."""


@dataclass(frozen=True)
class Step:
    """One told step: `chapter` by key, `target` CSS selectors of what is outlined, `caption` what to see in it.

    `deeper`: told to those who take the whole tour; the short one has its chapter played and passes it by.
    """

    chapter: str
    party: str
    path: str
    role: str
    text: str
    caption: str
    target: str
    before: bool = False
    deeper: bool = False
