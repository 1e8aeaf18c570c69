"""Until when things hold: what was held before a node wrote it down is written down by the migration."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from kouprey.kernel.words.time import parse_instant

ENDS = {
    "whole": "2027-02-03T04:05:06Z",
    "milli": "2027-02-03T04:05:06.789Z",
    "micro": "2027-02-03T04:05:06.123456Z",
    "longer": "2027-02-03T04:05:06.1234567Z",
    "leap day": "2028-02-29T23:59:59Z",
    "new year": "1999-12-31T23:59:59.9Z",
}
ODD = {"word": "soon", "number": 5, "none": None, "list": ["2027-02-03T04:05:06Z"], "month": "2027-13-01T00:00:00Z"}


def test_what_is_held_already_gets_its_end(ministry: Any, stix: Any) -> None:
    for name, ends in {**ENDS, **ODD}.items():
        ministry.keep(stix.make(name, valid_until=ends, description='says "valid_until" too'))
    ministry.keep(stix.make("nested", x_more={"valid_until": "2027-01-01T00:00:00Z"}), stix.make("nothing"))
    listed = "SELECT body.title, expiry.ends_at FROM expiry JOIN body ON body.id = expiry.body_id ORDER BY body.title"
    with ministry.store.read() as reader:
        kept = reader.all(listed)
    assert dict(kept) == {name: parse_instant(text) for name, text in ENDS.items()}
    name = f"0006_weighing.{ministry.store.dialect}.sql"
    text = files("kouprey.exchange.migrations").joinpath(name).read_text("utf-8")
    begin = text.index("INSERT INTO expiry")
    backfill = text[begin : text.index(";", begin) + 1]

    def anew(tx: Any) -> None:
        tx.execute("DELETE FROM expiry")
        tx.script(backfill)

    ministry.store.write(anew)
    with ministry.store.read() as reader:
        assert reader.all(listed) == kept
