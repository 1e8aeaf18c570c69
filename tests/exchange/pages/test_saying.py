"""What people say on the page of an object: kept, shown, taken back, and only by who may."""

from __future__ import annotations

from typing import Any

from kouprey.audit.service import Audit
from kouprey.audit.wire import Form
from kouprey.node import fiction
from kouprey.people.model import Role

CANARY = fiction.CANARY


def test_a_note_and_an_opinion_are_shown(desk: Any) -> None:
    target = desk.thing("malware", "Wick", is_family=True)
    desk.take(target)
    reader, path = desk.visitor(Role.ANALYST), f"/intelligence/{target['id']}"
    assert reader.post(f"{path}/note", text="<b>Sinkholed.</b>").status_code == 303
    assert reader.post(f"{path}/opinion", opinion="disagree", because="A scanner of ours.").status_code == 303
    for form, fields in (("note", {"text": " "}), ("opinion", {"opinion": "perhaps"})):
        assert reader.post(f"{path}/{form}", **fields).status_code == 303
    text = reader.text(path)
    assert "&lt;b&gt;Sinkholed.&lt;/b&gt;" in text and "A scanner of ours." in text
    assert "against it or looking in vain: 1" in text
    desk.assert_harmless(text)
    auditor = desk.visitor(Role.AUDITOR)
    assert not [each for each in desk.links(auditor.text(path)) if each.endswith(("/note", "/opinion", "/merge"))]
    for form in ("sight", "note", "opinion", "merge", "unmerge"):
        assert auditor.post(f"{path}/{form}").status_code == 403


def test_two_are_one_and_two_again(desk: Any) -> None:
    wick, lamp = (desk.thing("malware", name, is_family=True, aliases=["Docht"]) for name in ("Wick", "Lamp"))
    kit = desk.thing("tool", "Press kit")
    ends = {"source_ref": lamp["id"], "target_ref": kit["id"]}
    desk.take(wick, lamp, kit, desk.thing("relationship", "uses", relationship_type="uses", **ends))
    reader, path = desk.visitor(Role.ANALYST), f"/intelligence/{wick['id']}"
    assert "Perhaps the same" in reader.text(path) and "Press kit" not in reader.text(path)
    assert reader.post(f"{path}/merge", into=str(lamp["id"]), because="One tool.").status_code == 303
    for each in (path, f"/intelligence/{lamp['id']}"):
        text = reader.text(each)
        assert "Taken for the same" in text and "One tool." in text and "Perhaps the same" not in text
        assert "Press kit" in text, "the relations of both"
        desk.assert_harmless(text)
    fields = {"one": str(wick["id"]), "into": str(lamp["id"])}
    assert reader.post(f"{path}/unmerge", **fields).status_code == 303
    assert "Taken for the same" not in reader.text(path)
    assert reader.post(f"{path}/unmerge", **fields).status_code == 303, "the second time it says why not"


def test_the_audit_tells_nothing_of_what_its_reader_may_not_see(desk: Any, secrets: list[str]) -> None:
    """Every deed with what an object says, done by who is cleared: an auditor who is not may read of the deeds."""
    red = desk.marked("malware", f"Wick {CANARY}", "red", is_family=True, description=CANARY, aliases=[CANARY])
    other = desk.marked("malware", f"Lamp {CANARY}", "red", is_family=True, description=CANARY)
    desk.take(red, other)
    lead, path = desk.visitor(Role.LEAD), f"/intelligence/{red['id']}"
    for form, fields in (
        ("sight", {"count": "2", "description": CANARY}),
        ("note", {"text": CANARY}),
        ("opinion", {"opinion": "agree", "because": CANARY}),
        ("merge", {"into": str(other["id"]), "because": CANARY}),
        ("unmerge", {"one": str(red["id"]), "into": str(other["id"])}),
    ):
        assert lead.post(f"{path}/{form}", **fields).status_code == 303
    assert CANARY in lead.text(path)
    for form in ("stix", "csv", "ndjson"):
        assert lead.get(f"/intelligence/export?form={form}").status_code in (200, 400)
    audit = desk.node.services.get(Audit)
    trail = b"".join(audit.export(Form.NDJSON, by="test")).decode()
    for deed in ("sight", "note", "opine", "merge", "unmerge"):
        assert f"exchange.{deed}" in trail, "the deeds themselves are there"
    assert str(red["id"]) in trail and CANARY not in trail
