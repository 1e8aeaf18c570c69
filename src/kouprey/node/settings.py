"""Settings of a node: `kouprey.toml`, over it the environment (`KOUPREY_*`), over it flags."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from kouprey.kernel.words.errors import Damaged, Unknown
from kouprey.kernel.words.limits import Limits

FILE = "kouprey.toml"


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an operator may set; every field is also `KOUPREY_<NAME>` in the environment.

    `database` is "" for SQLite in the data directory, else a PostgreSQL DSN; `guard_database` likewise for the guard,
    which must never be part of a backup. `url` is the public origin, "" = derived from `listen`. `link_interval` is in
    seconds, `body_max` in bytes. `tls_certificate` and `tls_key` are files.
    """

    database: str = ""
    guard_database: str = ""
    listen: str = "127.0.0.1:8420"
    url: str = ""
    link_interval: float = 15.0
    body_max: int = 100 << 20
    page_max: int = 1000
    tls_certificate: str = ""
    tls_key: str = ""
    language: str = "en"
    story: bool = False

    @property
    def origin(self) -> str:
        """The public origin without a trailing slash."""
        scheme = "https" if self.tls_certificate else "http"
        return (self.url or f"{scheme}://{self.listen}").rstrip("/")

    @property
    def limits(self) -> Limits:
        """What the doors obey."""
        return Limits(body=self.body_max, page=self.page_max)

    @property
    def host(self) -> str:
        return self.listen.rpartition(":")[0].strip("[]") or "127.0.0.1"

    @property
    def port(self) -> int:
        return int(self.listen.rpartition(":")[2])

    @property
    def allowed_hosts(self) -> frozenset[str]:
        """Host headers this node answers to: its public origin and the address it listens on."""
        own = urlsplit(self.origin).netloc
        return frozenset({own, self.listen, f"127.0.0.1:{self.port}", f"localhost:{self.port}"})


def read_settings(data: Path, flags: Mapping[str, object] | None = None) -> Settings:
    """The settings of the node in `data`; Damaged names the setting that is wrong and where it came from."""
    file = data / FILE
    if not file.exists():
        raise Unknown(
            "There is no node here.",
            f"{file} does not exist.",
            "Run `kouprey init DIR --party ID --name NAME`, or name the right directory with --data.",
            code="no-node",
        )
    values = _from_file(file)
    for field in msgspec.structs.fields(Settings):
        text = os.environ.get(f"KOUPREY_{field.name.upper()}")
        if text is not None:
            values[field.name] = text
    values.update({name: value for name, value in (flags or {}).items() if value is not None})
    try:
        settings = msgspec.convert(values, type=Settings, strict=False)
        _ = settings.port
    except (msgspec.ValidationError, ValueError) as error:
        raise Damaged(
            "A setting is wrong.",
            str(error),
            f"Correct it in {file}, in the environment or in the flags.",
            code="bad-setting",
        ) from error
    return settings


def write_settings(data: Path, values: Mapping[str, object]) -> None:
    """Write the first settings file of a node."""
    lines = ["# Settings of this Kouprey node; docs/reference lists all of them. Environment and flags go before."]
    for name, value in values.items():
        if value not in ("", None):
            lines.append(f"{name} = {msgspec.json.encode(value).decode()}")
    # Readable by its owner alone: a DSN may hold a password.
    handle = os.open(data / FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


def _from_file(file: Path) -> dict[str, object]:
    try:
        return dict(tomllib.loads(file.read_text("utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Damaged("The settings file cannot be read.", f"{file}: {error}", code="bad-setting") from error
