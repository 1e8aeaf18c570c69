"""Undoing what stands between a text and its values: markup, entities, transport, and everything that defangs."""

from __future__ import annotations

import html
import re

from kouprey.exchange.wire.texts.flow import Flow, Span

_INLINE = "abbr|b|bdi|code|em|font|i|mark|o:p|s|small|span|strong|sub|sup|u|wbr"
_BLOCK = (
    "!doctype|a|article|aside|base|blockquote|body|br|button|caption|center|dd|div|dl|dt|embed|footer|form|h[1-6]|head"
    "|header|hr|html|iframe|img|input|kbd|label|li|link|main|meta|nav|object|ol|option|p|pre|samp|script|section"
    "|select|source|style|summary|table|tbody|td|textarea|tfoot|th|thead|time|title|tr|tt|ul|var|video"
)
_TAG = re.compile(rf"</?(?:({_INLINE})|{_BLOCK})(?:\s[^<>]*)?/?>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"=\s?(?:\"([^\"<>]*)\"|'([^'<>]*)')")
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z]{2,8});")
_QUOTED = re.compile(r"=(?:\r?\n|[2-7][0-9A-F])")
_WRAPPED = re.compile(r"(?<=<)h(?:tt|xx|XX|\*\*)ps?:[^<>]{1,2000}(?=>)")
_BREAK = re.compile(r"[ \t]*\r?\n[ \t]*")

_FANGS = re.compile(
    r"""
    (?P<hive>(?<![A-Za-z0-9])HK(?:EY_[A-Z_]{4,20}|LM|CU|CR|CC|U)\\[^\s"<>|]{1,300})
  | (?<![A-Za-z0-9])(?P<fake>h(?:xx|XX|\*\*|__|tx|xt)ps?|HXXPS?|[fF]xps?|meows?)(?=[ ]?(?:[\[({]?:|\[))
  | [ ]{0,2}[\[({<]{1,2}[ ]?(?P<held>\.|dot|DOT|Dot|://|//|:|/|@|at|AT|At)[ ]?[\])}>]{1,2}[ ]{0,2}
  | (?P<dot>\[\.(?=[A-Za-z0-9])|(?<=[A-Za-z0-9])\.\](?=[A-Za-z0-9])|(?<=[A-Za-z0-9])\\\.(?=[A-Za-z0-9]))
  | (?P<stroke>(?<=[:/A-Za-z0-9-])\\/|(?<=ttp:)\\\\|(?<=ttps:)\\\\|(?<=xxp:)\\\\|(?<=xxps:)\\\\)
  | (?<=[A-Za-z0-9])[ ]{1,2}(?P<said>dot|DOT|Dot)[ ]{1,2}(?=[A-Za-z0-9])
  | (?<=[A-Za-z0-9])[ ]{1,2}(?P<told>at|AT|At)[ ]{1,2}(?=[A-Za-z0-9-]{1,63}[ ]{1,2}(?:dot|DOT|Dot)[ ])
  | (?P<gap>(?<=://)[ ](?=[A-Za-z0-9])|[\u00ad\u200b\u2060\ufeff])
    """,
    re.VERBOSE,
)
_WORDS = {"dot": ".", "at": "@"}


def decoded(raw: bytes) -> str:
    """The text of a file: UTF-16 where it says so, else UTF-8, else Latin-1, in which every byte is a letter."""
    try:
        return raw.decode("utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def undone(text: str) -> Flow:
    """The text as it works, with its way back; linear in its length."""
    flow = Flow(text)
    if "<" in text:
        flow = flow.rewrite(_TAG, _without_tag).rewrite(_WRAPPED, _unwrapped)
    if "&" in text:
        flow = flow.rewrite(_ENTITY, lambda found: html.unescape(found[0]))
    if "quoted-printable" in text.lower():
        flow = flow.rewrite(_QUOTED, lambda found: "" if "\n" in found[0] else chr(int(found[0][1:], 16)))
    return flow.rewrite(_FANGS, _plain)


def _without_tag(found: re.Match[str]) -> list[str | Span]:
    """Nothing of a tag but the addresses in it; what only changes the look of letters parts no word."""
    kept: list[str | Span] = []
    for attribute in _ATTRIBUTE.finditer(found[0]):
        group = 1 if attribute[1] is not None else 2
        if ":" in attribute[group]:
            begin, end = attribute.span(group)
            kept += [" ", (found.start() + begin, found.start() + end)]
    return [*kept, " "] if kept or not found[1] else [""]


def _unwrapped(found: re.Match[str]) -> list[str | Span]:
    """An address between angle brackets may be broken into lines (RFC 3986, appendix C)."""
    kept: list[str | Span] = []
    last = found.start()
    for each in _BREAK.finditer(found[0]):
        kept.append((last, found.start() + each.start()))
        last = found.start() + each.end()
    return [*kept, (last, found.end())]


def _plain(found: re.Match[str]) -> str:
    match found.lastgroup:
        case "hive":
            # Its backslashes are its own.
            return found[0]
        case "fake":
            word = found[0].lower()
            return ("ftp" if word[0] == "f" else "http") + ("s" if word[-1] == "s" else "")
        case "held":
            return _WORDS.get(found["held"].lower(), found["held"])
        case "dot" | "said":
            return "."
        case "told":
            return "@"
        case "stroke":
            return "/" if found[0] == "\\/" else "//"
    return ""
