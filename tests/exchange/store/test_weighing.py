"""Until when things hold: written down also for what was held before, and judged by the body one is given."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import msgspec

from kouprey.exchange.model import Filters
from kouprey.kernel.words.time import parse_instant
from kouprey.kernel.words.tlp import TLP

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
    folder, ending = files("kouprey.exchange.migrations"), f"_weighing.{ministry.store.dialect}.sql"
    (text,) = (each.read_text("utf-8") for each in folder.iterdir() if each.name.endswith(ending))
    begin = text.index("INSERT INTO expiry")
    backfill = text[begin : text.index(";", begin) + 1]

    def anew(tx: Any) -> None:
        tx.execute("DELETE FROM expiry")
        tx.script(backfill)

    ministry.store.write(anew)
    with ministry.store.read() as reader:
        assert reader.all(listed) == kept


def test_what_is_in_force_is_judged_by_the_body_one_is_given(ministry: Any, stix: Any) -> None:
    past, ahead = "2020-01-01T00:00:00Z", "2920-01-01T00:00:00Z"
    ministry.keep(
        stix.make("over", valid_until=past),
        stix.make("holds", valid_until=ahead),
        stix.make("endless"),
        stix.make("gone", revoked=True),
        stix.make("two", valid_until=past),
        stix.make("renewed", valid_until=past),
        stix.make("renewed", minute=1, valid_until=ahead),
        tlp=TLP.GREEN,
    )
    # Of "two" the oldest body is the one everybody is given who sees it.
    ministry.keep(stix.make("canary", valid_until=ahead), stix.make("two", valid_until=ahead), tlp=TLP.RED)

    def listed(clearance: TLP, **more: Any) -> list[str]:
        page = ministry.exchange.list_objects(ministry.reader(clearance), filters=Filters(in_force=True), **more)
        return sorted(head.title for head in page.heads)

    assert listed(TLP.GREEN) == ["endless", "holds", "renewed"]
    assert listed(TLP.RED) == ["canary", "endless", "holds", "renewed"]
    assert listed(TLP.GREEN, text="holds") == ["holds"]
    assert ministry.exchange.facets(ministry.reader(TLP.GREEN), filters=Filters(in_force=True)).total == 3
    low = ministry.reader(TLP.GREEN)
    out = b"".join(ministry.exchange.export(low, "ndjson", filters=Filters(in_force=True), by="ann"))
    assert sorted(msgspec.json.decode(line)["name"] for line in out.splitlines()) == ["endless", "holds", "renewed"]
