"""The examples of the how-to pages about the interface are run as they stand."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

DOCS = Path(__file__).parents[3] / "docs" / "how-to"
EXAMPLES = Path(__file__).parents[3] / "examples"
Desk = Any
"""What conftest builds."""


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_examples_do_what_they_say(desk: Desk, tmp_path: Path) -> None:
    desk.keep(desk.indicator(1, value="203.0.113.9"), desk.indicator(2))
    told = ""
    with desk.served() as origin:
        environment = {**os.environ, "NODE": origin, "TOKEN": desk.secret()}
        for page in ("use-the-api.md", "feed-a-siem.md"):
            text = (DOCS / page).read_text("utf-8")
            blocks = re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
            assert len(blocks) >= 4, page
            for block in blocks:
                ran = subprocess.run(["bash", "-ec", block], capture_output=True, cwd=tmp_path, env=environment)
                assert ran.returncode == 0, (block, ran.stdout, ran.stderr)
                told += ran.stdout.decode()
        (code,) = re.findall(r"^```python\n(.*?)^```", (DOCS / "use-the-api.md").read_text("utf-8"), re.M | re.S)
        given = f"import os\nurl, secret = os.environ['NODE'], os.environ['TOKEN']\n{code}"
        environment["PYTHONPATH"] = str(EXAMPLES)
        ran = subprocess.run([sys.executable, "-c", given], capture_output=True, env=environment)
        assert ran.returncode == 0, ran.stderr
        told += ran.stdout.decode()
    for word in (
        '"sightings":[{',
        '"asked":"203.0.113.9"',
        '"verdict":"kept"',
        "event: object",
        "203.0.113.9 [{'kind'",
    ):
        assert word in told, word
    assert "203.0.113.9" in (tmp_path / "indicators.csv").read_text("utf-8")
    assert desk.client().get(f"/objects/{desk.indicator(1)['id']}").json()["times_seen"] == 7
