"""Keeping what arrives: what is held of a batch is loaded at once, changed in memory, and written at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

import msgspec

from kouprey.exchange.model import Arrival, Extract, Source
from kouprey.kernel.storage.engine import Tx, any_of
from kouprey.kernel.words.time import DAY, Instant

_TABLES = ("object", "version", "body", "assertion")


# Of these there are several for each arrival: structs are made in a fifth of the time of data classes.
class HeldObject(msgspec.Struct, gc=False):
    """An object; `creators` are the identities its versions have named."""

    id: int
    stix_id: str
    type: str
    creators: set[str]


class HeldBody(msgspec.Struct, gc=False):
    """A body by its hash; its bytes are fetched when somebody has to compare them."""

    id: int
    sha256: bytes
    created_by: str
    raw: bytes | None = None
    extract: Extract | None = None


class HeldAssertion(msgspec.Struct, frozen=True, gc=False):
    """Who said which body under which label; `alone` is the set of that label alone, `party` the source's party."""

    body: int
    source: int
    label: int
    alone: int
    party: str


class HeldVersion(msgspec.Struct, gc=False):
    """A version with all bodies and assertions, oldest first, and the collections it is in.

    `was` is its position and its number of bodies before this batch, zeroes when it is new; `carried` is the label set
    it had, and `stood` is where it stood.
    """

    id: int
    object: HeldObject
    instant: Instant
    version_text: str
    label_set: int
    source: int
    body: int
    position: Instant
    fresh: bool = False
    was: tuple[Instant, int] = (0, 0)
    carried: int = 0
    stood: int = 0
    bodies: list[HeldBody] = []
    assertions: list[HeldAssertion] = []
    collections: set[str] = set()

    @property
    def stands(self) -> int:
        """The label set under which its occurrences stand; 0 where the assertions of each body have to be asked."""
        return self.label_set if len(self.bodies) == 1 else 0


