"""The observables that an object names: in its own properties, in its pattern, in its references to CVE."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from kouprey.exchange.model import Observable
from kouprey.exchange.wire.observables.canonical import canonical, hash_of, host
from kouprey.exchange.wire.pattern import parse_pattern, values_of
from kouprey.kernel.words.errors import KoupreyError

MOST = 10_000
"""Observables of one object; whoever puts more into one has not written it for being looked up."""

_HASHES = {
    "MD5": "md5",
    "SHA1": "sha1",
    "SHA224": "sha224",
    "SHA256": "sha256",
    "SHA384": "sha384",
    "SHA512": "sha512",
    "SHA3256": "sha3-256",
    "SHA3512": "sha3-512",
    "SSDEEP": "ssdeep",
    "TLSH": "tlsh",
}
_PLAIN: dict[str, tuple[tuple[str, str], ...]] = {
    "domain-name": (("value", "domain-name"),),
    "email-addr": (("value", "email-addr"),),
    "file": (("name", "file-name"),),
    "ipv4-addr": (("value", "ipv4-addr"),),
    "ipv6-addr": (("value", "ipv6-addr"),),
    "mac-addr": (("value", "mac-addr"),),
    "mutex": (("name", "mutex"),),
    "url": (("value", "url"),),
    "artifact": (("url", "url"),),
    "vulnerability": (("name", "cve"),),
    "windows-registry-key": (("key", "registry-key"),),
    "x509-certificate": (("serial_number", "certificate-serial"),),
    "autonomous-system": (("number", "as-number"),),
}
"""Type -> its properties that are values, and their kinds."""
_HASHED = frozenset({"artifact", "file", "x509-certificate"})
_PERHAPS = "perhaps a host"
_REFERRED = {
    "value": {
        "from_ref": "email-addr",
        "sender_ref": "email-addr",
        "to_refs": "email-addr",
        "cc_refs": "email-addr",
        "bcc_refs": "email-addr",
        "belongs_to_ref": "email-addr",
        "src_ref": _PERHAPS,
        "dst_ref": _PERHAPS,
        "resolves_to_refs": _PERHAPS,
    },
    "name": {"image_ref": "file-name", "binary_ref": "file-name", "body_raw_ref": "file-name"},
    "number": {"belongs_to_refs": "as-number"},
}
"""Last step of a path -> the reference before it -> what it leads to."""


def observables_in(value: Mapping[str, Any]) -> tuple[Observable, ...]:
    """Every observable an object names, each once; custom properties (`x_...`) name none. Never raises."""
    found: dict[Observable, None] = {}
    kind = value.get("type")
    if kind == "indicator":
        pattern = value.get("pattern")
        if isinstance(pattern, str) and value.get("pattern_type", "stix") == "stix":
            found.update(dict.fromkeys(_named_by(pattern)))
    elif kind in _PLAIN or kind == "network-traffic":
        _of_observable(value, found)
    elif kind == "observed-data" and isinstance(objects := value.get("objects"), dict):
        # STIX 2.0 keeps observables inside.
        for each in list(objects.values())[:MOST]:
            if isinstance(each, dict):
                _of_observable(each, found)
    references = value.get("external_references")
    if isinstance(references, list):
        for reference in references:
            if isinstance(reference, dict) and isinstance(name := reference.get("external_id"), str):
                _add(found, "cve", name)
    return tuple(found)[:MOST] if found else ()


def _of_observable(value: Mapping[str, Any], found: dict[Observable, None]) -> None:
    kind = value.get("type")
    if not isinstance(kind, str):
        return
    for name, meant in _PLAIN.get(kind, ()):
        _add(found, meant, value.get(name))
    hashes = value.get("hashes")
    if kind in _HASHED and isinstance(hashes, dict):
        for algorithm, text in hashes.items():
            _add_hash(found, algorithm, text)
    if kind == "network-traffic":
        agent: Any = value
        for step in ("extensions", "http-request-ext", "request_header", "User-Agent"):
            agent = agent.get(step) if isinstance(agent, dict) else None
        _add(found, "user-agent", agent)


def _add(found: dict[Observable, None], kind: str, given: Any) -> None:
    if kind == "as-number" and type(given) is int:
        given = str(given)
    if isinstance(given, str) and (made := canonical(kind, given)) is not None:
        found[made] = None


def _add_hash(found: dict[Observable, None], algorithm: str, given: Any) -> None:
    kind = _HASHES.get(algorithm.upper().replace("-", "").replace("_", ""))
    if kind is not None and isinstance(given, str) and (made := hash_of(kind, given)) is not None:
        found[made] = None


# Versions of one indicator, and the same indicator from several sources, mostly repeat their pattern.
@lru_cache(maxsize=2048)
def _named_by(pattern: str) -> tuple[Observable, ...]:
    try:
        named = values_of(parse_pattern(pattern))
    except KoupreyError:
        return ()
    found: dict[Observable, None] = {}
    for path, _, constant in named:
        found.update(dict.fromkeys(observables_at(path, constant)))
    return tuple(found)


def observables_at(path: str, constant: Any) -> tuple[Observable, ...]:
    """What a pattern names that compares this value with what is at `path`; nothing where that is no observable."""
    read = _reader(path)
    found: dict[Observable, None] = {}
    if read is not None and type(constant) in (str, int):
        read(found, constant)
    return tuple(found)


@lru_cache(maxsize=1024)
def _reader(path: str) -> Callable[[dict[Observable, None], Any], None] | None:
    """What takes the value a pattern compares with what is at `path`; None when that is no observable."""
    kind, _, way = path.partition(":")
    head, dot, last = way.rpartition(".")
    if dot and head.rpartition(".")[2] == "hashes":
        algorithm = last.strip("'")
        return lambda found, given: _add_hash(found, algorithm, given)
    if not dot:
        for name, meant in _PLAIN.get(kind, ()):
            if name == way:
                return lambda found, given: _add(found, meant, given)
        return None
    if last == "'User-Agent'":
        return lambda found, given: _add(found, "user-agent", given)
    led = _REFERRED.get(last, {}).get(head.rpartition(".")[2].partition("[")[0])
    if led == _PERHAPS:
        return _add_host
    return None if led is None else lambda found, given: _add(found, led, given)


def _add_host(found: dict[Observable, None], given: Any) -> None:
    made = host(given) if isinstance(given, str) else None
    if made is not None and canonical(made.kind, made.text) == made:
        found[made] = None
