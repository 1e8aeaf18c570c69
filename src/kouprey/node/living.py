"""The chapters on how an agreement lives: who is hosted under it, tightened and amended, released, and measured."""

from __future__ import annotations

import json
import tempfile
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kouprey.constituents.model import LetterState
from kouprey.constituents.pages.letters import Clerk
from kouprey.constituents.service import Constituents
from kouprey.exchange.service import Exchange
from kouprey.kernel.seal.keyring import Keyring
from kouprey.kernel.words.errors import Refused
from kouprey.node import fiction, scenes, watching
from kouprey.node.actors import Actor, wait_until
from kouprey.node.assemble import open_node
from kouprey.node.book import Said, said
from kouprey.node.fiction import BANK, CROSSING, INFECTED, REPORT
from kouprey.node.postbox import Postbox
from kouprey.people.service import People
from kouprey.response.model.reports import Told
from kouprey.response.service import Reports

if TYPE_CHECKING:
    from email.message import EmailMessage

TIGHTENED = "green"
"""Up to which level the neighbour goes on, for its part."""


class Living:
    """Plays chapters for Story, which has these parties and this agreement."""

    ministry: Actor
    operator: Actor
    neighbour: Actor
    actors: tuple[Actor, ...]
    agreement: str
    strategy: str = ""
    case: int = 0
    box: Postbox | None = None
    """Where the mail of the operator's node goes; without one, a chapter opens its own."""

    # a reader without a node

    def take_in_bank(self) -> None:
        """The operator hosts the bank, with somebody to write to, and knows nothing of its networks yet."""
        if not watching.is_hosted(self.operator, BANK):
            self.operator.command("constituent", "add", BANK, fiction.BANK_NAME, "--language", "en")
            self.operator.command("constituent", "contact", BANK, *fiction.BANK_CONTACT)

    def host_bank(self) -> list[Said]:
        """The bank is told of a machine in its network, on a page and by a mail that this machine keeps."""
        self.take_in_bank()
        if not watching.networks(self.operator, BANK):
            self.operator.command("constituent", "networks", BANK, fiction.BANK_NETWORK)
        if not watching.knows(self.operator, [INFECTED]):
            self._import(self.operator, "bank.json", fiction.bank_findings(watching.identity(self.operator)))
        mail = self._write_to_bank()
        text = mail.get_body(("plain",)) if mail is not None else None
        content = "" if text is None else str(text.get_content())
        check(mail is None or fiction.BANK_MACHINE in content, "the mail does not name the machine of the bank")
        check("Wick control server" not in content, "the mail names what is not the bank's")
        seen = watching.concerns(self.operator, BANK)
        check(seen == {INFECTED}, f"the bank is shown {sorted(seen)}")
        told = said("One machine of the bank is named; of all else at the operator nothing concerns it")
        if mail is None:
            return [told, said("The digest has gone before")]
        return [told, said("The digest has arrived: %(subject)s", subject=mail["Subject"])]

    def _write_to_bank(self) -> EmailMessage | None:
        """The digest as it arrived; None when it has arrived before."""
        with Postbox() if self.box is None else nullcontext(self.box) as box:
            before = len(box.came)
            # This process sends it, so that a node in a network of its own needs no way to the postbox.
            node = open_node(self.operator.folder, box.settings(self.operator.party))
            try:
                constituents = node.services.get(Constituents)
                clerk = Clerk(node.services.get(Keyring), self.operator.url)
                constituents.write_now(BANK, by="operator")
                constituents.post(clerk.write)
                # Where the node itself knows the postbox, it may have been the first.
                wait_until("the digest has gone", lambda: not _under_way(constituents))
            finally:
                node.close()
            return box.came[-1] if len(box.came) > before else None

    # alone, and at once

    def tighten(self) -> list[Said]:
        """The neighbour tightens for its part; what the operator would have let it read is closed to it."""
        if not watching.narrowed(self.neighbour, self.agreement):
            why = self._why_neighbour()
            check(why["allowed"], f"the report was not open to the neighbour before: {why['because']}")
            self.neighbour.command("agreement", "tighten", self.agreement, "--tlp", TIGHTENED)
        for actor in (self.operator, self.ministry):
            wait_until(
                f"{actor.party} is told of it",
                lambda actor=actor: watching.narrowed(actor, self.agreement),  # type: ignore[misc]  # mypy cannot infer a lambda with defaults
            )
        why = self._why_neighbour()
        check(not why["allowed"], "the report is still open to the neighbour")
        (reason,) = why["because"]
        check(reason["clause"] == "2", f"the reason names clause {reason['clause']!r}")
        check(watching.knows(self.neighbour, [REPORT]), "what was given before has vanished")
        return [
            said(reason["text"]),
            said("clause %(clause)s; what was given before stays with the neighbour", clause=reason["clause"]),
        ]

    def _why_neighbour(self) -> Any:
        """The decision of the operator's node about its report and the neighbour."""
        return self.operator.command("explain", REPORT, "--for", self.neighbour.party)["decision"]

    # two persons

    def ask_release(self) -> None:
        """All sign the second version; then somebody on duty at the ministry asks for a release."""
        self._amend()
        if not watching.knows(self.ministry, [CROSSING]):
            self._import(self.ministry, "crossing.json", fiction.crossing_findings(watching.identity(self.ministry)))
        if watching.approval_of(self.ministry, CROSSING):
            return
        if not watching.person(self.ministry, fiction.ON_DUTY):
            self.ministry.command("person", "invite", fiction.ON_DUTY, "--role", "duty-officer", "--clearance", "amber")
        with self.ministry.services() as services:
            people, exchange = services.get(People), services.get(Exchange)
            asker = people.get_person(watching.person_in(services, fiction.ON_DUTY))
            report = exchange.publish(self.agreement, [CROSSING], by=asker.id, who=people.reader_of(asker))
        check([each.stix_id for each in report.waiting] == [CROSSING], "it has gone without a second person")

    def release(self) -> list[Said]:
        """A second person lets it go, and it crosses the border."""
        self.ask_release()
        with self.ministry.services() as services:
            people, exchange = services.get(People), services.get(Exchange)
            waiting = [each for each in exchange.list_approvals(exchange.operator()) if each.stix_id == CROSSING]
            releaser = people.get_person(watching.person_in(services, self.ministry.cast.person))
            if waiting:
                check(not watching.knows(self.neighbour, [CROSSING]), "it has crossed before it was released")
                exchange.release(people.reader_of(releaser), [each.id for each in waiting], by=releaser.id)
        wait_until("the neighbour has it", lambda: watching.knows(self.neighbour, [CROSSING]))
        wait_until("both have confirmed it", lambda: not watching.waiting(self.ministry))
        check(watching.approval_of(self.ministry, CROSSING) == "sent", "the approval does not say that it was sent")
        return [
            said("version 2 is in force at all three nodes; the tightening has lapsed"),
            said("asked for by %(one)s, released by %(other)s", one=fiction.ON_DUTY, other=self.ministry.cast.person),
            said("it has reached the neighbour, by the lane alone"),
        ]

    def _amend(self) -> None:
        """Version 2: what is AMBER goes when a liaison officer has released it, and there are targets."""
        if watching.version(self.ministry, self.agreement) < 2:
            if len(watching.signers(self.ministry, self.agreement)) == len(self.actors):
                self._propose_amendment()
            for actor in (self.operator, self.neighbour):
                wait_until(
                    f"version 2 reaches {actor.party}",
                    lambda actor=actor: self.ministry.party in watching.signers(actor, self.agreement, 2),  # type: ignore[misc]  # mypy cannot infer a lambda with defaults
                )
                if actor.party not in watching.signers(actor, self.agreement, 2):
                    actor.command("agreement", "sign", self.agreement, "--yes")
        for actor in self.actors:
            wait_until(
                f"version 2 is in force at {actor.party}",
                lambda actor=actor: watching.version(actor, self.agreement) == 2,  # type: ignore[misc]  # mypy cannot infer a lambda with defaults
            )
            check(not watching.narrowed(actor, self.agreement), f"the tightening goes on at {actor.party}")

    def _propose_amendment(self) -> None:
        with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
            json.dump(
                {
                    "title": {"en": fiction.AGREEMENT_TITLE},
                    "terms": fiction.AMENDED_TERMS,
                    "text": {"en": fiction.AGREEMENT_TEXT},
                },
                file,
            )
            file.flush()
            others = [word for actor in (self.operator, self.neighbour) for word in ("--with", actor.party)]
            words = ("--terms-file", file.name, "--amends", self.agreement, "--propose", "--yes")
            self.ministry.command("agreement", "draft", *others, *words)

    def hand_over(self) -> list[Said]:
        """The ministry asks the neighbour to act; both keep the same record, from the request to its end."""
        asked = self._asked()
        for verb, text in fiction.ANSWERS:
            if verb in asked["said"]:
                continue
            self._wait_for_handoff(self.neighbour, asked)
            self.neighbour.command("handoff", "say", asked["id"], verb, "--text", text)
        wait_until("the report is there", lambda: self._stage(self.ministry, asked["id"]) in ("reported", "closed"))
        if self._stage(self.ministry, asked["id"]) == "reported":
            self.ministry.command("handoff", "say", asked["id"], "confirm", "--text", fiction.THANKS)
        wait_until("the neighbour knows the end", lambda: self._stage(self.neighbour, asked["id"]) == "closed")
        ours, theirs = (actor.command("handoff", "show", asked["id"]) for actor in (self.ministry, self.neighbour))
        told = [[step[0]["id"] for step in each["course"]["steps"]] for each in (ours, theirs)]
        check(told[0] == told[1], "the two tell the course of the hand-off differently")
        check(ours["code"] == theirs["code"], "the two read other words for one hand-off")
        return [
            said("%(count)s messages, the same at both nodes", count=len(told[0])),
            said("words for a call: %(words)s", words=ours["code"]),
        ]

    def _asked(self) -> dict[str, Any]:
        """The request of the story, made once."""
        for flag in ((), ("--ended",)):
            for each in self.ministry.command("handoff", "list", *flag):
                if each["title"] == fiction.REQUEST[0]:
                    shown = self.ministry.command("handoff", "show", each["id"])
                    verbs = [step[0]["verb"] for step in shown["course"]["steps"]]
                    return {"id": shown["asked"]["id"], "said": verbs}
        title, text = fiction.REQUEST
        words = (self.agreement, self.neighbour.party, "act", title, "--text", text, "--about", fiction.PANEL)
        return {"id": self.ministry.command("handoff", "ask", *words)["id"], "said": []}

    def _wait_for_handoff(self, actor: Actor, asked: dict[str, Any]) -> None:
        wait_until(f"the request reaches {actor.party}", lambda: self._stage(actor, asked["id"]))

    def _stage(self, actor: Actor, handoff: str) -> str:
        """Where a hand-off stands at a node, "" while it is unknown there."""
        every = [each for flag in ((), ("--ended",)) for each in actor.command("handoff", "list", *flag)]
        return next((str(each["stage"]) for each in every if handoff.startswith(each["id"])), "")

    # a strategy, and what came of it

    def take_up_strategy(self) -> None:
        """The operator gives a strategy to all; a case of the ministry takes it up, and does three of its steps."""
        self.strategy = watching.strategy_of(self.operator, fiction.STRATEGY)
        if not self.strategy:
            words = (fiction.STRATEGY, *fiction.STEPS, "--description", fiction.STRATEGY_FOR)
            self.strategy = str(self.operator.command("strategy", "write", *words)["id"])
        if not watching.knows(self.ministry, [self.strategy]):
            self.operator.command("publish", "--agreement", self.agreement, self.strategy)
        for actor in (self.ministry, self.neighbour):
            wait_until(
                f"the strategy reaches {actor.party}",
                lambda actor=actor: watching.knows(actor, [self.strategy]),  # type: ignore[misc]  # mypy cannot infer a lambda with defaults
            )
        self.case = watching.case_of(self.ministry, fiction.CASE)
        told = self.tell_ministry()
        if not self.case:
            words = (fiction.CASE, "--summary", fiction.CASE_NOTE, "--severity", "high", "--tlp", "amber+strict")
            opened = self.ministry.command("case", "open", *words, "--strategy", self.strategy)
            self.case = int(opened["number"])
            self.ministry.command("report", "case", str(told), "--into", str(self.case))
        left = watching.open_tasks(self.ministry, self.case)
        done = len(fiction.STEPS) - len(left)
        for task, result in zip(left, fiction.DONE[done:], strict=False):
            self.ministry.command("case", "done", task, result)

    def tell_ministry(self) -> int:
        """A reader of the news site tells the ministry of it, without an account, once; the number of the report."""
        with self.ministry.services() as services:
            told = Told(what=scenes.SEEN_BY_A_READER, where=scenes.SITE)
            reports: Reports = services.get(Reports)
            came, _ = reports.tell(told, once=scenes.ONCE, address=scenes.READER_ADDRESS)
            return int(came.report.number)

    def work_case(self) -> list[Said]:
        """What the case came to is told to the operator; what stands in the case stays at the ministry."""
        self.take_up_strategy()
        if not watching.outcomes(self.ministry, self.strategy):
            words = (self.strategy, "partly", "--case", str(self.case), "--words", fiction.OUTCOME)
            self.ministry.command("strategy", "outcome", *words)
        wait_until("the operator is told", lambda: watching.outcomes(self.operator, self.strategy))
        for actor in (self.operator, self.neighbour):
            check(not watching.case_of(actor, fiction.CASE), f"{actor.party} knows of the case")
        return [
            said("a reader of the site has told it first, without an account"),
            said("%(count)s steps, each a task of case #%(case)s", count=len(fiction.STEPS), case=self.case),
            said("the operator was told: %(words)s", words=watching.outcomes(self.operator, self.strategy)[0]),
            said("the case itself is known at the ministry alone"),
        ]

    # does it work

    def measure(self) -> list[Said]:
        """The figures against the agreed targets, and a paper that the neighbour verifies."""
        rows = self.ministry.command("measures", "show", self.agreement)
        aimed = [each for each in rows if each["target"] is not None]
        missed = [each["measure"] for each in aimed if each["state"] != "met"]
        check(len(aimed) == len(fiction.AMENDED_TERMS["targets"]), f"{len(aimed)} measures have a target")
        with tempfile.TemporaryDirectory() as folder:
            files = self.ministry.command("measures", "print", self.agreement, "--into", folder)
            verified = self.neighbour.command("measures", "verify", files["pdf"], files["note"])
            pdf = Path(files["pdf"])
            pdf.write_bytes(pdf.read_bytes() + b" ")
            try:
                self.neighbour.command("measures", "verify", files["pdf"], files["note"])
            except Refused:
                changed = False
            else:
                changed = True
        check(verified["party"] == self.ministry.party, "another party has signed the paper")
        check(not changed, "a paper that was changed is taken for the one that was signed")
        return [
            said("%(met)s of %(all)s agreed targets are reached", met=len(aimed) - len(missed), all=len(aimed)),
            said(
                "%(quarter)s on one page, signed by the ministry; the neighbour has verified it",
                quarter=verified["quarter"],
            ),
            said("one byte more on the paper, and it is refused"),
        ]

    def _import(self, actor: Actor, name: str, objects: list[dict[str, object]]) -> Any:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / name
            file.write_bytes(fiction.bundle(objects))
            answer = actor.command("import", str(file))
            return answer[0] if isinstance(answer, list) else answer


def _under_way(constituents: Constituents) -> bool:
    return any(
        each.state in (LetterState.WAITING, LetterState.SENDING, LetterState.HANDING)
        for each in constituents.letters(BANK)
    )


def check(holds: object, otherwise: str) -> None:
    """The story does not go on over something that is not so."""
    if not holds:
        raise Refused("The story does not hold.", otherwise, code="story")
