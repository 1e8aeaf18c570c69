"""One attribute becomes an indicator, observed data, a domain object, a reference or a note: never nothing unsaid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from kouprey.kernel.words.time import Instant
from kouprey.misp.model import Standing
from kouprey.misp.rules.book import Book
from kouprey.misp.rules.levels import Tags, read_tags, standing_of
from kouprey.misp.rules.paths import Observation, Path, Value, comparison, moment
from kouprey.misp.rules.reading import Json, instant_of, keys, stamp, text_of, truth_of
from kouprey.misp.rules.types import TEXT, TYPES, Form

MOST_CONTENT = 8 << 20
"""Characters of base64 of one file."""

KNOWN = keys(
    "uuid type category value to_ids comment timestamp distribution deleted first_seen last_seen data Tag Galaxy"
    " Sighting ShadowAttribute object_relation Note Opinion"
)
_LABELS = ("type", "category", "object-relation")
_FOUND = tuple[tuple[Path, Value], ...]


class Attribute(NamedTuple):
    """An attribute as it is understood."""

    uuid: str
    given: str
    """The UUID as it was written."""
    type: str
    value: str
    comment: str
    relation: str
    detect: bool
    changed: Instant
    first_seen: str
    last_seen: str
    data: str
    path: str
    tags: Tags
    standing: Standing
    labels: tuple[str, ...]
    form: Form

    @property
    def found(self) -> _FOUND | None:
        """The values at the paths of its type; None when it has none that fit."""
        paths = self.form.paths
        parts = [self.value] if len(paths) == 1 else _split(self.value, len(paths))
        if len(parts) != len(paths):
            return None
        found = []
        for path, part in zip(paths, parts, strict=True):
            value = path.read(part)
            if value is None or value == "":
                return None
            found.append((path, value))
        return tuple(found)


def _split(value: str, count: int) -> list[str]:
    # Elsewhere a bar cannot be part of a value; a registry value or a file's name may have some of its own.
    return value.split("|", 1) if "|" in value else value.rsplit(":", 1) if count == 2 else [value]


def read_attribute(book: Book, holder: Json, path: str, within: Standing) -> Attribute | None:
    """Understand an attribute; None, and a loss, when it is deleted or has no value."""
    given, type_ = text_of(holder, "uuid").lower(), text_of(holder, "type")
    value = text_of(holder, "value")
    uuid = book.own_uuid(given, path.rpartition("[")[0], type_, value)
    book.lose_rest(holder, KNOWN, path, given)
    if truth_of(holder, "deleted"):
        book.lose("deleted attribute", "Its author deleted it; what was made of it before is revoked.", path, given)
        return None
    if not value:
        book.lose("attribute", "It has no value.", path, given)
        return None
    tags = read_tags(holder, lambda what, why: book.lose(what, why, path, given))
    form = TYPES.get(type_)
    if form is None:
        book.lose("type", f"The type {type_[:60]!r} is not known: the value is kept as a note.", path, given)
    category, relation = text_of(holder, "category"), text_of(holder, "object_relation")
    words = [f'misp:{key}="{word}"' for key, word in zip(_LABELS, (type_, category, relation), strict=True) if word]
    return Attribute(
        uuid=uuid,
        given=given,
        type=type_,
        value=value,
        comment=text_of(holder, "comment"),
        relation=relation,
        detect=truth_of(holder, "to_ids"),
        changed=instant_of(holder, "timestamp") or book.changed,
        first_seen=moment(text_of(holder, "first_seen")) or "",
        last_seen=moment(text_of(holder, "last_seen")) or "",
        data=text_of(holder, "data"),
        path=path,
        tags=tags,
        standing=standing_of(holder, tags, within),
        labels=(*words, *tags.labels),
        form=form or TEXT,
    )


def tell_attribute(book: Book, one: Attribute) -> str:
    """Make of an attribute what its type says; the id of the object that stands for it, "" when there is none."""
    made = ""
    if one.form.kind == "link":
        if _refer(book, one):
            return ""
    elif one.form.kind == "object":
        made = _tell_object(book, one)
    elif one.form.kind == "rule":
        if one.detect:
            made = tell_indicator(book, one, one.value, one.form.name)
    elif one.form.kind == "content":
        made = _tell_content(book, one)
    elif (found := one.found) is not None:
        if one.detect:
            made = tell_indicator(book, one, pattern_of(found))
        elif one.form.kind == "value":
            made = _observe(book, one, found)
    made = made or _note(book, one)
    if not made:
        book.lose("attribute", "STIX has no form in which it is valid.", one.path, one.given)
    return made


def pattern_of(found: Sequence[tuple[Path, Value]]) -> str:
    """One observation that has all these values; several of the same path are alternatives."""
    alike: dict[str, list[str]] = {}
    for path, value in found:
        alike.setdefault(path.text, []).append(comparison(path, value))
    parts = [each[0] if len(each) == 1 else f"({' OR '.join(each)})" for each in alike.values()]
    return f"[{' AND '.join(parts)}]"


def tell_indicator(book: Book, one: Attribute, pattern: str, language: str = "stix") -> str:
    """An indicator of this pattern; "" when it is none."""
    fields: Json = {"name": one.value[:200]}
    if one.comment:
        fields["description"] = one.comment
    fields |= {"pattern": pattern, "pattern_type": language}
    if language == "stix":
        fields["pattern_version"] = "2.1"
    first = one.first_seen
    kept = len(book.losses)
    made = book.tell(
        "indicator", one.uuid, one.changed, one.standing, fields | {"valid_from": first or _at(book, one)}, one.labels
    )
    if made and one.last_seen:
        book.lose("last_seen", "An indicator has no time at which it was last seen.", one.path, one.given)
    if not made:
        why = book.losses[-1].why
        del book.losses[kept:]
        book.lose("pattern", why, one.path, one.given)
    return made


def tell_observed(book: Book, one: Attribute, refs: Sequence[str]) -> str:
    """Observed data of these observables, with its comment as a note."""
    first = one.first_seen or _at(book, one)
    last = max(one.last_seen or first, first)
    if one.last_seen and last != one.last_seen:
        book.lose("last_seen", "It lies before the time at which it was first seen.", one.path, one.given)
    fields = {"first_observed": first, "last_observed": last, "number_observed": 1, "object_refs": list(refs)}
    made = book.tell("observed-data", one.uuid, one.changed, one.standing, fields, one.labels)
    if made and one.comment:
        remark(book, made, one.comment, one.changed)
    return made


def remark(book: Book, about: str, content: str, changed: Instant) -> None:
    """A note about an object that has no description of its own."""
    fields = {"content": content, "object_refs": [about]}
    book.tell("note", book.derived(about, "comment"), changed, book.standings[about], fields)


def _at(book: Book, one: Attribute) -> str:
    return stamp(one.changed or book.changed)


def _observe(book: Book, one: Attribute, found: _FOUND) -> str:
    observation = Observation()
    if not all(observation.put(path, value) for path, value in found):
        return ""
    observables = observation.finish(book.identify, random_uuid(one.uuid))
    if book.observe(observables, one.standing):
        return ""
    return tell_observed(book, one, [each["id"] for each in observables])


def random_uuid(uuid: str) -> str:
    """The same UUID, said to be random: STIX wants that of observables without anything to derive an id from (2.9)."""
    return f"{uuid[:14]}4{uuid[15:]}"


def _refer(book: Book, one: Attribute) -> bool:
    """A link becomes a reference of the report, where nothing about it would be lost or seen too widely."""
    if one.detect or one.tags.labels or one.standing != book.standing:
        return False
    value = {"type": "url", "spec_version": "2.1", "id": f"url--{one.uuid}", "value": one.value}
    if book.judge(value):
        return False
    reference = {"source_name": "MISP", "url": one.value, "external_id": one.uuid}
    book.references.append(reference | ({"description": one.comment} if one.comment else {}))
    return True


def _tell_object(book: Book, one: Attribute) -> str:
    fields: Json = {"name": one.value}
    if one.comment:
        fields["description"] = one.comment
    if one.form.name == "vulnerability" and one.value.upper().startswith("CVE-"):
        fields["external_references"] = [{"source_name": "cve", "external_id": one.value.upper()}]
    if one.form.name == "malware":
        fields["is_family"] = True
    if one.form.name == "identity":
        fields["identity_class"] = "organization"
    made = book.tell(one.form.name, one.uuid, one.changed, one.standing, fields, one.labels)
    if made:
        lose_detection(book, one)
        lose_times(book, one)
    return made


def _tell_content(book: Book, one: Attribute) -> str:
    """A file by its name and, with a sample, its hash; what is in it as an artifact."""
    name, _, digest = one.value.partition("|")
    file: Json = {"type": "file", "spec_version": "2.1", "id": "", "name": name}
    found = [(TYPES["filename"].paths[0], name)]
    if digest:
        file["hashes"] = {"MD5": digest}
        found.append((TYPES["md5"].paths[0], digest))
    observables = [file]
    if len(one.data) > MOST_CONTENT:
        book.lose("data", f"The content is longer than {MOST_CONTENT} characters of base64.", one.path, one.given)
    elif one.data:
        observables.insert(0, _artifact(book, one))
        file["content_ref"] = observables[0]["id"]
    file["id"] = book.identify(file) or f"file--{random_uuid(one.uuid)}"
    if book.observe(observables, one.standing):
        return ""
    observed = tell_observed(book, one, [each["id"] for each in observables])
    if not one.detect or not observed:
        return observed
    indicator = tell_indicator(book, one, pattern_of(found))
    if not indicator:
        lose_detection(book, one)
        return observed
    book.relate(indicator, "based-on", observed, one.changed)
    return indicator


def _artifact(book: Book, one: Attribute) -> Json:
    artifact: Json = {"type": "artifact", "spec_version": "2.1", "id": "", "payload_bin": one.data}
    if one.type == "malware-sample":
        # MISP keeps samples in an archive that is encrypted with a word everybody knows.
        artifact |= {
            "mime_type": "application/zip",
            "encryption_algorithm": "mime-type-indicated",
            "decryption_key": "infected",
        }
    artifact["id"] = book.identify(artifact) or f"artifact--{random_uuid(one.uuid)}"
    return artifact


def _note(book: Book, one: Attribute) -> str:
    fields = {"abstract": one.comment or one.type, "content": one.value, "object_refs": [book.report]}
    made = book.tell("note", one.uuid, one.changed, one.standing, fields, one.labels)
    if not made:
        return ""
    if one.form.kind in ("value", "content") or (one.form.kind == "trait" and one.found is None):
        why = f"The value is no {one.type}" if one.form.kind != "content" else "The file cannot be described"
        book.lose("observable", f"{why}: it is kept as a note.", one.path, one.given)
    lose_detection(book, one)
    if one.data and one.form.kind != "content":
        book.lose("data", "A note carries no file.", one.path, one.given)
    lose_times(book, one)
    return made


def lose_detection(book: Book, one: Attribute) -> None:
    """Say that something was to be detected and has no pattern."""
    if one.detect:
        book.lose("to_ids", "STIX has no pattern for what it says: it is no indicator.", one.path, one.given)


def lose_times(book: Book, one: Attribute) -> None:
    """Say that something was first and last seen at a time that is not kept."""
    for name, text in (("first_seen", one.first_seen), ("last_seen", one.last_seen)):
        if text:
            book.lose(name, "The object that it became has no such time.", one.path, one.given)
