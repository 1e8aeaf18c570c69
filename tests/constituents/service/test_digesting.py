"""Digests: one a period, once, with the eyes of the moment, and what becomes of them when a relay fails."""

from __future__ import annotations

import email
import email.policy
from typing import Any

import pytest

from kouprey.constituents.model import LetterState, Rhythm
from kouprey.constituents.service import PAUSE, Constituents
from kouprey.kernel.net import mail
from kouprey.kernel.words.errors import Refused, Unreachable
from kouprey.kernel.words.time import DAY, FOREVER, SECOND
from kouprey.kernel.words.tlp import TLP

assert Constituents


def read(envelope: Any) -> Any:
    return email.message_from_bytes(envelope.content, policy=email.policy.default)


def text_of(envelope: Any) -> str:
    found = read(envelope).get_body(("plain",))
    return str(found.get_content())


def stolen(host: Any, n: int = 9, **label: Any) -> None:
    host.keep(host.indicator(f"stolen {n}", f"[ipv4-addr:value = '203.0.113.{n}']"), **label)


def states(host: Any) -> list[LetterState]:
    return [each.state for each in host.all.letters(host.bank)]


def test_one_digest_a_period_however_often_it_is_begun(host: Any, box: Any) -> None:
    kept, port = box
    host.relay(port)
    host.daily()
    assert host.all.queue() == 0, "the day it was agreed on has begun already"
    stolen(host)
    host.day()
    assert (host.all.queue(), host.all.queue()) == (1, 0)
    assert (host.post(), host.post()) == (1, 0)
    stolen(host, 10)
    assert host.all.queue() == 0
    host.day()
    host.all.queue()
    host.post()
    first, second = map(text_of, kept.came)
    assert "stolen 9" in first and "stolen 10" not in first
    assert "stolen 10" in second and "stolen 9" not in second
    assert states(host) == [LetterState.SENT, LetterState.SENT]


def test_a_process_that_ends_anywhere_sends_nothing_twice(host: Any, box: Any, monkeypatch: Any) -> None:
    kept, port = box
    host.daily()
    stolen(host)
    host.day()
    host.all.queue()
    steps: list[str] = []

    def dies(at: str) -> Any:
        def send(relay: Any, to: str, message: Any, before_data: Any) -> None:
            steps.append(at)
            if at == "before":
                raise KeyboardInterrupt
            before_data()
            mail.send(relay, to, message)
            raise KeyboardInterrupt

        return send

    for at, came, after in (("before", 0, LetterState.SENDING), ("after", 1, LetterState.HANDING)):
        host.relay(port)
        monkeypatch.setattr("kouprey.constituents.service.digesting.send", dies(at))
        with pytest.raises(KeyboardInterrupt):
            host.post()
        monkeypatch.undo()
        host.node.close()
        host.open()
        assert states(host) == [after] and len(kept.came) == came
        assert host.all.queue() == 0
        host.now += DAY // 24
    host.relay(port)
    assert host.post() == 0 and states(host) == [LetterState.UNSURE] and len(kept.came) == 1
    (letter,) = host.all.letters(host.bank)
    assert letter.error and letter.remedy
    host.all.send_again(host.bank, letter.contact, letter.period, by="psn_1")
    assert host.post() == 1 and states(host) == [LetterState.SENT]
    first, again = (read(each)["Message-ID"] for each in kept.came)
    assert first == again


def test_what_was_taken_back_in_between_is_not_sent(host: Any, box: Any) -> None:
    kept, port = box
    host.relay(port)
    host.daily()
    stolen(host, 9)
    stolen(host, 10, tlp=TLP.AMBER)
    host.day()
    host.all.queue()
    host.change(clearance=TLP.GREEN)
    host.post()
    said = text_of(kept.came[0])
    assert "stolen 9" in said and "AMBER" not in said
    stolen(host, 11)
    host.day()
    host.all.queue()
    host.all.set_archived(host.bank, True, by="test")
    assert host.post() == 0 and states(host)[0] is LetterState.DROPPED


