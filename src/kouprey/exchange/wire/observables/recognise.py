"""What a text that somebody gives may be."""

from __future__ import annotations

import re

from kouprey.exchange.model import Observable
from kouprey.exchange.wire.observables.canonical import LONGEST, address, canonical
from kouprey.exchange.wire.observables.refang import refang

_HEX = re.compile(r"[0-9A-Fa-f]+|[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2})+", re.ASCII)
_BY_LENGTH = {32: "md5", 40: "sha1", 56: "sha224", 64: "sha256", 96: "sha384", 128: "sha512"}
# What nearly all texts of a batch are: an IPv4 address, a hash or a name in lower case, nothing about it to be undone.
_PLAIN = re.compile(
    r"((?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\.(?!\Z)|\Z)){4})"
    r"|([0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64})"
    r"|(?=.{1,253}\Z)(?:[a-z0-9_-]{1,63}\.)+([a-z][a-z0-9-]{1,62})",
    re.ASCII,
)
_FILE = re.compile(
    r"apk|app|bat|bin|bz2|cab|cfg|chm|cmd|conf|cpl|csv|dat|db|dll|dmg|docm?|docx|elf|exe|gif|gz|hta|html?|img|inf|ini"
    r"|iso|jar|jpg|jse?|json|lnk|log|lzh|md|msi|ocx|one|pdb|pdf|php|pif|png|pp[st]|pptm|pptx|ps1|psd|py|rar|reg|rtf|scr"
    r"|sh|sql|svg|swf|sys|tar|tgz|tmp|txt|url|vb[es]|vhd|war|wsf|xls[bmx]?|xml|xz|zip"
)
"""Endings of file names, some of which are domains too. `com` is not among them: those are domains."""
_AS = re.compile(r"asn?\s?[0-9]", re.ASCII | re.IGNORECASE)
_HIVE = re.compile(r"hk(?:ey_|lm|cu|cr|cc|u)[a-z_]*\\", re.ASCII | re.IGNORECASE)


def is_file_ending(ending: str) -> bool:
    """Whether names of files end so (lower case, without the dot)."""
    return _FILE.fullmatch(ending) is not None


def recognise(given: str) -> tuple[Observable, ...]:
    """Everything the text may be, likeliest first; () when it is nothing.

    Several where kinds share a form: `update.zip` is a domain name and the name of a file. Hashes are taken for SHA-2
    and older ones.
    """
    text = given.strip()
    plain = _PLAIN.fullmatch(text)
    if plain is not None:
        if plain.lastindex == 1:
            return (Observable("ipv4-addr", text),)
        if plain.lastindex == 2:
            return (Observable(_BY_LENGTH[len(text)], text),)
        if _FILE.fullmatch(plain[3]) is None:
            return (Observable("domain-name", text),)
    if not text or len(text) > LONGEST:
        return ()
    first = text[0]
    if first.isdigit() or first == "[" or ":" in text:
        found = address(text)
        if found is not None:
            return (found,)
    kinds = _kinds(text)
    return tuple(made for kind in kinds if (made := canonical(kind, text)) is not None)


def _kinds(text: str) -> tuple[str, ...]:
    plain = refang(text)
    if "://" in plain:
        return ("url",)
    if "@" in plain:
        return ("email-addr", "user-agent")
    if _HEX.fullmatch(text):
        digits = len(text.replace(":", ""))
        if digits in _BY_LENGTH:
            return (_BY_LENGTH[digits],)
        return ("mac-addr", "certificate-serial", "file-name", "mutex")
    if text[:4].upper() == "CVE-":
        return ("cve", "file-name")
    if _AS.match(text):
        return ("as-number", "domain-name", "file-name", "mutex")
    if _HIVE.match(text):
        return ("registry-key",)
    if ":" in text or "-" in text:
        return ("mac-addr", "ssdeep", "domain-name", "file-name", "mutex", "user-agent")
    if " " not in text and "." in text:
        ending = text.rpartition(".")[2].lower()
        return ("domain-name", "file-name", "mutex") if _FILE.fullmatch(ending) else ("domain-name", "mutex")
    return ("tlsh", "file-name", "mutex", "user-agent")
