"""One text for all the ways in which the same words are written, so that a claim is found again after forwarding.

Two texts are the same here when a reader could not tell them apart, or only by punctuation, case, or what programs add.
Nothing that carries meaning is folded: digits keep their value, signs such as % and + stay, and no word is dropped.
"""

from __future__ import annotations

import re
import unicodedata

_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
"""What no reader sees: joiners, marks of direction, soft hyphens, variation selectors, inherent vowels of Khmer."""
_URL = re.compile(r"(?:https?://|www\.)[!-~]+", re.IGNORECASE)
_PARTS = re.compile(
    r"(?:https?://)?(?:[^/?#@\s]*@)?([a-z0-9.-]+)(?::(\d{1,5}))?((?:/[^?#\s]*)?)(?:\?([^#\s]*))?(?:#\S*)?",
    re.ASCII | re.IGNORECASE,
)
_TRACKING = re.compile(
    r"(?:utm_.*|mtm_.*|pk_.*|_ga|_gl|fbclid|gclid|dclid|gbraid|wbraid|msclkid|yclid|twclid|ttclid|igsh|igshid|mc_cid"
    r"|mc_eid|mkt_tok|ref_src|ref_url|si|spm|_hsenc|_hsmi|vero_id|wt_mc|xtor|_branch_match_id|mibextid|share_id)",
    re.IGNORECASE,
)
"""Parameters by which platforms follow a forwarded address; none of them changes what is shown."""
_ENDS = ".,;:!?'\")]}>*_"
_KHMER = "\u1780-\u17d3\u17dd"
_GAP = re.compile(f"(?<=[{_KHMER}]) +(?=[{_KHMER}])")
_CLUSTER = re.compile("([\u1780-\u17b3])((?:\u17d2[\u1780-\u17b3]|[\u17b6-\u17d1\u17d3\u17dd])+)")
_PART = re.compile("\u17d2[\u1780-\u17b3]|[\u17b6-\u17d1\u17d3\u17dd]")
_ALIKE = (("\u17d2\u178a", "\u17d2\u178f"), ("\u17c1\u17b8", "\u17be"), ("\u17c1\u17b6", "\u17c4"))
"""Sequences of Khmer that look the same in every font: subscript DA and TA, and vowels typed in two halves."""
_ROUNDS = 8


def normal_text(text: str) -> str:
    """The one form of a text; applied again it changes nothing."""
    for _ in range(_ROUNDS):
        # A step can lay open what an earlier one would have folded, such as an address behind an unseen letter.
        if (again := _once(text)) == text:
            break
        text = again
    return text


def normal_url(url: str) -> str:
    """The one form of a web address: no protocol, no www, no tracking, no fragment; "" for what is none."""
    parts = _PARTS.fullmatch(url)
    if parts is None:
        return ""
    host, port, path, query = parts[1].lower().rstrip("."), parts[2] or "", parts[3].rstrip("/" + _ENDS), parts[4] or ""
    while host.startswith("www."):
        host = host[4:]
    kept = sorted(each for each in query.split("&") if each and not _TRACKING.fullmatch(each.partition("=")[0]))
    place = f":{port}" if port.lstrip("0") not in ("", "80", "443") else ""
    return f"https://{host}{place}{path}" + (f"?{'&'.join(kept)}" if kept else "") if host else ""


def order_khmer(text: str) -> str:
    """Clusters of Khmer in one order: robat, shifter, subscripts with RO last, vowels, signs.

    Keyboards let subscripts and vowels be typed in several orders that look the same and that Unicode's own
    normalisation keeps apart (Unicode 15, section 16.4, gives the order of a cluster).
    """
    for wrong, right in _ALIKE:
        text = text.replace(wrong, right)
    ordered = _CLUSTER.sub(lambda hit: hit[1] + "".join(sorted(_PART.findall(hit[2]), key=_place)), text)
    # Two halves of a vowel may have met only now.
    for wrong, right in _ALIKE:
        ordered = ordered.replace(wrong, right)
    return ordered


def addresses_in(text: str) -> list[str]:
    """The web addresses in a text, each in its one form."""
    return [url for each in _URL.findall(_UNSEEN.sub("", text)) if (url := normal_url(each.rstrip(_ENDS)))]


def _place(part: str) -> tuple[int, str]:
    first = part[0]
    if first == "\u17cc":
        return 0, ""
    if first in "\u17c9\u17ca":
        return 1, ""
    if first == "\u17d2":
        return (3 if part[1] == "\u179a" else 2), part
    return (4, part) if "\u17b6" <= first <= "\u17c5" else (5, part)


def _once(text: str) -> str:
    text = order_khmer(unicodedata.normalize("NFC", _UNSEEN.sub("", text)))
    parts: list[str] = []
    end = 0
    for hit in _URL.finditer(text):
        found = hit[0].rstrip(_ENDS)
        if url := normal_url(found):
            parts += [_folded(text[end : hit.start()]), url]
            end = hit.start() + len(found)
    parts.append(_folded(text[end:]))
    return _GAP.sub("", " ".join(" ".join(parts).split()))


def _folded(text: str) -> str:
    """Case, digits and punctuation as one; per mille, percent and signs of mathematics and money stay."""
    return "".join(map(_letter, unicodedata.normalize("NFC", text.casefold())))


def _letter(char: str) -> str:
    kind = unicodedata.category(char)
    if kind == "Nd":
        return str(unicodedata.digit(char))
    if kind[0] == "Z" or kind == "Cc" or (kind[0] == "P" and char not in "%‰"):
        return " "
    return char
