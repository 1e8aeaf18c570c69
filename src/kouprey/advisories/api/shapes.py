"""What the endpoints about statements take and give."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from kouprey.advisories.model import (
    Claim,
    Content,
    Draft,
    DraftState,
    Kind,
    Published,
    Rumour,
    Verdict,
    Words,
)
from kouprey.advisories.wire.statement import write_signed
from kouprey.kernel.web.api import Asked, Time, time_of
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.time import Instant, parse_instant

Text = Annotated[str, Meta(max_length=20_000)]


class Written(Asked, frozen=True, kw_only=True):
    """What people write of a statement; `revision` is the one that is changed, 0 for a new draft."""

    kind: Kind
    languages: dict[str, Words]
    verdict: Verdict | None = None
    claims: tuple[Claim, ...] = ()
    evidence: tuple[str, ...] = ()
    contact: str = ""
    replaces: tuple[str, ...] = ()
    cancels: bool = False
    valid_from: Time = ""
    valid_until: Time = ""
    exercise: str = ""
    rumours: tuple[str, ...] = ()
    revision: int = 0


class OfRevision(Asked, frozen=True, kw_only=True):
    """Of which revision it is said: whoever has read another one is refused."""

    revision: int


class InState(Asked, frozen=True, kw_only=True):
    """Which drafts."""

    state: DraftState = DraftState.OPEN


class Heard(Asked, frozen=True, kw_only=True):
    """What was heard; `media` is the SHA-256 of a file that carries it, in hex."""

    text: Text
    url: str = ""
    media: str = ""
    heard_from: str = ""


class Shown(Asked, frozen=True, kw_only=True):
    """Whether everybody can read the statements of a partner here."""

    shown: bool


class Question(Asked, frozen=True, kw_only=True):
    """The words, the address or the number that somebody asks about."""

    text: Text


class DraftShown(Struct, kw_only=True):
    """A draft; `approvals` are persons who want this revision."""

    id: str
    revision: int
    state: DraftState
    statement: str
    changed: Time
    content: dict[str, Any]
    approvals: tuple[str, ...]
    rumours: tuple[str, ...] = ()


class DraftList(Struct, kw_only=True):
    """Drafts, what was changed last first."""

    drafts: tuple[DraftShown, ...]


class RumourShown(Struct, kw_only=True):
    """What was heard; `draft` answers it, "" for none; `aside` since when it needs no answer."""

    id: str
    text: str
    url: str
    media: str
    heard_from: str
    came: Time
    draft: str
    aside: Time


class RumourList(Struct, kw_only=True):
    """What was heard, the newest first."""

    rumours: tuple[RumourShown, ...]


class StatementShown(Struct, kw_only=True):
    """A published statement; `signed` is the signed file as text, for whoever verifies it."""

    id: str
    publisher: str
    number: int
    sha256: str
    issued: Time
    url: str
    content: dict[str, Any]
    replaced_by: tuple[str, ...]
    withdrawn: bool
    signed: str


class StatementList(Struct, kw_only=True):
    """What is published, the newest first."""

    statements: tuple[StatementShown, ...]


class MirrorShown(Struct, kw_only=True):
    """A partner whose statements came."""

    publisher: str
    name: str
    count: int
    shown: bool


class MirrorList(Struct, kw_only=True):
    """Partners whose statements came."""

    mirrors: tuple[MirrorShown, ...]


class AnsweredShown(Struct, kw_only=True):
    """How long an answer took, from the first report of what it answers."""

    statement: str
    first_report: Time
    issued: Time
    rumours: int
    seconds: int


class AnsweredList(Struct, kw_only=True):
    """Answers to rumours, the newest first."""

    answered: tuple[AnsweredShown, ...]


class HitShown(Struct, kw_only=True):
    """One statement that was found; `claim` is the claim that met, `score` how alike it is in per cent."""

    id: str
    publisher: str
    claim: str
    score: int
    verdict: str
    url: str


class Answer(Struct, kw_only=True):
    """What may be said: authentic, altered, declared, issued, alike or none."""

    finding: str
    hits: tuple[HitShown, ...]


def content_of(asked: Written) -> Content:
    """The content that somebody sends."""
    fields = {name: getattr(asked, name) for name in Content.__struct_fields__ if not name.startswith("valid_")}
    return Content(valid_from=_instant(asked.valid_from), valid_until=_instant(asked.valid_until), **fields)


def _instant(text: str) -> Instant:
    try:
        return parse_instant(text) if text else 0
    except ValueError as error:
        raise Damaged("That is no time.", str(error), "Write it as RFC 3339.", code="bad-field") from error


def _told(content: Content) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.to_builtins(content)
    return told | {"valid_from": time_of(content.valid_from), "valid_until": time_of(content.valid_until)}


def draft_shown(draft: Draft, rumours: tuple[str, ...] = ()) -> DraftShown:
    """A draft as it is told."""
    return DraftShown(
        id=draft.id,
        revision=draft.revision,
        state=draft.state,
        statement=draft.statement,
        changed=time_of(draft.changed_at),
        content=_told(draft.content),
        approvals=tuple(each.person for each in draft.approvals),
        rumours=rumours,
    )


def rumour_shown(rumour: Rumour) -> RumourShown:
    """A rumour as it is told."""
    return RumourShown(
        id=rumour.id,
        text=rumour.text,
        url=rumour.url,
        media=rumour.media,
        heard_from=rumour.heard_from,
        came=time_of(rumour.came_at),
        draft=rumour.draft,
        aside=time_of(rumour.aside_at),
    )


def statement_shown(each: Published) -> StatementShown:
    """A statement as it is told."""
    said = each.statement
    return StatementShown(
        id=said.id,
        publisher=said.publisher,
        number=said.number,
        sha256=each.hash,
        issued=time_of(said.issued),
        url=said.url,
        content=_told(said.content),
        replaced_by=each.followed,
        withdrawn=each.withdrawn,
        signed=write_signed(each.signed).decode(),
    )
