"""The offline bundle: it notices what is wrong with it, and carries a node through its life without a network."""

from __future__ import annotations

import functools
import importlib.util
import json
import os
import platform
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from kouprey.kernel.storage.copies import dump_postgres

ROOT = Path(__file__).parents[2]
LIFE = Path(__file__).with_name("offline_life.py")
# Root needs no namespace of users, and in one it could not reach the socket of PostgreSQL, which another user runs.
ALONE = ["unshare", "-n" if os.geteuid() == 0 else "-rn"]
HERE = f"{sys.version_info[0]}.{sys.version_info[1]}"


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def pack(out: Path, **about: Any) -> Path:
    """A bundle with one wheel, which is none."""
    wheel = out.parent / "kouprey-1-py3-none-any.whl"
    wheel.write_bytes(b"not a wheel")
    told = {"version": "1", "build": "ab", "architectures": [platform.machine()], "pythons": [HERE]} | about
    made: Path = script("make_bundle").pack(out, "kouprey==1\n", [wheel], told)
    return made


def call(bundle: Path, *words: str) -> tuple[int, str]:
    ended = subprocess.run([sys.executable, str(bundle), *words], capture_output=True, text=True, check=False)
    return ended.returncode, ended.stdout + ended.stderr


def test_a_whole_bundle_says_what_it_holds_and_is_made_the_same_twice(tmp_path: Path) -> None:
    first, second = pack(tmp_path / "a.pyz"), pack(tmp_path / "b.pyz")
    assert first.read_bytes() == second.read_bytes()
    code, said = call(first)
    assert code == 0 and "2 files, all whole" in said and "kouprey-1-py3-none-any.whl" in said
    assert call(first, "install")[0] == 1


