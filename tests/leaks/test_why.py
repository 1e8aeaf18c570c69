"""Whatever rests on an agreement names it: the agreement by its title and the clause by number and name, everywhere.

Every door is asked by somebody who sees everything, and whatever cites a clause there has to cite it whole; a new door
cannot forget it. Below, the places where people and programs have to find the answer to "why?" are listed one by one.
"""

from __future__ import annotations

import ast
import asyncio
import html
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from kouprey.agreements.model import CLAUSES
from kouprey.agreements.model.citing import clause_title
from kouprey.agreements.service import Agreements
from kouprey.federation import store as federation
from kouprey.kernel.cli.frame import run
from kouprey.kernel.words.decision import Reason
from kouprey.kernel.words.tlp import STIX_MARKINGS, TLP
from kouprey.node.main import kouprey
from kouprey.people.model import Role
from kouprey.people.service import People
from leaks.asking import Answer, Asking, Probe
from leaks.oracle import Sight
from leaks.probes import asked_doors, known_of, reads
from leaks.things import HOME, NEIGHBOUR, OPERATOR, THINGS
from leaks.world import Asker, World, found_base, opened

SRC = Path(__file__).parents[2] / "src" / "kouprey"
FIELDS = Reason.__struct_fields__
TITLE = f"Exchange with {OPERATOR}"
STRICT = next(thing for thing in THINGS if thing.key == "strict").ids["malware"]
CAME = next(thing for thing in THINGS if thing.key == "fromneighbour").ids["malware"]
GREEN = next(thing for thing in THINGS if thing.key == "green").ids["malware"]

_LINK = re.compile(r'<a [^>]*href="/agreements/(agr_[^"#/?]+)#clause-(\d+)"[^>]*>(.*?)</a>', re.DOTALL)
_TAG = re.compile(r"<[^>]+>")


def whole(clause: str, title: str) -> str:
    """How pages cite a clause."""
    return f"clause {CLAUSES[clause]} ({clause_title(CLAUSES[clause])}) of “{title}”"


@dataclass
class Stage:
    """A world, and somebody who sees all of it."""

    world: World
    asking: Asking
    program: Asker

    def ask(self, path: str, method: str = "GET", *, query: Any = (), form: Any = (), body: Any = None) -> Answer:
        """The answer to somebody who sees everything; `body` goes out as JSON."""
        content = b"" if body is None else json.dumps(body).encode()
        media = "" if body is None else "application/json"
        probe = Probe(path, path, method, tuple(query), tuple(form), content, media)
        return self.asking.ask(self.program if media else self.world.base.askers["red"], probe)

    def read(self, path: str, method: str = "GET", **more: Any) -> str:
        """What is answered, as people read it."""
        return plain(self.ask(path, method, **more).body.decode())

    def agreement(self, name: str = "operator") -> str:
        return self.world.base.agreements[name]


def plain(text: str) -> str:
    """A page without its markup."""
    return re.sub(r"\s+", " ", html.unescape(_TAG.sub("", text)))


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    loop = asyncio.new_event_loop()
    base = found_base(tmp_path_factory.mktemp("why") / "base")
    with opened(base, base.folder) as world:
        _quarantine(world)
        _, secret = world.node.services.get(People).create_token(HOME, Role.ADMINISTRATOR, TLP.RED, by="operator")
        program = Asker("everything", Sight(HOME, TLP.RED), {"authorization": f"Bearer {secret}"})
        yield Stage(world, Asking(world, loop), program)
    loop.close()


def _quarantine(world: World) -> None:
    """Something that came and was not applied, as the receive gate keeps it."""
    why = "The agreement does not allow this entry. TLP:RED is above the ceiling TLP:AMBER."
    with world.node.store.read() as reader:
        lane = federation.list_lanes(reader, agreement=world.base.agreements["operator"])[0]
    world.node.store.write(lambda tx: federation.quarantine(tx, lane.id, 0, "ceiling", why, world.clock.now))


def test_every_door_that_cites_a_clause_cites_it_whole(stage: Stage) -> None:
    titles = {key: each.title for key, each in stage.world.node.services.get(Agreements).standings().items()}
    known, wrong, cited = known_of(stage.world), [], 0
    for method, door in asked_doors(stage.world.web.doors):
        if method != "GET":
            continue
        for probe in reads(door, known, THINGS[1:7])[:8]:
            answer = stage.asking.ask(stage.world.base.askers["red"], probe)
            text = answer.body.decode("utf-8", "replace")
            for agreement, number, shown in _LINK.findall(text):
                cited += 1
                expected = f"clause {number} ({clause_title(number)}) of “{titles[agreement]}”"
                if plain(shown).strip() != expected:
                    wrong.append(f"{probe.target}: {plain(shown).strip()!r} is not {expected!r}")
            if dict(answer.headers).get("content-type", "").startswith("application/json"):
                wrong += [f"{probe.target}: {each}" for each in _half(json.loads(text))]
    assert cited > 20, "hardly any door cites anything: the walk does not see what it should"
    assert not wrong, "\n".join(dict.fromkeys(wrong))


