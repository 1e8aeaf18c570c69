"""The page of the matrix: what one may see, narrowed by its address, and empty states that say what to do."""

from __future__ import annotations

import re
from typing import Any

import pytest

from kouprey.exchange.pages.attack import Query, breakable, chain_name, month_of
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role

HOSTILE = '"><img src=x onerror=alert(1)>\u202e'


def fill(desk: Any) -> None:
    """A technique with a bad name, one below it, one hidden object that points there, and a chain of its own."""

    def pattern(name: str, number: str) -> Any:
        told = [{"source_name": "mitre-attack", "external_id": number}]
        phases = [{"kill_chain_name": "mitre-attack", "phase_name": "execution"}]
        return desk.thing("attack-pattern", name, external_references=told, kill_chain_phases=phases)

    first, below = pattern(HOSTILE, "T1059"), pattern("Below", "T1059.001")
    told = [{"source_name": "mitre-attack", "external_id": "T1059.001"}]
    own = [{"kill_chain_name": "own", "phase_name": HOSTILE}]
    desk.take(
        first,
        below,
        desk.thing("malware", "Wick", is_family=False, external_references=told, kill_chain_phases=own),
        desk.marked("report", "canary", "red", published="2026-10-31T06:00:00Z", object_refs=[first["id"]]),
    )


def test_each_sees_their_own_counts(desk: Any) -> None:
    fill(desk)
    low, high = desk.visitor(Role.ANALYST, clearance=TLP.GREEN), desk.visitor(Role.ANALYST)
    text = low.text("/attack?at=T1059")
    desk.assert_harmless(text)
    assert "canary" not in text and "Wick" in text and "1 object points here." in text and "Below" in text
    assert "2 objects point here." in high.text("/attack?at=T1059") and "canary" in high.text("/attack?at=T1059")
    assert "Report" not in low.text("/attack").partition("<main")[2]
    desk.assert_harmless(low.text("/attack?chain=own"))
    assert "Nothing is held of it" in low.text("/attack?at=T1059&until=2020-01")
    assert low.get("/attack?at=T9999").status_code == 404


def test_a_phase_that_no_catalogue_describes_is_called_as_everywhere_else(desk: Any) -> None:
    fill(desk)
    reader = desk.visitor(Role.ANALYST)
    assert "Execution" in reader.text("/attack")
    reader.client.cookies.set("kouprey-ab12-language", "km")
    assert "ការដំណើរការកូដ" in reader.text("/attack") and "Execution" not in reader.text("/attack")


def test_what_names_a_phase_alone_is_coloured_too(desk: Any) -> None:
    fill(desk)
    alone = [{"kill_chain_name": "mitre-attack", "phase_name": "impact"}]
    desk.take(*(desk.thing("tool", f"Tool {n}", kill_chain_phases=alone) for n in range(9)))
    text = desk.visitor(Role.ANALYST).text("/attack")
    tile = re.search(r'<a class="attack-phase heat-(\d)"[^>]*>.*?</a>', text)
    assert tile is not None and tile[1] == "5" and ">9<" in tile[0]
    assert re.findall(r'<li class="heat heat-\d">([^<]*)</li>', text)[-1].endswith("9")


def test_nothing_held_says_what_to_import(desk: Any) -> None:
    text = desk.visitor(Role.ANALYST).text("/attack")
    assert "Import the ATT&CK catalogue" in text and "/intelligence/import" in text
    assert "/intelligence/import" not in desk.visitor(Role.AUDITOR).text("/attack")


@pytest.mark.parametrize(
    ("text", "month"), [("2026-11", 202611), ("2026-11-20", 202611), ("2026-13", 0), ("", 0), ("x", 0), ("٢٠٢٦-11", 0)]
)
def test_months(text: str, month: int) -> None:
    assert month_of(text) == month


def test_addresses_keep_what_is_chosen() -> None:
    query = Query(chain="own", kinds=("report",), sources=("a b",), since="2026-01", all=True)
    assert query.url(at="T1") == "/attack?chain=own&since=2026-01&kind=report&source=a+b&all=yes&at=T1"
    assert query.narrows and not Query(chain="own").narrows and Query().url() == "/attack"
    assert chain_name("mitre-attack") == "MITRE ATT&CK" and chain_name("own-way") == "Own way"


def test_long_words_can_be_parted() -> None:
    assert (
        breakable("Reconnaissance") == "Recon\u00adnais\u00adsance" and breakable("Phishing of it") == "Phishing of it"
    )
