"""Badges: Open Badges 3.0 as W3C Verifiable Credentials 2.0, their keys (DIDs) and their status list."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

import msgspec

from kouprey.capacity.model import Achievement, Competency, Holder, KeyLine
from kouprey.capacity.rules.badges import encode_status, status_of
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.safejson import decode
from kouprey.kernel.words.time import Instant, format_second, parse_instant

VC = "https://www.w3.org/ns/credentials/v2"
OB = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
MULTIKEY = "https://w3id.org/security/multikey/v1"
DID = "https://www.w3.org/ns/did/v1"
LARGEST = 200_000
_WHERE = {
    "nice": ("NICE Workforce Framework for Cybersecurity", "https://www.nist.gov/nice/framework"),
    "ecsf": (
        "European Cybersecurity Skills Framework",
        "https://www.enisa.europa.eu/topics/education/european-cybersecurity-skills-framework",
    ),
}
_METHOD = re.compile(r"(did:[a-z0-9]+:[^#\s]{1,300})#([^#\s]{1,100})")


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """What a badge says of itself, before anything is believed."""

    document: dict[str, Any]
    issuer: str
    issuer_name: str
    method: str
    key: str
    name: str
    valid_from: Instant
    valid_until: Instant
    result: str
    status_list: str
    index: int
    identity_hash: str
    salt: str


def did_web(origin: str) -> str:
    """The did:web of an https origin; "" for any other, since there is none."""
    parts = urlsplit(origin)
    if parts.scheme != "https" or not parts.hostname:
        return ""
    port = f"%3A{parts.port}" if parts.port and parts.port != 443 else ""
    return f"did:web:{parts.hostname}{port}"


def did_key(key: str) -> str:
    """The did:key of a key in multibase."""
    return f"did:key:{key}"


def method_of(origin: str, key: str) -> str:
    """The name of a key by which a badge of this node calls it."""
    web = did_web(origin)
    return f"{web}#{key}" if web else f"{did_key(key)}#{key}"


def did_document(origin: str, keys: Iterable[KeyLine]) -> dict[str, Any]:
    """Every key that ever signed, the old ones too: an old badge is checked by an old key."""
    web = did_web(origin)
    lines = list(keys)
    return {
        "@context": [DID, MULTIKEY],
        "id": web,
        "alsoKnownAs": [did_key(line.key) for line in lines],
        "verificationMethod": [
            {
                "id": f"{web}#{line.key}",
                "type": "Multikey",
                "controller": web,
                "publicKeyMultibase": line.key,
                **({"expires": format_second(line.not_after)} if line.not_after else {}),
            }
            for line in lines
        ],
        "assertionMethod": [f"{web}#{line.key}" for line in lines],
    }


def identity_hash(identity: str, salt: str) -> str:
    """How a badge names its holder: `sha256$` and the hash of identity and salt (Open Badges 3.0, IdentityObject)."""
    return "sha256$" + sha256((identity.strip().casefold() + salt).encode()).hexdigest()


def write_badge(
    badge: str,
    achievement: Achievement,
    holder: Holder,
    *,
    issuer: str,
    issuer_name: str,
    base: str,
    salt: str,
    issued: Instant,
    until: Instant,
    result: int,
    index: int,
    names: Mapping[tuple[str, str], str],
) -> dict[str, Any]:
    """The badge before it is signed; `base` is the origin of this node, below which its list is found."""
    identity = holder.mail or holder.name
    return {
        "@context": [VC, OB],
        "id": f"{base}/badges/{badge}",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "issuer": {"id": issuer, "type": ["Profile"], "name": issuer_name},
        "validFrom": format_second(issued),
        "validUntil": format_second(until),
        "name": achievement.name,
        "credentialSubject": {
            "type": ["AchievementSubject"],
            "identifier": [
                {
                    "type": "IdentityObject",
                    "hashed": True,
                    "identityHash": identity_hash(identity, salt),
                    "identityType": "emailAddress" if holder.mail else "name",
                    "salt": salt,
                }
            ],
            "achievement": {
                "id": f"urn:kouprey:achievement:{achievement.id}",
                "type": ["Achievement"],
                "name": achievement.name,
                "description": achievement.description,
                "criteria": {"narrative": achievement.criteria},
                "alignment": [_alignment(each, names) for each in achievement.competencies],
            },
            "result": [{"type": ["Result"], "value": str(result)}],
        },
        "credentialStatus": {
            "id": f"{base}/badges/status/1#{index}",
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": str(index),
            "statusListCredential": f"{base}/badges/status/1",
        },
    }


def _alignment(each: Competency, names: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    framework, url = _WHERE[each.framework]
    return {
        "type": ["Alignment"],
        "targetCode": each.code,
        "targetName": names.get((each.framework, each.code), each.code),
        "targetFramework": framework,
        "targetUrl": url,
    }


def write_list(base: str, issuer: str, revoked: Iterable[int], *, issued: Instant, until: Instant) -> dict[str, Any]:
    """The status list before it is signed (W3C Bitstring Status List 1.0)."""
    packed = urlsafe_b64encode(encode_status(revoked)).decode().rstrip("=")
    return {
        "@context": [VC],
        "id": f"{base}/badges/status/1",
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer,
        "validFrom": format_second(issued),
        "validUntil": format_second(until),
        "credentialSubject": {
            "id": f"{base}/badges/status/1#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": f"u{packed}",
        },
    }


def read_badge(raw: bytes) -> Shown:
    """What a badge says; Damaged (`bad-badge`) for what is none."""
    document = _document(raw, "OpenBadgeCredential")
    subject, status, issuer = (
        _dict(document.get(name)) for name in ("credentialSubject", "credentialStatus", "issuer")
    )
    proof = _dict(document.get("proof"))
    found = _METHOD.fullmatch(str(proof.get("verificationMethod", "")))
    name = str(issuer.get("id", "") or document.get("issuer", ""))
    if found is None or found[1] != name:
        raise _bad("its proof is not by its issuer")
    index = str(status.get("statusListIndex", ""))
    identities = subject.get("identifier")
    identity = _dict(identities[0]) if isinstance(identities, list) and identities else {}
    results = subject.get("result")
    result = _dict(results[0]) if isinstance(results, list) and results else {}
    return Shown(
        document=document,
        issuer=name,
        issuer_name=str(issuer.get("name", ""))[:200],
        method=found[0],
        key=found[2],
        name=str(document.get("name") or _dict(subject.get("achievement")).get("name", ""))[:300],
        valid_from=_time(document, "validFrom"),
        valid_until=_time(document, "validUntil"),
        result=str(result.get("value", ""))[:20],
        status_list=str(status.get("statusListCredential", ""))[:500],
        index=int(index) if index.isascii() and index.isdigit() and len(index) < 10 else -1,
        identity_hash=str(identity.get("identityHash", ""))[:200],
        salt=str(identity.get("salt", ""))[:200],
    )


class ListShown(msgspec.Struct, frozen=True, kw_only=True):
    """A status list as it is shown: its bits are looked at by index."""

    document: dict[str, Any]
    id: str
    key: str
    issuer: str
    valid_from: Instant
    valid_until: Instant
    packed: bytes

    def revoked(self, index: int) -> bool:
        """Whether it says so; Damaged where it cannot be read."""
        try:
            return status_of(self.packed, index)
        except ValueError as error:
            raise _bad(str(error)) from error


def read_list(raw: bytes) -> ListShown:
    """A status list; Damaged (`bad-badge`) for what is none."""
    document = _document(raw, "BitstringStatusListCredential")
    subject, proof = _dict(document.get("credentialSubject")), _dict(document.get("proof"))
    found = _METHOD.fullmatch(str(proof.get("verificationMethod", "")))
    encoded = str(subject.get("encodedList", ""))
    if found is None or found[1] != document.get("issuer") or subject.get("statusPurpose") != "revocation":
        raise _bad("it is no list of revocations of its issuer")
    try:
        packed = urlsafe_b64decode(encoded[1:] + "=" * (-len(encoded[1:]) % 4)) if encoded[:1] == "u" else b""
    except ValueError as error:
        raise _bad(str(error)) from error
    return ListShown(
        document=document,
        id=str(document.get("id", ""))[:500],
        key=found[2],
        issuer=found[1],
        valid_from=_time(document, "validFrom"),
        valid_until=_time(document, "validUntil"),
        packed=packed,
    )


def _document(raw: bytes, kind: str) -> dict[str, Any]:
    if len(raw) > LARGEST:
        raise _bad("it is too large")
    document = decode(raw)
    if not isinstance(document, dict) or kind not in (document.get("type") or ()):
        raise _bad(f"it is no {kind}")
    return document


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _time(document: Mapping[str, Any], name: str) -> Instant:
    text = document.get(name)
    if text is None:
        return 0
    try:
        return parse_instant(str(text))
    except (ValueError, OverflowError) as error:
        raise _bad(f"{name} is no time") from error


def _bad(why: str) -> Damaged:
    return Damaged(
        "This is no badge that can be checked.",
        f"In it, {why}."[:300],
        "Paste the whole file, from the first { to the last }.",
        code="bad-badge",
    )
