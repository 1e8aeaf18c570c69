"""Taking reports in: what came is kept byte for byte, a case is opened or joined, the reporter is told its number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256
from tempfile import SpooledTemporaryFile
from typing import IO, NamedTuple

import msgspec

from kouprey.agreements.service import Agreements
from kouprey.exchange.service import Exchange
from kouprey.kernel.net.mail import Relay
from kouprey.kernel.seal import keys
from kouprey.kernel.storage import audit, labels
from kouprey.kernel.storage.engine import Store, Tx
from kouprey.kernel.words import decision
from kouprey.kernel.words.errors import KoupreyError
from kouprey.kernel.words.ids import new_id
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.time import SECOND, Clock, Instant, wall_clock
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Party
from kouprey.people.service import People
from kouprey.response.model.cases import Body, Case, Evidence, Kind, Note, Seen, Track
from kouprey.response.model.reports import Answer, Mail, Origin, Report, Standing, Trouble
from kouprey.response.rules import intake as rules
from kouprey.response.rules.intake import LARGEST
from kouprey.response.service.casefiles import LONGEST, LONGEST_TITLE
from kouprey.response.service.cases import Cases
from kouprey.response.store import cases as case_rows
from kouprey.response.store import reports as rows
from kouprey.response.store.cases import PIECE
from kouprey.response.wire.mail import HEAD, read_mail
from kouprey.response.wire.reporting import write_answer

MARKING = TLP.AMBER_STRICT
"""What strangers tell us is for those of ours who need it."""
OBSERVABLES = 200
DAY: Instant = 86_400 * SECOND
_MAILS = (Origin.FOLDER, Origin.MAILBOX, Origin.COMMAND)


class Came(NamedTuple):
    """A report, and whether it came for the first time."""

    report: Report
    fresh: bool


class _Again(Exception):
    """The same bytes were taken in by somebody else meanwhile."""


class Intake:
    """What the node does with reports by itself. No method here is asked by a reader."""

    def __init__(
        self,
        store: Store,
        people: People,
        agreements: Agreements,
        exchange: Exchange,
        cases: Cases,
        relay: Callable[[], Relay | None] = lambda: None,
        clock: Clock = wall_clock,
        *,
        origin: str = "",
    ) -> None:
        self._store = store
        self._people = people
        self._agreements = agreements
        self._exchange = exchange
        self._cases = cases
        self._relay = relay
        self._clock = clock
        self.origin = origin

    def take(
        self, source: IO[bytes], origin: Origin, *, reach: str = "", secret: str = "", into: str = "", size: int = 0
    ) -> Came:
        """Keep what came, and let it stand in a case; the same bytes twice are one report.

        `into`: the case of whoever came back by a link. `secret`: that link, for a new one. `size` where more came
        than `source` gives. Killed in between, nothing was taken in, and it is taken in the next time.
        """
        with SpooledTemporaryFile(max_size=PIECE) as copy:
            read, digest = _copied(source, copy)
            size = max(size, read)
            with self._store.read() as reader:
                known = rows.find_known(reader, digest)
            if known is not None:
                return Came(known, False)
            copy.seek(0)
            mail = read_mail(copy)
            if size > LARGEST:
                mail = msgspec.structs.replace(mail, trouble=Trouble.TOO_LARGE, text="", enclosed=())
            else:
                self._keep(copy, digest)
        report = Report(
            id=new_id("report"),
            number=0,
            origin=origin,
            standing=Standing.NEW,
            at=self._clock(),
            mail=mail,
            size=size,
            sha256=digest,
            reach=reach,
            secret=secret != "",
        )
        try:
            return Came(self._place(report, secret, into), True)
        except _Again:
            return Came(self._report_of(digest), False)

    def set_aside(self, source: IO[bytes], origin: Origin, *, size: int = 0) -> Came:
        """Keep what `take` cannot place, as refused, for a person to look at: what follows it comes in all the same."""
        with SpooledTemporaryFile(max_size=PIECE) as copy:
            read, digest = _copied(source, copy)
            size = max(size, read)
            if size <= LARGEST:
                self._keep(copy, digest)
        trouble = Trouble.TOO_LARGE if size > LARGEST else Trouble.UNREADABLE
        report = Report(
            id=new_id("report"),
            number=0,
            origin=origin,
            standing=Standing.NEW,
            at=self._clock(),
            mail=Mail(trouble=trouble),
            size=size,
            sha256=digest,
        )
        try:
            return Came(self._place(report, "", ""), True)
        except _Again:
            return Came(self._report_of(digest), False)

    def _report_of(self, digest: str) -> Report:
        with self._store.read() as reader:
            known = rows.find_known(reader, digest)
        assert known is not None
        return known

    def bodies_of(self, report: Report) -> list[Body]:
        """What a report brings into a case: its bytes, its words, and values in them that nothing speaks against."""
        mail, bodies = report.mail, list[Body]()
        if report.kept:
            name = f"report-{report.number or report.sha256[:12]}.eml"
            source = mail.sender or report.reach[:200]
            bodies.append(
                Evidence(name=name, media_type="message/rfc822", size=report.size, sha256=report.sha256, source=source)
            )
        if mail.text.strip():
            bodies.append(Note(text=mail.text[:LONGEST]))
        found = self._exchange.extract(f"{mail.subject}\n{mail.text}").candidates
        bodies += [
            Seen(kind=each.observable.kind, text=each.observable.text)
            for each in found
            if not each.doubts and each.observable.text != mail.sender
        ][:OBSERVABLES]
        return bodies

    def title_of(self, report: Report) -> str:
        """How a case is called that is opened for it."""
        return report.mail.subject[:LONGEST_TITLE].strip() or f"A report without a subject ({report.sha256[:12]})"

    def node(self) -> decision.Reader:
        """The node itself, which opens cases for what comes in."""
        return decision.Reader(party=self._people.home_id, clearance=TLP.RED, local=True, name="node")

    def _place(self, report: Report, secret: str, into: str) -> Report:
        mail, node, home = report.mail, self.node(), self._people.home()
        relay = self._relay()
        with self._store.read() as reader:
            asked = [each for each in (mail.message_id, *mail.answers) if each]
            ours = rows.find_answered(reader, asked) if asked and report.origin in _MAILS else []
            often = mail.sender and rows.count_since(reader, mail.sender, report.at - DAY) >= rules.MOST_REPORTS
        if often and not mail.trouble:
            mail = msgspec.structs.replace(mail, trouble=Trouble.TOO_OFTEN)
            report = msgspec.structs.replace(report, mail=mail)
        named = [each for each, _ in ours]
        loop = rules.Loop.NONE
        if report.origin in _MAILS:
            loop = rules.loop_of(mail, ours=named, own=relay.sender if relay is not None else "")
        report = msgspec.structs.replace(report, standing=rules.standing_of(mail, loop), why=str(loop))
        if loop or mail.trouble:
            return self._store.write(lambda tx: self._record(tx, report, None, secret, home))
        claimed = rules.number_in(mail.subject, home.id) if report.origin in _MAILS else 0
        target = self._target(into) or self._joinable(mail, [case for _, case in ours if case], named, claimed)
        made: list[Report] = []
        if target is not None:
            joined = msgspec.structs.replace(report, standing=Standing.JOINED)
            self._cases.add_all(
                node,
                target.id,
                Track.TECHNICAL,
                self.bodies_of(report),
                lambda tx, case: made.append(self._record(tx, joined, case, secret, home)),
            )
        else:
            kept = msgspec.structs.replace(report, claims=claimed)
            self._cases.open(
                node,
                self.title_of(report),
                track=Track.TECHNICAL,
                bodies=self.bodies_of(report),
                kind=Kind.REPORT,
                tlp=MARKING,
                also=lambda tx, case: made.append(self._record(tx, kept, case, secret, home)),
            )
        return made[-1]

    def _joinable(self, mail: Mail, answered: Sequence[str], ours: Sequence[str], claimed: int) -> Case | None:
        """The case in which a mail stands that answers ours, or names one from a correspondent who wrote before."""
        case = self._target(answered[0] if answered else str(claimed) if claimed else "")
        if case is None:
            return None
        with self._store.read() as reader:
            known: set[str] = set()
            for each in self._cases.get(self.node(), case.id).ids:
                known |= rows.list_senders(reader, each)
        return case if rules.may_join(mail, ours=ours, correspondents=known) else None

    def _target(self, case: str) -> Case | None:
        """The case by its id or number, or the one in which it is read now; None for none."""
        for _ in range(100):
            try:
                found = self._cases.get(self.node(), case).case if case else None
            except KoupreyError:
                return None
            if found is None or not found.merged_into:
                return found
            case = found.merged_into
        return None

    def _record(self, tx: Tx, report: Report, case: Case | None, secret: str, home: Party) -> Report:
        """Keep a report with its audit and the answer to it."""
        if rows.find_known(tx, report.sha256) is not None:
            raise _Again
        made = msgspec.structs.replace(report, number=rows.next_number(tx), case=case.id if case is not None else "")
        rows.add_report(tx, made, self._label_set(tx), keys.token_hash(secret) if secret else None)
        detail: dict[str, object] = {"report": made.number, "by": str(made.origin), "standing": str(made.standing)}
        if case is not None:
            detail["case"] = case.number
        audit.append(tx, at=made.at, actor="node", action="report.take", subject=made.id, detail=detail)
        if case is not None and made.standing is Standing.NEW:
            self._answer(tx, made, case, secret, home)
        return made

    def _answer(self, tx: Tx, report: Report, case: Case, secret: str, home: Party) -> None:
        mail = report.mail
        if not rules.is_answered(mail, rows.count_answers(tx, mail.sender, report.at - DAY)):
            return
        letter = write_answer(
            home.id,
            home.name,
            case.number,
            khmer=rules.in_khmer(f"{mail.subject}\n{mail.text}"),
            link=self.link(secret) if secret else "",
        )
        answer = Answer(
            id=new_id("answer"),
            report=report.id,
            to=mail.sender,
            message_id=f"<report.{keys.token()}@{home.id}>",
            answers=mail.message_id,
            subject=letter.subject,
            text=letter.text,
            made_at=report.at,
            next_at=report.at,
        )
        rows.add_answer(tx, answer)

    def link(self, secret: str) -> str:
        """Where whoever used the form comes back."""
        return f"{self.origin}/report/{secret}"

    def _label_set(self, tx: Tx) -> int:
        label = Label(owner=self._people.home_id, tlp=MARKING, kind="case")
        return self._agreements.label_set(tx, [labels.intern_label(tx, label)])

    def _keep(self, copy: IO[bytes], digest: str) -> None:
        copy.seek(0)
        part = 0
        while piece := copy.read(PIECE):
            self._store.write(lambda tx, part=part, piece=piece: case_rows.add_piece(tx, digest, part, piece))  # type: ignore[misc]  # mypy cannot infer a lambda with defaults
            part += 1


def _copied(source: IO[bytes], copy: IO[bytes]) -> tuple[int, str]:
    """Bytes and SHA-256 of what comes; of too much only the beginning is copied, and all of it is counted."""
    size, digest = 0, sha256()
    while piece := source.read(PIECE):
        size += len(piece)
        digest.update(piece)
        if size <= LARGEST:
            copy.write(piece)
    if size > LARGEST:
        copy.truncate(HEAD)
    return size, digest.hexdigest()