def _half(value: Any) -> Iterator[str]:
    """What names a clause or an agreement by number or id alone, in an answer to a program."""
    if isinstance(value, dict):
        names = value.get("agreement_title") and value.get("clause_title")
        if value.get("clause") and value.get("agreement") and not names:
            yield f"{sorted(value)} cites clause {value['clause']} without names"
        for each in value.values():
            yield from _half(each)
    elif isinstance(value, list):
        for each in value:
            yield from _half(each)


Place = tuple[Callable[[Stage], str], tuple[str, ...]]
CEILING = whole("tlp_ceiling", TITLE)
LOOSEN = f"Loosen clause 2 of “{TITLE}”: whoever may sign agreements drafts a new version, and all its parties sign it"
LOWER = "Mark it TLP:AMBER or lower: whoever may write at Example CERT decides that"
RELEASE = whole("approvals", TITLE)


def _suspended(stage: Stage, ask: Callable[[], str]) -> str:
    """What is answered while we have suspended the agreement."""
    agreements = stage.world.node.services.get(Agreements)
    agreements.suspend(stage.agreement(), suspended=True, by="operator")
    try:
        return ask()
    finally:
        agreements.suspend(stage.agreement(), suspended=False, by="operator")


def _publish(stage: Stage, stix_id: str) -> str:
    form = [("agreement", stage.agreement())]
    return stage.read(f"/intelligence/{stix_id}/publish", "POST", form=form)


def _publish_by_program(stage: Stage, stix_id: str) -> str:
    body = {"agreement": stage.agreement(), "ids": [stix_id]}
    return stage.ask("/api/v1/publications", "POST", body=body).body.decode()


def _command(stage: Stage, *words: str) -> str:
    """What a command says, run on the very node."""

    @contextmanager
    def opener(_: Any) -> Iterator[Any]:
        yield stage.world.node.services

    out, wrong = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(wrong):
        run(kouprey(), [*words, "--data", str(stage.world.folder)], opener=opener)
    return out.getvalue() + wrong.getvalue()


def _as_table(stage: Stage) -> str:
    exchange = stage.world.exchange
    return b"".join(exchange.export(exchange.operator(), "csv", by="operator")).decode()


def _table_of_a_partner(stage: Stage) -> str:
    exchange, agreements = stage.world.exchange, stage.world.node.services.get(Agreements)
    return b"".join(exchange.export(agreements.party_reader(OPERATOR), "csv", by="operator")).decode()


def _contribute(stage: Stage, tlp: TLP) -> str:
    """A partner's program gives something to a collection under the agreement over TAXII."""
    people, exchange = stage.world.node.services.get(People), stage.world.exchange
    made = stage.world.node.store.write(lambda tx: exchange._of_agreement(tx, stage.agreement()))
    _, secret = people.create_token(OPERATOR, Role.CONTRIBUTOR, TLP.RED, by="operator")
    marking = next(key for key, level in STIX_MARKINGS.items() if level is tlp)
    thing = {
        "type": "tool",
        "spec_version": "2.1",
        "id": "tool--0f1e2d3c-0000-4000-8000-0000000000aa",
        "created": "2026-11-19T09:00:00.000Z",
        "modified": "2026-11-19T09:00:00.000Z",
        "name": "Too high",
        "object_marking_refs": [marking],
    }
    media = "application/taxii+json;version=2.1"
    path = f"/taxii2/api/collections/{made.id}/objects/"
    probe = Probe(path, path, "POST", body=json.dumps({"objects": [thing]}).encode(), media=media)
    asker = Asker("given", Sight(), {"authorization": f"Bearer {secret}"})
    return stage.asking.ask(asker, probe).body.decode()


