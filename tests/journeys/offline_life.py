"""One node's life without a network, and its partner's: `python offline_life.py PLAN`, in a network namespace.

Not a test: tests/journeys/test_bundle.py runs it with a Python that has nothing installed. It says what it does, ends
with an error at the first thing that is not as it should be, and else with one line of JSON: its figures.
"""

from __future__ import annotations

import fcntl
import json
import re
import signal
import socket
import struct
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

PATIENCE = 60.0
CERT, OPERATOR = "cert.example", "operator.example"


def check(holds: object, what: str) -> None:
    if not holds:
        sys.exit(f"not so: {what}")


def wait(what: str, holds: Callable[[], object]) -> None:
    until = time.monotonic() + PATIENCE
    while not holds():
        check(time.monotonic() < until, what)
        time.sleep(0.2)


def run(*words: object) -> str:
    """What a program says; the whole ends when it fails."""
    print("$", *words, flush=True)
    ended = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)
    check(not ended.returncode, f"{words} ends with 0, not {ended.returncode}: {ended.stdout}{ended.stderr}")
    return ended.stdout


def be_alone() -> None:
    """Raise the loopback, which is down in a new namespace; the whole ends when anything beyond it can be reached."""
    with socket.socket() as raw:
        fcntl.ioctl(raw, 0x8914, struct.pack("16sh", b"lo", 0x1))  # SIOCSIFFLAGS, IFF_UP
    try:
        socket.create_connection(("192.0.2.1", 80), timeout=3)
    except OSError as error:
        print("no network:", error, flush=True)
    else:
        check(False, "there is no network")


class Node:
    """A node that is used through its command line and its server alone; `program` may change under it."""

    def __init__(self, party: str, folder: Path, program: Path, port: int) -> None:
        self.party, self.folder, self.program, self.address = party, folder, program, f"127.0.0.1:{port}"
        self.server: subprocess.Popen[str] | None = None

    def found(self, databases: list[str]) -> None:
        """Make it; `databases` are DSNs for itself and its guard, or none."""
        flags = ["--database", databases[0], "--guard-database", databases[1]] if databases else []
        run(
            self.program,
            "init",
            self.folder,
            "--party",
            self.party,
            "--name",
            self.party,
            "--listen",
            self.address,
            *flags,
        )

    def tell(self, *words: object) -> Any:
        text = run(self.program, *words, "--data", self.folder, "--json")
        return json.loads(text) if text.strip() else None

    def refuses(self, *words: object) -> str:
        """The code with which a command is refused, "" when what was refused is in a file beside its input."""
        command = [str(word) for word in (self.program, *words, "--data", self.folder, "--json")]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
        check(ended.returncode, f"{words} is refused")
        return str(json.loads(ended.stderr)["code"]) if ended.stderr.startswith("{") else ""

    def start(self) -> None:
        self.server = subprocess.Popen(
            [str(self.program), "serve", "--data", str(self.folder)], stdout=subprocess.PIPE, text=True
        )
        assert self.server.stdout is not None
        print(self.server.stdout.readline().strip(), flush=True)
        wait(f"{self.party} signs", lambda: self.health().get("signing"))

    def health(self) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(urllib.request.urlopen(f"http://{self.address}/healthz", timeout=9).read())
        return answer

    def stop(self) -> None:
        assert self.server is not None
        self.server.send_signal(signal.SIGTERM)
        check(self.server.wait(30) == 0, f"the server of {self.party} ends well")
        self.server = None

    def lanes(self, direction: str) -> list[dict[str, Any]]:
        """What it gave to its partner, or received from it, the ended epochs first."""
        found = [each for each in self.tell("ledger", "show")["lanes"] if each["direction"] == direction]
        return sorted(found, key=lambda lane: str(lane["state"]))

    def holds(self, stix_id: str) -> bool:
        return stix_id in run(self.program, "export", "--data", self.folder)

    def readable(self, canary: str) -> bool:
        """Whether a file of it has the canary (what is in PostgreSQL is looked at from outside)."""
        return any(canary.encode() in path.read_bytes() for path in self.folder.rglob("*") if path.is_file())


