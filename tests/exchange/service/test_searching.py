"""Searching as people do, on both engines: scripts, filters, counts, neighbours, and canaries for who may not see."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kouprey.exchange.model import Filters
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
