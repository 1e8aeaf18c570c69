"""The doctor finds a flipped bit in each important table, names it, and mends what can be mended."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import apsw
import pytest

from kouprey.agreements.model import Terms
from kouprey.agreements.service import Agreements
from kouprey.exchange.service import Exchange
from kouprey.kernel.words.errors import Unknown
from kouprey.kernel.words.finding import Finding
from kouprey.kernel.words.time import wall_clock
from kouprey.node import fiction
from kouprey.node.assemble import Node, open_node
from kouprey.node.doctor import examine
from kouprey.node.founding import found
from kouprey.node.health import health
from kouprey.people.service import People

IDENTITY = "identity--0f1e2d3c-0000-4000-8000-00000000000"
THINGS = [
    {
        "type": "tool",
        "spec_version": "2.1",
        "id": fiction.stix_id("tool", f"tool {number}"),
        "created": "2026-10-31T05:00:00.000Z",
        "modified": "2026-10-31T05:00:00.000Z",
        "name": f"tool {number}",
        "object_marking_refs": ["marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"],
    }
    for number in range(5)
]
MORE = [
    {
        "type": "indicator",
        "id": fiction.stix_id("indicator", "found"),
        "created": "2026-10-31T05:00:00.000Z",
        "modified": "2026-10-31T05:00:00.000Z",
        "name": "found",
        "pattern_type": "stix",
        "pattern": "[domain-name:value = 'wrong.example' OR ipv4-addr:value = '198.51.100.7']",
    },
    {
        "type": "relationship",
        "id": fiction.stix_id("relationship", "found"),
        "created": "2026-10-31T05:00:00.000Z",
        "modified": "2026-10-31T05:00:00.000Z",
        "relationship_type": "indicates",
        "source_ref": fiction.stix_id("indicator", "found"),
        "target_ref": fiction.stix_id("tool", "tool 1"),
    },
]


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A node that has imported, agreed and published; its root key is kept elsewhere."""
    root = tmp_path_factory.mktemp("lived")
    nodes: list[Node] = []
    for number, party in enumerate(("one.example", "two.example")):
        found(root / party, party=party, name=party, settings={}, identity=f"{IDENTITY}{number}", person="A")
        nodes.append(open_node(root / party))
    one, two = nodes
    for node, other in ((one, two), (two, one)):
        node.services.get(People).trust(other.services.get(People).home().note, by="test")
    theirs, ours = two.services.get(Agreements), one.services.get(Agreements)
    draft = theirs.draft("Exchange", ["one.example"], Terms(), starts=wall_clock() - 10**6, by="test")
    signed = theirs.sign(draft.agreement, by="test")
    ours.receive_note(signed.note, signed.document_bytes, by="test")
    ours.sign(draft.agreement, by="test")
    exchange = one.services.get(Exchange)
    assert exchange.import_stream(io.BytesIO(fiction.bundle(THINGS)), name="t", by="test").new == 5
    assert len(exchange.publish(draft.agreement, everything=True, by="test").queued) == 5
    assert exchange.import_stream(io.BytesIO(fiction.bundle(MORE)), name="more", by="test").new == 2
    one.settle()
    for node in nodes:
        node.close()
    (root / "one.example" / "keys" / "root.key").unlink()
    return root / "one.example"


@pytest.fixture
def node(lived: Path, tmp_path: Path) -> Path:
    shutil.copytree(lived, tmp_path / "node")
    return tmp_path / "node"


def findings(folder: Path, *, repair: bool = False) -> list[tuple[str, Finding]]:
    return [(name, each) for name, several in examine(folder, repair=repair) for each in several if each.what]


def bad(folder: Path, *, repair: bool = False) -> list[tuple[str, Finding]]:
    return [(name, each) for name, each in findings(folder, repair=repair) if each.level != "warn"]


