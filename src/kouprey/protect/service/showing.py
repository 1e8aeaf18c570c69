"""What people look at: how shields fare, what is in them, what was left out and why, and what a release changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import msgspec

from kouprey.exchange.service import MAIN
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Unknown
from kouprey.protect import store as rows
from kouprey.protect.model import Entry, Format, Left, Release, Shield, State
from kouprey.protect.service.folders import MANIFEST
from kouprey.protect.service.outlets import Outlets

Each = TypeVar("Each", Entry, Left)
SHOWN = 200
"""Values that one list shows."""


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How a shield fares. `old`: its release should have been followed by another."""

    shield: Shield
    current: Release | None
    waiting: Release | None
    old: bool
    outlets: int


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """Values that were asked for: the first 200 of `total`."""

    entries: tuple[Entry, ...]
    total: int


class LeftOut(msgspec.Struct, frozen=True, kw_only=True):
    """Values that were left out and asked for: the first 200 of `total`; `counts` has all by their reason."""

    left: tuple[Left, ...]
    total: int
    counts: dict[str, int]


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What comes and what goes by a release against another; the first 200 of each."""

    comes: tuple[Entry, ...]
    goes: tuple[Entry, ...]
    coming: int
    going: int


class Showing(Outlets):
    """Reads of releases, for people who see the shield."""

    def standings(self, who: Reader) -> list[Standing]:
        """Every shield the reader sees."""
        return [self.standing(who, each.name) for each in self.list_shields(who)]

    def standing(self, who: Reader, name: str) -> Standing:
        """How one fares."""
        shield = self.get_shield(who, name)
        with self._store.read() as reader:
            current = _for(who, rows.find_in_state(reader, name, State.CURRENT))
            waiting = _for(who, rows.find_in_state(reader, name, State.WAITING))
            outlets = sum(not each.ended for each in rows.list_outlets(reader, name))
        old = current is not None and self._clock() >= current.until
        return Standing(shield=shield, current=current, waiting=waiting, old=old, outlets=outlets)

    def list_releases(self, who: Reader, name: str) -> list[Release]:
        """Those that are kept, the newest first."""
        self.get_shield(who, name)
        with self._store.read() as reader:
            return [each for each in rows.list_releases(reader, name) if _for(who, each) is not None]

    def get_release(self, who: Reader, name: str, serial: int) -> Release:
        """One that is kept."""
        self.get_shield(who, name)
        with self._store.read() as reader:
            found = _for(who, rows.find_release(reader, name, serial))
        if found is None:
            raise Unknown(f"No release {serial} of {name} is kept.", code="unknown-release")
        return found

    def newest(self, who: Reader, name: str) -> Release:
        """What is in force, else what waits; Unknown when nothing was made yet."""
        standing = self.standing(who, name)
        found = standing.current or standing.waiting
        if found is None:
            raise Unknown("Nothing was made of this shield yet.", remedy="Make its list first.", code="unknown-release")
        return found

    def read_file(self, who: Reader, name: str, form: Format) -> tuple[Release, bytes]:
        """A file of the release in force."""
        release = self.standing(who, name).current
        if release is None:
            raise Unknown(
                "Nothing was released yet.", remedy="Somebody has to release the first list.", code="no-release"
            )
        return release, self._read(name, release.serial, form)

    def list_entries(self, who: Reader, name: str, serial: int, text: str = "") -> Listed:
        """What a release lists, as far as `text` is in it."""
        self.get_release(who, name, serial)
        every = self._folders.entries(name, serial)
        found = [each for each in every if text.lower() in each.text]
        shown, hidden = self._seen(who, found)
        return Listed(entries=shown, total=len(found) - hidden)

    def list_left(self, who: Reader, name: str, serial: int, text: str = "", why: str = "") -> LeftOut:
        """What was left out of a release, as far as `text` is in it, for a reason or for any."""
        release = self.get_release(who, name, serial)
        every = self._folders.left(name, serial)
        found = [each for each in every if text.lower() in each.text.lower() and why in ("", each.why)]
        shown, hidden = self._seen(who, found)
        return LeftOut(left=shown, total=len(found) - hidden, counts=dict(release.left))

    def name_indicators(self, who: Reader, found: Sequence[Entry | Left]) -> dict[str, str]:
        """How indicators of what is shown are called, of those the reader may see now and that have a name."""
        ids = sorted({each.indicator for each in found[:SHOWN]})
        rows = self._exchange.page(who, MAIN, ids=ids, limit=SHOWN).rows if ids else ()
        named = ((row.stix_id, msgspec.json.decode(row.raw).get("name")) for row in rows if row.raw)
        return {stix_id: name for stix_id, name in named if isinstance(name, str) and name.strip()}

    def compare(self, who: Reader, name: str, serial: int, before: int) -> Change:
        """What comes and goes by a release against another, 0 for none."""
        new = self._entries(who, name, serial)
        old = self._entries(who, name, before) if before else {}
        comes = [each for key, each in new.items() if key not in old]
        goes = [each for key, each in old.items() if key not in new]
        coming, going = self._seen(who, comes), self._seen(who, goes)
        return Change(comes=coming[0], goes=going[0], coming=len(comes) - coming[1], going=len(goes) - going[1])

    def manifest(self, who: Reader, name: str, serial: int) -> bytes:
        """The signed manifest of a release."""
        self.get_release(who, name, serial)
        return self._read(name, serial, MANIFEST)

    def _read(self, name: str, serial: int, file: str) -> bytes:
        try:
            return self._folders.path(name, serial, file).read_bytes()
        except FileNotFoundError:
            raise Unknown(f"The files of release {serial} are not here.", code="unknown-release") from None

    def _entries(self, who: Reader, name: str, serial: int) -> dict[tuple[str, str], Entry]:
        self.get_release(who, name, serial)
        return {each.key: each for each in self._folders.entries(name, serial)}

    def _seen(self, who: Reader, found: Sequence[Each]) -> tuple[tuple[Each, ...], int]:
        """The first 200 of which the reader may see the indicator now, and how many that hides.

        A release is of its moment: since then a label may have become stricter, or an agreement may have ended.
        """
        some = found[:SHOWN]
        ids = sorted({each.indicator for each in some})
        rows = self._exchange.page(who, MAIN, ids=ids, limit=SHOWN, bodies=False).rows if ids else ()
        seen = {row.stix_id for row in rows}
        shown = tuple(each for each in some if each.indicator in seen)
        return shown, len(some) - len(shown)


def _for(who: Reader, release: Release | None) -> Release | None:
    """A release as far as it went when it was made, which may be further than its shield goes now."""
    return release if release is not None and release.tlp <= who.clearance else None
