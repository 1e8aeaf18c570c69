"""The unit: systemd understands it, finds it closed, and paths that would break it are refused."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kouprey.kernel.words.errors import Damaged
from kouprey.node.unit import render_unit


def unit(port: int = 8420) -> str:
    return render_unit(Path(sys.executable), Path("/srv/kouprey"), "root", port=port)


@pytest.fixture
def analyze(tmp_path: Path) -> str:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is not installed")
    (tmp_path / "kouprey.service").write_text(unit(), "utf-8")
    return program


def test_systemd_understands_it(analyze: str, tmp_path: Path) -> None:
    ended = subprocess.run(
        [analyze, "verify", "--man=no", str(tmp_path / "kouprey.service")], capture_output=True, text=True, check=False
    )
    said = [line for line in ended.stderr.splitlines() if "kouprey.service" in line]
    assert ended.returncode == 0 and not said, ended.stderr


def test_systemd_finds_it_closed(analyze: str, tmp_path: Path) -> None:
    asked = [analyze, "security", "--offline=true", "--no-pager", str(tmp_path / "kouprey.service")]
    ended = subprocess.run(asked, capture_output=True, text=True, check=False)
    found = re.search(r"exposure level for \S+: ([\d.]+)", ended.stdout)
    if found is None:
        pytest.skip(f"this systemd-analyze does not judge files: {ended.stderr.strip()[:100]}")
    # 10 is an unprotected service. This one is judged as root here, which costs it half a point.
    assert float(found[1]) < 3.0, ended.stdout


def test_only_a_low_port_needs_a_capability() -> None:
    assert "CapabilityBoundingSet=\n" in unit()
    assert "AmbientCapabilities=CAP_NET_BIND_SERVICE\n" in unit(port=443)


def test_paths_that_would_break_it_are_refused() -> None:
    for path in ("/srv/two words", "/srv/50%", '/srv/"', "/srv/$HOME"):
        with pytest.raises(Damaged):
            render_unit(Path("/opt/kouprey/bin/kouprey"), Path(path), "kouprey", port=8420)
