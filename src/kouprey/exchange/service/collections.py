"""Collections: what clients read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from uuid import uuid4

import msgspec

from kouprey.exchange.model import EVERYBODY, Collection
from kouprey.exchange.service.parts import Parts
from kouprey.exchange.store import collections as rows
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Damaged, Refused, Unknown

MAIN = "main"
"""The name of the collection that everything joins."""

TITLE_MOST = 120
DESCRIPTION_MOST = 1_000
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}", re.ASCII)


class Collections(Parts):
    """Verbs on collections."""

    def ensure_defaults(self) -> Collection:
        """Make sure that the main collection exists."""
        return self._store.write(self._main)

    def create_collection(
        self,
        name: str,
        *,
        title: str = "",
        description: str = "",
        strict: bool = False,
        readers: Iterable[str] = (EVERYBODY,),
        writable: bool = True,
        by: str,
    ) -> Collection:
        """A new collection; Damaged when the name is no name, Refused when it is taken.

        `readers` and `writable` as in `Collection`; Unknown for a party that is not known here.
        """
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
            return self._create(
                tx,
                name,
                title=_text("title", title, TITLE_MOST),
                description=_text("description", description, DESCRIPTION_MOST),
                strict=strict,
                readers=wanted,
                writable=writable,
                by=by,
            )

        wanted = self._readers(readers)
        return self._store.write(work)

    def change_collection(
        self,
        name_or_id: str,
        *,
        title: str | None = None,
        description: str | None = None,
        strict: bool | None = None,
        readers: Iterable[str] | None = None,
        writable: bool | None = None,
        by: str,
    ) -> Collection:
        """Other words, readers or rules for a collection; None leaves as it is. Its name stays: clients ask by it.

        Refused (`of-agreement`) to choose the readers of a collection of an agreement: that names them itself.
        """
        given = {
            "title": None if title is None else _text("title", title, TITLE_MOST),
            "description": None if description is None else _text("description", description, DESCRIPTION_MOST),
            "strict": strict,
            "readers": None if readers is None else self._readers(readers),
            "writable": writable,
        }
        wanted = {name: value for name, value in given.items() if value is not None}

        def change(held: Collection) -> Collection:
            if held.agreement and {"readers", "writable"} & wanted.keys():
                raise Refused(
                    "Its agreement says who reads and writes here.",
                    f"The collection {held.name} holds what came under an agreement.",
                    "Make another collection, or amend the agreement.",
                    code="of-agreement",
                )
            made = msgspec.structs.replace(held, **wanted)
            return made if made.title else msgspec.structs.replace(made, title=made.name)

        return self._change(name_or_id, change, "change", by)

    def archive_collection(self, name_or_id: str, *, by: str) -> Collection:
        """Clients find it no more and nothing joins it, until it is restored; what is in it stays.

        Refused (`needed`) for the main collection and for those of agreements.
        """
        now = self._clock()

        def change(held: Collection) -> Collection:
            if held.name == MAIN or held.agreement:
                raise Refused(
                    "This collection cannot be archived.",
                    "Everything joins it." if held.name == MAIN else "What comes under its agreement joins it.",
                    "Choose who reads it instead." if held.name == MAIN else "Suspend the agreement instead.",
                    code="needed",
                )
            return msgspec.structs.replace(held, archived_at=held.archived_at or now)

        return self._change(name_or_id, change, "archive", by)

    def restore_collection(self, name_or_id: str, *, by: str) -> Collection:
        """Clients find it again, and go on where they stopped."""
        return self._change(name_or_id, lambda held: msgspec.structs.replace(held, archived_at=0), "restore", by)

    def _change(self, name_or_id: str, change: Callable[[Collection], Collection], done: str, by: str) -> Collection:
        def work(tx: Tx) -> Collection:
            held = rows.find_collection(tx, name_or_id)
            if held is None:
                raise _unknown(name_or_id)
            made = change(held)
            if made != held:
                rows.change_collection(tx, made)
                before, after = msgspec.to_builtins(held), msgspec.to_builtins(made)
                detail = {name: after[name] for name in after if after[name] != before[name] and name != "archived_at"}
                action = f"collection.{done}"
                told = {"name": held.name, **detail}
                audit.append(tx, at=self._clock(), actor=by, action=action, subject=made.id, detail=told)
            return made

        return self._store.write(work)

    def _readers(self, readers: Iterable[str]) -> tuple[str, ...]:
        """In their order, each once; Unknown for a party that is not known here."""
        wanted = tuple(dict.fromkeys(readers))
        if EVERYBODY in wanted:
            return (EVERYBODY,)
        for party in wanted:
            self._people.get_party(party)
        return wanted

    def list_collections(self, who: Reader | None = None, *, archived: bool = False) -> list[Collection]:
        """By name, without those that are archived unless asked for; for `who`, those whose existence he may know."""
        with self._store.read() as reader:
            found = rows.list_collections(reader)
        return [each for each in found if (archived or not each.archived_at) and self._may_know(each, who)]

    def get_open_collection(self, name_or_id: str, who: Reader | None = None) -> Collection:
        """One that things may join; Refused (`archived`) for one that is archived."""
        found = self.get_collection(name_or_id, who)
        if found.archived_at:
            raise Refused(
                f"The collection {found.name} is archived.",
                "Nothing joins it.",
                "Restore it on its page, or choose another.",
                code="archived",
            )
        return found

    def get_collection(self, name_or_id: str, who: Reader | None = None) -> Collection:
        """By name or id; Unknown when there is none, or `who` may not know of it."""
        with self._store.read() as reader:
            found = rows.find_collection(reader, name_or_id)
        if found is None or not self._may_know(found, who):
            raise _unknown(name_or_id)
        return found

    def _may_know(self, collection: Collection, who: Reader | None) -> bool:
        """That there is an agreement is nobody's business but its parties'."""
        if who is None or who.local:
            return True
        if collection.archived_at:
            return False
        if not collection.agreement:
            return EVERYBODY in collection.readers or who.party in collection.readers
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
        readers: tuple[str, ...] = (EVERYBODY,),
        writable: bool = True,
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
            readers=readers,
            writable=writable,
        )
        rows.insert_collection(tx, made)
        audit.append(tx, at=now, actor=by, action="collection.create", subject=made.id, detail={"name": name})
        return made


def _text(name: str, text: str, most: int) -> str:
    """Without blanks around it; Damaged when it is too long or holds what no page can show."""
    plain = text.strip()
    if len(plain) > most or any(ord(letter) < 32 and letter != "\n" for letter in plain.replace("\r\n", "\n")):
        raise Damaged(
            f"The {name} of a collection cannot be that.",
            f"It has at most {most:,} characters, none of them for machines.",
            "Write it shorter.",
            code=f"bad-{name}",
        )
    return plain


def _unknown(name_or_id: str) -> Unknown:
    return Unknown(
        f"No collection {name_or_id[:60]!r}.",
        remedy="`kouprey collection list` shows them.",
        code="unknown-collection",
    )
