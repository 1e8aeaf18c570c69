"""Between a form and a draft: what was typed, what is wrong with it, and in which words each field is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kouprey.exchange.model.writing import Asked, Draft, Kind, Problem
from kouprey.exchange.rules.drafting import MOST_LINKS, MOST_TIMES
from kouprey.exchange.rules.making import stamp
from kouprey.kernel.web.language import _, mark
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.time import Instant, parse_instant
from kouprey.kernel.words.tlp import PAP, TLP, parse_pap, parse_tlp

LONGEST = 20_000
"""Characters of one field of a form; what is too long for a draft is said by its rules."""

INDICATOR_TYPES = {
    "malicious-activity": mark("Malicious: who meets it is being attacked"),
    "anomalous-activity": mark("Unusual: worth a look, not yet an attack"),
    "compromised": mark("Compromised: a victim's own system that was taken over"),
    "anonymization": mark("Anonymising: Tor, VPN or proxy, used by good and bad"),
    "benign": mark("Harmless: so that nobody raises an alarm"),
    "attribution": mark("Attribution: it points to who is behind"),
    "unknown": mark("Not known yet"),
}
REPORT_TYPES = {
    "threat-report": mark("A threat in general"),
    "campaign": mark("A campaign"),
    "malware": mark("Malware"),
    "threat-actor": mark("Who is behind it"),
    "attack-pattern": mark("A technique"),
    "vulnerability": mark("A vulnerability"),
    "indicator": mark("Indicators"),
    "observed-data": mark("What was observed"),
}
PHASE_NAMES = {
    "reconnaissance": mark("Reconnaissance: they look around"),
    "weaponization": mark("Weaponization: they prepare the tool"),
    "delivery": mark("Delivery: it is sent to the victim"),
    "exploitation": mark("Exploitation: the hole is used"),
    "installation": mark("Installation: it settles on the machine"),
    "command-and-control": mark("Command and control: it calls home"),
    "actions-on-objectives": mark("Actions on objectives: they do what they came for"),
}
CONFIDENCES = {
    15: mark("Low: one source, nobody has checked it"),
    50: mark("Medium: plausible, and partly checked"),
    85: mark("High: checked by us, or by several who do not copy each other"),
}
"""The Low / Med / High scale of STIX 2.1 Appendix A, by the middle of each."""

QUESTIONS: Mapping[Asked, str] = {
    "what": mark("What is it?"),
    "type": mark("Which kind of danger is it?"),
    "why": mark("How do you know?"),
    "since": mark("When was it seen?"),
    "confidence": mark("How sure are you?"),
    "marking": mark("Who may see it?"),
    "expiry": mark("Until when is it true?"),
    "context": mark("What does it belong to?"),
    "action": mark("What should the reader do?"),
    "times": mark("How often?"),
}
ADVICE: Mapping[Asked, str] = {
    "what": mark("Say in a sentence or two what happened, to whom and when."),
    "type": mark("Choose a type; without one nobody knows whether to block or to look."),
    "why": mark("Say where it comes from: seen in your own logs, found in a sample, told by whom."),
    "since": mark("Give at least the first time; others look in their logs from there."),
    "confidence": mark("Say how sure you are; a guess is welcome when it is called one."),
    "marking": mark("Choose a marking; without one it may be handed to nobody."),
    "expiry": mark("Give an end: an address changes hands within weeks, a hash hardly ever."),
    "context": mark("Name the malware, the technique or the group, or a phase of the attack."),
    "action": mark("Say what to do: block, look back in logs, call you, or only know about it."),
    "times": mark("Say how often; once is an answer too."),
}
REPORT_ADVICE = {"context": mark("Name the objects it is about; readers go from the report to what they can look for.")}


@dataclass
class Form:
    """What was typed, as it was typed."""

    kind: Kind
    fields: dict[str, str] = field(default_factory=dict)
    types: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)
    place: int | None = None
    """The character of the pattern at which a mistake was found."""

    def get(self, name: str) -> str:
        """A field as it was typed, "" where there is none."""
        return self.fields.get(name, "")


TYPED = ("name", "values", "pattern", "what", "why", "action", "phase", "confidence", "since", "until", "count")
CHOSEN = ("tlp", "pap", "audience", "find")


def read_form(request: Request, kind: Kind) -> Form:
    """What the request's form says; Damaged for a field of more than 20,000 characters."""
    fields = {name: request.field(name, longest=LONGEST) for name in (*TYPED, *CHOSEN)}
    several = {
        name: [each for each in request.fields.getlist(name) if isinstance(each, str)][: MOST_LINKS + 1]
        for name in ("type", "link")
    }
    links = list(dict.fromkeys(each.strip() for each in several["link"] if each.strip()))
    return Form(kind=kind, fields=fields, types=list(dict.fromkeys(several["type"])), links=links)


