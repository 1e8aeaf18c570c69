"""The form without an account, as strangers see it: in two languages, once, bounded, and it never tells of a case."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest

from inprocess import AppClient
from kouprey import response
from kouprey.kernel.web.language import _
from kouprey.node.web import build_web
from kouprey.people.model import Role
from kouprey.response.pages import reporting as pages
from kouprey.response.pages.reportwords import STATES
from kouprey.response.service import Reports
from kouprey.response.service.reports import OF_ONE
from kouprey.response.wire.letter import spoken
from response.conftest import HERE


def stranger(office: Any) -> AppClient:
    return AppClient(build_web(office.node), base_url=HERE, follow_redirects=False)


def once(client: AppClient) -> str:
    return re.findall(r'name="once" value="([^"]*)"', client.get("/report").text)[0]


def tell(client: AppClient, path: str = "/report", files: Any = None, **fields: str) -> Any:
    return client.post(path, data=fields, files=files or {"file": ("", b"")}, headers={"Origin": HERE})


def test_told_without_an_account_and_come_back_to(offices: Any) -> None:
    a, _, _ = offices
    client = stranger(a)
    form = client.get("/report")
    assert form.status_code == 200 and "<script" not in form.text and "style=" not in form.text
    assert "set-cookie" not in form.headers and '<nav class="side' not in form.text
    assert form.headers["x-robots-tag"].startswith("noindex") and form.headers["cache-control"] == "no-store"
    words = {"what": "CANARY: my page shows <b>", "where": "http://evil-login.com", "reach": "dara@bank.com"}
    words["once"] = once(client)
    sent = tell(client, files={"file": ("a.bin", b"\x00\x01")}, **words)
    assert sent.status_code == 303, sent.text
    link = sent.headers["location"]
    assert tell(client, files={"file": ("a.bin", b"\x00\x01")}, **words).headers["location"] == link
    back = client.get(link)
    assert "We have your report." in back.text and "#1" in back.text and ">has come in<" in back.text
    assert "CANARY" not in back.text
    path = link.partition("?")[0]
    assert tell(client, path, what="CANARY 2, more").status_code == 303
    assert client.get(path).status_code == 200 and client.request("HEAD", path).status_code == 200
    reports = a.node.services.get(Reports).page(a.handoffs.operator())[0]
    assert [(each.standing.value, case.number) for each, case in reports] == [("joined", 1), ("new", 1)]
    ours = a.visitor(Role.LEAD).text("/cases/1")
    assert "CANARY: my page shows &lt;b&gt;" in ours and "CANARY 2" in ours


def test_in_khmer(offices: Any) -> None:
    a, _, _ = offices
    client = stranger(a)
    wished = client.get("/report", headers={"Accept-Language": "km, en;q=0.5"}).text
    chosen = client.get("/report?lang=km").text
    for text in (wished, chosen):
        assert 'lang="km"' in text and "ឧប្បត្តិហេតុ" in text
    missing = tell(client, "/report?lang=km", what="")
    assert missing.status_code == 400 and "មិនបានប្រាប់ថាមានអ្វីកើតឡើងទេ។" in missing.text
    sent = tell(client, "/report?lang=km", what="ជួយផង")
    assert "lang=km" in sent.headers["location"]
    assert "យើងបានទទួលរបាយការណ៍របស់អ្នកហើយ។" in client.get(sent.headers["location"]).text


def test_every_text_of_the_form_is_in_the_catalogue_that_strangers_get() -> None:
    sources = [Path(pages.__file__), *(Path(response.__file__).parent / "templates").glob("report_[ft]o*.html")]
    texts = {text for file in sources for text in re.findall(r'_\("(.*?)"[,)]', file.read_text("utf-8"))}
    texts |= {word for word, _tone in STATES.values()}
    assert len(sources) == 3 and len(texts) > 20
    assert [text for text in sorted(texts) if spoken("km", partial(_, text)) == text] == []


def test_programs_and_many_are_slowed(offices: Any) -> None:
    a, _, _ = offices
    client = stranger(a)
    caught = tell(client, what="Buy now", homepage="http://spam.example")
    assert caught.status_code == 400 and "must stay empty" in caught.text and "Buy now" in caught.text
    for number in range(OF_ONE):
        assert tell(client, what=f"Matter {number}").status_code == 303
    slowed = tell(client, what="One more CANARY")
    assert slowed.status_code == 429 and "One more CANARY" in slowed.text, "what was typed is not lost"
    a.ahead = 601
    assert tell(client, what="One more").status_code == 303


@pytest.mark.parametrize("path", ["/report/" + "x" * 43, "/report/x", "/report/%F0%9F%92%A9"])
def test_what_leads_nowhere_says_so(offices: Any, path: str) -> None:
    a, _, _ = offices
    client = stranger(a)
    answer = client.get(path)
    assert answer.status_code == 404 and "This link leads nowhere." in answer.text
    assert tell(client, path, what="x").status_code == 404


def test_another_site_tells_nothing_and_a_node_may_close_it(offices: Any) -> None:
    a, _, _ = offices
    client = stranger(a)
    assert client.post("/report", data={"what": "x"}, headers={"Origin": "http://evil.example"}).status_code == 403
    a.node.services.get(Reports).form = False
    closed = client.get("/report")
    assert closed.status_code == 404 and "does not offer it" in closed.text
    assert tell(client, what="x").status_code == 404


def test_somebody_who_is_signed_in_may_tell_too(offices: Any) -> None:
    a, _, _ = offices
    lead = a.visitor(Role.LEAD)
    assert f'value="{lead.csrf}"' in lead.text("/report")
    assert lead.post("/report", what="x").status_code == 303
    assert msgspec.json.encode(a.node.services.get(Reports).count(a.handoffs.operator())) == b'{"new":1}'
