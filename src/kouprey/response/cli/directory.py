"""Commands about teams: their profiles, and who is competent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import msgspec

from kouprey.kernel.cli.frame import Invocation, group
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.safejson import decode
from kouprey.kernel.words.time import format_second
from kouprey.people.service import People
from kouprey.response.model.directory import Profile
from kouprey.response.rules.competence import text_of
from kouprey.response.rules.profiles import wants
from kouprey.response.service import Competence, Directory, Drills, HandOffs
from kouprey.response.wire.rfc2350 import hours_of, write_text

LARGEST = 200_000
_SET = tuple(name for name in Profile.__struct_fields__ if name not in ("party", "version", "at", "verified", "duty"))
directory = group("directory", "Teams: who they are, and who is competent.", example="kouprey directory list")


@directory.command("list", example="kouprey directory list --json")
def list_teams(call: Invocation) -> None:
    """Show every known team, when it answers, and how fast it answered drills."""
    with call.node() as services:
        who, people = services.get(HandOffs).operator(), services.get(People)
        teams, measures = services.get(Directory).list_teams(who), services.get(Drills).measures(who)
        parties = sorted({*teams, *(each.id for each in people.list_parties())})
    rows = []
    for party in parties:
        profile = teams[party].profile if party in teams else None
        measured = measures.get(party)
        rows.append(
            {
                "party": party,
                "name": profile.name if profile else "",
                "phone": profile.phone if profile else "",
                "hours": hours_of(profile) if profile else "",
                "checked": format_second(profile.verified) if profile and profile.verified else "",
                "acknowledged_s": measured.acknowledged if measured else None,
                "median_s": measured.median if measured else None,
                "success": format_second(measured.success) if measured and measured.success else "",
            }
        )
    columns = {
        "party": "team",
        "phone": "telephone",
        "hours": "answers",
        "checked": "checked",
        "acknowledged_s": "last drill (s)",
        "median_s": "median (s)",
    }
    call.out.table(rows, columns, empty="No team is known. `kouprey party trust` makes one known.")


@directory.command("show", example="kouprey directory show operator.example")
@click.argument("party")
def show(call: Invocation, party: str) -> None:
    """Show the profile of a team in the order of RFC 2350."""
    with call.node() as services:
        entry = services.get(Directory).get(services.get(HandOffs).operator(), party)
        known = services.get(People).find_party(party)
    text = write_text(entry.profile, node_key=known.card.node if known is not None else "")
    value = {name: getattr(entry.profile, name) for name in ("party", "version", *_SET)}
    call.out.result({**value, "agreements": list(entry.agreements)}, text)


@directory.command("competent", example="kouprey directory competent 203.0.113.7")
@click.argument("subject")
def competent(call: Invocation, subject: str) -> None:
    """Show who is competent for an address, a network, an autonomous system or a domain."""
    with call.node() as services:
        answer = services.get(Competence).ask(services.get(HandOffs).operator(), subject)
    rows = [
        {"party": each.party, "claim": text_of(each.subject), "learned": "yes" if each.learned else ""}
        for each in answer.claims
    ]
    columns = {"party": "team", "claim": "names", "learned": "learned"}
    call.out.table(rows, columns, empty="Nobody known here names it.")


@directory.command("own", example="kouprey directory own profile.json --verified")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--verified", is_flag=True, help="Somebody has checked all of it now.")
def own(call: Invocation, file: Path, verified: bool) -> None:
    """Keep a new version of our profile from a JSON FILE; fields that it leaves out stay as they are."""
    given = _read(file)
    with call.node() as services:
        every, who = services.get(Directory), services.get(HandOffs).operator()
        held: dict[str, Any] = msgspec.structs.asdict(every.own(who).profile)
        try:
            profile = msgspec.convert({**held, "duty": None, **given}, type=Profile)
        except msgspec.ValidationError as error:
            raise Damaged("The profile cannot be kept.", str(error), "Put it right.", code="bad-profile") from error
        made = every.save(who, profile, verified=verified)
        missing = [key for done, key in wants(made, every.now()) if not done]
    told = f" Missing: {', '.join(missing)}." if missing else ""
    call.out.result(
        {"version": made.version, "missing": missing},
        f"Version {made.version} is kept.{told} `kouprey directory publish` gives it to partners.",
    )


@directory.command("publish", example="kouprey directory publish")
def publish(call: Invocation) -> None:
    """Give the newest version of our profile to partners, now and under agreements to come."""
    with call.node() as services:
        every = services.get(Directory)
        made = every.publish(services.get(HandOffs).operator())
        under = every.outlook()[1]
    barred = {agreement: why for agreement, (_sent, why) in under.items() if why}
    sent = sum(1 for version, _why in under.values() if version == made.version)
    call.out.result(
        {"version": made.version, "agreements": sent, "barred": barred},
        f"Version {made.version} goes out under {sent} agreements; {len(barred)} hold it back.",
    )


@directory.command("proposals", example="kouprey directory proposals")
def proposals(call: Invocation) -> None:
    """Show what declines say about who is competent, and nobody has decided on."""
    with call.node() as services:
        found = services.get(Competence).proposals(services.get(HandOffs).operator())
    rows = [
        {
            "message": each.message,
            "said_by": each.said_by,
            "competent": each.competent,
            "subjects": " ".join(each.subjects),
        }
        for each in found
    ]
    columns = {"message": "id", "said_by": "said by", "competent": "names", "subjects": "for"}
    call.out.table(rows, columns, empty="None. A decline that names who is competent makes one.")


@directory.command("decide", example="kouprey directory decide 3f9a… --apply 203.0.113.0/24")
@click.argument("message")
@click.option("--apply", "subjects", multiple=True, help="For this address, network, autonomous system or domain.")
@click.option("--dismiss", is_flag=True, help="It is not so.")
@click.option("--end", is_flag=True, help="What was applied leads nobody any more.")
def decide(call: Invocation, message: str, subjects: tuple[str, ...], dismiss: bool, end: bool) -> None:
    """Apply a proposal, dismiss it, or end what was applied."""
    if bool(subjects) + dismiss + end != 1:
        raise Damaged("It is not clear what is meant.", remedy="Give --apply, --dismiss or --end.", code="bad-choice")
    with call.node() as services:
        every, who = services.get(Competence), services.get(HandOffs).operator()
        if end:
            every.end(who, message)
        else:
            every.decide(who, message, apply=not dismiss, subjects=subjects)
    call.out.result({"message": message}, "Done.")


def _read(file: Path) -> dict[str, Any]:
    """The fields of a JSON object; those that our profile does not have are refused."""
    if file.stat().st_size > LARGEST:
        raise Damaged("The file is too large.", remedy="A profile is a page.", code="bad-profile")
    value = decode(file.read_bytes())
    if not isinstance(value, dict):
        raise Damaged("The file holds no object.", remedy='Write {"name": …}.', code="bad-profile")
    if strange := sorted(set(value) - set(_SET)):
        raise Damaged(
            "The profile has no such field.",
            ", ".join(strange)[:200],
            f"It has: {', '.join(_SET)}.",
            code="bad-profile",
        )
    return value
