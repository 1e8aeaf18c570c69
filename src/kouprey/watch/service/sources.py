"""Sources: the sensors that send here."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import msgspec

from kouprey.exchange.service import Exchange
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Store, Tx
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Damaged, Forbidden, Refused, Unknown
from kouprey.kernel.words.time import Clock, wall_clock
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Permission, Role
from kouprey.people.service import People
from kouprey.watch import store as rows
from kouprey.watch.model import Format, Kept, Source
from kouprey.watch.service.keeping import Keeping
from kouprey.watch.wire.detecting import detect

RESERVED = frozenset({"alerts", "sources"})
"""Words that stand where names stand in addresses."""
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")


class Sources:
    """Verbs for sources; only people and programs of ours, in earnest, know of them."""

    def __init__(
        self,
        store: Store,
        people: People,
        exchange: Exchange,
        folder: Path,
        bounds: Callable[[], Kept],
        clock: Clock = wall_clock,
    ) -> None:
        self._store = store
        self._people = people
        self._exchange = exchange
        self._clock = clock
        self._keeping = Keeping(store, folder, bounds, clock)

    def operator(self) -> Reader:
        """Whoever has the node's command line."""
        return self._exchange.operator()

    def add_source(self, who: Reader, name: str, form: Format, *, tells: bool = False, by: str) -> Source:
        """Let a sensor send here. `tells`: what it finds is told as sightings without a person's word."""
        self._check(who)
        if _NAME.fullmatch(name) is None or name in RESERVED:
            raise Damaged(
                f"{name[:60]!r} cannot be the name of a source.",
                "It is 1 to 40 small letters, digits and hyphens, none at its ends, and neither alerts nor sources.",
                "Call it after its sensor, such as zeek-border.",
                code="bad-source-name",
            )
        source = Source(name=name, format=form, tells=tells, added_at=self._clock(), added_by=by)

        def work(tx: Tx) -> None:
            if not rows.add_source(tx, source):
                raise Refused(f"There is a source {name} already.", remedy="Choose another name.", code="source-exists")
            detail = {"format": str(form), "tells": tells}
            audit.append(tx, at=source.added_at, actor=by, action="watch.add", subject=name, detail=detail)

        self._store.write(work)
        return source

    def make_token(self, name: str, *, by: str) -> tuple[str, str]:
        """(user, secret) of a token for a sensor: it may send, and sees nothing but what is TLP:CLEAR."""
        token, secret = self._people.create_token(
            self._people.home_id,
            Role.CONTRIBUTOR,
            TLP.CLEAR,
            by=by,
            verbs=(Permission.WRITE,),
            name=f"watch {name}",
        )
        return token.user, secret

    def change_source(
        self, who: Reader, name: str, *, tells: bool | None = None, retired: bool | None = None, by: str
    ) -> Source:
        """Have what it finds told or not; take nothing from it any more, or again."""

        def work(tx: Tx) -> Source:
            held = self._of(rows.find_source(tx, name), name)
            made = msgspec.structs.replace(
                held,
                tells=held.tells if tells is None else tells,
                retired=held.retired if retired is None else retired,
            )
            rows.change_source(tx, made)
            detail = {"tells": made.tells, "retired": made.retired}
            audit.append(tx, at=self._clock(), actor=by, action="watch.change", subject=name, detail=detail)
            return made

        self._check(who)
        return self._store.write(work)

    def list_sources(self, who: Reader) -> list[Source]:
        """All by name, the retired last."""
        self._check(who)
        with self._store.read() as reader:
            return rows.list_sources(reader)

    def get_source(self, who: Reader, name: str) -> Source:
        """One; Unknown when there is none."""
        self._check(who)
        with self._store.read() as reader:
            return self._of(rows.find_source(reader, name), name)

    @staticmethod
    def detect(sample: bytes) -> tuple[Format, str]:
        """The format of lines, and by what it was told; Damaged (`unclear-format`) where that is not clear."""
        return detect(sample)

    @staticmethod
    def _of(found: Source | None, name: str) -> Source:
        if found is None:
            raise Unknown(
                f"There is no source {name[:60]!r}.", remedy="Add it first: `kouprey watch add`.", code="unknown-source"
            )
        return found

    def _check(self, who: Reader) -> None:
        if not who.local or who.exercise:
            raise Forbidden("What sensors see is for people of this node, in earnest.", code="not-local")
