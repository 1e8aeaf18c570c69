"""The party card as bytes: a signed note (docs/spec/card.md)."""

from __future__ import annotations

from kouprey.kernel.seal import notes
from kouprey.kernel.seal.keyring import Keyring
from kouprey.kernel.seal.keys import ALG_COSIGNATURE, ALG_NOTE, VerifyKey
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.ids import is_party_id, stix_type
from kouprey.kernel.words.time import format_second, parse_instant
from kouprey.people.model import Card

FIRST_LINE = "kouprey.dev/card/v1"
NAME_MAX = 200

# Word of a line -> how often it stands there, in the order in which the lines stand.
_LINES = {
    "party": (1, 1),
    "name": (1, 1),
    "url": (0, 4),
    "root": (1, 1),
    "node": (1, 4),
    "receipt": (1, 4),
    "age": (1, 4),
    "identity": (0, 16),
    "serial": (1, 1),
    "issued": (1, 1),
}


def render_card(card: Card, keyring: Keyring) -> bytes:
    """The card signed by the party's root key."""
    return notes.sign_note(_text(card), [(f"{card.party}/root", keyring.require_root())])


def parse_card(note: bytes) -> Card:
    """Read a card and check that the root key it names signed it; whether to trust it is the caller's question."""
    text = notes.split_note(note)[0]
    card = _read(text)
    if _text(card) != text:
        raise _bad("its lines are not written in the one allowed form")
    notes.open_note(note, [VerifyKey.parse(card.root)])
    return card


def _text(card: Card) -> bytes:
    values: dict[str, tuple[str, ...]] = {
        "party": (card.party,),
        "name": (card.name,),
        "url": card.urls,
        "root": (card.root,),
        "node": card.nodes,
        "receipt": card.receipts,
        "age": card.ages,
        "identity": card.identities,
        "serial": (str(card.serial),),
        "issued": (format_second(card.issued),),
    }
    lines = [FIRST_LINE, *(f"{word} {value}" for word in _LINES for value in values[word])]
    return ("\n".join(lines) + "\n").encode()


def _read(text: bytes) -> Card:
    try:
        lines = text.decode("utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise _bad(f"it is not UTF-8 text ({error.reason})") from error
    if lines[0] != FIRST_LINE or lines[-1]:
        raise _bad(f"its first line is not {FIRST_LINE}, or its last has no end")
    values: dict[str, list[str]] = {word: [] for word in _LINES}
    for line in lines[1:-1]:
        word, _, rest = line.partition(" ")
        if word not in values or not rest or not rest.isprintable():
            raise _bad(f"line {line[:40]!r} is unknown, empty or not printable")
        values[word].append(rest)
    for word, (least, most) in _LINES.items():
        if not least <= len(values[word]) <= most:
            raise _bad(f"it has {len(values[word])} lines of {word!r}")
    return _checked(values)


def _checked(values: dict[str, list[str]]) -> Card:
    (party,), (name,), (root,), (serial,), (issued,) = (
        values[word] for word in ("party", "name", "root", "serial", "issued")
    )
    if not is_party_id(party):
        raise _bad(f"{party[:60]!r} is not a party id (a lower-case name such as cert.example)")
    if len(name) > NAME_MAX:
        raise _bad(f"its name is longer than {NAME_MAX} characters")
    if not (serial.isascii() and serial.isdigit()) or len(serial) > 18:
        raise _bad("its serial is not a number")
    for word, alg in (("root", ALG_NOTE), ("node", ALG_NOTE), ("receipt", ALG_COSIGNATURE)):
        for vkey in values[word]:
            key = VerifyKey.parse(vkey)
            if key.name != f"{party}/{word}" or key.alg != alg:
                raise _bad(f"its {word} key is {key.name[:60]!r} of type {key.alg}, not {party}/{word} of type {alg}")
    if not all(age.startswith("age1") for age in values["age"]):
        raise _bad("an age recipient does not begin with age1")
    bad = [each for each in values["identity"] if stix_type(each) != "identity"]
    if bad:
        raise _bad(f"{bad[0][:60]!r} is not a STIX identity id")
    for url in values["url"]:
        if not url.startswith(("http://", "https://")) or " " in url:
            raise _bad(f"{url[:60]!r} is not an http(s) address")
    try:
        moment = parse_instant(issued)
    except ValueError as error:
        raise _bad(str(error)) from error
    return Card(
        party=party,
        name=name,
        root=root,
        nodes=tuple(values["node"]),
        receipts=tuple(values["receipt"]),
        ages=tuple(values["age"]),
        urls=tuple(values["url"]),
        identities=tuple(values["identity"]),
        serial=int(serial),
        issued=moment,
    )


def _bad(why: str) -> Damaged:
    return Damaged(
        "This is not a valid party card.",
        f"Reading stopped because {why}.",
        "Ask the party for the output of `kouprey party card`, unchanged.",
        code="bad-card",
    )
