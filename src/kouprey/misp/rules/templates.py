"""Objects of MISP: those with a form in STIX become it whole, all others stay together as a grouping."""

from __future__ import annotations

from collections.abc import Sequence

from kouprey.misp.model import Standing
from kouprey.misp.rules.attributes import (
    Attribute,
    lose_times,
    pattern_of,
    random_uuid,
    read_attribute,
    remark,
    tell_attribute,
    tell_indicator,
    tell_observed,
)
from kouprey.misp.rules.book import Book
from kouprey.misp.rules.clusters import tell_clusters
from kouprey.misp.rules.levels import Tags, read_tags, standing_of
from kouprey.misp.rules.paths import Observation, Path, Value, moment, path_of
from kouprey.misp.rules.reading import Json, instant_of, keys, list_of, text_of, truth_of
from kouprey.misp.rules.types import TEXT, TYPES

KNOWN = keys(
    "uuid name meta-category description comment template_uuid template_version timestamp distribution deleted"
    " first_seen last_seen Attribute ObjectReference Tag Note Opinion"
)
_HASHED = {
    name: form.paths[0].text
    for name, form in TYPES.items()
    if form.kind == "value" and form.paths[0].text.startswith("file:hashes.")
}
_ENDS = {
    "ip-src": "src_ref.value",
    "ip-dst": "dst_ref.value",
    "hostname-src": "src_ref.value",
    "hostname-dst": "dst_ref.value",
    "src-port": "src_port",
    "dst-port": "dst_port",
    "src-bytes-count": "src_byte_count",
    "dst-bytes-count": "dst_byte_count",
    "src-packets-count": "src_packets",
    "dst-packets-count": "dst_packets",
    "first-packet-seen": "start",
    "last-packet-seen": "end",
}
_TEMPLATES: dict[str, dict[str, str]] = {
    "asn": {"asn": "number", "description": "name", "name": "name"},
    "domain-ip": {"domain": "value", "hostname": "value", "ip": "resolves_to_refs[*].value"},
    "email": {
        "from": "from_ref.value",
        "to": "to_refs[*].value",
        "cc": "cc_refs[*].value",
        "bcc": "bcc_refs[*].value",
        "subject": "subject",
        "message-id": "message_id",
        "send-date": "date",
        "email-body": "body",
        "reply-to": "additional_header_fields.'Reply-To'",
        "x-mailer": "additional_header_fields.'X-Mailer'",
        "thread-index": "additional_header_fields.'Thread-Index'",
    },
    "file": {
        "filename": "name",
        "size-in-bytes": "size",
        "mimetype": "mime_type",
        "path": "parent_directory_ref.path",
        "creation-time": "ctime",
        "modification-time": "mtime",
        "access-time": "atime",
        **{name: path.partition(":")[2] for name, path in _HASHED.items()},
    },
    "ip-port": {
        "ip": "dst_ref.value",
        "ip-dst": "dst_ref.value",
        "ip-src": "src_ref.value",
        "hostname": "dst_ref.value",
        "domain": "dst_ref.value",
        "dst-port": "dst_port",
        "src-port": "src_port",
        "protocol": "protocols[*]",
    },
    "network-connection": {
        **_ENDS,
        "layer3-protocol": "protocols[*]",
        "layer4-protocol": "protocols[*]",
        "layer7-protocol": "protocols[*]",
    },
    "network-socket": {**_ENDS, "protocol": "protocols[*]"},
    "process": {
        "pid": "pid",
        "command-line": "command_line",
        "current-directory": "cwd",
        "creation-time": "created_time",
        "hidden": "is_hidden",
        "image": "image_ref.name",
    },
    "registry-key": {
        "key": "key",
        "name": "values[*].name",
        "data": "values[*].data",
        "data-type": "values[*].data_type",
        "last-modified": "modified_time",
    },
    "url": {"url": "value"},
    "user-account": {
        "username": "account_login",
        "user-id": "user_id",
        "display-name": "display_name",
        "account-type": "account_type",
        "is_service_account": "is_service_account",
        "privileged": "is_privileged",
        "can_escalate_privs": "can_escalate_privs",
        "disabled": "is_disabled",
        "created": "account_created",
        "expires": "account_expires",
        "first_login": "account_first_login",
        "last_login": "account_last_login",
        "password_last_changed": "credential_last_changed",
    },
    "x509": {
        "serial-number": "serial_number",
        "version": "version",
        "issuer": "issuer",
        "subject": "subject",
        "signature_algorithm": "signature_algorithm",
        "pubkey-info-algorithm": "subject_public_key_algorithm",
        "pubkey-info-exponent": "subject_public_key_exponent",
        "pubkey-info-modulus": "subject_public_key_modulus",
        "validity-not-before": "validity_not_before",
        "validity-not-after": "validity_not_after",
        "is_self_signed": "is_self_signed",
        "self_signed": "is_self_signed",
        "x509-fingerprint-md5": "hashes.MD5",
        "x509-fingerprint-sha1": "hashes.'SHA-1'",
        "x509-fingerprint-sha256": "hashes.'SHA-256'",
    },
}
_OBSERVABLES = {
    "asn": "autonomous-system",
    "domain-ip": "domain-name",
    "email": "email-message",
    "file": "file",
    "ip-port": "network-traffic",
    "network-connection": "network-traffic",
    "network-socket": "network-traffic",
    "process": "process",
    "registry-key": "windows-registry-key",
    "url": "url",
    "user-account": "user-account",
    "x509": "x509-certificate",
}
TEMPLATES: dict[str, dict[str, Path]] = {
    name: {relation: path_of(f"{_OBSERVABLES[name]}:{way}") for relation, way in ways.items()}
    for name, ways in _TEMPLATES.items()
}
"""Template -> relation -> where in the observable its value stands."""

