# ruff: noqa: T201 - what a command-line program has to say goes to the terminal
"""Read a parcel without the software that made it: written from docs/spec alone; needs `cryptography` and zstd.

Usage: read_parcel.py PARCEL --key AGEKEYFILE [--trust PARTY=ROOTKEY] [--out FOLDER]. Says who made it for whom, what it
asks for, and verifies every lane in it; with --out each body goes into a file. Exits with 1 when anything is wrong.
"""

import argparse
import base64
import hmac
import struct
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from verify_ledger import (
    NOTE,
    STATES,
    check,
    read_card,
    read_checkpoint,
    read_entry,
    read_root,
    tree_root,
    unjson,
    verifier_key,
)

try:
    from compression.zstd import decompress as _decompress  # of Python itself from 3.14 on
except ImportError:
    import zstandard

    def _decompress(data):
        return zstandard.ZstdDecompressor(max_window_size=8 << 20).decompressobj().decompress(data)


MOST = 1 << 30
"""Bytes of an unpacked parcel at most, as the specification has it."""
MANIFEST = ["v", "parcel", "made_by", "made_at", "seq", "recipients", "lanes", "wants", "papers"]
BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


# age (C2SP age.md)


def secret_keys(text):
    """Of each line `AGE-SECRET-KEY-1…` the 32 bytes: the present key first, then those before it."""
    return [secret_key(each.lower()) for each in text.split() if each.upper().startswith("AGE-SECRET-KEY-1")]


def secret_key(line):
    """The 32 bytes of a line, which is Bech32 (BIP 173)."""
    prefix, _, data = line.rpartition("1")
    digits = [BECH32.index(letter) for letter in data]
    sum_ = 1
    for digit in [*(ord(c) >> 5 for c in prefix), 0, *(ord(c) & 31 for c in prefix), *digits]:
        top, sum_ = sum_ >> 25, (sum_ & 0x1FFFFFF) << 5 ^ digit
        for bit, part in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            sum_ ^= part if top >> bit & 1 else 0
    check(sum_ == 1, "the age key has a typing error")
    number = 0
    for digit in digits[:-6]:
        number = number << 5 | digit
    return (number >> (len(digits) - 6) * 5 - 256).to_bytes(32, "big")


def hkdf(key, salt, info):
    """32 bytes of HKDF-SHA-256 (RFC 5869)."""
    made = hmac.digest(salt or bytes(32), key, "sha256")
    return hmac.digest(made, info + b"\1", "sha256")


def open_age(data, secrets):
    """The plain bytes of an age file for one of several X25519 keys."""
    end = data.index(b"\n--- ") + 1
    lines = data[:end].decode("ascii").split("\n")
    check(lines[0] == "age-encryption.org/v1", "this is not an age file")
    file_key = None
    stanzas = [(line, lines[place + 1]) for place, line in enumerate(lines) if line.startswith("-> X25519 ")]
    for secret, (line, body) in ((secret, stanza) for secret in secrets for stanza in stanzas):
        private = X25519PrivateKey.from_private_bytes(secret)
        own = private.public_key().public_bytes_raw()
        share, wrapped = (base64.b64decode(each + "=" * (-len(each) % 4)) for each in (line.split(" ")[2], body))
        shared = private.exchange(X25519PublicKey.from_public_bytes(share))
        key = hkdf(shared, share + own, b"age-encryption.org/v1/X25519")
        try:
            file_key = ChaCha20Poly1305(key).decrypt(bytes(12), wrapped, None)
        except Exception:
            continue
    check(file_key is not None, "it is sealed to others")
    stop = data.index(b"\n", end)
    mac = base64.b64encode(hmac.digest(hkdf(file_key, b"", b"header"), data[: end + 3], "sha256")).rstrip(b"=")
    check(data[end + 4 : stop] == mac, "the head of the age file was changed")
    key = ChaCha20Poly1305(hkdf(file_key, data[stop + 1 : stop + 17], b"payload"))
    sealed, plain, size = data[stop + 17 :], [], 65_536 + 16
    for count, at in enumerate(range(0, max(len(sealed), 1), size)):
        last = at + size >= len(sealed)
        plain.append(key.decrypt(count.to_bytes(11, "big") + bytes([last]), sealed[at : at + size], None))
    return b"".join(plain)


