"""Signed requests to peers, and what their refusals mean to us."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from time import monotonic

from kouprey.federation import store as rows
from kouprey.federation.model import ReasonCode
from kouprey.federation.wire import link
from kouprey.kernel.net.fetch import Answer, Fetcher, Way
from kouprey.kernel.seal import httpsig
from kouprey.kernel.seal.keyring import Keyring
from kouprey.kernel.words.errors import KoupreyError, Refused, Unreachable
from kouprey.kernel.words.time import Clock
from kouprey.people.service import People

ANSWER_MAX = 8 << 20
"""Bytes of any answer but bodies."""
_SAID_MAX = 300


@dataclass
class Tally:
    """What calls add up to: bytes of requests and answers, and the seconds of the quickest answer."""

    sent: int = 0
    received: int = 0
    quickest: float = 0.0
    calls: int = 0

    def add(self, sent: int, received: int, seconds: float) -> None:
        self.quickest = min(self.quickest, seconds) if self.calls else seconds
        self.sent += sent
        self.received += received
        self.calls += 1


_TALLY: ContextVar[Tally | None] = ContextVar("tally", default=None)


@contextmanager
def counted() -> Iterator[Tally]:
    """Add up the calls that this thread makes within."""
    tally = Tally()
    before = _TALLY.set(tally)
    try:
        yield tally
    finally:
        _TALLY.reset(before)


class Caller:
    """Calls peers in the name of this node."""

    def __init__(self, people: People, keyring: Keyring, clock: Clock, way: Way = Way()) -> None:
        self._people = people
        self._keyring = keyring
        self._clock = clock
        self._fetchers = {private: Fetcher(allow_private=private, way=way) for private in (False, True)}

    def call(
        self,
        peer: rows.Link,
        method: str,
        path: str,
        body: bytes = b"",
        media_type: str = "application/json",
        *,
        cap: int = ANSWER_MAX,
        deadline: float | None = None,
    ) -> Answer:
        """Ask a peer; a refusal is raised as Refused with the peer's code, silence as Unreachable."""
        url = peer.url + path
        headers = httpsig.sign_request(
            method,
            url,
            {"content-type": media_type} if body else {},
            body,
            f"{self._people.home_id}/node",
            self._keyring.speaker,
            self._clock(),
        )
        begun = monotonic()
        answer = self._fetchers[peer.allow_private].request(
            method, url, headers=headers, body=body, cap=cap, deadline=deadline
        )
        if (tally := _TALLY.get()) is not None:
            tally.add(len(body), len(answer.body), monotonic() - begun)
        if answer.status < 300:
            return answer
        raise _refusal(peer.party, answer)

    def fetcher(self, *, allow_private: bool) -> Fetcher:
        """What calls leave by, for whoever calls a node that is no partner yet."""
        return self._fetchers[allow_private]

    def close(self) -> None:
        """Close the kept connections."""
        for fetcher in self._fetchers.values():
            fetcher.close()


def _refusal(party: str, answer: Answer) -> KoupreyError:
    """What a peer's problem document says, as one of our failures; its words are a stranger's and are kept short."""
    problem = link.read_problem(answer.body)
    later = answer.headers.get("retry-after", "")
    # Who asks for patience will answer: the exchange ends there, and goes on where it was.
    waits = answer.status >= 500 or problem.code == ReasonCode.THROTTLED
    kind: Callable[..., KoupreyError] = Refused if answer.status >= 400 and not waits else Unreachable
    return kind(
        f"{party} answered: {_said(problem.title) or answer.status}.",
        _said(problem.detail),
        code=problem.code if problem.code in set(ReasonCode) else ReasonCode.BAD_REQUEST,
        detail={
            "status": answer.status,
            "size": problem.size,
            "retry_after": int(later) if later.isascii() and later.isdigit() else 0,
        },
    )


def _said(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text[:_SAID_MAX]).rstrip(" .")
