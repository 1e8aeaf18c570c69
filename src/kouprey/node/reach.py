"""The settings of whom steps of strategies may call, and the secrets they are let in with."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from kouprey.kernel.words.errors import Refused
from kouprey.response.model.calls import Reach

HOSTS = {
    "playbook_hosts": "Hosts that steps of strategies may call when a person says so, with commas between: `HOST` or "
    '`HOST:PORT`; "" = none.',
    "playbook_hosts_of_others": "Hosts of third parties: called only when two persons say so.",
    "playbook_secrets": "The folder of secrets for these hosts, each in the file `HOST/NAME`, in the data directory"
    " unless it begins with `/`. A step names one, and it goes to that host alone.",
}
"""Setting -> what it means, for the reference."""
_HOST = re.compile(r"(?:\[[0-9A-Fa-f:.]{2,45}\]|[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?)(?::[0-9]{1,5})?")
_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,79}")
_LARGEST = 4_096


class Reaching(msgspec.Struct, frozen=True, kw_only=True):
    """These settings, among those of a node."""

    playbook_hosts: str = ""
    playbook_hosts_of_others: str = ""
    playbook_secrets: str = "playbook-secrets"


def reach_of(settings: Reaching) -> Reach:
    """Whom steps may call; a host without a port means 443."""
    return Reach(
        hosts=frozenset(_hosts(settings.playbook_hosts)), others=frozenset(_hosts(settings.playbook_hosts_of_others))
    )


def reach_problems(settings: Reaching) -> Iterator[tuple[str, str]]:
    """(setting, what is wrong with it) for what its type alone allows."""
    for name in ("playbook_hosts", "playbook_hosts_of_others"):
        for host in _words(getattr(settings, name)):
            port = host.rpartition(":")[2] if ":" in host.rpartition("]")[2] else "443"
            if not _HOST.fullmatch(host) or not 0 < int(port) < 65536:
                yield name, f"{host!r} is not of the form HOST or HOST:PORT, in small letters."
    if not settings.playbook_secrets.strip():
        yield "playbook_secrets", "It names no folder."


def read_secret(folder: Path, host: str, name: str) -> str:
    """A secret for a host; Refused (`no-secret`) where there is none, saying in which file it would stand."""
    file = folder / host / name
    try:
        if not _NAME.fullmatch(name):
            raise OSError("no name of a file")
        with file.open("rb") as source:
            raw = source.read(_LARGEST + 1)
        text = raw.decode("ascii").strip()
        if not text or not text.isprintable() or len(raw) > _LARGEST:
            raise OSError("empty, too long, or of more than one line")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise Refused(
            f"There is no secret “{name[:80]}” for {host}.",
            f"Its file cannot be read: {reason}.",
            f"Whoever keeps the node writes it into {host}/{name[:80]} in the folder playbook_secrets.",
            code="no-secret",
        ) from error
    return text


def _hosts(text: str) -> Iterator[str]:
    for host in _words(text):
        yield host if ":" in host.rpartition("]")[2] else f"{host}:443"


def _words(text: str) -> list[str]:
    return [each.strip() for each in text.split(",") if each.strip()]