# the records


def read_records(data):
    """(type, content, head and content) of each record, the last one's hash verified."""
    check(len(data) <= MOST, "it unpacks to too much")
    found, at = [], 0
    while at < len(data):
        kind, length = struct.unpack_from(">BI", data, at)
        content = data[at + 5 : at + 5 + length]
        check(len(content) == length and length <= 64 << 20, "it is cut short")
        if kind == 255:
            check(
                content == sha256(data[:at]).digest() and at + 5 + length == len(data), "its last record does not hold"
            )
            return found
        found.append((kind, content, data[at : at + 5 + length]))
        at += 5 + length
    raise ValueError("it ends too early")


def extend(size, hashes, leaves):
    """The root of a tree whose first `size` leaves have this compact range, with further leaves behind them."""
    stack = [(1 << bit, piece) for bit, piece in zip(sorted(_bits(size), reverse=True), hashes, strict=True)]
    for leaf in leaves:
        stack.append((1, leaf))
        while len(stack) > 1 and stack[-1][0] == stack[-2][0]:
            (count, right), (_, left) = stack.pop(), stack.pop()
            stack.append((2 * count, sha256(b"\1" + left + right).digest()))
    root = stack[-1][1]
    for _, left in reversed(stack[:-1]):
        root = sha256(b"\1" + left + root).digest()
    return root


def _bits(number):
    return [bit for bit in range(number.bit_length()) if number >> bit & 1]


def read_group(records, part, cards):
    """Verify one lane of a parcel; lines that say what it proves, and its bodies by index."""
    origin, first, end = part["origin"], part["from"], part["to"]
    (three, note, _), (four, ranged, _), (five, headers, _) = (next(records) for _ in range(3))
    count = end - first
    shape = (three, four, five) == (3, 4, 5) and len(headers) == 64 * count and len(ranged) == 32 * first.bit_count()
    check(shape and 0 < count <= 1 << 20, "a group has another shape than the manifest says")
    entries = []
    for place in range(count):
        kind, frame, _ = next(records)
        index, state, length = struct.unpack_from(">QBI", frame)
        check(kind == 6 and index == first + place and len(frame) == 13 + length and state < 3, "a body is missing")
        entries.append((headers[64 * place : 64 * place + 64], STATES[state], frame[13 : 13 + length]))
    version = struct.unpack_from(">I", headers, 20)[0]
    leaves, bodies, erased = [], {}, 0
    for index, (header, state, held) in enumerate(entries, first):
        said = {"header": _text(header), "state": state, "salt": _text(held[:16]), "body": _text(held[16:])}
        leaves.append(read_entry(index, said, {"version": version}, origin)[0])
        if state == "present":
            bodies[index] = held[16:]
        erased += state == "erased"
    author = _author(origin, bodies.get(0), cards, note)
    size, root = read_checkpoint(note.decode(), origin, cards[author]["node"])
    pieces = [ranged[at : at + 32] for at in range(0, len(ranged), 32)]
    check(size == end and extend(first, pieces, leaves) == root, "the entries are not those the author signed")
    check(first or tree_root(leaves) == root, "two ways to the root do not agree")
    withheld = count - len(bodies) - erased
    return [
        f"lane {origin}",
        f"  author {author}, entries {first} to {end - 1}, root {_text(root)}",
        f"  bodies: {len(bodies)} present, {erased} erased, {withheld} withheld",
        "  OK",
    ], bodies


