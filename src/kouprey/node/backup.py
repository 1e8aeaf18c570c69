"""Backups: what a node needs to live again, taken while it runs, sealed to keys that are kept elsewhere.

Left out on purpose: the guard (by its absence the restored node notices that it may be older than it once was) with
the list of what was erased, which no backup may undo; locks and logs.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from kouprey import __version__
from kouprey.kernel.disk import sync_folder
from kouprey.kernel.seal import box, keyring
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.copies import copy_sqlite, dump_postgres, load_postgres
from kouprey.kernel.words.errors import Damaged, Refused, Unknown, Unreachable
from kouprey.kernel.words.time import Instant, format_second, wall_clock
from kouprey.node.archive import DATABASES, FORMAT, SETTINGS, Manifest, Part, Unpacker, pack
from kouprey.node.assemble import bring_forward, open_store
from kouprey.node.erasures import read_known, replay_erasures
from kouprey.node.settings import FILE, Settings, read_settings
from kouprey.people.service import People

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""


class BackupReport(msgspec.Struct, frozen=True, kw_only=True):
    """A backup that was made: its bytes, those of the database in it, and whether the root key is in it."""

    file: str
    size: int
    database_size: int
    seconds: float
    engine: str
    made_at: str
    recipients: tuple[str, ...]
    root_key: bool


class RestoreReport(msgspec.Struct, frozen=True, kw_only=True):
    """A node that was restored; `erasures` lines of the list of what was erased were carried out, None without one.

    `steps` are the migrations that brought it forward, when an older version has made the backup.
    """

    folder: str
    party: str
    engine: str
    made_at: str
    version: str
    seconds: float
    steps: tuple[str, ...]
    erasures: int | None


def make_backup(
    data: Path, file: Path, recipients: Sequence[str], *, on_progress: Progress | None = None
) -> BackupReport:
    """Back up the node in `data` into the new `file`, also while it runs; nothing of it is migrated or changed.

    Refused when the file exists, Damaged when a recipient cannot be read, Unreachable when a disk is full.
    """
    begun = time.monotonic()
    settings = read_settings(data)
    box.check_recipients(recipients)
    if file.exists():
        raise Refused(f"{file} exists.", remedy="Name another file, or move that one away.", code="file-exists")
    engine = "postgres" if settings.database else "sqlite"
    party = _party(data, settings)
    now = wall_clock()
    # Beside the database, where the same protection holds for the copy.
    folder = Path(tempfile.mkdtemp(prefix=".backup-", dir=data))
    unfinished = file.with_name(file.name + ".part")
    try:
        copy = folder / DATABASES[engine]
        _copy_database(data, settings, copy, on_progress)
        keys = {f"keys/{name}": data / "keys" / name for name in keyring.FILES if (data / "keys" / name).exists()}
        files = {SETTINGS: data / FILE, **keys, DATABASES[engine]: copy}
        _write(unfinished, files, recipients, lambda parts: _manifest(parts, engine, party, now), on_progress)
        unfinished.rename(file)
        report = BackupReport(
            file=str(file),
            size=file.stat().st_size,
            database_size=copy.stat().st_size,
            seconds=round(time.monotonic() - begun, 3),
            engine=engine,
            made_at=format_second(now),
            recipients=tuple(recipients),
            root_key="keys/root.key" in files,
        )
    except OSError as error:
        raise Unreachable(
            "The backup cannot be written.", str(error), "Free disk space, or name another place.", code="disk"
        ) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        unfinished.unlink(missing_ok=True)
    _audit(data, settings, "node.backup", {"bytes": report.size, "recipients": list(recipients)})
    return report


def restore_backup(
    file: Path,
    folder: Path,
    identities: Sequence[str],
    *,
    database: str = "",
    erasures: Path | None = None,
    on_progress: Progress | None = None,
) -> RestoreReport:
    """Make a node out of a backup in `folder`, which is missing or empty; it begins without a guard.

    `erasures` is the list of what was erased since, or the folder of the old node; a guard in a database of its own
    is asked anyway. What it names is erased here before the node is put in place. A backup of an older version is
    brought forward for that: the backup itself is the way back. Refused ("newer") when a newer one has made it.

    Everything is opened and compared with its manifest before anything is put in place. `database` is the DSN of an
    empty database, for a node on PostgreSQL whose old one must stay as it is. Damaged when the backup is not whole.
    """
    begun = time.monotonic()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Refused(
            f"{folder} is not empty.",
            "A backup is never restored over what is there.",
            "Name a folder that does not exist, or move its content away.",
            code="not-empty",
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=f".{folder.name}-restoring-", dir=folder.parent))
    try:
        manifest = _open(file, made, identities, on_progress)
        known = read_known(made, manifest.party, erasures)
        if manifest.engine == "postgres":
            _load(made, database)
        steps = bring_forward(made, read_settings(made))
        replayed = replay_erasures(made, known)
        if folder.exists():
            folder.rmdir()
        made.rename(folder)
    except OSError as error:
        raise Unreachable(
            "The node cannot be put in place.", str(error), "Free disk space, or name another folder.", code="disk"
        ) from error
    finally:
        shutil.rmtree(made, ignore_errors=True)
    detail: dict[str, object] = {"made_at": manifest.made_at, "version": manifest.version, "steps": steps}
    _audit(folder, read_settings(folder), "node.restore", detail)
    return RestoreReport(
        folder=str(folder),
        party=manifest.party,
        engine=manifest.engine,
        made_at=manifest.made_at,
        version=manifest.version,
        seconds=round(time.monotonic() - begun, 3),
        steps=tuple(steps),
        erasures=replayed,
    )


def read_identities(file: Path) -> list[str]:
    """The secret keys in an age identity file; Unknown or Damaged when there is none."""
    try:
        lines = file.read_text("utf-8").splitlines()
    except FileNotFoundError:
        raise Unknown(f"There is no file {file}.", remedy="Name the identity that opens the backup.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise Damaged(f"{file} cannot be read.", str(error), code="bad-key") from error
    found = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    if not found:
        raise Damaged(f"{file} holds no key.", "It has no line `AGE-SECRET-KEY-1…`.", code="bad-key")
    return found


def new_identity_file(file: Path) -> str:
    """Write a new age identity into a new file that only its owner may read; its recipient."""
    secret, recipient = box.new_identity()
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise Refused(
            f"{file} cannot be made.", str(error), "Name a file that does not exist.", code="file-exists"
        ) from error
    with os.fdopen(handle, "w", encoding="ascii") as opened:
        opened.write(f"# public key: {recipient}\n{secret}\n")
        opened.flush()
        os.fsync(opened.fileno())
    return recipient


def _party(data: Path, settings: Settings) -> str:
    """Whose node it is; says at once what would make the backup worthless: no keys, or no database."""
    ring = keyring.load(data / "keys")
    if not settings.database and not (data / "kouprey.db").exists():
        raise Unknown("There is no database here.", f"{data / 'kouprey.db'} does not exist.", code="no-node")
    store = open_store(settings.database, data / "kouprey.db", wall_clock)
    try:
        return People(store, ring).home_id
    finally:
        store.close()


def _copy_database(data: Path, settings: Settings, copy: Path, on_progress: Progress | None) -> None:
    if settings.database:
        dump_postgres(settings.database, copy)
        return
    told = None if on_progress is None else lambda done, total: on_progress("Copying", done, total)
    copy_sqlite(data / "kouprey.db", copy, told)


def _write(
    file: Path,
    files: dict[str, Path],
    recipients: Sequence[str],
    describe: Callable[[tuple[Part, ...]], Manifest],
    on_progress: Progress | None,
) -> None:
    total, done = sum(path.stat().st_size for path in files.values()), 0

    def count(size: int) -> None:
        nonlocal done
        done += size
        if on_progress is not None:
            on_progress("Sealing", done, total)

    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as out:
        box.seal_stream(pack(files, describe, count), out, recipients)
        out.flush()
        os.fsync(out.fileno())
    # A backup of which the power takes the name is none.
    sync_folder(file.parent)


def _manifest(parts: tuple[Part, ...], engine: str, party: str, now: Instant) -> Manifest:
    return Manifest(
        format=FORMAT, version=__version__, party=party, engine=engine, made_at=format_second(now), parts=parts
    )


def _open(file: Path, folder: Path, identities: Sequence[str], on_progress: Progress | None) -> Manifest:
    unpacker = Unpacker(folder)
    total, seen, told = file.stat().st_size, 0, 0

    def take(data: bytes) -> None:
        nonlocal seen, told
        unpacker.feed(data)
        seen += len(data)
        if on_progress is not None and seen - told >= 1 << 20:
            told = seen
            on_progress("Opening", min(seen, total), total)

    try:
        with file.open("rb") as sealed:
            box.open_stream(sealed, take, identities)
        return unpacker.finish()
    finally:
        unpacker.close()


def _load(folder: Path, database: str) -> None:
    """Fill the database and, when it is another than before, say so in the settings."""
    dump = folder / DATABASES["postgres"]
    file = folder / FILE
    if database:
        text = msgspec.json.encode(database).decode()
        lines = [line for line in file.read_text("utf-8").splitlines() if not line.startswith("database =")]
        file.write_text("\n".join([*lines, f"database = {text}"]) + "\n", "utf-8")
    load_postgres(read_settings(folder).database, dump)
    dump.unlink()


def _audit(data: Path, settings: Settings, action: str, detail: dict[str, object]) -> None:
    store = open_store(settings.database, data / "kouprey.db", wall_clock)
    try:
        now = wall_clock()
        store.write(lambda tx: audit.append(tx, at=now, actor="operator", action=action, subject="", detail=detail))
    finally:
        store.close()
