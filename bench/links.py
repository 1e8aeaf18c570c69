"""Links between real nodes: a backlog through three cuts, by parcel, how soon news is seen, and what goes first.

Cables and poor lines are network namespaces and need their rights (root, iproute2); without them those parts are left
out. Bodies are queued at the door of federation, without the publish gate: what is measured is the road.
"""

from __future__ import annotations

import argparse
import gc
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path

import apsw
from made.neighbours import give, id_of, indicator, looking, neighbours, number

from kouprey.federation.service import Federation
from kouprey.kernel.words.errors import KoupreyError
from kouprey.node.actors import Actor, wait_until
from kouprey.node.cuts import NetworkCut

CUTS, CUT_SECONDS = 3, 5.0
PAGE = 1_000
HAND_OVER, SEEN_MEDIAN, SEEN_P95 = 60.0, 1.0, 3.0
"""Seconds: goals."""
HELD_UP, KEPT = 2.0, 0.5
"""How many times the p95 may grow by a dead neighbour; what share of its pace an honest peer keeps in a flood."""
PATIENCE = 7_200.0
_HELD = "SELECT coalesce(sum(size), 0) FROM lane WHERE mine = 0 AND author = ? AND class = ?"
_SEEN = "SELECT count(*) FROM object WHERE stix_id = ?"
_WENT = "SELECT coalesce(sum(went), 0) FROM link_history WHERE grain = 86400 AND party = ?"

missed: list[str] = []


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--objects", type=int, default=20_000, help="of a backlog; the goals are for 1,000,000")
    options.add_argument("--rounds", type=int, default=40, help="of what is waited for one by one")
    options.add_argument("--only", choices=("cuts", "parcel", "seen", "priority", "peers", "flood"), action="append")
    chosen = options.parse_args()
    print(f"{time.strftime('%Y-%m-%d')}, {os.cpu_count()} cores, load at the start {os.getloadavg()[0]:.1f}")
    missing = NetworkCut.missing()
    parts: list[tuple[str, bool, Callable[[Path, argparse.Namespace], None]]] = [
        ("cuts", True, cuts),
        ("parcel", False, parcel),
        ("seen", False, seen),
        ("priority", True, priority),
        ("peers", True, peers),
        ("flood", False, flood),
    ]
    for name, apart, part in parts:
        if chosen.only and name not in chosen.only:
            continue
        if apart and missing:
            print(f"{name}: left out, {missing}")
            continue
        sys.stdout.flush()
        with tempfile.TemporaryDirectory(prefix="kouprey-links-") as folder:
            part(Path(folder), chosen)
    print("goals met" if not missed else "MISSED: " + "; ".join(missed))
    return int(bool(missed))


