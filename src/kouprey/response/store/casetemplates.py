"""Templates of cases. Nothing here deletes: a change is a version beside those before it."""

from __future__ import annotations

import msgspec

from kouprey.kernel.storage.engine import Reader, Tx
from kouprey.kernel.storage.labels import visible_join
from kouprey.response.model.casetemplates import Template
from kouprey.response.store.cases import Eyes


def save_template(tx: Tx, template: Template, label_set: int) -> None:
    """Keep a version, and let it be the newest."""
    body = msgspec.msgpack.encode(template)
    tx.execute(
        "INSERT INTO case_template_version (template_id, version, at, by_whom, body) VALUES (?, ?, ?, ?, ?)",
        (template.id, template.version, template.changed_at, template.changed_by, body),
    )
    columns = {
        "id": template.id,
        "name": template.name,
        "retired": int(template.retired),
        "changed_at": template.changed_at,
        "version": template.version,
        "label_set_id": label_set,
        "body": body,
    }
    changes = ", ".join(f"{name} = excluded.{name}" for name in columns if name != "id")
    tx.execute(
        f"INSERT INTO case_template ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
        f" ON CONFLICT (id) DO UPDATE SET {changes}",
        tuple(columns.values()),
    )


def find_template(reader: Reader, template: str, eyes: Eyes) -> Template | None:
    """One whole, if these eyes may see it: its tracks are for the caller to look at."""
    row = reader.one(
        f"SELECT case_template.body FROM case_template {visible_join('case_template.label_set_id')}"
        " WHERE case_template.id = ?",
        (eyes.profile, eyes.now, template),
    )
    return None if row is None else _decoded(row[0])


def list_templates(reader: Reader, eyes: Eyes, *, retired: bool, limit: int) -> list[Template]:
    """Those that these eyes may see, by name."""
    rows = reader.all(
        f"SELECT case_template.body FROM case_template {visible_join('case_template.label_set_id')}"
        " WHERE case_template.retired = ? ORDER BY case_template.name, case_template.id LIMIT ?",
        (eyes.profile, eyes.now, int(retired), limit),
    )
    return [_decoded(row[0]) for row in rows]


def list_template_versions(reader: Reader, template: str) -> list[Template]:
    """Every version, the newest first: for whoever was found to see it."""
    rows = reader.all("SELECT body FROM case_template_version WHERE template_id = ? ORDER BY version DESC", (template,))
    return [_decoded(row[0]) for row in rows]


def _decoded(body: bytes) -> Template:
    return msgspec.msgpack.decode(body, type=Template)
