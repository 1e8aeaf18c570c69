"""A STIX bundle about an incident, read as what a case begins with.

Strict in what decides (it is a bundle, with an incident), lenient in all else: texts of the extension suite and its
schemas do not agree everywhere, and drafts of STIX 2.2 name things anew. What is not understood is named, and stays
in the bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kouprey.kernel.words.errors import Damaged, TooLarge
from kouprey.kernel.words.ids import stix_type
from kouprey.kernel.words.safejson import decode
from kouprey.kernel.words.time import Instant, parse_instant
from kouprey.kernel.words.tlp import STIX_MARKINGS, TLP
from kouprey.response.model.cases import (
    MOMENTS,
    Fact,
    Kind,
    Link,
    LinkTo,
    Moment,
    Note,
    Phase,
    Precision,
    Severity,
    Task,
    TaskState,
)
from kouprey.response.model.incidents import Coming, Value
from kouprey.response.model.taxonomy import class_of
from kouprey.response.wire.bundlewords import (
    LONGEST,
    LONGEST_TITLE,
    SHORT,
    extension,
    level_of,
    list_of,
    marks,
    minutes_of,
    one_of,
    statement,
    text_of,
)
from kouprey.response.wire.incidents import INCIDENT, MAKER, OURS, OUTCOMES, TYPES

LARGEST = 4 << 20
"""Bytes of a bundle."""
MOST = 1_000
"""Things of one sort in it: events, tasks, values, notes."""
_NAMED = 200
_STATES = {outcome: state for state, outcome in OUTCOMES.items()} | {"failed": TaskState.DONE}
_TYPES = {word: kind for kind, word in reversed(list(TYPES.items()))}
_BOUNDS = ((90, Severity.CRITICAL), (50, Severity.HIGH), (30, Severity.MEDIUM), (0, Severity.LOW))
"""From which criticality on it is that severe (appendix B, five words)."""
_SHARED = frozenset({"type", "spec_version", "id", "created_by_ref", "created", "modified", "object_marking_refs"})
_SHARED |= {"extensions", "name", "description", "lang", "revoked", "granular_markings"}
_VALUES = frozenset(
    {
        "artifact",
        "autonomous-system",
        "domain-name",
        "email-addr",
        "file",
        "ipv4-addr",
        "ipv6-addr",
        "mac-addr",
        "mutex",
        "network-traffic",
        "observed-data",
        "url",
        "vulnerability",
        "windows-registry-key",
        "x509-certificate",
    }
)


def read_incident(raw: bytes, latest: Instant) -> Coming:
    """What a bundle says of its incident; no time in it counts that is after `latest`.

    Raises Damaged (`bad-bundle`, or what JSON is refused for) and TooLarge (`too-large`, `too-many-items`).
    """
    if len(raw) > LARGEST:
        raise TooLarge("The bundle is too large.", f"{LARGEST:,} bytes may be.", "Divide it.", code="too-large")
    whole = decode(raw)
    if not isinstance(whole, dict) or whole.get("type") != "bundle" or not isinstance(whole.get("objects"), list):
        raise _bad("It is not a STIX bundle.", "Export it as STIX 2.1, or write the case down by hand.")
    given = [each for each in whole["objects"] if isinstance(each, dict) and isinstance(each.get("type"), str)]
    objects = [each | {"id": text_of(each.get("id"), SHORT)} for each in given]
    incidents = [each for each in objects if each["type"] == "incident"]
    if not incidents:
        raise _bad("No incident is in it.", "Objects without an incident are imported under Intelligence.")
    return _Bundle(objects, incidents, latest).read()


class _Bundle:
    def __init__(self, objects: list[dict[str, Any]], incidents: list[dict[str, Any]], latest: Instant) -> None:
        self._objects, self._latest = objects, latest
        self._incident = incidents[0]
        self._suite = extension(self._incident, INCIDENT)
        # Alone, the incident is what everything is about; of several, each has its own.
        self._mine = set(self._refs()) if len(incidents) > 1 else None
        self._unread: list[str] = []
        self._notes: list[Note] = []
        for other in incidents[1:]:
            self._miss(f"incident: {_name(other)}")

    def read(self) -> Coming:
        given, ours = self._incident, extension(self._incident, OURS)
        title = text_of(given.get("name"), LONGEST_TITLE) or text_of(given.get("description"), LONGEST_TITLE)
        facts = tuple(self._facts())
        tasks = self._tasks()
        values = tuple(self._values(ours))
        tlp = self._level()
        self._rest()
        made = Coming(
            id=text_of(given.get("id"), SHORT),
            title=title or "?",
            summary=text_of(given.get("description")),
            kind=one_of(Kind, ours.get("kind"), Kind.INCIDENT),
            phase=self._phase(ours),
            type=self._type(ours),
            severity=self._severity(ours),
            severity_why=text_of(ours.get("severity_why")),
            cross_border=ours.get("cross_border") is True,
            sectors=tuple(text for each in list_of(ours.get("sectors"))[:50] if (text := text_of(each, SHORT))),
            tlp=tlp,
            moments=dict(self._moments(ours)),
            facts=facts,
            tasks=tasks,
            notes=tuple(self._notes),
            links=tuple(self._links()),
            values=values,
            unread=(*self._unread[:_NAMED], *self._more()),
        )
        for name in ("facts", "tasks", "notes", "values", "links"):
            if len(getattr(made, name)) > MOST:
                raise TooLarge("There is too much in the bundle.", f"{MOST:,} {name} may be.", code="too-many-items")
        return made

    def _more(self) -> list[str]:
        return [f"… {len(self._unread) - _NAMED}"] if len(self._unread) > _NAMED else []

    def _miss(self, text: str) -> None:
        self._unread.append(text_of(text, SHORT))

    def _refs(self) -> Iterator[str]:
        """Ids of what the incident names as its own, in the suite as in drafts of STIX 2.2."""
        for name, inner in (("events", "event_ref"), ("tasks", "task_ref")):
            for each in list_of(self._suite.get(name)):
                if isinstance(each, dict) and isinstance(ref := each.get(inner), str):
                    yield ref
        for name in ("event_refs", "task_refs", "other_object_refs"):
            yield from (each for each in list_of(self._suite.get(name)) if isinstance(each, str))

    def _of(self, *kinds: str) -> Iterator[dict[str, Any]]:
        for each in self._objects:
            if each["type"] in kinds and (self._mine is None or each.get("id") in self._mine):
                yield each

    def _phase(self, ours: Mapping[str, Any]) -> Phase:
        """Nobody closes a case by taking one in: what is closed elsewhere has recovered."""
        status = {"new": Phase.REPORTED, "open": Phase.ANALYSED, "closed": Phase.RECOVERED}
        said = one_of(Phase, ours.get("phase"), None)
        if said is None:
            word = self._suite.get("investigation_status")
            return status.get(word, Phase.REPORTED) if isinstance(word, str) else Phase.REPORTED
        return Phase.RECOVERED if said is Phase.CLOSED else said

    def _type(self, ours: Mapping[str, Any]) -> str:
        said = ours.get("incident_type")
        if isinstance(said, str) and class_of(said):
            return said
        words = [each for each in list_of(self._suite.get("incident_types")) if isinstance(each, str)]
        known = [each for each in words if each in _TYPES]
        for each in words:
            if each not in known[:1]:
                self._miss(f"incident: incident_types {each}")
        return _TYPES[known[0]] if known else ""

    def _severity(self, ours: Mapping[str, Any]) -> Severity:
        said = one_of(Severity, ours.get("severity"), None)
        number = self._suite.get("criticality")
        if said is not None or type(number) is not int or not 0 <= number <= 100:
            return said or Severity.UNKNOWN
        return next(word for least, word in _BOUNDS if number >= least)

    def _moments(self, ours: Mapping[str, Any]) -> Iterator[tuple[str, Moment]]:
        given = ours.get("moments")
        for name, said in given.items() if isinstance(given, dict) else ():
            moment = self._moment(said.get("time"), said, said.get("fidelity")) if isinstance(said, dict) else None
            if name == "closed" and moment is not None:
                continue
            if name in MOMENTS and moment is not None:
                yield name, moment
            else:
                self._miss(f"incident: moments {name}")

    def _moment(self, time: Any, ours: Mapping[str, Any], fidelity: Any) -> Moment | None:
        """None for what cannot be read, and for what has not come yet."""
        try:
            at = parse_instant(time) if isinstance(time, str) else None
        except ValueError:
            at = None
        if at is None or at > self._latest:
            return None
        offset = minutes_of(ours.get("offset")) or minutes_of(time)
        if isinstance(fidelity, str) and fidelity in ("month", "year"):
            # Coarser than anything a case knows: the day is right, and that it is not exact is named.
            self._miss(f"time: {time} ({fidelity})")
            return Moment(at, offset, Precision.DAY)
        return Moment(at, offset, one_of(Precision, fidelity, Precision.SECOND))

    def _facts(self) -> Iterator[Fact]:
        for each in self._of("event"):
            ours = extension(each, OURS)
            text, status = _told(each), each.get("status")
            moment = self._moment(each.get("start_time"), ours, each.get("start_time_fidelity"))
            if isinstance(until := each.get("end_time"), str):
                text = f"{text} (– {text_of(until, 40)})"
            if status in ("ongoing", "undetermined", "not-occurred", "pending"):
                text = f"{text} ({status})"
            if moment is None or status in ("not-occurred", "pending"):
                when = text_of(each.get("start_time"), 40)
                self._notes.append(Note(text=text_of(f"{when} {text}")))
                continue
            source, technique = text_of(ours.get("source")), text_of(ours.get("technique"), SHORT)
            yield Fact(text=text_of(text), moment=moment, source=source, technique=technique)

    def _tasks(self) -> dict[str, Task]:
        made: dict[str, Task] = {}
        before = self._before()
        for each in self._of("task"):
            ours, outcome = extension(each, OURS), each.get("outcome")
            state = _STATES.get(outcome, TaskState.OPEN) if isinstance(outcome, str) else TaskState.OPEN
            result = [text_of(ours.get("result")), text_of(each.get("error"))]
            if outcome == "failed":
                result.insert(0, "failed")
            due = self._due(ours.get("due"))
            text = text_of(each.get("description"))
            key = text_of(each.get("id"), SHORT) or f"task {len(made)}"
            made[key] = Task(
                title=text_of(each.get("name"), LONGEST_TITLE) or text[:LONGEST_TITLE].strip() or "?",
                text=text,
                due=due,
                state=state,
                after=tuple(before.get(key, ())),
                result="\n".join(filter(None, result))[:LONGEST],
            )
        return made

    def _before(self) -> dict[str, list[str]]:
        """Task -> those that come before it."""
        found: dict[str, list[str]] = {}
        for entry in list_of(self._suite.get("tasks")):
            first = entry.get("task_ref") if isinstance(entry, dict) else None
            for step in list_of(entry.get("next_steps")) if isinstance(first, str) else ():
                then = step.get("task_ref") if isinstance(step, dict) else None
                if isinstance(first, str) and isinstance(then, str) and first != then:
                    found.setdefault(then, []).append(first)
        return found

    @staticmethod
    def _due(given: Any) -> Instant:
        try:
            return parse_instant(given) if isinstance(given, str) else 0
        except ValueError:
            return 0

    def _values(self, ours: Mapping[str, Any]) -> Iterator[Value]:
        said = {
            ref: text_of(each.get("description"))
            for each in self._objects
            if each["type"] == "relationship" and self._is_ours(each) and isinstance(ref := each.get("target_ref"), str)
        }
        for each in self._of(*_VALUES):
            ref = each.get("id")
            yield Value(value=each, note=said.get(ref, "") if isinstance(ref, str) else "")
        for other in list_of(ours.get("other_values")):
            if isinstance(other, dict) and (text := text_of(other.get("text"))):
                yield Value(kind=text_of(other.get("kind"), SHORT), text=text, note=text_of(other.get("note")))

    def _is_ours(self, each: Mapping[str, Any]) -> bool:
        """Whether a relationship is that of a value or an object to the incident, which cases know too."""
        target = each.get("target_ref")
        return (
            each.get("relationship_type") == "related-to"
            and each.get("source_ref") == self._incident.get("id")
            and isinstance(target, str)
            and stix_type(target) in _VALUES
        )

    def _links(self) -> Iterator[Link]:
        for each in list_of(self._incident.get("external_references")):
            ref = (each.get("external_id") or each.get("url")) if isinstance(each, dict) else None
            if isinstance(ref, str) and ref.strip():
                source = text_of(each.get("source_name"), SHORT)
                note = text_of(each.get("description")) or ("" if source == "ticket" else source)
                yield Link(to=LinkTo.TICKET, ref=text_of(ref), note=note)

    def _level(self) -> TLP:
        """The strictest that anything is marked; a marking that nobody here knows counts as AMBER+STRICT."""
        defined = {each.get("id"): each for each in self._objects if each["type"] == "marking-definition"}
        level = TLP.CLEAR
        for ref in dict.fromkeys(ref for each in self._objects for ref in marks(each)):
            known = STIX_MARKINGS.get(ref.lower())
            if known is None:
                known = level_of(defined.get(ref))
            if known is None:
                self._miss(f"marking: {statement(defined.get(ref)) or ref}")
                known = TLP.CLEAR if statement(defined.get(ref)) else TLP.AMBER_STRICT
            level = max(level, known)
        return level

    def _rest(self) -> None:
        """Name what none of the readings above has taken."""
        author = {text_of(self._incident.get("created_by_ref"), SHORT), MAKER}
        silent = {"incident", "marking-definition", "extension-definition"}
        read = {"event", "task", "note", *_VALUES}
        for each in self._of("note"):
            if content := text_of(each.get("content")):
                self._notes.append(Note(text=content))
        for each in self._objects:
            kind, mine = each["type"], self._mine is None or each.get("id") in self._mine
            known = kind in silent or (kind in read and mine) or (kind == "identity" and each.get("id") in author)
            if not known and not (kind == "relationship" and self._is_ours(each)):
                self._miss(f"{kind}: {_name(each)}")
        times = {"start_time", "start_time_fidelity", "end_time", "labels"}
        for each in (self._incident, *self._of("event")):
            self._unknown(each, {*times, "status", "external_references"})
        for each in self._of("task"):
            self._unknown(each, {*times, "end_time_fidelity", "outcome", "error"})
        suite = {"extension_type", "determination", "investigation_status", "criticality", "incident_types", "events"}
        for name in sorted(self._suite.keys() - suite - {"tasks", "event_refs", "task_refs", "other_object_refs"}):
            self._miss(f"incident: {name}")

    def _unknown(self, given: Mapping[str, Any], known: Iterable[str]) -> None:
        if rest := sorted(given.keys() - _SHARED - set(known)):
            self._miss(f"{given['type']}: {', '.join(rest)}")


def _bad(why: str, remedy: str) -> Damaged:
    return Damaged("The bundle cannot be made a case.", why, remedy, code="bad-bundle")


def _told(event: Mapping[str, Any]) -> str:
    name, text = text_of(event.get("name")), text_of(event.get("description"))
    if name and text and name != text:
        return f"{name}\n\n{text}"
    words = [each for each in list_of(event.get("event_types")) if isinstance(each, str)]
    return text or name or ", ".join(words)[:LONGEST] or "?"


def _name(given: Mapping[str, Any]) -> str:
    if given["type"] == "relationship":
        ends = [text_of(given.get(name), 120) for name in ("source_ref", "relationship_type", "target_ref")]
        return " ".join(ends)
    return text_of(given.get("name"), 120) or text_of(given.get("id"), 120)
