"""The offline bundle: it notices what is wrong with it, and carries a node through its life without a network."""

from __future__ import annotations

import importlib.util
import json
import platform
import shutil
import subprocess
import sys
import textwrap
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
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


LIFE = """
import json, pathlib, signal, socket, struct, subprocess, sys, time, urllib.request, fcntl
old, new, folder, refuses = sys.argv[1:5]
folder = pathlib.Path(folder)
with socket.socket() as raw:  # loopback is down in a new namespace
    fcntl.ioctl(raw, 0x8914, struct.pack("16sh", b"lo", 0x1))
try:
    socket.create_connection(("192.0.2.1", 80), timeout=3)
    sys.exit("there is a network")
except OSError as error:
    print("no network:", error)
opt, data = folder / "opt", folder / "node"
program = str(opt / "current" / "bin" / "kouprey")

def run(*words):
    print("$", *words)
    ended = subprocess.run(words, capture_output=True, text=True)
    if ended.returncode:
        sys.exit(f"{words} ended with {ended.returncode}: {ended.stdout}{ended.stderr}")
    return ended.stdout

def node(*words, at=data):
    return json.loads(run(program, *words, "--data", str(at), "--json"))

def fails(*words):
    ended = subprocess.run([program, *words, "--json"], capture_output=True, text=True)
    if not ended.returncode:
        sys.exit(f"{words} should have been refused")
    return json.loads(ended.stderr)["code"]

def serve(at=data):
    server = subprocess.Popen([program, "serve", "--data", str(at)], stdout=subprocess.PIPE, text=True)
    print(server.stdout.readline().strip())
    told = json.loads(urllib.request.urlopen("http://127.0.0.1:8420/healthz", timeout=9).read())
    server.send_signal(signal.SIGTERM)
    if told["status"] != "ok" or server.wait(30):
        sys.exit(f"{told}, ended with {server.returncode}")

def held(at=data):
    return run(program, "export", "--data", str(at)).count("indicator--")

print(run(sys.executable, old, "install", str(opt)))
run(program, "init", str(data), "--party", "cert.example", "--name", "CERT")
serve()
node("import", str(folder / "first.json"))
count = held()
print(run(sys.executable, new, "install", str(opt)))
assert fails("serve", "--data", str(data)) == "upgrade-needed"
plan = node("upgrade", "--check")
assert plan["steps"], plan
run(program, "backup", str(folder / "x.kpbackup"), "--new-identity", str(folder / "identity.txt"), "--data", str(data))
recipient = (folder / "identity.txt").read_text().split("public key: ")[1].split()[0]
report = node("upgrade", str(folder / "before.kpbackup"), "--recipient", recipient)
assert report["steps"] == plan["steps"], report
serve()
assert held() == count > 0
node("import", str(folder / "second.json"))
assert held() > count
print(run(sys.executable, old, "install", str(opt)))
if refuses == "refuses":
    code = fails("person", "list", "--data", str(data))
    assert code == "newer", code
identity = str(folder / "identity.txt")
run(program, "restore", str(folder / "before.kpbackup"), str(folder / "back"), "--identity", identity)
serve(at=folder / "back")
assert held(at=folder / "back") == count
print("lived")
"""


def previous(folder: Path) -> Path:
    """The last commit whose data this one has to bring forward, as a checkout."""

    def git(*words: str) -> str:
        return subprocess.run(["git", "-C", str(ROOT), *words], capture_output=True, text=True, check=True).stdout

    try:
        changed = git("log", "--format=%H", "-1", "--diff-filter=A", "--", "src/kouprey/*/migrations/*.sql").strip()
        git("archive", "--format=tar", "-o", str(folder / "before.tar"), f"{changed}^")
    except subprocess.CalledProcessError as error:
        pytest.skip(f"no history to take the version before from: {error.stderr.strip()[:200]}")
    before = folder / "before"
    before.mkdir()
    subprocess.run(["tar", "-xf", str(folder / "before.tar"), "-C", str(before)], check=True)
    return before


@pytest.mark.long
def test_a_node_lives_without_a_network(tmp_path: Path) -> None:
    if shutil.which("unshare") is None or subprocess.run(["unshare", "-rn", "true"], check=False).returncode:
        pytest.skip("network namespaces are not permitted here")
    bundles = []
    before = previous(tmp_path)
    # Versions before this rule let a database pass that a capability had used which they did not know.
    rule = "It has been used with" in (before / "src/kouprey/kernel/storage/migrate.py").read_text("utf-8")
    for source in (before, ROOT):
        command = [sys.executable, str(ROOT / "scripts" / "make_bundle.py"), str(tmp_path / "bundles")]
        command += ["--arch", platform.machine(), "--python", HERE, "--source", str(source)]
        made = subprocess.run(command, capture_output=True, text=True, check=False)
        if made.returncode:
            pytest.skip(f"the packages cannot be had: {made.stderr.strip()[-300:]}")
        bundles.append(made.stdout.split()[0])
    for number, name in enumerate(("first", "second"), 1):
        held = {
            "type": "indicator",
            "spec_version": "2.1",
            "id": f"indicator--5f8a3b0e-3a6e-4f0e-9d57-00000000000{number}",
            "created": "2026-01-01T00:00:00.000Z",
            "modified": "2026-01-01T00:00:00.000Z",
            "pattern": f"[domain-name:value = '{name}.example']",
            "pattern_type": "stix",
            "valid_from": "2026-01-01T00:00:00Z",
        }
        bundle = {"type": "bundle", "id": "bundle--5f8a3b0e-3a6e-4f0e-9d57-000000000000", "objects": [held]}
        (tmp_path / f"{name}.json").write_text(json.dumps(bundle), "utf-8")
    (tmp_path / "life.py").write_text(textwrap.dedent(LIFE), "utf-8")
    command = ["unshare", "-rn", sys.executable, str(tmp_path / "life.py"), *bundles, str(tmp_path)]
    command.append("refuses" if rule else "passes")
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=500)
    assert ended.returncode == 0 and ended.stdout.endswith("lived\n"), ended.stdout + ended.stderr
