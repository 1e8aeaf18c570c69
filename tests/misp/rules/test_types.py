"""The table of attribute types is whole, and each row yields what it says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kouprey.misp.rules.types import TYPES

NAMES = (Path(__file__).with_name("types.txt")).read_text("utf-8").splitlines()
"""Every attribute type of MISP 2.5."""

FITTING = {
    "AS": "AS64500",
    "cpe": "cpe:2.3:a:vendor:product:1.0:*:*:*:*:*:*:*",
    "domain|ip": "host.example|198.51.100.7",
    "hostname|port": "host.example|443",
    "mac-address": "02-00-5E-10-00-00",
    "regkey": "HKLM\\Software\\It's",
    "regkey|value": "HKCU\\Software\\Run|C:\\a|b.exe",
    "stix2-pattern": "[ipv4-addr:value = '198.51.100.7']",
    "malware-sample": "a'b\\c.exe|d41d8cd98f00b204e9800998ecf8427e",
    "link": "https://blog.example/post",
    "port": "443",
    "size-in-bytes": "1024",
}


LENGTHS = {
    "MD5": 32,
    "'SHA-1'": 40,
    "'SHA-224'": 56,
    "'SHA-256'": 64,
    "'SHA-384'": 96,
    "'SHA-512'": 128,
    "'SHA3-224'": 56,
    "'SHA3-256'": 64,
    "'SHA3-384'": 96,
    "'SHA3-512'": 128,
}


def fitting(name: str) -> str:
    """A value of this type."""
    if name in FITTING:
        return FITTING[name]
    form = TYPES[name]
    values = []
    for path in form.paths:
        text = path.text
        if "hashes" in text:
            algorithm = text.partition("hashes.")[2]
            tlsh = "T1" + "AB" * 35 if algorithm == "TLSH" else "3:abc:def"
            values.append("ab" * (LENGTHS[algorithm] // 2) if algorithm in LENGTHS else tlsh)
        elif text.startswith(("email-addr", "email-message:from", "email-message:to")):
            values.append("o'hara@mail.example")
        elif text.startswith("domain-name"):
            values.append("host.example")
        elif text.startswith("ip-addr") or text.endswith("_ref.value"):
            values.append("2001:db8::7")
        elif text.endswith("port"):
            values.append("8443")
        elif text.startswith("url"):
            values.append("http://host.example/it's?a=b")
        else:
            values.append("it's a \\ 'value'")
    return "|".join(values) or "it's a \\ 'value'"


def test_every_type_of_misp_has_a_row(samples: Path) -> None:
    told = json.loads((samples / "describe" / "describeTypes.json").read_text("utf-8"))["result"]["types"]
    assert sorted(told) == sorted(NAMES)


def test_the_table_has_our_own_list_of_names() -> None:
    assert sorted(TYPES) == sorted(NAMES) and len(NAMES) == 194


@pytest.mark.parametrize("detect", [True, False])
def test_every_row_yields_what_it_says(misp: Any, detect: bool) -> None:
    for name, form in TYPES.items():
        seen = misp.see(misp.attribute("a", name, fitting(name), detect=detect))
        made = {value["type"] for value in seen.values if value["id"].endswith(misp.uuid("a"))}
        if form.kind in ("value", "trait"):
            wanted = {"indicator"} if detect else {"observed-data" if form.kind == "value" else "note"}
        elif form.kind == "rule":
            wanted = {"indicator"} if detect else {"note"}
        elif form.kind == "object":
            wanted = {form.name}
        elif form.kind == "content":
            wanted = {"indicator", "observed-data"} if detect else {"observed-data"}
        else:
            # A link that is to be detected is no mere reference.
            wanted = {"note"} if form.kind == "text" or detect else set()
        assert made == wanted, (name, fitting(name), seen.losses)
        lost = [loss for loss in seen.losses if loss.attribute == misp.uuid("a")]
        lost_kinds = {loss.what for loss in lost}
        assert lost_kinds == ({"to_ids"} if detect and form.kind in ("text", "object", "link") else set()), name
