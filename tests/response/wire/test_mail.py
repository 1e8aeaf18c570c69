"""Mails of every kind, and bytes that are none: each is read to its end, nothing is opened, memory is bounded."""

from __future__ import annotations

from base64 import b64encode
from email.message import EmailMessage
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouprey.response.model.reports import Mail, Sealed, Trouble
from kouprey.response.wire.mail import HEAD, PARTS, TEXT, read_mail, read_page


def read(raw: bytes) -> Mail:
    return read_mail(BytesIO(raw))


def message(**headers: str) -> EmailMessage:
    made = EmailMessage()
    for name, value in {"From": "Dara <Dara@Bank.example>", "Subject": "Help", **headers}.items():
        made[name.replace("_", "-")] = value
    return made


def test_words_and_files_as_any_mail_program_reads_them() -> None:
    made = message(Message_ID="<1@bank.example>", In_Reply_To="<a@x>", References="<b@x> <a@x>")
    made.replace_header("Subject", "ជួយផង, please")
    made.set_content("See http://evil.example/x\n")
    made.add_attachment(bytes(range(256)) * 9, maintype="application", subtype="zip", filename="ឯកសារ.zip")
    made.add_attachment("line\nlast", filename="log.txt", cte="quoted-printable")
    mail = read(made.as_bytes())
    assert (mail.sender, mail.subject) == ("dara@bank.example", "ជួយផង, please")
    assert mail.message_id == "<1@bank.example>" and mail.answers == ("<a@x>", "<b@x>")
    assert mail.text.strip() == "See http://evil.example/x" and not mail.trouble and not mail.sealed
    parts: list[Any] = list(made.iter_attachments())
    for part, enclosed in zip(parts, mail.enclosed, strict=True):
        body = part.get_payload(decode=True)
        assert (enclosed.name, enclosed.size) == (part.get_filename(), len(body))
        assert enclosed.sha256 == sha256(body).hexdigest()


def test_a_page_is_read_as_words() -> None:
    made = message()
    made.set_content(
        "<style>p {}</style><p>Pay at <a href='http://evil.example/pay'>your bank</a><script>x()</script>", "html"
    )
    text = read(made.as_bytes()).text
    assert "http://evil.example/pay" in text and "your bank" in text and "x()" not in text and "p {}" not in text


def test_what_is_sealed_is_not_opened() -> None:
    inner = b"Content-Type: text/plain\r\n\r\nsecret\r\n"
    kinds = {
        b'multipart/encrypted; protocol="application/pgp-encrypted"': Sealed.ENCRYPTED,
        b'multipart/signed; protocol="application/pgp-signature"': Sealed.SIGNED,
        b"application/pkcs7-mime; smime-type=enveloped-data": Sealed.ENCRYPTED,
        b"application/pkcs7-mime; smime-type=signed-data": Sealed.SIGNED,
    }
    for kind, sealed in kinds.items():
        raw = b"From: a@b.example\r\nContent-Type: " + kind + b"; boundary=x\r\n\r\n--x\r\n" + inner + b"--x--\r\n"
        assert read(raw).sealed is sealed, kind
    assert read(b"From: a@b.example\n\n-----BEGIN PGP MESSAGE-----\n").sealed is Sealed.ENCRYPTED


@pytest.mark.parametrize(
    ("header", "robot"),
    [
        ("Auto-Submitted: auto-replied", True),
        ("Auto-Submitted: no", False),
        ("Precedence: bulk", True),
        ("List-Id: <x.y>", True),
        ("X-Autoreply: yes", True),
        ("X-Other: yes", False),
    ],
)
def test_robots_say_so(header: str, robot: bool) -> None:
    assert bool(read(f"From: a@b.example\n{header}\n\nx".encode()).robot) is robot


def test_reports_of_abuse_are_no_bounces() -> None:
    abuse = b"From: a@b.example\nContent-Type: multipart/report; report-type=feedback-report; boundary=x\n\n--x--\n"
    assert not read(abuse).bounce
    assert read(abuse.replace(b"feedback-report", b"delivery-status")).bounce
    assert read(b"Return-Path: <>\nFrom: a@b.example\n\nx").bounce


