"""The runbook: its commands are run as they stand there, in their order, from the first node to the way back."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kouprey.kernel.cli.frame import run
from kouprey.node.main import kouprey, open_for
from kouprey.node.settings import read_settings

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "run-a-node.md"
BLOCK = re.compile(r"^ *```(\w*)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
ELSEWHERE = {"parcel": "it needs a partner with an agreement: docs/how-to/carry-a-parcel.md has its own test"}
Undo = Callable[[Path], None]


def commands() -> Iterator[str]:
    for kind, block in BLOCK.findall(PAGE.read_text("utf-8")):
        yield from (line.strip() for line in block.splitlines() if not kind and line.strip().startswith("kouprey "))


def test_every_command_does_what_the_page_says(
    tmp_path: Path, make_older: Undo, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "safe").mkdir()
    monkeypatch.chdir(tmp_path)
    data = tmp_path / "kouprey"
    done = []
    for line in commands():
        words = shlex.split(line.partition(" > ")[0])[1:]
        words = [word.replace("/srv/", f"{tmp_path}/").replace("/media/", f"{tmp_path}/") for word in words]
        if words[0] in ELSEWHERE:
            continue
        if "age1..." in words:
            recipient = Path("backup-identity.txt").read_text("utf-8").split("public key: ")[1].split()[0]
            words[words.index("age1...")] = recipient
        if words[:2] == ["person", "deactivate"]:
            invite = ["person", "invite", words[2], "--role", "analyst", "--data", str(data)]
            assert run(kouprey(), invite, opener=open_for) == 0
        if words[:2] == ["upgrade", "--check"]:
            make_older(data)
        if words[0] == "restore":
            data.rename(tmp_path / "set-aside")
        assert run(kouprey(), words, opener=open_for) == 0, f"{line}\n{capsys.readouterr().err}"
        done.append(words[0])
        said = capsys.readouterr().out
        if words[:2] == ["upgrade", "--check"]:
            assert "would be applied" in said
    assert done.count("backup") == 2 and done[-1] == "restore"
    assert (tmp_path / "safe" / "before-upgrade.kpbackup").exists() and (data / "kouprey.db").exists()


def test_every_setting_of_the_page_is_one(tmp_path: Path) -> None:
    blocks = [block for kind, block in BLOCK.findall(PAGE.read_text("utf-8")) if kind == "toml"]
    assert len(blocks) == 2
    for block in blocks:
        (tmp_path / "kouprey.toml").write_text(block, "utf-8")
        assert read_settings(tmp_path)


def test_every_vital_of_the_page_is_one() -> None:
    from kouprey.node import metrics

    text = PAGE.read_text("utf-8")
    named = set(re.findall(r"`kouprey_([a-z_]+)", text))
    sources = [Path(metrics.__file__), *Path(metrics.__file__).parents[1].rglob("vitals.py")]
    sources.append(Path(metrics.__file__).parents[1] / "kernel" / "web" / "traffic.py")
    known = "".join(path.read_text("utf-8") for path in sources)
    assert len(named) > 7 and not [name for name in named if f'"{name}"' not in known]
