"""Mutants: named ways in which a page could take what others wrote for more than text; test_hostile.py sees each."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from browser.hostile import PAYLOADS
from kouprey.node.fiction import stix_id

Edit = tuple[str, str, str]
"""A file below `src/kouprey`, a piece of it, and what a developer wrote instead."""


@dataclass(frozen=True)
class Mutant:
    """`wrong` is what a developer did; it is seen at one of these addresses, by one of these words in what is found.

    `runs`: the policy of the pages is gone too, so that the payload does what it is made for.
    """

    name: str
    wrong: str
    edits: tuple[Edit, ...]
    addresses: tuple[str, ...]
    seen: tuple[str, ...]
    runs: bool = False


def environment(mutant: Mutant, folder: Path) -> Mapping[str, str]:
    """What a server is started with to be wrong in this way: a copy of the product in `folder`, with the edits."""
    found = find_spec("kouprey")
    assert found is not None and found.submodule_search_locations
    source = Path(next(iter(found.submodule_search_locations)))
    shutil.copytree(source, folder / "kouprey", ignore=shutil.ignore_patterns("__pycache__"))
    edits = (*mutant.edits, _NO_POLICY) if mutant.runs else mutant.edits
    for file, old, new in edits:
        path = folder / "kouprey" / file
        text = path.read_text("utf-8")
        assert old in text, f"{mutant.name}: {file} has changed; say anew how it goes wrong"
        path.write_text(text.replace(old, new), "utf-8")
    return {"PYTHONPATH": str(folder)}


_NO_POLICY = ("kernel/web/app.py", '    "Content-Security-Policy": CONTENT_POLICY,\n', "")
_OBJECT, _LIST = "exchange/templates/object.html", "exchange/templates/list.html"


def _one(kind: str, payload: str, more: str = "") -> str:
    """The address of the object of this type that carries a payload in all its properties."""
    return f"/intelligence/{stix_id(kind, f'hostile-{PAYLOADS.index(payload)}')}{more}"


_SCRIPT = PAYLOADS[0]
_IMAGE = next(each for each in PAYLOADS if each.startswith("<img src=x"))
_AWAY = next(each for each in PAYLOADS if each.startswith("<img src=http"))
_TITLE = next(each for each in PAYLOADS if each.startswith("</title>"))
_LINK = next(each for each in PAYLOADS if each.startswith("javascript:"))
_DATA = next(each for each in PAYLOADS if each.startswith("data:"))
_COLOUR = next(each for each in PAYLOADS if each.startswith("red;"))
_FOCUS = next(each for each in PAYLOADS if each.startswith('" autofocus'))
_HEADING = ("<h1><bdi>{{ title }}</bdi></h1>", "<h1><bdi>{{ title|safe }}</bdi></h1>")
_PLAIN_FACT = "<bdi>{{ fact.value }}</bdi>"
_FACT = "exchange/templates/parts.html"

MUTANTS: tuple[Mutant, ...] = (
    Mutant(
        "autoescape",
        "The templates escape nothing.",
        (("kernel/web/render.py", "autoescape=True", "autoescape=False"),),
        (_one("report", _IMAGE),),
        ("img onerror",),
    ),
    Mutant(
        "autoescape runs",
        "The templates escape nothing, and the pages have no policy.",
        (("kernel/web/render.py", "autoescape=True", "autoescape=False"),),
        (_one("report", _IMAGE),),
        ("something ran",),
        runs=True,
    ),
    Mutant("policy", "The pages have no policy.", (), ("/intelligence",), ("no policy",), runs=True),
    Mutant(
        "lax policy",
        "Scripts within a page are let run.",
        (("kernel/web/app.py", "script-src 'self'", "script-src 'self' 'unsafe-inline'"),),
        ("/intelligence",),
        ("policy",),
    ),
    Mutant("heading", "A title is safe.", ((_OBJECT, *_HEADING),), (_one("report", _IMAGE),), ("img onerror",)),
    Mutant(
        "heading runs",
        "A title is safe, and the pages have no policy.",
        ((_OBJECT, *_HEADING),),
        (_one("report", _IMAGE),),
        ("something ran",),
        runs=True,
    ),
    Mutant(
        "asks",
        "A title is safe, and the pages have no policy: a picture is asked of somebody else.",
        ((_OBJECT, *_HEADING),),
        (_one("report", _AWAY),),
        ("asked for http://away.invalid",),
        runs=True,
    ),
    Mutant(
        "tab",
        "The title of the window is safe.",
        ((_OBJECT, "{% block title %}{{ title }}", "{% block title %}{{ title|safe }}"),),
        (_one("report", _TITLE),),
        ("a script",),
    ),
    Mutant(
        "list",
        "The words of a hit are safe.",
        ((_LIST, "{% else %}{{ part.text }}{% endif %}", "{% else %}{{ part.text|safe }}{% endif %}"),),
        ("/intelligence?type=report",),
        # Which payloads stand on the first page follows from what else the story has brought in.
        ("img onerror", "it went elsewhere", "asked for http://away.invalid"),
    ),
    Mutant(
        "prose",
        "A description is safe.",
        (
            (
                "exchange/templates/read.html",
                "{% else %}{{ piece.text }}{% endif %}",
                "{% else %}{{ piece.text|safe }}{% endif %}",
            ),
        ),
        (_one("report", _SCRIPT),),
        ("a script",),
    ),
    Mutant(
        "link",
        "A fact is a link to where it points.",
        ((_FACT, "{{ ui.badge(word) }}", '<a href="{{ word }}">{{ word }}</a>'),),
        (_one("report", _LINK),),
        ("a href=javascript:",),
    ),
    Mutant(
        "data link",
        "A fact is a link, unless it begins with javascript.",
        ((_FACT, "{{ ui.badge(word) }}", "<a href=\"{{ word if not word.lower().startswith('javascript') }}\">x</a>"),),
        (_one("report", _DATA),),
        ("a href=data:text",),
    ),
    Mutant(
        "colour",
        "A label is the colour of its badge.",
        ((_FACT, "{{ ui.badge(word) }}", '<span class="badge" style="color:{{ word }}">{{ word }}</span>'),),
        (_one("report", _COLOUR),),
        ("span style",),
    ),
    Mutant(
        "attribute",
        "What was searched stands in its field as it was written.",
        (("exchange/templates/list_search.html", 'value="{{ query.text }}"', 'value="{{ query.text|safe }}"'),),
        ("/intelligence?q=%22%20autofocus%20onfocus=%22window.done=1",),
        ("input onfocus",),
    ),
    Mutant(
        "quote",
        "An attribute has no quotes.",
        ((_FACT, "{{ ui.badge(word) }}", "<span class=badge title={{ word }}>{{ word }}</span>"),),
        (_one("report", next(each for each in PAYLOADS if each.startswith("' autofocus"))),),
        ("span onfocus", "span autofocus"),
    ),
    Mutant(
        "file",
        "The name of a chosen file is written as markup.",
        (("kernel/web/static/writing.js", "line.textContent = file.name", "line.innerHTML = file.name"),),
        ("/intelligence/import",),
        ("img onerror",),
    ),
    Mutant(
        "graph table",
        "The table of the graph is written as markup.",
        (("kernel/web/static/graph-table.js", "made.textContent = text;", "made.innerHTML = text;"),),
        (_one("report", _IMAGE, "/graph"),),
        ("img onerror",),
    ),
    Mutant(
        "graph label",
        "The name of what is chosen in the graph is written as markup.",
        (
            (
                "kernel/web/static/graph.js",
                'bdi").textContent = graph.chosen.name;',
                'bdi").innerHTML = graph.chosen.name;',
            ),
        ),
        (_one("report", _IMAGE, "/graph"),),
        ("img onerror",),
    ),
    Mutant(
        "graph facts",
        "What the graph tells of an object is safe.",
        (("exchange/templates/graph_facts.html", "{{ text }}", "{{ text|safe }}"),),
        (_one("report", _IMAGE, "/graph"),),
        ("img onerror",),
    ),
    Mutant(
        "person",
        "The name of a person is safe.",
        (("people/templates/everybody.html", "{{ person.name }}", "{{ person.name|safe }}"),),
        ("/people",),
        ("img onerror", "img src"),
    ),
    Mutant(
        "party",
        "The name of the party is safe.",
        (("kernel/web/templates/frame.html", "<strong>{{ site.party_name }}", "<strong>{{ site.party_name|safe }}"),),
        ("/keys",),
        ("a script",),
    ),
)
