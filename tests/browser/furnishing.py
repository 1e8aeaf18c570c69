"""What a node has after some weeks of work, so that its pages are looked at full, not only new."""

from __future__ import annotations

import tempfile
from pathlib import Path

import msgspec

from browser.stage import Stage
from kouprey.kernel.words.time import DAY
from kouprey.kernel.words.tlp import TLP
from kouprey.node.actors import wait_until
from kouprey.node.fiction import stix_id
from kouprey.node.watching import identity
from kouprey.people.service import People
from kouprey.response.model.cases import Link, LinkTo, Task, Track
from kouprey.response.service import Cases, HandOffs, Strategies
from response import campaigns

CONTROL = stix_id("indicator", "server-1")
"""An indicator of the operator that the ministry holds."""

LONG = (
    "Betreiberübergreifende-Zusammenarbeitsvereinbarungsdurchführungsbestimmung and a name that goes on and on, "
    "because people do write whole sentences into the names of the things they have found at night"
)


def furnish(stage: Stage) -> None:
    """Weeks of work at the ministry: tokens, a delegation, collections, rules, saved searches, long and old things."""
    at = stage.actors["ministry"].command
    token = at("token", "create", "--party", stage.actors["operator"].party, "--role", "feed", "--clearance", "amber")
    user = token["basic"].partition(":")[0]
    at("token", "create", "--party", stage.actors["ministry"].party, "--role", "analyst", "--clearance", "green")
    words = ["--for", stage.actors["neighbour"].party, "--token", user, "--verb", "read", "--clearance", "green"]
    at("delegation", "record", *words, "--until", "2027-12-31", "--because", "Board resolution 12")
    at("collection", "create", "proxy", "--title", "Indicators for the proxy", "--description", "Read by the gateway.")
    at("collection", "create", "strict-feed", "--title", LONG[:120], "--strict")
    at("search", "lantern", "--save", "The lantern campaign", "--shared")
    at("search", "--type", "indicator", "--save", LONG[:80])
    at("note", CONTROL, "Sinkholed on Monday; the address answers to us now.")
    at("opinion", CONTROL, "strongly-agree", "--because", "Two of our sensors saw the loader ask there.")
    at("sight", CONTROL)
    at("hold", "add", "--object", CONTROL, "--because", "Asked for by the court of Sovan, file 12/26.")
    at("retention", "add", "Gateway lists", "--collection", "proxy", "--days", "400", "--because", "Policy 7")
    at("agreement", "draft", "--title", "Sightings with Talay", "--with", stage.actors["neighbour"].party)
    at("constituent", "add", "gazette.example", "The Gazette of Borei", "--network", "192.0.2.0/27")
    at("constituent", "contact", "gazette.example", "Chan Vanna", "it@gazette.example")
    at("constituent", "token", "gazette.example", "Proxy of the newsroom")
    at("constituent", "write", "gazette.example")
    _pull(stage)
    with tempfile.TemporaryDirectory() as folder:
        for number, objects in enumerate((_work(stage, 1), _work(stage, 2))):
            file = Path(folder) / f"work-{number}.json"
            body = {"type": "bundle", "id": "bundle--6a1d0c5e-2f4b-4f7e-9a57-1f7a0f6b9d21", "objects": objects}
            file.write_bytes(msgspec.json.encode(body))
            at("import", str(file), "--tlp", "green")
        capture = Path(folder) / "beacons of the third week.pcap"
        capture.write_bytes(bytes(range(256)) * 9_000)
        at("file", "give", "Memorandum", str(capture), "--tlp", "green")
    _give_by_a_rule(stage)
    _hand_over(stage)
    _work_cases(stage)


def _work_cases(stage: Stage) -> None:
    """Strategies, somebody without a node who is asked, and two cases: one in the middle of its work, one joined."""
    ministry = stage.actors["ministry"]
    at = ministry.command
    steps = ["Take the page off the net", "Keep the disk as it is", "Tell the press what is known", "Look who else"]
    with ministry.services() as services:
        who = services.get(HandOffs).operator()
        kept = services.get(Strategies).write(
            who,
            name="A page of the government is defaced",
            description="To have the page back within the day, with everything that a court will ask for.",
            steps=steps,
            tlp=TLP.GREEN,
            by="operator",
        )
    contact = at("contact", "add", "Malis Chea", "--team", "Northern Hospital", "--mail", "it@hospital.example")["id"]
    at("contact", "ask", contact, "act", "Say who lost their accounts", "--text", LONG, "--number", "SVN-5")
    words = ("--type", "application-compromise", "--severity", "high", "--cross-border")
    case = str(at("case", "open", "The page of the ministry shows another text", *words, "--strategy", kept)["number"])
    at("case", "write", case, "fact", LONG, "--at", "2026-11-20 23:50", "--offset", "+07:00")
    at("case", "write", case, "observable", "203.0.113.7", "--note", "Where the other text came from")
    at("case", "write", case, "note", "The editor was on leave; somebody else had her password.")
    at("case", "write", case, "link", CONTROL, "--to", "object", "--note", "Found when it was looked up")
    with tempfile.TemporaryDirectory() as folder:
        mail = Path(folder) / "what the editor was sent.eml"
        mail.write_bytes(b"From: somebody\n\nOpen this.\n")
        at("case", "evidence", case, str(mail), "--source", "Mailbox of the press office", "--seal", "S-12")
    at("case", "phase", case, "contained")
    at("strategy", "outcome", kept, "partly", "--case", case, "--words", "Who speaks to the press was not said.")
    other = str(at("case", "open", LONG[:150], "--object", CONTROL)["number"])
    at("case", "merge", other, case)
    alike = str(at("case", "open", "Somebody tries passwords of the press office", "--type", "brute-force")["number"])
    at("case", "write", alike, "observable", "203.0.113.7")
    _say_who_is_behind(stage, case)


