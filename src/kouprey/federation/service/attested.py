"""Whether what parties have signed still is what they signed: receipts, cards, key statements, proofs, what waits."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from kouprey.federation import store as rows
from kouprey.federation.model import Receipt
from kouprey.federation.service import Federation
from kouprey.federation.service.nodekeys import is_card
from kouprey.federation.store import checks as looks
from kouprey.federation.store import statements
from kouprey.federation.wire import entry, link
from kouprey.federation.wire.erasing import open_erasure_receipt
from kouprey.federation.wire.statement import open_statement, read_statement
from kouprey.kernel.seal.keys import VerifyKey
from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words.errors import KoupreyError
from kouprey.kernel.words.finding import Finding
from kouprey.people.model import Party

_RESTORE = "Restore a backup."
_AGAIN = "It is asked for again when the node starts."
_ANEW = "It was written anew."


def examine(federation: Federation, repair: bool) -> Iterator[Finding]:
    """Everything that is damaged; what others gave us is forgotten with `repair`, so that it is asked for again."""
    with federation.store.read() as reader:
        lanes = rows.list_lanes(reader)
    for lane in lanes:
        yield from _receipts(federation, lane, repair)
        yield from _erasure_receipts(federation, lane)
    yield from _cards(federation, repair)
    yield from _statements(federation, repair)
    yield from _proofs(federation)
    yield from _waiting(federation)


def _holds(look: Callable[[], object]) -> bool:
    try:
        return look() is not False
    except (KoupreyError, ValueError, msgspec.MsgspecError):
        return False


def _damaged(
    federation: Federation, what: str, repair: bool = False, mend: Callable[[Tx], None] | None = None, how: str = _AGAIN
) -> Finding:
    mended = repair and mend is not None
    if mended and mend is not None:
        federation.store.write(mend)
    hint = "Run `kouprey doctor --repair`." if mend is not None else _RESTORE
    return Finding(
        level="mended" if mended else "bad",
        what=f"{what} is damaged.",
        why="It is not what was signed, or cannot be read.",
        remedy=how if mended else hint,
    )


def _receipts(federation: Federation, lane: rows.Lane, repair: bool) -> Iterator[Finding]:
    admission, home = federation.admission, federation.people.home_id
    with federation.store.read() as reader:
        held = rows.list_receipts(reader, lane.id)
    for each in held:
        if _holds(lambda each=each: _size(federation, lane, each) == each.size):  # type: ignore[misc]  # mypy cannot infer a lambda with defaults
            continue

        def mend(tx: Tx, party: str = each.party) -> None:
            looks.drop_receipt(tx, lane.id, party)
            if party == home:
                admission.confirm_anew(tx, lane.id)

        what = f"The receipt of {each.party} for lane {lane.tag}"
        yield _damaged(federation, what, repair, mend, _ANEW if each.party == home else _AGAIN)


def _size(federation: Federation, lane: rows.Lane, held: rows.StoredReceipt) -> int:
    keys = federation.admission.keys
    receipt = msgspec.json.decode(held.receipt, type=Receipt)
    checkpoint, _, _ = link.open_receipt(
        receipt, origin=lane.origin, author_keys=keys.every(lane.author), receipt_keys=keys.receipts(held.party)
    )
    return checkpoint.size


def _erasure_receipts(federation: Federation, lane: rows.Lane) -> Iterator[Finding]:
    with federation.store.read() as reader:
        held = rows.list_erasure_receipts(reader, lane.id)
    for each in held:
        keys = federation.admission.keys.nodes(each.party)
        if not _holds(lambda each=each, keys=keys: open_erasure_receipt(each.note, keys)):  # type: ignore[misc]  # as above
            yield _damaged(federation, f"What {each.party} says to have erased of lane {lane.tag}")


def _cards(federation: Federation, repair: bool) -> Iterator[Finding]:
    with federation.store.read() as reader:
        held = rows.list_cards(reader)
    home = federation.people.home()
    for statement, party, note in held:
        if is_card(statement, note) and _holds(lambda note=note: federation.people.read_card(note)):  # type: ignore[misc]  # as above
            continue
        known = federation.people.find_party(party)
        now = known.note if known is not None and is_card(statement, known.note) else b""

        def mend(tx: Tx, statement: str = statement, party: str = party, now: bytes = now) -> None:
            looks.drop_card(tx, statement)
            if now:
                rows.keep_card(tx, statement, party, now)

        again = mend if now or party != home.id else None
        yield _damaged(federation, f"An earlier card of {party}", repair, again, _ANEW if now else _AGAIN)


def _statements(federation: Federation, repair: bool) -> Iterator[Finding]:
    for party in federation.people.list_parties():
        with federation.store.read() as reader:
            held = looks.list_statements(reader, party.id)
        for serial, note in held:
            if _holds(lambda note=note, serial=serial, party=party: _serial(federation, party, note) == serial):  # type: ignore[misc]  # as above
                continue

            def mend(tx: Tx, party: str = party.id, serial: int = serial) -> None:
                statements.drop_statement(tx, party, serial)

            yield _damaged(federation, f"A key statement of {party.id}", repair, None if party.home else mend)


def _serial(federation: Federation, party: Party, note: bytes) -> int:
    if federation.people.list_root_notes(party.id):
        # Under an earlier root key the line of the present one may be missing; then the text has to do.
        return read_statement(note).serial
    return open_statement(note, VerifyKey.parse(party.card.root)).serial


def _proofs(federation: Federation) -> Iterator[Finding]:
    evidence = federation.evidence
    with federation.store.read() as reader:
        held = rows.list_evidence(reader)
    for each in held:
        if not _holds(lambda each=each: evidence.proves(link.read_fork_evidence(each.evidence), each.author)):  # type: ignore[misc]  # as above
            yield _damaged(federation, f"The proof that {each.author} signed two histories")


def _waiting(federation: Federation) -> Iterator[Finding]:
    """What is still to go out, as far as it tells: a body that waits to become an entry has no commitment yet."""
    with federation.store.read() as reader:
        papers, bodies = looks.list_all_papers(reader), looks.list_all_outgoing(reader)
    for party, each in papers:
        if not _holds(lambda each=each: link.read_papers(each)):  # type: ignore[misc]  # as above
            yield _damaged(federation, f"A paper for {party}")
    home = federation.people.home_id
    for number, kind, body in bodies:
        if not _holds(lambda kind=kind, body=body: entry.read_body(body, kind, owner=home, agreement="")):  # type: ignore[misc]  # as above
            yield _damaged(federation, f"Publication {number}, which waits to become an entry,")
