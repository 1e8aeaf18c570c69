"""The settings of the one address outside that is told that something waits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from kouprey.kernel.net.fetch import read_url
from kouprey.kernel.words.errors import Damaged
from kouprey.response.model.notices import Hook

LEAST = 16
"""Characters of a secret that nobody tries out."""
HOOKS = {
    "notice_hook": 'The address that is told how much waits for our people, never what; "" = none is told.',
    "notice_hook_secret_file": "A file with the secret that signs it (HMAC-SHA-256), readable by the node alone.",
}
"""Setting -> what it means, for the reference."""


class Given(Protocol):
    """The settings that are read here."""

    @property
    def notice_hook(self) -> str: ...
    @property
    def notice_hook_secret_file(self) -> str: ...


def hook_of(settings: Given) -> Hook | None:
    """The address and its secret, read from its file; None for a node that tells nobody."""
    if not settings.notice_hook:
        return None
    return Hook(url=settings.notice_hook, secret=_read(settings.notice_hook_secret_file).encode())


def hook_problems(settings: Given) -> Iterator[tuple[str, str]]:
    """(setting, what is wrong with it) for what its type alone allows."""
    if not settings.notice_hook:
        return
    try:
        read_url(settings.notice_hook)
    except Damaged as error:
        yield "notice_hook", error.why
    try:
        if not settings.notice_hook_secret_file or len(_read(settings.notice_hook_secret_file)) < LEAST:
            yield "notice_hook_secret_file", f"It names no file with a secret of {LEAST} characters or more."
    except (OSError, UnicodeDecodeError) as error:
        yield "notice_hook_secret_file", f"{settings.notice_hook_secret_file!r} cannot be read: {error}."


def _read(file: str) -> str:
    return Path(file).read_text("utf-8").strip()
