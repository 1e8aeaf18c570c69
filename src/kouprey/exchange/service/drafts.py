"""Drafts of what people write: what would become of them, what is wrong with them, and what may be edited."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import uuid4

import msgspec

from kouprey.exchange.model import ObjectView, Observable
from kouprey.exchange.model.writing import KINDS, Appraisal, Draft, Looked, Problem
from kouprey.exchange.rules.coaching import appraise
from kouprey.exchange.rules.drafting import (
    INDICATED,
    MOST_VALUES,
    draft_of,
    first_body,
    next_body,
    problems_of,
    said_by,
)
from kouprey.exchange.rules.making import pattern_for, pattern_of
from kouprey.exchange.service.collections import MAIN
from kouprey.exchange.service.commenting import Commenting
from kouprey.exchange.service.prospects import Prospects
from kouprey.exchange.service.searching import Searching
from kouprey.exchange.service.sighting import Sightings
from kouprey.exchange.wire.observables import recognise
from kouprey.exchange.wire.pattern import check_pattern
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Refused
from kouprey.kernel.words.ids import stix_type
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.safejson import decode

_LOOKED_AROUND = 50
"""Objects around one that are looked at for the score."""
_ANY_TEXT = frozenset({"certificate-serial", "mutex", "tlsh", "user-agent"})
"""Kinds that a mistyped value would be taken for; their patterns are written by hand."""


class Drafts(Sightings, Commenting, Searching, Prospects):
    """Verbs that look and keep nothing."""

    def look(self, draft: Draft, who: Reader, *, edits: str = "") -> Looked:
        """What would become of a draft, and what a reader would still ask; nothing is kept.

        `edits` is the object of ours that it would give a next version. Unknown when `who` may not see that, Refused
        when nobody here may edit it.
        """
        before = self._editable(who, edits)[1] if edits else None
        return self._look(draft, who, before)

    def _look(self, draft: Draft, who: Reader, before: dict[str, Any] | None) -> Looked:
        home, now = self._author(), self._clock()
        author = home.card.identities[0]
        values = tuple((given, _taken_for(given)) for given in dict.fromkeys(map(str.strip, draft.values)) if given)
        pattern = draft.pattern.strip() or pattern_for(each for _, each in values if each is not None)
        if draft.kind == "indicator" and not draft.name.strip():
            # A list calls an indicator by its name, and the value is what people look for.
            first = next((each.text for _, each in values if each is not None), "")
            draft = msgspec.structs.replace(draft, name=first[:250])
        elsewhere = before is not None and before.get("pattern_type", "stix") != "stix"
        problems = [
            *problems_of(draft, now=now, again=before is not None),
            *self._wrong_here(draft, who, before is not None),
        ]
        if draft.kind == "indicator" and not elsewhere:
            problems += _wrong_pattern(draft, pattern, values)
        said = said_by(draft, pattern=pattern, author=author, now=now)
        if before is None:
            body = first_body(draft, said, stix_id=f"{draft.kind}--{uuid4()}", author=author, now=now)
        else:
            body = next_body(before, draft, said, now)
        around = {stix_type(link) or "" for link in draft.links}
        if before is not None:
            around |= self._around(who, str(before["id"]))
        appraisal = appraise(body, around)
        assert appraisal is not None  # every kind of draft has its questions
        return Looked(
            draft=draft,
            pattern=pattern,
            values=values,
            problems=tuple(problems),
            appraisal=appraisal,
            body=body,
            before=before,
        )

    def draft_again(self, who: Reader, stix_id: str) -> tuple[ObjectView, Draft]:
        """An object of ours as a draft of its next version; Refused when nobody here may edit it.

        Values are shown as such where the pattern is just what this node makes of them, else it stays a pattern.
        """
        found, body = self._editable(who, stix_id)
        labels = labels_of(found)
        draft = draft_of(body, tlp=found.newest.tlp)
        draft = msgspec.structs.replace(draft, pap=max(label.pap for label in labels))
        if draft.pattern and (values := _values_in(draft.pattern)):
            draft = msgspec.structs.replace(draft, values=values, pattern="")
        return found, draft

    def may_edit(self, found: ObjectView) -> bool:
        """Whether somebody here may give it a next version: it is of a kind people write, and ours alone."""
        return self._barred(found, decode(found.newest.served.raw)) is None

    def ask_of(self, who: Reader, found: ObjectView) -> Appraisal | None:
        """What a reader would still ask of an object; None for types of which that makes no sense."""
        return appraise(decode(found.newest.served.raw), self._around(who, found.stix_id))

    def _editable(self, who: Reader, stix_id: str) -> tuple[ObjectView, dict[str, Any]]:
        found, body = self._own(who, stix_id)
        if found.newest.served.revoked:
            raise Refused(
                "It is revoked.",
                "What was taken back is not edited any more.",
                "Bring an earlier version back first, or write a new one.",
                code="revoked-already",
            )
        if found.type not in KINDS:
            raise Refused(
                f"A {found.type} is not edited by hand here.",
                f"There are forms for {', '.join(KINDS)}.",
                "Import its next version as STIX.",
                code="no-form",
            )
        return found, body

    def _own(self, who: Reader, stix_id: str) -> tuple[ObjectView, dict[str, Any]]:
        found = self.get_object(who, stix_id)
        body: dict[str, Any] = decode(found.newest.served.raw)
        barred = self._not_ours(found, body)
        if barred is not None:
            raise barred
        return found, body

    def _barred(self, found: ObjectView, body: Mapping[str, Any]) -> Refused | None:
        if found.type not in KINDS or found.newest.served.revoked:
            return Refused("It is not edited by hand.", code="no-form")
        return self._not_ours(found, body)

    def _not_ours(self, found: ObjectView, body: Mapping[str, Any]) -> Refused | None:
        own = {each.lower() for each in self._people.home().card.identities}
        foreign = any(label.agreement for label in labels_of(found))
        if str(body.get("created_by_ref", "")).lower() in own and not foreign and "modified" in body:
            return None
        return Refused(
            "This is not ours to change.",
            "Only its author gives an object a next version.",
            "Add a sighting, a note or an opinion to it: they are yours, and its author is told.",
            code="not-ours",
        )

    def _wrong_here(self, draft: Draft, who: Reader, again: bool) -> Iterator[Problem]:
        """What is wrong with a draft because of what this node holds and of who writes it."""
        if draft.kind in ("indicator", "report") and draft.tlp > who.clearance:
            yield Problem(
                field="tlp",
                code="above-clearance",
                what="You could not see it yourself.",
                why=f"This is above your own clearance, {who.clearance.text}.",
                remedy="Choose a level up to your own, or let somebody write it who is cleared for it.",
            )
        links = draft.links if draft.kind in ("indicator", "report") or not again else ()
        if not links:
            return
        seen = {row.stix_id for row in self.page(who, MAIN, ids=links[:500], limit=500, bodies=False).rows}
        own = {each.lower() for each in self._people.home().card.identities}
        for link in links:
            if link not in seen and link.lower() not in own:
                yield Problem(
                    field="links",
                    code="unknown-object",
                    what=f"No object {link[:100]!r}.",
                    why="It is not held here, or you may not see it.",
                    remedy="Find it by its name, or import it first.",
                )
            elif draft.kind == "indicator" and stix_type(link) not in INDICATED:
                yield Problem(
                    field="links",
                    code="not-indicated",
                    what=f"An indicator does not indicate a {stix_type(link)}.",
                    why=f"STIX lets it indicate {', '.join(sorted(INDICATED))}.",
                    remedy="Choose the malware, the technique or the group it belongs to.",
                )

    def _around(self, who: Reader, stix_id: str) -> set[str]:
        """The types of what stands around an object, as far as `who` sees it."""
        return {node.type for node in self.neighbours(who, stix_id, limit=_LOOKED_AROUND).nodes}


def labels_of(found: ObjectView) -> list[Label]:
    """Every label under which something was said of an object, as far as its reader saw it."""
    return [said.label for version in found.versions for body in version.bodies for said in body.assertions]


def _taken_for(given: str) -> Observable | None:
    """What a typed value is taken for: the likeliest kind that a pattern can name, and not just any words."""
    return next((each for each in recognise(given) if pattern_of(each) is not None and _is_plain(each)), None)


def _is_plain(each: Observable) -> bool:
    """Whether it says by its form what it is. Any text could be a mutex; a file's name has an ending."""
    return each.kind not in _ANY_TEXT and (each.kind != "file-name" or "." in each.text.strip("."))


