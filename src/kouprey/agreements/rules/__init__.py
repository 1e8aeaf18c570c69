"""The one decision: may this reader see a thing with this label, and because of which clause."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import UNSET

from kouprey.agreements.model import CLAUSES, ApprovalRule, Narrowing, Onward, Standing, State
from kouprey.agreements.rules import ways
from kouprey.agreements.rules.changes import ONWARD
from kouprey.kernel.words.decision import Decision, Reader, Reason
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.time import FOREVER, Instant, format_second
from kouprey.kernel.words.tlp import TLP, parse_pap, parse_tlp

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
        return _by_audience(barred, label, terms, under)
    if reader.local:
        held = Reason("own-party", f"{reader.party} holds it and its people may read {label.tlp.text}.")
        return Decision(True, (held,))
    if reader.constituents:
        return _to_constituent(label, reader, terms, now) if not under else _no("constituent", HOSTED_UNDER_NONE)
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
        text = f"No agreement binds us and {reader.party}."
        reasons = [Reason("no-agreement", text, clause=CLAUSES["parties"], change=(ways.agree(reader.party),))]
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
    several = tuple(labels)
    if len(several) == 1:
        # Nearly always: what is said of one assertion is said of the thing.
        return decide(several[0], reader, terms, purpose, now, under=under)
    made = [(label, decide(label, reader, terms, purpose, now, under=under)) for label in several]
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
        change = (ways.seal(label, reader.party),)
        return _no("sealed", f"It is sealed to {', '.join(label.sealed_to)}.", change=change)
    if label.tlp > reader.clearance:
        text = f"It is {label.tlp.text}; the reader is cleared up to {reader.clearance.text}."
        return _no("clearance", text, change=(ways.clear(),))
    owners_own = reader.local and label.owner == reader.party
    if label.not_before > now and not owners_own:
        time = _time(label.not_before)
        return _no("embargo", f"It may not be seen before {time}.", until=label.not_before, change=(ways.wait(time),))
    if label.purposes and purpose and purpose not in label.purposes:
        text = f"It may be used for {', '.join(label.purposes)}, not for {purpose}."
        return _no("purpose", text, change=(ways.own_purpose(label),))
    return None


def _by_audience(barred: Decision, label: Label, terms: AgreementsById, under: str) -> Decision:
    """The same, naming the audience and its clause where what is sealed is sealed to an audience of an agreement."""
    if barred.because[0].code != "sealed":
        return barred
    meant = {label.owner, *label.sealed_to}
    # What came under an agreement was meant for an audience of that one; else the one that is asked about comes first.
    first = label.agreement or under
    for standing in sorted(terms.values(), key=lambda each: (each.agreement != first, each.agreement)):
        for group in standing.groups:
            if not standing.draft and {label.owner, *group.parties} == meant:
                text = f"It is for the audience “{group.name}” only: {', '.join(group.parties)}."
                reason = Reason("sealed", text, standing.agreement, CLAUSES["groups"], standing.title)
                return Decision(False, (reason,), min(barred.until, standing.changes))
    return barred


HOSTED_UNDER_NONE = "A constituent is no party of an agreement; what it sees, it sees through us."
GIVEN_ON = ("intelligence", "sighting", "statement")
"""Kinds of things that constituents may be given; what is between parties stays there."""


def _to_constituent(label: Label, reader: Reader, terms: AgreementsById, now: Instant) -> Decision:
    """What our own party may give a constituent it hosts (docs/decisions/0010-constituents.md).

    To TLP 2.0 a constituent is our client: it gets CLEAR and GREEN, AMBER where it needs to know, and what is stricter
    only when it is ours and sealed to it by name. What others gave us goes on only as their agreement lets it.
    """
    own = not label.agreement
    addressed = own and bool(set(label.sealed_to) & set(reader.constituents))
    named = addressed or bool(set(label.concerned) & set(reader.constituents))
    if label.concerned and not named:
        return _no("concerned", "It concerns others.")
    if label.sealed_to and not addressed:
        return _no("sealed", "It is sealed to others.")
    if label.kind not in GIVEN_ON:
        return _no("kind", f"{label.kind} is between parties, and is not given to constituents.")
    if label.tlp >= TLP.AMBER_STRICT and not addressed:
        return _no("strict", f"{label.tlp.text} stays within our own organisation, unless we seal it to a recipient.")
    if own:
        return Decision(True, (Reason("constituent", f"{label.tlp.text} of our own may go to those we host."),))
    source = terms.get(label.agreement)
    if source is None:
        text = "It was received under an agreement this node does not hold."
        return Decision(False, (Reason("onward-unknown", text, label.agreement, CLAUSES["onward"]),))
    over = _not_running(source, label.owner, now)
    if over is not None:
        return over
    open_to_all = label.tlp is TLP.CLEAR
    community = source.terms.onward == Onward.COMMUNITY and (label.tlp is TLP.GREEN or named)
    if not open_to_all and not community:
        text = f"Received from {label.owner}; that agreement allows passing on: {source.terms.onward}."
        return _under_clause("onward", text, source, "onward", change=(ways.loosen(source, "onward"),))
    said = _ground("onward", f"{label.owner} allows it.", source, "onward")
    return Decision(True, (said,), min(source.ends, source.changes))


def _under(
    label: Label, reader: Reader, standing: Standing, terms: AgreementsById, purpose: str, now: Instant
) -> Decision:
    """The decision under one agreement that names the reader's party."""
    unfit = (
        _not_running(standing, reader.party, now)
        or _outside_terms(label, reader, standing, purpose)
        or _tightened(label, reader, standing, standing.narrowed_between(reader.party), purpose)
    )
    if unfit is not None:
        return unfit
    if label.owner != reader.party and (rule := _released_by(label, standing)) is not None:
        text = f"{label.tlp.text} goes only when {rule.persons} of the role {rule.role} released it; then by the lane."
        change = (ways.release(rule.persons, rule.role), ways.loosen(standing, "approvals"))
        return _under_clause("awaits-release", text, standing, "approvals", change=change)
    until = min(standing.ends, standing.changes)
    if label.agreement and label.owner != reader.party:
        source = _passed_on(label, reader, standing, terms, now)
        if not source.allowed:
            return source
        until = min(until, source.until)
    text = f"{label.tlp.text} {label.kind} is within the ceiling {standing.tlp_ceiling.text}."
    return Decision(True, (_ground("agreement", text, standing, "tlp_ceiling"),), until)


