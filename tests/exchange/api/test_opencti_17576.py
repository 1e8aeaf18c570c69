"""OpenCTI #17576: what was above its reader went out as a "dependency" of something the reader could see.

Nothing leaves through a report's list, a relationship's far end or any other reference, by no road: TAXII, REST, pages,
export, graph, lane. What is sent is decided on everything that leaves, object by object, as the last step.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import msgspec
import pytest

from inprocess import AppClient
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role

Desk = Any
CANARY = "canary-17576"
PARTNER = "operator.example"
TIMES = {"created": "2026-01-01T00:00:00.000Z", "modified": "2026-01-01T00:00:00.000Z"}


class Web:
    """An open report and open relations that name hidden things, and hidden relations between open things."""

    def __init__(self, desk: Desk) -> None:
        self._space = uuid5(NAMESPACE_URL, "17576")
        self.hidden = [
            self.thing("malware", "hidden", name=CANARY, is_family=False, description=CANARY),
            {
                "type": "domain-name",
                "spec_version": "2.1",
                "id": self.id("domain-name", "host"),
                "value": f"{CANARY}.example",
            },
            self.thing("identity", "author", name=CANARY),
        ]
        malware, host, author = (str(each["id"]) for each in self.hidden)
        tool, group = self.thing("tool", "tool", name="Hammer"), self.thing("intrusion-set", "group", name="Lantern")
        between = self.relation("between", str(group["id"]), str(tool["id"]), description=CANARY)
        self.hidden.append(between)
        self.open = [tool, group]
        self.naming = {
            "report": self.thing(
                "report",
                "report",
                name="Quarterly",
                published=TIMES["created"],
                object_refs=[tool["id"], group["id"], malware, host, between["id"]],
            ),
            "relation": self.relation("far end", str(group["id"]), malware),
            "sighting": self.thing("sighting", "sighting", sighting_of_ref=tool["id"], where_sighted_refs=[author]),
            "authored": self.thing("campaign", "authored", name="Signed", created_by_ref=author),
            "last": self.thing("note", "note", content="About one thing.", object_refs=[malware]),
        }
        desk.keep(*self.open, *self.naming.values(), tlp=TLP.GREEN)
        desk.keep(*self.hidden, tlp=TLP.RED)

    def id(self, kind: str, name: str) -> str:
        return f"{kind}--{uuid5(self._space, name)}"

    def thing(self, kind: str, name: str, /, **more: Any) -> dict[str, Any]:
        return {"type": kind, "spec_version": "2.1", "id": self.id(kind, name), **TIMES, **more}

    def relation(self, name: str, source: str, target: str, **more: Any) -> dict[str, Any]:
        ends = {"relationship_type": "uses", "source_ref": source, "target_ref": target}
        return self.thing("relationship", name, **ends, **more)

    @property
    def ids(self) -> list[str]:
        return [each["id"] for each in (*self.open, *self.naming.values(), *self.hidden)]


@pytest.fixture
def web(either: Desk) -> Web:
    return Web(either)


def roads(desk: Desk, web: Web, secret: str) -> Iterator[tuple[str, str]]:
    """Everything that a partner's token is answered, by road."""
    headers = {"Authorization": f"Bearer {secret}"}
    client = AppClient(desk.app, base_url=desk.origin, headers=headers, follow_redirects=False)
    taxii = {"Accept": "application/taxii+json;version=2.1"}
    listed = client.get("/taxii2/api/collections/", headers=taxii)
    for collection in [each["id"] for each in listed.json()["collections"]]:
        base = f"/taxii2/api/collections/{collection}"
        paths = [f"{base}/objects/", f"{base}/objects/?match[version]=all", f"{base}/manifest/"]
        paths += [f"{base}/objects/?match[id]={each}" for each in web.ids]
        paths += [f"{base}/objects/{each}/" for each in web.ids]
        for path in paths:
            yield f"taxii {path}", client.get(path, headers=taxii).text
    for each in web.ids:
        for path in (
            f"/api/v1/objects/{each}",
            f"/api/v1/objects/{each}/neighbours?depth=3",
            f"/api/v1/graph?id={each}",
        ):
            yield f"rest {path}", client.get(path).text
        for path in (f"/intelligence/{each}", f"/graph?id={each}", f"/intelligence?q={each}"):
            yield f"page {path}", client.get(path).text
    for form in ("stix", "ndjson", "csv", "values"):
        yield f"export {form}", client.get("/api/v1/export", params={"format": form}).text
        yield f"page export {form}", client.get("/intelligence/export", params={"format": form}).text


