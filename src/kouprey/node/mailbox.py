"""The settings of reports: the folder, the form, and the mailbox that they come to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from kouprey.kernel.net.imap import Box

REPORTS = {
    "reports_folder": "The folder mails are dropped into as `.eml`, in the data directory unless it begins with `/`.",
    "reports_form": "Whoever finds this node may report an incident at `/report`, without an account.",
    "imap_host": 'The machine with the mailbox that reports come to, by IMAP over TLS; "" = none is read.',
    "imap_port": "Its port.",
    "imap_user": "What this node is called there.",
    "imap_secret_file": "A file with the password, readable by the node alone.",
    "imap_folder": "The folder of the mailbox; nothing in it is changed or deleted.",
    "imap_ca_file": 'Certificates of the authority that vouches for it, in PEM form; "" = those of the system.',
}
"""Setting -> what it means, for the reference."""


class Given(Protocol):
    """The settings that are read here."""

    @property
    def reports_folder(self) -> str: ...
    @property
    def imap_host(self) -> str: ...
    @property
    def imap_port(self) -> int: ...
    @property
    def imap_user(self) -> str: ...
    @property
    def imap_secret_file(self) -> str: ...
    @property
    def imap_folder(self) -> str: ...
    @property
    def imap_ca_file(self) -> str: ...


def box_of(settings: Given) -> Box | None:
    """The mailbox that reports come to, its secret read from its file; None for a node that reads none."""
    if not settings.imap_host:
        return None
    return Box(
        host=settings.imap_host,
        port=settings.imap_port,
        user=settings.imap_user,
        secret=_read(settings.imap_secret_file) if settings.imap_secret_file else "",
        folder=settings.imap_folder,
        ca_file=settings.imap_ca_file,
    )


def box_problems(settings: Given) -> Iterator[tuple[str, str]]:
    """(setting, what is wrong with it) for what its type alone allows."""
    if not settings.reports_folder.strip():
        yield "reports_folder", "It names no folder."
    if not settings.imap_host:
        return
    if not 0 < settings.imap_port < 65536:
        yield "imap_port", f"{settings.imap_port} is not a port."
    for name in ("imap_user", "imap_folder"):
        text = str(getattr(settings, name))
        # What is not ASCII would need a coding that old servers do not know (RFC 9051, appendix A).
        if not text.strip() or not text.isprintable() or not text.isascii():
            yield name, f"{text!r} is nothing that every mailbox would know: ASCII letters, and some of them."
    for name in ("imap_secret_file", "imap_ca_file"):
        file = getattr(settings, name)
        try:
            if file:
                _read(file)
        except (OSError, UnicodeDecodeError) as error:
            yield name, f"{file!r} cannot be read: {error}."


def _read(file: str) -> str:
    return Path(file).read_text("utf-8").strip()
