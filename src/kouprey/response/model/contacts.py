"""Nouns of contacts: people who are asked without a node, the links they answer by, and what such a link may bear."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

import msgspec

from kouprey.kernel.words.time import Instant
from kouprey.kernel.words.tlp import TLP

NOWHERE = ".invalid"
"""What ids of contacts end with: names below it are nobody's for ever (RFC 6761, 6.4), so no party can be one."""

TONGUES = ("en", "km", "th", "ms")
"""Languages in which a contact can be written to."""


class Via(StrEnum):
    """How it came, what a contact said."""

    LINK = "link"
    MAIL = "mail"
    PHONE = "telephone"


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who is asked without a node; `id` ends with `NOWHERE` and stands where a party's id would.

    `party` is the party they belong to: ours, a partner's, or "" for one that has no node; then `paper` names the
    agreement they signed. `ceiling` is the highest level they may be asked at, `content` up to which a mail may say
    what is asked. They owe a sign of life within `acknowledge_s` seconds and a decision within `decide_s`, 0 for none.
    `zone` is an IANA name, `language` one of `TONGUES`.
    """

    id: str
    name: str
    team: str
    party: str = ""
    mail: str = ""
    phone: str = ""
    language: str = "en"
    zone: str = "UTC"
    paper: str = ""
    ceiling: TLP = TLP.AMBER
    content: TLP = TLP.GREEN
    acknowledge_s: int = 3_600
    decide_s: int = 14_400
    note: str = ""
    made_at: Instant = 0
    archived_at: Instant = 0


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """A way to answer one hand-off once per state: only the hash of its secret is kept.

    `id` is what it is revoked by; `revoked_at` is 0 while it is not.
    """

    id: str
    hashed: bytes
    handoff: str
    contact: str
    made_by: str
    made_at: Instant
    expires: Instant
    revoked_at: Instant = 0

    def holds(self, now: Instant) -> bool:
        """Whether it still opens."""
        return not self.revoked_at and now < self.expires


class Outlook(NamedTuple):
    """What may leave by mail and link: nothing (`why` says it), a link alone, or a mail that says all (`content`).

    `curtain`: the page shows what is asked only after a press, since scanners of mail follow links.
    """

    link: bool
    content: bool
    curtain: bool
    why: str = ""
    remedy: str = ""


class Letter(NamedTuple):
    """A mail in one language, as plain text."""

    subject: str
    text: str
