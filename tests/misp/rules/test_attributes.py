"""What single attributes become."""

from __future__ import annotations

from typing import Any

from kouprey.kernel.words.tlp import STIX_MARKINGS, TLP
from kouprey.misp.rules.attributes import MOST_CONTENT


def test_an_attribute_to_detect_becomes_an_indicator(misp: Any) -> None:
    seen = misp.see(
        misp.attribute("a", "ip-dst|port", "198.51.100.7|443", detect=True, comment="C2", first_seen="2025-01-01")
    )
    made = seen.one("indicator")
    assert made["id"] == f"indicator--{misp.uuid('a')}" and made["modified"] == "2025-11-24T16:00:00.000000Z"
    assert made["pattern"] == ("[network-traffic:dst_ref.value = '198.51.100.7' AND network-traffic:dst_port = 443]")
    assert made["description"] == "C2" and made["valid_from"] == "2025-01-01T00:00:00.000000Z"
    assert made["labels"] == ['misp:type="ip-dst|port"', 'misp:category="Network activity"']
    assert made["created_by_ref"] == f"identity--{misp.AUTHOR['uuid']}"
    assert not seen.losses


def test_others_become_observed_data_and_a_note_of_the_comment(misp: Any) -> None:
    seen = misp.see(
        misp.attribute("a", "domain", "host.example", comment="seen", first_seen="2025-01-01", last_seen="2025-02-01")
    )
    observed, note = seen.one("observed-data"), seen.one("note")
    assert observed["object_refs"] == [seen.one("domain-name")["id"]]
    assert (observed["first_observed"], observed["last_observed"]) == (
        "2025-01-01T00:00:00.000000Z",
        "2025-02-01T00:00:00.000000Z",
    )
    assert note["content"] == "seen" and note["object_refs"] == [observed["id"]]


def test_a_value_that_does_not_fit_is_a_note_and_a_loss(misp: Any) -> None:
    seen = misp.see(misp.attribute("a", "ip-dst", "not an address", detect=True))
    assert seen.one("note")["content"] == "not an address"
    assert {loss.what for loss in seen.lost()} == {"observable", "to_ids"}
    assert {loss.attribute for loss in seen.losses} == {misp.uuid("a")}
    seen = misp.see(misp.attribute("a", "stix2-pattern", "[broken", detect=True))
    assert {loss.what for loss in seen.losses} == {"pattern", "to_ids"}
    seen = misp.see(misp.attribute("a", "some-new-type", "x"))
    assert seen.one("note")["content"] == "x" and seen.lost("type")


def test_rules_keep_their_language(misp: Any) -> None:
    made = misp.see(misp.attribute("a", "yara", "rule a { condition: true }", detect=True)).one("indicator")
    assert (made["pattern_type"], made["pattern"]) == ("yara", "rule a { condition: true }")
    assert "pattern_version" not in made


def test_a_sample_is_a_file_with_what_is_in_it(misp: Any) -> None:
    sample = misp.attribute("a", "malware-sample", f"a.exe|{'ab' * 16}", detect=True, data="UEsDBA==")
    seen = misp.see(sample)
    assert seen.one("artifact")["decryption_key"] == "infected"
    assert seen.one("file")["content_ref"] == seen.one("artifact")["id"]
    relation = seen.one("relationship")
    assert (relation["source_ref"], relation["target_ref"]) == (
        seen.one("indicator")["id"],
        seen.one("observed-data")["id"],
    )
    large = misp.see({**sample, "data": "A" * (MOST_CONTENT + 4)})
    assert not large.of("artifact") and large.lost("data")
    assert misp.see({**sample, "data": "not base64!"}).lost("observable")


def test_a_link_is_a_reference_of_the_report_unless_it_is_held_more_closely(misp: Any) -> None:
    link = misp.attribute("a", "link", "https://blog.example/post", comment="our text")
    (reference,) = misp.see(link).one("report")["external_references"]
    assert reference["url"] == "https://blog.example/post" and reference["external_id"] == misp.uuid("a")
    secret = misp.see({**link, "Tag": [{"name": "tlp:red"}]}, Tag=[{"name": "tlp:green"}])
    assert "external_references" not in secret.one("report") and secret.one("note")["content"] == link["value"]


def test_deleted_attributes_and_such_without_a_value_are_losses(misp: Any) -> None:
    seen = misp.see(misp.attribute("a", "domain", "host.example", deleted=True), misp.attribute("b", "domain", None))
    assert {(loss.attribute, loss.what) for loss in seen.losses} == {
        (misp.uuid("a"), "deleted attribute"),
        (misp.uuid("b"), "attribute"),
    }


def test_what_nobody_reads_is_listed(misp: Any) -> None:
    seen = misp.see(misp.attribute("a", "domain", "host.example", detect=True, last_seen="2025-01-01", surprise=7))
    assert {loss.what for loss in seen.losses} == {"field surprise", "last_seen"}


def test_markings_and_levels_follow_the_tags(misp: Any) -> None:
    strict = misp.attribute("a", "domain", "host.example", detect=True, Tag=[{"name": "tlp:red"}, {"name": "osint"}])
    seen = misp.see(strict, misp.attribute("b", "domain", "two.example", detect=True), Tag=[{"name": "tlp:green"}])
    red, green = seen.of("indicator")
    assert seen.level(red["id"]) is TLP.RED and seen.level(green["id"]) is TLP.GREEN
    assert [STIX_MARKINGS[each["object_marking_refs"][0]] for each in (red, green)] == [TLP.RED, TLP.GREEN]
    assert red["labels"][-1] == "osint"
    assert red["id"] not in seen.one("report")["object_refs"] and seen.lost(f"object_refs {red['id']}")


def test_two_attributes_of_one_uuid_stay_two(misp: Any) -> None:
    seen = misp.see(
        misp.attribute("a", "domain", "one.example", detect=True),
        misp.attribute("a", "domain", "two.example", detect=True),
    )
    assert len({each["id"] for each in seen.of("indicator")}) == 2
