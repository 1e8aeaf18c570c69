"""Reports of duties: their words, what was sent with its proof, what the receiver said, and the export of a quarter."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

import msgspec

from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words import decision
from kouprey.kernel.words.errors import Damaged, Refused, Unknown
from kouprey.kernel.words.ids import new_id
from kouprey.response.model.cases import Act, Moment, Sort
from kouprey.response.model.duties import MORE, UNKNOWN, Answer, Channel, Export, Form, Report, Sending, Verdict
from kouprey.response.model.regimes import Step
from kouprey.response.rules.duties import begun_by, filled, shared_with, sorted_out
from kouprey.response.service.casefiles import AHEAD, LONGEST
from kouprey.response.service.duties import DutyKeeping, Held, changed_meanwhile
from kouprey.response.store import duties as rows
from kouprey.response.store.duties import Sought
from kouprey.response.wire.casewords import write_moment
from kouprey.response.wire.duties import both, read_quarter, render_export, write_report

TAKEN = 300
"""Items of a case from which a form is filled in."""
EXPORTED = 10_000
"""Final reports that an export looks at."""
LONGEST_REFERENCE = 200


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A report as somebody works on it: its words (kept, or filled in from the case while `form` is 0), the exact text
    they make and its hex SHA-256; every version, everything that was sent, and what was said of it."""

    held: Held
    report: Report
    fields: Mapping[str, str]
    form: int
    text: str
    sha256: str
    forms: tuple[Form, ...]
    sendings: tuple[Sending, ...]
    answers: Mapping[str, tuple[Answer, ...]]

    @property
    def step(self) -> Step:
        """What is owed."""
        return self.held.duty.regime.steps[self.report.place]


