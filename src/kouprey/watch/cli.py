"""Commands about the watch: add a sensor, send or follow what it writes, and look at alerts."""

from __future__ import annotations

import time
from pathlib import Path

import click
import msgspec

from kouprey.kernel.cli.frame import Invocation, group
from kouprey.kernel.words.errors import Unknown
from kouprey.kernel.words.time import format_second
from kouprey.watch.model import Format
from kouprey.watch.service import Shown, Step, Watch

watch = group("watch", "Match what sensors see against indicators.", example="kouprey watch list")

_BY = "operator"
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FORMATS = click.Choice([str(each) for each in Format])
_SAMPLE = 256 << 10
_REST = 0.5
"""Seconds between two looks at a file that is followed."""


@watch.command("add", example="kouprey watch add zeek-border --format zeek-json --token")
@click.argument("name", metavar="SOURCE")
@click.option("--format", "form", type=_FORMATS, default="auto", show_default=True, help="How it writes its events.")
@click.option("--tells", is_flag=True, help="Tell what it finds as sightings without a person's word.")
@click.option("--token", is_flag=True, help="Make a token for it, which is shown now and never again.")
def add(call: Invocation, name: str, form: str, tells: bool, token: bool) -> None:
    """Let a sensor send here."""
    with call.node() as services:
        every = services.get(Watch)
        made = every.add_source(every.operator(), name, Format(form), tells=tells, by=_BY)
        user, secret = every.make_token(name, by=_BY) if token else ("", "")
    lines = [f"{made.name} may send {made.format}, to /api/v1/watch/{made.name} or by `kouprey watch follow`."]
    if token:
        lines += [f"user   {user}", f"token  {secret}"]
    value = {"name": made.name, "format": str(made.format), "tells": made.tells, "user": user, "token": secret}
    call.out.result(value, "\n".join(lines))


@watch.command("list", example="kouprey watch list")
def list_(call: Invocation) -> None:
    """Show sources and how they fare."""
    with call.node() as services:
        every = services.get(Watch)
        found = every.health(every.operator())
    rows: list[dict[str, object]] = [
        {
            "name": each.source.name,
            "format": str(each.source.format),
            "events": each.source.events,
            "refused": each.source.refused,
            "last": format_second(each.source.last_at) if each.source.last_at else "never",
            "stands": "retired" if each.source.retired else "silent" if each.silent else "in use",
            "tells": each.source.tells,
        }
        for each in found
    ]
    columns = {"name": "Source", "format": "Format", "events": "Events", "refused": "Refused", "last": "Last"}
    call.out.table(rows, columns | {"stands": "Stands"}, empty="No sensor sends. `kouprey watch add` lets one.")


@watch.command("change", example="kouprey watch change zeek-border --tells")
@click.argument("name", metavar="SOURCE")
@click.option("--tells/--asks", default=None, help="Tell what it finds by itself, or ask a person first.")
@click.option("--retire/--use", default=None, help="Take nothing from it any more, or again.")
def change(call: Invocation, name: str, tells: bool | None, retire: bool | None) -> None:
    """Change how a source is dealt with."""
    with call.node() as services:
        every = services.get(Watch)
        made = every.change_source(every.operator(), name, tells=tells, retired=retire, by=_BY)
    call.out.result({"name": made.name, "tells": made.tells, "retired": made.retired}, f"{made.name} was changed.")


@watch.command("detect", example="kouprey watch detect eve.json")
@click.argument("file", metavar="FILE", type=_FILE)
def detect(call: Invocation, file: Path) -> None:
    """Say which format a file of events has, and why."""
    with file.open("rb") as opened:
        sample = opened.read(_SAMPLE)
    # The last line of a sample may be a part of one.
    form, why = Watch.detect(sample[: sample.rfind(b"\n") + 1] or sample)
    call.out.result({"format": str(form), "why": why}, f"{form}: {why}")


@watch.command("send", example="kouprey watch send zeek-border dns.log --batch 2026-11-28T10")
@click.argument("name", metavar="SOURCE")
@click.argument("file", metavar="FILE", type=_FILE)
@click.option("--batch", default="", help="A name of this batch: the same one is taken once.")
def send(call: Invocation, name: str, file: Path, batch: str) -> None:
    """Take a file of events in as one batch; it may be gzip or Zstandard."""
    with call.node() as services:
        every = services.get(Watch)
        status = every.take_packed(every.operator(), name, file.read_bytes(), batch=batch)
    lines = [f"{status.taken} taken, {status.refused} refused, {status.hits} hits."]
    lines += [f"  line {each.line}: {each.why}" for each in status.refusals[:20]]
    if status.repeated:
        lines.append("The batch had come before; nothing was taken again.")
    call.out.result(msgspec.to_builtins(status), "\n".join(lines))


