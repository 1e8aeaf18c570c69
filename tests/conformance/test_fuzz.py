"""schemathesis against a real server: the whole OpenAPI document, and TAXII by a description of our own. No 5xx."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kouprey.kernel.words.tlp import TLP
from kouprey.node.actors import Actor
from kouprey.node.assemble import open_node
from kouprey.node.fiction import Cast
from kouprey.node.founding import found
from kouprey.people.model import Role
from kouprey.people.service import People

FUZZ = Path(__file__).parent / "fuzz"
PARTY = "cert.example"
CHECKS = "not_a_server_error,content_type_conformance,response_schema_conformance,status_code_conformance"


def program() -> str:
    """Where schemathesis is: named by KOUPREY_SCHEMATHESIS, beside the interpreter, or on the PATH."""
    named = os.environ.get("KOUPREY_SCHEMATHESIS") or shutil.which("schemathesis", path=Path(sys.executable).parent)
    return named or shutil.which("schemathesis") or ""


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """A node of its own; its address, and the secret of a token that may do everything."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    identity = "identity--6f1e0a5e-8a41-4c57-9d4e-3b7f6f6a2f10"
    found(tmp_path / "n", party=PARTY, name="CERT", settings={"listen": address}, identity=identity, person="dara")
    node = open_node(tmp_path / "n")
    secret = node.services.get(People).create_token(PARTY, Role.ADMINISTRATOR, TLP.RED, by="test")[1]
    node.close()
    actor = Actor(Cast("test", PARTY, "CERT", "Dara", "lead"), tmp_path / "n", address, f"http://{address}")
    actor.start()
    yield f"http://{address}", secret
    actor.stop()
    said = (tmp_path / "n" / "server.log").read_text("utf-8", "replace")
    assert "Traceback" not in said, said[-4_000:]


@pytest.mark.long
@pytest.mark.parametrize("what", ["rest", "taxii"])
def test_nothing_that_is_sent_brings_the_server_down(served: tuple[str, str], tmp_path: Path, what: str) -> None:
    if not program():
        pytest.skip("schemathesis is not installed: name it in KOUPREY_SCHEMATHESIS")
    origin, secret = served
    where = f"{origin}/api/v1/openapi.json" if what == "rest" else str(FUZZ / "taxii.json")
    checks = CHECKS if what == "rest" else "not_a_server_error"
    command = [program(), "run", where, "--url", origin, "-H", f"Authorization: Bearer {secret}", "--checks", checks]
    # The stream does not end by itself, and what shuts the token out would end the run.
    command += ["--exclude-path", "/api/v1/stream", "--phases", "coverage,fuzzing", "--max-examples", "100"]
    command += ["--request-timeout", "60", "--continue-on-failure", "--generation-database", "none"]
    environment = {**os.environ, "SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(FUZZ)}
    ended = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=1_500, check=False
    )
    assert ended.returncode == 0, ended.stdout[-12_000:]
    print(ended.stdout[-600:])


def test_the_description_of_taxii_names_every_door() -> None:
    spec = importlib.util.find_spec("kouprey.taxii.api")
    assert spec is not None and spec.origin is not None
    described = json.loads((FUZZ / "taxii.json").read_text("utf-8"))["paths"]
    text = Path(spec.origin).read_text("utf-8")
    for ending in ("status/{status}/", "collections/", "manifest/", "objects/", "versions/", "{object}/"):
        assert ending in text and any(path.endswith(ending) for path in described), ending
