"""The manifest of a release: what this node signs (docs/spec/shield.md)."""

from __future__ import annotations

import msgspec

from kouprey.kernel.words.errors import Damaged
from kouprey.protect.model import Manifest

HEAD = b"kouprey shield v1\n"


def render_manifest(manifest: Manifest) -> bytes:
    """The text of the signed note."""
    return HEAD + msgspec.json.encode(manifest) + b"\n"


def parse_manifest(text: bytes) -> Manifest:
    """Read what `render_manifest` wrote; Damaged unless exact."""
    try:
        manifest = msgspec.json.decode(text.removeprefix(HEAD), type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _bad(str(error)) from None
    if render_manifest(manifest) != text or manifest.v != 1 or manifest.kind != "shield":
        raise _bad("It is not written as docs/spec/shield.md says.")
    return manifest


def _bad(why: str) -> Damaged:
    return Damaged("The manifest of a shield cannot be read.", why, code="bad-manifest")
