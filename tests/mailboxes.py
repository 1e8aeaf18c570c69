"""A mailbox on this machine with as much IMAP over TLS (RFC 9051) as a reader needs; it notes what it is asked."""

from __future__ import annotations

import re
import ssl
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def certify(folder: Path) -> tuple[Path, Path]:
    """A certificate for localhost that vouches for itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 7, now - timedelta(days=1), now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    certificate, private = folder / "box.pem", folder / "box.key"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return certificate, private


class Mailbox(ThreadingTCPServer):
    """`mails` are UID -> bytes; `said` are the commands that came, without the password. Used as a context."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Clerk)
        self.certificate, key = certify(folder)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(self.certificate, key)
        self.mails: dict[int, bytes] = {}
        self.said: list[str] = []
        self.validity, self.password = 7, "right"
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def server_close(self) -> None:
        self.shutdown()
        super().server_close()


class _Clerk(StreamRequestHandler):
    timeout = 10.0

    def setup(self) -> None:
        assert isinstance(self.server, Mailbox)
        self.box = self.server
        self.request = self.box.context.wrap_socket(self.request, server_side=True)
        super().setup()

    def handle(self) -> None:
        self._say("* OK here")
        while line := self.rfile.readline(10_000):
            tag, _, rest = line.decode().strip().partition(" ")
            word = rest.partition(" ")[0].upper()
            self.box.said.append("LOGIN" if word == "LOGIN" else rest)
            if not self._answer(tag, word, rest):
                return

    def _answer(self, tag: str, word: str, rest: str) -> bool:
        if word == "CAPABILITY":
            self._say("* CAPABILITY IMAP4rev1")
        elif word == "LOGIN" and f'"{self.box.password}"' not in rest:
            self._say(f"{tag} NO who are you")
            return True
        elif word in ("EXAMINE", "SELECT"):
            if '"INBOX"' not in rest:
                self._say(f"{tag} NO there is none")
                return True
            self._say(f"* {len(self.box.mails)} EXISTS", f"* OK [UIDVALIDITY {self.box.validity}] so it is")
            self._say(f"{tag} OK [READ-ONLY] opened")
            return True
        elif word == "UID":
            self._fetch(rest)
        elif word == "LOGOUT":
            self._say("* BYE", f"{tag} OK bye")
            return False
        self._say(f"{tag} OK done")
        return True

    def _fetch(self, rest: str) -> None:
        which = rest.split()[2]
        first = int(which.partition(":")[0])
        uids = sorted(self.box.mails)
        chosen = [uid for uid in uids if uid >= first or uid == uids[-1]] if ":" in which else [first]
        piece = re.search(r"BODY\.PEEK\[\]<(\d+)\.(\d+)>", rest)
        for number, uid in enumerate(chosen, 1):
            body = self.box.mails[uid]
            if piece is None:
                self._say(f"* {number} FETCH (UID {uid} RFC822.SIZE {len(body)})")
                continue
            part = body[int(piece[1]) :][: int(piece[2])]
            self.wfile.write(f"* {number} FETCH (UID {uid} BODY[]<{piece[1]}> {{{len(part)}}}\r\n".encode())
            self.wfile.write(part + b")\r\n")

    def _say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())
