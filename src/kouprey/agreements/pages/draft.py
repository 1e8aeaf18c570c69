"""The form in which an agreement is drafted: what was written, what is wrong with it, and the terms it makes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from kouprey.agreements.model import KINDS, PURPOSES, Onward, Terms, Version
from kouprey.agreements.pages import further
from kouprey.agreements.wire import TITLE_MAX
from kouprey.agreements.wire.memorandum import get_template
from kouprey.kernel.web.language import LANGUAGES, _
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.time import SECOND, Instant, parse_instant
from kouprey.kernel.words.tlp import TLP, parse_tlp

DAY: Instant = 86_400 * SECOND
DAYS = {"retention_days": (1, 36_500), "erasure_days": (1, 3_650)}
TEXT_MAX = 100_000
"""Characters of the agreement's text in one language."""


@dataclass
class Draft:
    """The form as it stands; `parties` are the others. Days are texts (`2026-11-22`), `ends` the last one or ""."""

    title: str = ""
    parties: tuple[str, ...] = ()
    tlp_ceiling: str = "amber"
    types: tuple[str, ...] = ("intelligence", "sighting")
    purposes: tuple[str, ...] = ("incident-response", "protection")
    onward: str = "none"
    retention_days: str = "730"
    erasure_days: str = "30"
    starts: str = ""
    ends: str = ""
    texts: dict[str, str] = field(default_factory=dict)
    amends: str = ""
    further: dict[str, str] = field(default_factory=lambda: further.typed(Terms()))
    made: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def terms(self) -> Terms:
        """The clauses; only when there are no errors."""
        terms = Terms(
            tlp_ceiling=self.tlp_ceiling,
            types=self.types,
            purposes=self.purposes,
            onward=self.onward,
            retention_days=int(self.retention_days),
            erasure_days=int(self.erasure_days),
        )
        return further.with_terms(terms, self.made) if self.made else terms

    @property
    def begin(self) -> Instant:
        """The first moment of the first day, UTC."""
        return parse_instant(f"{self.starts}T00:00:00Z")

    @property
    def end(self) -> str:
        """The first moment after the last day as the document writes it, or ""."""
        if not self.ends:
            return ""
        return (datetime.fromisoformat(self.ends) + timedelta(days=1)).strftime("%Y-%m-%dT00:00:00Z")


