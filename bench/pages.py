"""Every page of a node with a million objects: what it takes to answer, and memory while a list is walked."""

from __future__ import annotations

import argparse
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
from html import unescape
from pathlib import Path
from urllib.parse import urldefrag

import httpx
from made import objects as made
from made.partner import furnish
from made.serving import command, free_port, served
from scale import build

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from browser.crawling import crawl  # noqa: E402  # tests are found by the path above
from kouprey.exchange.service import Exchange  # noqa: E402  # tests are found by the path above
from kouprey.kernel.web.door import Door  # noqa: E402  # tests are found by the path above
from kouprey.kernel.words.tlp import TLP  # noqa: E402  # tests are found by the path above
from kouprey.node.assemble import Node, open_node  # noqa: E402  # tests are found by the path above
from kouprey.node.web import build_web  # noqa: E402  # tests are found by the path above
from kouprey.people.model import Role  # noqa: E402  # tests are found by the path above
from kouprey.people.service import People  # noqa: E402  # tests are found by the path above

GOAL = 100.0
"""Milliseconds of the server for a page, at the 95th of a hundred."""
SEEDS = (
    "/intelligence?q=server",
    '/intelligence?q="control server"',
    "/intelligence?type=indicator",
    "/intelligence?type=indicator&tlp=TLP:GREEN",
    "/intelligence?source=partner-1.example",
    "/intelligence?revoked=yes",
)


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--objects", type=int, default=1_000_000)
    options.add_argument("--keep", type=Path, help="build the node here, or measure the one that was built here before")
    options.add_argument("--rounds", type=int, default=20)
    options.add_argument("--only", default="", help="addresses that hold this")
    options.add_argument("--walk", action="store_true", help="walk the list of everything to its end, too")
    chosen = options.parse_args()
    print(f"{time.strftime('%Y-%m-%d')}, {platform.platform()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as passing:
        folder = (chosen.keep or Path(passing)) / f"pages-{chosen.objects}"
        port = free_port()
        if not (folder / "built").exists():
            words = ["init", str(folder), "--party", made.HOME, "--name", "Bench"]
            command(*words, "--listen", f"127.0.0.1:{port}")
            node = open_node(folder)
            build(node.services.get(Exchange), node.store, chosen.objects)
            node.close()
            (folder / "built").touch()
        if not (folder / "furnished").exists():
            furnish(folder)
            (folder / "furnished").touch()
        late = 0
        for share, level in made.SHARES:
            node = open_node(folder)
            link, doors = _invite(node, level), tuple(build_web(node).doors)
            node.close()
            with served(folder, port) as server:
                late += _measure(port, server, link, doors, share, chosen)
    return int(late > 0)


def _measure(
    port: int,
    server: subprocess.Popen[bytes],
    link: str,
    doors: tuple[Door, ...],
    share: int,
    chosen: argparse.Namespace,
) -> int:
    """Addresses whose p95 is above the goal, of a reader who sees this share."""
    base = f"http://127.0.0.1:{port}"
    with httpx.Client(base_url=base, timeout=60, headers={"Accept-Encoding": "gzip", "Accept": "text/html"}) as client:
        client.post(f"/sign-in/{link}", headers={"Origin": base})

        def look(path: str) -> list[str] | None:
            if "/export" in path:
                # A download of everything is no page.
                return None
            answer = client.get(path)
            if answer.status_code != 200 or "text/html" not in answer.headers["content-type"]:
                return None
            return [urldefrag(unescape(each))[0] for each in re.findall(r'href="([^"]+)"', answer.text)]

        rows: list[tuple[float, float, int, str]] = []
        for _, address in crawl(doors, look, SEEDS):
            if chosen.only not in address or address.startswith("/sign-in"):
                continue
            spent = []
            for _ in range(chosen.rounds):
                began = time.perf_counter()
                size = len(client.get(address).content)
                spent.append((time.perf_counter() - began) * 1000)
                if sum(spent) > 5_000:
                    break
            spent.sort()
            rows.append((spent[min(len(spent) - 1, round(len(spent) * 0.95))], statistics.median(spent), size, address))
        rows.sort(reverse=True)
        late = sum(p95 > GOAL for p95, *_ in rows)
        print(
            f"\nreader who sees {share} %: {len(rows)} pages, {late} above {GOAL:g} ms;"
            f" memory {_resident(server):.0f} MiB"
        )
        print("   p95    median     bytes  page")
        for p95, median, size, address in rows[: max(12, late)]:
            print(f"{p95:7.1f} {median:9.1f} {size:9,}  {address[:110]}")
        if chosen.walk and share == made.SHARES[-1][0]:
            _walk(client, server)
        return late


def _walk(client: httpx.Client, server: subprocess.Popen[bytes]) -> None:
    """From the newest to the oldest by the link a person would follow."""
    address, pages, began, most = "/intelligence", 0, time.perf_counter(), 0.0
    first = _resident(server)
    while address:
        answer = client.get(address)
        answer.raise_for_status()
        found = re.search(r'rel="next" href="([^"]+)"', answer.text)
        address, pages = (unescape(found[1]) if found else ""), pages + 1
        if pages % 1000 == 0 or not address:
            most = max(most, _resident(server))
            print(f"\r{pages:,} pages, {_resident(server):.0f} MiB", end="", file=sys.stderr, flush=True)
    spent = time.perf_counter() - began
    print(
        f"\nwalked to the end: {pages:,} pages in {spent:,.0f} s, {spent / pages * 1000:.1f} ms each;"
        f" memory {first:.0f} MiB before, {most:.0f} MiB at most"
    )


def _invite(node: Node, level: TLP) -> str:
    people = node.services.get(People)
    person = people.save_person(f"Reader of {level.text}", tuple(Role), level, by="bench")
    return people.make_sign_in_link(person, by="bench")


def _resident(server: subprocess.Popen[bytes]) -> float:
    """MiB of the server's memory."""
    text = Path(f"/proc/{server.pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+)", text)
    return int(found[1]) / 1024 if found else 0.0


if __name__ == "__main__":
    sys.exit(main())
