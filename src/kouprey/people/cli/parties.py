"""Commands about parties: cards, whom we trust, and who belongs to whom."""

from __future__ import annotations

import click

from kouprey.kernel.cli.frame import Invocation, group
from kouprey.kernel.net.fetch import Fetcher
from kouprey.kernel.words.errors import Unknown
from kouprey.kernel.words.time import format_second
from kouprey.people.model import Membership, Party
from kouprey.people.service import People, fetch_card

_BY = "operator"
_CARD_MAX = 64 * 1024

party = group("party", "Exchange cards: who we are, and whom we trust.", example="kouprey party card > cert.card")


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


@party.command("members", example="kouprey party members group.example")
@click.argument("party_id", metavar="PARTY", required=False)
def members(call: Invocation, party_id: str | None) -> None:
    """Show which party belongs to which, and why; of one party only: its members and what it is a member of."""
    with call.node() as services:
        people = services.get(People)
        if party_id is not None:
            people.get_party(party_id)
        found = [each for each in people.list_memberships() if party_id in (None, each.party, each.member)]
        names = {each.id: each.name for each in people.list_persons()}
    columns = {"party": "Party", "member": "Member", "because": "Because", "by": "Said by", "since": "Since"}
    rows = [{**_member_row(each), "by": names.get(each.by, each.by)} for each in found]
    call.out.table(rows, columns, empty="No party is written down as a member of another.")


@party.command(
    "add-member", example='kouprey party add-member group.example operator.example --because "Articles, section 2"'
)
@click.argument("party_id", metavar="PARTY")
@click.argument("member")
@click.option("--because", required=True, help="The document or event it rests on.")
def add_member(call: Invocation, party_id: str, member: str, because: str) -> None:
    """Write down that one party belongs to another. Nobody may do or see anything more by it."""
    with call.node() as services:
        made = services.get(People).add_member(party_id, member, because=because, by=_BY)
    call.out.result(_member_row(made), f"{member} is a member of {party_id}.")


@party.command("remove-member", example="kouprey party remove-member group.example operator.example")
@click.argument("party_id", metavar="PARTY")
@click.argument("member")
def remove_member(call: Invocation, party_id: str, member: str) -> None:
    """Write down that a party belongs to another no more."""
    with call.node() as services:
        services.get(People).remove_member(party_id, member, by=_BY)
    call.out.result({"party": party_id, "member": member}, f"{member} is no member of {party_id} any more.")


def _member_row(each: Membership) -> dict[str, object]:
    return {
        "party": each.party,
        "member": each.member,
        "because": each.because,
        "by": each.by,
        "since": format_second(each.at),
    }


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
