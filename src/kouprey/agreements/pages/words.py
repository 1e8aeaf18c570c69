"""An agreement in words: what each clause says, for people who sign it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from markupsafe import Markup

from kouprey.agreements.model import (
    CLAUSES,
    MEASURES,
    Document,
    Narrowing,
    Onward,
    PartyInDocument,
    Standing,
    State,
    Target,
    Terms,
    Version,
    Way,
)
from kouprey.agreements.model.citing import TITLES
from kouprey.agreements.pages.headings import GROUPS
from kouprey.kernel.web.filters import exact, number, percent, size, span
from kouprey.kernel.web.language import _, joined, labelled, mark, ngettext, pgettext
from kouprey.kernel.words.time import parse_instant
from kouprey.kernel.words.tlp import PAP, TLP, parse_pap, parse_tlp

KIND_WORDS = {
    "intelligence": mark("intelligence"),
    "sighting": mark("sightings"),
    "hand-off": mark("hand-offs of incidents"),
    "strategy": mark("strategies"),
    "statement": mark("public statements"),
    "nomination": mark("nominations"),
    "sealed-item": mark("sealed items"),
}
PURPOSE_WORDS = {
    "incident-response": mark("incident response"),
    "protection": mark("protection"),
    "research": mark("research"),
    "capacity-building": mark("capacity building"),
    "law-enforcement": mark("law enforcement"),
    "public-information": mark("public information"),
}
ONWARD_WORDS = {
    Onward.NONE: (
        mark("Nothing is passed on"),
        mark("A receiver passes on nothing that it received under this agreement."),
    ),
    Onward.MEMBERS: (
        mark("Passed on among the parties"),
        mark("A receiver may pass on what it received to the other parties of this agreement, and to nobody else."),
    ),
    Onward.COMMUNITY: (
        mark("TLP:GREEN and below to the community"),
        mark(
            "A receiver may pass on what it received to the other parties; what is marked TLP:GREEN or below also"
            " under its other agreements."
        ),
    ),
}
REFERENCE_WORDS = {
    "prune": mark("What a thing names and what may not travel itself is left out of it; the thing itself goes."),
    "block": mark("A thing that names something that may not travel stays as a whole."),
}
ROLE_WORDS = {
    "liaison": mark("a liaison officer"),
    "legal": mark("a legal officer"),
    "policy": mark("a policy officer"),
    "diplomat": mark("a diplomat"),
    "lead": mark("a lead"),
}
HANDOFF_WORDS = {
    "inform": mark("telling of an incident"),
    "assist": mark("asking for technical help"),
    "act": mark("asking for an act, such as a block"),
    "notify-victim": mark("telling a victim"),
    "sighting-query": mark("asking what was seen"),
    "preserve": mark("asking to preserve evidence"),
    "disclose": mark("asking to disclose evidence"),
    "transfer": mark("handing a case over"),
    "joint": mark("working a case together"),
}
DUTY_WORDS = {
    "publish": mark("What concerns the other parties is published within %(a)s."),
    "acknowledge": mark("What arrives is acknowledged within %(a)s."),
    "answer-recall": mark("A recall is followed or answered within %(a)s."),
    "tell-sightings": mark("A sighting of what another party gave is told within %(a)s."),
    "answer-feedback": mark("Feedback is answered within %(a)s."),
}
MEASURE_WORDS = {
    "share-back": mark("given for what was received"),
    "time-to-publish": mark("time until it is published"),
    "time-to-acknowledge": mark("time until it is acknowledged"),
    "context": mark("given with context"),
    "false-positives": mark("false positives"),
    "concentration": mark("from the one that gives most"),
    "outstanding-recalls": mark("recalls nobody has answered"),
    "availability": mark("the link was up"),
}
STATES: dict[State, tuple[str, str]] = {
    State.DRAFT: (mark("draft"), "info"),
    State.PROPOSED: (mark("awaits signatures"), "warn"),
    State.IN_FORCE: (mark("in force"), "good"),
    State.NOT_YET: (mark("not yet in force"), "info"),
    State.SUSPENDED: (mark("suspended"), "bad"),
    State.ENDED: (mark("ended"), "idle"),
    State.SUPERSEDED: (mark("superseded"), "idle"),
}
"""State -> its word and the tone it is shown in."""


WAYS = {
    Way.TIGHTENED: (mark("tightened"), "good"),
    Way.LOOSENED: (mark("loosened"), "warn"),
    Way.CHANGED: (mark("changed"), "info"),
}


class Clause(NamedTuple):
    """One numbered clause: its number as decisions cite it, its title, and its sentences."""

    number: str
    title: str
    text: str


def clauses(document: Document) -> list[Clause]:
    """The clauses that decide, in order, in the language of the reader."""
    terms = document.terms
    names = {"a": " · ".join(map(_party, document.parties))}
    said = {
        "parties": _("It binds %(a)s.") % names,
        "tlp_ceiling": _ceiling(terms),
        "types": _("Only these: %(a)s.") % {"a": listed(terms.types, KIND_WORDS)},
        "purposes": _("It may be used for: %(a)s.") % {"a": listed(terms.purposes, PURPOSE_WORDS)},
        "onward": _(ONWARD_WORDS[Onward(terms.onward)][1]),
        "retention_days": (
            _("What was received is kept for at most %(a)s days.") % {"a": number(terms.retention_days)}
        ),
        "erasure_days": (
            _("A request to erase is followed within %(a)s days; the proof that it was exchanged stays.")
            % {"a": number(terms.erasure_days)}
        ),
        "quotas": _quotas(terms),
        "dates": _dates(document),
        "suspension": (
            _(
                "Each party may suspend the exchange for its part, at once and without anybody's consent, and resume"
                " it. Meanwhile nothing passes between that party and the others."
            )
        ),
        "pap_ceiling": _pap(terms),
        "references": _(REFERENCE_WORDS[terms.references]),
        "approvals": _approvals(terms),
        "emergency": _emergency(terms),
        "handoffs": _handoffs(terms),
        "duties": _duties(terms),
        "targets": _targets(terms),
        "leaving_days": (
            _("A party that leaves says so; for %(a)s days it still owes and is owed what was exchanged before.")
            % {"a": number(terms.leaving_days)}
        ),
        "groups": _groups(document),
    }
    return [Clause(CLAUSES[key], _(TITLES[key]), said[key]) for key in CLAUSES]


def grouped(document: Document) -> list[tuple[str, list[Clause]]]:
    """The clauses under their headings."""
    told = {clause.number: clause for clause in clauses(document)}
    return [(_(title), [told[CLAUSES[key]] for key in keys]) for title, keys in GROUPS]


def _party(party: PartyInDocument) -> str:
    """A party with those it speaks for, and how it is reached."""
    said = f"{party.name or party.id} ({party.id})"
    if party.members:
        said += _(", also for %(a)s") % {"a": joined(party.members)}
    return f"{said} [{'; '.join(party.contacts)}]" if party.contacts else said


def listed(words: Iterable[str], known: dict[str, str]) -> str:
    """Words of the document as a list in the reader's language; an unknown one as it stands."""
    return joined(_(known.get(word, word)) for word in words)


