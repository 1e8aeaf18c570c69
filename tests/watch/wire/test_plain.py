"""Lines of text: syslog, name servers, proxies."""

from __future__ import annotations

from kouprey.kernel.words.time import SECOND
from kouprey.watch.model import Event, Format
from kouprey.watch.wire.reading import read_lines

NOW = 1_795_000_000 * SECOND


def one(line: bytes) -> Event:
    (event,) = read_lines(Format.PLAIN, line, "s", NOW).events
    return event


def test_syslog_of_a_name_server() -> None:
    seen = one(
        b"<30>Nov 28 10:00:00 ns1 named[77]: client @0x7f 10.0.0.9#5353 (evil.example): query: evil.example IN A"
    )
    assert seen.host == "ns1" and seen.values == (("ipv4-addr", "10.0.0.9"), ("domain-name", "evil.example"))
    assert seen.at == NOW


def test_a_proxy_with_its_time() -> None:
    seen = one(
        b'<134>1 2026-11-18T00:00:00Z px1 squid - - - "GET http://Bad.example/a?b HTTP/1.1" 2001:db8::5 ' + b"d" * 64
    )
    assert seen.host == "px1" and seen.at < NOW
    assert set(seen.values) == {
        ("url", "bad.example/a?b"),
        ("domain-name", "bad.example"),
        ("ipv6-addr", "2001:db8::5"),
        ("sha256", "d" * 64),
    }


def test_words_are_no_names() -> None:
    assert one(b"a line without anything in it, v1.2.3 ok").values == ()
    assert len(one(b" ".join(b"n%d.example" % n for n in range(500))).values) == 50
