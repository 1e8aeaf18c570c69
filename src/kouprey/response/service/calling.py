"""Requests of steps: shown letter for letter, let go by a person, sent once, and what came back kept as evidence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NoReturn

import msgspec

from kouprey.kernel.net.fetch import MIB, Answer, Fetcher, read_url
from kouprey.kernel.storage.engine import Store, Tx
from kouprey.kernel.words import decision
from kouprey.kernel.words.errors import Damaged, Forbidden, KoupreyError, Refused, Unknown
from kouprey.kernel.words.ids import new_id
from kouprey.kernel.words.time import SECOND, Clock, Instant, wall_clock
from kouprey.people.service import People
from kouprey.response.model.calls import Attempt, Call, CallState, Reach, Sent
from kouprey.response.model.cases import Act, Evidence, Item, Task, TaskState
from kouprey.response.rules import calling as rules
from kouprey.response.rules.requests import answered, fill, secrets_in, wanted
from kouprey.response.service.answers import said_in
from kouprey.response.service.casefiles import Opened
from kouprey.response.service.cases import Cases
from kouprey.response.store import calls as rows
from kouprey.response.wire.calls import complaint, forms_of, header_of, hide_secrets, write_answer

LARGEST_ANSWER = MIB
LEASE: Instant = 2 * int(rules.LONGEST_S) * SECOND
"""After so long nobody waits for an answer any more: the node stopped while it waited."""
_NOT_LEFT = frozenset({"dns", "refused", "private-address", "tls", "bad-url", "bad-header"})
"""Codes of failures before the first byte of the request has left."""
MOST_WORDS = 2_000


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """A request of a task as it stands: what would leave, what is missing, and why it may not leave, if so.

    `known` are values that come from an answer, each with the title of the task that was answered; what somebody says
    goes before. `newest` is the id of the last attempt, "" for none. `third`: a second person is needed. `seconds` is
    how long it may take. `may_send` and `may_release` are of the reader.
    """

    opened: Opened
    item: Item
    task: Task
    call: int
    sent: Sent
    wanted: tuple[str, ...]
    values: Mapping[str, str]
    known: Mapping[str, str]
    bar: rules.Bar | None
    third: bool
    seconds: float
    may_send: bool
    may_release: bool
    attempts: tuple[Attempt, ...]

    @property
    def newest(self) -> str:
        return self.attempts[0].id if self.attempts else ""


class Calling:
    """Verbs about requests. Nothing is sent but by a person who has seen it, and nothing twice without one."""

    def __init__(
        self,
        store: Store,
        people: People,
        cases: Cases,
        reach: Callable[[], Reach] = Reach,
        secret: Callable[[str, str], str] | None = None,
        clock: Clock = wall_clock,
        fetcher: Fetcher | None = None,
    ) -> None:
        self._store = store
        self._people = people
        self._cases = cases
        self._reach = reach
        self._secret = secret or _no_secret
        self._clock = clock
        # Whoever keeps the node has named these hosts, which usually are inside.
        self._fetcher = fetcher or Fetcher(allow_private=True, cap=LARGEST_ANSWER)

    def now(self) -> Instant:
        """By this node's clock."""
        return self._clock()

    def look(self, who: decision.Reader, item: str, call: int = 0, values: Mapping[str, str] | None = None) -> Look:
        """What a request of a task would send with these values; nothing is sent and nothing kept.

        Unknown (`no-call`) where the task has no such request; Damaged (`bad-value`) for a value that cannot be sent.
        """
        opened, held = self._cases.get_item(who, item)
        task = held.body
        if not isinstance(task, Task) or not 0 <= call < len(task.calls):
            raise Unknown("There is no such request.", "This task sends nothing.", code="no-call")
        asked = task.calls[call]
        known = said_in(self._store, self._cases, who, opened)
        filled = {name: each.value for name, each in known.items()} | dict(values or {})
        given = {name: filled.get(name, "").strip() for name in wanted(asked)}
        try:
            sent = fill(asked, given)
        except ValueError as error:
            raise Damaged(
                "This value cannot be sent.", str(error), "Write one line, without « and ».", code="bad-value"
            ) from error
        bar, third = self._judged(opened, asked, sent)
        with self._store.read() as reader:
            attempts = tuple(each for each in rows.list_attempts(reader, [item]) if each.call == call)
        writes = held.track in opened.writes and not opened.case.merged_into and not held.hidden
        every = who.name == "operator"
        return Look(
            opened=opened,
            item=held,
            task=task,
            call=call,
            sent=sent,
            wanted=wanted(asked),
            values=given,
            known={name: each.title for name, each in known.items() if given.get(name) == each.value},
            bar=bar,
            third=third,
            seconds=rules.seconds_for(asked.timeout_ms),
            may_send=writes and (every or rules.may_send(who.roles)),
            may_release=writes and rules.may_release(who.roles),
            attempts=attempts,
        )

    def send(
        self,
        who: decision.Reader,
        item: str,
        call: int = 0,
        *,
        digest: str,
        newest: str,
        values: Mapping[str, str] | None = None,
    ) -> Attempt:
        """Let a request go; `digest` and `newest` are those of the `Look` that somebody has seen.

        What acts on third parties waits for a second person. Refused (`shown-differs`, `changed-meanwhile`,
        `in-progress`) where it is not what was seen, and for what `Look.bar` says; Forbidden without the role. A
        request that fails is an attempt that says why, and no error.
        """
        seen = self.look(who, item, call, values)
        self._check_sender(who, seen)
        if missing := [name for name in seen.wanted if not seen.values[name]]:
            raise Damaged("A value is missing.", ", ".join(missing), "Fill it in.", code="bad-value")
        if digest != seen.sent.digest:
            raise Refused(
                "This is not what you have seen.",
                "What would leave is another request now.",
                "Look at it again, and let it go if it is right.",
                code="shown-differs",
            )
        now = self._clock()
        attempt = Attempt(
            id=new_id("call"),
            case=seen.opened.case.id,
            item=item,
            call=call,
            state=CallState.ASKED if seen.third else CallState.SENT,
            sent=seen.sent,
            values=seen.values,
            asked_by=who.name,
            asked_at=now,
            sent_at=0 if seen.third else now,
        )
        secrets = {} if seen.third else self._secrets(seen.sent)

        def work(tx: Tx) -> None:
            held = [each for each in rows.list_attempts(tx, [item]) if each.call == call]
            if (held[0].id if held else "") != newest:
                raise _meanwhile()
            if held and rules.is_waiting(held[0], now, LEASE):
                raise Refused("It is under way.", "Its answer has not come yet.", "Wait for it.", code="in-progress")
            if held and held[0].state is CallState.ASKED:
                raise Refused(
                    "It waits for a second person already.", "", "Ask a lead to look at it.", code="in-progress"
                )
            rows.add_attempt(tx, attempt)
            did = "case.call-ask" if seen.third else "case.call"
            self._note(tx, who, seen.opened, seen.item, did, {"request": _line(attempt)})

        self._store.write(work)
        return attempt if seen.third else self._carry_out(who, seen, attempt, secrets)

    def release(self, who: decision.Reader, attempt: str) -> Attempt:
        """Be the second person: it is sent exactly as the first has seen it. Forbidden for that first person."""
        held, seen = self._waiting(who, attempt)
        if not seen.may_release or not self._is_person(who):
            raise Forbidden(
                "A second person lets it go.", "A lead or liaison who writes on this track.", code="role-missing"
            )
        if held.asked_by == who.name:
            raise Forbidden(
                "You have asked for it yourself.",
                "What acts on third parties is let go by two persons.",
                "Ask another lead or liaison.",
                code="same-person",
            )
        _check(seen.bar)
        if seen.sent.digest != held.sent.digest:
            raise _meanwhile()
        secrets = self._secrets(held.sent)
        made = msgspec.structs.replace(held, state=CallState.SENT, released_by=who.name, sent_at=self._clock())

        def work(tx: Tx) -> None:
            if not rows.move_attempt(tx, made, CallState.ASKED):
                raise _meanwhile()
            self._note(tx, who, seen.opened, seen.item, "case.call", {"request": _line(made)})

        self._store.write(work)
        return self._carry_out(who, seen, made, secrets)

    def decline(self, who: decision.Reader, attempt: str, because: str) -> Attempt:
        """Say that it is not sent, and why; whoever asked may take it back so."""
        held, seen = self._waiting(who, attempt)
        if not seen.may_release and held.asked_by != who.name:
            raise Forbidden("That is not yours to decline.", "", "Ask a lead.", code="role-missing")
        if not because.strip() or len(because) > MOST_WORDS or "\x00" in because:
            raise Damaged("A reason is missing, or too long.", remedy="Say why it is not sent.", code="no-reason")
        made = msgspec.structs.replace(
            held, state=CallState.DECLINED, released_by=who.name, ended_at=self._clock(), error=because.strip()
        )

        def work(tx: Tx) -> None:
            if not rows.move_attempt(tx, made, CallState.ASKED):
                raise _meanwhile()
            self._note(tx, who, seen.opened, seen.item, "case.call-decline", {"request": _line(made)})

        self._store.write(work)
        return made

    def attempts(self, who: decision.Reader, item: str) -> list[Attempt]:
        """Every time that a request of a task was sent or asked for, the newest first, as far as they see the task."""
        self._cases.get_item(who, item)
        with self._store.read() as reader:
            return rows.list_attempts(reader, [item])

    def _waiting(self, who: decision.Reader, attempt: str) -> tuple[Attempt, Look]:
        with self._store.read() as reader:
            held = rows.find_attempt(reader, attempt)
        unknown = Unknown("There is no such request.", "Or it is not for you.", code="no-call")
        if held is None:
            raise unknown
        try:
            seen = self.look(who, held.item, held.call, held.values)
        except Unknown:
            raise unknown from None
        if held.state is not CallState.ASKED:
            raise _meanwhile()
        return held, seen

    def _judged(self, opened: Opened, asked: Call, sent: Sent) -> tuple[rules.Bar | None, bool]:
        """Why it may not leave, None where it may; and whether it acts on third parties."""
        if asked.barred:
            never = rules.Bar("cannot-be-sent", "This request cannot be sent.", asked.barred, "Do the step by hand.")
            return never, asked.third
        try:
            place = read_url(sent.url)
        except Damaged as error:
            return rules.Bar(error.code, error.what, error.why, error.remedy), asked.third
        reach = self._reach()
        third = rules.is_third(place.host, place.port, reach, marked=asked.third)
        bar = rules.bar_place(place.scheme, place.host, place.port, reach) or rules.bar_case(opened.case, third=third)
        return bar, third

    def _check_sender(self, who: decision.Reader, seen: Look) -> None:
        if not seen.may_send:
            raise Forbidden(
                "Requests are let go by duty officers, leads and liaison.",
                "On the legal track by legal officers.",
                "Ask one of them.",
                code="role-missing",
            )
        _check(seen.bar)
        if seen.third and not self._is_person(who):
            raise Forbidden(
                "What acts on third parties is let go by two persons.",
                "A program or the command line is none.",
                "Sign in, and ask for it there.",
                code="not-a-person",
            )

    def _is_person(self, who: decision.Reader) -> bool:
        return any(each.id == who.name for each in self._people.list_persons())

    def _secrets(self, sent: Sent) -> dict[str, str]:
        host = read_url(sent.url).host
        return {name: self._secret(host, name) for name in secrets_in(sent)}

    def _carry_out(self, who: decision.Reader, seen: Look, attempt: Attempt, secrets: Mapping[str, str]) -> Attempt:
        """Send it, and keep what came of it. Killed in between, it stays one of which nobody knows the end."""
        headers = {name: header_of(name, value, secrets) for name, value in attempt.sent.headers}
        try:
            answer = self._fetcher.request(
                attempt.sent.method,
                attempt.sent.url,
                headers,
                attempt.sent.content.encode(),
                cap=LARGEST_ANSWER,
                deadline=seen.seconds,
            )
        except KoupreyError as error:
            return self._failed(who, seen, attempt, error)
        return self._answered(who, seen, attempt, answer, secrets)

    def _failed(self, who: decision.Reader, seen: Look, attempt: Attempt, error: KoupreyError) -> Attempt:
        left = error.code not in _NOT_LEFT
        made = msgspec.structs.replace(
            attempt, state=CallState.FAILED, ended_at=self._clock(), error=str(error)[:MOST_WORDS], left=left
        )

        def work(tx: Tx) -> None:
            if rows.move_attempt(tx, made, CallState.SENT):
                detail = {"request": _line(made), "why": error.code, "left": "perhaps" if left else "no"}
                self._note(tx, who, seen.opened, seen.item, "case.call-fail", detail)

        self._store.write(work)
        return made

    def _answered(
        self, who: decision.Reader, seen: Look, attempt: Attempt, answer: Answer, secrets: Mapping[str, str]
    ) -> Attempt:
        now = self._clock()
        forms = forms_of(attempt.sent, secrets)
        record, digest = write_answer(attempt, answer, now, hidden=lambda text: hide_secrets(text, forms))
        about = Evidence(
            name=f"answer-{attempt.id[-8:]}.txt",
            media_type="text/plain",
            size=len(record),
            sha256=digest.record,
            source=_line(attempt),
        )
        ok = 200 <= answer.status < 300
        said = hide_secrets(answer.body.decode("utf-8", "replace"), forms) if ok else ""
        error = "" if ok else complaint(answer)

        def work(tx: Tx) -> Attempt:
            item = self._cases.keep_record(tx, who, seen.opened.case, seen.item.track, about, record)
            made = msgspec.structs.replace(
                attempt,
                state=CallState.ANSWERED,
                ended_at=now,
                status=answer.status,
                evidence=item.id,
                error=error,
                left=True,
                outputs=answered(seen.task.calls[seen.call].outs, said) if ok else {},
            )
            if not rows.move_attempt(tx, made, CallState.SENT):
                raise _meanwhile()
            detail = {
                "request": _line(made),
                "status": str(answer.status),
                "bytes": str(len(answer.body)),
                "sha256": digest.body,
            }
            self._note(tx, who, seen.opened, seen.item, "case.call-answer", detail)
            every = rows.list_attempts(tx, [seen.item.id])
            state = _state_after(seen.task, every)
            self._cases.bring_on(tx, who, seen.item, state, f"{answer.status} {_line(made)}")
            return made

        return self._store.write(work)

    def _note(
        self, tx: Tx, who: decision.Reader, opened: Opened, item: Item, did: str, detail: Mapping[str, str]
    ) -> None:
        self._cases.note(tx, who, opened.case, Act(did=did, what=item.id, detail=dict(detail)), item.track)


def _state_after(task: Task, attempts: list[Attempt]) -> TaskState:
    """Done once each of its requests was answered with success, else under way."""
    done = {each.call for each in attempts if each.state is CallState.ANSWERED and not each.error}
    return TaskState.DONE if len(done) == len(task.calls) else TaskState.DOING


def _line(attempt: Attempt) -> str:
    return f"{attempt.sent.method} {attempt.sent.url}"[:500]


def _check(bar: rules.Bar | None) -> None:
    if bar is not None:
        raise Refused(bar.what, bar.why, bar.remedy, code=bar.code)


def _meanwhile() -> Refused:
    return Refused(
        "Somebody has been here meanwhile.",
        "It was sent, asked for or declined since you have looked.",
        "Look at what came of it before you send anything again.",
        code="changed-meanwhile",
    )


def _no_secret(host: str, name: str) -> NoReturn:
    raise Refused(f"There is no secret “{name}” for {host}.", "This node keeps none.", code="no-secret")
