"""A dossier on pages: opened, filled, released and disposed of by those who belong to it, hidden from all others."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from kouprey.kernel.seal.items import open_item
from kouprey.kernel.words.time import DAY, format_instant
from kouprey.people.model import Role
from kouprey.proceedings.model import Handed
from kouprey.proceedings.service import wrap_again
from kouprey.proceedings.wire import write_grants
from proceedings.conftest import BASIS, NAME, PLAIN, TITLE


def as_file(raw: bytes) -> Any:
    return {"file": ("x.sealed", raw, "application/octet-stream")}


def test_from_the_opening_to_the_release(bureau: Any) -> None:
    bopha, azman = bureau.person("Bopha", key=False), bureau.person("Azman <b>", Role.ANALYST)
    legal, reader = bureau.visitor(bopha), bureau.visitor(azman)
    assert "You belong to no dossier" in reader.text("/dossiers") and "Open a dossier" not in reader.text("/dossiers")
    assert reader.post("/dossiers", why="x").status_code == 403
    assert "Nothing can be sealed to you yet" in legal.text("/dossiers")
    assert "begins with age1" in legal.post("/dossiers/key", key="ssh-rsa x").text
    assert legal.post("/dossiers/key", key=bopha.key).status_code == 303
    assert bureau.dossiers.voice_of(bopha.key) in legal.text("/dossiers/key")
    assert "A text is missing" in legal.post("/dossiers", why="").text
    path = str(legal.post("/dossiers", why="Order 12").headers["location"])
    reader.text(path, 404)
    assert legal.post(f"{path}/acts", do="add-member", person=azman.id, part="reader", why="reads").status_code == 303
    page = legal.text(path)
    assert "Azman &lt;b&gt;" in page and bopha.key in page and "--through" in page and "Nothing is in it yet" in page
    raw = bureau.sealed(PLAIN, bopha, azman).getvalue()
    assert legal.post(f"{path}/items", files=as_file(raw)).status_code == 303
    assert "no sealed item" in legal.post(f"{path}/items", files=as_file(b"{}")).text
    (item,) = bureau.dossiers.get_dossier(bopha.who, path.split("/")[2]).items
    one = f"{path}/items/{item.id}"
    for text in (legal.text(path), legal.text(one), reader.text(one), reader.text(path)):
        assert "canary" not in text, "names are sealed too"
    assert reader.post(f"{one}/release", purpose="court", basis="").status_code == 400
    answer = reader.post(f"{one}/release", purpose="court", basis=BASIS)
    assert answer.status_code == 200
    body = reader.client.get(f"{one}/body").content
    assert open_item(body, answer.content, azman.secret) == (NAME, PLAIN)
    assert BASIS in legal.text(one) and "Released" in legal.text(path)


def test_an_emergency_stands_on_every_list_until_its_basis_is_filed(bureau: Any) -> None:
    bopha = bureau.person("Bopha")
    legal, dossier = bureau.visitor(bopha), bureau.dossier(bopha)
    item = bureau.item(dossier, bopha).id
    path, one = f"/dossiers/{dossier}", f"/dossiers/{dossier}/items/{item}"
    given = {"purpose": "court", "emergency": "yes", "ground": "a server is wiped"}
    assert legal.post(f"{one}/release", **given).status_code == 200
    assert "rests on no basis" in legal.text("/dossiers") and "a release lacks its basis" in legal.text("/dossiers")
    assert "lacks its basis" in legal.text(path) and "lacks its basis" in legal.text(one)
    (release,) = bureau.dossiers.get_dossier(bopha.who, dossier).releases
    assert legal.post(f"{path}/acts", do="file-basis", release=release.id, basis=BASIS).status_code == 303
    for page in ("/dossiers", path, one):
        assert "lacks its basis" not in legal.text(page)


def test_holds_and_what_is_done_with_an_item(bureau: Any) -> None:
    bopha, azman = bureau.person("Bopha"), bureau.person("Azman", Role.ANALYST)
    legal, reader, dossier = bureau.visitor(bopha), bureau.visitor(azman), bureau.dossier(bopha, azman)
    item = bureau.item(dossier, bopha)
    path, one = f"/dossiers/{dossier}", f"/dossiers/{dossier}/items/{item.id}"
    review = format_instant(bureau.now() + 30 * DAY)[:10]
    words = {"why": "the court of Sovan", "scope": "all of it"}
    assert "no such day" in legal.post(f"{path}/acts", do="hold", review="soon", **words).text
    assert legal.post(f"{path}/acts", do="hold", review=review, **words).status_code == 303
    assert "under a legal hold" in legal.text("/dossiers") and "It stays: the court of Sovan" in legal.text(one)
    refused = legal.post(f"{one}/acts", do="dispose", ground="over")
    assert refused.status_code == 409 and "legal hold" in refused.text
    (hold,) = bureau.dossiers.get_dossier(bopha.who, dossier).holds
    assert legal.post(f"{path}/acts", do="lift-hold", hold=hold.id, why="over").status_code == 303
    assert legal.post(f"{one}/acts", do="state", act="acquire", text="imaged").status_code == 303
    assert legal.post(f"{one}/acts", do="offer", person=azman.id, why="laboratory").status_code == 303
    assert "Custody is offered to you" in reader.text(one)
    assert reader.post(f"{one}/acts", do="receive", sha256=item.sha256).status_code == 303
    assert legal.post(f"{one}/acts", do="withhold", ground="names a witness").status_code == 303
    assert "names a witness" in legal.text(path)
    assert reader.post(f"{one}/acts", do="dispose", ground="x").status_code == 403
    assert legal.post(f"{one}/acts", do="nothing").status_code == 400
    assert legal.post(f"{path}/acts", do="nothing").status_code == 400
    assert legal.post(f"{one}/acts", do="dispose", ground="over").status_code == 303
    assert "Its sealed body and its keys were destroyed" in legal.text(one)
    assert legal.client.get(f"{one}/body").status_code == 409
    assert legal.post(f"{path}/acts", do="remove-member", person=azman.id, why="left").status_code == 303
    assert "had fetched nothing" in legal.text(path)


def test_somebody_more_and_what_leaves_the_page_as_a_file(bureau: Any) -> None:
    bopha, azman = bureau.person("Bopha"), bureau.person("Azman", Role.ANALYST)
    legal, dossier = bureau.visitor(bopha), bureau.dossier(bopha, azman)
    item = bureau.item(dossier, bopha).id
    one = f"/dossiers/{dossier}/items/{item}"
    assert "kouprey dossier grant released.age" in legal.text(one)
    reader = Handed(name="Azman", key=azman.key, box=b"")
    raw = write_grants(
        wrap_again(bureau.release(bopha, dossier, item), bopha.secret, [reader], bureau.dossiers.through())
    )
    assert "No file came" in legal.post(f"{one}/grants", why="joins").text
    sent = {"grants": ("a.grants", raw, "application/octet-stream")}
    assert legal.post(f"{one}/grants", files=sent, why="joins").status_code == 303
    assert bureau.release(azman, dossier, item)
    assert legal.client.get(f"{one}/custody.pdf").content.startswith(b"%PDF")
    proof = legal.client.get(f"{one}/proof.json?event=0")
    assert proof.json()["events"][0]["position"] == 0 and len(proof.json()["events"]) == 1
    assert len(legal.client.get(f"{one}/proof.json").json()["events"]) == 4
    assert legal.client.get(f"/dossiers/{dossier}/ledger.json").json()["format"] == "kouprey-custody-ledger/1"
    assert TITLE not in legal.text(one) and BytesIO(raw).read()
