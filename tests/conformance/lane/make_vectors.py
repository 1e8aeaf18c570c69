"""Write the test vectors of docs/spec from the text of the specification alone: nothing of Kouprey is imported.

    python make_vectors.py [FOLDER]

Keys and salts are hashes of their own names, so that every run writes the same bytes. The files are the contract: a
run that changes them is a change of the wire format.
"""

import json
import struct
import sys
from base64 import b32encode, b64encode
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

AUTHOR, PEER = "ministry.example", "operator.example"
AGE = {
    AUTHOR: "age1jwz994z36yph5u4y78fpesedpaa3lp2nfrrxlxyn0zqn9cwyzpkspr885j",
    PEER: "age14rjdwdz98q9e5vfclt8gndehmkzu7sdjzvhrwh570py8l4fg4v4szgj4x7",
}
SECOND = 1_796_083_200  # 2026-12-01T00:00:00Z


def digest(data):
    return sha256(data).digest()


def b64(data):
    return b64encode(data).decode()


def seed(name):
    return digest(b"kouprey test vector " + name.encode())


def sign(name, data):
    return Ed25519PrivateKey.from_private_bytes(seed(name)).sign(data)


def public(name):
    return Ed25519PrivateKey.from_private_bytes(seed(name)).public_key().public_bytes_raw()


def key_hash(name, kind, key):
    return digest(name.encode() + b"\n" + bytes([kind]) + key)[:4]


def vkey(name, kind=1):
    return f"{name}+{key_hash(name, kind, public(name)).hex()}+{b64(bytes([kind]) + public(name))}"


def note(text, *signers):
    """A signed note; a signer is (name in the line, name of the key)."""
    lines = [f"— {name} {b64(key_hash(name, 1, public(key)) + sign(key, text.encode()))}\n" for name, key in signers]
    return text + "\n" + "".join(lines)


def cosignature(text, name, seconds):
    signature = sign(name, f"cosignature/v1\ntime {seconds}\n{text}".encode())
    return f"— {name} {b64(key_hash(name, 4, public(name)) + struct.pack('>Q', seconds) + signature)}\n"