def test_what_is_damaged_or_foreign_is_not_installed(tmp_path: Path) -> None:
    whole = pack(tmp_path / "a.pyz").read_bytes()
    flipped = bytearray(whole)
    flipped[whole.index(b"not a wheel")] ^= 1
    cut = whole[: len(whole) // 2]
    cases = {"flipped": (bytes(flipped), "damaged"), "cut": (cut, "")}
    for name, (data, word) in cases.items():
        (tmp_path / f"{name}.pyz").write_bytes(data)
        code, said = call(tmp_path / f"{name}.pyz", "install", str(tmp_path / "opt"))
        assert code == 1 and word in said, name
    more = pack(tmp_path / "more.pyz")
    with zipfile.ZipFile(more, "a") as archive:
        archive.writestr("wheels/evil-1-py3-none-any.whl", b"evil")
    changed = pack(tmp_path / "changed.pyz", pythons=["2.7"])
    for bundle, word in ((more, "does not hold"), (changed, "for Python 2.7"), (pack(tmp_path / "c.pyz"), "failed")):
        code, said = call(bundle, "install", str(tmp_path / "opt"))
        assert code == 1 and word in said and "Remedy" in said, said
    assert not (tmp_path / "opt" / "current").exists()
    assert not [path for path in (tmp_path / "opt").glob("*") if path.is_dir()]


IDS = {
    name: f"indicator--5f8a3b0e-3a6e-4f0e-9d57-00000000000{at}"
    for at, name in enumerate(("kept", "doomed", "second", "third", "fourth"))
}
CANARY = "canary-7d20"
LATER = {
    "exchange/migrations": ("later.sql", "CREATE TABLE later (id {{identity}}, body {{blob}});"),
    "federation/migrations/guard": ("later.sql", "ALTER TABLE erasure ADD COLUMN later TEXT NOT NULL DEFAULT '';"),
}


def previous(folder: Path) -> Path:
    """The last commit whose data this one has to bring forward, as a checkout."""

    def git(*words: str) -> str:
        return subprocess.run(["git", "-C", str(ROOT), *words], capture_output=True, text=True, check=True).stdout

    try:
        changed = git("log", "--format=%H", "-1", "--diff-filter=A", "--", "src/kouprey/*/migrations/*.sql").strip()
        git("archive", "--format=tar", "-o", str(folder / "before.tar"), f"{changed}^")
    except (subprocess.CalledProcessError, FileNotFoundError) as error:
        why = getattr(error, "stderr", "") or str(error)
        pytest.skip(f"no history to take the version before from: {why.strip()[:200]}")
    before = folder / "before"
    before.mkdir()
    subprocess.run(["tar", "-xf", str(folder / "before.tar"), "-C", str(before)], check=True)
    return before


def following(folder: Path) -> Path:
    """This checkout with one migration more, of the database and of the guard: what a later version looks like."""
    after = folder / "after"
    for name in ("src", "requirements"):
        shutil.copytree(ROOT / name, after / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, after)
    for where, (name, text) in LATER.items():
        migrations = after / "src" / "kouprey" / where
        number = max(int(file.name[:4]) for file in migrations.glob("*.sql")) + 1
        (migrations / f"{number:04}_{name}").write_text(text, "utf-8")
    return after


@pytest.fixture(scope="module")
def bundle_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The bundle of the version "before", of "this" one, or of the one "after"; each is made once."""
    folder = tmp_path_factory.mktemp("bundles")
    sources = {"before": previous, "this": lambda _: ROOT, "after": following}

    @functools.cache
    def make(which: str) -> Path:
        command = [sys.executable, str(ROOT / "scripts" / "make_bundle.py"), str(folder / which)]
        command += ["--arch", platform.machine(), "--python", HERE, "--source", str(sources[which](folder))]
        made = subprocess.run(command, capture_output=True, text=True, check=False)
        if made.returncode:
            pytest.skip(f"the packages cannot be had: {made.stderr.strip()[-300:]}")
        return Path(made.stdout.split()[0])

    return make


def write_objects(folder: Path) -> None:
    for name, stix_id in IDS.items():
        word = CANARY if name == "doomed" else name
        held = {
            "type": "indicator",
            "spec_version": "2.1",
            "id": stix_id,
            "created": "2026-01-01T00:00:00.000Z",
            "modified": "2026-01-01T00:00:00.000Z",
            "pattern": f"[domain-name:value = '{word}.example']",
            "pattern_type": "stix",
            "valid_from": "2026-01-01T00:00:00Z",
        }
        (folder / f"{name}.json").write_text(json.dumps(held), "utf-8")


@pytest.mark.long
@pytest.mark.parametrize(
    ("old", "new", "engine", "erasures"),
    [
        ("before", "this", "sqlite", "file"),
        ("before", "this", "postgres", "guard"),
        ("this", "after", "sqlite", "folder"),
        ("this", "after", "postgres", "guard"),
    ],
)
def test_a_node_lives_without_a_network(
    old: str,
    new: str,
    engine: str,
    erasures: str,
    tmp_path: Path,
    bundle_of: Callable[[str], Path],
    request: pytest.FixtureRequest,
) -> None:
    """Install, init, serve, upgrade, roll back, upgrade again; with a partner, and with something that is erased."""
    if shutil.which("unshare") is None or subprocess.run([*ALONE, "true"], check=False).returncode:
        pytest.skip("network namespaces are not permitted here")
    fresh = request.getfixturevalue("fresh_postgres") if engine == "postgres" else None
    databases = [fresh() for _ in range(3)] if fresh else []
    bundles = {"old": bundle_of(old), "new": bundle_of(new)}
    write_objects(tmp_path)
    plan = {
        **{name: str(path) for name, path in bundles.items()},
        "folder": str(tmp_path),
        "databases": databases,
        "erasures": erasures,
        "ids": IDS,
        "canary": CANARY,
    }
    (tmp_path / "plan.json").write_text(json.dumps(plan), "utf-8")
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("KOUPREY_", "PYTHON"))}
    ended = subprocess.run(
        [*ALONE, sys.executable, "-I", str(LIFE), str(tmp_path / "plan.json")],
        env={**clean, "KOUPREY_LINK_INTERVAL": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=500,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    figures = {**{f"{name} bundle": path.stat().st_size for name, path in bundles.items()}}
    print(json.dumps({**figures, **json.loads(ended.stdout.splitlines()[-1])}))
    if databases:
        dump_postgres(databases[2], tmp_path / "dump")
        assert CANARY.encode() not in (tmp_path / "dump").read_bytes()
        dump_postgres(databases[0], tmp_path / "left")
        assert CANARY.encode() not in (tmp_path / "left").read_bytes()
