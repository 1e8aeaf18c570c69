"""What goes out and comes in: cards and root statements, signed notes (docs/spec/card.md); secrets for phones."""

from __future__ import annotations

import re
from base64 import b64encode

from kouprey.kernel.seal import box, notes, totp
from kouprey.kernel.seal.keyring import Keyring
from kouprey.kernel.seal.keys import ALG_COSIGNATURE, ALG_NOTE, SigningKey, VerifyKey, strict_base64
from kouprey.kernel.words.errors import Damaged, KoupreyError
from kouprey.kernel.words.ids import is_party_id, stix_type
from kouprey.kernel.words.time import format_second, parse_instant
from kouprey.people.model import Card, RootStatement

FIRST_LINE = "kouprey.dev/card/v1"
ROOT_LINE = "kouprey.dev/root-statement/v1"
KEEP_MAX = 1_000
"""Texts a root statement keeps: what fits a note."""
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


def render_root_statement(said: RootStatement, before: SigningKey, root: SigningKey) -> bytes:
    """The note, signed by the root key that goes and the one that comes."""
    name = f"{said.party}/root"
    return notes.sign_note(_root_text(said), [(name, before), (name, root)])


def _root_text(said: RootStatement) -> bytes:
    lines = [
        ROOT_LINE,
        f"party {said.party}",
        f"before {said.before}",
        f"root {said.root}",
        *(f"keep {b64encode(each).decode()}" for each in said.keep),
        f"issued {format_second(said.issued)}",
        "",
    ]
    return "\n".join(lines).encode()


def parse_root_statement(note: bytes) -> RootStatement:
    """Read a root statement and check that both keys it names have signed it; Damaged (`bad-note`) otherwise."""
    text = notes.split_note(note)[0]
    try:
        first, party, before, root, *keep, issued, end = text.decode().split("\n")
        said = RootStatement(
            party=_after(party, "party "),
            before=_after(before, "before "),
            root=_after(root, "root "),
            keep=tuple(strict_base64(_after(each, "keep ")) for each in keep),
            issued=parse_instant(_after(issued, "issued ")),
        )
        keys = [VerifyKey.parse(said.before), VerifyKey.parse(said.root)]
        whole = first == ROOT_LINE and not end and _root_text(said) == text
    except (ValueError, OverflowError, KoupreyError) as error:
        raise _bad_root(str(error)) from error
    named = is_party_id(said.party) and {(key.name, key.alg) for key in keys} == {(f"{said.party}/root", ALG_NOTE)}
    hashes = len(said.keep) <= KEEP_MAX and all(len(each) == 32 for each in said.keep)
    if not whole or not named or not hashes or keys[0].public == keys[1].public:
        raise _bad_root("It is not written in the one allowed form.")
    for key in keys:
        notes.open_note(note, [key])
    return said


def _after(line: str, word: str) -> str:
    if not line.startswith(word):
        raise ValueError(f"a line does not begin with {word!r}")
    return line.removeprefix(word)


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


def _bad_root(why: str) -> Damaged:
    return Damaged("A root statement cannot be read.", why, "Ask its party for it again.", code="bad-note")


def authenticator_text(secret: bytes) -> str:
    """The secret of an authenticator app as a person types it."""
    return totp.shown(secret)


def authenticator_address(secret: bytes, issuer: str, account: str) -> str:
    """The same as the app reads it from a picture."""
    return totp.address(secret, issuer, account)
