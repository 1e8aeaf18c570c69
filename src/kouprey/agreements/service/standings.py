"""What is known: versions, and where each agreement stands now."""

from __future__ import annotations

from collections.abc import Iterable

from kouprey.agreements import store as rows
from kouprey.agreements import wire
from kouprey.agreements.model import Comment, Deed, Narrowing, Standing, Version
from kouprey.agreements.wire import said
from kouprey.kernel.seal import notes
from kouprey.kernel.seal.keyring import Keyring
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Reader, Store
from kouprey.kernel.words.errors import Refused, Unknown
from kouprey.kernel.words.time import FOREVER, Clock, Instant, parse_instant, wall_clock
from kouprey.kernel.words.tlp import parse_tlp
from kouprey.people.service import People, policy_epoch


class Standings:
    """Reads agreements; remembers where they stand until people, agreements or the calendar change it."""

    def __init__(self, store: Store, people: People, keyring: Keyring, clock: Clock = wall_clock) -> None:
        self._store = store
        self._people = people
        self._keyring = keyring
        self._clock = clock
        self._remembered: tuple[int, Instant, dict[str, Standing]] | None = None

    def now(self) -> Instant:
        """The time by which this node decides."""
        return self._clock()

    def list_versions(self, agreement: str = "") -> list[Version]:
        """Every version of one agreement or of all, oldest first, drafts included; Unknown when there is none."""
        with self._store.read() as reader:
            versions = rows.list_versions(reader, agreement)
        if agreement and not versions:
            raise _unknown(agreement)
        return versions

    def get_current(self, agreement: str) -> Version:
        """The version that counts now: the newest fully signed one, else the newest proposal."""
        return _current(self.list_versions(agreement), self._clock())

    def get_version(self, agreement: str, digest: str = "") -> Version:
        """The version whose note hash begins with these hex digits, "" for the newest; Unknown when there is none."""
        found = [each for each in self.list_versions(agreement) if each.note_sha256.hex().startswith(digest.lower())]
        if not found:
            raise Unknown(
                f"No version {digest[:20]!r} of this agreement.",
                remedy="The page of the agreement lists them.",
                code="unknown-version",
            )
        return found[-1]

    def standings(self, reader: Reader | None = None) -> dict[str, Standing]:
        """Every agreement by id; asked again when people or agreements have changed or another version begins."""
        if reader is None:
            with self._store.read() as snapshot:
                return self.standings(snapshot)
        epoch = policy_epoch(reader)
        now = self._clock()
        remembered = self._remembered
        if remembered is not None and remembered[0] == epoch and now < remembered[1]:
            return remembered[2]
        loaded = self._load_standings(reader, now)
        until = min((standing.changes for standing in loaded.values()), default=FOREVER)
        self._remembered = (epoch, until, loaded)
        return loaded

    def get_standing(self, agreement: str) -> Standing:
        """Where one agreement stands; Unknown when there is none of this id."""
        found = self.standings().get(agreement)
        if found is None:
            raise _unknown(agreement)
        return found

    def find_by_prefix(self, text: str) -> str:
        """The one agreement whose id or title is or begins with `text`; Unknown or Refused when none or several do."""
        wanted = text.casefold()
        names = {each.agreement: (each.agreement, each.title.casefold()) for each in self.standings().values()}
        found = [each for each, own in names.items() if wanted in own]
        found = found or [each for each, own in names.items() if any(name.startswith(wanted) for name in own)]
        if len(found) == 1:
            return found[0]
        if not found:
            raise _unknown(text)
        raise Refused(
            f"{len(found)} agreements begin with {text[:40]!r}.", remedy="Write more of the id.", code="ambiguous"
        )

    def history(self, agreement: str) -> list[Deed]:
        """What was done with an agreement here, newest first."""
        with self._store.read() as reader:
            found = audit.list_audit(reader, limit=500, subject=agreement)
        return [Deed(at=each.at, by=each.actor, action=each.action, detail=each.detail) for each in found]

    def agreement_notes(self, agreement: str, party: str = "") -> list[tuple[bytes, bytes]]:
        """Every signed note of an agreement with its attachment, for parcels and for parties that missed them.

        With `party`, only what that party is a party of. Drafts are never among them.
        """
        with self._store.read() as reader:
            versions = [
                version
                for version in rows.list_versions(reader, agreement)
                if not version.draft and party in ("", *version.party_ids)
            ]
            alone: list[bytes] = []
            if versions:
                known = {version.note_sha256 for version in versions}
                comments = [note for note, _ in rows.list_comments(reader, agreement)]
                alone = [*rows.list_notices(reader, agreement), *rows.list_narrowings(reader, agreement)]
                alone += [note for note in comments if said.parse_comment(notes.split_note(note)[0]).version in known]
        return [(version.note, version.document_bytes) for version in versions] + [(note, b"") for note in alone]

    def list_comments(self, agreement: str) -> list[tuple[Comment, Instant]]:
        """What the parties have said about its versions, oldest first, and when each was first here."""
        with self._store.read() as reader:
            found = rows.list_comments(reader, agreement)
        return [(said.parse_comment(notes.split_note(note)[0]), at) for note, at in found]

    def _load_standings(self, reader: Reader, now: Instant) -> dict[str, Standing]:
        suspended = rows.list_suspended(reader)
        left = rows.list_suspended(reader, left=True)
        narrowed: dict[str, list[Narrowing]] = {}
        for note in rows.list_narrowings(reader):
            narrowing = said.parse_narrowing(notes.split_note(note)[0])
            narrowed.setdefault(narrowing.agreement, []).append(narrowing)
        by_agreement: dict[str, list[Version]] = {}
        for version in rows.list_versions(reader):
            by_agreement.setdefault(version.agreement, []).append(version)
        home = self._people.home_id
        return {
            agreement: _standing(
                versions, suspended.get(agreement, ()), left.get(agreement, ()), narrowed.get(agreement, ()), home, now
            )
            for agreement, versions in by_agreement.items()
        }


