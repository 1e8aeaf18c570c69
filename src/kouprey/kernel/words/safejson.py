"""The safe JSON door: bytes in, a value every reader understands alike, or Damaged.

JSON leaves room for texts that two programs read differently: duplicate keys, numbers beyond a double, half a
surrogate pair. What we judge must be what the next reader sees, so such texts are refused (RFC 7493, I-JSON).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NoReturn

import msgspec

from kouprey.kernel.words.errors import Damaged

MAX_DEPTH = 64
"""Arrays and objects inside each other; the outermost is level 1."""

MAX_VALUES = 200_000
"""Values of one text, containers included: a few bytes each as written, a hundred in memory."""

MAX_INTEGER = 2**53 - 1
"""The largest integer a double holds exactly, hence every JSON reader (RFC 7493 section 2.2)."""

_WHY = {
    "not-utf-8": "The bytes are not UTF-8.",
    "byte-order-mark": "The text begins with a byte order mark.",
    "malformed": "The text is not well-formed JSON (RFC 8259).",
    "duplicate-key": "An object has the same key twice, so two readers could see two different values.",
    "not-a-number": "NaN and Infinity are not JSON.",
    "integer-range": "An integer is beyond ±(2^53-1), where readers begin to round.",
    "number-range": "A number is too large for a double.",
    "lone-surrogate": "A string holds half of a surrogate pair, which is no character.",
    "nul": "A string holds the character U+0000, which databases cannot keep.",
    "too-deep": f"It is nested deeper than {MAX_DEPTH} levels.",
    "too-many": f"It holds more than {MAX_VALUES:,} values.",
}

_DIGITS_TO_0 = bytes(0x30 if 0x30 <= byte <= 0x39 else byte for byte in range(256))
_SIXTEEN_DIGITS = b"0" * 16
# The inside of a string ends at an escape, or at its quote: a group that repeats would remember each repetition.
_TOKEN = re.compile(rb'"|[{}\[\],:]|[^\s{}\[\],:"]+')
_INSIDE = re.compile(rb'[^"\\]*')
_SURROGATE = re.compile("[\ud800-\udfff]")
_INTEGER = re.compile(rb"-?\d+")
_fast = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode
_encode_sorted = msgspec.json.Encoder(order="deterministic").encode


def decode(raw: bytes) -> Any:
    """The value of one JSON text; raises Damaged `unsafe-json`, detail `offset` (bytes) and `reason`.

    The quick reading is taken only when cheap counts prove that nothing is wrong; every doubt goes to the exact one.
    """
    if len(raw) > MAX_VALUES and _too_many(raw):
        _refuse("too-many", _locate(raw, "too-many"))
    try:
        value = _fast(raw)
        colons = _encode(value).count(b":")
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return decode_exactly(raw)
    if b"\\u00" in raw and (b"\\u0000" in raw or b"\\u003a" in raw or b"\\u003A" in raw):
        return decode_exactly(raw)
    # A key given twice is kept once, so writing the value again yields fewer colons; colons inside strings are
    # written as they were read, for the only escape that could hide one was sent away above.
    if raw.count(b":") != colons or _SIXTEEN_DIGITS in raw.translate(_DIGITS_TO_0):
        return decode_exactly(raw)
    if raw.count(b"{") + raw.count(b"[") > MAX_DEPTH and _deeper(value, MAX_DEPTH):
        return decode_exactly(raw)
    return value


def decode_exactly(raw: bytes) -> Any:
    """The same verdicts as `decode`, by the plain road: slower, and able to say where the fault is."""
    if len(raw) > MAX_VALUES and _too_many(raw):
        _refuse("too-many", _locate(raw, "too-many"))
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        _refuse("not-utf-8", error.start)
    if text.startswith("\ufeff"):
        _refuse("byte-order-mark", 0)
    try:
        value = json.loads(
            text, object_pairs_hook=_pairs, parse_int=_integer, parse_float=_float, parse_constant=_constant
        )
    except _Unsafe as error:
        _refuse(error.reason, _locate(raw, error.reason))
    except json.JSONDecodeError as error:
        _refuse("malformed", _bytes_before(text, error.pos))
    except RecursionError:
        _refuse("too-deep", _locate(raw, "too-deep"))
    if _deeper(value, MAX_DEPTH):
        _refuse("too-deep", _locate(raw, "too-deep"))
    # Half a pair and U+0000 can only be written as escapes.
    if "\\u" not in text:
        return value
    del text
    if reason := _unsafe_string(value):
        # What was read may be large, and is read again to say where.
        del value
        _refuse(reason, _locate(raw, reason))
    return value


def canonical(value: Any) -> bytes:
    """Bytes that are equal exactly when two values from `decode` are the same JSON.

    Keys are sorted and 1, 1.0 and 1e0 are one number; true is not 1. For comparing only, never to send.
    """
    return _encode_sorted(_numbers_alike(value))


class _Unsafe(Exception):
    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def _refuse(reason: str, offset: int) -> NoReturn:
    raise Damaged(
        "The JSON cannot be read safely.",
        f"{_WHY[reason]} (byte {offset})",
        "Ask the sender to write it as I-JSON (RFC 7493).",
        code="unsafe-json",
        detail={"offset": offset, "reason": reason},
    )


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise _Unsafe("duplicate-key")
    return made


def _integer(text: str) -> int:
    # The length first: Python refuses to convert thousands of digits.
    if len(text) > 17 or abs(value := int(text)) > MAX_INTEGER:
        raise _Unsafe("integer-range")
    return value


def _float(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise _Unsafe("number-range")
    return value


def _constant(text: str) -> NoReturn:
    raise _Unsafe("not-a-number")


def _deeper(value: Any, levels: int) -> bool:
    """True when containers reach deeper than `levels`."""
    if isinstance(value, dict):
        return levels == 0 or any(_deeper(inner, levels - 1) for inner in value.values())
    if isinstance(value, list):
        return levels == 0 or any(_deeper(inner, levels - 1) for inner in value)
    return False


def _unsafe_string(value: Any) -> str:
    for string in _strings(value):
        if "\0" in string:
            return "nul"
        if _SURROGATE.search(string):
            return "lone-surrogate"
    return ""


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)


def _numbers_alike(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: _numbers_alike(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_numbers_alike(inner) for inner in value]
    return value


def _bytes_before(text: str, index: int) -> int:
    return sum(len(text[at : min(at + 65_536, index)].encode()) for at in range(0, index, 65_536))


def _too_many(raw: bytes) -> bool:
    """True when there may be more values than we hold: each but the first has a comma before it, or opens."""
    return raw.count(b",") + raw.count(b"{") + raw.count(b"[") >= MAX_VALUES and _locate(raw, "too-many") > 0


def _tokens(raw: bytes) -> Iterator[tuple[int, bytes]]:
    """Each token of a text with the byte at which it begins; whatever the text is, memory stays flat."""
    found = _TOKEN.search(raw)
    while found is not None:
        start, end = found.span()
        if found[0] == b'"':
            end = _INSIDE.match(raw, end).end()  # type: ignore[union-attr]  # it matches nothing too
            while raw[end : end + 1] == b"\\":
                end = _INSIDE.match(raw, end + 2).end()  # type: ignore[union-attr]  # it matches nothing too
            end += 1
        yield start, raw[start:end]
        found = _TOKEN.search(raw, end)


def _locate(raw: bytes, reason: str) -> int:
    """The byte at which the first token guilty of `reason` begins; 0 when it cannot be told. Only after a refusal."""
    keys: list[set[str] | None] = []
    previous = b""
    values = 1
    for start, token in _tokens(raw):
        guilty = False
        if token in b"{[":
            keys.append(set() if token == b"{" and reason == "duplicate-key" else None)
            guilty = reason == "too-deep" and len(keys) > MAX_DEPTH
        elif token in b"}]" and keys:
            keys.pop()
        elif token[0] == 0x22:
            guilty = _guilty_string(token, reason, keys[-1] if keys and previous in b"{," else None)
        elif token not in b",:":
            guilty = _guilty_scalar(token, reason)
        values += token in b",{["
        if guilty or (reason == "too-many" and values > MAX_VALUES):
            return start
        previous = token
    return 0


def _guilty_string(token: bytes, reason: str, keys: set[str] | None) -> bool:
    if reason not in ("duplicate-key", "nul", "lone-surrogate"):
        return False
    try:
        string = json.loads(token)
    except ValueError:
        return False
    if reason == "duplicate-key":
        seen = keys is not None and string in keys
        if keys is not None:
            keys.add(string)
        return seen
    return "\0" in string if reason == "nul" else _SURROGATE.search(string) is not None


def _guilty_scalar(token: bytes, reason: str) -> bool:
    if reason == "not-a-number":
        return token in (b"NaN", b"Infinity", b"-Infinity")
    hook = {"integer-range": _integer, "number-range": _float}.get(reason)
    if hook is None or (_INTEGER.fullmatch(token) is not None) is not (reason == "integer-range"):
        return False
    try:
        hook(token.decode())
    except _Unsafe:
        return True
    except ValueError:
        return False
    return False
