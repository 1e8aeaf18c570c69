"""Commands about measures and processing: show them, write the papers, and verify a signed one."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from kouprey.agreements.service import Agreements
from kouprey.exchange.service import Exchange
from kouprey.kernel.cli.frame import Invocation, group
from kouprey.kernel.words.errors import Damaged, Unknown
from kouprey.people.service import People
from kouprey.performance.rules import quarter_text, read_quarter
from kouprey.performance.service import Performance, Processing
from kouprey.performance.wire import TABLE, register, render_table, table_rows
from kouprey.performance.wire.paper import draw
from kouprey.performance.wire.words import value_text, verdict

_LANGUAGE = click.option(
    "--language", type=click.Choice(["en", "km"]), default="en", show_default=True, help="Of the paper."
)

_INTO = click.option(
    "--into", type=click.Path(file_okay=False, path_type=Path), default=Path(), help="Folder for what is written."
)

measures = group("measures", "Whether an agreement works, in figures.", example="kouprey measures show AGREEMENT")

_QUARTER = click.option(
    "--quarter", default="", metavar="YEAR-Qn", help="Such as 2026-Q4; without it, the present one."
)


@measures.command("show", example="kouprey measures show AGREEMENT --quarter 2026-Q4")
@click.argument("name", metavar="AGREEMENT")
@_QUARTER
@click.option("--csv", "as_csv", is_flag=True, help="Write a table, a row for each measure and quarter.")
def show(call: Invocation, name: str, quarter: str, as_csv: bool) -> None:
    """Show each measure with its target, and what it came to."""
    with call.node() as services:
        performance = services.get(Performance)
        performance.sum_up(100_000)
        agreement = services.get(Agreements).find_by_prefix(name)
        report = performance.report(agreement, services.get(Exchange).operator(), _quarter(quarter))
    if as_csv:
        sys.stdout.buffer.write(render_table(table_rows(report), TABLE))
        return
    rows: list[dict[str, object]] = [
        {
            "measure": each.measure,
            "value": each.now.value if call.json else value_text(each),
            "target": each.target,
            "n": each.now.n,
            "state": str(each.state),
        }
        for each in report.measures
    ]
    columns = {"measure": "Measure", "value": "Now", "target": "Target", "n": "Cases", "state": "How it stands"}
    call.out.note(f"{report.title}, {quarter_text(report.quarter)}: {verdict(report)}")
    call.out.table(rows, columns)


@measures.command("print", example="kouprey measures print AGREEMENT --language km --into reports")
@click.argument("name", metavar="AGREEMENT")
@_QUARTER
@_LANGUAGE
@_INTO
def print_(call: Invocation, name: str, quarter: str, language: str, into: Path) -> None:
    """Write the report as PDF, and the note that this node signs over it."""
    with call.node() as services:
        performance, people = services.get(Performance), services.get(People)
        performance.sum_up(100_000)
        names = _names(people)
        printed = performance.print_report(
            services.get(Agreements).find_by_prefix(name),
            services.get(Exchange).operator(),
            _quarter(quarter),
            language,
            lambda report, hashed: draw(report, hashed, language=language, names=names, home=people.home_id),
            by="operator",
        )
    into.mkdir(parents=True, exist_ok=True)
    files = {"pdf": into / f"{printed.name}.pdf", "note": into / f"{printed.name}.note"}
    files["pdf"].write_bytes(printed.pdf)
    files["note"].write_bytes(printed.note)
    shown = {kind: str(file) for kind, file in files.items()}
    call.out.result(shown, f"Written: {shown['pdf']} and {shown['note']}")


@measures.command("verify", example="kouprey measures verify report.pdf report.note")
@click.argument("pdf", type=click.Path(dir_okay=False, path_type=Path))
@click.argument("note", type=click.Path(dir_okay=False, path_type=Path))
def verify(call: Invocation, pdf: Path, note: Path) -> None:
    """See whether a report is the one its party signed; its card must be trusted here."""
    try:
        given = pdf.read_bytes(), note.read_bytes()
    except OSError as error:
        raise Unknown("A file cannot be read.", str(error), code="no-file") from error
    with call.node() as services:
        found = services.get(Performance).verify_report(*given)
    text = f"Signed by {found.party}: {found.quarter} of {found.agreement}, made at {found.made_at}."
    call.out.result({"party": found.party, "agreement": found.agreement, "quarter": found.quarter}, text)


processing = group(
    "processing",
    "What the law wants written down: the record of processing, and impact assessments.",
    example="kouprey processing show",
)


@processing.command("show", example="kouprey processing show --csv")
@click.option("--csv", "as_csv", is_flag=True, help="Write a table, a row for each activity.")
def show_record(call: Invocation, as_csv: bool) -> None:
    """Show the record of processing of this node, as agreements, collections and rules stand now."""
    with call.node() as services:
        found = services.get(Processing).register(services.get(Exchange).operator())
        names = _names(services.get(People))
    rows = [register.row(each, names) for each in found.activities]
    if as_csv:
        sys.stdout.buffer.write(render_table(rows, register.COLUMNS))
        return
    call.out.table([dict(row) for row in rows], register.heads())


@processing.command("print", example="kouprey processing print --language km --into papers")
@_LANGUAGE
@_INTO
def print_record(call: Invocation, language: str, into: Path) -> None:
    """Write the record of processing as PDF."""
    with call.node() as services:
        found = services.get(Processing).register(services.get(Exchange).operator())
        drawn = register.draw_register(found, _names(services.get(People)), language)
    _write(call, into / f"processing-{language}.pdf", drawn)


@processing.command("impact", example="kouprey processing impact AGREEMENT --answers answers.toml --into papers")
@click.argument("name", metavar="AGREEMENT")
@click.option("--answers", type=click.Path(dir_okay=False, path_type=Path), help="What you write, in TOML.")
@click.option("--template", is_flag=True, help="Write a file of answers to fill in, to the terminal.")
@_LANGUAGE
@_INTO
def impact(call: Invocation, name: str, answers: Path | None, template: bool, language: str, into: Path) -> None:
    """Write the impact assessment of an agreement as PDF: what follows from its terms, and what you write."""
    with call.node() as services:
        processing_, people = services.get(Processing), services.get(People)
        activity = processing_.describe(services.get(Agreements).find_by_prefix(name))
        if template:
            sys.stdout.write(register.render_answers(activity, _names(people)))
            return
        written = register.read_answers(_bytes(answers)) if answers else {}
        drawn = register.draw_impact(
            activity, _names(people), written, language, home=people.home_id, at=processing_.now()
        )
        processing_.note_printed(activity.id, by="operator")
    _write(call, into / f"impact-{activity.id[:12]}-{language}.pdf", drawn)


def _names(people: People) -> dict[str, str]:
    return {party.id: party.name for party in people.list_parties()}


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        remedy = "`kouprey processing impact AGREEMENT --template > answers.toml` makes one."
        raise Unknown(f"{str(file)[:120]!r} cannot be read.", error.strerror or "", remedy, code="no-file") from error


def _write(call: Invocation, file: Path, drawn: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(drawn)
    call.out.result({"pdf": str(file)}, f"Written: {file}")


def _quarter(text: str) -> int | None:
    try:
        return read_quarter(text) if text else None
    except ValueError as error:
        raise Damaged(f"{text[:20]!r} is no quarter.", str(error), "Write it as 2026-Q4.", code="bad-quarter") from None
