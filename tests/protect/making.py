"""Lists of any size, and drawn ones."""

from __future__ import annotations

import random
import shutil
from ipaddress import IPv6Address
from pathlib import Path

import pytest
from hypothesis import strategies as st

from kouprey.kernel.words.time import DAY, SECOND
from kouprey.protect.model import Check, Entry, Format
from kouprey.protect.service.validating import validate
from kouprey.protect.wire.listing import Head, Listing
from kouprey.protect.wire.writers import WRITERS

NOW = 1_795_000_000 * SECOND
HEAD = Head(
    shield="edge",
    serial=1_795_000_000,
    made_at=NOW,
    until=NOW + 7 * DAY,
    manifest="http://node.example/shields/edge/manifest",
)


def entry(kind: str, text: str) -> Entry:
    """An entry for a value."""
    return Entry(kind, text, "indicator--0", NOW)


def many(names: int, addresses: int) -> list[Entry]:
    """Names and addresses nobody has: nine of ten addresses are IPv4, one of fifty is a network."""
    rand = random.Random(5)
    made = [entry("domain-name", f"n{n:x}{rand.getrandbits(24):x}.bad{n % 900}.example") for n in range(names)]
    for n in range(addresses):
        if n % 50 == 0:
            base = rand.randrange(0x0B000000, 0x64000000) >> 8 << 8
            made.append(entry("ipv4-net", f"{_dotted(base)}/24"))
        elif n % 10 == 0:
            made.append(entry("ipv6-addr", str(IPv6Address(0x2A00 << 112 | rand.getrandbits(100)))))
        else:
            made.append(entry("ipv4-addr", _dotted(rand.randrange(0x0B000000, 0x64000000))))
    return made


def _dotted(number: int) -> str:
    return ".".join(str(number >> shift & 255) for shift in (24, 16, 8, 0))


def listing(entries: list[Entry], head: Head = HEAD) -> Listing:
    """A listing of them, with the numbers they would have."""
    return Listing(head, entries, {text: n for n, text in enumerate(sorted({each.text for each in entries}))})


def written(entries: list[Entry]) -> dict[Format, bytes]:
    """Every file of them."""
    made = listing(entries)
    return {form: writer(made)[0] for form, writer in WRITERS.items()}


PROGRAMS = {Format.RPZ: "named-checkzone", Format.UNBOUND: "unbound-checkconf", Format.NFTABLES: "nft"}
INSTALL = "apt-get install bind9-utils unbound nftables"


def judged(folder: Path, files: dict[Format, bytes], form: Format) -> Check:
    """What the real program says of a file; the test is skipped where it is not installed or may not run."""
    if shutil.which(PROGRAMS[form], path="/usr/sbin:/usr/bin:/sbin:/bin") is None:
        pytest.skip(f"{PROGRAMS[form]} is not installed: {INSTALL}")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / form).write_bytes(files[form])
    (check,) = validate("edge", folder, [form])
    if not check.found:
        pytest.skip(f"{check.program} may not run here: {check.said}")
    return check


LABELS = st.from_regex(r"[a-z0-9_]([a-z0-9_-]{0,20}[a-z0-9_])?", fullmatch=True)
NAMES = st.lists(LABELS, min_size=1, max_size=5).map(".".join)
VALUES = st.one_of(
    st.tuples(st.just("domain-name"), NAMES),
    st.tuples(st.just("ipv4-addr"), st.ip_addresses(v=4).map(str)),
    st.tuples(st.just("ipv6-addr"), st.ip_addresses(v=6).map(str)),
)
ODD = st.text("\n\r\t ;\"'{}()$@*\\#/.-_:%abcXYZ019\u17b4é\x00", max_size=40)
"""Whatever could mean something in one of the formats."""