def cuts(folder: Path, chosen: argparse.Namespace) -> None:
    """A backlog by link, whose cable is pulled three times."""
    with neighbours(folder, 2, apart=True) as ((author, reader), agreement):
        _backlog(author, agreement, chosen.objects)
        author.start()
        _signed(author, chosen.objects)
        reader.start()
        begun, away = time.monotonic(), 0.0
        with looking(reader) as at:
            for nth in range(1, CUTS + 1):
                _reach(at, author, chosen.objects * nth // (CUTS + 1))
                _ip(reader, "ip", "link", "set", "eth0", "down")
                cut, held = time.monotonic(), _held(at, author)
                time.sleep(CUT_SECONDS)
                _ip(reader, "ip", "link", "set", "eth0", "up")
                # What was on its way into the store at the cut may still come in; then the link goes on.
                _reach(at, author, min(chosen.objects, max(held, _held(at, author))) + 1)
                away += time.monotonic() - cut
            _reach(at, author, chosen.objects + 1)
            took = time.monotonic() - begun
            lost = chosen.objects + 1 - _held(at, author)
        with looking(author) as at:
            again = number(at, _WENT, reader.party) - chosen.objects - 1
        print(
            f"by link, cut {CUTS} times: lost {lost}, sent again {again:,} of {chosen.objects:,};"
            f" {chosen.objects / (took - away):,.0f} objects/s while it was up, {took:.0f} s in all,"
            f" of which cut and coming back {away:.0f} s"
        )
        _hold(lost == 0, "entries were lost")
        _hold(again <= CUTS * PAGE, f"{again} entries were sent again")


def parcel(folder: Path, chosen: argparse.Namespace) -> None:
    """The same backlog in a file."""
    with neighbours(folder, 2) as ((author, reader), agreement):
        _backlog(author, agreement, chosen.objects)
        author.start()
        _signed(author, chosen.objects)
        author.stop()
        plain = sum(len(indicator(str(n))) for n in range(0, chosen.objects, 100)) * 100 / 1e6
        file = folder / "all.kpx"
        with author.services() as services, file.open("wb") as out:
            begun = time.monotonic()
            services.get(Federation).parcels.make(reader.party, out, by="bench")
            made = time.monotonic() - begun
        # As the command line does before it reads one.
        gc.freeze()
        gc.set_threshold(20_000, 10, 10)
        with reader.services() as services, file.open("rb") as source:
            begun, busy = time.monotonic(), time.process_time()
            came = services.get(Federation).parcels.read(source, by="bench")
            took, busy = time.monotonic() - begun, time.process_time() - busy
        size = file.stat().st_size / 1e6
        print(
            f"by parcel: {size:,.1f} MB for {plain:,.1f} MB of bodies; made in {made:.1f} s ({plain / made:,.1f} MB/s,"
            f" {chosen.objects / made:,.0f} objects/s), read in {took:.1f} s ({plain / took:,.1f} MB/s,"
            f" {came.entries / took:,.0f} objects/s, {came.entries / busy:,.0f} a second of the processor)"
        )
        _hold(came.entries == chosen.objects + 1 and not came.problems, "a parcel did not bring everything")
        clock, spent = _plainly(reader, chosen.objects)
        print(
            f"as many objects by `kouprey import`, unproven: {clock:.1f} s, {spent:.1f} of the processor;"
            f" a parcel takes {took / clock:.2f} times as long, {busy / spent:.2f} times the processor (goal <= 2.2)"
        )


def _plainly(actor: Actor, objects: int) -> tuple[float, float]:
    """Seconds by the clock and of the processor for a file of objects of the same kind, under other names."""
    file = actor.folder / "plain.ndjson"
    with file.open("wb") as out:
        out.writelines(indicator(f"plain {n}") + b"\n" for n in range(objects))
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    words = [sys.executable, "-m", "kouprey", "import", str(file), "--data", str(actor.folder)]
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    clock, after = time.monotonic() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    return clock, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def seen(folder: Path, chosen: argparse.Namespace) -> None:
    """From published here to visible there, while both import."""
    with neighbours(folder, 2) as ((author, reader), agreement):
        author.start()
        reader.start()
        stop = threading.Event()
        imports = [threading.Thread(target=_import, args=(actor, stop)) for actor in (author, reader)]
        for thread in imports:
            thread.start()
        try:
            took = _waits(author, reader, agreement, chosen.rounds)
        finally:
            stop.set()
            for thread in imports:
                thread.join()
        _show("published to visible, both import", took)
        _hold(statistics.median(took) <= SEEN_MEDIAN, f"half are seen after {statistics.median(took):.1f} s")
        _hold(_p95(took) <= SEEN_P95, f"p95 until seen is {_p95(took):.1f} s")


def priority(folder: Path, chosen: argparse.Namespace) -> None:
    """An urgent entry before a backlog, over 64 kbit/s, both ways."""
    with neighbours(folder, 2, apart=True) as ((author, reader), agreement):
        line = ("tc", "qdisc", "add", "dev", "eth0", "root", "tbf", "rate", "64kbit", "burst", "2kb", "latency", "3s")
        for each in (author, reader):
            _ip(each, *line)
        _backlog(author, agreement, chosen.objects)
        author.start()
        _signed(author, chosen.objects)
        reader.start()
        for way, one, other in (
            ("to whom has the backlog to fetch", author, reader),
            ("the other way", reader, author),
        ):
            took = []
            with one.services() as services, looking(other) as at:
                for nth in range(max(3, chosen.rounds // 8)):
                    time.sleep(7.0)
                    give(one, services, agreement, [f"urgent {way} {nth}"], urgent=True)
                    begun = time.monotonic()
                    _until_seen(at, f"urgent {way} {nth}")
                    took.append(time.monotonic() - begun)
            _show(f"urgent over 64 kbit/s, {chosen.objects:,} behind, {way}", took)
            _hold(max(took) <= HAND_OVER, f"an urgent entry took {max(took):.0f} s")
        with looking(reader) as at:
            behind = chosen.objects + 1 - number(at, _HELD, author.party, "bulk")
        print(f"of the backlog {behind:,} had not come by then")
        _hold(behind > 0, "the backlog had come already, so nothing was before it")


def peers(folder: Path, chosen: argparse.Namespace) -> None:
    """News for one while another is well, is a black hole, or hears and is not heard."""
    with neighbours(folder, 3, apart=True) as ((author, reader, other), agreement):
        for each in (author, reader, other):
            each.start()
        _waits(author, reader, agreement, 5, "warm")
        well = _waits(author, reader, agreement, chosen.rounds, "well")
        _show("another peer is well", well)
        host = other.address.partition(":")[0]
        route = ("ip", "route", "add", "blackhole", f"{host}/32")
        hole = _away(author, route, lambda: _waits(author, reader, agreement, chosen.rounds, "hole"))
        home = author.address.partition(":")[0]
        back = ("ip", "route", "add", "blackhole", f"{home}/32")
        mute = _away(other, back, lambda: _waits(author, reader, agreement, chosen.rounds, "mute"))
        for name, took in (("it is a black hole", hole), ("its answers are lost", mute)):
            times = _p95(took) / _p95(well)
            _show(name, took, f", p95 {times:.2f} times")
            _hold(times < HELD_UP, f"{name}: the p95 of the other grew {times:.2f} times")


def flood(folder: Path, chosen: argparse.Namespace) -> None:
    """An honest peer fetches a backlog while another one asks as fast as it can."""
    count = chosen.objects // 2
    with neighbours(folder, 3) as ((author, honest, greedy), agreement):
        author.start()
        honest.start()
        with author.services() as services, looking(honest) as at:
            paces = []
            for name in ("quiet", "flood"):
                honest.command("link", "pause", author.party)
                held = _held(at, author)
                give(author, services, agreement, (f"{name} {n}" for n in range(count)))
                _signed(author, held + count - bool(held))
                with _flooding(greedy, author) if name == "flood" else nullcontext({}) as answers:
                    honest.command("link", "resume", author.party)
                    begun = time.monotonic()
                    _reach(at, author, held + count)
                    paces.append(count / (time.monotonic() - begun))
            share = paces[1] / paces[0]
            refused = answers.get("throttled", 0)
            print(
                f"honest peer: {paces[0]:,.0f} objects/s alone, {paces[1]:,.0f} beside a flood ({share:.0%});"
                f" of the flood {sum(answers.values()):,} answered, of these {refused:,} throttled"
            )
            _hold(share >= KEPT, f"an honest peer kept {share:.0%} of its pace")


@contextmanager
def _flooding(greedy: Actor, victim: Actor) -> Iterator[dict[str, int]]:
    """Signed requests of a partner, by four threads that do not wait."""
    answers: dict[str, int] = {}
    stop = threading.Event()
    with greedy.services() as services:
        links = services.get(Federation).links
        peer = links.get_link(victim.party)

        def ask() -> None:
            while not stop.is_set():
                try:
                    links._caller.call(peer, "GET", "/link/v1/lanes")
                    code = "answered"
                except KoupreyError as error:
                    code = error.code
                answers[code] = answers.get(code, 0) + 1

        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        try:
            yield answers
        finally:
            stop.set()
            for thread in threads:
                thread.join()


def _backlog(author: Actor, agreement: str, objects: int) -> None:
    with author.services() as services:
        for start in range(0, objects, 10_000):
            give(author, services, agreement, map(str, range(start, min(start + 10_000, objects))))


def _signed(author: Actor, objects: int) -> None:
    """All of it is an entry with a checkpoint."""
    with looking(author) as at:
        wanted = "SELECT coalesce(sum(signed_size), 0) FROM lane WHERE mine = 1 AND class = 'bulk'"
        wait_until("the backlog is signed", lambda: number(at, wanted) > objects, seconds=PATIENCE)


def _held(at: apsw.Connection, author: Actor) -> int:
    return number(at, _HELD, author.party, "bulk")


def _reach(at: apsw.Connection, author: Actor, size: int) -> None:
    wait_until(f"{size:,} entries are held", lambda: _held(at, author) >= size, seconds=PATIENCE, every=0.05)


def _waits(author: Actor, reader: Actor, agreement: str, rounds: int, name: str = "news") -> list[float]:
    """Seconds until each of so many entries is visible to the other's people, given one after the other."""
    took = []
    with author.services() as services, looking(reader) as at:
        for nth in range(rounds):
            give(author, services, agreement, [f"{name} {nth}"])
            begun = time.monotonic()
            _until_seen(at, f"{name} {nth}")
            took.append(time.monotonic() - begun)
            time.sleep(0.3)
    return took


def _until_seen(at: apsw.Connection, name: str) -> None:
    wait_until(f"“{name}” is visible", lambda: number(at, _SEEN, id_of(name)), seconds=600.0, every=0.01)


def _import(actor: Actor, stop: threading.Event) -> None:
    """Take in files of its own, one after the other, by the command line."""
    file = actor.folder / "own.ndjson"
    for nth in range(1_000_000):
        if stop.is_set():
            return
        names = (f"own {actor.party} {nth} {n}" for n in range(2_000))
        file.write_bytes(b"\n".join(map(indicator, names)))
        words = [sys.executable, "-m", "kouprey", "import", str(file), "--from-start", "--data", str(actor.folder)]
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL)


def _away(actor: Actor, route: Sequence[str], measure: Callable[[], list[float]]) -> list[float]:
    _ip(actor, *route)
    try:
        return measure()
    finally:
        _ip(actor, "ip", "route", "del", *route[3:])


def _ip(actor: Actor, *words: str) -> None:
    subprocess.run(["ip", "netns", "exec", actor.prefix[3], *words], check=True, capture_output=True)


def _show(name: str, took: Sequence[float], more: str = "") -> None:
    print(
        f"{name}: median {statistics.median(took):.2f} s, p95 {_p95(took):.2f}, most {max(took):.2f},"
        f" of {len(took)}{more}, load {os.getloadavg()[0]:.1f}",
        flush=True,
    )


def _p95(seconds: Sequence[float]) -> float:
    return sorted(seconds)[round(len(seconds) * 0.95) - 1]


def _hold(holds: bool, otherwise: str) -> None:
    if not holds:
        missed.append(otherwise)


if __name__ == "__main__":
    sys.exit(main())
