"""Events of collectors: the Elastic Common Schema, nested or dotted, and events of Windows with their own names."""

from __future__ import annotations

import re

from kouprey.kernel.words.time import Instant
from kouprey.watch.model import Event
from kouprey.watch.rules.naming import URL, hash_value, split_url
from kouprey.watch.wire import shapes
from kouprey.watch.wire.network import Values, add_address, add_hashes, add_name, add_url, instant_of, made
from kouprey.watch.wire.shapes import Dotted, Ecs, EcsEnd, EcsHashed, EcsNamed, EcsQuestion, EcsTls, EcsUrl, Windows

_HASH = re.compile(r"(?:MD5|SHA1|SHA256)=([0-9A-Fa-f]+)")
_DOTTED = (b'"source.ip"', b'"destination.ip"', b'"dns.question.name"', b'"url.', b'"tls.client', b'"file.hash')
_WINDOWS = (b'"QueryName"', b'"SourceIp"', b'"DestinationIp"', b'"Hashes"', b'"Hash"', b'"DestAddress"')


def of_ecs(line: bytes, source: str, now: Instant) -> Event:
    """A document of a collector. Raises msgspec.DecodeError for what is no object, or has a field of a wrong kind."""
    values: Values = []
    document = shapes.ecs.decode(line)
    host, at = _nested(document, values), instant_of(document.at)
    if any(name in line for name in _DOTTED):
        host = _dotted(shapes.dotted.decode(line), values) or host
    if b'"EventData"' in line or any(name in line for name in _WINDOWS):
        found = _windows(shapes.windows.decode(line), values)
        host, at = found[0] or host, at or found[1]
    return made(at, source, host, values, now)


def _nested(document: Ecs, values: Values) -> str:
    if isinstance(document.dns, EcsQuestion) and document.dns.question is not None:
        add_name(values, document.dns.question.name)
    host = document.host.name or "" if isinstance(document.host, EcsNamed) else ""
    for end in (document.source, document.client, document.destination, document.server):
        if isinstance(end, EcsEnd):
            add_address(values, end.ip)
            add_name(values, end.domain)
    if isinstance(document.tls, EcsTls) and document.tls.client is not None:
        add_name(values, document.tls.client.server_name)
    if isinstance(document.url, EcsUrl):
        _add_ecs_url(document.url, values)
    for each in (document.file, document.process, document.dll):
        if isinstance(each, EcsHashed) and each.hash is not None:
            add_hashes(values, each.hash)
    if isinstance(document.winlog, shapes.Winlog):
        if document.winlog.event_data is not None:
            host = _windows(document.winlog.event_data, values)[0] or host
        host = host or document.winlog.computer_name or ""
    first = document.source if isinstance(document.source, EcsEnd) else None
    return (
        host
        or (first.ip or "" if first is not None else "")
        or (document.host if isinstance(document.host, str) else "")
    )


def _add_ecs_url(url: EcsUrl, values: Values) -> None:
    for whole in (url.full, url.original):
        if whole and "://" in whole:
            host, _, rest = whole.partition("://")[2].partition("/")
            add_url(values, host, f"/{rest}")
            return
    if url.domain:
        add_url(values, url.domain, (url.path or "") + (f"?{url.query}" if url.query else ""))


def _dotted(line: Dotted, values: Values) -> str:
    add_name(values, line.question)
    add_address(values, line.source)
    add_address(values, line.destination)
    add_name(values, line.server_name)
    if line.url and (key := split_url(line.url)):
        add_url(values, key.partition("/")[0].partition("?")[0], "")
        values.append((URL, key))
    elif line.url_domain:
        add_url(values, line.url_domain, "")
    for text in (line.md5, line.sha1, line.sha256):
        if text and (found := hash_value(text)):
            values.append(found)
    return line.host or line.source or ""


def _windows(line: Windows, values: Values) -> tuple[str, Instant]:
    add_name(values, line.query_name)
    for text in (line.source_ip, line.destination_ip, line.source_address, line.dest_address):
        if text and ("." in text or ":" in text):
            add_address(values, text)
    add_name(values, line.destination_hostname)
    for text in _HASH.findall(f"{line.hashes or ''} {line.hash or ''}"):
        if found := hash_value(text):
            values.append(found)
    return line.hostname or line.computer or "", instant_of(line.utc_time or line.event_time)
