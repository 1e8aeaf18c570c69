# ruff: noqa: T201 - what a command-line program has to say goes to the terminal
"""Verify an exported ledger without the software that made it: written from docs/spec alone; needs `cryptography`.

Usage: verify_ledger.py LEDGER [--trust PARTY=ROOTKEY] | --equal LEDGER LEDGER. Exits with 1 when anything is wrong.
"""

import argparse
import base64
import json
import struct
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

NOTE, COSIGNATURE = 1, 4
KINDS, LABELLED = {0, 1, 2, 3, 4, 6, 7, 8, 9, 10}, {1, 8, 9}
CLASSES, STATES = ["bulk", "priority"], ["present", "erased", "withheld"]
SHAPES = {
    "ledger": (0, {"v", "party", "made_at"}),
    "root": (1, {"note"}),
    "card": (1, {"note"}),
    "agreement": (2, {"note", "document"}),
    "lane": (3, {"origin", "size", "checkpoint"}),
    "entry": (3, {"header", "state", "salt", "body"}),
    "receipt": (3, {"party", "note", "without"}),
    "end": (4, {"sha256"}),
}


def check(good, why):
    if not good:
        raise ValueError(why)


def unbase64(text):
    check(base64.b64encode(base64.b64decode(text)).decode() == text, "base64 is not in its one form")
    return base64.b64decode(text)


def unjson(data):
    once = "JSON with a key twice"
    return json.loads(data, object_pairs_hook=lambda pairs: check(len(dict(pairs)) == len(pairs), once) or dict(pairs))


def verifier_key(text, kind):
    """A C2SP verifier key `name+hash+base64(type || public)`: (name, type, key hash, public)."""
    name, key_hash, material = text.split("+", 2)
    raw = unbase64(material)
    due = sha256(name.encode() + b"\n" + raw).hexdigest()[:8]
    check(len(raw) == 33 and raw[0] == kind and key_hash == due, f"{name}: not a key of type {kind}")
    return name, kind, bytes.fromhex(key_hash), raw[1:]


def split_note(note):
    """The text of a signed note, and its signature lines as (name, key hash, signature)."""
    text, gap, tail = note.rpartition("\n\n")
    check(gap and tail.endswith("\n"), "not a signed note")
    lines = [line.split(" ") for line in tail[:-1].split("\n")]
    check(all(len(line) == 3 and line[0] == "\u2014" for line in lines), "not a signature line")
    return text + "\n", [(name, unbase64(blob)[:4], unbase64(blob)[4:]) for _, name, blob in lines]


def signed(note, keys):
    """The text and the time in a cosignature; lines of unknown keys are ignored, a wrong line of a known one fails."""
    (text, lines), found = split_note(note), None
    for line_name, line_hash, signature in lines:
        for name, kind, key_hash, public in keys:
            if (line_name, line_hash) != (name, key_hash):
                continue
            message, proof, found = text.encode(), signature, 0
            if kind == COSIGNATURE:
                found = struct.unpack(">Q", signature[:8])[0]
                message, proof = f"cosignature/v1\ntime {found}\n".encode() + message, signature[8:]
            Ed25519PublicKey.from_public_bytes(public).verify(proof, message)
    check(found is not None, f"not signed by {keys[0][0] if keys else 'a key on a card'}")
    return text, found


def read_root(note, roots):
    """A root statement, signed by the key that goes and the one that comes: party -> {new: (old, texts it keeps)}."""
    lines = split_note(note)[0].split("\n")
    check(lines[0] == "kouprey.dev/root-statement/v1" and lines[-1] == "", "not a root statement")
    fields = [tuple(line.split(" ", 1)) for line in lines[1:-1]]
    party, before, root = (dict(fields)[name] for name in ("party", "before", "root"))
    check(before.startswith(f"{party}/root+") and root.startswith(f"{party}/root+"), "not of the party's root keys")
    for key in (before, root):
        signed(note, [verifier_key(key, NOTE)])
    roots.setdefault(party, {})[root] = (before, {unbase64(text) for name, text in fields if name == "keep"})


