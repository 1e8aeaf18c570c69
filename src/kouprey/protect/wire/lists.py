"""Public lists of what must not be blocked: those of MISP (CC0), as pymispwarninglists brings them.

Which of them are never blocked, which are warned of, and which are left aside, and why: docs/decisions/0018-shields.md.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

import msgspec

from kouprey.protect.rules.allowing import Spared

NEVER = (
    *("tlds", "second-level-tlds", "rfc6761", "public-dns-v4", "public-dns-v6", "public-dns-hostname"),
    *("captive-portals", "crl-hostname", "crl-ip", "umbrella-blockpage-hostname", "umbrella-blockpage-v4"),
    "umbrella-blockpage-v6",
)
"""Folders of lists whose values are never listed."""
WARNED = (
    *("tranco10k", "cisco_top20k", "majestic_million", "moz-top500", "alexa", "google", "microsoft"),
    *("microsoft-office365", "microsoft-office365-ip", "microsoft-win10-connection-endpoints", "bank-website"),
    *("university_domains", "url-shortener", "link-in-bio", "lots-project", "dynamic-dns", "public-ipfs-gateways"),
    *("automated-malware-analysis", "security-provider-blogpost", "whats-my-ip", "cloudflare", "akamai", "fastly"),
    *("stackpath", "github", "apple", "wikimedia", "zscaler", "smtp-receiving-ips", "smtp-sending-ips"),
    *("google-gmail-sending-ips", "googlebot", "sinkholes", "parking-domain", "parking-domain-ns"),
)
"""Folders of lists whose values are listed when somebody insists."""


class _List(msgspec.Struct, rename={"values": "list"}):
    name: str
    values: list[str]


@lru_cache(maxsize=2)
def _spared(folders: tuple[str, ...]) -> Spared:
    made = Spared()
    decoder = msgspec.json.Decoder(_List)
    for folder in folders:
        path = files("pymispwarninglists").joinpath("data", "misp-warninglists", "lists", folder, "list.json")
        read = decoder.decode(path.read_bytes())
        for text in read.values:
            made.add(text, read.name)
    return made


def never() -> Spared:
    """What is never listed; read once, when a shield is first made."""
    return _spared(NEVER)


def warned() -> Spared:
    """What is listed only when somebody insists; read once."""
    return _spared(WARNED)
