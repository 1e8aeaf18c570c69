"""An item goes across a border by pages alone, and how pages call what happened."""

from __future__ import annotations

from typing import Any

from kouprey.people.model import Role
from kouprey.proceedings.model import Handed
from kouprey.proceedings.pages.telling import Names, command, events_of, read_day
from kouprey.proceedings.service import wrap_again
from kouprey.proceedings.wire import write_grants
from proceedings.conftest import refusal


def test_given_and_received_on_pages(two: Any) -> None:
    a, b, agreement = two
    bopha, azman = a.person("Bopha"), b.person("Azman", Role.ANALYST)
    legal, there, dossier = a.visitor(bopha), b.visitor(azman), a.dossier(bopha)
    item = a.item(dossier, bopha)
    one = f"/dossiers/{dossier}/items/{item.id}"
    page = legal.text(one)
    assert a.dossiers.through(b.party) in page and "Given to no partner" in page
    reader = Handed(name="Azman", key=azman.key, box=b"")
    raw = write_grants(
        wrap_again(a.release(bopha, dossier, item.id), bopha.secret, [reader], a.dossiers.through(b.party))
    )
    sent = {"grants": ("there.grants", raw, "application/octet-stream")}
    words = {"to": f"{agreement} {b.party}", "purpose": "assistance"}
    assert legal.post(f"{one}/given", files=sent, basis="", **words).status_code == 400
    assert legal.post(f"{one}/given", files=sent, basis="MLA 2026/114", **words).status_code == 303
    assert "not yet received" in legal.text(one) and "Azman" in legal.text(one)
    a.parcel(b)
    (theirs,) = b.dossiers.list_dossiers(azman.who)
    (arrived,) = b.dossiers.get_dossier(azman.who, theirs.id).items
    place = f"/dossiers/{theirs.id}/items/{arrived.id}"
    assert "Take it into custody" in there.text(place) and "from Ministry.Example" in there.text("/dossiers")
    assert there.post(f"{place}/acts", do="receive", sha256=item.sha256).status_code == 303
    b.parcel(a)
    assert "received there" in legal.text(one) and "Received by the partner" in legal.text(one)
    outsider = b.visitor(b.person("Chan", Role.LEGAL, Role.ADMINISTRATOR))
    assert "You belong to no dossier" in outsider.text("/dossiers")
    for path in (place, f"{place}/body", f"{place}/custody.pdf", f"{place}/proof.json", f"/dossiers/{theirs.id}"):
        assert outsider.client.get(path).status_code == 404, path
    assert outsider.post(f"{place}/release", purpose="court", basis="x").status_code == 404


def test_how_pages_read_and_tell(bureau: Any) -> None:
    assert read_day("") == 0 and read_day("1970-01-02") == 86_400 * 10**6
    assert refusal(lambda: read_day("tomorrow")) == "bad-day"
    assert command("seal FILE", [("A b", "age1x")], "age1n", "-o x") == (
        "kouprey dossier seal FILE --reader 'A b=age1x' --through age1n -o x"
    )
    bopha = bureau.person("Bopha")
    dossier = bureau.dossier(bopha)
    item = bureau.item(dossier, bopha).id
    bureau.release(bopha, dossier, item, basis="", emergency=True, ground="it is being wiped")
    bureau.dossiers.remind()
    names = Names(bureau.people)
    kept = bureau.dossiers.get_dossier(bopha.who, dossier)
    told = events_of(bureau.dossiers.list_events(bopha.who, dossier), kept, names)
    assert [each["title"] for each in told] == [
        "Told: a release has no basis",
        "Released",
        "Sealed and handed in",
        "Dossier opened",
    ]
    assert told[1]["text"] == "Bopha · item 1 · Prosecution · it is being wiped · without a basis"
    assert names.of("node") == "this node" and names.of("psn_gone") == "psn_gone"
