"""The public check as strangers use it."""

from __future__ import annotations

from typing import Any

import pytest

from advisories.conftest import RUMOUR, Bureau
from kouprey.advisories.service.checking import LARGEST

HERE = {"Origin": "http://127.0.0.1:8420"}


def ask(bureau: Bureau, text: str = "", lang: str = "en", file: bytes = b"") -> Any:
    files = {"file": ("picture.png", file, "image/png")} if file else None
    return bureau.stranger().post(f"/check?lang={lang}", data={"q": text}, files=files, headers=HERE)


def test_a_claim_in_both_languages(ministry: Bureau) -> None:
    made = ministry.publish()
    answer = ask(ministry, RUMOUR)
    assert 'class="answer declared"' in answer.text and f"/statements/{made.id}?lang=en" in answer.text
    assert "FALSE" in answer.text and "has answered exactly this" in answer.text
    khmer = ask(ministry, RUMOUR, "km")
    assert '<html lang="km">' in khmer.text and "មិនពិត" in khmer.text and "has answered" not in khmer.text
    assert answer.headers["cache-control"] == "no-store"


def test_what_is_alike_stands_side_by_side_and_nothing_is_promised(ministry: Bureau) -> None:
    ministry.publish()
    answer = ask(ministry, RUMOUR.replace("closes", "opens"))
    assert 'class="answer alike"' in answer.text and "A small change can reverse the meaning." in answer.text
    assert (
        "answer authentic" not in answer.text and "What you pasted" in answer.text and "/report?lang=en" in answer.text
    )


def test_nothing_known_is_neither_true_nor_false(ministry: Bureau) -> None:
    for answer in (ask(ministry, "Rain is expected in the north"), ask(ministry, file=b"\x89PNG nothing")):
        assert 'class="answer none"' in answer.text and "does not mean that it is true" in answer.text
    assert "No exact match" in answer.text


def test_the_code_of_a_card(ministry: Bureau) -> None:
    made = ministry.publish()
    answer = ministry.stranger().get(f"/check/{made.id}/{made.hash[:16]}")
    assert 'class="answer authentic"' in answer.text and "Issued by Ministry.Example, and not changed." in answer.text
    other = ministry.stranger().get(f"/check/{made.id}/{'0' * 16}")
    assert 'class="answer altered"' in other.text and "answer authentic" not in other.text


@pytest.mark.parametrize("text", ["", "x" * 20_500])
def test_what_cannot_be_asked_is_said(ministry: Bureau, text: str) -> None:
    answer = ask(ministry, text)
    assert answer.status_code == 400 and 'role="alert"' in answer.text


def test_a_file_that_is_too_large_is_not_read(ministry: Bureau) -> None:
    answer = ask(ministry, file=b"x" * (LARGEST + 1))
    assert answer.status_code == 413 and "too large" in answer.text


def test_what_somebody_types_is_never_markup(ministry: Bureau) -> None:
    ministry.publish()
    answer = ask(ministry, f"<script>alert(1)</script> {RUMOUR}")
    assert "<script>" not in answer.text and "&lt;script&gt;" in answer.text
