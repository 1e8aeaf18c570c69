"""Nouns of constituents: whom we host, what is theirs, and the mail that goes to them."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from kouprey.kernel.words.decision import Reason
from kouprey.kernel.words.time import Instant
from kouprey.kernel.words.tlp import TLP


class Rhythm(StrEnum):
    """How often somebody is written to."""

    OFF = "off"
    AT_ONCE = "at-once"
    DAILY = "daily"
    WEEKLY = "weekly"


CLEARANCES = (TLP.CLEAR, TLP.GREEN, TLP.AMBER, TLP.RED)
"""Up to which level a constituent may be cleared; what is stricter than AMBER reaches it only sealed to it by name."""

CONTENTS = (TLP.CLEAR, TLP.GREEN, TLP.AMBER)
"""Up to which level a mail may carry content; above, it counts and links."""


class Network(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """Something of a constituent's: `kind` and `text` as of an observable; `@bank.example` holds its mailboxes."""

    kind: str
    text: str


class Constituent(msgspec.Struct, frozen=True, kw_only=True):
    """Whom we host. `id` is a domain, such as labels name in `concerned`; `language` is that of their mail.

    `rhythm` and `hour` (UTC) say when a digest goes, `content` up to which level it carries content, `since` is the
    position up to which digests have gone. `archived_at`: since when nobody of them comes in; 0 for those who do.
    """

    id: str
    name: str
    language: str = "en"
    clearance: TLP = TLP.GREEN
    content: TLP = TLP.GREEN
    rhythm: Rhythm = Rhythm.OFF
    hour: int = 0
    since: Instant = 0
    note: str = ""
    created_at: Instant = 0
    archived_at: Instant = 0


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody mail goes to; `paused_until` is FOREVER once they have asked for none."""

    id: str
    constituent: str
    name: str
    address: str
    paused_until: Instant = 0


class LetterState(StrEnum):
    """Where a letter is. `handing`: the relay is being given it; `unsure`: that broke off, so it may have it."""

    WAITING = "waiting"
    SENDING = "sending"
    HANDING = "handing"
    SENT = "sent"
    EMPTY = "empty"
    DROPPED = "dropped"
    FAILED = "failed"
    UNSURE = "unsure"


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """One digest of one period for one contact: of the news in (after, upto]. `due` is when it is tried (again)."""

    contact: str
    period: str
    constituent: str
    after: Instant
    upto: Instant
    state: LetterState = LetterState.WAITING
    attempts: int = 0
    due: Instant = 0
    error: str = ""
    remedy: str = ""
    made_at: Instant = 0
    ended_at: Instant = 0


class Word(StrEnum):
    """What a constituent says of something it was shown."""

    SEEN = "seen"
    FALSE_POSITIVE = "false-positive"
    FIXED = "fixed"


class Feedback(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody of a constituent said of an object."""

    constituent: str
    stix_id: str
    word: Word
    note: str
    by: str
    at: Instant


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What a constituent asks us to correct; `settled_at` is 0 while nobody has."""

    id: int
    constituent: str
    text: str
    by: str
    at: Instant
    settled_at: Instant = 0
    settled_by: str = ""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a table of constituents: `wrong` says what keeps it from being taken, "" for nothing."""

    line: int
    constituent: Constituent
    networks: tuple[Network, ...] = ()
    contacts: tuple[tuple[str, str], ...] = ()
    known: bool = False
    wrong: str = ""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One thing in a mail: what it is, which of their values it names, how closely it is held, and why they get it."""

    stix_id: str
    type: str
    title: str
    tlp: TLP
    values: tuple[str, ...]
    kind: str
    received_at: Instant
    because: tuple[Reason, ...] = ()


class Digest(msgspec.Struct, frozen=True, kw_only=True):
    """What one mail may say: whole hits up to the level agreed, and above it how many there are by level."""

    constituent: Constituent
    contact: Contact
    period: str
    told: tuple[Told, ...]
    counted: tuple[tuple[TLP, int], ...]
    threats: int
    more: bool
    level: TLP


class Mail(msgspec.Struct, frozen=True, kw_only=True):
    """A mail, written: `leave` is the address at which its reader can ask for no more.

    `at_once`: where their mail program asks for it with one request, "" where the node has no https address.
    """

    subject: str
    text: str
    html: str
    leave: str = ""
    at_once: str = ""