def as_partner(desk: Desk, web: Web) -> Iterator[tuple[str, str]]:
    """What one of our own people, cleared for everything, sees with the partner's eyes."""
    cookie_of = desk.people.make_sign_in_link(
        desk.people.save_person("Dara", (Role.ADMINISTRATOR,), TLP.RED, by="test"), by="test"
    )
    cookie, _ = desk.people.sign_in(cookie_of)
    client = AppClient(desk.app, base_url=desk.origin, cookies={desk.app.site.sessions.cookie: cookie})
    for each in web.ids:
        for path in (f"/intelligence/{each}?as={PARTNER}", f"/intelligence/{each}?as={PARTNER}&depth=3"):
            yield f"page {path}", client.get(path).text


def test_opencti_17576_no_reference_carries_what_its_reader_may_not_see(either: Desk, web: Web) -> None:
    either.agree()
    either.settle()
    secret = either.secret(Role.FEED, TLP.RED, party=PARTNER)
    answers = dict(roads(either, web, secret)) | dict(as_partner(either, web))
    assert any("Quarterly" in text for road, text in answers.items() if road.startswith("taxii"))
    assert any("Quarterly" in text for road, text in answers.items() if road.startswith("page"))
    leaks = [road for road, text in answers.items() if CANARY in text]
    assert not leaks, leaks


def test_opencti_17576_what_is_exported_for_a_partner_carries_no_more(either: Desk, web: Web) -> None:
    either.agree()
    either.settle()
    who = either.agreements.party_reader(PARTNER)
    rows = either.exchange.page(who, "main", limit=100).rows
    assert {row.stix_id for row in rows} >= {each["id"] for each in web.open}
    assert not {row.stix_id for row in rows} & {each["id"] for each in web.hidden}
    assert CANARY.encode() not in b"".join(row.raw for row in rows)


@pytest.mark.parametrize("references", ["prune", "block"])
def test_opencti_17576_a_lane_carries_neither_the_thing_nor_its_name(
    either: Desk, web: Web, references: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    agreements = type(either.agreements)
    drafted = agreements.draft

    def draft(self: Any, title: str, parties: Any, terms: Any, **more: Any) -> Any:
        return drafted(self, title, parties, msgspec.structs.replace(terms, references=references), **more)

    monkeypatch.setattr(agreements, "draft", draft)
    agreement = either.agree()
    report = either.exchange.publish(agreement, web.ids, by="operator")
    refused = {why.stix_id: why.because for why in report.refused}
    assert {each["id"] for each in web.hidden} <= set(refused)
    # Without its far end a relation says nothing, and a note about one thing is about nothing.
    for name in ("relation", "authored", "last"):
        (reason,) = refused[web.naming[name]["id"]]
        assert (reason.code, reason.agreement, reason.clause) == ("reference", agreement, "12")
    for name in ("report", "sighting"):
        assert (web.naming[name]["id"] in refused) == (references == "block")
    with either.node.store.read() as reader:
        bodies = [bytes(row[0]) for row in reader.all("SELECT body FROM lane_outgoing")]
    assert len(bodies) == len(report.queued) > 0
    sent = b"".join(bodies)
    assert CANARY.encode() not in sent
    for each in web.hidden:
        assert each["id"].encode() not in sent, each["id"]
    if references == "prune":
        assert set(report.pruned) == {web.naming[name]["id"] for name in ("report", "sighting")}
        (told,) = [json.loads(body[body.index(b'{"type":"report"') :]) for body in bodies if b'"type":"report"' in body]
        assert told["object_refs"] == [each["id"] for each in web.open]
