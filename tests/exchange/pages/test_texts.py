"""From a text: found, reviewed, saved, taken back; nothing is kept before, and nobody is told more than he sees."""

from __future__ import annotations

import html
import re
from typing import Any

from kouprey.exchange.model import Observable
from kouprey.exchange.pages.texts import field_of
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role

PATH = "/intelligence/text"
TEXT = (
    "Seen: hxxp://lure[.]kh/a and 10.0.0.1,\nfrom bob[at]lure[.]kh. CVE-2026-1234 <script>alert(1)</script> lure[.]kh"
)
URL = field_of(Observable("url", "http://lure.kh/a"))
MAIL = field_of(Observable("email-addr", "bob@lure.kh"))


def choices(text: str) -> dict[str, str]:
    """Field -> what is chosen, as a browser would send the page back."""
    found = {}
    for name, options in re.findall(r'<select name="([^"]*)"[^>]*>(.*?)</select>', text, re.S):
        chosen = re.search(r'value="([^"]*)" selected', options)
        found[html.unescape(name)] = chosen[1] if chosen else ""
    return found


def test_paste_review_save_and_take_back(desk: Any) -> None:
    reader = desk.visitor(Role.ANALYST)
    assert PATH in desk.links(reader.text("/intelligence"))
    reader.text(PATH)
    review = reader.post(PATH, text=TEXT)
    assert review.status_code == 200 and "Nothing is kept yet" in review.text
    desk.assert_harmless(review.text.replace(html.escape(TEXT), ""))
    assert "<mark>hxxp://lure[.]kh/a</mark>" in review.text and "private or reserved" in review.text
    before = choices(review.text)
    assert before[URL] == "observed" and before[field_of(Observable("ipv4-addr", "10.0.0.1"))] == "ignore"
    assert desk.exchange.counts(desk.exchange.operator()).total == 0
    fields = {**before, URL: "malicious", "text": TEXT, "name": "Lure of Monday", "tlp": "green", "source": "a mail"}
    saved = reader.post(f"{PATH}/save", **fields)
    assert saved.status_code == 303
    told = reader.text(saved.headers["location"])
    assert "Lure of Monday" in told and "Take it back" in told
    counts = desk.exchange.counts(desk.exchange.operator())
    assert counts.by_type == {"identity": 1, "report": 1, "indicator": 1, "email-addr": 1, "domain-name": 1}
    report = saved.headers["location"].rpartition("/")[2]
    assert "lure[.]kh and" not in reader.text(f"/intelligence/{report}")
    back = reader.post(f"{PATH}/{report}/withdraw")
    assert back.status_code == 303 and "has been taken back" in reader.text(back.headers["location"])
    assert reader.post(f"{PATH}/{report}/withdraw").status_code == 409


def test_what_was_chosen_survives_an_error(desk: Any) -> None:
    reader = desk.visitor(Role.ANALYST, clearance=TLP.AMBER)
    fields = {**choices(reader.post(PATH, text=TEXT).text), URL: "malicious", MAIL: "ignore", "text": TEXT}
    again = reader.post(f"{PATH}/save", **fields, tlp="red", description="A lure <b>.", keep="yes")
    assert again.status_code == 400 and "above your own clearance" in again.text and "by which people" in again.text
    after = choices(again.text)
    assert (after[URL], after[MAIL]) == ("malicious", "ignore")
    assert "A lure &lt;b&gt;." in again.text and 'name="keep" value="yes" checked' in again.text
    nothing = {name: "ignore" for name in after if name.startswith("c:")}
    refused = reader.post(f"{PATH}/save", **nothing, text=TEXT, name="x", tlp="green")
    assert refused.status_code == 400 and "Every value is to be ignored" in refused.text
    assert reader.post(f"{PATH}/save", text=TEXT, name="x", tlp="purple").status_code == 400
    assert desk.exchange.counts(desk.exchange.operator()).total == 0


def test_a_file_and_what_is_in_none(desk: Any) -> None:
    reader = desk.visitor(Role.ANALYST)
    for raw in ("\ufefflure[.]kh".encode(), "lure[.]kh".encode("utf-16"), b"\xe9t\xe9 lure[.]kh"):
        assert "lure[.]kh" in reader.post(PATH, files={"file": ("a.txt", raw)}).text
    assert "Paste a text" in reader.post(PATH, files={"file": ("", b"")}).text
    assert "Nothing in it looks like a value" in reader.post(PATH, text="good morning").text
    assert reader.post(PATH, text="x" * (2**20 + 1)).status_code == 413
    assert desk.visitor(Role.AUDITOR).post(PATH, text=TEXT).status_code == 403
    assert desk.visitor(Role.ANALYST, local=False).post(PATH, text=TEXT).status_code == 403
    assert reader.get(f"{PATH}/report--00000000-0000-4000-8000-000000000000").status_code == 404


def test_many_values_are_reviewed_and_saved_at_once(desk: Any) -> None:
    reader = desk.visitor(Role.ANALYST)
    text = " ".join(f"45.{n // 250}.{n % 250}.9" for n in range(1_200))
    review = reader.post(PATH, text=text)
    fields = choices(review.text)
    assert len(fields) > 1_200
    saved = reader.post(f"{PATH}/save", **{**fields, "all:ipv4-addr": "malicious"}, text=text, name="Many", tlp="green")
    assert saved.status_code == 303
    assert desk.exchange.counts(desk.exchange.operator()).by_type["indicator"] == 1_200


def test_what_is_known_is_as_far_as_the_reader_sees(desk: Any, secrets: list[str]) -> None:
    pattern = {"pattern_type": "stix", "valid_from": "2026-10-27T00:00:00Z"}
    desk.take(
        desk.thing("indicator", "open", pattern="[domain-name:value = 'open.kh']", **pattern),
        desk.marked("indicator", "kept", "red", pattern="[domain-name:value = 'kept.kh']", **pattern),
    )
    low = desk.visitor(Role.ANALYST, clearance=TLP.GREEN).post(PATH, text="open[.]kh kept[.]kh").text
    assert low.count("new to you") == 1 and "/observables/domain-name?value=open.kh" in desk.links(low)
    assert "/observables/domain-name?value=kept.kh" not in desk.links(low)
    assert desk.visitor(Role.ANALYST).post(PATH, text="open[.]kh kept[.]kh").text.count("new to you") == 0
