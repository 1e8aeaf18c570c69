"""Agreements as bytes: what the specification shows is read, everything else is refused in words."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouprey.agreements import wire
from kouprey.kernel.seal import notes
from kouprey.kernel.seal.keys import SigningKey, VerifyKey
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.time import FOREVER, parse_instant

VECTORS = json.loads((Path(__file__).parents[1] / "conformance/lane/agreement.json").read_text("utf-8"))
DOCUMENT = json.loads(VECTORS["document"])
quick = settings(max_examples=150, deadline=None)


def changed(path: str, value: object) -> bytes:
    """The document of the vectors with one field set; the path has dots."""
    document = json.loads(VECTORS["document"])
    *folders, name = path.split(".")
    place: Any = document
    for folder in folders:
        place = place[int(folder) if folder.isdigit() else folder]
    place[name] = value
    return json.dumps(document).encode()


def test_the_document_of_the_specification() -> None:
    raw = VECTORS["document"].encode()
    document = wire.parse_document(raw)
    assert [party.id for party in document.parties] == ["ministry.example", "operator.example"]
    assert document.terms.onward == "none"
    assert wire.read_end(document) == parse_instant("2027-12-01T00:00:00Z")
    assert wire.agreement_id(raw) == VECTORS["agreement"]


def test_what_we_write_we_read() -> None:
    document = wire.parse_document(VECTORS["document"].encode())
    assert wire.parse_document(wire.render_document(document)) == document


def test_the_version_note_of_the_specification() -> None:
    text = VECTORS["text"].encode()
    fields = wire.parse_version(text)
    assert (fields.number, fields.previous) == (1, b"")
    assert fields.document_sha256 == sha256(VECTORS["document"].encode()).digest()
    assert wire.render_version(fields) == text
    note = VECTORS["note"].encode()
    assert wire.note_hash(note).hex() == VECTORS["version_sha256"]
    document = wire.parse_document(VECTORS["document"].encode())
    assert wire.keep_signatures(note, document) == (note, ("ministry.example", "operator.example"))
    after = wire.parse_version(VECTORS["next_text"].encode())
    assert (after.number, after.previous.hex()) == (2, VECTORS["version_sha256"])


def test_the_notice_of_the_specification() -> None:
    text, _ = notes.split_note(VECTORS["notice"].encode())
    notice = wire.parse_notice(text)
    assert (notice.party, notice.act, notice.serial, notice.version) == ("operator.example", "suspend", 1, 1)
    assert wire.render_notice(notice) == text
    assert wire.is_notice(text)
    assert not wire.is_notice(VECTORS["text"].encode())


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("v", 2),
        ("title", ""),
        ("title", "a" * 201),
        ("title", "an\u202eother"),
        ("surprise", 1),
        ("parties", []),
        ("parties", DOCUMENT["parties"][:1]),
        ("parties", DOCUMENT["parties"][:1] * 2),
        ("parties.0.id", "Ministry"),
        ("parties.0.root", DOCUMENT["parties"][1]["root"]),
        ("parties.0.root", "none"),
        ("parties.0.extra", 1),
        ("parties.0.name", "\x1b[31m"),
        ("terms.tlp_ceiling", "AMBER"),
        ("terms.tlp_ceiling", "purple"),
        ("terms.types", []),
        ("terms.types", ["a", "a"]),
        ("terms.purposes", ["Not a word"]),
        ("terms.onward", "everybody"),
        ("terms.duties", {"answer": "24h"}),
        ("terms.quotas", {"entries_day": -1}),
        ("terms.retention_days", -1),
        ("terms.from", ""),
        ("terms.from", "2026-12-01"),
        ("terms.from", "2026-12-01T01:00:00+01:00"),
        ("terms.from", "9999-12-31T23:59:60Z"),
        ("terms.from", "2027-12-01T00:00:00Z"),
        ("terms.until", "0000-01-01T00:00:00Z"),
        ("overlap_s", -1),
        ("text", {"english, please": "words"}),
    ],
)
def test_a_document_that_cannot_decide_is_damaged(path: str, value: object) -> None:
    with pytest.raises(Damaged) as damaged:
        wire.parse_document(changed(path, value))
    assert damaged.value.what
    assert damaged.value.why


def test_no_end_is_for_ever() -> None:
    assert wire.read_end(wire.parse_document(changed("terms.until", ""))) == FOREVER


def test_limits() -> None:
    with pytest.raises(Damaged, match="longer"):
        wire.parse_document(b" " * (wire.DOCUMENT_MAX + 1))
    seventeen = [{"id": f"p{n}.example", "root": SigningKey.generate().vkey(f"p{n}.example/root")} for n in range(17)]
    with pytest.raises(Damaged, match="16"):
        wire.parse_document(changed("parties", seventeen))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("agreement/v1", "agreement/v2"),
        ("agr_", "agr-"),
        ("version 1", "version 01"),
        ("version 1", "version 2"),
        ("version 1", "version 0"),
        ("prev -", "prev " + "A" * 43 + "="),
        ("prev -", "prev x"),
        ("Z\n", "+00:00\n"),
        ("2026-12-01T00:00:00Z", "9999-12-31T23:59:60Z"),
        (" 451", " 0451"),
        ("\n", "\r\n"),
    ],
)
def test_a_version_note_has_one_form(old: str, new: str) -> None:
    with pytest.raises(Damaged):
        wire.parse_version(VECTORS["text"].replace(old, new).encode())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("notice/v1", "notice/v2"),
        ("suspend", "forget"),
        ("serial 1", "serial -1"),
        ("serial 1", "serial 1" + "0" * 20),
        ("operator.example", "Operator"),
        ("at 2026", "at 26"),
    ],
)
def test_a_notice_has_one_form(old: str, new: str) -> None:
    text = notes.split_note(VECTORS["notice"].encode())[0].decode()
    with pytest.raises(Damaged):
        wire.parse_notice(text.replace(old, new).encode())


@quick
@given(st.binary(max_size=300))
def test_no_bytes_are_more_than_damaged(raw: bytes) -> None:
    for parse in (wire.parse_document, wire.parse_version, wire.parse_notice):
        with pytest.raises(Damaged):
            parse(raw)


@quick
@given(st.integers(0, 400), st.integers(1, 255))
def test_a_changed_byte_is_read_as_itself_or_damaged(place: int, flip: int) -> None:
    for text, parse, render in (
        (VECTORS["text"].encode(), wire.parse_version, wire.render_version),
        (notes.split_note(VECTORS["notice"].encode())[0], wire.parse_notice, wire.render_notice),
    ):
        spoiled = bytearray(text)
        spoiled[place % len(text)] ^= flip
        try:
            assert render(parse(bytes(spoiled))) == bytes(spoiled)  # type: ignore[operator]  # each pair fits
        except Damaged:
            continue


def test_only_one_line_of_each_known_key_is_kept() -> None:
    known, stranger = SigningKey.generate(), SigningKey.generate()
    note = notes.sign_note(b"words\n", [("z.example/root", stranger), ("b.example/root", known)])
    keys = [VerifyKey.parse(known.vkey("b.example/root"))]
    kept, names = wire.keep_lines(note, keys)
    assert names == ("b.example/root",)
    assert kept == notes.sign_note(b"words\n", [("b.example/root", known)])
    assert wire.keep_lines(kept, keys) == (kept, names)
    with pytest.raises(Damaged):
        wire.keep_lines(note, [VerifyKey.parse(stranger.vkey("b.example/root"))])
