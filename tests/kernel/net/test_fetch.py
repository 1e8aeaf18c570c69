"""The way out, against real servers: pinned addresses, caps, deadlines, and reasons instead of tracebacks."""

import datetime
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.kernel.net.fetch import Fetcher, read_url
from kouprey.kernel.words.errors import Damaged, KoupreyError, Unreachable


class Handler(BaseHTTPRequestHandler):
    """A partner with several bad habits, one per path."""

    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        getattr(self, "at_" + self.path.split("?")[0].strip("/"), self.at_echo)()

    do_POST = do_GET

    def _send(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def at_echo(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        seen = f"{self.command} {self.path} {self.headers['Host']} {self.headers['Accept-Encoding']}\n".encode()
        self._send(200, seen + body, X_Twice="a", x_twice="b")

    def at_redirect(self) -> None:
        self._send(302, b"", Location="http://169.254.169.254/")

    def at_big(self) -> None:
        self._send(200, b"x" * 5000)

    def at_chunked(self) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for _ in range(50):
            self.wfile.write(b"64\r\n" + b"y" * 100 + b"\r\n")
        self.wfile.write(b"0\r\n\r\n")

    def at_drip(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        for _ in range(1000):
            self.wfile.write(b"z")
            self.wfile.flush()
            time.sleep(0.05)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    served = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.daemon_threads = True
    served.handle_error = lambda request, client: None  # type: ignore[method-assign]  # clients hang up on purpose
    threading.Thread(target=served.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{served.server_port}"
    served.shutdown()
    served.server_close()


@pytest.fixture
def out() -> Iterator[Fetcher]:
    fetcher = Fetcher(allow_private=True, timeout=5, connect=1)
    yield fetcher
    fetcher.close()


def raw_server(reply: Callable[[socket.socket], None]) -> str:
    """A server that answers one connection with whatever `reply` sends."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with listening:
            connection, _ = listening.accept()
            with connection:
                reply(connection)

    threading.Thread(target=serve, daemon=True).start()
    return f"http://127.0.0.1:{listening.getsockname()[1]}/"


def test_request_and_answer(server: str, out: Fetcher) -> None:
    answer = out.request("POST", server + "/echo?a=b", {"X-One": "1"}, b"body")
    host = server.removeprefix("http://")
    assert answer.status == 200
    assert answer.body == f"POST /echo?a=b {host} identity\nbody".encode()
    assert answer.headers["x-twice"] == "a, b"
    assert answer.url == server + "/echo?a=b"


def test_redirects_are_not_followed(server: str, out: Fetcher) -> None:
    answer = out.request("GET", server + "/redirect")
    assert (answer.status, answer.headers["location"]) == (302, "http://169.254.169.254/")


@pytest.mark.parametrize("path", ["/big", "/chunked"])
def test_oversize_is_refused(server: str, out: Fetcher, path: str) -> None:
    assert len(out.request("GET", server + path, cap=5000).body) == 5000
    with pytest.raises(Unreachable) as refused:
        out.request("GET", server + path, cap=4999)
    assert refused.value.code == "too-large"
    assert refused.value.why and refused.value.remedy
    assert out.request("GET", server + "/echo").status == 200


def test_drip_ends_at_the_deadline(server: str, out: Fetcher) -> None:
    start = time.monotonic()
    with pytest.raises(Unreachable) as refused:
        out.request("GET", server + "/drip", deadline=0.4)
    assert refused.value.code == "timeout"
    assert time.monotonic() - start < 1.0


def test_dripping_headers_end_at_the_deadline(out: Fetcher) -> None:
    def reply(connection: socket.socket) -> None:
        connection.recv(1000)
        for letter in "HTTP/1.1 200 OK\r\nX-Slow: " + "s" * 500:
            try:
                connection.sendall(letter.encode())
            except OSError:
                return
            time.sleep(0.05)

    start = time.monotonic()
    with pytest.raises(Unreachable) as refused:
        out.request("GET", raw_server(reply), deadline=0.3)
    assert refused.value.code == "timeout"
    assert time.monotonic() - start < 1.0


@pytest.mark.parametrize(
    "sent",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nX: " + b"h" * 200_000,
        bytes(range(256)),
    ],
)
def test_garbage_is_explained(out: Fetcher, sent: bytes) -> None:
    def reply(connection: socket.socket) -> None:
        connection.recv(1000)
        connection.sendall(sent)

    with pytest.raises(Unreachable) as refused:
        out.request("GET", raw_server(reply))
    assert refused.value.code == "broken"


def test_closed_port(out: Fetcher) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with pytest.raises(Unreachable) as refused:
        out.request("GET", f"http://127.0.0.1:{port}/")
    assert refused.value.code == "refused"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0177.0.0.1", "0x7f.1", "127.1", "[::1]"])
def test_private_addresses_are_refused_however_written(server: str, host: str) -> None:
    port = server.rpartition(":")[2]
    with pytest.raises(Unreachable) as refused:
        Fetcher().request("GET", f"http://{host}:{port}/echo")
    assert refused.value.code in ("private-address", "dns")
    if host != "[::1]":
        assert refused.value.code == "private-address"


def test_one_forbidden_address_refuses_the_name(server: str) -> None:
    fetcher = Fetcher(resolver=lambda host, port: ["8.8.8.8", "10.0.0.1"])
    with pytest.raises(Unreachable) as refused:
        fetcher.request("GET", "http://feed.example/")
    assert refused.value.code == "private-address"


def test_a_name_is_resolved_once_and_pinned(server: str) -> None:
    asked: list[str] = []

    def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["127.0.0.2"]

    fetcher = Fetcher(allow_private=True, resolver=rebinding)
    port = server.rpartition(":")[2]
    for _ in range(3):
        answer = fetcher.request("GET", f"http://feed.example:{port}/echo")
        assert f"feed.example:{port}".encode() in answer.body
    assert asked == ["feed.example"]
    fetcher.close()


def test_unknown_and_slow_names() -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror("no such name")

    def slow(host: str, port: int) -> list[str]:
        time.sleep(1.5)
        return ["8.8.8.8"]

    for resolver in (unknown, slow, lambda host, port: []):
        start = time.monotonic()
        with pytest.raises(Unreachable) as refused:
            Fetcher(resolver=resolver, connect=0.2).request("GET", "http://nobody.example/")
        assert refused.value.code == "dns"
        assert time.monotonic() - start < 1.0


def test_second_address_is_tried(server: str) -> None:
    fetcher = Fetcher(allow_private=True, resolver=lambda host, port: ["127.0.0.77", "127.0.0.1"])
    port = server.rpartition(":")[2]
    assert fetcher.request("GET", f"http://two.example:{port}/echo").status == 200
    fetcher.close()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://a.example/",
        "file:///etc/passwd",
        "http://user:secret@a.example/",
        "http://a.example\\@127.0.0.1/",
        "http:///path",
        "http://a.example:0/",
        "http://a.example:99999/",
        "http://a.example/a b",
        "http://a.example/\r\nX: y",
        "http://[::1/",
        "http://" + "a" * 70 + ".example/",
    ],
)
def test_bad_urls(out: Fetcher, url: str) -> None:
    with pytest.raises(Damaged) as refused:
        out.request("GET", url)
    assert refused.value.code == "bad-url"


def test_bad_headers(server: str, out: Fetcher) -> None:
    for headers in ({"X-A": "b\r\nX-C: d"}, {"X-A": "ប៉ុន្តែ"}, {"X A": "b"}):
        with pytest.raises(Damaged) as refused:
            out.request("GET", server + "/echo", headers)
        assert refused.value.code == "bad-header"


@given(st.text(max_size=60).map(lambda text: "http://" + text) | st.text(max_size=60))
def test_any_text_is_a_place_or_refused(text: str) -> None:
    try:
        place = read_url(text)
    except KoupreyError as error:
        assert error.code == "bad-url"
    else:
        assert place.scheme in ("http", "https") and place.host and 0 < place.port < 65536
        assert place.target.isascii() and place.target.startswith("/")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
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
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "partner.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


def test_tls(certificate: Path) -> None:
    served = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.handle_error = lambda request, client: None  # type: ignore[method-assign]  # clients hang up on purpose
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    served.socket = context.wrap_socket(served.socket, server_side=True)
    threading.Thread(target=served.serve_forever, args=(0.05,), daemon=True).start()

    def trusting() -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(certificate))

    def here(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    try:
        good = Fetcher(allow_private=True, tls=trusting, resolver=here)
        assert good.request("GET", f"https://partner.example:{served.server_port}/echo").status == 200
        with pytest.raises(Unreachable) as other_name:
            good.request("GET", f"https://other.example:{served.server_port}/echo")
        assert other_name.value.code == "tls"
        with pytest.raises(Unreachable) as untrusted:
            Fetcher(allow_private=True).request("GET", f"https://127.0.0.1:{served.server_port}/echo")
        assert untrusted.value.code == "tls"
        good.close()
    finally:
        served.shutdown()
        served.server_close()


def test_plain_server_asked_for_tls(server: str, out: Fetcher) -> None:
    with pytest.raises(Unreachable) as refused:
        out.request("GET", server.replace("http:", "https:") + "/")
    assert refused.value.code == "tls"
