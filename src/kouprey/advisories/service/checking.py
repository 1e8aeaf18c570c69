"""The public check: "Is this real?" What it may say follows from what is exact, never from what looks alike."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from hashlib import sha256
from threading import BoundedSemaphore

from kouprey.advisories.model import Checked, Finding, Hit, Published
from kouprey.advisories.rules.matching import find_alike, find_exact
from kouprey.advisories.rules.normalising import normal_text
from kouprey.advisories.rules.standing import ID
from kouprey.advisories.service.shelf import View
from kouprey.advisories.service.statements import Statements
from kouprey.advisories.wire.block import write_block
from kouprey.advisories.wire.card import SHORT
from kouprey.advisories.wire.statement import check_signature, read_signed
from kouprey.kernel.web.photos import is_photo, read_codes
from kouprey.kernel.words.errors import Damaged, KoupreyError

LONGEST = 20_000
"""Letters that are looked at."""
LARGEST = 8 << 20
"""Bytes of a file."""
_CODE = re.compile(
    rf"/(?:check|s|statements(?:/mirror/[a-z0-9.-]{{3,253}})?)/({ID.pattern})(?:/([0-9a-f]{{{SHORT},64}}))?"
)
_READING = BoundedSemaphore(2)
"""Pictures whose codes are read at the same time: each takes a process of its own."""


class Checker:
    """Answers strangers. Nothing of what they ask is kept, not even counted by content."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def check_text(self, text: str) -> Checked:
        """What may be said of a text, an address or an id; Damaged for nothing, or for too much."""
        view, text = self._statements.view(), text.strip()
        if not text or len(text) > LONGEST:
            raise Damaged(
                "There is nothing to look for." if not text else "The text is too long.",
                remedy="Paste the words, the address or the number of the statement.",
                code="bad-question",
            )
        if _is_signed_file(text.encode()):
            return self._check_signed(view, text.encode())
        if (named := self._named(view, text)) is not None:
            return named
        exact = _hits(view, ((key, claim, 100) for key, claim in find_exact(view.index, text)))
        if exact:
            return Checked(finding=Finding.DECLARED, hits=exact)
        alike = _hits(view, find_alike(view.index, text))
        return Checked(finding=Finding.ALIKE if alike else Finding.NONE, hits=alike)

    def check_code(self, statement: str, digest: str) -> Checked:
        """What the code of a card leads to: authentic when the statement has exactly the text that the code names."""
        view = self._statements.view()
        found = _with_id(view, statement)
        if not found:
            return Checked(finding=Finding.NONE)
        right = [each for each in found if len(digest) >= SHORT and each.hash.startswith(digest)]
        if right:
            return Checked(finding=Finding.AUTHENTIC, hits=tuple(Hit(found=each) for each in right))
        finding = Finding.ALTERED if digest else Finding.ISSUED
        return Checked(finding=finding, hits=tuple(Hit(found=each) for each in found))

    def check_file(self, raw: bytes) -> Checked:
        """What may be said of a file: of its exact bytes, and of where a code on it leads; never of its looks."""
        view = self._statements.view()
        if _is_signed_file(raw):
            return self._check_signed(view, raw.strip())
        hits = _hits(view, ((key, claim, 100) for key, claim in view.index.media.get(sha256(raw).hexdigest(), ())))
        if hits:
            return Checked(finding=Finding.DECLARED, hits=tuple(reversed(hits)), file=True)
        codes, unread = _codes_of(raw)
        # A code can be cut from a real card and put on a false one, so it proves nothing of the picture.
        named = {each.id: each for code in codes for each in _with_id(view, _id_in(code))}
        return Checked(
            finding=Finding.ALIKE if named else Finding.NONE,
            hits=tuple(Hit(found=each) for each in named.values()),
            file=True,
            unread=unread,
        )

    def _check_signed(self, view: View, raw: bytes) -> Checked:
        try:
            signed = read_signed(raw)
            said = check_signature(signed)
        except KoupreyError:
            hits = tuple(Hit(found=each) for each in _with_id(view, _id_in_words(raw.decode("utf-8", "replace"))))
            return Checked(finding=Finding.ALTERED, hits=hits, file=True)
        held = view.by_key.get((said.publisher, said.id))
        if held is None or not _shown(view, held):
            return Checked(finding=Finding.NONE, file=True)
        right = held.signed.raw == signed.raw
        return Checked(finding=Finding.AUTHENTIC if right else Finding.ALTERED, hits=(Hit(found=held),), file=True)

    def _named(self, view: View, text: str) -> Checked | None:
        """What a text that names a statement comes to; None where it names none of ours."""
        link = _CODE.search(text)
        if link is not None and self._leads_home(view, text, link):
            return self.check_code(link[1], link[2] or "")
        found = _with_id(view, _id_in_words(text))
        if not found:
            return Checked(finding=Finding.NONE) if ID.fullmatch(text.upper()) else None
        if ID.fullmatch(text.upper()):
            return Checked(finding=Finding.ISSUED, hits=tuple(Hit(found=each) for each in found))
        normal = normal_text(text)
        for each in found:
            said = each.statement
            if any(normal_text(write_block(said, code)) == normal for code in said.content.languages):
                return Checked(finding=Finding.AUTHENTIC, hits=(Hit(found=each),))
        return Checked(finding=Finding.ALIKE, hits=tuple(Hit(found=each) for each in found))

    def _leads_home(self, view: View, text: str, link: re.Match[str]) -> bool:
        """Whether it is an address of this node or of the publisher, and nothing else: a stranger's proves nothing."""
        homes = {self._statements.origin, *(_home(each) for each in _with_id(view, link[1]))}
        return link.end() == len(text) and text[: link.start()] in homes - {""}


def _home(each: Published) -> str:
    return each.statement.url.removesuffix(f"/s/{each.id}")


def _is_signed_file(raw: bytes) -> bool:
    """Whether it is meant as one, right or wrong."""
    return raw.lstrip()[:1] == b"{" and b'"statement"' in raw and b'"signature"' in raw


def _hits(view: View, found: Iterable[tuple[tuple[str, str], str, int]]) -> tuple[Hit, ...]:
    made: dict[tuple[str, str], Hit] = {}
    for key, claim, score in found:
        made.setdefault(key, Hit(found=view.by_key[key], claim=claim, score=score))
    return tuple(made.values())


def _with_id(view: View, statement: str) -> list[Published]:
    """Those of that id that everybody may read, ours first."""
    found = (view.by_key.get((party, statement)) for party in view.public)
    return [each for each in found if each is not None and each.trusted]


def _shown(view: View, each: Published) -> bool:
    return each.trusted and each.statement.publisher in view.public


def _id_in(code: str) -> str:
    found = _CODE.search(code)
    return found[1] if found is not None else _id_in_words(code)


def _id_in_words(text: str) -> str:
    found = ID.search(text) or ID.search(text.upper())
    return found[0] if found is not None else ""


def _codes_of(raw: bytes) -> tuple[Sequence[str], bool]:
    """The texts of the codes on a picture, and whether they could not be looked for."""
    if not is_photo(raw[:8]):
        return (), False
    if not _READING.acquire(blocking=False):
        return (), True
    try:
        return read_codes(raw), False
    except KoupreyError:
        return (), True
    finally:
        _READING.release()
