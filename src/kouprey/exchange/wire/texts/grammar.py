"""What values look like in running text: one regular expression, each part of it bounded."""

from __future__ import annotations

import re
from functools import cache

# Letters, digits and marks of all scripts in which names are written; no punctuation of any.
_ANY = (
    r"A-Za-z0-9_\-\u00c0-\u024f\u0370-\u1fff\u2c00-\u2dff\u3005-\u3007\u3041-\ud7ff\uf900-\ufdcf"
    r"\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\uff66-\uffdc"
)
_DOT = r"[.\u3002\uff0e\uff61]"
_NAME = r"(?:[A-Za-z0-9_][A-Za-z0-9_-]{0,62}\.){1,40}[A-Za-z0-9][A-Za-z0-9-]{1,62}"
_FOREIGN = rf"(?:[{_ANY}]{{1,63}}{_DOT}){{1,40}}[{_ANY}]{{2,63}}"
_SCHEMES = "https?|ftps?|sftp|wss?|ldaps?|smb|ssh|tcp|udp|rdp|irc|mqtt"
# What ends an address in running text: quotes, strokes, and the scripts that set no blank between words.
_NOT_IN_URL = (
    r"\s<>\"`{}|\\^\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3000-\u9fff\uff00-\uffef\u2018-\u201f\u00ab\u00bb\u2026"
)
_NEXT_URL = rf"(?:{_SCHEMES})://"

URL = rf"""
    (?<![A-Za-z0-9+.-])(?P<url>(?:{_SCHEMES})://
    (?:[A-Za-z0-9._~%!$&*+=:-]{{1,100}}@)?
    (?P<host>\[[0-9A-Fa-f:.]{{2,45}}\]|[{_ANY}.%\u3002\uff0e\uff61]{{1,253}})(?::[0-9]{{1,5}})?
    (?:[/?\#](?:\[[^{_NOT_IN_URL}\[\]()]{{0,100}}\]|\([^{_NOT_IN_URL}\[\]()]{{0,200}}\)
        |[^{_NOT_IN_URL}\[\](),;]|[,;](?!\s|{_NEXT_URL})){{0,4000}})?)
"""
MAIL = rf"(?<![A-Za-z0-9_.%+-])(?P<mail>[A-Za-z0-9_][A-Za-z0-9_.%+-]{{0,63}}@(?:{_NAME}|{_FOREIGN}))"
IPV6 = r"""
    (?<![A-Za-z0-9_:.])(?P<ipv6>(?:[0-9A-Fa-f]{0,4}:){3,7}
    (?:[0-9A-Fa-f]{1,4}|(?:[0-9]{1,3}\.){3}[0-9]{1,3})?(?:/[0-9]{1,3})?)(?![A-Za-z0-9_:])
"""
IPV4 = r"""
    (?<![0-9A-UW-Za-uw-z_.-])(?P<ipv4>(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?:/[0-9]{1,2}(?![0-9/]))?)
    (?![A-Za-z0-9_-]|\.[0-9])
"""
MAC = r"""
    (?<![A-Za-z0-9:-])(?P<mac>(?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}|(?:[0-9A-Fa-f]{2}-){5}[0-9A-Fa-f]{2})
    (?![A-Za-z0-9:-])
"""
HASH = r"(?<![A-Za-z0-9_])(?P<hash>[0-9A-Fa-f]{32,128})(?![A-Za-z0-9_])"
FUZZY = r"""
    (?<![A-Za-z0-9:/+])(?P<ssdeep>[0-9]{1,10}:[A-Za-z0-9/+]{6,64}:[A-Za-z0-9/+]{3,64})(?![A-Za-z0-9:/+])
  | (?<![A-Za-z0-9])(?P<tlsh>T1[0-9A-F]{70})(?![A-Za-z0-9])
"""
NUMBERS = r"""
    (?<![A-Za-z0-9])(?P<cve>CVE[-\u2010-\u2013][0-9]{4}[-\u2010-\u2013][0-9]{4,19})(?![0-9])
  | (?<![A-Za-z0-9])(?P<asn>AS[0-9]{1,10}|ASN[ ]?[0-9]{1,10})(?![A-Za-z0-9])
"""
REGISTRY = r"""
    (?<![A-Za-z0-9])(?P<registry>HK(?:EY_[A-Z_]{4,20}|LM|CU|CR|CC|U)
    (?:\\[^\\\r\n\t"<>|:]{1,60}(?=\\)){0,30}\\[^\\\s"<>|,;:()]{1,255})
"""
NAMES = rf"""
    (?<![A-Za-z0-9_.@-])(?P<name>{_NAME})(?![A-Za-z0-9_-]|{_DOT}[{_ANY}])
  | (?<![{_ANY}.@])(?P<foreign>{_FOREIGN})(?!{_DOT}?[{_ANY}])
"""
# Behind a name: where on the host, which is not a value of its own.
TAIL = re.compile(rf"(?::[0-9]{{1,5}})?(?:/[^{_NOT_IN_URL}\[\](),;]{{0,2000}})?")


@cache
def values() -> re.Pattern[str]:
    """All of them. Compiled when first asked for: it takes a tenth of a second, which most commands need not spend."""
    parts = (URL, MAIL, MAC, IPV6, IPV4, HASH, FUZZY, NUMBERS, REGISTRY, NAMES)
    return re.compile("|".join(parts), re.VERBOSE | re.IGNORECASE)
