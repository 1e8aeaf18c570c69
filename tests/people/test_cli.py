"""The commands about parties, persons, tokens and delegations."""

from __future__ import annotations

import base64
import json
import shlex
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from kouprey.kernel.cli.frame import Invocation, Lazy, build, run
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.tlp import TLP
from kouprey.people import cli
from kouprey.people.model import Permission, Role
from kouprey.people.service import People

# Rows are tested on both engines; this is about words.
pytestmark = pytest.mark.parametrize("make_store", ["sqlite"], indirect=True)
ROOT = build([Lazy(name, f"kouprey.people.cli:{name}", name) for name in cli.__all__], version="1")
Command = Callable[..., Any]


@pytest.fixture
def command(people: People, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run a command at cert.example; its JSON answer, or the exit code and code of a failure."""

    @contextmanager
    def opener(_: Invocation) -> Iterator[Services]:
        services = Services()
        services.put(people)
        yield services

    def call(*words: str, plain: bool = False) -> Any:
        code = run(ROOT, [*words, *(() if plain else ("--json",))], opener=opener)
        told = capsys.readouterr()
        if code:
            return code, json.loads(told.err)["code"]
        return told.out if plain else json.loads(told.out)

    return call


def test_the_card_is_printed_as_it_is(people: People, command: Command) -> None:
    assert command("party", "card", plain=True).encode() == people.home().note
    renewed = command("party", "card", "--url", "https://cert.example")
    assert renewed["card"].encode() == people.home().note
    assert people.home().card.url == "https://cert.example"
    serial = people.home().card.serial
    assert command("party", "card", "--url", "https://cert.example")["serial"] == serial


def test_trust_asks_for_the_words(people: People, other: People, command: Command, tmp_path: Path) -> None:
    file = tmp_path / "operator.card"
    file.write_bytes(other.home().note)
    assert command("party", "trust", str(file)) == (6, "needs-confirmation")
    assert people.find_party("operator.example") is None
    trusted = command("party", "trust", str(file), "--yes")
    assert tuple(trusted["words"]) == other.fingerprint("operator.example")
    # A newer card under the same root key needs no second call.
    file.write_bytes(other.renew_card(urls=("https://new.operator.example",)).note)
    assert command("party", "trust", str(file))["url"] == "https://new.operator.example"
    assert [row["party"] for row in command("party", "list")] == ["cert.example", "operator.example"]
    assert command("party", "words", "operator.example")["words"] == trusted["words"]
    assert command("party", "words", "nobody.example") == (4, "unknown-party")


def test_what_is_no_card_is_refused(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "no.card"
    assert command("party", "trust", str(file), "--yes") == (4, "no-file")
    file.write_bytes(b"\x00" * 200_000)
    assert command("party", "trust", str(file), "--yes") == (7, "bad-note")
    assert command("party", "trust", "http://127.0.0.1:9/", "--yes") == (8, "private-address")


def test_a_person_is_invited_and_shut_out(people: People, command: Command) -> None:
    command("person", "invite", "Keo", "--role", "administrator", "--clearance", "red")
    invited = command(
        "person", "invite", "Dara Sok", "--role", "lead", "--role", "liaison", "--url", "http://cert.localhost:8420/"
    )
    origin, _, secret = invited["link"].rpartition("/sign-in/")
    assert origin == "http://cert.localhost:8420"
    assert (invited["roles"], invited["clearance"]) == (["lead", "liaison"], "amber")
    cookie, _ = people.sign_in(secret)
    again = command("person", "link", "Dara Sok")["link"]
    assert again.startswith("/sign-in/")
    assert command("person", "deactivate", "Dara Sok")["active"] is False
    assert people.find_session(cookie) is None
    assert command("person", "link", "Dara Sok") == (6, "inactive-person")
    assert command("person", "activate", "Dara Sok")["active"] is True
    assert people.find_session(cookie) is None
    assert [row["name"] for row in command("person", "list")] == ["Dara Sok", "Keo"]
    assert command("person", "deactivate", "Keo") == (6, "last-administrator")
    assert command("person", "link", "Nobody") == (4, "unknown-person")


def test_links_are_listed_taken_back_and_sent_anew(people: People, command: Command) -> None:
    command("person", "invite", "Dara", "--role", "lead")
    (row,) = command("person", "links")
    assert (row["name"], row["roles"], row["made_by"], row["state"]) == ("Dara", ["lead"], "operator", "open")
    secret = command("person", "resend", row["link"])["link"].rpartition("/")[2]
    assert people.find_link_holder(secret) is not None
    assert sorted(each["state"] for each in command("person", "links", "--all")) == ["open", "revoked"]
    (row,) = command("person", "links")
    assert command("person", "revoke-link", row["link"])["state"] == "revoked"
    assert people.find_link_holder(secret) is None and command("person", "links") == []
    assert command("person", "revoke-link", row["link"]) == (6, "link-over")
    assert command("person", "resend", "0") == (4, "unknown-link")
    assert command("person", "reset-factor", "Dara")["name"] == "Dara"


def test_a_token_is_narrowed_and_widened_again(command: Command) -> None:
    made = command(
        "token", "create", "--party", "cert.example", "--role", "lead", "--verb", "read", "--verb", "write",
        "--collection", "c1", "--collection", "c2",
    )  # fmt: skip
    assert (made["verbs"], made["collections"]) == (["read", "write"], ["c1", "c2"])
    assert command("token", "change", made["user"], "--verb", "read")["verbs"] == ["read"]
    wide = command("token", "change", made["user"], "--all-verbs", "--all-collections")
    assert (wide["verbs"], wide["collections"]) == ([], [])
    assert command("token", "change", made["user"], "--verb", "erase") == (6, "bad-scope")


def test_a_token_is_made_changed_and_revoked(people: People, command: Command) -> None:
    made = command("token", "create", "--party", "cert.example", "--clearance", "green", "--collection", "c1")
    assert made["basic"] == f"{made['user']}:{made['token']}"
    header = "Basic " + base64.b64encode(made["basic"].encode()).decode()
    found = people.find_token(header)
    assert found is not None
    assert (found.collections, found.clearance.word) == (("c1",), "green")
    assert command("token", "change", made["user"]) == (6, "no-change")
    assert command("token", "change", made["user"], "--clearance", "amber+strict")["clearance"] == "amber+strict"
    (row,) = command("token", "list")
    assert "token" not in row
    assert made["token"] not in json.dumps(row)
    assert command("token", "revoke", made["user"])["active"] is False
    assert people.find_token(header) is None
    assert command("token", "revoke", "tok_0") == (4, "unknown-token")
    assert command("token", "create", "--party", "nobody.example") == (4, "unknown-party")


def test_who_belongs_to_whom(other: People, command: Command, tmp_path: Path) -> None:
    card = tmp_path / "card"
    card.write_bytes(other.home().note)
    command("party", "trust", str(card), "--yes")
    asked = ("party", "add-member", "cert.example", "operator.example", "--because", "Articles, section 2")
    made = command(*asked)
    assert (made["party"], made["member"], made["by"]) == ("cert.example", "operator.example", "operator")
    assert command(*asked) == (6, "known-member")
    assert command("party", "members") == command("party", "members", "operator.example") == [made]
    assert command("party", "members", "nobody.example") == (4, "unknown-party")
    command("party", "remove-member", "cert.example", "operator.example")
    assert command("party", "members") == []


def test_a_delegation_from_recording_to_revoking(people: People, other: People, command: Command) -> None:
    people.trust(other.home().note, by="operator")
    user = command("token", "create", "--party", "cert.example", "--clearance", "amber")["user"]
    asked = ("delegation", "record", "--for", "operator.example", "--token", user, "--verb", "read")
    asked += ("--clearance", "green", "--because", "Minutes 7", "--from", "2026-12-02")
    assert command(*asked, "--until", "soon") == (6, "bad-times")
    made = command(*asked, "--until", "2027-06-30")
    assert (made["for"], made["token"], made["verbs"]) == ("operator.example", user, ["read"])
    assert made["from"] == "2026-12-02T00:00:00Z" and made["until"] == "2027-06-30T00:00:00Z"
    assert command("delegation", "confirm", made["delegation"]) == (5, "same-person")
    dara = people.save_person("Dara", (Role.ADMINISTRATOR,), TLP.RED, by="operator")
    people.confirm_delegation(made["delegation"], granter=dara)
    (listed,) = command("delegation", "list")
    assert (listed["recorded_by"], listed["confirmed_by"]) == ("operator", "Dara")
    assert command("delegation", "revoke", made["delegation"])["state"] == "revoked"
    assert command("delegation", "revoke", made["delegation"]) == (6, "delegation-done")
    now = people._clock()
    bounds = {"starts": now, "ends": now + 10**12, "because": "x"}
    theirs = people.record_delegation("operator.example", user, [Permission.READ], TLP.GREEN, granter=dara, **bounds)
    assert command("delegation", "confirm", theirs.id)["confirmed_by"] == "operator"


def test_the_how_to_is_run_as_it_stands(people: People, other: People, command: Command, make_store: Any) -> None:
    """Its sections about groups and about acting for another party."""
    page = (Path(__file__).parents[2] / "docs" / "how-to" / "let-people-in.md").read_text("utf-8")
    lines = [line for line in page.splitlines() if line.startswith(("kouprey party add-", "kouprey delegation "))]
    assert len(lines) == 3
    people.trust(other.home().note, by="operator")
    third = People(make_store(), people._keyring, people._clock, people._hasher)
    third.found("group.example", "Example Group", identity="identity--5f8a3b0e-3a6e-4f0e-9d57-0c4f3c5d7a12")
    people.trust(third.home().note, by="operator")
    token, _ = people.create_token("operator.example", Role.FEED, TLP.GREEN, by="operator")
    add, record, confirm = (shlex.split(line)[1:] for line in lines)
    assert command(*add)["member"] == "operator.example"
    made = command(*(token.user if word == "TOKEN-ID" else word for word in record))
    told = [made["delegation"] if word == "DELEGATION-ID" else word for word in confirm]
    assert command(*told) == (5, "same-person")
    dara = people.save_person("Dara", (Role.ADMINISTRATOR,), TLP.RED, by="operator")
    people.confirm_delegation(made["delegation"], granter=dara)
    assert people.acting_for(token, "group.example").clearance is TLP.GREEN
