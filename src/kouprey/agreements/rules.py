"""The one decision: may this reader see a thing with this label, and because of which clause."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import UNSET

from kouprey.agreements.model import CLAUSES, Onward, Standing, State
from kouprey.kernel.words.decision import Decision, Reader, Reason
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.time import FOREVER, Instant, format_second
from kouprey.kernel.words.tlp import TLP

AgreementsById = Mapping[str, Standing]


def decide(
    label: Label, reader: Reader, terms: AgreementsById, purpose: str, now: Instant, *, under: str = ""
) -> Decision:
    """Whether `reader` may see a thing carrying `label` for `purpose` ("" = no particular one).

    `terms` holds every agreement this node knows, by id; `under` names the only one that may grant, "" lets any.
    What cannot be decided is denied. The decision names every ground and the instant until which it holds.
    """
    barred = _barred_for_anyone(label, reader, purpose, now)
    if barred is not None:
        return barred
    if reader.local:
        held = Reason("own-party", f"{reader.party} holds it and its people may read {label.tlp.text}.")
        return Decision(True, (held,))
    concerned = [
        standing
        for standing in terms.values()
        if reader.party in standing.parties and not standing.draft and under in ("", standing.agreement)
    ]
    made = [_under(label, reader, standing, terms, purpose, now) for standing in concerned]
    granted = [each for each in made if each.allowed]
    if granted:
        return max(granted, key=lambda each: each.until)
    reasons = [reason for each in made for reason in each.because]
    if not reasons:
        reasons = [Reason("no-agreement", f"No agreement binds us and {reader.party}.", clause=CLAUSES["parties"])]
    # The next version of any agreement may name this reader.
    until = min([*(each.until for each in made), *(standing.changes for standing in terms.values())], default=FOREVER)
    return Decision(False, tuple(reasons), until)


def decide_set(
    labels: Iterable[Label],
    reader: Reader,
    terms: AgreementsById,
    purpose: str,
    now: Instant,
    *,
    under: str = "",
) -> Decision:
    """The decision over all assertions of one thing.

    Our own people need one assertion they may see. Anybody else needs one too, and in addition every assertion that was
    received under an agreement must allow the release, because what others gave us is not ours to give away.
    """
    made = [(label, decide(label, reader, terms, purpose, now, under=under)) for label in labels]
    allowed = [each for _, each in made if each.allowed]
    bound = [each for label, each in made if label.agreement] if not reader.local else []
    barring = [each for each in bound if not each.allowed] or ([] if allowed else [each for _, each in made])
    if barring:
        reasons = tuple(reason for each in barring for reason in each.because)
        return Decision(False, reasons, min(each.until for each in barring))
    if not allowed:
        return Decision(False, (Reason("no-label", "Nothing says who may see this."),))
    best = max(allowed, key=lambda each: each.until)
    return Decision(True, best.because, min([best.until, *(each.until for each in bound)]))


def _barred_for_anyone(label: Label, reader: Reader, purpose: str, now: Instant) -> Decision | None:
    """Grounds that bar every reader, before any agreement is looked at."""
    if label.exercise != reader.exercise:
        return _no("exercise", "It belongs to an exercise, or the reader does; the two never mix.")
    who = (reader.party,) if reader.beside is UNSET else (reader.party, reader.beside)
    if label.sealed_to and any(party not in label.sealed_to and party != label.owner for party in who):
        return _no("sealed", f"It is sealed to {', '.join(label.sealed_to)}.")
    if label.tlp > reader.clearance:
        return _no("clearance", f"It is {label.tlp.text}; the reader is cleared up to {reader.clearance.text}.")
    owners_own = reader.local and label.owner == reader.party
    if label.not_before > now and not owners_own:
        return _no("embargo", f"It may not be seen before {_time(label.not_before)}.", until=label.not_before)
    if label.purposes and purpose and purpose not in label.purposes:
        return _no("purpose", f"It may be used for {', '.join(label.purposes)}, not for {purpose}.")
    return None


def _under(
    label: Label, reader: Reader, standing: Standing, terms: AgreementsById, purpose: str, now: Instant
) -> Decision:
    """The decision under one agreement that names the reader's party."""
    unfit = _not_running(standing, reader.party, now) or _outside_terms(label, reader, standing, purpose)
    if unfit is not None:
        return unfit
    until = min(standing.ends, standing.changes)
    if label.agreement and label.owner != reader.party:
        source = _passed_on(label, reader, standing, terms, now)
        if not source.allowed:
            return source
        until = min(until, source.until)
    text = f"{label.tlp.text} {label.kind} is within the ceiling {standing.tlp_ceiling.text} of “{standing.title}”."
    return Decision(True, (Reason("agreement", text, standing.agreement, CLAUSES["tlp_ceiling"]),), until)