NAMED: dict[str, tuple[str, dict[str, str]]] = {
    "attack-pattern": ("attack-pattern", {"name": "name", "summary": "description", "references": "reference"}),
    "course-of-action": ("course-of-action", {"name": "name", "description": "description"}),
    "vulnerability": (
        "vulnerability",
        {"id": "name", "summary": "description", "description": "description", "references": "reference"},
    ),
}
"""Template -> domain object, and relation -> its property."""


def take_object(book: Book, holder: Json, path: str) -> None:
    """Take in one object with its attributes."""
    given, name = text_of(holder, "uuid").lower(), text_of(holder, "name")
    book.lose_rest(holder, KNOWN, path, given)
    if truth_of(holder, "deleted"):
        book.lose(f"deleted object {name}", "Its author deleted it; what was made of it is revoked.", path, given)
    tags = read_tags(holder, lambda what, why: book.lose(what, why, path, given))
    standing = standing_of(holder, tags, book.standing)
    uuid = book.own_uuid(given, path.rpartition("[")[0], name)
    parts: list[tuple[Attribute, Json]] = []
    for number, each in enumerate(list_of(holder, "Attribute")):
        if truth_of(holder, "deleted"):
            each = {**each, "deleted": True}
        if (one := read_attribute(book, each, f"{path}.Attribute[{number}]", standing)) is not None:
            parts.append((one, each))
    if not parts:
        return
    ones = [one for one, _ in parts]
    whole = _whole(book, holder, uuid, name, tags, standing, ones)
    made, rest = _tell_named(book, whole, ones) if name in NAMED else _tell_observable(book, whole, ones)
    for one in rest:
        book.ids[one.given or one.uuid] = tell_attribute(book, one)
    for one in ones:
        book.ids.setdefault(one.given or one.uuid, made)
    made = _keep_together(book, whole, made, rest) or made
    if given and made:
        book.ids[given] = made
    for one, each in parts:
        tell_clusters(book, each, book.ids[one.given or one.uuid], one.standing, one.path, one.given)


def _whole(
    book: Book, holder: Json, uuid: str, name: str, tags: Tags, standing: Standing, ones: Sequence[Attribute]
) -> Attribute:
    """The object as if it were one attribute: as strict as the strictest of its own, saying all they say."""
    for one in ones:
        standing = standing.joined(one.standing)
    comments = [text_of(holder, "comment"), *(f"{one.relation}: {one.comment}" for one in ones if one.comment)]
    category = text_of(holder, "meta-category")
    labels = [f'misp:object="{name}"', *([f'misp:meta-category="{category}"'] if category else []), *tags.labels]
    labels += [label for one in ones for label in one.tags.labels]
    firsts = [one.first_seen for one in ones if one.first_seen]
    lasts = [one.last_seen for one in ones if one.last_seen]
    return Attribute(
        uuid=uuid,
        given=text_of(holder, "uuid").lower(),
        type=name,
        value=name,
        comment="\n".join(comment for comment in comments if comment),
        relation="",
        detect=any(one.detect for one in ones),
        # Parts that were deleted count: without them it is another object than before.
        changed=max([instant_of(each, "timestamp") for each in (holder, *list_of(holder, "Attribute"))])
        or book.changed,
        first_seen=moment(text_of(holder, "first_seen")) or min(firsts, default=""),
        last_seen=moment(text_of(holder, "last_seen")) or max(lasts, default=""),
        data="",
        path=ones[0].path.rpartition(".")[0],
        tags=tags,
        standing=standing,
        labels=tuple(dict.fromkeys(labels)),
        form=TEXT,
    )


