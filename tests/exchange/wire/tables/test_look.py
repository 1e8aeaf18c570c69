"""A first look: how a table is written, what its columns are called, and what they seem to be."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.exchange.model.tables import Dialect, Mapping
from kouprey.exchange.wire.tables import HEAD, look_at

FEEDS = Path(os.environ.get("KOUPREY_SHARED") or Path(__file__).parents[5] / "shared") / "data" / "feeds"


@pytest.mark.parametrize(
    ("raw", "dialect", "guessed"),
    [
        (
            b"first_seen,dst_ip,comment\n2026-11-22,198.51.100.7,x\n",
            {"header": True},
            {"first_seen": "valid_from", "dst_ip": "value", "comment": "description"},
        ),
        (b"# list\n198.51.100.7\n198.51.100.8\n", {"comment": "#"}, {"1": "value"}),
        (b"; ip; asn\n198.51.100.7 ; AS64500\n", {"delimiter": ";", "comment": ";"}, {"ip": "value", "asn": "value"}),
        (b"evil.kh\t5\nbad.kh\t6\n", {"delimiter": "\t"}, {"1": "value"}),
        (
            "a;b\nz\u00fcrich;evil.kh\n".encode("latin-1"),
            {"delimiter": ";", "encoding": "latin-1", "header": True},
            {"b": "value"},
        ),
        (
            "ip,tags\n198.51.100.7,x\n".encode("utf-16"),
            {"encoding": "utf-16", "header": True},
            {"ip": "value", "tags": "labels"},
        ),
        (b"", {}, {}),
    ],
)
def test_what_is_seen(raw: bytes, dialect: dict[str, object], guessed: dict[str, str]) -> None:
    look = look_at(raw)
    wanted: dict[str, object] = {"header": False} | dialect
    assert {name: getattr(look.dialect, name) for name in wanted} == wanted
    assert look.guessed == guessed


def test_what_is_said_goes_before_what_is_seen() -> None:
    look = look_at(b"a,b\n198.51.100.7,c\n", Dialect(header=False))
    assert look.columns == ("1", "2") and len(look.rows) == 2


@given(st.binary(max_size=300))
def test_nothing_raises(raw: bytes) -> None:
    assert len(look_at(raw).rows) <= 10


SAMPLES = [
    ("abusech/feodotracker_202110_sslbl_201902.csv.txt", {"2": "value"}, 3, 0),
    ("intelmq-samples/blocklistde_imap.txt", {"1": "ip"}, 6, 0),
    ("intelmq-samples/spamhaus_drop.txt", {"1": "ip"}, 2, 0),
    ("intelmq-samples/spamhaus_asndrop.txt", {"1": "as-number"}, 2, 0),
    ("intelmq-samples/dataplane_sshpwauth.txt", {"3": "ip"}, 2, 1),
    ("intelmq-samples/zoneh_defacement_accepted.csv", {"domain": "url", "ip_address": "ip"}, 4, 0),
]


@pytest.mark.parametrize(("name", "columns", "made", "refused"), SAMPLES)
def test_feeds_as_they_are(tables: Any, name: str, columns: dict[str, str], made: int, refused: int) -> None:
    path = FEEDS / name
    if not path.exists():
        pytest.skip("the sample feeds are not here")
    raw = path.read_bytes()
    look = look_at(raw[:HEAD])
    assert set(columns) <= set(look.guessed)
    objects, refusals = tables.taken(raw, Mapping(columns=columns), look.dialect)
    assert (len(objects), len(refusals)) == (made, refused)
