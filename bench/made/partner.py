"""What a node has beside its objects: a partner, an agreement in force and its next draft, constituents, figures."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from made.objects import HOME
from made.serving import command, free_port, served

PARTNER, TITLE = "partner-0.example", "Bench exchange"
_TERMS = """
days = 730
[title]
en = "Bench exchange"
[terms]
tlp_ceiling = "amber"
types = ["intelligence", "sighting"]
approvals = [{ tlp = "amber", role = "liaison", persons = 1 }]
duties = [{ kind = "acknowledge", within_s = 86400 }]
"""


def furnish(folder: Path) -> None:
    """Some thousands of objects given under an agreement, some waiting for their release, forty constituents."""
    beside = folder.parent / f"{folder.name}-partner"
    ours, theirs = free_port(), free_port()
    command("init", str(beside), "--party", PARTNER, "--name", "Partner", "--listen", f"127.0.0.1:{theirs}")
    terms = beside / "terms.toml"
    terms.write_text(_TERMS, "utf-8")
    draft = ("agreement", "draft", "--terms-file", str(terms), "--with", PARTNER, "--data", str(folder))
    with served(folder, ours), served(beside, theirs):
        command("link", "add", f"http://127.0.0.1:{theirs}", "--allow-private", "--yes", "--data", str(folder))
        command("link", "add", f"http://127.0.0.1:{ours}", "--allow-private", "--yes", "--data", str(beside))
        command(*draft, "--propose", "--yes")
        _wait(lambda: TITLE in _said("agreement", "list", "--data", str(beside)))
        command("agreement", "sign", TITLE, "--yes", "--data", str(beside))
        _wait(lambda: "in force" in _said("agreement", "list", "--data", str(folder)))
        for kind in ("threat-actor", "tool"):
            command("publish", "--agreement", TITLE, "--type", kind, "--data", str(folder))
        given = _said("agreement", "list", "--data", str(folder))
        agreement = next(iter(re.findall(r"agr_[0-9a-f]+", given)))
        command(*draft, "--amends", agreement, "--tlp", "green")
    table = beside / "constituents.csv"
    table.write_text("".join(_rows()), "utf-8")
    command("constituent", "import", str(table), "--data", str(folder))


def _rows() -> Iterator[str]:
    yield "id,name,language,clearance,networks,contacts\n"
    for number in range(40):
        networks = " ".join(f"10.{number}.{n}.0/24" for n in range(25))
        yield f"constituent-{number}.example,Constituent {number},en,green,{networks},\n"


def _said(*words: str) -> str:
    return subprocess.run([sys.executable, "-m", "kouprey", *words], check=True, capture_output=True, text=True).stdout


def _wait(holds: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError(f"{HOME} and {PARTNER} did not agree within {seconds:g} s")
        time.sleep(0.5)
