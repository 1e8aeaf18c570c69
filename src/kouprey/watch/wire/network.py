"""Events of Zeek and Suricata."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from kouprey.kernel.words.time import DAY, Instant
from kouprey.watch.model import HOUR, Event
from kouprey.watch.rules.naming import DOMAIN, IPV4, LONGEST, URL, address_of, hash_value, host_value, name_of, url_key
from kouprey.watch.wire.shapes import Eve, Hashes, Zeek

# A name without a port, and no address.
_PLAIN = re.compile(r"[a-z0-9_.-]{1,252}[a-z]", re.ASCII)
Values = list[tuple[str, str]]
OLDEST: Instant = 10 * 366 * DAY
"""What claims to be older is not believed."""
_FAR = 1e11
"""Seconds that are no time of ours any more."""


def instant_of(text: str | None) -> Instant:
    """Microseconds of a date and time as ISO 8601 has it, with any offset (none is UTC); 0 for what is none."""
    if not text:
        return 0
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return int(moment.timestamp() * 1_000_000)
    except (ValueError, OverflowError):
        return 0


def add_address(values: Values, text: str | None) -> None:
    """An IP address."""
    if text:
        if ":" not in text:
            # Sensors write IPv4 in its one form.
            values.append((IPV4, text))
        elif (found := address_of(text)) is not None:
            values.append(found)


def add_name(values: Values, text: str | None) -> None:
    """A domain name of a question or of TLS."""
    if text:
        name = text.lower()
        if name[-1] == "." or not name.isascii() or len(name) > 253:
            name = name_of(name)
        if name:
            values.append((DOMAIN, name))


def add_url(values: Values, host: str, rest: str) -> None:
    """Where a request went: its host, and the whole of it."""
    name = host.lower()
    if _PLAIN.fullmatch(name) is not None:
        values.append((DOMAIN, name))
        if rest[:1] == "/" and "%" not in rest and "#" not in rest and len(rest) < LONGEST:
            values.append((URL, name + rest))
            return
    elif found := host_value(name):
        values.append(found)
    if rest and len(host) + len(rest) < LONGEST:
        values.append((URL, url_key(host, rest)))


def add_hashes(values: Values, hashes: Hashes | Zeek) -> None:
    """Hashes of a file."""
    for text in (hashes.md5, hashes.sha1, hashes.sha256):
        if text and (found := hash_value(text)):
            values.append(found)


def made(at: Instant, source: str, host: str, values: Values, now: Instant) -> Event:
    """The event, each value once; a time of the sensor that cannot be true gives way to that of its arrival."""
    return Event(at if -HOUR <= now - at < OLDEST else now, source, host, tuple(dict.fromkeys(values)))


def of_zeek(line: Zeek, source: str, now: Instant) -> Event:
    """A line of Zeek. Written out for speed: this runs for every line of the busiest logs."""
    sender, receiver, query, ts = line.sender, line.receiver, line.query, line.ts
    if sender and receiver and ":" not in sender and ":" not in receiver:
        ends: tuple[tuple[str, str], ...] = ((IPV4, sender), (IPV4, receiver))
    else:
        ends = _ends(sender, receiver)
    if query:
        name = query.lower()
        if name[-1] == "." or len(name) > 253 or not name.isascii():
            name = name_of(name)
        values = ((DOMAIN, name), *ends) if name else ends
    else:
        values = ends
    if line.host or line.server_name or line.md5 or line.sha1 or line.sha256:
        values = (*values, *_more(line))
    at = int(ts * 1_000_000) if type(ts) is float and -_FAR < ts < _FAR else _time(ts)
    return Event(at if -HOUR <= now - at < OLDEST else now, source, sender or "", values)


def _ends(sender: str | None, receiver: str | None) -> tuple[tuple[str, str], ...]:
    values: Values = []
    add_address(values, sender)
    add_address(values, receiver)
    return tuple(values)


def _more(line: Zeek) -> Values:
    """What a line of http.log, ssl.log or files.log has besides."""
    values: Values = []
    add_name(values, line.server_name)
    if isinstance(line.host, str) and line.host:
        add_url(values, line.host, line.uri or "")
    add_hashes(values, line)
    return values


def _time(ts: float | str | None) -> Instant:
    return instant_of(ts) if isinstance(ts, str) else 0


def of_suricata(line: Eve, source: str, now: Instant) -> Event:
    """A line of eve.json."""
    values: Values = []
    if line.dns is not None:
        add_name(values, line.dns.rrname)
        for each in line.dns.queries or line.dns.query or ():
            add_name(values, each.rrname)
    add_address(values, line.src_ip)
    add_address(values, line.dest_ip)
    if line.tls is not None:
        add_name(values, line.tls.sni)
    if line.http is not None and line.http.hostname:
        add_url(values, line.http.hostname, line.http.url or "")
    if line.fileinfo is not None:
        add_hashes(values, line.fileinfo)
    return made(instant_of(line.timestamp), source, line.src_ip or "", values, now)
