"""Install Kouprey from the file this is in, without a network; needs Python with its venv module and nothing else.

It runs as `python3 kouprey-VERSION.pyz`, so everything here is of the standard library.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

BUNDLE = Path(__file__).parent
DESCRIPTION = "Kouprey for machines without a network. Commands: show, verify, install FOLDER."


def stop(what: str, remedy: str) -> SystemExit:
    """An error for people."""
    return SystemExit(f"Error:  {what}\nRemedy: {remedy}")


def verify(archive: zipfile.ZipFile) -> dict[str, object]:
    """The manifest, once every file is what it says and none is beside."""
    again = "Copy the bundle again, and compare its SHA-256 with the one its makers told you."
    try:
        manifest: dict[str, object] = json.loads(archive.read("bundle.json"))
        listed = manifest["files"]
        assert isinstance(listed, dict)
        if set(archive.namelist()) != {*listed, "__main__.py", "bundle.json"}:
            raise stop("The bundle does not hold the files it lists.", again)
        for name, digest in listed.items():
            if hashlib.sha256(archive.read(name)).hexdigest() != digest:
                raise stop(f"{name} is damaged.", again)
    except (zipfile.BadZipFile, ValueError, KeyError, OSError) as error:
        raise stop(f"The bundle is damaged: {error}.", again) from None
    return manifest


def check_machine(manifest: dict[str, object]) -> None:
    """Refuse a machine for which there are no wheels before anything is made."""
    have = (platform.machine(), ".".join(platform.python_version_tuple()[:2]))
    wanted = (manifest["architectures"], manifest["pythons"])
    for what, one, those in zip(("processor", "Python"), have, wanted, strict=True):
        if one not in those:  # type: ignore[operator]  # lists, as make_bundle.py writes them
            raise stop(
                f"This bundle is for {what} {', '.join(those)}, and this is {one}.",  # type: ignore[arg-type]  # as above
                "Run it with another Python, or make one for this machine: scripts/bundle --arch … --python …",
            )
    if sys.platform != "linux":
        raise stop("This bundle is for Linux.", "Make a checkout and call scripts/setup.")


def install(archive: zipfile.ZipFile, manifest: dict[str, object], folder: Path) -> None:
    """Make FOLDER/VERSION-BUILD and point FOLDER/current at it; what was current stays and can be pointed at again."""
    check_machine(manifest)
    name = f"{manifest['version']}-{manifest['build']}"
    place, link = folder.absolute() / name, folder.absolute() / "current"
    program = place / "bin" / "kouprey"
    if not (place / "whole").exists():
        folder.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(place, ignore_errors=True)
        try:
            make(archive, place)
            subprocess.run([program, "--version"], check=True)
            (place / "whole").touch()
        except subprocess.CalledProcessError as error:
            shutil.rmtree(place, ignore_errors=True)
            raise stop(
                f"{' '.join(map(str, error.cmd[:4]))} failed, and nothing was installed.",
                "Debian and Ubuntu: install python3-venv. Else see what it says above.",
            ) from None
    before = str(link.readlink()) if link.is_symlink() else ""
    beside = folder.absolute() / ".current"
    beside.unlink(missing_ok=True)
    beside.symlink_to(name)
    beside.replace(link)
    print(f"{link}/bin/kouprey is {name}.")
    if before and before != name:
        print(f"  The way back: ln -sfn {before} {link}  (and, after an upgrade of data, its backup)")


def make(archive: zipfile.ZipFile, place: Path) -> None:
    """An environment with exactly what is locked; pip compares every wheel with its hash once more."""
    subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
    with tempfile.TemporaryDirectory() as unpacked:
        archive.extractall(unpacked)
        pip = [str(place / "bin" / "python"), "-I", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        pip += ["--no-index", "--find-links", f"{unpacked}/wheels", "--require-hashes", "--only-binary", ":all:"]
        # What this machine sets for pip elsewhere (indexes, constraints) has no say here.
        own = {key: value for key, value in os.environ.items() if not key.startswith("PIP_")}
        own["PIP_CONFIG_FILE"] = os.devnull
        subprocess.run([*pip, "-r", f"{unpacked}/requirements.txt"], check=True, env=own)


def main() -> None:
    """Do what the command line says."""
    if sys.version_info < (3, 11):  # noqa: UP036  # whoever runs this may have any
        raise stop(f"Kouprey needs Python 3.11, and this is {platform.python_version()}.", "Run it with a newer one.")
    parser = argparse.ArgumentParser(prog=BUNDLE.name, description=DESCRIPTION)
    parser.add_argument("command", nargs="?", default="show", choices=("show", "verify", "install"))
    parser.add_argument("folder", nargs="?", type=Path, help="where to install, for example /opt/kouprey")
    asked = parser.parse_args()
    try:
        archive = zipfile.ZipFile(BUNDLE)
    except zipfile.BadZipFile as error:
        raise stop(f"The bundle is damaged: {error}.", "Copy it again.") from None
    with archive:
        manifest = verify(archive)
        if asked.command == "install":
            if asked.folder is None:
                raise stop("It was not said where to install.", f"python3 {BUNDLE.name} install /opt/kouprey")
            install(archive, manifest, asked.folder)
            return
        files = manifest["files"]
        assert isinstance(files, dict)
        print(f"Kouprey {manifest['version']}, build {manifest['build']}: {len(files)} files, all whole.")
        if asked.command == "show":
            print("\n".join(sorted(files)))
            print(f"Install: python3 {BUNDLE.name} install /opt/kouprey")


if __name__ == "__main__":
    main()
