"""Templates on both engines: each version stays, and nobody finds one that is not for them."""

from __future__ import annotations

import msgspec

from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role
from kouprey.response.service import CaseTemplates
from kouprey.response.store import casetemplates as rows
from response.bureaus import Bureau


def test_versions_stay_and_lists_are_for_whom_they_are(bureau: Bureau) -> None:
    actor = bureau.actor
    templates = CaseTemplates(actor.store, actor.people, actor.agreements, bureau.cases, actor.now)
    made = [templates.keep(bureau.lead, bureau.open(tlp=TLP.AMBER).id, name) for name in ("B", "A")]
    newer = templates.change(bureau.lead, made[0].id, 1, name="C")
    low = bureau.who(Role.LEAD, clearance=TLP.GREEN)
    with actor.store.read() as reader:
        eyes, blind = bureau.cases.eyes(bureau.lead), bureau.cases.eyes(low)
        found = rows.list_templates(reader, eyes, retired=False, limit=9)
        assert [each.name for each in found] == ["A", "C"] and found[1] == newer
        assert rows.list_templates(reader, eyes, retired=False, limit=1) == found[:1]
        assert rows.list_templates(reader, blind, retired=False, limit=9) == []
        assert rows.find_template(reader, made[0].id, blind) is None
        versions = rows.list_template_versions(reader, made[0].id)
    assert [each.name for each in versions] == ["C", "B"] and versions[1] == msgspec.structs.replace(made[0])
