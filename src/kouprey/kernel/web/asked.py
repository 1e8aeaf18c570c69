"""What a program sends, read strictly: a body or a query string, as the type its door declares."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import msgspec
from msgspec import inspect as types

from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.safejson import decode

T = TypeVar("T", bound=msgspec.Struct)

MOST_FIELDS = 2_000
"""Fields of a query string or a form."""

_AT = re.compile(r"(?s)(.*) - at `\$\.?(.*)`")
_NAMED = re.compile(r"(?:contains unknown|missing required) field `([^`]*)`")


def read_json(kind: type[T], raw: bytes) -> T:
    """A JSON body as `kind`; nothing at all is an empty object. Damaged names the field (`detail["field"]`)."""
    return _convert(kind, decode(raw) if raw.strip() else {}, strict=True)


def read_form(kind: type[T], raw: bytes) -> T:
    """A form (`application/x-www-form-urlencoded`) or a query string as `kind`; lists are repeated fields."""
    try:
        text = raw.decode("ascii")
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise Damaged(
            "The fields cannot be read.",
            f"They are no encoded UTF-8, or more than {MOST_FIELDS:,}: {error}.",
            "Encode them as application/x-www-form-urlencoded.",
            code="bad-query",
        ) from None
    lists = _lists(kind)
    values: dict[str, Any] = {}
    for name, value in pairs:
        if "\0" in name or "\0" in value:
            raise _wrong(name.replace("\0", ""), "It holds the character U+0000, which databases cannot keep.")
        if name in lists:
            values.setdefault(name, []).append(value)
        elif name in values:
            raise _wrong(name, "It occurs twice, and takes one value.")
        else:
            values[name] = value
    return _convert(kind, values, strict=False)


def _lists(kind: type[msgspec.Struct]) -> frozenset[str]:
    """The fields that take several values."""
    info = types.type_info(kind)
    fields: Iterable[Any] = getattr(info, "fields", ())
    many = (types.ListType, types.VarTupleType, types.SetType, types.FrozenSetType)
    return frozenset(each.encode_name for each in fields if isinstance(each.type, many))


def _convert(kind: type[T], value: object, *, strict: bool) -> T:
    try:
        return msgspec.convert(value, kind, strict=strict)
    except msgspec.ValidationError as error:
        text, field = str(error), ""
        if (found := _AT.fullmatch(text)) is not None:
            text, field = found[1], found[2]
        if (named := _NAMED.search(text)) is not None:
            field = f"{field}.{named[1]}" if field else named[1]
        raise _wrong(field, text) from None


def _wrong(field: str, why: str) -> Damaged:
    what = f"The field {field[:80]!r} is wrong." if field else "What was sent is not what is taken here."
    return Damaged(
        what,
        why if why.endswith(".") else f"{why}.",
        "See /api for what this address takes.",
        code="bad-field",
        detail={"field": field[:200]},
    )