def flip(folder: Path, table: str, column: str, where: str = "1 = 1") -> None:
    """One bit of the first matching value."""
    database = apsw.Connection(str(folder / "kouprey.db"))
    # A table without rowids is told apart by its value.
    key = column if table == "occurrence" else "rowid"
    rowid, value = next(
        iter(database.execute(f"SELECT {key}, {column} FROM {table} WHERE {where} ORDER BY {key} LIMIT 1"))
    )
    if isinstance(value, int):
        changed: object = value ^ 1
    else:
        data = bytearray(value.encode() if isinstance(value, str) else value)
        data[len(data) // 2] ^= 1
        changed = bytes(data).decode() if isinstance(value, str) else bytes(data)
    database.execute(f"UPDATE {table} SET {column} = ? WHERE {key} = ?", (changed, rowid))
    database.close()


def test_a_node_that_is_well(node: Path) -> None:
    assert not bad(node), bad(node)


@pytest.mark.parametrize(
    ("table", "column", "where", "check", "names"),
    [
        ("body", "bytes", "1 = 1", "bodies", "Body "),
        ("body", "sha256", "1 = 1", "bodies", "Body "),
        ("body", "title", "title <> ''", "bodies", "listed under"),
        ("body", "revoked", "1 = 1", "bodies", "listed under"),
        ("version", "instant", "instant > 0", "bodies", "listed under"),
        ("version", "label_set_id", "1 = 1", "label sets", "does not carry the labels"),
        ("assertion", "label_id", "1 = 1", "label sets", "does not carry the labels"),
        ("tally", "n", "1 = 1", "tally", "counts are wrong"),
        ("finding", "said", "1 = 1", "derived", "findings is not what the bodies say, the first of body 1"),
        ("finding", "musts", "1 = 1", "derived", "findings"),
        ("occurrence", "version_id", "1 = 1", "derived", "observables"),
        ("finding_kind", "text", "1 = 1", "derived", "findings"),
        ("observable", "text", "1 = 1", "derived", "observables"),
        ("observable", "place", "place <> ''", "derived", "observables"),
        ("reference", "target", "1 = 1", "derived", "search"),
        ("reference", "target_key", "1 = 1", "derived", "search"),
        ("term_docsize", "id", "1 = 1", "derived", "search"),
        ("membership", "position", "1 = 1", "positions", "order of positions"),
        ("label", "tlp", "1 = 1", "labels", "label 1 "),
        ("label", "owner", "1 = 1", "labels", "label 1 "),
        ("profile", "reader", "1 = 1", "labels", "profile 1 "),
        ("visible", "until", "1 = 1", "decisions", "decisions are not"),
        ("lane_entry", "body", "place % 16777216 = 3", "lanes", "damaged entry 3"),
        ("lane_entry", "salt", "place % 16777216 = 2", "lanes", "damaged entry 2"),
        ("lane_entry", "header", "place % 16777216 = 1", "lanes", "entry 1"),
        ("lane_checkpoint", "note", "1 = 1", "lanes", "damaged checkpoint"),
        ("lane_checkpoint", "root", "1 = 1", "lanes", "damaged checkpoint"),
        ("lane_checkpoint", "frontier", "1 = 1", "lanes", "damaged checkpoint"),
        ("lane", "frontier", "1 = 1", "lanes", "its own row"),
        ("lane", "genesis", "1 = 1", "lanes", "another genesis"),
    ],
)
def test_a_flipped_bit_is_found_and_named(
    node: Path, table: str, column: str, where: str, check: str, names: str
) -> None:
    flip(node, table, column, where)
    told = [(name, each.what) for name, each in bad(node)]
    assert [what for name, what in told if name == check and names in what], told


def test_a_flipped_bit_in_a_page_of_an_index_is_found(node: Path) -> None:
    database = apsw.Connection(str(node / "kouprey.db"))
    database.pragma("wal_checkpoint", "TRUNCATE")
    page_size = database.pragma("page_size")
    page = next(iter(database.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'version_by_position'")))[0]
    database.close()
    data = bytearray((node / "kouprey.db").read_bytes())
    data[page * page_size - 6] ^= 0x40
    (node / "kouprey.db").write_bytes(data)
    told = bad(node)
    assert told and told[0][0] == "database", told


def test_what_can_be_mended_is_mended(node: Path) -> None:
    flip(node, "tally", "n")
    flip(node, "visible", "until")
    (node / "keys" / "node.key").chmod(0o644)
    (node / ".backup-left").mkdir()
    assert {name for name, _ in bad(node)} == {"files", "tally", "decisions"}
    assert {each.level for _, each in bad(node, repair=True)} == {"mended"}
    assert not bad(node)
    assert (node / "keys" / "node.key").stat().st_mode & 0o777 == 0o600 and not (node / ".backup-left").exists()


def test_what_was_derived_wrongly_is_derived_again_by_the_node(node: Path) -> None:
    flip(node, "finding", "musts")
    flip(node, "observable", "text")
    flip(node, "occurrence", "version_id")
    flip(node, "reference", "target")
    assert {name for name, _ in bad(node)} == {"derived"}
    assert {each.level for _, each in bad(node, repair=True)} == {"mended"}
    assert not bad(node) and [each for name, each in findings(node) if name == "derived" and each.level == "warn"]
    opened = open_node(node)
    assert health(opened)["renewing"] == 0.0
    while opened.services.get(Exchange).renew():
        pass
    assert "renewing" not in health(opened)
    opened.close()
    assert not [each for name, each in findings(node) if name == "derived"]


def test_what_it_stands_on_is_said_first(node: Path, tmp_path: Path) -> None:
    (node / "keys" / "age.key").unlink()
    ((name, each),) = bad(node)
    assert name == "keys" and "age.key" in each.what
    with pytest.raises(Unknown):
        findings(tmp_path / "nowhere")


def test_migrations_that_wait_are_told_and_not_applied(node: Path) -> None:
    database = apsw.Connection(str(node / "kouprey.db"))
    database.execute("DELETE FROM migration WHERE capability = 'exchange'")
    told = findings(node)
    assert told[-1][0] == "migrations" and told[-1][1].level == "warn"
    assert not list(database.execute("SELECT 1 FROM migration WHERE capability = 'exchange'"))
    database.close()
