"""Every format: read by the programs that will read it, and broken out of by nothing."""

from __future__ import annotations

import re
from ipaddress import ip_address, ip_network
from pathlib import Path
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.kernel.words.errors import Damaged
from kouprey.protect.model import Format
from kouprey.protect.rules.writing import is_writable
from kouprey.protect.wire.listing import Listing
from kouprey.protect.wire.suricata import EACH, FIRST
from kouprey.protect.wire.writers import WRITERS
from protect.making import HEAD, ODD, PROGRAMS, VALUES, entry, judged, listing, many, written

SOME = [
    entry("domain-name", "evil.example"),
    entry("domain-name", "a_b.x--y.example"),
    entry("ipv4-addr", "203.0.113.7"),
    entry("ipv4-net", "198.51.100.0/24"),
    entry("ipv6-addr", "2001:db8::7"),
    entry("ipv6-net", "2001:db8:1::/48"),
]


@pytest.fixture(scope="module")
def large() -> dict[Format, bytes]:
    """100,000 names and as many addresses in every format, in less than two seconds of the processor."""
    entries = many(100_000, 100_000)
    begin = process_time()
    made = written(entries)
    assert process_time() - begin < 4, "twice what is promised, for machines that are busy"
    return made


@pytest.mark.parametrize("form", PROGRAMS)
def test_programs_read_a_hundred_thousand(large: dict[Format, bytes], form: Format, tmp_path: Path) -> None:
    check = judged(tmp_path, large, form)
    assert check.passed, check.said


@pytest.mark.parametrize("form", PROGRAMS)
def test_programs_read_few_and_none(form: Format, tmp_path: Path) -> None:
    for name, entries in (("some", SOME), ("none", []), ("one", SOME[:1])):
        check = judged(tmp_path / name, written(entries), form)
        assert check.passed, (name, check.said)


@pytest.mark.parametrize("form", PROGRAMS)
def test_programs_refuse_what_is_damaged(form: Format, tmp_path: Path) -> None:
    files = written(SOME)
    files[form] = files[form].replace(b"\n", b"\n}} ( \n", 6)
    assert not judged(tmp_path, files, form).passed


def test_the_longest_name_fits_into_a_zone(tmp_path: Path) -> None:
    name = ".".join(["a" * 63] * 3) + ".exampl"
    assert len(name) == 198 and is_writable("domain-name", name)
    from msgspec.structs import replace

    head = replace(HEAD, shield="e" * 40)
    files = {Format.RPZ: WRITERS[Format.RPZ](listing([entry("domain-name", name)], head))[0]}
    assert judged(tmp_path, files, Format.RPZ).passed


def test_what_stands_in_each_file() -> None:
    files = {form: data.decode() for form, data in written(SOME).items()}
    for form, text in files.items():
        mark = ";" if form is Format.RPZ else "#"
        head = text.split("\n")[:3]
        assert all(line.startswith(f"{mark} ") for line in head) and "Shield edge, serial 1795000000" in head[0]
        assert head[2].endswith("http://node.example/shields/edge/manifest")
    body = {form: [line for line in text.split("\n")[3:] if line] for form, text in files.items()}
    assert body[Format.NAMES] == ["a_b.x--y.example", "evil.example"]
    assert body[Format.ADDRESSES] == ["198.51.100.0/24", "203.0.113.7", "2001:db8::7", "2001:db8:1::/48"]
    assert body[Format.RPZ][1] == "@ SOA localhost. hostmaster.localhost. 1795000000 3600 600 604800 300"
    assert {"evil.example CNAME .", "*.evil.example CNAME .", "32.7.113.0.203.rpz-ip CNAME ."} <= set(body[Format.RPZ])
    assert {"24.0.100.51.198.rpz-ip CNAME .", "128.7.zz.db8.2001.rpz-ip CNAME ."} <= set(body[Format.RPZ])
    assert "48.zz.1.db8.2001.rpz-ip CNAME ." in body[Format.RPZ]
    assert body[Format.UNBOUND] == [
        "server:",
        'local-zone: "a_b.x--y.example." always_nxdomain',
        'local-zone: "evil.example." always_nxdomain',
    ]
    sets = files[Format.NFTABLES]
    assert "add element inet kouprey edge_4 {\n198.51.100.0/24,\n203.0.113.7\n}" in sets
    assert sets.index("flush set inet kouprey edge_6") < sets.index("2001:db8::7")
    rule = (
        'drop dns $HOME_NET any -> any any (msg:"kouprey edge evil.example"; flow:to_server; dns.query; dotprefix;'
        ' content:".evil.example"; nocase; endswith; classtype:trojan-activity; rev:1; sid:1000000010;)'
    )
    assert rule in body[Format.SURICATA]
    assert (
        'drop ip $HOME_NET any <> [2001:db8:1::/48] any (msg:"kouprey edge 2001:db8:1::/48";'
        " classtype:trojan-activity; rev:1; sid:1000000002;)" in body[Format.SURICATA]
    )


