"""Identifiers: what is a STIX id, what is a party, and that ours cannot be guessed."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.kernel.words.ids import is_party_id, new_id, stix_type

TYPES = st.from_regex(r"[a-z0-9]{3,12}(-[a-z0-9]{1,9}){0,3}", fullmatch=True)


@given(TYPES, st.uuids(), st.booleans())
def test_a_type_and_a_uuid_make_an_id(name: str, uuid: object, upper: bool) -> None:
    assert stix_type(f"{name}--{str(uuid).upper() if upper else uuid}") == name


@pytest.mark.parametrize(
    "text",
    [
        "",
        "indicator",
        "indicator-8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",
        "indicator--8e2e2d2b17d44cbf938f98ee46b3cd3f",
        "indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3",
        "indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3g",
        "indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f\n",
        "Indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",
        "x_y--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",
        "-a--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",
        "ab--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",
        "a" * 251 + "--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",
        "indicator--８e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",
    ],
)
def test_other_texts_are_no_ids(text: str) -> None:
    assert stix_type(text) is None


@pytest.mark.parametrize("text", ["cert.example", "soc-1.operator.example", "a.b", "1.example"])
def test_parties(text: str) -> None:
    assert is_party_id(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "cert",
        "Cert.example",
        "cert.example.",
        ".example",
        "cert..example",
        "-a.example",
        "a-.example",
        "cert.example\n",
        "a" * 64 + ".example",
        "é.example",
        "a." * 126 + "bc",
    ],
)
def test_not_parties(text: str) -> None:
    assert not is_party_id(text)


def test_new_ids_differ() -> None:
    made = {new_id("prt") for _ in range(100)}
    assert len(made) == 100
    assert all(re.fullmatch(r"prt_[0-9a-f]{32}", each) for each in made)
