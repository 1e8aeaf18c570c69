"""Commands that pull from other TAXII servers: pull, and taxii discover, list, show, pause, resume, remove."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import msgspec

from kouprey.kernel.cli.frame import Invocation, command, group
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.time import SECOND, Instant, format_second, parse_instant
from kouprey.kernel.words.tlp import TLP
from kouprey.taxii.model.pulling import Pull, Remote, SignIn
from kouprey.taxii.service.pulling import Remotes, Wishes

_BY = "operator"
_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_LEVELS = {level.word.lower(): level for level in TLP}
PASSWORD = "KOUPREY_TAXII_PASSWORD"

_SIGN_IN = (
    click.option("--user", default="", metavar="NAME", help=f"Sign in by name; the password is in {PASSWORD}."),
    click.option(
        "--password-file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Or in this file."
    ),
    click.option(
        "--token-file",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="Sign in by the token in this file.",
    ),
)


def _signing_in(call: Any) -> Any:
    for option in reversed(_SIGN_IN):
        call = option(call)
    return call


@command("pull", example="kouprey pull --taxii https://taxii.example/api/ --collection 365fed99-08fa-49f1 --every 5m")
@click.argument("name", default="")
@click.option("--taxii", "url", default="", metavar="URL", help="The address of an API root of TAXII 2.1.")
@click.option("--collection", default="", metavar="ID", help="The id of the collection there.")
@click.option("--name", "called", default="", metavar="NAME", help="What to call this source here.")
@click.option("--every", default=None, metavar="TIME", help="How often the running node pulls: 5m, 1h; 0 for never.")
@_signing_in
@click.option(
    "--tlp",
    type=click.Choice(list(_LEVELS)),
    default=None,
    help="The level of what carries no marking; amber+strict if left out.",
)
@click.option("--into", default=None, metavar="NAME", help="A collection of ours that it joins besides the main one.")
@click.option("--type", "types", multiple=True, metavar="TYPE", help="Only this type; again for several.")
@click.option("--since", default=None, metavar="TIME", help="Only what was filed there after this date.")
@click.option(
    "--overlap", default=None, metavar="TIME", help="How far each walk looks back for what was filed late: 15m."
)
@click.option("--allow-private", is_flag=True, help="The server is on a private network.")
@click.option("--again", is_flag=True, help="From the beginning, whatever was reached before.")
def pull(invocation: Invocation, name: str, url: str, collection: str, again: bool, **options: Any) -> None:
    """Pull a collection from a TAXII 2.1 server, or from a source by its NAME; interrupted, it goes on where it was.

    What was said once is remembered. With --every the running node pulls by itself from now on.
    """
    with invocation.node() as services:
        remotes = services.get(Remotes)
        if url:
            remote = remotes.save(url, collection, by=_BY, **_wishes(options))
        elif name:
            remote = remotes.get_remote(name)
        else:
            raise Damaged(
                "It is not said from where.",
                remedy="Give --taxii URL and --collection ID, or the name of a source: `kouprey taxii list`.",
                code="no-source",
            )
        with invocation.out.progress(remote.name, None) as advance:
            done = [0]

            def on_page(now: Pull) -> None:
                advance(now.objects - done[0], f"page {now.pages}")
                done[0] = now.objects

            result = remotes.pull(remote.id, by=_BY, again=again, on_page=on_page)
        refused = remotes.list_refusals(remote, 5) if result.refused else []
    answer = {**msgspec.to_builtins(result), "name": remote.name, "every_seconds": remote.every // SECOND}
    invocation.out.result(answer, lambda: _told(remote, result, [f"{each.object}: {each.why}" for each in refused]))


def _wishes(options: Mapping[str, Any]) -> Wishes:
    """What was chosen on the command line; what was not stays as it is."""
    wishes: Wishes = {}
    if options["called"]:
        wishes["name"] = options["called"]
    sign_in = _sign_in(options["user"], options["password_file"], options["token_file"])
    if sign_in is not None:
        wishes["sign_in"] = sign_in
    if options["tlp"] is not None:
        wishes["tlp"] = _LEVELS[options["tlp"]]
    if options["into"] is not None:
        wishes["into"] = options["into"]
    if options["types"]:
        wishes["types"] = options["types"]
    if options["since"] is not None:
        wishes["since"] = _instant(options["since"])
    if options["overlap"] is not None:
        wishes["overlap"] = read_time(options["overlap"])
    if options["every"] is not None:
        wishes["every"] = read_time(options["every"])
    if options["allow_private"]:
        wishes["allow_private"] = True
    return wishes


taxii = group("taxii", "Other TAXII servers from which we pull.", example="kouprey taxii list")


@taxii.command("discover", example="kouprey taxii discover https://taxii.example/taxii2/")
@click.argument("url")
@_signing_in
@click.option("--allow-private", is_flag=True, help="The server is on a private network.")
def discover(
    invocation: Invocation,
    url: str,
    user: str,
    password_file: Path | None,
    token_file: Path | None,
    allow_private: bool,
) -> None:
    """List the collections of a TAXII server, by its address or that of an API root."""
    with invocation.node() as services:
        sign_in = _sign_in(user, password_file, token_file) or SignIn()
        found = services.get(Remotes).discover(url, sign_in, allow_private=allow_private)
    invocation.out.table(
        [
            {"root": each.root, "id": each.id, "title": each.title, "readable": "yes" if each.readable else "no"}
            for each in found
        ],
        {"root": "API root", "id": "Collection", "title": "Title", "readable": "Readable"},
        "It offers no collection to this account.",
    )


@taxii.command("list", example="kouprey taxii list")
def list_sources(invocation: Invocation) -> None:
    """List the sources with their last walk and when the node pulls again."""
    with invocation.node() as services:
        remotes = services.get(Remotes)
        found = [_row(remotes, each) for each in remotes.list_remotes()]
    invocation.out.table(
        found,
        {
            "name": "Name",
            "url": "Address",
            "collection": "Collection",
            "every": "Every",
            "last": "Last",
            "next": "Next",
        },
        "Nothing is pulled. `kouprey pull --taxii URL --collection ID` begins.",
    )


@taxii.command("show", example="kouprey taxii show taxii.example")
@click.argument("name")
def show(invocation: Invocation, name: str) -> None:
    """Show a source: its settings, its walks and what was not taken in."""
    with invocation.node() as services:
        remotes = services.get(Remotes)
        remote = remotes.get_remote(name)
        row, pulls, refused = _row(remotes, remote), remotes.list_pulls(remote), remotes.list_refusals(remote)
    lines = [f"{remote.name}: {remote.url} {remote.collection}", f"every {row['every']}; next {row['next']}"]
    lines += [f"  {format_second(each.began_at)}  {_came_to(each)}" for each in pulls]
    lines += [f"  not taken in, {format_second(each.at)}: {each.object} {each.why}" for each in refused]
    told = {**row, "pulls": msgspec.to_builtins(pulls), "refusals": msgspec.to_builtins(refused)}
    invocation.out.result(told, "\n".join(lines))


@taxii.command("pause", example="kouprey taxii pause taxii.example")
@click.argument("name")
def pause(invocation: Invocation, name: str) -> None:
    """Let the running node pull from a source no more."""
    with invocation.node() as services:
        remote = services.get(Remotes).pause(name, paused=True, by=_BY)
    invocation.out.result({"paused": remote.name}, f"{remote.name} is paused.")


@taxii.command("resume", example="kouprey taxii resume taxii.example")
@click.argument("name")
def resume(invocation: Invocation, name: str) -> None:
    """Let the running node pull from a source again, at once."""
    with invocation.node() as services:
        remote = services.get(Remotes).pause(name, paused=False, by=_BY)
    invocation.out.result({"resumed": remote.name}, f"{remote.name} is pulled again.")


@taxii.command("remove", example="kouprey taxii remove taxii.example")
@click.argument("name")
def remove(invocation: Invocation, name: str) -> None:
    """Forget a source; what came from it stays."""
    with invocation.node() as services:
        remote = services.get(Remotes).remove(name, by=_BY)
    invocation.out.result({"removed": remote.name}, f"{remote.name} is forgotten; what came from it stays.")


def read_time(text: str) -> int:
    """Microseconds of a time such as 30s, 5m, 1h or 2d; Damaged for anything else."""
    found = re.fullmatch(r"(\d{1,6})([smhd]?)", text.strip(), re.ASCII)
    if found is None or (not found[2] and int(found[1])):
        raise Damaged(f"{text[:40]!r} is no length of time.", remedy="Write it as 30s, 5m, 1h or 2d.", code="bad-time")
    return int(found[1]) * _UNITS.get(found[2], 1) * SECOND


def _instant(text: str) -> Instant:
    try:
        return max(0, parse_instant(text if "T" in text else f"{text}T00:00:00Z"))
    except ValueError as error:
        raise Damaged(
            f"{text[:40]!r} is no date.", str(error), "Write it as 2026-11-01 or 2026-11-01T09:00:00Z.", code="bad-date"
        ) from None


def _sign_in(user: str, password_file: Path | None, token_file: Path | None) -> SignIn | None:
    """None when nothing was said of it. Secrets are not arguments: other users of the machine could read those."""
    if token_file is not None:
        return SignIn(token=_secret(token_file))
    if user:
        password = _secret(password_file) if password_file is not None else os.environ.get(PASSWORD, "")
        return SignIn(user=user, password=password)
    return None


def _secret(file: Path) -> str:
    try:
        text = file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise Damaged(f"{file} cannot be read.", str(error), code="bad-file") from error
    if not text or "\n" in text:
        raise Damaged(f"{file} does not hold a secret.", "It has to be one line.", code="bad-file")
    return text


def _row(remotes: Remotes, remote: Remote) -> dict[str, Any]:
    place, last = remotes.get_place(remote), next(iter(remotes.list_pulls(remote, 1)), None)
    coming = "paused" if remote.paused else format_second(place.due_at) if remote.every else "when you say so"
    return {
        "name": remote.name,
        "url": remote.url,
        "collection": remote.collection,
        "every": f"{remote.every // SECOND} s" if remote.every else "never",
        "last": _came_to(last) if last is not None else "nothing yet",
        "next": coming,
    }


def _came_to(pull: Pull) -> str:
    text = f"{pull.new:,} new of {pull.objects:,}, {pull.refused:,} refused"
    if pull.trouble:
        return f"{text}. {pull.trouble}"
    return text if pull.ended_at else f"{text}, goes on"


def _told(remote: Remote, pull: Pull, refused: list[str]) -> str:
    lines = [
        f"{remote.name}: {pull.objects:,} objects in {pull.pages:,} pages: {pull.new:,} new, {pull.repeats:,} repeats,"
        f" {pull.conflicts:,} conflicts, {pull.refused:,} refused."
    ]
    lines += [f"  not taken in: {each}" for each in refused]
    if remote.every:
        lines.append(f"The running node pulls every {remote.every // SECOND} seconds.")
    return "\n".join(lines)
