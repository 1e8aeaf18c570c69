"""Verbs of hunts: keep rules, ask a record of events, and make what was found a sighting."""

from __future__ import annotations

import io
import logging
import os
import tarfile
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import BinaryIO
from uuid import UUID, uuid5

import msgspec

from kouprey.exchange.service import Exchange
from kouprey.hunt import store as rows
from kouprey.hunt.model import Hit, Hunt, Outcome, Rule, State
from kouprey.hunt.rules.matching import Ruleset
from kouprey.hunt.wire.events import Event, read_events, read_parquet
from kouprey.hunt.wire.sigma import LARGEST, read_rules
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Store, Tx
from kouprey.kernel.words.capability import Job, Services
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Damaged, Forbidden, KoupreyError, Refused, TooLarge, Unknown
from kouprey.kernel.words.ids import new_id
from kouprey.kernel.words.time import Clock, Instant, format_instant, wall_clock
from kouprey.kernel.words.tlp import TLP

BATCH = 50_000
"""Events that are asked together."""
FIRST = 100
"""Events of a rule that are kept with a hunt; the others are counted."""
CUT = 4_000
"""Characters of an event that are kept."""
MOST_RULES = 20_000
LARGEST_RECORD = 4 << 30
"""Bytes of a record that is taken in."""
ARCHIVE, SENT = 32 << 20, 512 << 20
"""Bytes of rules, and of a record, that come through a door; more by the command line."""
PAGE = 100
_SPACE = UUID("6d2f1b0e-52a7-4c62-9f0e-8a1f5c4a77d1")
_PARQUET = b"PAR1"
_log = logging.getLogger(__name__)


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What became of rules that were handed in: new, here already, kept though they cannot be run, and no rules."""

    new: int
    known: int
    unrunnable: tuple[tuple[str, str], ...]
    refused: tuple[tuple[str, str], ...]


class Hunts:
    """Everything about hunts. Events are this node's own and leave it in no way; only people of ours ask."""

    def __init__(self, store: Store, exchange: Exchange, folder: Path, clock: Clock = wall_clock) -> None:
        self._store = store
        self._exchange = exchange
        self._folder = folder
        self._clock = clock

    def operator(self) -> Reader:
        """Whoever has the node's command line."""
        return self._exchange.operator()

    # rules

    def keep_rules(self, who: Reader, name: str, raw: bytes) -> Kept:
        """Keep the rules of a file or of an archive (.zip, .tar.gz) of files; one bad file does not stop the others."""
        self._check(who)
        texts = list(islice(_texts(name, raw), MOST_RULES + 1))
        if len(texts) > MOST_RULES:
            raise TooLarge("There are too many rules in it.", f"At most {MOST_RULES:,}.", code="too-large")
        rules, refused = list[Rule](), list[tuple[str, str]]()
        for file, text in texts:
            try:
                rules += read_rules(text)
            except KoupreyError as error:
                refused.append((file, error.why or error.what))
        if not rules:
            why = refused[0][1] if refused else "It holds no file of rules."
            raise Damaged("No rule could be read.", why, "Bring Sigma rules (.yml).", code="bad-rule")
        now = self._clock()

        def work(tx: Tx) -> int:
            new = sum(
                rows.save_rule(tx, msgspec.structs.replace(each, added_at=now, added_by=who.name)) for each in rules
            )
            detail: dict[str, object] = {"new": new, "refused": len(refused)}
            audit.append(tx, at=now, actor=who.name, action="hunt.rules", subject=name[:200], detail=detail)
            return new

        new = self._store.write(work)
        return Kept(
            new=new,
            known=len(rules) - new,
            unrunnable=tuple((each.title, each.problem) for each in rules if each.problem),
            refused=tuple(refused),
        )

    def list_rules(self, who: Reader, *, text: str = "", after: str = "") -> tuple[list[Rule], str]:
        """A page of rules by title, and where the next begins ("" for the last)."""
        self._check(who)
        with self._store.read() as reader:
            found = rows.list_rules(reader, text=text.strip().lower()[:200], after=after, limit=PAGE + 1)
        more = len(found) > PAGE
        found = found[:PAGE]
        return found, f"{found[-1].title}\n{found[-1].digest}" if more else ""

    def count_rules(self, who: Reader) -> tuple[int, int]:
        """How many are asked, and how many cannot be."""
        self._check(who)
        with self._store.read() as reader:
            return rows.count_rules(reader)

    def get_rule(self, who: Reader, digest: str) -> Rule:
        """One as it came; Unknown when there is none."""
        self._check(who)
        with self._store.read() as reader:
            found = rows.find_rule(reader, digest)
        if found is None:
            raise Unknown("There is no such rule.", digest[:64], code="unknown-rule")
        return found

    def retire_rule(self, who: Reader, digest: str, retired: bool) -> None:
        """Ask a rule no more, or again."""
        self.get_rule(who, digest)

        def work(tx: Tx) -> None:
            rows.retire_rule(tx, digest, retired)
            action = "hunt.retire" if retired else "hunt.revive"
            audit.append(tx, at=self._clock(), actor=who.name, action=action, subject=digest, detail={})

        self._store.write(work)

    # hunts

    def begin(self, who: Reader, name: str, file: BinaryIO) -> Hunt:
        """Take a record in; the running node asks it in its turn. Refused (`no-rules`) without rules."""
        self._check(who)
        if not self.count_rules(who)[0]:
            raise Refused("There are no rules to ask with.", remedy="Bring Sigma rules first.", code="no-rules")
        hunt = Hunt(id=new_id("hunt"), name=name[:200] or "events", state=State.WAITING, at=self._clock(), by=who.name)
        self._folder.mkdir(parents=True, exist_ok=True)
        partial = self._folder / f".{hunt.id}"
        try:
            _copy(file, partial)
            partial.rename(self._record(hunt.id))
        finally:
            partial.unlink(missing_ok=True)
        self._store.write(lambda tx: self._save(tx, hunt, "hunt.begin"))
        return hunt

    def turn(self) -> int:
        """Ask what waits; how many hunts were ended."""
        ended = 0
        while True:
            with self._store.read() as reader:
                hunt = rows.next_hunt(reader)
            if hunt is None:
                return ended
            record = self._record(hunt.id)
            try:
                if not record.exists():
                    raise Damaged("The record is not there any more.", code="no-record")
                self._ask(hunt, record)
            except KoupreyError as error:
                self._fail(hunt, f"{error.what} {error.why}")
            except (ValueError, TypeError, OSError, RecursionError, MemoryError) as error:
                # A rule or an event that nobody thought of must not stand before all other hunts.
                _log.exception("hunt %s ended", hunt.id)
                self._fail(hunt, f"{type(error).__name__}: {error}")
            record.unlink(missing_ok=True)
            ended += 1

    def run(self, who: Reader, path: Path) -> Hunt:
        """Ask a file where it lies, and wait for it."""
        self._check(who)
        if not self.count_rules(who)[0]:
            raise Refused("There are no rules to ask with.", remedy="Bring Sigma rules first.", code="no-rules")
        hunt = Hunt(id=new_id("hunt"), name=path.name[:200], state=State.RUNNING, at=self._clock(), by=who.name)
        return self._ask(hunt, path)

    def list_hunts(self, who: Reader) -> list[Hunt]:
        """The newest first."""
        self._check(who)
        with self._store.read() as reader:
            return rows.list_hunts(reader, PAGE)

    def get(self, who: Reader, hunt: str) -> Hunt:
        """One; Unknown when there is none."""
        self._check(who)
        with self._store.read() as reader:
            found = rows.find_hunt(reader, hunt)
        if found is None:
            raise Unknown("There is no such hunt.", hunt[:60], code="unknown-hunt")
        return found

    def outcomes(self, who: Reader, hunt: str, *, found: bool = True) -> list[Outcome]:
        """Rules that found something; else those that could not run, or ask for a field that no event had."""
        self.get(who, hunt)
        with self._store.read() as reader:
            return rows.list_outcomes(reader, hunt, found=found)

    def hits(self, who: Reader, hunt: str, digest: str) -> list[Hit]:
        """The first events that a rule found."""
        self.get(who, hunt)
        with self._store.read() as reader:
            return rows.list_hits(reader, hunt, digest)

    def sight(self, who: Reader, hunt: str, digest: str, *, tlp: TLP, by: str) -> str:
        """Say what a rule found as a sighting of an indicator that carries the rule; the id of the sighting.

        No event and no address of ours is in it: how often, and in which hunt's time.
        """
        asked, rule = self.get(who, hunt), self.get_rule(who, digest)
        found = next((each for each in self.outcomes(who, hunt) if each.digest == digest), None)
        if found is None:
            raise Refused("The rule has found nothing there.", rule.title, code="nothing-found")
        indicator = f"indicator--{uuid5(_SPACE, rule.digest)}"
        try:
            self._exchange.get_object(who, indicator)
        except Unknown:
            self._exchange.make(_indicator(indicator, rule), tlp=tlp, action="hunt.indicator", who=who, by=by)
        made = self._exchange.sight(
            indicator, who=who, by=by, count=found.hits, last_seen=asked.at, description=f"Sigma rule {rule.id}"[:200]
        )
        return made.stix_id

    def _ask(self, hunt: Hunt, path: Path) -> Hunt:
        with self._store.read() as reader:
            every = rows.load_rules(reader)
        rules = Ruleset(every)
        hunt = msgspec.structs.replace(hunt, state=State.RUNNING, rules=len(rules.rules), events=0, unread=0, hits=0)
        self._store.write(lambda tx: rows.save_hunt(tx, hunt))
        counts, seen = Counter[str](), set[str]()
        first: dict[str, list[Hit]] = defaultdict(list)
        with _open(path) as events:
            while batch := list(islice(events, BATCH)):
                read = [
                    (hunt.events + place, event, text) for place, (event, text) in enumerate(batch) if event is not None
                ]
                found, fields = rules.find([event for _, event, _ in read])
                seen |= fields
                for digest, places in found.items():
                    counts[digest] += len(places)
                    room = FIRST - len(first[digest])
                    first[digest] += [_hit(digest, read[place][0], read[place][2]) for place in places[:room]]
                hunt = msgspec.structs.replace(
                    hunt,
                    events=hunt.events + len(batch),
                    unread=hunt.unread + len(batch) - len(read),
                    hits=counts.total(),
                )
                self._store.write(lambda tx, hunt=hunt: rows.save_hunt(tx, hunt))  # type: ignore[misc]  # at once
        ended = msgspec.structs.replace(hunt, state=State.DONE, ended_at=self._clock())
        outcomes = [_outcome(each, counts[each.digest], rules.fields.get(each.digest), seen) for each in every]

        def work(tx: Tx) -> None:
            rows.save_results(tx, hunt.id, outcomes, (each for hits in first.values() for each in hits))
            self._save(tx, ended, "hunt.end")

        self._store.write(work)
        return ended

    def _fail(self, hunt: Hunt, problem: str) -> None:
        told = problem.strip()[:500]
        failed = msgspec.structs.replace(hunt, state=State.FAILED, ended_at=self._clock(), problem=told)
        self._store.write(lambda tx: self._save(tx, failed, "hunt.fail"))

    def _save(self, tx: Tx, hunt: Hunt, action: str) -> None:
        rows.save_hunt(tx, hunt)
        detail: dict[str, object] = {"events": hunt.events, "hits": hunt.hits}
        audit.append(tx, at=self._clock(), actor=hunt.by, action=action, subject=hunt.id, detail=detail)

    def _record(self, hunt: str) -> Path:
        return self._folder / hunt

    def _check(self, who: Reader) -> None:
        if not who.local or who.exercise:
            raise Forbidden("Hunts are for people of this node, in earnest.", code="not-local")


