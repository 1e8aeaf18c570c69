"""Every page there is to look at: taken from the doors of a node, so that a new page cannot be forgotten.

`PAGES` are the paths that need nothing said about what they show. Whoever looks at pages of one object, partner or
agreement adds the addresses of those of their own world.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from browser.crawling import page_doors
from kouprey.kernel.web.door import Door
from kouprey.node.assemble import open_node
from kouprey.node.founding import found
from kouprey.node.web import build_web

_PART = "a part of a page, which is seen in it"
_FILE = "a file"
_HOSTED = "for people of constituents: looked at in tests/browser/test_hosted.py"
_AWAY = "leads to the sign-in provider, or from it"

UNSEEN: dict[str, str] = {
    "/overview/now": _PART,
    "/notices/now": _PART,
    "/cases/{case}/stix": _FILE,
    "/cases/templates/{template}/template.json": _FILE,
    "/partners/live": _PART,
    "/story/chapters": _PART,
    "/partners/card/file": _FILE,
    "/partners/keys/ceremonies.pdf": _FILE,
    "/ledger/export": _FILE,
    "/files/{file}": _FILE,
    "/ledger/{tag}/{number}/proof": _FILE,
    "/partners/{party}/evidence/{tag}": _FILE,
    "/intelligence/export": _FILE,
    "/audit/export": _FILE,
    "/intelligence/imports/{import}/now": _PART,
    "/intelligence/many/{deed}/now": _PART,
    "/agreements/{agreement}/{version}/document.json": _FILE,
    "/agreements/{agreement}/{version}/note": _FILE,
    "/agreements/{agreement}/{version}/agreement.pdf": _FILE,
    "/agreements/{agreement}/measures.csv": _FILE,
    "/agreements/{agreement}/measures.zip": _FILE,
    "/badges/status/1": _FILE,
    "/badges/{badge}/badge.json": _FILE,
    "/.well-known/did.json": _FILE,
    "/programmes/badges/{badge}/badge.pdf": _FILE,
    "/processing.csv": _FILE,
    "/processing.pdf": _FILE,
    "/cases/{case}/evidence/{item}": _FILE,
    "/handoffs/{handoff}/sealed/{sealed}": _FILE,
    "/handoffs/{handoff}/paper.pdf": _FILE,
    "/cases/{case}/duties/{duty}/{step}/sendings/{sending}": _FILE,
    "/duties/quarter.csv": _FILE,
    "/reports/{number}/original": _FILE,
    "/cases/{case}/report.pdf": _FILE,
    "/situation/briefing.pdf": _FILE,
    "/hunts/{hunt}/now": _PART,
    "/watch/now": _PART,
    "/readiness/readiness.pdf": _FILE,
    "/evidence/{statement}/note": _FILE,
    "/dossiers/{dossier}/ledger.json": _FILE,
    **dict.fromkeys(
        (f"/dossiers/{{dossier}}/items/{{piece}}/{file}" for file in ("body", "custody.pdf", "proof.json")), _FILE
    ),
    "/strategies/{strategy}/playbook.json": _FILE,
    "/directory/teams/{party}/profile.txt": _FILE,
    "/intelligence/imports/{import}/refusals.csv": _FILE,
    **{
        f"/statements{of}/{file}": _FILE
        for of in ("", "/mirror/{publisher}")
        for file in (
            *("feed.atom", "feed.json", "chain.json", "publisher.card", "export.zip"),
            *(f"{{said}}/{each}" for each in ("signed.json", "cap.xml", "text.txt", "card.pdf")),
        )
    },
    "/s/{said}": "leads to the statement",
    **dict.fromkeys(("/yours", "/yours/threats", "/yours/search", "/yours/own", "/yours/{stix_id}"), _HOSTED),
    "/digest/{contact}/{proof}": _HOSTED,
    "/digest/{contact}/{proof}/now": "asked by mail programs, which end the mail by it",
    "/sign-in/openid": _AWAY,
    "/sign-in/openid/return": _AWAY,
}
"""Paths that a browser can open and nobody looks at, each with the reason."""


def seen(doors: Iterable[Door]) -> tuple[str, ...]:
    """The pages among some doors that can be opened without saying of what."""
    paths = (
        door.path
        for door in doors
        if door.kind == "page" and "GET" in door.methods and door.seconds is not None and "{" not in door.path
    )
    return tuple(path for path in dict.fromkeys(paths) if path not in UNSEEN)


def find_unvisited(doors: Sequence[Door], visited: Iterable[str]) -> list[str]:
    """Paths of doors that people open and nobody has looked at."""
    return sorted({door.path for door in page_doors(doors)} - set(visited) - set(UNSEEN))


def _doors() -> tuple[str, ...]:
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "node"
        settings = {"listen": "127.0.0.1:8420", "url": "", "database": "", "guard_database": "", "story": True}
        identity = "identity--5f8a3b0e-3a6e-4f0e-9d57-0c4f3c5d7a10"
        found(data, party="cert.example", name="Example", settings=settings, identity=identity, person="Sophea")
        node = open_node(data)
        try:
            return seen(build_web(node).doors)
        finally:
            node.close()


PAGES: tuple[str, ...] = _doors()
