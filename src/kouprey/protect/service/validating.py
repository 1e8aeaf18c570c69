"""Asking the programs that will read a file whether they can: without a shell, a network, or more than a minute."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from msgspec.structs import replace

from kouprey.protect.model import Check, Format
from kouprey.protect.wire.rpz import zone_name

SECONDS = 60.0
_PLACES = os.pathsep.join(("/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/local/sbin", "/usr/local/bin"))
_SAID = 500
_UNBOUND = 'server:\n  chroot: ""\n  username: ""\n  directory: "{folder}"\n  use-syslog: no\ninclude: "{file}"\n'
_NOT_PERMITTED = ("Operation not permitted", "unshare failed", "unshare: ", "Permission denied", "Message too long")


def validate(shield: str, folder: Path, formats: Sequence[Format]) -> tuple[Check, ...]:
    """What each program says of its file in a folder; one that is not installed, or may not run here, says nothing."""
    asked = {Format.RPZ: _zone, Format.UNBOUND: _unbound, Format.NFTABLES: _sets}
    return tuple(asked[form](shield, folder / form) for form in formats if form in asked)


def _zone(shield: str, file: Path) -> Check:
    return _run(Format.RPZ, "named-checkzone", ["-q", "-i", "local", zone_name(shield), str(file)])


def _unbound(_: str, file: Path) -> Check:
    with tempfile.TemporaryDirectory() as place:
        whole = Path(place) / "unbound.conf"
        whole.write_text(_UNBOUND.format(folder=place, file=file.resolve()), "utf-8")
        made = _run(Format.UNBOUND, "unbound-checkconf", [str(whole)])
        return replace(made, said=made.said.replace(f"{place}/", ""))


def _sets(_: str, file: Path) -> Check:
    # In a network of its own nobody's sets are looked at, and who is not root may ask too, as long as the list is short
    # enough for the room that the kernel gives them.
    outer = shutil.which("unshare", path=_PLACES) or ""
    alone = ["--net"] if os.geteuid() == 0 else ["--user", "--map-root-user", "--net"]
    return _run(Format.NFTABLES, "nft", ["-c", "-f", str(file)], [outer, *alone] if outer else [])


def _run(form: Format, program: str, words: Sequence[str], around: Sequence[str] = ()) -> Check:
    path = shutil.which(program, path=_PLACES)
    if path is None:
        return Check(format=form, program=program, found=False, passed=False)
    try:
        done = subprocess.run(
            [*around, path, *words],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS,
            env={"PATH": _PLACES, "LC_ALL": "C"},
            check=False,
        )
    except (subprocess.TimeoutExpired, OSError) as error:
        return Check(format=form, program=program, found=True, passed=False, said=str(error)[:_SAID])
    said = (done.stderr + done.stdout).decode("utf-8", "replace").strip()
    if done.returncode and any(each in said for each in _NOT_PERMITTED):
        return Check(format=form, program=program, found=False, passed=False, said=said[:_SAID])
    if done.returncode == 0:
        return Check(format=form, program=program, found=True, passed=True)
    return Check(format=form, program=program, found=True, passed=False, said=said[:_SAID])
