"""What bars a thing says what would have to change and who decides that."""

from __future__ import annotations

import msgspec

from kouprey.agreements.model import Standing, Terms
from kouprey.agreements.rules import ways
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.tlp import TLP

TALKS = Standing(
    agreement="agr_1",
    home="a.example",
    version=1,
    note_sha256=b"",
    title="Talks",
    parties=("a.example", "b.example"),
    terms=Terms(),
    tlp_ceiling=TLP.AMBER,
    signed=True,
    starts=0,
)


def test_who_owns_a_thing_decides_its_marking() -> None:
    ours = Label(owner="a.example", tlp=TLP.RED)
    theirs = msgspec.structs.replace(ours, owner="b.example", agreement="agr_1")
    assert "whoever may write at a.example decides that" in ways.lower(ours, "a.example", "TLP:AMBER")
    assert "only b.example, who gave it, decides that" in ways.lower(theirs, "a.example", "TLP:AMBER")


def test_a_clause_is_loosened_by_all_its_parties() -> None:
    said = ways.loosen(TALKS, "tlp_ceiling")
    assert said.startswith("Loosen clause 2 of “Talks”:") and said.endswith("sign it (a.example, b.example).")