def newest(party, root, roots):
    """The root key that follows in the end."""
    after = {before: root for root, (before, _) in roots.get(party, {}).items()}
    while root in after:
        root = after.pop(root)
    return root


def counts(party, root, text, today, roots):
    """Under today's root key every text does; under an earlier one what the statements from then to now keep."""
    said, kept, key = dict(roots.get(party, {})), set(), today
    while key != root and key in said:
        key, more = said.pop(key)
        kept |= more
    return key == root and (root == today or sha256(text.encode()).digest() in kept)


def read_card(note, cards, trusted, roots):
    lines = split_note(note)[0].split("\n")
    check(lines[0] == "kouprey.dev/card/v1" and lines[-1] == "", "not a card")
    fields = [tuple(line.split(" ", 1)) for line in lines[1:-1]]
    party, root = dict(fields)["party"], dict(fields)["root"]
    text, _ = signed(note, [verifier_key(root, NOTE)])
    known = trusted.get(party, newest(party, root, roots))
    card = cards.setdefault(party, {"root": known, "node": [], "receipt": [], "texts": set()})
    ours = root.startswith(f"{party}/root+") and counts(party, root, text, card["root"], roots)
    check(ours, f"{party}: another root key than the known one")
    card["node"] += [verifier_key(value, NOTE)[3] for name, value in fields if name == "node"]
    card["receipt"] += [verifier_key(value, COSIGNATURE) for name, value in fields if name == "receipt"]
    card["texts"].add(sha256(text.encode()).hexdigest())


def read_agreement(line, cards, agreements, roots):
    document, text = unbase64(line["document"]), split_note(line["note"])[0]
    parties = {party["id"]: party["root"] for party in unjson(document)["parties"]}
    for party, root in parties.items():
        known = party in cards and counts(party, root, text, cards[party]["root"], roots)
        check(known, f"agreement: the card of {party} is missing or another")
        signed(line["note"], [verifier_key(root, NOTE)])
    first, name, version, prev, doc, _, _ = text.split("\n")
    check(first == "kouprey.dev/agreement/v1" and len(parties) > 1, "agreement: not an agreement")
    stated = f"doc {base64.b64encode(sha256(document).digest()).decode()} {len(document)}"
    founded = version != "version 1" or (name, prev) == ("agr_" + sha256(document).hexdigest()[:32], "prev -")
    check(doc == stated and founded, "agreement: the note is about another document")
    agreements[name, int(version.removeprefix("version "))] = (sha256(text.encode()).hexdigest(), set(parties))


def tree_root(row):
    """RFC 6962 over leaf hashes: neighbours are hashed together, a last one without neighbour rises."""
    while len(row) > 1:
        pairs = (row[i : i + 2] for i in range(0, len(row), 2))
        row = [sha256(b"\1" + pair[0] + pair[1]).digest() if len(pair) == 2 else pair[0] for pair in pairs]
    return row[0]


def read_checkpoint(note, origin, keys):
    text, _ = signed(note, [(origin, NOTE, sha256(origin.encode() + b"\n\1" + key).digest()[:4], key) for key in keys])
    named, size, root, end = text.split("\n")
    check(named == origin and size == str(int(size)) and int(size) > 0 and not end, "not a checkpoint of this lane")
    return int(size), unbase64(root)


def read_genesis(lane, agreements, cards):
    check(lane["entry"] and lane["entry"][0]["state"] == "present", "the genesis is missing")
    media_type, label, document = unbase64(lane["entry"][0]["body"]).split(b"\n", 2)
    named = "kouprey/1/" + sha256(b"kouprey-lane-v1\n" + document).hexdigest() == lane["origin"]
    check(named and media_type.endswith(b"genesis+json") and not label, "the first entry is not the lane's genesis")
    genesis = unjson(document)
    text_hash, parties = agreements.get((genesis["agreement"], genesis["version"]), ("", set()))
    check(genesis["version_sha256"] == text_hash, "the agreement version of the lane is not in the ledger")
    check(
        genesis["audience"] == sorted(parties.intersection(genesis["audience"])), "the audience is not of the agreement"
    )
    check(genesis["author"] in genesis["audience"] and genesis["class"] in CLASSES, "the genesis is not possible")
    check(genesis["root_key_statement"] in cards[genesis["author"]]["texts"], "the author's card of then is missing")
    return genesis


