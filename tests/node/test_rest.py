"""The REST interface as a whole: its document, its reference, and that every action of a page has its endpoint."""

from __future__ import annotations

import re

import msgspec

from inprocess import AppClient
from kouprey.kernel.web.openapi import endpoints, operation_id
from kouprey.node.assemble import Node
from kouprey.node.rest import MISSING, WITHOUT, list_actions, reference
from kouprey.node.web import build_web


def test_every_action_of_a_page_has_an_endpoint_or_a_reason(node: Node) -> None:
    doors = build_web(node).doors
    actions = {action.name: action for action in list_actions(doors)}
    named = {name for each in endpoints(doors) for name in each.contract.does}
    assert named <= actions.keys(), "endpoints that stand for no action of a page"
    bare = {name for name, action in actions.items() if not action.by and not action.why}
    assert bare == MISSING, f"neither endpoint nor reason: {sorted(bare - MISSING)}; found: {sorted(MISSING - bare)}"
    story = {name for name in WITHOUT if " /story" in name}
    assert WITHOUT.keys() <= actions.keys() | story, "reasons for what no page does"
    assert not {name for name in WITHOUT if actions.get(name) and actions[name].by}, "reasons nobody needs"


def test_the_document_names_every_endpoint_once(node: Node) -> None:
    frame = build_web(node)
    client = AppClient(frame, base_url=node.settings.origin)
    answer = client.get("/api/v1/openapi.json")
    told = msgspec.json.decode(answer.content)
    assert answer.status_code == 200 and told["openapi"] == "3.1.0"
    listed = {(each.method, each.path) for each in endpoints(frame.doors)}
    assert {(method.upper(), path) for path, by in told["paths"].items() for method in by} == listed
    names = [operation_id(each) for each in endpoints(frame.doors)]
    assert len(names) == len(set(names)), "two operations of one name"
    assert client.get("/api/v1/openapi.json", headers={"If-None-Match": answer.headers["etag"]}).status_code == 304


def test_the_page_and_the_reference_name_every_endpoint(node: Node) -> None:
    frame = build_web(node)
    page = AppClient(frame, base_url=node.settings.origin).get("/api")
    text = reference(frame.doors, "")
    assert page.status_code == 200
    for each in endpoints(frame.doors):
        path = f"<code>{each.path.replace('/', '/<wbr>')}</code>"
        assert re.search(rf">{each.method}</span>\s*{re.escape(path)}", page.text), each.path
        assert f"### {each.method} {each.path}\n" in text


def test_the_page_is_kept_for_each_language(node: Node) -> None:
    client = AppClient(build_web(node), base_url=node.settings.origin)
    asked = [client.get("/api", headers={"Accept-Language": language}).text for language in ("en", "km", "en", "km")]
    assert asked[:2] == asked[2:] and asked[0] != asked[1]
    assert "When absent" in asked[0] and "When absent" not in asked[1]
