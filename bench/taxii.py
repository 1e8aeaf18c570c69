"""TAXII over HTTP: how much a second and a second of processor time, beside medallion and OpenTAXII."""

from __future__ import annotations

import argparse
import http.client
import json
import os
import platform
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
import venv
from base64 import b64encode
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from kouprey.kernel.words.errors import KoupreyError
from kouprey.kernel.words.tlp import TLP
from kouprey.node.actors import Actor, wait_until
from kouprey.node.assemble import open_node
from kouprey.node.fiction import Cast
from kouprey.node.founding import found
from kouprey.people.model import Role
from kouprey.people.service import People

MEDIA_TYPE = "application/taxii+json;version=2.1"
BATCH = 1_000
GOALS = {
    "ingest": 6_000,
    "download": 60_000,
    "poll, nothing new": 1_500,
    "the same, two clients": 1_500,
    "match[id]": 1_000,
    "match[type], first 100": 400,
}
FAULTS = (AssertionError, KeyError, OSError, KoupreyError, subprocess.SubprocessError, http.client.HTTPException)
"""Why a server is given up and the next one is measured."""
PARTY = "cert.bench.example"


def generated(number: int) -> dict[str, Any]:
    """Three indicators in five, the rest relationships, sightings and malware; some 800 bytes each."""
    chance = random.Random(number)

    def name(kind: str, which: int) -> str:
        return f"{kind}--{uuid.UUID(int=random.Random(f'{kind}{which}').getrandbits(128), version=4)}"

    kind = ("indicator", "indicator", "indicator", "relationship", "malware")[number % 5]
    made = {
        "type": kind,
        "spec_version": "2.1",
        "id": name(kind, number),
        "created": "2026-01-01T00:00:00.000Z",
        "modified": f"2026-01-01T00:{number // 60 % 60:02}:{number % 60:02}.000Z",
    }
    text = " ".join(f"word{chance.randrange(5_000)}" for _ in range(40))
    if kind == "indicator":
        pattern = f"[domain-name:value = 'd{number}.example' OR ipv4-addr:value = '198.51.{number // 256 % 256}.7']"
        return made | {"pattern": pattern, "pattern_type": "stix", "valid_from": made["created"], "description": text}
    if kind == "malware":
        return made | {"name": f"thing {number}", "is_family": False, "description": text}
    ends = {"source_ref": name("indicator", number - 1), "target_ref": name("malware", number + 1)}
    return made | ends | {"relationship_type": "indicates", "description": text}


