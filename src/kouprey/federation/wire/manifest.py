"""The signed head of a parcel: who made it, for whom, and what it brings (docs/spec/parcel.md)."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterable
from hashlib import sha256

import msgspec

from kouprey.federation.model import EPOCH_MAX, LanePart, Manifest, ReasonCode
from kouprey.federation.rules import is_origin
from kouprey.kernel.seal.keys import VerifyKey
from kouprey.kernel.words.errors import Damaged, Refused
from kouprey.kernel.words.ids import is_party_id
from kouprey.kernel.words.time import parse_instant

HEADERS_PER_GROUP = 1_048_576
LANES_PER_PARCEL = 10_000
RECIPIENTS_MAX = 1_024

NodeKeys = Callable[[str], Iterable[VerifyKey]]
"""Party id -> its node keys; none for a party without a trusted card."""


def no_keys(party: str) -> Iterable[VerifyKey]:
    """Of a party that has revoked none."""
    return ()


_HEX16 = re.compile(r"[0-9a-f]{32}", re.ASCII)
_HEX32 = re.compile(r"[0-9a-f]{64}", re.ASCII)


def read_manifest(
    document: bytes, signature: bytes, reader: str, node_keys: NodeKeys, revoked: NodeKeys = no_keys
) -> Manifest:
    """The manifest, once its form, its signature by the maker's node key and its recipients have been checked.

    What one of the `revoked` keys has signed is refused by name (`revoked-key`): whoever stole it may have made it.
    """
    try:
        manifest = msgspec.json.decode(document, type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _bad(str(error), ReasonCode.BAD_MANIFEST) from error
    if msgspec.json.encode(manifest) != document:
        raise _bad("Its manifest is not written in the one allowed form.", ReasonCode.BAD_MANIFEST)
    check_manifest(manifest)
    keys = tuple(node_keys(manifest.made_by))
    if not keys:
        raise Refused(
            "A parcel was refused.",
            f"It says to be from {manifest.made_by}, whose card we do not trust.",
            "Exchange cards first.",
            code=ReasonCode.UNKNOWN_SENDER,
        )
    if not any(key.verify(signed_text(document), signature) for key in keys):
        if any(key.verify(signed_text(document), signature) for key in revoked(manifest.made_by)):
            raise Refused(
                "A parcel was refused.",
                f"It is signed by a key that {manifest.made_by} has revoked: whoever stole that key may have made it.",
                "Call them, and ask for it again.",
                code=ReasonCode.REVOKED,
            )
        raise _bad(f"Its manifest is not signed by {manifest.made_by}.", ReasonCode.BAD_SIGNATURE)
    if reader not in manifest.recipients:
        raise Refused(
            "A parcel was refused.",
            f"Its maker addressed it to {', '.join(manifest.recipients[:5])}, not to {reader}.",
            "Ask its maker for a parcel of your own.",
            code=ReasonCode.NOT_ADDRESSED,
        )
    return manifest


def check_manifest(manifest: Manifest) -> None:
    """Raise Damaged when a field is out of range."""
    recipients = manifest.recipients
    checks = (
        ("v", manifest.v == 1),
        ("parcel", _HEX16.fullmatch(manifest.parcel) is not None),
        ("made_by", is_party_id(manifest.made_by)),
        ("made_at", _is_instant(manifest.made_at)),
        ("seq", 0 <= manifest.seq < 2**53),
        (
            "recipients",
            1 <= len(recipients) <= RECIPIENTS_MAX
            and list(recipients) == sorted(set(recipients))
            and all(map(is_party_id, recipients)),
        ),
        ("lanes", len(manifest.lanes) <= LANES_PER_PARCEL and all(map(_is_group, manifest.lanes))),
        ("wants", len(manifest.wants) <= LANES_PER_PARCEL and all(map(_is_wanted, manifest.wants))),
        ("papers", _HEX32.fullmatch(manifest.papers) is not None),
    )
    wrong = next((name for name, good in checks if not good), "")
    if wrong:
        raise _bad(f"The field {wrong} of its manifest is not allowed.", ReasonCode.BAD_MANIFEST)


def _is_instant(text: str) -> bool:
    with contextlib.suppress(ValueError):
        return parse_instant(text) >= 0
    return False


def _is_part(part: LanePart) -> bool:
    return is_origin(part.origin) and 0 <= part.start < part.end <= EPOCH_MAX


def _is_group(part: LanePart) -> bool:
    return _is_part(part) and part.end - part.start <= HEADERS_PER_GROUP


def _is_wanted(part: LanePart) -> bool:
    return _is_part(part) and not part.ended


def signed_text(manifest: bytes) -> bytes:
    """What the maker signs."""
    return b"kouprey-parcel/1\n" + sha256(manifest).hexdigest().encode() + b"\n"


def _bad(why: str, code: ReasonCode) -> Damaged:
    return Damaged("A parcel cannot be read.", why, "Ask its maker for it again.", code=code)
