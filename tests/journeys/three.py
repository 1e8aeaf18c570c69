"""Three served nodes with an agreement about hand-offs, the mail relay of the first, and programs of people by role."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from aiosmtpd.controller import Controller

from journeys.conftest import FAST, free_ports
from kouprey.agreements.model import HandOffTerm
from kouprey.agreements.service import Agreements
from kouprey.node.actors import Actor
from kouprey.node.cuts import DeadLineCut
from kouprey.node.fiction import CAST
from kouprey.node.story import Story

HOUR = 3_600
SEALED = (
    b"From: Dara <dara@bank.example>\r\nTo: incident@ministry.example\r\nSubject: Encrypted\r\n"
    b"Message-ID: <1@bank.example>\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary=x\r\n\r\n--x\r\n'
    b"Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n--x\r\n"
    b"Content-Type: application/octet-stream; name=encrypted.asc\r\n\r\n-----BEGIN PGP MESSAGE-----\r\nx\r\n--x--\r\n"
)
"""A mail that only its receiver could read."""


class Relay:
    """Takes the mail of a node, over a real socket."""

    def __init__(self) -> None:
        self.came: list[EmailMessage] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.came.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


class Three:
    """The nodes of the story up to its agreement."""

    def __init__(self, story: Story, relay: Relay) -> None:
        self.story, self.relay = story, relay
        self.ministry, self.operator, self.neighbour = story.actors
        self.clocks: dict[int, str] = {}
        self._programs: dict[tuple[str, str], httpx.Client] = {}

    def program(self, actor: Actor, role: str = "lead") -> httpx.Client:
        """A client of the interface for programs, with a token of this role and cleared for everything."""
        key = (actor.party, role)
        if key not in self._programs:
            words = ("--party", actor.party, "--role", role, "--clearance", "red", "--name", f"{role}'s desk")
            secret = actor.command("token", "create", *words)["token"]
            headers = {"Host": actor.url.partition("//")[2], "Authorization": f"Bearer {secret}"}
            self._programs[key] = httpx.Client(base_url=f"{actor.link_url}/api/v1", headers=headers, timeout=60)
        return self._programs[key]

    def close(self) -> None:
        for each in self._programs.values():
            each.close()


@contextmanager
def open_three(folder: Path, terms: Sequence[HandOffTerm]) -> Iterator[Three]:
    """The nodes, served; their agreement has these terms in its clause 15."""
    relay = Relay()
    *ports, smtp = free_ports(len(CAST) + 1)
    controller = Controller(relay, hostname="127.0.0.1", port=smtp)
    controller.start()
    mail = {
        "KOUPREY_SMTP_HOST": "127.0.0.1",
        "KOUPREY_SMTP_PORT": str(smtp),
        "KOUPREY_SMTP_SECURITY": "none",
        "KOUPREY_SMTP_FROM": "incident@ministry.example",
    }
    actors = {
        cast.key: Actor(
            cast=cast,
            folder=folder / cast.key,
            address=f"127.0.0.1:{port}",
            url=f"http://{cast.key}.localhost:{port}",
            environment=FAST | (mail if cast.key == "ministry" else {}),
        )
        for cast, port in zip(CAST, ports, strict=True)
    }
    story, drafted = Story(actors, cut=DeadLineCut()), Agreements.draft

    def draft(self: Agreements, title: str, parties: Any, given: Any, **more: Any) -> Any:
        types = tuple(dict.fromkeys((*given.types, "hand-off")))
        wanted = msgspec.structs.replace(given, types=types, handoffs=tuple(terms))
        return drafted(self, title, parties, wanted, **more)

    made = Three(story, relay)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Agreements, "draft", draft)
        try:
            for key in ("nodes", "cards", "agreement"):
                story.play(next(each for each in story.chapters if each.key == key))
            yield made
        finally:
            made.close()
            story.stop()
            controller.stop()


def drop(actor: Actor, name: str, raw: bytes) -> None:
    """Leave a mail in the folder that the node takes reports from."""
    folder = actor.folder / "reports"
    folder.mkdir(exist_ok=True)
    file = folder / name
    file.write_bytes(raw)
    # As if nobody had been writing it for a while.
    os.utime(file, (time.time() - 10, time.time() - 10))


def reply_to(answer: EmailMessage, sender: str, text: str) -> bytes:
    """What somebody writes back who got this answer."""
    reply = EmailMessage()
    reply["From"], reply["To"], reply["Message-ID"] = sender, answer["From"], f"<2@{sender.partition('@')[2]}>"
    reply["In-Reply-To"], reply["Subject"] = answer["Message-ID"], f"Re: {answer['Subject']}"
    reply.set_content(text)
    return bytes(reply)