@given(st.lists(VALUES, max_size=8))
def test_each_value_is_one_line_of_the_grammar(values: list[tuple[str, str]]) -> None:
    entries = [entry(*each) for each in values if is_writable(*each)]
    body = {form: data.decode("ascii").split("\n")[3:-1] for form, data in written(entries).items()}
    names = {each.text for each in entries if each.kind == "domain-name"}
    others = {each.text for each in entries} - names
    assert set(body[Format.NAMES]) == names and len(body[Format.NAMES]) == len(names)
    assert set(body[Format.ADDRESSES]) == others
    label = r"[a-z0-9_-]{1,63}"
    zone = rf"(\*\.)?{label}(\.{label})* CNAME \."
    assert all(re.fullmatch(zone, line) for line in body[Format.RPZ][3:])
    assert len(body[Format.RPZ]) == 3 + 2 * len(names) + len(others)
    assert all(
        re.fullmatch(rf'local-zone: "{label}(\.{label})*\." always_nxdomain', line) for line in body[Format.UNBOUND][1:]
    )
    rule = (
        r"drop (dns|tls) \$HOME_NET any -> any any \(msg:\"kouprey edge [a-z0-9._-]+\"; flow:to_server; (dns\.query|"
        r"tls\.sni); dotprefix; content:\"\.[a-z0-9._-]+\"; nocase; endswith; classtype:trojan-activity; rev:1;"
        r" sid:[0-9]{10};\)|drop ip \$HOME_NET any <> \[[0-9a-f.:/]+\] any \(msg:\"kouprey edge [0-9a-f.:/]+\";"
        r" classtype:trojan-activity; rev:1; sid:[0-9]{10};\)"
    )
    assert all(re.fullmatch(rule, line) for line in body[Format.SURICATA])
    sids = re.findall(r"sid:(\d+)", "\n".join(body[Format.SURICATA]))
    assert len(set(sids)) == len(sids) == 2 * len(names) + len(others)


@given(st.sampled_from(["domain-name", "ipv4-addr", "ipv6-addr", "ipv4-net", "ipv6-net", "url"]), ODD)
def test_nothing_odd_is_written(kind: str, text: str) -> None:
    if is_writable(kind, text):
        assert re.fullmatch(r"[a-z0-9._:/-]+", text)
        return
    with pytest.raises(Damaged):
        Listing(HEAD, [entry(kind, text)])


@given(st.ip_addresses(v=6))
def test_addresses_of_a_zone_read_back(address: object) -> None:
    text = str(address)
    zone = WRITERS[Format.RPZ](listing([entry("ipv6-addr", text)]))[0].decode().split("\n")[-2]
    bits, *parts = zone.removesuffix(".rpz-ip CNAME .").split(".")
    parts.reverse()
    if "zz" in parts:
        place = parts.index("zz")
        parts[place : place + 1] = ["0"] * (9 - len(parts))
    assert bits == "128" and ip_address(":".join(parts)) == address
    assert len(parts) == 8 and ip_network(text).prefixlen == 128


def test_a_number_names_a_rule_for_ever() -> None:
    one, two = entry("domain-name", "a.example"), entry("domain-name", "b.example")
    rules = WRITERS[Format.SURICATA]
    alone = rules(Listing(HEAD, [two], {"b.example": 7}))[0].decode()
    both = rules(Listing(HEAD, [one, two], {"a.example": 9, "b.example": 7}))[0].decode()
    assert f"sid:{FIRST + 7 * EACH};" in alone and f"sid:{FIRST + 7 * EACH};" in both
    assert set(alone.split("\n")[3:]) <= set(both.split("\n"))
