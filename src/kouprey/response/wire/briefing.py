"""The situation in words: its rows as pages, paper and the command line have them, and the briefing on paper."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from kouprey.kernel.web.filters import number
from kouprey.kernel.web.language import _, mark
from kouprey.kernel.words.time import DAY, Instant, format_second
from kouprey.response.model.situation import Attack, Attribution, Campaign, Due, Fresh, Situation, Strike, Voice
from kouprey.response.wire.casenames import PHASES, SEVERITIES
from kouprey.response.wire.handoffwords import lacking
from kouprey.response.wire.papers import Section, Sheet, clock, draw
from kouprey.response.wire.sectors import called_sector
from kouprey.response.wire.words import plain

ATTACKS = {
    Attack.DEFACEMENT: mark("Defacement"),
    Attack.DDOS: mark("Denial of service"),
}
KINDS = {"campaign": mark("Campaign"), "intrusion-set": mark("Intrusion set")}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Names = Mapping[str, str]
"""Id of a party, a person of ours or a contact -> how they are called."""


def called(name: str, names: Names) -> str:
    """A name for an id; commands act as the operator."""
    return plain(names.get(name) or (_("the operator of this node") if name == "operator" else name))


def voices(said: tuple[Voice, ...], names: Names) -> str:
    """Those who say something, one after the other."""
    return ", ".join(dict.fromkeys(called(each.name, names) for each in said))


def attributed(each: Attribution, names: Names) -> str:
    """Who asserts that somebody is behind it, how sure they are, and who disagrees: never that it is so."""
    sure = (
        _("no confidence is stated")
        if each.confidence is None
        else _("confidence %(n)s of 100") % {"n": number(each.confidence)}
    )
    who = {"who": voices(each.said_by, names), "actor": plain(each.actor_title), "sure": sure}
    parts = [_("%(who)s asserts that %(actor)s is behind it (%(sure)s).") % who]
    if each.agree:
        parts.append(_("%(who)s agrees.") % {"who": voices(each.agree, names)})
    if each.disagree:
        parts.append(_("%(who)s disagrees.") % {"who": voices(each.disagree, names)})
    else:
        parts.append(_("Nobody has disagreed."))
    return " ".join(parts)


def days_of(found: Situation) -> list[tuple[str, int]]:
    """Date and sightings of each day."""
    first = _EPOCH + timedelta(microseconds=found.first_day * DAY)
    return [(f"{first + timedelta(days=place):%m-%d}", count) for place, count in enumerate(found.seen)]


def fresh_of(fresh: Fresh, *, cases: bool) -> list[tuple[str, int, str]]:
    """What the last 24 hours brought: in words, how many, and where they stand."""
    rows = [
        (_("Cases opened"), fresh.opened, "/cases?state=any"),
        (_("Older cases changed"), fresh.changed, "/cases?state=any"),
        (_("Cases closed"), fresh.closed, "/cases?state=closed"),
    ]
    return [
        *(rows if cases else ()),
        (_("Hand-offs with something new"), fresh.handoffs, "/handoffs"),
        (_("Hand-offs that became overdue"), fresh.late, "/handoffs"),
        (_("Campaigns and intrusion sets that came"), fresh.campaigns, "/intelligence?type=campaign"),
        (_("Objects received today (UTC)"), fresh.objects, "/intelligence"),
    ]


def draw_briefing(found: Situation, names: Names, language: str) -> bytes:
    """The situation on paper. Damaged for a language there is none of."""
    return draw(language, lambda: briefing(found, names))


def briefing(found: Situation, names: Names) -> Sheet:
    """What stands on it, in the language of this context."""
    home = called(found.home, names)
    maker = called(found.by, names)
    notice = _("An exercise: nothing of this happened in earnest.") if found.exercise else ""
    return Sheet(
        title=_("Situation"),
        about=f"{home} · {_at(found.at)}",
        marking=found.tlp.text,
        notice=notice,
        sections=[
            _fresh(found),
            _strikes(found),
            *([_cases(found)] if found.cases is not None else ()),
            _handoffs(found, names),
            _campaigns(found, names),
            *([_changing(found)] if found.cases is not None else ()),
            Section(title=_("Sightings a day"), bars=days_of(found), note=_("The last 14 days of UTC.")),
            _traffic(found, names),
        ],
        at=found.at,
        footer=f"{home} · {_at(found.at)} · {maker}",
        ends=_("Made by %(who)s at %(at)s, of what they may see; the marking is that of the highest thing named here.")
        % {"who": maker, "at": _at(found.at)}
        + (" " + _("Lists are cut at what one page holds.") if found.more or found.fresh.more else ""),
    )


def _fresh(found: Situation) -> Section:
    rows = [(text, number(count)) for text, count, _path in fresh_of(found.fresh, cases=found.cases is not None)]
    return Section(title=_("Since yesterday"), rows=rows, widths=(3, 1))


def _strikes(found: Situation) -> Section:
    return Section(
        title=_("Defacement and denial of service"),
        note=_("Against government and media first, as far as anybody says against whom."),
        heads=[_("What"), _("Where it stands"), _("Against"), _("When"), _("Marking")],
        rows=[
            (
                f"{_(ATTACKS[each.attack])}: {plain(each.title)}",
                where(each),
                ", ".join(map(called_sector, each.sectors)) or _("not said"),
                _at(each.at),
                each.tlp.text,
            )
            for each in found.strikes
        ],
        widths=(3, 1.2, 1.5, 1.3, 2.1),
        none=_("None is open here, and no object of late names one."),
    )


def where(each: Strike) -> str:
    """A case of ours, or an object."""
    return _("case #%(n)s") % {"n": each.number} if each.number else _("an object that names it")


def _cases(found: Situation) -> Section:
    return Section(
        title=_("Cases that cross a border"),
        heads=["#", _("What"), _("Stands"), _("Severity"), _("Marking")],
        rows=[
            (
                str(each.number),
                plain(each.title),
                _(PHASES[each.phase][0]),
                _(SEVERITIES[each.severity][0]),
                each.tlp.text,
            )
            for each in found.cases or ()
        ],
        widths=(0.5, 4, 1.2, 1.2, 1.9),
        none=_("No open case crosses a border."),
    )


def _handoffs(found: Situation, names: Names) -> Section:
    return Section(
        title=_("Hand-offs that are not closed"),
        heads=[_("What"), _("With whom"), _("Due (UTC)"), _("Marking")],
        rows=[
            (
                " · ".join(
                    [f"{plain(each.title)} ({_('we asked') if each.ours else _('asked of us')})", *lacking(each.lacks)]
                ),
                plain(names.get(each.other, each.other)),
                due_text(each),
                each.tlp.text,
            )
            for each in found.handoffs
        ],
        widths=(3.4, 1.8, 1.4, 1.9),
        none=_("No hand-off is open."),
    )


def due_text(each: Due) -> str:
    """When it is due, and whether that is over."""
    if not each.due:
        return "–"
    return _("overdue since %(at)s") % {"at": _at(each.due)} if each.late else _at(each.due)


def _campaigns(found: Situation, names: Names) -> Section:
    return Section(
        title=_("Campaigns and intrusion sets of the last %(n)s days") % {"n": number(found.days)},
        heads=[_("What"), _("Against"), _("Who is said to be behind it"), _("Marking")],
        rows=[
            (
                f"{plain(each.title)} ({_(KINDS[each.type])})",
                plain(", ".join(each.sectors)) or _("not said"),
                behind(each, names),
                each.highest.text,
            )
            for each in found.campaigns
        ],
        widths=(2.2, 1.4, 3.4, 1.9),
        none=_("None came, and none was seen."),
    )


def behind(each: Campaign, names: Names) -> str:
    """Every assertion about who is behind it."""
    return " ".join(attributed(said, names) for said in each.attributions) or _("Nobody says who is behind it.")


def _changing(found: Situation) -> Section:
    return Section(
        title=_("Intelligence that changed a case"),
        heads=[_("Case"), _("What"), _("Why"), _("Marking")],
        rows=[
            (f"#{each.number} {plain(each.title)}", plain(each.object_title), plain(each.note), each.tlp.text)
            for each in found.changing
        ],
        widths=(2.4, 2.4, 2.4, 1.9),
        none=_("No link says so."),
    )


def _traffic(found: Situation, names: Names) -> Section:
    return Section(
        title=_("Between us and partners"),
        note=_("Hand-offs that are open now, and objects of the last seven days."),
        heads=[_("Partner"), _("Asked of us"), _("We asked"), _("Overdue"), _("Received"), _("Given")],
        rows=[
            (
                plain(names.get(each.party, each.party)),
                *map(number, (each.asked_of_us, each.asked_by_us, each.late, each.received, each.given)),
            )
            for each in found.traffic
        ],
        widths=(3, 1, 1, 1, 1, 1),
        none=_("No partner is known here."),
    )


def _at(instant: Instant) -> str:
    """In UTC, to the second."""
    return clock(format_second(instant))
