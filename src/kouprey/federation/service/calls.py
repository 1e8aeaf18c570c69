"""Signed requests to peers, and what their refusals mean to us."""

from __future__ import annotations

from collections.abc import Callable

from kouprey.federation import store as rows
from kouprey.federation.model import ReasonCode
from kouprey.federation.wire import link
from kouprey.kernel.net.fetch import Answer, Fetcher
from kouprey.kernel.seal import httpsig
from kouprey.kernel.seal.keyring import Keyring
from kouprey.kernel.words.errors import KoupreyError, Refused, Unreachable
from kouprey.kernel.words.time import Clock
from kouprey.people.service import People

ANSWER_MAX = 8 << 20
"""Bytes of any answer but bodies."""
_SAID_MAX = 300


class Caller:
    """Calls peers in the name of this node."""

    def __init__(self, people: People, keyring: Keyring, clock: Clock) -> None:
        self._people = people
        self._keyring = keyring
        self._clock = clock
        self._fetchers = {False: Fetcher(), True: Fetcher(allow_private=True)}

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
            self._keyring.node,
            self._clock(),
        )
        answer = self._fetchers[peer.allow_private].request(
            method, url, headers=headers, body=body, cap=cap, deadline=deadline
        )
        if answer.status < 300:
            return answer
        raise _refusal(peer.party, answer)

    def close(self) -> None:
        """Close the kept connections."""
        for fetcher in self._fetchers.values():
            fetcher.close()


def _refusal(party: str, answer: Answer) -> KoupreyError:
    """What a peer's problem document says, as one of our failures; its words are a stranger's and are kept short."""
    problem = link.read_problem(answer.body)
    kind: Callable[..., KoupreyError] = Refused if 400 <= answer.status < 500 else Unreachable
    return kind(
        f"{party} answered: {_said(problem.title) or answer.status}.",
        _said(problem.detail),
        code=problem.code if problem.code in set(ReasonCode) else ReasonCode.BAD_REQUEST,
        detail={"status": answer.status, "size": problem.size},
    )


def _said(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text[:_SAID_MAX]).rstrip(" .")
