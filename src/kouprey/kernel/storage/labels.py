"""Interned labels, label sets and reader profiles, and the one fragment through which every read is filtered.

A label set is what a stored thing carries: the labels of all who asserted it. Whether a reader profile may see it is
written down in `visible` before it is first needed; a missing row denies; `until > now` closes a row without a write.
The tables live here so that every store can join them; only `agreements` decides what is written.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

import msgspec

from kouprey.kernel.storage.engine import Reader, Tx
from kouprey.kernel.words import decision
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.time import FOREVER, Instant
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
    """The labels of a set by their ids."""
    members = reader.value("SELECT members FROM label_set WHERE id = ?", (label_set_id,))
    ids = [int(part) for part in str(members or "").split(",") if part]
    return {i: label for i in ids if (label := _label(reader, i)) is not None}


def list_label_sets(reader: Reader) -> dict[int, tuple[Label, ...]]:
    """Every set with its labels; there are few, since labels are interned."""
    labels = {int(row[0]): _from_row(row[1:]) for row in reader.all(f"SELECT id, {_COLUMNS} FROM label")}
    sets: dict[int, tuple[Label, ...]] = {}
    for set_id, members in reader.all("SELECT id, members FROM label_set"):
        sets[int(set_id)] = tuple(labels[int(part)] for part in str(members).split(",") if part)
    return sets


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


def write_visible(tx: Tx, profile_id: int, label_set_id: int, made: decision.Decision, now: Instant) -> bool:
    """Store what was decided; True when the profile sees the set now and did not before."""
    seen = tx.value("SELECT until FROM visible WHERE profile_id = ? AND label_set_id = ?", (profile_id, label_set_id))
    until = made.until if made.allowed else 0
    recheck = made.until if made.until < FOREVER else FOREVER
    tx.execute(
        "INSERT INTO visible (profile_id, label_set_id, until, recheck) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (profile_id, label_set_id) DO UPDATE SET until = excluded.until, recheck = excluded.recheck",
        (profile_id, label_set_id, until, recheck),
    )
    return made.allowed and (seen is None or int(seen) <= now)


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


def _label(reader: Reader, label_id: int) -> Label | None:
    row = reader.one(f"SELECT {_COLUMNS} FROM label WHERE id = ?", (label_id,))
    return None if row is None else _from_row(row)


def _from_row(row: tuple[object, ...]) -> Label:
    owner, agreement, tlp, pap, kind, purposes, handling, sealed_to, concerned, not_before, exercise = row
    return Label(
        owner=str(owner),
        agreement=str(agreement),
        tlp=TLP(int(str(tlp))),
        pap=PAP(int(str(pap))),
        kind=str(kind),
        purposes=_unpack(str(purposes)),
        handling=_unpack(str(handling)),
        sealed_to=_unpack(str(sealed_to)),
        concerned=_unpack(str(concerned)),
        not_before=int(str(not_before)),
        exercise=str(exercise),
    )


def _profile_digest(who: decision.Reader) -> bytes:
    anonymous = msgspec.structs.replace(who, name="")
    return sha256(msgspec.json.encode(anonymous, order="deterministic")).digest()