def newest_signed(versions: Iterable[Version]) -> Version | None:
    """The version with the highest number among those all parties have signed.

    Two with one number arise when parties countersign each other's proposals at once; every node takes the same one.
    """
    signed = (version for version in versions if not version.missing)
    return max(signed, key=lambda version: (version.number, version.note_sha256), default=None)


def _current(versions: list[Version], now: Instant) -> Version:
    signed = [version for version in versions if not version.missing]
    running = newest_signed(version for version in signed if version.in_force_from <= now)
    if running is not None:
        return running
    if signed:
        return min(signed, key=lambda version: (version.in_force_from, version.number, version.note_sha256))
    return next((version for version in reversed(versions) if not version.draft), versions[-1])


def _standing(
    versions: list[Version],
    suspended_by: tuple[str, ...],
    left: tuple[str, ...],
    narrowed: Iterable[Narrowing],
    home: str,
    now: Instant,
) -> Standing:
    return standing_of(_current(versions, now), versions, suspended_by, left, narrowed, home, now)


def standing_of(
    version: Version,
    versions: Iterable[Version],
    suspended_by: tuple[str, ...],
    left: tuple[str, ...],
    narrowed: Iterable[Narrowing],
    home: str,
    now: Instant,
) -> Standing:
    """Where an agreement stands with this version of it; `versions` are all, the coming ones of which change it."""
    coming = [each.in_force_from for each in versions if not each.missing and each.in_force_from > now]
    return Standing(
        agreement=version.agreement,
        home=home,
        version=version.number,
        note_sha256=version.note_sha256,
        title=version.document.title,
        parties=version.party_ids,
        terms=version.document.terms,
        tlp_ceiling=parse_tlp(version.document.terms.tlp_ceiling),
        signed=not version.missing,
        starts=max(parse_instant(version.document.starts), version.in_force_from),
        ends=wire.read_end(version.document),
        suspended_by=suspended_by,
        left=left,
        # All parties have signed a later version, whoever had tightened the one before among them.
        narrowed=tuple(each for each in narrowed if each.version >= version.number),
        draft=version.draft,
        changes=min(coming, default=FOREVER),
        groups=version.document.groups,
    )


def _unknown(agreement: str) -> Unknown:
    return Unknown(
        f"No agreement {agreement[:60]!r} is known here.",
        remedy="Look for it under Agreements, or with `kouprey agreement list`.",
        code="unknown-agreement",
    )
