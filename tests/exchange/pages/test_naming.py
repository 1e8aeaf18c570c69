"""What a page calls things, and what it does not name to whoever may not see it."""

from __future__ import annotations

import html
import io
import json
import re
import uuid
from typing import Any

from kouprey.kernel.words.tlp import TLP
from kouprey.node import fiction
from kouprey.people.model import Role

CANARY = fiction.CANARY
MINISTRY = fiction.MINISTRY.party
EVIL = "<script>alert('x')</script><img src=x onerror=alert(1)>\u202etxt.exe\u202c\u2066"


def test_hostile_text_is_only_text_on_every_page(desk: Any, agreed: str) -> None:
    evil = desk.thing(
        "campaign", "evil", name=EVIL, description=EVIL, aliases=[EVIL], objective=EVIL, labels=[EVIL], lang=EVIL
    )
    desk.take(evil, name=EVIL)
    desk.take({**evil, "description": "Other." + EVIL, "x_" + "k": EVIL}, name="b" + EVIL)
    indicator = desk.thing("indicator", EVIL, pattern=f"[url:value = '{EVIL}']", pattern_type=EVIL)
    indicator |= {"valid_from": "2026-10-27T00:00:00Z", "indicator_types": [EVIL]}
    relation = desk.thing(
        "relationship", "r", relationship_type="uses-it", source_ref=evil["id"], target_ref=indicator["id"]
    )
    file = {"type": "file", "spec_version": "2.1", "id": fiction.stix_id("file", "f"), "name": EVIL}
    file["hashes"] = {"SHA-256": "ab", EVIL: EVIL}
    desk.take(indicator, relation, file)
    reader = desk.visitor(Role.LEAD)
    ids = [str(each["id"]) for each in (evil, indicator, relation, file)]
    paths = ["/", "/overview/now", "/intelligence", f"/intelligence?q={EVIL}", f"/intelligence?type={EVIL}"]
    paths += [f"/intelligence/{stix_id}" for stix_id in ids]
    paths += [f"/intelligence/{stix_id}/publish" for stix_id in ids]
    for path in paths:
        desk.assert_harmless(reader.text(path))
    answer = reader.post(f"/intelligence/{evil['id']}/sight", count="1", note=EVIL)
    assert answer.status_code == 303
    desk.assert_harmless(reader.text(f"/intelligence/{evil['id']}"))
    answer = reader.post(f"/intelligence/{evil['id']}/publish", agreement=agreed)
    assert answer.status_code == 200
    desk.assert_harmless(answer.text)
    refused = io.BytesIO(json.dumps({"type": "bundle", "objects": [{"type": EVIL, "id": EVIL}]}).encode())
    answer = reader.post("/intelligence/import", files={"file": (EVIL, refused)})
    text = reader.text(answer.headers["location"])
    assert "Refused" in text
    desk.assert_harmless(text)


def normal(text: str, *words: str) -> str:
    """The page without what differs between any two requests."""
    for word in words:
        text = text.replace(html.escape(word), "WORD").replace(word, "WORD")
    return re.sub(r"<code>[0-9a-f]{16}</code>", "", text)


def test_a_low_clearance_learns_nothing_of_what_is_above_it(desk: Any, agreed: str, secrets: list[str]) -> None:
    low = desk.visitor(Role.LEAD, clearance=TLP.GREEN)
    high = desk.visitor(Role.LEAD, clearance=TLP.RED)
    campaign, report = fiction.stix_id("campaign", "Paper Lantern"), fiction.stix_id("report", "Pointing")
    paths = ["/", "/overview/now", "/intelligence", "/intelligence?q=canary", "/intelligence?type=tool&type=grouping"]
    paths += ["/intelligence?type=sighting", f"/intelligence/{campaign}", f"/intelligence/{report}"]
    paths += [f"/intelligence/{campaign}/publish", f"/intelligence/{report}/publish"]
    assert any(CANARY in high.text(path) for path in paths), "the canary can be seen at all"
    for path in paths:
        text = low.text(path)
        assert CANARY not in text, path
        # What each level means is told to everybody.
        said = re.sub(r'<details class="explained">.*?</details>', "", text, flags=re.DOTALL)
        for word in ("TLP:RED", "TLP:AMBER+STRICT", "seen 77 times"):
            assert word not in said, (path, word)
    for path in paths[:4]:
        assert ">Tool<" not in low.text(path) and ">Grouping<" not in low.text(path)
    assert "2 versions" in low.text("/intelligence")
    assert "conflict" not in low.text(f"/intelligence/{campaign}").lower()
    chips = re.findall(r'class="chip[^"]*" href="/intelligence\?type=([a-z-]+)"', low.text("/intelligence"))
    assert set(chips) <= {"campaign", "report", "identity"}