def test_heads_may_be_utf8_as_they_are() -> None:
    raw = "From: ដារ៉ា <dara@bank.example>\nSubject: ជួយផង über\n\nx".encode()
    assert (read(raw).subject, read(raw).sender) == ("ជួយផង über", "dara@bank.example")
    assert read(b"From: a@b.example\nSubject: \xff\xfe x\n\nx").subject.endswith("x")


def test_several_senders_are_none() -> None:
    for head in (b"From: a@b.example, c@d.example\n", b"From: a@b.example\nFrom: c@d.example\n", b"Subject: x\n"):
        assert read(head + b"\nx").sender == ""


def test_bombs_are_kept_and_not_taken_apart() -> None:
    deep = b"From: a@b.example\n" + b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(100)
    )
    assert read(deep).trouble is Trouble.TOO_DEEP
    many = b"From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n" + b"--x\n\ny\n" * (PARTS + 5)
    assert read(many).trouble is Trouble.TOO_MANY_PARTS and read(many).sender == "a@b.example"
    long = b"From: a@b.example\nX: " + b"x\n y" * HEAD + b"\n\nbody"
    assert read(long).trouble is Trouble.LONG_HEAD and read(long).sender == "a@b.example"
    assert read(b"").trouble is Trouble.UNREADABLE
    assert len(read(b"From: a@b.example\n\n" + b"x" * (TEXT * 3)).text) == TEXT


class Endless:
    """A mail of a size that nobody wants in memory; `most` bytes were held at once at the most."""

    def __init__(self, size: int) -> None:
        self._left = size
        self._head = BytesIO(
            b"From: a@b.example\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment; filename=x\n\n"
        )
        self._line = b64encode(bytes(57)) + b"\n"

    def readline(self, limit: int) -> bytes:
        if line := self._head.readline(limit):
            return line
        self._left -= len(self._line)
        return self._line if self._left > 0 else b""


def test_a_large_file_passes_and_is_not_held() -> None:
    import tracemalloc

    tracemalloc.start()
    mail = read_mail(Endless(5 << 20))  # type: ignore[arg-type]  # it is read by lines alone
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert mail.enclosed[0].size > 3 << 20 and most < 1 << 20


LINES = st.sampled_from(
    [
        b"From: a@b.example",
        b"Subject: =?utf-8?b?4Z6X?= =?x?q?=ff?=",
        b"Content-Type: multipart/mixed; boundary=x",
        b"Content-Type: multipart/signed; boundary*=utf-8''%FFx",
        b"Content-Type: text/html; charset=nonsense",
        b"Content-Type: text/plain; charset=utf-7",
        b"Content-Transfer-Encoding: base64",
        b"Content-Transfer-Encoding: quoted-printable",
        b"Content-Disposition: attachment; filename*0*=a'b'%zz",
        b"Message-ID: <a@b>",
        b"",
        b"--x",
        b"--x--",
        b"=3",
        b"====",
        b"<p><a href=x",
        b"\x00\xff\xfe",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.binary(max_size=2_000), st.lists(LINES, max_size=40).map(b"\r\n".join)))
def test_whatever_the_bytes_are_a_mail_comes_of_them(raw: bytes) -> None:
    source = BytesIO(raw)
    mail = read_mail(source)
    assert isinstance(mail, Mail)
    assert mail.trouble or source.read() == b"", "it is read to its end"
    for text in (mail.subject, mail.text, mail.sender_text, *(value for _, value in mail.headers)):
        assert "\x00" not in text
        text.encode()


@settings(max_examples=80, deadline=None)
@given(
    st.text(max_size=500)
    | st.lists(st.sampled_from(["<p>", "</script>", "<script>", "<a href=", "&#0;", "x", "<!--"])).map("".join)
)
def test_whatever_the_page_is_words_come_of_it(text: str) -> None:
    assert isinstance(read_page(text), str)


def test_what_is_kept_of_real_mails_of_the_tests(tmp_path: Path) -> None:
    made = message(Return_Path="<bounce@bank.example>")
    made.set_content("x" * 10, cte="8bit")
    file = tmp_path / "a.eml"
    file.write_bytes(made.as_bytes())
    with file.open("rb") as source:
        assert read_mail(source).text.startswith("xxxxx")
