"""What a hostile party does in a simulated run, with real keys: receipts it forges, histories it tells twice."""

from __future__ import annotations

import msgspec

from faults.deeds import alive
from faults.nodes import Crash, Node
from faults.town import PARTIES, Town
from kouprey.federation import rules
from kouprey.federation.model import BodyFrame, BodyState, Receipt
from kouprey.federation.service.admit import Offer
from kouprey.federation.wire import entry, link
from kouprey.kernel.seal.checkpoint import Checkpoint, cosign, sign_checkpoint
from kouprey.kernel.seal.notes import add_line
from kouprey.kernel.seal.tree import Frontier, leaf_hash
from kouprey.kernel.words.errors import KoupreyError, Unreachable
from kouprey.kernel.words.time import SECOND


def forge_receipt(town: Town) -> None:
    """Receipts for what was never signed, for another lane, or without a word of their own: all are refused."""
    liar = town.nodes[PARTIES[2]]
    authors = [node for node in alive(town) if node is not liar]
    lanes = [(node, lane) for node in authors for lane in node.lanes_held(mine=True) if lane.signed_size]
    lanes = [(node, lane) for node, lane in lanes if liar.party in lane.audience]
    if not lanes or not liar.alive or liar.party not in town.hostile:
        return
    author, lane = town.dice.choice(lanes)
    note = _note(author, lane.id)
    text, _, lines = note.partition(b"\n\n")
    origin, size, root = text.split(b"\n")
    more = b"\n".join((origin, b"%d" % (int(size) + 3), root)) + b"\n\n" + lines
    other = b"\n".join((origin[:-1] + (b"0" if origin[-1:] != b"0" else b"1"), size, root)) + b"\n\n" + lines
    forged = town.dice.choice(
        (
            add_line(more, cosign(more, f"{liar.party}/receipt", liar.ring.receipt, town.now // SECOND)),
            add_line(other, cosign(other, f"{liar.party}/receipt", liar.ring.receipt, town.now // SECOND)),
            note,
            add_line(note, cosign(note, f"{PARTIES[3]}/receipt", liar.ring.receipt, town.now // SECOND)),
        )
    )
    town.fault("forged receipt")
    epochs = len(author.lanes_held(mine=True))
    try:
        peer = liar.federation.links.get_link(author.party)
        body = link.render_json(Receipt(note=forged.decode()))
        liar.federation.links._caller.call(peer, "POST", f"/link/v1/{lane.tag}/receipt", body, link.RECEIPT_MEDIA_TYPE)
    except Unreachable:
        return
    except Crash as died:
        town.died(died.node)
        return
    except KoupreyError as error:
        if error.code == "mismatch":
            town.broken("a forged receipt made an honest author believe that it had been rolled back")
    else:
        town.broken("a forged receipt was taken")
    if author.alive and len(author.lanes_held(mine=True)) != epochs:
        town.broken("a forged receipt ended an epoch")


def _note(author: Node, lane_id: int) -> bytes:
    with author.store.read() as reader:
        note: bytes = reader.value(
            "SELECT note FROM lane_checkpoint WHERE lane_id = ? ORDER BY size DESC LIMIT 1", (lane_id,)
        )
    return note


def equivocate(town: Town) -> None:
    """A hostile author shows somebody another history of what he holds already: proven at once, and kept apart."""
    liar = town.nodes[PARTIES[2]]
    if liar.party not in town.hostile or not liar.alive or town.dice.random() < 0.5:
        return
    readers = [node for node in alive(town) if node is not liar]
    held = [(node, lane) for node in readers for lane in node.lanes_held(mine=False)]
    held = [(node, lane) for node, lane in held if lane.author == liar.party and lane.size > 2 and lane.state == "open"]
    if not held:
        return
    reader, lane = town.dice.choice(held)
    standing = reader.agreements.standings()[lane.agreement]
    if {liar.party, reader.party} & set(standing.suspended_by):
        return
    offer = another_history(liar, reader, lane)
    town.fault("equivocation", reader.party)
    town.forked.add((reader.party, lane.origin))
    town.lied.add(lane.origin)
    try:
        reader.federation.admission.admit(offer, via="a liar")
    except Crash as died:
        town.forked.discard((reader.party, lane.origin))
        town.died(died.node)
    except KoupreyError as error:
        if error.code != "fork":
            town.broken(f"an equivocation was answered with {error.code}")
    else:
        town.broken("an equivocation was not seen")


def another_history(liar: Node, reader: Node, lane: object) -> Offer:
    """The lane as the reader holds it, its last entry replaced, signed again by its author."""
    entries = reader.entries(lane)  # type: ignore[arg-type]  # a lane of the reader
    headers = [entry.read_header(each.header) for each in entries]
    salt, body = bytes(16), b"text/plain\n\nanother history"
    last = headers[-1]
    headers[-1] = msgspec.structs.replace(last, length=len(body), commitment=rules.commitment(salt, body))
    frontier = Frontier()
    frontier.extend(leaf_hash(header.to_bytes()) for header in headers)
    origin: str = lane.origin  # type: ignore[attr-defined]  # as above
    note = sign_checkpoint(Checkpoint(origin, frontier.size, frontier.root()), liar.ring.node)
    bodies = {each.index: BodyFrame(each.index, BodyState.PRESENT, each.salt, each.body) for each in entries}
    bodies[last.index] = BodyFrame(last.index, BodyState.PRESENT, salt, body)
    return Offer(origin, 0, note, headers, (), bodies)
