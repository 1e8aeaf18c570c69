"""Calls through an HTTP proxy, and a client certificate for whoever asks for one; all against real servers."""

from __future__ import annotations

import datetime
import ipaddress
import select
import socket
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

import pytest

from kouprey.kernel.net.fetch import Fetcher, Way
from kouprey.kernel.words.errors import Damaged, Unreachable


class Node(BaseHTTPRequestHandler):
    """A partner that says what it was asked, and who showed a certificate."""

    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        shown = self.connection.getpeercert() if isinstance(self.connection, ssl.SSLSocket) else None
        body = f"{self.path} {self.headers['Host'].partition(':')[0]} {'shown' if shown else 'bare'}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Proxy(BaseHTTPRequestHandler):
    """An ordinary proxy: it forwards what is plain and tunnels the rest, and knows names that nobody else does."""

    protocol_version = "HTTP/1.1"
    asked: ClassVar[list[str]] = []
    refuse = False
    port = 0

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        self.asked.append(f"GET {self.path}")
        with socket.create_connection(("127.0.0.1", self.port)) as node:
            target = urlsplit(self.path).path
            node.sendall(f"GET {target} HTTP/1.1\r\nHost: {self.headers['Host']}\r\nConnection: close\r\n\r\n".encode())
            while part := node.recv(65_536):
                self.wfile.write(part)
        self.close_connection = True

    def do_CONNECT(self) -> None:
        self.asked.append(f"CONNECT {self.path}")
        if self.refuse:
            self.send_error(403, "Not allowed")
            return
        self.send_response(200)
        self.end_headers()
        with socket.create_connection(("127.0.0.1", self.port)) as node:
            ends = {self.connection: node, node: self.connection}
            while True:
                for end in select.select(list(ends), [], [])[0]:
                    part = end.recv(65_536)
                    if not part:
                        self.close_connection = True
                        return
                    ends[end].sendall(part)


def serve(handler: type[BaseHTTPRequestHandler], tls: ssl.SSLContext | None = None) -> ThreadingHTTPServer:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    server.handle_error = lambda request, client: None  # type: ignore[method-assign]  # clients hang up on purpose
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    return server


@pytest.fixture
def proxy() -> Iterator[tuple[str, type[Proxy]]]:
    own = type("Own", (Proxy,), {"asked": []})
    server = serve(own)
    yield f"http://127.0.0.1:{server.server_port}", own
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for partner.example with its key, which vouches for itself."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "partner.example")])
    now = datetime.datetime.now(datetime.UTC)
    names = [x509.DNSName("partner.example"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("way") / "partner.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return path


@pytest.fixture
def node(pem: Path) -> Iterator[int]:
    """A partner that asks for a certificate and lets in who has none."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    context.load_verify_locations(pem)
    context.verify_mode = ssl.CERT_OPTIONAL
    server = serve(Node, context)
    yield server.server_port
    server.shutdown()
    server.server_close()


def trusting(way: Way, pem: Path) -> ssl.SSLContext:
    context = way.tls()
    context.load_verify_locations(pem)
    return context


def test_a_plain_call_is_forwarded_to_a_name_only_the_proxy_knows(proxy: tuple[str, type[Proxy]]) -> None:
    url, own = proxy
    plain = serve(Node)
    own.port = plain.server_port
    fetcher = Fetcher(way=Way(proxy=url))
    assert fetcher.request("GET", "http://partner.example:8420/link").body == b"/link partner.example bare"
    assert own.asked == ["GET http://partner.example:8420/link"]
    fetcher.close()
    plain.shutdown()


def test_a_protected_call_is_tunnelled_and_shows_the_certificate(
    proxy: tuple[str, type[Proxy]], node: int, pem: Path
) -> None:
    url, own = proxy
    own.port = node
    for way, said in ((Way(proxy=url), b"bare"), (Way(proxy=url, certificate=str(pem)), b"shown")):
        fetcher = Fetcher(way=way, tls=lambda way=way: trusting(way, pem))  # type: ignore[misc]  # mypy cannot infer a lambda with defaults
        answer = fetcher.request("GET", "https://partner.example/link")
        assert answer.body == b"/link partner.example " + said
        fetcher.close()
    assert own.asked == ["CONNECT partner.example:443"] * 2


def test_a_proxy_that_refuses_is_named(proxy: tuple[str, type[Proxy]]) -> None:
    url, own = proxy
    own.refuse = True
    with pytest.raises(Unreachable, match="403") as refused:
        Fetcher(way=Way(proxy=url)).request("GET", "https://partner.example/")
    assert refused.value.code == "proxy" and "link_proxy" in refused.value.remedy


def test_a_number_inside_is_refused_before_the_proxy_is_asked(proxy: tuple[str, type[Proxy]]) -> None:
    url, own = proxy
    for inside in ("http://10.0.0.1/", "https://127.0.0.1/", "http://[::1]/"):
        with pytest.raises(Unreachable) as refused:
            Fetcher(way=Way(proxy=url)).request("GET", inside)
        assert refused.value.code == "private-address"
    assert own.asked == []


def test_a_certificate_that_cannot_be_read_is_named(tmp_path: Path, pem: Path) -> None:
    (tmp_path / "broken.pem").write_text("nothing")
    for certificate in ("missing.pem", "broken.pem"):
        with pytest.raises(Damaged, match="link_certificate"):
            Way(certificate=str(tmp_path / certificate)).tls()
    assert Way(certificate=str(pem), key=str(pem)).tls()
