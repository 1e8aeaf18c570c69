"""Verbs about reports: who reads them, what becomes of them, and what strangers do by the form."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterator, Sequence
from io import BytesIO
from ipaddress import IPv6Address, ip_address
from threading import Lock
from typing import Any, NamedTuple

import msgspec

from kouprey.exchange.model.texts import Candidate
from kouprey.kernel.seal import keys
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words import decision
from kouprey.kernel.words.errors import Damaged, Forbidden, KoupreyError, Refused, TooLarge, TooMany, Unknown
from kouprey.kernel.words.time import DAY, SECOND, Instant
from kouprey.response.model.cases import Case, Evidence, Kind, Phase, Track
from kouprey.response.model.reports import Answer, Origin, Report, Sending, Standing, Told
from kouprey.response.rules.tracks import Deed, writable
from kouprey.response.service.fetching import Fetching
from kouprey.response.service.intake import MARKING, Came
from kouprey.response.store import reports as rows
from kouprey.response.wire.reporting import write_told

PAGE = 50
LONGEST = 20_000
LARGEST_FILES, MOST_FILES = 10 << 20, 10
"""Bytes of what is enclosed to the form in all, and how many files."""
OF_ONE, IN_ALL = 5, 60
"""Reports by the form within `WINDOW`: of one address, and of all together."""
WINDOW: Instant = 600 * SECOND
BYTES_A_DAY = 500 << 20
"""Of files by the form, from all strangers together: a disk is not theirs to fill."""
_ADDRESSES = 10_000
TO_DO = (Sending.WAITING, Sending.UNSURE, Sending.FAILED)


class Shown(NamedTuple):
    """A report as somebody sees it: its case and the one that it names, as far as they see those."""

    report: Report
    case: Case | None
    claimed: Case | None
    answers: list[Answer]
    doubtful: list[Candidate]


class Reports(Fetching):
    """Verbs about reports. They are read on the technical track, and with their case, as far as that is seen."""

    def __init__(self, *given: Any, form: bool = True, **named: Any) -> None:
        super().__init__(*given, **named)
        self.form = form
        self._told: OrderedDict[str, list[Instant]] = OrderedDict()
        self._brought: deque[tuple[Instant, int]] = deque()
        self._guard = Lock()

    def reads(self, who: decision.Reader) -> bool:
        """Whether they see reports at all."""
        return self._cases.reads(who) and Track.TECHNICAL in self._cases.eyes(who).tracks

    def may(self, who: decision.Reader) -> bool:
        """Whether they decide what becomes of reports: whoever opens cases and writes on that track."""
        return self._cases.may_open(who) and (who.name == "operator" or Track.TECHNICAL in writable(who.roles))

    def page(
        self, who: decision.Reader, standing: str = "", *, before: tuple[Instant, str] | None = None
    ) -> tuple[list[tuple[Report, Case | None]], bool]:
        """A page of those they may see, what came last first, with their cases; whether there are more."""
        eyes = self._cases.eyes(who)
        with self._store.read() as reader:
            found = rows.list_reports(reader, eyes, standing, before=before, limit=PAGE + 1)
        return [(each, self._case(who, each.case)) for each in found[:PAGE]], len(found) > PAGE

    def count(self, who: decision.Reader) -> dict[str, int]:
        """Standing -> how many there are that they may see."""
        with self._store.read() as reader:
            return rows.count_reports(reader, self._cases.eyes(who))

    def get(self, who: decision.Reader, number: str) -> Shown:
        """One with all that belongs to it; Unknown where there is none that they may see."""
        report = self._find(who, number)
        with self._store.read() as reader:
            answers = rows.list_answers_of(reader, report.id)
        found = self._exchange.extract(f"{report.mail.subject}\n{report.mail.text}").candidates
        return Shown(
            report=report,
            case=self._case(who, report.case),
            claimed=self._case(who, str(report.claims)) if report.claims else None,
            answers=answers,
            doubtful=[each for each in found if each.doubts][:PAGE],
        )

    def put_into_case(self, who: decision.Reader, number: str, case: str = "") -> Case:
        """Let a report stand in a case: in a new one, or in `case`, where a case of its own is read then."""
        report = self._find(who, number)
        self._check_may(who)
        if report.case:
            if not case:
                raise Refused("It stands in a case already.", code="has-case")
            return self._cases.merge(who, report.case, case)
        if report.standing is Standing.ABANDONED:
            raise Refused("It was set aside.", remedy="Take that back first.", code="set-aside")
        made: list[Case] = []
        if case:
            into = self._cases.get(who, case).case

            def join(tx: Tx, found: Case) -> None:
                self._change(tx, who, report, "report.join", case=found.id, standing=Standing.JOINED)

            return self._cases.add_all(who, into.id, Track.TECHNICAL, self.bodies_of(report), join)

        def opened(tx: Tx, found: Case) -> None:
            self._change(tx, who, report, "report.open", case=found.id, standing=Standing.NEW)
            made.append(found)

        return self._cases.open(
            who,
            self.title_of(report),
            track=Track.TECHNICAL,
            bodies=self.bodies_of(report),
            kind=Kind.REPORT,
            tlp=min(MARKING, who.clearance),
            also=opened,
        )

    def abandon(self, who: decision.Reader, number: str, why: str) -> Report:
        """Set it aside: no incident. The case that was opened for it alone is closed with it, by whoever may close."""
        report = self._find(who, number)
        self._check_may(who)
        if not why.strip() or len(why) > 2_000:
            raise Damaged("The reason is missing.", remedy="Say in a sentence why this is no incident.", code="no-text")
        if report.standing is Standing.ABANDONED:
            raise Refused("It was set aside already.", code="set-aside")
        closes = self._closable(who, report)
        told: dict[str, Any] = {"why": why.strip(), "was": report.standing, "standing": Standing.ABANDONED}
        told["closed"] = closes is not None
        if closes is None:
            return self._store.write(lambda tx: self._change(tx, who, report, "report.abandon", **told))
        made: list[Report] = []

        def also(tx: Tx) -> None:
            made.append(self._change(tx, who, report, "report.abandon", **told))

        self._cases.change(who, closes.id, closes.version, also, phase=Phase.CLOSED)
        return made[-1]

    def take_back(self, who: decision.Reader, number: str) -> Report:
        """What was set aside is as it was before, and its case is open again."""
        report = self._find(who, number)
        self._check_may(who)
        if report.standing is not Standing.ABANDONED or report.was is None:
            raise Refused("It was not set aside.", code="not-set-aside")
        told: dict[str, Any] = {"why": "", "was": None, "standing": report.was, "closed": False}
        case = self._case(who, report.case) if report.closed else None
        if case is None or case.phase is not Phase.CLOSED:
            return self._store.write(lambda tx: self._change(tx, who, report, "report.take-back", **told))
        made: list[Report] = []

        def also(tx: Tx) -> None:
            made.append(self._change(tx, who, report, "report.take-back", **told))

        self._cases.change(who, case.id, case.version, also, phase=Phase.REPORTED)
        return made[-1]

    def read_original(self, who: decision.Reader, number: str) -> tuple[Report, Iterator[bytes]]:
        """The bytes that came, checked as they are read; that they were read is written down first."""
        report = self._find(who, number)
        if not report.kept:
            raise Unknown("Its bytes were not kept.", "It was too large.", code="no-evidence")
        self._store.write(lambda tx: self._note(tx, who, "report.read", report))
        body = Evidence(name="", media_type="", size=report.size, sha256=report.sha256)
        return report, self._cases.pieces(body)

    def answers(self, who: decision.Reader) -> list[tuple[Answer, Report]]:
        """Answers that no relay has taken, with their reports."""
        self._check_may(who)
        with self._store.read() as reader:
            return rows.list_answers(reader, self._cases.eyes(who), TO_DO, limit=200)

    def note_sent(self, who: decision.Reader, answer: str) -> Answer:
        """Somebody has sent an answer by hand."""
        held = next((each for each in self.answers(who) if each[0].id == answer), None)
        if held is None:
            raise Unknown("There is no such answer to be sent.", "Or it has left by itself.", code="unknown-answer")
        found, report = held
        made = msgspec.structs.replace(found, sending=Sending.BY_HAND, why="")

        def work(tx: Tx) -> None:
            if not rows.move_answer(tx, made, found.sending):
                raise Refused("It has left by itself meanwhile.", code="changed-meanwhile")
            self._note(tx, who, "report.by-hand", report)

        self._store.write(work)
        return made

    def tell(
        self,
        told: Told,
        files: Sequence[tuple[str, bytes]] = (),
        *,
        once: str = "",
        address: str | None = None,
        back: str = "",
        origin: Origin = Origin.FORM,
    ) -> tuple[Came, str]:
        """Take in what somebody tells, and the secret of the link by which they come back ("" for a program).

        `once` names this telling, so that pressing twice is one report; `address` is from where it came, None for who
        is known here; `back` is the secret of somebody who adds to what they told before.
        """
        self._check_told(told, files)
        before = self._by_secret(back) if back else None
        if address is not None:
            self._count(address, sum(len(body) for _, body in files))
        secret = "" if back or origin is not Origin.FORM else (once if _is_token(once) else keys.token())
        if secret and self._known(secret):
            # The same form once more, with other words: what is new in it is added to what was told.
            before, secret, back = self._by_secret(secret), "", secret
        name = keys.token_hash(once or keys.token()).hex()[:32]
        raw = write_told(told, files, message_id=f"<told.{name}@{self._people.home_id}>")
        into = before.case if before is not None else ""
        came = self.take(BytesIO(raw), origin, reach=told.reach[:300], secret=secret, into=into)
        return came, secret or back

    def state_of(self, secret: str) -> tuple[int, str]:
        """What whoever has the link is told: the number, and how far it is in one word; Unknown for any other link."""
        report = self._by_secret(secret)
        if report.standing is Standing.ABANDONED:
            return self._number(report), "abandoned"
        case = self._target(report.case)
        if case is None or case.phase is Phase.REPORTED:
            return self._number(report), "received"
        return self._number(report), "closed" if case.phase is Phase.CLOSED else "working"

    def _number(self, report: Report) -> int:
        try:
            return self._cases.get(self.node(), report.case).case.number if report.case else 0
        except KoupreyError:
            return 0

    def _by_secret(self, secret: str) -> Report:
        found = None
        if self.form and secret.isascii() and 20 <= len(secret) <= 100:
            with self._store.read() as reader:
                found = rows.find_by_secret(reader, keys.token_hash(secret))
        if found is None:
            raise Unknown("This link leads nowhere.", "It is not as shown.", "Tell it anew.", code="no-such-link")
        return found

    def _known(self, secret: str) -> bool:
        with self._store.read() as reader:
            return rows.find_by_secret(reader, keys.token_hash(secret)) is not None

    @staticmethod
    def _check_told(told: Told, files: Sequence[tuple[str, bytes]]) -> None:
        if not told.what.strip():
            raise Damaged("It is not said what happened.", remedy="Say it in a sentence or more.", code="no-text")
        if len(told.what) > LONGEST or max(map(len, (told.where, told.when, told.reach))) > 2_000:
            raise Damaged("The words are too long, or cannot be kept.", remedy="Divide them.", code="bad-text")
        if len(files) > MOST_FILES or sum(len(body) for _, body in files) > LARGEST_FILES:
            raise TooLarge(
                "The files are too large.",
                f"{MOST_FILES} files with {LARGEST_FILES >> 20} MiB in all may be enclosed.",
                "Tell it without them: you will be told how to send them.",
                code="too-large",
            )

    def _count(self, address: str, size: int = 0) -> None:
        """Slow down who tells much; what is refused is not kept, and the form says so."""
        now, key = self._clock(), _network(address)
        with self._guard:
            for place in (key, ""):
                self._told[place] = [each for each in self._told.pop(place, []) if now - each < WINDOW]
            if len(self._told[key]) >= OF_ONE or len(self._told[""]) >= IN_ALL:
                raise TooMany(
                    "Too much was told from here within a few minutes.",
                    "",
                    "Keep your words, and send them in ten minutes; or write a mail, or call.",
                    code="slowed",
                )
            while self._brought and now - self._brought[0][0] >= DAY:
                self._brought.popleft()
            if size and size + sum(each for _, each in self._brought) > BYTES_A_DAY:
                raise TooMany(
                    "No more files are taken today.",
                    "So much was sent that the disk is kept for words.",
                    "Tell it without files: you will be told how to send them.",
                    code="no-more-files",
                )
            if size:
                self._brought.append((now, size))
            self._told[key].append(now)
            self._told[""].append(now)
            while len(self._told) > _ADDRESSES:
                self._told.popitem(last=False)

    def _closable(self, who: decision.Reader, report: Report) -> Case | None:
        case = self._case(who, report.case)
        if case is None or case.kind is not Kind.REPORT or case.phase is Phase.CLOSED or case.merged_into:
            return None
        with self._store.read() as reader:
            alone = rows.count_in_case(reader, case.id) == 1
        return case if alone and Deed.CLOSE in self._cases.get(who, case.id).may else None

    def _find(self, who: decision.Reader, number: str) -> Report:
        with self._store.read() as reader:
            found = rows.find_report(reader, number, self._cases.eyes(who))
        if found is None:
            raise Unknown(
                "There is no such report.", "Or it is not for you.", "Look at the list.", code="unknown-report"
            )
        return found

    def _case(self, who: decision.Reader, case: str) -> Case | None:
        if not case:
            return None
        try:
            return self._cases.get(who, case).case
        except Unknown:
            return None

    def _change(self, tx: Tx, who: decision.Reader, report: Report, did: str, **changes: Any) -> Report:
        held = rows.find_known(tx, report.sha256)
        if held != report:
            raise Refused(
                "Somebody has changed this meanwhile.",
                "What you saw is not what stands there now.",
                "Look at it again, and write your change once more.",
                code="changed-meanwhile",
            )
        made = msgspec.structs.replace(report, **changes)
        rows.save_report(tx, made)
        self._note(tx, who, did, made)
        return made

    def _note(self, tx: Tx, who: decision.Reader, action: str, report: Report) -> None:
        detail: dict[str, object] = {"report": report.number}
        audit.append(tx, at=self._clock(), actor=who.name, action=action, subject=report.id, detail=detail)

    def _check_may(self, who: decision.Reader) -> None:
        if not self.may(who):
            raise Forbidden(
                "What becomes of reports is decided by those who open cases.", "", "Ask a lead.", code="role-missing"
            )


def _is_token(text: str) -> bool:
    return 40 <= len(text) <= 64 and text.isascii() and text.replace("-", "").replace("_", "").isalnum()


def _network(address: str) -> str:
    """An address as it is counted: of IPv6 the network that one household has."""
    try:
        read = ip_address(address)
    except ValueError:
        return address[:64] or "?"
    return str(int(read) >> 64) if isinstance(read, IPv6Address) and read.ipv4_mapped is None else str(read)