PLACES: Mapping[str, Place] = {
    # pages
    "the page of an object": (lambda s: s.read(f"/intelligence/{STRICT}"), (CEILING, LOOSEN, LOWER)),
    "an object as a partner sees it": (
        lambda s: s.read(f"/intelligence/{STRICT}", query=[("as", OPERATOR)]),
        (CEILING, LOOSEN, LOWER),
    ),
    "what came, and to whom it may go": (
        lambda s: s.read(f"/intelligence/{CAME}"),
        (whole("onward", f"Exchange with {NEIGHBOUR}"), "Neighbour, who gave it to us, gives it to them itself"),
    ),
    "before publishing": (
        lambda s: s.read(f"/intelligence/{STRICT}/publish", query=[("agreement", s.agreement())]),
        (CEILING, LOOSEN),
    ),
    "after publishing what may not go": (lambda s: _publish(s, STRICT), (CEILING, LOOSEN)),
    "what waits for release": (lambda s: s.read("/approvals"), (RELEASE,)),
    "before a deed on many": (
        lambda s: s.read("/intelligence/many", query=[("do", "publish"), ("id", STRICT), ("agreement", s.agreement())]),
        (CEILING,),
    ),
    "choosing a marking": (lambda s: s.read("/intelligence/new/indicator"), (CEILING,)),
    "foresight": (lambda s: s.read(f"/agreements/{s.agreement()}/foresight"), (CEILING, LOOSEN)),
    "the ledger": (lambda s: s.read("/ledger"), (CEILING,)),
    "the quarantine": (lambda s: s.read("/quarantine"), (CEILING,)),
    "what is said back": (lambda s: s.read("/concerns"), (whole("duties", TITLE),)),
    "the measures": (
        lambda s: s.read(f"/agreements/{s.agreement()}/measures"),
        (whole("targets", TITLE),),
    ),
    "a page that is refused": (
        lambda s: _suspended(s, lambda: _publish(s, GREEN)),
        (whole("suspension", TITLE),),
    ),
    # programs
    "visibility": (
        lambda s: s.ask(f"/api/v1/objects/{STRICT}/visibility").body.decode(),
        (f'"agreement_title":"{TITLE}"', '"clause_title":"Highest marking"', LOOSEN),
    ),
    "publishing by a program": (
        lambda s: _publish_by_program(s, STRICT),
        (f'"agreement_title":"{TITLE}"', '"clause_title":"Highest marking"', LOOSEN),
    ),
    "a refusal to a program": (
        lambda s: _suspended(s, lambda: _publish_by_program(s, GREEN)),
        (f'"title_of_agreement":"{TITLE}"', '"clause":"10"', '"title_of_clause":"Suspension"'),
    ),
    "approvals to a program": (
        lambda s: s.ask("/api/v1/approvals").body.decode(),
        (f'"agreement_title":"{TITLE}"', '"clause_title":"Release"'),
    ),
    "foresight to a program": (
        lambda s: s.ask(f"/api/v1/agreements/{s.agreement()}/foresight").body.decode(),
        (f'"agreement_title":"{TITLE}"', '"clause_title":"Highest marking"'),
    ),
    "the quarantine to a program": (
        lambda s: s.ask("/api/v1/quarantine").body.decode(),
        (f'"agreement_title":"{TITLE}"', '"clause_title":"Highest marking"'),
    ),
    "TAXII, what is too high": (lambda s: _contribute(s, TLP.RED), ("So says clause 2 (Highest marking)", TITLE)),
    "TAXII, while it rests": (
        lambda s: _suspended(s, lambda: _contribute(s, TLP.GREEN)),
        ("So says clause 10 (Suspension)", '"title_of_agreement":"' + TITLE, '"title_of_clause":"Suspension"'),
    ),
    # commands
    "kouprey explain": (lambda s: _command(s, "explain", STRICT, "--for", OPERATOR), (f"So says {CEILING}", LOOSEN)),
    "kouprey publish": (
        lambda s: _command(s, "publish", STRICT, "--agreement", s.agreement()),
        (f"So says {CEILING}", LOOSEN),
    ),
    "a command that is refused": (
        lambda s: _suspended(s, lambda: _command(s, "publish", GREEN, "--agreement", s.agreement())),
        (f"Under:  {whole('suspension', TITLE)}",),
    ),
    # exports
    "a table for us": (_as_table, (f"clause 5 (Passing on) of “{TITLE}”: none",)),
    "a table for a partner": (_table_of_a_partner, (f"clause 2 (Highest marking) of “{TITLE}”",)),
    "the measures as a table": (
        lambda s: s.ask(f"/agreements/{s.agreement()}/measures.csv").body.decode(),
        (TITLE, ",17"),
    ),
    "the record of processing": (
        lambda s: s.read("/processing"),
        (TITLE, "Purposes (clause 4)", "Passing on (clause 5)"),
    ),
}


@pytest.mark.parametrize("place", PLACES)
def test_the_answer_to_why_stands_where_it_is_asked(stage: Stage, place: str) -> None:
    ask, expected = PLACES[place]
    told = ask(stage)
    for each in expected:
        assert each in told, (place, each, told[:9000])


def test_no_ground_is_made_that_knows_its_agreement_and_not_its_title() -> None:
    """Of `Reason`: what names an agreement names its title too, so that it is told wherever the ground goes."""
    wrong = []
    for path in sorted(SRC.rglob("*.py")):
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(call, ast.Call) or getattr(call.func, "id", getattr(call.func, "attr", "")) != "Reason":
                continue
            named = {each.arg for each in call.keywords} | set(FIELDS[: len(call.args)])
            if "agreement" in named and "title" not in named and "onward-unknown" not in ast.dump(call):
                wrong.append(f"{path.relative_to(SRC)}:{call.lineno}")
    assert not wrong, wrong
