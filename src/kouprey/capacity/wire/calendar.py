"""Activities as a calendar (RFC 5545) that a phone follows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import msgspec

from kouprey.capacity.model import Activity, ItsState, Seat, SeatState
from kouprey.capacity.rules.seats import sequence
from kouprey.kernel.words.time import SECOND, Instant

if TYPE_CHECKING:
    from icalendar import Event

REFRESH = timedelta(hours=1)
_STATUS = {SeatState.CONFIRMED: "CONFIRMED", SeatState.WITHDRAWN: "CANCELLED"}


class Dated(msgspec.Struct, frozen=True, kw_only=True):
    """An activity in somebody's calendar; `seat` is theirs, None in the calendar of a party; `words` say its state."""

    activity: Activity
    changed: Instant
    seat: Seat | None = None
    words: str = ""


def write_calendar(name: str, every: Iterable[Dated], *, deadline: str) -> bytes:
    """The calendar, each activity and the end of its nominations; `deadline` is what the latter is called."""
    # Imported late: it is asked for by feeds alone.
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("prodid", "-//Kouprey//capacity//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    for each in every:
        calendar.add_component(_event(each))
        calendar.add_component(_closing(each, deadline))
    calendar.add_missing_timezones()
    raw: bytes = calendar.to_ical()
    return raw


def _event(each: Dated) -> Event:
    from icalendar import Event

    activity, event = each.activity, Event()
    event.add("uid", f"{activity.id}@{activity.host}")
    event.add("sequence", sequence(activity, each.seat))
    event.add("dtstamp", _utc(each.changed))
    event.add("dtstart", _local(activity.starts, activity.zone))
    event.add("dtend", _local(activity.ends, activity.zone))
    event.add("summary", f"{activity.title} ({each.words})" if each.words else activity.title)
    event.add("status", _status(each))
    event.add("location", ", ".join(part for part in (activity.place, activity.online) if part))
    if activity.note or activity.why:
        event.add("description", "\n\n".join(part for part in (activity.why, activity.note) if part))
    return event


def _closing(each: Dated, words: str) -> Event:
    from icalendar import Event

    activity, event = each.activity, Event()
    event.add("uid", f"{activity.id}-nominations@{activity.host}")
    event.add("sequence", sequence(activity))
    event.add("dtstamp", _utc(each.changed))
    event.add("dtstart", _local(activity.deadline, activity.zone))
    event.add("dtend", _local(activity.deadline, activity.zone))
    event.add("summary", f"{words}: {activity.title}")
    event.add("status", "CANCELLED" if activity.state is ItsState.CANCELLED else "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    return event


def _status(each: Dated) -> str:
    if each.activity.state is ItsState.CANCELLED:
        return "CANCELLED"
    return "CONFIRMED" if each.seat is None else _STATUS.get(each.seat.state, "TENTATIVE")


def _utc(at: Instant) -> datetime:
    return datetime.fromtimestamp(at // SECOND, UTC)


def _local(at: Instant, zone: str) -> datetime:
    return _utc(at).astimezone(ZoneInfo(zone))
