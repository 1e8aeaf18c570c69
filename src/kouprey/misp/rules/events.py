"""An event becomes a report with everything in it; what changed since the event was last seen is taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from kouprey.kernel.words.time import Instant, parse_instant
from kouprey.kernel.words.tlp import TLP
from kouprey.misp.model import Converted, Made, Standing
from kouprey.misp.rules.attributes import read_attribute, tell_attribute
from kouprey.misp.rules.book import NAMESPACE, UNDATED, Book, Judge
from kouprey.misp.rules.clusters import tell_clusters
from kouprey.misp.rules.levels import read_tags, standing_of
from kouprey.misp.rules.paths import Identify, moment
from kouprey.misp.rules.reading import Json, instant_of, is_uuid, keys, list_of, stamp, text_of, truth_of
from kouprey.misp.rules.templates import take_object

_KNOWN = keys(
    "uuid info date timestamp publish_timestamp published threat_level_id analysis distribution extends_uuid Orgc Tag"
    " Galaxy Attribute Object EventReport Sighting ShadowAttribute SharingGroup protected CryptographicKey"
    " Note Opinion"
)
_THREAT = {"1": "high", "2": "medium", "3": "low", "4": "undefined"}
_ANALYSIS = {"0": "initial", "1": "ongoing", "2": "completed"}
_OPINIONS = ((20, "strongly-disagree"), (40, "disagree"), (60, "neutral"), (80, "agree"), (100, "strongly-agree"))
_FALSE_POSITIVE, _EXPIRED = "1", "2"


def convert(event: Json, unmarked: TLP, identify: Identify, judge: Judge) -> Converted:
    """Everything STIX can say of an event, and a loss for everything it cannot; never raises for what is in it.

    `unmarked` is the level of what states none. The same event always becomes the same objects.
    """
    book = _open(event, unmarked, identify, judge)
    tags = read_tags(event, book.lose)
    attributes = _take_parts(book, event)
    _tell_references(book, event)
    _tell_sightings(book, event)
    _tell_texts(book, event)
    named = tell_clusters(book, event, "", book.standing, "")
    _tell_report(book, event, tags.labels, named)
    return Converted(book.uuid, book.changed, tuple(book.made), tuple(book.losses), attributes, book.mentioned)


def uuid_of(event: Json) -> str:
    """What names an event: its UUID or, without one, what follows from its title, date and author."""
    given = text_of(event, "uuid").lower()
    seed = Book(NAMESPACE.hex, Standing(TLP.RED), lambda _: None, lambda _: "")
    author = next(list_of(event, "Orgc"), {})
    return seed.own_uuid(given, text_of(event, "info"), text_of(event, "date"), text_of(author, "uuid").lower())


def changed_of(event: Json) -> Instant:
    """When an event was changed last, as far as it says."""
    date = moment(text_of(event, "date"))
    dated = parse_instant(date) if date is not None else 0
    return instant_of(event, "timestamp") or instant_of(event, "publish_timestamp") or max(dated, 0) or UNDATED


def revocations(before: Sequence[Converted], after: Converted, *, whole: bool) -> list[Made]:
    """New versions of what an event no longer holds, so that nobody goes on using it.

    `before` are earlier states, the newest first; what one mentions, no older one speaks of. With `whole`, what is
    missing is gone: all come from one place, which gives the event as it stands. Otherwise only parts that the new
    state mentions count, as deleted or as something else: it may be an excerpt.
    """
    kept = {made.value["id"] for made in after.made}
    settled: set[str] = set()
    gone: dict[str, Made] = {}
    for state in before:
        for made in state.made:
            stix_id = made.value["id"]
            uuid = stix_id.partition("--")[2]
            if not made.own or stix_id in kept or stix_id in gone or uuid in settled:
                continue
            if whole or uuid in after.mentioned or not _ends(made.value).isdisjoint(gone):
                at = max(after.changed, parse_instant(made.value["modified"]) + 1_000)
                gone[stix_id] = Made({**made.value, "modified": stamp(at), "revoked": True}, made.standing, True)
        settled |= state.mentioned
    return list(gone.values())


def _ends(value: Json) -> set[str]:
    """What a relation or a remark is about: without that, it says nothing any more."""
    ends = {value[name] for name in ("source_ref", "target_ref", "sighting_of_ref") if name in value}
    return ends | set(value["object_refs"]) if value["type"] in ("note", "opinion") else ends


def _open(event: Json, unmarked: TLP, identify: Identify, judge: Judge) -> Book:
    book = Book(uuid_of(event), Standing(unmarked), identify, judge)
    tags = read_tags(event, lambda *_: None)
    book.standing = standing_of(event, tags, Standing(unmarked))
    book.changed = changed_of(event)
    date = moment(text_of(event, "date"))
    book.created = min(parse_instant(date) if date is not None else book.changed, book.changed)
    book.report = f"report--{book.uuid}"
    book.standings[book.report] = book.standing
    book.lose_rest(event, _KNOWN, "")
    if event.get("SharingGroup") or text_of(event, "distribution") == "4":
        book.lose("sharing group", "Its members are not parties here: the event is held at TLP:RED.", "SharingGroup")
    if truth_of(event, "protected") or event.get("CryptographicKey"):
        book.lose("protection", "The signature of a protected event is not checked and not carried on.", "protected")
    for author in list_of(event, "Orgc"):
        book.author = _organisation(book, author)
    return book


def _organisation(book: Book, holder: Json) -> str:
    """An identity of an organisation; the same from every event, so it bears no level of this one."""
    name = text_of(holder, "name")
    given = text_of(holder, "uuid").lower()
    if not name and not given:
        return ""
    uuid = given if is_uuid(given) else book.derived("organisation", name)
    value: Json = {
        "type": "identity",
        "spec_version": "2.1",
        "id": f"identity--{uuid}",
        "created": stamp(UNDATED),
        "modified": stamp(UNDATED),
        "name": name or given,
        "identity_class": "organization",
    }
    return book.keep(value, book.standing, own=False, marked=False)


def _take_parts(book: Book, event: Json) -> int:
    """Attributes and objects; how many attributes there were."""
    count = 0
    for number, holder in enumerate(list_of(event, "Attribute")):
        count += 1
        path = f"Attribute[{number}]"
        one = read_attribute(book, holder, path, book.standing)
        if one is None:
            continue
        made = book.ids[one.given or one.uuid] = tell_attribute(book, one)
        tell_clusters(book, holder, made, one.standing, path, one.given)
        _tell_seen(book, holder, path)
    for number, holder in enumerate(list_of(event, "Object")):
        parts = list(list_of(holder, "Attribute"))
        count += len(parts)
        take_object(book, holder, f"Object[{number}]")
        for index, part in enumerate(parts):
            _tell_seen(book, part, f"Object[{number}].Attribute[{index}]")
    for key in ("Attribute", "Object"):
        members = event.get(key)
        if isinstance(members, list):
            for number, member in enumerate(members):
                if not isinstance(member, dict):
                    book.lose(key.lower(), "It is no JSON object.", f"{key}[{number}]")
    return count


def _tell_references(book: Book, event: Json) -> None:
    """References between objects become relationships, as far as both ends are held."""
    for number, holder in enumerate(list_of(event, "Object")):
        for index, reference in enumerate(list_of(holder, "ObjectReference")):
            path = f"Object[{number}].ObjectReference[{index}]"
            if truth_of(reference, "deleted"):
                book.lose("deleted reference", "Its author deleted it.", path)
                continue
            source = book.ids.get(text_of(holder, "uuid").lower(), "")
            target = book.ids.get(text_of(reference, "referenced_uuid").lower(), "")
            said = text_of(reference, "relationship_type") or "related-to"
            if not source or not target:
                book.lose(f"reference {said}", "One of its ends is not in this event, or became no object.", path)
                continue
            word = "-".join(part for part in _words(said) if part) or "related-to"
            comment = text_of(reference, "comment")
            about = ": ".join(part for part in (said if word != said else "", comment) if part)
            uuid = text_of(reference, "uuid").lower()
            more = {"uuid": book.own_uuid(uuid, path)} if uuid else {}
            if about:
                more["description"] = about
            book.relate(source, word, target, instant_of(reference, "timestamp"), **more)


def _words(text: str) -> list[str]:
    kept = "".join(letter if letter.isascii() and letter.isalnum() else " " for letter in text.lower())
    return kept.split()


def _tell_seen(book: Book, holder: Json, path: str) -> None:
    for number, sighting in enumerate(list_of(holder, "Sighting")):
        _tell_sighting(book, sighting, text_of(holder, "uuid").lower(), f"{path}.Sighting[{number}]")
    if holder.get("ShadowAttribute"):
        book.lose("proposals", "Their author has not accepted them.", path, text_of(holder, "uuid").lower())


def _tell_sightings(book: Book, event: Json) -> None:
    for number, sighting in enumerate(list_of(event, "Sighting")):
        _tell_sighting(book, sighting, text_of(sighting, "attribute_uuid").lower(), f"Sighting[{number}]")
    if event.get("ShadowAttribute"):
        book.lose("proposals", "Their author has not accepted them.", "ShadowAttribute")


def _tell_sighting(book: Book, sighting: Json, about: str, path: str) -> None:
    target = book.ids.get(about, "")
    kind = text_of(sighting, "type") or "0"
    if not target or kind == _EXPIRED:
        why = "Nothing was made of what it is about." if not target else "STIX has no sighting that ends something."
        book.lose("sighting", why, path, about)
        return
    at = instant_of(sighting, "date_sighting") or book.changed
    who = [_organisation(book, each) for each in list_of(sighting, "Organisation")]
    uuid = book.own_uuid(text_of(sighting, "uuid").lower(), path, about)
    source = text_of(sighting, "source")
    if kind == _FALSE_POSITIVE:
        fields: Json = {"opinion": "strongly-disagree", "explanation": " ".join(("False positive.", source)).strip()}
        book.tell("opinion", uuid, at, book.standings[target], fields | {"object_refs": [target]})
        return
    fields = {"sighting_of_ref": target, "first_seen": stamp(at), "last_seen": stamp(at), "count": 1}
    if source:
        fields["description"] = source
    if who := [each for each in who if each]:
        fields["where_sighted_refs"] = who
    book.tell("sighting", uuid, at, book.standings[target], fields)


def _tell_texts(book: Book, event: Json) -> None:
    """Reports in the event, and the notes and opinions of others about it and its parts."""
    for number, holder in enumerate(list_of(event, "EventReport")):
        path = f"EventReport[{number}]"
        if truth_of(holder, "deleted") or not text_of(holder, "content"):
            book.lose("event report", "It is deleted or empty.", path)
            continue
        tags = read_tags(holder, book.lose)
        standing = standing_of(holder, tags, book.standing)
        fields = {
            "abstract": text_of(holder, "name") or "report",
            "content": text_of(holder, "content"),
            "object_refs": [book.report],
        }
        uuid = book.own_uuid(text_of(holder, "uuid").lower(), path)
        book.tell("note", uuid, instant_of(holder, "timestamp"), standing, fields, tags.labels)
    _tell_opinions(book, event, book.report, "")
    for key in ("Attribute", "Object"):
        for number, holder in enumerate(list_of(event, key)):
            about = book.ids.get(text_of(holder, "uuid").lower(), "")
            _tell_opinions(book, holder, about, f"{key}[{number}]")
            for index, part in enumerate(list_of(holder, "Attribute")):
                about = book.ids.get(text_of(part, "uuid").lower(), "")
                _tell_opinions(book, part, about, f"{key}[{number}].Attribute[{index}]")


def _tell_opinions(book: Book, holder: Json, about: str, path: str) -> None:
    for key, tell in _ANALYSTS.items():
        for number, said in enumerate(list_of(holder, key)):
            where = f"{path}.{key}[{number}]".lstrip(".")
            fields = tell(said)
            if not about or fields is None:
                book.lose(key.lower(), "It is about nothing that was made, or says nothing.", where)
                continue
            standing = standing_of(said, read_tags(said, book.lose), book.standings[about])
            if authors := text_of(said, "authors"):
                fields["authors"] = [authors]
            made = moment(text_of(said, "modified") or text_of(said, "created"))
            at = parse_instant(made) if made is not None else book.changed
            uuid = book.own_uuid(text_of(said, "uuid").lower(), where)
            book.tell(key.lower(), uuid, max(at, 0), standing, fields | {"object_refs": [about]})


def _note(said: Json) -> Json | None:
    return {"content": text_of(said, "note")} if text_of(said, "note") else None


def _opinion(said: Json) -> Json | None:
    text = text_of(said, "opinion")
    if not text.isascii() or not text.isdigit() or len(text) > 3:
        return None
    word = next((word for limit, word in _OPINIONS if int(text) <= limit), "strongly-agree")
    comment = text_of(said, "comment")
    return {"opinion": word, **({"explanation": comment} if comment else {})}


_ANALYSTS: dict[str, Callable[[Json], Json | None]] = {"Note": _note, "Opinion": _opinion}


def _tell_report(book: Book, event: Json, tags: Sequence[str], clusters: Sequence[str]) -> None:
    refs: dict[str, None] = {}
    for made in book.made:
        if not made.own:
            continue
        stix_id = made.value["id"]
        if made.standing.tlp > book.standing.tlp:
            # The report is seen by more people than this: it must not even name it.
            book.lose(f"object_refs {stix_id}", "It is held more closely than the report, which does not name it.")
        else:
            refs[stix_id] = None
    refs |= dict.fromkeys(each for each in clusters if book.standings[each].tlp <= book.standing.tlp)
    if not refs and book.author:
        refs[book.author] = None
    extends = text_of(event, "extends_uuid").lower()
    if is_uuid(extends):
        refs[f"report--{extends}"] = None
    if not refs or not _tell_head(book, event, tags, refs):
        book.lose("event", "No valid report can be made of it: there is nothing in it that one could be about.")
        for reference in book.references:
            book.lose("attribute", "It is a reference of the report, and there is none.", "", reference["external_id"])


def _tell_head(book: Book, event: Json, tags: Sequence[str], refs: Iterable[str]) -> str:
    labels = list(tags)
    if threat := _THREAT.get(text_of(event, "threat_level_id")):
        labels.append(f'misp:threat-level="{threat}"')
    if analysis := _ANALYSIS.get(text_of(event, "analysis")):
        labels.append(f'misp:analysis="{analysis}"')
    if not truth_of(event, "published"):
        labels.append('misp:published="false"')
    published = instant_of(event, "publish_timestamp") or book.changed
    fields: Json = {
        "name": text_of(event, "info") or book.uuid,
        "published": stamp(published),
        "object_refs": list(refs),
    }
    if book.references:
        fields["external_references"] = book.references
    return book.tell("report", book.uuid, book.changed, book.standing, fields, labels)


__all__ = ["changed_of", "convert", "revocations", "uuid_of"]
