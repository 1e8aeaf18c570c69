"""An agreement in words: what each clause says, for people who sign it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from markupsafe import Markup

from kouprey.agreements.model import CLAUSES, Document, Onward, State, Terms, Version
from kouprey.kernel.web.filters import exact, number, size
from kouprey.kernel.web.language import _, mark
from kouprey.kernel.words.time import parse_instant
from kouprey.kernel.words.tlp import parse_tlp

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


class Clause(NamedTuple):
    """One numbered clause: its number as decisions cite it, its title, and its sentences."""

    number: str
    title: str
    text: str


def clauses(document: Document) -> list[Clause]:
    """The clauses that decide, in order, in the language of the reader."""
    terms = document.terms
    names = {"a": " · ".join(f"{party.name or party.id} ({party.id})" for party in document.parties)}
    told = {
        "parties": (_("Parties"), _("It binds %(a)s.") % names),
        "tlp_ceiling": (_("Highest marking"), _ceiling(terms)),
        "types": (_("What is exchanged"), _("Only these: %(a)s.") % {"a": listed(terms.types, KIND_WORDS)}),
        "purposes": (_("Purposes"), _("It may be used for: %(a)s.") % {"a": listed(terms.purposes, PURPOSE_WORDS)}),
        "onward": (_("Passing on"), _(ONWARD_WORDS[Onward(terms.onward)][1])),
        "retention_days": (
            _("Keeping"),
            _("What was received is kept for at most %(a)s days.") % {"a": number(terms.retention_days)},
        ),
        "erasure_days": (
            _("Erasure"),
            _("A request to erase is followed within %(a)s days; the proof that it was exchanged stays.")
            % {"a": number(terms.erasure_days)},
        ),
        "quotas": (_("Amounts"), _quotas(terms)),
        "dates": (_("Duration"), _dates(document)),
        "suspension": (
            _("Suspension"),
            _(
                "Each party may suspend the exchange for its part, at once and without anybody's consent, and resume"
                " it. Meanwhile nothing passes between that party and the others."
            ),
        ),
    }
    return [Clause(CLAUSES[key], *told[key]) for key in CLAUSES]


def listed(words: Iterable[str], known: dict[str, str]) -> str:
    """Words of the document as a list in the reader's language; an unknown one as it stands."""
    return ", ".join(_(known.get(word, word)) for word in words)


def summary(terms: Terms) -> str:
    """What an agreement allows, in one sentence."""
    kinds = listed(terms.types, KIND_WORDS)
    said = _("%(kinds)s, up to %(ceiling)s, for %(purposes)s. %(onward)s.") % {
        "kinds": kinds,
        "ceiling": parse_tlp(terms.tlp_ceiling).text,
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
    text = _("Nothing marked higher than %(a)s is given under this agreement.")
    return text % {"a": parse_tlp(terms.tlp_ceiling).text}


def _quotas(terms: Terms) -> str:
    quotas = terms.quotas
    text = _("Each party sends at most %(a)s entries and %(b)s a day; one entry has at most %(c)s.")
    return text % {"a": number(quotas.entries_day), "b": size(quotas.bytes_day), "c": size(quotas.body_max)}


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
