"""What the audit calls cases and hand-offs that its lines are about."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from contextlib import suppress

from kouprey.kernel.words.capability import Services, Subjects
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import KoupreyError
from kouprey.response.service import Cases, HandOffs
from kouprey.response.wire.words import plain

_CASE = re.compile(r"case_[0-9a-f]{32}", re.ASCII)
_HANDOFF = re.compile(r"[0-9a-f]{64}", re.ASCII)


def subjects(services: Services) -> Subjects:
    """Titles as far as somebody may see them; each is asked for as its page asks for it."""
    cases, handoffs = services.get(Cases), services.get(HandOffs)

    def name(who: Reader, ids: Collection[str]) -> Mapping[str, str]:
        found: dict[str, str] = {}
        for each in ids:
            # What is not theirs to see has no name, nor is it said whether it is there.
            with suppress(KoupreyError):
                if _CASE.fullmatch(each):
                    case = cases.get(who, each).case
                    found[each] = plain(f"#{case.number} {case.title}")
                elif _HANDOFF.fullmatch(each):
                    found[each] = plain(handoffs.get(who, each).asked.title)
        return found

    return name
