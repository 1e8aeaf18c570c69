"""Commands about people of our own party and their sign-in links."""

from __future__ import annotations

from collections.abc import Mapping

import click

from kouprey.kernel.cli.frame import Invocation, group
from kouprey.kernel.words.time import Instant, format_second, wall_clock
from kouprey.kernel.words.tlp import TLP, parse_tlp
from kouprey.people.model import Invitation, Person, Role
from kouprey.people.service import People

_BY = "operator"
_LEVEL = click.Choice([level.word for level in TLP], case_sensitive=False)
_ROLE = click.Choice([str(role) for role in Role])

person = group(
    "person",
    "People of our own party and their sign-in links.",
    example='kouprey person invite "Dara Sok" --role analyst --clearance amber',
)


@person.command("invite", example='kouprey person invite "Dara Sok" --role analyst --role liaison --clearance amber')
@click.argument("name")
@click.option("--role", "roles", type=_ROLE, multiple=True, required=True, help="What the person may do; repeatable.")
@click.option("--clearance", type=_LEVEL, default="amber", show_default=True, help="Highest TLP level they may see.")
@click.option("--url", metavar="ORIGIN", help="Address of the node in the link; without it, that of our card.")
def invite(call: Invocation, name: str, roles: tuple[str, ...], clearance: str, url: str | None) -> None:
    """Add somebody, or change their roles, and print a link for one sign-in within 24 hours."""
    with call.node() as services:
        people = services.get(People)
        invited = people.save_person(name, tuple(map(Role, roles)), parse_tlp(clearance), by=_BY)
        _give_link(call, people, invited, url)


@person.command("link", example='kouprey person link "Dara Sok"')
@click.argument("name")
@click.option("--url", metavar="ORIGIN", help="Address of the node in the link; without it, that of our card.")
def link(call: Invocation, name: str, url: str | None) -> None:
    """Print a new link for one sign-in within 24 hours."""
    with call.node() as services:
        people = services.get(People)
        _give_link(call, people, people.get_person(name), url)


def _give_link(call: Invocation, people: People, invited: Person, url: str | None) -> None:
    _show_link(call, people, invited, people.make_sign_in_link(invited, by=_BY), url)


def _show_link(call: Invocation, people: People, invited: Person, secret: str, url: str | None) -> None:
    origin = (url or people.home().card.url).rstrip("/")
    address = f"{origin}/sign-in/{secret}"
    if not origin:
        call.out.note("Our card names no address: put that of this node before the path.")
    call.out.result({**_person_row(invited), "link": address}, address)


@person.command("links", example="kouprey person links")
@click.option("--all", "every", is_flag=True, help="Also those that were used, revoked, or are over.")
def links(call: Invocation, every: bool) -> None:
    """Show sign-in links of the last thirty days: for whom, made by whom, until when; never their secrets."""
    now = wall_clock()
    with call.node() as services:
        people = services.get(People)
        found = [each for each in people.list_invitations() if every or each.is_open(now)]
        names = {each.id: each.name for each in people.list_persons()}
    columns = {
        "link": "Link",
        "name": "For",
        "roles": "Roles",
        "made_by": "Made by",
        "until": "Until",
        "state": "State",
    }
    call.out.table([_link_row(each, names, now) for each in found], columns, empty="No links are open.")


@person.command("revoke-link", example="kouprey person revoke-link 0123456789abcdef")
@click.argument("link_id", metavar="LINK")
def revoke_link(call: Invocation, link_id: str) -> None:
    """Take one link back; its person stays as they are."""
    with call.node() as services:
        taken = services.get(People).revoke_invitation(link_id, by=_BY)
    call.out.result(_link_row(taken, {}, wall_clock()), f"The link of {taken.person.name} lets nobody in any more.")


@person.command("resend", example="kouprey person resend 0123456789abcdef")
@click.argument("link_id", metavar="LINK")
@click.option("--url", metavar="ORIGIN", help="Address of the node in the link; without it, that of our card.")
def resend(call: Invocation, link_id: str, url: str | None) -> None:
    """Print a new link instead of one that was lost, and take the lost one back."""
    with call.node() as services:
        people = services.get(People)
        made, secret = people.renew_invitation(link_id, by=_BY)
        _show_link(call, people, made.person, secret, url)


@person.command("reset-factor", example='kouprey person reset-factor "Dara Sok"')
@click.argument("name")
def reset_factor(call: Invocation, name: str) -> None:
    """Forget somebody's lost authenticator app, recovery codes and passkeys, and end their sessions."""
    with call.node() as services:
        people = services.get(People)
        held = people.get_person(name)
        people.reset_second_factor(held, by=_BY)
    call.out.result(_person_row(held), f"{held.name} signs in without app and passkeys, and can set up others.")


def _link_row(each: Invitation, names: Mapping[str, str], now: Instant) -> dict[str, object]:
    state = "used" if each.spent else "revoked" if each.revoked else "open" if each.is_open(now) else "over"
    return {
        "link": each.id,
        "person": each.person.id,
        "name": each.person.name,
        "roles": [str(role) for role in each.person.roles],
        "made_by": names.get(each.made_by, each.made_by),
        "made": format_second(each.made) if each.made else "",
        "until": format_second(each.expires),
        "state": state,
    }


@person.command("list", example="kouprey person list")
def list_persons(call: Invocation) -> None:
    """Show everybody with roles and clearance."""
    with call.node() as services:
        persons = services.get(People).list_persons()
    columns = {"name": "Name", "roles": "Roles", "clearance": "Clearance", "active": "Active", "person": "Id"}
    call.out.table([_person_row(each) for each in persons], columns, empty="Nobody yet: `kouprey person invite`.")


@person.command("deactivate", example='kouprey person deactivate "Dara Sok"')
@click.argument("name")
def deactivate(call: Invocation, name: str) -> None:
    """Shut somebody out: sessions and links end at once."""
    _set_active(call, name, active=False)


@person.command("activate", example='kouprey person activate "Dara Sok"')
@click.argument("name")
def activate(call: Invocation, name: str) -> None:
    """Let somebody in again; they need a new link."""
    _set_active(call, name, active=True)


def _set_active(call: Invocation, name: str, *, active: bool) -> None:
    with call.node() as services:
        people = services.get(People)
        changed = people.set_active(people.get_person(name), active, by=_BY)
    call.out.result(_person_row(changed), f"{changed.name} {'may sign in again' if active else 'is shut out'}.")


def _person_row(each: Person) -> dict[str, object]:
    return {
        "person": each.id,
        "name": each.name,
        "roles": [str(role) for role in each.roles],
        "clearance": each.clearance.word,
        "active": each.active,
    }
