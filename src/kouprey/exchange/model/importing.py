"""The nouns of an import: what was refused, what it came to, and how far it has come."""

from __future__ import annotations

from typing import Literal

import msgspec

from kouprey.kernel.words.time import Instant


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """One thing not accepted, in words for the sender.

    `offset` is the byte in the uncompressed stream at which the refused thing begins, `line` its line (from 1) where
    the stream is read line by line; -1 and None for what came in no stream. `code` is the code of the error behind it.
    """

    offset: int
    line: int | None
    stix_id: str | None
    code: str
    what: str
    why: str
    remedy: str


class ImportReport(msgspec.Struct, frozen=True, kw_only=True):
    """What an import came to. `seconds` is wall time; `per_second` counts everything read, refused ones too.

    `musts` and `shoulds` count findings of the bodies that were not held before; `invalid` those bodies with a must.
    """

    new: int = 0
    repeats: int = 0
    byte_equal: int = 0
    conflicts: int = 0
    variants: int = 0
    refused: int = 0
    musts: int = 0
    shoulds: int = 0
    invalid: int = 0
    seconds: float = 0.0

    @property
    def total(self) -> int:
        """Everything that was in the stream."""
        return self.new + self.repeats + self.conflicts + self.variants + self.refused

    @property
    def per_second(self) -> float:
        """Objects a second."""
        return self.total / self.seconds if self.seconds else 0.0


class Bookmark(msgspec.Struct, frozen=True, kw_only=True):
    """How far the import of the file at `path` has come, durable together with what was taken in.

    Everything that begins below `after` in the uncompressed stream is taken in or refused, and `digest` is its hash.
    `refusals` are those of the last batch: their file had `refusals_size` bytes before them. `size` and `options` are
    those of the file and of the command; `run` is the process that goes on. `finished`: only the end was not yet told.
    """

    path: str
    run: str
    size: int
    options: str
    after: int = 0
    digest: bytes = b""
    counted: ImportReport = ImportReport()
    refusals: tuple[Refusal, ...] = ()
    refusals_size: int = 0
    finished: bool = False


State = Literal["waiting", "running", "done", "cancelled", "failed", "interrupted"]


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """Why an import ended before its end."""

    code: str = ""
    what: str = ""
    why: str = ""
    remedy: str = ""


class ImportJob(msgspec.Struct, frozen=True, kw_only=True):
    """An import that somebody started; only they are told of it.

    `size` and `done` are bytes of the file as it was given, `tlp` the level of what carries no marking, in a word ("":
    AMBER+STRICT). `counted` is durable: what it counts is kept. `interrupted` is a job whose process has gone.
    """

    id: str
    person: str
    name: str
    tlp: str
    collection: str
    size: int
    done: int
    counted: ImportReport
    state: State
    told: Failure
    stop: bool
    began_at: Instant
    beat_at: Instant
    ended_at: Instant

    @property
    def going(self) -> bool:
        """Whether something may still come of it."""
        return self.state in ("waiting", "running")
