"""Rules of Suricata 6 and later: questions for names, TLS to them, and traffic to and from addresses."""

from __future__ import annotations

from kouprey.protect.wire.listing import Listing

FIRST = 1_000_000_000
"""The sid of value number 0: beyond every range that is given out (sidallocation.org)."""
EACH = 2
"""Rules of one value at most; so many sids stand between two values."""
_FLOW = "classtype:trojan-activity; rev:1;"


def write_rules(listing: Listing) -> tuple[bytes, int]:
    """(the file, its entries). The sid of a rule follows from the number of its value, the same in every release."""
    number, shield = listing.numbers, listing.head.shield
    lines = [listing.head.lines("#")]
    for name in listing.names:
        sid = FIRST + EACH * number[name]
        says = f'msg:"kouprey {shield} {name}"; flow:to_server;'
        match = f'dotprefix; content:".{name}"; nocase; endswith; {_FLOW}'
        lines.append(
            f"drop dns $HOME_NET any -> any any ({says} dns.query; {match} sid:{sid};)\n"
            f"drop tls $HOME_NET any -> any any ({says} tls.sni; {match} sid:{sid + 1};)\n"
        )
    for text in (*listing.four, *listing.six):
        sid = FIRST + EACH * number[text]
        lines.append(f'drop ip $HOME_NET any <> [{text}] any (msg:"kouprey {shield} {text}"; {_FLOW} sid:{sid};)\n')
    return "".join(lines).encode("ascii"), len(listing)