def _say_who_is_behind(stage: Stage, case: str) -> None:
    """A campaign against the government, who is said to be behind it, who disagrees, and a case that it changed."""
    ministry = stage.actors["ministry"]
    made = campaigns.objects(confidence=55)
    with ministry.services() as services:
        campaigns.bring(services, made)
        cases, who = services.get(Cases), services.get(HandOffs).operator()
        link = Link(to=LinkTo.OBJECT, ref=campaigns.CAMPAIGN, note="It named the way in", changed=True)
        cases.add(who, case, Track.TECHNICAL, link)
        person = services.get(People).list_persons()[0].id
        cases.keep_lessons(
            who,
            case,
            Track.TECHNICAL,
            "",
            [Task(title="Write a telephone list", who=person, due=cases.now() + 30 * DAY)],
        )
    ministry.command("opinion", campaigns.BEHIND, "disagree", "--because", "The tools are sold to anybody.")


def _hand_over(stage: Stage) -> None:
    """One hand-off is asked of the ministry and asked back about; one it asked itself waits."""
    ministry, operator = stage.actors["ministry"], stage.actors["operator"]
    asking = ("handoff", "ask", "Memorandum")
    ministry.command(
        *asking, operator.party, "act", LONG[:120], "--text", LONG, "--about", CONTROL, "--report-days", "3"
    )
    words = ("Look for the loader in your mail", "--text", "It comes as a calendar file.", "--urgency", "emergency")
    made = operator.command(*asking, ministry.party, "act", *words, "--number", "BR-7")["id"]

    def came() -> bool:
        return any(made.startswith(each["id"]) for each in ministry.command("handoff", "list"))

    wait_until("the request of the operator is there", came)
    ministry.command("handoff", "say", made, "acknowledge", "--number", "SVN-4")
    ministry.command("handoff", "say", made, "query", "--text", "Of which sender?")


def _give_by_a_rule(stage: Stage) -> None:
    """What the ministry writes of techniques goes by itself; a first day of that is over when this returns."""
    at = stage.actors["ministry"].command
    at("search", "--type", "attack-pattern", "--save", "Techniques", "--shared")
    at("rule", "add", "Techniques", "--agreement", "Memorandum")
    at("rule", "start", "Techniques", "--everything", "--yes")
    wait_until("the rule gave something", lambda: at("rule", "show", "Techniques")["days"])


def _pull(stage: Stage) -> None:
    """The ministry pulls a collection of the operator's, as from any TAXII server."""
    operator, ministry = stage.actors["operator"], stage.actors["ministry"]
    feed = operator.command("collection", "create", "public", "--title", "Borei: for everybody")
    token = operator.command("token", "create", "--party", ministry.party, "--role", "feed", "--clearance", "green")
    with tempfile.TemporaryDirectory() as folder:
        secret = Path(folder) / "token"
        secret.write_text(token["token"], "utf-8")
        words = ["--taxii", f"{operator.link_url}/taxii2/api/", "--collection", feed["id"], "--name", "Borei, public"]
        ministry.command(
            "pull", *words, "--token-file", str(secret), "--tlp", "green", "--every", "1h", "--allow-private"
        )


def _work(stage: Stage, edition: int) -> list[dict[str, object]]:
    """Objects of the ministry; the second edition says more of the first of them."""
    author = identity(stage.actors["ministry"])

    def made(kind: str, key: str, /, **values: object) -> dict[str, object]:
        return {
            "type": kind,
            "spec_version": "2.1",
            "id": stix_id(kind, f"furnished-{key}"),
            "created_by_ref": author,
            "created": "2026-11-02T05:00:00.000Z",
            "modified": f"2026-11-0{2 + edition}T05:00:00.000Z",
            **values,
        }

    group = made(
        "intrusion-set",
        "weaver",
        name="Silent Weaver" if edition == 1 else "Silent Weaver (also Loom)",
        description="Prepares attacks on news sites." if edition == 1 else "Prepares attacks on news sites for hire.",
        aliases=["Loom"],
    )
    long = made("malware", "long", name=LONG, is_family=False, description=LONG * 3)
    technique = made(
        "attack-pattern",
        "phishing",
        name="Phishing",
        kill_chain_phases=[{"kill_chain_name": "mitre-attack", "phase_name": "initial-access"}],
        external_references=[{"source_name": "mitre-attack", "external_id": "T1566"}],
    )
    many = [
        made(
            "indicator",
            f"many-{number}",
            name=f"Gateway that is asked at night {number}",
            pattern=f"[ipv4-addr:value = '192.0.2.{number}']",
            pattern_type="stix",
            valid_from="2026-10-01T00:00:00Z",
            valid_until="2026-12-01T00:00:00Z" if number % 3 else "2026-11-20T00:00:00Z",
            indicator_types=["malicious-activity"],
            kill_chain_phases=[{"kill_chain_name": "mitre-attack", "phase_name": "command-and-control"}],
            revoked=number % 17 == 0,
        )
        for number in range(1, 71)
    ]
    ties = [
        made(
            "relationship",
            f"tie-{number}",
            relationship_type="indicates",
            source_ref=each["id"],
            target_ref=(group if number % 2 else long)["id"],
        )
        for number, each in enumerate(many)
    ]
    uses = made("relationship", "uses", relationship_type="uses", source_ref=group["id"], target_ref=technique["id"])
    return [group, long, technique, uses, *many, *ties] if edition == 1 else [group]
