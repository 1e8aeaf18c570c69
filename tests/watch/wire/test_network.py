"""Zeek and Suricata as they write."""

from __future__ import annotations

import json

from kouprey.kernel.words.time import SECOND
from kouprey.watch.model import Event, Format
from kouprey.watch.wire.network import instant_of
from kouprey.watch.wire.reading import read_lines

NOW = 1_795_000_000 * SECOND


def one(form: Format, **fields: object) -> Event:
    (event,) = read_lines(form, json.dumps(fields).encode(), "s", NOW).events
    return event


def test_zeek() -> None:
    ends = {"id.orig_h": "10.0.0.1", "id.resp_h": "2001:DB8::1"}
    seen = one(Format.ZEEK, ts=1794999999.5, query="WWW.Evil.example.", **ends)
    assert seen.at == NOW - SECOND // 2 and seen.host == "10.0.0.1"
    assert dict(seen.values) == {"domain-name": "www.evil.example", "ipv4-addr": "10.0.0.1", "ipv6-addr": "2001:db8::1"}
    web = one(Format.ZEEK, ts="2026-11-18T00:00:00Z", host="evil.example:8080", uri="/a", server_name="sni.example")
    assert web.at == instant_of("2026-11-18T00:00:00+00:00") and set(web.values) == {
        ("domain-name", "sni.example"),
        ("domain-name", "evil.example"),
        ("url", "evil.example:8080/a"),
    }
    plain = one(Format.ZEEK, host="Plain.example", uri="/a?b")
    assert plain.values == (("domain-name", "plain.example"), ("url", "plain.example/a?b")) and plain.at == NOW
    assert one(Format.ZEEK, md5="D" * 32, sha1="no").values == (("md5", "d" * 32),)
    assert one(Format.ZEEK, host="192.0.2.7", uri="/").values == (("ipv4-addr", "192.0.2.7"), ("url", "192.0.2.7/"))
    assert one(Format.ZEEK, ts=9e300).at == NOW and one(Format.ZEEK, ts=4102444800.0).at == NOW


def test_suricata() -> None:
    seen = one(
        Format.SURICATA,
        timestamp="2026-11-18T07:00:00.5+0700",
        src_ip="10.0.0.1",
        dest_ip="192.0.2.1",
        tls={"sni": "Sni.example"},
        http={"hostname": "h.example", "url": "/x"},
        dns={"rrname": "q.example", "queries": [{"rrname": "q.example"}, {"rrname": "r.example"}]},
        fileinfo={"sha256": "A" * 64},
    )
    assert seen.at == instant_of("2026-11-18T00:00:00.500Z") and seen.host == "10.0.0.1"
    names = {value for kind, value in seen.values if kind == "domain-name"}
    assert names == {"sni.example", "h.example", "q.example", "r.example"} and ("sha256", "a" * 64) in seen.values
    assert instant_of("no time") == instant_of("") == 0
