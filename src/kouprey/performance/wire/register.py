"""Processing in words: the rows of the record, and the parts of an impact assessment; on pages, as tables, on paper."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from contextvars import copy_context
from functools import cache
from typing import NamedTuple

from kouprey.agreements.model import CLAUSES
from kouprey.kernel import paper
from kouprey.kernel.web.filters import number
from kouprey.kernel.web.language import LANGUAGES, Language, _, joined, load_languages, mark, ngettext, pgettext, use
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.time import Instant, format_second
from kouprey.kernel.words.tlp import parse_tlp
from kouprey.performance.model import EDITABLE, LONGEST, Activity, Register

KINDS = {
    "intelligence": mark("intelligence"),
    "sighting": mark("sightings"),
    "hand-off": mark("hand-offs of incidents"),
    "strategy": mark("strategies"),
    "statement": mark("public statements"),
    "nomination": mark("nominations"),
    "sealed-item": mark("sealed items"),
}
PURPOSES = {
    "incident-response": mark("incident response"),
    "protection": mark("protection"),
    "research": mark("research"),
    "capacity-building": mark("capacity building"),
    "law-enforcement": mark("law enforcement"),
    "public-information": mark("public information"),
}
ONWARD = {
    "none": mark("Nothing is passed on."),
    "members": mark("It is passed on among the parties alone."),
    "community": mark("What is marked TLP:GREEN or below is passed on to the community."),
}
SAFEGUARDS = (
    mark("One decision by marking, agreement and clearance stands before every read and every send."),
    mark("What is sent is signed and receipted; who read what stands in a chained audit trail."),
    mark("Erasing removes content everywhere here and asks partners to follow; a legal hold beats it."),
    mark("Content from one agreement reaches no other party unless its terms allow it."),
)
COLUMNS = ("activity", "title", "purposes", "data", "recipients", "onward", "kept", "erasure", "rule", "since")
"""The columns of the record as a table."""


class Part(NamedTuple):
    """A part of an assessment; `field` names what people write, "" where the text follows from the terms."""

    title: str
    text: str
    field: str = ""
    help: str = ""


def row(activity: Activity, names: Mapping[str, str]) -> dict[str, str]:
    """An activity in words, by column."""
    kind, title, purposes, data = _what(activity)
    onward = _(ONWARD.get(activity.onward, activity.onward)) if activity.onward else "–"
    return {
        "activity": kind,
        "title": title,
        "purposes": purposes,
        "data": data,
        "recipients": _recipients(activity, names),
        "onward": onward,
        "kept": _kept(activity),
        "erasure": _days(activity.erasure_days) if activity.erasure_days else "–",
        "rule": _("no rule keeps this term") if activity.unkept else activity.kept_by or "–",
        "since": format_second(activity.since)[:10] if activity.since else "–",
    }


def heads() -> dict[str, str]:
    """What the columns are called."""
    return {
        "activity": _("Activity"),
        "title": _("Name"),
        "purposes": _clause(_("Purposes"), "purposes"),
        "data": _clause(_("Categories of data"), "tlp_ceiling", "types"),
        "recipients": _clause(_("Recipients"), "parties"),
        "onward": _clause(_("Passing on"), "onward"),
        "kept": _clause(_("Kept"), "retention_days"),
        "erasure": _clause(_("Erased on request within"), "erasure_days"),
        "rule": _("Kept by the rule"),
        "since": _("Since"),
    }


def _clause(title: str, *keys: str) -> str:
    """A column with the clauses of an agreement that say what stands in it."""
    return f"{title} ({_('clause %(n)s') % {'n': joined(CLAUSES[key] for key in keys)}})"


def _what(activity: Activity) -> tuple[str, str, str, str]:
    if activity.kind == "agreement":
        purposes = joined(_(PURPOSES.get(each, each)) for each in activity.purposes)
        kinds = joined(_(KINDS.get(each, each)) for each in activity.kinds)
        data = _("%(kinds)s, up to %(tlp)s") % {"kinds": kinds, "tlp": parse_tlp(activity.tlp).text}
        return _("Exchange under an agreement"), activity.title, purposes, data
    if activity.kind == "collection":
        return _("Keeping a collection"), activity.title, "–", _("intelligence")
    data = ngettext(
        "account of %(n)s person or program, of ours or of those we host",
        "accounts of %(n)s persons or programs, of ours and of those we host",
        activity.count,
    )
    accounts = data % {"n": number(activity.count)}
    told = _("%(accounts)s, and the audit trail of what they did") % {"accounts": accounts}
    return _("Letting people and programs in"), _("Access to this node"), _("security and accountability"), told


def _recipients(activity: Activity, names: Mapping[str, str]) -> str:
    if activity.kind == "access":
        return _("ourselves")
    if activity.kind == "collection" and "*" in activity.parties:
        return _("partners whose agreement allows it")
    return joined(names.get(each, each) for each in activity.parties) or _("ourselves")


def _kept(activity: Activity) -> str:
    if activity.days:
        return _days(activity.days)
    return _("as long as the node runs") if activity.kind == "access" else _("no limit is set")


def _days(days: int) -> str:
    return ngettext("%(n)s day", "%(n)s days", days) % {"n": number(days)}


def parts(activity: Activity, names: Mapping[str, str], written: Mapping[str, str]) -> list[Part]:
    """The assessment of an agreement: prefilled from its terms, and with what people wrote."""
    shown = row(activity, names)
    suggested = {
        "subjects": _("People behind the addresses, accounts, domains and names that the exchanged objects mention.")
    }

    def asked(title: str, field: str, help_: str) -> Part:
        return Part(title, written.get(field, suggested.get(field, "")), field, help_)

    keeping = _("At most %(kept)s. A request to erase is followed within %(erasure)s.")
    return [
        Part(_("What is exchanged"), shown["data"] + pgettext("end", ".")),
        Part(_("What for"), shown["purposes"] + pgettext("end", ".")),
        Part(_("Who receives it"), shown["recipients"] + pgettext("end", ".")),
        asked(_("Necessity and proportion"), "necessity", _("Why is the aim not reached with less data?")),
        asked(_("Whose data"), "subjects", _("Which people can be recognised in what is exchanged?")),
        Part(_("How long"), keeping % shown),
        Part(_("Passing on"), shown["onward"]),
        asked(_("Transfers abroad"), "transfers", _("Which recipients are in another country, on which ground?")),
        Part(_("Safeguards of this node"), " ".join(map(_, SAFEGUARDS))),
        asked(_("Risks for these people, and what is done"), "risks", _("What could go wrong for them?")),
        asked(_("Opinion of the data-protection officer"), "opinion", _("Left empty for your officer.")),
    ]


def render_answers(activity: Activity, names: Mapping[str, str]) -> str:
    """A file of answers to fill in, in TOML: what follows from the terms stands in it as remarks."""
    lines = [_remark(_("Data-protection impact") + ": " + activity.title)]
    for part in parts(activity, names, {}):
        lines += ["", _remark(part.title), *([_remark(part.help)] if part.help else [])]
        lines += [f'{part.field} = """', part.text, '"""'] if part.field else [_remark(part.text)]
    return "\n".join(lines) + "\n"


def _remark(text: str) -> str:
    """On one line, whatever it holds: a line of its own would be an answer."""
    return "# " + " ".join(text.split())


def read_answers(raw: bytes) -> dict[str, str]:
    """What people wrote, by field; Damaged for what is no such file or names a field there is none of."""
    try:
        given = tomllib.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise _no_answers(str(error)) from None
    unknown = sorted(given.keys() - set(EDITABLE))
    if unknown:
        raise _no_answers(f"It answers {unknown[0][:40]!r}, which is not asked.")
    wrong = next((name for name, text in given.items() if not isinstance(text, str) or len(text) > LONGEST), "")
    if wrong:
        raise _no_answers(f"What it answers to {wrong!r} is no text of at most {LONGEST:,} characters.")
    return {name: text.strip() for name, text in given.items()}


def _no_answers(why: str) -> Damaged:
    remedy = "`kouprey processing impact AGREEMENT --template` writes one to fill in."
    return Damaged("The file of answers cannot be read.", why, remedy, code="bad-answers")


@cache
def _languages() -> dict[str, Language]:
    return load_languages(("kouprey.kernel.web", "kouprey.agreements", "kouprey.performance"))


def draw_register(register: Register, names: Mapping[str, str], language: str) -> bytes:
    """The record on paper. Damaged for a language there is none of."""
    return copy_context().run(_draw_register, register, names, language)


def _draw_register(register: Register, names: Mapping[str, str], language: str) -> bytes:
    _speak(language)
    title = _("Record of processing")
    told = heads()
    sections = []
    for each in register.activities:
        shown = row(each, names)
        name = f"{shown['activity']}: {shown['title']}"
        sections.append({"title": name, "rows": [[told[key], shown[key]] for key in COLUMNS[2:] if shown[key] != "–"]})
    return _paper(title, f"{register.name} ({register.party})", sections, language, register.at, register.party)


def draw_impact(
    activity: Activity, names: Mapping[str, str], written: Mapping[str, str], language: str, *, home: str, at: Instant
) -> bytes:
    """The assessment on paper, with what people wrote."""
    return copy_context().run(_draw_impact, activity, names, written, language, home, at)


def _draw_impact(
    activity: Activity, names: Mapping[str, str], written: Mapping[str, str], language: str, home: str, at: Instant
) -> bytes:
    _speak(language)
    title = _("Data-protection impact")
    made = parts(activity, names, written)
    sections = [{"title": each.title, "rows": [["", each.text or "…"]]} for each in made]
    return _paper(title, activity.title, sections, language, at, home)


def _speak(language: str) -> None:
    if language not in LANGUAGES:
        raise Damaged("There is no such language.", language[:20], f"One of {', '.join(LANGUAGES)}.", code="bad-field")
    use(_languages()[language])


def _paper(title: str, about: str, sections: object, language: str, at: Instant, home: str) -> bytes:
    notice = _("A template for your data-protection officer. It follows the terms; it is no legal advice.")
    values = {"head": title, "about": about, "notice": notice, "sections": sections}
    footer = f"{home} · {format_second(at)}"
    return paper.render("performance/processing.typ", values, title=title, language=language, at=at, footer=footer)
