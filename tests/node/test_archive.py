"""The inside of a backup: what was packed comes out, and nothing else does."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from kouprey.kernel.words.errors import Damaged
from kouprey.node.archive import FORMAT, Manifest, Part, Unpacker, pack


def describe(parts: tuple[Part, ...], **more: object) -> Manifest:
    values = {"format": FORMAT, "version": "0", "party": "cert.example", "engine": "sqlite", "made_at": "", **more}
    return Manifest(parts=parts, **values)  # type: ignore[arg-type]  # the values are those named above


def files_in(folder: Path, **sizes: int) -> dict[str, Path]:
    """Files of these sizes; a database and settings are always among them."""
    made = {}
    for place, (name, size) in enumerate({"kouprey.toml": 12, "kouprey.db": 9000, **sizes}.items()):
        path = folder / str(place)
        path.write_bytes(bytes(at % 251 for at in range(size)))
        made[name] = path
    return made


def packed(folder: Path, **more: object) -> bytes:
    return b"".join(pack(files_in(folder), lambda parts: describe(parts, **more)))


def unpack(data: bytes, folder: Path, step: int = 8192) -> Manifest:
    folder.mkdir()
    unpacker = Unpacker(folder)
    try:
        for at in range(0, len(data), step):
            unpacker.feed(data[at : at + step])
        return unpacker.finish()
    finally:
        unpacker.close()


@pytest.mark.parametrize("size", [0, 1, 511, 512, 513, 3_000_000])
@pytest.mark.parametrize("step", [13, 8192])
def test_files_come_out_as_they_went_in(tmp_path: Path, size: int, step: int) -> None:
    files = files_in(tmp_path, **{"keys/node.key": size})
    manifest = unpack(b"".join(pack(files, describe)), tmp_path / "out", step)
    assert {part.name: part.size for part in manifest.parts} == {n: p.stat().st_size for n, p in files.items()}
    for name, path in files.items():
        assert (tmp_path / "out" / name).read_bytes() == path.read_bytes()
        assert (tmp_path / "out" / name).stat().st_mode & 0o777 == 0o600
    assert not (tmp_path / "out" / "manifest.json").exists()


def test_the_inside_is_a_tar_that_others_read(tmp_path: Path) -> None:
    plain = zstandard.ZstdDecompressor().decompressobj().decompress(packed(tmp_path))
    with tarfile.open(fileobj=io.BytesIO(plain)) as tar:
        assert tar.getnames() == ["kouprey.toml", "kouprey.db", "manifest.json"]


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_no_changed_byte_passes(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    folder = tmp_path_factory.mktemp("archive")
    plain = bytearray(zstandard.ZstdDecompressor().decompressobj().decompress(packed(folder)))
    # Without the seal and without the checksum around it: headers, contents and manifest defend themselves.
    at = data.draw(st.integers(0, len(plain) - 1))
    plain[at] ^= 1 << data.draw(st.integers(0, 7))
    try:
        manifest = unpack(zstandard.compress(bytes(plain)), folder / "out")
    except Damaged:
        return
    # What may differ is what is said about the backup, and bytes between the files that nobody reads.
    out = files_in(folder)
    for part in manifest.parts:
        assert (folder / "out" / part.name).read_bytes() == out[part.name].read_bytes()


@pytest.mark.parametrize("keep", [0, 10, 600, 0.5, 0.9, -1])
def test_a_cut_is_noticed(tmp_path: Path, keep: float) -> None:
    data = packed(tmp_path)
    cut = int(len(data) * keep) if 0 < keep < 1 else int(keep)
    with pytest.raises(Damaged):
        unpack(data[:cut], tmp_path / "out")


@pytest.mark.parametrize(
    "name", ["../kouprey.db", "/etc/passwd", "keys/../../x.key", "guard.db", "keys/", "kouprey.db\0", "manifest.json/x"]
)
def test_only_names_of_a_backup_are_written(tmp_path: Path, name: str) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as tar:
        entry = tarfile.TarInfo("kouprey.toml")
        tar.addfile(entry)
        entry = tarfile.TarInfo("x")
        entry.name, entry.size = name, 3
        tar.addfile(entry, io.BytesIO(b"abc"))
    with pytest.raises(Damaged):
        unpack(zstandard.compress(out.getvalue()), tmp_path / "out")
    assert {path.name for path in tmp_path.rglob("*") if path.is_file()} <= {"kouprey.toml", "kouprey.db"}


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE])
def test_only_files_are_written(tmp_path: Path, kind: bytes) -> None:
    entry = tarfile.TarInfo("kouprey.db")
    entry.type, entry.linkname = kind, "/etc/passwd"
    with pytest.raises(Damaged):
        unpack(zstandard.compress(entry.tobuf(tarfile.GNU_FORMAT) + bytes(1024)), tmp_path / "out")


def test_another_format_names_the_version_to_install(tmp_path: Path) -> None:
    with pytest.raises(Damaged) as refused:
        unpack(packed(tmp_path, format=2, version="9.9"), tmp_path / "out")
    assert refused.value.code == "backup-format" and "9.9" in refused.value.remedy
