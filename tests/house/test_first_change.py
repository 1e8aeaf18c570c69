"""The page for a first change, followed to the letter in a copy of the source: what it says works as it stands."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "how-to" / "first-change.md").read_text("utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", PAGE, re.DOTALL)

ASK = """
import sys
from pathlib import Path
from starlette.testclient import TestClient
from kouprey.kernel.words.tlp import TLP
from kouprey.node.assemble import open_node
from kouprey.node.founding import found
from kouprey.node.web import build_web
from kouprey.people.model import Role
from kouprey.people.service import People

folder = Path(sys.argv[1])
settings = {"listen": "127.0.0.1:8420", "url": "", "database": "", "guard_database": ""}
identity = "identity--5f8a3b0e-3a6e-4f0e-9d57-0c4f3c5d7a10"
found(folder, party="cert.example", name="Example", settings=settings, identity=identity, person="Sophea")
node = open_node(folder)
people = node.services.get(People)
_, secret = people.create_token("cert.example", Role.ANALYST, TLP.GREEN, by="operator")
client = TestClient(build_web(node), base_url="http://127.0.0.1:8420", headers={"Authorization": f"Bearer {secret}"})
print(client.get("/parties").text)
print(client.get("/design?lang=vi").text)
node.close()
"""


def block(kind: str, begins: str) -> str:
    (found,) = [text for each, text in BLOCKS if each == kind and text.startswith(begins)]
    return found


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("changed")
    shutil.copytree(ROOT / "src", folder / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "scripts", folder / "scripts")
    return folder


def run(copy: Path, *command: str) -> str:
    environment = {"PYTHONPATH": str(copy / "src"), "PATH": "/usr/bin:/bin"}
    done = subprocess.run([sys.executable, *command], cwd=copy, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_page_a_component_and_a_language(copy: Path) -> None:
    people, web = copy / "src/kouprey/people", copy / "src/kouprey/kernel/web"
    (people / "pages/counted.py").write_text(block("python", '"""How many parties'), "utf-8")
    (people / "templates/counted.html").write_text(block("html", "{% extends"), "utf-8")
    plate = people / "pages/__init__.py"
    text = plate.read_text("utf-8").replace("import codes,", "import codes, counted,")
    plate.write_text(text.replace("        persons.doors,", "        counted.doors,\n        persons.doors,"), "utf-8")

    for file, addition in (
        (web / "templates/components.html", block("html", "{# A quiet remark")),
        (web / "static/kouprey.css", block("css", ".aside")),
    ):
        file.write_text(file.read_text("utf-8") + addition, "utf-8")
    living = web / "templates/design.html"
    head, _, tail = living.read_text("utf-8").rpartition("{% endblock %}")
    living.write_text(head + block("html", "{{ ui.aside") + "{% endblock %}" + tail, "utf-8")

    told = run(copy, "scripts/catalogues.py", "vi")
    assert re.search(r"Tiếng Việt \(vi\): 0 of \d+ texts, \d+ missing", told), told
    assert "1 missing" in told.splitlines()[0], "Khmer lacks the text of the new page, and no other"
    file = web / "locale/vi/LC_MESSAGES/kouprey.po"
    text = file.read_text("utf-8").replace('msgid "Search"\nmsgstr ""', 'msgid "Search"\nmsgstr "Tìm kiếm"')
    file.write_text(text, "utf-8")

    shown = run(copy, "-c", ASK, str(copy / "node"))
    assert "1 party is known here." in shown
    assert '<p class="aside">' in shown and shown.count("Tìm kiếm") > 1 and ">Tiếng Việt</button>" in shown
    assert '<html lang="vi">' in shown