def _tell_observable(book: Book, whole: Attribute, ones: Sequence[Attribute]) -> tuple[str, list[Attribute]]:
    """What the template has a place for as one observable; the id that stands for it, and what remains."""
    paths = TEMPLATES.get(whole.type)
    if paths is None:
        return "", list(ones)
    observation = Observation()
    placed: list[tuple[Attribute, Path, Value]] = []
    rest: list[Attribute] = []
    for one in ones:
        path = paths.get(one.relation)
        value = path.read(one.value) if path is not None else None
        if path is None or value is None or value == "" or one.data or not observation.put(path, value):
            rest.append(one)
        else:
            placed.append((one, path, value))
    if not placed:
        return "", rest
    observables = observation.finish(book.identify, random_uuid(whole.uuid))
    if book.observe(observables, whole.standing):
        return "", list(ones)
    made = tell_observed(book, whole, [each["id"] for each in observables])
    if not made:
        return "", list(ones)
    # A time is compared with a constant of its own kind, and nobody detects a thing by it.
    found = [(path, value) for one, path, value in placed if one.detect and path.read is not moment]
    for one, path, _ in placed:
        if one.detect and path.read is moment:
            book.lose("to_ids", "A time is not compared in a pattern.", one.path, one.given)
    named = whole._replace(value=f"{whole.type}: {found[0][1]}") if found else whole
    if found and (indicator := tell_indicator(book, named, pattern_of(found))):
        book.relate(indicator, "based-on", made, whole.changed)
        return indicator, rest
    if found:
        book.lose("to_ids", "No valid pattern can be made of it.", whole.path, whole.given)
    return made, rest


def _tell_named(book: Book, whole: Attribute, ones: Sequence[Attribute]) -> tuple[str, list[Attribute]]:
    """A domain object of what the template calls its name, description and references."""
    type_, places = NAMED[whole.type]
    fields: Json = {}
    rest: list[Attribute] = []
    placed: list[Attribute] = []
    for one in ones:
        place = places.get(one.relation, "")
        if place == "reference":
            reference = {"source_name": "MISP", "url": one.value}
            if book.judge({"type": "url", "spec_version": "2.1", "id": f"url--{one.uuid}", "value": one.value}):
                rest.append(one)
                continue
            fields.setdefault("external_references", []).append(reference)
        elif not place or place in fields:
            rest.append(one)
            continue
        else:
            fields[place] = one.value
        placed.append(one)
    if "name" not in fields:
        return "", list(ones)
    if fields["name"].upper().startswith("CVE-"):
        known = {"source_name": "cve", "external_id": fields["name"].upper()}
        fields.setdefault("external_references", []).insert(0, known)
    made = book.tell(type_, whole.uuid, whole.changed, whole.standing, fields, whole.labels)
    if not made:
        return "", list(ones)
    if whole.comment:
        remark(book, made, whole.comment, whole.changed)
    lose_times(book, whole)
    for one in placed:
        if one.detect:
            book.lose("to_ids", f"A {type_} is not detected by a pattern.", one.path, one.given)
    return made, rest


def _keep_together(book: Book, whole: Attribute, made: str, rest: Sequence[Attribute]) -> str:
    """A grouping of what did not fit into one object; its id, where it alone stands for the object."""
    refs = [made] if made else []
    refs += [stix_id for one in rest if (stix_id := book.ids[one.given or one.uuid]) and stix_id not in refs]
    if len(refs) < 2 and made:
        return ""
    if not refs:
        return ""
    for one in rest:
        why = (
            "STIX has no such object: it stands by itself in a grouping."
            if not made
            else "The object of STIX has no place for it: it stands beside it."
        )
        book.lose(f"object structure {whole.type}.{one.relation}", why, one.path, one.given)
    fields: Json = {"name": whole.value, "context": "unspecified", "object_refs": refs}
    if whole.comment:
        fields["description"] = whole.comment
    standing = whole.standing
    grouping = book.tell("grouping", whole.uuid, whole.changed, standing, fields, whole.labels)
    if made:
        return ""
    lose_times(book, whole)
    return grouping
