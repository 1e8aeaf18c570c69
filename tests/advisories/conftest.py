"""A ministry and an operator whose agreement covers statements: whole nodes, with people at their desks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from inprocess import AppClient
from kouprey.advisories.model import Claim, Content, Kind, Published, Verdict, Words
from kouprey.advisories.service import Checker, Desk, Statements
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role
from response.conftest import TERMS, Office

RUMOUR = "The border at Sovan closes on Monday for ever, says https://news.example/a?id=7"
KHMER = "ច្រកព្រំដែនសុវណ្ណនឹងបិទនៅថ្ងៃច័ន្ទជារៀងរហូត"


def content(**more: Any) -> Content:
    """An answer to a rumour in both languages."""
    words: dict[str, Any] = {
        "kind": Kind.RUMOUR_RESPONSE,
        "verdict": Verdict.FALSE,
        "languages": {
            "en": Words(title="The border stays open", body="Nobody has closed it.", what_to_do="Travel as planned."),
            "km": Words(title="ព្រំដែននៅបើក", body="គ្មាននរណាបិទវាទេ។", what_to_do="ធ្វើដំណើរដូចធម្មតា។"),
        },
        "claims": (Claim(text=RUMOUR, urls=("https://news.example/a?id=7",)), Claim(text=KHMER)),
        "contact": "+855 23 555 0100",
    }
    return Content(**(words | more))


class Bureau(Office):
    """A node whose people write statements."""

    def __init__(self, folder: Path, party: str) -> None:
        super().__init__(folder, party)
        self.statements: Statements = self.node.services.get(Statements)
        self.desk: Desk = self.node.services.get(Desk)
        self.checker: Checker = self.node.services.get(Checker)
        self.press = self.person("Press", Role.COMMUNICATIONS)
        self.lead = self.person("Lead", Role.LEAD)

    def person(self, name: str, *roles: Role) -> Reader:
        """Somebody of this party, with their roles."""
        made = self.people.save_person(name, roles, TLP.GREEN, by="test")
        return msgspec.structs.replace(self.people.reader_of(made), roles=tuple(map(str, roles)))

    def publish(self, said: Content | None = None, rumours: tuple[str, ...] = ()) -> Published:
        """Written by one, approved by two, published."""
        draft = self.desk.draft(self.press, said or content(), rumours)
        for who in (self.press, self.lead):
            self.desk.approve(who, draft.id, draft.revision)
        return self.desk.publish(self.lead, draft.id, draft.revision)

    def stranger(self) -> AppClient:
        """A browser in which nobody is signed in."""
        from kouprey.node.web import build_web
        from response.conftest import HERE

        return AppClient(build_web(self.node), base_url=HERE, follow_redirects=False)


@pytest.fixture
def ministry(tmp_path: Path) -> Iterator[Bureau]:
    made = Bureau(tmp_path / "m", "ministry.example")
    yield made
    made.node.close()


@pytest.fixture
def bureaus(tmp_path: Path) -> Iterator[tuple[Bureau, Bureau, str]]:
    """Both, and their agreement in force."""
    a, b = Bureau(tmp_path / "a", "ministry.example"), Bureau(tmp_path / "b", "operator.example")
    yield a, b, agree(a, b)
    a.node.close()
    b.node.close()


def agree(a: Bureau, b: Bureau) -> str:
    """They know each other, and their agreement covers statements."""
    a.people.trust(b.people.home().note, by="test")
    b.people.trust(a.people.home().note, by="test")
    terms = msgspec.structs.replace(TERMS, tlp_ceiling="amber", types=("intelligence", "statement"))
    draft = a.agreements.draft("Mekong exchange", [a.party, b.party], terms, starts=a.now() - 10**7, by="test")
    signed = a.agreements.sign(draft.agreement, by="test")
    b.agreements.receive_note(signed.note, signed.document_bytes, by="test")
    both = b.agreements.sign(draft.agreement, by="test")
    a.agreements.receive_note(both.note, both.document_bytes, by="test")
    return str(draft.agreement)
