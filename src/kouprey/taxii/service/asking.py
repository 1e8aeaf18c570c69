"""Asking another TAXII server: sign in, go round its corners, and say plainly what went wrong."""

from __future__ import annotations

import time
from base64 import b64encode
from urllib.parse import quote, urljoin, urlsplit

from kouprey.kernel.net.fetch import Answer, Fetcher
from kouprey.kernel.words.errors import Damaged, KoupreyError, Refused, Unreachable
from kouprey.kernel.words.time import Instant, format_instant
from kouprey.taxii.model.pulling import Offered, Page, SignIn
from kouprey.taxii.wire.answers import inflate, read_collections, read_complaint, read_page, read_roots

ACCEPT = "application/taxii+json;version=2.1"
PAGE_BYTES = 64 << 20
"""Of one answer, compressed or not."""
_LIMIT = 1_000
"""Objects asked for at a time."""
_CORNERS = 3
"""Redirects that are followed, on the same machine."""
_SECONDS = 60.0
_RETRIES = 2
"""Times something passing is asked for again before the walk ends for now."""
PATIENCE = 30.0
"""Seconds a server may make us wait (Retry-After) within a walk; beyond them the walk ends until it is due again."""
_REMEDIES = {
    401: "Check the name, password or token; `kouprey pull` with --user or --token-file gives it anew.",
    403: "Ask its operator to let this account read the collection.",
    404: "`kouprey taxii discover` lists the collections of a server.",
    406: "It does not speak TAXII 2.1; ask its operator for the address of a 2.1 API root.",
    429: "It wants to be asked less often: raise --every.",
}


class Asking:
    """One server, asked on behalf of one source."""

    def __init__(self, fetcher: Fetcher, root: str, sign_in: SignIn) -> None:
        self._fetcher = fetcher
        self._root = root if root.endswith("/") else f"{root}/"
        self._headers = {"accept": ACCEPT, **_authorization(sign_in)}
        self.limit = _LIMIT

    def page(self, collection: str, types: tuple[str, ...], after: Instant, following: str) -> Page:
        """A page of objects: behind `after`, or where the server's own `following` goes on.

        A page that is too large is asked for again with fewer objects. Raises Unreachable (`wait`: with seconds to
        wait in its detail), Refused for what the server refuses, Damaged for what cannot be read.
        """
        while True:
            query = f"limit={self.limit}"
            if after:
                query += f"&added_after={quote(format_instant(after))}"
            if types:
                query += f"&match[type]={quote(','.join(types), safe=',')}"
            if following:
                query += f"&next={quote(following, safe='')}"
            try:
                answer = self._ask(f"{self._root}collections/{quote(collection, safe='')}/objects/?{query}")
            except Unreachable as error:
                if error.code != "too-large" or self.limit == 1:
                    raise
                self.limit = max(1, self.limit // 4)
                continue
            return read_page(answer.body, answer.headers)

    def discover(self) -> list[Offered]:
        """The collections of an API root, or of every root that a discovery resource names."""
        roots = read_roots(self._ask(self._root).body)
        base = self._root
        found: list[Offered] = []
        for root in [urljoin(base, each) for each in roots] or [base]:
            if urlsplit(root)[:2] != urlsplit(base)[:2]:
                # Our password is for the machine it was given for.
                continue
            whole = root if root.endswith("/") else f"{root}/"
            found += read_collections(self._ask(f"{whole}collections/").body, whole)
        return found

    def _ask(self, url: str) -> Answer:
        for attempt in range(_RETRIES + 1):
            try:
                return self._once(url)
            except Unreachable as error:
                seconds = seconds_of(error) or 2.0**attempt
                if error.code == "too-large" or attempt == _RETRIES or seconds > PATIENCE:
                    raise
                time.sleep(seconds)
        raise AssertionError("the last attempt returns or raises")

    def _once(self, url: str) -> Answer:
        for _ in range(_CORNERS + 1):
            answer = self._fetcher.request("GET", url, self._headers, cap=PAGE_BYTES, deadline=_SECONDS)
            if answer.status not in (301, 302, 307, 308):
                break
            url = _around(url, answer)
        if answer.status == 200:
            return Answer(200, answer.headers, inflate(answer.body, answer.headers, PAGE_BYTES), url)
        raise _explain(url, answer)


def _authorization(sign_in: SignIn) -> dict[str, str]:
    if sign_in.token:
        return {"authorization": f"Bearer {sign_in.token}"}
    if sign_in.user:
        return {"authorization": f"Basic {b64encode(f'{sign_in.user}:{sign_in.password}'.encode()).decode()}"}
    return {}


def _around(url: str, answer: Answer) -> str:
    target = urljoin(url, answer.headers.get("location", ""))
    if urlsplit(target)[:2] != urlsplit(url)[:2] or target == url:
        raise Refused(
            "The TAXII server sends us to another machine.",
            f"It names {target[:200]!r}; our sign-in is not for anybody else.",
            "If that address is right, give it as --taxii.",
            code="redirected",
        )
    return target


def _explain(url: str, answer: Answer) -> KoupreyError:
    where = "{0.scheme}://{0.netloc}".format(urlsplit(url))
    said = read_complaint(answer.body)
    why = f"It answered {answer.status}{f' and says: {said}' if said else ''}."
    if answer.status in (429, 502, 503, 504) or answer.status >= 500:
        seconds = _retry_after(answer.headers.get("retry-after", ""))
        return Unreachable(
            f"The TAXII server at {where} cannot answer now.",
            why,
            _REMEDIES.get(answer.status, "It is asked again when it is due."),
            code="busy",
            detail={"seconds": seconds, "status": answer.status},
        )
    if answer.status < 400:
        return Damaged(f"The TAXII server at {where} gives no page.", why, "Check the address.", code="bad-answer")
    return Refused(
        f"The TAXII server at {where} refuses.",
        why,
        _REMEDIES.get(answer.status, "Ask its operator."),
        code="refused-there",
        detail={"status": answer.status},
    )


def seconds_of(error: KoupreyError) -> float:
    """For how long a server asked us to wait; 0 when it did not."""
    seconds = error.detail.get("seconds")
    return float(seconds) if isinstance(seconds, int) else 0.0


def _retry_after(text: str) -> int:
    """Seconds; 0 where the server names none, or a date, which our clock cannot judge."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0
