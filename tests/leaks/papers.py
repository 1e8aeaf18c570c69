"""What is handed on: tables and papers tell of no few, and a mail bears what its reader may see and mail may carry."""

from __future__ import annotations

import csv
import email
import email.policy
import io
import json
import re
from base64 import b64decode
from collections.abc import Iterator, Mapping
from zipfile import ZipFile

import msgspec

from kouprey.constituents.model import Letter
from kouprey.constituents.pages.letters import Clerk
from kouprey.constituents.service import Constituents
from kouprey.constituents.service.digesting import compose
from kouprey.kernel.net.mail import Relay
from kouprey.kernel.seal.keyring import Keyring
from kouprey.kernel.words.time import FOREVER
from kouprey.kernel.words.tlp import TLP
from kouprey.performance.model import SMALL
from leaks.asking import Answer, Probe
from leaks.examine import Lab
from leaks.oracle import Sight, hidden_from, seen_by
from leaks.things import NOW
from leaks.unpacking import texts_of
from leaks.world import Asker

TABLES = ("/agreements/{agreement}/measures.csv", "/api/v1/agreements/{agreement}/measures/table")
PAPERS = ("/agreements/{agreement}/measures.zip", "/api/v1/agreements/{agreement}/measures/paper")
_CASES = re.compile(r"over ([0-9]+) cases?")
_SHARES = re.compile(r"^Party Objects given Indicators\n((?:.+\n)+?)(?:Herfindahl|How each)", re.MULTILINE)
_RELAY = Relay(host="relay.example", port=25, sender="kouprey@cert.example")


def few_in_tables(lab: Lab, asker: Asker) -> list[str]:
    """Counts below five, and values made of so few, in the tables somebody is given who may not see everything."""
    return [each for door in TABLES for answer in _given(lab, asker, door) for each in _few_in_rows(answer.body)]


def few_on_paper(lab: Lab, asker: Asker) -> list[str]:
    """The same on the papers somebody prints, who may see everything: paper goes on to others."""
    found: list[str] = []
    for answer in (each for door in PAPERS for each in _given(lab, asker, door)):
        note, drawn = _taken_apart(answer)
        found += _few_in_note(note)
        found += [f"the paper says: {each}" for each in _CASES.findall(drawn) if 0 < int(each) < SMALL]
        shares = [line for part in _SHARES.findall(drawn) for line in part.splitlines()]
        assert len(shares) >= 2, "the paper says nothing of what each party gave"
        for line in shares:
            counts = line.replace(f"fewer than {SMALL}", "").split()
            found += [f"the paper says: {line}" for each in counts if each.isdigit() and int(each) in range(1, SMALL)]
    return found


def _given(lab: Lab, asker: Asker, door: str) -> Iterator[Answer]:
    """The answers for each agreement."""
    for agreement in lab.known.agreements:
        answer = lab.world.ask(asker, Probe(door, door.replace("{agreement}", agreement)))
        assert answer.status == 200, f"{door} as {asker.name}: {answer.status}"
        yield answer


def _few_in_rows(table: bytes) -> Iterator[str]:
    for row in csv.DictReader(io.StringIO(table.decode())):
        few = row["n"].startswith("<")
        if (not few and 0 < int(row["n"]) < SMALL) or (few and (row["value"] or row["p90"])):
            yield f"the table says: {row}"


def _few_in_note(note: str) -> Iterator[str]:
    manifest: Mapping[str, Mapping[str, float | None]] = json.loads(note.split("\n")[1])
    for measure, n in manifest["n"].items():
        if (n is not None and 0 < n < SMALL) or (n is None and manifest["figures"][measure] is not None):
            yield f"the note says of {measure}: {n} cases, {manifest['figures'][measure]}"


def _taken_apart(answer: Answer) -> tuple[str, str]:
    """The note, and what is drawn on the paper beside it."""
    if answer.body[:2] == b"PK":
        with ZipFile(io.BytesIO(answer.body)) as archive:
            names = sorted(archive.namelist())
            return archive.read(names[0]).decode(), texts_of(archive.read(names[1]))
    given = json.loads(answer.body)
    return given["note"], texts_of(b64decode(given["pdf"]))


def wrong_in_mail(lab: Lab, constituent: str) -> list[str]:
    """Whatever lies in their networks: what a digest says that it must not, and what it must and does not."""
    services = lab.world.world.node.services
    constituents = services.get(Constituents)
    # Content up to GREEN alone, so that there is something a mail may only count.
    held = msgspec.structs.replace(constituents.get_constituent(constituent), content=TLP.GREEN)
    letter = Letter(contact="", period="", constituent=constituent, after=0, upto=FOREVER - 1)
    contact = constituents.contacts(constituent)[0]
    digest = constituents.digest(held, contact, letter)
    assert digest is not None
    mail = Clerk(services.get(Keyring), "http://127.0.0.1").write(digest)
    parts = _parts(compose(_RELAY, contact, mail, "<1@cert.example>", NOW).as_bytes())
    sight = Sight(constituent, held.clearance, hosted=True)
    shown = [thing for thing in seen_by(sight) if thing.tlp <= held.content]
    above = [thing for thing in seen_by(sight) if thing.tlp > held.content]
    assert shown and above, "there is something to tell, and something only to count"
    unsaid = hidden_from(sight) | {
        canary: f"{what}, above what mail may carry" for thing in above for canary, what in thing.canaries.items()
    }
    wrong = [
        f"the {name} of the mail shows the {why}"
        for name, text in parts.items()
        for canary, why in unsaid.items()
        if canary in text
    ]
    wrong += [
        f"the {name} of the mail does not tell of {thing.key}"
        for name, text in parts.items()
        for thing in shown
        if name != "head" and thing.canary("host") not in text
    ]
    return wrong


def _parts(message: bytes) -> dict[str, str]:
    """A message as its reader's program takes it apart: its head, and each of its forms, decoded."""
    read = email.message_from_bytes(message, policy=email.policy.default)
    assert not read.defects
    found = {"head": "\n".join(f"{name}: {value}" for name, value in read.items())}
    for part in read.walk():
        if not part.is_multipart():
            found[part.get_content_type()] = str(part.get_content())
    assert found.keys() == {"head", "text/plain", "text/html"}
    return found
