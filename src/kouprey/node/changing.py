"""Changing a setting of a running node: the file is rewritten, its comments stay, and what may count at once does."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import stat
import threading
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from kouprey.kernel.disk import sync_folder
from kouprey.kernel.storage import audit
from kouprey.kernel.words.errors import Damaged, KoupreyError, Refused, Unknown
from kouprey.node.settings import FILE, MEANINGS, Settings, gather, settle

if TYPE_CHECKING:
    from kouprey.node.assemble import Node

LIVE = ("link_interval", "log_level", "second_factor", "playbook_hosts", "playbook_hosts_of_others")
"""Settings that a running node obeys from one moment to the next; every other counts from the next start."""

_log = logging.getLogger(__name__)


def rewrite(text: str, name: str, value: object | None) -> str:
    """The settings file with another value for one name, None taking it out; everything else stays, comments too.

    Refused (`by-hand`) where that cannot be done without touching something else, such as a value of several lines.
    """
    before = _parse(text)
    lines = text.splitlines(keepends=True)
    written = None if value is None else f"{name} = {_toml(value)}"
    if name in before:
        place = _find(lines, name, before[name])
        lines[place] = _replace(lines[place], name, before[name], written)
    elif written is not None:
        if lines and not lines[-1].endswith("\n"):
            lines[-1] += "\n"
        lines.append(written + "\n")
    made = "".join(lines)
    wanted = {**before, name: value}
    if value is None:
        del wanted[name]
    # Whatever was overlooked, in a text of several lines for example: it is noticed here, before anything is written.
    if _parse(made) != wanted:
        raise _by_hand(name)
    return made


def _parse(text: str) -> dict[str, object]:
    try:
        return dict(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise Damaged(
            "The settings file cannot be read.", str(error), "Mend it by hand.", code="bad-setting"
        ) from error


def _find(lines: list[str], name: str, value: object) -> int:
    head = re.compile(rf"""\s*["']?{re.escape(name)}["']?\s*=""")
    for place, line in enumerate(lines):
        if head.match(line):
            with contextlib.suppress(tomllib.TOMLDecodeError):
                if tomllib.loads(line) == {name: value}:
                    return place
    raise _by_hand(name)


def _replace(line: str, name: str, value: object, written: str | None) -> str:
    ending = line[len(line.rstrip("\r\n")) :]
    bare = line.rstrip("\r\n")
    comment = ""
    # The first sign before which the line says the same begins the comment; one within a text does not.
    for place, letter in enumerate(bare):
        if letter == "#":
            with contextlib.suppress(tomllib.TOMLDecodeError):
                if tomllib.loads(bare[:place]) == {name: value}:
                    comment = bare[len(bare[:place].rstrip()) :]
                    break
    if written is None:
        return comment.lstrip() + ending if comment else ""
    return written + comment + ending


def _toml(value: object) -> str:
    # A TOML string is a JSON string, but for one character; numbers and truth are the same.
    return msgspec.json.encode(value).decode().replace("\x7f", "\\u007f")


def _by_hand(name: str) -> Refused:
    return Refused(
        f"The setting {name} cannot be changed here.",
        "It is written in a way that only a person can change without touching what stands beside it.",
        f"Change it in {FILE} by hand.",
        code="by-hand",
    )


class Live:
    """The settings of a running node, and how they change."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._lock = threading.Lock()
        self._seen = self._stamp()

    def given(self) -> dict[str, tuple[object, str]]:
        """What is set now, and by what, as `gather` says it; what is not there is as it is by default."""
        return gather(_parse(self._file.read_bytes().decode("utf-8")), self._node.flags)

    def change(self, name: str, value: object | None, *, by: str) -> str | None:
        """Write another value (None: the default), and obey it; the text of the one before, None for the default.

        Unknown for no setting; Refused for one that cannot change while the node runs (`needs-restart`), or that
        environment or flag set (`set-elsewhere`); Damaged for a value that is none.
        """
        if name not in MEANINGS:
            raise Unknown(f"There is no setting {name[:60]!r}.", code="unknown-setting")
        if name not in LIVE:
            raise Refused(
                f"The setting {name} counts from the next start on.",
                "A running node cannot obey it.",
                f"Write it into {FILE} and restart the node.",
                code="needs-restart",
            )
        with self._lock:
            text = self._file.read_bytes().decode("utf-8")
            given = gather(_parse(text), self._node.flags)
            before, place = given.get(name, (None, "default"))
            if place not in ("file", "default"):
                raise Refused(
                    f"The setting {name} is not set by the file.",
                    f"The {place} goes before it.",
                    "Change it there, and restart the node.",
                    code="set-elsewhere",
                )
            wanted = self._settle({**_parse(text), name: value} if value is not None else _without(_parse(text), name))
            kept = None if value is None else getattr(wanted, name)
            _write(self._file, rewrite(text, name, kept))
            self._seen = self._stamp()
            self._obey(wanted)
        told = None if before is None else _told(before)
        detail = {"setting": name, "before": told or "", "after": "" if kept is None else _told(kept)}
        now = self._node.clock()
        self._node.store.write(
            lambda tx: audit.append(tx, at=now, actor=by, action="node.setting", subject=name, detail=detail)
        )
        return told

    def refresh(self) -> bool:
        """Obey what was written into the file by hand, or by another process of this node; whether anything was."""
        stamp = self._stamp()
        if stamp == self._seen:
            return False
        with self._lock:
            # Remembered first: a file that is wrong is complained of once, not at every look.
            self._seen = stamp
            try:
                self._obey(self._settle(_parse(self._file.read_bytes().decode("utf-8"))))
            except KoupreyError as error:
                _log.error("The settings file was changed and is wrong; the node goes on as it was. %s", error)
                return False
        return True

    @property
    def _file(self) -> Path:
        return self._node.data / FILE

    def _stamp(self) -> tuple[int, int, int]:
        try:
            held = self._file.stat()
        except OSError:
            return 0, 0, 0
        return held.st_mtime_ns, held.st_size, held.st_ino

    def _settle(self, values: Mapping[str, object]) -> Settings:
        given = gather(values, self._node.flags)
        return settle(
            {name: value for name, (value, _) in given.items()}, {name: where for name, (_, where) in given.items()}
        )

    def _obey(self, wanted: Settings) -> None:
        node = self._node
        node.settings = msgspec.structs.replace(node.settings, **{name: getattr(wanted, name) for name in LIVE})
        node.federation.links.pace(wanted.link_interval)
        node.people.demand_second_factor(wanted.second_factor_roles)
        logging.getLogger("kouprey").setLevel(wanted.log_level.upper())


def _without(values: Mapping[str, object], name: str) -> dict[str, object]:
    return {each: value for each, value in values.items() if each != name}


def _told(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _write(file: Path, text: str) -> None:
    """All of it or nothing, readable as before; durable when this returns."""
    beside = file.with_name(f".{file.name}.new")
    mode = stat.S_IMODE(file.stat().st_mode)
    with contextlib.suppress(FileNotFoundError):
        beside.unlink()
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as out:
        out.write(text)
        out.flush()
        os.fchmod(out.fileno(), mode & 0o600)
        os.fsync(out.fileno())
    beside.replace(file)
    sync_folder(file.parent)
