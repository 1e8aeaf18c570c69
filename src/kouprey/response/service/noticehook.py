"""The one address outside that is told how much waits for our people: signed, tried again, and never what waits."""

from __future__ import annotations

import logging

import msgspec

from kouprey.kernel.net.fetch import Fetcher
from kouprey.kernel.seal.keys import hmac_sha256
from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words.errors import KoupreyError
from kouprey.kernel.words.time import SECOND, Instant
from kouprey.response.model.notices import Called, Hook
from kouprey.response.rules.telling import LEASE, wait
from kouprey.response.service.notices import Notices
from kouprey.response.store import notices as rows

SIGNATURE = "x-kouprey-signature"
DELIVERY = "x-kouprey-delivery"
LONGEST_ANSWER = 1 << 16
_log = logging.getLogger(__name__)


class NoticeHook:
    """Calls the address of the settings. It may be told twice of the same, under the same delivery, and never not."""

    def __init__(self, notices: Notices, fetcher: Fetcher | None = None) -> None:
        self._notices = notices
        # Whoever keeps the node has named the address, which usually is inside.
        self._fetcher = fetcher or Fetcher(allow_private=True, cap=LONGEST_ANSWER)

    def call(self) -> bool:
        """Tell of what waits since the last time; whether somebody took it."""
        hook, now = self._notices.hook(), self._notices.now()
        if hook is None:
            return False
        with self._notices.store.read() as reader:
            held, upto = rows.find_called(reader), rows.newest_fact(reader)
            counted = rows.count_all(reader, after=held.told, upto=upto) if held is not None else {}
        if held is None:
            # What happened before there was an address is nobody's news.
            self._notices.store.write(lambda tx: rows.save_called(tx, Called(told=upto)))
            return False
        if not counted or held.due > now or not self._begin(held, now):
            return False
        waiting = {str(sort): count for sort, count in sorted(counted.items())}
        told = {"event": "waiting", "waiting": waiting, "link": f"{self._notices.origin}/notices"}
        error = self._post(hook, msgspec.json.encode(told), str(upto), now)
        if error:
            _log.warning("the address of notices was not told: %s", error)
            self._save(Called(told=held.told, due=now + wait(held.attempts), attempts=held.attempts + 1, error=error))
        else:
            self._save(Called(told=upto))
        return not error

    def _begin(self, held: Called, now: Instant) -> bool:
        """Of two processes one calls."""

        def work(tx: Tx) -> bool:
            if rows.find_called(tx) != held:
                return False
            rows.save_called(tx, msgspec.structs.replace(held, due=now + LEASE))
            return True

        return self._notices.store.write(work)

    def _post(self, hook: Hook, body: bytes, delivery: str, now: Instant) -> str:
        """Why it was not taken, "" when it was."""
        at = str(now // SECOND)
        signature = hmac_sha256(hook.secret, at.encode() + b"." + body).hex()
        headers = {"content-type": "application/json", SIGNATURE: f"t={at},v1={signature}", DELIVERY: delivery}
        try:
            answer = self._fetcher.request("POST", hook.url, headers, body)
        except KoupreyError as error:
            return f"{error.what} {error.why}".strip()[:500]
        return "" if 200 <= answer.status < 300 else f"It answered {answer.status}."

    def _save(self, called: Called) -> None:
        self._notices.store.write(lambda tx: rows.save_called(tx, called))
