"""What a client may not see does not show anywhere: not in bodies, counts, pages, versions or refusals."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kouprey.kernel.words.tlp import TLP

House = Any
"""What conftest builds."""

CANARY = "canary-7f3a"
SECRET = {"name": CANARY, "description": CANARY, "x_note": CANARY}
API = "/taxii2/api/"


def everything(house: House, client: Any, *secrets: str) -> Iterator[str]:
    """All that a client can get: each answer with its headers, pages of one object and by every filter."""
    names = [each["id"] for each in client.get(f"{API}collections/").json().get("collections", [])]
    names += [each.id for each in house.exchange.list_collections()]
    yield client.get(f"{API}collections/").text
    for name in names:
        base = f"{API}collections/{name}/"
        yield client.get(base).text
        for what in ("objects", "manifest"):
            for version in ("first", "last", "all", "first,last"):
                for limit in ("1", "1000"):
                    params = {"match[version]": version, "limit": limit}
                    while True:
                        answer = client.get(f"{base}{what}/", params=params)
                        yield f"{answer.text}{dict(answer.headers)}"
                        page = answer.json()
                        if not page.get("more"):
                            break
                        params = {"next": page["next"]}
            for secret in secrets:
                kind = secret.partition("--")[0]
                for given in ({"match[id]": secret}, {"match[type]": kind}):
                    answer = client.get(f"{base}{what}/", params=given)
                    if answer.status_code == 200:
                        yield answer.text
                yield client.get(f"{base}objects/{secret}/").json().get("objects", "").__str__()


def test_a_low_clearance_sees_nothing_of_what_is_above_it(either: House) -> None:
    secret = either.thing(1, kind="campaign", **SECRET)
    either.keep(either.thing(1), either.thing(2), tlp=TLP.GREEN)
    either.keep(secret, either.thing(2, version=1, **SECRET), tlp=TLP.AMBER)
    low, high = either.client(clearance=TLP.GREEN), either.client(clearance=TLP.AMBER)
    seen = "\n".join(everything(either, low, secret["id"]))
    assert either.thing(1)["id"] in seen and either.thing(2)["modified"] in seen
    assert CANARY not in seen and secret["id"] not in seen and either.thing(2, version=1)["modified"] not in seen
    assert CANARY in "\n".join(everything(either, high, secret["id"]))
    hidden = low.get(f"{API}collections/main/objects/{secret['id']}/")
    nowhere = low.get(f"{API}collections/main/objects/campaign--00000000-0000-4000-8000-000000000000/")
    assert hidden.status_code == nowhere.status_code == 404
    assert [hidden.json()[name] for name in ("title", "description")] == [
        nowhere.json()[name] for name in ("title", "description")
    ]
    # A row that is not seen takes no place in a page either.
    main = f"{API}collections/main/objects/"
    assert low.get(main, params={"limit": "2"}).json()["more"] is False
    assert low.get(f"{main}{either.thing(2)['id']}/versions/").json()["versions"] == [either.thing(2)["modified"]]


def test_a_lost_clearance_holds_for_the_next_page(house: House) -> None:
    house.keep(house.thing(1), tlp=TLP.GREEN)
    house.keep(house.thing(2, **SECRET), tlp=TLP.AMBER)
    token = house.token(clearance=TLP.AMBER)
    client = house.client(token)
    main = f"{API}collections/main/objects/"
    page = client.get(main, params={"limit": "1"}).json()
    house.people.change_token(token[0], clearance=TLP.GREEN, by="op")
    assert client.get(main, params={"next": page["next"]}).json() == {}


def test_another_party_sees_what_an_agreement_gives_it_and_only_while_it_runs(either: House) -> None:
    low, high = either.thing(1, **SECRET), either.thing(2, kind="tool", name="above-ceiling")
    either.keep(low, tlp=TLP.GREEN)
    either.keep(high, tlp=TLP.AMBER_STRICT)
    partner = either.client(party="operator.example")

    def seen() -> str:
        return "\n".join(everything(either, partner, low["id"], high["id"]))

    assert CANARY not in seen() and low["id"] not in seen()
    polled = partner.get(f"{API}collections/main/objects/").headers["X-TAXII-Date-Added-Last"]
    agreement = either.agree("amber")
    either.settle()
    assert CANARY in seen() and "above-ceiling" not in seen() and high["id"] not in seen()
    news = partner.get(f"{API}collections/main/objects/", params={"added_after": polled}).json()
    assert [each["id"] for each in news["objects"]] == [low["id"]]
    either.agreements.suspend(agreement, suspended=True, by="op")
    assert CANARY not in seen() and low["id"] not in seen()
    page = partner.get(f"{API}collections/main/objects/", params={"added_after": polled})
    assert page.json() == {}
    either.agreements.suspend(agreement, suspended=False, by="op")
    either.settle()
    after = page.headers["X-TAXII-Date-Added-Last"]
    again = partner.get(f"{API}collections/main/objects/", params={"added_after": after}).json()
    assert [each["id"] for each in again["objects"]] == [low["id"]]


def test_collections_of_an_agreement_are_hidden_from_strangers(house: House) -> None:
    agreement = house.agree()
    of_agreement = house.node.store.write(lambda tx: house.exchange._of_agreement(tx, agreement))
    ours, theirs = house.client(), house.client(party="operator.example")
    path = f"{API}collections/{of_agreement.id}/"
    assert ours.get(path).status_code == theirs.get(path).status_code == 200
    bound = house.client(collection="main")
    assert bound.get(path).status_code == bound.get(f"{API}collections/{of_agreement.name}/").status_code == 404


def test_nothing_changes_for_a_client_when_something_hidden_arrives(either: House) -> None:
    """Bodies, counts, dates, ETags, refusals, and what is said of what it writes and deletes."""
    shown, hidden = either.thing(1), either.thing(9, kind="campaign", **SECRET)
    either.keep(shown, either.thing(2), tlp=TLP.GREEN)
    client = either.writer(clearance=TLP.GREEN)
    main = f"{API}collections/main/"
    paths = ["/taxii2/", API, f"{API}collections/", main, f"{main}objects/", f"{main}manifest/"]
    for each in (shown, hidden):
        one = f"{main}objects/{each['id']}/"
        paths += [one, f"{one}versions/", f"{one}?match[version]=all", f"{main}objects/?match[id]={each['id']}"]
    paths += [
        f"{main}{what}/?match[version]={version}" for what in ("objects", "manifest") for version in ("all", "first")
    ]
    paths += [f"{main}objects/?match[spec_version]=2.1", f"{main}objects/?limit=1", f"{main}objects/?limit=2"]

    def state() -> list[tuple[str, str, str]]:
        seen = [(path, client.get(path)) for path in paths]
        seen.append(("delete", client.delete(f"{main}objects/{hidden['id']}/")))
        told = [(path, answer.headers, answer.json()) for path, answer in seen]
        return [
            (path, str({**headers, "x-request-id": "", "date": ""}), str({**body, "error_id": "", "next": ""}))
            for path, headers, body in told
        ]

    before = state()
    either.keep(hidden, either.thing(1, version=1, **SECRET), tlp=TLP.AMBER)
    assert state() == before
    # Its own say about the hidden thing is answered as about any other.
    fates = [either.post(client, each).json()["successes"] for each in (hidden | {"name": "mine"}, either.thing(3))]
    assert [sorted(fate) for (fate,) in fates] == [["id", "version"]] * 2


def test_a_token_bound_to_two_collections_knows_of_no_third(house: House) -> None:
    named = {name: house.exchange.create_collection(name, by="test") for name in ("one", "two", "three")}
    user, secret = house.token()
    house.people.change_token(user, by="test", collections=["one", named["two"].id])
    client = house.client((user, secret))
    assert {each["title"] for each in client.get(f"{API}collections/").json()["collections"]} == {"one", "two"}
    for name, status in (("one", 200), ("two", 200), ("three", 404), ("main", 404)):
        for path in ("", "objects/", "manifest/"):
            assert client.get(f"{API}collections/{name}/{path}").status_code == status, (name, path)
    house.people.change_token(user, by="test", collections=["three"])
    assert client.get(f"{API}collections/one/objects/").status_code == 404
    assert client.get(f"{API}collections/three/objects/").status_code == 200
