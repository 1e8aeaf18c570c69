"""Joining: what was given before a party joined an agreement is given to it too, if somebody wants that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import chain

from kouprey.agreements.model import CLAUSES, Standing
from kouprey.agreements.model.citing import rests_on
from kouprey.exchange.model import PublishReport, Why
from kouprey.exchange.model.joining import GivenBefore, HandedOn, Joined, TypeLacks
from kouprey.exchange.model.publishing import RuleGround
from kouprey.exchange.rules.publishing import grounds_of
from kouprey.exchange.service.applying import Applying
from kouprey.exchange.service.gate import Passed
from kouprey.exchange.store import joining as rows
from kouprey.exchange.store.joining import Lacking
from kouprey.exchange.store.seeing import Eyes
from kouprey.kernel.words.decision import Reader, Reason
from kouprey.kernel.words.errors import Forbidden, KoupreyError, Refused
from kouprey.kernel.words.time import Instant

PAGE = 1_000
"""Versions read at a time."""
COUNTED = 10_000
"""Objects counted before “or more” is said."""
LOOKED = 1_000
"""Of these, how many a preview asks the gate about."""
AT_ONCE = 5_000
"""Objects that one request gives: a person and a program wait for its answer."""
_STEP = 200


class Joining(Applying):
    """Verbs that give to one party of an agreement what the others were given before."""

    def list_joined(self, who: Reader, agreement: str) -> list[Joined]:
        """The parties that came with a later version than the first, and what each lacks, as far as `who` sees.

        Neither we ourselves nor who has left is among them. Unknown when there is no such agreement.
        """
        _check_ours(who)
        standing = self._agreements.get_standing(agreement)
        signed = [version for version in self._agreements.list_versions(agreement) if not version.missing]
        signed.sort(key=lambda version: version.number)
        first = set(signed[0].party_ids) if signed else set(standing.parties)
        made = []
        for party in standing.parties:
            if party in first or party == standing.home or party in standing.left:
                continue
            version = next(each for each in signed if party in each.party_ids)
            lacks, more = self._count_lacking(who, standing, party)
            since = version.in_force_from
            made.append(Joined(party=party, version=version.number, since=since, lacks=lacks, more=more))
        return made

    def foresee_before(self, who: Reader, agreement: str, party: str, *, since: Instant = 0) -> GivenBefore:
        """What a party lacks of what was given to the others since an instant (0: ever), and what may go to it.

        Only what `who` sees is counted. The gate is asked about the first 1,000; nothing happens. Refused for whoever
        can be given nothing under the agreement, with the clause.
        """
        standing = self._lacker(who, agreement, party)
        stopped = False
        try:
            hinders = self._may_publish(standing)
        except KoupreyError as error:
            stopped = True
            hinders = f"{error.what} {error.why}".strip()
        found, beyond = 0, False
        looked: list[Lacking] = []
        for page in self._pages(who, standing, party, since):
            looked += page[: LOOKED - len(looked)]
            found += len(page)
            if found > COUNTED:
                found, beyond = COUNTED, True
                break
        passed = self._at_the_gate(who, standing, party, looked)
        titles = self._titles_of(who, passed)
        kinds = {each.stix_id: each.type for each in looked}
        waits, held = _of(passed, "waiting"), _of(passed, "refused", "already")
        return GivenBefore(
            agreement=standing.agreement,
            title=standing.title,
            party=party,
            since=since,
            found=found,
            beyond=beyond,
            looked=len(passed),
            goes=len(passed) - len(waits) - len(held),
            waits=len(waits),
            held=len(held),
            pruned=sum(each.pruned for each in passed),
            types=_by_type(passed, kinds),
            waiting=grounds_of(waits, titles),
            grounds=grounds_of(held, titles),
            hinders=hinders,
            stopped=stopped,
        )

    def give_before(
        self,
        who: Reader,
        agreement: str,
        party: str,
        *,
        by: str,
        since: Instant = 0,
        most: int = 0,
        tell: Callable[[int], None] = lambda done: None,
    ) -> HandedOn:
        """Give a party what it lacks of what was given to the others since an instant (0: ever), and still stands.

        Each object passes the gate for this party alone, in steps that last: what is cut off goes on when it is done
        again, and nothing is given twice. `most`: stop after about so many were given; 0 for no end.
        `tell` is told how many were decided since it was told before. Refused as `foresee_before` is, and when nothing
        can be published under the agreement.
        """
        standing = self._lacker(who, agreement, party)
        waits_because = self._may_publish(standing)
        reports: list[PublishReport] = []
        barred: list[Passed] = []
        done, more = 0, False
        for page in self._pages(who, standing, party, since):
            if most and done >= most:
                more = True
                break
            meant, apart = self._meant(standing, party, page)
            barred += apart
            for begin in range(0, len(meant), _STEP):
                ids = [each.stix_id for each in meant[begin : begin + _STEP]]
                made = self.publish(agreement, ids, by=by, who=who, parties=[party])
                reports.append(made)
                done += len(made.queued)
                tell(len(ids))
            tell(len(apart))
        return self._handed_on(who, standing, party, reports, barred, waits_because, more=more)

    def _handed_on(
        self,
        who: Reader,
        standing: Standing,
        party: str,
        reports: Sequence[PublishReport],
        barred: Sequence[Passed],
        waits_because: str,
        *,
        more: bool,
    ) -> HandedOn:
        refused = [Why(stix_id=each.stix_id, because=each.because) for each in barred]
        report = PublishReport(
            agreement=standing.agreement,
            queued=tuple(chain.from_iterable(each.queued for each in reports)),
            already=tuple(chain.from_iterable(each.already for each in reports)),
            pruned=tuple(chain.from_iterable(each.pruned for each in reports)),
            refused=(*chain.from_iterable(each.refused for each in reports), *refused),
            waits_because=waits_because,
            waiting=tuple(chain.from_iterable(each.waiting for each in reports)),
        )
        return HandedOn(
            party=party,
            report=report,
            waiting=self._grounds(who, report.waiting),
            grounds=self._grounds(who, report.refused),
            more=more,
        )

    def _grounds(self, who: Reader, told: Sequence[Why]) -> tuple[RuleGround, ...]:
        passed = [Passed(each.stix_id, "refused", each.because) for each in told]
        return grounds_of(passed, self._titles_of(who, passed))

    def _at_the_gate(self, who: Reader, standing: Standing, party: str, looked: Sequence[Lacking]) -> list[Passed]:
        meant, passed = self._meant(standing, party, looked)
        gate, eyes = self._open_gate(standing, who.name, [party]), self._eyes(who)
        for begin in range(0, len(meant), _STEP):
            with self._store.read() as reader:
                passed += gate.foresee(reader, eyes, [each.stix_id for each in meant[begin : begin + _STEP]])
        return passed

    def _meant(self, standing: Standing, party: str, page: Sequence[Lacking]) -> tuple[list[Lacking], list[Passed]]:
        """Those that went to all the parties there were, and, refused, those that went to an audience alone.

        Our own label of a thing says nothing of the audience it was published to; the lane it went into does. Of what
        no lane is known for any more, only what all the others have went to all.
        """
        aims = self._lanes.find_aims([number for each in page for number in each.numbers])
        others = set(standing.parties) - {standing.home, party}
        meant, apart = [], []
        for each in page:
            if any(aims[number] == () if number in aims else others <= set(each.parties) for number in each.numbers):
                meant.append(each)
            else:
                text = f"It was given to an audience, of which {party} is none."
                ground = Reason("audience", text, standing.agreement, CLAUSES["groups"], standing.title)
                apart.append(Passed(each.stix_id, "refused", (ground,)))
        return meant, apart

    def _pages(self, who: Reader, standing: Standing, party: str, since: Instant) -> Iterator[list[Lacking]]:
        eyes, after = self._eyes(who), 0
        while True:
            page = self._page(eyes, standing, party, since, after, PAGE)
            if page:
                yield page
            if len(page) < PAGE:
                return
            after = page[-1].version

    def _page(
        self, eyes: Eyes, standing: Standing, party: str, since: Instant, after: int, limit: int
    ) -> list[Lacking]:
        with self._store.read() as reader:
            return rows.list_lacking(
                reader,
                eyes,
                standing.agreement,
                party,
                home=standing.home,
                since=since,
                after=after,
                limit=limit,
            )

    def _count_lacking(self, who: Reader, standing: Standing, party: str) -> tuple[int, bool]:
        """How many, and whether there are more than are counted."""
        found = len(self._page(self._eyes(who), standing, party, 0, 0, COUNTED + 1))
        return min(found, COUNTED), found > COUNTED

    def _lacker(self, who: Reader, agreement: str, party: str) -> Standing:
        """The agreement, when this party of it can be given something; Refused with the clause otherwise."""
        _check_ours(who)
        standing = self._agreements.get_standing(agreement)
        if party == standing.home:
            raise Refused(
                "That is your own party.",
                "What you gave under it you hold yourselves.",
                "Name a party that joined later.",
                code="own-party",
            )
        if party not in standing.parties:
            raise Refused(
                f"{party[:100]!r} is no party of this agreement.",
                f"“{standing.title}” binds {', '.join(standing.parties)} (clause 1, Parties).",
                "Propose a version with it as a party; when all have signed, give it what was given before.",
                code="not-a-party",
                detail=rests_on(standing.agreement, standing.title, CLAUSES["parties"]),
            )
        if party in standing.left:
            raise Refused(
                f"{party} has left this agreement.",
                f"Nothing of “{standing.title}” counts for it any more (clause 10, Suspension).",
                "Draft another agreement with it.",
                code="has-left",
                detail=rests_on(standing.agreement, standing.title, CLAUSES["suspension"]),
            )
        return standing


def _check_ours(who: Reader) -> None:
    if not who.local:
        raise Forbidden("This is for people of this node's own party.", code="not-local")


def _of(passed: Sequence[Passed], *fates: str) -> list[Passed]:
    return [each for each in passed if each.fate in fates]


def _by_type(passed: Sequence[Passed], kinds: dict[str, str]) -> tuple[TypeLacks, ...]:
    """The types with the most first."""
    fates = Counter((kinds[each.stix_id], each.fate) for each in passed)
    sums = Counter(kinds[each.stix_id] for each in passed)
    return tuple(
        TypeLacks(
            type=kind,
            found=found,
            goes=fates[kind, "queued"],
            waits=fates[kind, "waiting"],
            held=fates[kind, "refused"] + fates[kind, "already"],
        )
        for kind, found in sorted(sums.items(), key=lambda pair: (-pair[1], pair[0]))
    )
