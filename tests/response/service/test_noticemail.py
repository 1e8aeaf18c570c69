"""Mail that says that something waits: counted, never what, once, and tried again while the relay does not answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from kouprey.kernel.net.mail import Relay
from kouprey.kernel.words.tlp import TLP
from kouprey.node.postbox import Postbox
from kouprey.response.model.cases import Note, Track
from kouprey.response.model.notices import About, Often, Posted
from kouprey.response.service import NoticeMail
from kouprey.response.wire.noticeletter import write_notice
from response.service.test_notices import Office, office

assert office


@pytest.fixture
def postbox() -> Iterator[Postbox]:
    with Postbox() as made:
        yield made


def relay(postbox: Postbox) -> Relay:
    return Relay(host="127.0.0.1", port=postbox.port, security="none", sender="kouprey@a.example", timeout=5.0)


def write(counted: Any, code: str) -> Any:
    return write_notice(counted, code, "https://a.example/notices")


def test_a_mail_says_how_much_waits_and_is_sent_once(office: Office, postbox: Postbox) -> None:
    notices, lead, analyst = office.notices, office.lead, office.analyst
    mail = NoticeMail(notices)
    case = office.open("The secret of the minister", tlp=TLP.RED)
    notices.watch(analyst, case.id, watching=True)
    note = lambda: office.cases.add(lead, case.id, Track.TECHNICAL, Note(text="It calls plain.example"))  # noqa: E731
    note()
    office.tell()
    notices.choose(analyst, tuple(About), Often.HOURLY, "psn@a.example")
    assert mail.post(write) == 0
    notices.relay = lambda: relay(postbox)
    assert mail.post(write) == 0 and not postbox.came
    note()
    office.tell()
    assert mail.post(write) == 1 and mail.post(write) == 0
    (came,) = postbox.came
    text = came.get_content()
    assert "(1 case)" in text and "https://a.example/notices" in text and came["To"].endswith("<psn@a.example>")
    for secret in ("minister", "plain.example", "#1"):
        assert secret not in text and secret not in came["Subject"]
    note()
    office.tell()
    assert mail.post(write) == 0
    office.actor.ahead += 3_601
    assert mail.post(write) == 1 and len(postbox.came) == 2
    assert notices.choice(analyst).state is Posted.SENT


def test_a_relay_that_is_away_is_tried_again_and_what_is_gone_is_not_told(office: Office, postbox: Postbox) -> None:
    notices, lead, analyst = office.notices, office.lead, office.analyst
    mail = NoticeMail(notices)
    case = office.open()
    notices.watch(analyst, case.id, watching=True)
    notices.choose(analyst, tuple(About), Often.DAILY, "psn@a.example")
    office.cases.add(lead, case.id, Track.TECHNICAL, Note(text="x"))
    office.tell()
    notices.relay = lambda: Relay(host="127.0.0.1", port=1, security="none", sender="k@a.example", timeout=1.0)
    assert mail.post(write) == 0
    held = notices.choice(analyst)
    assert held.state is Posted.WAITS and held.attempts == 1 and held.error and held.due > office.actor.now()
    office.actor.ahead += 600
    notices.relay = lambda: relay(postbox)
    office.cases.name_to(lead, case.id, [], named=True)
    assert mail.post(write) == 0 and not postbox.came
    office.cases.name_to(lead, case.id, [], named=False)
    assert mail.post(write) == 1 and notices.choice(analyst).attempts == 0


def test_a_mail_of_which_nobody_knows_is_not_sent_again(office: Office, postbox: Postbox) -> None:
    notices, lead, analyst = office.notices, office.lead, office.analyst
    mail = NoticeMail(notices)
    case = office.open()
    notices.watch(analyst, case.id, watching=True)
    notices.choose(analyst, tuple(About), Often.HOURLY, "psn@a.example")
    office.cases.add(lead, case.id, Track.TECHNICAL, Note(text="x"))
    office.tell()
    notices.relay = lambda: relay(postbox)

    class Killed(Exception):
        pass

    def killed(*_: Any) -> None:
        raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(NoticeMail, "_end", killed)
        with pytest.raises(Killed):
            mail.post(write)
    assert notices.choice(analyst).state is Posted.HANDING and len(postbox.came) == 1
    office.actor.ahead += 3_601
    assert mail.post(write) == 0 and notices.choice(analyst).state is Posted.SENT and len(postbox.came) == 1
