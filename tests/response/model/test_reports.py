"""Reports come back as they were kept, and say whether their bytes are here."""

from __future__ import annotations

import msgspec

from kouprey.response.model.reports import Mail, Origin, Report, Standing, Trouble


def test_reports_survive_being_kept() -> None:
    made = Report(
        id="report_1",
        number=3,
        origin=Origin.FORM,
        standing=Standing.ABANDONED,
        at=5,
        mail=Mail(sender="dara@bank.example", text="ជួយផង"),
        size=7,
        sha256="0" * 64,
        was=Standing.NEW,
    )
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(made), type=Report) == made
    assert made.kept
    assert not msgspec.structs.replace(made, mail=Mail(trouble=Trouble.TOO_LARGE)).kept