def _apart(parts: Iterable[str]) -> str:
    """Things that are lists or sentences themselves, so that a comma would not keep them apart."""
    return pgettext("between", "; ").join(parts)


def narrowed(said: Narrowing, names: Mapping[str, str]) -> str:
    """What a party has tightened for its part, in one sentence."""
    parts = []
    if said.tlp_ceiling:
        parts.append(_("up to %(a)s") % {"a": parse_tlp(said.tlp_ceiling).text})
    if said.pap_ceiling:
        parts.append(_("up to %(a)s") % {"a": parse_pap(said.pap_ceiling).text})
    if said.types is not None:
        parts.append(_("only %(a)s") % {"a": listed(said.types, KIND_WORDS)})
    if said.purposes is not None:
        parts.append(_("only for %(a)s") % {"a": listed(said.purposes, PURPOSE_WORDS)})
    if said.onward:
        parts.append(_(ONWARD_WORDS[Onward(said.onward)][0]))
    if said.parties is not None:
        parts.append(_("only with %(a)s") % {"a": joined(names.get(party, party) for party in said.parties)})
    return _apart(parts)


def next_step(
    version: Version, standing: Standing, state: State, declined: Iterable[str], names: Mapping[str, str]
) -> str:
    """What happens next with a version, in one sentence."""

    def named(parties: Iterable[str]) -> dict[str, str]:
        return {"a": joined(names.get(party, party) for party in parties)}

    gone = list(declined)
    if version.draft:
        return _("Read it and sign it: signing proposes it to the other parties.")
    if standing.home in gone:
        return _("We have declined it. Whoever proposed it may draft another version.")
    if gone:
        return _("%(a)s declined it. Read the reason below, and draft another version.") % named(gone)
    if standing.home in version.missing and state is State.PROPOSED:
        if version.proposed_by == standing.home:
            return _("It awaits our signature.")
        return _("%(a)s waits for our signature.") % named([version.proposed_by])
    if state is State.PROPOSED:
        return _("Now it is the turn of %(a)s to sign.") % named(version.missing)
    if standing.home in standing.left:
        return _("We have left it. Nothing passes between us and its parties.")
    if state is State.IN_FORCE:
        return _(
            "It is in force. Nothing passes by itself: what it allows goes when somebody publishes it, or by a rule"
            " that somebody started."
        )
    if state is State.NOT_YET:
        return _("All have signed. It begins by itself on its first day.")
    if state is State.SUSPENDED:
        return _("It rests between those who suspended it and the others, until they resume.")
    return _("It no longer counts. What was exchanged under it stays bound by its terms.")