def test_hidden_and_absent_cannot_be_told_apart(desk: Any, agreed: str, secrets: list[str]) -> None:
    low = desk.visitor(Role.LEAD, clearance=TLP.GREEN)
    for hidden in secrets:
        absent = hidden.partition("--")[0] + "--" + str(uuid.uuid4())
        for path in ("/intelligence/{}", "/intelligence/{}/publish"):
            one, other = low.get(path.format(hidden)), low.get(path.format(absent))
            assert one.status_code == other.status_code == 404
            assert normal(one.text, hidden) == normal(other.text, absent)
        for deed in ("publish", "sight"):
            fields = {"agreement": agreed, "count": "1"}
            one = low.post(f"/intelligence/{hidden}/{deed}", **fields)
            other = low.post(f"/intelligence/{absent}/{deed}", **fields)
            assert one.status_code == other.status_code == 404
            assert normal(one.text, hidden) == normal(other.text, absent)
        one, other = low.text(f"/intelligence?q={hidden}"), low.text(f"/intelligence?q={absent}")
        assert normal(one, hidden) == normal(other, absent)
    one, other = low.text("/intelligence?type=tool"), low.text("/intelligence?type=hammer")
    assert normal(one, "tool", "Tool") == normal(other, "hammer")


def test_these_pages_are_for_our_own_people(desk: Any, agreed: str) -> None:
    desk.take(desk.thing("tool", "Hammer"))
    partner = desk.visitor(Role.FEED, local=False)
    for path in ("/", "/overview/now", "/intelligence", f"/intelligence/{fiction.stix_id('tool', 'Hammer')}"):
        answer = partner.get(path)
        assert answer.status_code == 403 and "Hammer" not in answer.text


def test_every_page_speaks_khmer_and_keeps_to_the_content_policy(desk: Any, agreed: str) -> None:
    desk.take(*fiction.operator_findings(desk.identity))
    reader = desk.visitor(Role.LEAD)
    reader.client.cookies.set("kouprey-ab12-language", "km")
    report = fiction.stix_id("report", "lantern-report")
    for path in (
        "/",
        "/intelligence",
        "/intelligence/import",
        f"/intelligence/{report}",
        f"/intelligence/{report}/publish",
    ):
        answer = reader.get(path)
        assert answer.status_code == 200 and '<html lang="km"' in answer.text
        for english in ("Latest exchange", "Who may see it", "Who will see it", "Words, a phrase", "To whom"):
            assert english not in answer.text, (path, english)
        assert not re.search(r"\sstyle=|<script(?! src=)|\son[a-z]+=", answer.text)


def test_a_source_without_a_name_is_told_in_the_language_of_whoever_reads_it(desk: Any) -> None:
    writer, reader = desk.visitor(Role.ANALYST), desk.visitor(Role.ANALYST)
    writer.client.cookies.set("kouprey-ab12-language", "km")
    text = json.dumps(desk.thing("tool", "Hammer"))
    answer = writer.post("/intelligence/import", text=text, tlp="green")
    assert answer.status_code == 303
    told = "អត្ថបទបិទភ្ជាប់"
    for path in ("/", "/intelligence", "/intelligence?source=pasted+text"):
        assert told not in reader.text(path) and told in writer.text(path), path
    assert "pasted text" in reader.text("/intelligence") and "pasted text" not in writer.text("/intelligence")
    assert "pasted text" not in writer.text(answer.headers["location"])
