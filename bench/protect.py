"""A hundred thousand names and as many addresses in every format, beside a loop that writes a line for each value."""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
from collections.abc import Callable
from ipaddress import IPv6Address
from pathlib import Path
from time import perf_counter, process_time

from kouprey.kernel.words.time import DAY, SECOND
from kouprey.protect.model import Entry, Format
from kouprey.protect.rules.allowing import Gate
from kouprey.protect.service.validating import validate
from kouprey.protect.wire import lists
from kouprey.protect.wire.listing import Head, Listing
from kouprey.protect.wire.writers import WRITERS

NOW = 1_795_000_000 * SECOND
GOAL = 2.0
"""Seconds of the processor for all formats."""


def dotted(number: int) -> str:
    """An address as it is written."""
    return ".".join(str(number >> shift & 255) for shift in (24, 16, 8, 0))


def values(names: int, addresses: int) -> list[Entry]:
    """Names nobody has; of the addresses a tenth are IPv6 and one in fifty is a network."""
    rand = random.Random(5)
    made = [Entry("domain-name", f"n{n:x}{rand.getrandbits(24):x}.bad{n % 900}.example", "", NOW) for n in range(names)]
    for n in range(addresses):
        if n % 50 == 0:
            made.append(Entry("ipv4-net", f"{dotted(rand.randrange(0x0B000000, 0x64000000) >> 8 << 8)}/24", "", NOW))
        elif n % 10 == 0:
            made.append(Entry("ipv6-addr", str(IPv6Address(0x2A00 << 112 | rand.getrandbits(100))), "", NOW))
        else:
            made.append(Entry("ipv4-addr", dotted(rand.randrange(0x0B000000, 0x64000000)), "", NOW))
    return made


def peer(entries: list[Entry]) -> int:
    """A line for each value, of one list, checked by nobody."""
    return len("".join([f"{each.text}\n" for each in entries]).encode("ascii"))


def measured(what: str, work: Callable[[], int]) -> float:
    """Seconds of the processor, told as a line of a table."""
    wall, begin = perf_counter(), process_time()
    size = work()
    cpu = process_time() - begin
    print(f"| {what} | {cpu:.3f} | {perf_counter() - wall:.3f} | {size / 1e6:.1f} |", flush=True)
    return cpu


def main() -> int:
    """Exit code 1 where the goal is missed, or a program that is here cannot read its file."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--names", type=int, default=100_000)
    given.add_argument("--addresses", type=int, default=100_000)
    asked = given.parse_args()
    entries = values(asked.names, asked.addresses)
    numbers = {each.text: n for n, each in enumerate(entries)}
    head = Head(shield="bench", serial=1, made_at=NOW, until=NOW + 7 * DAY, manifest="https://node.example/manifest")
    print(f"{len(entries):,} values; load {os.getloadavg()[0]:.1f}")
    print("| what | CPU s | wall s | MB |\n|---|---|---|---|")
    loop = measured("loop: one plain line for each value", lambda: peer(entries))
    made: list[Listing] = []
    total = measured(
        "every value checked and put in order", lambda: made.append(Listing(head, entries, numbers)) or len(entries)
    )
    files: dict[Format, bytes] = {}
    for form, writer in WRITERS.items():
        total += measured(form, lambda form=form, writer=writer: len(files.setdefault(form, writer(made[0])[0])))  # type: ignore[misc]  # at once
    measured("read public lists, once a process", lambda: len(str(Gate(lists.never(), lists.warned()))))
    gate = Gate(lists.never(), lists.warned())
    left: list[Entry] = []
    measured("gate", lambda: left.extend(each for each in entries if gate.judge(each.kind, each.text)) or 0)
    good = total <= GOAL
    with tempfile.TemporaryDirectory() as folder:
        for form in files:
            (Path(folder) / form).write_bytes(files[form])
        for form in (Format.RPZ, Format.UNBOUND, Format.NFTABLES):
            begin = perf_counter()
            (check,) = validate("bench", Path(folder), [form])
            said = "accepts it" if check.passed else "is not here" if not check.found else f"refuses it: {check.said}"
            print(f"{check.program} {said} ({perf_counter() - begin:.1f} s)")
            good = good and (check.passed or not check.found)
    print(f"all formats {total:.2f} CPU-s, {total / loop:.0f} times the loop; {len(left)} values left out by the gate")
    print(f"goal (all formats within {GOAL:g} CPU-s, no program refuses):", "met" if good else "MISSED")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
