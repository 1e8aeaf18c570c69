"""Manifests: read exactly as they are written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.kernel.words.errors import Damaged
from kouprey.protect.model import File, Format, Manifest
from kouprey.protect.wire.manifest import HEAD, parse_manifest, render_manifest

FILES = st.builds(
    File,
    format=st.sampled_from(list(Format)),
    size=st.integers(0, 1 << 40),
    sha256=st.from_regex(r"[0-9a-f]{64}", fullmatch=True),
    entries=st.integers(0, 1 << 30),
)
MANIFESTS = st.builds(
    Manifest,
    v=st.just(1),
    kind=st.just("shield"),
    party=st.just("cert.example"),
    shield=st.from_regex(r"[a-z0-9-]{1,40}", fullmatch=True),
    serial=st.integers(0, 1 << 32),
    made_at=st.just("2026-11-28T10:00:00Z"),
    until=st.just("2026-12-05T10:00:00Z"),
    names=st.integers(0, 1 << 30),
    addresses=st.integers(0, 1 << 30),
    files=st.lists(FILES, max_size=6).map(tuple),
)


@given(MANIFESTS)
def test_what_is_written_is_read(manifest: Manifest) -> None:
    assert parse_manifest(render_manifest(manifest)) == manifest


@given(st.binary(max_size=200) | st.binary(max_size=200).map(lambda each: HEAD + each))
def test_anything_else_is_damaged(data: bytes) -> None:
    with pytest.raises(Damaged):
        parse_manifest(data)


@given(MANIFESTS)
def test_another_version_or_order_is_damaged(manifest: Manifest) -> None:
    text = render_manifest(manifest)
    for other in (text[:-1], text.replace(b'"v":1', b'"v":2'), text.replace(b'{"v":1,', b'{ "v":1,')):
        with pytest.raises(Damaged):
            parse_manifest(other)
