"""All SQL of people."""

from __future__ import annotations

import msgspec

from kouprey.kernel.storage.engine import Reader, Row, Tx
from kouprey.kernel.words.look import Look
from kouprey.kernel.words.time import Instant
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Card, Invitation, Party, Permission, Person, Role, Session, Token, Way

_PERSON = "person.id, person.name, person.roles, person.clearance, person.active, person.constituent"
_TOKEN = "username, party, role, verbs, clearance, collection, expires, active, used_at, name, constituent"


def find_party(reader: Reader, party: str) -> Party | None:
    row = reader.one("SELECT card, note, home, trusted_at FROM party WHERE id = ?", (party,))
    return None if row is None else _party(row)


def find_home(reader: Reader) -> Party | None:
    row = reader.one("SELECT card, note, home, trusted_at FROM party WHERE home = 1")
    return None if row is None else _party(row)


def list_parties(reader: Reader) -> list[Party]:
    """Ourselves first, then by id."""
    rows = reader.all("SELECT card, note, home, trusted_at FROM party ORDER BY home DESC, id")
    return [_party(row) for row in rows]


def save_party(tx: Tx, card: Card, note: bytes, *, home: bool, now: Instant) -> list[str]:
    """Keep a card; the identities it claims that are reserved to another party already, and stay so."""
    tx.execute(
        "INSERT INTO party (id, serial, card, note, home, trusted_at) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET serial = excluded.serial, card = excluded.card, note = excluded.note",
        (card.party, card.serial, msgspec.json.encode(card), note, int(home), now),
    )
    tx.execute("DELETE FROM party_identity WHERE party = ?", (card.party,))
    for identity in card.identities:
        tx.execute(
            "INSERT INTO party_identity (stix_id, party) VALUES (?, ?) ON CONFLICT (stix_id) DO NOTHING",
            (identity, card.party),
        )
    reserved = list_identities(tx)
    return [identity for identity in card.identities if reserved[identity] != card.party]


def list_identities(reader: Reader) -> dict[str, str]:
    """STIX identity id -> the party it is reserved to."""
    return dict(reader.all("SELECT stix_id, party FROM party_identity"))


def save_person(tx: Tx, person: Person, now: Instant) -> None:
    tx.execute(
        "INSERT INTO person (id, name, roles, clearance, active, constituent, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET name = excluded.name, roles = excluded.roles,"
        " clearance = excluded.clearance, active = excluded.active",
        (
            person.id,
            person.name,
            " ".join(person.roles),
            int(person.clearance),
            int(person.active),
            person.constituent,
            now,
        ),
    )


def find_person(reader: Reader, name_or_id: str) -> Person | None:
    """By id, else by name."""
    row = reader.one(f"SELECT {_PERSON} FROM person WHERE id = ?", (name_or_id,))
    row = row or reader.one(f"SELECT {_PERSON} FROM person WHERE name = ?", (name_or_id,))
    return None if row is None else _person(row)


def list_persons(reader: Reader, constituent: str = "") -> list[Person]:
    """By name: our own people, or those of a constituent."""
    rows = reader.all(f"SELECT {_PERSON} FROM person WHERE constituent = ? ORDER BY name", (constituent,))
    return [_person(row) for row in rows]


def count_accounts(reader: Reader) -> int:
    """Persons and tokens, of whomever."""
    found = reader.all("SELECT (SELECT COUNT(*) FROM person) + (SELECT COUNT(*) FROM token)")
    return int(found[0][0])


def add_sign_in_link(tx: Tx, secret_hash: bytes, person: str, expires: Instant, by: str, now: Instant) -> None:
    tx.execute(
        "INSERT INTO sign_in_link (secret_hash, person, expires, made_by, made_at) VALUES (?, ?, ?, ?, ?)",
        (secret_hash, person, expires, by, now),
    )


