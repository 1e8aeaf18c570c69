"""Names: of parties and people, without characters that make a text say something else."""

from __future__ import annotations

from kouprey.response.pages.naming import plain


def test_what_turns_the_direction_is_left_out_and_khmer_keeps_its_joints() -> None:
    assert plain("abc\u202egpj.exe\u2066") == "abcgpj.exe"
    assert plain("ខ្មែរ\u200bអក្សរ") == "ខ្មែរ\u200bអក្សរ"
