"""Commands about reports."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from kouprey.kernel.cli.frame import Invocation, group
from kouprey.kernel.words.time import format_second
from kouprey.response.model.reports import Report, Standing
from kouprey.response.rules.intake import WORDS
from kouprey.response.service import HandOffs, Reports

report = group("report", "What people outside have told us.", example="kouprey report list")


@report.command("take", example="kouprey report take mails/")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
def take(call: Invocation, path: Path) -> None:
    """Take in a mail, or every .eml of a folder; the files stay where they are."""
    with call.node() as services:
        every, who = services.get(Reports), services.get(HandOffs).operator()
        came = every.take_path(path)
        made = [_plain(every.get(who, str(each.report.number)), fresh=each.fresh) for each in came]
    fresh = sum(each["fresh"] for each in made)
    call.out.result({"reports": made}, f"{fresh} taken in, {len(made) - fresh} known before.")


@report.command("list", example="kouprey report list --standing refused")
@click.option("--standing", type=click.Choice([str(each) for each in Standing]), help="Only those.")
def list_reports(call: Invocation, standing: str | None) -> None:
    """Show reports, what came last first."""
    with call.node() as services:
        found, _ = services.get(Reports).page(services.get(HandOffs).operator(), standing or "")
    rows = [
        {
            "number": each.number,
            "subject": each.mail.subject or "-",
            "sender": each.mail.sender_text or each.reach,
            "standing": str(each.standing),
            "case": case.number if case is not None else 0,
            "came": format_second(each.at),
        }
        for each, case in found
    ]
    names = {"number": "#", "subject": "report", "sender": "from", "standing": "what became of it", "case": "case"}
    call.out.table(
        rows,
        {**names, "came": "came"},
        empty="Nobody has told us anything. `kouprey report take FILE` takes a mail in.",
    )


@report.command("show", example="kouprey report show 3")
@click.argument("number")
def show(call: Invocation, number: str) -> None:
    """Show a report as text."""
    with call.node() as services:
        shown = services.get(Reports).get(services.get(HandOffs).operator(), number)
    held, mail = shown.report, shown.report.mail
    lines = [
        f"report {held.number}, {held.standing}" + (f", case #{shown.case.number}" if shown.case else ""),
        WORDS.get(mail.trouble, ""),
        f"from: {mail.sender_text or held.reach}",
        f"subject: {mail.subject}",
        mail.text,
        *(f"file {each.name} {each.size:,} bytes sha256 {each.sha256}" for each in mail.enclosed),
        *(f"answer to {each.to}: {each.sending}" for each in shown.answers),
    ]
    call.out.result(_plain(shown), "\n".join(line for line in lines if line))


@report.command("case", example="kouprey report case 3 --into 12")
@click.argument("number")
@click.option("--into", default="", help="Number of a case to join; without it a new one is opened.")
def case(call: Invocation, number: str, into: str) -> None:
    """Open a case for a report, or let it stand in one."""
    with call.node() as services:
        made = services.get(Reports).put_into_case(services.get(HandOffs).operator(), number, into)
    call.out.result({"case": made.number}, f"It stands in case {into or made.number}.")


@report.command("abandon", example="kouprey report abandon 3 'An advertisement'")
@click.argument("number")
@click.argument("why")
def abandon(call: Invocation, number: str, why: str) -> None:
    """Set a report aside: it is no incident."""
    with call.node() as services:
        services.get(Reports).abandon(services.get(HandOffs).operator(), number, why)
    call.out.result({"number": int(number)}, "It is set aside. `kouprey report resume` takes that back.")


@report.command("resume", example="kouprey report resume 3")
@click.argument("number")
def resume(call: Invocation, number: str) -> None:
    """Take back that a report was set aside."""
    with call.node() as services:
        services.get(Reports).take_back(services.get(HandOffs).operator(), number)
    call.out.result({"number": int(number)}, "It is as it was before.")


@report.command("fetch", example="kouprey report fetch 3 --to mail.eml")
@click.argument("number")
@click.option("--to", "to_", required=True, type=click.Path(dir_okay=False, path_type=Path), help="A new file.")
def fetch(call: Invocation, number: str, to_: Path) -> None:
    """Fetch the original; that it was fetched is written down first."""
    with call.node() as services:
        held, parts = services.get(Reports).read_original(services.get(HandOffs).operator(), number)
        with to_.open("xb") as file:
            for part in parts:
                file.write(part)
    call.out.result({"sha256": held.sha256, "file": str(to_)}, f"{held.size:,} bytes, {held.sha256}.")


@report.command("answers", example="kouprey report answers")
def answers(call: Invocation) -> None:
    """Show answers to reporters that no relay has taken."""
    with call.node() as services:
        found = services.get(Reports).answers(services.get(HandOffs).operator())
    rows = [
        {"id": each.id, "report": held.number, "to": each.to, "subject": each.subject, "sending": str(each.sending)}
        for each, held in found
    ]
    names = {"id": "answer", "report": "report", "to": "to", "subject": "subject", "sending": "how far"}
    call.out.table(rows, names, empty="Nothing waits to be sent.")


@report.command("sent", example="kouprey report sent answer_3f9a")
@click.argument("answer")
def sent(call: Invocation, answer: str) -> None:
    """Say that an answer was sent by hand."""
    with call.node() as services:
        services.get(Reports).note_sent(services.get(HandOffs).operator(), answer)
    call.out.result({"id": answer}, "It is written down.")


def _plain(shown: Any, *, fresh: bool = False) -> dict[str, Any]:
    held: Report = shown.report
    return {
        "number": held.number,
        "standing": str(held.standing),
        "subject": held.mail.subject,
        "sender": held.mail.sender,
        "sha256": held.sha256,
        "trouble": str(held.mail.trouble),
        "case": shown.case.number if shown.case is not None else 0,
        "claims": held.claims,
        "fresh": fresh,
    }
