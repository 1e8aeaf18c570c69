"""Merging: say that two objects mean the same thing, take it back, and find what may be the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from kouprey.exchange.model import ObjectView
from kouprey.exchange.model.weighing import Alike, Merge
from kouprey.exchange.rules.merging import NAMED, check_merge
from kouprey.exchange.service.collections import MAIN
from kouprey.exchange.service.saying import Saying
from kouprey.exchange.store import merging as rows
from kouprey.exchange.wire.comments import write_object
from kouprey.exchange.wire.terms import terms_of
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Damaged, Unknown
from kouprey.kernel.words.safejson import decode
from kouprey.kernel.words.tlp import TLP

MOST_LISTED = 10_000
_LIKELY = 10
_NAMES = 4
"""Names of one object by which others are looked for."""


class Merging(Saying):
    """Verbs that take objects for the same. No object changes, and who sees but one of both learns nothing."""

    def merge(self, stix_id: str, into: str, *, because: str, who: Reader, by: str) -> Merge:
        """State that an object means the same as `into`, under which we speak of it; it stays at this node.

        Damaged without a reason, Refused for two types, for statements and values, and for what is one already;
        Unknown when `who` may not see both.
        """
        if not 1 <= len(because.strip()) <= 2_000:
            raise Damaged(
                "A merge needs its reason.",
                "Whoever comes later must be able to judge it.",
                "Say why the two are one, in up to 2,000 characters.",
                code="no-reason",
            )
        one, other = self.get_object(who, stix_id), self.get_object(who, into)
        eyes, now = self._eyes(who), self._clock()

        def keep(tx: Tx) -> Merge:
            group, _ = rows.group_of(tx, eyes, stix_id)
            check_merge(stix_id, one.type, into, other.type, group)
            number = rows.insert_merge(tx, stix_id, into, because.strip(), by, now)
            # Not the reason: it may say what the objects say, and is shown to who may see both.
            audit.append(tx, at=now, actor=by, action="exchange.merge", subject=stix_id, detail={"into": into})
            return Merge(number=number, stix_id=stix_id, into=into, because=because.strip(), by=by, at=now)

        return self._store.write(keep)

    def unmerge(self, stix_id: str, into: str, *, who: Reader, by: str) -> None:
        """Take a merge of two objects back, whichever way it was made; Unknown when `who` sees none of these two."""
        eyes, now = self._eyes(who), self._clock()

        def undo(tx: Tx) -> None:
            pair = {stix_id, into}
            made = [each.number for each in rows.list_merges(tx, eyes, [stix_id]) if {each.stix_id, each.into} == pair]
            if not made:
                raise Unknown(
                    "These two are not merged.",
                    "No merge of them stands, or you may not see both.",
                    "`kouprey merges` lists those that stand.",
                    code="unknown-merge",
                )
            rows.undo_merges(tx, made, by, now)
            audit.append(tx, at=now, actor=by, action="exchange.unmerge", subject=stix_id, detail={"into": into})

        self._store.write(undo)

    def list_merges(self, who: Reader) -> list[Merge]:
        """All standing merges of which `who` sees both ends, the latest first."""
        eyes = self._eyes(who)
        with self._store.read() as reader:
            return rows.list_merges(reader, eyes, limit=MOST_LISTED)

    def merges_as_stix(self, who: Reader) -> Iterator[bytes]:
        """The same as relationships `duplicate-of` of ours (STIX 2.1 section 3.7), each as strict as both its ends."""
        author = self._author().card.identities[0]
        for each in self.list_merges(who):
            ends = [self.get_object(who, end) for end in (each.stix_id, each.into)]
            level: TLP = max(version.tlp for end in ends for version in end.versions)
            said = {
                "relationship_type": "duplicate-of",
                "description": each.because,
                "source_ref": each.stix_id,
                "target_ref": each.into,
            }
            made = f"relationship--{uuid5(NAMESPACE_URL, f'{author}/{each.number}')}"
            yield write_object(made, "relationship", author, level, each.at, said)

    def list_likely(self, who: Reader, found: ObjectView) -> list[Alike]:
        """Others of the same type that have a name or alias of this one, accents and case aside, as far as `who` sees.

        A hint for people: nothing follows from it.
        """
        if found.type not in NAMED:
            return []
        names = _names(decode(found.newest.served.raw))
        hits: dict[str, str] = {}
        for name in sorted(names)[:_NAMES]:
            text = '"' + " ".join(name) + '"'
            page = self.list_objects(who, types=(found.type,), text=text, limit=_LIKELY)
            hits.update((head.stix_id, head.title) for head in page.heads if not head.revoked)
        hits.pop(found.stix_id, None)
        held = self.page(who, MAIN, ids=list(hits), limit=len(hits)).rows if hits else ()
        same = {row.stix_id for row in held if not names.isdisjoint(_names(decode(row.raw)))}
        return [Alike(stix_id=each, title=title) for each, title in hits.items() if each in same][:_LIKELY]


def _names(value: Mapping[str, Any]) -> set[tuple[str, ...]]:
    """Name and aliases, folded as for search."""
    named: list[Any] = [value.get("name")]
    for listed in (value.get("aliases"), value.get("x_mitre_aliases")):
        named += listed if isinstance(listed, list) else []
    return {folded for each in named if isinstance(each, str) and (folded := tuple(terms_of(each)[:20]))}
