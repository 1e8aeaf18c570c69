"""Searching as people do, on both engines: scripts, filters, counts, neighbours, and canaries for who may not see."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kouprey.exchange.model import Filters
from kouprey.exchange.store import facets as counting
from kouprey.kernel.words.errors import Unknown
from kouprey.kernel.words.tlp import TLP

TEXTS = {
    "khmer": "ការវាយប្រហារតាមអ៊ីនធឺណិតលើក្រសួងសុខាភិបាល",
    "thai": "มัลแวร์เรียกค่าไถ่โจมตีโรงพยาบาล",
    "lao": "ການໂຈມຕີທາງໄຊເບີຕໍ່ທະນາຄານ",
    "myanmar": "ဆိုက်ဘာတိုက်ခိုက်မှုများ",
    "viet": "Mã độc tống tiền nhắm vào bệnh viện",
    "chinese": "针对政府的网络攻击活动",
    "latin": "Spearphishing Attachment T1566.001 from mail.example",
}


def names(party: Any, who: Any, text: str = "", **more: Any) -> list[str]:
    return [head.title for head in party.exchange.list_objects(who, text=text, **more).heads]


def test_words_of_many_scripts(ministry: Any, stix: Any) -> None:
    ministry.keep(*(stix.make(name, "report", description=text) for name, text in TEXTS.items()), tlp=TLP.GREEN)
    who = ministry.reader()
    for typed, expected in {
        "ប្រហារ": "khmer",
        "សុខាភិបាល": "khmer",
        "เรียกค่าไถ่ โรงพยาบาล": "thai",
        "ທະນາຄານ": "lao",
        "တိုက်ခိုက်": "myanmar",
        "ma doc": "viet",
        '"bệnh viện"': "viet",
        "攻击": "chinese",
        "spear*": "latin",
        "t1566.001 mail.example": "latin",
    }.items():
        assert names(ministry, who, typed) == [expected], typed
    for typed in ("ប្រហារ ไวรัส", '"viện bệnh"', "spear", "NOT spearphishing", "***", '"'):
        assert names(ministry, who, typed) == [], typed
    assert len(names(ministry, who, "  ")) == 7


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    typed=st.text(alphabet=st.sampled_from("aB1 \"*'\\:&|!<>()^{}-+.,NEAR/ANDORNOTកำ攻\0%_;"), max_size=40) | st.text()
)
def test_nothing_typed_is_an_error(ministry: Any, typed: str) -> None:
    who = ministry.reader()
    page = ministry.exchange.list_objects(who, text=typed)
    assert ministry.exchange.facets(who, text=typed).total == len(page.heads)


def test_filters_together(ministry: Any, stix: Any) -> None:
    for kind, level, revoked in product(("malware", "tool"), (TLP.GREEN, TLP.RED), (False, True)):
        name = f"{kind} {level.word} {revoked}"
        ministry.keep(stix.make(name, kind, revoked=revoked), tlp=level, source=f"{level.word}.json")
    ministry.keep(stix.make("both", "tool", description="one"), tlp=TLP.GREEN, source="green.json")
    ministry.keep(stix.make("both", "tool", description="two"), tlp=TLP.RED, source="red.json")
    who, exchange = ministry.reader(), ministry.exchange
    every = names(ministry, who)
    assert len(every) == 9
    assert len(names(ministry, who, "malware", filters=Filters(revoked=True))) == 2
    assert len(names(ministry, who, types=["tool"], filters=Filters(revoked=False, levels=(TLP.GREEN,)))) == 1
    assert len(names(ministry, who, "tool", filters=Filters(sources=("red.json",)))) == 2
    assert names(ministry, who, filters=Filters(conflict=True)) == ["both"]
    assert names(ministry, ministry.reader(TLP.GREEN), filters=Filters(conflict=True)) == []
    newest = exchange.list_objects(who, limit=3).heads
    between = Filters(since=newest[2].position, until=newest[0].position)
    assert names(ministry, who, filters=between) == [newest[1].title]
    assert names(ministry, who, newest[1].title, filters=between) == [newest[1].title]
    assert len(names(ministry, who, "malware", collection="main")) == 4
    found = exchange.facets(who, text="malware")
    assert (found.total, found.more, found.by_type) == (4, False, {"malware": 4})
    assert found.by_tlp == {TLP.GREEN: 2, TLP.RED: 2} and found.by_source == {"green.json": 2, "red.json": 2}
    everything = exchange.facets(who)
    assert everything.total == 9 and everything.by_source == {"green.json": 5, "red.json": 5}


def test_pages_of_hits_and_the_bound_of_counting(ministry: Any, stix: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ministry.keep(*(stix.make(f"zebra {n:02}") for n in range(25)), tlp=TLP.GREEN)
    who, seen, before = ministry.reader(), [], None
    while True:
        page = ministry.exchange.list_objects(who, text="zebra", before_position=before, limit=10)
        seen += [head.title for head in page.heads]
        if not page.more:
            break
        before = page.heads[-1].position
    assert seen == [f"zebra {n:02}" for n in range(24, -1, -1)]
    newer = ministry.exchange.list_objects(who, text="zebra", after_position=before, limit=5)
    assert [head.title for head in newer.heads] == seen[:20][-6:-1] and newer.more
    monkeypatch.setattr(counting, "COUNTED", 20)
    found = ministry.exchange.facets(who, text="zebra")
    assert found.total == 20 and found.more


@pytest.fixture
def web(ministry: Any, stix: Any) -> Any:
    """open - uses -> tool; open - uses -> canary (red); red relations among open things; a report of all."""

    def relate(name: str, a: tuple[str, str], b: tuple[str, str], word: str = "uses", **more: Any) -> bytes:
        ends = {"source_ref": stix.id(*a), "target_ref": stix.id(*b)}
        made: bytes = stix.make(name, "relationship", relationship_type=word, **ends, **more)
        return made

    group, tool, secret, far = ("malware", "open"), ("tool", "tool"), ("tool", "canary"), ("identity", "far")
    ministry.keep(
        *(stix.make(name, kind) for kind, name in (group, tool, far)),
        relate("r1", group, tool),
        relate("r2", group, secret, "canary-uses"),
        relate("r5", tool, far, "revoked-word", revoked=True),
        stix.make("report", "report", object_refs=[stix.id(*tool), stix.id(*secret)]),
        tlp=TLP.GREEN,
    )
    ministry.keep(
        stix.make("canary", "tool", description="hidden"),
        relate("r3", group, far, "canary-word"),
        relate("r4", tool, secret, "hidden-word"),
        tlp=TLP.RED,
        source="canary.json",
    )
    return ministry


def test_neighbours_are_only_what_the_reader_sees(web: Any, stix: Any) -> None:
    start, low, high = stix.id("malware", "open"), web.reader(TLP.GREEN), web.reader()
    near = web.exchange.neighbours(low, start, depth=3)
    assert {(node.title, node.distance) for node in near.nodes} == {("tool", 1), ("report", 2)}
    assert {relation.word for relation in near.relations} == {"uses", "object_refs"}
    assert "canary" not in repr(near) and stix.id("tool", "canary") not in repr(near) and not near.more
    assert [node.title for node in web.exchange.neighbours(low, start).nodes] == ["tool"]
    everything = web.exchange.neighbours(high, start, depth=3)
    assert {node.title for node in everything.nodes} == {"tool", "canary", "far", "report"}
    assert {r.word for r in everything.relations} >= {"canary-uses", "canary-word", "hidden-word"}
    assert "revoked-word" not in repr(everything)
    few = web.exchange.neighbours(high, start, depth=3, limit=1)
    assert len(few.nodes) == 1 and few.more
    with pytest.raises(Unknown):
        web.exchange.neighbours(low, stix.id("tool", "canary"))
    with pytest.raises(Unknown):
        web.exchange.neighbours(web.foreign("stranger.example"), start)


def test_hits_and_counts_of_what_is_hidden_are_none(web: Any, stix: Any) -> None:
    web.keep(stix.make("turned", "tool", description="canary-body"), tlp=TLP.RED, source="canary.json")
    web.keep(stix.make("turned", "tool", description="plain"), tlp=TLP.GREEN)
    for who in (web.reader(TLP.GREEN), web.foreign("stranger.example")):
        for typed in ("canary", "canary*", '"canary uses"*', "hidden", "canary-body", stix.id("tool", "canary")):
            found = web.exchange.facets(who, text=typed)
            shown = names(web, who, typed)
            # The open relationship to it is open, and says its own kind.
            assert all(title == "r2" for title in shown) and found.total == len(shown), typed
        every = web.exchange.facets(who)
        assert "canary.json" not in every.by_source and TLP.RED not in every.by_tlp
        assert "canary.json" not in web.exchange.facets(who, text="plain").by_source
        assert names(web, who, filters=Filters(sources=("canary.json",))) == []
    assert names(web, web.reader(TLP.GREEN), "plain") == ["turned"]
    # Each reader searches the one body he is given.
    assert names(web, web.reader(), "canary-body") == ["turned"] and names(web, web.reader(), "plain") == []


def test_what_becomes_visible_is_found_and_what_is_closed_is_not(ministry: Any, operator: Any, stix: Any) -> None:
    agreement = stix.agree(ministry, operator, tlp_ceiling="green")
    ministry.keep(stix.make("first", description="needle"), tlp=TLP.AMBER)
    ministry.keep(stix.make("second", description="needle"), tlp=TLP.GREEN)
    who = ministry.foreign("operator.example")
    assert names(ministry, who, "needle") == ["second"]
    # The same said again under an open label: a further assertion, a new label set, a new position.
    ministry.keep(stix.make("first", description="needle"), tlp=TLP.GREEN, source="again.json")
    assert names(ministry, who, "needle") == ["first", "second"] == names(ministry, ministry.reader(), "needle")
    ministry.agreements.suspend(agreement, suspended=True, by="test")
    assert names(ministry, who, "needle") == []
    ministry.agreements.suspend(agreement, suspended=False, by="test")
    ministry.settle()
    assert names(ministry, who, "needle") == names(ministry, ministry.reader(), "needle")
    assert len(names(ministry, who, "needle")) == 2


def test_a_new_version_hides_the_words_of_the_old(ministry: Any, stix: Any) -> None:
    ministry.keep(stix.make("thing", description="before"), tlp=TLP.GREEN)
    ministry.keep(stix.make("thing", minute=5, description="after"), tlp=TLP.RED)
    assert names(ministry, ministry.reader(), "before") == [] and names(ministry, ministry.reader(), "after") == [
        "thing"
    ]
    assert names(ministry, ministry.reader(TLP.GREEN), "before") == ["thing"]
    assert ministry.exchange.facets(ministry.reader(), text="before").total == 0
