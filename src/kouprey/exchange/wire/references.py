"""What an object refers to, and the cutting of references to objects that may not travel."""

from __future__ import annotations

from collections.abc import Iterator, Set
from typing import Any

import msgspec

from kouprey.kernel.words.ids import stix_type
from kouprey.kernel.words.safejson import decode

_NEEDED: dict[str, frozenset[str]] = {
    "grouping": frozenset({"object_refs"}),
    "language-content": frozenset({"object_ref"}),
    "note": frozenset({"object_refs"}),
    "observed-data": frozenset({"object_refs"}),
    "opinion": frozenset({"object_refs"}),
    "relationship": frozenset({"source_ref", "target_ref"}),
    "report": frozenset({"object_refs"}),
    "sighting": frozenset({"sighting_of_ref"}),
    # Observables: the references their deterministic ids are made of (STIX 2.1 section 6).
    "email-message": frozenset({"from_ref"}),
    "file": frozenset({"parent_directory_ref"}),
    "network-traffic": frozenset({"src_ref", "dst_ref"}),
}
"""References without which an object of the type is not one, or not the same one."""

# Without its creator an object would seem free for anybody to change, without its marking free for anybody to read.
_ALWAYS_NEEDED = frozenset({"created_by_ref", "object_marking_refs", "granular_markings"})
_WHOLE = frozenset({"object_marking_refs", "granular_markings"})
"""Lists that travel complete or not at all."""

_REFERRING = ("_ref", "_refs")
_NOTHING = object()


def references(value: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    """Every STIX id an object refers to by a `*_ref` or `*_refs` property at any depth, with the paths where.

    Paths are written as STIX granular selectors: `object_refs.[2]`, `granular_markings.[0].marking_ref`.
    """
    found: dict[str, list[str]] = {}
    for path, target in _walk("", value, ""):
        found.setdefault(target, []).append(path)
    return {target: tuple(paths) for target, paths in found.items()}


def prune(raw: bytes, forbidden: Set[str]) -> bytes | None:
    """The object without its references to `forbidden` ids; the very same bytes when it has none.

    None when it cannot travel: a needed reference, its creator, a marking, or the last member of a needed list is
    forbidden, or a granular marking speaks of a property that changed. Otherwise deterministic; ids compare without
    regard to case; nothing but references is left out, and an element of a nested list goes as a whole.
    Raises Damaged for bytes that `read_object` refuses as JSON.
    """
    value = decode(raw)
    if not isinstance(value, dict):
        return raw
    lowered = frozenset(stix_id.lower() for stix_id in forbidden)
    if lowered.isdisjoint(target.lower() for target in references(value)):
        return raw
    needed = _NEEDED.get(str(value.get("type")), frozenset()) | _ALWAYS_NEEDED
    kept = {}
    for key, inner in value.items():
        pruned = _pruned(key, inner, lowered)
        if key in needed and (pruned is _NOTHING or (key in _WHOLE and pruned != inner)):
            return None
        if pruned is not _NOTHING:
            kept[key] = pruned
    return None if _selectors_lost(value, kept) else msgspec.json.encode(kept)


def _walk(key: str, value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        # A list where one id belongs, or one id where a list does, is a mistake that must not hide a reference.
        if key.endswith(_REFERRING) and stix_type(value):
            yield path, value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _walk(name, inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _walk(key, item, f"{path}.[{index}]")


def _pruned(key: str, value: Any, forbidden: Set[str]) -> Any:
    """The value of a property without forbidden references; `_NOTHING` when they were all it had."""
    if isinstance(value, str):
        return _NOTHING if key.endswith(_REFERRING) and value.lower() in forbidden else value
    kept: dict[str, Any] | list[Any]
    if isinstance(value, dict):
        kept = {
            name: pruned for name, inner in value.items() if (pruned := _pruned(name, inner, forbidden)) is not _NOTHING
        }
    elif isinstance(value, list):
        kept = [
            pruned
            for item in value
            if not _is_about(item, forbidden) and (pruned := _pruned(key, item, forbidden)) is not _NOTHING
        ]
    else:
        return value
    return kept if kept or not value else _NOTHING


def _is_about(item: Any, forbidden: Set[str]) -> bool:
    """True for a list element that says something about one forbidden object, and so has no sense without it."""
    return isinstance(item, dict) and any(
        name.endswith("_ref") and isinstance(target, str) and target.lower() in forbidden
        for name, target in item.items()
    )


def _selectors_lost(before: dict[str, Any], after: dict[str, Any]) -> bool:
    """True when a granular marking, which points at places by number, would point at another place or at none."""
    changed = {key for key, inner in before.items() if key not in after or after[key] != inner}
    markings = before.get("granular_markings")
    for marking in markings if isinstance(markings, list) else ():
        selectors = marking.get("selectors") if isinstance(marking, dict) else None
        for selector in selectors if isinstance(selectors, list) else ():
            if isinstance(selector, str) and selector.split(".", 1)[0] in changed:
                return True
    return False
