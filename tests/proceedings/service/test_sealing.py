"""Sealing on one's own machine: padded, streamed, opened again as it was, and not opened when anything was changed."""

from __future__ import annotations

import tracemalloc
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouprey.kernel.seal import box
from kouprey.kernel.seal.items import Inside, open_item, read_key, seal_key
from kouprey.proceedings.model import Handed, Kind
from kouprey.proceedings.rules import bucket
from kouprey.proceedings.service import open_file, seal_file, wrap_again
from kouprey.proceedings.wire import read_sealed
from proceedings.conftest import refusal

SECRET, KEY = box.new_identity()
NODE, THROUGH = box.new_identity()
READER = Handed(name="Azman", key=KEY, box=b"")


def sealed(plain: bytes, **more: Any) -> tuple[Any, bytes, bytes]:
    out = BytesIO()
    seal_file(BytesIO(plain), "a.bin", [READER], THROUGH, out, **more)
    file = read_sealed(BytesIO(out.getvalue()))
    return file, out.getvalue()[file.start :], box.open_box(file.grants[0].box, [NODE])


@given(st.binary(max_size=9_000))
@settings(deadline=None)
def test_what_was_sealed_is_opened_as_it_was(plain: bytes) -> None:
    file, body, released = sealed(plain)
    out = BytesIO()
    assert open_file(BytesIO(body), released, SECRET, out) == ("a.bin", len(plain))
    assert out.getvalue() == plain and open_item(body, released, SECRET) == ("a.bin", plain)
    assert file.size == len(body) and file.kind is Kind.THING


def test_its_size_is_that_of_its_bucket_alone() -> None:
    sizes = {len(sealed(bytes(size))[1]) for size in (0, 1, 900, 4_096)}
    # Its header has some bytes of chance (age), which tell nothing of the file.
    assert max(sizes) - min(sizes) < 400
    assert len(sealed(bytes(9_000))[1]) > max(sizes)


def test_what_cannot_be_sealed_or_opened() -> None:
    out = BytesIO()
    assert refusal(lambda: seal_file(BytesIO(b"x"), "a", [], THROUGH, out)) == "bad-reader"
    wrong = Handed(name="A", key="age1no", box=b"")
    assert refusal(lambda: seal_file(BytesIO(b"x"), "a", [wrong], THROUGH, out)) == "bad-recipient"
    assert not out.getvalue()
    _, body, released = sealed(b"exhibit")
    assert refusal(lambda: open_file(BytesIO(body[:-9]), released, SECRET, BytesIO())) == "cannot-open"
    assert refusal(lambda: open_file(BytesIO(body), released, NODE, BytesIO())) == "cannot-open"
    inside = read_key(box.open_box(released, [SECRET]))
    for changed in ({"sha256": "0" * 64}, {"size": 3}, {"size": 8}, {"size": 9_999}):
        told = {"secret": inside.secret, "name": "a", "sha256": inside.sha256, "size": inside.size} | changed
        forged = box.open_box(seal_key(Inside(**told), KEY, THROUGH), [NODE])
        assert refusal(lambda f=forged: open_file(BytesIO(body), f, SECRET, BytesIO())) == "broken"


def test_wrapping_again_gives_the_same_key_to_somebody_else() -> None:
    other, key = box.new_identity()
    _, body, released = sealed(b"exhibit")
    (made,) = wrap_again(released, SECRET, [Handed(name="Chan", key=key, box=b"")], THROUGH)
    assert open_item(body, box.open_box(made.box, [NODE]), other) == ("a.bin", b"exhibit")
    assert len(made.box) < 1_000


@pytest.mark.long
def test_64_mib_and_one_reader_more(bureau: Any) -> None:
    """Scenario 19 at 64 MiB: flat memory, and the body is not touched when somebody is added."""
    from kouprey.people.model import Role
    from kouprey.proceedings.model import Part

    plain = bytes(range(256)) * (1 << 18)
    bopha, azman, chan = bureau.person("Bopha"), bureau.person("Azman", Role.ANALYST), bureau.person("Chan")
    dossier, out = bureau.dossier(bopha, azman), BytesIO()
    source = BytesIO(plain)
    tracemalloc.start()
    named = [Handed(name=each.name, key=each.key, box=b"") for each in (bopha, azman)]
    import tempfile

    with tempfile.TemporaryFile() as sealed_:
        seal_file(source, "disk.img", named, bureau.dossiers.through(), sealed_)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 16 << 20, peak
        item = bureau.dossiers.add_item(bopha.who, dossier, sealed_)
    assert item.size >= bucket(len(plain))
    bureau.dossiers.add_member(bopha.who, dossier, chan.id, Part.READER, why="joins")
    reader = Handed(name="Chan", key=chan.key, box=b"")
    released = bureau.release(bopha, dossier, item.id)
    grants = wrap_again(released, bopha.secret, [reader], bureau.dossiers.through())
    bureau.dossiers.add_grants(bopha.who, dossier, item.id, grants, why="joins")
    body = BytesIO(b"".join(bureau.dossiers.read_body(chan.who, dossier, item.id)[1]))
    open_file(body, bureau.release(chan, dossier, item.id), chan.secret, out)
    assert out.getvalue() == plain
    assert bureau.dossiers.get_item(chan.who, dossier, item.id).sha256 == item.sha256
