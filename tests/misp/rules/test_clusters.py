"""What galaxy clusters become, and that many events can tell of one."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.kernel.words.tlp import TLP
from kouprey.misp.rules.clusters import type_of

CLUSTER = {
    "uuid": "24430dc6-9c27-4b3c-a5e7-6dda478fffa0",
    "collection_uuid": "7eacd736-b093-4cc0-a56c-5f84de725dfb",
    "type": "mitre-intrusion-set",
    "value": "Sovan Bear",
    "tag_name": 'misp-galaxy:mitre-intrusion-set="Sovan Bear"',
    "description": "A group nobody has seen.",
    "version": "7",
    "default": True,
    "meta": {
        "synonyms": ["Sovan Bear", "Grey Ox"],
        "refs": ["https://notes.example/ox", "no url"],
        "external_id": ["G9999"],
        "country": "XX",
    },
}


def galaxy(**more: Any) -> list[dict[str, Any]]:
    return [{"type": "mitre-intrusion-set", "GalaxyCluster": [CLUSTER | more]}]


@pytest.mark.parametrize(
    ("name", "type_"),
    [
        ("mitre-enterprise-attack-malware", "malware"),
        ("threat-actor", "threat-actor"),
        ("mitre-attack-pattern", "attack-pattern"),
        ("ransomware", "malware"),
        ("sector", "identity"),
        ("tea-matrix", ""),
        ("notool", ""),
    ],
)
def test_galaxies_have_their_type(name: str, type_: str) -> None:
    assert type_of(name) == type_


def test_a_cluster_of_an_event_is_in_its_report(misp: Any) -> None:
    seen = misp.see(misp.attribute("a", "domain", "host.example", detect=True), Galaxy=galaxy())
    made = seen.one("intrusion-set")
    assert made["id"] == f"intrusion-set--{CLUSTER['uuid']}" and made["aliases"] == ["Grey Ox"]
    assert made["external_references"] == [
        {"source_name": "mitre-attack", "external_id": "G9999"},
        {"source_name": "misp-galaxy:mitre-intrusion-set", "url": "https://notes.example/ox"},
    ]
    assert made["id"] in seen.one("report")["object_refs"]
    assert {loss.what for loss in seen.losses} == {"cluster reference no url", "cluster meta country"}


def test_a_cluster_of_an_attribute_is_what_it_indicates(misp: Any) -> None:
    seen = misp.see(
        misp.attribute("a", "domain", "host.example", detect=True, Galaxy=galaxy()),
        misp.attribute("b", "domain", "two.example", Galaxy=galaxy()),
    )
    (made,) = seen.of("intrusion-set")
    words = {each["source_ref"].partition("--")[0]: each for each in seen.of("relationship")}
    assert words["indicator"]["relationship_type"] == "indicates" and words["indicator"]["target_ref"] == made["id"]
    assert words["observed-data"]["relationship_type"] == "related-to"


def test_its_body_says_the_same_in_every_event_and_its_label_does_not(misp: Any) -> None:
    red = misp.see(Galaxy=galaxy(), Tag=[{"name": "tlp:red"}])
    green = misp.see(Galaxy=galaxy(), Tag=[{"name": "tlp:green"}], name="another")
    assert red.one("intrusion-set") == green.one("intrusion-set")
    assert red.level(f"intrusion-set--{CLUSTER['uuid']}") is TLP.RED
    own = misp.see(Galaxy=galaxy(default=False, distribution="0"), Tag=[{"name": "tlp:green"}])
    assert own.level(f"intrusion-set--{CLUSTER['uuid']}") is TLP.RED
    # The report is seen by more people than that cluster.
    assert f"intrusion-set--{CLUSTER['uuid']}" not in str(own.of("report"))


def test_a_later_version_is_later_and_still_early(misp: Any) -> None:
    first, second = (misp.see(Galaxy=galaxy(version=each)).one("intrusion-set") for each in ("7", "8"))
    assert first["modified"] < second["modified"] < "2016"


def test_what_stix_has_nothing_for_is_lost_and_stays_a_label(misp: Any) -> None:
    tag = 'misp-galaxy:tea-matrix="Milk in tea"'
    seen = misp.see(Galaxy=galaxy(type="tea-matrix", value="Milk in tea"), Tag=[{"name": tag}])
    assert seen.lost("cluster Milk") and seen.one("report")["labels"][0] == tag
    assert misp.see(Galaxy=galaxy(local=True)).lost("cluster Sovan Bear")


def test_the_uuid_of_a_collection_names_no_cluster(misp: Any) -> None:
    for collection in (CLUSTER["uuid"], ""):
        both = [*galaxy(collection_uuid=collection), *galaxy(collection_uuid=collection, value="Talay Shark")]
        seen = misp.see(Galaxy=both)
        assert len({each["id"] for each in seen.of("intrusion-set")}) == 2
        assert CLUSTER["uuid"] not in str(seen.of("intrusion-set"))
