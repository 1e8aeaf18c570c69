"""What a node has after some weeks of work, so that its pages are looked at full, not only new."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from browser.furnishing_advisories import furnish_statements
from browser.furnishing_capacity import furnish_capacity
from browser.furnishing_disclose import furnish_disclose, release
from browser.furnishing_hunt import furnish_hunts
from browser.furnishing_playbooks import furnish_playbooks
from browser.furnishing_proceedings import keep_a_dossier
from browser.furnishing_protect import furnish_shields
from browser.furnishing_readiness import furnish_readiness
from browser.furnishing_watch import furnish_watch
from browser.stage import Stage
from kouprey.kernel.seal import box
from kouprey.kernel.words.time import DAY
from kouprey.kernel.words.tlp import TLP
from kouprey.node.actors import Actor, wait_until
from kouprey.node.fiction import stix_id
from kouprey.node.watching import identity
from kouprey.people.model import Role
from kouprey.people.service import People
from kouprey.response.model.cases import Link, LinkTo, Task, Track
from kouprey.response.model.notices import About, Often
from kouprey.response.model.sealed import Opener
from kouprey.response.service import Cases, HandOffs, Notices, Strategies
from kouprey.response.service.sealing import seal_file
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
    _know_each_other(stage)
    _work_cases(stage)
    _take_reports(stage)
    furnish_hunts(stage)
    furnish_watch(stage)
    furnish_shields(stage)
    furnish_readiness(stage)
    furnish_statements(stage)
    furnish_playbooks(stage)
    keep_a_dossier(stage)
    furnish_capacity(stage)


def _take_reports(stage: Stage) -> None:
    """Mails of every kind of end, and something told by the form."""
    ministry = stage.actors["ministry"]
    head = f"From: Malis Chea <malis@hospital.example>\nSubject: {LONG[:140]}\nMessage-ID: <1@hospital.example>\n"
    mails = (
        f"{head}Content-Type: multipart/mixed; boundary=x\n\n--x\n\n{LONG}\nhttp://evil-login.com/pay setup.exe\n--x\n"
        "Content-Type: application/zip\nContent-Disposition: attachment; filename=invoice of the third week.zip\n"
        "\nPK\n--x--\n",
        f"From: mallory@evil.example\nSubject: [{ministry.party} #1] let me in\n\nOnly words.\n",
        "From: feed@shadow.example\nPrecedence: bulk\nSubject: Hosts of yours that speak too much\n\n45.33.32.156\n",
        "no mail at all",
    )
    with tempfile.TemporaryDirectory() as folder:
        for number, text in enumerate(mails):
            (Path(folder) / f"{number}.eml").write_text(text)
        ministry.command("report", "take", folder)
    ministry.command("report", "abandon", "3", "Our own scanner")


def _know_each_other(stage: Stage) -> None:
    """Profiles of both, a shift, a decline that names somebody else, and a drill in each direction."""
    ministry, operator = stage.actors["ministry"], stage.actors["operator"]
    about = {"phone": "+855 23 555 0100", "mail": "duty@team.example", "zone": "Asia/Phnom_Penh", "duty_shown": True}
    texts = dict.fromkeys(("mission", "incidents", "disclosure", "members"), LONG)
    for actor, more in (
        (ministry, {"domains": ["gov.example"], "asns": [64500]}),
        (operator, texts | {"prefixes": [f"203.0.113.{number}/32" for number in range(40)], "hours": "always"}),
    ):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "profile.json"
            file.write_bytes(msgspec.json.encode(about | more))
            actor.command("directory", "own", str(file), "--verified")
        actor.command("directory", "publish")
        actor.command("drill", "send", (operator if actor is ministry else ministry).party)
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    times = [f"{today + timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}" for days in (0, 2, 3, 9)]
    ministry.command("roster", "add", "Sokha Chan", *times[:2], "--reach", "+855 23 555 0111")
    ministry.command("roster", "add", LONG[:120], *times[2:], "--reach", "+855 23 555 0112")
    asked = ("handoff", "ask", "Memorandum", operator.party, "act", "Take the page down", "--text", LONG)
    made = ministry.command(*asked, "--about", "198.51.100.7")["id"]
    wait_until(
        "the request about the page is there",
        lambda: any(made.startswith(each["id"]) for each in operator.command("handoff", "list")),
    )
    words = ("--text", LONG, "--reason", "not-competent", "--other", stage.actors["neighbour"].party)
    operator.command("handoff", "say", made, "decline", *words)
    wait_until("what the operator declined is there", lambda: bool(ministry.command("directory", "proposals")))
    wait_until("the drill of the operator is there", lambda: bool(ministry.command("drill", "asked")))
    wait_until(
        "the profile of the operator is there",
        lambda: any(row["party"] == operator.party and row["phone"] for row in ministry.command("directory", "list")),
    )


def _begin_clocks(at: Any, case: str) -> None:
    """Two laws on a case: one with a report that was sent and answered, one whose clocks stand."""
    since = ("--known", "2026-11-20 23:50", "--offset", "+07:00", "--by", "The duty officer", "--why", LONG)
    duty = at("duty", "start", case, "malaysia-act-854", *since)["id"]
    at("duty", "write", duty, "supplementary", "--line", "hosts=web-1.ministry.example", "--line", f"impact={LONG}")
    sent = at("duty", "send", duty, "supplementary", "portal", "--reference", "NC4-2026-17")["id"]
    at("duty", "answer", duty, "supplementary", sent, "revision-required", "--words", "Which sector is it?")
    other = at("duty", "start", case, "eu-nis2", *since)["id"]
    at("duty", "stop", other, "It is no essential entity.")


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
    _watch(ministry, case)
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
    _begin_clocks(at, case)
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


def _watch(ministry: Actor, case: str) -> None:
    """Everybody who works on cases watches one, and mails say that something waits."""
    with ministry.services() as services:
        people, notices = services.get(People), services.get(Notices)
        # Whoever looks at the pages comes later, and finds what waited meanwhile.
        people.save_person("Chan Tester", tuple(Role), TLP.RED, by="test")
        for person in people.list_persons():
            who = HandOffs.speaker(people.reader_of(person), tuple(map(str, person.roles)))
            if services.get(Cases).reads(who):
                notices.watch(who, case, watching=True)
                notices.choose(who, tuple(About), Often.DAILY, "somebody@sovan.example")


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
    _disclose(stage)
    furnish_disclose(stage)


def _disclose(stage: Stage) -> None:
    """The ministry asked for records; the operator gave them under seal, and one key of them was released."""
    ministry, operator = stage.actors["ministry"], stage.actors["operator"]
    openers = [Opener(name="Azman bin Ali, prosecutor", key=box.new_identity()[1])]
    openers.append(Opener(name="Court of Sovan", key=box.new_identity()[1]))
    words = (
        "Records of one number",
        "--text",
        "Of 3 to 5 November.",
        "--basis",
        "Treaty of 2004, article 12, 2026/114",
    )
    readers = [word for each in openers for word in ("--reader", f"{each.name}={each.key}")]
    made = ministry.command("handoff", "ask", "Memorandum", operator.party, "disclose", *words, *readers)["id"]

    def stands(actor: Actor, stage: str) -> bool:
        return any(made.startswith(each["id"]) and each["stage"] == stage for each in actor.command("handoff", "list"))

    wait_until("the operator is asked to disclose", lambda: stands(operator, "requested"))
    with ministry.services() as services:
        through = services.get(People).home().card.age
    item = seal_file(b"number,called\n" * 2_000, "calls.csv", openers, through)
    with tempfile.TemporaryDirectory() as folder:
        operator.command("handoff", "say", made, "accept", "--text", "We may.")
        release(operator, made, [item])
        wait_until("the ministry has it", lambda: stands(ministry, "reported"))
        ministry.command("sealed", "release", made, item.sha256, openers[0].key, "--to", f"{folder}/released.age")


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
