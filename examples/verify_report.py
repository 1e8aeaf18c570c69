# ruff: noqa: T201 - what a command-line program has to say goes to the terminal
"""Verify a signed report without the software that made it: written from docs/spec alone; needs `cryptography`.

Usage: verify_report.py PDF NOTE CARD [--trust PARTY=ROOTKEY]. Exits with 1 when anything is wrong.
"""

import argparse
import base64
import json
import re
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

HEAD = "kouprey report v1\n"
FIELDS = [
    *("v", "kind", "party", "agreement", "version_sha256", "quarter", "language", "made_at"),
    *("pdf_sha256", "figures_sha256", "figures", "n"),
]
LONGEST = 65_536


def check(good, why):
    if not good:
        raise ValueError(why)


def unbase64(text):
    raw = base64.b64decode(text, validate=True)
    check(base64.b64encode(raw).decode() == text, "base64 is not in its one form")
    return raw


def signed(note, keys):
    """The text of a note that one of these verifier keys has signed; a wrong line of one of them fails the note."""
    check(len(note) <= LONGEST, "the note is too long")
    text, gap, tail = note.decode("utf-8").rpartition("\n\n")
    check(gap and tail.endswith("\n"), "not a signed note")
    text, found = text + "\n", False
    lines = tail[:-1].split("\n")
    check(len(lines) <= 16, "too many signatures")
    for line in lines:
        dash, line_name, blob = line.split(" ")
        check(dash == "\u2014", "not a signature line")
        for name, key_hash, material in (key.split("+", 2) for key in keys):
            raw = unbase64(material)
            due = sha256(name.encode() + b"\n" + raw).hexdigest()[:8]
            check(len(raw) == 33 and raw[0] == 1 and key_hash == due, f"{name}: not a key of type 1")
            if (line_name, unbase64(blob)[:4].hex()) == (name, key_hash):
                Ed25519PublicKey.from_public_bytes(raw[1:]).verify(unbase64(blob)[4:], text.encode())
                found = True
    check(found, "not signed by a key on the card")
    return text


def read_card(note, trusted):
    """(party, node keys) of a card that its root key has signed."""
    lines = note.decode("utf-8").rpartition("\n\n")[0].split("\n")
    check(lines[0] == "kouprey.dev/card/v1", "not a card")
    fields = [tuple(line.split(" ", 1)) for line in lines[1:]]
    party, root = dict(fields)["party"], dict(fields)["root"]
    check(root == trusted.get(party, root) and root.startswith(f"{party}/root+"), f"{party}: another root key")
    signed(note, [root])
    return party, [value for name, value in fields if name == "node" and value.startswith(f"{party}/node+")]


def number(value):
    """A number in its one form: digits only from 1e-5 to below 1e16, else with an exponent without plus or zeros."""
    text = repr(value)
    if "e" not in text:
        return text
    digits, exponent = text.split("e")
    if int(exponent) == -5:
        sign, bare = ("-", digits[1:]) if digits.startswith("-") else ("", digits)
        return f"{sign}0.0000{bare.replace('.', '')}"
    return f"{digits}e{int(exponent)}"


def compact(value, in_order=False):
    """Compact JSON; `in_order` sorts the members of every object by name."""
    if isinstance(value, dict):
        names = sorted(value) if in_order else value
        return "{" + ",".join(f"{compact(name)}:{compact(value[name], in_order)}" for name in names) + "}"
    return number(value) if isinstance(value, float) else json.dumps(value, ensure_ascii=False)


def once(pairs):
    check(len(dict(pairs)) == len(pairs), "JSON with a key twice")
    return dict(pairs)


def read_manifest(text):
    check(text.startswith(HEAD) and text.endswith("}\n"), "not the manifest of a report")
    manifest = json.loads(text[len(HEAD) :], object_pairs_hook=once)
    check(isinstance(manifest, dict) and list(manifest) == FIELDS, "the manifest has other fields, or another order")
    check(f"{HEAD}{compact(manifest)}\n" == text, "the manifest is not written in its one form")
    check((manifest["v"], manifest["kind"]) == (1, "measures"), "a report of another kind or version")
    figures, n = manifest["figures"], manifest["n"]
    check(all(value is None or type(value) is float for value in figures.values()), "a figure is no number")
    check(all(value is None or type(value) is int for value in n.values()), "a count is no whole number")
    check(figures.keys() == n.keys(), "figures and cases are not of the same measures")
    check(re.fullmatch(r"[0-9]{4}-Q[1-4]", manifest["quarter"]), "no quarter")
    said = {"agreement": manifest["agreement"], "quarter": manifest["quarter"], "figures": figures, "n": n}
    check(sha256(compact(said, True).encode()).hexdigest() == manifest["figures_sha256"], "the figures are others")
    return manifest


def verify(pdf, note, card, trusted):
    """The manifest of a report, proven by its card; ValueError or InvalidSignature when it is not."""
    party, keys = read_card(card, trusted)
    manifest = read_manifest(signed(note, keys))
    check(manifest["party"] == party, f"the report is of {manifest['party']}, the card of {party}")
    check(sha256(pdf).hexdigest() == manifest["pdf_sha256"], "the PDF is not the one that was signed")
    return manifest


def main():
    parser = argparse.ArgumentParser(description="Verify a signed report.")
    parser.add_argument("files", nargs=3, metavar="FILE", help="the PDF, its note, and the card of its party")
    parser.add_argument("--trust", action="append", default=[], metavar="PARTY=ROOTKEY", help="a root key you know")
    chosen = parser.parse_args()
    trusted = dict(item.split("=", 1) for item in chosen.trust)
    try:
        manifest = verify(*(Path(file).read_bytes() for file in chosen.files), trusted)
    except Exception as error:  # whatever stops the reading: nothing is proven
        print(f"WRONG: {type(error).__name__} {error}")
        return 1
    print(
        f"{manifest['quarter']} of {manifest['agreement']}, signed by {manifest['party']} at {manifest['made_at']}: OK"
    )
    if manifest["party"] not in trusted:
        print("  compare the root key on the card with the one you know, or name it with --trust")
    for measure, value in manifest["figures"].items():
        n = manifest["n"][measure]
        print(f"  {measure}: {'-' if value is None else number(value)} over {'fewer than five' if n is None else n}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
