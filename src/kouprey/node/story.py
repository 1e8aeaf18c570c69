"""The story of an agreement, played over three real nodes: each chapter does something and checks what it claims.

Whatever of a chapter was already done, by hand or by a try that failed, is not done again.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, permutations
from pathlib import Path

from kouprey.kernel.words.errors import Refused, Unreachable
from kouprey.node import fiction, watching
from kouprey.node.actors import Actor, wait_until
from kouprey.node.book import Said, said
from kouprey.node.chapters import CHAPTERS
from kouprey.node.cuts import Cut, ProcessCut
from kouprey.node.fiction import BANK, CROSSING, REPORT, SERVER, WARNING, WITNESS
from kouprey.node.living import check
from kouprey.node.pillars import Pillars
from kouprey.node.sealing import Reading


@dataclass
class Chapter:
    """One chapter: its title, what happens in words, and what was seen when it was played, which took `seconds`."""

    key: str
    title: str
    text: str
    play: Callable[[], list[Said]]
    look: tuple[tuple[str, str, str], ...] = ()
    seen: list[Said] = field(default_factory=list)
    played: bool = False
    seconds: float = 0.0


class Story(Pillars):
    """Three parties, one agreement. Chapters are played in order; each checks what it claims and raises otherwise."""

    def __init__(self, actors: Mapping[str, Actor], *, verifier: Path | None = None, cut: Cut | None = None) -> None:
        self.ministry, self.operator, self.neighbour = (actors[cast.key] for cast in fiction.CAST)
        self.actors = (self.ministry, self.operator, self.neighbour)
        self.verifier = verifier
        self.cut = cut or ProcessCut()
        self.is_cut = False
        self.agreement = ""
        self.links: dict[str, str] = {}
        self.published = 0
        self.readers: dict[str, Reading] = {}
        self.found: dict[str, str] = dict.fromkeys(("alert", "hunt", "draft", "activity"), "")
        self.chapters = [
            Chapter(script.key, script.title, script.text, getattr(self, script.plays), script.look)
            for script in CHAPTERS
        ]

    def play(self, chapter: Chapter) -> Chapter:
        """Play one chapter; what it saw is in `seen` afterwards."""
        begun = time.monotonic()
        try:
            chapter.seen = chapter.play()
        except Unreachable as error:
            if error.code != "waited-in-vain":
                raise
            # What was waited for is one line; why it did not come stands in the nodes, which are gone when it is read.
            raise Unreachable(error.what, watching.trouble(self.actors), error.remedy, code=error.code) from error
        chapter.seconds = time.monotonic() - begun
        chapter.played = True
        return chapter

    def take_up(self) -> None:
        """Find again what an earlier telling has made."""
        self.agreement = watching.agreement_of(self.ministry, fiction.AGREEMENT_TITLE)
        self.strategy = watching.strategy_of(self.ministry, fiction.STRATEGY)
        self.case = watching.case_of(self.ministry, fiction.CASE)
        self.find_again()

    def places(self) -> dict[str, str]:
        """What stands for the names in the paths of the tour."""
        return {
            "agreement": self.agreement,
            "server": SERVER,
            "report": REPORT,
            "witness": WITNESS,
            "warning": WARNING,
            "bank": BANK,
            "crossing": CROSSING,
            "case": str(self.case),
            "strategy": self.strategy,
            **self.found,
        }

    def stop(self) -> None:
        """End all servers."""
        for actor in self.actors:
            actor.stop()

    # chapters

    def set_up(self) -> list[Said]:
        """Init and start every node, and invite its person."""
        seen = []
        for actor in self.actors:
            if watching.is_founded(actor):
                words = watching.words(actor)
            else:
                words = self._init(actor)
            seconds = 0.0 if actor.is_running else actor.start()
            seen.append(
                said(
                    "%(party)s: ready in %(seconds)s s, %(megabytes)s MB, words %(words)s",
                    party=actor.cast.name,
                    seconds=f"{seconds:.1f}",
                    megabytes=f"{actor.memory() / 1e6:.0f}",
                    words=" ".join(words),
                )
            )
            self.invite(actor)
        return seen

    def _init(self, actor: Actor) -> list[str]:
        made = actor.command(
            "init",
            str(actor.folder),
            "--party",
            actor.party,
            "--name",
            actor.cast.name,
            "--listen",
            actor.address,
            "--url",
            actor.url,
            *(("--database", actor.database) if actor.database else ()),
            *(("--guard-database", actor.guard) if actor.guard else ()),
        )
        return [str(word) for word in made["words"]]

    def invite(self, actor: Actor) -> None:
        """A one-time link for the person of this party."""
        invited = actor.command(
            "person",
            "invite",
            actor.cast.person,
            "--role",
            actor.cast.role,
            "--role",
            "administrator",
            "--clearance",
            "red",
        )
        self.links[actor.cast.key] = invited["link"]

    def exchange_cards(self) -> list[Said]:
        """Everybody trusts everybody's card and sets up a link."""
        cards = {}
        for actor in self.actors:
            with actor.services() as services:
                from kouprey.people.service import People

                people = services.get(People)
                cards[actor.party] = (people.home().note, people.fingerprint(actor.party))
        for actor in self.actors:
            for other in self.actors:
                if other is not actor:
                    self._trust(actor, other, *cards[other.party])
        # Only now, when everybody knows everybody: who calls a node that does not know it yet is refused.
        for actor, other in permutations(self.actors, 2):
            actor.command("link", "add", other.party, other.link_url, "--allow-private")
        for actor, other in combinations(self.actors, 2):
            what = f"{actor.party} and {other.party} reach each other"
            wait_until(what, lambda one=actor, two=other: watching.tie(one, two).state == "works", seconds=150)  # type: ignore[misc]  # mypy cannot infer a lambda with defaults
        return [
            said("%(party)s: %(words)s", party=actor.cast.name, words=" ".join(cards[actor.party][1]))
            for actor in self.actors
        ]

    def _trust(self, actor: Actor, other: Actor, card: bytes, words: Sequence[str]) -> None:
        with tempfile.NamedTemporaryFile(suffix=".card") as file:
            file.write(card)
            file.flush()
            trusted = actor.command("party", "trust", file.name, "--yes")
        check(list(trusted["words"]) == list(words), f"{actor.party} reads other words for {other.party}")

    def propose(self) -> None:
        """Draft the agreement and propose it, over the links, to the two others."""
        self.take_up()
        if not self.agreement:
            self.agreement = self._draft()
        if self.ministry.party not in watching.signers(self.ministry, self.agreement):
            self.ministry.command("agreement", "propose", self.agreement, "--yes")
        for actor in (self.operator, self.neighbour):
            wait_until(f"the proposal reaches {actor.party}", lambda actor=actor: self.state(actor))  # type: ignore[misc]  # mypy cannot infer a lambda with defaults

    def _draft(self) -> str:
        with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as text:
            text.write(fiction.AGREEMENT_TEXT)
            text.flush()
            drafted = self.ministry.command(
                "agreement",
                "draft",
                "--title",
                fiction.AGREEMENT_TITLE,
                "--with",
                self.operator.party,
                "--with",
                self.neighbour.party,
                "--tlp",
                "amber",
                "--text-file",
                f"en={text.name}",
            )
        return str(drafted["agreement"])

    def sign_agreement(self) -> list[Said]:
        """Draft, propose, and sign by the two others, over the links."""
        self.propose()
        for actor in (self.operator, self.neighbour):
            if actor.party not in watching.signers(actor, self.agreement):
                actor.command("agreement", "sign", self.agreement, "--yes")
        for actor in self.actors:
            wait_until(
                f"the agreement is in force at {actor.party}",
                lambda actor=actor: self.state(actor) == "in force",  # type: ignore[misc]  # mypy cannot infer a lambda with defaults
            )
        return [said("%(agreement)s is in force at all three nodes", agreement=self.agreement)]

    def state(self, actor: Actor) -> str:
        """Where the agreement stands at a node, "" while it is unknown there."""
        return watching.state(actor, self.agreement)

    def import_findings(self) -> list[Said]:
        """The operator imports what its SOC found."""
        objects = fiction.operator_findings(watching.identity(self.operator))
        report = self._import(self.operator, "paper-lantern.json", objects)
        held = watching.knows(self.operator, [str(each["id"]) for each in objects])
        check(held == len(objects), f"{held} of {len(objects)} objects are held")
        return [said("%(held)s objects taken in, %(refused)s refused", held=held, refused=report["refused"])]

    def publish_findings(self) -> list[Said]:
        """The operator publishes all; the agreement keeps the witness back."""
        # Anything that somebody has brought in beside the story is none of its business.
        ids = [str(each["id"]) for each in fiction.operator_findings(watching.identity(self.operator))]
        report = self.operator.command("publish", "--agreement", self.agreement, *ids)
        refused = {each["stix_id"]: each["because"][0]["text"] for each in report["refused"]}
        check(set(refused) == {WITNESS}, "not the witness alone was kept back")
        self.published = len(ids) - len(refused)
        wait_until("both receipts are held", lambda: not self.waiting(self.operator))
        given = [each for each in ids if each not in refused]
        for actor in (self.ministry, self.neighbour):
            check(watching.knows(actor, given) == len(given), f"{actor.party} confirmed the findings and lacks some")
            check(not watching.knows(actor, [WITNESS]), f"{actor.party} holds the witness")
        why = self.operator.command("explain", WITNESS, "--for", self.ministry.party)
        check(not why["decision"]["allowed"], "the ministry may see the witness")
        return [
            said("%(published)s published, %(kept)s kept back", published=len(given), kept=len(refused)),
            said(refused[WITNESS]),
        ]

    def waiting(self, actor: Actor, party: str = "") -> int:
        """How many entries of a node wait to be confirmed, by a party or by any."""
        return watching.waiting(actor, party)

    def read_mail(self) -> list[Said]:
        """The ministry takes values out of a mail, learns which it knows, and keeps what its analyst chooses."""
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "mail.txt"
            file.write_text(fiction.MAIL, "utf-8")
            found = self.ministry.command("extract", str(file), "--all")
            # Every name and address of a story that never was is set aside for documentation.
            false = [each["written"] for each in found if set(each["doubts"]) - {"documentation"}]
            (server,) = [each["value"] for each in found if each["value"] == "198.51.100.7"]
            (known,) = self.ministry.command("lookup", server)["observables"]
            if not self.has_lure():
                chosen = ("--kind", "url", "--malicious", "--tlp", "amber", "--save", fiction.MAIL_TITLE)
                self.ministry.command("extract", str(file), "--all", *chosen)
        check(self.operator.party in known["sources"], "the ministry does not know that the operator named the server")
        check(self.has_lure(), "the lure was not kept")
        return [
            said(
                "%(count)s values in the mail, %(false)s of them false friends: %(names)s",
                count=len(found),
                false=len(false),
                names=", ".join(false),
            ),
            said(
                "%(server)s is known here: %(party)s has named it",
                server="198[.]51[.]100[.]7",
                party=self.operator.cast.name,
            ),
            said("one lure kept as an indicator, with a report"),
        ]

    def has_lure(self) -> bool:
        """Whether somebody at the ministry has kept the address of the mail."""
        found = self.ministry.command("lookup", fiction.LURE)["observables"]
        # What was made here has whoever made it as its source.
        partners = {self.operator.party, self.neighbour.party}
        return any(set(each["sources"]) - partners for each in found)

    def cut_link(self) -> list[Said]:
        """Cut the neighbour off, publish three warnings, and see them wait."""
        objects = fiction.ministry_warnings(watching.identity(self.ministry))
        ids = [str(each["id"]) for each in objects]
        if not self.is_cut:
            wait_until("everything is confirmed before the cut", lambda: not self.waiting(self.ministry))
            self.cut.cut(self.neighbour, [self.ministry, self.operator])
            self.is_cut = True
        self._import(self.ministry, "warnings.json", objects)
        self.ministry.command("publish", "--agreement", self.agreement, *ids)
        wait_until("the operator has the warnings", lambda: not self.waiting(self.ministry, self.operator.party))
        waiting = self.waiting(self.ministry, self.neighbour.party)
        check(waiting >= 3, f"{waiting} are waiting for the neighbour, not 3")
        return [
            said("%(waiting)s waiting for %(party)s", waiting=waiting, party=self.neighbour.cast.name),
            said("the operator has confirmed all of them"),
        ]

    def carry_parcels(self) -> list[Said]:
        """Carry a parcel to the neighbour, and one with receipts back."""
        waited = self.waiting(self.ministry, self.neighbour.party)
        with tempfile.TemporaryDirectory() as stick:
            there, back = Path(stick) / "there.kpx", Path(stick) / "back.kpx"
            self.ministry.command("parcel", "make", self.neighbour.party, "-o", str(there))
            read = self.neighbour.command("parcel", "read", str(there))
            check(read["entries"] <= waited and not read["problems"], f"the parcel brought {read}")
            again = self.neighbour.command("parcel", "read", str(there))
            check(again["entries"] == 0, "reading a parcel twice brought something")
            self.neighbour.command("parcel", "make", self.ministry.party, "-o", str(back))
            returned = self.ministry.command("parcel", "read", str(back))
            size = there.stat().st_size
        check(not returned["problems"], f"the returned parcel: {returned['problems']}")
        check(watching.knows(self.neighbour, [WARNING]), "the neighbour does not hold the warning")
        check(self.waiting(self.ministry, self.neighbour.party) == 0, "receipts did not come by parcel")
        if not waited:
            return [said("carried by hand: the neighbour holds the warnings, and nothing waits any more")]
        return [
            said(
                "%(entries)s entries in %(bytes)s bytes; the receipts came back by parcel: nothing waits any more",
                entries=waited,
                bytes=size,
            )
        ]

    def heal_link(self) -> list[Said]:
        """Heal the link; the neighbour answers with a sighting, and the ledgers agree."""
        self.reconnect()
        if not watching.sightings(self.neighbour, WARNING):
            self.neighbour.command("sight", WARNING)
        wait_until("the ministry knows of it", lambda: watching.sightings(self.ministry, WARNING) > 0, seconds=90)
        for actor in self.actors:
            wait_until(f"nothing waits at {actor.party}", lambda actor=actor: not self.waiting(actor), seconds=90)  # type: ignore[misc]  # mypy cannot infer a lambda with defaults
        return [said("the link works again; nothing was sent twice, nothing waits"), *self._compare()]

    def _compare(self) -> list[Said]:
        """All three hold the same lanes up to the same entry; that the roots agree too is for the verifier to say."""
        first = watching.lanes(self.ministry, self.agreement)
        check(len(first) >= 3, f"only {len(first)} lanes are known")
        for actor in self.actors[1:]:
            check(watching.lanes(actor, self.agreement) == first, f"{actor.party} holds other lanes than the ministry")
        return [
            said("lane %(lane)s …: %(size)s entries at all three", lane=origin[10:18], size=size)
            for origin, size in first.items()
        ]

    def prove(self) -> list[Said]:
        """Export every ledger and let the independent verifier judge."""
        with tempfile.TemporaryDirectory() as folder:
            files = [self.export(actor, Path(folder)) for actor in self.actors]
            pairs = [("--equal", files[0], other) for other in files[1:]]
            for words in [*((file,) for file in files), *pairs]:
                wrong = self.judge(*map(str, words))
                check(not wrong, f"the verifier says: {wrong}")
        return [said("three ledgers verified, all equal")]

    def export(self, actor: Actor, folder: Path) -> Path:
        """The ledger of a party as a file."""
        file = folder / f"{actor.cast.key}.jsonl"
        actor.command("ledger", "export", str(file), "--agreement", self.agreement)
        return file

    def judge(self, *words: str) -> str:
        """What the independent verifier has against these files, "" for nothing."""
        if self.verifier is None:
            raise Refused("The independent verifier is not here.", "It is examples/verify_ledger.py of the repository.")
        done = subprocess.run([sys.executable, str(self.verifier), *words], capture_output=True, text=True, check=False)
        return "" if done.returncode == 0 else f"{done.stdout}{done.stderr}".strip() or "no"
