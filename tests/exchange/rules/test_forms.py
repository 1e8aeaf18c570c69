"""Strings with a form: what passes, what does not, and instants that are compared as far as both go."""

from __future__ import annotations

from datetime import UTC, datetime
from ipaddress import IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.exchange.rules import forms
from kouprey.exchange.rules.shapes import FINE

MD5 = "0123456789abcdef" * 2


@pytest.mark.parametrize(
    ("check", "right", "wrong"),
    [
        (
            forms.timestamp,
            "2026-11-22T09:00:00Z 2026-11-22T09:00:00.123456789Z 2024-02-29T00:00:00Z 2016-12-31T23:59:60Z",
            "2026-02-30T00:00:00Z 2023-02-29T00:00:00Z 2026-11-22 2026-11-22T09:00:00+07:00 2026-11-22t09:00:00z "
            "2026-11-22T24:00:00Z 0000-01-01T00:00:00Z 2026-11-22T09:00:00.Z",
        ),
        (forms.language, "en km lo my en-GB zh-Hant-TW es-419 de-CH-1996 x-own eng", "zz e en_GB statement en-"),
        (
            forms.uri,
            "https://a.example/b?c=d#e urn:x:y http://[2001:db8::1]:80/ mailto:a@b.example http://a:b@c.example",
            "a.example //a /b http://a|b https://x.example/%zz http://[1::2::3]/ https://ឧទាហរណ៍.example/",
        ),
        (
            forms.domain,
            "node.example xn--bcher-kva.example bücher.example 1.2.3.4 localhost Node.Example node.example.",
            "a_b.example -a.example a..b ab--c.example *.example xn--a " + "a" * 64 + ".example",
        ),
        (
            forms.email,
            'jane.doe@cert.example a+b/c=d@x.example "a@b"@x.example o\'neil@x.example a@localhost a@[198.51.100.1]',
            "jane@ @x.example a@@x.example .a@x.example a.@x.example a..b@x.example a",
        ),
        (forms.ipv4, "198.51.100.1 0.0.0.0 10.0.0.0/8 1.2.3.4/32", "1.2.3 01.2.3.4 256.1.1.1 1.2.3.4/33 1.2.3.4/08"),
        (
            forms.ipv6,
            "2001:db8::1 :: ::ffff:1.2.3.4 2001:db8::/32 ::1/128 fe80::1%eth0",
            "1.2.3.4 2001:db8::1/129 ::1/ ::1/01 s::1 :::",
        ),
        (forms.mac, "d2:fb:49:24:37:18", "D2:FB:49:24:37:18 d2-fb-49-24-37-18 d2:fb:49:24:37"),
        (forms.binary, "QUJD QQ== QUI=", "QUJ QQ= Q*== Q"),
        (forms.hexadecimal, "00 00fF", "0 0g 000"),
        (
            forms.cpe,
            r"cpe:2.3:a:microsoft:word:2000:*:*:*:*:*:*:* cpe:2.3:o:a\!b:c:-:*:*:en-us:*:*:*:*",
            "cpe:/a:microsoft:word cpe:2.3:a:b cpe:2.3:z:a:b:1:*:*:*:*:*:*:* xcpe:2.3:a:m:w:2:*:*:*:*:*:*:*",
        ),
        (forms.media_type, "text/plain application/vnd.a+b", "text plain/text"),
        (forms.precise(), "2026-11-22T09:00:00.000Z 2026-11-22T09:00:00.000001Z", "2026-11-22T09:00:00Z"),
        (forms.precise("{3}"), "2026-11-22T09:00:00.000Z", "2026-11-22T09:00:00.000001Z"),
        (
            forms.identifier("identity", "location"),
            f"identity--{MD5[:8]}-1f2e-4a3b-8c4d-5e6f708192a3 location--{MD5[:8]}-1F2E-4A3B-8C4D-5E6F708192A3",
            f"file--{MD5[:8]}-1f2e-4a3b-8c4d-5e6f708192a3 identity--1 identity",
        ),
    ],
)
def test_forms(check: forms.Check, right: str, wrong: str) -> None:
    for value in right.split():
        assert check(value) == FINE, value
    for value in [*wrong.split(), "", right.split()[0] + "\n"]:
        assert check(value), value
    assert check(7)[0].code == "type"


def test_references_tell_the_wrong_type_from_no_id() -> None:
    check = forms.identifier(no=("bundle",))
    assert check("bundle--00000001-1f2e-4a3b-8c4d-5e6f708192a3")[0].code == "reference"
    assert check("bundle")[0].code == "identifier"
    assert check("x-own--00000001-1f2e-4a3b-8c4d-5e6f708192a3") == FINE


@pytest.mark.parametrize(
    ("first", "second", "fine", "strictly"),
    [
        ("2026-01-01T00:00:00.000Z", "2026-01-01T00:00:00.000Z", True, False),
        ("2026-01-01T00:00:00.001Z", "2026-01-01T00:00:00.000Z", False, False),
        # Of unequal precision: as far as both go.
        ("2026-01-01T00:00:12.012201Z", "2026-01-01T00:00:12.012Z", True, True),
        ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00.5Z", True, True),
        ("2026-01-01T00:00:01Z", "2026-01-01T00:00:00.5Z", False, False),
        ("2026-01-01T00:00:00.2Z", "2026-01-01T00:00:00.10Z", False, False),
        ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00.000Z", True, False),
    ],
)
def test_order(first: str, second: str, fine: bool, strictly: bool) -> None:
    value = {"from": first, "until": second}
    assert (forms.in_order("from", "until", "1")(value) == FINE) is fine
    assert (forms.in_order("from", "until", "1", strictly=True)(value) == FINE) is strictly


def test_order_leaves_what_is_no_timestamp_to_others() -> None:
    assert forms.in_order("from", "until", "1")({"from": 3, "until": "x"}) == FINE
    assert forms.in_order("from", "until", "1")({"until": "x"}) == FINE


def test_hashes() -> None:
    open_, closed, earlier = forms.hashes(), forms.hashes(closed=True), forms.hashes(earlier=True)
    assert open_({"MD5": MD5, "x_own": "1"}) == FINE
    assert [found.code for found in open_({"MD5": MD5 + "0"})] == ["hash"]
    assert [(found.code, found.severity) for found in open_({"Foo": "1"})] == [("vocabulary", "should")]
    assert [(found.code, found.severity) for found in closed({"Foo": "1"})] == [("vocabulary", "must")]
    assert open_({"TLSH": "T1" + "A" * 70}) == FINE == open_({"TLSH": "A" * 70})
    assert open_({}) and open_({"ab": "1"}) and open_({"MD5": 1})
    assert earlier({"ssdeep": "3:a:b", "WHIRLPOOL": MD5 * 4}) == FINE
    assert earlier({"SHA-224": "0"})


@given(st.datetimes(min_value=datetime(1, 1, 1)))
def test_every_moment_can_be_written(moment: datetime) -> None:
    assert forms.is_timestamp(moment.replace(tzinfo=UTC).isoformat().replace("+00:00", "Z"))


@given(st.ip_addresses(v=6), st.integers(0, 128))
def test_every_ipv6_address_passes(address: IPv6Address, length: int) -> None:
    assert forms.is_ipv6(str(address)) and forms.is_ipv6(f"{address.exploded}/{length}")


@given(st.text(max_size=40))
def test_no_text_is_too_strange(value: str) -> None:
    for check in (forms.timestamp, forms.language, forms.uri, forms.domain, forms.email, forms.ipv6, forms.cpe):
        check(value)