def draft_from(form: Form, before: Draft | None = None) -> Draft:
    """The draft a form makes; what cannot be read is put into the form's errors.

    A day that is still the one that stands keeps its time of day.
    """
    return Draft(
        kind=form.kind,
        name=form.get("name"),
        what=form.get("what"),
        why=form.get("why"),
        action=form.get("action"),
        values=tuple(line for line in form.get("values").splitlines() if line.strip()),
        pattern=form.get("pattern"),
        types=tuple(form.types),
        phase=form.get("phase"),
        links=tuple(form.links),
        confidence=_number(form, "confidence", _("Choose one of the list.")),
        since=_day(form, "since", before.since if before is not None else None),
        until=_day(form, "until", before.until if before is not None else None),
        count=_times(form),
        tlp=_level(form),
        pap=_action(form),
        audience=form.get("audience"),
    )


def form_of(draft: Draft) -> Form:
    """A draft as a form shows it."""
    fields = {name: str(getattr(draft, name)) for name in ("name", "pattern", "what", "why", "action", "phase")}
    fields |= {
        "values": "\n".join(draft.values),
        "confidence": "" if draft.confidence is None else str(draft.confidence),
        "since": day_of(draft.since),
        "until": day_of(draft.until),
        "count": str(draft.count),
        "tlp": draft.tlp.word,
        "pap": draft.pap.word,
    }
    return Form(kind=draft.kind, fields=fields, types=list(draft.types), links=list(draft.links))


def tell_problems(form: Form, problems: Sequence[Problem]) -> None:
    """Put what is wrong beside the fields it is wrong in, the first for each."""
    for each in problems:
        form.errors.setdefault(
            each.field, " ".join(filter(None, map(_, filter(None, (each.what, each.why, each.remedy)))))
        )
        if each.field == "pattern" and each.position is not None:
            form.place = each.position


def confidences(form: Form) -> list[tuple[str, str]]:
    """The choices of how sure somebody is, and one that stands already and is none of them."""
    given = form.get("confidence")
    made = [("", _("Not stated")), *((str(value), _(text)) for value, text in CONFIDENCES.items())]
    if given and given not in dict(made):
        made.append((given, _("As it was: %(n)s of 100") % {"n": given[:10]}))
    return made


def day_of(instant: Instant | None) -> str:
    """The UTC day of an instant, as browsers' date fields write it."""
    return "" if instant is None else stamp(instant)[:10]


def _day(form: Form, name: str, before: Instant | None) -> Instant | None:
    given = form.get(name)
    if not given:
        return None
    if given == day_of(before):
        return before
    try:
        return parse_instant(f"{given}T00:00:00Z" if len(given) == 10 else given)
    except ValueError:
        form.errors[name] = _("Write the day as 2026-11-30.")
        return None


def _number(form: Form, name: str, otherwise: str) -> int | None:
    given = form.get(name)
    if not given:
        return None
    if given.isascii() and given.isdigit() and len(given) < 4:
        return int(given)
    form.errors[name] = otherwise
    return None


def _times(form: Form) -> int:
    given = form.get("count") or "1"
    if given.isascii() and given.isdigit() and int(given[:9]) <= MOST_TIMES:
        return int(given[:9])
    form.errors["count"] = _(
        "Write how often it was seen as a whole number from 0 to 1,000,000; 0 if you looked in vain."
    )
    return 1


def _level(form: Form) -> TLP:
    try:
        return parse_tlp(form.get("tlp") or TLP.AMBER_STRICT.word)
    except ValueError:
        form.errors["tlp"] = _("Choose one of the list.")
        return TLP.RED


def _action(form: Form) -> PAP:
    try:
        return parse_pap(form.get("pap") or PAP.CLEAR.word)
    except ValueError:
        form.errors["pap"] = _("Choose one of the list.")
        return PAP.RED
