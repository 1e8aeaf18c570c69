"""Mail on its way in: what is new in one mailbox, read over TLS in pieces; nothing there is changed or deleted."""

from __future__ import annotations

import imaplib
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, BinaryIO

import msgspec

from kouprey.kernel.words.errors import KoupreyError, Refused, Unreachable

PIECE = 1 << 20
"""Bytes of a message that are asked for at once, which bounds the memory it takes."""


class Box(msgspec.Struct, frozen=True, kw_only=True):
    """A mailbox that is read by IMAP over TLS. `secret` is its password, `ca_file` "" for the system's authorities.

    `timeout` in seconds, for each answer.
    """

    host: str
    port: int = 993
    user: str
    secret: str
    folder: str = "INBOX"
    ca_file: str = ""
    timeout: float = 20.0

    def __repr__(self) -> str:
        # Never the secret: what is shown ends in logs.
        return f"Box({self.host!r}, {self.user!r})"


class Opened:
    """A mailbox that is open for reading: `validity` is its UIDVALIDITY (RFC 9051, 2.3.1.1)."""

    def __init__(self, server: imaplib.IMAP4, validity: int) -> None:
        self._server, self.validity = server, validity

    def list_new(self, after: int) -> list[tuple[int, int]]:
        """UID and size in bytes of the messages after a UID, in their order."""
        # `n:*` always names the last message, also one before n (RFC 9051, 9).
        answer = self._fetch(f"{after + 1}:*", "(UID RFC822.SIZE)")
        found = []
        for line in answer:
            text = line[0] if isinstance(line, tuple) else line
            uid, size = re.search(rb"UID (\d+)", text or b""), re.search(rb"RFC822\.SIZE (\d+)", text or b"")
            if uid and size and int(uid[1]) > after:
                found.append((int(uid[1]), int(size[1])))
        return sorted(set(found))

    def copy(self, uid: int, target: BinaryIO, most: int) -> int:
        """Write at most `most` bytes of a message, piece by piece, without marking it as read; how many there were."""
        done = 0
        while done < most:
            wanted = min(PIECE, most - done)
            piece = self._piece(uid, done, wanted)
            target.write(piece[:wanted])
            done += len(piece)
            if len(piece) < wanted:
                break
        return done

    def _piece(self, uid: int, start: int, length: int) -> bytes:
        for line in self._fetch(str(uid), f"(BODY.PEEK[]<{start}.{length}>)"):
            if isinstance(line, tuple) and len(line) > 1 and isinstance(line[1], bytes):
                return line[1]
        return b""

    def _fetch(self, which: str, what: str) -> list[Any]:
        code, answer = self._server.uid("FETCH", which, what)
        if code != "OK":
            raise imaplib.IMAP4.error(str(answer)[:200])
        return [each for each in answer if each is not None]


@contextmanager
def open_box(box: Box) -> Iterator[Opened]:
    """Open a mailbox for reading alone.

    Raises Unreachable (`dns`, `refused`, `timeout`, `tls`, `broken`) and Refused (`mail-login`, `no-mailbox`).
    """
    server: imaplib.IMAP4 | None = None
    try:
        context = ssl.create_default_context(cafile=box.ca_file or None)
        server = imaplib.IMAP4_SSL(box.host, box.port, ssl_context=context, timeout=box.timeout)
        try:
            server.login(box.user, box.secret)
        except imaplib.IMAP4.error as error:
            if isinstance(error, imaplib.IMAP4.abort):
                raise
            raise _refused("The mailbox does not let this node in.", box, "mail-login") from error
        code, _said = server.select(_quoted(box.folder), readonly=True)
        if code != "OK":
            raise _refused(f"There is no folder {box.folder!r}.", box, "no-mailbox")
        validity = server.response("UIDVALIDITY")[1]
        yield Opened(server, int((validity or [b"0"])[0] or b"0"))
    except (imaplib.IMAP4.error, OSError, ValueError) as error:
        raise _told(error, box) from error
    finally:
        if server is not None:
            with suppress(Exception):
                server.logout()


def _quoted(folder: str) -> str:
    return '"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _refused(what: str, box: Box, code: str) -> KoupreyError:
    return Refused(what, f"It is {box.user!r} at {box.host}.", "Check the settings imap_*.", code=code)


def _told(error: Exception, box: Box) -> KoupreyError:
    kinds: tuple[tuple[type[Exception], str], ...] = (
        (socket.gaierror, "dns"),
        (ConnectionRefusedError, "refused"),
        (TimeoutError, "timeout"),
        (ssl.SSLError, "tls"),
    )
    code = next((word for kind, word in kinds if isinstance(error, kind)), "broken")
    return Unreachable(
        f"The mailbox at {box.host}:{box.port} cannot be read.",
        f"{type(error).__name__}: {error}"[:300],
        "It is tried again by itself; check the settings imap_* if it lasts.",
        code=code,
    )
