"""Reads what QR codes on a photograph or a screenshot say, in a process of its own.

What decodes images is native code, and what it is given comes from strangers: it gets neither the keys of the node in
its memory, nor more memory than an image needs, and when it dies nothing else does.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from io import BytesIO

from kouprey.kernel.words.errors import Damaged, TooLarge

PHOTO_MAX = 20 << 20
"""Bytes of a photograph that is looked at."""
_PIXELS_MAX = 60_000_000
_MEMORY_MAX = 2 << 30
_SECONDS = 30
_KINDS = {b"\x89PNG\r\n\x1a\n": "PNG", b"\xff\xd8\xff": "JPEG"}


def is_photo(begin: bytes) -> bool:
    """Whether a file that begins so is an image we read: PNG or JPEG."""
    return begin.startswith(tuple(_KINDS))


def read_codes(photo: bytes) -> list[str]:
    """The texts of the QR codes on a photograph, none when nothing is found.

    Raises TooLarge, or Damaged (`bad-photo`) when it cannot be read as an image.
    """
    if len(photo) > PHOTO_MAX:
        raise TooLarge("This photograph is too large.", f"It is over {PHOTO_MAX} bytes.", "Send a smaller one.")
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-m", __name__],
            input=photo,
            capture_output=True,
            timeout=_SECONDS,
            check=True,
            # What the node was told by its environment, as a DSN, is none of its business.
            env={},
        )
        texts: list[str] = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError) as error:
        raise Damaged(
            "This photograph cannot be read.",
            "It is damaged, or of too many points.",
            "Take it again, as PNG or JPEG, or let a phone read the codes and paste their texts.",
            code="bad-photo",
        ) from error
    return texts


def _decode(photo: bytes) -> list[str]:
    # Imported here: by the process that reads, and by no other.
    import zxingcpp
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = _PIXELS_MAX // 2  # It raises at twice as many.
    kinds = [kind for begin, kind in _KINDS.items() if photo.startswith(begin)]
    with Image.open(BytesIO(photo), formats=kinds) as image:
        grey = image.convert("L")
    formats = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    return [code.text for code in zxingcpp.read_barcodes(grey, formats=formats)]


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_MAX, _MEMORY_MAX))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    json.dump(_decode(sys.stdin.buffer.read(PHOTO_MAX + 1)), sys.stdout)
