"""An agreement on paper: any version, in one of our languages, with the words of every language beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256

from markupsafe import Markup

from kouprey.agreements.model import State, Version
from kouprey.agreements.pages import words
from kouprey.kernel.paper import render
from kouprey.kernel.web.language import LANGUAGES, Language, _, current, use
from kouprey.kernel.words.time import format_second


def print_version(
    language: Language, version: Version, state: State, fingerprints: Mapping[str, Sequence[str]]
) -> bytes:
    """A version as PDF: its clauses in `language`, its texts in every language they are written in."""
    before = current()
    use(language)
    try:
        values = describe(version, state, fingerprints)
    finally:
        use(before)
    footer = f"{version.agreement} · {version.number} · SHA-256 {sha256(version.document_bytes).hexdigest()}"
    return render(
        "agreements/agreement.typ",
        values,
        title=version.document.title,
        language=language.code,
        at=version.at,
        footer=footer,
    )


def describe(version: Version, state: State, fingerprints: Mapping[str, Sequence[str]]) -> dict[str, object]:
    """What the template prints, in the language of the moment."""
    document = version.document
    return {
        "lead": _("Version %(a)s") % {"a": version.number} + f" · {_(words.STATES[state][0])}",
        "parties_title": _("Between"),
        "fingerprint": _("Words of the root key"),
        "contacts": _("Contacts"),
        "members": _("Also for"),
        "parties": [
            {
                "name": party.name or party.id,
                "id": party.id,
                "words": " ".join(fingerprints.get(party.id, ())),
                "contacts": list(party.contacts),
                "members": list(party.members),
            }
            for party in document.parties
        ],
        "groups": [
            {
                "title": title,
                "clauses": [
                    {"number": clause.number, "title": clause.title, "text": plain(clause.text)} for clause in clauses
                ],
            }
            for title, clauses in words.grouped(document)
        ],
        "texts": [
            {"code": code, "name": LANGUAGES.get(code, code), "parts": text.split("\n\n")}
            for code, text in document.text.items()
        ],
        "signatures_title": _("Signatures"),
        "signatures": [
            {
                "name": party.name or party.id,
                "said": _("signed with its root key") if party.id in version.signers else _("not signed"),
                "done": party.id in version.signers,
            }
            for party in document.parties
        ],
        "note_title": _("What was signed"),
        "note": version.note.decode("utf-8", "replace").split("\n\n")[0],
        "from": _("In force from") + " " + format_second(version.in_force_from),
    }


def plain(text: str) -> str:
    """A sentence of the pages without its markup."""
    return str(Markup(text).striptags()) if isinstance(text, Markup) else text
