"""What nobody may block by a list: addresses of special purpose, and the root of the names."""

from __future__ import annotations

SPECIAL = (
    *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24"),
    *("192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4"),
    *("::/3", "2001::/23", "2002::/16", "4000::/2", "8000::/1"),
)
"""The IANA registries of special-purpose addresses (RFC 6890, RFC 8190), multicast, and IPv6 outside 2000::/3.

Networks for documentation (RFC 5737, RFC 3849) are not among them: nobody is there, and rehearsals block them.
"""

ROOTS = (
    *("198.41.0.4", "170.247.170.2", "192.33.4.12", "199.7.91.13", "192.203.230.10", "192.5.5.241", "192.112.36.4"),
    *("198.97.190.53", "192.36.148.17", "192.58.128.30", "193.0.14.129", "199.7.83.42", "202.12.27.33"),
    *("2001:503:ba3e::2:30", "2801:1b8:10::b", "2001:500:2::c", "2001:500:2d::d", "2001:500:a8::e", "2001:500:2f::f"),
    *("2001:500:12::d0d", "2001:500:1::53", "2001:7fe::53", "2001:503:c27::2:30", "2001:7fd::1", "2001:500:9f::42"),
    "2001:dc3::35",
)
"""The root servers (IANA root hints, November 2023)."""

WIDEST = {4: 16, 6: 32}
"""Version of IP -> bits of the widest network that is listed."""

ROOT_NAMES = ("root-servers.net", "arpa")
"""Names whose zones hold up all others; whatever is below them is spared too."""
_STATE = ("gov", "go", "gob", "gouv", "mil")


def national_names(home: str) -> tuple[str, ...]:
    """Names of the state in the country of a party, told by the code at the end of its id; () where there is none."""
    code = home.rpartition(".")[2]
    return tuple(f"{each}.{code}" for each in _STATE) if len(code) == 2 else ()