def _not_running(standing: Standing, party: str, now: Instant) -> Decision | None:
    """Why nothing goes to, or is taken from, `party` under an agreement at this time, or None when it runs."""
    state = standing.state(now)
    if state in (State.DRAFT, State.PROPOSED):
        return _under_clause("unsigned", "The agreement is not signed by all its parties.", standing, "parties")
    if suspended_by := standing.suspended_between(party):
        return _under_clause("suspended", f"Suspended by {', '.join(suspended_by)}.", standing, "suspension")
    if state is State.ENDED:
        return _under_clause("ended", f"The agreement ended at {_time(standing.ends)}.", standing, "dates")
    if state is State.NOT_YET:
        text = f"The agreement starts at {_time(standing.starts)}."
        return _under_clause("not-started", text, standing, "dates", until=standing.starts)
    return None


def _outside_terms(label: Label, reader: Reader, standing: Standing, purpose: str) -> Decision | None:
    """Why the terms do not cover this label, or None when they do."""
    terms = standing.terms
    if label.tlp > standing.tlp_ceiling:
        text = f"{label.tlp.text} is above the ceiling {standing.tlp_ceiling.text}."
        return _under_clause("ceiling", text, standing, "tlp_ceiling")
    if label.tlp is TLP.RED and reader.party not in label.sealed_to:
        text = "TLP:RED is for named recipients only; seal it to the party to hand it over."
        return _under_clause("red", text, standing, "tlp_ceiling")
    if label.kind not in terms.types:
        text = f"The agreement covers {', '.join(terms.types)}, not {label.kind}."
        return _under_clause("type", text, standing, "types")
    if purpose and purpose not in terms.purposes:
        text = f"{purpose} is not among {', '.join(terms.purposes)}."
        return _under_clause("purpose", text, standing, "purposes")
    if label.purposes and not set(label.purposes) & set(terms.purposes):
        return _under_clause("purpose", f"It is for {', '.join(label.purposes)} only.", standing, "purposes")
    return None


def _passed_on(label: Label, reader: Reader, standing: Standing, terms: AgreementsById, now: Instant) -> Decision:
    """Whether what we received under an agreement may go on to somebody other than its owner."""
    source = terms.get(label.agreement)
    if source is None:
        text = "It was received under an agreement this node does not hold."
        return Decision(False, (Reason("onward-unknown", text, label.agreement, CLAUSES["onward"]),))
    over = _not_running(source, label.owner, now)
    if over is not None:
        return over
    named = reader.party in label.sealed_to
    if label.tlp >= TLP.AMBER_STRICT and not named:
        text = f"{label.tlp.text} stays with the party that received it; only {label.owner} can name others."
        return _under_clause("onward", text, source, "onward")
    onward = source.terms.onward
    among = onward in (Onward.MEMBERS, Onward.COMMUNITY) and reader.party in source.parties
    if (among and source.agreement == standing.agreement) or (onward == Onward.COMMUNITY and label.tlp <= TLP.GREEN):
        until = min(source.ends, source.changes)
        return Decision(
            True, (Reason("onward", f"{label.owner} allows it.", source.agreement, CLAUSES["onward"]),), until
        )
    text = f"Received from {label.owner}; that agreement allows passing on: {onward}."
    return _under_clause("onward", text, source, "onward")


def _under_clause(code: str, text: str, standing: Standing, clause: str, *, until: Instant = FOREVER) -> Decision:
    reason = Reason(code, text, standing.agreement, CLAUSES[clause])
    return Decision(False, (reason,), min(until, standing.changes))


def _time(instant: Instant) -> str:
    """An instant for people; a label from elsewhere may name one beyond our calendar."""
    try:
        return format_second(instant)
    except OverflowError:
        return "the end of time"


def _no(code: str, text: str, until: Instant = FOREVER) -> Decision:
    return Decision(False, (Reason(code, text),), until)
