"""Agreements of the published vectors are read as the specification says."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

from kouprey.agreements import wire
from kouprey.kernel.seal.notes import split_note

VECTOR = json.loads((Path(__file__).parent / "lane" / "agreement.json").read_text("utf-8"))


def test_published_agreement_is_read() -> None:
    document = VECTOR["document"].encode()
    text = split_note(VECTOR["note"].encode())[0]
    fields = wire.parse_version(text)
    assert fields.agreement == VECTOR["agreement"] == wire.agreement_id(document)
    assert fields.document_sha256 == sha256(document).digest()
    assert fields.document_length == len(document)
    assert sha256(text).hexdigest() == VECTOR["version_sha256"]
    assert wire.render_version(fields) == text
    read = wire.parse_document(document)
    assert wire.keep_signatures(VECTOR["note"].encode(), read)[1] == ("ministry.example", "operator.example")


def test_the_next_version_names_the_one_before() -> None:
    following = wire.parse_version(VECTOR["next_text"].encode())
    assert following.number == 2
    assert following.previous.hex() == VECTOR["version_sha256"]


def test_published_notice_is_read() -> None:
    notice = wire.parse_notice(split_note(VECTOR["notice"].encode())[0])
    assert (notice.party, notice.act, notice.serial, notice.version) == ("operator.example", "suspend", 1, 1)
