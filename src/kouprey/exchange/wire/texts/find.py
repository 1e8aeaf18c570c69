"""Candidates in a text of any kind: found, in canonical form, with their place and what speaks against them."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

import msgspec

from kouprey.exchange.model import Observable
from kouprey.exchange.model.texts import Candidate, Extraction
from kouprey.exchange.wire.observables import canonical, is_file_ending
from kouprey.exchange.wire.observables.canonical import HEX_DIGITS
from kouprey.exchange.wire.texts.doubts import Doubts, is_top
from kouprey.exchange.wire.texts.grammar import TAIL, values
from kouprey.exchange.wire.texts.undo import undone

MOST = 5_000
"""Candidates of one text."""
AROUND = 60
"""Characters of its line that are shown before and after a candidate."""

_HASHES = {HEX_DIGITS[kind]: kind for kind in ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")}
_NEWLINE = re.compile(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_ENDING = ".,;:!?'*_~-\u2019\u201d\u00bb"
_FOREIGN_HEAD = re.compile(r"[^\x00-\x7f]+(?=[A-Za-z0-9])")
_FOREIGN_TAIL = re.compile(r"(?<=[A-Za-z0-9])[^\x00-\x7f]+\Z")
_HYPHENS = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013", "-"))
_KINDS = {
    "mail": "email-addr",
    "ipv4": "ipv4-addr",
    "ipv6": "ipv6-addr",
    "mac": "mac-addr",
    "ssdeep": "ssdeep",
    "tlsh": "tlsh",
    "cve": "cve",
    "registry": "registry-key",
}


def find_candidates(text: str, most: int = MOST) -> Extraction:
    """Everything in the text that may be a value, each once, in the order in which they stand there. Never raises.

    What was written harmlessly is undone first: brackets around dots, `hxxp`, words for signs, markup, line ends within
    angle brackets. A domain ends in a top-level domain that exists or is reserved for examples. Takes time in
    proportion to the text.
    """
    flow = undone(text)
    lines = [0, *(found.end() for found in _NEWLINE.finditer(text))]
    doubts = Doubts(flow.text)
    found: dict[Observable, Candidate] = {}
    times: dict[Observable, int] = {}
    for observable, begin, end in _scan(flow.text):
        first, last = flow.origin(begin), flow.origin(end)
        written = text[first:last].strip()
        observable = _as_written(observable, written)
        times[observable] = times.get(observable, 0) + 1
        if observable in found:
            continue
        if len(found) >= most:
            return Extraction(candidates=_counted(found, times), more=True)
        line = bisect_right(lines, first) - 1
        stop = lines[line + 1] if line + 1 < len(lines) else len(text)
        found[observable] = Candidate(
            observable=observable,
            written=written,
            line=line + 1,
            column=first - lines[line] + 1,
            before=_before(text, lines[line], first),
            after=text[last : min(stop, last + AROUND)].rstrip(),
            doubts=doubts.of(observable, begin, written),
        )
    return Extraction(candidates=_counted(found, times))


def _before(text: str, line: int, first: int) -> str:
    """What stands before a value in its line, from the beginning of a word where there is one."""
    begin = max(line, first - AROUND)
    if begin > line and not text[begin - 1].isspace():
        begin = next((at + 1 for at in range(begin, first) if text[at].isspace()), begin)
    return text[begin:first]


def _counted(found: dict[Observable, Candidate], times: dict[Observable, int]) -> tuple[Candidate, ...]:
    return tuple(
        msgspec.structs.replace(each, times=times[observable]) if times[observable] > 1 else each
        for observable, each in found.items()
    )


def _scan(text: str) -> Iterator[tuple[Observable, int, int]]:
    """(value, where it begins, where it ends), from left to right, none within another."""
    place, pattern = 0, values()
    while (match := pattern.search(text, place)) is not None:
        kind = str(match.lastgroup)
        begin, end = match.span()
        place = end
        if kind in ("name", "foreign"):
            made, begin, end = _name(match[0], begin)
            if made is not None and (tail := TAIL.match(text, end)) is not None:
                place = tail.end()
        else:
            made, end = _other(kind, match, end)
        if made is not None:
            yield made, begin, end


def _other(kind: str, match: re.Match[str], end: int) -> tuple[Observable | None, int]:
    written = match[0]
    if kind == "url":
        host = match["host"]
        cut = _FOREIGN_TAIL.search(host)
        if cut is not None and is_top(host[: cut.start()]) and not is_top(host):
            # A script without blanks goes on right behind the host.
            written = written[: match.start("host") - match.start() + cut.start()]
        written = written.rstrip(_ENDING)
        return canonical("url", written), match.start() + len(written)
    if kind == "mail":
        cut = _FOREIGN_TAIL.search(written)
        if cut is not None and is_top(written[: cut.start()]) and not is_top(written):
            written = written[: cut.start()]
        written = written.rstrip(_ENDING)
        made = canonical("email-addr", written) if is_top(written) else None
        return made, match.start() + len(written)
    if kind == "hash":
        known = _HASHES.get(len(written))
        # Nothing but digits is a number; nothing but one digit is no hash.
        plain = known is None or len(set(written)) < 4
        return (None if plain else canonical(str(known), written)), end
    if kind == "registry":
        written = written.rstrip(_ENDING)
        end = match.start() + len(written)
    if kind == "asn":
        return canonical("as-number", written.replace(" ", "")), end
    return canonical(_KINDS[kind], written.translate(_HYPHENS) if kind == "cve" else written), end


def _name(written: str, begin: int) -> tuple[Observable | None, int, int]:
    """A domain name, else the name of a file; and where it stands."""
    written = written.rstrip(_ENDING)
    if not written.isascii():
        tail = _FOREIGN_TAIL.search(written)
        if tail is not None and is_top(written[: tail.start()]) and not is_top(written):
            written = written[: tail.start()]
        head, _, rest = written.partition(".")
        cut = _FOREIGN_HEAD.match(head)
        if cut is not None and rest.isascii():
            # The word before it, in a script without blanks.
            written, begin = written[cut.end() :], begin + cut.end()
    made = canonical("domain-name", written) if is_top(written) else None
    if made is None and is_file_ending(written.rpartition(".")[2].lower()):
        made = canonical("file-name", written)
    return made, begin, begin + len(written)


def _as_written(observable: Observable, written: str) -> Observable:
    """`setup.py` is a file; who writes `setup[.]py` means a domain."""
    if observable.kind == "domain-name" and observable.text.count(".") == 1 and written.lower() == observable.text:
        ending = observable.text.rpartition(".")[2]
        return Observable("file-name", observable.text) if is_file_ending(ending) else observable
    return observable
