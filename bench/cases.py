"""A hundred thousand cases with five million items: what their pages take to answer."""

from __future__ import annotations

import argparse
import os
import platform
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

import httpx
from made.serving import command, free_port, served

from kouprey.agreements.service import Agreements
from kouprey.kernel.storage import labels
from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.time import SECOND
from kouprey.kernel.words.tlp import TLP
from kouprey.node.assemble import Node, open_node
from kouprey.people.model import Role
from kouprey.people.service import People
from kouprey.response.model.cases import Act, Case, Fact, Item, Moment, Note, Phase, Seen, Severity, Task, Track
from kouprey.response.model.taxonomy import RSIT
from kouprey.response.rules.items import key_of, sort_of
from kouprey.response.store import cases as rows

GOAL = 100.0
"""Milliseconds of the server for a page, at the 95th of a hundred."""
HOME = "cert.bench.example"
LEVELS = (TLP.GREEN, TLP.AMBER, TLP.AMBER, TLP.RED)
ADDRESSES = (
    "/cases",
    "/cases?text=host",
    "/cases?text=%23777",
    "/cases?state=any&text=nothing-like-this",
    "/cases?severity=critical&border=yes",
    "/cases?state=closed&category=fraud",
    "/cases?before=1790000000000000-case_",
    "/cases/times",
    "/cases/new",
    "/api/v1/cases?state=any",
)


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--cases", type=int, default=100_000)
    options.add_argument("--items", type=int, default=50, help="of each case; one case has a thousand times as many")
    options.add_argument("--rounds", type=int, default=30)
    options.add_argument("--keep", type=Path, help="build the node here, or measure the one that was built here before")
    chosen = options.parse_args()
    print(f"{time.strftime('%Y-%m-%d')}, {platform.platform()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    late = 0
    with tempfile.TemporaryDirectory() as passing:
        folder, port = (chosen.keep or Path(passing)) / f"cases-{chosen.cases}", free_port()
        if not (folder / "built").exists():
            command("init", str(folder), "--party", HOME, "--name", "Bench", "--listen", f"127.0.0.1:{port}")
            node, begun = open_node(folder), time.perf_counter()
            build(node, chosen.cases, chosen.items)
            node.close()
            (folder / "built").touch()
            print(f"built in {time.perf_counter() - begun:,.0f} s")
        for role, level in ((Role.LEAD, TLP.RED), (Role.ANALYST, TLP.GREEN)):
            node = open_node(folder)
            people = node.services.get(People)
            person = people.save_person(f"A {role} up to {level.text}", (role,), level, by="bench")
            link = people.make_sign_in_link(person, by="bench")
            numbers = _some(node, level)
            node.close()
            with served(folder, port):
                late += _measure(port, link, f"{role}, {level.text}", numbers, chosen.rounds)
    return int(late > 0)


def build(node: Node, cases: int, items: int) -> None:
    """Cases of the last two years at every level, the first of them with a thousand times as many items."""
    chance, now, store = random.Random(7), node.clock(), node.store
    people = node.services.get(People)
    agreements = node.services.get(Agreements)
    kinds = [kind for kinds in RSIT.values() for kind in kinds]

    def label_set(tx: Tx, tlp: TLP) -> int:
        label = Label(owner=people.home_id, tlp=tlp, kind="case")
        return agreements.label_set(tx, [labels.intern_label(tx, label)])

    for begin in range(0, cases, 500):

        def work(tx: Tx, begin: int = begin) -> None:
            sets = {tlp: label_set(tx, tlp) for tlp in set(LEVELS)}
            for place in range(begin, min(begin + 500, cases)):
                case = _case(chance, rows.next_number(tx), now, kinds)
                rows.save_case(tx, case, sets[case.tlp], "bench")
                for number in range(items * (1_000 if place == 0 else 1)):
                    body = _body(chance, number, now)
                    rows.save_item(tx, _item(case, number, body, now), key_of(body))

        store.write(work)


def _case(chance: random.Random, number: int, now: int, kinds: list[str]) -> Case:
    begun = now - chance.randrange(700 * 86_400) * SECOND
    moments = {
        name: Moment(begun + step * chance.randrange(3_600) * SECOND)
        for step, name in enumerate(("occurred", "detected", "reported", "acknowledged", "contained"))
    }
    kind = chance.choice(kinds)
    return Case(
        id=f"case_{number:032x}",
        number=number,
        title=f"{kind} at host {chance.randrange(10_000)} of ministry {chance.randrange(40)}",
        summary="What is known of it. " * 10,
        phase=chance.choice((*Phase, Phase.CLOSED, Phase.CLOSED)),
        category=next(name for name, of in RSIT.items() if kind in of),
        type=kind,
        severity=chance.choice(tuple(Severity)),
        tlp=chance.choice(LEVELS),
        cross_border=chance.random() < 0.1,
        opened_at=begun,
        changed_at=begun,
        moments=moments,
    )


def _body(chance: random.Random, number: int, now: int) -> Task | Note | Fact | Seen | Act:
    sort = number % 10
    if sort == 0:
        return Task(title=f"Look into host {number}", text="As the strategy says.")
    if sort == 1:
        return Note(text="What somebody thinks of it. " * 5)
    if sort == 2:
        return Seen(kind="ipv4-addr", text=f"198.51.{chance.randrange(256)}.{chance.randrange(256)}")
    if sort < 6:
        return Fact(text=f"Something happened, number {number}.", moment=Moment(now - number * SECOND))
    return Act(did="case.revise", what=f"item_{number}")


def _item(case: Case, number: int, body: Task | Note | Fact | Seen | Act, now: int) -> Item:
    return Item(
        id=f"item_{case.number:08x}{number:024x}",
        case=case.id,
        version=1,
        sort=sort_of(body),
        track=Track.TECHNICAL,
        at=now - number * SECOND,
        made_at=now,
        made_by="bench",
        hidden=False,
        body=body,
    )


def _some(node: Node, level: TLP) -> list[int]:
    """Numbers of cases that such a reader sees; the one with most in it first, where they do."""
    with node.store.read() as reader:
        found = reader.all("SELECT number, body FROM case_file ORDER BY number LIMIT 60")
    seen = [int(number) for number, body in found if rows.decoded(body).tlp <= level]
    return seen[:5]


def _measure(port: int, link: str, name: str, numbers: list[int], rounds: int) -> int:
    base, found = f"http://127.0.0.1:{port}", []
    with httpx.Client(base_url=base, timeout=60, headers={"Accept-Encoding": "gzip"}) as client:
        client.post(f"/sign-in/{link}", headers={"Origin": base})
        for address in (*ADDRESSES, *(f"/cases/{number}" for number in numbers)):
            spent = []
            for _ in range(rounds):
                begun = time.perf_counter()
                answer = client.get(address)
                spent.append((time.perf_counter() - begun) * 1000)
                assert answer.status_code == 200, (address, answer.status_code)
            spent.sort()
            p95 = spent[min(len(spent) - 1, round(len(spent) * 0.95))]
            found.append((p95, statistics.median(spent), len(answer.content), address))
    late = sum(p95 > GOAL for p95, *_ in found)
    print(f"\n{name}: {len(found)} pages, {late} above {GOAL:g} ms\n   p95    median     bytes  page")
    for p95, median, size, address in sorted(found, reverse=True):
        print(f"{p95:7.1f} {median:9.1f} {size:9,}  {address}")
    return late


if __name__ == "__main__":
    sys.exit(main())
