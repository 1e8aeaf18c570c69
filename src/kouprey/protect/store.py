"""All SQL of protect: shields, releases, numbers of values, allowances and outlets."""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from kouprey.kernel.storage.engine import Reader, Row, Tx, any_of
from kouprey.kernel.words.time import Instant
from kouprey.protect.model import Allowance, Limits, Outlet, Query, Release, Shield, State

_SHIELD = "name, title, query, limits, made_at, made_by, retired, held, position, due, checked_at"
_OUTLET = "id, shield, title, made_at, made_by, ended, used_at"


def add_shield(tx: Tx, shield: Shield) -> bool:
    """Keep a new shield; False when there is one of that name."""
    if tx.one("SELECT 1 FROM protect_shield WHERE name = ?", (shield.name,)) is not None:
        return False
    tx.execute(
        f"INSERT INTO protect_shield ({_SHIELD}) VALUES (?, ?, ?, ?, ?, ?, 0, 0, 0, 0, 0)",
        (shield.name, shield.title, _json(shield.query), _json(shield.limits), shield.made_at, shield.made_by),
    )
    return True


def change_shield(tx: Tx, shield: Shield) -> None:
    """Write what people decide of it; it is read anew."""
    tx.execute(
        "UPDATE protect_shield SET title = ?, query = ?, limits = ?, retired = ?, held = ?, due = 0 WHERE name = ?",
        (
            shield.title,
            _json(shield.query),
            _json(shield.limits),
            int(shield.retired),
            shield.held,
            shield.name,
        ),
    )


def note_checked(tx: Tx, name: str, position: Instant, due: Instant, now: Instant) -> None:
    """How far indicators were read, and when they are at the latest read again."""
    tx.execute(
        "UPDATE protect_shield SET position = ?, due = ?, checked_at = ? WHERE name = ?", (position, due, now, name)
    )


def make_due(tx: Tx) -> None:
    """Have every shield read anew: something that all of them heed has changed."""
    tx.execute("UPDATE protect_shield SET due = 0")


def find_shield(reader: Reader, name: str) -> Shield | None:
    """One."""
    row = reader.one(f"SELECT {_SHIELD} FROM protect_shield WHERE name = ?", (name,))
    return _shield(row) if row is not None else None


def list_shields(reader: Reader) -> list[Shield]:
    """All by name, the retired last."""
    return list(map(_shield, reader.all(f"SELECT {_SHIELD} FROM protect_shield ORDER BY retired, name")))


def _shield(row: Row) -> Shield:
    return Shield(
        name=str(row[0]),
        title=str(row[1]),
        query=msgspec.json.decode(str(row[2]), type=Query),
        limits=msgspec.json.decode(str(row[3]), type=Limits),
        made_at=int(row[4]),
        made_by=str(row[5]),
        retired=bool(row[6]),
        held=int(row[7]),
        position=int(row[8]),
        due=int(row[9]),
        checked_at=int(row[10]),
    )


def save_release(tx: Tx, release: Release) -> None:
    """Keep a release, or where it stands now. Of a shield one is in force and one waits: make room first."""
    tx.execute(
        "INSERT INTO protect_release (shield, serial, state, body) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (shield, serial) DO UPDATE SET state = excluded.state, body = excluded.body",
        (release.shield, release.serial, str(release.state), _json(release)),
    )


def find_release(reader: Reader, shield: str, serial: int) -> Release | None:
    """One."""
    row = reader.one("SELECT body FROM protect_release WHERE shield = ? AND serial = ?", (shield, serial))
    return _release(row) if row is not None else None


def find_in_state(reader: Reader, shield: str, state: State) -> Release | None:
    """The newest release of a shield that stands so."""
    row = reader.one(
        "SELECT body FROM protect_release WHERE shield = ? AND state = ? ORDER BY serial DESC LIMIT 1",
        (shield, str(state)),
    )
    return _release(row) if row is not None else None


def list_releases(reader: Reader, shield: str) -> list[Release]:
    """All that are kept, the newest first."""
    rows = reader.all("SELECT body FROM protect_release WHERE shield = ? ORDER BY serial DESC", (shield,))
    return list(map(_release, rows))


