"""Listening: certificates that change under a running server, proxies by name, and an end that loses no request."""

from __future__ import annotations

import contextlib
import datetime
import json
import shutil
import signal
import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from kouprey.node.listening import Certificate
from kouprey.node.settings import Settings

Until = Callable[..., None]
ELSEWHERE = {"x-forwarded-for": "203.0.113.9", "x-forwarded-proto": "https", "x-forwarded-host": "evil.example"}


def make_pair(certificate: Path, key: Path, serial: int) -> None:
    """A self-signed certificate of 127.0.0.1 with this serial number, and its key."""
    secret = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "node.example")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder(name, name, secret.public_key(), serial)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=9))
        .sign(secret, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    key.write_bytes(secret.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    certificate.write_bytes(made.public_bytes(pem))


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    made = tmp_path / "node.crt", tmp_path / "node.key"
    make_pair(*made, serial=1)
    return made


def serial_at(port: int) -> int:
    """The serial number of the certificate a server shows."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", port)) as raw, context.wrap_socket(raw) as wrapped:
        held = wrapped.getpeercert(binary_form=True)
    assert held is not None
    return x509.load_der_x509_certificate(held).serial_number


def test_a_changed_certificate_is_taken_without_a_restart(
    start: Callable[..., Any],
    port: int,
    pair: tuple[Path, Path],
    until: Until,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in zip(("CERTIFICATE", "KEY"), pair, strict=True):
        monkeypatch.setenv(f"KOUPREY_TLS_{name}", str(value))
    server = start("--listen", f"127.0.0.1:{port}")
    assert server.first_line() == f"Ready at https://127.0.0.1:{port}"
    with httpx.Client(base_url=f"https://127.0.0.1:{port}", verify=False) as open_before:
        assert "max-age" in open_before.get("/healthz").headers["strict-transport-security"]
        assert serial_at(port) == 1
        pair[0].write_bytes(b"half a certi")
        make_pair(*pair, serial=2)
        until(lambda: serial_at(port) == 2)
        assert open_before.get("/healthz").status_code == 200
    assert server.end(signal.SIGTERM)[0] == 0


def serial_of(server: ssl.SSLContext) -> int:
    """The serial number of the certificate that a context shows in a handshake in memory."""
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = client.wrap_bio(to_client, to_server), server.wrap_bio(to_server, to_client, server_side=True)
    for end in ends * 4:
        with contextlib.suppress(ssl.SSLWantReadError):
            end.do_handshake()
    held = ends[0].getpeercert(binary_form=True)
    assert held is not None
    return x509.load_der_x509_certificate(held).serial_number


def test_a_pair_that_does_not_fit_changes_nothing(pair: tuple[Path, Path], tmp_path: Path) -> None:
    certificate = Certificate(Settings(tls_certificate=str(pair[0]), tls_key=str(pair[1])))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*pair)
    assert not certificate.renew(context), "nothing has changed"
    make_pair(pair[0], tmp_path / "other.key", serial=2)
    assert not certificate.renew(context), "the key is still the old one"
    assert serial_of(context) == 1
    (tmp_path / "other.key").replace(pair[1])
    assert certificate.renew(context) and not certificate.renew(context)
    assert serial_of(context) == 2
    pair[0].unlink()
    assert not certificate.renew(context)


def requests_seen(err: str) -> list[dict[str, Any]]:
    """The requests in a log."""
    lines = [json.loads(each) for each in err.splitlines()]
    return [each for each in lines if each["text"] == "answered"]


@pytest.mark.parametrize(
    ("proxies", "client"), [("", "127.0.0.1"), ("10.9.9.0/24", "127.0.0.1"), ("127.0.0.1", "203.0.113.9")]
)
def test_only_named_proxies_say_who_asks(
    start: Callable[..., Any], port: int, monkeypatch: pytest.MonkeyPatch, proxies: str, client: str
) -> None:
    monkeypatch.setenv("KOUPREY_TRUSTED_PROXIES", proxies)
    monkeypatch.setenv("KOUPREY_LOG_LEVEL", "info")
    server = start("--listen", f"127.0.0.1:{port}", "--url", "https://node.example")
    assert server.first_line() == "Ready at https://node.example"
    at = f"http://127.0.0.1:{port}"
    own = {"host": "node.example", **ELSEWHERE}
    assert httpx.get(f"{at}/sign-in", headers=own).status_code == 200
    assert httpx.get(f"{at}/sign-in", headers={**ELSEWHERE, "host": "evil.example"}).status_code == 403
    code, err, _ = server.end(signal.SIGTERM)
    assert code == 0
    assert {each["client"] for each in requests_seen(err)} == {client}


def test_a_request_under_way_is_finished_before_the_end(start: Callable[..., Any], port: int) -> None:
    server = start("--listen", f"127.0.0.1:{port}")
    assert server.first_line()
    form = b"link=" + b"a" * 60
    head = f"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\n".encode()
    head += b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n" % len(form)
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(head + form[:10])
        httpx.get(f"http://127.0.0.1:{port}/healthz")
        server.process.send_signal(signal.SIGTERM)
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
            except OSError:
                break
        connection.sendall(form[10:])
        assert connection.recv(4_096).startswith(b"HTTP/1.1 303")
    assert server.wait() == (0, "")


NGINX = """
daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{front} ssl;
    ssl_certificate {certificate}; ssl_certificate_key {key};
    {directives}
  }}
}}
"""


@pytest.fixture
def nginx(tmp_path: Path, pair: tuple[Path, Path], until: Until) -> Iterator[Callable[[int], int]]:
    """Start a real proxy before a node at a port, with what the runbook says; the port it listens on."""
    program = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
    if program is None:
        pytest.skip("nginx is not installed")
    started: list[subprocess.Popen[bytes]] = []

    def begin(back: int) -> int:
        with socket.create_server(("127.0.0.1", 0)) as free:
            front = int(free.getsockname()[1])
        page = (Path(__file__).parents[2] / "docs" / "how-to" / "run-a-node.md").read_text("utf-8")
        directives = page.partition("```nginx\n")[2].partition("```")[0].replace("127.0.0.1:8420", f"127.0.0.1:{back}")
        assert "proxy_pass" in directives
        file = tmp_path / "nginx.conf"
        values = {"folder": tmp_path, "front": front, "certificate": pair[0], "key": pair[1]}
        file.write_text(NGINX.format(directives=directives, **values), "utf-8")
        started.append(subprocess.Popen([program, "-c", str(file)], stderr=subprocess.PIPE))
        until(lambda: answers(front))
        return front

    yield begin
    for process in started:
        process.terminate()
        process.communicate(timeout=10)


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def test_behind_nginx_cookies_are_secure_and_clients_are_theirs(
    start: Callable[..., Any],
    port: int,
    nginx: Callable[[int], int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("KOUPREY_TRUSTED_PROXIES", "127.0.0.1")
    monkeypatch.setenv("KOUPREY_LOG_LEVEL", "info")
    server = start("--listen", f"127.0.0.1:{port}", "--url", "https://node.example")
    assert server.first_line()
    front = nginx(port)
    own = {"host": "node.example", "x-forwarded-for": "203.0.113.9"}
    from_elsewhere = httpx.HTTPTransport(verify=False, local_address="127.0.0.2")
    with httpx.Client(base_url=f"https://127.0.0.1:{front}", transport=from_elsewhere, headers=own) as client:
        assert client.get("/sign-in").status_code == 200
        assert client.get("/sign-in", headers={"host": "evil.example"}).status_code == 403
        chosen = client.post("/look", data={"theme": "dark"}, headers={"origin": "https://node.example"})
        assert chosen.status_code == 303
        assert chosen.headers["set-cookie"].startswith("__Host-kouprey-") and "Secure" in chosen.headers["set-cookie"]
        for origin in ("http://node.example", "https://evil.example", f"https://127.0.0.1:{front}"):
            assert client.post("/look", data={"theme": "dark"}, headers={"origin": origin}).status_code == 403
    code, err, _ = server.end(signal.SIGTERM)
    assert code == 0
    # The proxy says whom it sees, whatever the client claimed before it.
    assert {each["client"] for each in requests_seen(err)} == {"127.0.0.2"}
