"""Looking with the eyes of a party: what it would get of an object, and how much of ours it would not."""

from __future__ import annotations

from dataclasses import dataclass

from kouprey.agreements.service import Agreements
from kouprey.exchange.model import ObjectView
from kouprey.exchange.model.weighing import Weighed
from kouprey.exchange.pages.reading import plainly
from kouprey.exchange.service import Exchange
from kouprey.kernel.web.filters import number
from kouprey.kernel.web.language import _, mark, ngettext
from kouprey.kernel.words.decision import Decision, Reader
from kouprey.kernel.words.errors import Refused, Unknown
from kouprey.people.service import People


@dataclass(frozen=True)
class Lent:
    """The eyes of a party, what it sees (None: nothing), the decision over the newest version, and what is missing."""

    party: str
    name: str
    reader: Reader
    found: ObjectView | None
    decision: Decision
    missing: tuple[str, ...] = ()


def look_as(
    exchange: Exchange, agreements: Agreements, people: People, who: Reader, found: ObjectView, party: str
) -> Lent:
    """What a party sees of an object that `who` was shown; Unknown for one nobody knows, Refused for our own."""
    known = people.get_party(party)
    if known.home:
        raise Refused(
            mark("That is your own party."),
            mark("What your own people see is the page itself."),
            mark("Choose a partner in the table of who sees it."),
            code="own-party",
        )
    reader = agreements.seen_as(party, who)
    decision = exchange.verdicts(who, found, [party])[party]
    try:
        seen = exchange.get_object(reader, found.stix_id)
    except Unknown:
        seen = None
    return Lent(party, plainly(known.name), reader, seen, decision)


def missing(
    ours: ObjectView, theirs: ObjectView, said: tuple[Weighed, Weighed], related: tuple[int, int], given: int
) -> tuple[str, ...]:
    """How much of what we see they do not, in words; what is the same for both is not said."""
    (own, lent), (near, nearer) = said, related

    def voices(found: ObjectView) -> int:
        return sum(len(body.assertions) for version in found.versions for body in version.bodies)

    def comments(weighed: Weighed, kind: str) -> int:
        return sum(each.kind == kind for each in weighed.comments)

    gone = {
        "version": len(ours.versions) - len(theirs.versions),
        "voice": voices(ours) - voices(theirs),
        "sighting": comments(own, "sighting") - comments(lent, "sighting"),
        "note": comments(own, "note") - comments(lent, "note"),
        "opinion": comments(own, "opinion") - comments(lent, "opinion"),
        "relation": near - nearer,
        "publication": given,
    }
    return tuple(_counted(what, n) for what, n in gone.items() if n > 0)


def _counted(what: str, n: int) -> str:
    texts = {
        "version": ngettext("%(n)s version", "%(n)s versions", n),
        "voice": ngettext("%(n)s source", "%(n)s sources", n),
        "sighting": ngettext("%(n)s sighting", "%(n)s sightings", n),
        "note": ngettext("%(n)s note", "%(n)s notes", n),
        "opinion": ngettext("%(n)s opinion", "%(n)s opinions", n),
        "relation": ngettext("%(n)s related object", "%(n)s related objects", n),
        "publication": ngettext("%(n)s publication", "%(n)s publications", n),
    }
    return texts[what] % {"n": number(n)}


def nothing(lent: Lent) -> str:
    """What the page says that is empty."""
    return _("%(who)s gets nothing of this object.") % {"who": lent.name}