def last_serial(reader: Reader, shield: str) -> int:
    """The greatest serial so far, 0 for none."""
    return int(reader.value("SELECT max(serial) FROM protect_release WHERE shield = ?", (shield,)) or 0)


def drop_release(tx: Tx, shield: str, serial: int) -> None:
    """Forget one."""
    tx.execute("DELETE FROM protect_release WHERE shield = ? AND serial = ?", (shield, serial))


def _release(row: Row) -> Release:
    return msgspec.json.decode(str(row[0]), type=Release)


def get_numbers(reader: Reader, texts: Collection[str]) -> dict[str, int]:
    """The numbers of those values that have one."""
    where, params = any_of(reader, "text", list(texts))
    return {
        str(row[0]): int(row[1]) for row in reader.all(f"SELECT text, number FROM protect_number WHERE {where}", params)
    }


def add_numbers(tx: Tx, texts: Collection[str]) -> None:
    """Number those values that have no number yet, in the order given."""
    known = get_numbers(tx, texts)
    first = int(tx.value("SELECT coalesce(max(number), -1) FROM protect_number")) + 1
    fresh = [each for each in texts if each not in known]
    tx.many(
        "INSERT INTO protect_number (text, number) VALUES (?, ?)", [(text, first + n) for n, text in enumerate(fresh)]
    )


def save_allowance(tx: Tx, each: Allowance) -> None:
    """Decide of a value, whatever was decided before."""
    tx.execute(
        "INSERT INTO protect_allowance (text, insists, alone, reason, at, made_by) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (text) DO UPDATE SET insists = excluded.insists, alone = excluded.alone,"
        " reason = excluded.reason, at = excluded.at, made_by = excluded.made_by",
        (each.text, int(each.insists), int(each.alone), each.reason, each.at, each.by),
    )


def drop_allowance(tx: Tx, text: str) -> bool:
    """Take a decision back; False when there was none."""
    return tx.execute("DELETE FROM protect_allowance WHERE text = ?", (text,)) > 0


def list_allowances(reader: Reader) -> list[Allowance]:
    """All by their texts."""
    rows = reader.all("SELECT text, insists, alone, reason, at, made_by FROM protect_allowance ORDER BY text")
    return [
        Allowance(
            text=str(row[0]),
            insists=bool(row[1]),
            alone=bool(row[2]),
            reason=str(row[3]),
            at=int(row[4]),
            by=str(row[5]),
        )
        for row in rows
    ]


def add_outlet(tx: Tx, outlet: Outlet, secret: bytes) -> None:
    """Keep a new outlet with the hash of its secret."""
    tx.execute(
        f"INSERT INTO protect_outlet ({_OUTLET}, hash) VALUES (?, ?, ?, ?, ?, 0, 0, ?)",
        (outlet.id, outlet.shield, outlet.title, outlet.made_at, outlet.made_by, secret),
    )


def end_outlet(tx: Tx, shield: str, outlet: str) -> bool:
    """Let it fetch nothing any more; False when there is none."""
    return tx.execute("UPDATE protect_outlet SET ended = 1 WHERE shield = ? AND id = ?", (shield, outlet)) > 0


def note_use(tx: Tx, outlet: str, now: Instant) -> None:
    """When it last fetched."""
    tx.execute("UPDATE protect_outlet SET used_at = ? WHERE id = ?", (now, outlet))


def find_outlet(reader: Reader, secret: bytes) -> Outlet | None:
    """The outlet in use whose secret has this hash."""
    row = reader.one(f"SELECT {_OUTLET} FROM protect_outlet WHERE hash = ? AND ended = 0", (secret,))
    return _outlet(row) if row is not None else None


def list_outlets(reader: Reader, shield: str) -> list[Outlet]:
    """Those of a shield, the ended last."""
    rows = reader.all(f"SELECT {_OUTLET} FROM protect_outlet WHERE shield = ? ORDER BY ended, made_at, id", (shield,))
    return list(map(_outlet, rows))


def _outlet(row: Row) -> Outlet:
    return Outlet(
        id=str(row[0]),
        shield=str(row[1]),
        title=str(row[2]),
        made_at=int(row[3]),
        made_by=str(row[4]),
        ended=bool(row[5]),
        used_at=int(row[6]),
    )


def _json(value: msgspec.Struct) -> str:
    return msgspec.json.encode(value).decode()
