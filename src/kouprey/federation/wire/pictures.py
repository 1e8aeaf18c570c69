"""Short parcels as texts for pictures that a phone reads, and back (docs/spec/parcel.md)."""

from __future__ import annotations

import base64
import binascii
import re
from hashlib import sha256

from kouprey.kernel.words.errors import Damaged, TooLarge

PICTURES_MAX = 6
PICTURE_BYTES = 700
SHOWN_MAX = PICTURES_MAX * PICTURE_BYTES
"""Bytes of a parcel that is shown as pictures; a longer one goes as a file."""

# Only the head of a picture has strokes, so that a head within the letters of another cannot be.
_BEGIN = re.compile(r"(?=KPX[1-9]/)")
_PICTURE = re.compile(r"KPX([1-9])/([1-9])/([0-9A-F]{8})/([A-Z2-7]+)")


def to_pictures(sealed: bytes) -> tuple[str, ...]:
    """The text of each picture: upper case letters and digits, which a picture holds most densely.

    Raises TooLarge for a parcel over SHOWN_MAX bytes.
    """
    if len(sealed) > SHOWN_MAX:
        raise TooLarge(
            "This parcel is too long for pictures.",
            f"It has {len(sealed)} bytes; {SHOWN_MAX} fit into {PICTURES_MAX} pictures.",
            "Take it as a file.",
            code="too-large",
        )
    parts = [sealed[at : at + PICTURE_BYTES] for at in range(0, len(sealed), PICTURE_BYTES)]
    mark = _mark(sealed)
    return tuple(
        f"KPX{number}/{len(parts)}/{mark}/{base64.b32encode(part).decode().rstrip('=')}"
        for number, part in enumerate(parts, 1)
    )


def from_pictures(text: str) -> bytes:
    """The parcel that the texts of its pictures bring, in any order, with anything blank between them.

    Raises Damaged (`bad-pictures`) when one is missing, of another parcel or damaged.
    """
    run = re.sub(r"\s+", "", text[: 8 * SHOWN_MAX]).upper()
    found = _PICTURE.findall(_BEGIN.sub("\n", run))
    count, mark = (int(found[0][1]), found[0][2]) if found else (0, "")
    parts = {int(number): part for number, of, about, part in found if (int(of), about) == (count, mark)}
    if not found:
        raise _bad("The text of a picture begins with KPX.")
    if len({about for _, _, about, _ in found}) > 1:
        raise _bad("They are of more than one parcel.")
    missing = [str(number) for number in range(1, count + 1) if number not in parts]
    if missing:
        raise _bad(f"Of {count} pictures, these are missing: {', '.join(missing)}.")
    try:
        sealed = b"".join(base64.b32decode(part + "=" * (-len(part) % 8)) for _, part in sorted(parts.items()))
    except binascii.Error as error:
        raise _bad("One is cut.") from error
    if _mark(sealed) != mark:
        raise _bad("A letter of them is wrong.")
    return sealed


def _mark(sealed: bytes) -> str:
    return sha256(sealed).hexdigest()[:8].upper()


def _bad(why: str) -> Damaged:
    return Damaged(
        "These texts are not all pictures of one parcel.", why, "Read every picture again.", code="bad-pictures"
    )
