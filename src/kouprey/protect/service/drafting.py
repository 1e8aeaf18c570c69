"""Drafting: the list a shield would be now, tried and held against the release in force; nothing goes out by it."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

import msgspec

from kouprey.kernel.seal.notes import sign_note
from kouprey.kernel.words.batched import batched
from kouprey.kernel.words.time import DAY, SECOND, Instant, format_second
from kouprey.protect import store as rows
from kouprey.protect.model import Ask, Check, Entry, File, Format, Left, Manifest, Release, Shield, State, Trial
from kouprey.protect.rules.asking import asks, next_serial
from kouprey.protect.service.folders import write_contents
from kouprey.protect.service.gathering import Gathered, Gathering
from kouprey.protect.service.trying import try_list
from kouprey.protect.service.validating import validate
from kouprey.protect.wire.listing import Head, Listing
from kouprey.protect.wire.manifest import render_manifest
from kouprey.protect.wire.writers import WRITERS

_NUMBERED = 2_000
"""Values that are numbered in one transaction: well below 200 ms of the writer."""


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A list that could be released: what is in it, what comes and goes by it, and why a person would be asked."""

    shield: Shield
    entries: tuple[Entry, ...]
    left: tuple[Left, ...]
    counts: dict[str, int]
    other: int
    current: Release | None
    held: frozenset[tuple[str, str]]
    trial: Trial
    asks: tuple[Ask, ...]

    @property
    def digest(self) -> str:
        """What names the values in it, whoever warned of them and until when."""
        return digest_of(self.entries)

    @property
    def added(self) -> int:
        """Values that the release in force has not."""
        return sum(each.key not in self.held for each in self.entries)

    @property
    def gone(self) -> int:
        """Values that it has and this has not."""
        return len(self.held) - (len(self.entries) - self.added)


class Drafting(Gathering):
    """Verbs that make lists and files of them."""

    def _draft(self, shield: Shield, gathered: Gathered, entries: Sequence[Entry]) -> Draft:
        with self._store.read() as reader:
            current = rows.find_in_state(reader, shield.name, State.CURRENT)
        held: frozenset[tuple[str, str]] = frozenset()
        if current is not None:
            held = frozenset(each.key for each in self._folders.entries(shield.name, current.serial))
        added = sum(each.key not in held for each in entries)
        now = self._clock()
        if current is not None and not added:
            trial = current.trial
        else:
            events = self._watch.kept(now - DAY, now)
            trial = try_list(events, entries, held, now - DAY, now)
        return Draft(
            shield=shield,
            entries=tuple(entries),
            left=gathered.left,
            counts=gathered.counts,
            other=gathered.other,
            current=current,
            held=held,
            trial=trial,
            asks=asks(shield.limits, len(held) if current is not None else None, added, trial),
        )

    def _write(self, draft: Draft, state: State, *, back_to: int = 0, by: str = "", reason: str = "") -> Release:
        """Files of a draft, durable under the next serial; FAILED, and without files, when a program cannot read one.

        What is given back is in no table yet. Only within the lock of the shield.
        """
        name, now = draft.shield.name, self._clock()
        with self._store.read() as reader:
            serial = next_serial(rows.last_serial(reader, name), now // SECOND)
        until = now + draft.shield.limits.valid_days * DAY
        manifest_at = f"{self._origin}/shields/{name}/manifest"
        head = Head(shield=name, serial=serial, made_at=now, until=until, manifest=manifest_at)
        listing = Listing(head, draft.entries, self._numbers(draft.entries))
        written = {form: writer(listing) for form, writer in WRITERS.items()}
        files = tuple(
            File(format=form, size=len(data), sha256=sha256(data).hexdigest(), entries=count)
            for form, (data, count) in written.items()
        )
        folder = self._folders.begin(name, serial)
        manifest = self._sign(listing, files)
        write_contents(folder, draft.entries, draft.left, {form: data for form, (data, _) in written.items()}, manifest)
        checks = validate(name, folder, tuple(Format))
        failed = any(each.found and not each.passed for each in checks)
        if failed:
            self._folders.drop(name, serial)
        else:
            self._folders.finish(name, serial)
        return Release(
            shield=name,
            serial=serial,
            state=State.FAILED if failed else state,
            made_at=now,
            until=until,
            digest=draft.digest,
            tlp=draft.shield.query.tlp,
            names=len(listing.names),
            addresses=len(listing.four) + len(listing.six),
            added=draft.added,
            gone=draft.gone,
            left=draft.counts,
            other=draft.other,
            asks=draft.asks if state is State.WAITING else (),
            trial=draft.trial,
            checks=_without_paths(checks, folder.as_posix()),
            files=files,
            back_to=back_to,
            decided_at=now if by else 0,
            decided_by=by,
            reason=reason,
        )

    def _sign(self, listing: Listing, files: tuple[File, ...]) -> bytes:
        head, home = listing.head, self._people.home_id
        manifest = Manifest(
            v=1,
            kind="shield",
            party=home,
            shield=head.shield,
            serial=head.serial,
            made_at=format_second(head.made_at),
            until=format_second(head.until),
            names=len(listing.names),
            addresses=len(listing.four) + len(listing.six),
            files=files,
        )
        return sign_note(render_manifest(manifest), [(f"{home}/node", self._keyring.speaker)])

    def _numbers(self, entries: Sequence[Entry]) -> dict[str, int]:
        found: dict[str, int] = {}
        for some in batched(sorted({each.text for each in entries}), _NUMBERED):
            with self._store.read() as reader:
                known = rows.get_numbers(reader, some)
            if len(known) < len(some):
                self._store.write(lambda tx, some=some: rows.add_numbers(tx, some))  # type: ignore[misc]  # at once
                with self._store.read() as reader:
                    known = rows.get_numbers(reader, some)
            found |= known
        return found


def digest_of(entries: Sequence[Entry]) -> str:
    """What names a set of values."""
    made = sha256()
    for each in sorted(each.key for each in entries):
        made.update(f"{each[0]} {each[1]}\n".encode())
    return made.hexdigest()


def renewed_at(release: Release) -> Instant:
    """When a release is to be followed by another although nothing changed, so that devices know that we live."""
    return release.made_at + min(DAY, (release.until - release.made_at) // 2)


def _without_paths(checks: tuple[Check, ...], folder: str) -> tuple[Check, ...]:
    return tuple(msgspec.structs.replace(each, said=each.said.replace(f"{folder}/", "")) for each in checks)
