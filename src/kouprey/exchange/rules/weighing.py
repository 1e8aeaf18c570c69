"""What a thing is worth now, from what its reader may see: nothing of it is ever stored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from kouprey.exchange.model.weighing import Assessment, Comment, Course, Evidence, Ground
from kouprey.exchange.rules.fading import DAY, HALF_LIVES, Fade
from kouprey.kernel.words.time import Instant, format_second

UNSTATED = 50
"""What is taken where nobody says how sure they are: the middle of the scale."""

WEIGHTS = {"strongly-disagree": -1.0, "disagree": -0.5, "agree": 0.5, "strongly-agree": 1.0}
NOT_SEEN = -0.25
"""A sighting with count 0 says that somebody looked and found nothing (STIX 2.1 section 5.2): that is weak."""
_POINTS = 60


def assess(evidence: Evidence, now: Instant, half_lives: Mapping[str, Fade] = HALF_LIVES) -> Assessment:
    """Stated confidence, halved with age, lowered by doubt, ended by revocation or its own end."""
    because: list[Ground] = []
    score = float(_stated(evidence, because))
    last = max((at for at in (*evidence.said, *evidence.sighted) if at <= now), default=now)
    aged = _aged(evidence, now - last, half_lives, because)
    if any(at == last for at in evidence.sighted):
        because.append(Ground("It was last seen %(at)s; that counts like news.", {"at": format_second(last)}))
    trusted = _trusted(evidence, now, because)
    score *= aged * trusted
    if evidence.revoked:
        because.insert(0, Ground("Its author has revoked it; nothing of it counts any more."))
        return Assessment(score=0, state="revoked", because=tuple(because))
    if evidence.until and evidence.until <= now:
        because.insert(0, Ground("Its author said it holds until %(at)s.", {"at": format_second(evidence.until)}))
        return Assessment(score=0, state="expired", because=tuple(because))
    if evidence.until:
        because.append(Ground("It ends at %(at)s, its author says.", {"at": format_second(evidence.until)}))
    return Assessment(
        score=round(score),
        state="doubted" if trusted <= 0.5 else "fading" if aged <= 0.5 else "fresh",
        because=tuple(because),
    )


def _stated(evidence: Evidence, because: list[Ground]) -> int:
    if not evidence.stated:
        because.append(Ground("Nobody says how sure they are; %(n)s of 100 is taken.", {"n": UNSTATED}))
        return UNSTATED
    lowest = min(evidence.stated)
    if lowest != max(evidence.stated):
        text = "Sources state from %(n)s to %(m)s of 100; the more careful one counts."
        because.append(Ground(text, {"n": lowest, "m": max(evidence.stated)}))
    else:
        because.append(Ground("Its author states %(n)s of 100.", {"n": lowest}))
    return lowest


def _aged(evidence: Evidence, age: Instant, half_lives: Mapping[str, Fade], because: list[Ground]) -> float:
    if not evidence.fading:
        because.append(Ground("What it says does not grow old."))
        return 1.0
    fade = half_lives[evidence.fading]
    because.append(Ground(fade.sentence, {"days": fade.days}))
    days = age // DAY
    if days >= 2:
        because.append(Ground("The last news of it is %(days)s days old.", {"days": days}))
    else:
        because.append(Ground("There was news of it within the last two days."))
    # Beyond some hundred half-lives nothing is left, and a float has an end.
    return float(2.0 ** -min(age / (fade.days * DAY), 100.0))


def _trusted(evidence: Evidence, now: Instant, because: list[Ground]) -> float:
    """One voice against and none for it halve it."""
    heard = [weight for at, weight in evidence.voices if at <= now]
    support = sum(weight for weight in heard if weight > 0)
    doubt = -sum(weight for weight in heard if weight < 0)
    if not heard:
        return 1.0
    text = "Voices for it: %(n)s; against it or looking in vain: %(m)s."
    against = sum(weight < 0 for weight in heard)
    because.append(Ground(text, {"n": sum(weight > 0 for weight in heard), "m": against}))
    return (1 + support) / (1 + support + doubt)


def course(evidence: Evidence, now: Instant, half_lives: Mapping[str, Fade] = HALF_LIVES) -> Course | None:
    """How the score came and goes on if nothing more is heard; None for what neither fades nor ends."""
    if (not evidence.fading and not evidence.until) or evidence.revoked or not evidence.said:
        return None
    ahead = half_lives[evidence.fading].days * DAY if evidence.fading else 30 * DAY
    begins, ends = min(evidence.said), now + ahead
    step = (ends - begins) // _POINTS
    scores = tuple(assess(evidence, begins + at * step, half_lives).score for at in range(_POINTS + 1))
    return Course(begins=begins, ends=ends, scores=scores)


def voices_of(comments: Iterable[Comment]) -> tuple[tuple[Instant, float], ...]:
    """What each source says at last: the mean over the authors it names, whom it could also invent.

    An author who has seen the thing at last has not looked in vain.
    """
    newest: dict[tuple[str, str, str], tuple[Instant, float]] = {}
    for comment in sorted(comments, key=lambda each: (each.at, each.stix_id)):
        if comment.kind == "opinion":
            newest[*comment.voice, "opinion"] = comment.at, WEIGHTS.get(comment.opinion, 0.0)
        elif comment.kind == "sighting":
            newest[*comment.voice, "sighting"] = comment.at, 0.0 if comment.times else NOT_SEEN
    by_source: dict[tuple[str, str], list[tuple[Instant, float]]] = {}
    for (source, _author, kind), said in newest.items():
        by_source.setdefault((source, kind), []).append(said)
    means = ((max(at for at, _ in said), sum(w for _, w in said) / len(said)) for said in by_source.values())
    return tuple(sorted(each for each in means if each[1]))


def sighted_at(comments: Iterable[Comment]) -> tuple[Instant, ...]:
    """When it was seen at last, by each sighting that saw it; never later than the sighting came in."""
    return tuple(
        min(comment.last_seen or comment.at, comment.received_at)
        for comment in comments
        if comment.kind == "sighting" and comment.times
    )


def counts_of(comments: Sequence[Comment]) -> dict[str, int]:
    """How many authors, by each source, hold each opinion at last."""
    newest = {c.voice: c.opinion for c in sorted(comments, key=lambda c: (c.at, c.stix_id)) if c.kind == "opinion"}
    held = list(newest.values())
    return {word: held.count(word) for word in dict.fromkeys(held)}
