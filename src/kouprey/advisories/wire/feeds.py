"""Feeds of statements (Atom, RFC 4287; JSON Feed 1.1), and what search engines read (schema.org ClaimReview)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

import msgspec

from kouprey.advisories.model import Published, Statement, Verdict
from kouprey.advisories.wire.block import title_of, verdict_word, write_block
from kouprey.kernel.words.time import Instant, format_second

ATOM, JSON_FEED = "application/atom+xml", "application/feed+json"
NEWEST = 50
_RATINGS = {Verdict.FALSE: 1, Verdict.ALTERED: 1, Verdict.MISLEADING: 2, Verdict.UNPROVEN: 3, Verdict.TRUE: 5}
"""From 1 (false) to 5 (true), as ClaimReview counts."""
Address = Callable[[Statement], str]


def spoken(statement: Statement, wished: str) -> str:
    """The language of a statement to show to somebody: the wished one, English, else its first."""
    languages = statement.content.languages
    return wished if wished in languages else "en" if "en" in languages else next(iter(languages))


def write_atom(
    every: Sequence[Published], *, title: str, home: str, own: str, language: str, changed: Instant, address: Address
) -> bytes:
    """The newest statements as Atom; `home` is the page of the list, `own` the address of the feed."""
    feed = Element("feed", {"xmlns": "http://www.w3.org/2005/Atom", "xml:lang": language})
    _add(feed, "title", title)
    _add(feed, "id", home)
    _add(feed, "updated", format_second(changed))
    SubElement(feed, "link", {"rel": "alternate", "type": "text/html", "href": home})
    SubElement(feed, "link", {"rel": "self", "type": ATOM, "href": own})
    for each in every[:NEWEST]:
        said, code = each.statement, spoken(each.statement, language)
        entry = SubElement(feed, "entry", {"xml:lang": code})
        _add(entry, "title", title_of(said, code))
        _add(entry, "id", f"tag:{said.publisher},{format_second(said.issued)[:10]}:{said.id}")
        _add(entry, "updated", format_second(said.issued))
        _add(entry, "published", format_second(said.issued))
        author = SubElement(entry, "author")
        _add(author, "name", said.name)
        SubElement(entry, "link", {"rel": "alternate", "type": "text/html", "href": address(said)})
        SubElement(entry, "category", {"term": str(said.content.kind)})
        if said.content.exercise:
            SubElement(entry, "category", {"term": "exercise", "label": "EXERCISE"})
        _add(entry, "content", write_block(said, code)).set("type", "text")
    text: bytes = tostring(feed, encoding="utf-8")
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + text


def write_json_feed(
    every: Sequence[Published], *, title: str, home: str, own: str, language: str, address: Address
) -> bytes:
    """The same as JSON Feed 1.1; `_statement` has what a program wants to know."""
    items = []
    for each in every[:NEWEST]:
        said, code = each.statement, spoken(each.statement, language)
        tags = [str(said.content.kind), *(["exercise"] if said.content.exercise else [])]
        items.append(
            {
                "id": said.id,
                "url": address(said),
                "title": title_of(said, code),
                "content_text": write_block(said, code),
                "date_published": format_second(said.issued),
                "language": code,
                "tags": tags,
                "authors": [{"name": said.name}],
                "_statement": {
                    "publisher": said.publisher,
                    "number": said.number,
                    "sha256": each.hash,
                    "verdict": str(said.content.verdict or ""),
                    "replaces": said.content.replaces,
                    "replaced_by": each.followed,
                    "exercise": said.content.exercise,
                },
            }
        )
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": title,
        "home_page_url": home,
        "feed_url": own,
        "language": language,
        "items": items,
    }
    return msgspec.json.encode(feed)


def write_claim_review(each: Published, language: str, address: str) -> str:
    """JSON-LD for a <script> of type application/ld+json, "" where nothing is reviewed; safe inside of HTML.

    An exercise has none: a search engine would tell it as a verdict. Of media, only the addresses are named.
    """
    said, content = each.statement, each.content
    if content.verdict is None or content.exercise or each.withdrawn:
        return ""
    rating = {
        "@type": "Rating",
        "ratingValue": _RATINGS[content.verdict],
        "bestRating": 5,
        "worstRating": 1,
        "alternateName": verdict_word(content.verdict, language),
    }
    made: list[dict[str, Any]] = [
        {
            "@context": "https://schema.org",
            "@type": "ClaimReview",
            "url": address,
            "datePublished": format_second(said.issued)[:10],
            "inLanguage": language,
            "claimReviewed": claim.text,
            "author": {"@type": "Organization", "name": said.name},
            "reviewRating": rating,
            "itemReviewed": {
                "@type": "Claim",
                "appearance": [{"@type": "CreativeWork", "url": url} for url in claim.urls],
            },
        }
        for claim in content.claims
    ]
    text = msgspec.json.encode(made[0] if len(made) == 1 else made).decode()
    # What could end the element, or begin a comment in it, is written as an escape, which JSON reads alike.
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _add(parent: Element, name: str, text: str) -> Element:
    made = SubElement(parent, name)
    made.text = text
    return made
