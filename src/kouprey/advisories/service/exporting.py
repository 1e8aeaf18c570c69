"""A copy of everything public for whoever hands it out when we cannot: plain files in a zip."""

from __future__ import annotations

from typing import Any

from kouprey.advisories.service.statements import Statements
from kouprey.advisories.wire.archive import READ_ME, pack, write_chain
from kouprey.advisories.wire.block import write_block
from kouprey.advisories.wire.cap import write_cap
from kouprey.advisories.wire.feeds import write_atom, write_json_feed
from kouprey.advisories.wire.html import TONGUES, Links, list_page, statement_page
from kouprey.advisories.wire.statement import write_signed
from kouprey.kernel.web.static import static_files
from kouprey.kernel.words.time import Instant

STYLE = "statements.css"


def export_statements(statements: Statements, publisher: str = "") -> bytes:
    """The zip of a publisher's statements (ours without one): the same shelf gives the same bytes."""
    every, chain = statements.list_public(publisher), statements.chain(publisher)
    links = Links(style=STYLE, check=f"{statements.origin}/check", brand=chain.name)
    files: dict[str, bytes] = {
        "README.txt": READ_ME.format(name=chain.name, party=chain.publisher).encode(),
        "chain.json": write_chain(chain),
        "publisher.card": statements.card(publisher),
        STYLE: static_files().content(STYLE),
    }
    for language in TONGUES:
        page = list_page(every, chain, language, links).encode()
        files[f"index.{language}.html"] = page
        files.setdefault("index.html", page)
    home, changed = f"{statements.origin}/statements", _newest(statements, publisher)
    feed: dict[str, Any] = {"title": chain.name, "home": home, "language": "en", "address": lambda said: said.url}
    files["feed.atom"] = write_atom(every, own=f"{home}/feed.atom", changed=changed, **feed)
    files["feed.json"] = write_json_feed(every, own=f"{home}/feed.json", **feed)
    for each in every:
        said = each.statement
        files[f"signed/{said.id}.json"] = write_signed(each.signed)
        files[f"{said.id}.cap.xml"] = write_cap(said, statements.replaced_by(each))
        for language in said.content.languages:
            files[f"{said.id}.{language}.txt"] = write_block(said, language).encode()
            text = statement_page(each, language, links, address=said.url, replaced=statements.replaced_by(each))
            files[f"{said.id}.{language}.html"] = text.encode()
    return pack(files)


def _newest(statements: Statements, publisher: str) -> Instant:
    return max((each.issued for each in statements.chain(publisher).links), default=0)
