"""Make the offline bundle: a file that Python runs, with an installer, a manifest and every wheel a node needs."""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).parents[1]
INSTALLER = Path(__file__).with_name("bundle_installer.py")
ARCHITECTURES = ("x86_64", "aarch64")
PYTHONS = ("3.11",)
# From glibc 2.17 on; Debian 12 and RHEL 9 have newer ones.
PLATFORMS = ("manylinux_2_28", "manylinux_2_24", "manylinux_2_17", "manylinux2014")


def fetch(lock: Path, wheels: Path, architecture: str, python: str) -> None:
    """Bring the locked wheels for one platform into a folder; pip compares each with the hashes of the lock."""
    abi = "cp" + python.replace(".", "")
    platforms = [word for name in PLATFORMS for word in ("--platform", f"{name}_{architecture}")]
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--require-hashes", "--only-binary", ":all:", "--python-version", python, "--implementation", "cp"]
    command += ["--abi", abi, "--abi", "abi3", "--abi", "none", *platforms, "--dest", str(wheels), "-r", str(lock)]
    subprocess.run(command, check=True)


def build(source: Path, wheels: Path) -> Path:
    """The wheel of a checkout; hatchling makes the same bytes of the same files."""
    before = set(wheels.glob("kouprey-*.whl"))
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-deps"]
    subprocess.run([*command, "--no-build-isolation", "--wheel-dir", str(wheels), str(source)], check=True)
    (made,) = set(wheels.glob("kouprey-*.whl")) - before
    return made


def pack(out: Path, lock: str, wheels: Iterable[Path], about: Mapping[str, object]) -> Path:
    """Write the bundle; the same files give the same bytes."""
    parts = {"requirements.txt": lock.encode(), **{f"wheels/{path.name}": path.read_bytes() for path in sorted(wheels)}}
    listed = {name: sha256(data).hexdigest() for name, data in parts.items()}
    manifest = json.dumps({**about, "files": listed}, indent=1, sort_keys=True).encode()
    parts = {"__main__.py": INSTALLER.read_bytes(), "bundle.json": manifest, **parts}
    with out.open("wb") as file:
        file.write(b"#!/usr/bin/env python3\n")
        with zipfile.ZipFile(file, "w") as archive:
            for name, data in parts.items():
                # A fixed time; wheels are compressed already.
                archive.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), data)
    out.chmod(0o755)
    return out


def main() -> None:
    """Fetch, build, pack, and say what must be compared on the other side."""
    parser = argparse.ArgumentParser(prog="scripts/bundle", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "dist", help="where to put it (dist)")
    parser.add_argument("--arch", action="append", choices=ARCHITECTURES, help="processors; both when not said")
    parser.add_argument("--python", action="append", metavar="X.Y", help="versions of Python; 3.11 when not said")
    parser.add_argument("--source", type=Path, default=ROOT, help="another checkout to make it of")
    asked = parser.parse_args()
    architectures, pythons = asked.arch or list(ARCHITECTURES), asked.python or list(PYTHONS)
    locked = asked.source / "requirements" / "run.txt"
    asked.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        wheels = Path(folder)
        for architecture in architectures:
            for python in pythons:
                print(f"bundle: packages for {architecture}, Python {python}", file=sys.stderr)
                fetch(locked, wheels, architecture, python)
        own = build(asked.source, wheels)
        version = re.fullmatch(r"kouprey-([^-]+)-.*\.whl", own.name)
        assert version is not None
        digest = sha256(own.read_bytes()).hexdigest()
        lock = locked.read_text("utf-8") + f"kouprey=={version[1]} \\\n    --hash=sha256:{digest}\n"
        about = {"version": version[1], "build": digest[:8], "architectures": architectures, "pythons": pythons}
        made = pack(asked.folder / f"kouprey-{version[1]}-{digest[:8]}.pyz", lock, wheels.glob("*.whl"), about)
    print(f"{made}  {made.stat().st_size:,} bytes")
    print(f"sha256 {sha256(made.read_bytes()).hexdigest()}")
    print("Carry the hash by another way than the file, and compare it before installing (sha256sum).")


if __name__ == "__main__":
    main()
