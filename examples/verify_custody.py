# ruff: noqa: T201 - what a command-line program has to say goes to the terminal
"""Verify custody without the software that kept it: written from docs/spec/dossier.md alone; needs `cryptography`.

Usage: verify_custody.py PROOF [--body SEALED.age] [--key KEY] [--earlier CHECKPOINT]
       verify_custody.py LEDGER [--key KEY] [--earlier CHECKPOINT]
A proof shows some events and nothing of the others; of a whole ledger a wrong event is named by its position.
Exits with 1 when anything is wrong.
"""

import argparse
import base64
import json
from hashlib import sha256
from pathlib import Path
from struct import unpack

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

LONGEST = 64 << 20


def check(good, why):
    if not good:
        raise ValueError(why)


def unbase64(text):
    raw = base64.b64decode(text, validate=True)
    check(base64.b64encode(raw).decode() == text, "base64 is not in its one form")
    return raw


def once(pairs):
    check(len(dict(pairs)) == len(pairs), "JSON with a key twice")
    return dict(pairs)


def read_json(raw):
    check(len(raw) <= LONGEST, "the file is too long")
    return json.loads(raw.decode("utf-8"), object_pairs_hook=once)


# RFC 6962


def leaf(data):
    return sha256(b"\x00" + data).digest()


def node(left, right):
    return sha256(b"\x01" + left + right).digest()


def root_of(leaves):
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return node(root_of(leaves[:half]), root_of(leaves[half:]))


def included(found, index, size, path):
    """The root above a leaf at `index` of `size`, by its path."""
    check(0 <= index < size, "no such place in the tree")
    last = size - 1
    for sibling in path:
        check(last > 0, "the path is too long")
        if index & 1 or index == last:
            found = node(sibling, found)
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            found = node(found, sibling)
        index, last = index >> 1, last >> 1
    check(last == 0, "the path is too short")
    return found


def goes_on(old, new, old_root, new_root, path):
    """Whether the tree of `new` leaves begins with the one of `old`."""
    if old == new:
        return not path and old_root == new_root
    if not 0 < old < new:
        return False
    path, index, last = list(path), old - 1, new - 1
    while index & 1:
        index, last = index >> 1, last >> 1
    before = after = old_root if index == 0 else path.pop(0)
    for sibling in path:
        if last == 0:
            return False
        if index & 1 or index == last:
            before, after = node(sibling, before), node(sibling, after)
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            after = node(after, sibling)
        index, last = index >> 1, last >> 1
    return (before, after, last) == (old_root, new_root, 0)


# C2SP signed notes, checkpoints and cosignatures


def lines_of(note):
    text, gap, tail = note.rpartition("\n\n")
    check(gap and tail.endswith("\n"), "not a signed note")
    return text + "\n", [line.split(" ") for line in tail[:-1].split("\n")]


def key_of(vkey, alg):
    name, key_hash, material = vkey.split("+", 2)
    raw = unbase64(material)
    due = sha256(name.encode() + b"\n" + raw).hexdigest()[:8]
    check(len(raw) == 33 and raw[0] == alg and key_hash == due, f"{name}: not a key of type {alg}")
    return name, bytes.fromhex(key_hash), Ed25519PublicKey.from_public_bytes(raw[1:])


def opened(note, keys, origin):
    """(size, root) of a checkpoint of `origin`, signed by one of these keys; a wrong line of one fails it."""
    text, lines = lines_of(note)
    found = False
    for dash, line_name, blob in lines:
        check(dash == "—", "not a signature line")
        for name, key_hash, key in (key_of(each, 1) for each in keys):
            if (line_name, unbase64(blob)[:4]) == (name, key_hash):
                key.verify(unbase64(blob)[4:], text.encode())
                found = True
    check(found, "the checkpoint is signed by none of the keys")
    return stated(note, origin)


def stated(note, origin):
    """(size, root) as a checkpoint says them; whoever asks has another proof of them than its signature."""
    said, size, root, rest = lines_of(note)[0].split("\n")
    check(said == origin and not rest and size == str(int(size)), "the checkpoint is of another ledger")
    return int(size), unbase64(root)


def witnessed(note, line, keys):
    """Who cosigned a checkpoint, and the second at which they say they did."""
    text, _ = lines_of(note)
    _dash, line_name, blob = line.rstrip("\n").split(" ")
    raw = unbase64(blob)
    for name, key_hash, key in (key_of(each, 4) for each in keys):
        if (line_name, raw[:4]) == (name, key_hash):
            seconds = unpack(">Q", raw[4:12])[0]
            key.verify(raw[12:], b"cosignature/v1\ntime %d\n" % seconds + text.encode())
            return name, seconds
    raise ValueError(f"{line_name}: a witness whose key is not here")


def event_of(raw, ledger, position):
    event = read_json(raw)
    check((event["ledger"], event["n"]) == (ledger, position), f"event {position} says that it stands elsewhere")
    check(len(bytes.fromhex(event["salt"])) == 32, f"event {position} has no salt")
    return event


