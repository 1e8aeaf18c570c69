"""The chapters on what grows on the exchange: logs, hunts, sealed evidence, answers, trainings, readiness."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kouprey.advisories.service import Desk, Statements
from kouprey.kernel.words.time import DAY, format_second, wall_clock
from kouprey.node import fiction, scenes, watching
from kouprey.node.actors import Actor, wait_until
from kouprey.node.book import Said, said
from kouprey.node.living import check
from kouprey.node.sealing import Sealed, speaker

if TYPE_CHECKING:
    pass


class Pillars(Sealed):
    """Plays chapters for Story, after those on how the agreement lives."""

    found: dict[str, str]
    """What paths of the tour name of these chapters, by its name there: alert, hunt, draft, activity."""

    def find_again(self) -> None:
        """What of these chapters an earlier telling has made."""
        for name, made in (("alert", self._alerts()), ("hunt", self._hunts())):
            if made:
                self.found[name] = str(made[0]["id"])
        if activity := self._activity(self.ministry):
            self.found["activity"] = activity

    # what sensors see

    def send_log(self) -> str:
        """The ministry's sensor sends its log, once; the id of the alert on the first server."""
        alerts = self._alerts()
        if not alerts:
            if scenes.SENSOR not in {each["name"] for each in self.ministry.command("watch", "list")}:
                self.ministry.command("watch", "add", scenes.SENSOR, "--format", "zeek-json")
            with tempfile.TemporaryDirectory() as folder:
                file = Path(folder) / "conn.log"
                file.write_bytes(scenes.sensor_log(wall_clock()))
                sent = self.ministry.command("watch", "send", scenes.SENSOR, str(file), "--batch", "the-night")
            check(sent["taken"] == scenes.LOG_LINES and not sent["refused"], f"of the log were taken: {sent}")
            alerts = self._alerts()
        check(len(alerts) == 1, f"the log raised {len(alerts)} alerts, not one")
        self.found["alert"] = str(alerts[0]["id"])
        return self.found["alert"]

    def _alerts(self) -> list[dict[str, Any]]:
        found = self.ministry.command("watch", "alerts")
        return [each for each in found if each["indicator"] == fiction.SERVER]

    def report_sighting(self) -> list[Said]:
        """A line of the ministry's log is the operator's first server; what is told of it comes under a clause."""
        alert = self.send_log()
        if not watching.sightings(self.ministry, fiction.SERVER):
            self.ministry.command("watch", "tell", alert)
        wait_until("the operator knows of the sighting", lambda: watching.sightings(self.operator, fiction.SERVER) > 0)
        wait_until("the neighbour knows too", lambda: watching.sightings(self.neighbour, fiction.SERVER) > 0)
        told = watching.sighted(self.ministry, fiction.SERVER)[0]
        why = self.ministry.command("explain", told, "--for", self.operator.party)["decision"]
        check(why["allowed"], f"the operator may not see the sighting: {why['because']}")
        reason = why["because"][0]
        return [
            said("%(lines)s lines, one of them to the first server", lines=scenes.LOG_LINES),
            said("the operator and the neighbour know of the sighting, and of no line and no machine"),
            said("why they may: %(reason)s", reason=reason["text"]),
        ]

    def warn_hastily(self) -> None:
        """The operator names the portal itself; the ministry spares it, and makes a list that waits for a word."""
        if not watching.knows(self.ministry, [scenes.HASTY]):
            hasty = scenes.hasty_warning(watching.identity(self.operator))
            self._import(self.operator, "hasty.json", hasty)
            self.operator.command("publish", "--agreement", self.agreement, scenes.HASTY)
            wait_until("the warning reaches the ministry", lambda: watching.knows(self.ministry, [scenes.HASTY]))
        if not self._releases():
            self.ministry.command("protect", "allow", scenes.PORTAL, scenes.WHY_SPARED)
            if scenes.SHIELD not in {each["name"] for each in self.ministry.command("protect", "list")}:
                self.ministry.command("protect", "add", scenes.SHIELD, "--title", scenes.GUARDED)
            self.ministry.command("protect", "compile", scenes.SHIELD)

    def block(self) -> list[Said]:
        """A person lets the list go; it blocks the servers, and not the portal that a partner named in haste."""
        self.warn_hastily()
        newest = self._releases()[0]
        if newest["state"] == "waiting":
            newest = self.ministry.command("protect", "approve", scenes.SHIELD, str(newest["serial"]))
        check(newest["state"] == "current", f"the list is {newest['state']}")
        (spared,) = self.ministry.command("protect", "left", scenes.SHIELD, "--text", scenes.PORTAL)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "names.txt"
            self.ministry.command("protect", "write", scenes.SHIELD, "names.txt", "--to", str(file))
            names = file.read_text("utf-8").splitlines()
        check(scenes.NAMED in names and scenes.PORTAL not in names, "the list blocks other names than it should")
        return [
            said(
                "%(names)s names and %(addresses)s addresses are blocked",
                names=newest["names"],
                addresses=newest["addresses"],
            ),
            said("%(name)s is not: %(reason)s", name=spared["text"], reason=spared["by"]),
            said("of a day of logs it would have blocked %(events)s event", events=newest["would_block"]),
        ]

    def has_shield(self) -> bool:
        """Whether somebody has let the list go."""
        return any(each["state"] == "current" for each in self._releases())

    def _releases(self) -> list[dict[str, Any]]:
        """Those of the shield of the story, the newest first; none while there is no shield."""
        if scenes.SHIELD not in {each["name"] for each in self.ministry.command("protect", "list")}:
            return []
        found: list[dict[str, Any]] = self.ministry.command("protect", "show", scenes.SHIELD)
        return found

    def hunt(self) -> list[Said]:
        """The operator asks a week of its records with a rule, and says how often it found the loader."""
        asked = self.ask_records()
        (found,) = self.operator.command("hunt", "show", asked["id"])
        check(found["hits"] == scenes.INFECTIONS, f"the rule found {found['hits']} events")
        if not watching.has_hunted(self.operator, scenes.SIGMA_ID):
            self.operator.command("hunt", "sight", asked["id"], found["rule"], "--tlp", "green")
        return [
            said("%(events)s records asked, %(hits)s of them the loader", events=asked["events"], hits=found["hits"]),
            said("kept as a sighting of an indicator that carries the rule"),
        ]

    def ask_records(self) -> dict[str, Any]:
        """The hunt of the story, asked once: its id, events and hits."""
        if not (hunts := self._hunts()):
            with tempfile.TemporaryDirectory() as folder:
                rule, events = Path(folder) / "loader.yml", Path(folder) / "week.ndjson"
                rule.write_text(scenes.SIGMA, "utf-8")
                events.write_bytes(scenes.records())
                kept = self.operator.command("hunt", "rules", str(rule))
                check(not kept["unrunnable"] and not kept["refused"], f"the rule cannot be run: {kept}")
                self.operator.command("hunt", "run", str(events))
            hunts = self._hunts()
        check(hunts, "the rule found nothing in the records")
        self.found["hunt"] = str(hunts[0]["id"])
        return hunts[0]

    def _hunts(self) -> list[dict[str, Any]]:
        return [each for each in self.operator.command("hunt", "list") if each["hits"]]

    # what everybody is told

    def hear_rumour(self) -> str:
        """A hotline writes the rumour down, and somebody the answer; the draft, "" once it is published."""
        if self._published():
            return ""
        if not watching.person(self.ministry, scenes.SPOKESWOMAN):
            words = ("--role", "communications", "--clearance", "amber")
            self.ministry.command("person", "invite", scenes.SPOKESWOMAN, *words)
        drafts = self.ministry.command("statements", "drafts")
        self.found["draft"] = str(drafts[0]["id"]) if drafts else self._write_answer()
        return self.found["draft"]

    def _write_answer(self) -> str:
        heard = self.ministry.command("statements", "rumour", scenes.RUMOUR, "--from", "hotline")
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "answer.json"
            file.write_text(json.dumps(scenes.ANSWER), "utf-8")
            made = self.ministry.command("statements", "draft", str(file), "--rumour", heard["id"])
        return str(made["id"])

    def answer_rumour(self) -> list[Said]:
        """Two persons let the answer go out; everybody can tell the real one from one that was changed."""
        draft = self.hear_rumour()
        if draft:
            approved = 0
            for name in (self.ministry.cast.person, scenes.SPOKESWOMAN):
                with self.ministry.services() as services:
                    who, desk = speaker(services, name), services.get(Desk)
                    held, _ = desk.get_draft(who, draft)
                    if who.name not in {each.person for each in held.approvals}:
                        held = desk.approve(who, draft, held.revision)
                    approved = len(held.approvals)
            check(approved == 2, f"{approved} persons have approved the answer")
            self.ministry.command("statements", "publish", draft)
        number = self._published()
        wait_until("the operator has the statement", lambda: number in self._mirrored(self.operator))
        text = self.ministry.command("statements", "show", number)["text"]
        real, changed, heard = (
            self.operator.command("statements", "check", each)["finding"]
            for each in (text, text.replace("open", "shut"), scenes.RUMOUR)
        )
        check(real == "authentic", f"the statement is said to be {real} at the operator")
        check(changed == "alike", f"a changed one is said to be {changed}")
        check(heard == "declared", f"the rumour is said to be {heard}")
        return [
            said(
                "%(number)s: %(one)s and %(other)s have approved it",
                number=number,
                one=self.ministry.cast.person,
                other=scenes.SPOKESWOMAN,
            ),
            said("asked at the operator: the forwarded text is authentic, with one word changed it is none"),
            said("whoever pastes the rumour itself finds the answer"),
        ]

    def _published(self) -> str:
        found = [each for each in self.ministry.command("statements", "list") if each["title"] == scenes.ANSWER_TITLE]
        return str(found[0]["id"]) if found else ""

    def _mirrored(self, actor: Actor) -> set[str]:
        """Numbers of what the ministry has said, as another node shows it to everybody."""
        with actor.services() as services:
            statements: Statements = services.get(Statements)
            known = {each.publisher: each.shown for each in statements.mirrors(statements.operator())}
        if self.ministry.party not in known:
            return set()
        if not known[self.ministry.party]:
            actor.command("statements", "mirror", self.ministry.party)
        return {str(each["id"]) for each in actor.command("statements", "list", "--of", self.ministry.party)}

    # what is learnt

    def train(self) -> list[Said]:
        """What the case lacked becomes a training at the ministry, with seats for people of the operator."""
        activity = self.announce()
        if not self._seats(self.operator, activity):
            with tempfile.TemporaryDirectory() as folder:
                file = Path(folder) / "people.txt"
                file.write_text("\n".join(f"{name}; editor on duty" for name in scenes.TRAINEES), "utf-8")
                self.operator.command("capacity", "nominate", activity, str(file))
        wait_until("the nominations reach the ministry", lambda: self._seats(self.ministry, activity))
        if "confirmed" not in self._seats(self.ministry, activity).values():
            self.ministry.command("capacity", "confirm", activity)
        wait_until("the operator knows its seats", lambda: "confirmed" in self._seats(self.operator, activity).values())
        seats = self._seats(self.operator, activity)
        check(seats == self._seats(self.ministry, activity), "the two tell the seats differently")
        check(not self._seats(self.neighbour, activity), "the neighbour knows whom the operator sends")
        states = list(seats.values())
        return [
            said("“%(title)s”, with %(seats)s seats for each party", title=scenes.COURSE, seats=scenes.SEATS),
            said(
                "the operator sends %(seated)s, and %(waiting)s waits",
                seated=states.count("confirmed"),
                waiting=states.count("waiting"),
            ),
            said("the neighbour sees the training, and no name"),
        ]

    def announce(self) -> str:
        """The training of the story, published once and known at all three nodes; its id."""
        found = self._activity(self.ministry)
        if not found:
            words = ("--theme", scenes.THEME, "--year", format_second(wall_clock())[:4], "--answers", fiction.OUTCOME)
            programme = self.ministry.command("capacity", "plan", self.agreement, *words)["id"]
            starts = wall_clock() + 30 * DAY
            days = {name: format_second(at)[:10] for name, at in (("s", starts), ("d", starts - 7 * DAY))}
            self.ministry.command(
                *("capacity", "publish", programme, "--title", scenes.COURSE, "--place", scenes.PLACE),
                *("--starts", f"{days['s']} 09:00", "--ends", f"{days['s']} 17:00", "--deadline", f"{days['d']} 12:00"),
                *("--zone", "Asia/Phnom_Penh", "--seats", str(scenes.SEATS)),
            )
            found = self._activity(self.ministry)
        for actor in (self.operator, self.neighbour):
            wait_until(f"the training reaches {actor.party}", lambda actor=actor: self._activity(actor))  # type: ignore[misc]  # mypy cannot infer a lambda with defaults
        self.found["activity"] = found
        return found

    def _activity(self, actor: Actor) -> str:
        every = actor.command("capacity", "list")
        return next((str(each["id"]) for each in every if each["title"] == scenes.COURSE), "")

    def nominated(self) -> int:
        """How many people of the operator the ministry knows of."""
        return len(self._seats(self.ministry, self.found["activity"]))

    def _seats(self, actor: Actor, activity: str) -> dict[str, str]:
        return {each["name"]: each["state"] for each in actor.command("capacity", "seats", activity)}

    # how it stands

    def confirm_readiness(self) -> list[Said]:
        """What the nodes can prove of an index is proposed; a person confirms it, and anybody can read one line."""
        if not self._stands()["public"]:
            if not self.is_confirmed():
                self.ministry.command("readiness", "confirm", *scenes.EVIDENCE_OF)
            self.ministry.command("readiness", "publish", *scenes.EVIDENCE_OF)
        stands = self._stands()
        check(stands["public"], "nothing is public of it")
        left = self.ministry.command("readiness", "proposed")
        return [
            said("%(count)s more can be proven, and wait for a person's word", count=len(left)),
            said("of NCSI everybody can read %(public)s points of evidence", public=stands["public"]),
        ]

    def is_confirmed(self) -> bool:
        """Whether the node proposes that evidence no more: somebody has confirmed it."""
        proposed = self.ministry.command("readiness", "proposed")
        return scenes.EVIDENCE_OF not in {(each["framework"], each["indicator"]) for each in proposed}

    def _stands(self) -> dict[str, Any]:
        shown: list[dict[str, Any]] = self.ministry.command("readiness", "show")
        return next(each for each in shown if each["framework"] == scenes.EVIDENCE_OF[0])
