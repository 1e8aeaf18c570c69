"""Lines of text, such as syslog and the logs of name servers and proxies: whatever looks like a value is one."""

from __future__ import annotations

import re

from kouprey.kernel.words.time import Instant
from kouprey.watch.model import Event
from kouprey.watch.rules.naming import DOMAIN, LONGEST, URL, address_of, hash_value, host_value, name_of, split_url
from kouprey.watch.wire.network import Values, instant_of, made

MOST = 50
"""Values of one line."""
_LOOKED = 65_536
"""Bytes of a line that are looked at."""
_TOKEN = re.compile(r"[^\s\"'<>()\[\]{},;=|\\]{4,2048}")
_URL = re.compile(r"https?://[^\s\"'<>|\\]{4,2048}", re.IGNORECASE)
_NAME = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]\.?", re.IGNORECASE)
_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?")
# RFC 5424 section 6, and RFC 3164 section 4.1.
_HEADERS = (
    re.compile(r"(?:<\d{1,3}>\d{1,2} )?\d{4}-\d\d-\d\dT\S+ (?P<host>\S{1,255}) "),
    re.compile(r"(?:<\d{1,3}>)?[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d (?P<host>\S{1,255}) "),
)


def of_plain(line: bytes, source: str, now: Instant) -> Event:
    """A line of text; its time is taken where it is written with its year, and its host from the header of syslog."""
    values: Values = []
    text = line[:_LOOKED].decode("utf-8", "replace")
    header = next((found for each in _HEADERS if (found := each.match(text))), None)
    for whole in _URL.findall(text)[:MOST]:
        if key := split_url(whole.rstrip(".,;)")):
            values.append((URL, key))
            if host := host_value(re.split(r"[/?]", key, maxsplit=1)[0]):
                values.append(host)
    for token in _TOKEN.findall(_URL.sub(" ", text[header.end() if header else 0 :])):
        if value := _value(token):
            values.append(value)
        if len(values) >= MOST:
            break
    time = _TIME.search(text)
    return made(instant_of(time[0]) if time else 0, source, header["host"] if header else "", values, now)


def _value(token: str) -> tuple[str, str] | None:
    token = token.strip(".,:")
    if len(token) > LONGEST:
        return None
    if found := hash_value(token) or address_of(token):
        return found
    # An address with a port or, as BIND writes it, with #port.
    host = re.split(r"[#/]", token, maxsplit=1)[0]
    if host.count(":") == 1:
        host = host.partition(":")[0]
    if found := address_of(host):
        return found
    if _NAME.fullmatch(host) is not None and (name := name_of(host)):
        return (DOMAIN, name)
    return None