def _not_running(standing: Standing, party: str, now: Instant) -> Decision | None:
    """Why nothing goes to, or is taken from, `party` under an agreement at this time, or None when it runs."""
    state = standing.state(now)
    if state in (State.DRAFT, State.PROPOSED):
        text = "The agreement is not signed by all its parties."
        return _under_clause("unsigned", text, standing, "parties", change=(ways.sign(standing),))
    if left := [each for each in standing.left if each in (standing.home, party)]:
        text = f"{', '.join(left)} has left the agreement."
        return _under_clause("left", text, standing, "leaving_days", change=(ways.join_again(left),))
    if by := standing.suspended_between(party):
        text = f"Suspended by {', '.join(by)}."
        return _under_clause("suspended", text, standing, "suspension", change=(ways.resume(by),))
    if state is State.ENDED:
        text = f"The agreement ended at {_time(standing.ends)}."
        return _under_clause("ended", text, standing, "dates", change=(ways.renew(standing),))
    if state is State.NOT_YET:
        time = _time(standing.starts)
        text = f"The agreement starts at {time}."
        return _under_clause("not-started", text, standing, "dates", until=standing.starts, change=(ways.wait(time),))
    return None


def _outside_terms(label: Label, reader: Reader, standing: Standing, purpose: str) -> Decision | None:
    """Why the terms do not cover this label, or None when they do."""
    terms = standing.terms
    if label.tlp > standing.tlp_ceiling:
        ceiling = standing.tlp_ceiling.text
        text = f"{label.tlp.text} is above the ceiling {ceiling}."
        below = [parse_tlp(rule.tlp) for rule in terms.approvals if parse_tlp(rule.tlp) <= standing.tlp_ceiling]
        released = min(below).text if below else ""
        change = (ways.lower(label, standing.home, ceiling, released), ways.loosen(standing, "tlp_ceiling"))
        return _under_clause("ceiling", text, standing, "tlp_ceiling", change=change)
    highest = parse_pap(terms.pap_ceiling)
    if label.pap > highest:
        text = f"{label.pap.text} is above the ceiling {highest.text}."
        change = (ways.lower(label, standing.home, highest.text), ways.loosen(standing, "pap_ceiling"))
        return _under_clause("pap-ceiling", text, standing, "pap_ceiling", change=change)
    if label.tlp is TLP.RED and reader.party not in label.sealed_to:
        text = "TLP:RED is for named recipients only; seal it to the party to hand it over."
        change = (ways.seal(label, reader.party), ways.lower(label, standing.home, TLP.AMBER_STRICT.text))
        return _under_clause("red", text, standing, "tlp_ceiling", change=change)
    if label.kind not in terms.types:
        text = f"The agreement covers {', '.join(terms.types)}, not {label.kind}."
        return _under_clause("type", text, standing, "types", change=(ways.loosen(standing, "types"),))
    if purpose and purpose not in terms.purposes:
        text = f"{purpose} is not among {', '.join(terms.purposes)}."
        return _under_clause("purpose", text, standing, "purposes", change=(ways.loosen(standing, "purposes"),))
    if label.purposes and not set(label.purposes) & set(terms.purposes):
        text = f"It is for {', '.join(label.purposes)} only."
        change = (ways.own_purpose(label), ways.loosen(standing, "purposes"))
        return _under_clause("purpose", text, standing, "purposes", change=change)
    return None


