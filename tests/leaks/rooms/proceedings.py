"""Dossiers: nobody who asks belongs to one, so whatever is asked of them is answered as if there were none."""

from __future__ import annotations

from collections.abc import Mapping

from leaks.known import Values, one_of

PATHS: Mapping[str, Values] = {
    "dossier": lambda known, thing: known.dossiers.get(thing.key, ("dos_0",))[:1],
    "piece": lambda known, thing: known.dossiers.get(thing.key, ("dos_0", "itm_0"))[1:],
}

QUERIES: Mapping[str, Values] = {"event": one_of("0", "-1")}

FIELDS: Mapping[str, Values] = {
    "purpose": one_of("court"),
    "grants": one_of(""),
    "derived": one_of(""),
    "keep_until": one_of(""),
    "scope": one_of("all of it"),
    "review": one_of("2027-11-20"),
    "part": one_of("reader"),
    "release": one_of("rel_0"),
    "act": one_of("preserve"),
    "sha256": one_of("0" * 64),
}

UNASKED: Mapping[str, str] = {
    "POST /dossiers": "It makes a dossier of the asker's own under a random name, and reads no other.",
    "POST /dossiers/key": "It adds a public key of the asker's own; whose a key is that is known already is not told.",
}

COMMANDS: Mapping[str, str] = dict.fromkeys(
    (f"dossier {verb}" for verb in ("grant", "key", "open", "seal")),
    "It works on somebody's own machine with files of theirs, and opens no node.",
)
