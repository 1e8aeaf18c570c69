"""Commands of federation: `kouprey link`; `parcel`, `keys` and `ledger` have files of their own."""

from __future__ import annotations

import click

from kouprey.federation.cli.files import OPERATOR, when
from kouprey.federation.service import Federation, Links
from kouprey.federation.service.history import total
from kouprey.federation.store import Span
from kouprey.kernel.cli.frame import Invocation, group
from kouprey.kernel.words.errors import Damaged, Refused
from kouprey.people.service import People

link = group(
    "link",
    "Reach partners over the network, pause and go on.",
    example="kouprey link add cert.example https://kouprey.cert.example",
)

# link


@link.command(
    "add",
    example="kouprey link add cert.example https://kouprey.cert.example\nkouprey link add https://kouprey.cert.example",
)
@click.argument("words", metavar="[PARTY] URL", nargs=-1, required=True)
@click.option("--allow-private", is_flag=True, help="The address may be on a private network.")
@click.option("--yes", is_flag=True, help="The words were compared by voice: do not ask.")
def add(invocation: Invocation, words: tuple[str, ...], allow_private: bool, yes: bool) -> None:
    """Reach PARTY at URL from now on.

    Without PARTY, whoever answers there: its card is fetched and trusted, once you have compared its words by voice.
    """
    if len(words) > 2:
        raise Refused(
            f"{len(words)} words are too many.", "A link has a party and an address.", "`kouprey link add --help`"
        )
    *named, url = words
    with invocation.node() as services:
        links = services.get(Federation).links
        party = (
            named[0]
            if named
            else _meet(invocation, services.get(People), links, url, allow_private=allow_private, yes=yes)
        )
        made = links.add(party, url, allow_private=allow_private, by=OPERATOR)
    said = {"party": made.party, "url": made.url, "allow_private": made.allow_private}
    invocation.out.result(said, f"{made.party} is reached at {made.url}; try it with `kouprey link test {made.party}`.")


def _meet(invocation: Invocation, people: People, links: Links, url: str, *, allow_private: bool, yes: bool) -> str:
    """The party that answers at an address, trusted by its card."""
    if not url.startswith(("http://", "https://")):
        raise Damaged(
            f"{url[:100]!r} is no address of a node.",
            "An address begins with https:// (or http:// on a private network).",
            "Write `kouprey link add https://kouprey.cert.example`.",
            code="bad-url",
        )
    note = links.fetch_card(url, allow_private=allow_private)
    offered, words = people.read_card(note)
    held = people.find_party(offered.party)
    if held is not None and held.card.root == offered.root:
        return offered.party
    invocation.out.note(f"The node there says it is of {offered.name} ({offered.party}). Its words are:")
    invocation.out.note(f"\n    {' '.join(words)}\n")
    invocation.out.note("Call the party on a number you already had and let its owner read them to you.")
    invocation.out.confirm("Do all words match, in order?", yes=yes)
    return people.trust(note, by=OPERATOR).id


@link.command("test", example="kouprey link test cert.example")
@click.argument("party")
def try_link(invocation: Invocation, party: str) -> None:
    """Call PARTY once and say what it has for us."""
    with invocation.node() as services:
        lanes = services.get(Federation).links.test(party)
    said = [
        {"tag": lane.tag, "agreement": lane.agreement, "class": str(lane.lane_class), "size": lane.size}
        for lane in lanes
    ]
    entries = sum(lane.size for lane in lanes)
    invocation.out.result(
        {"party": party, "lanes": said}, f"{party} answers and has {len(lanes)} lanes with {entries} entries for us."
    )


@link.command("pause", example="kouprey link pause cert.example")
@click.argument("party")
def pause(invocation: Invocation, party: str) -> None:
    """Neither call PARTY nor answer it until resumed; nothing is lost."""
    _pause(invocation, party, True)


@link.command("resume", example="kouprey link resume cert.example")
@click.argument("party")
def resume(invocation: Invocation, party: str) -> None:
    """Go on with PARTY after a pause."""
    _pause(invocation, party, False)


def _pause(invocation: Invocation, party: str, paused: bool) -> None:
    with invocation.node() as services:
        services.get(Federation).links.pause(party, paused=paused, by=OPERATOR)
    said = "is paused" if paused else "goes on"
    invocation.out.result({"party": party, "paused": paused}, f"The link to {party} {said}.")


@link.command("list", example="kouprey link list")
def list_links(invocation: Invocation) -> None:
    """Every link, and how it went last."""
    with invocation.node() as services:
        links = services.get(Federation).links.list_links()
    found = [
        {
            "party": each.party,
            "url": each.url,
            "state": "paused" if each.paused else f"failing, {each.failures} times" if each.failures else "well",
            "last_ok": when(each.last_ok),
            "error": each.error,
        }
        for each in links
    ]
    columns = {"party": "Party", "url": "Address", "state": "State", "last_ok": "Last exchange", "error": "Trouble"}
    invocation.out.table(found, columns, "There is no link yet: `kouprey link add URL` makes one.")


@link.command(
    "status", example="kouprey link status cert.example\nkouprey link status cert.example --history --by hour"
)
@click.argument("party")
@click.option("--history", is_flag=True, help="Each day of the last 30, or each hour of the last 48.")
@click.option("--by", type=click.Choice(("day", "hour")), default="day", help="How long a line of the history is.")
def status(invocation: Invocation, party: str, history: bool, by: str) -> None:
    """How the link to PARTY does, and has done."""
    with invocation.node() as services:
        links = services.get(Federation).links
        held = links.get_link(party)
        spans = links.history.days(party) if by == "day" else links.history.hours(party)
    if history:
        invocation.out.table([_told(span) for span in spans if span.good or span.failed or span.went], _COLUMNS, "")
        return
    state = (
        "paused" if held.paused else "not reached" if held.down_since else "reached" if held.last_ok else "not tried"
    )
    said = {
        "party": party,
        "state": state,
        "last_ok": when(held.last_ok),
        "down_since": when(held.down_since),
        "error": held.error,
        "together": _told(total(spans)),
    }
    text = f"{party}: {state}; last reached {when(held.last_ok) or 'never'}."
    if held.error:
        since = f"Not reached since {when(held.down_since)}, because" if held.down_since else "Its trouble"
        text += f" {since}: {held.error}"
    share = total(spans).reached
    if share is not None:
        text += f"\nReached {share:.1%} of the known time of the last {len(spans)} {by}s."
    invocation.out.result(said, text)


_COLUMNS = {
    "at": "From",
    "reached": "Reached",
    "good": "Good",
    "failed": "Failed",
    "answer_ms": "Answer (ms)",
    "came": "Came",
    "went": "Fetched",
    "error": "Last failure",
}


def _told(span: Span) -> dict[str, object]:
    return {
        "at": when(span.at),
        "reached": None if span.reached is None else round(span.reached, 4),
        "good": span.good,
        "failed": span.failed,
        "answer_ms": None if span.answers_in is None else round(span.answers_in * 1_000),
        "lasts_ms": None if span.lasts is None else round(span.lasts * 1_000),
        "came": span.came,
        "came_bytes": span.came_bytes,
        "went": span.went,
        "went_bytes": span.went_bytes,
        "error": span.why,
    }


@link.command("sync", example="kouprey link sync cert.example")
@click.argument("party")
def sync(invocation: Invocation, party: str) -> None:
    """Exchange with PARTY once now."""
    with invocation.node() as services:
        count = services.get(Federation).links.sync(party)
    invocation.out.result({"party": party, "entries": count}, f"{count} entries came from {party}.")