def _author(origin, genesis, cards, note):
    """Who writes a lane: its genesis says so; without it whoever's key has signed the checkpoint."""
    if genesis is not None:
        document = genesis.split(b"\n", 2)[2]
        named = "kouprey/1/" + sha256(b"kouprey-lane-v1\n" + document).hexdigest()
        check(named == origin, "the genesis is of another lane")
        return unjson(document)["author"]
    for party, card in cards.items():
        try:
            read_checkpoint(note.decode(), origin, card["node"])
        except ValueError:
            continue
        return party
    raise ValueError("nobody whose card is known here has signed it")


def _text(data):
    return base64.b64encode(data).decode()


def read(data, secrets, trusted, out=None):
    """Verify a whole parcel; lines to print."""
    found = read_records(_decompress(open_age(data, secrets)))
    records = iter(found)
    (one, raw, _), (two, signature, _) = next(records), next(records)
    manifest = unjson(raw)
    check(
        (one, two) == (1, 2) and list(manifest) == MANIFEST and manifest["v"] == 1, "it does not begin with a manifest"
    )
    papers = [record for record in found if record[0] in (8, 9)]
    check(sha256(b"".join(whole for *_, whole in papers)).hexdigest() == manifest["papers"], "its papers are others")
    cards, roots = {}, {}
    for kind, content, _ in papers:
        next(records)
        media_type, _, note = content.partition(b"\n")
        # Statements about root keys stand before the cards that need them.
        if kind == 9 and media_type == b"application/vnd.kouprey.root-statement":
            read_root(note.decode(), roots)
        if kind == 9 and media_type == b"application/vnd.kouprey.card":
            read_card(note.decode(), cards, trusted, roots)
    maker = manifest["made_by"]
    check(maker in cards, f"there is no card of {maker}, who made it")
    message = f"kouprey-parcel/1\n{sha256(raw).hexdigest()}\n".encode()
    check(any(_signs(key, signature, message) for key in cards[maker]["node"]), f"{maker} has not signed the manifest")
    lines = [
        f"parcel {manifest['parcel']}, number {manifest['seq']}, made by {maker} at {manifest['made_at']}",
        f"  for {', '.join(manifest['recipients'])}; {len(papers)} receipts and papers",
        f"  root key {cards[maker]['root']}{'' if maker in trusted else ' (compare it with the one you know)'}",
        *(f"  asks for {part['origin']} {part['from']} to {part['to'] - 1}" for part in manifest["wants"]),
    ]
    for part in manifest["lanes"]:
        told, bodies = read_group(records, part, cards)
        lines += told
        for index, body in bodies.items() if out else ():
            (Path(out) / f"{part['origin'].rpartition('/')[2][:32]}-{index}").write_bytes(body)
    check(next(records, None) is None, "there is more in it than the manifest says")
    return lines


def _signs(key, signature, message):
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except Exception:  # whatever it is, it is no signature by this key
        return False
    return True


def main():
    parser = argparse.ArgumentParser(description="Read and verify a parcel.")
    parser.add_argument("parcel")
    parser.add_argument("--key", required=True, metavar="FILE", help="the file with the age key it is sealed to")
    parser.add_argument("--trust", action="append", default=[], metavar="PARTY=ROOTKEY", help="a root key you know")
    parser.add_argument("--out", metavar="FOLDER", help="write each body into a file here")
    chosen = parser.parse_args()
    trusted = dict(item.split("=", 1) for item in chosen.trust)
    for party, root in trusted.items():
        check(verifier_key(root, NOTE)[0] == f"{party}/root", f"that is no root key of {party}")
    if chosen.out:
        Path(chosen.out).mkdir(exist_ok=True)
    try:
        secrets = secret_keys(Path(chosen.key).read_text())
        print("\n".join(read(Path(chosen.parcel).read_bytes(), secrets, trusted, chosen.out)))
    except Exception as error:  # whatever stops the reading: nothing is proven
        print(f"{chosen.parcel}\n  WRONG: {type(error).__name__} {error}")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
