"""Links: what they open, what they say, how often, and what they never bear; on both engines."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from kouprey.kernel.seal.keys import token_hash
from kouprey.kernel.words.errors import Damaged, Forbidden, Refused, TooMany, Unknown
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role
from kouprey.response.model import Stage, Verb, Wanted
from kouprey.response.model.contacts import Contact, Via
from kouprey.response.service import Words, heads_of, numbers_of
from kouprey.response.service.contacts import WRONG_FREE
from response.conftest import HOUR

DAY = 24 * HOUR


def somchai(a: Any, **given: Any) -> Contact:
    made: Contact = a.contacts.record(
        a.reader(),
        Contact(id="", name="Somchai", team="Northern Hospital", mail="soc@hospital.example", **given),
    )
    return made


def ask(a: Any, contact: Contact, tlp: TLP = TLP.GREEN, kind: str = "act", **given: Any) -> str:
    wanted = Wanted(
        agreement="", to="", kind=kind, title="Block the loader", text="All of it.", tlp=tlp, number="MY-7", **given
    )
    return str(a.contacts.ask(a.reader(), contact.id, wanted).id)


def test_a_link_says_yes_and_both_sides_see_the_same(pair: Any) -> None:
    a, _, _ = pair
    contact = somchai(a)
    handoff = ask(a, contact)
    secret, link = a.contacts.make_link(a.reader(), handoff, contact.id)
    assert link.hashed == token_hash(secret) and secret not in repr(link)
    before = a.contacts.open(secret)
    assert before.held.course.stage is Stage.REQUESTED and Verb.ACCEPT in before.may
    assert a.contacts.open(secret).held.course == before.held.course, "opening changes nothing"
    assert a.contacts.answer(
        secret, Words(Verb.ACCEPT, text="Tonight.", number="H-4", seen=heads_of(before.held.course))
    )
    after, ours = a.contacts.open(secret).held, a.handoffs.get(a.reader(), handoff)
    assert after.course == ours.course and ours.course.stage is Stage.ACCEPTED
    assert numbers_of(ours.asked, ours.course) == ("MY-7", "H-4")
    said = ours.course.steps[-1].message
    assert (said.author, said.via, said.person) == (contact.id, "link", "Somchai")
    assert not any(clock.late_at(a.now()) for clock in ours.course.clocks if clock.met)


def test_pressing_twice_says_it_once_also_at_the_same_time(pair: Any) -> None:
    a, _, _ = pair
    contact = somchai(a)
    handoff = ask(a, contact)
    secret, _ = a.contacts.make_link(a.reader(), handoff, contact.id)
    words = Words(Verb.ACCEPT, text="Yes.", seen=heads_of(a.contacts.open(secret).held.course))
    with ThreadPoolExecutor(8) as threads:
        said = list(threads.map(lambda _: a.contacts.answer(secret, words), range(8)))
    assert said.count(True) == 1
    course = a.handoffs.get(a.reader(), handoff).course
    assert len(course.steps) == 2 and not course.forked
    with pytest.raises(Refused, match="Meanwhile something else was said"):
        a.contacts.answer(secret, Words(Verb.DECLINE, text="No.", reason="capacity", seen=words.seen))
    # Progress can be told again and again, but one form tells it once.
    a.contacts.answer(secret, Words(Verb.START))
    for text in ("Half.", "More."):
        words = Words(Verb.PROGRESS, text=text, seen=heads_of(a.contacts.open(secret).held.course))
        assert [a.contacts.answer(secret, words) for _ in range(2)] == [True, False]


def test_every_secret_that_opens_nothing_gets_one_answer(pair: Any) -> None:
    a, _, _ = pair
    contact = somchai(a)
    handoff = ask(a, contact)
    over, _ = a.contacts.make_link(a.reader(), handoff, contact.id)
    taken, link = a.contacts.make_link(a.reader(), handoff, contact.id)
    a.contacts.revoke_link(a.reader(), handoff, link.id)
    a.contacts.revoke_link(a.reader(), handoff, link.id)
    told = set()
    a.ahead = 4 * HOUR + 2 * DAY + 1
    for secret in (over, taken, "x" * 43, "", "ខ្មែរ" * 9, "a" * 5_000):
        for call in (a.contacts.open, lambda secret: a.contacts.answer(secret, Words(Verb.ACCEPT))):
            with pytest.raises(Unknown) as raised:
                call(secret)
            told.add((str(raised.value), raised.value.code))
    assert len(told) == 1
    with a.store.read() as reader:
        body = str(reader.all("SELECT * FROM handoff_link"))
        trail = str(reader.all("SELECT action, detail FROM audit"))
    assert over not in body and taken not in body and over not in trail and taken not in trail
    assert "handoff.link-wrong" in trail and "handoff.unlink" in trail


def test_who_tries_many_is_slowed(pair: Any) -> None:
    a, _, _ = pair
    contact = somchai(a)
    secret, _ = a.contacts.make_link(a.reader(), ask(a, contact), contact.id)
    for _ in range(WRONG_FREE):
        with pytest.raises(Unknown):
            a.contacts.open("y" * 43, "192.0.2.1")
    with pytest.raises(TooMany):
        a.contacts.open("y" * 43, "192.0.2.1")
    assert a.contacts.open(secret, "192.0.2.2").contact == contact, "others are not"
    a.ahead = 601
    assert a.contacts.open(secret, "192.0.2.1").contact == contact


def test_what_is_agreed_later_counts_for_links_made_before(pair: Any) -> None:
    a, _, _ = pair
    contact = somchai(a)
    handoff = ask(a, contact, TLP.AMBER)
    secret, _ = a.contacts.make_link(a.reader(), handoff, contact.id)
    lower = a.contacts.record(
        a.reader(), Contact(id=contact.id, name="Somchai", team="T", mail=contact.mail, ceiling=TLP.GREEN)
    )
    with pytest.raises(Unknown):
        a.contacts.open(secret)
    a.contacts.record(a.reader(), Contact(id=lower.id, name="Somchai", team="T", mail=contact.mail))
    assert a.contacts.open(secret)
    # Another mailbox may be read by somebody else.
    a.contacts.record(a.reader(), Contact(id=lower.id, name="Somchai", team="T", mail="new@hospital.example"))
    with pytest.raises(Unknown):
        a.contacts.open(secret)


@pytest.mark.parametrize(
    ("tlp", "kind", "ceiling"),
    [(TLP.AMBER_STRICT, "act", TLP.AMBER_STRICT), (TLP.AMBER, "preserve", TLP.AMBER)],
)
def test_what_may_not_leave_has_no_link_and_says_why(pair: Any, tlp: TLP, kind: str, ceiling: TLP) -> None:
    a, _, _ = pair
    contact = somchai(a, ceiling=ceiling)
    handoff = ask(a, contact, tlp, kind, basis="Article 29")
    with pytest.raises(Refused) as raised:
        a.contacts.make_link(a.reader(), handoff, contact.id)
    assert raised.value.why and raised.value.remedy


def test_red_is_never_asked_so(pair: Any) -> None:
    a, _, _ = pair
    with pytest.raises(Damaged):
        somchai(a, ceiling=TLP.RED)
    with pytest.raises(Refused, match="TLP:RED is above"):
        ask(a, somchai(a), TLP.RED)


def test_what_was_told_is_theirs_and_says_who_wrote_it_down(pair: Any) -> None:
    a, _, _ = pair
    contact = somchai(a)
    handoff = ask(a, contact)
    duty = a.reader(Role.DUTY_OFFICER, name="psn_duty")
    a.contacts.write_down(duty, handoff, Words(Verb.ACKNOWLEDGE, number="H-4"), Via.PHONE)
    held = a.contacts.write_down(duty, handoff, Words(Verb.ACCEPT, text="Tonight."), Via.MAIL)
    first, last = held.course.steps[1].message, held.course.steps[2].message
    assert (first.author, first.via, last.via) == (contact.id, "telephone", "mail")
    assert held.by[first.id] == "psn_duty"
    for words, via, error in (
        (Words(Verb.REPORT), Via.PHONE, Damaged),
        (Words(Verb.ACCEPT), Via.LINK, Refused),
        (Words(Verb.DECLINE, text="No.", reason="capacity"), Via.PHONE, Refused),
    ):
        with pytest.raises(error):
            a.contacts.write_down(duty, handoff, words, via)
    with pytest.raises(Forbidden):
        a.contacts.write_down(a.reader(Role.ANALYST), handoff, Words(Verb.START), Via.PHONE)


def test_an_officer_of_ours_answers_a_partner_by_link(neighbours: Any) -> None:
    from response.conftest import TERMS

    a, b, agreement = neighbours.pair(TERMS)
    handoff = a.ask(agreement, b, number="MPTC-1", tlp=TLP.AMBER)
    neighbours.sync()
    officer = b.contacts.record(b.reader(), Contact(id="", name="Azman", team="CFC", party=b.party))
    secret, _ = b.contacts.make_link(b.reader(), handoff, officer.id)
    assert b.contacts.answer(secret, Words(Verb.ACCEPT, number="CFC-9"))
    neighbours.sync()
    ours, theirs = a.handoffs.get(a.reader(), handoff), b.handoffs.get(b.reader(), handoff)
    assert ours.course == theirs.course and ours.course.stage is Stage.ACCEPTED
    assert numbers_of(ours.asked, ours.course) == ("MPTC-1", "CFC-9")
    assert (ours.course.steps[-1].message.author, ours.course.steps[-1].message.via) == (b.party, "link")
    with pytest.raises(Forbidden, match="No link can be made"):
        a.contacts.make_link(a.reader(), handoff, officer.id)


def test_who_may_make_links(pair: Any) -> None:
    a, _, _ = pair
    contact = somchai(a)
    handoff = ask(a, contact)
    for role in (Role.DUTY_OFFICER, Role.ANALYST, Role.ADMINISTRATOR):
        with pytest.raises(Forbidden):
            a.contacts.make_link(a.reader(role), handoff, contact.id)
    low = a.reader(Role.LEAD, clearance=TLP.CLEAR)
    with pytest.raises(Unknown):
        a.contacts.make_link(low, handoff, contact.id)


def test_the_letter_goes_with_its_own_hand_off_alone(pair: Any) -> None:
    a, _, _ = pair
    contact = somchai(a)
    handoff, other = ask(a, contact), ask(a, contact)
    secret, _ = a.contacts.make_link(a.reader(), handoff, contact.id)
    _, message = a.contacts.letter(a.reader(), handoff, secret)
    assert message["To"] == "Somchai <soc@hospital.example>" and message.get_content().count(secret) == 1
    with pytest.raises(Unknown):
        a.contacts.letter(a.reader(), other, secret)
    with pytest.raises(Refused, match="sends no mail"):
        a.contacts.send(a.reader(), handoff, secret)


def test_a_hand_off_that_stays_here_goes_into_no_lane(pair: Any) -> None:
    a, _, _ = pair
    ask(a, somchai(a))
    assert a.lanes.count_waiting() == {}