@watch.command("follow", example="kouprey watch follow zeek-border /opt/zeek/logs/current/dns.log")
@click.argument("name", metavar="SOURCE")
@click.argument("file", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--once", is_flag=True, help="Stop at the end of the file.")
def follow(call: Invocation, name: str, file: Path, once: bool) -> None:
    """Take what is written to a file, through rotation, until interrupted; it goes on where it was."""
    total, path = Step(), file.resolve()
    with call.node() as services:
        every = services.get(Watch)
        who = every.operator()
        begun = False
        while True:
            try:
                step, begun = every.follow(who, name, path), True
            except Unknown as error:
                # Between two files of a rotation there is none for a moment.
                if once or not begun or error.code != "no-file":
                    raise
                step = Step()
            total = Step(
                taken=total.taken + step.taken,
                refused=total.refused + step.refused,
                hits=total.hits + step.hits,
                lost=total.lost or step.lost,
            )
            if step.lost:
                click.echo(f"{path} was replaced, and the file before it is not in its folder any more.", err=True)
            if step.more:
                continue
            if once:
                break
            time.sleep(_REST)
    value = {"taken": total.taken, "refused": total.refused, "hits": total.hits, "lost": total.lost}
    call.out.result(value, f"{total.taken} taken, {total.refused} refused, {total.hits} hits.")


@watch.command("recall", example="kouprey watch recall")
def recall(call: Invocation) -> None:
    """Ask what is kept for indicators that came since; a running node does it by itself."""
    with call.node() as services:
        hits = services.get(Watch).recall()
    call.out.result({"hits": hits}, f"{hits} hits in what is kept.")


@watch.command("alerts", example="kouprey watch alerts --state open")
@click.option("--state", type=click.Choice(["open", "dismissed"]), help="Only these.")
@click.option("--source", default="", help="Only of this source.")
def alerts(call: Invocation, state: str | None, source: str) -> None:
    """Show alerts, the latest first."""
    with call.node() as services:
        every = services.get(Watch)
        found = every.list_alerts(every.operator(), state=state or "", source=source)
    columns = {"id": "Alert", "value": "Seen", "how": "How", "host": "Host", "count": "Times", "last": "Last"}
    call.out.table([_row(each) for each in found.shown], columns, empty="There is no alert.")


@watch.command("dismiss", example="kouprey watch dismiss ALERT 'A test of our own'")
@click.argument("alert", metavar="ALERT")
@click.argument("reason")
def dismiss(call: Invocation, alert: str, reason: str) -> None:
    """Say that an alert is none, and why."""
    with call.node() as services:
        every = services.get(Watch)
        every.dismiss(every.operator(), alert, reason, by=_BY)
    call.out.result({"id": alert, "dismissed": True}, f"{alert} is dismissed.")


@watch.command("reopen", example="kouprey watch reopen ALERT")
@click.argument("alert", metavar="ALERT")
def reopen(call: Invocation, alert: str) -> None:
    """Take a dismissal back."""
    with call.node() as services:
        every = services.get(Watch)
        every.reopen(every.operator(), alert, by=_BY)
    call.out.result({"id": alert, "dismissed": False}, f"{alert} is open again.")


@watch.command("tell", example="kouprey watch tell ALERT")
@click.argument("alert", metavar="ALERT")
def tell(call: Invocation, alert: str) -> None:
    """Make what an alert found a sighting, published as its indicator is."""
    with call.node() as services:
        every = services.get(Watch)
        made = every.tell(every.operator(), alert, by=_BY)
    call.out.result({"id": made.stix_id, "of": made.target}, f"{made.stix_id} is kept.")


def _row(each: Shown) -> dict[str, object]:
    alert = each.alert
    return {
        "id": alert.id,
        "indicator": alert.indicator,
        "named": alert.named,
        "value": alert.value,
        "how": str(alert.how),
        "host": alert.host,
        "source": alert.source,
        "count": alert.count,
        "last": format_second(alert.last_at),
        "past": alert.past,
        "dismissed": bool(alert.dismissed_at),
        "sighting": alert.sighting,
    }