def _tightened(
    label: Label, reader: Reader, standing: Standing, narrowed: Iterable[Narrowing], purpose: str
) -> Decision | None:
    """Why what single parties have tightened for their part bars this label, or None when it does not."""
    purposes = set(standing.terms.purposes)
    for said in narrowed:
        if said.parties is not None and not {reader.party, standing.home} <= {*said.parties, said.party}:
            text = f"{said.party} exchanges with {', '.join(said.parties)} alone."
            return _too_narrow("audience", text, standing, said, "parties")
        if said.tlp_ceiling and label.tlp > parse_tlp(said.tlp_ceiling):
            ceiling = parse_tlp(said.tlp_ceiling).text
            text = f"{label.tlp.text} is too high: {said.party} has tightened it to {ceiling}."
            return _too_narrow(
                "ceiling", text, standing, said, "tlp_ceiling", ways.lower(label, standing.home, ceiling)
            )
        if said.pap_ceiling and label.pap > parse_pap(said.pap_ceiling):
            highest = parse_pap(said.pap_ceiling).text
            text = f"{label.pap.text} is too high: {said.party} has tightened it to {highest}."
            way = ways.lower(label, standing.home, highest)
            return _too_narrow("pap-ceiling", text, standing, said, "pap_ceiling", way)
        if said.types is not None and label.kind not in said.types:
            text = f"{said.party} has tightened it to {', '.join(said.types)}, without {label.kind}."
            return _too_narrow("type", text, standing, said, "types")
        purposes &= purposes if said.purposes is None else set(said.purposes)
        asked = {purpose} if purpose else set(label.purposes) or purposes
        if said.purposes is not None and not asked & purposes:
            text = f"{said.party} has tightened it to {', '.join(said.purposes)}."
            return _too_narrow("purpose", text, standing, said, "purposes")
    return None


def _too_narrow(code: str, text: str, standing: Standing, said: Narrowing, clause: str, *first: str) -> Decision:
    return _under_clause(code, text, standing, clause, change=(*first, ways.loosen_again(standing, said, clause)))


def _released_by(label: Label, standing: Standing) -> ApprovalRule | None:
    """A rule by which persons have to release a thing with this label, or None."""
    return next(
        (
            rule
            for rule in standing.terms.approvals
            if label.tlp >= parse_tlp(rule.tlp) and (not rule.kinds or label.kind in rule.kinds)
        ),
        None,
    )


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
        return _under_clause("onward", text, source, "onward", change=(ways.given_by_owner(label),))
    # Who gave it may have tightened what becomes of it, and so may we.
    narrowed = source.narrowed_between(label.owner)
    barred = _tightened(label, reader, source, narrowed, "")
    if barred is not None:
        return barred
    onward = min([source.terms.onward, *(said.onward for said in narrowed if said.onward)], key=ONWARD.index)
    among = onward in (Onward.MEMBERS, Onward.COMMUNITY) and reader.party in source.parties
    if (among and source.agreement == standing.agreement) or (onward == Onward.COMMUNITY and label.tlp <= TLP.GREEN):
        until = min(source.ends, source.changes)
        return Decision(True, (_ground("onward", f"{label.owner} allows it.", source, "onward"),), until)
    text = f"Received from {label.owner}; that agreement allows passing on: {onward}."
    change = (ways.given_by_owner(label), ways.loosen(source, "onward"))
    return _under_clause("onward", text, source, "onward", change=change)


def _under_clause(
    code: str, text: str, standing: Standing, clause: str, *, until: Instant = FOREVER, change: tuple[str, ...] = ()
) -> Decision:
    return Decision(False, (_ground(code, text, standing, clause, change),), min(until, standing.changes))


def _ground(code: str, text: str, standing: Standing, clause: str, change: tuple[str, ...] = ()) -> Reason:
    return Reason(code, text, standing.agreement, CLAUSES[clause], standing.title, change)


def _time(instant: Instant) -> str:
    """An instant for people; a label from elsewhere may name one beyond our calendar."""
    try:
        return format_second(instant)
    except OverflowError:
        return "the end of time"


def _no(code: str, text: str, until: Instant = FOREVER, change: tuple[str, ...] = ()) -> Decision:
    return Decision(False, (Reason(code, text, change=change),), until)
