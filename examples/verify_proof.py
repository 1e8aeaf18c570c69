# ruff: noqa: T201 - what a command-line program has to say goes to the terminal
"""Verify a fork evidence file or a .tlog-proof without the software that made it; needs `cryptography`.

Usage: verify_proof.py FILE.fork [--trust PARTY=ROOTKEY]
       verify_proof.py FILE.tlog-proof --card CARD [--card CARD] [--content OUT] [--trust PARTY=ROOTKEY]

Written from docs/spec alone. Exits with 1 when it proves nothing.
"""

import argparse
import base64
import json
import struct
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from verify_ledger import counts, newest

NOTE, COSIGNATURE = 1, 4


def check(good, why):
    if not good:
        raise ValueError(why)


def unbase64(text):
    check(base64.b64encode(base64.b64decode(text)).decode() == text, "base64 is not in its one form")
    return base64.b64decode(text)


def verifier_key(text, kind):
    name, key_hash, material = text.split("+", 2)
    raw = unbase64(material)
    due = sha256(name.encode() + b"\n" + raw).hexdigest()[:8]
    check(len(raw) == 33 and raw[0] == kind and key_hash == due, f"{name}: not a key of type {kind}")
    return name, raw[1:]


def split_note(note):
    text, gap, tail = note.rpartition("\n\n")
    check(gap and tail.endswith("\n"), "not a signed note")
    lines = [line.split(" ") for line in tail[:-1].split("\n")]
    check(all(len(line) == 3 and line[0] == "\u2014" for line in lines), "not a signature line")
    return text + "\n", [(name, unbase64(blob)[:4], unbase64(blob)[4:]) for _, name, blob in lines]


def key_hash(name, kind, public):
    return sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]


def signed(note, name, kind, keys):
    """The text, and the time of a cosignature; lines of unknown keys are ignored, a wrong line of a known one fails."""
    (text, lines), found = split_note(note), None
    for line_name, line_hash, signature in lines:
        for public in keys:
            if (line_name, line_hash) != (name, key_hash(name, kind, public)):
                continue
            message, proof, found = text.encode(), signature, 0
            if kind == COSIGNATURE:
                found = struct.unpack(">Q", signature[:8])[0]
                message, proof = f"cosignature/v1\ntime {found}\n".encode() + message, signature[8:]
            Ed25519PublicKey.from_public_bytes(public).verify(proof, message)
    return text, found


def read_root(note, roots):
    """A root statement, signed by the key that goes and the one that comes: party -> {new: (old, texts it keeps)}."""
    fields = [tuple(line.split(" ", 1)) for line in split_note(note)[0].split("\n")[1:-1]]
    party, before, root = (dict(fields)[name] for name in ("party", "before", "root"))
    for key in (before, root):
        found = signed(note, f"{party}/root", NOTE, [verifier_key(key, NOTE)[1]])[1]
        check(found is not None, f"a root statement of {party} is not signed by both keys")
    roots.setdefault(party, {})[root] = (before, {unbase64(text) for name, text in fields if name == "keep"})


def read_cards(notes, trusted):
    """Party -> its root key as text, node keys and receipt keys; root statements may stand among the cards."""
    cards, roots = {}, {}
    statements = [note for note in notes if note.startswith("kouprey.dev/root-statement/v1\n")]
    for note in statements:
        read_root(note, roots)
    for note in (each for each in notes if each not in statements):
        lines = split_note(note)[0].split("\n")
        check(lines[0] == "kouprey.dev/card/v1" and lines[-1] == "", "not a card")
        fields = [tuple(line.split(" ", 1)) for line in lines[1:-1]]
        party, root = dict(fields)["party"], dict(fields)["root"]
        text, found = signed(note, f"{party}/root", NOTE, [verifier_key(root, NOTE)[1]])
        check(found is not None, f"the card of {party} is not signed by its root key")
        known = trusted.get(party, newest(party, root, roots))
        card = cards.setdefault(party, {"root": known, "node": [], "receipt": []})
        check(counts(party, root, text, card["root"], roots), f"{party}: another root key than the known one")
        card["node"] += [verifier_key(value, NOTE)[1] for name, value in fields if name == "node"]
        card["receipt"] += [verifier_key(value, COSIGNATURE)[1] for name, value in fields if name == "receipt"]
    for party, card in cards.items():
        print(f"{party}: root key {card['root']}{'' if party in trusted else ' (compare it with the one you know)'}")
    return cards


def read_checkpoint(note, cards):
    """Whose node key signed a checkpoint, its origin, size and root."""
    origin, size, root, end = split_note(note)[0].split("\n")
    by = [party for party, card in cards.items() if signed(note, origin, NOTE, card["node"])[1] is not None]
    check(len(by) == 1, "the checkpoint is not signed by a party whose card is here")
    check(origin.startswith("kouprey/1/") and size == str(int(size)) and not end, "not a checkpoint of a lane")
    return by[0], origin, int(size), unbase64(root)


