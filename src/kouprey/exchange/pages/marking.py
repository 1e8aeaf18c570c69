"""The marking picker: each level in plain words, and who would see it. Shared by writing, importing and publishing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kouprey.agreements.service import Agreements
from kouprey.exchange.model.writing import Prospect, Under
from kouprey.exchange.pages.citing import Citing
from kouprey.exchange.pages.naming import Names
from kouprey.exchange.pages.reading import plainly
from kouprey.exchange.pages.whole import publishable
from kouprey.exchange.service import Exchange
from kouprey.kernel.web.language import _, joined, labelled, mark
from kouprey.kernel.words.decision import Reader, Reason
from kouprey.kernel.words.tlp import PAP, TLP
from kouprey.people.service import People

LEVELS = {
    TLP.CLEAR: mark("Everybody may see it, wherever it is passed on."),
    TLP.GREEN: mark("Partners and their communities, but nothing public."),
    TLP.AMBER: mark("Partners whose agreement allows it, and those they protect."),
    TLP.AMBER_STRICT: mark("Partners whose agreement allows it, and nobody beyond their own house."),
    TLP.RED: mark("Named recipients only: it stays on this node unless it is sealed to somebody."),
}
"""Who will see a thing of this level once it is published (TLP 2.0); before, only people here with that clearance."""

ACTIONS = {
    PAP.CLEAR: mark("Anything may be done with it that the marking allows."),
    PAP.GREEN: mark("Active steps are fine, such as blocking it or contacting the target, short of intruding."),
    PAP.AMBER: mark("It may be looked up where nobody is told, such as passive DNS; the target is not contacted."),
    PAP.RED: mark("Only what nobody outside can notice: one's own logs, and nothing that asks others."),
}
"""What the receiver may do (PAP)."""


@dataclass(frozen=True)
class Reads:
    """One party under one agreement: whether it would see it, and on which grounds."""

    name: str
    allowed: bool
    because: Sequence[Reason]


@dataclass(frozen=True)
class Publishing:
    """What publishing under one agreement, or to an audience of it, would come to: to all of these, or to none."""

    title: str
    audience: str
    url: str
    goes: bool
    parties: Sequence[Reads]


@dataclass(frozen=True)
class Choice:
    """One level as the picker shows it."""

    level: TLP
    text: str
    own: int
    persons: Sequence[tuple[str, str]]
    """Name and roles of our own who are cleared for it."""
    hosted: Sequence[Reads]
    """Constituents: they see it as soon as it is kept."""
    under: Sequence[Publishing]
    above: bool
    """Above the clearance of whoever chooses, who could not see it afterwards."""


@dataclass(frozen=True)
class Marking:
    """Everything the picker shows."""

    choices: Sequence[Choice]
    actions: Sequence[tuple[str, str]]
    audiences: Sequence[tuple[str, str]]
    """What it may be sealed to, as "agreement/name", in words."""
    cite: Any


def marking_of(exchange: Exchange, people: People, who: Reader) -> Marking:
    """The picker for one person."""
    names, prospects = Names(people), exchange.list_prospects(who)
    return Marking(
        choices=[_choice(each, names, who) for each in prospects],
        audiences=_audiences(prospects, names),
        actions=[(pap.word, labelled(pap.text, _(text))) for pap, text in ACTIONS.items()],
        cite=Citing(people),
    )


def _audiences(prospects: Sequence[Prospect], names: Names) -> list[tuple[str, str]]:
    """Audiences of agreements in force, with who is in each beside us."""
    return [
        (
            f"{under.agreement}/{under.audience}",
            _("%(name)s of %(title)s: %(parties)s")
            % {
                "name": plainly(under.audience),
                "title": plainly(under.title),
                "parties": joined(names.party(each.party) for each in under.parties),
            },
        )
        for prospect in prospects[:1]
        for under in prospect.under
        if under.audience
    ]


def _choice(prospect: Prospect, names: Names, who: Reader) -> Choice:
    return Choice(
        level=prospect.tlp,
        text=_(LEVELS[prospect.tlp]),
        own=prospect.own,
        persons=[(plainly(each.name), joined(each.roles)) for each in prospect.persons],
        hosted=[Reads(plainly(each.name), each.decision.allowed, each.decision.because) for each in prospect.hosted],
        under=[_publishing(each, names) for each in prospect.under],
        above=prospect.tlp > who.clearance,
    )


def _publishing(under: Under, names: Names) -> Publishing:
    return Publishing(
        title=plainly(under.title),
        audience=plainly(under.audience),
        url=f"/agreements/{under.agreement}",
        goes=under.goes,
        parties=[
            Reads(names.party(each.party), each.decision.allowed, each.decision.because) for each in under.parties
        ],
    )


def options(levels: Mapping[TLP, str] = LEVELS) -> list[tuple[str, str]]:
    """(word, text) of the levels, for a plain select."""
    return [(level.word, level.text) for level in levels]


def destinations(agreements: Agreements) -> list[tuple[str, str]]:
    """What something may be published to now: agreements, and their audiences as "agreement/audience"."""
    standings = agreements.standings()
    found = []
    for agreement, title in publishable(agreements):
        found.append((agreement, title))
        for group in standings[agreement].groups:
            named = _("%(title)s, audience %(name)s") % {"title": title, "name": plainly(group.name)}
            found.append((f"{agreement}/{group.name}", named))
    return found


def split_destination(text: str) -> tuple[str, str]:
    """The agreement and the audience that a choice among destinations names; no id of an agreement has a slash."""
    agreement, _slash, audience = text.partition("/")
    return agreement, audience
