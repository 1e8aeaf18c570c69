"""Files in parts on the wire: the manifest, what is asked for, and the answer (docs/spec: lane.md, link.md)."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Sequence

import msgspec

from kouprey.federation.model import HASH_SIZE, SALT_SIZE, BlobChunk, ReasonCode
from kouprey.federation.rules import commitment
from kouprey.kernel.words.errors import Damaged

BLOB_MEDIA_TYPE = "application/vnd.kouprey.blob+json"
CHUNKS_MEDIA_TYPE = "application/vnd.kouprey.chunks"
CHUNK = 1 << 20
"""Bytes of every part but the last."""
CHUNKS_MAX = 4_096
"""Parts of one file: 4 GiB."""
ASKED_MAX = 4
"""Parts of one answer."""
NAME_MAX = 200

_HEX32 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9.+-]*/[a-z0-9][a-z0-9.+-]*", re.ASCII)
_FRAME = struct.Struct(">II16s")


class BlobManifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file: `sha256` (hex) of the whole, `chunks` the commitments (hex) of its parts of `chunk` bytes, in order."""

    name: str
    media_type: str
    size: int
    sha256: str
    chunk: int
    chunks: tuple[str, ...]


class ChunksRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Parts of the file whose manifest is entry `entry`, by their commitments in hex."""

    entry: int
    chunks: tuple[str, ...]


def count_chunks(size: int) -> int:
    """Parts of a file of `size` bytes."""
    return -(-size // CHUNK)


def length_of(size: int, number: int) -> int:
    """Bytes of part `number` of a file of `size` bytes."""
    return min(CHUNK, size - number * CHUNK)


def render_manifest(manifest: BlobManifest) -> bytes:
    """Compact JSON, fields in the order of the specification."""
    return msgspec.json.encode(manifest)


def read_manifest(content: bytes) -> BlobManifest:
    """Read a manifest; what is not exactly what `render_manifest` writes is Damaged (`bad-body`)."""
    try:
        manifest = msgspec.json.decode(content, type=BlobManifest)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _bad(str(error)) from error
    checks = (
        ("form", render_manifest(manifest) == content),
        ("name", is_file_name(manifest.name)),
        ("media type", _MEDIA_TYPE.fullmatch(manifest.media_type) is not None and len(manifest.media_type) <= 100),
        ("SHA-256", _HEX32.fullmatch(manifest.sha256) is not None),
        ("size of parts", manifest.chunk == CHUNK),
        ("size", 1 <= manifest.size <= CHUNK * CHUNKS_MAX and count_chunks(manifest.size) == len(manifest.chunks)),
        ("list of parts", all(map(_HEX32.fullmatch, manifest.chunks))),
    )
    wrong = next((name for name, good in checks if not good), "")
    if wrong:
        raise _bad(f"Its {wrong} is not allowed.")
    return manifest


def is_file_name(name: str) -> bool:
    """Whether a name names a file and nothing else: no folder, nothing hidden, nothing that cannot be shown."""
    return (
        0 < len(name) <= NAME_MAX
        and name.isprintable()
        and name == name.strip()
        and not name.startswith(".")
        and not set(name) & set('/\\:*?"<>|')
    )


def is_media_type(text: str) -> bool:
    """Whether a text may stand as media type of a file."""
    return len(text) <= 100 and _MEDIA_TYPE.fullmatch(text) is not None


def verify_chunk(chunk: BlobChunk, size: int, expected: bytes) -> None:
    """Damaged (`bad-commitment`) unless a part is what the manifest of a file of `size` bytes commits to."""
    if len(chunk.content) != length_of(size, chunk.number) or commitment(chunk.salt, chunk.content) != expected:
        raise Damaged(
            f"Part {chunk.number} of a file is not the one that was announced.",
            "It does not fit the hash in the manifest.",
            "It is asked for again; if it goes on, ask its author.",
            code=ReasonCode.BAD_COMMITMENT,
        )


def read_chunks_request(data: bytes) -> ChunksRequest:
    """Read what a peer asks for; Damaged (`bad-request`) when it cannot be meant."""
    try:
        asked = msgspec.json.decode(data, type=ChunksRequest)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _asked(str(error)) from error
    if not 1 <= len(asked.chunks) <= ASKED_MAX or not all(map(_HEX32.fullmatch, asked.chunks)) or asked.entry < 0:
        raise _asked(f"It names 1 to {ASKED_MAX} parts by their hashes.")
    return asked


def render_chunks(chunks: Iterable[BlobChunk]) -> bytes:
    """u32 number, u32 length, salt, bytes; one after the other."""
    return b"".join(_FRAME.pack(each.number, len(each.content), each.salt) + each.content for each in chunks)


def read_chunks(data: bytes, entry: int) -> Sequence[BlobChunk]:
    """Read an answer; nothing of it is verified. Damaged (`truncated`) when it is cut."""
    found = []
    view, at = memoryview(data), 0
    while at < len(data):
        if len(data) - at < _FRAME.size:
            raise _cut()
        number, length, salt = _FRAME.unpack_from(data, at)
        at += _FRAME.size
        if length > CHUNK or len(data) - at < length:
            raise _cut()
        found.append(BlobChunk(entry, number, salt, bytes(view[at : at + length])))
        at += length
    return found


def packed(chunks: Iterable[str]) -> bytes:
    """Commitments as they are stored: 32 bytes each."""
    return bytes.fromhex("".join(chunks))


def unpacked(stored: bytes) -> list[bytes]:
    """And back."""
    return [stored[at : at + HASH_SIZE] for at in range(0, len(stored), HASH_SIZE)]


assert _FRAME.size == 8 + SALT_SIZE


def _cut() -> Damaged:
    return Damaged("The parts of a file end in the middle of one.", code=ReasonCode.TRUNCATED)


def _asked(why: str) -> Damaged:
    return Damaged("The request for parts of a file cannot be read.", why, code=ReasonCode.BAD_REQUEST)


def _bad(why: str) -> Damaged:
    return Damaged("The manifest of a file cannot be understood.", why, code=ReasonCode.BAD_BODY)