class Duties(DutyKeeping):
    """Verbs about duties and their reports."""

    def draft(self, who: decision.Reader, duty: str, step: str, case: str = "") -> Draft:
        """A report with its words; those that nobody has kept yet are filled in from what the case knows."""
        held = self.get(who, duty, case)
        report = _report_of(held, step)
        with self._store.read() as reader:
            forms = tuple(rows.list_forms(reader, report.id))
            sendings = tuple(rows.list_sendings(reader, report.id))
            answers = rows.list_answers(reader, [each.id for each in sendings])
        fields = dict(forms[0].fields) if forms else self.prefilled(who, held, report)
        said = self._text(held, report, fields)
        return Draft(
            held=held,
            report=report,
            fields=fields,
            form=forms[0].version if forms else 0,
            text=said.decode(),
            sha256=sha256(said).hexdigest(),
            forms=forms,
            sendings=sendings,
            answers={key: tuple(each) for key, each in answers.items()},
        )

    def prefilled(self, who: decision.Reader, held: Held, report: Report) -> dict[str, str]:
        """What the case knows now, and "unknown". From tracks alone that everybody reads who reads the duty."""
        case = held.opened.case
        found, _more = self._cases.items(who, held.opened, list(Sort), limit=TAKEN)
        tracks = set(shared_with(held.duty.track))
        persons = {each.id: each.name for each in self._people.list_persons()}
        step = held.duty.regime.steps[report.place]
        fields = filled(
            step,
            case,
            [each for each in found if each.track in tracks],
            party=self._people.home().name,
            lead=persons.get(case.lead, ""),
        )
        if "found_at" in fields and (at := case.moments.get("detected")):
            fields["found_at"] = both(at)
        return fields

    def write(
        self, who: decision.Reader, duty: str, step: str, version: int, fields: Mapping[str, str], case: str = ""
    ) -> Form:
        """Keep a version of the words; `version` is the one that was looked at, 0 for none. A line without words says
        "unknown"; lines that are not given stay as they are."""
        held = self._writable(who, duty, case)
        report = _report_of(held, step)
        lines = (*held.duty.regime.steps[report.place].fields, MORE)
        if unknown := set(fields) - set(lines):
            raise Damaged("The form has no such line.", ", ".join(sorted(unknown))[:200], code="bad-field")
        before = self.draft(who, duty, step).fields
        kept = {name: _line_of(fields.get(name, before.get(name, ""))) for name in lines}
        kept = {name: text or ("" if name == MORE else UNKNOWN) for name, text in kept.items()}
        form = Form(version=version + 1, at=self._clock(), by=who.name, fields=kept)

        def work(tx: Tx) -> Form:
            newest = _newest(tx, report)
            if newest.form != version:
                raise changed_meanwhile()
            rows.add_form(tx, report.id, form)
            rows.save_report(tx, msgspec.structs.replace(newest, form=form.version))
            self._note(tx, who, held, "duty.form", {"report": step, "version": str(form.version)})
            return form

        return self._store.write(work)

    def send(
        self,
        who: decision.Reader,
        duty: str,
        step: str,
        version: int,
        channel: Channel,
        *,
        at: Moment | None = None,
        reference: str = "",
        case: str = "",
    ) -> Sending:
        """Write down that the words of `version` were sent: the exact text is kept, with its hash.

        The first sending says whether it was in time, and starts the clocks of reports that wait for it.
        """
        held = self._writable(who, duty, case)
        report, now = _report_of(held, step), self._clock()
        moment = at or Moment(now)
        if not held.duty.known.at <= moment.at <= now + AHEAD:
            raise Damaged(
                "It cannot have been sent then.",
                "That is before it was known, or has not come yet.",
                "Write when it was sent.",
                code="bad-moment",
            )
        with self._store.read() as reader:
            forms = rows.list_forms(reader, report.id)
        if not forms:
            raise Refused(
                "Nothing was written yet.", remedy="Keep the form first, then say what was sent.", code="no-form"
            )
        said = self._text(held, report, forms[0].fields)
        sending = Sending(
            id=new_id("sending"),
            at=moment,
            channel=channel,
            sha256=sha256(said).hexdigest(),
            form=forms[0].version,
            reference=_reference(reference),
            made_at=now,
            made_by=who.name,
        )

        def work(tx: Tx) -> Sending:
            newest = _newest(tx, report)
            if newest.form != version or version != forms[0].version:
                raise changed_meanwhile()
            rows.add_sending(tx, report.id, sending, said)
            rows.save_report(tx, _sent(newest, sending))
            self._begin_waiting(tx, held)
            detail = {"report": step, "sha256": sending.sha256, "channel": str(channel), "at": write_moment(moment)}
            self._note(tx, who, held, "duty.send", detail)
            return sending

        return self._store.write(work)

    def answer(
        self,
        who: decision.Reader,
        duty: str,
        step: str,
        sending: str,
        verdict: Verdict,
        *,
        at: Moment | None = None,
        words: str = "",
        case: str = "",
    ) -> Answer:
        """Write down what the receiver said of a sending; the latest word counts, all stay."""
        held = self._writable(who, duty, case)
        report, now = _report_of(held, step), self._clock()
        with self._store.read() as reader:
            found = rows.read_sending(reader, report.id, sending)
        if found is None:
            raise _unknown_sending()
        moment, text = at or Moment(now), _line_of(words)
        if not found[0].at.at <= moment.at <= now + AHEAD:
            raise Damaged(
                "It cannot have been answered then.",
                "That is before it was sent, or has not come yet.",
                code="bad-moment",
            )
        if verdict is Verdict.REVISION and not text:
            raise Damaged("Words are missing.", remedy="Say what is to be revised.", code="no-reason")
        answer = Answer(verdict=verdict, at=moment, words=text, made_at=now, made_by=who.name)

        def work(tx: Tx) -> Answer:
            rows.add_answer(tx, sending, answer)
            newest = _newest(tx, report)
            if newest.sending == sending:
                rows.save_report(tx, msgspec.structs.replace(newest, verdict=verdict, verdict_at=moment.at))
            self._note(tx, who, held, "duty.answer", {"report": step, "verdict": str(verdict)})
            return answer

        return self._store.write(work)

    def sent_text(
        self, who: decision.Reader, duty: str, step: str, sending: str, case: str = ""
    ) -> tuple[Sending, bytes]:
        """What was sent, byte for byte; Damaged where it is no more what its hash says."""
        held = self.get(who, duty, case)
        with self._store.read() as reader:
            found = rows.read_sending(reader, _report_of(held, step).id, sending)
        if found is None:
            raise _unknown_sending()
        if sha256(found[1]).hexdigest() != found[0].sha256:
            raise Damaged("This text is not what was sent.", "Its hash is another.", "Restore it.", code="broken")
        return found

    def export(self, who: decision.Reader, quarter: str) -> Export:
        """Final reports that were sent in a quarter (UTC), and those that are left out, each with its reason.

        Of what they may see. The newest sending of a report says in which quarter it stands; exercises are left out.
        """
        name, since, until = read_quarter(quarter)
        lines = self._lines(who, Sought(state="any", final=True), None, EXPORTED + 1)
        if len(lines) > EXPORTED:
            raise Refused(
                "There are too many reports for one export.", f"{EXPORTED:,} may be.", code="too-many-reports"
            )
        found, omitted = sorted_out(lines, since, until)
        return Export(quarter=name, since=since, until=until, lines=found, omitted=omitted)

    def proofs(self, export: Export) -> dict[str, dict[str, str]]:
        """Id of a report of an export -> channel, reference and hash of its newest sending, where it has one."""
        every = [*export.lines, *(line for line, _ in export.omitted)]
        found = {}
        with self._store.read() as reader:
            for line in every:
                report = line.report
                read = rows.read_sending(reader, report.id, report.sending) if report.sending else None
                if read is not None:
                    said = read[0]
                    found[report.id] = {
                        "channel": str(said.channel),
                        "reference": said.reference,
                        "sha256": said.sha256,
                    }
        return found

    def export_table(self, who: decision.Reader, quarter: str) -> bytes:
        """The export as CSV."""
        export = self.export(who, quarter)
        return render_export(export, self.proofs(export))

    def _begin_waiting(self, tx: Tx, held: Held) -> None:
        reports = rows.list_reports(tx, [held.duty.id])[held.duty.id]
        for report, begins, due in begun_by(held.duty, reports):
            rows.save_report(tx, msgspec.structs.replace(report, begins=begins, due=due))

    def _text(self, held: Held, report: Report, fields: Mapping[str, str]) -> bytes:
        return write_report(held.opened.case, held.duty, report, fields, party=self._people.home().name)

    def _note(self, tx: Tx, who: decision.Reader, held: Held, did: str, detail: dict[str, str]) -> None:
        act = Act(did=did, what=held.duty.id, detail=detail)
        self._cases.note(tx, who, held.opened.case, act, held.duty.track)


