"""The form of a draft: what people type becomes the content of a statement, and the other way round."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import TypeVar

import msgspec
from starlette.datastructures import UploadFile

from kouprey.advisories.model import Claim, Content, Kind, Media, Rumour, Verdict, Words
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.time import Instant, format_second, parse_instant

T = TypeVar("T", bound=StrEnum)
LANGUAGES = ("en", "km")
"""Languages that the form has fields for; others of a draft stay as they are."""
LARGEST = 20 << 20
_PLAIN = ("kind", "verdict", "contact", "replaces", "evidence", "until", "exercise")
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d))?", re.ASCII)


class Row(msgspec.Struct, frozen=True):
    """A claim as it stands in the form: lines of addresses, lines of `SHA-256 note`."""

    text: str = ""
    urls: str = ""
    media: str = ""


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """The form as somebody filled it in; `fields` are named as in the page."""

    fields: dict[str, str]
    claims: tuple[Row, ...]
    cancels: bool = False


def empty(rumours: Sequence[Rumour] = ()) -> Given:
    """A new draft: the answer to these rumours, or anything."""
    first = rumours[0] if rumours else None
    claims = [Row(each.text, each.url, each.media) for each in rumours]
    fields = dict.fromkeys((*_PLAIN, *_worded()), "")
    fields["kind"] = str(Kind.RUMOUR_RESPONSE if first else Kind.SECURITY_ADVISORY)
    return Given(fields=fields, claims=(*claims, *([] if claims else [Row()])))


def filled(content: Content) -> Given:
    """The form of a draft that there is."""
    fields = {
        "kind": str(content.kind),
        "verdict": str(content.verdict or ""),
        "contact": content.contact,
        "replaces": " ".join(content.replaces),
        "evidence": "\n".join(content.evidence),
        "until": format_second(content.valid_until)[:16].replace("T", " ") if content.valid_until else "",
        "exercise": content.exercise,
    }
    for code in LANGUAGES:
        words = content.languages.get(code)
        fields |= {
            f"title_{code}": words.title if words else "",
            f"body_{code}": words.body if words else "",
            f"do_{code}": words.what_to_do if words else "",
        }
    claims = [
        Row(
            each.text,
            "\n".join(each.urls),
            "\n".join(f"{media.sha256} {media.note}".strip() for media in each.media),
        )
        for each in content.claims
    ]
    return Given(fields=fields, claims=(*claims, Row()), cancels=content.cancels)


def taken(request: Request) -> Given:
    """What was sent."""
    texts, urls, media = (
        [str(each) for each in request.fields.getlist(name)] for name in ("claim", "claim_urls", "claim_media")
    )
    count = max(map(len, (texts, urls, media)), default=0)
    rows = [Row(*(_at(values, place) for values in (texts, urls, media))) for place in range(count)]
    if digest := _picture(request):
        first = rows[0] if rows else Row()
        rows[:1] = [Row(first.text, first.urls, f"{first.media}\n{digest}".strip())]
    return Given(
        fields={name: request.field(name, longest=20_000) for name in (*_PLAIN, *_worded())},
        claims=tuple(rows),
        cancels=request.field("cancels") == "yes",
    )


def content_of(given: Given, before: Content | None = None) -> Content:
    """The content that a form says; Damaged `bad-field` where it cannot be understood."""
    fields = given.fields
    languages = {code: words for code, words in (before.languages if before else {}).items() if code not in LANGUAGES}
    for code in LANGUAGES:
        title, body, do = (_lines(fields[f"{word}_{code}"]) for word in ("title", "body", "do"))
        if title or body or do:
            languages[code] = Words(title=title, body=body, what_to_do=do)
    claims = [
        Claim(text=_lines(row.text), urls=tuple(row.urls.split()), media=tuple(_media(row.media)))
        for row in given.claims
        if row.text.strip() or row.urls.strip() or row.media.strip()
    ]
    return Content(
        kind=_one_of(Kind, fields["kind"]),
        verdict=_one_of(Verdict, fields["verdict"]) if fields["verdict"] else None,
        languages={code: languages[code] for code in sorted(languages)},
        claims=tuple(claims),
        evidence=tuple(fields["evidence"].split()),
        contact=fields["contact"],
        replaces=tuple(fields["replaces"].replace(",", " ").split()),
        cancels=given.cancels,
        valid_from=before.valid_from if before else 0,
        valid_until=_moment(fields["until"]),
        exercise=fields["exercise"],
    )


def _worded() -> list[str]:
    return [f"{word}_{code}" for code in LANGUAGES for word in ("title", "body", "do")]


def _lines(text: str) -> str:
    # Browsers send the ends of lines as CR LF, which no signed text has.
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def _at(values: Sequence[str], place: int) -> str:
    return values[place][:20_000] if place < len(values) else ""


def _media(text: str) -> list[Media]:
    found = []
    for line in filter(None, map(str.strip, text.splitlines())):
        digest, _, note = line.partition(" ")
        found.append(Media(sha256=digest.lower(), note=note.strip()))
    return found


def _picture(request: Request) -> str:
    """The SHA-256 of a file that goes round; the file itself is not kept."""
    given = request.fields.get("picture")
    if not isinstance(given, UploadFile) or not given.size:
        return ""
    digest, seen = sha256(), 0
    while part := given.file.read(1 << 20):
        seen += len(part)
        if seen > LARGEST:
            raise Damaged("The file is too large.", f"At most {LARGEST >> 20} MiB are taken.", code="too-large")
        digest.update(part)
    return f"{digest.hexdigest()} {(given.filename or '')[:80]}".strip()


def _moment(text: str) -> Instant:
    if not text:
        return 0
    found = _MOMENT.fullmatch(text)
    try:
        if found is None:
            raise ValueError(text)
        datetime.fromisoformat(found[1])
        return parse_instant(f"{found[1]}T{found[2] or '23:59'}:00Z")
    except ValueError:
        raise Damaged(
            "That is no time.", text[:40], "Write it as 2026-12-31 17:00, in UTC.", code="bad-field"
        ) from None


def _one_of(kind: type[T], text: str) -> T:
    try:
        return kind(text)
    except ValueError:
        raise Damaged("That is none of the choices.", text[:40], "Choose one of the list.", code="bad-field") from None
