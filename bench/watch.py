"""What sensors see against a million indicators, streaming, beside a loop over orjson in the same run."""

from __future__ import annotations

import argparse
import os
import random
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, process_time

import msgspec
import orjson

from kouprey.kernel.words.time import SECOND
from kouprey.watch.model import Format
from kouprey.watch.rules.matching import Matcher, Terms
from kouprey.watch.rules.naming import DOMAIN, IPV4, URL
from kouprey.watch.wire.reading import read_lines

NOW = 1_795_000_000 * SECOND
BATCH = 10_000
"""Lines of a batch, as a sensor would send them."""
TLDS = ("com", "net", "org", "io", "info", "com.kh", "edu.kh", "co.th", "vn", "la")
WORDS = ("mail", "www", "api", "cdn", "img", "ns1", "app", "vpn")


def name(rand: random.Random) -> str:
    """A registered domain nobody has."""
    return f"{rand.getrandbits(30):x}{rand.choice('kmnprst')}.{rand.choice(TLDS)}"


def address(rand: random.Random) -> str:
    """An address somewhere."""
    return ".".join(str(rand.randrange(1, 255)) for _ in range(4))


def indicators(terms: Terms, count: int) -> tuple[list[str], list[str], list[str]]:
    """Fill terms with `count` values: 45 % domains, 30 % addresses, 2 % networks, 13 % URLs, 10 % hashes."""
    rand = random.Random(11)
    domains, addresses, urls = [], [], []
    for n in range(count):
        stix_id = f"indicator--{n:08x}-0000-4000-8000-{rand.getrandbits(48):012x}"
        part = n % 100
        if part < 45:
            domains.append(name(rand) if part % 2 else f"{rand.choice(WORDS)}.{name(rand)}")
            terms.add(stix_id, DOMAIN, domains[-1])
        elif part < 75:
            addresses.append(address(rand))
            terms.add(stix_id, IPV4, addresses[-1])
        elif part < 77:
            bits = rand.randrange(20, 30)
            number = rand.randrange(1 << 24, 0xDF000000) >> (32 - bits) << (32 - bits)
            text = ".".join(str(number >> shift & 255) for shift in (24, 16, 8, 0))
            terms.add(stix_id, "ipv4-net", f"{text}/{bits}")
        elif part < 90:
            urls.append(f"{name(rand)}/{rand.getrandbits(20):x}.exe")
            terms.add(stix_id, URL, f"http://{urls[-1]}")
        else:
            terms.add(stix_id, "sha256", f"{rand.getrandbits(256):064x}")
    return domains, addresses, urls


def events(count: int, domains: list[str], addresses: list[str], urls: list[str], *, distinct: bool) -> list[bytes]:
    """Batches of lines of dns.log (40 %), conn.log (40 %) and http.log (20 %); one of a thousand is planted.

    Names and addresses are as often asked for as names are, by Zipf; with `distinct` none comes twice.
    """
    rand = random.Random(7)
    pool = [f"{rand.choice(WORDS)}.{name(rand)}" for _ in range(100_000)]
    far = [address(rand) for _ in range(50_000)]
    lines: list[bytes] = []
    for n in range(count):
        bad = n % 1000 == 0
        host = f"10.0.{n % 40}.{n * 7 % 250}"
        pick = min(int(rand.paretovariate(0.9)), len(pool)) - 1
        line = {
            "ts": NOW / SECOND - count + n / 2,
            "uid": f"C{rand.getrandbits(60):x}",
            "id.orig_h": host,
            "id.orig_p": 4_000 + n % 60_000,
        }
        if n % 5 < 2:
            query = (
                rand.choice(domains) if bad else f"{rand.getrandbits(48):x}.{pool[pick]}" if distinct else pool[pick]
            )
            line |= {"id.resp_h": "10.0.0.53", "id.resp_p": 53, "proto": "udp", "trans_id": n % 65_536, "rtt": 0.02}
            line |= {
                "query": query,
                "qclass": 1,
                "qtype_name": "A",
                "rcode_name": "NOERROR",
                "AA": False,
                "TTLs": [300.0],
            }
        elif n % 5 < 4:
            peer = rand.choice(addresses) if bad else address(rand) if distinct else far[pick % len(far)]
            line |= {"id.resp_h": peer, "id.resp_p": 443, "proto": "tcp", "service": "ssl", "duration": 1.5}
            line |= {"orig_bytes": n, "resp_bytes": 3 * n, "conn_state": "SF", "history": "ShADadFf", "orig_pkts": 9}
        else:
            where, _, path = (
                rand.choice(urls).partition("/") if bad else (pool[pick], "/", f"{rand.getrandbits(24):x}.html")
            )
            where = f"{rand.getrandbits(48):x}.{where}" if distinct and not bad else where
            line |= {
                "id.resp_h": far[pick % len(far)],
                "id.resp_p": 80,
                "method": "GET",
                "host": where,
                "uri": f"/{path}",
            }
            line |= {"user_agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/126.0", "status_code": 200}
        lines.append(msgspec.json.encode(line))
    return [b"\n".join(lines[begin : begin + BATCH]) + b"\n" for begin in range(0, count, BATCH)]


