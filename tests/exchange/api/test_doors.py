"""What programs do over the REST interface of the exchange."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kouprey.exchange.api import routes
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role

Desk = Any
"""What conftest builds."""

NDJSON = {"Content-Type": "application/x-ndjson"}


def test_objects_are_given_found_and_read_as_they_came(either: Desk) -> None:
    client = either.client()
    raw = [json.dumps(either.indicator(number), indent=1).encode() for number in range(1, 8)]
    body = b'{"type":"bundle","id":"bundle--1","objects":[' + b",".join(raw) + b',{"type":"nonsense"}]}'
    given = client.post("/objects", content=body, headers={"Content-Type": "application/json"})
    told = given.json()
    assert given.status_code == 200 and (told["kept"], told["refused"]) == (7, 1), told
    assert told["objects"][0]["verdict"] == "kept" and told["objects"][7]["refused"]["detail"]
    seen, page = [], client.get("/objects", params={"limit": 3}).json()
    while True:
        seen += [each["id"] for each in page["objects"]]
        if not page["next"]:
            break
        page = client.get("/objects", params={"limit": 3, "cursor": page["next"]}).json()
    assert seen == [either.indicator(number)["id"] for number in range(7, 0, -1)]
    answer = client.get(f"/objects/{seen[-1]}")
    assert raw[0] in answer.content
    whole = answer.json()
    assert whole["versions"][0]["bodies"][0]["assertions"][0]["kind"] == "token"
    assert whole["worth"]["score"] >= 0 and whole["id"] == seen[-1]
    found = client.get("/objects", params={"q": "thing 3", "type": ["indicator"], "tlp": "amber+strict"}).json()
    assert [each["id"] for each in found["objects"]] == [either.indicator(3)["id"]]
    counts = client.get("/facets", params={"q": "thing"}).json()
    assert counts["all"]["total"] == 7 and counts["types"]["by_type"] == {"indicator": 7}
    assert client.get("/overview").json()["total"] == 7


def test_a_stream_is_taken_in_and_given_out(desk: Desk) -> None:
    client = desk.client()
    lines = b"\n".join(json.dumps(desk.indicator(number)).encode() for number in range(1, 4)) + b"\n{broken"
    took = client.post("/imports?name=feed&tlp=green", content=lines, headers=NDJSON).json()
    assert (took["new"], took["refused"], len(took["refusals"])) == (3, 1, 1)
    assert client.post("/imports?name=feed&tlp=green", content=lines, headers=NDJSON).json()["repeats"] == 3
    assert client.get("/export", params={"format": "values"}).text.splitlines() == [
        "198.51.100.1",
        "198.51.100.2",
        "198.51.100.3",
    ]
    bundle = client.get("/export", params={"id": desk.indicator(2)["id"]}).json()
    assert [each["id"] for each in bundle["objects"]] == [desk.indicator(2)["id"]]
    assert client.get("/objects").json()["objects"][0]["tlp"] == "green"


def test_a_list_is_sent_again_only_when_it_has_changed(desk: Desk) -> None:
    desk.keep(desk.indicator(1), desk.indicator(2))
    client = desk.client(Role.FEED)
    first = client.get("/list")
    held = {"If-None-Match": first.headers["etag"]}
    assert first.text == "198.51.100.1\n198.51.100.2\n"
    assert client.get("/list", headers=held).status_code == 304
    desk.keep(desk.indicator(3))
    assert client.get("/list", headers=held).text.count("\n") == 3
    desk.keep(desk.indicator(1, version=1, revoked=True))
    assert "198.51.100.1\n" not in client.get("/list", params={"revoked": "false"}).text
    assert client.get("/list", params={"format": "csv"}).headers["content-type"].startswith("text/csv")


def test_a_token_bound_to_a_collection_reads_that_one_as_a_list_and_nothing_else(desk: Desk) -> None:
    feed = desk.exchange.create_collection("feed", by="test")
    desk.exchange.create_collection("other", by="test")
    desk.keep(desk.indicator(1))
    whole = desk.client()
    added = whole.post("/objects?collection=feed", json={"objects": [desk.indicator(2)]})
    assert added.json()["kept"] == 1
    bound = desk.client(Role.FEED, collections=(feed.id,))
    assert bound.get("/list").text == bound.get("/list?collection=feed").text == "198.51.100.2\n"
    assert bound.get("/list?collection=other").json()["code"] == "token-bound"
    assert bound.get("/objects").json()["code"] == "token-bound"


def test_values_are_looked_up_one_by_one_and_in_a_batch(desk: Desk) -> None:
    desk.keep(desk.indicator(1), desk.indicator(2))
    client = desk.client()
    one = client.get("/values", params={"value": "198.51.100[.]1"}).json()["meanings"][0]
    assert (one["kind"], one["value"], one["versions"]) == ("ipv4-addr", "198.51.100.1", 1)
    assert [each["id"] for each in one["objects"]] == [desk.indicator(1)["id"]] and one["worth"]["state"]
    many = [f"10.{number >> 8}.{number & 255}.9" for number in range(5000)]
    answer = client.post("/values/lookup", json={"values": [*many, "198.51.100.2", *many, "198.51.100.1"]})
    hits = [json.loads(line) for line in answer.text.splitlines()]
    assert [(hit["asked"], hit["known"][0]["versions"]) for hit in hits] == [("198.51.100.2", 1), ("198.51.100.1", 1)]
    assert client.get("/values", params={"value": "x", "kind": "ipv4-addr"}).json()["field"] == "value"


def test_a_sighting_is_one_line(either: Desk) -> None:
    """curl -d value=203.0.113.9 …/api/v1/sightings"""
    either.keep(either.indicator(1, value="203.0.113.9"), either.indicator(2))
    client = either.client(Role.CONTRIBUTOR)
    made = client.post("/sightings", data={"value": "203.0.113.9"})
    assert made.status_code == 201
    assert [each["target"] for each in made.json()["sightings"]] == [either.indicator(1)["id"]]
    again = client.post("/sightings", json={"value": "203.0.113.9", "count": 4})
    assert again.status_code == 201
    assert client.get(f"/objects/{either.indicator(1)['id']}").json()["times_seen"] == 5
    assert client.post("/sightings", json={"value": "203.0.113.77"}).json()["code"] == "unknown-value"
    assert client.post("/sightings", json={}).json()["code"] == "bad-field"
    assert client.post("/sightings", json={"id": either.indicator(2)["id"], "count": 0}).status_code == 201
    wrong = client.post("/sightings", json={"value": "203.0.113.9", "first_seen": "yesterday"}).json()
    assert (wrong["code"], wrong["field"]) == ("bad-field", "first_seen")


def test_a_sighting_under_a_key_is_made_once(either: Desk) -> None:
    either.keep(either.indicator(1))
    client = either.client(Role.CONTRIBUTOR)
    key, said = {"Idempotency-Key": "one"}, {"id": either.indicator(1)["id"]}
    made = [client.post("/sightings", json=said, headers=key) for _ in range(3)]
    assert len({each.content for each in made}) == 1 and made[2].headers["idempotency-replayed"] == "true"
    assert client.get(f"/objects/{said['id']}").json()["times_seen"] == 1


def test_notes_opinions_and_merges(desk: Desk) -> None:
    names = {"name": "Same", "type": "malware", "is_family": True}
    one = desk.indicator(1) | names | {"id": desk.indicator(1)["id"].replace("indicator", "malware")}
    two = desk.indicator(2) | names | {"id": desk.indicator(2)["id"].replace("indicator", "malware")}
    desk.keep(one, two)
    client, at = desk.client(Role.ANALYST), f"/objects/{one['id']}"
    assert client.post(f"{at}/notes", json={"text": "Seen before."}).status_code == 201
    assert client.post(f"{at}/opinions", json={"opinion": "agree"}).status_code == 201
    assert client.post(f"{at}/opinions", json={"opinion": "maybe"}).json()["field"] == "opinion"
    assert {each["kind"] for each in client.get(at).json()["remarks"]} == {"note", "opinion"}
    pair = {"id": one["id"], "into": two["id"]}
    assert client.post("/merges", json={**pair, "because": "One family."}).status_code == 201
    assert client.get(at).json()["same"] == [two["id"]]
    assert [each["into"] for each in client.get("/merges").json()["merges"]] == [two["id"]]
    assert client.delete("/merges", params=pair).status_code == 204
    assert client.get("/merges").json()["merges"] == []
    around = client.get(f"{at}/neighbours").json()
    assert {each["type"] for each in around["objects"]} <= {"note", "opinion", "identity"}


def test_versions_are_compared(desk: Desk) -> None:
    desk.keep(desk.indicator(1), desk.indicator(1, version=1, description="more"))
    older, newer = (desk.indicator(1, version=each)["modified"] for each in (0, 1))
    at = f"/objects/{desk.indicator(1)['id']}/differences"
    told = desk.client().get(at, params={"older": older, "newer": newer}).json()["changes"]
    assert ["description"] in [each["place"] for each in told]
    assert desk.client().get(at, params={"older": older, "newer": "x"}).json()["code"] == "unknown-version"


def test_saved_searches(desk: Desk) -> None:
    desk.keep(desk.indicator(1))
    client = desk.client(Role.FEED)
    made = client.post("/searches", json={"name": "Mine", "search": {"q": "thing", "tlp": ["clear"]}})
    saved = made.json()
    assert made.status_code == 201 and saved["news"] == 1 and saved["search"]["tlp"] == ["clear"]
    newest = client.get("/objects").json()["objects"][0]["news"]
    assert client.post(f"/searches/{saved['id']}/looked", json={"looked": newest}).status_code == 204
    assert client.get("/searches").json()["searches"][0]["news"] == 0
    changed = client.patch(f"/searches/{saved['id']}", json={"name": "Ours", "shared": True}).json()
    assert (changed["name"], changed["shared"]) == ("Ours", True)
    other = desk.client(Role.FEED)
    assert other.get("/searches").json()["searches"][0]["own"] is False
    assert other.delete(f"/searches/{saved['id']}").json()["code"] == "not-yours"
    assert client.delete(f"/searches/{saved['id']}").status_code == 204
    assert client.post(f"/searches/{saved['id']}/restore").json()["name"] == "Ours"


def test_texts_and_tables(desk: Desk) -> None:
    desk.keep(desk.indicator(1))
    client = desk.client(Role.ANALYST, TLP.AMBER)
    found = client.post("/texts/candidates", json={"text": "See 198.51.100[.]1 and evil.example today."}).json()
    by_value = {each["value"]: each for each in found["candidates"]}
    assert by_value["198.51.100.1"]["versions"] == 1
    chosen = [{"kind": each["kind"], "value": each["value"], "malicious": True} for each in found["candidates"]]
    report = {"name": "A report", "tlp": "green", "chosen": chosen}
    assert client.post("/texts", json={**report, "tlp": "red"}).json()["field"] == "tlp"
    taken = client.post("/texts", json=report).json()
    assert len(taken["indicators"]) == len(chosen)
    assert client.get(f"/texts/{taken['report']}").json()["revoked"] is False
    assert taken["report"] in client.post(f"/texts/{taken['report']}/withdrawal").json()["revoked"]
    table = {"text": "ip,seen\n203.0.113.5,2026-01-01\n203.0.113.6,2026-01-02\n", "name": "table", "tlp": "green"}
    seems = client.post("/tables/look", json=table).json()
    assert seems["columns"] == ["ip", "seen"] and seems["guessed"]["ip"] == "value"
    mapping = {"columns": {"ip": "ip"}, "as": "observed"}
    assert client.post("/tables", json={**table, "mapping": mapping}).json()["new"] == 2
    assert client.post("/tables", json={**table, "mapping": {"colums": {}}}).json()["field"] == "mapping.colums"


def test_what_is_given_is_decided_and_what_may_not_go_is_told_with_its_clause(desk: Desk) -> None:
    desk.keep(desk.indicator(1), tlp=TLP.GREEN)
    desk.keep(desk.indicator(2), tlp=TLP.RED)
    agreement, client = desk.agree(), desk.client()
    free, closed = (desk.indicator(number)["id"] for number in (1, 2))
    given = client.post("/publications", json={"agreement": agreement, "ids": [free, closed]}).json()
    assert given["queued"] == [free] and [each["id"] for each in given["refused"]] == [closed]
    refused = client.post("/publications", json={"agreement": agreement, "ids": [closed]})
    told = refused.json()
    assert refused.status_code == 409 and told["code"] == "not-given"
    assert told["because"][0]["agreement"] == agreement and told["because"][0]["clause"]
    seen = client.get(f"/objects/{free}/visibility").json()["parties"]
    assert [(each["verdict"]["party"], each["verdict"]["allowed"]) for each in seen] == [(desk.partner_id, True)]
    # Whoever may not see a thing cannot give it, whatever their role.
    low = desk.client(clearance=TLP.GREEN)
    unseen = low.post("/publications", json={"agreement": agreement, "ids": [closed]}).text
    unknown = low.post("/publications", json={"agreement": agreement, "ids": [desk.indicator(9)["id"]]}).text
    assert (
        unseen.replace(closed, "").partition('"request"')[0]
        == unknown.replace(desk.indicator(9)["id"], "").partition('"request"')[0]
    )


def test_erasing_and_holding(desk: Desk) -> None:
    desk.keep(desk.indicator(1))
    client, stix_id = desk.client(), desk.indicator(1)["id"]
    at = f"/objects/{stix_id}/erasure"
    held = client.post("/holds", json={"kind": "object", "what": stix_id, "because": "Case 4"}).json()
    assert client.post(at, json={"because": "Asked for."}).json()["code"] == "held"
    assert client.get("/holds").json()["holds"] == [held]
    assert client.delete(f"/holds/{held['id']}").status_code == 204
    assert client.post(at, json={"because": "Asked for."}).json()["versions"] == 1
    assert client.get(f"/objects/{stix_id}").status_code == 404
    assert client.delete(at).json()["versions"] == 1
    assert desk.client(clearance=TLP.AMBER).get("/holds").json()["code"] == "not-cleared"


def test_retention(desk: Desk) -> None:
    desk.keep(desk.indicator(1))
    client = desk.client()
    desk.exchange.create_collection("old", by="test")
    said = {"name": "Old", "because": "Term.", "days": 30, "collection": "old"}
    made = client.post("/retention", json=said)
    rule = made.json()
    assert made.status_code == 201 and rule["state"] == "proposed", rule
    assert [each["id"] for each in client.get("/retention").json()["rules"]] == [rule["id"]]
    at = f"/retention/{rule['id']}"
    assert client.get(at).json()["rule"] == rule
    states = [client.post(f"{at}/{verb}").json()["state"] for verb in ("confirm", "pause", "resume")]
    assert states == ["in-force", "paused", "in-force"]
    assert client.patch(at, json={"days": 60, "because": "Longer."}).json()["state"] == "proposed"
    assert client.delete(at).status_code == 204
    assert client.get(at).json()["code"] == "unknown-rule"
    assert desk.client(clearance=TLP.AMBER).get("/retention").json()["code"] == "not-cleared"


def test_source_rights(desk: Desk) -> None:
    desk.keep(desk.indicator(1))
    client = desk.client()
    (told,) = [each for each in client.get("/source-rights").json()["sources"] if each["name"] == "test"]
    assert (told["right"], told["set_at"]) == ("agreement", "")
    made = client.post("/source-rights", json={"source": "test", "right": "inside", "because": "Licence."}).json()
    assert (made["right"], made["source"]) == ("inside", told["source"]) and made["set_at"]
    refused = client.post("/publications", json={"agreement": desk.agree(), "ids": [desk.indicator(1)["id"]]})
    assert refused.status_code == 409 and "page “Rights of sources”" in refused.json()["detail"]
    wrong = client.post("/source-rights", json={"source": "test", "right": "attribution"})
    assert wrong.json()["code"] == "no-credit"
    assert desk.client(Role.ANALYST).get("/source-rights").status_code == 403


def test_publishing_rules(desk: Desk) -> None:
    desk.keep(desk.indicator(1))
    agreement, client = desk.agree(), desk.client()
    client.post("/searches", json={"name": "All", "search": {"type": ["indicator"]}})
    made = client.post("/publishing-rules", json={"search": "All", "agreement": agreement, "limit": 7})
    rule = made.json()
    assert made.status_code == 201 and (rule["state"], rule["limit"], rule["itself"]) == ("proposed", 7, False), rule
    assert client.get("/publishing-rules").json()["rules"] == [rule]
    at = f"/publishing-rules/{rule['id']}"
    seen = client.get(at).json()
    assert seen["rule"] == rule and seen["dry_run"]["goes"] == 1 and seen["days"] == []
    assert client.post(f"{at}/start", json={"everything": True}).json()["state"] == "running"
    assert desk.exchange.give_by_rules() == 1
    (day,) = client.get(at).json()["days"]
    assert day["given"] == 1
    (item,) = client.get(f"{at}/days/{day['day']}").json()["items"]
    assert item["fate"] == "queued" and item["id"] == desk.indicator(1)["id"] and not item["undone"]
    undone = client.post(f"{at}/days/{day['day']}/undo", json={"because": "Wrong."}).json()
    assert (undone["recalled"], undone["left"]) == (1, [])
    again = client.post(f"{at}/days/{day['day']}/undo", json={"because": "Wrong."})
    assert again.status_code == 409 and again.json()["code"] == "nothing-to-undo"
    assert client.get(f"{at}/days/soon").json()["code"] == "unknown-day"
    assert client.post(f"{at}/pause").json()["state"] == "paused"
    changed = client.patch(at, json={"name": "Named", "limit": 9, "sightings": True}).json()
    assert (changed["name"], changed["limit"], changed["sightings"]) == ("Named", 9, True)
    # A token that may read only some collections would see less than it gives.
    desk.exchange.create_collection("some", by="test")
    bound = desk.client(collections=("some",))
    assert bound.post(f"{at}/start", json={}).status_code == 403
    assert client.delete(at).status_code == 204
    assert client.get(at).json()["code"] == "unknown-rule"
    assert desk.client(Role.ANALYST).get("/publishing-rules").status_code == 403


def test_collections(desk: Desk) -> None:
    client = desk.client()
    made = client.post("/collections", json={"name": "feed", "title": "A feed"})
    assert made.status_code == 201
    assert "feed" in [each["name"] for each in client.get("/collections").json()["collections"]]
    assert client.post("/collections", json={"name": "feed"}).json()["code"] == "name-taken"


@pytest.mark.parametrize("role", [Role.FEED, Role.AUDITOR])
def test_who_may_only_read_writes_nothing(desk: Desk, role: Role) -> None:
    desk.keep(desk.indicator(1))
    client = desk.client(role)
    for path, sent in (("/sightings", {"id": desk.indicator(1)["id"]}), ("/objects", {}), ("/merges", {})):
        assert client.post(path, json=sent).json()["code"] == "role-missing"


def test_every_endpoint_says_what_it_is(desk: Desk) -> None:
    doors = routes(desk.node.services)
    assert len(doors) > 35
    assert all(door.contract.summary.endswith(".") and door.contract.group for door in doors if door.contract)
