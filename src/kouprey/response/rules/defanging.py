"""Values written so that nothing opens them by a click, and people can still read them."""

from __future__ import annotations

import re

_SCHEME = re.compile(r"(?i)(ht|f)t(ps?)(?=://)")
_HASHES = frozenset({"md5", "sha1", "sha256", "sha512", "ssdeep", "tlsh", "imphash"})


def defang(kind: str, text: str) -> str:
    """`hxxp://203.0.113[.]7/x` of `http://203.0.113.7/x`; hashes and file names stay as they are.

    `kind` is that of the observable. Dots become [.], at signs [@], schemes hxxp and fxp, and colons of IPv6 [:].
    What was bracketed before is not bracketed twice.
    """
    if kind in _HASHES or kind.startswith("file"):
        return text
    plain = text.replace("[.]", ".").replace("[@]", "@").replace("[:]", ":")
    made = _SCHEME.sub(lambda found: ("hxx" if found[1].lower() == "ht" else "fx") + found[2].lower(), plain)
    made = made.replace(".", "[.]").replace("@", "[@]")
    return made.replace(":", "[:]") if kind == "ipv6-addr" else made
