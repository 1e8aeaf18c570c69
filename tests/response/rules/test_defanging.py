"""Values that nothing opens by a click."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.response.rules.defanging import defang


@pytest.mark.parametrize(
    ("kind", "text", "made"),
    [
        ("url", "http://203.0.113.7/x", "hxxp://203[.]0[.]113[.]7/x"),
        ("url", "HTTPS://a.example:8443", "hxxps://a[.]example:8443"),
        ("url", "ftp://a.example", "fxp://a[.]example"),
        ("email-addr", "a@b.example", "a[@]b[.]example"),
        ("ipv6-addr", "2001:db8::7", "2001[:]db8[:][:]7"),
        ("domain-name", "a[.]example", "a[.]example"),
        ("sha256", "0" * 64, "0" * 64),
        ("file-name", "mail.eml", "mail.eml"),
    ],
)
def test_values_as_people_write_them(kind: str, text: str, made: str) -> None:
    assert defang(kind, text) == made
    assert defang(kind, made) == made, "twice is as once"


@given(st.sampled_from(["url", "domain-name", "ipv4-addr", "ipv6-addr", "email-addr"]), st.text(max_size=60))
def test_nothing_stays_that_a_program_would_open(kind: str, text: str) -> None:
    made = defang(kind, text)
    assert not re.search(r"(?<!\[)[.@](?!\])", made) and not re.search(r"(?i)\bhttps?://", made)