def summary(terms: Terms) -> str:
    """What an agreement allows, in one sentence."""
    kinds = listed(terms.types, KIND_WORDS)
    ceiling = parse_tlp(terms.tlp_ceiling)
    said = _("%(kinds)s, %(ceiling)s, for %(purposes)s. %(onward)s.") % {
        "kinds": kinds,
        "ceiling": _("of any TLP") if ceiling is TLP.RED else _("up to %(a)s") % {"a": ceiling.text},
        "purposes": listed(terms.purposes, PURPOSE_WORDS),
        "onward": _(ONWARD_WORDS[Onward(terms.onward)][0]),
    }
    return said[:1].upper() + said[1:]


def state_of(version: Version, shown: State, current: bytes) -> State:
    """The state of one version; `shown` is that of the agreement, decided by the version `current`."""
    if not version.signers:
        return State.DRAFT
    if version.missing:
        return State.PROPOSED
    return shown if version.note_sha256 == current else State.SUPERSEDED


def _ceiling(terms: Terms) -> str:
    ceiling = parse_tlp(terms.tlp_ceiling)
    if ceiling is TLP.RED:
        # The highest there is: a ceiling of it forbids nothing, so it does not say so.
        return _("Things of any TLP may be given; what is TLP:RED only to the parties that it names one by one.")
    return _("Nothing marked higher than %(a)s is given under this agreement.") % {"a": ceiling.text}


def _quotas(terms: Terms) -> str:
    quotas = terms.quotas
    text = _("Each party sends at most %(a)s entries and %(b)s a day; one entry has at most %(c)s.")
    return text % {"a": number(quotas.entries_day), "b": size(quotas.bytes_day), "c": size(quotas.body_max)}


def _pap(terms: Terms) -> str:
    ceiling = parse_pap(terms.pap_ceiling)
    if ceiling is PAP.RED:
        return _("Things of any PAP may be given; each says itself what its receiver may do with it.")
    text = _("Nothing of a PAP higher than %(a)s is given: it would leave the receiver too little to do with it.")
    return text % {"a": ceiling.text}