def compact(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


# RFC 6962, written as its definitions read.


def leaf(data):
    return digest(b"\0" + data)


def split(count):
    return 1 << ((count - 1).bit_length() - 1)


def root(leaves):
    if not leaves:
        return digest(b"")
    if len(leaves) == 1:
        return leaves[0]
    k = split(len(leaves))
    return digest(b"\1" + root(leaves[:k]) + root(leaves[k:]))


def inclusion(index, leaves):
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if index < k:
        return [*inclusion(index, leaves[:k]), root(leaves[k:])]
    return [*inclusion(index - k, leaves[k:]), root(leaves[:k])]


def consistency(old, leaves, whole=True):
    if old == len(leaves):
        return [] if whole else [root(leaves)]
    k = split(len(leaves))
    if old <= k:
        return [*consistency(old, leaves[:k], whole), root(leaves[k:])]
    return [*consistency(old - k, leaves[k:], False), root(leaves[:k])]


def compact_range(leaves):
    hashes = []
    while leaves:
        k = 1 << (len(leaves).bit_length() - 1)
        hashes.append(root(leaves[:k]))
        leaves = leaves[k:]
    return hashes


def tree():
    data = [b"", b"\0", b"\x10", b" !", b"01", b"@ABC", b"PQRSTUVW", b"`abcdefghijklmno"]
    leaves = [leaf(item) for item in data]
    return {
        "leaves": [item.hex() for item in data],
        "leaf_hashes": [item.hex() for item in leaves],
        "roots": [root(leaves[:size]).hex() for size in range(9)],
        "compact_ranges": [[item.hex() for item in compact_range(leaves[:size])] for size in range(9)],
        "inclusion": [
            {"index": index, "size": size, "proof": [item.hex() for item in inclusion(index, leaves[:size])]}
            for size in range(1, 9)
            for index in range(size)
        ],
        "consistency": [
            {"old": old, "new": new, "proof": [item.hex() for item in consistency(old, leaves[:new])]}
            for new in range(1, 9)
            for old in range(1, new + 1)
        ],
    }


def card(party):
    text = (
        f"kouprey.dev/card/v1\nparty {party}\nname {party.split('.')[0].title()} of the test vectors\n"
        f"url https://{party}\nroot {vkey(party + '/root')}\nnode {vkey(party + '/node')}\n"
        f"receipt {vkey(party + '/receipt', 4)}\nage {AGE[party]}\n"
        "identity identity--5f8a3b0e-3a6e-4f0e-9d57-0c4f3c5d7a10\nserial 1\nissued 2026-11-01T00:00:00Z\n"
    )
    return text, note(text, (f"{party}/root", f"{party}/root"))


def agreement():
    document = compact(
        {
            "v": 1,
            "title": "Exchange of the test vectors",
            "parties": [{"id": party, "root": vkey(party + "/root")} for party in (AUTHOR, PEER)],
            "terms": {
                "tlp_ceiling": "amber",
                "types": ["intelligence", "sighting"],
                "purposes": ["defence"],
                "from": "2026-12-01T00:00:00Z",
                "until": "2027-12-01T00:00:00Z",
            },
            "overlap_s": 604800,
        }
    )
    hashed = digest(document.encode())
    name = "agr_" + hashed.hex()[:32]
    text = (
        f"kouprey.dev/agreement/v1\n{name}\nversion 1\nprev -\ndoc {b64(hashed)} {len(document.encode())}\n"
        "in-force 2026-12-01T00:00:00Z\n"
    )
    signed = note(text, *((f"{party}/root", f"{party}/root") for party in (AUTHOR, PEER)))
    later = (
        f"kouprey.dev/agreement/v1\n{name}\nversion 2\nprev {b64(digest(text.encode()))}\n"
        f"doc {b64(hashed)} {len(document.encode())}\nin-force 2027-01-01T00:00:00Z\n"
    )
    notice = (
        f"kouprey.dev/agreement-notice/v1\n{name}\nversion 1\nparty {PEER}\nsuspend\nserial 1\n"
        "at 2026-12-05T00:00:00Z\n"
    )
    return {
        "document": document,
        "agreement": name,
        "text": text,
        "note": signed,
        "version_sha256": digest(text.encode()).hex(),
        "next_text": later,
        "notice": note(notice, (f"{PEER}/root", f"{PEER}/root")),
    }


LABEL = (
    '{"tlp":"green","pap":"clear","kind":"intelligence","purposes":["defence"],"handling":[],"sealed_to":[],'
    '"concerned":[],"not_before":"","exercise":""}'
)


def lane(agreed, author_card):
    genesis = compact(
        {
            "agreement": agreed["agreement"],
            "version": 1,
            "version_sha256": agreed["version_sha256"],
            "author": AUTHOR,
            "audience": [AUTHOR, PEER],
            "class": "bulk",
            "purpose_set": ["defence"],
            "epoch": seed("epoch").hex()[:32],
            "prev": None,
            "reason": "first",
            "root_key_statement": digest(author_card.encode()).hex(),
        }
    )
    origin = "kouprey/1/" + digest(b"kouprey-lane-v1\n" + genesis.encode()).hex()
    bodies = [
        (0, f"application/vnd.kouprey.genesis+json\n\n{genesis}"),
        (1, f"application/stix+json;version=2.1\n{LABEL}\n" + '{"type":"indicator","id":"indicator--1"}'),
        (1, f"text/plain\n{LABEL}\nsecond"),
        (1, f"text/plain\n{LABEL}\nthird"),
        (
            2,
            'application/vnd.kouprey.erase+json\n\n{"targets":[[2,3]],"authority":"court of example","reason":"order"}',
        ),
        (1, f"text/plain\n{LABEL}\nfifth"),
        (7, 'application/vnd.kouprey.close+json\n\n{"size":7,"reason":"roll"}'),
    ]
    entries = []
    for index, (kind, text) in enumerate(bodies):
        body, salt = text.encode(), seed(f"salt {index}")[:16]
        commit = digest(b"KC01" + salt + body)
        at = (SECOND + index) * 1000
        header = struct.pack(">4sBBHQIIQ32s", b"KE01", kind, 0, 0, index, len(body), 1, at, commit)
        entries.append({"kind": kind, "index": index, "at_ms": at, "salt": salt, "body": body, "header": header})
    return genesis, origin, entries


def checkpoint(origin, leaves):
    text = f"{origin}\n{len(leaves)}\n{b64(root(leaves))}\n"
    return text, note(text, (origin, f"{AUTHOR}/node"))


def frame(entry, state):
    content = entry["salt"] + entry["body"] if state == 0 else b""
    return struct.pack(">QBI", entry["index"], state, len(content)) + content


def record(kind, data):
    return struct.pack(">BI", kind, len(data)) + data


def states(start, end):
    """Entry 2 was erased by entry 4; entry 5 is withheld."""
    return [{2: 1, 5: 2}.get(index, 0) for index in range(start, end)]


def manifest_of(origin, name, papers, **ended):
    document = compact(
        {
            "v": 1,
            "parcel": seed(name).hex()[:32],
            "made_by": AUTHOR,
            "made_at": "2026-12-02T00:00:00Z",
            "seq": 1,
            "recipients": [PEER],
            "lanes": [{"origin": origin, "from": 3, "to": 7, **ended}],
            "wants": [{"origin": origin, "from": 0, "to": 1}],
            "papers": digest(papers).hex(),
        }
    )
    return document, sign(f"{AUTHOR}/node", f"kouprey-parcel/1\n{digest(document.encode()).hex()}\n".encode())


def pictures(sealed):
    parts = [sealed[at : at + 700] for at in range(0, len(sealed), 700)]
    mark = digest(sealed).hex()[:8].upper()
    texts = [b32encode(part).decode().rstrip("=") for part in parts]
    return [f"KPX{number}/{len(parts)}/{mark}/{text}" for number, text in enumerate(texts, 1)]


def parcel(origin, entries, leaves, receipt, card_note):
    papers = record(9, b"application/vnd.kouprey.card\n" + card_note.encode()) + record(8, receipt.encode())
    manifest, signature = manifest_of(origin, "parcel", papers)
    ended, ended_signature = manifest_of(origin, "ended", papers, ended=True)
    data = record(1, manifest.encode()) + record(2, signature) + papers
    data += record(3, checkpoint(origin, leaves)[1].encode()) + record(4, b"".join(compact_range(leaves[:3])))
    data += record(5, b"".join(entry["header"] for entry in entries[3:]))
    for entry, state in zip(entries[3:], states(3, 7), strict=True):
        data += record(6, frame(entry, state))
    short = seed("short parcel") * 30
    return {
        "manifest": manifest,
        "signature": signature.hex(),
        "records": (data + record(255, digest(data))).hex(),
        "ended": {"manifest": ended, "signature": ended_signature.hex()},
        "pictures": {"file": short.hex(), "texts": pictures(short)},
    }


def ledger(origin, entries, leaves, receipt, cards, agreed):
    names = {0: "present", 1: "erased", 2: "withheld"}
    lines = [{"type": "ledger", "v": 1, "party": AUTHOR, "made_at": "2026-12-02T00:00:00Z"}]
    lines += [{"type": "card", "note": card_note} for _, card_note in cards]
    lines += [{"type": "agreement", "note": agreed["note"], "document": b64(agreed["document"].encode())}]
    lines += [{"type": "lane", "origin": origin, "size": 7, "checkpoint": checkpoint(origin, leaves)[1]}]
    for entry, state in zip(entries, states(0, 7), strict=True):
        salt, body = (entry["salt"], entry["body"]) if state == 0 else (b"", b"")
        line = {
            "type": "entry",
            "header": b64(entry["header"]),
            "state": names[state],
            "salt": b64(salt),
            "body": b64(body),
        }
        lines.append(line)
    lines.append({"type": "receipt", "party": PEER, **json.loads(receipt)})
    data = "".join(compact(line) + "\n" for line in lines)
    return data + compact({"type": "end", "sha256": digest(data.encode()).hex()}) + "\n"


def refused_headers(header):
    def changed(at, value):
        return (header[:at] + value + header[at + len(value) :]).hex()

    return [
        {"header": changed(0, b"KE02"), "code": "bad-header"},
        {"header": changed(4, b"\x05"), "code": "bad-kind"},
        {"header": changed(4, b"\x0b"), "code": "bad-kind"},
        {"header": changed(5, b"\x02"), "code": "unknown-flag"},
        {"header": changed(6, b"\x01"), "code": "bad-header"},
        {"header": changed(8, b"\x01"), "code": "bad-header"},
        {"header": changed(16, struct.pack(">I", 1_048_577)), "code": "too-large"},
        {"header": changed(20, bytes(4)), "code": "bad-header"},
        {"header": changed(24, b"\xff"), "code": "bad-header"},
        {"header": header[:-1].hex(), "code": "bad-header"},
    ]


def main(folder):
    cards = [card(AUTHOR), card(PEER)]
    agreed = agreement()
    genesis, origin, entries = lane(agreed, cards[0][0])
    leaves = [leaf(entry["header"]) for entry in entries]
    text, signed = checkpoint(origin, leaves)
    receipt = compact({"note": signed + cosignature(text, f"{PEER}/receipt", SECOND + 60), "without": [[2, 3], [5, 6]]})
    proof = consistency(5, leaves)
    answer = struct.pack(">4sQII", b"KH01", 3, 2, len(signed.encode())) + signed.encode()
    for hashes in (compact_range(leaves[:3]), proof):
        answer += bytes([len(hashes)]) + b"".join(hashes)
    answer += b"".join(entry["header"] for entry in entries[3:5])
    files = {
        "tree": tree(),
        "card": {"cards": [{"text": text_, "note": note_} for text_, note_ in cards]},
        "agreement": agreed,
        "entry": {
            "genesis": genesis,
            "origin": origin,
            "tag": origin.removeprefix("kouprey/1/")[:32],
            "entries": [
                {key: value.hex() if isinstance(value, bytes) else value for key, value in entry.items()}
                | {"leaf_hash": leaf_hash.hex()}
                for entry, leaf_hash in zip(entries, leaves, strict=True)
            ],
            "refused_headers": refused_headers(entries[1]["header"]),
        },
        "checkpoint": {
            "origin": origin,
            "node_key": public(f"{AUTHOR}/node").hex(),
            "size": 7,
            "root": root(leaves).hex(),
            "checkpoint": signed,
            "earlier": checkpoint(origin, leaves[:5])[1],
            "receipt_key": vkey(f"{PEER}/receipt", 4),
            "receipt": receipt,
            "receipt_seconds": SECOND + 60,
        },
        "link": {
            "headers_answer": answer.hex(),
            "frames": b"".join(frame(e, s) for e, s in zip(entries, states(0, 7), strict=True)).hex(),
            "states": states(0, 7),
            "papers": (
                struct.pack(">I", len(b"application/vnd.kouprey.card\n" + cards[0][1].encode()))
                + b"application/vnd.kouprey.card\n"
                + cards[0][1].encode()
            ).hex(),
            "slip": {
                "missing": [[120, 340], [512, 513]],
                "size": 900,
                "text": f"please send {origin[10:22]} 120-339 512 of 900",
                "spoken": f"Please send {origin[10:14].upper()} {origin[14:18]}-{origin[18:22]} l2O – 339, 512 of 9oo.",
                "going_on": f"please send {origin[10:22]} from 900",
            },
        },
        "parcel": {"node_key": vkey(f"{AUTHOR}/node"), **parcel(origin, entries, leaves, receipt, cards[1][1])},
    }
    for name, content in files.items():
        text_ = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
        (folder / f"{name}.json").write_text(text_, encoding="utf-8")
    (folder / "ledger.jsonl").write_text(ledger(origin, entries, leaves, receipt, cards, agreed), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