class Server:
    """A server under measurement: where it is, how to sign in, and its processes."""

    def __init__(self, name: str, address: str, path: str, authorization: str, pid: int) -> None:
        self.name, self.address, self.path, self.authorization, self.pid = name, address, path, authorization, pid
        self.connection = http.client.HTTPConnection(address, timeout=600)

    def request(self, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, Any, bytes]:
        """Status, headers and body, over one connection that stays open."""
        sent = {"Accept": MEDIA_TYPE, "Content-Type": MEDIA_TYPE}
        sent |= ({"Authorization": self.authorization} if self.authorization else {}) | headers
        self.connection.request(method, self.path + path, body, sent)
        answer = self.connection.getresponse()
        return answer.status, answer.headers, answer.read()

    def processor(self) -> float:
        """Seconds of processor time the server has used."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        several = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in (self.pid, *children)]
        return sum(int(fields[11]) + int(fields[12]) for fields in several) / os.sysconf("SC_CLK_TCK")

    def report(self, stage: str, work: Callable[[], int]) -> None:
        """Do some work and tell how many things of it were done a second, and a second of processor time."""
        used, begun = self.processor(), time.perf_counter()
        try:
            count = work()
        except (AssertionError, KeyError) as error:
            # An answer that is none ends this stage only: another server may still be good at the others.
            print(f"{self.name:<10} {stage:<24} no such answer, {type(error).__name__}: {str(error)[:200]}", flush=True)
            return
        seconds, used = time.perf_counter() - begun, self.processor() - used
        goal = GOALS.get(stage)
        rate = f"{count / seconds:>10,.0f}/s {count / max(used, 0.01):>10,.0f} per processor second"
        print(f"{self.name:<10} {stage:<24} {rate}" + (f"   goal {goal:,}" if goal else ""), flush=True)


def measure(server: Server, count: int, rounds: int, others: dict[str, str]) -> None:
    """Every stage against one server; what comes back is counted, and an answer that is none ends the stage."""
    # Made before they are sent: making a thing costs us more than sending it.
    bodies = [
        json.dumps({"objects": [generated(number) for number in range(begin, min(begin + BATCH, count))]}).encode()
        for begin in range(0, count, BATCH)
    ]
    last = ""

    def ingest() -> int:
        for body in bodies:
            status, _, told = server.request("POST", "objects/", body)
            told = json.loads(told)
            assert status == 202 and told["failure_count"] == 0, told
        return count

    def pages(what: str) -> int:
        nonlocal last
        seen, path = 0, f"{what}/?limit={BATCH}"
        while True:
            status, headers, body = server.request("GET", path)
            page = json.loads(body)
            assert status == 200, page
            seen += len(page["objects"])
            last = headers["X-TAXII-Date-Added-Last"]
            if not page.get("more"):
                assert seen == count, (seen, count)
                return seen
            path = f"{what}/?limit={BATCH}&next={quote(page['next'])}"

    def repeat(path: Callable[[int], str], wanted: int, **headers: str) -> Callable[[], int]:
        def work() -> int:
            for number in range(rounds):
                status, _, body = server.request("GET", path(number), **headers)
                assert status == 200 and len(json.loads(body).get("objects", [])) == wanted, (status, body[:200])
            return rounds

        return work

    server.report("ingest", ingest)
    server.report("download", lambda: pages("objects"))
    server.report("manifest", lambda: pages("manifest"))
    idle = f"objects/?added_after={quote(last)}"
    server.report("poll, nothing new", repeat(lambda _: idle, 0))
    server.report(
        "the same, two clients", lambda: sum(in_parallel(lambda: polls(server, idle, max(rounds // 4, 5)), 2))
    )
    for how, value in others.items():
        server.report(f"the same with {how}", repeat(lambda _: idle, 0, Authorization=value))
    any_id = [generated(number * 7919 % count)["id"] for number in range(rounds)]
    server.report("match[id]", repeat(lambda number: f"objects/?match[id]={any_id[number]}", 1))
    server.report("match[type], first 100", repeat(lambda _: "objects/?limit=100&match[type]=malware", 100))
    server.report("one object", repeat(lambda number: f"objects/{any_id[number]}/", 1))


def polls(server: Server, path: str, rounds: int) -> int:
    """The same request again and again over a connection of its own."""
    one = Server(server.name, server.address, server.path, server.authorization, server.pid)
    for _ in range(rounds):
        status, _, body = one.request("GET", path)
        assert status == 200 and not json.loads(body).get("objects"), (status, body[:200])
    return rounds


def in_parallel(work: Callable[[], int], count: int) -> list[int]:
    """What several threads give that do the same at once: one client alone waits for each answer before it asks on."""
    with ThreadPoolExecutor(count) as pool:
        return [each.result() for each in [pool.submit(work) for _ in range(count)]]


@contextmanager
def ours(folder: Path) -> Iterator[tuple[Server, dict[str, str]]]:
    """A node with its server in a process of its own."""
    address = free_address()
    identity = "identity--6f1e0a5e-8a41-4c57-9d4e-3b7f6f6a2f10"
    found(folder, party=PARTY, name="Bench", settings={"listen": address}, identity=identity, person="dara")
    node = open_node(folder)
    token, secret = node.services.get(People).create_token(PARTY, Role.CONTRIBUTOR, TLP.RED, by="bench")
    node.close()
    actor = Actor(Cast("bench", PARTY, "Bench", "Dara", "lead"), folder, address, f"http://{address}")
    actor.start()
    try:
        assert actor.process is not None
        path = "/taxii2/api/collections/main/"
        basic = f"Basic {b64encode(f'{token.user}:{secret}'.encode()).decode()}"
        yield Server("kouprey", address, path, f"Bearer {secret}", actor.process.pid), {"Basic": basic}
    finally:
        actor.stop()


def installed(folder: Path, *names: str) -> Path:
    """The programs of an environment that is thrown away, with these from PyPI."""
    folder.mkdir()
    venv.create(folder / "venv", with_pip=True)
    programs = folder / "venv" / "bin"
    subprocess.run([programs / "python", "-m", "pip", "install", "-q", *names], check=True, capture_output=True)
    return programs


def version(programs: Path, name: str) -> str:
    """Which one was installed."""
    asked = [programs / "python", "-c", f"from importlib.metadata import version; print(version({name!r}))"]
    return subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip()


@contextmanager
def peer(command: list[Any], address: str, **environment: str) -> Iterator[int]:
    """Another server in a process of its own; its id."""
    host, _, port = address.partition(":")
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ | environment
    )
    try:
        wait_until("it listens", lambda: process.poll() is not None or listens(host, int(port)), seconds=60)
        assert process.poll() is None, "it ends by itself: perhaps a dependency is too new for it"
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


@contextmanager
def medallion(folder: Path) -> Iterator[tuple[Server, dict[str, str]]]:
    """medallion with its memory back end."""
    programs = installed(folder, "medallion")
    collection, address = str(uuid.UUID(int=1, version=4)), free_address()
    may = {"can_read": True, "can_write": True, "media_types": ["application/stix+json;version=2.1"]}
    root = {
        "information": {"title": "api", "versions": [MEDIA_TYPE], "max_content_length": 100 << 20},
        "status": [],
        "collections": [{"id": collection, "title": "main", **may, "objects": [], "manifest": []}],
    }
    discovery = {"title": "bench", "default": "/api/", "api_roots": ["/api/"]}
    data, config = folder / "data.json", folder / "config.json"
    data.write_text(json.dumps({"/discovery": discovery, "api": root}))
    backend = {"module": "medallion.backends.memory_backend", "module_class": "MemoryBackend", "filename": str(data)}
    limits = {"max_page_size": BATCH, "max_content_length": 100 << 20}
    config.write_text(json.dumps({"backend": backend, "users": {"bench": "bench"}, "taxii": limits}))
    host, _, port = address.partition(":")
    with peer([programs / "medallion", "--host", host, "--port", port, config], address) as pid:
        authorization = f"Basic {b64encode(b'bench:bench').decode()}"
        yield (
            Server(
                f"medallion {version(programs, 'medallion')}",
                address,
                f"/api/collections/{collection}/",
                authorization,
                pid,
            ),
            {},
        )


@contextmanager
def opentaxii(folder: Path) -> Iterator[tuple[Server, dict[str, str]]]:
    """OpenTAXII on SQLite under gunicorn, its collection open to everybody: it hashes a password on every request."""
    programs = installed(folder, "opentaxii==0.10.0b1", "gunicorn", "setuptools<81")
    root, address, config = str(uuid.UUID(int=2, version=4)), free_address(), folder / "config.yml"
    database = {"db_connection": f"sqlite:///{folder / 'data.db'}", "create_tables": True}
    config.write_text(
        json.dumps(
            {
                "domain": address,
                "auth_api": {
                    "class": "opentaxii.auth.sqldb.SQLDatabaseAPI",
                    "parameters": database | {"secret": "a secret of the bench", "token_ttl_secs": 3600},
                },
                "taxii1": None,
                "taxii2": {
                    "persistence_api": {
                        "class": "opentaxii.persistence.sqldb.Taxii2SQLDatabaseAPI",
                        "parameters": database,
                    },
                    "title": "bench",
                    "public_discovery": True,
                    "max_content_length": 200 << 20,
                },
                "logging": {"opentaxii": "error", "root": "error"},
            }
        )
    )
    environment = {"OPENTAXII_CONFIG": str(config)}
    for words in (
        ["opentaxii-add-api-root", "-t", "api", "--public", "-i", root],
        ["opentaxii-add-collection", "-r", root, "-t", "main", "-a", "main", "--public", "--public-write"],
    ):
        command = [programs / words[0], *words[1:]]
        subprocess.run(command, check=True, capture_output=True, env=os.environ | environment)
    serve = [programs / "gunicorn", "-w", "1", "-b", address, "--timeout", "600", "opentaxii.http:app"]
    with peer(serve, address, **environment) as pid:
        yield (
            Server(
                f"opentaxii {version(programs, 'opentaxii')}", address, f"/taxii2/{root}/collections/main/", "", pid
            ),
            {},
        )


def free_address() -> str:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return f"127.0.0.1:{free.getsockname()[1]}"


def listens(host: str, port: int) -> bool:
    with socket.socket() as asked:
        return asked.connect_ex((host, port)) == 0


SIZES = ((ours, 500), (medallion, 500), (ours, 2_000), (medallion, 2_000), (ours, 10_000), (opentaxii, 10_000))
"""Each peer at the sizes it can be asked to hold, beside us; ours at 100,000 and what --million adds come after."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=2_000, help="of each kind, to us")
    parser.add_argument("--few", type=int, default=20, help="requests of each kind to the others, which are slow")
    parser.add_argument("--ours", action="store_true", help="leave the others out")
    parser.add_argument("--million", action="store_true", help="ours at a million objects too")
    options = parser.parse_args()
    print(f"{platform.platform()}, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}")
    sizes = [each for each in SIZES if each[0] is ours or not options.ours]
    for open_one, count in (*sizes, (ours, 100_000), *(((ours, 1_000_000),) if options.million else ())):
        rounds = options.requests if open_one is ours else options.few
        with tempfile.TemporaryDirectory(prefix="kouprey-bench-") as folder:
            try:
                with open_one(Path(folder) / "node") as (server, others):
                    print(f"{server.name}: {count:,} objects, {rounds:,} requests of each kind", flush=True)
                    measure(server, count, rounds, others)
            except FAULTS as error:
                print(f"{open_one.__name__}: given up, {type(error).__name__}: {str(error)[:300]}", file=sys.stderr)


if __name__ == "__main__":
    main()
