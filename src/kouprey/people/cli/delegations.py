"""Commands about delegations: tokens that act for a party that is not their own."""

from __future__ import annotations

from collections.abc import Mapping

import click

from kouprey.kernel.cli.frame import Invocation, group
from kouprey.kernel.words.errors import Refused
from kouprey.kernel.words.time import Instant, format_second, parse_instant, wall_clock
from kouprey.kernel.words.tlp import TLP, parse_tlp
from kouprey.people.model import DELEGABLE, Delegation, Permission
from kouprey.people.service import People

_BY = "operator"
_LEVEL = click.Choice([level.word for level in TLP], case_sensitive=False)
_DELEGABLE = click.Choice([str(verb) for verb in DELEGABLE])

delegation = group(
    "delegation", "Tokens that act for a party that is not their own.", example="kouprey delegation list"
)


@delegation.command(
    "record",
    example="kouprey delegation record --for group.example --token TOKEN-ID --verb read --clearance green"
    ' --until 2027-12-31 --because "Board resolution 12"',
)
@click.option("--for", "party_id", metavar="PARTY", required=True, help="The party that is acted for.")
@click.option("--token", "user", metavar="TOKEN-ID", required=True, help="The token of another party that acts.")
@click.option("--verb", "verbs", type=_DELEGABLE, multiple=True, required=True, help="What it may do; repeatable.")
@click.option("--clearance", type=_LEVEL, required=True, help="Highest TLP level; never more than the token's own.")
@click.option("--from", "starts", metavar="TIME", help="From when (a day, or RFC 3339); without it, from now.")
@click.option("--until", "ends", metavar="TIME", required=True, help="Until before when; at most three years.")
@click.option("--because", required=True, help="The document it rests on.")
def record(
    call: Invocation,
    party_id: str,
    user: str,
    verbs: tuple[str, ...],
    clearance: str,
    starts: str | None,
    ends: str,
    because: str,
) -> None:
    """Write down that a token may act for another party. It counts once a person has confirmed it."""
    with call.node() as services:
        made = services.get(People).record_delegation(
            party_id,
            user,
            map(Permission, verbs),
            parse_tlp(clearance),
            starts=_time("--from", starts) if starts else wall_clock(),
            ends=_time("--until", ends),
            because=because,
            granter=None,
        )
    _tell_delegation(call, made)


@delegation.command("confirm", example="kouprey delegation confirm DELEGATION-ID")
@click.argument("delegation_id", metavar="DELEGATION-ID")
def confirm(call: Invocation, delegation_id: str) -> None:
    """Confirm what a person recorded; what was recorded at the machine, a person confirms on the page People."""
    with call.node() as services:
        made = services.get(People).confirm_delegation(delegation_id, granter=None)
    _tell_delegation(call, made)


@delegation.command("revoke", example="kouprey delegation revoke DELEGATION-ID")
@click.argument("delegation_id", metavar="DELEGATION-ID")
def revoke_delegation(call: Invocation, delegation_id: str) -> None:
    """End a delegation: dead at the next request."""
    with call.node() as services:
        made = services.get(People).revoke_delegation(delegation_id, by=_BY)
    _tell_delegation(call, made)


@delegation.command("list", example="kouprey delegation list")
def list_delegations(call: Invocation) -> None:
    """Show who may act for whom, and what was written down of it."""
    with call.node() as services:
        people = services.get(People)
        found = people.list_delegations()
        names = {each.id: each.name for each in people.list_persons()}
    columns = {
        "delegation": "Delegation",
        "for": "For",
        "token": "Token",
        "to": "Of",
        "verbs": "Verbs",
        "clearance": "Clearance",
        "from": "From",
        "until": "Until",
        "because": "Because",
        "recorded_by": "Recorded by",
        "confirmed_by": "Confirmed by",
        "state": "State",
    }
    call.out.table([_delegation_row(each, names) for each in found], columns, empty="Nobody acts for another party.")


def _time(option: str, text: str) -> Instant:
    try:
        return parse_instant(f"{text}T00:00:00Z" if len(text) == len("2027-12-31") else text)
    except ValueError as error:
        raise Refused(
            f"{option} is no time.",
            str(error),
            "Write 2027-12-31, or 2027-12-31T08:00:00Z.",
            code="bad-times",
        ) from error


def _tell_delegation(call: Invocation, made: Delegation) -> None:
    row = _delegation_row(made, {})
    call.out.result(row, f"{made.id}: {made.token} of {made.to} for {made.party}, {row['state']}.")


def _delegation_row(each: Delegation, names: Mapping[str, str]) -> dict[str, object]:
    return {
        "delegation": each.id,
        "for": each.party,
        "token": each.token,
        "to": each.to,
        "verbs": list(each.verbs),
        "clearance": each.clearance.word,
        "from": format_second(each.starts),
        "until": format_second(each.ends),
        "because": each.because,
        "recorded_by": names.get(each.recorded_by, each.recorded_by),
        "confirmed_by": names.get(each.confirmed_by, each.confirmed_by),
        "state": str(each.state(wall_clock())),
    }
