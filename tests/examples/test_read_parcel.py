"""The reader written from the specification alone reads what we make, and nothing that was tampered with."""

from __future__ import annotations

import random
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import zstandard

from federation.conftest import World
from federation.service.turning import replace_key, replace_root
from kouprey.federation import store as rows
from kouprey.federation.service.frontiers import frontier_at
from kouprey.kernel.seal import keyring
from kouprey.kernel.seal.box import open_box, seal

READER = Path(__file__).parents[2] / "examples" / "read_parcel.py"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path, None)
    yield made
    made.close()


@pytest.fixture
def pair(world: World) -> tuple[Any, Any]:
    """The maker of parcels, who has published five entries, and who reads them."""
    a, b, agreement = world.pair()
    a.publish(agreement, [b'{"number":%d}' % number for number in range(5)])
    return a, b


def made_by(actor: Any, other: Any) -> bytes:
    out = BytesIO()
    actor.federation.parcels.make(other.party, out, by="test")
    return out.getvalue()


def read(parcel: bytes, reader: Any, folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    file = folder / "some.kpx"
    file.write_bytes(parcel)
    words = [sys.executable, str(READER), str(file), "--key", str(reader.folder / "keys" / "age.key"), *more]
    return subprocess.run(words, capture_output=True, text=True)


def test_a_parcel_of_ours_is_read_to_the_last_byte(pair: tuple[Any, Any], tmp_path: Path) -> None:
    a, b = pair
    (lane,) = a.own_lanes()
    out, parcel = tmp_path / "out", made_by(a, b)
    trust = f"{a.party}={a.people.home().card.root}"
    done = read(parcel, b, tmp_path, "--trust", trust, "--out", str(out))
    assert done.returncode == 0, done.stdout + done.stderr
    with a.store.read() as reader:
        held = rows.find_lane(reader, tag=lane.tag)
        assert held is not None
        root = b64encode(frontier_at(reader, held.id, held.size).root()).decode()
    assert f"made by {a.party}" in done.stdout and f"root {root}" in done.stdout and done.stdout.endswith("  OK\n")
    assert "compare" not in done.stdout
    bodies = [file.read_bytes() for file in sorted(out.iterdir())]
    assert len(bodies) == held.size and sum(b'{"number":' in body for body in bodies) == 5


def test_a_parcel_that_goes_on_where_another_ended(pair: tuple[Any, Any], tmp_path: Path) -> None:
    a, b = pair
    b.federation.parcels.read(BytesIO(made_by(a, b)), by="test")
    a.federation.parcels.read(BytesIO(made_by(b, a)), by="test")
    (standing,) = a.agreements.standings().values()
    a.publish(standing.agreement, [b"{}"] * 3)
    done = read(made_by(a, b), b, tmp_path)
    assert done.returncode == 0, done.stdout
    assert (
        f"entries {a.own_lanes()[0].size - 3} to" in done.stdout and "compare it with the one you know" in done.stdout
    )


def test_another_root_key_and_another_reader_are_refused(pair: tuple[Any, Any], tmp_path: Path) -> None:
    a, b = pair
    parcel = made_by(a, b)
    wrong = read(parcel, b, tmp_path, "--trust", f"{a.party}={b.people.home().card.root}")
    assert wrong.returncode == 1
    assert "sealed to others" in read(parcel, a, tmp_path).stdout


def test_nothing_that_was_changed_is_believed(pair: tuple[Any, Any], tmp_path: Path) -> None:
    """One bit anywhere, in the sealed file or below the seal and the compression."""
    a, b = pair
    parcel, dice = made_by(a, b), random.Random(7)
    plain = zstandard.ZstdDecompressor().decompressobj().decompress(open_box(parcel, b.ring.age_secrets))
    sealed_to = [b.ring.age_recipient]

    def flipped(data: bytes) -> bytes:
        at = dice.randrange(len(data))
        return data[:at] + bytes([data[at] ^ 1 << dice.randrange(8)]) + data[at + 1 :]

    tries = [flipped(parcel) for _ in range(5)]
    tries += [seal(zstandard.compress(flipped(plain)), sealed_to) for _ in range(25)]
    tries += [seal(zstandard.compress(plain[: len(plain) // 2]), sealed_to)]
    for each in tries:
        done = read(each, b, tmp_path)
        assert done.returncode == 1 and "WRONG" in done.stdout, done.stdout + done.stderr


def test_a_parcel_is_read_across_other_keys_of_both(pair: tuple[Any, Any], tmp_path: Path) -> None:
    a, b = pair
    slow = made_by(a, b)
    replace_key(b, keyring.replace_age)
    replace_root(a)
    b.people.receive_root(a.people.list_root_notes(a.party)[0], by="test")
    trust = f"{a.party}={a.people.home().card.root}"
    for parcel, more in ((slow, ()), (made_by(a, b), ("--trust", trust))):
        done = read(parcel, b, tmp_path, *more)
        assert done.returncode == 0, done.stdout + done.stderr
