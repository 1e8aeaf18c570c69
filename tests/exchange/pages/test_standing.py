"""The state of an object at one glance: the bar of its validity, and what comes next."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from kouprey.exchange.pages.standing import DAY, SENTENCES, span_of
from kouprey.exchange.pages.weighed import STATE_NAMES, TONES
from kouprey.kernel.words.tlp import TLP
from kouprey.node import fiction
from kouprey.people.model import Role

NOW = 1_790_000_000_000_000


def test_every_state_has_its_words() -> None:
    assert SENTENCES.keys() == STATE_NAMES.keys() == TONES.keys()


def test_a_span_is_open_over_or_not_there() -> None:
    assert span_of({"name": "x"}, now=NOW, seen=0, received=NOW) is None
    open_ = span_of({"valid_from": "2026-09-01T00:00:00Z"}, now=NOW, seen=0, received=NOW - DAY)
    assert open_ is not None and (open_.ends, open_.over) == (0, False)
    assert open_.left + open_.width == 100.0 and [each.name for each in open_.marks] == ["received", "now"]
    over = span_of(
        {"valid_from": "2026-09-01T00:00:00Z", "valid_until": "2026-09-02T00:00:00Z"}, now=NOW, seen=NOW, received=NOW
    )
    assert over is not None and over.over and len(over.marks) == 3


@given(*[st.integers(0, 4_000_000_000_000_000)] * 3, st.integers(1, 9_998), st.integers(1, 9_998))
def test_everything_lies_on_the_bar(now: int, seen: int, received: int, begin: int, end: int) -> None:
    value = {"first_seen": f"{begin:04}-01-01T00:00:00Z", "last_seen": f"{end:04}-01-01T00:00:00Z"}
    found = span_of(value, now=now, seen=seen, received=received)
    if found is not None:
        places = [found.left, found.left + found.width, *(each.x for each in found.marks)]
        assert all(0 <= each <= 101 for each in places)
        assert found.ends == 0 or found.begins <= found.ends


def test_the_next_step_is_offered_to_whoever_may_do_it(desk: Any, agreed: str) -> None:
    mine = desk.thing("campaign", "Mine")
    desk.take(mine)
    path = f"/intelligence/{mine['id']}"
    assert f'class="button primary" href="{path}/publish"' in desk.visitor(Role.LEAD).text(path)
    auditor = desk.visitor(Role.AUDITOR).text(path)
    assert f"{path}/publish" not in auditor and 'class="button primary"' not in auditor.partition("<main")[2]
    gone = desk.thing("campaign", "Gone", revoked=True)
    desk.take(gone)
    text = desk.visitor(Role.LEAD).text(f"/intelligence/{gone['id']}")
    assert "Do not act on it any more" in text and text.index("Do not act") < text.index("What it says")
    assert fiction.stix_id("campaign", "Gone") == gone["id"]


def test_what_somebody_is_against_is_read_before_it_is_passed_on(desk: Any, agreed: str) -> None:
    made = desk.thing("campaign", "Lantern", confidence=80)
    against = desk.thing(
        "opinion", "Against", opinion="strongly-disagree", object_refs=[made["id"]], explanation="No such thing."
    )
    del against["name"]
    desk.take(made, against)
    next_one = desk.visitor(Role.LEAD).text(f"/intelligence/{made['id']}").partition('class="glance-cell next')[2]
    next_one = next_one.partition("</section>")[0]
    assert (
        "Read their reasons before you act." in next_one
        and 'href="#opinions"' in next_one
        and "/publish" not in next_one
    )


def test_what_nobody_has_rated_is_called_so(desk: Any) -> None:
    bare, stated = desk.thing("campaign", "Bare"), desk.thing("campaign", "Stated", confidence=70)
    desk.take(bare, stated)
    page = desk.visitor(Role.ANALYST).text
    text = page(f"/intelligence/{bare['id']}")
    assert "Nobody has rated it yet." in text and "as far as anybody here knows" not in text
    assert 'class="glance-bar idle"' in text
    assert "as far as anybody here knows" in page(f"/intelligence/{stated['id']}")


def test_what_speaks_of_another_object_leads_to_it(desk: Any) -> None:
    tool = desk.thing("tool", "Hammer")
    secret = desk.marked("tool", fiction.CANARY, "red")
    seen = desk.thing("sighting", "Seen", sighting_of_ref=tool["id"])
    hidden = desk.thing("sighting", "Hidden", sighting_of_ref=secret["id"])
    thought = desk.thing("opinion", "Thought", opinion="agree", object_refs=[tool["id"]])
    for each in (seen, hidden, thought):
        del each["name"]
    desk.take(tool, secret, seen, hidden, thought)
    page = desk.visitor(Role.ANALYST, clearance=TLP.GREEN).text
    for each, words in ((seen, "Somebody has seen this."), (thought, "It is what somebody thinks")):
        text = page(f"/intelligence/{each['id']}").partition('class="glance-cell next')[2].partition("</section>")[0]
        assert words in text and f'href="/intelligence/{tool["id"]}"' in text
    text = page(f"/intelligence/{hidden['id']}")
    assert secret["id"] not in desk.links(text.partition('class="glance-cell next')[2].partition("</section>")[0])
