"""Files in parts on the wire: what was written is read, and whatever else comes is Damaged and nothing worse."""

from __future__ import annotations

from contextlib import suppress
from hashlib import sha256

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.federation.model import BlobChunk
from kouprey.federation.rules import commitment
from kouprey.federation.wire.blob import (
    CHUNK,
    BlobManifest,
    ChunksRequest,
    count_chunks,
    is_file_name,
    length_of,
    packed,
    read_chunks,
    read_chunks_request,
    read_manifest,
    render_chunks,
    render_manifest,
    unpacked,
    verify_chunk,
)
from kouprey.kernel.words.errors import Damaged

CONTENT = b"x" * 300
CHUNKS = [BlobChunk(4, number, bytes([number]) * 16, CONTENT[: 100 + number]) for number in range(3)]
MANIFEST = BlobManifest(
    name="capture.pcap",
    media_type="application/vnd.tcpdump.pcap",
    size=300,
    sha256=sha256(CONTENT).hexdigest(),
    chunk=CHUNK,
    chunks=(commitment(bytes(16), CONTENT).hex(),),
)


def test_what_was_written_is_read() -> None:
    assert read_manifest(render_manifest(MANIFEST)) == MANIFEST
    assert read_chunks(render_chunks(CHUNKS), 4) == CHUNKS
    asked = ChunksRequest(entry=4, chunks=MANIFEST.chunks)
    assert read_chunks_request(msgspec.json.encode(asked)) == asked
    assert [each.hex() for each in unpacked(packed(MANIFEST.chunks))] == list(MANIFEST.chunks)


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "a/b"},
        {"name": " a"},
        {"name": "a\u202eb"},
        {"name": ""},
        {"media_type": "Text/Html"},
        {"media_type": "text"},
        {"size": 0, "chunks": ()},
        {"size": CHUNK + 1},
        {"sha256": "A" * 64},
        {"chunk": 1},
        {"chunks": ("0" * 63,)},
    ],
)
def test_a_manifest_that_cannot_be_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(Damaged):
        read_manifest(render_manifest(msgspec.structs.replace(MANIFEST, **fields)))


def test_the_last_part_is_as_long_as_what_is_left() -> None:
    assert (count_chunks(1), count_chunks(CHUNK), count_chunks(CHUNK + 1)) == (1, 1, 2)
    assert (length_of(CHUNK + 5, 0), length_of(CHUNK + 5, 1)) == (CHUNK, 5)
    verify_chunk(BlobChunk(4, 0, bytes(16), CONTENT), 300, unpacked(packed(MANIFEST.chunks))[0])
    for wrong in (BlobChunk(4, 0, b"s" * 16, CONTENT), BlobChunk(4, 0, bytes(16), CONTENT[:-1])):
        with pytest.raises(Damaged):
            verify_chunk(wrong, 300, unpacked(packed(MANIFEST.chunks))[0])


@given(st.text())
def test_a_name_never_leads_elsewhere(name: str) -> None:
    if is_file_name(name):
        assert not set(name) & set("/\\\0\n\r") and name not in (".", "..")


@given(st.binary() | st.builds(lambda cut: render_manifest(MANIFEST)[:cut], st.integers(0, 200)))
def test_whatever_comes_for_a_manifest_is_damaged_at_worst(data: bytes) -> None:
    with suppress(Damaged):
        assert render_manifest(read_manifest(data)) == data


@given(st.binary())
def test_whatever_is_asked_for_is_damaged_at_worst(data: bytes) -> None:
    with suppress(Damaged):
        read_chunks_request(data)


@given(st.binary() | st.builds(lambda cut: render_chunks(CHUNKS)[:cut], st.integers(0, 400)))
def test_whatever_is_answered_is_damaged_at_worst(data: bytes) -> None:
    with suppress(Damaged):
        assert render_chunks(read_chunks(data, 0)) == data