class Shelf:
    """Everything held of the objects of one batch. Ids are given here: all writers of a store take turns."""

    def __init__(self, tx: Tx, arrivals: Sequence[Arrival]) -> None:
        self._tx = tx
        self._next = {table: int(tx.value(f"SELECT max(id) FROM {table}") or 0) for table in _TABLES}
        self._rows: dict[str, list[tuple[object, ...]]] = defaultdict(list)
        self._added: list[tuple[HeldVersion, Instant]] = []
        self._tally: dict[tuple[int, str, int], int] = defaultdict(int)
        self._days: dict[tuple[int, int, str, int], int] = defaultdict(int)
        self._changed: dict[int, HeldVersion] = {}
        self._creators: dict[int, HeldObject] = {}
        self.fresh: list[tuple[HeldVersion, int, Extract]] = []
        self.objects = _load_objects(tx, {arrival.stix_id for arrival in arrivals})
        self.versions = self._load_versions(arrivals)

    @property
    def changed(self) -> Collection[HeldVersion]:
        """The versions that are new, have a further body, or got another label set or position."""
        return self._changed.values()

    def find(self, arrival: Arrival) -> HeldVersion | None:
        """The version that an arrival is of."""
        return self.versions.get((arrival.stix_id, arrival.instant))

    def get(self, arrival: Arrival) -> HeldVersion:
        """The version that an arrival is of, which is held by now."""
        return self.versions[arrival.stix_id, arrival.instant]

    def raw(self, body: HeldBody) -> bytes:
        """The bytes of a body."""
        if body.raw is None:
            body.raw = bytes(self._tx.value("SELECT bytes FROM body WHERE id = ?", (body.id,)))
        return body.raw

    def add_version(self, arrival: Arrival, source: int, label_set: int, now: Instant) -> HeldVersion:
        """A version with its first body; `assert_body` says who says it."""
        thing = self.objects.get(arrival.stix_id)
        if thing is None:
            thing = HeldObject(self._id("object"), arrival.stix_id, arrival.type, set())
            self.objects[arrival.stix_id] = thing
            creators = arrival.created_by or ""
            thing.creators.update(filter(None, (creators,)))
            self._rows["object"].append((thing.id, thing.stix_id, thing.type, creators))
        version = HeldVersion(
            id=self._id("version"),
            object=thing,
            instant=arrival.instant,
            version_text=arrival.version_text,
            label_set=label_set,
            source=source,
            body=0,
            position=0,
            fresh=True,
        )
        self.versions[arrival.stix_id, arrival.instant] = version
        self._added.append((version, now))
        self._tally[label_set, thing.type, source] += 1
        return version

    def add_body(self, version: HeldVersion, arrival: Arrival, sha256: bytes, extract: Extract) -> HeldBody:
        """One more body of a version."""
        created_by = arrival.created_by or ""
        body = HeldBody(self._id("body"), sha256, created_by, arrival.raw, extract)
        version.bodies.append(body)
        self._rows["body"].append(
            (body.id, version.id, sha256, arrival.title, int(arrival.revoked), created_by, arrival.raw)
        )
        if arrival.sighting_of is not None:
            self._rows["sighting"].append((arrival.sighting_of, body.id, version.id, arrival.times))
        self.fresh.append((version, body.id, extract))
        if created_by and created_by not in version.object.creators:
            version.object.creators.add(created_by)
            self._creators[version.object.id] = version.object
        self._changed[version.id] = version
        return body

    def add_assertion(
        self, version: HeldVersion, said: HeldAssertion, now: Instant, origin: str, entry_index: int
    ) -> None:
        """One more voice for a body."""
        version.assertions.append(said)
        self._days[now // DAY, said.alone, version.object.type, said.source] += 1
        self._rows["assertion"].append(
            (
                self._id("assertion"),
                version.id,
                said.body,
                said.source,
                said.label,
                said.alone,
                now,
                origin,
                entry_index,
            )
        )

    def change(self, version: HeldVersion, *, label_set: int, body: int) -> None:
        """Give a version another label set or another served body."""
        if label_set != version.label_set:
            kind = version.object.type
            self._tally[version.label_set, kind, version.source] -= 1
            self._tally[label_set, kind, version.source] += 1
        version.label_set, version.body = label_set, body
        self._changed[version.id] = version

    def place(self, version: HeldVersion, position: Instant, into: Iterable[str]) -> None:
        """A version that became news: it and all its memberships get this position, and it joins `into`."""
        if version.collections and not version.fresh:
            self._rows["move"].append((position, version.id))
        version.position = position
        self._changed[version.id] = version
        self.join(version, position, into)

    def join(self, version: HeldVersion, position: Instant, into: Iterable[str]) -> None:
        """Make a version a member of collections it is not in yet."""
        for collection in into:
            if collection not in version.collections:
                version.collections.add(collection)
                self._rows["membership"].append((version.id, collection, version.object.type, position))

    def save(self, label_sets: Iterable[tuple[int, int, int]]) -> None:
        """Write everything. `label_sets`: (set, member label, set of that label alone) of all sets in use."""
        many, rows = self._tx.many, self._rows
        if rows["object"]:
            many("INSERT INTO object (id, stix_id, type, creators) VALUES (?, ?, ?, ?)", rows["object"])
        if self._creators:
            many(
                "UPDATE object SET creators = ? WHERE id = ?",
                [(" ".join(sorted(thing.creators)), thing.id) for thing in self._creators.values()],
            )
        self._save_versions()
        for sql, name in _INSERTS:
            if rows[name]:
                many(sql, rows[name])
        if tallies := [(*key, n) for key, n in self._tally.items() if n]:
            many(
                "INSERT INTO tally (label_set_id, type, source_id, n) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (label_set_id, type, source_id) DO UPDATE SET n = tally.n + excluded.n",
                tallies,
            )
        if days := [(*key, n) for key, n in self._days.items()]:
            many(
                "INSERT INTO day_tally (day, label_set_id, type, source_id, n) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (day, label_set_id, type, source_id) DO UPDATE SET n = day_tally.n + excluded.n",
                days,
            )
        many(
            "INSERT INTO label_set_member (label_set_id, label_id, alone_id) VALUES (?, ?, ?)"
            " ON CONFLICT (label_set_id, label_id) DO NOTHING",
            sorted(set(label_sets)),
        )

    def _save_versions(self) -> None:
        if self._added:
            self._tx.many(
                "INSERT INTO version (id, object_id, instant, version_text, type, label_set_id, source_id, body_id,"
                " bodies, position, received_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (
                        version.id,
                        version.object.id,
                        version.instant,
                        version.version_text,
                        version.object.type,
                        version.label_set,
                        version.source,
                        version.body,
                        len(version.bodies),
                        version.position,
                        now,
                    )
                    for version, now in self._added
                ],
            )
        changed = [
            (version.label_set, version.body, len(version.bodies), version.position, version.id)
            for version in self._changed.values()
            if not version.fresh
        ]
        if changed:
            self._tx.many(
                "UPDATE version SET label_set_id = ?, body_id = ?, bodies = ?, position = ? WHERE id = ?", changed
            )

    def _id(self, table: str) -> int:
        self._next[table] += 1
        return self._next[table]

    def _load_versions(self, arrivals: Sequence[Arrival]) -> dict[tuple[str, Instant], HeldVersion]:
        if not self.objects:
            return {}
        tx, by_id = self._tx, {thing.id: thing for thing in self.objects.values()}
        wanted = {(arrival.stix_id, arrival.instant) for arrival in arrivals}
        where, params = any_of(tx, "object_id", by_id.keys())
        found: dict[int, HeldVersion] = {}
        for row in tx.all(
            "SELECT id, object_id, instant, version_text, label_set_id, source_id, body_id, position"
            f" FROM version WHERE {where}",
            params,
        ):
            thing = by_id[row[1]]
            if (thing.stix_id, row[2]) in wanted:
                found[row[0]] = HeldVersion(row[0], thing, row[2], row[3], row[4], row[5], row[6], row[7])
        if found:
            self._load_bodies(found)
        return {(version.object.stix_id, version.instant): version for version in found.values()}

    def _load_bodies(self, found: dict[int, HeldVersion]) -> None:
        tx = self._tx
        where, params = any_of(tx, "version_id", found.keys())
        for row in tx.all(f"SELECT version_id, id, sha256, created_by FROM body WHERE {where} ORDER BY id", params):
            found[row[0]].bodies.append(HeldBody(row[1], row[2], row[3]))
        for version in found.values():
            version.was, version.carried = (version.position, len(version.bodies)), version.label_set
            version.stood = version.stands
        for row in tx.all(
            "SELECT version_id, body_id, source_id, label_id, label_set_id, source.party FROM assertion"
            f" JOIN source ON source.id = assertion.source_id WHERE {where} ORDER BY assertion.id",
            params,
        ):
            found[row[0]].assertions.append(HeldAssertion(*row[1:]))
        for row in tx.all(f"SELECT version_id, collection_id FROM membership WHERE {where}", params):
            found[row[0]].collections.add(row[1])


