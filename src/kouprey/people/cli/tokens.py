"""Commands about tokens."""

from __future__ import annotations

import click

from kouprey.kernel.cli.frame import Invocation, group
from kouprey.kernel.words.errors import Refused
from kouprey.kernel.words.time import FOREVER, SECOND, format_second
from kouprey.kernel.words.tlp import TLP, parse_tlp
from kouprey.people.model import Permission, Role, Token
from kouprey.people.service import People

_BY = "operator"
_LEVEL = click.Choice([level.word for level in TLP], case_sensitive=False)
_VERB = click.Choice([str(verb) for verb in Permission])
_ROLE = click.Choice([str(role) for role in Role])

token = group("token", "Credentials of programs.", example="kouprey token list")


@token.command("create", example="kouprey token create --party operator.example --role feed --clearance green --json")
@click.option("--party", "party_id", metavar="PARTY", required=True, help="The party the program acts for.")
@click.option("--role", type=_ROLE, default="feed", show_default=True, help="What it may do.")
@click.option("--clearance", type=_LEVEL, default="green", show_default=True, help="Highest TLP level it may see.")
@click.option("--verb", "verbs", type=_VERB, multiple=True, help="Only this of what its role may; repeatable.")
@click.option("--collection", "collections", multiple=True, help="A collection it may read, and no others; repeatable.")
@click.option("--days", type=click.IntRange(1, 3650), help="Days until it ends by itself; without it, never.")
@click.option("--name", default="", help="What people call the program.")
def create(
    call: Invocation,
    party_id: str,
    role: str,
    clearance: str,
    verbs: tuple[str, ...],
    collections: tuple[str, ...],
    days: int | None,
    name: str,
) -> None:
    """Make a credential for a program. Its secret is shown now and never again.

    `basic` is user and secret as HTTP Basic writes them before encoding: `curl -u BASIC`.
    """
    life = None if days is None else days * 86400 * SECOND
    with call.node() as services:
        made, secret = services.get(People).create_token(
            party_id,
            Role(role),
            parse_tlp(clearance),
            by=_BY,
            verbs=map(Permission, verbs),
            collections=collections,
            life=life,
            name=name,
        )
    _give_secret(call, made, secret)


@token.command("change", example="kouprey token change TOKEN-ID --clearance amber")
@click.argument("user", metavar="TOKEN-ID")
@click.option("--clearance", type=_LEVEL, help="Highest TLP level it may see from now on.")
@click.option("--role", type=_ROLE, help="What it may do from now on.")
@click.option("--verb", "verbs", type=_VERB, multiple=True, help="Only this of what its role may; repeatable.")
@click.option("--collection", "collections", multiple=True, help="A collection it may read, and no others; repeatable.")
@click.option("--name", help="What people call the program.")
@click.option("--all-verbs", is_flag=True, help="All that its role may.")
@click.option("--all-collections", is_flag=True, help="All that its party may read.")
def change(
    call: Invocation,
    user: str,
    clearance: str | None,
    role: str | None,
    verbs: tuple[str, ...],
    collections: tuple[str, ...],
    name: str | None,
    all_verbs: bool,
    all_collections: bool,
) -> None:
    """Change what a token may see or do; what it sees more is delivered to its poller."""
    if clearance is role is name is None and not (verbs or collections or all_verbs or all_collections):
        raise Refused("Nothing to change.", "No option is given.", "See --help for what can change.", code="no-change")
    with call.node() as services:
        changed = services.get(People).change_token(
            user,
            by=_BY,
            clearance=None if clearance is None else parse_tlp(clearance),
            role=None if role is None else Role(role),
            verbs=[Permission(verb) for verb in verbs] if verbs or all_verbs else None,
            collections=collections if collections or all_collections else None,
            name=name,
        )
    _tell_token(call, changed)


@token.command("rotate", example="kouprey token rotate TOKEN-ID")
@click.argument("user", metavar="TOKEN-ID")
def rotate(call: Invocation, user: str) -> None:
    """Give a token a new secret, shown now and never again; the one before ends at the next request."""
    with call.node() as services:
        held, secret = services.get(People).rotate_token(user, by=_BY)
    _give_secret(call, held, secret)


def _give_secret(call: Invocation, made: Token, secret: str) -> None:
    basic = f"{made.user}:{secret}"
    value = {**_token_row(made), "token": secret, "basic": basic}
    call.out.result(value, f"user   {made.user}\ntoken  {secret}\nbasic  {basic}")
    call.out.note("Keep the token now: only its hash is stored.")


@token.command("list", example="kouprey token list")
def list_tokens(call: Invocation) -> None:
    """Show all tokens; never their secrets."""
    with call.node() as services:
        tokens = services.get(People).list_tokens()
    columns = {
        "user": "Token",
        "name": "Name",
        "party": "Party",
        "role": "Role",
        "clearance": "Clearance",
        "verbs": "Verbs",
        "collections": "Collections",
        "expires": "Expires",
        "used": "Last used",
        "active": "Active",
    }
    call.out.table([_token_row(each) for each in tokens], columns, empty="No tokens yet: `kouprey token create`.")


@token.command("revoke", example="kouprey token revoke TOKEN-ID")
@click.argument("user", metavar="TOKEN-ID")
def revoke(call: Invocation, user: str) -> None:
    """End a token: dead at the next request."""
    with call.node() as services:
        changed = services.get(People).change_token(user, by=_BY, active=False)
    _tell_token(call, changed)


def _tell_token(call: Invocation, changed: Token) -> None:
    state = f"reads up to {changed.clearance.text} as {changed.role}" if changed.active else "is revoked"
    call.out.result(_token_row(changed), f"{changed.user} of {changed.party} {state}.")


def _token_row(each: Token) -> dict[str, object]:
    return {
        "user": each.user,
        "name": each.name,
        "party": each.party,
        "role": str(each.role),
        "clearance": each.clearance.word,
        "verbs": list(each.verbs),
        "collections": list(each.collections),
        "expires": "" if each.expires >= FOREVER else format_second(each.expires),
        "used": format_second(each.used) if each.used else "",
        "active": each.active,
    }
