"""A clause is cited by its number, its name and the title of its agreement."""

from __future__ import annotations

from kouprey.agreements.model import CLAUSES
from kouprey.agreements.model.citing import (
    CODES,
    TITLES,
    cite,
    cited,
    clause_of,
    clause_title,
    rests_on,
    spoken,
    with_ways,
)
from kouprey.kernel.words.decision import Reason

BARRED = Reason("ceiling", "TLP:RED is above it.", "agr_1", "2", "Talks", ("Mark it lower.",))


def test_every_clause_has_a_name_and_every_code_a_clause() -> None:
    assert TITLES.keys() == CLAUSES.keys() and set(CODES.values()) <= CLAUSES.keys()
    assert clause_title("2") == "Highest marking" and clause_title("99") == clause_title("") == ""
    assert clause_of("ceiling") == "2" and clause_of("own-party") == ""


def test_a_ground_is_cited_whole() -> None:
    assert cite(BARRED) == "clause 2 (Highest marking) of “Talks”"
    assert spoken(BARRED) == "TLP:RED is above it. So says clause 2 (Highest marking) of “Talks”."
    assert with_ways(BARRED).endswith(" To change it: Mark it lower.")
    assert cited("Talks") == "“Talks”" and cited("Talks", "99") == "clause 99 of “Talks”"
    assert cite(Reason("own-party", "Ours.")) == "" and spoken(Reason("own-party", "Ours.")) == "Ours."
    assert rests_on("agr_1", "Talks", "2")["title_of_clause"] == "Highest marking"
