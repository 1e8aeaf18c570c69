"""Whether a badge that somebody shows is good: in three answers, and never more than is known."""

from __future__ import annotations

from typing import Any

import msgspec

from kouprey.capacity.model import Answer, Checked, KeyLine
from kouprey.capacity.service.badges import Badges
from kouprey.capacity.store import records
from kouprey.capacity.wire import badge as paper
from kouprey.kernel.seal.integrity import parse_multikey, verify_document
from kouprey.kernel.storage.engine import Reader
from kouprey.kernel.words.errors import Damaged, KoupreyError
from kouprey.kernel.words.time import Instant, parse_instant


class _Known(msgspec.Struct, frozen=True, kw_only=True):
    """Whose key it is: our own, that of a partner by its register, or nobody's that is known here ("")."""

    party: str = ""
    line: KeyLine | None = None
    keys: tuple[str, ...] = ()
    status: bytes = b""
    came_at: Instant = 0


class Checking(Badges):
    """Verbs for everybody: nothing that is shown is kept."""

    def check(self, raw: bytes, *, status: bytes = b"") -> Checked:
        """What can be said of a badge; `status` is a list of its issuer that came with it, b"" for none.

        Damaged (`bad-badge`) for what is none.
        """
        shown = paper.read_badge(raw)
        with self._store.read() as reader:
            known = self._signer(reader, shown)
            ours = known.party == self._people.home_id
            revoked = ours and shown.index in records.list_revoked(reader)
        told: dict[str, Any] = {
            "name": shown.name,
            "issuer": known.party,
            "issued_by": shown.issuer,
            "result": shown.result,
        }
        try:
            public = parse_multikey(shown.key)
        except Damaged:
            return Checked(answer=Answer.REFUSED, why="no-key", **told)
        if not known.party and shown.issuer != paper.did_key(shown.key):
            # Who does not carry the key in its name could be signed for by anybody.
            return Checked(answer=Answer.REFUSED, why="no-key", **told)
        if not _verified(shown.document, public):
            return Checked(answer=Answer.REFUSED, why="changed", **told)
        if known.line is not None and not _within(shown, known.line):
            return Checked(answer=Answer.REFUSED, why="key-over", **told)
        if ours:
            return self._answered(shown, told, revoked=revoked, since=self._clock(), fresh=True)
        return self._by_lists(shown, told, known, status)

    def is_holder(self, raw: bytes, identity: str) -> bool:
        """Whether a badge is that of whoever has this mail address or name."""
        shown = paper.read_badge(raw)
        return bool(identity.strip()) and paper.identity_hash(identity, shown.salt) == shown.identity_hash

    def _by_lists(self, shown: paper.Shown, told: dict[str, Any], known: _Known, given: bytes) -> Checked:
        revoked, fresh, since = False, False, 0
        for raw, came_at in ((known.status, known.came_at), (given, 0)):
            read = _list_for(shown, known, raw) if raw else None
            if read is not None:
                revoked |= read.revoked(shown.index)
                fresh |= self._clock() < read.valid_until
                since = max(since, came_at or min(read.valid_from, self._clock()))
        return self._answered(shown, told, revoked=revoked, since=since, fresh=fresh)

    def _answered(
        self, shown: paper.Shown, told: dict[str, Any], *, revoked: bool, since: Instant, fresh: bool
    ) -> Checked:
        if revoked:
            answer = Answer.REVOKED
        elif shown.valid_until and self._clock() >= shown.valid_until:
            answer = Answer.OVER
        else:
            answer = Answer.VALID if fresh else Answer.UNKNOWN
        return Checked(answer=answer, since=since, **told)

    def _signer(self, reader: Reader, shown: paper.Shown) -> _Known:
        for line in records.list_keys(reader):
            if line.key == shown.key:
                return _Known(party=self._people.home_id, line=line)
        for party, register in self.registers(reader).items():
            for line in register.keys:
                if line.key == shown.key and shown.issuer in register.dids:
                    keys = tuple(each.key for each in register.keys)
                    return _Known(party=party, line=line, keys=keys, status=register.status, came_at=register.came_at)
        return _Known()


def _verified(document: dict[str, object], public: bytes) -> bool:
    try:
        return verify_document(document, public)
    except Damaged:
        return False


def _within(shown: paper.Shown, line: KeyLine) -> bool:
    """Whether the key counted when the badge says that it was signed."""
    try:
        created = parse_instant(str(shown.document["proof"]["created"]))
    except (KeyError, ValueError, OverflowError):
        return False
    return line.not_before <= created and (not line.not_after or created <= line.not_after)


def _list_for(shown: paper.Shown, known: _Known, raw: bytes) -> paper.ListShown | None:
    """The list where it is the badge's own and by its issuer; None otherwise: then it says nothing."""
    try:
        read = paper.read_list(raw)
        # A partner's list by any key of its register; a stranger's by the badge's own, since no other is known.
        keys = known.keys if known.party else (shown.key,)
        if read.id != shown.status_list or read.key not in keys:
            return None
        if not verify_document(read.document, parse_multikey(read.key)):
            return None
        read.revoked(shown.index)
    except KoupreyError:
        return None
    return read
