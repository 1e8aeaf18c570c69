"""The commands of the exchange, called as a person or a program calls them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from kouprey.exchange.service.ageing import DAY
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.time import wall_clock
from kouprey.kernel.words.tlp import TLP


def test_import_answers_with_figures_and_writes_refusals_down(call: Any, stix: Any, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.json", tmp_path / "bad.ndjson"
    good.write_bytes(b'{"type":"bundle","objects":[' + stix.make("a") + b"," + stix.make("b") + b"]}")
    bad.write_bytes(stix.make("c") + b"\n" + b'{"type":"indicator","id":"x"}\n')
    told = call.json("import", str(good), "--tlp", "green")
    assert (told["new"], told["refused"], told["refusals"]) == (2, 0, None)
    assert call.party.exchange.counts(call.party.reader()).by_tlp == {TLP.GREEN: 2}
    text = call(["import", str(good), str(bad)], code=7)
    assert "2 repeats" in text and "1 refused" in text and "bad.ndjson.refusals.ndjson" in text
    (refusal,) = (tmp_path / "bad.ndjson.refusals.ndjson").read_bytes().splitlines()
    assert msgspec.json.decode(refusal)["code"] == "bad-id"
    assert call(["import", str(good), "--tlp", "pink"], code=7) == ""


def test_refusals_go_to_the_data_directory_where_the_file_may_not_be_joined(
    call: Any, stix: Any, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.ndjson"
    bad.write_bytes(b"[1]")
    # A folder of that name stands for a place that cannot be written.
    (tmp_path / "bad.ndjson.refusals.ndjson").mkdir()
    told = call.json("import", str(bad), code=7)
    assert told["refusals"] == str(tmp_path / "data" / "bad.ndjson.refusals.ndjson")
    assert Path(told["refusals"]).read_bytes()


def test_collections(call: Any) -> None:
    made = call.json("collection", "create", "feed", "--title", "Feed")
    assert made["id"] == call.party.exchange.get_collection("feed").id
    assert [each["name"] for each in call.json("collection", "list")] == ["feed"]
    call(["collection", "create", "feed"], code=6)
    call(["collection", "create", "No Name"], code=7)


def test_publish_explain_and_sight(call: Any, operator: Any, stix: Any) -> None:
    agreement = stix.agree(call.party, operator, tlp_ceiling="green")
    call.party.keep(stix.make("open"), tlp=TLP.GREEN)
    call.party.keep(stix.make("closed"), tlp=TLP.AMBER)
    told = call.json("publish", "--agreement", agreement[:9], "--type", "indicator")
    assert told["queued"] == [stix.id("indicator", "open")] and len(told["refused"]) == 1
    text = call(["publish", "--agreement", "Exchange", stix.id("indicator", "closed")], code=6)
    assert "ceiling" in text and "clause 2 (Highest marking)" in text
    why = call(["explain", stix.id("indicator", "closed"), "--for", "operator.example"])
    assert "operator.example may not see" in why and "clause 2 (Highest marking)" in why
    assert call.json("explain", stix.id("indicator", "open"), "--for", "operator.example")["decision"]["allowed"]
    assert "no agreement" in call(["sight", stix.id("indicator", "open"), "--count", "2"])
    seen = call.party.exchange.get_object(call.party.reader(), stix.id("indicator", "open"))
    assert seen.times_seen == 2
    call(["explain", "indicator--00000000-0000-4000-8000-000000000000", "--for", "operator.example"], code=4)


def test_validate_judges_without_a_node(call: Any, stix: Any, tmp_path: Path) -> None:
    good = stix.make("good", kind="x-ours", id="x-ours--00000000-0000-4000-8000-000000000000")
    bad = stix.make("bad", kind="campaign", name=7)
    file = tmp_path / "f.ndjson"
    file.write_bytes(good + b"\n" + bad + b'\n{"type": "campaign"}\n')
    call.services = Services()
    said = call(["validate", str(file)], 7)
    assert f"{stix.id('campaign', 'bad')}\n  must    name: It must be a string." in said
    assert "(STIX 2.1, 2.15)" in said and "refused  line 3" in said
    assert "2 objects, 1 break the standard; 1 must, 2 should, 1 refused" in said
    answer = call.json("validate", str(file), "--all", code=7)
    assert (answer["objects"], answer["invalid"], answer["refused"]) == (2, 1, 1)
    assert [one["code"] for one in answer["listed"][0]["findings"]] == ["custom"]
    assert answer["listed"][0]["findings"][0]["remedy"]
    file.write_bytes(good)
    assert "1 objects, 0 break the standard" in call(["validate", str(file)])


def test_import_says_what_it_found_and_strict_collections_refuse(call: Any, stix: Any, tmp_path: Path) -> None:
    file = tmp_path / "f.ndjson"
    file.write_bytes(stix.make("bad", kind="campaign", name=7))
    assert "Findings: 1 must in 1 objects, 1 should" in call(["import", str(file)])
    made = call.json("collection", "create", "clean", "--strict")
    assert made["strict"] is True
    answer = call.json("import", str(file), "--collection", "clean", code=7)
    assert answer["refused"] == 1
    assert "breaks-standard" in Path(answer["refusals"]).read_text()


def test_lookup(call: Any, stix: Any, tmp_path: Path) -> None:
    call.party.keep(stix.make("a", pattern="[ipv4-addr:value = '198.51.100.0/24']", pattern_type="stix"))
    call.party.keep(stix.make("b", pattern="[domain-name:value = 'evil.example']", pattern_type="stix"))
    told = call.json("lookup", "hxxp://x.example", "evil[.]example", "10.0.0.1")
    assert (told["asked"], told["known"]) == (3, 1)
    assert told["found"] == [
        {"value": "evil[.]example", "kind": "domain-name", "canonical": "evil.example", "versions": 1}
    ]
    values = tmp_path / "values.txt"
    values.write_text("evil.example\n\nEVIL.EXAMPLE.\n", "utf-8")
    assert call.json("lookup", "--file", str(values))["known"] == 2
    text = call(["lookup", "198.51.100.7"])
    assert "not named itself" in text and "lies in 198.51.100.0/24" in text
    text = call(["lookup", "evil.example"])
    assert "1 version from feed.json" in text and stix.id("indicator", "b") in text
    assert "None of these" in call(["lookup", "good.example"], code=4)
    call(["lookup"], code=7)
    assert call.json("lookup", "evil.example", "--kind", "mutex", code=4)["found"] == []


def test_export_to_a_file_and_as_a_party(call: Any, operator: Any, stix: Any, tmp_path: Path) -> None:
    stix.agree(call.party, operator, tlp_ceiling="green")
    call.party.keep(stix.make("open"), tlp=TLP.GREEN)
    call.party.keep(stix.make("closed"), tlp=TLP.AMBER)
    told = call.json("export", "--format", "ndjson", "-o", str(tmp_path / "all"))
    lines = (tmp_path / "all").read_bytes()
    assert told == {"file": str(tmp_path / "all"), "bytes": len(lines)} and len(lines.splitlines()) == 2
    assert (tmp_path / "all").stat().st_mode & 0o777 == 0o600
    call(["export", "-o", str(tmp_path / "all")], code=6)
    call(["export", "--as", "operator.example", "--format", "ndjson", "-o", str(tmp_path / "theirs")])
    assert [msgspec.json.decode(line)["id"] for line in (tmp_path / "theirs").read_bytes().splitlines()] == [
        stix.id("indicator", "open")
    ]
    call(["export", "--as", "nobody.example"], code=4)
    call(["export", "--format", "xlsx"], code=7)
    call(["export", stix.id("indicator", "nowhere"), "-o", str(tmp_path / "none")], code=4)
    assert not (tmp_path / "none").exists()
    assert stix.id("indicator", "closed") in call(["export", "--query", "closed"])


def test_what_is_said_is_shown_with_its_worth(call: Any, stix: Any) -> None:
    call.party.keep(stix.make("a", confidence=80, pattern="[ipv4-addr:value = '198.51.100.7']"), tlp=TLP.GREEN)
    wanted = stix.id("indicator", "a")
    assert "nobody else is told" in call(["note", wanted, "Sinkholed."])
    assert call.json("opinion", wanted, "strongly-disagree", "--because", "A scanner.")["target"] == wanted
    text = call(["show", wanted])
    assert "of 100 now: doubted." in text and "confidence high (80)" in text and "note, operator" in text
    told = call.json("show", wanted)
    assert told["bodies"][0]["confidence"] == 80 and told["served_because"] == "only"
    assert told["assertions"][0]["confidence"] == 80 and told["assessment"]["state"] == "doubted"
    assert {each["kind"] for each in told["comments"]} == {"note", "opinion"}
    call(["show", stix.id("indicator", "nowhere")], code=4)


def test_a_merge_is_made_listed_and_taken_back(call: Any, stix: Any) -> None:
    ends = {"source_ref": stix.id("tool", "b"), "target_ref": stix.id("tool", "c")}
    uses = stix.make("b uses c", "relationship", relationship_type="uses", **ends)
    call.party.keep(*(stix.make(name, "tool") for name in ("a", "b", "c")), uses, tlp=TLP.GREEN)
    pair = [stix.id("tool", "a"), stix.id("tool", "b")]
    assert "Nothing is merged" in call(["merges"])
    assert "is taken for" in call(["merge", *pair, "--because", "One tool."])
    assert call.json("merges")["merges"][0]["because"] == "One tool."
    (line,) = call(["merges", "--stix"]).splitlines()
    assert msgspec.json.decode(line)["relationship_type"] == "duplicate-of"
    assert "is taken for" in call(["show", pair[0]])
    assert "a uses c" in call(["neighbours", pair[0]]), "what the other uses, this one uses"
    call(["unmerge", *pair])
    call(["unmerge", *pair], code=4)
    assert call.json("merges") == {"merges": []}


def test_search_finds_filters_saves_and_says_what_is_new(call: Any, stix: Any) -> None:
    call.party.keep(stix.make("wick one"), stix.make("wick two", "malware"), tlp=TLP.GREEN)
    call.party.keep(stix.make("wick old", "malware", revoked=True), tlp=TLP.RED, source="two.json")
    found = call.json("search", "wick", "--type", "malware")
    assert ([each["title"] for each in found["objects"]], found["more"]) == (["wick old", "wick two"], False)
    for options, expected in {
        ("--tlp", "red"): ["wick old"],
        ("--source", "feed.json", "--not-revoked"): ["wick two", "wick one"],
        ("--revoked",): ["wick old"],
        ("--since", "2020-01-01", "--limit", "1"): ["wick old"],
    }.items():
        found = call.json("search", *options)
        assert [each["title"] for each in found["objects"]] == expected, options
    assert "There are more" in call(["search", "wi*", "--limit", "1"])
    assert call(["search", "nowhere"], code=4) == "Nothing fits.\n"
    call(["search", "--since", "2200-01-01"], code=4)
    call(["search", "--since", "yesterday"], code=7)
    call(["search", "--tlp", "pink"], code=7)
    call(["search", "wick", "--save", "Wick", "--shared"])
    assert call.json("search", "--saved", "Wick")["new"] == 0
    call.party.keep(stix.make("wick three"), tlp=TLP.GREEN)
    assert "1 new since you last looked." in call(["search", "--saved", "Wick"])
    assert call.json("search", "--saved", "Wick")["new"] == 0
    call(["search", "more", "--saved", "Wick"], code=7)
    call(["search", "--saved", "None"], code=4)
    assert [each.shared for each in call.party.exchange.list_saved(call.party.reader(), by="dara")] == [True]


def test_neighbours(call: Any, stix: Any) -> None:
    ends = {"source_ref": stix.id("malware", "open"), "target_ref": stix.id("tool", "tool")}
    call.party.keep(
        stix.make("open", "malware"),
        stix.make("tool", "tool"),
        stix.make("r1", "relationship", relationship_type="uses", **ends),
        stix.make("told", "report", object_refs=[ends["target_ref"]]),
        tlp=TLP.GREEN,
    )
    start = ends["source_ref"]
    assert [node["title"] for node in call.json("neighbours", start)["nodes"]] == ["tool"]
    text = call(["neighbours", start, "--depth", "2"])
    assert "2  " in text and "told object_refs tool" in text
    assert call.json("neighbours", start, "--depth", "2", "--limit", "1")["more"]
    call(["neighbours", stix.id("tool", "none")], code=4)


def test_a_table_needs_a_mapping_and_is_looked_at_without_a_node(call: Any, tmp_path: Path) -> None:
    table, mapping = tmp_path / "list.csv", tmp_path / "list.toml"
    table.write_text("seen;ip;why\n2026-11-22 09:00;198.51.100.7;c2\n2026-11-22 09:00;?;c2\n", "utf-8")
    call(["import", str(table)], code=7)
    mapping.write_text(
        'as = "indicator"\n[columns]\nip = "ip"\nseen = "valid_from"\n[times]\nzone = "+07:00"\n', "utf-8"
    )
    services, call.services = call.services, Services()
    text = call(["import", str(table), "--check"])
    assert "cells between semicolons" in text and "--column ip=value" in text
    (seen,) = call.json("import", str(table), "--check", "--map", str(mapping), "--column", "why=labels")
    assert (seen["objects"], seen["refused"], seen["refusals"][0]["line"]) == (1, 1, 3)
    assert seen["first"][0]["labels"] == ["c2"] and seen["first"][0]["valid_from"] == "2026-11-22T02:00:00.000Z"
    call.services = services
    told = call.json("import", str(table), "--map", str(mapping), "--tlp", "green", code=7)
    assert (told["new"], told["refused"]) == (1, 1)
    assert b"no-value" in Path(told["refusals"]).read_bytes()
    again = call.json("import", str(table), "--column", "2=ip", "--delimiter", ";", "--no-header", code=7)
    assert (again["new"], again["refused"]) == (1, 2)
    for wrong in (
        ["--column", "ip"],
        ["--delimiter", "ab", "--column", "1=ip"],
        ["--constant", "x=y", "--column", "1=ip"],
    ):
        call(["import", str(table), *wrong], code=7)


def test_extract_prints_and_saves(call: Any, tmp_path: Path) -> None:
    mail = tmp_path / "mail.txt"
    mail.write_text("hxxp://evil[.]kh/ from 10.0.0.1 and =evil[.]su", "utf-8")
    services, call.services = call.services, Services()
    assert [each["value"] for each in call.json("extract", str(mail))] == ["http://evil.kh/", "evil.su"]
    text = call(["extract", str(mail), "--all"])
    assert "10.0.0.1" in text and "private" in text
    assert call(["extract", str(mail), "--csv"]).startswith("kind,value,written,line")
    call.services = services
    told = call.json("extract", str(mail), "--save", "Mail", "--malicious", "--kind", "url", "--tlp", "green")
    assert len(told["indicators"]) == 1 and not told["observed"]
    assert call.party.exchange.counts(call.party.reader()).by_type == {"identity": 1, "indicator": 1, "report": 1}
    call(["extract", str(mail), "--save", "Mail", "--tlp", "pink"], code=7)
    call(["extract", str(tmp_path / "nowhere")], code=7)


def test_retention_from_proposal_to_removal(call: Any, stix: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    call.party.keep(stix.make("a", "tool"), stix.make("b", "tool"), stix.make("c"), tlp=TLP.GREEN)
    assert call.json("retention", "list") == {"rules": [], "duties": []}
    monkeypatch.setattr(call.party.exchange, "_clock", lambda: wall_clock() + 40 * DAY)
    made = call.json("retention", "add", "Old tools", "--type", "tool", "--days", "30", "--because", "Policy 7")
    assert made["preview"]["by_type"] == {"tool": 2} and made["rule"]["state"] == "proposed"
    call(["retention", "run", "Old tools"], code=6)
    assert "would erase 2 objects now (2 tool); 0 are held" in call(["retention", "preview", "Old tools"])
    assert "in force" in call(["retention", "confirm", "Old tools", "--yes"])
    assert "paused" in call(["retention", "pause", "Old tools"])
    assert "in force" in call(["retention", "resume", "Old tools"])
    assert "2 erased, 0 held, 0 failed" in call(["retention", "run", "Old tools"])
    assert "2 erased" in call(["retention", "list"]) and call.json("retention", "list")["rules"][0]["days"] == 30
    changed = call.json("retention", "change", "Old tools", "--days", "60", "--because", "Policy 8")
    assert (changed["state"], changed["days"]) == ("proposed", 60)
    assert "removed" in call(["retention", "remove", "Old tools"])
    call(["retention", "preview", "Old tools"], code=4)
    call(["retention", "add", "Everything", "--days", "30", "--because", "Policy 7"], code=7)


def test_what_a_source_allows(call: Any, stix: Any) -> None:
    call.party.keep(stix.make("a"), source="paid feed")
    assert [each["passing"] for each in call.json("source", "list")] == ["agreement"]
    assert "only inside" in call(["source", "allow", "paid feed", "--right", "inside", "--because", "Licence"])
    assert "Licence" in call(["source", "list"])
    call(["source", "allow", "paid feed", "--right", "attribution"], code=7)
    assert call.json("source", "allow", "paid feed", "--right", "attribution", "--credit", "X")["credit"] == "X"


def test_a_publishing_rule_from_making_to_its_end(call: Any, operator: Any, stix: Any) -> None:
    agreement = stix.agree(call.party, operator, tlp_ceiling="green")
    call.party.keep(stix.make("open"), tlp=TLP.GREEN)
    call.party.keep(stix.make("closed"), tlp=TLP.AMBER)
    assert call.json("rule", "list") == []
    call(["search", "--type", "indicator", "--save", "Beacons"])
    made = call.json("rule", "add", "Beacons", "--agreement", agreement[:9], "--limit", "5")
    assert made["rule"]["state"] == "proposed" and made["dry_run"]["goes"] == 1
    tried = call(["rule", "try", "Beacons"])
    assert "1 would go to operator.example" in tried and "(clause 2)" in tried and "For example closed." in tried
    assert "runs" in call(["rule", "start", "Beacons", "--everything", "--yes"])
    assert call.party.exchange.give_by_rules() == 1
    day = wall_clock() // DAY
    shown = call.json("rule", "show", "Beacons")["days"][0]
    assert (shown["given"], shown["held"]) == (1, 1)
    items = call(["rule", "show", "Beacons", "--day", shown["day"]])
    assert "given  " + stix.id("indicator", "open") in items and "held back" in items and "(clause 2)" in items
    assert "1 given, 0 to be released, 1 held back" in call(["rule", "list"]) and day > 0
    assert "1 recalls sent" in call(["rule", "undo", "Beacons", "--day", shown["day"], "--because", "Wrong."])
    assert "paused" in call(["rule", "pause", "Beacons"])
    assert "is ended" in call(["rule", "end", "Beacons"])
    call(["rule", "try", "Beacons"], code=4)
    call(["rule", "show", "Beacons", "--day", "soon"], code=4)
