"""Keeping files in parts: manifests and parts that come, what is served of ours, and hashing all of it again."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from hashlib import sha256

from kouprey.agreements.service import Agreements
from kouprey.federation import store as rows
from kouprey.federation.model import BlobChunk, ReasonCode
from kouprey.federation.service.apply import Delivery
from kouprey.federation.service.lanes import Lanes
from kouprey.federation.service.quotas import count_received, require_quota
from kouprey.federation.store import blobs
from kouprey.federation.store.blobs import BROKEN, COMING_IN, REFUSED, WANTED, WHOLE, StoredFile
from kouprey.federation.wire import blob
from kouprey.kernel.storage.engine import Reader, Store, Tx
from kouprey.kernel.words.errors import Damaged, KoupreyError, Refused, Unknown
from kouprey.kernel.words.label import Label, label_line
from kouprey.kernel.words.time import DAY, Clock, wall_clock
from kouprey.people.service import People

FILE_MAX = 256 << 20
"""Bytes of one file that this node gives or takes, whatever an agreement allows."""

_log = logging.getLogger(__name__)


class FileKeeping:
    """Takes files in part by part, and answers with parts of ours; whoever may see them is another matter."""

    def __init__(
        self, store: Store, people: People, agreements: Agreements, lanes: Lanes, clock: Clock = wall_clock
    ) -> None:
        self._store = store
        self._people = people
        self._agreements = agreements
        self._lanes = lanes
        self._clock = clock

    # taking in

    def receive(self, tx: Tx, deliveries: Sequence[Delivery]) -> Sequence[KoupreyError | None]:
        """Manifests that came: their parts are asked for, unless the file is too large here."""
        return [self._receive(tx, each) for each in deliveries]

    def _receive(self, tx: Tx, came: Delivery) -> KoupreyError | None:
        try:
            manifest = blob.read_manifest(came.content)
        except KoupreyError as error:
            return error
        lane = rows.find_lane(tx, origin=came.origin)
        if lane is None:
            return Unknown("There is no such lane.", code=ReasonCode.UNKNOWN_LANE)
        most = self.most_of(came.agreement, tx)
        why = f"It has {manifest.size:,} bytes; {most:,} are taken." if manifest.size > most else ""
        row = self.row_of(
            id_of(came.author, came.agreement, came.content),
            manifest,
            came.label,
            came.agreement,
            state=REFUSED if why else WANTED,
            why=why,
            lane_id=lane.id,
            index=came.index,
        )
        blobs.save_file(tx, row)
        return None

    def wanted(self, author: str) -> list[tuple[StoredFile, str]]:
        """(file, tag of its lane) of what an author has given and is not all here."""
        with self._store.read() as reader:
            found = []
            for each in blobs.list_files(reader, author=author, states=(WANTED,)):
                lane = rows.find_lane(reader, lane_id=each.lane_id) if each.lane_id else None
                if lane is not None and not lane.mine and lane.state != rows.FROZEN:
                    found.append((each, lane.tag))
        return found

    def missing(self, each: StoredFile) -> list[int]:
        """Numbers of the parts that are not here."""
        with self._store.read() as reader:
            held = set(blobs.list_chunk_numbers(reader, each.file))
        return [number for number in range(blob.count_chunks(each.size)) if number not in held]

    def require_room(self, each: StoredFile) -> None:
        """Raises Refused while the agreement is suspended here, or when its author has given all that a day holds."""
        standing = self._agreements.standings().get(each.agreement)
        if standing is not None and (by := standing.suspended_between(each.author)):
            raise Refused(
                f"The agreement “{standing.title}” is suspended.",
                f"By {', '.join(by)} (clause 10, Suspension).",
                code=ReasonCode.SUSPENDED,
            )
        with self._store.read() as reader:
            lane = rows.find_lane(reader, lane_id=each.lane_id)
            if lane is not None:
                require_quota(reader, self._agreements, each.agreement, each.author, lane.lane_class, self._clock())

    def take_chunk(self, lane: rows.Lane, chunk: BlobChunk) -> bool:
        """Verify a part and keep it durably; False when nobody misses it. The last one makes the file whole.

        One that comes after its manifest was erased is not kept: that is asked in the transaction that would keep it.
        """
        with self._store.read() as reader:
            found = blobs.find_file_at(reader, lane.id, chunk.index)
        if found is None or found.publication or found.state != WANTED:
            return False
        commitments = blob.unpacked(found.chunks)
        if chunk.number >= len(commitments):
            raise Damaged("A file has fewer parts.", code=ReasonCode.BAD_RANGE)
        blob.verify_chunk(chunk, found.size, commitments[chunk.number])

        def work(tx: Tx) -> bool:
            if not blobs.insert_chunk(tx, found.file, chunk.number, chunk.salt, chunk.content):
                return False
            size = len(chunk.content)
            count_received(tx, lane.agreement, lane.author, lane.lane_class, 0, size, self._clock())
            return True

        kept = self._store.write(work)
        if kept:
            self.settle(found.file)
        return kept

    def settle(self, file: str) -> None:
        """Call a file whole once all parts are here and the whole has the hash its manifest says; else it is broken."""
        with self._store.read() as reader:
            found = blobs.find_file(reader, file)
        if found is None or found.state != WANTED or found.held != found.size:
            return
        digest = sha256()
        for part in self.read_parts(found):
            digest.update(part)
        if digest.hexdigest() == found.sha256:
            self._store.write(lambda tx: blobs.set_file(tx, file, state=WHOLE))
            return

        def work(tx: Tx) -> None:
            blobs.drop_chunks(tx, file)
            why = "Its parts are those of its manifest, and together they are another file than it says."
            blobs.set_file(tx, file, state=BROKEN, why=why)

        self._store.write(work)

    # serving

    def chunks_at(self, lane: rows.Lane, index: int, wanted: Sequence[bytes]) -> Iterator[BlobChunk]:
        """Parts of the file whose manifest is an entry of ours, by commitment; the serve gate is the caller's."""
        with self._store.read() as reader:
            found = blobs.find_file_at(reader, lane.id, index)
        if found is None or not found.publication or found.state != WHOLE:
            raise Unknown("There is no such file.", code=ReasonCode.BAD_REQUEST)
        commitments = blob.unpacked(found.chunks)
        for each in wanted:
            if each not in commitments:
                raise Unknown("The file has no such part.", code=ReasonCode.BAD_REQUEST)
            number = commitments.index(each)
            salt, content = self.read_chunk(found, number)
            yield BlobChunk(index, number, salt, content)

    def all_chunks(self, lane: rows.Lane, index: int) -> Iterator[BlobChunk]:
        """Every part of it, for a parcel; nothing when it is not whole here."""
        with self._store.read() as reader:
            found = blobs.find_file_at(reader, lane.id, index)
        if found is not None and found.publication and found.state == WHOLE:
            yield from self.chunks_at(lane, index, blob.unpacked(found.chunks))

    # keeping

    def scrub(self) -> int:
        """Hash every part again; how many were damaged. What is not ours is asked for once more.

        What a killed `publish` left behind goes after a day.
        """
        with self._store.read() as reader:
            found = blobs.list_files(reader, states=(WANTED, WHOLE, COMING_IN))
        damaged = 0
        for each in found:
            if each.state == COMING_IN:
                if each.at < self._clock() - DAY:
                    self._store.write(lambda tx, each=each: blobs.drop_file(tx, each.file))  # type: ignore[misc]  # mypy cannot infer a lambda with defaults
                continue
            with self._store.read() as reader:
                numbers = blobs.list_chunk_numbers(reader, each.file)
            for number in numbers:
                try:
                    self.read_chunk(each, number)
                except Damaged:
                    damaged += 1
            self.settle(each.file)
        return damaged

    def read_chunk(self, found: StoredFile, number: int) -> tuple[bytes, bytes]:
        """A part, verified as it is read; one that is damaged is dropped, and the file is not whole any more."""
        with self._store.read() as reader:
            kept = blobs.find_chunk(reader, found.file, number)
        if kept is None:
            raise Unknown("A part of the file is not here any more.", code="not-whole")
        try:
            blob.verify_chunk(BlobChunk(0, number, *kept), found.size, blob.unpacked(found.chunks)[number])
        except Damaged:
            _log.error("Part %d of file %s is damaged in the database.", number, found.file)

            def work(tx: Tx) -> None:
                blobs.drop_chunk(tx, found.file, number)
                ours = "A part of it was damaged here. Give it again, and erase this one." if found.publication else ""
                blobs.set_file(tx, found.file, state=BROKEN if ours else WANTED, why=ours)

            self._store.write(work)
            raise
        return kept

    def read_parts(self, found: StoredFile) -> Iterator[bytes]:
        """The bytes of a file in order, each part verified as it is read."""
        for number in range(blob.count_chunks(found.size)):
            yield self.read_chunk(found, number)[1]

    def most_of(self, agreement: str, reader: Reader | None = None) -> int:
        """Bytes of the largest file under an agreement: what a day holds (clause 8), and what this node takes."""
        standing = self._agreements.standings(reader).get(agreement)
        return min(FILE_MAX, standing.terms.quotas.bytes_day) if standing is not None else FILE_MAX

    def row_of(
        self,
        file: str,
        manifest: blob.BlobManifest,
        label: Label,
        agreement: str,
        *,
        state: int,
        why: str = "",
        lane_id: int = 0,
        index: int = 0,
    ) -> StoredFile:
        """What is stored of a manifest."""
        return StoredFile(
            file=file,
            lane_id=lane_id,
            entry_index=index,
            publication=0,
            agreement=agreement,
            author=label.owner,
            label=label_line(label),
            name=manifest.name,
            media_type=manifest.media_type,
            size=manifest.size,
            sha256=manifest.sha256,
            chunks=blob.packed(manifest.chunks),
            held=0,
            state=state,
            why=why,
            at=self._clock(),
        )


def id_of(author: str, agreement: str, manifest: bytes) -> str:
    """32 hex that nobody can guess who has not the manifest, whose commitments are salted."""
    return sha256(b"\n".join((author.encode(), agreement.encode(), manifest))).hexdigest()[:32]
