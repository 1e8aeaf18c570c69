"""The one decision: may this reader see a thing with this label, and because of which clause."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

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
        return Decision(
            True, (Reason("own-party", f"{reader.party} holds it and its people may read {label.tlp.text}."),)
        )
    refusals: list[Reason] = []
    until = FOREVER
    for standing in terms.values():
        if reader.party not in standing.parties or (under and standing.agreement != under):
            continue
        made = _under(label, reader, standing, terms, purpose, now)
        if made.allowed:
            return made
        refusals.extend(made.because)
        until = min(until, made.until)
    if not refusals:
        refusals.append(Reason("no-agreement", f"No agreement binds us and {reader.party}.", clause=CLAUSES["parties"]))
    return Decision(False, tuple(refusals), until)


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
    decisions = [(label, decide(label, reader, terms, purpose, now, under=under)) for label in labels]
    allowed = [made for _, made in decisions if made.allowed]
    refused = [made for _, made in decisions if not made.allowed]
    if not allowed:
        reasons = tuple(reason for made in refused for reason in made.because)
        none = (Reason("no-label", "Nothing says who may see this."),)
        return Decision(False, reasons or none, min((made.until for made in refused), default=FOREVER))
    if not reader.local:
        bound = [made for label, made in decisions if label.agreement and not made.allowed]
        if bound:
            return Decision(False, tuple(r for made in bound for r in made.because), min(made.until for made in bound))
    # A refused label that will be allowed later closes nothing; the earliest end among the open ones does.
    return Decision(True, allowed[0].because, min(made.until for made in allowed))


def _barred_for_anyone(label: Label, reader: Reader, purpose: str, now: Instant) -> Decision | None:
    """Grounds that bar every reader, before any agreement is looked at."""
    if label.exercise != reader.exercise:
        return _no("exercise", "It belongs to an exercise, or the reader does; the two never mix.")
    if label.sealed_to and reader.party not in label.sealed_to and reader.party != label.owner:
        return _no("sealed", f"It is sealed to {', '.join(label.sealed_to)}.")
    if label.tlp > reader.clearance:
        return _no("clearance", f"It is {label.tlp.text}; the reader is cleared up to {reader.clearance.text}.")
    owners_own = reader.local and label.owner == reader.party
    if label.not_before > now and not owners_own:
        return _no("embargo", f"It may not be seen before {format_second(label.not_before)}.", until=label.not_before)
    if label.purposes and purpose and purpose not in label.purposes:
        return _no("purpose", f"It may be used for {', '.join(label.purposes)}, not for {purpose}.")
    return None


def _under(
    label: Label, reader: Reader, standing: Standing, terms: AgreementsById, purpose: str, now: Instant
) -> Decision:
    """The decision under one agreement that names the reader's party."""

    def no(code: str, text: str, clause: str, until: Instant = FOREVER) -> Decision:
        return Decision(False, (Reason(code, text, standing.agreement, CLAUSES[clause]),), until)

    state = standing.state(now)
    if state is State.PROPOSED:
        return no("unsigned", "The agreement is not signed by all its parties.", "parties")
    if suspended_by := standing.suspended_between(reader.party):
        return no("suspended", f"Suspended by {', '.join(suspended_by)}.", "suspension")
    if state is State.ENDED:
        return no("ended", f"The agreement ended at {format_second(standing.ends)}.", "dates")
    if state is State.NOT_YET:
        starts = format_second(standing.starts)
        return no("not-started", f"The agreement starts at {starts}.", "dates", standing.starts)
    if label.tlp > standing.tlp_ceiling:
        return no(
            "ceiling",
            f"It is {label.tlp.text}; the ceiling is {standing.tlp_ceiling.text}.",
            "tlp_ceiling",
            standing.ends,
        )
    if label.tlp is TLP.RED and reader.party not in label.sealed_to:
        return no("red", "TLP:RED is for named recipients only; seal it to the party to hand it over.", "tlp_ceiling")
    if label.kind not in standing.terms.types:
        return no("type", f"The agreement covers {', '.join(standing.terms.types)}, not {label.kind}.", "types")
    if purpose and purpose not in standing.terms.purposes:
        return no("purpose", f"{purpose} is not among {', '.join(standing.terms.purposes)}.", "purposes")
    if label.purposes and not set(label.purposes) & set(standing.terms.purposes):
        return no("purpose", f"It is for {', '.join(label.purposes)} only.", "purposes")
    passed_on = _onward(label, reader, standing, terms)
    if passed_on is not None:
        return Decision(False, (passed_on,))
    reason = Reason(
        "agreement",
        f"{label.tlp.text} {label.kind} is within the ceiling {standing.tlp_ceiling.text} of “{standing.title}”.",
        standing.agreement,
        CLAUSES["tlp_ceiling"],
    )
    return Decision(True, (reason,), standing.ends)


def _onward(label: Label, reader: Reader, standing: Standing, terms: AgreementsById) -> Reason | None:
    """Why what we received under an agreement may not be passed on, or None when it may."""
    if not label.agreement or label.owner == reader.party:
        return None
    source = terms.get(label.agreement)
    if source is None:
        text = "It was received under an agreement this node does not hold."
        return Reason("onward-unknown", text, label.agreement, CLAUSES["onward"])
    onward = source.terms.onward
    if onward != Onward.NONE and source.agreement == standing.agreement:
        return None
    if onward == Onward.COMMUNITY and label.tlp <= TLP.GREEN:
        return None
    text = f"Received from {label.owner}; that agreement allows passing on: {onward}."
    return Reason("onward", text, source.agreement, CLAUSES["onward"])


def _no(code: str, text: str, until: Instant = FOREVER) -> Decision:
    return Decision(False, (Reason(code, text),), until)
