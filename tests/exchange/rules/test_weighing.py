"""What a thing is worth: always explained, never outside its scale, and moved only the way each ground moves it."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from kouprey.exchange.model.weighing import Comment, Evidence
from kouprey.exchange.rules.fading import DAY, HALF_LIVES, Fade, fading_of
from kouprey.exchange.rules.weighing import assess, counts_of, course, sighted_at, voices_of

NOW = 20_000 * DAY
PAST = st.integers(NOW - 4_000 * DAY, NOW)
EVIDENCE = st.builds(
    Evidence,
    fading=st.sampled_from(["", *HALF_LIVES]),
    stated=st.lists(st.integers(0, 100), max_size=3).map(tuple),
    said=st.lists(PAST, min_size=1, max_size=3).map(tuple),
    sighted=st.lists(PAST, max_size=3).map(tuple),
    voices=st.lists(st.tuples(PAST, st.sampled_from([-1.0, -0.5, -0.25, 0.5, 1.0])), max_size=4).map(tuple),
    until=st.just(0) | st.integers(NOW - 100 * DAY, NOW + 100 * DAY),
    revoked=st.booleans(),
)
PLAIN = Evidence(fading="address", stated=(80,), said=(NOW,), sighted=(), voices=(), until=0, revoked=False)


def change(evidence: Evidence, **values: object) -> Evidence:
    return msgspec.structs.replace(evidence, **values)


@given(EVIDENCE, st.integers(0, 1_000))
def test_every_assessment_has_its_grounds_and_its_bounds(evidence: Evidence, days: int) -> None:
    made, later = assess(evidence, NOW), assess(evidence, NOW + days * DAY)
    assert 0 <= made.score <= max([*evidence.stated, 0 if evidence.stated else 50])
    assert made.because and all(str(ground).strip() and "%(" not in str(ground) for ground in made.because)
    assert later.score <= made.score, "time alone makes nothing surer"
    assert (made.state == "revoked") == evidence.revoked
    ended = bool(evidence.until) and evidence.until <= NOW
    assert (made.score == 0) or not (ended or evidence.revoked)
    assert (made.state == "expired") == (ended and not evidence.revoked)


@given(EVIDENCE, PAST)
def test_each_ground_moves_it_its_own_way(evidence: Evidence, at: int) -> None:
    score = assess(evidence, NOW).score
    assert assess(change(evidence, sighted=(*evidence.sighted, at)), NOW).score >= score
    for weight in (-1.0, -0.5, -0.25):
        assert assess(change(evidence, voices=(*evidence.voices, (at, weight))), NOW).score <= score
    for weight in (0.5, 1.0):
        assert assess(change(evidence, voices=(*evidence.voices, (at, weight))), NOW).score >= score


@given(EVIDENCE)
def test_its_course_stays_on_the_scale(evidence: Evidence) -> None:
    made = course(evidence, NOW)
    assert made is None or (made.begins <= NOW < made.ends and all(0 <= each <= 100 for each in made.scores))
    if not evidence.fading and not evidence.until:
        assert made is None


def test_a_half_life_halves_and_a_sighting_refreshes() -> None:
    assert (assess(PLAIN, NOW).score, assess(PLAIN, NOW).state) == (80, "fresh")
    month = assess(PLAIN, NOW + 30 * DAY)
    assert (month.score, month.state) == (40, "fading")
    assert "every 30 days without news halve it" in str(month.because[1])
    assert assess(change(PLAIN, sighted=(NOW + 29 * DAY,)), NOW + 30 * DAY).score > 70
    slower = {**HALF_LIVES, "address": Fade(60, "%(days)s")}
    assert assess(PLAIN, NOW + 60 * DAY, slower).score == 40
    assert assess(change(PLAIN, fading=""), NOW + 5_000 * DAY).score == 80


def test_doubt_outweighs_only_when_it_is_more() -> None:
    doubted = change(PLAIN, voices=((NOW, -1.0),))
    assert (assess(doubted, NOW).score, assess(doubted, NOW).state) == (40, "doubted")
    assert assess(change(PLAIN, voices=((NOW, -1.0), (NOW, 1.0))), NOW).state == "fresh"
    assert assess(change(PLAIN, voices=((NOW, -0.25),)), NOW).score == 64
    careful = assess(change(PLAIN, stated=(80, 30)), NOW)
    assert careful.score == 30 and "from 30 to 80" in str(careful.because[0])


def comment(kind: str, source: str, at: int, author: str = "", **values: object) -> Comment:
    filled = {"stix_id": f"{kind}--{source}-{author}-{at}", "target": "x", "at": at, "received_at": at}
    filled |= {"kind": kind, "sources": [source], "created_by": author, "text": ""}
    return msgspec.convert(filled | values, Comment)


def test_a_source_counts_once_with_what_it_says_at_last() -> None:
    said = [
        comment("opinion", "a", 1, opinion="strongly-disagree"),
        comment("opinion", "a", 2, opinion="agree"),
        comment("opinion", "b", 1, opinion="neutral"),
        comment("sighting", "c", 1, times=0),
        comment("sighting", "d", 1, times=0),
        comment("sighting", "d", 2, times=4, last_seen=9),
        comment("note", "e", 1),
    ]
    assert voices_of(said) == ((1, -0.25), (2, 0.5))
    assert counts_of(said) == {"agree": 1, "neutral": 1}
    assert sighted_at(said) == (2,), "not later than it came in, whatever it says"


def test_authors_that_one_source_invents_are_one_voice() -> None:
    flood = [comment("opinion", "feed", n, f"identity--{n}", opinion="strongly-disagree") for n in range(100)]
    assert voices_of(flood) == ((99, -1.0),)
    assert voices_of([*flood[:1], comment("opinion", "feed", 5, "other", opinion="strongly-agree")]) == ()


def test_what_fades_is_the_most_fleeting_value() -> None:
    assert fading_of("indicator", ["sha256", "domain-name", "ipv4-addr"]) == "address"
    assert fading_of("indicator", ["sha256"]) == "hash" and fading_of("indicator", []) == "pattern"
    assert fading_of("file", ["md5"]) == "hash" and fading_of("software", []) == ""
    assert fading_of("intrusion-set", ["ipv4-addr"]) == "" and fading_of("vulnerability", ["cve"]) == ""
