"""Files by programs: given, listed, fetched and erased, and for those alone who may."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.agreements.model import Terms
from kouprey.agreements.service import Agreements
from kouprey.federation.api import files
from kouprey.kernel.words.time import wall_clock
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role
from kouprey.people.service import People

CONTENT = bytes(range(256)) * 5_000


@pytest.fixture
def agreement(programs: Any) -> str:
    """In force between the two."""
    programs.people.trust(programs.card(programs.partner), by="test")
    theirs = programs.nodes[programs.partner].services
    theirs.get(People).trust(programs.card(programs.home), by="test")
    ours = programs.node.services.get(Agreements)
    drafted = ours.draft("Test", [programs.partner], Terms(tlp_ceiling="amber"), starts=wall_clock(), by="op")
    signed = ours.sign(drafted.agreement, by="op")
    theirs.get(Agreements).receive_note(signed.note, signed.document_bytes, by=programs.home)
    both = theirs.get(Agreements).sign(drafted.agreement, by="op")
    made: str = ours.receive_note(both.note, both.document_bytes, by=programs.partner)
    return made


def test_a_program_gives_fetches_and_erases(programs: Any, agreement: str) -> None:
    asked = {"agreement": agreement, "name": "capture.pcap", "tlp": "amber"}
    lead, reader = programs.client(Role.LEAD), programs.client(Role.ANALYST)
    made = lead.post("files", params=asked, content=CONTENT, headers={"Content-Type": files.BYTES}).json()
    assert set(made) == set(files.File.__struct_fields__)
    assert (made["state"], made["size"], made["held"]) == ("whole", len(CONTENT), len(CONTENT))
    (listed,) = reader.get("files", params={"sha256": made["sha256"]}).json()["files"]
    assert listed == made == reader.get(f"files/{made['file']}").json()
    got = reader.get(f"files/{made['file']}/content")
    assert got.content == CONTENT and got.headers["content-disposition"].startswith("attachment")
    low = programs.client(Role.ANALYST, clearance=TLP.GREEN)
    assert low.get("files").json()["files"] == []
    assert low.get(f"files/{made['file']}").status_code == low.get(f"files/{made['file']}/content").status_code == 404
    assert reader.delete(f"files/{made['file']}").status_code == 403
    assert programs.client(Role.LEGAL).delete(f"files/{made['file']}").status_code == 204
    assert reader.get("files").json()["files"] == []


def test_what_cannot_be_given_is_refused(programs: Any, agreement: str) -> None:
    lead = programs.client(Role.LEAD)
    head = {"Content-Type": files.BYTES}
    for wrong, code in (
        ({"tlp": "purple"}, "bad-tlp"),
        ({"name": ".x"}, "bad-name"),
        ({"media_type": "x"}, "bad-name"),
    ):
        asked = {"agreement": agreement, "name": "a.bin", **wrong}
        assert lead.post("files", params=asked, content=CONTENT, headers=head).json()["code"] == code
    asked = {"agreement": agreement, "name": "a.bin"}
    assert programs.client(Role.ANALYST).post("files", params=asked, content=CONTENT, headers=head).status_code == 403