class _open:
    """Events of a file, whatever it is."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self._path = path

    def __enter__(self) -> Iterator[tuple[Event | None, bytes]]:
        begin = self._file.read(4)
        self._file.seek(0)
        return read_parquet(self._path) if begin == _PARQUET else read_events(self._file)

    def __exit__(self, *_: object) -> None:
        self._file.close()


def _hit(digest: str, line: int, text: bytes) -> Hit:
    return Hit(digest=digest, line=line, text=text[: 4 * CUT].decode("utf-8", "replace")[:CUT].replace("\x00", ""))


def _outcome(rule: Rule, hits: int, fields: frozenset[str] | None, seen: set[str]) -> Outcome:
    return Outcome(
        digest=rule.digest,
        id=rule.id,
        title=rule.title,
        level=rule.level,
        hits=hits,
        unseen=tuple(sorted((fields or frozenset()) - seen)),
        problem=rule.problem,
    )


def _copy(file: BinaryIO, to: Path) -> None:
    size = 0
    with to.open("wb") as out:
        while part := file.read(1 << 20):
            size += len(part)
            if size > LARGEST_RECORD:
                raise TooLarge("The record is too large.", f"At most {LARGEST_RECORD:,} bytes.", code="too-large")
            out.write(part)
        out.flush()
        os.fsync(out.fileno())
    if not size:
        raise Damaged("The record is empty.", remedy="Choose a file with events.", code="no-file")


def _texts(name: str, raw: bytes) -> Iterator[tuple[str, str]]:
    """(name, text) of the files of rules in what was handed in; what is no UTF-8 is passed over as no rule."""
    if raw[:2] == b"PK":
        yield from _zipped(raw)
    elif raw[:2] == b"\x1f\x8b":
        yield from _tarred(raw)
    else:
        try:
            yield name, raw.decode()
        except UnicodeDecodeError as error:
            raise Damaged("This is no file of rules.", f"Byte {error.start} is no UTF-8.", code="bad-rule") from None


def _zipped(raw: bytes) -> Iterator[tuple[str, str]]:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            for each in archive.infolist():
                if _is_rule(each.filename) and not each.is_dir() and each.file_size <= LARGEST:
                    with archive.open(each) as file, suppress(UnicodeDecodeError):
                        yield each.filename, file.read(LARGEST + 1).decode()
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError) as error:
        raise Damaged("This is no archive of rules.", str(error)[:200], code="bad-rule") from None


def _tarred(raw: bytes) -> Iterator[tuple[str, str]]:
    try:
        with tarfile.open(fileobj=io.BytesIO(raw), mode="r|gz") as archive:
            for each in archive:
                if _is_rule(each.name) and each.isfile() and each.size <= LARGEST:
                    file = archive.extractfile(each)
                    with suppress(UnicodeDecodeError):
                        yield each.name, file.read(LARGEST + 1).decode() if file is not None else ""
    except (tarfile.TarError, OSError, EOFError) as error:
        raise Damaged("This is no archive of rules.", str(error)[:200], code="bad-rule") from None


def _is_rule(name: str) -> bool:
    return name.lower().endswith((".yml", ".yaml"))


def _indicator(stix_id: str, rule: Rule) -> dict[str, object]:
    at: Instant = rule.added_at
    stamp = format_instant(at)
    return {
        "type": "indicator",
        "spec_version": "2.1",
        "id": stix_id,
        "created": stamp,
        "modified": stamp,
        "name": rule.title or rule.id,
        "pattern": rule.text,
        "pattern_type": "sigma",
        "valid_from": stamp,
        "indicator_types": ["malicious-activity"],
    }


def jobs(services: Services) -> list[Job]:
    """What waits is asked."""
    return [Job("hunt.turn", 2.0, services.get(Hunts).turn)]


__all__ = ["Hunts", "Kept", "Sequence", "jobs"]
