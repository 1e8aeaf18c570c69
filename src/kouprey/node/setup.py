"""The first steps of a new node: which there are, which are done, and that somebody has put the list away."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from kouprey.agreements.service import Agreements
from kouprey.exchange.model import ImportReport
from kouprey.exchange.service import Exchange
from kouprey.kernel.storage import audit, meta
from kouprey.kernel.storage.engine import Reader, Tx
from kouprey.kernel.words.tlp import TLP
from kouprey.node import fiction
from kouprey.people.model import Person
from kouprey.people.service import People

if TYPE_CHECKING:
    from kouprey.node.assemble import Node

_KEY = "setup"
SAMPLE = "sample data"
"""The name of the source of everything that the sample brings."""


class Step(StrEnum):
    """One step, in the order in which they are offered."""

    PARTY = "party"
    LOOK = "look"
    SIGN_IN = "sign-in"
    COLLEAGUES = "colleagues"
    INTELLIGENCE = "intelligence"
    PARTNER = "partner"
    AGREEMENT = "agreement"
    SAFE = "safe"


MARKED = frozenset(Step)
"""Steps somebody may call done, because they have decided, or want to leave them."""


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of the list: which steps were called done, and whether it was put away."""

    marked: tuple[Step, ...] = ()
    away: bool = False


class Standing(NamedTuple):
    """A step: whether the node shows that it is done, or somebody said so."""

    step: Step
    done: bool
    marked: bool


class Setup:
    """The list of one node."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._people = node.services.get(People)
        self._exchange = node.services.get(Exchange)
        self._agreements = node.services.get(Agreements)

    def wanted(self) -> bool:
        """Whether the navigation leads here: until the list is put away, by a person or because all is done."""
        with self._node.store.read() as reader:
            return not _read(reader).away

    def list(self, person: Person) -> list[Standing]:
        """Every step, as it stands for this administrator; when all are done, the list puts itself away."""
        with self._node.store.read() as reader:
            held = _read(reader)
            backed_up = bool(audit.list_audit(reader, limit=1, action="node.backup"))
        shown: dict[Step, Callable[[], bool]] = {
            Step.SIGN_IN: lambda: self._people.has_second_factor(person),
            Step.COLLEAGUES: lambda: len(self._people.list_persons()) > 1,
            Step.INTELLIGENCE: lambda: self._exchange.counts(self._people.reader_of(person)).total > 0,
            Step.PARTNER: lambda: len(self._people.list_parties()) > 1,
            Step.AGREEMENT: lambda: bool(self._agreements.list_versions()),
            Step.SAFE: lambda: backed_up,
        }
        steps = [
            Standing(step, step in held.marked or (step in shown and shown[step]()), step in held.marked)
            for step in Step
        ]
        if not held.away and all(each.done for each in steps):
            self._keep(lambda before: msgspec.structs.replace(before, away=True))
        return steps

    def mark(self, step: Step, done: bool) -> None:
        """Call a step done, or not done after all."""

        def change(held: Held) -> Held:
            others = tuple(each for each in held.marked if each is not step)
            return msgspec.structs.replace(held, marked=(*others, step) if done else others)

        self._keep(change)

    def put_away(self, away: bool, *, by: str) -> None:
        """Take the list out of the navigation, or put it back."""
        self._keep(lambda held: msgspec.structs.replace(held, away=away))
        now, action = self._node.clock(), "node.setup-away" if away else "node.setup-back"
        self._node.store.write(lambda tx: audit.append(tx, at=now, actor=by, action=action, subject="", detail={}))

    def take_sample(self, *, by: str) -> ImportReport:
        """Keep the intelligence of the story, without what its finder must keep: all of it is invented."""
        stream = BytesIO(msgspec.json.encode(sample()))
        return self._exchange.import_stream(stream, name=SAMPLE, tlp=TLP.GREEN, by=by)

    def _keep(self, change: Callable[[Held], Held]) -> None:
        def work(tx: Tx) -> None:
            meta.put(tx, _KEY, msgspec.json.encode(change(_read(tx))))

        self._node.store.write(work)


def _read(reader: Reader) -> Held:
    raw = meta.get(reader, _KEY)
    return Held() if raw is None else msgspec.json.decode(raw, type=Held)


def sample() -> dict[str, object]:
    """A bundle of invented intelligence, with ids that nothing else has."""
    author, at = fiction.stix_id("identity", "sample"), "2026-11-01T00:00:00.000Z"
    identity: dict[str, object] = {
        "type": "identity",
        "spec_version": "2.1",
        "id": author,
        "created": at,
        "modified": at,
        "name": fiction.OPERATOR.name,
        "identity_class": "organization",
        "object_marking_refs": [fiction.TLP_MARKING["clear"]],
    }
    red = fiction.TLP_MARKING["red"]
    found = [each for each in fiction.operator_findings(author) if red not in _refs(each, "object_marking_refs")]
    held = {str(each["id"]) for each in found}
    for each in found:
        if "object_refs" in each:
            each["object_refs"] = [ref for ref in _refs(each, "object_refs") if ref in held]
    # The story itself may be held here, said by a party whose card is known: these are others.
    text = msgspec.json.encode([identity, *found]).decode()
    for one in held:
        kind = one.partition("--")[0]
        text = text.replace(one, fiction.stix_id(kind, f"sample/{one}"))
    return {"type": "bundle", "id": f"bundle{author.removeprefix('identity')}", "objects": msgspec.json.decode(text)}


def _refs(body: dict[str, object], name: str) -> list[str]:
    refs = body.get(name)
    return [str(each) for each in refs] if isinstance(refs, list) else []