def fresh(now: Instant) -> Draft:
    """An empty form: from today on, for two years, as most first agreements are."""
    today = datetime.fromtimestamp(now // SECOND, UTC).date()
    return Draft(starts=today.isoformat(), ends=(today + timedelta(days=730)).isoformat())


def from_template(name: str, language: str, now: Instant) -> Draft:
    """A form that begins with one of the memoranda that come along; its words in every language it has."""
    memorandum = get_template(name)
    terms = memorandum.terms
    form = fresh(now)
    begin = datetime.fromisoformat(form.starts)
    form.title = memorandum.title.get(language, memorandum.title["en"])
    form.ends = (begin + timedelta(days=memorandum.days)).date().isoformat() if memorandum.days else ""
    form.texts = {code: text.strip() for code, text in memorandum.text.items() if code in LANGUAGES}
    form.further = further.typed(terms)
    _take(form, terms)
    return form


def _take(form: Draft, terms: Terms) -> None:
    form.tlp_ceiling, form.onward = terms.tlp_ceiling, terms.onward
    form.types, form.purposes = terms.types, terms.purposes
    form.retention_days, form.erasure_days = str(terms.retention_days), str(terms.erasure_days)


def amending(version: Version, home: str, now: Instant) -> Draft:
    """A form that begins with what an agreement says now."""
    document = version.document
    terms = document.terms
    last = datetime.fromisoformat(document.ends) - timedelta(seconds=1) if document.ends else None
    return Draft(
        title=document.title,
        parties=tuple(party for party in version.party_ids if party != home),
        tlp_ceiling=terms.tlp_ceiling,
        types=terms.types,
        purposes=terms.purposes,
        onward=terms.onward,
        retention_days=str(terms.retention_days),
        erasure_days=str(terms.erasure_days),
        starts=fresh(now).starts,
        ends=last.date().isoformat() if last else "",
        texts=dict(document.text),
        amends=version.agreement,
        further=further.typed_document(document),
    )


def read(request: Request, known: Sequence[str], home: str = "") -> Draft:
    """The form that was sent, judged; `known` are the parties there are to choose from, `home` is ours."""

    def many(name: str, words: Sequence[str]) -> tuple[str, ...]:
        sent = {str(value) for value in request.fields.getlist(name)}
        return tuple(word for word in words if word in sent)

    texts = {code: request.field(f"text_{code}", longest=TEXT_MAX).replace("\r\n", "\n") for code in LANGUAGES}
    if any("\0" in text for text in texts.values()):
        # Nobody types it, and nothing that holds it can be signed.
        raise Damaged("The text of the agreement cannot be read.", "It holds the character U+0000.", code="bad-field")
    draft = Draft(
        title=request.field("title"),
        parties=many("parties", known),
        tlp_ceiling=request.field("tlp_ceiling"),
        types=many("types", KINDS),
        purposes=many("purposes", PURPOSES),
        onward=request.field("onward"),
        retention_days=request.field("retention_days"),
        erasure_days=request.field("erasure_days"),
        starts=request.field("starts"),
        ends=request.field("ends"),
        texts={code: text for code, text in texts.items() if text},
        amends=request.field("amends"),
    )
    parties = [home, *draft.parties]
    # What is not in the form at all is as in every agreement, so that a short form of a program is enough.
    draft.further |= {name: request.field(name) for name in further.names([home, *known]) if name in request.fields}
    _judge(draft)
    draft.made, wrong = further.judge(draft.further, parties)
    draft.errors.update(wrong)
    return draft


def _judge(draft: Draft) -> None:
    wrong = draft.errors
    # Khmer is written with zero-width spaces between words, which do not count as printable.
    if not 3 <= len(draft.title) <= TITLE_MAX or not draft.title.replace("\u200b", "").isprintable():
        wrong["title"] = _("Write a title of 3 to 200 letters.")
    if not draft.parties:
        wrong["parties"] = _("Choose at least one party besides ourselves.")
    elif len(draft.parties) > 15:
        wrong["parties"] = _("At most 16 parties can sign one agreement.")
    if draft.tlp_ceiling not in [level.word for level in TLP]:
        wrong["tlp_ceiling"] = _("Choose one of the list.")
    if not draft.types:
        wrong["types"] = _("Choose at least one kind.")
    if not draft.purposes:
        wrong["purposes"] = _("Choose at least one purpose.")
    if draft.onward not in list(Onward):
        wrong["onward"] = _("Choose one of the list.")
    for name, (least, most) in DAYS.items():
        text = getattr(draft, name)
        if not (text.isascii() and text.isdigit() and len(text) < 6 and least <= int(text) <= most):
            wrong[name] = _("Write a number of days from %(a)s to %(b)s.") % {"a": least, "b": most}
    if not is_day(draft.starts):
        wrong["starts"] = _("Write a day as 2026-11-30.")
    if draft.ends and not is_day(draft.ends):
        wrong["ends"] = _("Write a day as 2026-11-30, or leave it empty.")
    elif draft.ends and "starts" not in wrong and draft.ends < draft.starts:
        wrong["ends"] = _("It ends before it begins.")


def is_day(text: str) -> bool:
    """Whether it is a day of the calendar as `2026-11-30`, in the years that can be written and followed by another."""
    try:
        day = datetime.strptime(text, "%Y-%m-%d")
    except ValueError:
        return False
    return len(text) == 10 and 1970 <= day.year <= 9998


def choose_ceilings() -> list[tuple[str, str]]:
    """The levels an agreement can name, with what each means."""
    meaning = {
        TLP.CLEAR: _("may be made public"),
        TLP.GREEN: _("for the community of defenders"),
        TLP.AMBER: _("for the receiver and those it protects"),
        TLP.AMBER_STRICT: _("for the receiver alone"),
        TLP.RED: _("for named recipients only"),
    }
    return [(level.word, f"{level.text} – {meaning[parse_tlp(level.word)]}") for level in TLP]
