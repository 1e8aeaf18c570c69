"""Outlets: devices that fetch a shield, each by a secret that opens that shield's files and nothing else."""

from __future__ import annotations

import base64
from contextlib import suppress
from pathlib import Path

import msgspec

from kouprey.kernel.seal import keys
from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Unidentified, Unknown, Unreachable
from kouprey.kernel.words.ids import new_id
from kouprey.kernel.words.time import SECOND, Instant
from kouprey.protect import store as rows
from kouprey.protect.model import File, Format, Outlet, Release, State
from kouprey.protect.service.folders import MANIFEST
from kouprey.protect.service.releasing import Releasing
from kouprey.protect.service.shields import one_line

_NOTED_EVERY: Instant = 3600 * SECOND


class Fetched(msgspec.Struct, frozen=True):
    """A file of the release in force, where it lies. `file` is None for the manifest."""

    release: Release
    path: Path
    file: File | None


class Outlets(Releasing):
    """Verbs for outlets, and what they fetch."""

    def add_outlet(self, who: Reader, name: str, title: str = "", *, by: str) -> tuple[Outlet, str]:
        """(outlet, secret) for a device; the secret is shown once and never stored."""
        self.get_shield(who, name)
        outlet = Outlet(id=new_id("out")[:20], shield=name, title=one_line(title), made_at=self._clock(), made_by=by)
        secret = keys.token()

        def work(tx: Tx) -> None:
            rows.add_outlet(tx, outlet, keys.token_hash(secret))
            self._note(tx, by, "protect.outlet", name, {"outlet": outlet.id, "title": outlet.title})

        self._store.write(work)
        return outlet, secret

    def end_outlet(self, who: Reader, name: str, outlet: str, *, by: str) -> None:
        """Let a device fetch nothing any more."""

        def work(tx: Tx) -> None:
            if not rows.end_outlet(tx, name, outlet):
                raise Unknown(f"There is no outlet {outlet[:60]!r} of {name}.", code="unknown-outlet")
            self._note(tx, by, "protect.shut", name, {"outlet": outlet})

        self.get_shield(who, name)
        self._store.write(work)

    def list_outlets(self, who: Reader, name: str) -> list[Outlet]:
        """Those of a shield, the ended last."""
        self.get_shield(who, name)
        with self._store.read() as reader:
            return rows.list_outlets(reader, name)

    def fetch(self, authorization: str, name: str, what: str) -> Fetched:
        """A file of the release in force (a format, or "manifest") for a device.

        Unidentified for anybody else, whether there is such a shield or not; Unknown when nothing was released.
        """
        outlet = self._known(authorization)
        with self._store.read() as reader:
            shield = rows.find_shield(reader, name)
            if outlet is None or outlet.shield != name or shield is None or shield.retired:
                raise Unidentified(
                    "This needs the secret of an outlet.",
                    "None was sent, or it is not one of this shield.",
                    "Send it as the password of Basic authentication, or as a Bearer token.",
                    code="no-outlet",
                )
            release = rows.find_in_state(reader, name, State.CURRENT)
        if release is None:
            raise Unknown(
                "Nothing was released yet.", remedy="Somebody has to release the first list.", code="no-release"
            )
        file = next((each for each in release.files if each.format == what), None)
        if file is None and what != "manifest":
            raise Unknown(
                f"There is no format {what[:60]!r}.", f"There are {', '.join(Format)}.", code="unknown-format"
            )
        self._note_fetch(outlet)
        path = self._folders.path(name, release.serial, what if file is not None else MANIFEST)
        return Fetched(release, path, file)

    def _known(self, authorization: str) -> Outlet | None:
        scheme, _, rest = authorization.partition(" ")
        secret = rest.strip()
        if scheme.lower() == "basic":
            try:
                secret = base64.b64decode(secret, validate=True).decode("utf-8").partition(":")[2]
            except ValueError:
                return None
        elif scheme.lower() != "bearer":
            return None
        with self._store.read() as reader:
            # The lookup is by the hash of 256 random bits: comparing hashes in an index reveals nothing of the secret.
            return rows.find_outlet(reader, keys.token_hash(secret)) if secret else None

    def _note_fetch(self, outlet: Outlet) -> None:
        now = self._clock()
        if now - outlet.used_at >= _NOTED_EVERY:
            # A store that is too busy for a note is no reason to leave a device without its list.
            with suppress(Unreachable):
                self._store.write(lambda tx: rows.note_use(tx, outlet.id, now))
