"""Pages of the ledger: what was given to whom and confirmed when, to those who may know."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from collections.abc import Callable
from typing import Any

import pytest

from kouprey.federation.service import erase_bodies
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role

Face = Any
Do = Callable[..., Any]
OPERATOR = "operator.example"


def test_quarantine_names_what_from_whom_and_why(
    pair: tuple[Face, Face], agreed: Do, publish: Do, make_parcel: Do, read_parcel: Do, text_of: Do
) -> None:
    ministry, operator = pair
    agreement = agreed(ministry, operator)
    publish(ministry, agreement, b"good", b"bad")
    ministry.settle()
    analyst = operator.visitor(Role.ANALYST)
    assert "Nothing is held back" in analyst.get("/quarantine").text
    assert "Held back" in text_of(read_parcel(operator, make_parcel(ministry, OPERATOR)).text)
    page = analyst.get("/quarantine").text
    assert "It is &lt;bad&gt;." in page and "bad-object" in page and "Ministry of Examples" in page
    assert "1 in quarantine" in analyst.get("/partners").text
    low = operator.visitor(Role.ANALYST, clearance=TLP.AMBER).get("/quarantine").text
    assert "It is &lt;bad" not in low and "bad-object" in low, "reasons bear no label"
    assert "It is &lt;bad&gt;." in operator.visitor(Role.LIAISON, clearance=TLP.CLEAR).get("/quarantine").text


def test_nobody_reads_in_the_ledger_what_is_marked_above_them(
    pair: tuple[Face, Face], agreed: Do, publish: Do, text_of: Do
) -> None:
    ministry, operator = pair
    agreement = agreed(ministry, operator)
    publish(ministry, agreement, b"one", tlp=TLP.AMBER)
    ministry.settle()
    (lane,) = ministry.federation.ledger.list_lanes()
    low, high = ministry.visitor(Role.ANALYST, clearance=TLP.GREEN), ministry.visitor(Role.ANALYST)
    for path in ("/ledger", f"/ledger/{lane.tag}"):
        hidden, shown = text_of(low.get(path).text), text_of(high.get(path).text)
        assert (
            "marked above your clearance" in hidden and "stix+json" not in hidden and "within the ceiling" not in hidden
        )
        assert "marked above your clearance" not in shown and "stix+json" in shown


def test_the_export_is_for_those_who_may_see_all_of_it(pair: tuple[Face, Face], agreed: Do, publish: Do) -> None:
    ministry, operator = pair
    agreement = agreed(ministry, operator)
    publish(ministry, agreement, b"one", tlp=TLP.AMBER)
    ministry.settle()
    path = f"/ledger/export?agreement={agreement}"
    assert ministry.visitor(Role.ANALYST).get(path).status_code == 403
    assert ministry.visitor(Role.LIAISON, clearance=TLP.GREEN).get(path).status_code == 403
    for role in (Role.LIAISON, Role.AUDITOR):
        lines = [json.loads(line) for line in ministry.visitor(role).get(path).content.splitlines()]
        assert lines[0]["type"] == "ledger" and lines[-1]["type"] == "end"
        assert [line["type"] for line in lines].count("entry") == 2
    answer = ministry.visitor(Role.LIAISON).get("/ledger/export", follow_redirects=False)
    assert answer.status_code == 303 and answer.headers["location"] == "/ledger", "which one is chosen there"
    assert ministry.visitor(Role.LIAISON).get("/ledger/export?agreement=agr_none").status_code == 404


def test_a_lane_is_read_page_by_page(
    pair: tuple[Face, Face], monkeypatch: pytest.MonkeyPatch, agreed: Do, publish: Do
) -> None:
    from kouprey.federation.pages import ledger

    monkeypatch.setattr(ledger, "PAGE", 4)
    ministry, operator = pair
    agreement = agreed(ministry, operator)
    publish(ministry, agreement, *(b"%d" % n for n in range(9)))
    ministry.settle()
    (lane,) = ministry.federation.ledger.list_lanes()
    analyst, seen, path = ministry.visitor(Role.ANALYST), [], f"/ledger/{lane.tag}"
    while path:
        page = analyst.get(path).text
        seen += [int(n) for n in re.findall(r'<tr><td class="num"[^>]*>(\d+)</td>', page)]
        found = re.search(r'rel="next" href="([^"]+)"', page)
        path = found[1] if found else ""
    assert seen == list(range(9, -1, -1))
    assert analyst.get(f"/ledger/{lane.tag}?end=-1").status_code == 400
    assert analyst.get(f"/ledger/{lane.tag}?end=999").status_code == 200
    assert analyst.get("/ledger/none").status_code == 404


def test_the_ledger_is_narrowed_by_partner_and_agreement(pair: tuple[Face, Face], agreed: Do, publish: Do) -> None:
    ministry, operator = pair
    agreement = agreed(ministry, operator)
    publish(ministry, agreement, b"one")
    ministry.settle()
    analyst = ministry.visitor(Role.ANALYST)
    for query, count in ((f"party={OPERATOR}", 1), (f"agreement={agreement}", 1), ("party=x.example", 0), ("", 1)):
        assert ("stix+json" in analyst.get(f"/ledger?{query}").text) is bool(count)


def test_the_proof_of_an_entry_says_no_more_than_its_reader_may_see(
    pair: tuple[Face, Face], agreed: Do, publish: Do
) -> None:
    ministry, operator = pair
    agreement = agreed(ministry, operator)
    publish(ministry, agreement, b"secret-words", tlp=TLP.AMBER)
    ministry.settle()
    (lane,) = ministry.federation.ledger.list_lanes()
    path = f"/ledger/{lane.tag}/1/proof"
    assert ministry.visitor(Role.ANALYST).get(path).status_code == 403
    extra = {}
    for clearance in (TLP.GREEN, TLP.AMBER):
        answer = ministry.visitor(Role.LIAISON, clearance=clearance).get(path)
        assert answer.status_code == 200 and ".tlog-proof" in answer.headers["content-disposition"]
        extra[clearance] = b64decode(answer.text.split("\n")[1].removeprefix("extra "))
    assert len(extra[TLP.GREEN]) == 64 and b"secret-words" in extra[TLP.AMBER]
    liaison = ministry.visitor(Role.LIAISON)
    assert f'href="{path}"' in liaison.get(f"/ledger/{lane.tag}").text
    assert path not in ministry.visitor(Role.ANALYST).get(f"/ledger/{lane.tag}").text
    for wrong in ("9", "x", "-1", "99999999999"):
        assert liaison.get(f"/ledger/{lane.tag}/{wrong}/proof").status_code == 404
    assert liaison.get(f"/ledger/{'0' * 32}/1/proof").status_code == 404


def test_a_lane_says_who_has_erased_what_to_those_who_may_know_of_holds(
    pair: tuple[Face, Face], agreed: Do, publish: Do, text_of: Do
) -> None:
    ministry, operator = pair
    agreement = agreed(ministry, operator)
    publish(ministry, agreement, b"one")
    ministry.settle()
    (lane,) = ministry.federation.ledger.list_lanes()
    whole, low = ministry.visitor(Role.ANALYST), ministry.visitor(Role.ANALYST, clearance=TLP.AMBER)
    assert "Asked to be erased" not in whole.get(f"/ledger/{lane.tag}").text
    with ministry.store.read() as reader:
        (number,) = [row[0] for row in reader.all("SELECT publication FROM lane_run WHERE publication > 0")]
    ministry.store.write(lambda tx: erase_bodies(tx, ministry.lanes, [number], ()))
    ministry.settle()
    shown = text_of(whole.get(f"/ledger/{lane.tag}").text)
    assert "Asked to be erased" in shown and "nothing heard of" in shown
    assert "Asked to be erased" not in low.get(f"/ledger/{lane.tag}").text


def test_lanes_of_one_agreement_can_be_told_apart_and_their_class_is_a_word(
    pair: tuple[Face, Face], agreed: Do, publish: Do, text_of: Do
) -> None:
    ministry, operator = pair
    agreement = agreed(ministry, operator)
    publish(ministry, agreement, b"one")
    ministry.settle()
    (lane,) = ministry.federation.ledger.list_lanes()
    lead = ministry.visitor(Role.LEAD)
    shown = text_of(lead.get(f"/ledger/{lane.tag}").text)
    assert "in its turn" in shown and "bulk" not in shown
    assert "to them" in text_of(lead.get("/partners").text)
    page = text_of(lead.get(f"/partners/{OPERATOR}").text)
    assert "to them" in page and "since " in page and "for the two alone" in page
