"""Interned labels, label sets and reader profiles, and the one fragment through which every read is filtered.

A label set is what a stored thing carries: the labels of all who asserted it. Whether a reader profile may see it is
written down in `visible` before it is first needed; a missing row denies; `until > now` closes a row without a write.
The tables live here so that every store can join them; only `agreements` decides what is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256

import msgspec

from kouprey.kernel.storage.engine import Reader, Row, Tx, any_of
from kouprey.kernel.words import decision
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.time import Instant
from kouprey.kernel.words.tlp import PAP, TLP


def visible_join(column: str) -> str:
    """SQL that keeps only rows whose label set (`column`) the reader may see now.

    Its two parameters, in order: profile id, now. Every read of labelled rows contains it; filtering after the fetch
    would leak through counts, pages and timing.
    """
    return (
        f"JOIN visible ON visible.label_set_id = {column} AND visible.profile_id = ? "
        "AND visible.until > CAST(? AS BIGINT)"
    )


def intern_label(tx: Tx, label: Label) -> int:
    """The id of a label, storing it when new."""
    digest = sha256(msgspec.json.encode(label, order="deterministic")).digest()
    found = tx.value("SELECT id FROM label WHERE digest = ?", (digest,))
    if found is not None:
        return int(found)
    return int(
        tx.value(
            "INSERT INTO label (digest, owner, agreement, tlp, pap, kind, purposes, handling, sealed_to, concerned,"
            " not_before, exercise) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
            (
                digest,
                label.owner,
                label.agreement,
                int(label.tlp),
                int(label.pap),
                label.kind,
                _pack(label.purposes),
                _pack(label.handling),
                _pack(label.sealed_to),
                _pack(label.concerned),
                label.not_before,
                label.exercise,
            ),
        )
    )


def label_set_key(label_ids: Iterable[int]) -> str:
    """How the members of a set are written: ascending ids with commas."""
    return ",".join(str(i) for i in sorted(set(label_ids)))


def find_label_set(reader: Reader, label_ids: Iterable[int]) -> int | None:
    """The id of an interned set, or None."""
    found = reader.value("SELECT id FROM label_set WHERE members = ?", (label_set_key(label_ids),))
    return None if found is None else int(found)


def insert_label_set(tx: Tx, label_ids: Iterable[int]) -> int:
    """Store a new set. Only `agreements` calls this, because it must write the `visible` rows beside it."""
    return int(tx.value("INSERT INTO label_set (members) VALUES (?) RETURNING id", (label_set_key(label_ids),)))


def get_labels(reader: Reader, label_set_id: int) -> dict[int, Label]:
    """The labels of a set by their ids; none for a set that does not exist."""
    members = reader.value("SELECT members FROM label_set WHERE id = ?", (label_set_id,))
    condition, params = any_of(reader, "id", _ids(members or ""))
    return {
        row[0]: _from_row(row[1:]) for row in reader.all(f"SELECT id, {_COLUMNS} FROM label WHERE {condition}", params)
    }


def read_label(reader: Reader, label_id: int) -> Label:
    """One label as it stands; ValueError when its row cannot be one."""
    return _from_row(reader.all(f"SELECT {_COLUMNS} FROM label WHERE id = ?", (label_id,))[0])


def list_label_sets(reader: Reader) -> dict[int, tuple[Label, ...]]:
    """Every set with its labels; there are few, since labels are interned."""
    labels = {row[0]: _from_row(row[1:]) for row in reader.all(f"SELECT id, {_COLUMNS} FROM label")}
    sets = reader.all("SELECT id, members FROM label_set")
    return {set_id: tuple(labels[i] for i in _ids(members)) for set_id, members in sets}


def find_profile(reader: Reader, who: decision.Reader) -> int | None:
    """The id of a reader's interned profile, or None."""
    found = reader.value("SELECT id FROM profile WHERE digest = ?", (_profile_digest(who),))
    return None if found is None else int(found)


def insert_profile(tx: Tx, who: decision.Reader) -> int:
    """Store a new profile. Only `agreements` calls this, because it must write the `visible` rows beside it."""
    anonymous = msgspec.structs.replace(who, name="")
    return int(
        tx.value(
            "INSERT INTO profile (digest, reader) VALUES (?, ?) RETURNING id",
            (_profile_digest(who), msgspec.json.encode(anonymous)),
        )
    )