def test_above_the_level_agreed_a_mail_only_counts(host: Any, box: Any) -> None:
    kept, port = box
    host.relay(port)
    host.daily()
    stolen(host, 9)
    stolen(host, 10, tlp=TLP.AMBER)
    stolen(host, 11, tlp=TLP.RED)
    host.day()
    host.all.queue()
    host.post()
    said = read(kept.came[0])
    plain, html = text_of(kept.came[0]), said.get_body(("html",)).get_content()
    assert said["Subject"].startswith("[TLP:AMBER] ") and plain.startswith("TLP:AMBER\n")
    for body in (plain, html):
        assert "stolen 9" in body and "203.0.113.9" in body and "1 thing is TLP:AMBER" in body
        assert "stolen 10" not in body and "203.0.113.10" not in body and "RED" not in body
    host.change(content=TLP.AMBER)
    stolen(host, 12, tlp=TLP.AMBER)
    host.day()
    host.all.queue()
    host.post()
    assert "stolen 12" in text_of(kept.came[1])


def test_nothing_to_say_is_not_said(host: Any, box: Any) -> None:
    kept, port = box
    host.relay(port)
    host.daily()
    host.day()
    assert host.all.queue() == 1 and host.post() == 0
    assert states(host) == [LetterState.EMPTY] and kept.came == []


def test_at_once_but_not_for_each_thing(host: Any, box: Any) -> None:
    kept, port = box
    host.relay(port)
    host.daily()
    host.change(rhythm=Rhythm.AT_ONCE)
    host.keep(host.indicator("bad", "[domain-name:value = 'bad.example']"))
    host.now += 700 * SECOND
    assert host.all.queue() == 0, "it names nothing of theirs"
    stolen(host, 9)
    assert host.all.queue() == 1
    stolen(host, 10)
    assert host.all.queue() == 0, "ten minutes have not passed"
    host.now += 700 * SECOND
    assert host.all.queue() == 1 and host.post() == 2
    assert ["stolen 9" in text_of(each) for each in kept.came] == [True, False]


def test_a_failing_relay_is_tried_again_and_a_person_told(host: Any, box: Any) -> None:
    kept, port = box
    host.daily()
    stolen(host)
    host.day()
    host.all.queue()
    assert host.post() == 0 and states(host) == [LetterState.WAITING], "without a relay letters wait"
    host.relay(port)
    kept.answer = "451 come back"
    assert host.post() == 0
    (letter,) = host.all.letters(host.bank)
    assert (letter.state, letter.attempts) == (LetterState.WAITING, 1) and "451" in letter.error and letter.remedy
    assert host.post() == 0 and host.all.letters(host.bank)[0].attempts == 1, "not before its time"
    host.now += 61 * SECOND
    kept.answer = "554 never"
    assert host.post() == 0 and states(host) == [LetterState.FAILED] and host.all.count_troubled() == 1
    kept.answer = ""
    host.all.send_again(host.bank, letter.contact, letter.period, by="psn_1")
    assert host.post() == 1 and host.all.count_troubled() == 0
    with pytest.raises(Refused):
        host.all.send_again(host.bank, letter.contact, letter.period, by="psn_1")


def test_who_has_paused_or_left_gets_nothing(host: Any, box: Any) -> None:
    kept, port = box
    host.relay(port)
    host.daily()
    (contact,) = host.all.contacts(host.bank)
    stolen(host, 9)
    host.day()
    host.all.queue()
    host.all.pause(contact.id, host.now + PAUSE)
    assert host.post() == 0 and states(host) == [LetterState.DROPPED]
    host.day()
    assert host.all.queue() == 0
    host.all.pause(contact.id, FOREVER)
    host.now += 400 * DAY
    assert host.all.queue() == 0
    host.all.pause(contact.id, 0)
    stolen(host, 10)
    host.day()
    assert host.all.queue() == 1 and host.post() == 1
    assert "stolen 10" in text_of(kept.came[0])


def test_a_test_mail_says_at_once_what_is_wrong(host: Any, box: Any) -> None:
    kept, port = box
    host.daily()
    (contact,) = host.all.contacts(host.bank)
    sent = host.clerk.write_test(host.all.get_constituent(host.bank), contact)
    with pytest.raises(Refused) as caught:
        host.all.send_test(host.bank, contact.id, sent, by="psn_1")
    assert caught.value.code == "no-relay"
    host.relay(1)
    with pytest.raises(Unreachable):
        host.all.send_test(host.bank, contact.id, sent, by="psn_1")
    host.relay(port)
    host.all.send_test(host.bank, contact.id, sent, by="psn_1")
    assert kept.came[0].rcpt_tos == ["security@bank.example"]


def test_written_now_does_not_wait_for_the_period(host: Any, box: Any) -> None:
    kept, port = box
    host.relay(port)
    host.daily()
    stolen(host)
    assert host.all.write_now(host.bank, by="psn_1") == 1 and host.post() == 1
    assert host.all.preview(host.bank) is None and len(kept.came) == 1
