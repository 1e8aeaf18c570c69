"""Commands about contacts without a node."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from kouprey.agreements.model import HANDOFF_KINDS
from kouprey.kernel.cli.frame import Invocation, group
from kouprey.kernel.words.errors import Refused, Unknown
from kouprey.kernel.words.time import format_second
from kouprey.kernel.words.tlp import parse_tlp
from kouprey.response.model import Decline, Urgency, Verb, Wanted
from kouprey.response.model.contacts import TONGUES, Contact, Via
from kouprey.response.rules.outside import ANSWERS
from kouprey.response.service import Contacts, HandOffs, Words

contact = group("contact", "People who are asked without a node.", example="kouprey contact list")


@contact.command("add", example="kouprey contact add Somchai --team 'Northern Hospital' --language th")
@click.argument("name")
@click.option("--team", required=True, help="Team and organisation.")
@click.option("--party", default="", help="Ours, or a partner's; left out for one without a node.")
@click.option("--mail", default="", help="Where links go.")
@click.option("--phone", default="", help="Where to call.")
@click.option("--language", type=click.Choice(TONGUES), default="en", show_default=True)
@click.option("--zone", default="UTC", show_default=True, help="Time zone, as Asia/Bangkok.")
@click.option("--paper", default="", help="The agreement they signed on paper.")
@click.option("--ceiling", default="amber", show_default=True, help="Highest marking they may be asked at.")
@click.option("--content", default="green", show_default=True, help="Up to which a mail says what is asked.")
@click.option("--acknowledge-hours", type=click.IntRange(0, 8_760), default=1, show_default=True)
@click.option("--decide-hours", type=click.IntRange(0, 8_760), default=4, show_default=True)
def add(call: Invocation, name: str, **given: Any) -> None:
    """Write somebody down."""
    with call.node() as services:
        every = services.get(Contacts)
        made = every.record(
            services.get(HandOffs).operator(),
            Contact(
                id="",
                name=name,
                ceiling=parse_tlp(given.pop("ceiling")),
                content=parse_tlp(given.pop("content")),
                acknowledge_s=given.pop("acknowledge_hours") * 3_600,
                decide_s=given.pop("decide_hours") * 3_600,
                **given,
            ),
        )
    call.out.result({"id": made.id}, f"{made.name} is written down: {made.id}.")


@contact.command("list", example="kouprey contact list --json")
def list_contacts(call: Invocation) -> None:
    """Show everybody who is asked without a node."""
    with call.node() as services:
        every = services.get(Contacts).list(services.get(HandOffs).operator())
    rows = [
        {
            "id": each.id,
            "name": each.name,
            "team": each.team,
            "party": each.party or each.paper,
            "phone": each.phone,
            "in_use": "" if each.archived_at else "yes",
        }
        for each in every
    ]
    columns = {"id": "id", "name": "name", "team": "team", "party": "of", "phone": "telephone", "in_use": "in use"}
    call.out.table(rows, columns, empty="Nobody is written down. `kouprey contact add` writes somebody down.")


@contact.command("ask", example="kouprey contact ask contact-3f9a act 'Block the loader' --text 'It calls …'")
@click.argument("id_", metavar="ID")
@click.argument("kind", type=click.Choice(HANDOFF_KINDS))
@click.argument("title")
@click.option("--text", required=True, help="What happened, what is asked, why.")
@click.option("--tlp", default="green", show_default=True, help="Marking of all that is said about it.")
@click.option("--urgency", type=click.Choice([str(each) for each in Urgency]), default="urgent", show_default=True)
@click.option("--about", "refs", multiple=True, help="Id of an object, or a value; repeatable.")
@click.option("--basis", default="", help="Legal basis; needed to preserve or to disclose.")
@click.option("--number", default="", help="Our case number.")
def ask(call: Invocation, id_: str, kind: str, title: str, **given: Any) -> None:
    """Ask a contact; it stays here until you send a link, or call. ID may be how it begins."""
    with call.node() as services:
        every, who = services.get(Contacts), services.get(HandOffs).operator()
        wanted = Wanted(
            agreement="",
            to="",
            kind=kind,
            title=title,
            text=given["text"],
            tlp=parse_tlp(given["tlp"]),
            urgency=Urgency(given["urgency"]),
            refs=given["refs"],
            basis=given["basis"],
            number=given["number"],
        )
        made = every.ask(who, _find(every.list(who), id_).id, wanted)
    call.out.result({"id": made.id}, f"It is written down: {made.id}. `kouprey contact link` makes a link for it.")


@contact.command("link", example="kouprey contact link 3f9a… contact-3f9a --out letter.eml")
@click.argument("handoff", metavar="HANDOFF")
@click.argument("id_", metavar="ID")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the mail to this file.")
@click.option("--send", "sends", is_flag=True, help="Give the mail to the relay.")
def link(call: Invocation, handoff: str, id_: str, out: Path | None, sends: bool) -> None:
    """Make a link for a hand-off (its whole id); the address is shown this once."""
    with call.node() as services:
        every, who = services.get(Contacts), services.get(HandOffs).operator()
        secret, made = every.make_link(who, handoff, _find(every.list(who), id_).id)
        if out is not None:
            out.write_bytes(every.letter(who, handoff, secret)[1].as_bytes())
        if sends:
            every.send(who, handoff, secret)
        address = every.address(secret)
    call.out.result(
        {"address": address, "link": made.id, "expires": format_second(made.expires)},
        f"{address}\nIt opens until {format_second(made.expires)}.",
    )


@contact.command("heard", example="kouprey contact heard 3f9a… accept --via telephone --text 'Tonight.'")
@click.argument("handoff", metavar="HANDOFF")
@click.argument("verb", type=click.Choice([str(verb) for verb in ANSWERS]))
@click.option("--via", type=click.Choice([str(Via.PHONE), str(Via.MAIL)]), required=True, help="How they told it.")
@click.option("--text", default="", help="In words.")
@click.option("--reason", type=click.Choice([str(each) for each in Decline]), help="Why it is declined.")
@click.option("--number", default="", help="Their case number.")
def heard(call: Invocation, handoff: str, verb: str, via: str, text: str, reason: str | None, number: str) -> None:
    """Write down what a contact told about a hand-off (its whole id)."""
    with call.node() as services:
        who = services.get(HandOffs).operator()
        words = Words(Verb(verb), text=text, reason=reason or "", number=number)
        held = services.get(Contacts).write_down(who, handoff, words, Via(via))
    call.out.result({"stage": str(held.course.stage)}, f"Written down. The hand-off is {held.course.stage}.")


def _find(every: list[Contact], text: str) -> Contact:
    """The one contact whose id begins so."""
    found = [each for each in every if each.id.startswith(text) and text]
    if not found:
        raise Unknown(
            f"No contact begins with {text[:64]!r}.", remedy="`kouprey contact list`.", code="unknown-contact"
        )
    if len(found) > 1:
        raise Refused(f"{len(found)} contacts begin so.", remedy="Write more of the id.", code="ambiguous")
    return found[0]
