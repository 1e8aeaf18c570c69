"""What people do by hand in the story: nodes are watched for it and say what is missing, and the story goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from kouprey.advisories.service import Desk
from kouprey.exchange.service import Exchange
from kouprey.node import fiction, scenes, watching
from kouprey.node.actors import Actor, wait_until
from kouprey.node.book import Task
from kouprey.node.by_hand import HANDS
from kouprey.node.cuts import DeadLineCut
from kouprey.node.fiction import BANK, CROSSING, REPORT, SERVER, WARNING, WITNESS
from kouprey.node.hands import HANDED, Watch
from kouprey.node.story import Story
from kouprey.people.service import People

VERIFIER = Path(__file__).parents[2] / "examples" / "verify_ledger.py"


class Hands:
    """A story whose chapters somebody does by hand, as far as that goes."""

    def __init__(self, story: Story, folder: Path) -> None:
        self.story = story
        self.watch = Watch(story, folder)
        self.folder = folder
        self.tasks: list[Task] = []
        self.chapter = ""

    def play(self, key: str) -> None:
        chapter = next(each for each in self.story.chapters if each.key == key)
        assert self.story.play(chapter).seen

    def begin(self, key: str) -> None:
        self.chapter, self.tasks = key, self.watch.begin(key)
        assert [task.text for task in self.tasks] == [deed.text for deed in HANDS[key].deeds]
        assert not self.look()
        assert self.missing(), key

    def seen(self, key: str) -> list[str]:
        return [str(line) for each in self.story.chapters if each.key == key for line in each.seen]

    def look(self) -> bool:
        return self.watch.look(self.chapter, self.tasks)

    def missing(self) -> list[str]:
        return [str(task.missing) for task in self.tasks if not task.done]

    def end(self) -> None:
        """Everything is seen, and playing the chapter finds nothing left to do."""
        wait_until(f"{self.chapter} is seen", self.look)
        assert self.missing() == []
        self.play(self.chapter)


@pytest.fixture
def hands(loopback_actors: Callable[..., dict[str, Actor]], tmp_path: Path) -> Iterator[Hands]:
    story = Story(loopback_actors(), verifier=VERIFIER, cut=DeadLineCut())
    try:
        yield Hands(story, tmp_path)
    finally:
        story.stop()


def test_every_chapter_that_can_be_done_by_hand_is(hands: Hands, tmp_path: Path) -> None:
    story = hands.story
    hands.play("nodes")
    hands.play("nodes")
    hands.play("cards")

    hands.begin("agreement")
    assert all("has not signed yet" in each for each in hands.missing())
    story.operator.command("agreement", "sign", story.agreement, "--yes")
    assert not hands.look() and len(hands.missing()) == 1
    story.neighbour.command("agreement", "sign", story.agreement, "--yes")
    hands.end()

    hands.begin("findings")
    objects = fiction.operator_findings(watching.identity(story.operator))
    bring(story.operator, tmp_path, objects[:10])
    assert not hands.look() and hands.missing() == [f"10 of {len(objects)} objects of the file are there."]
    bring(story.operator, tmp_path, objects)
    # Somebody looks around and brings in more than the story knows of.
    bring(story.operator, tmp_path, fiction.ministry_warnings(watching.identity(story.operator))[1:2])
    hands.end()

    hands.begin("publish")
    story.operator.command("publish", "--agreement", story.agreement, REPORT)
    hands.end()
    assert watching.leaked((story.ministry, story.neighbour), WITNESS) == 0

    hands.begin("sighting")
    story.ministry.command("watch", "tell", story.places()["alert"])
    hands.end()
    assert watching.sightings(story.operator, SERVER) == 1, "what was seen is not said twice"

    hands.begin("mail")
    mail = tmp_path / "mail.txt"
    mail.write_text(fiction.MAIL, "utf-8")
    story.ministry.command("extract", str(mail), "--all", "--kind", "url", "--malicious", "--save", "By hand")
    hands.end()

    hands.begin("bank")
    story.operator.command("constituent", "networks", BANK, fiction.BANK_NETWORK)
    hands.end()
    assert any("TLP:GREEN" in each for each in hands.seen("bank"))
    hands.play("bank")
    assert "The digest has gone before" in hands.seen("bank"), "nobody is written to twice of the same"


def bring(actor: Actor, folder: Path, objects: list[dict[str, object]]) -> None:
    file = folder / "some.json"
    file.write_bytes(fiction.bundle(objects))
    actor.command("import", str(file))


def test_parcels_the_answer_and_the_proof_by_hand(hands: Hands, tmp_path: Path) -> None:
    story = hands.story
    for key in ("nodes", "cards", "agreement", "findings", "publish", "sighting", "mail", "cut"):
        hands.play(key)
    assert watching.tie(story.ministry, story.neighbour).waits[0] == 3
    hands.play("cut")
    wait_until("the ministry has tried in vain", lambda: watching.tie(story.ministry, story.neighbour).state == "cut")
    assert watching.tie(story.ministry, story.operator).state == "works"

    hands.begin("parcel")
    there, back = tmp_path / "there.kpx", tmp_path / "back.kpx"
    story.ministry.command("parcel", "make", story.neighbour.party, "-o", str(there))
    story.neighbour.command("parcel", "read", str(there))
    hands.look()
    assert [task.done for task in hands.tasks] == [True, True, False, False]
    assert hands.missing() == [
        f"No parcel for {story.ministry.cast.name} was made yet.",
        "3 receipts have not come back yet.",
    ]
    story.neighbour.command("parcel", "make", story.ministry.party, "-o", str(back))
    story.ministry.command("parcel", "read", str(back))
    hands.end()

    hands.begin("heal")
    story.neighbour.command("sight", WARNING)
    hands.end()
    wait_until("the link works", lambda: watching.tie(story.neighbour, story.ministry).state == "works")

    hands.begin("tighten")
    story.neighbour.command("agreement", "tighten", story.agreement, "--tlp", "green")
    hands.end()
    assert any(story.neighbour.party in each and "TLP:GREEN" in each for each in hands.seen("tighten"))

    hands.begin("release")
    assert watching.approval_of(story.ministry, CROSSING) == "waiting"
    with story.ministry.services() as services:
        exchange, people = services.get(Exchange), services.get(People)
        (waiting,) = exchange.list_approvals(exchange.operator())
        asker, other = (watching.person_in(services, each) for each in (fiction.ON_DUTY, story.ministry.cast.person))
        (alone,) = exchange.release(people.reader_of(people.get_person(asker)), [waiting.id], by=asker)
        assert alone.state == "left", "whoever asked does not release"
        exchange.release(people.reader_of(people.get_person(other)), [waiting.id], by=other)
    hands.end()

    hands.begin("case")
    assert story.case and hands.missing() == ["The operator has not been told how it went."]
    assert len(watching.open_tasks(story.ministry, story.case)) == 1, "all but the last step are done"
    story.ministry.command("strategy", "outcome", story.strategy, "worked", "--case", str(story.case))
    hands.end()
    assert watching.outcomes(story.operator, story.strategy) == [""], "what was told is not told twice"

    hands.begin("shield")
    (waiting,) = story.ministry.command("protect", "show", scenes.SHIELD)
    assert waiting["asks"] and watching.knows(story.ministry, [scenes.HASTY])
    story.ministry.command("protect", "approve", scenes.SHIELD, str(waiting["serial"]))
    hands.end()
    assert any(scenes.WHY_SPARED in each for each in hands.seen("shield"))

    hands.begin("hunt")
    (found,) = story.operator.command("hunt", "show", story.places()["hunt"])
    story.operator.command("hunt", "sight", found["hunt"], found["rule"], "--tlp", "green")
    hands.end()

    hands.play("dossier")
    hands.play("dossier")
    assert watching.tie(story.ministry, story.neighbour).state == "works"

    hands.begin("rumour")
    with story.ministry.services() as services:
        people, desk = services.get(People), services.get(Desk)
        sophea = people.get_person(watching.person_in(services, story.ministry.cast.person))
        who = msgspec.structs.replace(people.reader_of(sophea), roles=tuple(map(str, sophea.roles)))
        desk.approve(who, story.places()["draft"], 1)
    hands.end()
    assert any("have approved it" in each for each in hands.seen("rumour"))

    hands.begin("training")
    names = tmp_path / "names.txt"
    names.write_text("Somebody Else\nAnd Another\nThe Third", "utf-8")
    story.operator.command("capacity", "nominate", story.places()["activity"], str(names))
    hands.end()
    assert any("sends 2, and 1 waits" in each for each in hands.seen("training"))

    hands.begin("measures")
    story.ministry.command("measures", "print", story.agreement, "--into", str(tmp_path))
    hands.end()

    hands.begin("readiness")
    story.ministry.command("readiness", "confirm", *scenes.EVIDENCE_OF)
    hands.end()

    hands.begin("proof")
    ledger = story.export(story.ministry, tmp_path).read_bytes()
    (tmp_path / HANDED).write_bytes(ledger.replace(b"cert.sovan.example", b"cert.savan.example", 1))
    assert not hands.look() and hands.missing()[0].startswith("The verifier says: ")
    (tmp_path / HANDED).write_bytes(ledger)
    hands.end()


def test_what_is_not_there_is_none(hands: Hands) -> None:
    story = hands.story
    assert not watching.is_founded(story.ministry)
    hands.play("nodes")
    assert watching.is_founded(story.ministry) and watching.holds(story.ministry) == 0
    assert watching.agreement_of(story.ministry, fiction.AGREEMENT_TITLE) == ""
    assert watching.signers(story.ministry, "") == set()
    assert watching.sightings(story.ministry, SERVER) == 0
    assert watching.deeds(story.ministry, "parcel.make") == 0
    assert watching.case_of(story.ministry, fiction.CASE) == 0
    assert watching.strategy_of(story.ministry, fiction.STRATEGY) == ""
    assert watching.outcomes(story.ministry, "course-of-action--00000000-0000-4000-8000-000000000000") == []
    assert watching.tie(story.ministry, story.operator).state == "none"
    assert watching.is_open(story.ministry, story.links["ministry"])
    assert not watching.is_open(story.ministry, f"{story.ministry.url}/sign-in/{'x' * 43}")


@pytest.mark.parametrize(
    ("here", "there", "state"),
    [
        ("works", "works", "works"),
        ("works", "cut", "cut"),
        ("none", "cut", "cut"),
        ("none", "works", "none"),
        ("paused", "works", "paused"),
    ],
)
def test_a_link_is_as_bad_as_its_worse_side(here: str, there: str, state: str) -> None:
    assert watching.worse(here, there) == watching.worse(there, here) == state
