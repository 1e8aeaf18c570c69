"""Files in parts: given to the parties of an agreement, shown with how much of them is here, verified before whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import BinaryIO

from kouprey.federation import store as rows
from kouprey.federation.model import SALT_SIZE, EntryBody, EntryKind
from kouprey.federation.rules import commitment
from kouprey.federation.service.erasing import erase_bodies
from kouprey.federation.service.filekeeping import FileKeeping, id_of
from kouprey.federation.store import blobs
from kouprey.federation.store.blobs import BROKEN, COMING_IN, REFUSED, WANTED, WHOLE, StoredFile
from kouprey.federation.wire import blob
from kouprey.kernel.seal.keys import random_bytes
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Refused, TooLarge, Unknown
from kouprey.kernel.words.label import Label, read_label_line
from kouprey.kernel.words.time import Instant
from kouprey.kernel.words.tlp import TLP


@dataclass(frozen=True, slots=True)
class FileView:
    """A file as people see it: `held` of `size` bytes are here; `state` is wanted, whole, refused, broken."""

    file: str
    name: str
    media_type: str
    size: int
    held: int
    sha256: str
    agreement: str
    title: str
    author: str
    mine: bool
    tlp: TLP
    state: str
    why: str
    at: Instant

    @property
    def whole(self) -> bool:
        """All of it is here and verified."""
        return self.state == _STATES[WHOLE]


_STATES = {WANTED: "wanted", WHOLE: "whole", REFUSED: "refused", BROKEN: "broken", COMING_IN: "coming-in"}


class Files(FileKeeping):
    """Gives files, takes them in, and shows them to whom their label allows."""

    # giving

    def publish(
        self,
        agreement: str,
        source: BinaryIO,
        *,
        name: str,
        media_type: str,
        tlp: TLP,
        by: str,
        who: Reader | None = None,
    ) -> FileView:
        """Give a file to all parties of an agreement; its manifest becomes an entry, and its parts are fetched.

        `source` is read twice. Refused by the same gate as everything that is given, TooLarge above what the agreement
        takes on a day or this node at all. Killed in between, nothing was given.
        """
        name = name.replace("\\", "/").rsplit("/", 1)[-1].strip()
        if not blob.is_file_name(name) or not blob.is_media_type(media_type):
            raise Refused(
                "The file cannot be called that.",
                f'Names have 1 to {blob.NAME_MAX} letters, none of them a control or one of / \\ : * ? " < > |, and do'
                " not begin with a dot; media types are like application/pdf.",
                "Choose another name.",
                code="bad-name",
            )
        label = Label(owner=self._people.home_id, tlp=tlp)
        self._require_allowed(agreement, label, who)
        salts, commitments, size, digest = self._measure(source, self.most_of(agreement))
        if not size:
            raise Refused("The file is empty.", remedy="Give one with something in it.", code="empty-file")
        manifest = blob.BlobManifest(
            name=name,
            media_type=media_type,
            size=size,
            sha256=digest,
            chunk=blob.CHUNK,
            chunks=tuple(each.hex() for each in commitments),
        )
        content = blob.render_manifest(manifest)
        file = id_of(label.owner, agreement, content)
        kept = self.row_of(file, manifest, label, agreement, state=COMING_IN)
        self._store.write(lambda tx: blobs.save_file(tx, kept))
        for number, (salt, part) in enumerate(zip(salts, _parts(source), strict=True)):
            self._store.write(partial(blobs.insert_chunk, file=file, number=number, salt=salt, content=part))

        def work(tx: Tx) -> None:
            body = EntryBody(media_type=blob.BLOB_MEDIA_TYPE, label=label, content=content)
            (publication,) = self._lanes.queue(tx, agreement, [body], kind=EntryKind.BLOB_MANIFEST)
            blobs.set_file(tx, file, state=WHOLE, publication=publication)
            detail = {"file": file, "size": size, "tlp": tlp.word}
            audit.append(tx, at=self._clock(), actor=by, action="file.give", subject=agreement, detail=detail)

        self._store.write(work)
        return self._view(self._find(file))

    def _require_allowed(self, agreement: str, label: Label, who: Reader | None) -> None:
        standing = self._agreements.get_standing(agreement)
        if who is not None and not self._agreements.decide([label], who).allowed:
            raise Refused(
                "You may not read what you would give.",
                f"It is {label.tlp.text}.",
                "Ask somebody who is cleared for it.",
                code="not-cleared",
            )
        for party in standing.parties:
            if party == standing.home:
                continue
            said = self._agreements.decide(
                [label], self._agreements.party_reader(party), under=agreement, once_resumed=True
            )
            if not said.allowed:
                first = said.because[0]
                raise Refused(
                    f"“{standing.title}” does not let this file go to {party}.",
                    first.text,
                    "Choose another marking or another agreement.",
                    code=first.code,
                )

    def _measure(self, source: BinaryIO, most: int) -> tuple[list[bytes], list[bytes], int, str]:
        salts, commitments, size, digest = [], [], 0, sha256()
        for part in _parts(source):
            size += len(part)
            if size > most:
                raise TooLarge(
                    "The file is too large.",
                    f"Under this agreement {most:,} bytes may go (clause 8, Amounts, and the limit of this node).",
                    "Give it in pieces, or agree on larger amounts.",
                    code="too-large",
                )
            salt = random_bytes(SALT_SIZE)
            salts.append(salt)
            commitments.append(commitment(salt, part))
            digest.update(part)
        return salts, commitments, size, digest.hexdigest()

    def erase(self, file: str, *, by: str, who: Reader | None = None) -> None:
        """Remove a file and its parts; partners are asked to follow when it is ours."""
        found = self._visible(file, who)

        def work(tx: Tx) -> None:
            lane = rows.find_lane(tx, lane_id=found.lane_id) if found.lane_id else None
            received = [(lane.origin, found.entry_index)] if lane is not None else []
            erase_bodies(tx, self._lanes, [found.publication] if found.publication else [], received)
            blobs.drop_file(tx, file)
            detail = {"file": file, "size": found.size}
            audit.append(tx, at=self._clock(), actor=by, action="file.erase", subject=found.agreement, detail=detail)

        self._store.write(work)

    # looking

    def list(self, who: Reader | None, *, agreement: str = "", sha256: str = "") -> list[FileView]:
        """Files that a person may see, the newest first; None is whoever has the machine."""
        with self._store.read() as reader:
            found = blobs.list_files(reader, sha256=sha256)
        return [
            self._view(each)
            for each in found
            if each.state != COMING_IN and agreement in ("", each.agreement) and self._may_see(each, who)
        ]

    def get(self, file: str, who: Reader | None) -> FileView:
        """One of them; Unknown to whoever may not see it."""
        return self._view(self._visible(file, who))

    def content(self, file: str, who: Reader | None, *, by: str) -> Iterator[bytes]:
        """The bytes of a file that is whole, each part verified as it is read; Refused (`not-whole`) before.

        That somebody reads it is written down before the first byte leaves.
        """
        found = self._visible(file, who)
        if found.state != WHOLE:
            raise Refused(
                "Not all of this file is here.",
                found.why or f"{found.held:,} of {found.size:,} bytes.",
                "It goes on at the next exchange.",
                code="not-whole",
            )
        detail = {"file": file, "size": found.size}
        self._store.write(
            lambda tx: audit.append(
                tx, at=self._clock(), actor=by, action="file.read", subject=found.agreement, detail=detail
            )
        )
        return self.read_parts(found)

    def _visible(self, file: str, who: Reader | None) -> StoredFile:
        found = self._find(file)
        if found.state == COMING_IN or not self._may_see(found, who):
            raise _unknown()
        return found

    def _find(self, file: str) -> StoredFile:
        with self._store.read() as reader:
            found = blobs.find_file(reader, file)
        if found is None:
            raise _unknown()
        return found

    def _may_see(self, each: StoredFile, who: Reader | None) -> bool:
        return who is None or (who.local and self._agreements.decide([self._label(each)], who).allowed)

    def _label(self, each: StoredFile) -> Label:
        return read_label_line(each.label, owner=each.author, agreement="" if each.publication else each.agreement)

    def _view(self, each: StoredFile) -> FileView:
        standing = self._agreements.standings().get(each.agreement)
        return FileView(
            file=each.file,
            name=each.name,
            media_type=each.media_type,
            size=each.size,
            held=each.held,
            sha256=each.sha256,
            agreement=each.agreement,
            title=standing.title if standing is not None else "",
            author=each.author,
            mine=each.author == self._people.home_id,
            tlp=self._label(each).tlp,
            state=_STATES[each.state],
            why=each.why,
            at=each.at,
        )


def _parts(source: BinaryIO) -> Iterator[bytes]:
    source.seek(0)
    while part := source.read(blob.CHUNK):
        yield part


def _unknown() -> Unknown:
    return Unknown("There is no such file.", remedy="`kouprey file list` lists them.", code="unknown-file")