def list_profiles(reader: Reader) -> dict[int, decision.Reader]:
    """Every interned profile."""
    rows = reader.all("SELECT id, reader FROM profile")
    return {int(i): msgspec.json.decode(blob, type=decision.Reader) for i, blob in rows}


def write_visible(tx: Tx, decisions: Mapping[tuple[int, int], decision.Decision], now: Instant) -> set[int]:
    """Store what was decided for (profile, label set) pairs; the sets some profile sees now and did not before.

    Only rows that differ are written, so asking everything again costs little when little has changed.
    """
    condition, params = any_of(tx, "profile_id", {profile for profile, _ in decisions})
    rows = tx.all(f"SELECT profile_id, label_set_id, until, recheck FROM visible WHERE {condition}", params)
    held = {(row[0], row[1]): (row[2], row[3]) for row in rows}
    widened: set[int] = set()
    changed: list[tuple[int, int, Instant, Instant]] = []
    for pair, made in decisions.items():
        until = made.until if made.allowed else 0
        before = held.get(pair)
        if before != (until, made.until):
            changed.append((*pair, until, made.until))
        if until > now and (before is None or before[0] <= now):
            widened.add(pair[1])
    tx.many(
        "INSERT INTO visible (profile_id, label_set_id, until, recheck) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (profile_id, label_set_id) DO UPDATE SET until = excluded.until, recheck = excluded.recheck",
        changed,
    )
    return widened


def opens(reader: Reader, before: int, after: int, now: Instant) -> bool:
    """Whether some profile sees the label set `after` now and not `before`."""
    seen = "SELECT profile_id FROM visible WHERE label_set_id = ? AND until > ?"
    sql = f"SELECT 1 FROM ({seen}) AS news WHERE profile_id NOT IN ({seen}) LIMIT 1"
    return reader.value(sql, (after, now, before, now)) is not None


def list_decisions(reader: Reader) -> dict[tuple[int, int], tuple[Instant, Instant]]:
    """(profile, label set) -> (seen until, to be asked again at), as written down."""
    rows = reader.all("SELECT profile_id, label_set_id, until, recheck FROM visible")
    return {(int(row[0]), int(row[1])): (int(row[2]), int(row[3])) for row in rows}


def list_due(reader: Reader, now: Instant) -> list[tuple[int, int]]:
    """(profile, label set) pairs whose decision must be asked again by now."""
    rows = reader.all("SELECT profile_id, label_set_id FROM visible WHERE recheck <= ?", (now,))
    return [(int(profile), int(label_set)) for profile, label_set in rows]


def list_visible(reader: Reader, profile_id: int, now: Instant) -> set[int]:
    """The label sets a profile sees now."""
    rows = reader.all("SELECT label_set_id FROM visible WHERE profile_id = ? AND until > ?", (profile_id, now))
    return {int(row[0]) for row in rows}


_COLUMNS = "owner, agreement, tlp, pap, kind, purposes, handling, sealed_to, concerned, not_before, exercise"


def _pack(values: tuple[str, ...]) -> str:
    return msgspec.json.encode(values).decode()


def _unpack(text: str) -> tuple[str, ...]:
    return msgspec.json.decode(text, type=tuple[str, ...])


def _ids(members: str) -> list[int]:
    return [int(part) for part in members.split(",") if part]


def _from_row(row: Row) -> Label:
    owner, agreement, tlp, pap, kind, purposes, handling, sealed_to, concerned, not_before, exercise = row
    return Label(
        owner=owner,
        agreement=agreement,
        tlp=TLP(tlp),
        pap=PAP(pap),
        kind=kind,
        purposes=_unpack(purposes),
        handling=_unpack(handling),
        sealed_to=_unpack(sealed_to),
        concerned=_unpack(concerned),
        not_before=not_before,
        exercise=exercise,
    )


def _profile_digest(who: decision.Reader) -> bytes:
    anonymous = msgspec.structs.replace(who, name="")
    return sha256(msgspec.json.encode(anonymous, order="deterministic")).digest()
