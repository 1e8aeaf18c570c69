"""Commands of the node itself: what init says is all one needs, and its link signs in once."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

from inprocess import AppClient
from kouprey.kernel.cli.frame import run
from kouprey.node.assemble import open_node
from kouprey.node.main import kouprey, open_for
from kouprey.node.web import build_web

INIT = ["--party", "cert.sovan.example", "--name", "Ministry of Sovan"]


def call(*words: str) -> int:
    return run(kouprey(), list(words), opener=open_for)


def test_init_tells_what_comes_next(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "node"
    assert call("init", str(folder), *INIT) == 0
    said = capsys.readouterr().out
    assert f"kouprey serve --data {folder}" in said and "Ministry of Sovan (cert.sovan.example)" in said
    assert re.search(r"Fingerprint words: (?:[a-z]+ ?){8}\n", said)
    assert "password" not in said.lower()
    assert str(folder / "keys" / "root.key") in said and "off this machine" in said


def test_the_link_of_init_signs_in_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "node"
    assert call("init", str(folder), *INIT, "--json") == 0
    link = json.loads(capsys.readouterr().out)["link"]
    node = open_node(folder)
    try:
        app = build_web(node)
        origin = node.settings.origin
        assert link.startswith(origin + "/sign-in/")

        def browser() -> AppClient:
            return AppClient(app, base_url=origin, follow_redirects=False, headers={"Origin": origin})

        first = browser()
        assert first.get(link).status_code == 200
        assert first.get("/people").status_code == 303, "opening the link is not yet signing in"
        assert first.post(link).status_code == 303
        assert first.get("/people").status_code == 200
        second = browser()
        assert second.post(link).status_code == 410 and second.get("/people").status_code == 303
    finally:
        node.close()


def test_init_refuses_twice_and_says_why(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("init", str(folder), *INIT, "--json") == 6
    said = json.loads(capsys.readouterr().err)
    assert said["code"] == "node-exists" and str(folder) in said["why"] and said["remedy"]


def test_init_asks_for_party_and_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("init", str(tmp_path / "node"), "--party", "cert.sovan.example") == 2
    assert "--name" in capsys.readouterr().err and not (tmp_path / "node").exists()


def test_settings_of_init_are_kept_and_wrong_ones_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = tmp_path / "good", tmp_path / "bad"
    assert call("init", str(good), *INIT, "--listen", "127.0.0.1:9", "--url", "https://node.example", "--json") == 0
    assert json.loads(capsys.readouterr().out)["link"].startswith("https://node.example/sign-in/")
    node = open_node(good)
    assert (node.settings.port, node.settings.origin) == (9, "https://node.example")
    node.close()
    assert call("init", str(bad), *INIT, "--listen", "here", "--json") == 7
    assert "listen" in json.loads(capsys.readouterr().err)["what"]
    assert not bad.exists()


@pytest.mark.parametrize(("words", "code"), [(["serve"], 4), (["serve", "--listen", "x"], 4)])
def test_serve_without_a_node_ends(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], code: int
) -> None:
    assert call(*words, "--data", str(tmp_path), "--json") == code
    assert json.loads(capsys.readouterr().err)["code"] == "no-node"


def test_serve_passes_its_flags_on(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # By name from the loaded modules: the package has a function of the same name as the module.

    module = sys.modules["kouprey.node.serve"]
    monkeypatch.setattr(module, "serve", lambda node, announce: announce(node.settings.origin))
    assert call("serve", "--data", str(folder), "--listen", "127.0.0.1:7", "--url", "http://n.example", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"url": "http://n.example"}
    assert call("serve", "--data", str(folder), "--listen", "7", "--json") == 7
    assert "--listen" in json.loads(capsys.readouterr().err)["remedy"]


def test_demo_passes_its_flags_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import kouprey.node.demo as demo

    asked: list[tuple[Path, dict[str, object]]] = []
    monkeypatch.setattr(demo, "run_demo", lambda folder, **more: asked.append((folder, more)))
    assert call("demo", "--folder", str(tmp_path), "--fresh", "--port", "9000", "--play") == 0
    [(folder, more)] = asked
    assert folder == tmp_path
    assert {name: more[name] for name in ("fresh", "port", "play")} == {"fresh": True, "port": 9000, "play": True}
