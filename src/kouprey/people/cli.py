"""Commands about parties, persons and tokens."""

from __future__ import annotations

from collections.abc import Mapping

import click

from kouprey.kernel.cli.frame import Invocation, group
from kouprey.kernel.net.fetch import Fetcher
from kouprey.kernel.words.errors import Refused, Unknown
from kouprey.kernel.words.time import FOREVER, SECOND, Instant, format_second, wall_clock
from kouprey.kernel.words.tlp import TLP, parse_tlp
from kouprey.people.model import Invitation, Party, Permission, Person, Role, Token
from kouprey.people.service import People, fetch_card

_BY = "operator"
_CARD_MAX = 64 * 1024
_LEVEL = click.Choice([level.word for level in TLP], case_sensitive=False)
_VERB = click.Choice([str(verb) for verb in Permission])
_ROLE = click.Choice([str(role) for role in Role])

party = group("party", "Exchange cards: who we are, and whom we trust.", example="kouprey party card > cert.card")
person = group(
    "person",
    "People of our own party and their sign-in links.",
    example='kouprey person invite "Dara Sok" --role analyst --clearance amber',
)
token = group("token", "Credentials of programs.", example="kouprey token list")


@party.command("card", example="kouprey party card > cert.card")
@click.option("--url", metavar="ORIGIN", help="Sign a new card with this public address of the node first.")
def card(call: Invocation, url: str | None) -> None:
    """Print our card, to be given to partners by any road."""
    with call.node() as services:
        people = services.get(People)
        home = people.home() if url in (None, *people.home().card.urls) else people.renew_card(urls=(str(url),))
    text = home.note.decode().removesuffix("\n")
    call.out.result({"card": home.note.decode(), "party": home.id, "serial": home.card.serial}, text)


@party.command("trust", example="kouprey party trust operator.card\nkouprey party trust https://node.operator.example")
@click.argument("source", metavar="FILE|URL")
@click.option("--yes", is_flag=True, help="The words were compared by voice: do not ask.")
@click.option("--allow-private", is_flag=True, help="The address may be in a private network.")
def trust(call: Invocation, source: str, yes: bool, allow_private: bool) -> None:
    """Trust a party's card after comparing its words by voice."""
    note = _read_card(source, allow_private=allow_private)
    with call.node() as services:
        people = services.get(People)
        offered, words = people.read_card(note)
        held = people.find_party(offered.party)
        if held is None:
            call.out.note(f"This card says it is of {offered.name} ({offered.party}). Its words are:")
            call.out.note(f"\n    {' '.join(words)}\n")
            call.out.note("Call the party on a number you already had and let its owner read them to you.")
            call.out.confirm("Do all words match, in order?", yes=yes)
        trusted = people.trust(note, by=_BY)
    call.out.result(
        {**_party_row(trusted), "words": list(words)},
        f"{trusted.name} ({trusted.id}) is trusted, card {trusted.card.serial}.",
    )


def _read_card(source: str, *, allow_private: bool) -> bytes:
    if source.startswith(("http://", "https://")):
        fetcher = Fetcher(allow_private=allow_private)
        try:
            return fetch_card(source, fetcher)
        finally:
            fetcher.close()
    try:
        with click.open_file(source, "rb") as file:
            note: bytes = file.read(_CARD_MAX + 1)
    except OSError as error:
        raise Unknown(
            f"The card {source[:120]!r} cannot be read.",
            error.strerror or "",
            "Name a file that holds the output of `kouprey party card`, or the address of a node.",
            code="no-file",
        ) from error
    return note


@party.command("list", example="kouprey party list")
def list_parties(call: Invocation) -> None:
    """Show ourselves and whom we trust, since when."""
    with call.node() as services:
        parties = services.get(People).list_parties()
    columns = {"party": "Party", "name": "Name", "trusted_since": "Since", "url": "Address", "home": "Ours"}
    call.out.table([_party_row(each) for each in parties], columns)


@party.command("words", example="kouprey party words operator.example")
@click.argument("party_id", metavar="PARTY")
def words(call: Invocation, party_id: str) -> None:
    """Show the words of a party's root key, to read out or to compare by voice."""
    with call.node() as services:
        found = services.get(People).fingerprint(party_id)
    call.out.result({"party": party_id, "words": list(found)}, " ".join(found))


def _party_row(each: Party) -> dict[str, object]:
    return {
        "party": each.id,
        "name": each.name,
        "home": each.home,
        "serial": each.card.serial,
        "url": each.card.url,
        "identities": list(each.card.identities),
        "trusted_since": format_second(each.trusted_at),
    }


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


@token.command("create", example="kouprey token create --party operator.example --role feed --clearance green --json")
@click.option("--party", "party_id", metavar="PARTY", required=True, help="The party the program acts for.")
@click.option("--role", type=_ROLE, default="feed", show_default=True, help="What it may do.")
@click.option("--clearance", type=_LEVEL, default="green", show_default=True, help="Highest TLP level it may see.")
@click.option("--verb", "verbs", type=_VERB, multiple=True, help="Only this of what its role may; repeatable.")
@click.option("--collection", "collections", multiple=True, help="A collection it may read, and no others; repeatable.")
@click.option("--days", type=click.IntRange(1, 3650), help="Days until it ends by itself; without it, never.")
def create(
    call: Invocation,
    party_id: str,
    role: str,
    clearance: str,
    verbs: tuple[str, ...],
    collections: tuple[str, ...],
    days: int | None,
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
        )
    _give_secret(call, made, secret)


@token.command("change", example="kouprey token change TOKEN-ID --clearance amber")
@click.argument("user", metavar="TOKEN-ID")
@click.option("--clearance", type=_LEVEL, help="Highest TLP level it may see from now on.")
@click.option("--role", type=_ROLE, help="What it may do from now on.")
@click.option("--verb", "verbs", type=_VERB, multiple=True, help="Only this of what its role may; repeatable.")
@click.option("--collection", "collections", multiple=True, help="A collection it may read, and no others; repeatable.")
@click.option("--all-verbs", is_flag=True, help="All that its role may.")
@click.option("--all-collections", is_flag=True, help="All that its party may read.")
def change(
    call: Invocation,
    user: str,
    clearance: str | None,
    role: str | None,
    verbs: tuple[str, ...],
    collections: tuple[str, ...],
    all_verbs: bool,
    all_collections: bool,
) -> None:
    """Change what a token may see or do; what it sees more is delivered to its poller."""
    if clearance is None and role is None and not (verbs or collections or all_verbs or all_collections):
        raise Refused("Nothing to change.", "No option is given.", "See --help for what can change.", code="no-change")
    with call.node() as services:
        changed = services.get(People).change_token(
            user,
            by=_BY,
            clearance=None if clearance is None else parse_tlp(clearance),
            role=None if role is None else Role(role),
            verbs=[Permission(verb) for verb in verbs] if verbs or all_verbs else None,
            collections=collections if collections or all_collections else None,
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
        "party": each.party,
        "role": str(each.role),
        "clearance": each.clearance.word,
        "verbs": list(each.verbs),
        "collections": list(each.collections),
        "expires": "" if each.expires >= FOREVER else format_second(each.expires),
        "used": format_second(each.used) if each.used else "",
        "active": each.active,
    }
