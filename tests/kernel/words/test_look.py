"""Looks: what somebody chooses changes, and the rest stays."""

from __future__ import annotations

import pytest

from kouprey.kernel.words.look import Look


@pytest.mark.parametrize(
    ("chosen", "left"),
    [
        (Look(), Look(language="km", theme="dark", keys=False)),
        (Look(language="en"), Look(language="en", theme="dark", keys=False)),
        (Look(theme="light", keys=True), Look(language="km", theme="light", keys=True)),
    ],
)
def test_what_is_not_chosen_stays(chosen: Look, left: Look) -> None:
    assert Look(language="km", theme="dark", keys=False).changed_by(chosen) == left
