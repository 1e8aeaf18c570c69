"""MISP events into STIX: attributes a second of processor time, beside misp-stix on the same events."""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec

from kouprey.kernel.words.safejson import decode
from kouprey.kernel.words.tlp import TLP
from kouprey.misp.service import Misp, convert
from kouprey.node.assemble import open_node
from kouprey.node.founding import found

SHARED = Path(os.environ.get("KOUPREY_SHARED", Path(__file__).parents[2] / "shared"))
GOAL = 10_000

# Run by the interpreter that has misp-stix: reads events, says how many seconds of processor time each round took.
PEER = """
import json, sys, time
from misp_stix_converter import MISPtoSTIX21Parser
from importlib.metadata import version
raws, rounds = json.load(sys.stdin)
for _ in range(rounds):
    started = time.process_time()
    for raw in raws:
        parser = MISPtoSTIX21Parser()
        parser.parse_misp_event(json.loads(raw))
        parser.bundle.serialize()
    print(json.dumps([version("misp-stix"), time.process_time() - started]), flush=True)
"""


def generated(count: int, seed: int) -> dict[str, Any]:
    """One event of `count` attributes of nine usual types, three in five of them to be detected."""
    chance = random.Random(seed)

    def name() -> str:
        return str(uuid.UUID(int=chance.getrandbits(128), version=4))

    def attribute(number: int) -> dict[str, Any]:
        values = {
            "ip-dst": f"198.51.{chance.randrange(256)}.{chance.randrange(256)}",
            "domain": f"d{number}.example",
            "hostname": f"h{number}.example",
            "url": f"http://d{number}.example/a?b={number}",
            "md5": f"{chance.getrandbits(128):032x}",
            "sha256": f"{chance.getrandbits(256):064x}",
            "filename|sha1": f"a{number}.exe|{chance.getrandbits(160):040x}",
            "email-src": f"a{number}@mail.example",
            "comment": f"text {number}",
        }
        type_ = chance.choice(list(values))
        return {
            "uuid": name(),
            "type": type_,
            "category": "Network activity" if type_ != "comment" else "Other",
            "value": values[type_],
            "to_ids": chance.random() < 0.6 and type_ != "comment",
            "timestamp": str(1764000000 + number),
            "comment": "" if chance.random() < 0.5 else "seen again",
            "distribution": "5",
        }

    return {
        "uuid": name(),
        "info": "Generated",
        "date": "2025-11-20",
        "timestamp": "1764100000",
        "publish_timestamp": "1764100000",
        "published": True,
        "analysis": "2",
        "threat_level_id": "2",
        "Orgc": {"uuid": name(), "name": "CERT"},
        "Tag": [{"name": "tlp:green"}],
        "Attribute": [attribute(number) for number in range(count)],
    }


def counted(event: dict[str, Any]) -> int:
    return len(event.get("Attribute", ())) + sum(len(each["Attribute"]) for each in event.get("Object", ()))


def processor(call: Callable[[], object], rounds: int) -> list[float]:
    """Seconds of processor time of each round."""
    taken = []
    for _ in range(rounds):
        started = time.process_time()
        call()
        taken.append(time.process_time() - started)
    return taken


def show(what: str, count: int, seconds: list[float], note: str = "") -> float:
    rates = [count / each for each in seconds]
    median = statistics.median(rates)
    print(f"{what:<64}{median:>9,.0f}  ({min(rates):,.0f} to {max(rates):,.0f}) {note}")
    return median


def converting(raws: list[bytes]) -> None:
    """From bytes to bytes, each object judged by the standard."""
    for raw in raws:
        for made in convert(decode(raw)["Event"], TLP.AMBER_STRICT).made:
            msgspec.json.encode(made.value)


def taking(raw: bytes, rounds: int) -> list[float]:
    """From the file to durable, each round in a node of its own."""
    seconds = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            data = Path(folder) / "node"
            identity = f"identity--{uuid.uuid4()}"
            found(data, party="cert.example", name="CERT", settings={}, identity=identity, person="Dara")
            node = open_node(data)
            service = node.services.get(Misp)
            seconds += processor(lambda service=service: service.import_stream(BytesIO(raw), name="x", by="bench"), 1)  # type: ignore[misc]
            node.close()
    return seconds


def peer(python: str, raws: list[bytes], rounds: int) -> tuple[str, list[float]]:
    """The other converter; its version and the seconds of each round."""
    given = json.dumps([[raw.decode() for raw in raws], rounds])
    done = subprocess.run([python, "-c", PEER], input=given, capture_output=True, text=True)
    if done.returncode:
        print(f"misp-stix is left out: {done.stderr.strip().splitlines()[-1] if done.stderr else 'it failed'}")
        return "", []
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("[")]
    return lines[0][0], [seconds for _, seconds in lines]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--attributes", type=int, default=20_000)
    options.add_argument("--few", type=int, default=500, help="attributes of the event that both convert")
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--peer", default=sys.executable, help="a Python that has misp-stix (pip install misp-stix)")
    chosen = options.parse_args()
    corpora = {f"generated, {chosen.few} attributes": [generated(chosen.few, 1)]}
    path = SHARED / "data" / "misp" / "events" / "mispevent_testfiles" / "existing_event.json"
    if path.exists():
        corpora["published, 122 attributes, most in objects"] = [json.loads(path.read_bytes())]
    print(f"attributes a second of processor time, median (least to most) of {chosen.rounds}; goal {GOAL:,}")
    many = generated(chosen.attributes, 2)
    raw = json.dumps({"Event": many}).encode()
    show(
        f"convert and judge, {chosen.attributes} attributes",
        counted(many),
        processor(lambda: converting([raw]), chosen.rounds),
    )
    show(f"take in, durable and searchable, {chosen.attributes} attributes", counted(many), taking(raw, chosen.rounds))
    print(f"memory at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10} MiB, that event included")
    for name, events in corpora.items():
        raws = [json.dumps({"Event": event}).encode() for event in events]
        count = sum(map(counted, events))
        converting(raws)
        ours = show(
            f"convert and judge: {name}", count, processor(lambda raws=raws: converting(raws), chosen.rounds * 5)
        )  # type: ignore[misc]  # a lambda with defaults
        version, seconds = peer(chosen.peer, raws, chosen.rounds)
        if seconds:
            theirs = show(f"misp-stix {version}: {name}", count, seconds)
            print(f"{'':<64}ratio {ours / theirs:,.0f}")


if __name__ == "__main__":
    main()
