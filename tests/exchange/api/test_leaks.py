"""What a program may not see shows in no answer of the REST interface: not in bodies, counts, lists or refusals."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx

from kouprey.kernel.web.openapi import endpoints
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role

Desk = Any
"""What conftest builds."""

CANARY = "canary-7f3a"
SECRET = {"name": CANARY, "description": CANARY, "x_note": CANARY}
VALUE = "203.0.113.99"


def everything(desk: Desk, client: Any, *ids: str) -> Iterator[str]:
    """All that a program can read: each GET with ids in its path, every filter, and both ways to look values up."""
    queries: list[dict[str, Any]] = [{}, {"q": CANARY}, {"q": VALUE}, *({"q": each} for each in ids)]
    queries += [{"tlp": "amber"}, {"since": "2026-01-01T00:00:00Z"}, {"findings": "any"}, {"conflict": "true"}]
    for each in endpoints(desk.app.doors):
        if each.method != "GET" or not each.path.startswith("/api/v1/") or each.path.endswith("/stream"):
            continue
        path = each.path.removeprefix("/api/v1")
        for place in ids if "{" in path else ("",):
            filled = path.replace("{id}", place).replace("{report}", place)
            for query in queries:
                answer = client.get(filled, params=query)
                assert answer.status_code < 500, (filled, query, answer.text)
                if answer.status_code != 404 and not any(code in answer.text for code in ("bad-field", "bad-subject")):
                    # A question that is repeated, in an answer or a refusal, is no leak.
                    said = answer.text.replace(f'"subject":"{VALUE}', "")
                    yield f"{said}{dict(answer.headers)}"
    for form in ("stix", "ndjson", "csv", "values"):
        yield client.get("/export", params={"format": form}).text
    yield client.get("/values", params={"value": VALUE}).text.replace(f'"value":"{VALUE}"', "")
    yield client.post("/values/lookup", json={"values": [VALUE, CANARY]}).text
    yield client.post("/texts/candidates", json={"text": f"a {VALUE} b"}).text.replace(VALUE, "")


def test_a_low_clearance_sees_nothing_of_what_is_above_it(either: Desk) -> None:
    secret, shown = either.indicator(1, value=VALUE, **SECRET), either.indicator(2)
    either.keep(shown, tlp=TLP.GREEN)
    either.keep(secret, either.indicator(2, version=1, **SECRET), tlp=TLP.AMBER)
    whole = either.client()
    for stix_id in (secret["id"], shown["id"]):
        said = whole.post(f"/objects/{stix_id}/notes", json={"text": CANARY})
        assert said.status_code == 201
    low, high = either.client(clearance=TLP.GREEN), either.client(clearance=TLP.AMBER)
    ids = (secret["id"], shown["id"])
    seen = "\n".join(everything(either, low, *ids))
    assert shown["id"] in seen and shown["modified"] in seen
    for leak in (CANARY, secret["id"], VALUE, either.indicator(2, version=1)["modified"]):
        assert leak not in seen, leak
    known = "\n".join(everything(either, high, *ids))
    assert CANARY in known and secret["id"] in known and VALUE in known
    facets = low.get("/facets").json()["all"]
    # The identity is ours, which speaks in the notes and is open to all.
    assert facets["by_type"] == {"indicator": 1, "identity": 1} and not facets["by_tlp"].get("amber")
    assert low.post("/values/lookup", json={"values": [VALUE]}).text == ""
    assert low.post("/sightings", json={"value": VALUE}).json()["code"] == "unknown-value"


def test_what_is_hidden_and_what_is_not_there_answer_alike(desk: Desk) -> None:
    secret = desk.indicator(1, **SECRET)
    desk.keep(secret, tlp=TLP.RED)
    low, nowhere = desk.client(clearance=TLP.GREEN), desk.indicator(9)["id"]

    def told(path: str, stix_id: str, sent: Any = None) -> Any:
        url = path.replace("{id}", stix_id)
        answer = (
            low.get(url) if sent is None else low.post(url, json=json.loads(json.dumps(sent).replace("ID", stix_id)))
        )
        body = answer.json()
        body.pop("request")
        return answer.status_code, json.dumps(body).replace(stix_id, "")

    for path, sent in (
        ("/objects/{id}", None),
        ("/objects/{id}/neighbours", None),
        ("/objects/{id}/visibility", None),
        ("/objects/{id}/differences?older=a&newer=b", None),
        ("/objects/{id}/notes", {"text": "x"}),
        ("/objects/{id}/opinions", {"opinion": "agree"}),
        ("/sightings", {"id": "ID"}),
        ("/merges", {"id": "ID", "into": "ID", "because": "x"}),
        ("/texts/{id}/withdrawal", {}),
    ):
        hidden, absent = told(path, secret["id"], sent), told(path, nowhere, sent)
        assert hidden == absent and hidden[0] == 404, (path, hidden, absent)


def test_a_partner_reads_what_its_agreement_opens_and_comes_into_no_other_door(desk: Desk) -> None:
    desk.keep(desk.indicator(1), tlp=TLP.GREEN)
    desk.keep(desk.indicator(2, value=VALUE, **SECRET), tlp=TLP.AMBER)
    stranger = desk.client(Role.FEED, TLP.RED, party=desk.partner_id)
    ids = [desk.indicator(number)["id"] for number in (1, 2)]
    assert ids[0] not in "\n".join(everything(desk, stranger, *ids))
    desk.agree()
    desk.settle()
    partner = desk.client(Role.FEED, TLP.RED, party=desk.partner_id)
    seen = "\n".join(everything(desk, partner, *ids))
    assert ids[0] in seen
    for leak in (CANARY, ids[1], VALUE, "operator"):
        assert leak not in seen.replace(desk.partner_id, ""), leak
    own = [each for each in endpoints(desk.app.doors) if each.door.own]
    assert len(own) > 20
    for each in own:
        answer = partner.request(each.method, each.path.removeprefix("/api/v1"))
        assert answer.json()["code"] in ("own-party-only", "role-missing"), each


def hints(origin: str, secret: str, until: Callable[[], bool]) -> Iterator[str]:
    """What the stream of live parts says to a reader, up to a moment."""
    headers = {"Authorization": f"Bearer {secret}"}
    with httpx.stream("GET", f"{origin}/live", headers=headers, timeout=20) as answer:
        for line in answer.iter_lines():
            if line.startswith("data: "):
                yield line.removeprefix("data: ")
                if until():
                    return


def test_live_parts_are_not_told_of_what_their_reader_may_not_see(either: Desk) -> None:
    low, high = either.secret(clearance=TLP.GREEN), either.secret(clearance=TLP.AMBER)
    with either.served() as origin:
        heard: dict[str, list[str]] = {low: [], high: []}
        over = threading.Event()

        def listen(secret: str) -> None:
            for topics in hints(origin, secret, over.is_set):
                heard[secret].append(topics)

        threads = [threading.Thread(target=listen, args=(secret,)) for secret in heard]
        for thread in threads:
            thread.start()
        time.sleep(1.5)
        either.keep(either.indicator(1, value=VALUE, **SECRET), tlp=TLP.AMBER)
        until(lambda: heard[high] != [])
        # Whatever else would have been said to the other comes before this.
        time.sleep(2.5)
        assert heard == {low: [], high: ["intelligence"]}
        over.set()
        either.keep(either.indicator(2), tlp=TLP.GREEN)
        until(lambda: heard[low] == ["intelligence"] and heard[high] == ["intelligence"] * 2)
        for thread in threads:
            thread.join(timeout=20)


def until(is_so: Callable[[], bool]) -> None:
    for _ in range(200):
        if is_so():
            return
        time.sleep(0.05)
    raise AssertionError("it never came to be")
