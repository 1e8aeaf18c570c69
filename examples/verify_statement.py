# ruff: noqa: T201 - what a command-line program has to say goes to the terminal
"""Verify public statements without the software that made them: written from docs/spec alone; needs `cryptography`.

Usage: verify_statement.py PLACE [--key KEY]. PLACE is a signed file, or the folder or zip of an export. KEY is the key
of the publisher as it was published elsewhere (name+hash+base64); without one, that of the card in the export is taken
and shown. Exits with 1 when anything is wrong.
"""

import argparse
import base64
import json
import zipfile
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FIELDS = {
    *("v", "id", "number", "previous", "publisher", "name", "issued", "url", "kind", "verdict", "languages", "claims"),
    *("evidence", "contact", "replaces", "cancels", "valid_from", "valid_until", "exercise"),
}
LARGEST = 400_000


def check(good, why):
    if not good:
        raise ValueError(why)


def unbase64(text):
    raw = base64.b64decode(text, validate=True)
    check(base64.b64encode(raw).decode() == text, "base64 is not in its one form")
    return raw


def strict(raw):
    """JSON in which no key stands twice: two readers must not see two statements."""

    def pairs(found):
        check(len(dict(found)) == len(found), "a key stands twice")
        return dict(found)

    return json.loads(raw.decode("utf-8"), object_pairs_hook=pairs)


def public_key(key):
    """The 32 bytes of `name+hash+base64(0x01 || key)` (C2SP signed-note), and the name."""
    name, key_hash, material = key.split("+", 2)
    raw = unbase64(material)
    due = sha256(name.encode() + b"\n" + raw).hexdigest()[:8]
    check(len(raw) == 33 and raw[0] == 1 and key_hash == due, f"{key[:60]}: not a key of type 1")
    return name, raw[1:]


def verify(raw, keys):
    """The statement in a signed file, and the SHA-256 of its text; ValueError unless one of `keys` has signed it."""
    check(len(raw) <= LARGEST, "the file is too large")
    file = strict(raw)
    check(set(file) == {"v", "statement", "key", "signature"} and file["v"] == 1, "not a signed statement")
    text = file["statement"].encode("utf-8")
    check(file["key"] in keys, f"signed by another key: {file['key']}")
    name, key = public_key(file["key"])
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(unbase64(file["signature"]), text)
    except InvalidSignature:
        raise ValueError("the text is not what was signed") from None
    said = strict(text)
    check(set(said) == FIELDS and said["v"] == 1, "not a statement of version 1")
    check(name == f"{said['publisher']}/node", "signed by a key of somebody else")
    return said, sha256(text).hexdigest()


def verify_chain(found):
    """Lines about statements [(statement, hash)] in their order; ValueError where one does not follow."""
    found = sorted(found, key=lambda each: each[0]["number"])
    lines, before = [], ("", 0)
    replaced = {old: said["id"] for said, _ in found for old in said["replaces"]}
    for said, digest in found:
        check(said["number"] > before[1], f"{said['id']}: two statements in one place of the chain")
        if said["number"] == before[1] + 1:
            check(said["previous"] == before[0], f"{said['id']}: does not follow from the statement before it")
        else:
            lines.append(f"MISSING {before[1] + 1} to {said['number'] - 1}")
        mark = "EXERCISE " if said["exercise"] else ""
        later = f"; replaced by {replaced[said['id']]}" if said["id"] in replaced else ""
        verdict = f" {said['verdict'].upper()}:" if said["verdict"] else ""
        title = next(iter(said["languages"].values()))["title"]
        lines.append(f"{mark}{said['id']} {said['issued']}{verdict} {title}{later}")
        before = digest, said["number"]
    return lines


def open_place(place):
    """(signed files by name, chain or None, card or None) of a file, a folder or a zip."""
    if place.is_dir():
        files = {each.relative_to(place).as_posix(): each.read_bytes() for each in place.rglob("*") if each.is_file()}
    elif zipfile.is_zipfile(place):
        with zipfile.ZipFile(place) as archive:
            files = {each.filename: archive.read(each) for each in archive.infolist() if each.file_size < 1 << 24}
    else:
        return {place.name: place.read_bytes()}, None, None
    signed = {name: raw for name, raw in files.items() if name.startswith("signed/") and name.endswith(".json")}
    check(signed, "there is no signed statement in it")
    return signed, files.get("chain.json"), files.get("publisher.card")


def main():
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("place", type=Path)
    words.add_argument("--key", action="append", default=[])
    given = words.parse_args()
    try:
        signed, chain, card = open_place(given.place)
        keys, notes = given.key, []
        if not keys:
            check(card is not None, "name the key of the publisher with --key")
            keys = [line.split(" ", 1)[1] for line in card.decode("utf-8").split("\n") if line.startswith("node ")]
            notes = [f"Compare with what the publisher has told elsewhere, and give it as --key: {key}" for key in keys]
        found = []
        for name, raw in sorted(signed.items()):
            try:
                found.append(verify(raw, keys))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise ValueError(f"{name}: {error}") from error
        check(len({said["publisher"] for said, _ in found}) == 1, "statements of several publishers")
        lines = verify_chain(found)
        if chain is not None:
            told = {each["id"]: each["sha256"] for each in strict(chain)["statements"] if not each["taken_back"]}
            check(told == {said["id"]: digest for said, digest in found}, "chain.json names other statements")
    except (ValueError, KeyError, TypeError, AttributeError, OSError) as error:
        print(f"WRONG: {error}")
        return 1
    print("\n".join([*lines, f"GOOD: {len(found)} signed by {found[0][0]['publisher']}", *notes]))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
