"""Files that appear whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from kouprey.kernel.disk import sync_folder
from kouprey.kernel.seal.keys import random_bytes
from kouprey.kernel.words.errors import Refused


@contextmanager
def written(file: Path) -> Iterator[BinaryIO]:
    """A file that appears whole or not at all, readable by its owner alone; Refused (`cannot-write`) otherwise."""
    unfinished = file.with_name(f".{random_bytes(12).hex()}")
    try:
        handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        unfinished.replace(file)
        sync_folder(file.parent)
    except OSError as error:
        raise Refused(f"{file} cannot be written.", str(error), "Choose another place.", code="cannot-write") from error
    finally:
        unfinished.unlink(missing_ok=True)