def _values_in(pattern: str) -> tuple[str, ...]:
    """The values of a pattern, where it is exactly what this node makes of them; else ()."""
    quoted = [part.rpartition("= '")[2].removesuffix("']") for part in pattern.split(" OR ")]
    values = tuple(each.replace("\\'", "'").replace("\\\\", "\\") for each in quoted)
    taken = [_taken_for(each) for each in values]
    known = [each for each in taken if each is not None]
    return values if len(known) == len(values) and pattern_for(known) == pattern else ()


def _wrong_pattern(draft: Draft, pattern: str, values: Sequence[tuple[str, Observable | None]]) -> Iterator[Problem]:
    if draft.pattern.strip():
        for finding in check_pattern(draft.pattern.strip()):
            yield Problem(
                field="pattern",
                code=finding.code,
                what=finding.what,
                why=finding.why,
                remedy=finding.remedy,
                position=finding.position,
            )
        return
    if len(values) > MOST_VALUES:
        yield Problem(
            field="values",
            code="too-many-values",
            what="These are too many values for one indicator.",
            why=f"At most {MOST_VALUES} are put into one pattern.",
            remedy="Take them in as a table or as a text.",
        )
    for given, taken in values:
        if taken is None:
            yield Problem(
                field="values",
                code="unknown-value",
                what=f"{given[:100]!r} is no value this node knows.",
                why="It is no address, domain, URL, hash, mail address or the like.",
                remedy="Write one value a line, or write the STIX pattern yourself below.",
            )
    if not pattern and all(taken is not None for _, taken in values):
        yield Problem(
            field="values",
            code="no-value",
            what="It looks for nothing yet.",
            why="An indicator says what to look for.",
            remedy="Write an address, a domain, a URL or a hash.",
        )
