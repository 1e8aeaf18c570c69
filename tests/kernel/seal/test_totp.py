"""One-time codes: the vectors of the two RFCs, a window for clocks, and no code twice."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from kouprey.kernel.seal import totp
from kouprey.kernel.words.time import SECOND

SECRET = b"12345678901234567890"
CODES = "755224 287082 359152 969429 338314 254676 287922 162583 399871 520489".split()  # noqa: SIM905


@pytest.mark.parametrize(
    ("counter", "code"),
    list(enumerate(CODES)),
)
def test_vectors_of_rfc_4226_appendix_d(counter: int, code: str) -> None:
    assert totp.code_at(SECRET, counter) == code


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_vectors_of_rfc_6238_appendix_b(seconds: int, code: str) -> None:
    assert totp.code_at(SECRET, seconds * SECOND // totp.PERIOD, digits=8) == code


def test_a_clock_may_be_off_by_one_period_and_no_more() -> None:
    now = 1_000_000 * totp.PERIOD + 7
    taken = [off for off in range(-3, 4) if totp.find_counter(SECRET, totp.code_at(SECRET, 1_000_000 + off), now, 0)]
    assert taken == [-1, 0, 1]


def test_a_code_works_once_and_none_before_it_afterwards() -> None:
    now = 1_000_000 * totp.PERIOD
    code = totp.code_at(SECRET, 1_000_000)
    assert totp.find_counter(SECRET, code, now, 999_999) == 1_000_000
    assert totp.find_counter(SECRET, code, now, 1_000_000) is None
    assert totp.find_counter(SECRET, totp.code_at(SECRET, 999_999), now, 1_000_000) is None
    assert all(totp.find_counter(SECRET, bad, now, 0) is None for bad in ("", "១២៣៤៥៦", code[:5], code + "0"))


def test_what_an_app_reads() -> None:
    parts = urlsplit(totp.address(SECRET, "Ministry of Sovan", "Dara Sok"))
    assert (parts.scheme, parts.netloc, parts.path) == ("otpauth", "totp", "/Ministry%20of%20Sovan:Dara%20Sok")
    assert parse_qs(parts.query) == {"secret": ["GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"], "issuer": ["Ministry of Sovan"]}
    assert len(totp.new_secret()) == 20 and totp.new_secret() != totp.new_secret()
