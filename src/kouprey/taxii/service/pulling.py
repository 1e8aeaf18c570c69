"""Pulling from other TAXII servers: the sources, and walks through them by hand or by the running node."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypedDict, Unpack
from urllib.parse import urlsplit
from uuid import uuid4

import msgspec

from kouprey.exchange.model import Source, SourceKind
from kouprey.exchange.service import Exchange
from kouprey.kernel.net.fetch import Fetcher, read_url
from kouprey.kernel.seal import box
from kouprey.kernel.seal.keyring import Keyring
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Reader as Snapshot
from kouprey.kernel.storage.engine import Store, Tx
from kouprey.kernel.words.errors import Damaged, KoupreyError, Refused, Unknown
from kouprey.kernel.words.time import SECOND, Clock, Instant, wall_clock
from kouprey.kernel.words.tlp import TLP
from kouprey.people.service import People
from kouprey.taxii import rules
from kouprey.taxii.model.pulling import OVERLAP, Offered, Place, Pull, Rejected, Remote, SignIn
from kouprey.taxii.service.asking import Asking, seconds_of
from kouprey.taxii.service.walking import Walk
from kouprey.taxii.store import sources as rows

LEAST_EVERY = 10 * SECOND
_NAME = re.compile(r"[^\x00-\x1f\x7f]{1,120}")
_COLLECTION = re.compile(r"[!-~]{1,200}", re.ASCII)
_TYPE = re.compile(r"[a-z0-9-]{1,250}", re.ASCII)


class Wishes(TypedDict, total=False):
    """What a person may choose of a source; `into` is a collection of ours by name or id."""

    name: str
    sign_in: SignIn
    tlp: TLP
    into: str
    types: tuple[str, ...]
    since: Instant
    overlap: int
    every: int
    allow_private: bool


class Remotes:
    """What a node pulls from others over TAXII 2.1; how it signs in there is sealed, and shown to nobody."""

    def __init__(
        self, store: Store, exchange: Exchange, people: People, keyring: Keyring, clock: Clock = wall_clock
    ) -> None:
        self._store = store
        self._exchange = exchange
        self._people = people
        self._keyring = keyring
        self._clock = clock
        self._fetchers = {False: Fetcher(), True: Fetcher(allow_private=True)}

    def discover(self, url: str, sign_in: SignIn, *, allow_private: bool = False) -> list[Offered]:
        """The collections of a server, by the address of its discovery or of an API root; nothing is kept."""
        read_url(url)
        return Asking(self._fetchers[allow_private], url, sign_in).discover()

    def save(self, url: str, collection: str, *, by: str, **wishes: Unpack[Wishes]) -> Remote:
        """A new source, or other settings for the one at this address: what is left out stays, or is the usual.

        Damaged for anything that cannot be asked; nothing is asked yet.
        """
        root = _root(url)
        if _COLLECTION.fullmatch(collection) is None:
            raise Damaged(f"{collection[:60]!r} is no id of a collection.", code="bad-collection")
        given: dict[str, Any] = {**wishes}
        if "sign_in" in given:
            given["sealed"] = self._seal(given.pop("sign_in"))
        if given.get("into"):
            given["into"] = self._exchange.get_open_collection(given["into"]).id

        def work(tx: Tx) -> Remote:
            held = rows.find_at(tx, root, collection)
            made = msgspec.structs.replace(held or self._usual(root, collection, by), **given)
            _check(made)
            namesake = rows.find(tx, made.name)
            if namesake is not None and namesake.id != made.id:
                raise Refused(
                    f"There is a source {made.name!r} already.",
                    remedy="Give this one another --name.",
                    code="name-taken",
                )
            if held is None:
                rows.insert(tx, made, Place(due_at=self._next(made)))
            elif made != held:
                rows.change(tx, made)
                if made.every != held.every:
                    self._set_due(tx, made, self._next(made))
            if made != held:
                self._record(tx, by, "save", made)
            return made

        return self._store.write(work)

    def _usual(self, root: str, collection: str, by: str) -> Remote:
        return Remote(
            id=f"src_{uuid4().hex[:12]}",
            name=f"{urlsplit(root).hostname} {collection}"[:120],
            url=root,
            collection=collection,
            sealed=self._seal(SignIn()),
            tlp=TLP.AMBER_STRICT,
            into="",
            types=(),
            since=0,
            overlap=OVERLAP,
            every=0,
            allow_private=False,
            paused=False,
            made_by=by,
            made_at=self._clock(),
        )

    def list_remotes(self) -> list[Remote]:
        """By name."""
        with self._store.read() as reader:
            return rows.list_all(reader)

    def get_remote(self, name_or_id: str) -> Remote:
        """Unknown when there is none."""
        with self._store.read() as reader:
            return _get(reader, name_or_id)

    def get_place(self, remote: Remote) -> Place:
        """Where the walk through it stands."""
        with self._store.read() as reader:
            return rows.get_place(reader, remote.id) or Place()

    def list_pulls(self, remote: Remote, limit: int = 20) -> list[Pull]:
        """Its walks, the newest first; those that found nothing new are not kept."""
        with self._store.read() as reader:
            return rows.list_pulls(reader, remote.id, limit)

    def list_refusals(self, remote: Remote, limit: int = 50) -> list[Rejected]:
        """What was not taken in, the newest first."""
        with self._store.read() as reader:
            return rows.list_refusals(reader, remote.id, limit)

    def pause(self, name_or_id: str, *, paused: bool, by: str) -> Remote:
        """Let the running node pull from it no more, or again."""

        def work(tx: Tx) -> Remote:
            remote = _get(tx, name_or_id)
            rows.set_paused(tx, remote.id, paused)
            if not paused:
                self._set_due(tx, remote, self._clock() if remote.every else 0)
            self._record(tx, by, "pause" if paused else "resume", remote)
            return _get(tx, remote.id)

        return self._store.write(work)

    def ask(self, name_or_id: str, *, by: str) -> Remote:
        """Let the running node pull from it now, whatever its interval; Refused while it is paused."""

        def work(tx: Tx) -> Remote:
            remote = _get(tx, name_or_id)
            if remote.paused:
                raise Refused(f"{remote.name} is paused.", remedy="Resume it first.", code="paused")
            self._set_due(tx, remote, self._clock())
            self._record(tx, by, "ask", remote)
            return remote

        return self._store.write(work)

    def remove(self, name_or_id: str, *, by: str) -> Remote:
        """Forget a source with its walks; what came from it stays."""

        def work(tx: Tx) -> Remote:
            remote = _get(tx, name_or_id)
            rows.remove(tx, remote.id)
            self._record(tx, by, "remove", remote)
            return remote

        return self._store.write(work)

    def pull(
        self, name_or_id: str, *, by: str, again: bool = False, on_page: Callable[[Pull], None] = lambda _: None
    ) -> Pull:
        """Walk through a source to its end, going on where an earlier walk was interrupted.

        `again` begins at the beginning, whatever was reached. What stops the walk is raised; every page before it is
        durable, and stands in the walk that `list_pulls` shows.
        """
        remote = self.get_remote(name_or_id)
        place, pull = self._store.write(lambda tx: self._begin(tx, remote, again))
        asking = Asking(self._fetchers[remote.allow_private], remote.url, self._open(remote))
        source = Source(kind=SourceKind.FILE, party=self._people.home_id, name=f"TAXII {remote.name}"[:200])
        into = [self._exchange.ensure_defaults().id]
        if remote.into and remote.into not in into:
            into.append(remote.into)
        last = [pull]

        def seen(now: Pull) -> None:
            last[0] = now
            on_page(now)

        walk = Walk(self._store, self._exchange, asking, remote, source, into, self._clock, seen)
        try:
            place, pull = walk.go(place, pull)
        except KoupreyError as error:
            self._end(remote, last[0], by, trouble=str(error)[:1_000], seconds=seconds_of(error))
            raise
        return self._end(remote, pull, by)

    def pull_due(self, by: str = "node") -> int:
        """What a running node does again and again: one walk through each source whose time has come; how many."""
        with self._store.read() as reader:
            due = rows.list_due(reader, self._clock())
        for remote in due:
            try:
                self.pull(remote.id, by=by)
            except KoupreyError:
                # It stands with the source, which is asked again later.
                continue
        return len(due)

    def _begin(self, tx: Tx, remote: Remote, again: bool) -> tuple[Place, Pull]:
        place = rows.get_place(tx, remote.id)
        if place is None:
            raise _unknown(remote.name)
        if again:
            place = Place(turn=place.turn, after=remote.since)
        elif not (place.next or place.latest):
            place = msgspec.structs.replace(place, after=rules.begin(remote, place))
        place = msgspec.structs.replace(place, turn=place.turn + 1)
        rows.set_place(tx, remote.id, place)
        return place, rows.begin_pull(tx, remote.id, self._clock())

    def _end(self, remote: Remote, pull: Pull, by: str, *, trouble: str = "", seconds: float = 0) -> Pull:
        done = msgspec.structs.replace(pull, ended_at=self._clock(), trouble=trouble)

        def work(tx: Tx) -> None:
            place = rows.get_place(tx, remote.id)
            if place is None:
                return
            rows.set_place(
                tx, remote.id, rules.due(remote, place, self._clock(), failed=bool(trouble), seconds=seconds)
            )
            if trouble or done.new or done.conflicts or done.refused:
                rows.save_pull(tx, done)
                self._record(tx, by, "pull", remote, {"new": done.new, "refused": done.refused, "trouble": trouble})
            else:
                rows.drop_pull(tx, done)

        self._store.write(work)
        return done

    def _next(self, remote: Remote) -> Instant:
        """When it comes round by itself: whoever keeps a source pulls from it first."""
        return self._clock() + remote.every if remote.every else 0

    def _set_due(self, tx: Tx, remote: Remote, at: Instant) -> None:
        place = rows.get_place(tx, remote.id) or Place()
        rows.set_place(tx, remote.id, msgspec.structs.replace(place, due_at=at, failures=0))

    def _seal(self, sign_in: SignIn) -> bytes:
        return box.seal(msgspec.json.encode(sign_in), [self._keyring.age_recipient])

    def _open(self, remote: Remote) -> SignIn:
        return msgspec.json.decode(box.open_box(remote.sealed, self._keyring.age_secrets), type=SignIn)

    def _record(self, tx: Tx, by: str, verb: str, remote: Remote, detail: dict[str, object] | None = None) -> None:
        told: dict[str, object] = {"url": remote.url, "collection": remote.collection, **(detail or {})}
        audit.append(tx, at=self._clock(), actor=by, action=f"taxii.{verb}", subject=remote.name, detail=told)


def _root(url: str) -> str:
    """The address of an API root; that of a collection's objects is understood too."""
    place = read_url(url)
    base = url.split("?")[0].split("#")[0].partition("/collections/")[0]
    return base if base.endswith("/") or (place.target == "/" and base.endswith("/")) else f"{base}/"


def _check(made: Remote) -> None:
    if _NAME.fullmatch(made.name) is None:
        raise Damaged("The source needs a name.", "It has 1 to 120 letters.", code="bad-name")
    if made.every and made.every < LEAST_EVERY:
        raise Damaged(
            "That is too often.", f"At least {LEAST_EVERY // SECOND} seconds pass between two walks.", code="bad-every"
        )
    if not 0 <= made.overlap <= 366 * 86_400 * SECOND:
        raise Damaged("The overlap is from nothing to a year.", code="bad-overlap")
    wrong = next((each for each in made.types if _TYPE.fullmatch(each) is None), None)
    if wrong is not None or len(made.types) > 100:
        raise Damaged(f"{str(wrong)[:60]!r} is no type of STIX objects.", code="bad-type")


def _get(reader: Snapshot, name_or_id: str) -> Remote:
    found = rows.find(reader, name_or_id)
    if found is None:
        raise _unknown(name_or_id)
    return found


def _unknown(name: str) -> Unknown:
    return Unknown(
        f"There is no source {name[:80]!r}.",
        remedy="`kouprey taxii list` shows them; `kouprey pull --taxii` makes one.",
        code="unknown-source",
    )
