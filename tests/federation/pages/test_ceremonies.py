"""The sheets of ceremonies: every step in both languages, and who is to be called."""

from __future__ import annotations

from typing import Any

from kouprey.federation.pages.ceremonies import SHEETS, describe
from kouprey.people.model import Role

Face = Any
PATH = "/partners/keys/ceremonies.pdf"


def test_the_sheets_are_printed_in_each_language(pair: tuple[Face, Face]) -> None:
    ministry, _ = pair
    visitor = ministry.visitor(Role.LIAISON)
    papers = {code: visitor.get(f"{PATH}?language={code}") for code in ("en", "km")}
    for answer in papers.values():
        assert answer.status_code == 200 and answer.content.startswith(b"%PDF-")
        assert "ceremonies.pdf" in answer.headers["content-disposition"]
    assert papers["en"].content != papers["km"].content
    assert visitor.get(f"{PATH}?language=xx").content == papers["en"].content


def test_what_stands_on_them(pair: tuple[Face, Face]) -> None:
    ministry, operator = pair
    said: Any = describe(ministry.people.home(), ministry.federation.ceremonies.look())
    assert said["words"] == list(ministry.people.fingerprint(ministry.people.home_id))
    assert [each["words"] for each in said["partners"]] == [
        " ".join(operator.people.fingerprint(operator.people.home_id))
    ]
    assert [sheet["calls"] for sheet in said["sheets"]] == [False, False, True]
    commands = {step["command"] for sheet in said["sheets"] for step in sheet["steps"]}
    assert {
        "kouprey keys rotate",
        "kouprey keys finish",
        "kouprey keys revoke",
        "kouprey keys rotate --root",
    } < commands
    assert len(SHEETS) == len(said["sheets"])
