"""What other TAXII servers answer, read with patience: their faults are many, and none may cost an object.

What a server must send stands in TAXII 2.1 sections 3.4, 3.6 and 3.7; where it does not, an answer is taken as long as
it can be understood in one way only.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from io import BytesIO
from typing import Any

import msgspec

from kouprey.exchange.service import MAX_OBJECT, cut
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.time import Instant, parse_instant
from kouprey.taxii.model.pulling import Offered, Page
from kouprey.taxii.rules import UNREAD

LONGEST_NEXT = 4_096
_SHORT = 200


class _Head(msgspec.Struct):
    more: Any = False
    next: Any = None
    objects: msgspec.Raw = msgspec.Raw(b"[]")
    type: Any = None


_HEAD = msgspec.json.Decoder(_Head)


def read_page(body: bytes, headers: Mapping[str, str]) -> Page:
    """A page of objects; Damaged when it cannot be read as an envelope, or is one of TAXII 2.0.

    An empty body, `{}` and `null` for `objects` are pages without objects. `more` may be a word.
    """
    media_type = headers.get("content-type", "").lower()
    if "version=2.0" in media_type.replace(" ", "") or "vnd.oasis." in media_type:
        raise _old()
    try:
        head = _HEAD.decode(body) if body.strip() else _Head()
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise _unreadable(f"It is no JSON object: {error}.") from None
    if head.type == "bundle":
        raise _old()
    objects, broken = _members(body, bytes(head.objects))
    return Page(
        objects=tuple(objects),
        more=_true(head.more),
        next=_next(head.next),
        first=_date(headers.get("x-taxii-date-added-first", "")),
        last=_date(headers.get("x-taxii-date-added-last", "")),
        broken=tuple(broken),
    )


def _members(body: bytes, objects: bytes) -> tuple[list[bytes], list[str]]:
    if objects.strip() in (b"[]", b"null"):
        return [], []
    if not objects.lstrip().startswith(b"["):
        raise _unreadable("Its `objects` is no list.")
    found: list[bytes] = []
    broken: list[str] = []
    for number, piece in enumerate(cut(BytesIO(body), "objects", most=MAX_OBJECT)):
        if piece.raw is not None:
            found.append(piece.raw)
        elif piece.problem in UNREAD:
            broken.append(f"objects[{number}]: {UNREAD[piece.problem]}")
        else:
            raise _unreadable("It has more than one list `objects`, or more than one value.")
    return found, broken


def _true(value: Any) -> bool:
    return value is True or (isinstance(value, str) and value.lower() == "true") or value == 1


def _next(value: Any) -> str:
    """The server's own words; numbers are taken too. Damaged when they are too long to be kept."""
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, str | int) and len(str(value)) <= LONGEST_NEXT:
        return str(value)
    raise _unreadable(f"Its `next` is no text of at most {LONGEST_NEXT:,} characters.")


def _date(text: str) -> Instant:
    """0 where there is none that can be read."""
    try:
        return max(0, parse_instant(text.strip().strip('"').replace(" ", "T")))
    except ValueError:
        return 0


def inflate(body: bytes, headers: Mapping[str, str], most: int) -> bytes:
    """The body without a compression nobody asked for; Damaged when it becomes too large or is another."""
    coding = headers.get("content-encoding", "identity").strip().lower()
    if coding in ("", "identity"):
        return body
    if coding not in ("gzip", "x-gzip", "deflate"):
        raise _unreadable(f"It is compressed as {coding[:40]!r}, which we did not ask for.")
    pressed = zlib.decompressobj(47)
    try:
        plain = pressed.decompress(body, most)
    except zlib.error as error:
        raise _unreadable(f"Its compression is broken: {error}.") from None
    if pressed.unconsumed_tail or not pressed.eof:
        raise _unreadable(f"Without its compression it has more than {most:,} bytes, or it breaks off.")
    return plain


def read_roots(body: bytes) -> list[str]:
    """The addresses of API roots that a discovery resource names, the default one first; [] when it is none."""
    value = _object(body)
    roots = value.get("api_roots")
    found = [each for each in roots if isinstance(each, str)] if isinstance(roots, list) else []
    default = value.get("default")
    if isinstance(default, str) and default in found:
        found.sort(key=lambda each: each != default)
    return found


def read_collections(body: bytes, root: str) -> list[Offered]:
    """The collections that an API root offers."""
    listed = _object(body).get("collections")
    found = []
    for each in listed if isinstance(listed, list) else []:
        if isinstance(each, dict) and isinstance(each.get("id"), str):
            title = each.get("title")
            found.append(
                Offered(
                    root=root,
                    id=each["id"][:_SHORT],
                    title=_plain(title) if isinstance(title, str) else "",
                    readable=each.get("can_read") is not False,
                )
            )
    return found


def read_complaint(body: bytes) -> str:
    """What an error resource (section 3.6.1) says, in one short line; "" when it says nothing."""
    try:
        value = _object(body)
    except Damaged:
        return ""
    said = [value.get(name) for name in ("title", "description")]
    return _plain(": ".join(each for each in said if isinstance(each, str) and each))


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise _unreadable(f"It is no JSON: {error}.") from None
    if not isinstance(value, dict):
        raise _unreadable("It is no JSON object.")
    return value


def _plain(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text[:_SHORT]).strip(" .")


def _old() -> Damaged:
    return Damaged(
        "The server speaks TAXII 2.0.",
        "Its pages are cut in another way, so that objects would be left out.",
        "Ask its operator for the address of a TAXII 2.1 API root, or export from it and use `kouprey import`.",
        code="taxii-2.0",
    )


def _unreadable(why: str) -> Damaged:
    return Damaged(
        "The answer of the TAXII server cannot be read.",
        why,
        "Nothing of this page was kept, and it is asked for again. Tell the operator of that server.",
        code="bad-answer",
    )
