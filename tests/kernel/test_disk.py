"""Names of files are made durable, of folders that are there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kouprey.kernel.disk import sync_folder


def test_the_folder_itself_is_synced_and_let_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda handle: synced.append(os.fstat(handle).st_ino))
    before = len(list(Path("/proc/self/fd").iterdir()))
    sync_folder(tmp_path)
    assert synced == [tmp_path.stat().st_ino]
    assert len(list(Path("/proc/self/fd").iterdir())) == before
    with pytest.raises(FileNotFoundError):
        sync_folder(tmp_path / "nowhere")