def list_sign_in_links(reader: Reader) -> list[tuple[bytes, Invitation]]:
    """With the hash of each, newest first."""
    rows = reader.all(
        f"SELECT secret_hash, made_by, made_at, expires, coalesce(spent_at, 0), revoked_at, {_PERSON}"
        " FROM sign_in_link JOIN person ON person.id = sign_in_link.person ORDER BY expires DESC, secret_hash"
    )
    return [
        (
            row[0],
            Invitation(
                # Part of the hash of 256 random bits: it tells links apart and opens nothing.
                id=row[0].hex()[:16],
                person=_person(row[6:]),
                made_by=row[1],
                made=row[2],
                expires=row[3],
                spent=row[4],
                revoked=row[5],
            ),
        )
        for row in rows
    ]


def revoke_sign_in_link(tx: Tx, secret_hash: bytes, now: Instant) -> bool:
    """Whether it was neither spent nor revoked before."""
    return (
        tx.execute(
            "UPDATE sign_in_link SET revoked_at = ? WHERE secret_hash = ? AND spent_at IS NULL AND revoked_at = 0",
            (now, secret_hash),
        )
        == 1
    )


def find_sign_in_link(reader: Reader, secret_hash: bytes, now: Instant) -> Person | None:
    """Whom an unspent, unexpired link is for."""
    row = reader.one(
        f"SELECT {_PERSON} FROM sign_in_link JOIN person ON person.id = sign_in_link.person"
        " WHERE secret_hash = ? AND spent_at IS NULL AND revoked_at = 0 AND expires > ? AND person.active = 1",
        (secret_hash, now),
    )
    return None if row is None else _person(row)


def spend_sign_in_link(tx: Tx, secret_hash: bytes, now: Instant) -> Person | None:
    """Mark a link as spent and say whom it was for; None when it was spent, expired or never existed."""
    person = find_sign_in_link(tx, secret_hash, now)
    if person is None:
        return None
    changed = tx.execute(
        "UPDATE sign_in_link SET spent_at = ? WHERE secret_hash = ? AND spent_at IS NULL", (now, secret_hash)
    )
    return person if changed == 1 else None


def add_session(tx: Tx, session: Session) -> None:
    tx.execute(
        "INSERT INTO session (secret_hash, person, created_at, expires, way, agent) VALUES (?, ?, ?, ?, ?, ?)",
        (session.key, session.person.id, session.created, session.expires, session.way, session.agent),
    )


def find_session(reader: Reader, secret_hash: bytes, now: Instant) -> Session | None:
    row = reader.one(
        f"SELECT {_PERSON}, session.expires, session.created_at, session.way, session.agent,"
        " person.language, person.theme, person.shortcuts FROM session"
        " JOIN person ON person.id = session.person"
        " WHERE session.secret_hash = ? AND session.expires > ? AND person.active = 1",
        (secret_hash, now),
    )
    if row is None:
        return None
    expires, created, way, agent, language, theme, keys = row[6:]
    return Session(
        key=secret_hash,
        person=_person(row[:6]),
        expires=expires,
        created=created,
        way=Way(way),
        agent=agent,
        look=Look(language=language, theme=theme, keys=None if keys < 0 else bool(keys)),
    )


def save_look(tx: Tx, person: str, look: Look) -> None:
    tx.execute(
        "UPDATE person SET language = ?, theme = ?, shortcuts = ? WHERE id = ?",
        (look.language, look.theme, -1 if look.keys is None else int(look.keys), person),
    )


def end_session(tx: Tx, secret_hash: bytes) -> None:
    tx.execute("DELETE FROM session WHERE secret_hash = ?", (secret_hash,))


def end_access(tx: Tx, person: str) -> None:
    """Forget all sessions of somebody, and everything they could sign in with."""
    for table in ("session", "sign_in_link", "password", "authenticator", "recovery_code", "passkey"):
        tx.execute(f"DELETE FROM {table} WHERE person = ?", (person,))


