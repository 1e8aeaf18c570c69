"""Cutting a stream of JSON into its objects without reading what is in them: exact bytes, flat memory."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from typing import NamedTuple

from kouprey.exchange.wire.window import Broken, Window

# Up to the next brace (bracket) outside strings; a string that has no end yet stops the match at its quote.
# No possessive groups: Python 3.11.2, that of Debian 12, loses its place in them. Nothing here is ambiguous, so that
# a failing match goes back over what it has read at most once. Other groups remember each repetition (some 60 bytes),
# so they repeat a limited number of times and the caller goes on from there.
_STRING_REST = rb'[^"\\\n]*+(?:\\.[^"\\\n]*+){0,100}'
_TO_BRACE = re.compile(rb'[^"{}]*+(?:"' + _STRING_REST + rb'"[^"{}]*+){0,1000}', re.DOTALL)
_TO_BRACKET = re.compile(rb'[^"{}\[\]]*+(?:"' + _STRING_REST + rb'"[^"{}\[\]]*+){0,1000}', re.DOTALL)
_IN_STRING = re.compile(_STRING_REST, re.DOTALL)
_SCALAR = re.compile(rb"[-+.0-9A-Za-z]*+")
# What is deeper than 64 levels is refused by its reader; this deep, its end is not even looked for.
_DEEPEST = 100_000
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_OPEN_BRACE, _CLOSE_BRACE, _OPEN, _CLOSE, _QUOTE, _COMMA, _COLON, _BACKSLASH = b'{}[]",:\\'


class Piece(NamedTuple):
    """One candidate of a stream: its bytes, or the code of the reason for which there are none."""

    offset: int
    line: int | None
    raw: bytes | None
    problem: str = ""


def pieces(window: Window, wrapped: bytes = b"objects") -> Iterator[Piece]:
    """The candidates of a bundle, envelope, array, single object or NDJSON; raises Broken where they cannot be told.

    `wrapped` is the key under which a wrapper has its list.

    The first value is read by its structure. If it stands on one line the rest is read line by line, so that one
    broken line costs one candidate; otherwise the rest too is read by structure.
    """
    line = _start(window)
    first = True
    while window.peek() != -1:
        try:
            one_line = yield from _value(window, line if first else None, wrapped)
        except Broken:
            if not first or not _could_be_lines(window):
                raise
            one_line = True
        if one_line:
            yield from _lines(window, line)
            return
        first = False


def members(window: Window) -> Iterator[Piece]:
    """The members of the one wrapper (bundle, envelope) a window holds."""
    window.peek()
    yield from _document(window, None, b"objects")


def _start(window: Window) -> int:
    """Pass a byte order mark and white space before the first value; the line (from 1) on which that one begins."""
    line = 1
    while len(window.data) < len(_BYTE_ORDER_MARK):
        # Kept for once, so that the mark can be seen whole.
        window.keep()
        if not window.more():
            break
    window.mark = None
    if window.data.startswith(_BYTE_ORDER_MARK):
        window.pos = len(_BYTE_ORDER_MARK)
    while True:
        rest = window.data[window.pos :].lstrip(b" \t\r\n")
        stop = len(window.data) - len(rest)
        line += window.data.count(b"\n", window.pos, stop)
        window.pos = stop
        if rest or not window.more():
            return line


def _could_be_lines(window: Window) -> bool:
    """After a failure in the first value: go back and say whether that may be one bad line among others."""
    if window.mark is None or not window.strict:
        # Members of it have been given already, so it was no line.
        return False
    window.pos, window.mark = window.mark, None
    end = window.data.find(b"\n", window.pos)
    return end == -1 or window.data[end : end + 4096].lstrip()[:1] in (b"", b"{")


def _lines(window: Window, line: int) -> Iterator[Piece]:
    """Each line that is not blank, from the rest of this one on, whose number is `line`."""
    while True:
        offset = window.offset
        window.keep()
        end = window.data.find(b"\n", window.pos)
        while end == -1:
            window.pos = len(window.data)
            if not window.more():
                break
            end = window.data.find(b"\n", window.pos)
        window.pos = end if end != -1 else len(window.data)
        raw = window.take()
        if raw is None:
            yield Piece(offset, line, None, "too-large")
        elif body := raw.strip(b" \t\r"):
            yield Piece(offset + raw.index(body[:1]), line, body)
        if end == -1:
            return
        window.pos += 1
        line += 1


def _value(window: Window, line: int | None, wrapped: bytes) -> Generator[Piece, None, bool]:
    """One value of the top level; True when it was an object on one line."""
    byte = window.peek()
    if byte == _OPEN:
        window.pos += 1
        yield from _array(window)
        return False
    if byte == _OPEN_BRACE:
        return (yield from _document(window, line, wrapped))
    window.keep(strict=True)
    raise Broken(window.offset, "Neither an object nor an array begins here.")


def _array(window: Window) -> Iterator[Piece]:
    """The members after an opening bracket, up to and with the closing one."""
    byte = window.peek()
    if byte == _CLOSE:
        window.pos += 1
        return
    while True:
        offset = window.offset
        if byte == _OPEN_BRACE:
            window.keep()
            _pass_container(window, _TO_BRACE)
            raw = window.take()
            yield Piece(offset, None, raw, "" if raw is not None else "too-large")
        else:
            _pass_value(window, byte)
            yield Piece(offset, None, None, "bad-type")
        if not _goes_on(window, _CLOSE):
            return
        byte = window.peek()


def _document(window: Window, line: int | None, wrapped: bytes) -> Generator[Piece, None, bool]:
    """An object of the top level: the members of its `wrapped`, or itself. True when itself, on one line."""
    offset = window.offset
    window.keep(strict=True)
    window.pos += 1
    names: dict[bytes, bytes] = {}
    wrapper = False
    on = window.peek() != _CLOSE_BRACE
    window.pos += not on
    while on:
        if window.peek() != _QUOTE:
            raise Broken(window.offset, "A key was expected.")
        key = _string(window)
        if window.peek() != _COLON:
            raise Broken(window.offset, "A colon was expected.")
        window.pos += 1
        byte = window.peek()
        if key == wrapped and byte == _OPEN and _may_wrap(names):
            if wrapper:
                raise Broken(window.offset, "The list of objects is given twice.")
            wrapper, window.mark = True, None
            window.pos += 1
            yield from _array(window)
        else:
            text = _pass_value(window, byte)
            if key in (b"type", b"id"):
                names[key] = text
        on = _goes_on(window, _CLOSE_BRACE)
    if wrapper:
        return False
    raw = window.take()
    one_line = raw is not None and b"\n" not in raw
    yield Piece(offset, line if one_line else None, raw, "" if raw is not None else "too-large")
    return one_line


def _may_wrap(names: dict[bytes, bytes]) -> bool:
    """False when type or id, read before `objects`, say that this is an object with a list of that name."""
    return names.get(b"type", b"bundle") == b"bundle" and names.get(b"id", b"bundle--").startswith(b"bundle--")


def _goes_on(window: Window, close: int) -> bool:
    """Pass a comma (True) or the closing byte (False)."""
    byte = window.peek()
    if byte not in (_COMMA, close):
        raise Broken(window.offset, "The data ends too early." if byte == -1 else "A comma or an end was expected.")
    window.pos += 1
    return byte == _COMMA


def _pass_value(window: Window, byte: int) -> bytes:
    """Pass the value that begins with `byte`; the inside of a string, else nothing."""
    if byte == _QUOTE:
        return _string(window)
    if byte in (_OPEN_BRACE, _OPEN):
        _pass_container(window, _TO_BRACKET)
        return b""
    begin = window.offset
    while True:
        found = _SCALAR.match(window.data, window.pos)
        window.pos = found.end() if found else window.pos
        if window.pos < len(window.data) or not window.more():
            break
    if window.offset == begin:
        raise Broken(begin, "The data ends too early." if byte == -1 else "A value was expected.")
    return b""


def _pass_container(window: Window, to_stop: re.Pattern[bytes]) -> None:
    """Pass an object or array by counting its braces (and brackets, if `to_stop` stops there)."""
    data, pos, depth, match = window.data, window.pos, 0, to_stop.match
    while True:
        found = match(data, pos)
        pos = found.end() if found else pos
        if pos >= len(data):
            window.pos = pos
            if not window.more():
                raise Broken(window.offset, "The data ends too early.")
            data, pos = window.data, window.pos
            continue
        byte = data[pos]
        if byte == _QUOTE:
            window.pos = pos
            _pass_string(window)
            data, pos = window.data, window.pos
            continue
        pos += 1
        if byte in (_OPEN_BRACE, _OPEN):
            depth += 1
            if depth > _DEEPEST:
                window.pos = pos
                raise Broken(window.offset, f"It is nested deeper than {_DEEPEST:,} levels.")
        else:
            depth -= 1
            if depth == 0:
                window.pos = pos
                return


def _string(window: Window) -> bytes:
    """Pass a string; the bytes between its quotes, or nothing if there are more than the limit."""
    begin = window.offset + 1
    lent = window.mark is None
    if lent:
        window.keep()
    _pass_string(window)
    inside = window.data[begin - window.base : window.pos - 1] if begin >= window.base else b""
    if lent:
        window.mark = None
    return inside


def _pass_string(window: Window) -> None:
    window.pos += 1
    while True:
        found = _IN_STRING.match(window.data, window.pos)
        window.pos = found.end() if found else window.pos
        if window.pos < len(window.data):
            byte = window.data[window.pos]
            if byte == _QUOTE:
                window.pos += 1
                return
            if byte != _BACKSLASH:
                raise Broken(window.offset, "A line ends inside a string.")
            if window.pos + 1 < len(window.data):
                # More escapes than one match takes.
                continue
        if not window.more():
            raise Broken(window.offset, "The data ends inside a string.")