_INSERTS = (
    (
        "INSERT INTO body (id, version_id, sha256, title, revoked, created_by, bytes) VALUES (?, ?, ?, ?, ?, ?, ?)",
        "body",
    ),
    (
        "INSERT INTO assertion (id, version_id, body_id, source_id, label_id, label_set_id, received_at, origin,"
        " entry_index) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        "assertion",
    ),
    ("UPDATE membership SET position = ? WHERE version_id = ?", "move"),
    ("INSERT INTO membership (version_id, collection_id, type, position) VALUES (?, ?, ?, ?)", "membership"),
    ("INSERT INTO sighting (target, body_id, version_id, times) VALUES (?, ?, ?, ?)", "sighting"),
)


def _load_objects(tx: Tx, stix_ids: Collection[str]) -> dict[str, HeldObject]:
    where, params = any_of(tx, "stix_id", stix_ids)
    rows = tx.all(f"SELECT id, stix_id, type, creators FROM object WHERE {where}", params)
    return {row[1]: HeldObject(row[0], row[1], row[2], set(row[3].split())) for row in rows}


def list_definitions(tx: Tx, stix_ids: Collection[str]) -> list[tuple[str, bytes]]:
    """(id, body) of every body of these marking definitions."""
    where, params = any_of(tx, "object.stix_id", stix_ids)
    rows = tx.all(
        "SELECT object.stix_id, body.bytes FROM object JOIN version ON version.object_id = object.id"
        f" JOIN body ON body.version_id = version.id WHERE {where} AND object.type = 'marking-definition'",
        params,
    )
    return [(row[0], bytes(row[1])) for row in rows]


def intern_source(tx: Tx, source: Source) -> int:
    """The id of a source, kept when new."""
    key = (str(source.kind), source.party, source.name)
    found = tx.value("SELECT id FROM source WHERE kind = ? AND party = ? AND name = ?", key)
    if found is None:
        found = tx.value("INSERT INTO source (kind, party, name) VALUES (?, ?, ?) RETURNING id", key)
    return int(found)
