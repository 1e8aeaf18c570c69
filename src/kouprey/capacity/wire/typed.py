"""What people type: times at a place, people one on a line, competencies by their codes."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, available_timezones

from kouprey.capacity.model import Activity, Competency, Holder, Kind, Wish
from kouprey.capacity.wire.tables import competencies
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.time import SECOND, Instant

MOST = 500


def read_local(text: str, zone: str) -> Instant:
    """`2026-12-01 09:00` at a place, as an instant; Damaged (`bad-time`) for anything else."""
    if zone not in available_timezones():
        raise Damaged("There is no such time zone.", zone[:60], "Write it like Asia/Phnom_Penh.", code="bad-time")
    try:
        local = datetime.fromisoformat(text.strip())
        if local.tzinfo is None:
            local = local.replace(tzinfo=ZoneInfo(zone))
        at = local.astimezone(UTC)
        if not 1990 <= at.year <= 2200:
            raise ValueError("the year is out of bounds")
    except (ValueError, OverflowError) as error:
        raise Damaged(
            "The time cannot be read.", f"{text[:40]!r}: {error}", "Write it like 2026-12-01 09:00.", code="bad-time"
        ) from error
    return int(at.timestamp()) * SECOND


def show_local(at: Instant, zone: str) -> str:
    """As `read_local` takes it."""
    return datetime.fromtimestamp(at // SECOND, UTC).astimezone(ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M")


def read_people(text: str) -> list[Holder]:
    """One on each line, the first to be seated first: name; role; mail. Damaged names the line."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        parts = [each.strip() for each in line.split(";")]
        if len(parts) > 3 or not parts[0] or any(len(each) > 300 or not each.isprintable() for each in parts):
            why = "It holds a name, and where wanted a role and a mail address, with semicolons between them."
            raise Damaged(f"Line {number} cannot be read.", why, "Write: Sok Dara; analyst", code="bad-nominee")
        name, role, mail = [*parts, "", ""][:3]
        found.append(Holder(party="", id="", name=name, role=role, mail=mail))
    if len(found) > MOST:
        raise Damaged("These are too many people.", f"At most {MOST}.", code="bad-nominee")
    return found


def show_people(people: list[Holder]) -> str:
    """As `read_people` takes them."""
    return "\n".join("; ".join(part for part in (each.name, each.role, each.mail)).rstrip("; ") for each in people)


def read_competency(text: str) -> Competency:
    """`nice:PD-WRL-003` or `ecsf:2`; Damaged for a code that is not known here."""
    framework, _, code = text.strip().partition(":")
    if (framework, code) not in competencies():
        raise Damaged(
            f"{text[:40]!r} is no competency known here.", "", "Choose one from the list.", code="bad-competency"
        )
    return Competency(framework=framework, code=code)


def read_wish(need: bool, competency: str, count: str, note: str = "") -> Wish:
    """A need or an offer; Damaged for no number of people."""
    if not count.strip().isascii() or not count.strip().isdigit() or not 0 < int(count[:9]) <= 10_000:
        raise Damaged("It is not said for how many.", "", "Write a number of people.", code="bad-number")
    return Wish(need=need, competency=read_competency(competency), count=int(count), note=note.strip())


def read_form(given: dict[str, str]) -> Activity:
    """An activity as a form or a command gives it: before its host, its id and its version are known."""
    seats = given.get("seats", "").strip()
    if not seats.isascii() or not seats.isdigit() or len(seats) > 5:
        raise Damaged("It is not said how many seats there are.", "", "Write a number.", code="bad-number")
    try:
        kind = Kind(given.get("kind", ""))
    except ValueError:
        raise Damaged("It is not said what it is.", "", "Choose a kind.", code="bad-kind") from None
    zone = given.get("zone", "").strip()
    chosen = given.get("competencies", "").replace(",", " ").split()
    return Activity(
        id="",
        nonce="",
        host="",
        agreement="",
        version=0,
        kind=kind,
        title=given.get("title", "").strip(),
        starts=read_local(given.get("starts", ""), zone),
        ends=read_local(given.get("ends", ""), zone),
        zone=zone,
        deadline=read_local(given.get("deadline", ""), zone),
        seats=int(seats),
        place=given.get("place", "").strip(),
        online=given.get("online", "").strip(),
        languages=tuple(given.get("languages", "").replace(",", " ").split()),
        competencies=tuple(map(read_competency, chosen)),
        note=given.get("note", "").strip(),
    )