def verify_proof(made, trusted, earlier):
    """The events of a proof, with what partners witnessed; ValueError or InvalidSignature when anything is wrong."""
    keys = trusted or made["keys"]
    size, root = opened(made["checkpoint"], keys, made["ledger"])
    check(size == made["size"], "the checkpoint has another size")
    events = []
    for each in made["events"]:
        raw, path = unbase64(each["event"]), [unbase64(one) for one in each["path"]]
        check(included(leaf(raw), each["position"], size, path) == root, f"event {each['position']} is not in it")
        events.append(event_of(raw, made["ledger"], each["position"]))
    seen = []
    notes = {each["checkpoint"]: each for each in made["earlier"]}
    for note, each in notes.items():
        # It may be signed by a key that was replaced: what holds it is the path to the one that is signed now.
        before, its_root = stated(note, made["ledger"])
        path = [unbase64(one) for one in each["path"]]
        check(goes_on(before, size, its_root, root, path), f"it does not go on from {before} events")
        seen += [(before, *witnessed(note, line, made["witness_keys"])) for line in each["witnesses"]]
    known = {stated(note, made["ledger"]) for note in [*notes, made["checkpoint"]]}
    for note in earlier:
        before, its_root = opened(note, keys, made["ledger"])
        check((before, its_root) in known, f"no proof goes on from the checkpoint of {before} events that you hold")
    return events, seen


def verify_ledger(made, trusted, earlier):
    """The events of a whole ledger; ValueError names the first that is not as it was written."""
    keys = trusted or made["keys"]
    leaves, events = [], []
    points = {}
    newest = max(made["checkpoints"], key=lambda note: stated(note, made["ledger"])[0], default="")
    for note in [*made["checkpoints"], *earlier]:
        # One by a key that was replaced is held by the newest, which signs all that it signed.
        size, root = opened(note, keys, made["ledger"]) if note == newest else stated(note, made["ledger"])
        points.setdefault(size, []).append(root)
    for position, text in enumerate(made["events"]):
        raw = unbase64(text)
        leaves.append(leaf(raw))
        here = root_of(leaves)
        check(all(root == here for root in points.get(position + 1, ())), f"event {position} is not as it was signed")
        events.append(event_of(raw, made["ledger"], position))
    longest = max(points, default=0)
    check(longest <= len(leaves), f"event {len(leaves)} was signed and is missing")
    check(longest == len(leaves), f"events after {longest} are not signed")
    return events


def told(event):
    detail = event["detail"]
    said = [
        str(detail[key]) for key in ("purpose", "basis", "ground", "why", "text", "sha256", "to") if detail.get(key)
    ]
    return (
        f"  {event['n']:>4}  {event['at']}  {event['act']:<15} {detail.get('name') or event['by']}  {' | '.join(said)}"
    )


def main():
    parser = argparse.ArgumentParser(description="Verify custody.")
    parser.add_argument("file", help="a proof, or a whole ledger")
    parser.add_argument("--body", help="the sealed body of the item, whose SHA-256 the events name")
    parser.add_argument("--key", action="append", default=[], help="the node's verifier key that you know")
    parser.add_argument("--earlier", action="append", default=[], help="a file with a checkpoint that you hold")
    chosen = parser.parse_args()
    try:
        made = read_json(Path(chosen.file).read_bytes())
        earlier = [Path(each).read_text("utf-8") for each in chosen.earlier]
        seen = []
        if made["format"] == "kouprey-custody-proof/1":
            events, seen = verify_proof(made, chosen.key, earlier)
        else:
            check(made["format"] == "kouprey-custody-ledger/1", "neither a proof nor a ledger")
            events = verify_ledger(made, chosen.key, earlier)
        if chosen.body:
            digest = sha256(Path(chosen.body).read_bytes()).hexdigest()
            named = {event["detail"].get("sha256") for event in events} - {None, ""}
            check(named == {digest}, f"the body has SHA-256 {digest}, the events name another or none")
        theirs = [read_json(event["detail"]["receipt"].encode()) for event in events if event["detail"].get("receipt")]
        theirs = [(each["ledger"], *verify_proof(each, [], [])) for each in theirs]
    except Exception as error:  # whatever stops the reading: nothing is proven
        print(f"WRONG: {type(error).__name__} {error}")
        return 1
    print(f"{made['ledger']}: {len(events)} events hold")
    for event in events:
        print(told(event))
    for size, name, seconds in seen:
        print(f"  the first {size} events were seen by {name}, by their clock at {seconds} s since 1970")
    for ledger, there, _seen in theirs:
        print(f"  {ledger}, of the partner:")
        for event in there:
            print(told(event))
    if not chosen.key:
        print("  compare these keys with those on the party's card, or name them with --key:")
        for key in made["keys"]:
            print(f"    {key}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
