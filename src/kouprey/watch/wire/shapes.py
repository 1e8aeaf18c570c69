"""Lines of sensors as typed records: only the fields that are matched are decoded, all others are skipped.

Zeek writes its logs as JSON with dotted names (docs.zeek.org, "JSON Format Logs"), Suricata its EVE JSON
(docs.suricata.io, "Eve JSON Format"), and collectors the Elastic Common Schema (nested or dotted), or the events of
Windows and Sysmon with their own names.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct, field

Text = str | None
Loose = str | int | float | bool | list[Any] | None
"""What stands where others write an object."""


class Zeek(Struct, gc=False):
    """A line of conn.log, dns.log, http.log, ssl.log, files.log or any other."""

    ts: float | str | None = None
    sender: Text = field(default=None, name="id.orig_h")
    receiver: Text = field(default=None, name="id.resp_h")
    query: Text = None
    server_name: Text = None
    host: Loose = None
    uri: Text = None
    md5: Text = None
    sha1: Text = None
    sha256: Text = None


class EveName(Struct, gc=False):
    """A question of DNS."""

    rrname: Text = None


class EveDns(Struct, gc=False):
    """`rrname` of versions before 8, `queries` of later ones."""

    rrname: Text = None
    queries: list[EveName] | None = None
    query: list[EveName] | None = None


class EveTls(Struct, gc=False):
    """What a client said in TLS."""

    sni: Text = None


class EveHttp(Struct, gc=False):
    """A request."""

    hostname: Text = None
    url: Text = None


class Hashes(Struct, gc=False):
    """Hashes of a file."""

    md5: Text = None
    sha1: Text = None
    sha256: Text = None


class Eve(Struct, gc=False):
    """A line of eve.json."""

    timestamp: Text = None
    src_ip: Text = None
    dest_ip: Text = None
    dns: EveDns | None = None
    tls: EveTls | None = None
    http: EveHttp | None = None
    fileinfo: Hashes | None = None


class EcsNamed(Struct, gc=False):
    """A host."""

    name: Text = None


class EcsEnd(Struct, gc=False):
    """A side of a connection."""

    ip: Text = None
    domain: Text = None


class EcsQuestion(Struct, gc=False):
    """Asked by DNS."""

    question: EcsNamed | None = None


class EcsUrl(Struct, gc=False):
    """An address that was asked for."""

    full: Text = None
    original: Text = None
    domain: Text = None
    path: Text = None
    query: Text = None


class EcsHashed(Struct, gc=False):
    """A file or a process."""

    hash: Hashes | None = None


class EcsClient(Struct, gc=False):
    """What a client said in TLS."""

    server_name: Text = None


class EcsTls(Struct, gc=False):
    """TLS."""

    client: EcsClient | None = None


class Windows(Struct, gc=False, rename="pascal"):
    """Fields of Windows and Sysmon events."""

    query_name: Text = None
    source_ip: Text = None
    destination_ip: Text = None
    destination_hostname: Text = None
    dest_address: Text = None
    source_address: Text = None
    hashes: Text = None
    hash: Text = None
    utc_time: Text = None
    event_time: Text = None
    hostname: Text = None
    computer: Text = None


class Winlog(Struct, gc=False):
    """Where Winlogbeat puts them."""

    event_data: Windows | None = None
    computer_name: Text = None


class Ecs(Struct, gc=False):
    """A document of the Elastic Common Schema, nested."""

    at: Text = field(default=None, name="@timestamp")
    host: EcsNamed | Loose = None
    source: EcsEnd | Loose = None
    destination: EcsEnd | Loose = None
    client: EcsEnd | Loose = None
    server: EcsEnd | Loose = None
    dns: EcsQuestion | Loose = None
    url: EcsUrl | Loose = None
    file: EcsHashed | Loose = None
    process: EcsHashed | Loose = None
    dll: EcsHashed | Loose = None
    tls: EcsTls | Loose = None
    winlog: Winlog | Loose = None


class Dotted(Struct, gc=False):
    """The same with dotted names."""

    host: Text = field(default=None, name="host.name")
    source: Text = field(default=None, name="source.ip")
    destination: Text = field(default=None, name="destination.ip")
    question: Text = field(default=None, name="dns.question.name")
    url: Text = field(default=None, name="url.full")
    url_domain: Text = field(default=None, name="url.domain")
    server_name: Text = field(default=None, name="tls.client.server_name")
    md5: Text = field(default=None, name="file.hash.md5")
    sha1: Text = field(default=None, name="file.hash.sha1")
    sha256: Text = field(default=None, name="file.hash.sha256")


zeek = msgspec.json.Decoder(Zeek)
eve = msgspec.json.Decoder(Eve)
ecs = msgspec.json.Decoder(Ecs)
dotted = msgspec.json.Decoder(Dotted)
windows = msgspec.json.Decoder(Windows)
