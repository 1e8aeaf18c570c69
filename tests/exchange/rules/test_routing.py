"""By how a thing begins it takes the road of STIX, of tables or of texts."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.exchange.rules.routing import road_of


@pytest.mark.parametrize(
    ("head", "name", "road"),
    [
        (b'{"type": "bundle"}', "", "stix"),
        (b'\xef\xbb\xbf \n{"type"', "", "stix"),
        (b'[ {"type": "tool"}', "", "stix"),
        (b"[]", "", "stix"),
        (gzip.compress(b"{}"), "x.gz", "stix"),
        (b"\x28\xb5\x2f\xfd....", "", "stix"),
        (b"[.] is how we write a dot", "", "text"),
        (b"domain,seen\na.test,1\nb.test,2\n", "", "table"),
        (b"a;b\n1;2\n", "", "table"),
        (b"# a feed\na\tb\n1\t2\n", "", "table"),
        (b"a.test", "hosts.csv", "table"),
        (b"Dear all,\nplease block a.test, b.test and c.test\n", "", "text"),
        (b"a.test\nb.test\n", "", "text"),
        (b"We saw a.test, and more", "mail.txt", "text"),
        (b"", "", "text"),
    ],
)
def test_the_road(head: bytes, name: str, road: str) -> None:
    assert road_of(head, name) == road


@given(st.binary(max_size=200), st.text(max_size=10))
def test_it_never_fails(head: bytes, name: str) -> None:
    assert road_of(head, name) in ("stix", "table", "text")