def ours(batches: list[bytes], terms: Terms, *, keep: bool = False) -> tuple[int, int]:
    """(events, hits) by what the node does with a batch: read, matched and, with `keep`, packed for the kept past."""
    import zstandard

    matcher, seen, hits = Matcher(terms), 0, 0
    encode, packer = msgspec.json.Encoder().encode_lines, zstandard.ZstdCompressor(level=3)
    for body in batches:
        lines = read_lines(Format.ZEEK, body, "bench", NOW)
        hits += len(matcher.find(lines.events))
        seen += len(lines.events)
        if keep:
            packer.compress(encode(lines.events))
    return seen, hits


def peer(batches: list[bytes], terms: Terms) -> tuple[int, int]:
    """The same matches by a loop: each line is read by orjson as a whole, and each value is looked up by itself."""
    seen = hits = 0
    for body in batches:
        for line in body.splitlines():
            record = orjson.loads(line)
            seen += 1
            for field in ("query", "id.orig_h", "id.resp_h", "host"):
                if value := record.get(field):
                    hits += len(terms.judge(value))
            if "host" in record:
                hits += len(terms.judge_url(record["host"] + record["uri"]))
    return seen, hits


def measured(what: str, work: Callable[[], tuple[int, int]], size: int) -> tuple[float, int]:
    """Events per second of the processor, told as a line of a table."""
    wall, begin = perf_counter(), process_time()
    seen, hits = work()
    cpu = process_time() - begin
    rss = int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) // 1024
    print(
        f"| {what} | {seen / cpu / 1e6:.2f} | {size / cpu / 1e6:.0f} | {hits} | {perf_counter() - wall:.1f} | {rss} |",
        flush=True,
    )
    return seen / cpu, hits


def main() -> int:
    """Exit code 1 where a goal is missed."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--indicators", type=int, default=1_000_000)
    given.add_argument("--events", type=int, default=1_000_000)
    asked = given.parse_args()
    terms = Terms()
    begin = process_time()
    planted = indicators(terms, asked.indicators)
    print(
        f"{len(terms):,} values of {asked.indicators:,} indicators"
        f" in {process_time() - begin:.1f} CPU-s; load {os.getloadavg()[0]:.1f}"
    )
    batches = events(asked.events, *planted, distinct=False)
    size = sum(map(len, batches))
    print("| what | M events/CPU-s | MB/CPU-s | hits | wall s | RSS MiB |\n|---|---|---|---|---|---|")
    theirs, their_hits = measured("orjson loop", lambda: peer(batches, terms), size)
    mine, hits = measured("watch: read and matched", lambda: ours(batches, terms), size)
    kept, _ = measured("watch: read, matched and packed to be kept", lambda: ours(batches, terms, keep=True), size)
    worst = events(asked.events // 2, *planted, distinct=True)
    small = sum(map(len, worst))
    theirs_worst, _ = measured("worst case, every name once: orjson loop", lambda: peer(worst, terms), small)
    mine_worst, _ = measured("worst case, every name once: watch", lambda: ours(worst, terms), small)
    print(
        f"watch/orjson: {mine / theirs:.2f} times; kept as well {kept / theirs:.2f};"
        f" worst case {mine_worst / theirs_worst:.2f}"
    )
    good = mine >= 300_000 and mine >= 2 * theirs and hits == their_hits
    print("goal (0.3 M events/CPU-s, twice the loop, the same hits):", "met" if good else "MISSED")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