def read_entry(index, entry, genesis, origin):
    """Check one entry: its leaf hash, its kind, and the (lane, entry) it erases."""
    header, salt, body = unbase64(entry["header"]), unbase64(entry["salt"]), unbase64(entry["body"])
    check(len(header) == 64, f"entry {index}: the header is not 64 bytes")
    magic, kind, flags, zero, number, length, version, _, commitment = struct.unpack(">4sBBHQIIQ32s", header)
    check((magic, zero, number, version) == (b"KE01", 0, index, genesis["version"]), f"entry {index}: wrong header")
    possible = (kind in KINDS and flags == 0) or (kind in LABELLED and flags == 1)
    check(possible and (kind == 0) == (index == 0), f"entry {index}: kind {kind} is not allowed here")
    if entry["state"] != "present":
        check(entry["state"] in STATES and not salt + body, f"entry {index}: wrong state")
        return sha256(b"\0" + header).digest(), kind, ()
    check(len(salt) == 16 and len(body) == length <= 1_048_576, f"entry {index}: the body has another length")
    check(sha256(b"KC01" + salt + body).digest() == commitment, f"entry {index}: the body is not the one committed to")
    said = unjson(body.split(b"\n", 2)[2]) if kind == 2 else {"targets": ()}
    named = said.get("lane") or origin
    last = index if named == origin else 1 << 24
    erases = [(named, i) for start, end in said["targets"] for i in range(start, min(end, last))]
    return sha256(b"\0" + header).digest(), kind, erases


def read_receipt(line, lane, leaves, audience, keys, cards):
    party = line["party"]
    check(party in audience and party in cards, f"a receipt of {party}, who is not in the audience")
    size, root = read_checkpoint(line["note"], lane["origin"], keys)
    check(size <= len(leaves) and tree_root(leaves[:size]) == root, f"the receipt of {party} is for another history")
    when = datetime.fromtimestamp(signed(line["note"], cards[party]["receipt"])[1], UTC)
    return f"  {party} confirms {size} of {len(leaves)} at {when:%Y-%m-%dT%H:%M:%SZ}, without bodies {line['without']}"


def verify_lane(lane, agreements, cards):
    """What the lane proves: lines to print; (audience, size, root); whose it is and what it erases; what is erased."""
    genesis = read_genesis(lane, agreements, cards)
    audience, keys = genesis["audience"], cards[genesis["author"]]["node"]
    leaves, kinds, erases = zip(
        *(read_entry(*pair, genesis, lane["origin"]) for pair in enumerate(lane["entry"])), strict=True
    )
    check(7 not in kinds[:-1], "the lane goes on after its closing entry")
    size, root = read_checkpoint(lane["checkpoint"], lane["origin"], keys)
    check(size == lane["size"] == len(leaves), f"the checkpoint is of {size} entries, the ledger has {len(leaves)}")
    check(tree_root(leaves) == root, "the entries are not those the author signed")
    where = {state: [i for i, e in enumerate(lane["entry"]) if e["state"] == state] for state in STATES}
    absent = "".join(f", {len(where[state])} {state} {where[state][:20]}" for state in STATES[1:] if where[state])
    report = [
        f"  author {genesis['author']}, for {', '.join(audience)}, {genesis['class']}, under {genesis['agreement']}",
        f"  size {size}, root {base64.b64encode(root).decode()}, bodies: {len(where['present'])} present{absent}",
        *(read_receipt(line, lane, leaves, audience, keys, cards) for line in lane["receipt"]),
    ]
    whose = (genesis["author"], genesis["agreement"])
    says = {(whose, *named) for each in erases for named in each}
    return report, (set(audience), size, root), says, {(whose, lane["origin"], i) for i in where["erased"]}


