"""Objects, manifest and versions: order, pages, dates, and nothing lost between them."""

from __future__ import annotations

from typing import Any

import pytest

House = Any
"""What conftest builds."""

MAIN = "/taxii2/api/collections/main/"
OBJECTS, MANIFEST = MAIN + "objects/", MAIN + "manifest/"
FIRST, LAST = "X-TAXII-Date-Added-First", "X-TAXII-Date-Added-Last"
BOTH = pytest.mark.parametrize("path", [OBJECTS, MANIFEST])


def ids(answers: list[Any]) -> list[str]:
    return [each["id"] for answer in answers for each in answer.json().get("objects", [])]


def things(house: House, count: int) -> list[str]:
    """Keep some; their ids in order."""
    made = [house.thing(number) for number in range(count)]
    house.keep(*made)
    return [each["id"] for each in made]


def test_line_20_33_43_63_an_empty_answer_repeats_where_it_began(house: House) -> None:
    client = house.client()
    for path in (OBJECTS, MANIFEST):
        answer = client.get(path, params={"added_after": "2026-01-01T00:00:00.5Z"})
        assert (answer.status_code, answer.json()) == (200, {})
        assert answer.headers[FIRST] == answer.headers[LAST] == "2026-01-01T00:00:00.500000Z"


@BOTH
def test_lines_34_35_36_37_38_62_every_object_once_oldest_first(either: House, path: str) -> None:
    wanted = things(either, 21)
    client = either.client()
    for limit in (1, 3, 7, 10**9):
        answers = either.pages(client, path, limit=str(limit))
        size = min(limit, 7)
        assert ids(answers) == wanted
        assert [len(answer.json()["objects"]) for answer in answers] == [size] * (21 // size)
        assert [answer.json()["more"] for answer in answers] == [True] * (len(answers) - 1) + [False]
    dates = [record["date_added"] for answer in either.pages(client, MANIFEST) for record in answer.json()["objects"]]
    assert dates == sorted(set(dates))


@BOTH
def test_lines_39_next_is_not_trusted(house: House, path: str) -> None:
    things(house, 4)
    client, other = house.client(), house.client(party="operator.example")
    token = client.get(path, params={"limit": "1"}).json()["next"]
    assert other.get(path, params={"next": token}).status_code == 400
    for wrong in (token[:-2] + "AA", token[1:], "x", token + token):
        assert client.get(path, params={"next": wrong}).status_code == 400
    filtered = client.get(path, params={"next": token, "match[type]": "tool"})
    assert (filtered.status_code, ids([filtered])) == (200, [])


def test_lines_40_41_next_outlives_a_restart_and_can_be_used_twice(build: Any) -> None:
    house = build(page_max=2)
    wanted = things(house, 5)
    token = house.token()
    on = {path: house.client(token).get(path).json()["next"] for path in (OBJECTS, MANIFEST)}
    house.node.close()
    client = build(page_max=2).client(token)
    for path, following in on.items():
        answers = [client.get(path, params={"next": following}) for _ in range(2)]
        assert ids(answers[:1]) == ids(answers[1:]) == wanted[2:4]


def test_line_40_the_versions_of_an_object_go_on_by_next_too(build: Any) -> None:
    house = build(page_max=2)
    house.keep(*(house.thing(1, version=version) for version in range(5)))
    path = f"{OBJECTS}{house.thing(1)['id']}/"
    client = house.client()
    listed = [text for answer in house.pages(client, f"{path}versions/") for text in answer.json()["versions"]]
    assert listed == [house.thing(1, version=version)["modified"] for version in range(5)]
    assert len(ids(house.pages(client, path, **{"match[version]": "all"}))) == 5


def test_lines_42_44_dates_are_those_of_the_manifest_and_added_after_is_exclusive(house: House) -> None:
    wanted = things(house, 5)
    client = house.client()
    dates = [record["date_added"] for record in client.get(MANIFEST).json()["objects"]]
    one = f"{OBJECTS}{wanted[0]}/"
    for path, first, last in ((OBJECTS, 0, -1), (MANIFEST, 0, -1), (one, 0, 0), (f"{one}versions/", 0, 0)):
        answer = client.get(path)
        assert (answer.headers[FIRST], answer.headers[LAST]) == (dates[first], dates[last])
    assert ids([client.get(OBJECTS, params={"added_after": dates[2]})]) == wanted[3:]
    assert ids([client.get(OBJECTS, params={"added_after": dates[-1]})]) == []


def test_line_46_no_two_objects_share_a_date_so_no_limit_splits_them(house: House) -> None:
    client = house.writer()
    sent = [house.thing(number) for number in range(500)]
    assert house.post(client, *sent).json()["success_count"] == 500
    seen: list[str] = []
    after = {"added_after": "1970-01-01T00:00:00Z"}
    while found := (answer := client.get(OBJECTS, params={"limit": "90"} | after)).json().get("objects"):
        seen += [each["id"] for each in found]
        after = {"added_after": answer.headers[LAST]}
    assert seen == [each["id"] for each in sent]


def test_line_47_what_is_added_while_somebody_pages_comes_once(house: House) -> None:
    wanted = things(house, 6)
    client, writer = house.client(), house.writer()
    seen: list[str] = []
    page: dict[str, Any] = {"more": True}
    on: dict[str, str] = {"limit": "2"}
    while page["more"]:
        page = client.get(OBJECTS, params=on).json()
        seen += [each["id"] for each in page["objects"]]
        if len(wanted) < 10:
            wanted.append(house.thing(len(wanted))["id"])
            house.post(writer, house.thing(len(wanted) - 1))
        on = {"next": page.get("next", "")}
    assert seen == wanted


def test_line_48_without_the_right_to_read_there_is_nothing(house: House) -> None:
    things(house, 1)
    bound = house.client(collection="other")
    assert all(bound.get(path).status_code == 404 for path in (MAIN, OBJECTS, MANIFEST))


def test_line_59_last_is_meant_before_added_after(house: House) -> None:
    house.keep(house.thing(1, version=1))
    client = house.client()
    polled = client.get(OBJECTS).headers[LAST]
    house.keep(house.thing(1, version=2))
    news = client.get(OBJECTS, params={"added_after": polled}).json()["objects"]
    assert news == [house.thing(1, version=2)]


def test_lines_60_61_the_manifest_has_one_record_a_version(house: House) -> None:
    house.keep(house.thing(1), house.thing(1, version=1), house.thing(2, kind="tool"))
    records = house.client().get(MANIFEST, params={"match[type]": "malware", "match[version]": "all"}).json()["objects"]
    assert [(each["id"], each["version"]) for each in records] == [
        (house.thing(1)["id"], house.thing(1, version=version)["modified"]) for version in (0, 1)
    ]
    assert all(each.keys() == {"id", "date_added", "version"} for each in records)


def test_lines_79_80_one_object_in_its_last_version_or_those_asked_for(house: House) -> None:
    house.keep(*(house.thing(1, version=version) for version in range(3)))
    path = f"{OBJECTS}{house.thing(1)['id']}/"
    client = house.client()

    def minutes(**match: str) -> list[str]:
        found = client.get(path, params={f"match[{name}]": value for name, value in match.items()}).json()
        return [each["modified"][14:16] for each in found.get("objects", [])]

    assert minutes() == minutes(version="last") == ["02"]
    assert minutes(version="all") == ["00", "01", "02"]
    assert minutes(spec_version="2.0") == []
    assert client.get(f"{OBJECTS}malware--00000000-0000-4000-8000-000000000000/").status_code == 404


def test_lines_85_86_versions_are_told_as_they_were_written(house: House) -> None:
    texts = ["2026-01-01T00:00:00Z", "2026-01-01T00:00:01.5Z", "2026-01-01T00:00:02.123456Z"]
    house.keep(*({**house.thing(1), "created": texts[0], "modified": text} for text in texts))
    answer = house.client().get(f"{OBJECTS}{house.thing(1)['id']}/versions/")
    assert answer.json() == {"more": False, "versions": texts}


def test_line_88_answers_are_small_and_connections_stay(house: House) -> None:
    things(house, 40)
    client = house.client()
    for coding in ("gzip", "zstd"):
        packed = client.get(OBJECTS, headers={"accept-encoding": coding})
        assert packed.headers["content-encoding"] == coding and len(ids([packed])) == 40
    known = client.get(OBJECTS, headers={"if-none-match": packed.headers["etag"]})
    assert (known.status_code, known.content) == (304, b"")
