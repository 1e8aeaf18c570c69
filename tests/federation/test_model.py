"""The nouns of federation: the header's 64 bytes."""

from __future__ import annotations

from kouprey.federation.model import EntryHeader, EntryKind


def test_a_header_is_64_bytes_big_endian() -> None:
    header = EntryHeader(kind=EntryKind.REF, sealed=True, index=1, length=2, version=3, at_ms=4, commitment=b"c" * 32)
    expected = "4b453031 08 01 0000 0000000000000001 00000002 00000003 0000000000000004" + "63" * 32
    assert header.to_bytes() == bytes.fromhex(expected.replace(" ", ""))
