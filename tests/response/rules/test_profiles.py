"""A profile is put into its one form, what cannot be is named, and what is missing is said."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from kouprey.kernel.words.time import DAY
from kouprey.response.model.directory import Hours, Profile
from kouprey.response.rules.profiles import STALE, check, put_right, wants

WHOLE = Profile(
    party="a.example",
    name="CERT",
    phone="+855 23 555 0100",
    mail="cert@a.example",
    pgp="0123 4567 89AB CDEF 0123  4567 89AB CDEF 0123 4567",
    members="Lead, two officers",
    mission="Help.",
    prefixes=("203.0.113.7/24", "203.0.113.0/24"),
    domains=("Gov.Example.",),
    incidents="All.",
    disclosure="Nothing.",
    authentication="By its keys.",
    services="Coordination.",
    verified=1,
)


def test_it_is_put_into_its_one_form() -> None:
    made = put_right(msgspec.structs.replace(WHOLE, name="  CERT ", days=("fri", "mon"), asns=(7, 5, 7)))
    assert made.name == "CERT" and made.prefixes == ("203.0.113.0/24",) and made.domains == ("gov.example",)
    assert made.days == ("mon", "fri") and made.asns == (5, 7) and made.pgp == "0123456789ABCDEF" * 2 + "01234567"
    assert put_right(made) == made


@pytest.mark.parametrize(
    "wrong",
    [
        {"prefixes": ("gov.example",)},
        {"domains": ("203.0.113.0/24",)},
        {"asns": (0,)},
        {"zone": "Not a zone"},
        {"mail": "nobody"},
        {"pgp": "12"},
        {"age": "x"},
        {"opens": "25:00"},
        {"opens": "18:00", "closes": "08:00"},
        {"name": "x" * 201},
        {"name": "a\u202eb"},
        {"services": "x" * 4_001},
        {"sectors": ("y",) * 501 + tuple(str(n) for n in range(501))},
        {"version": 1 << 53},
    ],
)
def test_what_none_may_hold(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        put_right(msgspec.structs.replace(WHOLE, **wrong))


def test_who_never_closes_has_no_closing_time() -> None:
    check(msgspec.structs.replace(put_right(WHOLE), hours=Hours.ALWAYS, opens="00:00", closes="00:00"))


def test_what_is_missing_is_said() -> None:
    assert not [key for done, key in wants(WHOLE, DAY) if not done]
    assert [key for done, key in wants(WHOLE, STALE + 1) if not done] == ["verified"]
    lacking = [key for done, key in wants(Profile(party="a.example"), DAY) if not done]
    assert "constituency" in lacking and "verified" in lacking and "name" in lacking
