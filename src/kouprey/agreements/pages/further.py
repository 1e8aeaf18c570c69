"""The further clauses of the draft form: texts as they were typed, and the terms they make."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from kouprey.agreements.model import (
    DUTIES,
    HANDOFF_KINDS,
    MEASURES,
    REFERENCES,
    RELEASING_ROLES,
    ApprovalRule,
    Document,
    Duty,
    Emergency,
    Group,
    HandOffTerm,
    Quotas,
    Target,
    Terms,
)
from kouprey.kernel.web.language import _
from kouprey.kernel.words.tlp import PAP, TLP

HOUR = 3600
RULES = 3
"""Rows for rules of release in the form."""
ZONES = (
    "Asia/Phnom_Penh",
    "Asia/Bangkok",
    "Asia/Ho_Chi_Minh",
    "Asia/Jakarta",
    "Asia/Kuala_Lumpur",
    "Asia/Manila",
    "Asia/Singapore",
    "Asia/Vientiane",
    "Asia/Yangon",
    "Asia/Brunei",
    "UTC",
)
HOURS = ("always", *(f"office {zone}" for zone in ZONES))
LEVELS = [level.word for level in TLP]
PAPS = [level.word for level in PAP]
_WORD = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*", re.ASCII)
_OFFICE = re.compile(r"office [A-Za-z][A-Za-z0-9_+-]{0,30}(?:/[A-Za-z0-9_+-]{1,30}){0,2}", re.ASCII)
_UNITS = {"seconds": HOUR, "ratio": 0.01, "count": 1}
"""What one of what people type is in the document: hours, per cent, pieces."""

Read = Callable[[str], str]


def typed(terms: Terms) -> dict[str, str]:
    """Terms as the fields of the form show them."""
    quotas = terms.quotas
    made = {
        "pap_ceiling": terms.pap_ceiling,
        "references": terms.references,
        "leaving_days": str(terms.leaving_days),
        "entries_day": str(quotas.entries_day),
        "mib_day": _shown(quotas.bytes_day / (1 << 20)),
        "kib_body": _shown(quotas.body_max / (1 << 10)),
        "emergency_tlp": terms.emergency.tlp,
        "emergency_hours": _shown(terms.emergency.review_s / HOUR),
    }
    for place in range(max(RULES, len(terms.approvals))):
        rule = terms.approvals[place] if place < len(terms.approvals) else None
        made[f"approval_tlp_{place}"] = rule.tlp if rule else ""
        made[f"approval_role_{place}"] = rule.role if rule else RELEASING_ROLES[0]
        made[f"approval_persons_{place}"] = str(rule.persons) if rule else "1"
        made[f"approval_kinds_{place}"] = " ".join(rule.kinds) if rule else ""
    handoffs = {each.kind: each for each in terms.handoffs}
    for kind in HANDOFF_KINDS:
        held = handoffs.get(kind)
        made[f"handoff_ack_{kind}"] = _shown(held.acknowledge_s / HOUR) if held else ""
        made[f"handoff_decide_{kind}"] = _shown(held.decide_s / HOUR) if held else ""
        made[f"handoff_hours_{kind}"] = held.hours if held else "always"
        made[f"handoff_pause_{kind}"] = _shown(held.pause_s / HOUR) if held and held.pause_s else ""
    duties = {each.kind: each.within_s for each in terms.duties}
    made |= {f"duty_{kind}": _shown(duties[kind] / HOUR) if kind in duties else "" for kind in DUTIES}
    targets = {each.measure: each for each in terms.targets}
    for measure, unit in MEASURES.items():
        aim, size = targets.get(measure), _UNITS[unit]
        made[f"target_{measure}"] = _shown(aim.target / size) if aim else ""
        made[f"before_{measure}"] = _shown(aim.baseline / size) if aim and aim.baseline is not None else ""
    return made


def typed_document(document: Document) -> dict[str, str]:
    """The same with audiences, members and contacts."""
    made = typed(document.terms)
    made["groups"] = "\n".join(f"{group.name}: {', '.join(group.parties)}" for group in document.groups)
    for party in document.parties:
        made[f"members_{party.id}"] = "\n".join(party.members)
        made[f"contacts_{party.id}"] = "\n".join(party.contacts)
    return made


def names(parties: Iterable[str]) -> list[str]:
    """The fields there are, when these parties can be named."""
    fields = [*typed(Terms()), "groups"]
    fields += [f"{kind}_{party}" for party in parties for kind in ("members", "contacts")]
    return fields


def judge(values: Mapping[str, str], parties: Iterable[str]) -> tuple[dict[str, Any], dict[str, str]]:
    """(what `Terms` and `Life.draft` take, what is wrong by field); the former only when nothing is wrong."""
    wrong: dict[str, str] = {}

    def amount(name: str, least: float, most: float, size: float = 1) -> float | None:
        text = values.get(name, "").replace(",", ".")
        if not text:
            return None
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not least <= number <= most:
            wrong[name] = _("Write a number from %(a)s to %(b)s.") % {"a": f"{least:g}", "b": f"{most:g}"}
            return None
        return number * size

    def whole(name: str, least: float, most: float, size: float, standard: int) -> int:
        found = amount(name, least, most, size)
        return standard if found is None else round(found)

    def one_of(name: str, words: Iterable[str], standard: str) -> str:
        text = values.get(name, standard)
        if text not in words:
            wrong[name] = _("Choose one of the list.")
        return text

    plain = Terms()
    terms = {
        "pap_ceiling": one_of("pap_ceiling", PAPS, plain.pap_ceiling),
        "references": one_of("references", REFERENCES, plain.references),
        "leaving_days": whole("leaving_days", 0, 3650, 1, plain.leaving_days),
        "quotas": Quotas(
            entries_day=whole("entries_day", 1, 1e9, 1, plain.quotas.entries_day),
            bytes_day=whole("mib_day", 1, 1e7, 1 << 20, plain.quotas.bytes_day),
            body_max=whole("kib_body", 1, 1e6, 1 << 10, plain.quotas.body_max),
        ),
        "emergency": Emergency(
            tlp=one_of("emergency_tlp", ["", *LEVELS], ""),
            review_s=whole("emergency_hours", 0.25, 8760, HOUR, plain.emergency.review_s),
        ),
        "approvals": _approvals(values, one_of),
        "handoffs": _handoffs(values, amount, one_of, wrong),
        "duties": tuple(
            Duty(kind=kind, within_s=round(within))
            for kind in DUTIES
            if (within := amount(f"duty_{kind}", 0.01, 87600, HOUR)) is not None
        ),
        "targets": _targets(values, amount, wrong),
    }
    known = list(parties)
    groups = _groups(values.get("groups", ""), known, wrong)
    more = {
        "terms": terms,
        "groups": groups,
        "members": {party: _lines(values.get(f"members_{party}", "")) for party in known},
        "contacts": {party: _lines(values.get(f"contacts_{party}", "")) for party in known},
    }
    return more, wrong


def _approvals(values: Mapping[str, str], one_of: Callable[..., str]) -> tuple[ApprovalRule, ...]:
    rules = []
    for place in range(RULES):
        if not values.get(f"approval_tlp_{place}"):
            continue
        rules.append(
            ApprovalRule(
                tlp=one_of(f"approval_tlp_{place}", LEVELS, ""),
                role=one_of(f"approval_role_{place}", RELEASING_ROLES, RELEASING_ROLES[0]),
                persons=int(one_of(f"approval_persons_{place}", ("1", "2"), "1") == "2") + 1,
                kinds=tuple(values.get(f"approval_kinds_{place}", "").split()),
            )
        )
    return tuple(rules)


def _handoffs(
    values: Mapping[str, str],
    amount: Callable[..., float | None],
    one_of: Callable[..., str],
    wrong: dict[str, str],
) -> tuple[HandOffTerm, ...]:
    made = []
    for kind in HANDOFF_KINDS:
        fields = [f"handoff_{part}_{kind}" for part in ("ack", "decide")]
        found = [amount(field, 0.01, 87600, HOUR) for field in fields]
        if found[0] is not None and found[1] is not None:
            held = values.get(f"handoff_hours_{kind}", "always")
            hours = (
                held
                if re.fullmatch(r"office [A-Za-z0-9_+/-]{1,60}", held)
                else one_of(f"handoff_hours_{kind}", HOURS, "always")
            )
            pause = amount(f"handoff_pause_{kind}", 0.01, 87600, HOUR) or 0
            made.append(
                HandOffTerm(
                    kind=kind,
                    acknowledge_s=round(found[0]),
                    decide_s=round(found[1]),
                    hours=hours,
                    pause_s=round(pause),
                )
            )
        elif (found[0] is None) != (found[1] is None):
            missing = fields[0] if found[0] is None else fields[1]
            wrong.setdefault(missing, _("Write both, or neither."))
    return tuple(made)


def _targets(
    values: Mapping[str, str], amount: Callable[..., float | None], wrong: dict[str, str]
) -> tuple[Target, ...]:
    made = []
    for measure, unit in MEASURES.items():
        most = {"ratio": 1000.0, "seconds": 87600.0, "count": 1e6}[unit]
        aim = amount(f"target_{measure}", 0, most, _UNITS[unit])
        before = amount(f"before_{measure}", 0, most, _UNITS[unit])
        if aim is not None:
            made.append(Target(measure=measure, target=aim, baseline=before))
        elif values.get(f"before_{measure}"):
            wrong.setdefault(f"target_{measure}", _("Write what it shall come to."))
    return tuple(made)


def _groups(text: str, parties: list[str], wrong: dict[str, str]) -> tuple[Group, ...]:
    made = []
    for line in _lines(text):
        name, _colon, named = line.partition(":")
        members = tuple(part for part in re.split(r"[\s,;]+", named) if part)
        if not _WORD.fullmatch(name.strip()) or len(set(members)) < 2 or not set(members) <= set(parties):
            wrong["groups"] = _(
                "Write each as a name in small letters, a colon and two or more parties of this agreement."
            )
            return ()
        made.append(Group(name=name.strip(), parties=members))
    return tuple(made)


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def _shown(number: float) -> str:
    return str(int(number)) if number == int(number) else repr(round(number, 9))


def with_terms(terms: Terms, more: Mapping[str, Any]) -> Terms:
    """The essential clauses together with the further ones."""
    return msgspec.structs.replace(terms, **more["terms"])
