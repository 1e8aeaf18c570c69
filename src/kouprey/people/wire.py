"""What goes out and comes in: the party card, a signed note (docs/spec/card.md); secrets as phones read them."""

from __future__ import annotations

import re

from kouprey.kernel.seal import box, notes, totp
from kouprey.kernel.seal.keyring import Keyring
from kouprey.kernel.seal.keys import ALG_COSIGNATURE, ALG_NOTE, VerifyKey
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.ids import is_party_id, stix_type
from kouprey.kernel.words.time import format_second, parse_instant
from kouprey.people.model import Card

FIRST_LINE = "kouprey.dev/card/v1"
NAME_MAX = 200

# Fields in the order of their lines: the word, the least and the most of them.
_FIELDS = (
    ("party", 1, 1),
    ("name", 1, 1),
    ("url", 0, 1),
    ("root", 1, 1),
    ("node", 1, 4),
    ("receipt", 1, 4),
    ("age", 1, 4),
    ("identity", 0, 16),
    ("serial", 1, 1),
    ("issued", 1, 1),
)


def render_card(card: Card, keyring: Keyring) -> bytes:
    """The card signed by the party's root key."""
    return notes.sign_note(_text(card), [(f"{card.party}/root", keyring.require_root())])


def parse_card(note: bytes) -> Card:
    """Read a card and check that the root key it names signed it; whether to trust it is the caller's question."""
    text = notes.split_note(note)[0]
    card = _checked(_read(text))
    # One text for one card: what a person compares and what a program reads are the same bytes.
    if _text(card) != text:
        raise _bad("it is not written as docs/spec/card.md says")
    notes.open_note(note, [VerifyKey.parse(card.root)])
    return card


def _text(card: Card) -> bytes:
    values = {
        "party": [card.party],
        "name": [card.name],
        "url": card.urls,
        "root": [card.root],
        "node": card.nodes,
        "receipt": card.receipts,
        "age": card.ages,
        "identity": card.identities,
        "serial": [str(card.serial)],
        "issued": [format_second(card.issued)],
    }
    lines = [f"{word} {value}" for word, _, _ in _FIELDS for value in values[word]]
    return "\n".join([FIRST_LINE, *lines, ""]).encode()


def _read(text: bytes) -> dict[str, list[str]]:
    first, *lines = text.decode("utf-8").removesuffix("\n").split("\n")
    if first != FIRST_LINE:
        raise _bad(f"its first line is not {FIRST_LINE}")
    values: dict[str, list[str]] = {word: [] for word, _, _ in _FIELDS}
    for line in lines:
        word, _, rest = line.partition(" ")
        if word not in values or not rest or not is_shown(rest):
            raise _bad(f"line {line[:40]!r} is unknown or has no value")
        values[word].append(rest)
    for word, least, most in _FIELDS:
        if not least <= len(values[word]) <= most:
            raise _bad(f"it has {len(values[word])} lines of {word}; {least} to {most} are allowed")
    return values


def _checked(values: dict[str, list[str]]) -> Card:
    party, name, serial = (values[word][0] for word in ("party", "name", "serial"))
    if not is_party_id(party):
        raise _bad(f"{party[:60]!r} is not a party id (a lower-case name such as cert.example)")
    if not is_name(name):
        raise _bad(f"its name is longer than {NAME_MAX} characters or has blanks around it")
    if not re.fullmatch(r"[1-9][0-9]{0,17}", serial, re.ASCII):
        raise _bad("its serial is not a number")
    for word, alg in (("root", ALG_NOTE), ("node", ALG_NOTE), ("receipt", ALG_COSIGNATURE)):
        for text in values[word]:
            key = VerifyKey.parse(text)
            if (key.name, key.alg) != (f"{party}/{word}", alg):
                raise _bad(f"its {word} key {key.name[:60]!r} has another name or type than {party}/{word}")
    for recipient in values["age"]:
        box.seal(b"", [recipient])
    for identity in values["identity"]:
        if stix_type(identity) != "identity":
            raise _bad(f"{identity[:60]!r} is not a STIX identity id")
    for url in values["url"]:
        if not is_origin(url):
            raise _bad(f"{url[:60]!r} is not the http(s) address of a node")
    try:
        issued = parse_instant(values["issued"][0])
        format_second(issued)
    except (ValueError, OverflowError) as error:
        raise _bad("its issue is not an instant") from error
    return Card(
        party=party,
        name=name,
        serial=int(serial),
        issued=issued,
        root=values["root"][0],
        nodes=tuple(values["node"]),
        receipts=tuple(values["receipt"]),
        ages=tuple(values["age"]),
        url=values["url"][0] if values["url"] else "",
        identities=tuple(values["identity"]),
    )


def is_name(text: str) -> bool:
    """True for a name of a party or person: 1 to 200 printable characters without blanks around them."""
    return 0 < len(text) <= NAME_MAX and is_shown(text) and text == text.strip()


def is_shown(text: str) -> bool:
    """True for text of one line that cannot steer what shows it; Khmer writes its word breaks as U+200B."""
    return text.replace("\u200b", "").isprintable()


def is_origin(text: str) -> bool:
    """True for an http(s) address without blanks, user name, query or fragment."""
    return len(text) <= 500 and re.fullmatch(r"https?://[^\s@?#\\]+", text) is not None


def _bad(why: str) -> Damaged:
    return Damaged(
        "This is not a valid party card.",
        f"Reading stopped because {why}.",
        "Ask the party for the output of `kouprey party card`, unchanged.",
        code="bad-card",
    )


def authenticator_text(secret: bytes) -> str:
    """The secret of an authenticator app as a person types it."""
    return totp.shown(secret)


def authenticator_address(secret: bytes, issuer: str, account: str) -> str:
    """The same as the app reads it from a picture."""
    return totp.address(secret, issuer, account)


def draw(text: str) -> str:
    """A QR code as SVG, dark on white whatever the theme: readers do not know it inverted."""
    # Imported late: drawn once in a person's life.
    import segno

    drawn: str = segno.make(text, error="m", micro=False).svg_inline(scale=5, border=4, dark="#000", light="#fff")
    return drawn
