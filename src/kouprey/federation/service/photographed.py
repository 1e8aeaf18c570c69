"""Parcels on photographs: the pictures of one, on one photograph or on several that lie side by side."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from kouprey.federation.wire.pictures import PICTURES_MAX, from_pictures
from kouprey.kernel.web.photos import PHOTO_MAX, is_photo, read_codes
from kouprey.kernel.words.errors import Damaged, KoupreyError

_BEGIN = 16


def photographed(file: BinaryIO, others: Sequence[Path]) -> tuple[Iterator[BinaryIO], list[Path]]:
    """The parcel whose pictures a photograph shows, and which of the files beside it show the rest of them.

    Raises Damaged: `no-parcel` when there is no picture on it, `bad-pictures` when some are missing everywhere.
    """
    texts = _texts(file.read(PHOTO_MAX + 1))
    if not texts:
        raise Damaged(
            "There is no parcel on this photograph.",
            "No picture of one was found.",
            "Take it again, sharper and straight from above.",
            code="no-parcel",
        )
    try:
        return iter([BytesIO(from_pictures("\n".join(texts)))]), []
    except KoupreyError:
        # As many photographs as a parcel has pictures at most: each is decoded, which takes its time.
        used: list[Path] = []
        mark = _mark(texts[0])
        for path in others:
            more = [text for text in _on(path) if _mark(text) == mark] if len(used) < PICTURES_MAX else []
            if more:
                texts, used = [*texts, *more], [*used, path]
        return iter([BytesIO(from_pictures("\n".join(texts)))]), used


def _on(path: Path) -> list[str]:
    with suppress(OSError, KoupreyError):
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(handle, "rb") as file:
            if stat.S_ISREG(os.fstat(handle).st_mode) and is_photo(file.read(_BEGIN)):
                file.seek(0)
                return _texts(file.read(PHOTO_MAX + 1))
    return []


def _texts(photo: bytes) -> list[str]:
    return [text for text in read_codes(photo) if text.startswith("KPX")]


def _mark(text: str) -> str:
    """Which parcel a picture is of."""
    return "/".join(text.split("/")[1:3])
