"""What devices are configured with is what their programs read."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from kouprey.protect.model import Format
from kouprey.protect.wire.snippets import snippets
from protect.making import INSTALL, entry, written

PLACES = "/usr/sbin:/usr/bin:/sbin:/bin"


def test_each_device_fetches_its_own_format() -> None:
    every = {each.device: each for each in snippets("edge", "https://node.example")}
    assert {each.form for each in every.values()} == {Format.RPZ, Format.UNBOUND, Format.NFTABLES, Format.SURICATA}
    for each in every.values():
        assert f"https://node.example/shields/edge/{each.form}" in each.fetch and "-u edge:SECRET" in each.fetch
        assert "--etag-compare" in each.fetch and each.config and each.reload


def test_bind_reads_it(tmp_path: Path) -> None:
    program = shutil.which("named-checkconf", path=PLACES)
    if program is None:
        pytest.skip(f"named-checkconf is not installed: {INSTALL}")
    (bind,) = (each for each in snippets("edge", "https://node.example") if each.device == "BIND")
    zone = tmp_path / "edge.rpz"
    zone.write_bytes(written([entry("domain-name", "evil.example")])[Format.RPZ])
    config = tmp_path / "named.conf"
    config.write_text(bind.config.replace("/var/cache/bind/edge.rpz", str(zone)))
    done = subprocess.run([program, "-z", str(config)], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "edge.rpz/IN: loaded serial 1795000000" in done.stdout, done


def test_nftables_loads_the_sets_again_and_again_beneath_its_rules(tmp_path: Path) -> None:
    nft, unshare = (shutil.which(each, path=PLACES) for each in ("nft", "unshare"))
    if nft is None or unshare is None or os.geteuid() != 0:
        pytest.skip(f"nft is not installed, or needs root: {INSTALL}")
    (device,) = (each for each in snippets("two-words", "https://node.example") if each.device == "nftables")
    from msgspec.structs import replace

    from kouprey.protect.wire.writers import WRITERS
    from protect.making import HEAD, listing

    head = replace(HEAD, shield="two-words")
    for n, text in enumerate(("203.0.113.7", "203.0.113.8")):
        made = listing([entry("ipv4-addr", text), entry("ipv4-net", "203.0.113.0/28")][: 2 - n], head)
        (tmp_path / f"{n}.nft").write_bytes(WRITERS[Format.NFTABLES](made)[0])
    (tmp_path / "rules.nft").write_text(device.config + "\n")
    steps = " && ".join(f"{nft} -f {tmp_path / each}" for each in ("0.nft", "rules.nft", "1.nft", "1.nft"))
    words = [unshare, "--net", "sh", "-c", f"{steps} && {nft} list ruleset"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if "Operation not permitted" in done.stderr or "unshare" in done.stderr:
        pytest.skip(f"no network of its own may be made here: {done.stderr}")
    assert done.returncode == 0, done.stderr
    assert "203.0.113.8" in done.stdout and "203.0.113.7" not in done.stdout and "203.0.113.0/28" not in done.stdout
    assert "ip daddr @two_words_4 drop" in done.stdout
