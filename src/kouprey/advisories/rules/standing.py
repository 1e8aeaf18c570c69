"""What may be said in a statement, who may write and approve it, and what of it the public may be shown."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

from kouprey.advisories.model import Approval, Content, Kind
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.ids import is_party_id
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role

WRITING = frozenset({Role.COMMUNICATIONS, Role.LEAD, Role.LIAISON, Role.POLICY, Role.DUTY_OFFICER, Role.ANALYST})
APPROVING = frozenset({Role.COMMUNICATIONS, Role.LEAD, Role.LIAISON, Role.POLICY, Role.LEGAL, Role.DIPLOMAT})
READING = WRITING | APPROVING
NEEDED = 2
"""Persons who must want a statement before it is published."""
LONGEST_TITLE, LONGEST_TEXT, LONGEST_CLAIM, LONGEST_URL = 200, 6_000, 3_000, 1_000
MOST_CLAIMS, MOST_LINKS, MOST_LANGUAGES = 10, 20, 8
ID = re.compile(r"[A-Z]{2}-[A-Z0-9]{1,24}-\d{4}-\d{4,6}", re.ASCII)
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})?", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


def prefix_of(party: str) -> str:
    """`KH-MPTC` for `mptc.gov.kh`: the country of the domain, XX where it has none, and its first label."""
    if not is_party_id(party):
        raise ValueError(f"not a party: {party[:60]}")
    labels = party.upper().split(".")
    country = labels[-1] if len(labels[-1]) == 2 and labels[-1].isalpha() else "XX"
    return f"{country}-{labels[0].replace('-', '')[:24]}"


def next_id(party: str, year: int, known: Collection[str]) -> str:
    """The id of the next statement of a year; none is ever given twice."""
    head = f"{prefix_of(party)}-{year:04}-"
    numbers = [int(each.removeprefix(head)) for each in known if each.startswith(head)]
    return f"{head}{max(numbers, default=0) + 1:04}"


def is_public(label: Label) -> bool:
    """Whether an entry of a lane is marked for everybody: a statement that is not is none."""
    narrow = (label.sealed_to, label.concerned, label.handling, label.not_before)
    return label.tlp is TLP.CLEAR and not any(narrow)


def enough(approvals: Iterable[Approval]) -> bool:
    """Whether two different persons want this revision; whoever wrote it may be one of them, never both."""
    return len({each.person for each in approvals}) >= NEEDED


def check_content(content: Content) -> None:
    """Damaged (`bad-statement`), naming the field, for what cannot be a statement."""
    if not 1 <= len(content.languages) <= MOST_LANGUAGES:
        raise _bad("languages", f"It needs one language, and has room for {MOST_LANGUAGES}.")
    for code, words in content.languages.items():
        if _LANGUAGE.fullmatch(code) is None:
            raise _bad("languages", f"{code[:20]!r} is no language.")
        _check_text(f"languages.{code}.title", words.title, LONGEST_TITLE, needed=True, line=True)
        _check_text(f"languages.{code}.body", words.body, LONGEST_TEXT, needed=True)
        _check_text(f"languages.{code}.what_to_do", words.what_to_do, LONGEST_TEXT)
    _check_answer(content)
    _check_text("contact", content.contact, LONGEST_TITLE, line=True)
    _check_text("exercise", content.exercise, LONGEST_TITLE, line=True)
    _check_urls("evidence", content.evidence)
    if any(ID.fullmatch(each) is None for each in content.replaces) or len(content.replaces) > MOST_LINKS:
        raise _bad("replaces", "It takes ids of statements, such as XX-CERT-2026-0042.")
    if content.cancels and not content.replaces:
        raise _bad("cancels", "It does not say which statements are withdrawn.")
    if content.kind is Kind.CORRECTION and not content.replaces:
        raise _bad("replaces", "A correction says which statement it corrects.")
    if content.valid_until and content.valid_until <= content.valid_from:
        raise _bad("valid_until", "It ends before it begins.")


def _check_answer(content: Content) -> None:
    """The verdict, and the claims it is of."""
    if content.kind is Kind.RUMOUR_RESPONSE and (content.verdict is None or not content.claims):
        raise _bad("verdict", "An answer to a rumour says what is claimed, and what we say of it.")
    if content.verdict is not None and not content.claims:
        raise _bad("claims", "There is a verdict, and nothing that it is of.")
    if len(content.claims) > MOST_CLAIMS:
        raise _bad("claims", f"There is room for {MOST_CLAIMS}.")
    for number, claim in enumerate(content.claims, 1):
        where = f"claims.{number}"
        _check_text(f"{where}.text", claim.text, LONGEST_CLAIM, needed=True)
        _check_urls(f"{where}.urls", claim.urls)
        if len(claim.media) > MOST_LINKS:
            raise _bad(f"{where}.media", f"There is room for {MOST_LINKS}.")
        for media in claim.media:
            if _SHA256.fullmatch(media.sha256) is None:
                raise _bad(f"{where}.media", "A SHA-256 has 64 digits in hex, in small letters.")
            _check_text(f"{where}.media", media.note, LONGEST_TITLE, line=True)


def _check_urls(where: str, urls: Sequence[str]) -> None:
    if len(urls) > MOST_LINKS:
        raise _bad(where, f"There is room for {MOST_LINKS}.")
    for url in urls:
        _check_text(where, url, LONGEST_URL, line=True)
        if not url.startswith(("https://", "http://")) or any(map(str.isspace, url)):
            raise _bad(where, f"{url[:60]!r} is no web address.")


def _check_text(where: str, text: str, longest: int, *, needed: bool = False, line: bool = False) -> None:
    if needed and not text.strip():
        raise _bad(where, "It is empty.")
    if len(text) > longest:
        raise _bad(where, f"It is longer than {longest} letters.")
    if _CONTROL.search(text) or (line and ("\n" in text or "\t" in text)):
        raise _bad(where, "It holds a character that cannot be shown, or that turns the direction of reading.")


def _bad(where: str, why: str) -> Damaged:
    return Damaged(
        "This cannot be a statement.",
        f"{where}: {why}",
        "Put that field right.",
        code="bad-statement",
        detail={"field": where},
    )
