"""The postbox takes a mail as a relay does, keeps it whole, and is gone with the chapter that opened it."""

from __future__ import annotations

import smtplib
from email.message import EmailMessage

import pytest

from kouprey.kernel.net.mail import Relay, send
from kouprey.kernel.words.errors import Unreachable
from kouprey.node.postbox import Postbox


def mail(text: str) -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "kouprey@cert.example", "security@bank.example", "[TLP:GREEN] ok"
    made.set_content(text, cte="8bit")
    return made


def test_it_keeps_what_a_node_sends() -> None:
    text = "A line.\n.A line that begins with a dot.\n..Two.\nសួស្តី\n"
    with Postbox() as box:
        relay = Relay(host="127.0.0.1", port=box.port, security="none", sender="kouprey@cert.example")
        for _ in range(2):
            send(relay, "security@bank.example", mail(text))
        first, second = box.came
        assert first["Subject"] == "[TLP:GREEN] ok" and first.get_content() == second.get_content()
        assert first.get_content().replace("\r\n", "\n") == text
        assert box.settings("cert.example") == {
            "smtp_host": "127.0.0.1",
            "smtp_port": box.port,
            "smtp_security": "none",
            "smtp_from": "kouprey@cert.example",
        }
    with pytest.raises(Unreachable):
        send(relay, "security@bank.example", mail(text))


def test_a_mail_that_breaks_off_is_not_kept() -> None:
    with Postbox() as box:
        held = smtplib.SMTP("127.0.0.1", box.port, timeout=5)
        held.putcmd("DATA")
        held.getreply()
        held.send(b"Subject: half\r\n\r\nhalf")
        held.close()
        with smtplib.SMTP("127.0.0.1", box.port, timeout=5) as again:
            assert again.noop()[0] == 250
        assert box.came == []
