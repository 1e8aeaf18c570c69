"""Statements of every kind at the ministry, a desk in the middle of its work, and a copy of what the operator said."""

from __future__ import annotations

import msgspec

from browser.stage import Stage
from kouprey.advisories.model import Claim, Content, Kind, Media, Published, Verdict, Words
from kouprey.advisories.service import Desk, Statements
from kouprey.advisories.wire.statement import write_signed
from kouprey.federation.service import Delivery
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role
from kouprey.people.service import People

LONG = (
    "Everybody who has not registered his telephone number with the ministry before Monday at noon by answering this"
    " message with the code of his card will be cut off from the network, says somebody who works there himself"
)
ANSWER = Content(
    kind=Kind.RUMOUR_RESPONSE,
    verdict=Verdict.FALSE,
    languages={
        "en": Words(
            title="Nobody will be cut off, and nobody needs to answer",
            body="The ministry has sent no such message. No telephone number has to be registered on Monday.",
            what_to_do="Do not answer the message, and tell nobody the code of your card.",
        ),
        "km": Words(
            title="គ្មាននរណាត្រូវកាត់ផ្តាច់ទេ ហើយមិនចាំបាច់ឆ្លើយតប",
            body="ក្រសួងមិនបានផ្ញើសារបែបនេះទេ។ មិនមានលេខទូរសព្ទណាត្រូវចុះឈ្មោះនៅថ្ងៃច័ន្ទទេ។",
            what_to_do="សូមកុំឆ្លើយតបសារនេះ ហើយកុំប្រាប់លេខកូដកាតរបស់អ្នកដល់នរណា។",
        ),
    },
    claims=(
        Claim(
            text=LONG,
            urls=("https://register-now.example/sovan?step=1",),
            media=(Media(sha256="5f" * 32, note="the picture as it was forwarded"),),
        ),
    ),
    evidence=("https://ministry.example/registration",),
    contact="+855 23 555 0100, press@ministry.example",
)
NOTICE = Content(
    kind=Kind.SERVICE_NOTICE,
    languages={"en": Words(title="The portal rests on Sunday", body="From 01:00 to 05:00 it is brought up to date.")},
)
DRILL = Content(
    kind=Kind.IMPERSONATION_WARNING,
    exercise="Mekong 2026",
    languages={"en": Words(title="Somebody writes in our name", body="A page asks for passwords in our name.")},
)


def furnish_statements(stage: Stage) -> None:
    """What the public reads, what waits at the desk, and what came from the operator."""
    with stage.actors["operator"].services() as services:
        said = _issue(services.get(Statements), services.get(People), NOTICE)
        raw, party = write_signed(said.signed), said.statement.publisher
    with stage.actors["ministry"].services() as services:
        statements, desk, people = services.get(Statements), services.get(Desk), services.get(People)
        first = _issue(statements, people, NOTICE)
        who = statements.operator()
        heard = desk.take_rumour(who, LONG, url="https://register-now.example/sovan?step=1", heard_from="hotline")
        _publish(desk, people, desk.draft(who, ANSWER, [heard.id]).id)
        _issue(statements, people, DRILL)
        correction = Content(kind=Kind.CORRECTION, replaces=(first.id,), languages=NOTICE.languages)
        _issue(statements, people, correction)
        desk.take_rumour(who, "The ministry gives every pensioner a new telephone. " + LONG, heard_from="a partner")
        desk.set_aside(who, desk.take_rumour(who, "It will rain on the day of the festival").id)
        desk.draft(who, ANSWER)
        label = Label(owner=party, tlp=TLP.CLEAR, kind="statement")
        came = Delivery("statements", 1, party, "", label, raw, 0)
        desk._store.write(lambda tx: statements.apply(tx, [came]))
        statements.show_mirror(who, party, True)


def _issue(statements: Statements, people: People, said: Content) -> Published:
    home = people.home()
    made = statements._store.write(lambda tx: statements.issue(tx, said, home, by="operator"))
    return statements.get_public(made.id)


def _publish(desk: Desk, people: People, draft: str) -> None:
    for name in ("Press officer", "Second reader"):
        person = people.save_person(name, (Role.COMMUNICATIONS,), TLP.GREEN, by="test")
        who = msgspec.structs.replace(people.reader_of(person), roles=(str(Role.COMMUNICATIONS),))
        desk.approve(who, draft, 1)
    desk.publish(who, draft, 1)


__all__ = ["furnish_statements"]
