"""How shields are told of."""

from __future__ import annotations

from kouprey.kernel.web.language import mark
from kouprey.protect.model import Ask, Format, Part, State, Why

PARTS = {Part.NAMES: mark("names"), Part.ADDRESSES: mark("addresses and networks")}
FORMATS = {
    Format.NAMES: mark("Names, one a line"),
    Format.ADDRESSES: mark("Addresses and networks, one a line"),
    Format.RPZ: mark("Response policy zone"),
    Format.UNBOUND: mark("Local zones of Unbound"),
    Format.NFTABLES: mark("Sets of nftables"),
    Format.SURICATA: mark("Rules of Suricata"),
}
STATES = {
    State.WAITING: (mark("awaits approval"), "warn"),
    State.CURRENT: (mark("in force"), "good"),
    State.PAST: (mark("earlier"), "idle"),
    State.REFUSED: (mark("refused"), "idle"),
    State.FAILED: (mark("cannot be read"), "bad"),
}
ASKS = {
    Ask.FIRST: mark("It is the first list of this shield."),
    Ask.GROWTH: mark("More comes at once than may come without an approval."),
    Ask.CANARY: mark("What comes would have blocked more of your own traffic than may be without an approval."),
}
WHYS = {
    Why.UNSAFE: mark("It cannot be written so that it means nothing but itself."),
    Why.LONG: mark("The name is too long for a zone."),
    Why.SUFFIX: mark("It is the root, a top-level domain, or holds up the names of all."),
    Why.RESERVED: mark("It is an address of special purpose: private, reserved, multicast, or a root server."),
    Why.WIDE: mark("The network is wider than a list may block."),
    Why.OWN: mark("It is ours, a partner's, or of somebody we host."),
    Why.NEVER: mark("It is never to be blocked."),
    Why.PARENT: mark("It is above a name that is never to be blocked."),
    Why.COVERS: mark("The network holds an address that is never to be blocked."),
    Why.WARNED: mark("A public list warns of blocking it, and nobody insists."),
    Why.BARRED: mark("Its PAP, its purposes or its agreement do not let it be used to block."),
}
SHORT = {
    Why.UNSAFE: mark("not writable"),
    Why.LONG: mark("too long"),
    Why.SUFFIX: mark("root or suffix"),
    Why.RESERVED: mark("reserved"),
    Why.WIDE: mark("too wide"),
    Why.OWN: mark("ours or a partner's"),
    Why.NEVER: mark("never to be blocked"),
    Why.PARENT: mark("above such a name"),
    Why.COVERS: mark("holds such an address"),
    Why.WARNED: mark("warned of"),
    Why.BARRED: mark("not to be used so"),
}
