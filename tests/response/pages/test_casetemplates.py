"""Templates on pages: kept from a case, changed, retired and brought back, carried as a file, begun with."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role
from kouprey.response.service import CaseTemplates

HERE = {"Origin": "http://127.0.0.1:8420"}


def test_from_a_case_to_the_next_one(offices: Any) -> None:
    a, _, _ = offices
    lead, press, outsider = a.visitor(Role.LEAD), a.visitor(Role.COMMUNICATIONS), a.visitor(Role.ADMINISTRATOR)
    assert "No templates yet" in lead.text("/cases/templates")
    lead.post("/cases", title="A page shows another text", tlp="amber", type="phishing", severity="high")
    lead.post("/cases/1/items", sort="task", title="Take <it> off", track="technical")
    lead.post("/cases/1/items", sort="task", title="Tell the press", track="communication")
    assert 'href="/cases/1/template"' in lead.text("/cases/1")
    assert "Neither title, summary" in lead.text("/cases/1/template")
    assert lead.post("/cases/1/template", name=" ").status_code == 400
    kept = lead.post("/cases/1/template", name="A page is defaced", description="When a page changed.", tlp="amber")
    assert kept.status_code == 303, kept.text[:300]
    path = kept.headers["location"]
    text = lead.text(path)
    assert "Take &lt;it&gt; off" in text and "Tell the press" in text and "When a page changed." in text
    assert "Tell the press" in press.text(path) and "Take &lt;it&gt;" not in press.text(path)
    outsider.text("/cases/templates", 403)
    changed = lead.post(
        path,
        version="1",
        tasks="yes",
        **{"title-0": "Take it off", "hours-0": "4", "text-0": "", "out-1": "yes", "title-new": "Call the hoster"},
        **{"track-new": "technical", "hours-new": ""},
    )
    assert changed.status_code == 303, changed.text[:500]
    text = lead.text(path)
    assert "within 4 hours" in text and "Call the hoster" in text and "Tell the press" not in text
    minutes = a.node.services.get(CaseTemplates)
    who = Reader(party=a.party, clearance=TLP.RED, local=True, name="operator")
    held = minutes.get(who, path.rpartition("/")[2])
    short = [msgspec.structs.replace(held.tasks[0], due_s=1_800), *held.tasks[1:]]
    minutes.change(who, held.id, held.version, tasks=tuple(short))
    same = {"title-0": "Take it off", "hours-0": "1", "title-1": "Call the hoster", "hours-1": ""}
    assert lead.post(path, version="3", tasks="yes", **same).status_code == 303
    assert minutes.get(who, held.id).tasks[0].due_s == 1_800, "what was left as it is keeps its seconds"
    late = lead.post(path, version="1", whole="yes", name="Late", title="", tlp="amber")
    assert late.status_code == 409 and "meanwhile" in late.text
    again = lead.post(path, version="4", whole="yes", name="Defaced", title="A page", tlp="red", severity="low")
    assert again.status_code == 303 and "Defaced" in lead.text("/cases/templates")
    template = path.rpartition("/")[2]
    form = lead.text(f"/cases/new?template={template}")
    assert re.search(rf'<option value="{template}" selected', form) and 'value="A page"' in form
    opened = lead.post("/cases", title="Another page", tlp="red", template=template, severity="low")
    assert opened.status_code == 303, opened.text[:300]
    text = lead.text(opened.headers["location"])
    assert "Take it off" in text and "Call the hoster" in text and "opened it by a template" in text
    low = lead.post("/cases", title="x", tlp="amber", template=template)
    assert low.status_code == 409 and "marked no lower" in low.text
    both = lead.post("/cases", title="x", tlp="red", template=template, strategy="course-of-action--1")
    assert both.status_code == 400


def test_retired_carried_as_a_file_and_taken_in(offices: Any) -> None:
    a, b, _ = offices
    lead, there = a.visitor(Role.LEAD), b.visitor(Role.LEAD)
    lead.post("/cases", title="x", tlp="amber")
    lead.post("/cases/1/items", sort="task", title="Take it off", track="technical")
    path = lead.post("/cases/1/template", name="A page is defaced").headers["location"]
    file = lead.client.get(f"{path}/template.json")
    assert "attachment" in file.headers["content-disposition"]

    def hand_in(raw: bytes, **fields: str) -> Any:
        files = {"file": ("x.json", raw, "application/json")}
        data = {"csrf": there.csrf, **fields}
        return there.client.post("/cases/templates", data=data, files=files, headers=HERE)

    taken = hand_in(file.content, tlp="clear")
    assert taken.status_code == 303, taken.text[:300]
    assert "Take it off" in there.text(taken.headers["location"])
    wrong = hand_in(b"[]", tlp="clear")
    assert wrong.status_code == 400 and "cannot be read" in wrong.text
    assert there.post("/cases/templates", tlp="clear").status_code == 400
    assert lead.post(f"{path}/retired", version="1", retired="yes").status_code == 303
    assert "A page is defaced" not in lead.text("/cases/templates")
    assert "A page is defaced" in lead.text("/cases/templates?retired=yes") and "Bring it back" in lead.text(path)
    assert lead.post(f"{path}/retired", version="1", retired="no").status_code == 409
    assert lead.post(f"{path}/retired", version="2", retired="no").status_code == 303
    assert "A page is defaced" in lead.text("/cases/templates")
