"""Reporting: whether an agreement works, as far as the reader sees, and on signed paper."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import sha256

from kouprey.agreements.model import MEASURES, Standing
from kouprey.agreements.service import Agreements
from kouprey.federation.service.accounts import list_account_days, list_account_lanes, list_missing
from kouprey.kernel.seal.keyring import Keyring
from kouprey.kernel.seal.keys import VerifyKey
from kouprey.kernel.seal.notes import open_note, sign_note, split_note
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Reader as Snapshot
from kouprey.kernel.storage.engine import Store
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Damaged, Forbidden
from kouprey.kernel.words.time import SECOND, Clock, format_second, wall_clock
from kouprey.kernel.words.tlp import TLP
from kouprey.people.service import People
from kouprey.performance import rules
from kouprey.performance import store as rows
from kouprey.performance.model import (
    SHOWN,
    SMALL,
    TREND,
    Cell,
    Manifest,
    Measured,
    Point,
    Printed,
    Quarter,
    Report,
    Share,
)
from kouprey.performance.service.summing import Summing
from kouprey.performance.wire import figures_hash, parse_manifest, render_manifest

_RECALLS = 10_000
"""Recalls of a lane that are looked at, the newest."""

Draw = Callable[[Report, str], bytes]
"""A report and the hash of its figures become a PDF."""


class Performance(Summing):
    """Verbs: sum up, report, print and verify."""

    def __init__(
        self, store: Store, people: People, agreements: Agreements, keyring: Keyring, clock: Clock = wall_clock
    ) -> None:
        super().__init__(store, agreements, clock)
        self._people = people
        self._keyring = keyring

    def report(self, agreement: str, who: Reader, quarter: Quarter | None = None, *, small: bool = False) -> Report:
        """The measures of a quarter (without one, the present) over what `who` may see; Unknown for no agreement.

        Who may not see everything is told no count below five, and nothing that gives one away; nor is anybody where
        `small` says so. A quarter that has not begun is Damaged.
        """
        standing = self._agreements.get_standing(agreement)
        now = self._clock()
        current = rules.quarter_of(now // SECOND)
        asked = current if quarter is None else quarter
        if asked > current:
            raise Damaged(
                "This quarter has not begun.", rules.quarter_text(asked), "Ask for an earlier one.", code="bad-quarter"
            )
        whole = sees_all(who) and not small
        eyes = rows.Eyes(self._agreements.profile(who), now)
        with self._store.read() as reader:
            first = rows.first_quarter(reader, eyes, agreement) or current
            span = range(max(asked - TREND + 1, min(first, asked)), asked + 1)
            cells = rows.list_cells(reader, eyes, agreement, span[0], asked)
            wrong = rows.count_wrong(reader, eyes, agreement, span[0], asked)
            recalls = self._outstanding(reader, agreement) if sees_all(who) else None
            days = _days(reader, standing, span[0])
        by_quarter: dict[Quarter, list[Cell]] = {each: [] for each in span}
        for cell in cells:
            by_quarter[cell.quarter].append(cell)
        trend = {
            each: rules.points(by_quarter[each], wrong, days, standing.parties, each, whole=whole) for each in span
        }
        given = rules.gave(cell for cell in cells if cell.quarter == asked)
        spread = rules.concentration(given)
        counts = {party: given.get(party, 0) for party in standing.parties}
        hidden = _hidden(counts, whole)
        indicators = rules.gave((cell for cell in cells if cell.quarter == asked), "indicators")
        small_indicators = _hidden({party: indicators.get(party, 0) for party in standing.parties}, whole)
        return Report(
            agreement=agreement,
            title=standing.title,
            quarter=asked,
            quarters=tuple(range(min(first, asked), current + 1))[-4 * TREND :],
            parties=standing.parties,
            measures=tuple(
                _measured(each, standing, trend, self._recall_point(recalls, asked, current, whole), asked)
                for each in SHOWN
                if each != "outstanding-recalls" or recalls is not None
            ),
            shares=tuple(
                Share(
                    party=party,
                    gave=None if party in hidden else counts[party],
                    indicators=None if party in small_indicators or party in hidden else indicators.get(party, 0),
                )
                for party in standing.parties
            ),
            hhi=None if hidden or spread is None else spread[1],
            whole=whole,
            behind=self.behind(agreement) if sees_all(who) else 0,
            at=now,
        )

    def _recall_point(self, recalls: int | None, quarter: Quarter, current: Quarter, whole: bool) -> Point:
        """What is outstanding is so now: of an earlier quarter nobody can tell it any more."""
        if recalls is None or quarter != current:
            return Point(quarter=quarter, value=None, n=0)
        hidden = not whole and 0 < recalls < SMALL
        value = None if hidden else float(recalls)
        return Point(quarter=quarter, value=value, n=None if hidden else recalls, hidden=hidden)

    def _outstanding(self, reader: Snapshot, agreement: str) -> int:
        """Recalls (one for each recall and party) that no receipt known here says to be carried out."""
        home, found = self._people.home_id, 0
        for lane in list_account_lanes(reader, agreement):
            recalls = rows.list_recalls(reader, lane.id, _RECALLS)
            if not recalls:
                continue
            missing = list_missing(reader, lane.id)
            # Receipts go to the author alone: of the others' acknowledgements of another's recall we know nothing.
            parties = [each for each in lane.audience if each != lane.author] if lane.mine else [home]
            for party in parties:
                size, without = missing.get(party, (0, ()))
                for index, first, beyond in recalls:
                    done = size > index and any(part.start <= first and beyond <= part.end for part in without)
                    found += not done
        return found

    def print_report(
        self, agreement: str, who: Reader, quarter: Quarter | None, language: str, draw: Draw, *, by: str
    ) -> Printed:
        """The report on paper and the note this node signs over it; for people who may see everything.

        No count below five is printed, whoever prints it: paper goes on to others.
        """
        check_whole(who)
        report = self.report(agreement, who, quarter, small=True)
        standing = self._agreements.get_standing(agreement)
        home = self._people.home_id
        named = rules.quarter_text(report.quarter)
        figures = {each.measure: each.now.value for each in report.measures}
        n = {each.measure: each.now.n for each in report.measures}
        hashed = figures_hash(agreement, named, figures, n)
        drawn = draw(report, hashed)
        manifest = Manifest(
            v=1,
            kind="measures",
            party=home,
            agreement=agreement,
            version_sha256=standing.note_sha256.hex(),
            quarter=named,
            language=language,
            made_at=format_second(report.at),
            pdf_sha256=sha256(drawn).hexdigest(),
            figures_sha256=hashed,
            figures=figures,
            n=n,
        )
        note = sign_note(render_manifest(manifest), [(f"{home}/node", self._keyring.speaker)])
        detail: dict[str, object] = {"quarter": manifest.quarter, "language": language, "sha256": manifest.pdf_sha256}
        self._store.write(
            lambda tx: audit.append(
                tx, at=self._clock(), actor=by, action="performance.print", subject=agreement, detail=detail
            )
        )
        name = f"{manifest.quarter}-{agreement[:12]}-{language}"
        return Printed(name=name, pdf=drawn, note=note)

    def verify_report(self, pdf: bytes, note: bytes) -> Manifest:
        """What a signed report says, if the note is signed by its party's card and the PDF is the one it names."""
        manifest = parse_manifest(split_note(note)[0])
        card = self._people.get_party(manifest.party).card
        open_note(note, [VerifyKey.parse(key) for key in card.nodes])
        if sha256(pdf).hexdigest() != manifest.pdf_sha256:
            raise Damaged(
                "The PDF is not the one that was signed.",
                "Its SHA-256 differs from the manifest.",
                "Ask its maker for both files again.",
                code="other-paper",
            )
        return manifest


