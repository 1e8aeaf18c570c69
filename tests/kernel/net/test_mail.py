"""Mail over a real socket: what a relay is given, how each failure is told, and when nothing was sent."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from kouprey.kernel.net.mail import Relay, send
from kouprey.kernel.words.errors import KoupreyError, Refused, Unreachable


class Box:
    """Keeps what comes; `answers` are said instead of taking it."""

    def __init__(self) -> None:
        self.came: list[Any] = []
        self.answers: dict[str, str] = {}

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if "RCPT" in self.answers:
            return self.answers["RCPT"]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if "DATA" in self.answers:
            return self.answers["DATA"]
        self.came.append(envelope)
        return "250 OK"


def message() -> EmailMessage:
    made = EmailMessage()
    made["Subject"] = "[TLP:GREEN] អ្វីដែលពាក់ព័ន្ធ"
    made["List-Unsubscribe"] = f"<http://node.example/{'x' * 120}>"
    made.set_content("first line\n.a line with a dot\n", cte="8bit")
    return made


@contextmanager
def relay(**more: Any) -> Iterator[tuple[Box, int]]:
    box = Box()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port, **more)
    controller.start()
    try:
        yield box, port
    finally:
        controller.stop()


def plain(port: int, **more: Any) -> Relay:
    return Relay(host="127.0.0.1", port=port, security="none", sender="kouprey@cert.example", timeout=5, **more)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for localhost that vouches for itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 7, now - timedelta(days=1), now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("tls")
    one, other = folder / "certificate.pem", folder / "key.pem"
    one.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    form = serialization.PrivateFormat.PKCS8
    other.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()))
    return one, other


def context_of(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return context


def code_of(call: Callable[[], None]) -> str:
    with pytest.raises(KoupreyError) as caught:
        call()
    assert caught.value.remedy
    return caught.value.code


def test_a_relay_gets_the_message_as_it_was_written() -> None:
    with relay() as (box, port):
        handed: list[int] = []
        send(plain(port), "security@bank.example", message(), lambda: handed.append(len(box.came)))
    (came,) = box.came
    assert (came.mail_from, came.rcpt_tos, handed) == ("kouprey@cert.example", ["security@bank.example"], [0])
    assert b"\r\n.a line with a dot\r\n" in came.content
    assert f"List-Unsubscribe: <http://node.example/{'x' * 120}>\r\n".encode() in came.content


def test_tls_is_held_to_the_authority_and_the_login_goes_through_it(certificate: tuple[Path, Path]) -> None:
    def check(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        good = isinstance(data, LoginPassword) and data.password == b"right"
        return AuthResult(success=good, handled=False)

    more = {"tls_context": context_of(certificate), "require_starttls": True, "authenticator": check}
    with relay(**more, auth_required=True) as (box, port):
        safe = Relay(
            host="localhost",
            port=port,
            user="kouprey",
            secret="right",
            sender="kouprey@cert.example",
            ca_file=str(certificate[0]),
            timeout=5,
        )
        send(safe, "security@bank.example", message())
        assert len(box.came) == 1
        import msgspec

        wrong = msgspec.structs.replace(safe, secret="wrong")
        assert code_of(lambda: send(wrong, "security@bank.example", message())) == "mail-login"
        assert "right" not in repr(safe) and "wrong" not in repr(wrong)
        strange = msgspec.structs.replace(safe, ca_file="")
        assert code_of(lambda: send(strange, "security@bank.example", message())) == "tls"
        assert len(box.came) == 1


def test_tls_from_the_first_byte(certificate: tuple[Path, Path]) -> None:
    with relay(ssl_context=context_of(certificate)) as (box, port):
        safe = Relay(
            host="localhost", port=port, security="tls", sender="k@cert.example", ca_file=str(certificate[0]), timeout=5
        )
        with suppress(Unreachable):
            send(safe, "security@bank.example", message())
    assert len(box.came) == 1


def test_a_relay_without_tls_is_not_spoken_to_in_the_clear() -> None:
    with relay() as (box, port):
        asks = Relay(host="127.0.0.1", port=port, sender="k@cert.example", timeout=5)
        assert code_of(lambda: send(asks, "security@bank.example", message())) == "mail-refused"
        assert box.came == []


@pytest.mark.parametrize(
    ("at", "said", "code", "handed"),
    [
        ("RCPT", "450 busy", "later", 0),
        ("RCPT", "550 nobody of that name", "mail-refused", 0),
        ("DATA", "451 later", "later", 1),
        ("DATA", "554 not this", "mail-refused", 1),
    ],
)
def test_what_a_relay_says_no_to(at: str, said: str, code: str, handed: int) -> None:
    calls: list[bool] = []
    with relay() as (box, port):
        box.answers[at] = said
        assert code_of(lambda: send(plain(port), "x@bank.example", message(), lambda: calls.append(True))) == code
        assert (len(calls), box.came) == (handed, [])


def test_nobody_listens_there() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert code_of(lambda: send(plain(port), "x@bank.example", message())) == "refused"
    nowhere = Relay(host="relay.invalid", security="none", sender="k@cert.example", timeout=5)
    assert code_of(lambda: send(nowhere, "x@bank.example", message())) == "dns"


def test_a_line_that_breaks_while_it_is_handed_over_leaves_it_open() -> None:
    """Whether the relay has it cannot be known, so it is not said to be unsent."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            line, _ = server.accept()
            with line:
                said = line.makefile("rwb")
                for answer in (b"220 hello\r\n", b"250 hello\r\n", b"250 ok\r\n", b"250 ok\r\n", b"354 go on\r\n"):
                    said.write(answer)
                    said.flush()
                    said.readline()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        port = server.getsockname()[1]
        assert code_of(lambda: send(plain(port), "x@bank.example", message())) == "unsure"
        thread.join(5)


def test_what_is_raised_before_it_is_handed_over_sends_nothing() -> None:
    def refuse() -> None:
        raise Refused("no", code="taken-over")

    with relay() as (box, port):
        with pytest.raises(Refused):
            send(plain(port), "x@bank.example", message(), refuse)
        assert box.came == []
