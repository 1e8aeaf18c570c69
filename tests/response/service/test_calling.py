"""Requests of steps: shown letter for letter, sent once by a person, and kept with what came back."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import pytest

from kouprey.kernel.net.fetch import Fetcher
from kouprey.kernel.words.errors import KoupreyError, Refused
from kouprey.kernel.words.time import SECOND
from kouprey.kernel.words.tlp import PAP, TLP
from kouprey.people.model import Role
from kouprey.response.model.calls import Attempt, CallState, Reach
from kouprey.response.model.cases import Evidence, Sort, Task, TaskState, Track
from kouprey.response.rules.planning import plan
from kouprey.response.service import Calling
from kouprey.response.service.calling import LARGEST_ANSWER
from kouprey.response.store import calls as rows
from kouprey.response.wire.cacao import read_playbook
from response.bureaus import Bureau
from response.playbooks import calling as calls
from response.playbooks import raw
from response.servers import Server, serving

TICKET = {
    "command": "POST /tickets?for=__who__:value HTTP/1.1",
    "headers": {"Content-Type": ["application/json"], "Host": ["elsewhere.example"]},
    "content": '{"text": "__words__:value"}',
}
SECRET = "s3cret-of-the-ministry"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving() as made:
        yield made


@pytest.fixture(autouse=True)
def fresh(server: Server) -> None:
    server.came.clear()
    server.status, server.slow, server.body = 201, 0.0, b'{"ticket": 7}'
    server.headers = {"content-type": "application/json"}


class Desk:
    """A case with a task that sends, and whoever lets it."""

    def __init__(self, bureau: Bureau, server: Server) -> None:
        self.bureau, self.server = bureau, server
        self.reach = Reach(hosts=frozenset({server.host}))
        self.secrets: dict[tuple[str, str], str] = {}
        given = (bureau.actor.store, bureau.actor.people, bureau.cases)
        self.calling = Calling(*given, lambda: self.reach, self.secret, bureau.actor.now)
        self.lead, self.duty = bureau.lead, bureau.who(Role.DUTY_OFFICER)

    def secret(self, host: str, name: str) -> str:
        try:
            return self.secrets[host, name]
        except KeyError:
            raise Refused("There is no such secret.", name, code="no-secret") from None

    def task(self, *commands: dict[str, Any], case: Any = None, **how: Any) -> str:
        tasks = plan(read_playbook(raw(calls(how.pop("base", self.server.base), *commands, **how))))
        held = case or self.bureau.open()
        (item,) = self.bureau.cases.add_tasks(self.lead, held.id, Track.TECHNICAL, tasks, "course-of-action--1")
        return item.id

    def send(self, item: str, call: int = 0, who: Any = None, **values: str) -> Any:
        seen = self.calling.look(who or self.lead, item, call, values)
        return self.calling.send(
            who or self.lead, item, call, digest=seen.sent.digest, newest=seen.newest, values=values
        )

    def body(self, item: str) -> Task:
        held = self.bureau.cases.get_item(self.lead, item)[1].body
        assert isinstance(held, Task)
        return held

    def acts(self, item: str) -> list[str]:
        case = self.bureau.cases.get_item(self.lead, item)[0].case
        return [each.did for each in self.bureau.bodies(self.lead, case, Sort.ACT) if each.what == item]


@pytest.fixture
def desk(bureau: Bureau, server: Server) -> Desk:
    return Desk(bureau, server)


def refusal(call: Any) -> str:
    with pytest.raises(KoupreyError) as caught:
        call()
    assert caught.value.what and (caught.value.why or caught.value.remedy)
    return str(caught.value.code)


def test_what_is_shown_is_what_is_sent_and_the_answer_is_evidence(desk: Desk, server: Server) -> None:
    item = desk.task(TICKET)
    values = {"__who__": "a b&c", "__words__": 'He said "no"'}
    seen = desk.calling.look(desk.lead, item, 0, values)
    assert seen.wanted == ("__who__", "__words__") and seen.bar is None and seen.may_send and not seen.third
    assert (seen.sent.method, seen.sent.url) == ("POST", f"{server.base}/tickets?for=a%20b%26c")
    assert seen.sent.headers == (("Content-Type", "application/json"),) and not server.came
    made = desk.send(item, who=desk.duty, **values)
    ((method, path, heads, body),) = server.came
    assert (method, path, body) == ("POST", "/tickets?for=a%20b%26c", b'{"text": "He said \\"no\\""}')
    assert heads["content-type"] == "application/json" and heads["host"] == server.host
    assert (made.state, made.status, made.error) == (CallState.ANSWERED, 201, "")
    _, kept = desk.bureau.cases.get_item(desk.lead, made.evidence)
    assert isinstance(kept.body, Evidence) and kept.body.source == f"POST {seen.sent.url}"
    record = b"".join(desk.bureau.cases.read_evidence(desk.lead, made.evidence)[1])
    digest = sha256(b'{"ticket": 7}').hexdigest()
    for text in ("status: 201", "bytes: 13", f"sha256: {digest}", '{"ticket": 7}', seen.sent.content):
        assert text.encode() in record
    assert sha256(record).hexdigest() == kept.body.sha256
    assert desk.acts(item)[-2:] == ["case.call", "case.call-answer"] and desk.body(item).state is TaskState.DONE
    assert {"case.call", "case.call-answer", "case.evidence"} <= set(desk.bureau.audited())


def test_what_an_answer_names_fills_the_next_request_and_a_person_sees_it_first(desk: Desk, server: Server) -> None:
    case = desk.bureau.open()
    first = desk.task({"command": "POST /tickets HTTP/1.1"}, case=case, out_args=["__ticket__"])
    close = {"command": "POST /tickets/__ticket__:value/notes?for=__who__:value HTTP/1.1"}
    second = desk.task(close, case=case)
    before = desk.calling.look(desk.lead, second)
    assert before.values == {"__ticket__": "", "__who__": ""} and before.known == {}
    made = desk.send(first)
    assert made.outputs == {"__ticket__": "7"}
    seen = desk.calling.look(desk.lead, second)
    assert seen.values == {"__ticket__": "7", "__who__": ""} and "/tickets/7/notes" in seen.sent.url
    assert seen.known == {"__ticket__": desk.body(first).title}
    assert desk.calling.look(desk.lead, second, values={"__ticket__": "8"}).values["__ticket__"] == "8", "a person says"
    desk.send(second, __who__="bank")
    assert server.came[-1][1] == "/tickets/7/notes?for=bank"
    server.status, server.body = 500, b'{"ticket": 9}'
    desk.send(first)
    assert desk.calling.look(desk.lead, second).values["__ticket__"] == "7", "a failure says nothing"
    other = desk.task(close)
    assert desk.calling.look(desk.lead, other).values["__ticket__"] == "", "another case knows nothing of it"


def test_a_double_press_sends_once_and_again_only_by_a_person_who_saw_the_first(desk: Desk, server: Server) -> None:
    item = desk.task({"command": "POST /tickets HTTP/1.1"})
    seen = desk.calling.look(desk.lead, item)

    def press() -> Attempt:
        return desk.calling.send(desk.lead, item, digest=seen.sent.digest, newest=seen.newest)

    server.status = 503
    assert press().error == "It answered 503."
    assert refusal(press) == "changed-meanwhile" and len(server.came) == 1
    assert desk.body(item).state is TaskState.DOING
    server.status = 201
    assert not desk.send(item).error and len(server.came) == 2 and desk.body(item).state is TaskState.DONE
    assert [each.status for each in desk.calling.attempts(desk.lead, item)] == [201, 503]


def test_two_presses_at_the_same_time_send_once(desk: Desk, server: Server) -> None:
    item = desk.task({"command": "POST /tickets HTTP/1.1"})
    server.slow = 0.2
    seen = desk.calling.look(desk.lead, item)
    ended: list[str] = []

    def press() -> None:
        try:
            desk.calling.send(desk.lead, item, digest=seen.sent.digest, newest=seen.newest)
            ended.append("sent")
        except KoupreyError as error:
            ended.append(error.code)

    both = [threading.Thread(target=press) for _ in range(2)]
    [each.start() for each in both]
    [each.join() for each in both]
    assert sorted(ended) == ["changed-meanwhile", "sent"] and len(server.came) == 1


def test_hosts_that_are_not_allowed_and_what_is_no_https_are_refused_before_anything_leaves(
    desk: Desk, server: Server
) -> None:
    desk.reach = Reach()
    item = desk.task({"command": "POST /tickets HTTP/1.1"})
    seen = desk.calling.look(desk.lead, item)
    assert seen.bar is not None and seen.bar.code == "host-not-allowed" and "playbook_hosts" in seen.bar.remedy
    assert refusal(lambda: desk.send(item)) == "host-not-allowed"
    plain = desk.task({"command": "GET /x HTTP/1.1"}, base="http://ticket.example")
    desk.reach = Reach(hosts=frozenset({"ticket.example:80"}))
    assert refusal(lambda: desk.send(plain)) == "not-https"
    assert not server.came and not desk.calling.attempts(desk.lead, item)


def test_a_redirect_is_not_followed_and_is_no_success(desk: Desk, server: Server) -> None:
    server.status, server.headers = 302, {"location": f"{server.base}/elsewhere"}
    item = desk.task({"command": "POST /tickets HTTP/1.1"})
    made = desk.send(item)
    assert made.status == 302 and f"{server.base}/elsewhere" in made.error and made.evidence
    assert [each[1] for each in server.came] == ["/tickets"] and desk.body(item).state is TaskState.DOING


def test_what_does_not_answer_in_the_time_of_the_step_fails_says_why_and_may_be_repeated(
    desk: Desk, server: Server
) -> None:
    server.slow = 0.6
    item = desk.task({"command": "POST /slow HTTP/1.1"}, timeout=200)
    assert desk.calling.look(desk.lead, item).seconds == 0.2
    made = desk.send(item)
    assert made.state is CallState.FAILED and made.left and "did not answer in the time" in made.error
    assert desk.acts(item)[-1] == "case.call-fail" and desk.body(item).state is TaskState.OPEN
    server.slow = 0.0
    assert desk.send(item).status == 201 and len(server.came) == 2


def test_an_answer_that_is_too_large_and_a_machine_that_is_away(desk: Desk, server: Server) -> None:
    server.body = b"x" * (LARGEST_ANSWER + 1)
    item = desk.task({"command": "GET /big HTTP/1.1"})
    made = desk.send(item)
    assert made.state is CallState.FAILED and made.left and "more than" in made.error
    with serving() as gone:
        pass
    desk.reach = Reach(hosts=frozenset({gone.host}))
    away = desk.send(desk.task({"command": "GET /x HTTP/1.1"}, base=gone.base))
    assert away.state is CallState.FAILED and not away.left and "Nothing listens" in away.error


def test_secrets_go_by_name_to_their_host_alone_and_are_kept_nowhere(desk: Desk, server: Server) -> None:
    server.body = None
    command = {"command": "GET /me HTTP/1.1", "headers": {"X-Key": ["__secret_key__:value"]}}
    item = desk.task(command, secret="token")
    seen = desk.calling.look(desk.lead, item)
    assert seen.sent.headers == (("X-Key", "«secret key»"), ("authorization", "Bearer «secret token»"))
    assert refusal(lambda: desk.send(item)) == "no-secret" and not server.came
    desk.secrets = {("127.0.0.1", "token"): SECRET, ("127.0.0.1", "key"): "k-0451"}
    made = desk.send(item)
    assert server.came[0][2]["authorization"] == f"Bearer {SECRET}" and server.came[0][2]["x-key"] == "k-0451"
    record = b"".join(desk.bureau.cases.read_evidence(desk.lead, made.evidence)[1]).decode()
    assert SECRET not in record and "k-0451" not in record and "authorization=Bearer «secret token»" in record
    with desk.bureau.actor.store.read() as reader:
        kept = reader.all("SELECT body FROM case_call") + reader.all("SELECT body FROM case_item")
    assert all(SECRET.encode() not in bytes(row[0]) for row in kept)


def test_what_acts_on_third_parties_needs_two_persons_and_the_second_sends_it(desk: Desk, server: Server) -> None:
    item = desk.task({"command": "POST /takedown HTTP/1.1"}, third=True)
    asked = desk.send(item, who=desk.duty)
    assert asked.state is CallState.ASKED and not server.came and desk.acts(item)[-1] == "case.call-ask"
    assert refusal(lambda: desk.send(item)) == "in-progress"
    for who, code in (
        (desk.duty, "role-missing"),
        (desk.bureau.analyst, "role-missing"),
        (desk.bureau.who(Role.LEGAL), "role-missing"),
    ):
        assert refusal(lambda who=who: desk.calling.release(who, asked.id)) == code
    made = desk.calling.release(desk.lead, asked.id)
    assert made.status == 201 and (made.asked_by, made.released_by) == (desk.duty.name, desk.lead.name)
    assert refusal(lambda: desk.calling.release(desk.lead, asked.id)) == "changed-meanwhile" and len(server.came) == 1
    own = desk.send(item)
    assert refusal(lambda: desk.calling.release(desk.lead, own.id)) == "same-person"
    assert refusal(lambda: desk.calling.decline(desk.lead, own.id, " ")) == "no-reason"
    declined = desk.calling.decline(desk.bureau.who(Role.LIAISON), own.id, "The registrar was told by telephone.")
    assert declined.state is CallState.DECLINED and len(server.came) == 1
    operator = desk.bureau.actor.handoffs.operator()
    assert refusal(lambda: desk.send(item, who=operator)) == "not-a-person"


def test_the_settings_say_who_is_a_third_party_and_the_marking_says_what_is_done_to_them(desk: Desk) -> None:
    desk.reach = Reach(others=frozenset({desk.server.host}))
    item = desk.task({"command": "GET /x HTTP/1.1"})
    assert desk.calling.look(desk.lead, item).third
    secret = desk.task({"command": "GET /x HTTP/1.1"}, case=desk.bureau.open(pap=PAP.AMBER))
    assert refusal(lambda: desk.send(secret)) == "pap"
    drill = desk.bureau.cases.open(
        type(desk.lead)(**{**_fields(desk.lead), "exercise": "drill-1"}), "A drill", tlp=TLP.AMBER
    )
    player = type(desk.lead)(**{**_fields(desk.lead), "exercise": "drill-1"})
    tasks = plan(read_playbook(raw(calls(desk.server.base, {"command": "GET /x HTTP/1.1"}))))
    (played,) = desk.bureau.cases.add_tasks(player, drill.id, Track.TECHNICAL, tasks, "course-of-action--1")
    assert refusal(lambda: desk.send(played.id, who=player)) == "exercise"


def _fields(reader: Any) -> dict[str, Any]:
    return {name: getattr(reader, name) for name in reader.__struct_fields__}


def test_who_may_not_see_the_task_learns_nothing_and_who_may_not_send_sends_nothing(desk: Desk, server: Server) -> None:
    item = desk.task({"command": "POST /x HTTP/1.1"}, third=True)
    asked = desk.send(item)
    blind = desk.bureau.who(Role.POLICY)
    low = desk.bureau.who(Role.LEAD, clearance=TLP.GREEN)
    for who in (blind, low):
        for call in (
            lambda who=who: desk.calling.look(who, item),
            lambda who=who: desk.send(item, who=who),
            lambda who=who: desk.calling.attempts(who, item),
        ):
            assert refusal(call) == "unknown-item"
        assert refusal(lambda who=who: desk.calling.release(who, asked.id)) == "no-call"
        assert refusal(lambda who=who: desk.calling.decline(who, asked.id, "x")) == "no-call"
    for who in (desk.bureau.analyst, desk.bureau.who(Role.LEGAL)):
        assert not desk.calling.look(who, item).may_send
        assert refusal(lambda who=who: desk.send(item, who=who)) == "role-missing"
    assert refusal(lambda: desk.calling.look(desk.lead, item, 1)) == "no-call" and not server.came
    hidden = desk.task({"command": "POST /x HTTP/1.1"})
    desk.bureau.cases.hide(desk.lead, hidden, 1, hidden=True)
    assert refusal(lambda: desk.send(hidden)) == "role-missing" and not server.came


def test_another_request_than_the_one_that_was_seen_is_not_sent(desk: Desk, server: Server) -> None:
    item = desk.task(TICKET)
    seen = desk.calling.look(desk.lead, item, 0, {"__who__": "a", "__words__": "b"})
    other = {"__who__": "a", "__words__": "c"}

    def call(given: dict[str, str]) -> Attempt:
        return desk.calling.send(desk.lead, item, digest=seen.sent.digest, newest="", values=given)

    assert refusal(lambda: call(other)) == "shown-differs" and refusal(lambda: call({})) == "bad-value"
    assert refusal(lambda: call({"__who__": "a\nb", "__words__": "«secret token»"})) == "bad-value"
    assert not server.came


def test_killed_while_it_waited_nobody_knows_and_a_person_may_send_it_again(desk: Desk, server: Server) -> None:
    item = desk.task({"command": "POST /x HTTP/1.1"})

    class Killed(Fetcher):
        def request(self, *_: Any, **__: Any) -> Any:
            raise RuntimeError

    broken = Calling(
        desk.bureau.actor.store,
        desk.bureau.actor.people,
        desk.bureau.cases,
        lambda: desk.reach,
        clock=desk.bureau.actor.now,
        fetcher=Killed(),
    )
    seen = broken.look(desk.lead, item)
    with pytest.raises(RuntimeError):
        broken.send(desk.lead, item, digest=seen.sent.digest, newest="")
    assert desk.calling.look(desk.lead, item).attempts[0].state is CallState.SENT
    assert refusal(lambda: desk.send(item)) == "in-progress" and not server.came
    desk.bureau.actor.ahead += 200
    assert desk.send(item).status == 201
    with desk.bureau.actor.store.read() as reader:
        assert [each.state for each in rows.list_attempts(reader, [item])] == [CallState.ANSWERED, CallState.SENT]
    assert desk.bureau.actor.now() > 200 * SECOND


def test_two_requests_of_one_step_are_done_when_both_are_and_a_revision_keeps_them(desk: Desk, server: Server) -> None:
    item = desk.task({"command": "GET /a HTTP/1.1"}, {"command": "DELETE /b HTTP/1.1"})
    desk.send(item, 1)
    held = desk.bureau.cases.get_item(desk.lead, item)[1]
    assert desk.body(item).state is TaskState.DOING
    desk.bureau.cases.revise(desk.lead, item, held.version, Task(title="Another title"))
    assert len(desk.body(item).calls) == 2
    desk.send(item, 0)
    assert [each[:2] for each in server.came] == [("DELETE", "/b"), ("GET", "/a")]
    assert desk.body(item).state is TaskState.DONE
