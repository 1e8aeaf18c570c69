"""The TAXII doors over HTTP: what a client is shown, page by page, and in which words it is refused."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import quote

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inprocess import AppClient
from kouprey.kernel.words.tlp import TLP

House = Any
"""What conftest builds."""

MEDIA_TYPE = "application/taxii+json;version=2.1"
STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
FIRST, LAST = "X-TAXII-Date-Added-First", "X-TAXII-Date-Added-Last"
MAIN = "/taxii2/api/collections/main/"
OBJECTS, MANIFEST = MAIN + "objects/", MAIN + "manifest/"


def pages(client: AppClient, path: str, **params: str) -> list[dict[str, Any]]:
    """Every page, by `next` alone after the first."""
    found = [client.get(path, params=params).json()]
    while found[-1].get("more"):
        found.append(client.get(path, params={"next": found[-1]["next"]}).json())
    return found


def ids(answers: list[dict[str, Any]]) -> list[str]:
    return [each["id"] for answer in answers for each in answer.get("objects", [])]


def versions_of(client: AppClient, version: str, **more: str) -> list[str]:
    found = pages(client, OBJECTS, **{"match[version]": version}, **more)
    return sorted(each["modified"][14:16] for answer in found for each in answer.get("objects", []))


def test_a_client_finds_its_way_from_discovery_to_objects(either: House) -> None:
    one = either.thing(1)
    either.keep(one, tlp=TLP.GREEN)
    client = either.client()
    root = client.get("/taxii2/").json()["default"]
    assert client.get(root).json() == {
        "title": "Example CERT",
        "versions": [MEDIA_TYPE],
        "max_content_length": 8 << 20,
    }
    listed = client.get(root + "collections/").json()["collections"]
    assert [each["alias"] for each in listed] == ["main"]
    assert client.get(f"{root}collections/{listed[0]['id']}/").json() == client.get(MAIN).json() == listed[0]
    answer = client.get(OBJECTS)
    assert answer.json() == {"more": False, "objects": [one]}
    record = client.get(MANIFEST).json()["objects"][0]
    assert record == {"id": one["id"], "date_added": answer.headers[LAST], "version": one["modified"]}
    assert client.get(f"{OBJECTS}{one['id']}/").json() == {"more": False, "objects": [one]}
    assert client.get(f"{OBJECTS}{one['id']}/versions/").json() == {"more": False, "versions": [one["modified"]]}


def test_every_object_comes_once_and_in_order(either: House) -> None:
    things = [either.thing(number) for number in range(21)]
    either.keep(*things)
    client = either.client()
    wanted = [each["id"] for each in things]
    for limit in ("1", "3", "7", "1000000000"):
        for path in (OBJECTS, MANIFEST):
            found = pages(client, path, limit=limit)
            assert ids(found) == wanted
            # Exact multiples too: the last full page says that nothing follows.
            assert all(len(page["objects"]) <= min(int(limit), 7) for page in found)
            assert len(found) == -(-21 // min(int(limit), 7))
    dates = [each["date_added"] for page in pages(client, MANIFEST) for each in page["objects"]]
    assert dates == sorted(set(dates)) and all(STAMP.fullmatch(date) for date in dates)


def test_a_page_names_its_first_and_last_date_and_added_after_is_exclusive(house: House) -> None:
    house.keep(*(house.thing(number) for number in range(5)))
    client = house.client()
    dates = [each["date_added"] for each in client.get(MANIFEST).json()["objects"]]
    for path in (OBJECTS, MANIFEST):
        answer = client.get(path, params={"limit": "2", "added_after": dates[1]})
        assert (answer.headers[FIRST], answer.headers[LAST]) == (dates[2], dates[3])
        assert len(answer.json()["objects"]) == 2
        last = client.get(path, params={"added_after": dates[-1]})
        assert last.json() == {}
        assert last.headers[FIRST] == last.headers[LAST] == dates[-1]
    empty = client.get(OBJECTS, params={"match[type]": "tool"})
    assert empty.json() == {} and empty.headers[LAST] == "1970-01-01T00:00:00.000000Z"


def test_next_can_be_repeated_and_outlives_a_restart(build: Any) -> None:
    house = build(page_max=2)
    house.keep(*(house.thing(number) for number in range(6)))
    token = house.token()
    first = house.client(token).get(OBJECTS).json()
    again = [house.client(token).get(OBJECTS, params={"next": first["next"]}) for _ in range(2)]
    house.node.close()
    restarted = build(page_max=2).client(token).get(OBJECTS, params={"next": first["next"]})
    assert again[0].content == again[1].content == restarted.content
    assert ids([again[0].json()]) == [house.thing(number)["id"] for number in (2, 3)]


def test_next_is_enough_by_itself_and_never_widens(house: House) -> None:
    tools = [house.thing(number, kind="tool") for number in range(4)]
    house.keep(*(house.thing(number) for number in range(4)), *tools[:2], house.thing(8), *tools[2:], house.thing(9))
    client = house.client()
    asked = {"match[type]": "tool", "limit": "2"}
    first = client.get(OBJECTS, params=asked)
    after = {"next": first.json()["next"]}
    rest = [each["id"] for each in tools[2:]]
    assert ids([client.get(OBJECTS, params=after).json()]) == rest
    assert ids([client.get(OBJECTS, params=after | asked).json()]) == rest
    for added_after in ("1970-01-01T00:00:00Z", first.headers[LAST], "2100-01-01T00:00:00Z"):
        assert ids([client.get(OBJECTS, params=after | {"added_after": added_after}).json()]) == rest
    changed = client.get(OBJECTS, params=after | {"match[type]": "malware"}).json()
    assert ids([changed]) == [house.thing(8)["id"], house.thing(9)["id"]]


def test_next_of_somebody_else_or_of_another_collection_is_refused(house: House) -> None:
    house.exchange.create_collection("feed", by="op")
    house.agree()
    house.keep(*(house.thing(number) for number in range(3)), collection="feed")
    theirs = house.client(party="operator.example").get(OBJECTS, params={"limit": "1"}).json()["next"]
    client = house.client()
    assert client.get(OBJECTS, params={"next": theirs}).status_code == 400
    ours = client.get(OBJECTS, params={"limit": "1"}).json()["next"]
    assert client.get(OBJECTS, params={"next": ours}).status_code == 200
    assert client.get("/taxii2/api/collections/feed/objects/", params={"next": ours}).status_code == 400
    assert client.get(OBJECTS, params={"next": ours[:-4] + "AAAA"}).status_code == 400


def test_filters(either: House) -> None:
    things = [either.thing(number) for number in range(3)]
    address = either.thing(1, kind="ipv4-addr", value="192.0.2.1")
    custom = either.thing(1, kind="x-thing")
    either.keep(*things, address, custom)
    client = either.client()

    def match(**filters: str) -> list[str]:
        return ids(pages(client, OBJECTS, **{f"match[{name}]": value for name, value in filters.items()}))

    assert match(id=things[1]["id"]) == [things[1]["id"]]
    assert match(id=f"{custom['id']},{things[0]['id']}") == [things[0]["id"], custom["id"]]
    assert match(id="malware--00000000-0000-4000-8000-000000000000") == []
    assert match(type="ipv4-addr,x-thing") == [address["id"], custom["id"]]
    assert match(type="intrusion-set") == []
    assert match(type="malware", id=address["id"]) == []
    assert match(colour="red", type="ipv4-addr") == [address["id"]]
    encoded = client.get(f"{OBJECTS}?{quote('match[type]')}=ipv4-addr&{quote('match[id]')}={address['id']}")
    assert encoded.json()["objects"] == [address]


def test_versions(either: House) -> None:
    for version in (1, 3, 2):
        either.keep(either.thing(1, version=version), either.thing(2, version=version + 10))
    client = either.client()
    assert versions_of(client, "last") == ["03", "13"]
    assert versions_of(client, "first") == ["01", "11"]
    assert versions_of(client, "all") == ["01", "02", "03", "11", "12", "13"]
    assert versions_of(client, "first,last") == ["01", "03", "11", "13"]
    assert versions_of(client, "first,last", limit="1") == ["01", "03", "11", "13"]
    for text in ("2026-01-01T00:02:00Z", "2026-01-01T00:02:00.000000000Z"):
        assert versions_of(client, text) == ["02"]
        assert versions_of(client, f"{text},last") == ["02", "03", "13"]
    one = either.thing(1)["id"]
    assert client.get(OBJECTS).content == client.get(OBJECTS, params={"match[version]": "last"}).content
    listed = client.get(f"{OBJECTS}{one}/versions/").json()["versions"]
    assert listed == [f"2026-01-01T00:{version}:00.000Z" for version in ("01", "03", "02")]
    first = client.get(f"{OBJECTS}{one}/", params={"match[version]": "first"}).json()["objects"]
    assert [each["modified"] for each in first] == ["2026-01-01T00:01:00.000Z"]
    nothing = client.get(f"{OBJECTS}{one}/", params={"match[version]": "2001-01-01T00:00:00Z"})
    assert (nothing.status_code, nothing.json()) == (200, {})


def test_last_means_last_before_added_after_is_applied(house: House) -> None:
    house.keep(house.thing(1, version=1))
    client = house.client()
    polled = client.get(OBJECTS).headers[LAST]
    house.keep(house.thing(1, version=2))
    news = client.get(OBJECTS, params={"added_after": polled}).json()["objects"]
    assert [each["modified"] for each in news] == ["2026-01-01T00:02:00.000Z"]


def test_what_has_no_version_has_the_same_one_everywhere(house: House) -> None:
    address = house.thing(1, kind="ipv4-addr", value="192.0.2.1")
    house.keep(address)
    client = house.client()
    version = client.get(MANIFEST).json()["objects"][0]["version"]
    assert client.get(f"{OBJECTS}{address['id']}/versions/").json()["versions"] == [version]
    assert client.get(OBJECTS, params={"match[version]": version}).json()["objects"] == [address]


def test_spec_versions(either: House) -> None:
    old = [{name: value for name, value in either.thing(n).items() if name != "spec_version"} for n in range(10)]
    new = [either.thing(number, kind="tool") for number in range(10)]
    either.keep(*(each for pair in zip(old, new, strict=True) for each in pair))
    client = either.client()
    for spec, wanted in (("2.0", old), ("2.1", new), ("3.0", [])):
        for path in (OBJECTS, MANIFEST):
            for limit in ("3", "7"):
                found = pages(client, path, **{"match[spec_version]": spec, "limit": limit})
                assert ids(found) == [each["id"] for each in wanted]
    assert len(ids(pages(client, OBJECTS, **{"match[spec_version]": "2.1,2.0"}))) == 20
    assert len(ids(pages(client, OBJECTS))) == 20


def test_a_page_that_ends_where_its_filter_does_says_whether_more_follows(build: Any) -> None:
    house = build(page_max=2)
    tools = [house.thing(number, kind="tool", spec_version="9.9") for number in range(3)]
    house.keep(tools[0], house.thing(1), *tools[1:])
    found = pages(house.client(), OBJECTS, **{"match[spec_version]": "9.9"})
    assert [ids([page]) for page in found] == [[each["id"] for each in part] for part in (tools[:2], tools[2:])]


def test_a_rare_thing_is_looked_for_in_turns(build: Any) -> None:
    house = build(page_max=1)
    house.keep(*(house.thing(number) for number in range(45)), house.thing(99, kind="tool", spec_version="9.9"))
    found = pages(house.client(), OBJECTS, **{"match[spec_version]": "9.9"})
    assert [len(page.get("objects", [])) for page in found] == [0, 0, 1]


def test_bodies_are_served_as_received(house: House) -> None:
    identity = house.thing(1)["id"]
    body = (
        f'{{ "id": "{identity}", "type":"malware",\t"spec_version": "2.1", "created":"2026-01-01T00:00:00Z",'
        ' "modified":"2026-01-01T00:00:00.000001Z", "name":"\\u1781 ខ /\\/", "x_n": 1.10, "x_e": 1E2 }'
    ).encode()
    house.keep(body)
    client = house.client()
    assert client.get(OBJECTS).content == b'{"more":false,"objects":[' + body + b"]}"
    assert client.get(f"{OBJECTS}{identity}/versions/").json()["versions"] == ["2026-01-01T00:00:00.000001Z"]


def test_nobody_is_served_without_a_credential(house: House) -> None:
    user, secret = house.token()
    client = AppClient(house.app, base_url="http://127.0.0.1:8420")
    for path in ("/taxii2/", "/taxii2/api/", MAIN, OBJECTS, "/taxii2/nowhere/"):
        for authorization in ("", "Basic", "Basic !!!", "Bearer", "Bearer x", "Digest a=b", f"Basic {secret}"):
            answer = client.get(path, headers={"authorization": authorization} if authorization else {})
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"].startswith('Basic realm="')
            assert answer.headers["content-type"] == MEDIA_TYPE
            assert answer.json()["http_status"] == "401"
    assert client.get(OBJECTS, auth=(user, secret)).status_code == 200
    assert client.get(OBJECTS, auth=("tok_else", secret)).status_code == 401
    assert client.get(OBJECTS, headers={"authorization": f"Bearer {secret}"}).status_code == 200
    house.people.change_token(user, active=False, by="op")
    assert client.get(OBJECTS, auth=(user, secret)).status_code == 401


def test_a_bound_token_knows_of_its_collection_only(house: House) -> None:
    feed = house.exchange.create_collection("feed", by="op")
    house.exchange.create_collection("other", by="op")
    house.keep(house.thing(1), collection="feed")
    for bound in ("feed", feed.id):
        client = house.client(collection=bound)
        listed = client.get("/taxii2/api/collections/").json()["collections"]
        assert [each["id"] for each in listed] == [feed.id]
        assert client.get("/taxii2/api/collections/feed/objects/").json()["objects"] == [house.thing(1)]
        hidden, nowhere = (client.get(f"/taxii2/api/collections/{name}/objects/") for name in ("other", "nowhere"))
        assert hidden.status_code == nowhere.status_code == 404
        assert strip(hidden.json()) == strip(nowhere.json())
    assert house.client(collection="gone").get("/taxii2/api/collections/").json() == {}


def strip(error: dict[str, str]) -> dict[str, str]:
    return {name: text for name, text in error.items() if name != "error_id"}


def test_nothing_can_be_written_with_a_token_that_reads(house: House) -> None:
    house.keep(house.thing(1))
    client = house.client(collection="main")
    house.exchange.create_collection("other", by="op")
    one = f"{OBJECTS}{house.thing(1)['id']}/"
    assert client.get(MAIN).json()["can_write"] is False
    for method, path in (("POST", OBJECTS), ("DELETE", one)):
        refused = client.request(method, path, content=b"x" * 5_000_000 if method == "POST" else None)
        assert (refused.status_code, refused.json()["http_status"]) == (403, "403")
        assert client.request(method, path.replace("/main/", "/other/")).status_code == 404
    known = {OBJECTS: "GET, HEAD, OPTIONS, POST", one: "DELETE, GET, HEAD, OPTIONS"}
    for method, path in (("PUT", OBJECTS), ("DELETE", MAIN), ("POST", "/taxii2/"), ("PATCH", one), ("BREW", MAIN)):
        answer = client.request(method, path)
        assert (answer.status_code, answer.headers["allow"]) == (405, known.get(path, "GET, HEAD, OPTIONS"))
        assert answer.headers["content-type"] == MEDIA_TYPE and answer.json()["title"]
    assert client.get(one).status_code == 200


def test_paths(house: House) -> None:
    house.keep(house.thing(1))
    client = house.client()
    one = house.thing(1)["id"]
    for path in ("/taxii2", "/taxii2/api", MAIN[:-1], OBJECTS[:-1] + "?limit=1&match[type]=a%2Cb", f"{OBJECTS}{one}"):
        answer = client.get(path)
        path, _, query = path.partition("?")
        assert answer.status_code == 308 and answer.headers["content-type"] == MEDIA_TYPE
        assert answer.headers["location"] == path + "/" + ("?" + query if query else "")
    unknown = "malware--00000000-0000-4000-8000-000000000000"
    nowhere = ["/taxii2/zz/", "/taxii2/api/status/x/", "/taxii2/api/collections/zz/", "/taxii2/api/collections/%00/"]
    nowhere += [f"{OBJECTS}{unknown}/", f"{OBJECTS}nonsense/", f"{OBJECTS}%00/", f"{OBJECTS}{unknown}/versions/"]
    for path in nowhere:
        answer = client.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (404, MEDIA_TYPE), path
        assert answer.json()["title"] and answer.json()["http_status"] == "404"


def test_negotiation(house: House) -> None:
    client = house.client()
    for path in ("/taxii2/", "/taxii2/api/", MAIN, OBJECTS, MANIFEST):
        for accept in ("application/taxii+json", "text/html, */*;q=0.1", "application/taxii+json; version=2.1"):
            answer = client.get(path, headers={"accept": accept})
            assert (answer.status_code, answer.headers["content-type"]) == (200, MEDIA_TYPE)
        for accept in ("text/html", "application/taxii+json;version=9.9"):
            answer = client.get(path, headers={"accept": accept})
            assert (answer.status_code, answer.headers["content-type"]) == (406, MEDIA_TYPE)
            assert answer.json()["error_code"] == "not-acceptable"


def test_an_idle_poll_can_be_answered_with_nothing(house: House) -> None:
    house.keep(house.thing(1))
    client = house.client()
    for path in (OBJECTS, MANIFEST, MAIN, "/taxii2/"):
        known = client.get(path)
        again = client.get(path, headers={"if-none-match": known.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers.get(LAST) == known.headers.get(LAST)
        assert again.headers["content-type"] == MEDIA_TYPE
    tag = client.get(OBJECTS).headers["etag"]
    house.keep(house.thing(2))
    assert client.get(OBJECTS, headers={"if-none-match": tag}).status_code == 200


def test_answers_travel_compressed_when_that_is_wanted(house: House) -> None:
    house.keep(*(house.thing(number) for number in range(30)))
    client = house.client()
    plain = client.get(OBJECTS, headers={"accept-encoding": "identity"})
    for coding in ("gzip", "zstd"):
        packed = client.get(OBJECTS, headers={"accept-encoding": coding})
        assert packed.headers["content-encoding"] == coding and "content-encoding" not in plain.headers
        assert int(packed.headers["content-length"]) < len(plain.content) / 4
        assert packed.content == plain.content and packed.headers["etag"] == plain.headers["etag"]
        assert "Accept-Encoding" in packed.headers["vary"]


WORDS = ["0", "-1", "", "abc", "x,y", "all,first", "last", "1", "2.1", "2026-01-01T00:00:00Z", "\0", "%", "é", "[]"]
NAMES = ["added_after", "limit", "next", "match[id]", "match[type]", "match[version]", "match[spec_version]", "x"]


def test_whatever_is_asked_the_answer_is_an_answer(build: Any) -> None:
    house = build(page_max=2)
    house.keep(*(house.thing(number) for number in range(5)))
    client = house.client()
    following = client.get(OBJECTS).json()["next"]
    one = house.thing(1)["id"]
    values = st.one_of(st.sampled_from([*WORDS, following, one]), st.text(max_size=20))
    paths = st.sampled_from([OBJECTS, MANIFEST, f"{OBJECTS}{one}/", f"{OBJECTS}{one}/versions/"])

    @settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(paths, st.lists(st.tuples(st.sampled_from(NAMES), values), max_size=3), st.text(max_size=8))
    def ask(path: str, params: list[tuple[str, str]], junk: str) -> None:
        query = "&".join([*(f"{quote(name)}={quote(value)}" for name, value in params), quote(junk, safe="&=%")])
        answer = client.get(f"{path}?{query}")
        assert answer.status_code in (200, 400), (path, query)
        assert answer.headers["content-type"] == MEDIA_TYPE
        told = json.loads(answer.content)
        if answer.status_code == 200:
            assert STAMP.fullmatch(answer.headers[FIRST]) and STAMP.fullmatch(answer.headers[LAST])
            assert [] not in told.values() and bool(told.get("next")) == told.get("more", False)
        else:
            assert told["title"] and told["http_status"] == "400"

    ask()
