"""Fetching the parts of files from their author, one at a time: a cut costs the part that was on its way."""

from __future__ import annotations

from collections.abc import Callable

from kouprey.federation import store as rows
from kouprey.federation.model import ReasonCode
from kouprey.federation.service.calls import Caller
from kouprey.federation.service.filekeeping import FileKeeping
from kouprey.federation.service.follow import LONGEST_SECONDS
from kouprey.federation.wire import blob, link
from kouprey.kernel.storage.engine import Store
from kouprey.kernel.words.errors import KoupreyError, Refused, Unreachable

_SLOWEST = 4 << 10
"""Bytes a second of a line on which a part may take its time."""
_FRAME = 24


class FileFetcher:
    """Asks for what is missing of the files a peer has given us."""

    def __init__(self, store: Store, caller: Caller, files: FileKeeping) -> None:
        self._store = store
        self._caller = caller
        self._files = files

    def fetch(self, peer: rows.Link, between: Callable[[], object], refusals: list[KoupreyError]) -> int:
        """How many parts came. One file that cannot be had does not hold up the others."""
        count = 0
        for each, tag in self._files.wanted(peer.party):
            try:
                for number in self._files.missing(each):
                    between()
                    self._files.require_room(each)
                    count += self._part(peer, each, tag, number)
                self._files.settle(each.file)
            except Unreachable:
                raise
            except Refused as error:
                # A partner of an older version does not know the question.
                if error.detail.get("status") not in (404, 405):
                    refusals.append(error)
            except KoupreyError as error:
                refusals.append(error)
        return count

    def _part(self, peer: rows.Link, each: rows.StoredFile, tag: str, number: int) -> bool:
        asked = blob.ChunksRequest(entry=each.entry_index, chunks=(blob.unpacked(each.chunks)[number].hex(),))
        answer = self._caller.call(
            peer,
            "POST",
            f"/link/v1/{tag}/chunks",
            link.render_json(asked),
            cap=blob.CHUNK + _FRAME,
            deadline=max(LONGEST_SECONDS, blob.CHUNK / _SLOWEST),
        )
        found = blob.read_chunks(answer.body, each.entry_index)
        if [part.number for part in found] != [number]:
            raise Refused(f"{peer.party} answered with other parts than were asked for.", code=ReasonCode.BAD_RANGE)
        with self._store.read() as reader:
            lane = rows.find_lane(reader, lane_id=each.lane_id)
        return lane is not None and self._files.take_chunk(lane, found[0])