class Life:
    """What happens, in order. `plan`: bundles, folder, databases, objects, and what tells of erasures."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self.plan = plan
        self.folder = Path(plan["folder"])
        self.opt = self.folder / "opt"
        self.figures: dict[str, float] = {}
        self.agreement = ""

    def timed(self, name: str, call: Callable[[], Any]) -> Any:
        begun = time.monotonic()
        answer = call()
        self.figures[name] = round(time.monotonic() - begun, 2)
        return answer

    def install(self, name: str) -> str:
        said = self.timed(f"install {name}", lambda: run(sys.executable, self.plan[name], "install", self.opt))
        print(said, flush=True)
        return str(said)

    def live(self) -> None:
        be_alone()
        self.install("old")
        older = (self.opt / "current").resolve()
        self.cert = Node(CERT, self.folder / "cert", self.opt / "current" / "bin" / "kouprey", 8420)
        # The partner stays with the older version: the two have to understand each other.
        self.operator = Node(OPERATOR, self.folder / "operator", older / "bin" / "kouprey", 8421)
        self.agree()
        self.give("kept", "doomed")
        self.upgrade()
        self.give("second")
        self.erase()
        self.go_back()
        self.give("third")
        self.epochs(2)
        self.go_forward_again()
        self.give("fourth")
        self.epochs(2)
        for node in (self.cert, self.operator):
            node.stop()
            check(node.tell("doctor")["bad"] == 0, f"the doctor finds nothing bad at {node.party}")

    def agree(self) -> None:
        self.cert.found(self.plan["databases"][:2])
        self.operator.found([])
        nodes = (self.cert, self.operator)
        for node in nodes:
            self.timed(f"start of {node.party}", node.start)
            (self.folder / f"{node.party}.card").write_text(run(node.program, "party", "card", "--data", node.folder))
        for node, other in (nodes, nodes[::-1]):
            node.tell("party", "trust", self.folder / f"{other.party}.card", "--yes")
            node.tell("link", "add", other.party, f"http://{other.address}", "--allow-private")
        (self.folder / "text.txt").write_text("We exchange what we find.\n")
        words = ("--title", "Exchange", "--with", OPERATOR, "--tlp", "amber")
        drafted = self.cert.tell("agreement", "draft", *words, "--text-file", f"en={self.folder / 'text.txt'}")
        self.agreement = drafted["agreement"]
        self.cert.tell("agreement", "propose", self.agreement, "--yes")
        wait("the proposal arrives", lambda: self.agreement in str(self.operator.tell("agreement", "list")))
        self.operator.tell("agreement", "sign", self.agreement, "--yes")
        wait("it is in force", lambda: "in force" in str(self.cert.tell("agreement", "list")))

    def give(self, *names: str) -> None:
        """Data in, and out to the partner, who confirms it."""
        for name in names:
            self.cert.tell("import", self.folder / f"{name}.json", "--tlp", "green")
            self.cert.tell("publish", "--agreement", self.agreement, self.plan["ids"][name])
        wait(f"the partner holds {names}", lambda: all(self.operator.holds(self.plan["ids"][name]) for name in names))
        wait(
            "all is confirmed", lambda: not any(each["waiting"] for each in self.cert.tell("ledger", "show")["waiting"])
        )

    def epochs(self, count: int) -> None:
        """One epoch is open, those before it are closed, at both ends; nobody is accused, and nothing is held back."""
        for node, direction in ((self.cert, "given"), (self.operator, "received")):
            lanes = node.lanes(direction)
            states = [lane["state"] for lane in lanes]
            check(states == ["closed"] * (count - 1) + ["open"], f"{count} epochs at {node.party}: {states}")
            held = lanes[-1]["quarantined"]
            check(not held, f"{held} of the open one are in quarantine at {node.party}: {lanes[-1]}")
        for lane in self.cert.lanes("given")[:-1]:
            check("guard" in lane["note"], f"the node says why an epoch has ended: {lane['note']}")

    def bring_forward(self, backup: Path) -> None:
        check(self.cert.refuses("serve") == "upgrade-needed", "data of the version before is not served")
        steps = self.cert.tell("upgrade", "--check")["steps"]
        check(steps, "there is something to do")
        recipient = (self.folder / "identity.txt").read_text().split("public key: ")[1].split()[0]
        words = ("upgrade", backup, "--recipient", recipient)
        report = self.timed(f"upgrade to {backup.name}", lambda: self.cert.tell(*words))
        check(report["steps"] == steps and backup.stat().st_size == report["backup"]["size"], "it says what it did")

    def upgrade(self) -> None:
        self.cert.stop()
        self.cert.tell("backup", self.folder / "first.kpbackup", "--new-identity", self.folder / "identity.txt")
        said = self.install("new")
        (self.way_back,) = re.findall(r"ln -sfn (\S+) \S+", said)
        self.newer = (self.opt / "current").readlink()
        self.bring_forward(self.folder / "before.kpbackup")
        self.timed("start after the upgrade", self.cert.start)
        for name in ("kept", "doomed"):
            check(self.cert.holds(self.plan["ids"][name]), f"{name} is still there")
        self.epochs(1)

    def erase(self) -> None:
        doomed = self.plan["ids"]["doomed"]
        self.cert.tell("erase", doomed, "--because", "Order 12", "--yes")
        self.cert.tell("erase", "--export", self.folder / "erased.json")
        wait("its files are clean", lambda: not self.cert.readable(self.plan["canary"]))

    def go_back(self) -> None:
        self.cert.stop()
        run("ln", "-sfn", self.way_back, self.opt / "current")
        check(
            self.cert.refuses("person", "list") == "newer", "the older version does not touch what was brought forward"
        )
        aside = self.cert.folder.with_name("set-aside")
        self.cert.folder.rename(aside)
        flags = {"guard": [], "file": ["--erasures", self.folder / "erased.json"], "folder": ["--erasures", aside]}
        words = [
            *flags[self.plan["erasures"]],
            *(["--database", self.plan["databases"][2]] if self.plan["databases"] else []),
        ]
        backup = (self.folder / "before.kpbackup", self.cert.folder, "--identity", self.folder / "identity.txt")
        print("$ restore", *backup, *words, flush=True)
        report = self.timed("restore", lambda: json.loads(run(self.cert.program, "restore", *backup, *words, "--json")))
        check(report["erasures"] == 1, "what was erased since goes again")
        self.is_as_after_the_erasure()
        check(not self.cert.holds(self.plan["ids"]["second"]), "what came since is lost here")
        check(self.operator.holds(self.plan["ids"]["second"]), "and not at the partner who confirmed it")
        self.timed("start after the way back", self.cert.start)

    def go_forward_again(self) -> None:
        self.cert.stop()
        run("ln", "-sfn", self.newer, self.opt / "current")
        self.bring_forward(self.folder / "again.kpbackup")
        self.is_as_after_the_erasure()
        self.cert.start()
        check(self.cert.holds(self.plan["ids"]["third"]), "what came after the way back is there")

    def is_as_after_the_erasure(self) -> None:
        doomed = self.plan["ids"]["doomed"]
        check(self.cert.holds(self.plan["ids"]["kept"]), "what was in the backup is there")
        check(not self.cert.holds(doomed) and not self.cert.readable(self.plan["canary"]), "what was erased is not")
        self.cert.refuses("import", self.folder / "doomed.json", "--tlp", "green")
        refusals = (self.folder / "doomed.json.refusals.ndjson").read_text()
        check('"erased"' in refusals, "and is not taken in again")
        check(not self.cert.readable(self.plan["canary"]), "not even by half")


if __name__ == "__main__":
    life = Life(json.loads(Path(sys.argv[1]).read_text()))
    try:
        life.live()
    finally:
        for node in (getattr(life, "cert", None), getattr(life, "operator", None)):
            if node is not None and node.server is not None:
                node.server.kill()
    print(json.dumps(life.figures))