def included(leaf, index, size, proof, root):
    """RFC 6962 section 2.1.1, with the one length the proof can have."""
    check(0 <= index < size, "the entry is not within the tree")
    position, last, found = index, size - 1, leaf
    for sibling in proof:
        check(last > 0, "the proof is too long")
        if position % 2 or position == last:
            found = sha256(b"\1" + sibling + found).digest()
            while position % 2 == 0 and position:
                position, last = position >> 1, last >> 1
        else:
            found = sha256(b"\1" + found + sibling).digest()
        position, last = position >> 1, last >> 1
    check(last == 0 and found == root, "the entry is not in the tree that was signed")


def verify_fork(path, trusted):
    lines = [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines()]
    check(len(lines) > 1 and lines[-1]["type"] == "fork", "not a file of fork evidence")
    cards, said = read_cards([line["note"] for line in lines[:-1]], trusted), lines[-1]
    (by_a, origin_a, size_a, root_a), (by_b, origin_b, size_b, root_b) = (
        read_checkpoint(said[name], cards) for name in ("checkpoint_a", "checkpoint_b")
    )
    check(by_a == by_b and origin_a == origin_b == said["origin"], "two lanes, or two authors")
    if size_a != size_b:
        headers = [unbase64(said[name]) for name in ("header_a", "header_b")]
        check(headers[0] != headers[1], "the entries are the same")
        for header, name, size, root in zip(headers, ("a", "b"), (size_a, size_b), (root_a, root_b), strict=True):
            proof = [unbase64(each) for each in said[f"proof_{name}"]]
            included(sha256(b"\0" + header).digest(), said["index"], size, proof, root)
    else:
        check(root_a != root_b, "the two checkpoints are the same")
    where = f"entry {said['index']}" if size_a != size_b else f"size {size_a}"
    print(f"PROVEN: {by_a} signed two histories of {origin_a}, which differ at {where}.")


def verify_tlog_proof(path, card_files, out, trusted):
    cards = read_cards([Path(each).read_text(encoding="utf-8") for each in card_files], trusted)
    head, gap, note = Path(path).read_text(encoding="utf-8").partition("\n\n")
    first, *lines = head.split("\n")
    check(gap and first == "c2sp.org/tlog-proof@v1", "not a tlog-proof of version 1")
    extra = unbase64(lines.pop(0).removeprefix("extra ")) if lines[0].startswith("extra ") else b""
    index = int(lines.pop(0).removeprefix("index "))
    by, origin, size, root = read_checkpoint(note, cards)
    header, salt, body = extra[:64], extra[64:80], extra[80:]
    check(len(header) == 64, "the proof brings no header of an entry")
    magic, kind, _, _, number, length, version, at_ms, commitment = struct.unpack(">4sBBHQIIQ32s", header)
    check(magic == b"KE01" and number == index, "the header is of another entry")
    included(sha256(b"\0" + header).digest(), index, size, [unbase64(each) for each in lines], root)
    print(f"PROVEN: entry {index} of {origin}, kind {kind}, version {version} of its agreement, is among the {size}")
    print(f"  signed by {by}, who says it is of {datetime.fromtimestamp(at_ms / 1000, UTC):%Y-%m-%dT%H:%M:%SZ}.")
    for party, card in cards.items():
        when = signed(note, f"{party}/receipt", COSIGNATURE, card["receipt"])[1]
        if when:
            print(f"  {party} confirms to hold it, at {datetime.fromtimestamp(when, UTC):%Y-%m-%dT%H:%M:%SZ}.")
    if salt or body:
        check(len(salt) == 16 and len(body) == length, "the content has another length")
        check(sha256(b"KC01" + salt + body).digest() == commitment, "the content is not the one committed to")
        media_type, label, content = body.split(b"\n", 2)
        print(f"  Its content: {len(content)} bytes of {media_type.decode()}, label {label.decode() or 'none'}.")
        if out:
            Path(out).write_bytes(content)
    else:
        print("  Its content is not in the file.")


def main():
    parser = argparse.ArgumentParser(description="Verify fork evidence, or the proof of a single entry.")
    parser.add_argument("file")
    parser.add_argument("--card", action="append", default=[], help="the card of the author, or of a receiver")
    parser.add_argument("--content", metavar="OUT", help="write the content of the entry here")
    parser.add_argument("--trust", action="append", default=[], metavar="PARTY=ROOTKEY", help="a root key you know")
    chosen = parser.parse_args()
    trusted = dict(item.split("=", 1) for item in chosen.trust)
    try:
        if Path(chosen.file).read_bytes().startswith(b"c2sp.org/"):
            verify_tlog_proof(chosen.file, chosen.card, chosen.content, trusted)
        else:
            verify_fork(chosen.file, trusted)
    except Exception as error:  # whatever stops the reading: nothing is proven
        print(f"WRONG: {type(error).__name__} {error}")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