def forget_expired(tx: Tx, now: Instant, links_before: Instant) -> None:
    """Remove sessions that have ended by themselves, and links that did so before an instant."""
    tx.execute("DELETE FROM session WHERE expires <= ?", (now,))
    tx.execute("DELETE FROM sign_in_link WHERE expires <= ?", (links_before,))


def change_way(tx: Tx, secret_hash: bytes, way: Way) -> None:
    tx.execute("UPDATE session SET way = ? WHERE secret_hash = ?", (str(way), secret_hash))


def save_token(tx: Tx, token: Token, secret_hash: bytes, now: Instant) -> None:
    tx.execute(
        f"INSERT INTO token ({_TOKEN}, secret_hash, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            token.user,
            token.party,
            str(token.role),
            " ".join(token.verbs),
            int(token.clearance),
            " ".join(token.collections),
            token.expires,
            int(token.active),
            token.used,
            token.name,
            token.constituent,
            secret_hash,
            now,
        ),
    )


def change_token(tx: Tx, token: Token) -> None:
    tx.execute(
        "UPDATE token SET role = ?, verbs = ?, clearance = ?, collection = ?, expires = ?, active = ?, name = ?"
        " WHERE username = ?",
        (
            str(token.role),
            " ".join(token.verbs),
            int(token.clearance),
            " ".join(token.collections),
            token.expires,
            int(token.active),
            token.name,
            token.user,
        ),
    )


def replace_secret(tx: Tx, user: str, secret_hash: bytes) -> None:
    tx.execute("UPDATE token SET secret_hash = ? WHERE username = ?", (secret_hash, user))


def note_token_use(tx: Tx, user: str, now: Instant) -> None:
    tx.execute("UPDATE token SET used_at = ? WHERE username = ?", (now, user))


def find_token(reader: Reader, user: str) -> Token | None:
    row = reader.one(f"SELECT {_TOKEN} FROM token WHERE username = ?", (user,))
    return None if row is None else _token(row)


def find_token_by_secret(reader: Reader, secret_hash: bytes, now: Instant) -> Token | None:
    """The active, unexpired token with this secret."""
    row = reader.one(
        f"SELECT {_TOKEN} FROM token WHERE secret_hash = ? AND active = 1 AND expires > ?", (secret_hash, now)
    )
    return None if row is None else _token(row)


def list_tokens(reader: Reader, constituent: str | None = None) -> list[Token]:
    """By party: all there are, or those of a constituent, "" for those of none."""
    where, params = ("", ()) if constituent is None else ("WHERE constituent = ?", (constituent,))
    return [_token(row) for row in reader.all(f"SELECT {_TOKEN} FROM token {where} ORDER BY party, username", params)]


def narrow_constituent(tx: Tx, constituent: str, clearance: TLP) -> None:
    """Another clearance for everybody and every program of a constituent."""
    for table in ("person", "token"):
        tx.execute(f"UPDATE {table} SET clearance = ? WHERE constituent = ?", (int(clearance), constituent))


def stop_tokens(tx: Tx, constituent: str) -> None:
    """No program of a constituent comes in any more."""
    tx.execute("UPDATE token SET active = 0 WHERE constituent = ?", (constituent,))


def _party(row: Row) -> Party:
    return Party(card=msgspec.json.decode(row[0], type=Card), note=row[1], home=bool(row[2]), trusted_at=row[3])


def _person(row: Row) -> Person:
    person, name, roles, clearance, active, constituent = row
    return Person(
        id=person,
        name=name,
        roles=tuple(Role(word) for word in roles.split()),
        clearance=TLP(clearance),
        active=bool(active),
        constituent=constituent,
    )


def _token(row: Row) -> Token:
    user, party, role, verbs, clearance, collections, expires, active, used, name, constituent = row
    return Token(
        user=user,
        party=party,
        role=Role(role),
        verbs=tuple(Permission(word) for word in verbs.split()),
        clearance=TLP(clearance),
        collections=tuple(collections.split()),
        expires=expires,
        active=bool(active),
        used=used,
        name=name,
        constituent=constituent,
    )
