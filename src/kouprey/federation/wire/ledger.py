"""The plain export anybody can verify without us: JSON lines (docs/spec/ledger.md)."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator
from hashlib import sha256

import msgspec

from kouprey.federation.model import BodyFrame, BodyState, EntryHeader, Receipt

_STATES = {BodyState.PRESENT: "present", BodyState.ERASED: "erased", BodyState.WITHHELD: "withheld"}


class LedgerLane(msgspec.Struct, frozen=True, kw_only=True):
    """A lane from its genesis on: `entries` are consumed once, receipts are given with the party that signed each."""

    origin: str
    checkpoint: bytes
    size: int
    entries: Iterable[tuple[EntryHeader, BodyFrame]]
    receipts: tuple[tuple[str, Receipt], ...] = ()


def render_ledger(
    *,
    party: str,
    made_at: str,
    cards: Iterable[bytes],
    agreements: Iterable[tuple[bytes, bytes]],
    lanes: Iterable[LedgerLane],
    roots: Iterable[bytes] = (),
) -> Iterator[bytes]:
    """The lines of a ledger of `party`, each with its newline, ending with their hash.

    `cards` are signed notes, one for each key statement a genesis names; `agreements` pairs of note and document;
    `roots` the root statements by which earlier root keys count.
    """
    digest = sha256()
    for line in _lines(party, made_at, roots, cards, agreements, lanes):
        data = msgspec.json.encode(line) + b"\n"
        digest.update(data)
        yield data
    yield msgspec.json.encode({"type": "end", "sha256": digest.hexdigest()}) + b"\n"


def _lines(
    party: str,
    made_at: str,
    roots: Iterable[bytes],
    cards: Iterable[bytes],
    agreements: Iterable[tuple[bytes, bytes]],
    lanes: Iterable[LedgerLane],
) -> Iterator[dict[str, object]]:
    yield {"type": "ledger", "v": 1, "party": party, "made_at": made_at}
    for root in roots:
        yield {"type": "root", "note": root.decode()}
    for card in cards:
        yield {"type": "card", "note": card.decode()}
    for note, document in agreements:
        yield {"type": "agreement", "note": note.decode(), "document": _base64(document)}
    for lane in lanes:
        yield {"type": "lane", "origin": lane.origin, "size": lane.size, "checkpoint": lane.checkpoint.decode()}
        for header, frame in lane.entries:
            yield {
                "type": "entry",
                "header": _base64(header.to_bytes()),
                "state": _STATES[frame.state],
                "salt": _base64(frame.salt),
                "body": _base64(frame.body),
            }
        for peer, receipt in lane.receipts:
            yield {"type": "receipt", "party": peer, "note": receipt.note, "without": receipt.without}


def _base64(data: bytes) -> str:
    return b64encode(data).decode("ascii")
