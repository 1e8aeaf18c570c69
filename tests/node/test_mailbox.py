"""Settings of reports: what names a mailbox, and what does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from kouprey.kernel.words.errors import Damaged
from kouprey.node.mailbox import REPORTS, box_of
from kouprey.node.settings import MEANINGS, settle

GIVEN = {"imap_host": "imap.cert.example", "imap_user": "incident"}


def test_a_mailbox_is_named(tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("right\n")
    box = box_of(settle({**GIVEN, "imap_secret_file": str(secret)}, {}))
    assert box is not None and (box.host, box.port, box.user, box.secret) == (
        "imap.cert.example",
        993,
        "incident",
        "right",
    )
    assert box_of(settle({}, {})) is None
    assert REPORTS.items() <= MEANINGS.items()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("imap_port", 0),
        ("imap_user", ""),
        ("imap_user", "a\r\nb"),
        ("imap_folder", " "),
        ("imap_folder", "ប្រអប់"),
        ("imap_secret_file", "/nowhere"),
        ("reports_folder", " "),
    ],
)
def test_what_names_none_is_refused(name: str, value: object) -> None:
    with pytest.raises(Damaged) as caught:
        settle({**GIVEN, name: value}, {})
    assert caught.value.detail == {"setting": name}
