"""Mail at a real node: a folder, a mailbox over TLS and a relay, each over its real socket."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiosmtpd.controller import Controller

from kouprey.kernel.net.mail import Relay
from kouprey.kernel.words.errors import Damaged, KoupreyError
from kouprey.people.model import Role
from kouprey.response.model.cases import Evidence, Sort
from kouprey.response.model.reports import Origin, Sending, Standing
from kouprey.response.service import Cases, Reports
from kouprey.response.service.fetching import STUCK
from kouprey.response.store import reports as rows
from mailboxes import Mailbox

SEALED = (
    b"From: Dara <dara@bank.com>\r\nTo: incident@ministry.example\r\nSubject: Encrypted\r\nMessage-ID: <1@bank.com>\r\n"
    b'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary=x\r\n\r\n--x\r\n'
    b"Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n--x\r\n"
    b"Content-Type: application/octet-stream; name=encrypted.asc\r\n\r\n-----BEGIN PGP MESSAGE-----\r\nx\r\n--x--\r\n"
)


def drop(folder: Path, name: str, raw: bytes, *, age: float = 10.0) -> Path:
    folder.mkdir(exist_ok=True)
    file = folder / name
    file.write_bytes(raw)
    os.utime(file, (time.time() - age, time.time() - age))
    return file


class Taker:
    def __init__(self) -> None:
        self.came: list[EmailMessage] = []
        self.said = "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.said.startswith("250"):
            self.came.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
        return self.said


@contextmanager
def taking() -> Iterator[tuple[Taker, Relay]]:
    taker = Taker()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(taker, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield taker, Relay(host="127.0.0.1", port=port, security="none", sender="incident@ministry.example", timeout=5)
    finally:
        controller.stop()


def jobs(node: Any) -> dict[str, Any]:
    return {each.name: each.call for each in node.jobs()}


def test_a_sealed_mail_opens_a_case_is_answered_and_joined(offices: Any) -> None:
    """A mail with PGP/MIME lies in the folder; its case has the original; the answer is answered, and joins it."""
    a, _, _ = offices
    reports, cases, who = a.node.services.get(Reports), a.node.services.get(Cases), a.handoffs.operator()
    work, folder = jobs(a.node), a.folder / "reports"
    drop(folder, "1.eml", SEALED)
    with taking() as (taker, relay):
        a.node.settings = msgspec.structs.replace(
            a.node.settings,
            smtp_host=relay.host,
            smtp_port=relay.port,
            smtp_security="none",
            smtp_from=relay.sender,
        )
        assert work["response.folder"]() == 1 and work["response.answers"]() == 1
        (answer,) = taker.came
        raw = (
            answer.as_bytes().replace(b"From:", b"X-Was:").replace(b"Auto-Submitted", b"X-A").replace(b"To:", b"X-To:")
        )
        reply = b"From: dara@bank.com\r\nIn-Reply-To: " + str(answer["Message-ID"]).encode() + b"\r\n" + raw
        drop(folder, "2.eml", reply.replace(b"\nMessage-ID", b"\nX-Id"))
        assert work["response.folder"]() == 1 and work["response.answers"]() == 0
    ((second, _), (first, case)), _more = reports.page(who)
    assert first.mail.sealed == "encrypted" and first.standing is Standing.NEW and case is not None
    assert second.standing is Standing.JOINED and second.case == first.case
    assert answer["To"] == "dara@bank.com" and f"[ministry.example #{case.number}]" in answer["Subject"]
    assert answer["In-Reply-To"] == "<1@bank.com>" and answer["Auto-Submitted"] == "auto-replied"
    assert "Encrypted" not in answer["Subject"] + answer.get_content()
    kept, _rest = cases.items(who, cases.get(who, case.id), [Sort.EVIDENCE])
    assert {each.body.sha256 for each in kept if isinstance(each.body, Evidence)} >= {sha256(SEALED).hexdigest()}
    assert sorted(each.name.partition("-")[2] for each in (folder / "taken").iterdir()) == ["1.eml", "2.eml"]
    assert list(folder.glob("*.eml")) == []


def test_what_is_not_whole_or_no_file_stays(offices: Any, tmp_path: Path) -> None:
    a, _, _ = offices
    reports, folder = a.node.services.get(Reports), a.folder / "reports"
    assert reports.take_folder() == 0, "no folder, no report"
    drop(folder, "new.eml", SEALED, age=0)
    drop(folder, ".hidden.eml", SEALED)
    drop(folder, "note.txt", SEALED)
    secret = tmp_path / "secret.eml"
    secret.write_bytes(SEALED)
    (folder / "link.eml").symlink_to(secret)
    (folder / "folder.eml").mkdir()
    assert reports.take_folder() == 0
    with pytest.raises(OSError):
        reports.take_file(folder / "link.eml")
    with pytest.raises(KoupreyError):
        reports.take_file(folder / "folder.eml")
    assert len(reports.take_path(folder)) == 1, "by command it is taken at once"
    a.ahead = 10
    assert reports.take_folder() == 0 and (folder / "taken").is_dir(), "the same bytes are one report"


def test_a_mailbox_is_read_once_and_left_as_it_is(offices: Any, tmp_path: Path) -> None:
    a, _, _ = offices
    reports, who = a.node.services.get(Reports), a.handoffs.operator()
    with Mailbox(tmp_path) as mailbox:
        password = tmp_path / "password"
        password.write_text("right\n")
        a.node.settings = msgspec.structs.replace(
            a.node.settings,
            imap_host="localhost",
            imap_port=mailbox.port,
            imap_user="cert",
            imap_secret_file=str(password),
            imap_ca_file=str(mailbox.certificate),
        )
        take = jobs(a.node)["response.mailbox"]
        mailbox.mails = {4: SEALED, 7: b"From: a@b.com\r\nSubject: Other\r\n\r\nx\r\n"}
        assert take() == 2 and take() == 0
        mailbox.mails[8] = b"From: c@b.com\r\nSubject: Third\r\n\r\nx\r\n"
        assert take() == 1
        # Numbers begin anew after the mailbox was moved: what is here already is not taken in again.
        mailbox.validity, mailbox.mails = 8, {1: SEALED, 2: b"From: d@b.com\r\n\r\ny\r\n"}
        assert take() == 1
        found, _ = reports.page(who)
        assert [each.origin for each, _ in found] == [Origin.MAILBOX] * 4
        mailbox.password = "other"
        assert take() == 0
        assert "does not let" in reports.box_state()[1].error
        assert "could not be read" in a.visitor(Role.LEAD).text("/reports")
        mailbox.password = "right"
        assert take() == 0 and reports.box_state()[1].error == ""
    assert not any(word in each for each in mailbox.said for word in ("STORE", "EXPUNGE", "SELECT"))
    a.node.settings = msgspec.structs.replace(a.node.settings, imap_host="")
    assert reports.box_state() is None and take() == 0


def test_a_mail_that_cannot_be_placed_is_set_aside_and_blocks_none_behind_it(
    offices: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, _, _ = offices
    reports, who = a.node.services.get(Reports), a.handoffs.operator()
    placed = Reports.bodies_of

    def bodies_of(self: Reports, report: Any) -> Any:
        if report.mail.subject == "Bad":
            raise Damaged("The words cannot be kept.", code="bad-text")
        return placed(self, report)

    monkeypatch.setattr(Reports, "bodies_of", bodies_of)
    with Mailbox(tmp_path) as mailbox:
        password = tmp_path / "password"
        password.write_text("right\n")
        imap = {"imap_host": "localhost", "imap_port": mailbox.port, "imap_user": "cert"}
        files = {"imap_secret_file": str(password), "imap_ca_file": str(mailbox.certificate)}
        a.node.settings = msgspec.structs.replace(a.node.settings, **imap, **files)
        bad, good = (f"From: a@b.com\r\nSubject: {each}\r\n\r\nx\r\n".encode() for each in ("Bad", "Good"))
        mailbox.mails = {4: bad, 7: good}
        take = jobs(a.node)["response.mailbox"]
        assert take() == 2 and take() == 0 and reports.box_state()[1].error == ""
    found, _ = reports.page(who)
    standings = {each.sha256: (each.standing, each.kept) for each, _ in found}
    assert standings[sha256(bad).hexdigest()] == (Standing.REFUSED, True)
    assert standings[sha256(good).hexdigest()][0] is Standing.NEW


def test_an_answer_is_tried_again_and_never_sent_twice(bureau: Any, tmp_path: Path) -> None:
    reports, store = bureau.reports, bureau.actor.store
    drop(tmp_path / "in", "1.eml", b"From: dara@bank.com\nSubject: Help\n\nx\n")
    reports.take_path(tmp_path / "in")

    def answer() -> Any:
        return next(iter(reports.get(bureau.lead, "1").answers))

    assert reports.post() == 0 and answer().sending is Sending.WAITING, "without a relay it waits for a person"
    with taking() as (taker, relay):
        bureau.relay, taker.said = relay, "451 later"
        assert reports.post() == 0 and answer().sending is Sending.WAITING and answer().tries == 1
        taker.said = "250 OK"
        assert reports.post() == 0, "its time has not come"
        bureau.actor.ahead = 61
        assert reports.post() == 1 and answer().sending is Sending.SENT and len(taker.came) == 1
        assert reports.post() == 0
        drop(tmp_path / "in", "2.eml", b"From: vanna@bank.com\nSubject: Help\n\ny\n")
        reports.take_path(tmp_path / "in")
        taker.said = "550 no"
        assert reports.post() == 0
        (failed,) = reports.get(bureau.lead, "2").answers
        assert failed.sending is Sending.FAILED and "550" in failed.why
        assert [each.id for each, _ in reports.answers(bureau.lead)] == [failed.id]
        # The node stops while it hands one over: nobody knows whether it went, so a person decides.
        drop(tmp_path / "in", "3.eml", b"From: malis@bank.com\nSubject: Help\n\nz\n")
        reports.take_path(tmp_path / "in")
        (waiting,) = reports.get(bureau.lead, "3").answers
        handing = msgspec.structs.replace(waiting, sending=Sending.HANDING)
        assert store.write(lambda tx: rows.move_answer(tx, handing, Sending.WAITING))
        assert reports.post() == 0 and reports.get(bureau.lead, "3").answers == [handing]
        bureau.actor.ahead += STUCK // 1_000_000 + 1
        reports.post()
        (unsure,) = reports.get(bureau.lead, "3").answers
        assert unsure.sending is Sending.UNSURE and len(taker.came) == 1
