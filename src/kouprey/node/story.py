"""The story of an agreement, played over three real nodes: each chapter does something and checks what it claims."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kouprey.kernel.words.errors import Refused
from kouprey.node import fiction
from kouprey.node.actors import Actor, wait_until
from kouprey.node.chapters import CHAPTERS
from kouprey.node.cuts import Cut, ProcessCut


@dataclass
class Chapter:
    """One chapter: its title, what happens in words, and what was seen when it was played."""

    key: str
    title: str
    text: str
    play: Callable[[], list[str]]
    look: tuple[tuple[str, str, str], ...] = ()
    seen: list[str] = field(default_factory=list)
    played: bool = False


class Story:
    """Three parties, one agreement. Chapters are played in order; each checks what it claims and raises otherwise."""

    def __init__(self, actors: Mapping[str, Actor], *, verifier: Path | None = None, cut: Cut | None = None) -> None:
        self.ministry, self.operator, self.neighbour = (actors[cast.key] for cast in fiction.CAST)
        self.actors = (self.ministry, self.operator, self.neighbour)
        self.verifier = verifier
        self.cut = cut or ProcessCut()
        self.agreement = ""
        self.links: dict[str, str] = {}
        self.published = 0
        self.chapters = [
            Chapter(script.key, script.title, script.text, getattr(self, script.plays), script.look)
            for script in CHAPTERS
        ]

    def play(self, chapter: Chapter) -> Chapter:
        """Play one chapter; what it saw is in `seen` afterwards."""
        chapter.seen = chapter.play()
        chapter.played = True
        return chapter

    def stop(self) -> None:
        """End all servers."""
        for actor in self.actors:
            actor.stop()

    # chapters

    def found(self) -> list[str]:
        """Init and start every node, and invite its person."""
        seen = []
        for actor in self.actors:
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
            seconds = actor.start()
            megabytes = actor.memory() / 1e6
            seen.append(
                f"{actor.cast.name}: ready in {seconds:.1f} s, {megabytes:.0f} MB, words {' '.join(made['words'])}"
            )
            self.invite(actor)
        return seen

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

    def exchange_cards(self) -> list[str]:
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
        return [f"{party}: {' '.join(words)}" for party, (_, words) in cards.items()]

    def _trust(self, actor: Actor, other: Actor, card: bytes, words: Sequence[str]) -> None:
        with tempfile.NamedTemporaryFile(suffix=".card") as file:
            file.write(card)
            file.flush()
            trusted = actor.command("party", "trust", file.name, "--yes")
        check(list(trusted["words"]) == list(words), f"{actor.party} reads other words for {other.party}")
        actor.command("link", "add", other.party, other.link_url, "--allow-private")

    def sign_agreement(self) -> list[str]:
        """Draft, propose, and sign by the two others, over the links."""
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
        self.agreement = drafted["agreement"]
        self.ministry.command("agreement", "propose", self.agreement, "--yes")
        for actor in (self.operator, self.neighbour):
            wait_until(f"the proposal reaches {actor.party}", lambda actor=actor: self.state(actor))  # type: ignore[misc]  # mypy cannot infer a lambda with defaults
            actor.command("agreement", "sign", self.agreement, "--yes")
        for actor in self.actors:
            wait_until(
                f"the agreement is in force at {actor.party}",
                lambda actor=actor: self.state(actor) == "in force",  # type: ignore[misc]  # mypy cannot infer a lambda with defaults
            )
        return [f"{self.agreement} is in force at all three nodes"]

    def state(self, actor: Actor) -> str:
        """Where the agreement stands at a node, "" while it is unknown there."""
        from kouprey.agreements.service import Agreements

        with actor.services() as services:
            agreements = services.get(Agreements)
            standing = agreements.standings().get(self.agreement)
            return "" if standing is None else str(standing.state(agreements.now()))

    def import_findings(self) -> list[str]:
        """The operator imports what its SOC found."""
        objects = fiction.operator_findings(self.identity(self.operator))
        report = self._import(self.operator, "paper-lantern.json", objects)
        check(report["new"] == len(objects), f"{report['new']} of {len(objects)} objects were new")
        return [f"{report['new']} objects taken in, {report['refused']} refused"]

    def _import(self, actor: Actor, name: str, objects: list[dict[str, object]]) -> Any:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / name
            file.write_bytes(fiction.bundle(objects))
            answer = actor.command("import", str(file))
            return answer[0] if isinstance(answer, list) else answer

    def identity(self, actor: Actor) -> str:
        """The STIX identity of a party, from its card."""
        from kouprey.people.service import People

        with actor.services() as services:
            return str(services.get(People).home().card.identities[0])

    def publish_findings(self) -> list[str]:
        """The operator publishes all; the agreement keeps the witness back."""
        report = self.operator.command("publish", "--agreement", self.agreement, "--all")
        witness = fiction.stix_id("note", "witness")
        refused = {each["stix_id"]: each["because"][0]["text"] for each in report["refused"]}
        check(witness in refused, "the witness was not kept back")
        self.published = len(report["queued"])
        wait_until("both receipts are held", lambda: not self.waiting(self.operator))
        for actor in (self.ministry, self.neighbour):
            check(self.holds(actor) >= self.published, f"{actor.party} confirmed the findings and does not hold them")
        why = self.operator.command("explain", witness, "--for", self.ministry.party)
        check(not why["decision"]["allowed"], "the ministry may see the witness")
        return [
            f"{self.published} published, {len(refused)} kept back, {len(report['pruned'])} without a reference",
            refused[witness],
        ]

    def holds(self, actor: Actor) -> int:
        """How many versions of objects a node holds."""
        from kouprey.exchange.service import Exchange

        with actor.services() as services:
            exchange = services.get(Exchange)
            return int(exchange.counts(exchange.operator()).total)

    def waiting(self, actor: Actor, party: str = "") -> int:
        """How many entries of a node wait to be confirmed, by a party or by any."""
        from kouprey.federation.service import Federation

        with actor.services() as services:
            waiting = services.get(Federation).ledger.list_waiting()
            return sum(each.total for each in waiting if party in ("", each.party))

    def report_sighting(self) -> list[str]:
        """The ministry has seen the first server; the operator learns it."""
        target = fiction.stix_id("indicator", "server-1")
        self.ministry.command("sight", target, "--count", "3")
        wait_until("the operator knows of the sighting", lambda: self.sightings(self.operator, target) > 0)
        wait_until("the neighbour knows too", lambda: self.sightings(self.neighbour, target) > 0)
        return [f"{target} was seen 3 times at the ministry; the operator and the neighbour know"]

    def sightings(self, actor: Actor, stix_id: str) -> int:
        """How many sightings of an object a node knows."""
        from kouprey.exchange.service import Exchange

        with actor.services() as services:
            exchange = services.get(Exchange)
            return len(exchange.get_object(exchange.operator(), stix_id).sightings)

    def read_mail(self) -> list[str]:
        """The ministry takes values out of a mail, learns which it knows, and keeps what its analyst chooses."""
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "mail.txt"
            file.write_text(fiction.MAIL, "utf-8")
            found = self.ministry.command("extract", str(file), "--all")
            # Every name and address of a story that never was is set aside for documentation.
            false = [each["written"] for each in found if set(each["doubts"]) - {"documentation"}]
            (server,) = [each["value"] for each in found if each["value"] == "198.51.100.7"]
            (known,) = self.ministry.command("lookup", server)["observables"]
            chosen = ("--kind", "url", "--malicious", "--tlp", "amber", "--save", fiction.MAIL_TITLE)
            taken = self.ministry.command("extract", str(file), "--all", *chosen)
        check(self.operator.party in known["sources"], "the ministry does not know that the operator named the server")
        check(len(taken["indicators"]) == 1, f"{len(taken['indicators'])} values were taken from the mail, not 1")
        return [
            f"{len(found)} values in the mail, {len(false)} of them false friends: {', '.join(false)}",
            f"198[.]51[.]100[.]7 is known here: {self.operator.cast.name} has named it",
            "one lure kept as an indicator, with a report",
        ]

    def cut_link(self) -> list[str]:
        """Cut the neighbour off, publish three warnings, and see them wait."""
        wait_until("everything is confirmed before the cut", lambda: not self.waiting(self.ministry))
        self.cut.cut(self.neighbour, [self.ministry, self.operator])
        objects = fiction.ministry_warnings(self.identity(self.ministry))
        self._import(self.ministry, "warnings.json", objects)
        ids = [str(each["id"]) for each in objects]
        report = self.ministry.command("publish", "--agreement", self.agreement, *ids)
        check(len(report["queued"]) == 3, f"{len(report['queued'])} warnings were queued")
        wait_until("the operator has the warnings", lambda: not self.waiting(self.ministry, self.operator.party))
        waiting = self.waiting(self.ministry, self.neighbour.party)
        check(waiting == 3, f"{waiting} are waiting for the neighbour, not 3")
        return [f"{waiting} waiting for {self.neighbour.cast.name}", "the operator has confirmed all of them"]

    def carry_parcels(self) -> list[str]:
        """Carry a parcel to the neighbour, and one with receipts back."""
        with tempfile.TemporaryDirectory() as stick:
            there, back = Path(stick) / "there.kpx", Path(stick) / "back.kpx"
            self.ministry.command("parcel", "make", self.neighbour.party, "-o", str(there))
            read = self.neighbour.command("parcel", "read", str(there))
            check(read["entries"] == 3 and not read["problems"], f"the parcel brought {read}")
            again = self.neighbour.command("parcel", "read", str(there))
            check(again["entries"] == 0, "reading a parcel twice brought something")
            self.neighbour.command("parcel", "make", self.ministry.party, "-o", str(back))
            returned = self.ministry.command("parcel", "read", str(back))
            size = there.stat().st_size
        check(not returned["problems"], f"the returned parcel: {returned['problems']}")
        check(self.waiting(self.ministry, self.neighbour.party) == 0, "receipts did not come by parcel")
        return [f"3 entries in {size} bytes; the receipts came back by parcel: nothing waits any more"]

    def heal_link(self) -> list[str]:
        """Heal the link; the neighbour answers with a sighting, and the ledgers agree."""
        self.cut.heal(self.neighbour, [self.ministry, self.operator])
        target = fiction.stix_id("indicator", "cut-1")
        self.neighbour.command("sight", target)
        wait_until("the ministry knows of it", lambda: self.sightings(self.ministry, target) > 0, seconds=90)
        for actor in self.actors:
            wait_until(f"nothing waits at {actor.party}", lambda actor=actor: not self.waiting(actor), seconds=90)  # type: ignore[misc]  # mypy cannot infer a lambda with defaults
        return ["the link works again; nothing was sent twice, nothing waits", *self._compare()]

    def _compare(self) -> list[str]:
        """All three hold the same lanes up to the same entry; that the roots agree too is for the verifier to say."""
        from kouprey.federation.service import Federation

        heads: dict[str, dict[str, int]] = {}
        for actor in self.actors:
            with actor.services() as services:
                lanes = services.get(Federation).ledger.list_lanes(agreement=self.agreement)
                heads[actor.party] = {lane.origin: lane.signed_size for lane in lanes}
        first = heads[self.ministry.party]
        check(len(first) >= 3, f"only {len(first)} lanes are known")
        for party, held in heads.items():
            check(held == first, f"{party} holds other lanes than the ministry")
        return [f"lane {origin[10:18]} …: {size} entries at all three" for origin, size in first.items()]

    def prove(self) -> list[str]:
        """Export every ledger and let the independent verifier judge."""
        if self.verifier is None:
            raise Refused("The independent verifier is not here.", "It is examples/verify_ledger.py of the repository.")
        with tempfile.TemporaryDirectory() as folder:
            files = []
            for actor in self.actors:
                file = Path(folder) / f"{actor.cast.key}.jsonl"
                actor.command("ledger", "export", str(file), "--agreement", self.agreement)
                self._verify(str(file))
                files.append(str(file))
            for other in files[1:]:
                self._verify("--equal", files[0], other)
        return ["three ledgers verified, all equal"]

    def _verify(self, *words: str) -> None:
        done = subprocess.run([sys.executable, str(self.verifier), *words], capture_output=True, text=True, check=False)
        check(done.returncode == 0, f"the verifier says: {done.stdout}{done.stderr}")


def check(holds: object, otherwise: str) -> None:
    """The story does not go on over something that is not so."""
    if not holds:
        raise Refused("The story does not hold.", otherwise, code="story")
