"""Write the vectors of statements about keys and of files in parts, from the text alone: nothing of Kouprey.

python make_statements.py [FOLDER]
"""

import json
import struct
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

# By its place: an isolated interpreter looks for no module beside the script.
SPEC = spec_from_file_location("make_vectors", Path(__file__).with_name("make_vectors.py"))
vectors = module_from_spec(SPEC)
SPEC.loader.exec_module(vectors)
AUTHOR, PEER, b64, compact, digest, note, seed, vkey = (
    getattr(vectors, name) for name in ("AUTHOR", "PEER", "b64", "compact", "digest", "note", "seed", "vkey")
)
ROOT, NEXT = f"{AUTHOR}/root", f"{AUTHOR}/root after"
"""The keys by which a statement is signed; the line of both names the party's root."""


def key_line(key, kind=1):
    """The verifier key of the author's root whose seed is that of `key`."""
    public = vectors.public(key)
    return f"{ROOT}+{vectors.key_hash(ROOT, kind, public).hex()}+{b64(bytes([kind]) + public)}"


def root_statement(keep, before=ROOT, root=NEXT, party=AUTHOR):
    kept = "".join(f"keep {b64(each)}\n" for each in keep)
    return (
        f"kouprey.dev/root-statement/v1\nparty {party}\nbefore {key_line(before)}\nroot {key_line(root)}\n"
        f"{kept}issued 2027-01-15T00:00:00Z\n"
    )


def roots(card_text, version_text):
    keep = [digest(card_text.encode()), digest(version_text.encode())]
    text = root_statement(keep)
    both = (ROOT, ROOT), (ROOT, NEXT)
    same = root_statement(keep, root=ROOT)
    odd = text.replace("issued", "Issued")
    return {
        "text": text,
        "note": note(text, *both),
        "before": key_line(ROOT),
        "root": key_line(NEXT),
        "keep": [each.hex() for each in keep],
        "keeps": [card_text, version_text],
        "refused": {
            "the one before has not signed": note(text, (ROOT, NEXT)),
            "the one that follows has not signed": note(text, (ROOT, ROOT)),
            "both keys are one": note(same, (ROOT, ROOT)),
            "another form": note(odd, *both),
            "another party": note(root_statement(keep, party=PEER), *both),
            "a hash that is cut": note(root_statement([keep[0][:31]]), *both),
        },
    }


def keys(origin, root):
    head = f"kouprey.dev/key-statement/v1\nparty {AUTHOR}\n"
    cut = f"after {origin} 7 {b64(root)}\n"
    end = "serial 2\nissued 2026-12-05T00:00:00Z\n"
    texts = {
        "node": f"{head}revoke {vkey(AUTHOR + '/node')}\n{cut}{end}",
        "receipt": f"{head}revoke {vkey(AUTHOR + '/receipt', 4)}\n{cut}{end}",
        "in no lane": f"{head}revoke {vkey(AUTHOR + '/node')}\n{end}",
    }
    wrong = {
        "a root key": f"{head}revoke {key_line(ROOT)}\n{cut}{end}",
        "a lane twice": f"{head}revoke {vkey(AUTHOR + '/node')}\n{cut}{cut}{end}",
        "a key of another party": f"{head}revoke {vkey(PEER + '/node')}\n{cut}{end}",
    }
    signer = (ROOT, ROOT)
    return {
        "root": key_line(ROOT),
        "origin": origin,
        "size": 7,
        "root_of_7": root.hex(),
        "statements": {name: note(text, signer) for name, text in texts.items()},
        "refused": {
            **{name: note(text, signer) for name, text in wrong.items()},
            "signed by another key": note(texts["node"], (ROOT, NEXT)),
        },
    }


def file():
    """Two parts: 1 MiB of one letter, and 300 bytes."""
    parts = [b"k" * 1_048_576, b"parts " * 50]
    salts = [seed(f"part {number}")[:16] for number in range(2)]
    commitments = [digest(b"KC01" + salt + part) for salt, part in zip(salts, parts, strict=True)]
    manifest = {
        "name": "sample.bin",
        "media_type": "application/octet-stream",
        "size": sum(map(len, parts)),
        "sha256": digest(b"".join(parts)).hex(),
        "chunk": 1_048_576,
        "chunks": [each.hex() for each in commitments],
    }
    wrong = {
        "a part too few": {**manifest, "chunks": manifest["chunks"][:1]},
        "another size of parts": {**manifest, "chunk": 65_536},
        "a name with a folder": {**manifest, "name": "../sample.bin"},
        "a field more": {**manifest, "folder": "x"},
        "nothing in it": {**manifest, "size": 0, "chunks": []},
    }
    return {
        "manifest": compact(manifest),
        "last": {"number": 1, "salt": salts[1].hex(), "content": parts[1].hex()},
        "request": compact({"entry": 4, "chunks": [manifest["chunks"][1]]}),
        "answer": (struct.pack(">II", 1, len(parts[1])) + salts[1] + parts[1]).hex(),
        "refused": {name: compact(each) for name, each in wrong.items()},
    }


def main(folder):
    card = vectors.card(AUTHOR)[0]
    agreed = vectors.agreement()
    _, origin, entries = vectors.lane(agreed, card)
    root = vectors.root([vectors.leaf(entry["header"]) for entry in entries])
    made = {"roots": roots(card, agreed["text"]), "keys": keys(origin, root)}
    for name, content in (("statement", made), ("file", file())):
        text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
        (folder / f"{name}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
