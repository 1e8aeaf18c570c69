"""Failures that a person or a machine is told about: what happened, why, and what to do."""

from __future__ import annotations

from collections.abc import Mapping


class KoupreyError(Exception):
    """Base of all failures we explain.

    `what` happened, `why`, the `remedy`; `code` is a stable word for machines (problem+json, `--json`).
    """

    code = "error"
    http_status = 500
    exit_code = 1

    def __init__(
        self,
        what: str,
        why: str = "",
        remedy: str = "",
        *,
        code: str = "",
        detail: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(what)
        self.what = what
        self.why = why
        self.remedy = remedy
        if code:
            self.code = code
        self.detail: dict[str, object] = dict(detail or {})

    def __str__(self) -> str:
        return " ".join(part for part in (self.what, self.why, self.remedy) if part)


def rests(error: KoupreyError) -> str:
    """The clause and the agreement that an error rests on, as its detail names them; "" for none."""
    title, clause, name = (
        str(error.detail.get(key, "")) for key in ("title_of_agreement", "clause", "title_of_clause")
    )
    if not title:
        return ""
    return f"clause {clause} ({name}) of “{title}”" if clause else f"“{title}”"


class Unknown(KoupreyError):
    """There is no such thing, or the asker may not know that there is."""

    code = "unknown"
    http_status = 404
    exit_code = 4


class Unidentified(KoupreyError):
    """Nobody is signed in, or the credentials do not hold."""

    code = "unidentified"
    http_status = 401
    exit_code = 5


class Forbidden(KoupreyError):
    """The asker is known and may not do this."""

    code = "forbidden"
    http_status = 403
    exit_code = 5


class Refused(KoupreyError):
    """A rule says no: an agreement, a conflict, a state."""

    code = "refused"
    http_status = 409
    exit_code = 6


class Damaged(KoupreyError):
    """Input that cannot be understood or whose proof does not hold."""

    code = "damaged"
    http_status = 400
    exit_code = 7


class TooLarge(Damaged):
    """Input over a stated limit."""

    code = "too-large"
    http_status = 413


class Unsupported(Damaged):
    """The body is of a media type that is not taken here."""

    code = "unsupported-media-type"
    http_status = 415


class TooMany(Refused):
    """More at the same time, or more often, than one asker is given."""

    code = "too-many"
    http_status = 429


class Unreachable(KoupreyError):
    """Another machine does not answer, or a resource of ours is busy."""

    code = "unreachable"
    http_status = 503
    exit_code = 8
