"""SQL of passkeys and of the challenges they answered."""

from __future__ import annotations

from kouprey.kernel.storage.engine import Reader, Row, Tx
from kouprey.kernel.words.time import Instant
from kouprey.people.model import KnownPasskey

_PASSKEY = "id, person, public, uses, name, created_at, used_at"


def add_passkey(tx: Tx, passkey: KnownPasskey) -> bool:
    """Whether nobody had it before."""
    return (
        tx.execute(
            f"INSERT INTO passkey ({_PASSKEY}) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
            (passkey.id, passkey.person, passkey.public, passkey.uses, passkey.name, passkey.created, passkey.used),
        )
        == 1
    )


def find_passkey(reader: Reader, passkey: bytes) -> KnownPasskey | None:
    row = reader.one(f"SELECT {_PASSKEY} FROM passkey WHERE id = ?", (passkey,))
    return None if row is None else _passkey(row)


def list_passkeys(reader: Reader, person: str) -> list[KnownPasskey]:
    """Oldest first."""
    rows = reader.all(f"SELECT {_PASSKEY} FROM passkey WHERE person = ? ORDER BY created_at, id", (person,))
    return [_passkey(row) for row in rows]


def note_use(tx: Tx, passkey: bytes, uses: int, now: Instant) -> None:
    tx.execute("UPDATE passkey SET uses = ?, used_at = ? WHERE id = ?", (uses, now, passkey))


def forget_passkey(tx: Tx, person: str, passkey: bytes) -> bool:
    """Whether it was one of theirs."""
    return tx.execute("DELETE FROM passkey WHERE person = ? AND id = ?", (person, passkey)) == 1


def forget_passkeys(tx: Tx, person: str) -> None:
    tx.execute("DELETE FROM passkey WHERE person = ?", (person,))


def answer_challenge(tx: Tx, challenge: bytes, expires: Instant, now: Instant) -> bool:
    """Whether it was not answered before."""
    tx.execute("DELETE FROM answered_challenge WHERE expires <= ?", (now,))
    return (
        tx.execute(
            "INSERT INTO answered_challenge (challenge, expires) VALUES (?, ?) ON CONFLICT (challenge) DO NOTHING",
            (challenge, expires),
        )
        == 1
    )


def _passkey(row: Row) -> KnownPasskey:
    passkey, person, public, uses, name, created, used = row
    return KnownPasskey(id=passkey, person=person, public=public, uses=uses, name=name, created=created, used=used)
