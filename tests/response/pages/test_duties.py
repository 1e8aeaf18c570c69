"""Duties over all cases as people see them: the list, the overview, the export of a quarter."""

from __future__ import annotations

from typing import Any

from kouprey.kernel.words.time import DAY, format_second
from kouprey.people.model import Role
from kouprey.response.model.duties import Channel
from kouprey.response.pages.duties import needs
from kouprey.response.service import Duties
from response.pages.test_dutywork import begun


def test_an_empty_list_says_what_to_do_and_a_full_one_what_is_due(offices: Any) -> None:
    a, _, _ = offices
    lead = a.visitor(Role.LEAD)
    assert "No report is owed" in lead.text("/duties") and 'href="/duties"' in lead.text("/")
    one, duty = begun(a, lead)
    page = lead.text("/duties")
    assert "Initial particulars" in page and "overdue" in page and "+07:00" in page and duty in page
    assert "No report is like that" in lead.text("/duties?regime=eu-nis2")
    assert lead.client.get("/duties?state=moon").status_code == 400
    assert "Initial particulars" not in lead.text("/duties?state=overdue")
    keeper = a.visitor(Role.ADMINISTRATOR)
    assert duty not in keeper.text("/duties") + keeper.text("/duties/quarter")
    assert one in page


def test_the_overview_tells_those_who_may_see_the_case(offices: Any) -> None:
    a, _, _ = offices
    lead = a.visitor(Role.LEAD)
    begun(a, lead)
    a.ahead = 5 * 3_600
    assert a.node.services.get(Duties).warn() == 2
    assert "80 % of the time is over." in lead.text("/") and "#1 First word" in lead.text("/")
    assert "of the time is over" not in a.visitor(Role.POLICY).text("/")
    assert "of the time is over" not in a.visitor(Role.ADMINISTRATOR).text("/")
    assert callable(needs(a.node.services))


def test_the_export_names_what_it_leaves_out(offices: Any) -> None:
    a, _, _ = offices
    lead = a.visitor(Role.LEAD)
    known = format_second(a.now() - 20 * DAY)
    _one, duty = begun(a, lead, known=known, offset="")
    duties, who = a.node.services.get(Duties), a.handoffs.operator()
    assert "It has not been sent." in lead.text("/duties/quarter")
    duties.write(who, duty, "supplementary", 0, {})
    duties.send(who, duty, "supplementary", 1, Channel.MAIL)
    page = lead.text("/duties/quarter")
    assert "Nothing is left out." in page and "sent late" in page
    assert "No final report was sent" in lead.text("/duties/quarter?quarter=2020-Q1")
    table = lead.client.get("/duties/quarter.csv")
    assert table.status_code == 200 and "supplementary" not in table.text and "Supplementary information" in table.text
    assert lead.client.get("/duties/quarter?quarter=x").status_code == 400


def test_what_our_regimes_say_is_told_in_the_readers_language(offices: Any) -> None:
    a, _, _ = offices
    lead = a.visitor(Role.LEAD)
    one, duty = begun(a, lead)
    khmer = {"Accept-Language": "km"}
    for place in ("/duties", f"{one}/duties", f"{one}/duties/{duty}/initial", "/duties/quarter"):
        page = lead.text(place, **khmer)
        assert "ម៉ាឡេស៊ី" in page, place
        for said in ("Malaysia:", "Initial particulars", "For entities that own", "in force since", "regulation 3"):
            assert said not in page.partition("<pre")[0], (place, said)