def _approvals(terms: Terms) -> str:
    if not terms.approvals:
        return _("Whoever may publish gives without a further release.")
    said = []
    for rule in terms.approvals:
        values = {"role": _(ROLE_WORDS[rule.role]), "tlp": parse_tlp(rule.tlp).text}
        kinds = listed(rule.kinds, KIND_WORDS) or _("anything")
        said.append(
            ngettext(
                "Before %(kinds)s marked %(tlp)s or higher goes to another party, %(n)s person releases it: %(role)s.",
                "Before %(kinds)s marked %(tlp)s or higher goes to another party, %(n)s persons release it: %(role)s.",
                rule.persons,
            )
            % {**values, "kinds": kinds, "n": rule.persons}
        )
    return " ".join(said)


def _emergency(terms: Terms) -> str:
    if not terms.emergency.tlp:
        return _("There is no shorter way in an emergency.")
    text = _(
        "In an emergency one duty officer may give what is marked up to %(a)s at once, with a reason; it is reviewed"
        " within %(b)s."
    )
    return text % {"a": parse_tlp(terms.emergency.tlp).text, "b": span(terms.emergency.review_s)}


def _handoffs(terms: Terms) -> str:
    if not terms.handoffs:
        return _("No incident is handed over under this agreement.")
    each = _("%(kind)s: acknowledged within %(a)s, decided within %(b)s (%(hours)s)")
    pausing = _("a question stops the clock for at most %(a)s")
    return _("These are allowed: %(a)s.") % {
        "a": _apart(
            each
            % {
                "kind": _(HANDOFF_WORDS[one.kind]),
                "a": span(one.acknowledge_s),
                "b": span(one.decide_s),
                "hours": hours(one.hours),
            }
            + (pgettext("between", ", ") + pausing % {"a": span(one.pause_s)} if one.pause_s else "")
            for one in terms.handoffs
        )
    }


def _duties(terms: Terms) -> str:
    if not terms.duties:
        return _("No deadlines are agreed.")
    return " ".join(_(DUTY_WORDS[duty.kind]) % {"a": span(duty.within_s)} for duty in terms.duties)


def _targets(terms: Terms) -> str:
    if not terms.targets:
        return _("Nothing is agreed that it is measured by.")
    return _("It shall come to this: %(a)s.") % {
        "a": _apart(f"{_(MEASURE_WORDS[each.measure])} {reached(each)}" for each in terms.targets)
    }


def _groups(document: Document) -> str:
    if not document.groups:
        return _("Everything goes to all parties.")
    each = _apart(labelled(group.name, joined(group.parties)) for group in document.groups)
    return _("Beside all parties something may go to these alone: %(a)s.") % {"a": each}


def reached(target: Target) -> str:
    """A target and what it was before, in its unit."""
    unit = MEASURES[target.measure]
    said = measured(target.target, unit)
    if target.baseline is None:
        return said
    return _("%(a)s (before: %(b)s)") % {"a": said, "b": measured(target.baseline, unit)}


def measured(value: float, unit: str) -> str:
    """A number of a measure as people read it; units as in `MEASURES`."""
    if unit == "seconds":
        return span(value)
    return percent(value) if unit == "ratio" else number(value)


def hours(text: str) -> str:
    """Which hours count, of a hand-off."""
    if text == "always":
        return _("at all hours")
    return _("office hours, %(a)s") % {"a": text.removeprefix("office ")}


def _dates(document: Document) -> Markup:
    since = exact(parse_instant(document.starts))
    if document.ends:
        said = Markup(_("In force from %(a)s until %(b)s, once all parties have signed."))
        said = said % {"a": since, "b": exact(parse_instant(document.ends))}
    else:
        said = Markup(_("In force from %(a)s without an end, once all parties have signed.")) % {"a": since}
    # Texts of ours without markup, so that only the times stay as they are.
    overlap = _("What was sent under the version before is still accepted for %(a)s days.")
    return said + " " + overlap % {"a": number(document.overlap_s / 86_400)}