def _report_of(held: Held, step: str) -> Report:
    for report in held.reports:
        if report.step == step:
            return report
    raise Unknown("This regime has no such report.", code="unknown-report")


def _newest(tx: Tx, report: Report) -> Report:
    """As it stands in this step: somebody may have been here since it was looked at."""
    return next(each for each in rows.list_reports(tx, [report.duty])[report.duty] if each.step == report.step)


def _sent(report: Report, sending: Sending) -> Report:
    """As it stands after a sending: the first one says whether it was in time, and of the newest one answers are
    told."""
    at = sending.at.at
    made = msgspec.structs.replace(report, first_sent=min(report.first_sent or at, at))
    if at < report.sent:
        return made
    return msgspec.structs.replace(made, sent=at, sending=sending.id, verdict=Verdict.NONE, verdict_at=0)


def _line_of(text: str) -> str:
    """Words of a line, with line feeds alone between lines; Damaged for what no text has in it."""
    words = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if len(words) > LONGEST or not words.replace("\n", " ").replace("\t", " ").isprintable():
        raise Damaged(
            "The words are too long, or cannot be shown.", remedy="Make them shorter, in plain text.", code="bad-text"
        )
    return words


def _reference(text: str) -> str:
    words = text.strip()
    if len(words) > LONGEST_REFERENCE or not words.isprintable():
        raise Damaged("The reference number cannot be kept.", remedy="Write it in one line.", code="bad-text")
    return words


def _unknown_sending() -> Unknown:
    return Unknown("Nothing like that was sent.", code="unknown-sending")
