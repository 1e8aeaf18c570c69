"""What a page may answer that is looked at."""

from __future__ import annotations

import pytest

from browser.visits import REFUSING, VISITS, answers_wrongly


@pytest.mark.parametrize("status", [400, 403, 404, 500, 503])
def test_an_error_that_nobody_asked_for_is_a_fault(status: int) -> None:
    assert answers_wrongly("/", status) and answers_wrongly("/intelligence?q=x", status)
    assert not answers_wrongly("/", 200) and not answers_wrongly("/", 302)


def test_what_is_shown_because_it_refuses_has_to_refuse_so() -> None:
    for address, status in REFUSING.items():
        assert not answers_wrongly(address, status)
        assert answers_wrongly(address, 500) and answers_wrongly(address, 200)
        assert address.startswith("/") or address in VISITS
    assert not answers_wrongly("/no-such-page?at=1", 404)