def parse(path):
    """The lines of a ledger by type, in their order; entries and receipts inside their lanes."""
    digest, lines, stage = sha256(), {kind: [] for kind in SHAPES}, -1
    with Path(path).open("rb") as file:
        for raw in file:
            line = unjson(raw)
            kind = line.pop("type")
            before, (stage, fields) = stage, SHAPES[kind]
            in_order = (before == -1) == (stage == 0) and before <= stage and before < 4
            check(in_order and set(line) == fields, "a line that does not belong here")
            into = lines["lane"][-1] if kind in ("entry", "receipt") else lines
            into[kind].append(line if kind != "lane" else {**line, "entry": [], "receipt": []})
            check(kind != "end" or line["sha256"] == digest.hexdigest(), "the closing hash does not hold")
            digest.update(raw)
    check(stage == 4 and raw.endswith(b"}\n") and lines["ledger"][0]["v"] == 1, "the ledger ends too early")
    return lines


def verify(path, trusted):
    party, proven, good, cards, agreements, roots = "?", {}, True, {}, {}, {}
    try:
        lines = parse(path)
        party = lines["ledger"][0]["party"]
        for line in lines["root"]:
            read_root(line["note"], roots)
        for line in lines["card"]:
            read_card(line["note"], cards, trusted, roots)
        for line in lines["agreement"]:
            read_agreement(line, cards, agreements, roots)
    except Exception as error:  # whatever stops the reading: nothing is proven
        print(f"{path}\n  WRONG: {type(error).__name__} {error}")
        return party, proven, False
    print(f"ledger of {party}: {len(cards)} cards, {len(agreements)} agreement versions, {len(lines['lane'])} lanes")
    for name, card in sorted(cards.items()):
        print(f"  {name}: root key {card['root']}{'' if name in trusted else ' (compare it with the one you know)'}")
    found, said = [], set()
    for lane in lines["lane"]:
        try:
            found.append(verify_lane(lane, agreements, cards))
            said |= found[-1][2]
        except Exception as error:  # whatever stops the reading: this lane is not proven
            found.append(error)
    for lane, result in zip(lines["lane"], found, strict=True):
        print(f"lane {lane['origin']}")
        try:
            check(lane["origin"] not in proven, "the lane is there twice")
            check(not isinstance(result, Exception), f"{type(result).__name__} {result}")
            # An erase entry may stand in a later epoch of the same author, so all lanes are read before this is asked.
            check(result[3] <= said, "a body is called erased, but no entry erases it")
            proven[lane["origin"]] = result[1]
            print("\n".join([*result[0], "  OK"]))
        except ValueError as error:
            good = False
            print(f"  WRONG: {error}")
    return party, proven, good


def main():
    parser = argparse.ArgumentParser(description="Verify what an exported ledger proves.")
    parser.add_argument("ledger", nargs="*")
    parser.add_argument("--equal", nargs=2, metavar="LEDGER", help="the lanes for both parties are the same")
    parser.add_argument("--trust", action="append", default=[], metavar="PARTY=ROOTKEY", help="a root key you know")
    chosen = parser.parse_args()
    paths = chosen.equal or chosen.ledger or parser.error("which ledger?")
    ledgers = [verify(path, dict(item.split("=", 1) for item in chosen.trust)) for path in paths]
    good = all(holds for _, _, holds in ledgers)
    if chosen.equal:
        (a, in_a, _), (b, in_b, _) = ledgers
        shared = {origin for part in (in_a, in_b) for origin, lane in part.items() if {a, b} <= lane[0]}
        for origin in sorted(origin for origin in shared if in_a.get(origin) != in_b.get(origin)):
            good = False
            print(f"DIFFERENT {origin}: {[p[origin][1] for p in (in_a, in_b) if origin in p]} entries")
        print(f"{len(shared)} lanes for both {a} and {b}: {'EQUAL' if good else 'NOT EQUAL'}")
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
