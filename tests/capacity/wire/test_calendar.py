"""Activities as a calendar reads them."""

from __future__ import annotations

from icalendar import Calendar

from capacity.conftest import START, training
from kouprey.capacity.model import ItsState
from kouprey.capacity.wire.calendar import Dated, write_calendar


def test_khmer_titles_and_zones_come_back() -> None:
    made = training(title="វគ្គបណ្តុះបណ្តាល", online="https://meet.example/1", note="Bring a laptop")
    raw = write_calendar("Mine", [Dated(activity=made, changed=START, words="has a seat")], deadline="End")
    event = Calendar.from_ical(raw).walk("VEVENT")[0]
    assert str(event["summary"]) == "វគ្គបណ្តុះបណ្តាល (has a seat)"
    assert str(event["location"]) == "Training room 2, Phnom Penh, https://meet.example/1"
    assert event["dtstart"].params["TZID"] == "Asia/Phnom_Penh"
    assert max(map(len, raw.split(b"\r\n"))) <= 75
    off = training(state=ItsState.CANCELLED, why="Flooded")
    event = Calendar.from_ical(write_calendar("M", [Dated(activity=off, changed=1)], deadline="E")).walk("VEVENT")[0]
    assert (event["status"], str(event["description"])) == ("CANCELLED", "Flooded")
