"""SQL of links: how peers are reached, and the papers, nonces and parcels that pass."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kouprey.kernel.storage import meta
from kouprey.kernel.storage.engine import Reader, Row, Tx
from kouprey.kernel.words.time import Instant

_FORGOTTEN = "nonces-forgotten"
_LINK = "party, url, allow_private, paused, last_ok, last_try, failures, error, down_since"


@dataclass(frozen=True, slots=True)
class Link:
    """How we reach a party, and how that went; `down_since` is when it began to be tried in vain."""

    party: str
    url: str
    allow_private: bool
    paused: bool
    last_ok: Instant
    last_try: Instant
    failures: int
    error: str
    down_since: Instant = 0


def save_link(tx: Tx, party: str, url: str, allow_private: bool) -> None:
    """Create a link, or give it a new address."""
    tx.execute(
        "INSERT INTO link (party, url, allow_private, paused, last_ok, last_try, failures, error)"
        " VALUES (?, ?, ?, 0, 0, 0, 0, '') ON CONFLICT (party) DO UPDATE SET url = excluded.url,"
        " allow_private = excluded.allow_private, failures = 0, error = '', down_since = 0",
        (party, url, int(allow_private)),
    )


def pause_link(tx: Tx, party: str, paused: bool) -> int:
    """Stop or go on; the number of links changed."""
    return tx.execute("UPDATE link SET paused = ?, failures = 0, down_since = 0 WHERE party = ?", (int(paused), party))


def note_link(tx: Tx, party: str, now: Instant, error: str, *, reached: bool = False) -> None:
    """Write down how the last attempt went; `reached`: the peer answered, were it with a refusal."""
    if error:
        tx.execute(
            "UPDATE link SET last_try = ?, failures = failures + 1, error = ?,"
            " down_since = CASE WHEN ? = 1 THEN 0 WHEN down_since = 0 THEN ? ELSE down_since END WHERE party = ?",
            (now, error, int(reached), now, party),
        )
    else:
        tx.execute(
            "UPDATE link SET last_try = ?, last_ok = ?, failures = 0, error = '', down_since = 0 WHERE party = ?",
            (now, now, party),
        )


def list_links(reader: Reader) -> list[Link]:
    """Every link, by party."""
    return [_link(row) for row in reader.all(f"SELECT {_LINK} FROM link ORDER BY party")]


def find_link(reader: Reader, party: str) -> Link | None:
    """The link to a party."""
    row = reader.one(f"SELECT {_LINK} FROM link WHERE party = ?", (party,))
    return None if row is None else _link(row)


def _link(row: Row) -> Link:
    return Link(
        party=str(row[0]),
        url=str(row[1]),
        allow_private=bool(row[2]),
        paused=bool(row[3]),
        last_ok=int(row[4]),
        last_try=int(row[5]),
        failures=int(row[6]),
        error=str(row[7]),
        down_since=int(row[8]),
    )


def queue_papers(tx: Tx, paper_id: int, parties: Iterable[str], agreement: str, papers: bytes, now: Instant) -> None:
    """Papers for each of these parties, by whatever road reaches them first."""
    for party in parties:
        tx.execute(
            "INSERT INTO paper_outgoing (id, party, agreement, papers, at, delivered_at) VALUES (?, ?, ?, ?, ?, 0)"
            " ON CONFLICT (id, party) DO NOTHING",
            (paper_id, party, agreement, papers, now),
        )


def list_papers(reader: Reader, party: str) -> list[tuple[int, bytes]]:
    """(id, papers) not yet delivered to a party, oldest first."""
    rows = reader.all(
        "SELECT id, papers FROM paper_outgoing WHERE party = ? AND delivered_at = 0 ORDER BY id", (party,)
    )
    return [(int(row[0]), row[1]) for row in rows]


def count_papers(reader: Reader) -> dict[str, int]:
    """Party -> how many papers have not reached it."""
    rows = reader.all("SELECT party, count(*) FROM paper_outgoing WHERE delivered_at = 0 GROUP BY party")
    return {str(party): int(count) for party, count in rows}


def papers_delivered(tx: Tx, paper_id: int, party: str, now: Instant) -> None:
    """The party has taken these papers."""
    tx.execute(
        "UPDATE paper_outgoing SET delivered_at = ? WHERE id = ? AND party = ? AND delivered_at = 0",
        (now, paper_id, party),
    )


def spend_nonce(tx: Tx, nonce: str, forget_after: Instant, now: Instant) -> bool:
    """True when this nonce was spent before, or may have been; spends it otherwise.

    Our clock may have run ahead and be right again: what was forgotten meanwhile counts as spent.
    """
    forgotten = int(meta.get(tx, _FORGOTTEN) or b"0")
    over = int(tx.value("SELECT coalesce(max(forget_after), 0) FROM request_nonce WHERE forget_after < ?", (now,)))
    if over:
        tx.execute("DELETE FROM request_nonce WHERE forget_after < ?", (now,))
        forgotten = max(over, forgotten)
        meta.put(tx, _FORGOTTEN, b"%d" % forgotten)
    if forget_after <= forgotten:
        return True
    changed = tx.execute(
        "INSERT INTO request_nonce (nonce, forget_after) VALUES (?, ?) ON CONFLICT (nonce) DO NOTHING",
        (nonce, forget_after),
    )
    return changed == 0


def next_parcel(tx: Tx, parcel: str, party: str, now: Instant) -> int:
    """The number of a new parcel."""
    seq = int(tx.value("SELECT coalesce(max(seq), 0) + 1 FROM parcel_made"))
    tx.execute(
        "INSERT INTO parcel_made (seq, parcel, party, entries, at) VALUES (?, ?, ?, 0, ?)", (seq, parcel, party, now)
    )
    return seq


def parcel_was_read(tx: Tx, parcel: str, made_by: str, entries: int, now: Instant) -> None:
    """Remember a parcel; reading it again is harmless and changes nothing."""
    tx.execute(
        "INSERT INTO parcel_read (parcel, made_by, entries, at) VALUES (?, ?, ?, ?) ON CONFLICT (parcel) DO NOTHING",
        (parcel, made_by, entries, now),
    )


def keep_card(tx: Tx, statement: str, party: str, note: bytes) -> None:
    """Keep a card as it was, for proofs of later years; `statement` is the hash of its text in hex."""
    tx.execute(
        "INSERT INTO party_card (statement, party, note) VALUES (?, ?, ?) ON CONFLICT (statement) DO NOTHING",
        (statement, party, note),
    )


def list_cards(reader: Reader) -> list[tuple[str, str, bytes]]:
    """(statement, party, note) of every card that was kept."""
    rows = reader.all("SELECT statement, party, note FROM party_card ORDER BY party, statement")
    return [(str(row[0]), str(row[1]), row[2]) for row in rows]
