"""Canonical values: equivalents meet, different things stay apart, and nothing makes the rules fall over."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.exchange.wire.observables import KINDS, canonical, recognise
from kouprey.exchange.wire.observables.canonical import LONGEST

SAME = [
    ("ipv4-addr", "198.51.100.7", ["198[.]51[.]100[.]7", "::ffff:198.51.100.7", "::FFFF:c633:6407", "198.51.100.7/32"]),
    ("ipv6-addr", "2001:db8::1", ["2001:0DB8:0:0:0:0:0:1", "[2001:db8::1]", "2001:db8:0::0:1", "2001:db8::1/128"]),
    ("ipv4-net", "10.0.0.0/8", ["10.1.2.3/8", "10[.]0.0.0/8", "::ffff:10.0.0.0/104"]),
    ("ipv6-net", "2001:db8::/32", ["2001:db8:ffff::/32", "2001:0db8::1/32"]),
    ("domain-name", "evil.example", ["EVIL.example.", "evil[.]example", "evil(dot)example", " evil{.}EXAMPLE "]),
    (
        "domain-name",
        "xn--bcher-kva.example",
        ["bücher.example", "BÜCHER。example", "bu\u0308cher.example", "XN--bcher-kva.example"],
    ),
    ("domain-name", "xn--fa-hia.example", ["faß.example", "fa\u00adß.example"]),
    (
        "url",
        "http://evil.example/",
        ["hxxp://evil[.]example", "HTTP://EVIL.example:80", "http[:]//evil.example./", "hXXp[://]evil(.)example/"],
    ),
    (
        "url",
        "https://evil.example/~a?q=%C3%A9",
        ["https://evil.example:443/%7ea?q=é", "hxxps://evil.example/~a?q=%c3%A9"],
    ),
    ("url", "http://[2001:db8::1]:8080/x", ["http://[2001:DB8:0::1]:08080/x"]),
    ("url", "http://198.51.100.7/x", ["http://198[.]51[.]100[.]7/x", "http://[::ffff:198.51.100.7]/x"]),
    (
        "email-addr",
        "bob@evil.example",
        ["Bob@EVIL.example", "mailto:bob@evil[.]example", "<bob(at)evil(dot)example>"],
    ),
    ("mac-addr", "00:11:22:aa:bb:cc", ["00-11-22-AA-BB-CC", "0011.22aa.bbcc", "001122AABBCC"]),
    ("md5", "d41d8cd98f00b204e9800998ecf8427e", ["D41D8CD98F00B204E9800998ECF8427E"]),
    ("sha1", "aa" * 20, [":".join(["AA"] * 20)]),
    ("as-number", "AS64500", ["as64500", "ASN 64500", "64500", "AS0.64500"]),
    ("cve", "CVE-2021-44228", ["cve-2021-44228", " CVE-2021-44228 "]),
    ("certificate-serial", "1a2b", ["00:1A:2B", "0x1a2b", "1A 2B"]),
    ("file-name", "evil.exe", ["EVIL.EXE", "C:\\Temp\\Evil.exe", "/tmp/evil.exe"]),
    (
        "registry-key",
        "hkey_local_machine\\software\\run",
        ["HKLM\\Software\\Run\\", "HKLM\\\\SOFTWARE\\\\Run"],
    ),
    ("mutex", "Global\\Wick", ["Global\\Wick"]),
    ("user-agent", "Mozilla/5.0 (Wick)", ["Mozilla/5.0  (Wick) "]),
]


@pytest.mark.parametrize(("kind", "text", "others"), SAME, ids=[each[1][:30] for each in SAME])
def test_what_is_the_same_is_written_the_same(kind: str, text: str, others: list[str]) -> None:
    for other in [text, *others]:
        made = canonical(kind, other)
        assert made is not None and (made.kind, made.text) == (kind, text), other


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("ipv4-addr", "198.51.100.256"),
        ("ipv4-addr", "198.51.100.07"),
        ("ipv4-addr", "198.51.100.7/33"),
        ("ipv4-addr", "198.51.100.7/٣"),
        ("ipv6-addr", "2001:db8::1%eth0"),
        ("domain-name", "198.51.100.7"),
        ("domain-name", "evil..example"),
        ("domain-name", "evil example"),
        ("domain-name", "a" * 64 + ".example"),
        ("domain-name", "*.example"),
        ("url", "evil.example/x"),
        ("url", "http://evil.example:65536/"),
        ("url", "http://evil.example:x/"),
        ("url", "http://\ud800.example/"),
        ("email-addr", "@evil.example"),
        ("email-addr", "a b@evil.example"),
        ("mac-addr", "00:11-22:33:44:55"),
        ("md5", "z" * 32),
        ("md5", "a" * 31),
        ("sha256", "٣" * 64),
        ("as-number", "AS4294967296"),
        ("cve", "CVE-21-1"),
        ("mutex", "a\0b"),
        ("mutex", "\ud800"),
        ("file-name", "/tmp/"),
        ("nonsense", "x"),
        ("mutex", "x" * (LONGEST + 1)),
    ],
)
def test_what_is_not_of_the_kind_is_nothing(kind: str, text: str) -> None:
    assert canonical(kind, text) is None


def test_different_things_stay_apart() -> None:
    assert canonical("mutex", "Wick") != canonical("mutex", "wick")
    assert canonical("url", "http://a.example/X") != canonical("url", "http://a.example/x")
    assert canonical("url", "http://a.example:8080/") != canonical("url", "http://a.example/")
    assert canonical("url", "http://a.example/%2F") != canonical("url", "http://a.example//")
    assert canonical("domain-name", "faß.example") != canonical("domain-name", "fass.example")


PIECES = st.one_of(
    st.sampled_from(["[.]", "(dot)", "{.}", "hxxp", "://", "[:]", "(at)", "xn--", "HKLM", "AS", "CVE-", "10", "ff"]),
    st.sampled_from(["%", "34", "%41", ".", "@", "[", "]", "\\", "/", ":", "<", " ", "\0"]),
    st.sampled_from(["é", "ß", "İ", "ς", "。", "ﬁ", "\u0345", "\u00ad", "\u3000", "\ud800"]),
)
TEXTS = st.one_of(
    st.text(max_size=40),
    st.lists(st.one_of(PIECES, st.text(alphabet="abcDEF019.-_:/", max_size=6)), max_size=12).map("".join),
)


@given(kind=st.sampled_from(KINDS), text=TEXTS)
def test_a_canonical_value_is_its_own_canonical_form(kind: str, text: str) -> None:
    made = canonical(kind, text)
    if made is not None:
        assert canonical(made.kind, made.text) == made
        made.text.encode()


@given(scheme=st.sampled_from(["http://", "hxxps[:]//", "ftp://"]), rest=TEXTS)
def test_canonical_urls_too(scheme: str, rest: str) -> None:
    for text in (f"{scheme}evil.example/{rest}", f"{scheme}{rest}@evil.example", f"{scheme}{rest}"):
        made = canonical("url", text)
        assert made is None or canonical("url", made.text) == made


@given(st.ip_addresses())
def test_addresses_as_the_standard_library_reads_them(address: object) -> None:
    made = canonical("ipv6-addr", str(address).upper())
    assert made is not None
    read = ip_address(made.text)
    assert read == (getattr(address, "ipv4_mapped", None) or address)


@given(st.ip_addresses(v=4), st.integers(0, 31))
def test_networks_as_the_standard_library_reads_them(address: object, prefix: int) -> None:
    made = canonical("ipv4-net", f"{address}/{prefix}")
    assert made is not None and ip_network(made.text) == ip_network(f"{address}/{prefix}", strict=False)


@given(text=TEXTS)
def test_recognising_never_raises_and_gives_canonical_values(text: str) -> None:
    for made in recognise(text):
        assert canonical(made.kind, made.text) == made
