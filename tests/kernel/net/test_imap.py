"""A mailbox read over a real TLS socket: what is new, in pieces, nothing changed there, and each failure told."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from kouprey.kernel.net.imap import PIECE, Box, open_box
from kouprey.kernel.words.errors import KoupreyError
from mailboxes import Mailbox


@pytest.fixture
def mailbox(tmp_path: Path) -> Iterator[Mailbox]:
    with Mailbox(tmp_path) as made:
        yield made


def box(mailbox: Mailbox, **more: Any) -> Box:
    given = {"host": "localhost", "port": mailbox.port, "user": "cert", "secret": "right", "timeout": 5.0}
    return Box(**{**given, "ca_file": str(mailbox.certificate), **more})


def failure(given: Box) -> str:
    with pytest.raises(KoupreyError) as caught, open_box(given):
        pass
    return caught.value.code


def test_what_is_new_comes_whole_and_nothing_is_touched(mailbox: Mailbox) -> None:
    large = bytes(range(256)) * (PIECE // 200)
    mailbox.mails = {3: b"From: a\r\n\r\nx", 9: large}
    with open_box(box(mailbox)) as opened:
        assert opened.validity == 7 and opened.list_new(0) == [(3, 12), (9, len(large))]
        assert opened.list_new(3) == [(9, len(large))] and opened.list_new(9) == [], "n:* names the last one always"
        copy = BytesIO()
        assert opened.copy(9, copy, 10 * PIECE) == len(large) and copy.getvalue() == large
        short = BytesIO()
        assert opened.copy(9, short, 100) == 100 and short.getvalue() == large[:100]
    said = " ".join(mailbox.said).upper()
    assert "EXAMINE" in said and "BODY.PEEK" in said
    for word in ("STORE", "EXPUNGE", "COPY", "DELETE", "SELECT", "MOVE"):
        assert word not in said


def test_each_failure_is_told(mailbox: Mailbox) -> None:
    assert failure(box(mailbox, secret="wrong")) == "mail-login"
    assert failure(box(mailbox, folder="Nowhere")) == "no-mailbox"
    assert failure(box(mailbox, ca_file="")) == "tls", "nobody vouches for it"
    mailbox.server_close()
    assert failure(box(mailbox)) in ("refused", "broken")
    assert "right" not in repr(box(mailbox))
