"""Commenting: a note or an opinion about what is held, which travels to whoever told us of it."""

from __future__ import annotations

from kouprey.exchange.model.weighing import OPINIONS, Said
from kouprey.exchange.service.saying import Also, Saying, nothing
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Damaged

LONGEST = 10_000
"""Characters of a note or an explanation."""


class Commenting(Saying):
    """Verbs for what we think of a thing; its author's words stay as they are."""

    def note(self, stix_id: str, text: str, *, who: Reader, by: str, also: Also = nothing) -> Said:
        """Write a note about an object by our own identity (STIX 2.1 section 4.13), labelled and told like a sighting.

        Damaged for no text or too much, Unknown when `who` may not see the object.
        """
        content = _text(text)
        if not content:
            raise Damaged(
                "The note is empty.", remedy="Write what others should know about the object.", code="no-text"
            )
        return self._comment(stix_id, "note", {"content": content}, who, by, also)

    def opine(
        self, stix_id: str, opinion: str, *, who: Reader, by: str, because: str = "", also: Also = nothing
    ) -> Said:
        """Say whether we agree with an object (STIX 2.1 section 4.15), labelled and told like a sighting.

        Damaged for what is none of the five opinions, Unknown when `who` may not see the object.
        """
        if opinion not in OPINIONS:
            raise Damaged(f"{opinion[:40]!r} is no opinion.", f"STIX knows {', '.join(OPINIONS)}.", code="bad-opinion")
        return self._comment(stix_id, "opinion", {"explanation": _text(because), "opinion": opinion}, who, by, also)

    def _comment(self, stix_id: str, kind: str, said: dict[str, object], who: Reader, by: str, also: Also) -> Said:
        target = self.get_object(who, stix_id)
        told = {**said, "object_refs": [stix_id]}
        made, reports = self._say(target, kind, told, by=by, detail={"of": stix_id}, also=also)
        return Said(stix_id=made, target=stix_id, reports=reports)


def _text(text: str) -> str:
    if len(text) > LONGEST:
        raise Damaged("The text is too long.", f"At most {LONGEST:,} characters are kept.", code="too-long")
    return text.strip()
