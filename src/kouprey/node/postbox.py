"""The postbox of the story: takes the mail of a node on this machine and keeps it, so that nothing is sent anywhere."""

from __future__ import annotations

import threading
from email import message_from_bytes, policy
from email.message import EmailMessage
from socketserver import StreamRequestHandler, ThreadingTCPServer

_LONGEST = 1 << 20
"""Bytes of a mail; what is longer is no digest."""


class Postbox(ThreadingTCPServer):
    """A relay (RFC 5321) on a free port of this machine: `came` is what it was given. Used as a context."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Clerk)
        self.came: list[EmailMessage] = []
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def settings(self, party: str) -> dict[str, object]:
        """The settings by which a node of this party writes to it."""
        return {
            "smtp_host": "127.0.0.1",
            "smtp_port": self.port,
            "smtp_security": "none",
            "smtp_from": f"kouprey@{party}",
        }

    def server_close(self) -> None:
        self.shutdown()
        super().server_close()


class _Clerk(StreamRequestHandler):
    """One connection."""

    timeout = 10.0

    def handle(self) -> None:
        self._say("220 the postbox of the story")
        while line := self.rfile.readline(_LONGEST):
            word = line[:4].upper()
            if word == b"DATA":
                self._say("354 go on")
                if not self._take():
                    return
            if word == b"QUIT":
                self._say("221 good-bye")
                return
            self._say("250 so be it")

    def _take(self) -> bool:
        """Read a mail to its end; False when the connection broke before."""
        lines: list[bytes] = []
        while sum(map(len, lines)) < _LONGEST and (line := self.rfile.readline(_LONGEST)):
            if line == b".\r\n":
                assert isinstance(self.server, Postbox)
                self.server.came.append(message_from_bytes(b"".join(lines), policy=policy.default))
                return True
            # A line that begins with a dot was given one more (section 4.5.2).
            lines.append(line[1:] if line.startswith(b".") else line)
        return False

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())