def check_whole(who: Reader) -> None:
    """Forbidden for who may not see everything: paper leaves the node, and counts what they would not see."""
    if not sees_all(who):
        raise Forbidden(
            "You may not see this as a whole.",
            "It counts everything, also what is above your clearance.",
            "Ask somebody who is cleared for TLP:RED.",
            code="not-cleared",
        )


def sees_all(who: Reader) -> bool:
    """Whether somebody may see everything this node holds, in earnest."""
    return who.local and who.clearance is TLP.RED and not who.exercise


def _hidden(counts: Mapping[str, int], whole: bool) -> frozenset[str]:
    return frozenset() if whole else rules.hidden_parts(counts)


def _days(reader: Snapshot, standing: Standing, first: Quarter) -> list[tuple[int, int, int]]:
    """(second, time up, time down) of each day of our links to the parties, from a quarter on."""
    days = list_account_days(reader, rules.begin_of(first) * SECOND)
    return [(day.at // SECOND, day.up, day.down) for day in days if day.party in standing.parties]


def _measured(
    measure: str,
    standing: Standing,
    trend: Mapping[Quarter, Mapping[str, Point]],
    recalls: Point,
    asked: Quarter,
) -> Measured:
    target = next((each for each in standing.terms.targets if each.measure == measure), None)
    points = (recalls,) if measure == "outstanding-recalls" else tuple(trend[each][measure] for each in sorted(trend))
    now = points[-1]
    aim = None if target is None else target.target
    return Measured(
        measure=measure,
        unit=MEASURES[measure],
        target=aim,
        baseline=None if target is None else target.baseline,
        now=now,
        trend=points,
        state=rules.judge(measure, now, aim),
    )
