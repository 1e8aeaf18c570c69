"""The page of files: one is given, a partner saves it, and who is not cleared learns nothing of it."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import PERMISSIONS, Permission, Role

Face = Any
Do = Callable[..., Any]
PUBLISHER = next(
    role for role in Role if Permission.PUBLISH in PERMISSIONS[role] and Permission.READ in PERMISSIONS[role]
)
PDF = b"%PDF-1.7 <script>alert(1)</script>" * 60_000


def carry(ministry: Face, operator: Face) -> None:
    stick = BytesIO()
    assert ministry.lanes.ready or ministry.lanes.start()
    ministry.lanes.append_waiting()
    ministry.federation.parcels.make(operator.people.home_id, stick, by="test")
    stick.seek(0)
    assert operator.federation.parcels.read(stick, by="test").problems == []


def give(face: Face, agreement: str, **how: str) -> Any:
    fields = {"agreement": agreement, "tlp": "amber", **how}
    files = {"file": ("របាយការណ៍.pdf", PDF, "application/pdf")}
    return face.visitor(PUBLISHER).post("/files", fields, files=files)


def test_a_file_goes_from_page_to_page(pair: tuple[Face, Face], agreed: Do, text_of: Do) -> None:
    ministry, operator = pair
    agreement = agreed(ministry, operator)
    said = text_of(ministry.visitor(PUBLISHER).get("/files").text)
    assert "No files yet" in said and "Give a file" in said
    assert give(ministry, agreement).status_code == 303
    carry(ministry, operator)
    page = operator.visitor(Role.ANALYST).get("/files")
    (found,) = operator.federation.files.list(None)
    assert "របាយការណ៍.pdf" in page.text and "here" in text_of(page.text) and found.sha256 in page.text
    got = operator.visitor(Role.ANALYST).get(f"/files/{found.file}")
    assert got.content == PDF
    assert got.headers["content-disposition"].startswith("attachment;")
    assert (got.headers["content-type"], got.headers["x-content-type-options"]) == (
        "application/octet-stream",
        "nosniff",
    )


def test_how_much_is_here_is_told_and_nothing_of_half_a_file(pair: tuple[Face, Face], agreed: Do, text_of: Do) -> None:
    ministry, operator = pair
    agreement = agreed(ministry, operator)
    give(ministry, agreement)
    carry(ministry, operator)
    (found,) = operator.federation.files.list(None)
    operator.store.write(lambda tx: tx.execute("DELETE FROM blob_chunk WHERE number = 1"))
    operator.store.write(lambda tx: tx.execute("UPDATE blob_file SET state = 0, held = 1048576"))
    visitor = operator.visitor(Role.ANALYST)
    assert "on its way" in text_of(visitor.get("/files").text) and "1.0 MiB of" in text_of(visitor.get("/files").text)
    assert visitor.get(f"/files/{found.file}").status_code == 409


def test_what_is_refused_says_why_and_keeps_what_was_chosen(pair: tuple[Face, Face], agreed: Do, text_of: Do) -> None:
    ministry, operator = pair
    agreement = agreed(ministry, operator)
    visitor = ministry.visitor(PUBLISHER)
    assert "No file was sent." in text_of(visitor.post("/files", {"agreement": agreement, "tlp": "green"}).text)
    refused = give(ministry, agreement, tlp="purple")
    assert refused.status_code == 400 and ministry.federation.files.list(None) == []


def test_who_is_not_cleared_learns_nothing(pair: tuple[Face, Face], agreed: Do) -> None:
    ministry, operator = pair
    agreement = agreed(ministry, operator)
    give(ministry, agreement)
    (found,) = ministry.federation.files.list(None)
    low = ministry.visitor(Role.ANALYST, clearance=TLP.GREEN)
    assert "របាយការណ៍" not in low.get("/files").text
    assert low.get(f"/files/{found.file}").status_code == 404
    assert low.get(f"/files/{'0' * 32}").status_code == 404
    assert ministry.visitor(Role.AUDITOR).post("/files", {"agreement": agreement}).status_code == 403
