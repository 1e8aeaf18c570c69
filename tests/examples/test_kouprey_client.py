"""The client and the way to syslog, as users run them: against a node that is served, in a process of their own."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

EXAMPLES = Path(__file__).parents[2] / "examples"
Desk = Any
"""What the conftest of the interface builds."""


def load(name: str) -> ModuleType:
    sys.path.insert(0, str(EXAMPLES))
    try:
        spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module
    finally:
        sys.path.remove(str(EXAMPLES))


client, syslog = load("kouprey_client"), load("kouprey_to_syslog")


@pytest.fixture
def desk(request: pytest.FixtureRequest, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    path = Path(__file__).parents[1] / "exchange" / "api" / "conftest.py"
    spec = importlib.util.spec_from_file_location("desk_of_the_interface", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    founded = module.founded.__wrapped__(tmp_path_factory)
    yield from module.opened(tmp_path, founded)


def test_the_client_does_what_the_interface_can(desk: Desk) -> None:
    with desk.served() as origin:
        node = client.Kouprey(origin, desk.secret())
        added = node.add(desk.indicator(number) for number in range(1, 4))
        assert (added["kept"], added["refused"]) == (3, 0)
        assert [each["title"] for each in node.search("thing 2")] == ["thing 2 ខ្មែរ"]
        assert len(list(node.search(type=["indicator"], in_force=True))) == 3
        assert [each["asked"] for each in node.look_up(["10.0.0.1", "198.51.100.2"])] == ["198.51.100.2"]
        assert node.sight("198.51.100.2", count=2)["sightings"][0]["target"] == desk.indicator(2)["id"]
        assert node.get(f"/objects/{desk.indicator(2)['id']}")["times_seen"] == 2
        assert sum(b"indicator--" in line for line in node.export("ndjson", type="indicator")) == 3
        saved = node.post("/searches", {"name": "Mine"})
        assert node.patch(f"/searches/{saved['id']}", {"name": "Ours", "shared": False})["name"] == "Ours"
        assert node.delete(f"/searches/{saved['id']}") is None
        with pytest.raises(client.Problem, match="No object") as caught:
            node.get("/objects/malware--00000000-0000-4000-8000-000000000000")
        assert (caught.value.status, caught.value.code) == (404, "unknown-object")


def test_the_stream_goes_on_where_it_broke_off(desk: Desk) -> None:
    kept: list[str] = []
    with desk.served() as origin:
        node = client.Kouprey(origin, desk.secret())
        node.add(desk.indicator(number) for number in range(1, 4))
        first = node.stream(since="2026-01-01T00:00:00Z", seen=kept.append)
        assert next(first)["id"] == desk.indicator(1)["id"]
        assert next(first)["id"] == desk.indicator(2)["id"]
        first.close()
        # The second was taken and not yet done with, so it comes again.
        again = node.stream(kept[-1])
        assert [next(again)["id"] for _ in range(2)] == [desk.indicator(number)["id"] for number in (2, 3)]
        again.close()


def taken_by(server: socket.socket, scheme: str, tls: ssl.SSLContext | None, count: int) -> list[bytes]:
    """The messages a receiver gets."""
    server.settimeout(20)
    if scheme == "udp":
        return [server.recv(65_535) for _ in range(count)]
    connection, _ = server.accept()
    if tls is not None:
        connection = tls.wrap_socket(connection, server_side=True)
    connection.settimeout(20)
    found = []
    with connection, connection.makefile("rb") as stream:
        for _ in range(count):
            digits = b""
            while not digits.endswith(b" "):
                digits += stream.read(1)
            found.append(stream.read(int(digits)))
    return found


@pytest.mark.parametrize("scheme", ["udp", "tcp", "tls"])
def test_what_is_new_reaches_a_syslog_receiver_and_goes_on_after_a_kill(
    desk: Desk, tmp_path: Path, scheme: str
) -> None:
    desk.keep(*(desk.indicator(number) for number in range(1, 4)))
    tls, more = None, []
    if scheme == "tls":
        files = [str(tmp_path / name) for name in ("key.pem", "certificate.pem")]
        command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        command += ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"]
        try:
            subprocess.run([*command, "-keyout", files[0], "-out", files[1]], check=True, capture_output=True)
        except OSError:
            pytest.skip("openssl is not installed")
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(files[1], files[0])
        more = ["--ca", files[1]]
    state = tmp_path / "position"
    state.write_text("1")
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM if scheme == "udp" else socket.SOCK_STREAM)
    with desk.served() as origin, server:
        server.bind(("127.0.0.1", 0))
        if scheme != "udp":
            server.listen()
        receiver = f"{scheme}://127.0.0.1:{server.getsockname()[1]}"
        script = [sys.executable, str(EXAMPLES / "kouprey_to_syslog.py"), origin, receiver, "--state", str(state)]
        seen: set[str] = set()
        for wanted in (3, 1):
            running = subprocess.Popen([*script, *more], env={**os.environ, "KOUPREY_TOKEN": desk.secret()})
            try:
                for raw in taken_by(server, scheme, tls, wanted):
                    match = re.fullmatch(
                        rb"<110>1 \S+Z 127\.0\.0\.1 kouprey - object \[kouprey@32473 id=\"(\S+)\" type=\"indicator\""
                        rb" version=\"\S+\"\](?: \xef\xbb\xbf(\{.*\}))?",
                        raw,
                    )
                    assert match is not None, raw
                    seen.add(match[1].decode())
                    assert match[2] and json.loads(match[2])["id"] == match[1].decode()
            finally:
                running.kill()
                running.wait()
            desk.keep(desk.indicator(4))
        assert int(state.read_text()) > 1
        assert {desk.indicator(number)["id"] for number in (1, 2, 3)} <= seen


@given(st.text(max_size=30), st.text(max_size=30))
def test_no_value_breaks_out_of_structured_data(kind: str, version: str) -> None:
    event = {"id": "x", "type": kind, "version": version, "added": "2026-01-01T00:00:00Z"}
    whole = syslog.message(event, "host").decode(errors="surrogatepass") if kind.isprintable() else ""
    inside = re.sub(r"\\[\\\"\]]", "", whole)
    assert inside.count("]") <= 1 and inside.count('"') in (0, 6)
