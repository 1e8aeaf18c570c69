"""Collections: what clients read."""

from __future__ import annotations

import re
from uuid import uuid4

from kouprey.exchange.model import Collection
from kouprey.exchange.service.parts import Parts
from kouprey.exchange.store import collections as rows
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Damaged, Refused, Unknown

MAIN = "main"
"""The name of the collection that everything joins."""

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}", re.ASCII)


class Collections(Parts):
    """Verbs on collections."""

    def ensure_defaults(self) -> Collection:
        """Make sure that the main collection exists."""
        return self._store.write(self._main)

    def create_collection(
        self, name: str, *, title: str = "", description: str = "", strict: bool = False, by: str
    ) -> Collection:
        """A new collection; Damaged when the name is no name, Refused when it is taken."""
        if _NAME.fullmatch(name) is None:
            raise Damaged(
                f"{name[:60]!r} cannot be the name of a collection.",
                "Names are lower-case letters, digits, dots, hyphens and underscores, at most 63.",
                "Choose one such as feed-2.",
                code="bad-name",
            )

        def work(tx: Tx) -> Collection:
            if rows.find_collection(tx, name) is not None:
                raise Refused(f"There is a collection {name!r} already.", code="name-taken")
            return self._create(tx, name, title=title, description=description, strict=strict, by=by)

        return self._store.write(work)

    def list_collections(self, who: Reader | None = None) -> list[Collection]:
        """By name; for `who`, those whose existence he may know of."""
        with self._store.read() as reader:
            found = rows.list_collections(reader)
        return [each for each in found if self._may_know(each, who)]

    def get_collection(self, name_or_id: str, who: Reader | None = None) -> Collection:
        """By name or id; Unknown when there is none, or `who` may not know of it."""
        with self._store.read() as reader:
            found = rows.find_collection(reader, name_or_id)
        if found is None or not self._may_know(found, who):
            raise Unknown(
                f"No collection {name_or_id[:60]!r}.",
                remedy="`kouprey collection list` shows them.",
                code="unknown-collection",
            )
        return found

    def _may_know(self, collection: Collection, who: Reader | None) -> bool:
        """That there is an agreement is nobody's business but its parties'."""
        if who is None or who.local or not collection.agreement:
            return True
        standing = self._agreements.standings().get(collection.agreement)
        return standing is not None and who.party in standing.parties

    def _main(self, tx: Tx) -> Collection:
        found = rows.find_collection(tx, MAIN)
        if found is not None:
            return found
        return self._create(tx, MAIN, title="Everything", description="All objects of this node.", by="node")

    def _of_agreement(self, tx: Tx, agreement: str) -> Collection:
        """The collection of what comes under an agreement, made on demand."""
        found = rows.find_collection_of(tx, agreement)
        if found is not None:
            return found
        digits = agreement.removeprefix("agr_")
        name = f"agr-{digits[:8]}"
        if rows.find_collection(tx, name) is not None:
            name = f"agr-{digits}"
        standing = self._agreements.standings(tx).get(agreement)
        return self._create(
            tx, name, title=standing.title if standing is not None else agreement, agreement=agreement, by="node"
        )

    def _create(
        self,
        tx: Tx,
        name: str,
        *,
        title: str = "",
        description: str = "",
        strict: bool = False,
        agreement: str = "",
        by: str,
    ) -> Collection:
        now = self._clock()
        made = Collection(
            id=str(uuid4()),
            name=name,
            title=title or name,
            description=description,
            strict=strict,
            agreement=agreement,
            created_at=now,
        )
        rows.insert_collection(tx, made)
        audit.append(tx, at=now, actor=by, action="collection.create", subject=made.id, detail={"name": name})
        return made
