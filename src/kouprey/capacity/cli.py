"""Commands of capacity: plan, publish, nominate, confirm, mark, and check badges."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import click
import msgspec

from kouprey.agreements.service import Agreements
from kouprey.capacity.model import Achievement, Activity, Programme
from kouprey.capacity.service import Capacity
from kouprey.capacity.wire.typed import read_competency, read_form, read_people, show_local
from kouprey.kernel.cli.frame import Invocation, group
from kouprey.kernel.words.errors import Damaged, Refused, Unknown
from kouprey.kernel.words.time import format_second

capacity = group("capacity", "Programmes, trainings, seats, badges and certificates.", example="kouprey capacity list")
_FORM = (
    click.option("--kind", default="training", show_default=True, help="training, seminar, exercise, ..."),
    click.option("--title", required=True, help="What it is called."),
    click.option("--starts", required=True, metavar="TIME", help="2026-12-01 09:00, at the place."),
    click.option("--ends", required=True, metavar="TIME", help="As --starts."),
    click.option("--deadline", required=True, metavar="TIME", help="Of nominations, as --starts."),
    click.option("--zone", required=True, help="Such as Asia/Phnom_Penh."),
    click.option("--seats", required=True, help="For each party."),
    click.option("--place", default="", help="Where; a place, an --online address, or both."),
    click.option("--online", default="", help="An address online."),
    click.option("--languages", default="", help="Codes, such as “km en”."),
    click.option("--competencies", default="", help="Codes, such as “nice:PD-WRL-003 ecsf:2”."),
    click.option("--note", default="", help="What else people need to know."),
)


def _form(call: Callable[..., None]) -> Callable[..., None]:
    """The options of an activity."""
    for option in reversed(_FORM):
        call = option(call)
    return call


@capacity.command("list", example="kouprey capacity list")
def list_(call: Invocation) -> None:
    """Show programmes and activities."""
    with call.node() as services:
        made = services.get(Capacity)
        who = made.operator()
        programmes, activities = made.list_programmes(who), made.list_activities(who)
    for each in programmes:
        call.out.note(f"{each.id}  {each.year}  {each.theme}")
    rows = [_row(each) for each in activities]
    columns = {"id": "activity", "title": "title", "starts": "begins", "host": "host", "state": "it is"}
    call.out.table(rows, columns, "Nothing is planned yet: kouprey capacity plan, then publish.")


@capacity.command("plan", example='kouprey capacity plan AGREEMENT --theme "Working incidents together" --year 2027')
@click.argument("agreement")
@click.option("--theme", required=True, help="What it is about.")
@click.option("--year", type=int, required=True, help="For which year.")
@click.option("--budget", default="", help="Its budget line.")
@click.option("--answers", multiple=True, help="A recommendation that it answers; repeatable.")
def plan(call: Invocation, agreement: str, theme: str, year: int, budget: str, answers: tuple[str, ...]) -> None:
    """Plan a programme under an agreement; it stays here."""
    with call.node() as services:
        found = services.get(Agreements).find_by_prefix(agreement)
        made = services.get(Capacity)
        asked = Programme(id="", agreement=found, theme=theme, year=year, budget=budget, answers=answers)
        planned = made.plan(made.operator(), asked)
    call.out.result({"id": planned.id, "theme": planned.theme}, f"Planned as {planned.id}.")


@capacity.command(
    "publish",
    example=(
        'kouprey capacity publish PROGRAMME --title "Hand-offs" --starts "2027-03-01 09:00" --ends "2027-03-02 17:00"'
        ' --deadline "2027-02-15 12:00" --zone Asia/Phnom_Penh --seats 10 --place "Phnom Penh"'
    ),
)
@click.argument("programme")
@_form
def publish(call: Invocation, programme: str, **given: str) -> None:
    """Publish an activity to every party of the agreement."""
    with call.node() as services:
        made = services.get(Capacity)
        activity = made.publish(made.operator(), programme, read_form(given))
    call.out.result(_row(activity), f"Published as {activity.id}.")


@capacity.command(
    "move", example='kouprey capacity move ACTIVITY --starts "2027-03-08 09:00" --ends "2027-03-09 17:00"'
)
@click.argument("activity")
@click.option("--starts", required=True, metavar="TIME", help="At the place.")
@click.option("--ends", required=True, metavar="TIME", help="At the place.")
@click.option("--deadline", default="", metavar="TIME", help="Of nominations; without it, it stays.")
def move(call: Invocation, activity: str, starts: str, ends: str, deadline: str) -> None:
    """Move an activity that we host; calendars follow."""
    with call.node() as services:
        made = services.get(Capacity)
        held = made.picture(made.operator(), activity).activity
        times = {"starts": starts, "ends": ends, "deadline": deadline or show_local(held.deadline, held.zone)}
        plain = {
            name: str(getattr(held, name)) for name in ("kind", "title", "zone", "seats", "place", "online", "note")
        }
        codes = " ".join(f"{each.framework}:{each.code}" for each in held.competencies)
        whole = {**plain, **times, "languages": " ".join(held.languages), "competencies": codes}
        moved = made.change(made.operator(), activity, read_form(whole))
    call.out.result(_row(moved), f"Moved: it begins on {format_second(moved.starts)}.")


@capacity.command("cancel", example='kouprey capacity cancel ACTIVITY --why "The venue is flooded."')
@click.argument("activity")
@click.option("--why", required=True, help="Everybody is told.")
def cancel(call: Invocation, activity: str, why: str) -> None:
    """Cancel an activity that we host."""
    with call.node() as services:
        made = services.get(Capacity)
        held = made.cancel(made.operator(), activity, why)
    call.out.result(_row(held), "It is cancelled, and everybody is told.")


@capacity.command("nominate", example="kouprey capacity nominate ACTIVITY people.txt")
@click.argument("activity")
@click.argument("people", type=click.Path(path_type=Path))
def nominate(call: Invocation, activity: str, people: Path) -> None:
    """Say everybody we nominate: a file with one on each line, `name; role; mail`, the first to be seated first."""
    named = read_people(_text(people))
    with call.node() as services:
        made = services.get(Capacity)
        sent = made.nominate(made.operator(), activity, named)
    call.out.result({"version": sent.version, "people": len(sent.people)}, f"{len(sent.people)} people are nominated.")


@capacity.command("seats", example="kouprey capacity seats ACTIVITY")
@click.argument("activity")
def seats(call: Invocation, activity: str) -> None:
    """Show who is nominated, and who has a seat."""
    with call.node() as services:
        made = services.get(Capacity)
        picture = made.picture(made.operator(), activity)
    rows = [
        {
            "party": each.party,
            "rank": each.rank,
            "nominee": each.person.id,
            "name": each.person.name,
            "state": str(each.state),
            "code": each.code,
        }
        for each in picture.seats
    ]
    columns = {"party": "party", "rank": "rank", "name": "name", "state": "stands", "code": "code"}
    call.out.table(rows, columns, "Nobody is nominated yet.")


@capacity.command("confirm", example="kouprey capacity confirm ACTIVITY")
@click.argument("activity")
def confirm(call: Invocation, activity: str) -> None:
    """Decide on everybody who is nominated, and tell each party of its own."""
    with call.node() as services:
        made = services.get(Capacity)
        plans = made.confirm(made.operator(), activity)
    told = {party: {"confirmed": len(each.confirmed), "waiting": len(each.waiting)} for party, each in plans.items()}
    call.out.result(told, f"{len(plans)} parties are told of their seats.")


@capacity.command("accept", example="kouprey capacity accept ACTIVITY NOMINEE")
@click.argument("activity")
@click.argument("nominee")
def accept(call: Invocation, activity: str, nominee: str) -> None:
    """Take a seat that was offered to somebody of ours."""
    with call.node() as services:
        made = services.get(Capacity)
        made.accept(made.operator(), activity, nominee)
    call.out.result({"accepted": nominee}, "The seat is taken. The host is told.")


@capacity.command("attendance", example="kouprey capacity attendance ACTIVITY list.csv")
@click.argument("activity")
@click.argument("file", type=click.Path(path_type=Path))
def attendance(call: Invocation, activity: str, file: Path) -> None:
    """Take a list that was kept without a network: columns code, day, at, marked_by. Nothing is taken twice."""
    text = _text(file)
    with call.node() as services:
        made = services.get(Capacity)
        new, known = made.take_list(made.operator(), activity, text)
    call.out.result({"new": new, "known": known}, f"{new} lines are new, {known} were here already.")


@capacity.command("score", example="kouprey capacity score ACTIVITY PARTY NOMINEE --pre 40 --post 86")
@click.argument("activity")
@click.argument("party")
@click.argument("nominee")
@click.option("--pre", default=-1, help="Points before, 0 to 100.")
@click.option("--post", default=-1, help="Points after, 0 to 100.")
def score(call: Invocation, activity: str, party: str, nominee: str, pre: int, post: int) -> None:
    """Write down what somebody scored before and after."""
    with call.node() as services:
        made = services.get(Capacity)
        made.assess(made.operator(), activity, party, nominee, pre=pre, post=post)
    call.out.result({"nominee": nominee, "pre": pre, "post": post}, "It is written down.")


@capacity.command("close", example="kouprey capacity close ACTIVITY")
@click.argument("activity")
def close(call: Invocation, activity: str) -> None:
    """Close an activity that is over: whoever was there gets points."""
    with call.node() as services:
        made = services.get(Capacity)
        points = made.close(made.operator(), activity)
    told = [{"holder": each.holder, "rule": each.rule, "points": each.counted} for each in points]
    call.out.result(told, f"Closed; {len(points)} people have points.")


@capacity.command(
    "achievement", example='kouprey capacity achievement "Hand-offs" --description "..." --criteria "..." --least 70'
)
@click.argument("name")
@click.option("--description", required=True, help="What they can do.")
@click.option("--criteria", required=True, help="What it took.")
@click.option("--kind", default="exercise", show_default=True, help="Activities of which kind; “” for any.")
@click.option("--times", default=2, show_default=True, help="How many of them.")
@click.option("--least", default=70, show_default=True, help="Points at least, in each.")
@click.option("--competency", multiple=True, help="Such as nice:PD-WRL-003; repeatable.")
def achievement(call: Invocation, name: str, competency: tuple[str, ...], **given: object) -> None:
    """Say what a badge says and how it is earned."""
    with call.node() as services:
        made = services.get(Capacity)
        asked = msgspec.convert({"id": "", "name": name, **given}, type=Achievement)
        asked = msgspec.structs.replace(asked, competencies=tuple(map(read_competency, competency)))
        kept = made.add_achievement(made.operator(), asked)
    call.out.result({"id": kept.id, "name": kept.name}, f"It can be earned now: {kept.id}.")


@capacity.command("badge", example="kouprey capacity badge ACHIEVEMENT PARTY NOMINEE > badge.json")
@click.argument("achievement_id", metavar="ACHIEVEMENT")
@click.argument("party")
@click.argument("nominee")
def badge(call: Invocation, achievement_id: str, party: str, nominee: str) -> None:
    """Sign a badge for somebody who has earned it, and write it out."""
    with call.node() as services:
        made = services.get(Capacity)
        given = made.issue(made.operator(), achievement_id, party, nominee)
    if call.json:
        call.out.result({"id": given.id, "badge": given.raw.decode()}, "")
    else:
        sys.stdout.buffer.write(given.raw + b"\n")


@capacity.command("revoke", example='kouprey capacity revoke BADGE --why "Given to the wrong person."')
@click.argument("badge_id", metavar="BADGE")
@click.option("--why", required=True, help="It stays in the record here.")
def revoke(call: Invocation, badge_id: str, why: str) -> None:
    """Take a badge back; partners are told by a new status list."""
    with call.node() as services:
        made = services.get(Capacity)
        made.revoke(made.operator(), badge_id, why)
    call.out.result({"revoked": badge_id}, "It counts no more.")


@capacity.command("verify", example="kouprey capacity verify badge.json --list status.json")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--list", "status", type=click.Path(path_type=Path), help="A status list of its issuer.")
def verify(call: Invocation, file: Path, status: Path | None) -> None:
    """Say whether a badge is good: valid, revoked, or its state unknown since when."""
    raw, given = _text(file).strip().encode(), _text(status).strip().encode() if status else b""
    with call.node() as services:
        checked = services.get(Capacity).check(raw, status=given)
    since = format_second(checked.since) if checked.since else ""
    told = {
        "answer": str(checked.answer),
        "name": checked.name,
        "issuer": checked.issuer,
        "since": since,
        "why": checked.why,
    }
    call.out.result(told, f"{checked.answer}: {checked.name} {checked.issuer} {since}".rstrip())
    if checked.answer.value == "refused":
        raise Refused("The badge is not good.", checked.why, code="bad-badge")


def _row(each: Activity) -> dict[str, object]:
    return {
        "id": each.id,
        "title": each.title,
        "starts": format_second(each.starts),
        "host": each.host,
        "version": each.version,
        "state": str(each.state),
    }


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8-sig")
    except OSError as error:
        raise Unknown("The file cannot be read.", str(error), code="no-file") from error
    except ValueError as error:
        raise Damaged("The file is no UTF-8 text.", str(file), "Save it as UTF-8.", code="bad-file") from error
