"""Sealing files, opening them, and taking off the seal of the node, which is written down first."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from kouprey.kernel.seal import box
from kouprey.kernel.seal.items import Inside, open_item, seal_key
from kouprey.kernel.seal.keyring import Keyring
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Store, Tx
from kouprey.kernel.words import decision
from kouprey.kernel.words.errors import Damaged, Refused, Unknown
from kouprey.kernel.words.time import Clock, wall_clock
from kouprey.people.service import People
from kouprey.response.model import HandOff, Message
from kouprey.response.model.sealed import Grant, Opener, Release, SealedItem
from kouprey.response.service.handoffs import HandOffs, Told
from kouprey.response.store import sealed as rows
from kouprey.response.wire.sealed import MOST_BYTES

__all__ = ["Sealing", "file_name", "open_item", "seal_file"]


def seal_file(plain: bytes, name: str, openers: Sequence[Opener], through: str) -> SealedItem:
    """A file sealed to a key of its own, that key to each reader, and what comes of it to a node.

    It needs no node and no network. Damaged for a key that is none, or a file that a message cannot carry.
    """
    if not openers:
        raise Damaged("It is not said who opens it.", remedy="Name at least one reader.", code="bad-reader")
    if not plain or len(plain) > MOST_BYTES - 4_096:
        raise Damaged(
            "The file is empty, or too large for a message.",
            f"{MOST_BYTES - 4_096:,} bytes may be.",
            "Divide it.",
            code="bad-item",
        )
    secret, recipient = box.new_identity()
    body = box.seal(plain, [recipient])
    inside = Inside(secret=secret, name=name, sha256=sha256(plain).hexdigest())
    grants = tuple(Grant(to=each.key, box=seal_key(inside, each.key, through)) for each in openers)
    return SealedItem(sha256=sha256(body).hexdigest(), size=len(body), body=body, grants=grants)


def file_name(held: Told, sha256: str, more: str = "") -> str:
    """What a file is called that is taken out: its name says it where a legal basis is still owed for it."""
    return f"{'basis-missing-' if held.course.lacking else ''}{sha256[:12]}{more}.age"


class Sealing:
    """Verbs about sealed items that came in hand-offs."""

    def __init__(
        self, store: Store, people: People, handoffs: HandOffs, ring: Keyring, clock: Clock = wall_clock
    ) -> None:
        self._store = store
        self._people = people
        self._handoffs = handoffs
        self._ring = ring
        self._clock = clock

    def through(self, asked: HandOff) -> str:
        """The key of the node that asked: what is given to it goes through its release."""
        return str(self._people.get_party(asked.asking).card.age)

    def item(self, who: decision.Reader, handoff: str, item: str) -> tuple[Told, Message, SealedItem]:
        """An item as it came, still sealed; Unknown where there is none that they may see."""
        held = self._handoffs.get(who, handoff)
        for step in held.course.steps:
            for each in step.message.items:
                if each.sha256 == item:
                    return held, step.message, each
        raise Unknown("There is no such sealed file.", "Or it is not for you.", code="unknown-item")

    def release(self, who: decision.Reader, handoff: str, item: str, key: str) -> bytes:
        """The key of an item for one reader, as only they can open it.

        That it was released is durable before this returns: where it cannot be written down, nothing leaves.
        """
        held, message, found = self.item(who, handoff, item)
        if message.author == self._people.home_id:
            raise Refused(
                "We have given this ourselves.",
                "It is sealed to the node of whoever asked for it.",
                "They release it there.",
                code="not-ours-to-release",
            )
        grant = next((each for each in found.grants if each.to == key), None)
        if grant is None:
            raise Unknown("It is not sealed to that key.", remedy="Choose one of those it names.", code="unknown-key")
        # Opened before it is written down and given after it: what cannot be opened was not released.
        inner = box.open_box(grant.box, self._ring.age_secrets)
        release = Release(handoff=held.asked.id, item=found.sha256, key=key, person=who.name, at=self._clock())

        def work(tx: Tx) -> None:
            rows.add_release(tx, release)
            detail: dict[str, object] = {"item": found.sha256, "key": key}
            audit.append(
                tx, at=release.at, actor=who.name, action="sealed.release", subject=held.asked.id, detail=detail
            )

        self._store.write(work)
        return inner

    def list_releases(self, who: decision.Reader, handoff: str) -> list[Release]:
        """What was released of a hand-off, the first one first; for whoever sees the hand-off."""
        held = self._handoffs.get(who, handoff)
        with self._store.read() as reader:
            return rows.list_releases(reader, held.asked.id)
