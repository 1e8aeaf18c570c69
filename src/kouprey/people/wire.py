"""The party card as bytes: a signed note (docs/spec/card.md)."""

from __future__ import annotations

from kouprey.kernel.seal import notes
from kouprey.kernel.seal.keyring import Keyring
from kouprey.kernel.seal.keys import VerifyKey
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.ids import is_party_id, stix_type
from kouprey.people.model import Card

FIRST_LINE = "kouprey.dev/card/v1"
_ONCE = ("party", "name", "serial", "root", "node", "receipt", "age")
_MANY = ("url", "identity")


def render_card(card: Card, keyring: Keyring) -> bytes:
    """The card signed by the party's root key."""
    lines = [FIRST_LINE]
    lines += [f"{word} {getattr(card, word)}" for word in _ONCE]
    lines += [f"url {url}" for url in card.urls]
    lines += [f"identity {identity}" for identity in card.identities]
    text = ("\n".join(lines) + "\n").encode()
    return notes.sign_note(text, [(f"{card.party}/root", keyring.require_root())])


def parse_card(note: bytes) -> Card:
    """Read a card and check that the root key it names signed it; whether to trust it is the caller's question."""
    card = _read(notes.split_note(note)[0])
    root = VerifyKey.parse(card.root)
    notes.open_note(note, [root])
    return card


def _read(text: bytes) -> Card:
    try:
        lines = text.decode("utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise _bad(f"it is not UTF-8 text ({error.reason})") from error
    if not lines or lines[0] != FIRST_LINE:
        raise _bad(f"its first line is not {FIRST_LINE}")
    once: dict[str, str] = {}
    many: dict[str, list[str]] = {word: [] for word in _MANY}
    for line in lines[1:]:
        word, _, rest = line.partition(" ")
        if not rest or any(ord(char) < 32 for char in rest):
            raise _bad(f"line {line[:40]!r} has no value")
        if word in many:
            many[word].append(rest)
        elif word in _ONCE and word not in once:
            once[word] = rest
        else:
            raise _bad(f"line {line[:40]!r} is unknown or stands twice")
    missing = [word for word in _ONCE if word not in once]
    if missing:
        raise _bad(f"it lacks {', '.join(missing)}")
    return _checked(once, many)


def _checked(once: dict[str, str], many: dict[str, list[str]]) -> Card:
    party = once["party"]
    if not is_party_id(party):
        raise _bad(f"{party[:60]!r} is not a party id (a lower-case name such as cert.example)")
    if not once["serial"].isascii() or not once["serial"].isdigit() or len(once["serial"]) > 18:
        raise _bad("its serial is not a number")
    for word in ("root", "node", "receipt"):
        key = VerifyKey.parse(once[word])
        if key.name != f"{party}/{word}":
            raise _bad(f"its {word} key is named {key.name[:60]!r}, not {party}/{word}")
    if not once["age"].startswith("age1"):
        raise _bad("its age recipient does not begin with age1")
    bad = [i for i in many["identity"] if stix_type(i) != "identity"]
    if bad:
        raise _bad(f"{bad[0][:60]!r} is not a STIX identity id")
    for url in many["url"]:
        if not url.startswith(("http://", "https://")) or " " in url:
            raise _bad(f"{url[:60]!r} is not an http(s) address")
    return Card(
        party=party,
        name=once["name"],
        serial=int(once["serial"]),
        root=once["root"],
        node=once["node"],
        receipt=once["receipt"],
        age=once["age"],
        urls=tuple(many["url"]),
        identities=tuple(many["identity"]),
    )


def _bad(why: str) -> Damaged:
    return Damaged(
        "This is not a valid party card.",
        f"Reading stopped because {why}.",
        "Ask the party for the output of `kouprey party card`, unchanged.",
        code="bad-card",
    )
