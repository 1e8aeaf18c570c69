"""What shields of a node spare without a word."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from kouprey.constituents.model import Constituent
from kouprey.constituents.service import Constituents
from kouprey.node.own import own_things
from kouprey.protect.service import Protect
from kouprey.response.service import Directory


def test_the_node_its_competence_and_whom_it_hosts(programs: Any) -> None:
    services = programs.node.services
    assert list(own_things(services)) == [("127.0.0.1", "the address of this node")]
    constituents: Constituents = services.get(Constituents)
    constituents.add(Constituent(id="bank.example", name="The bank"), by="test")
    constituents.set_networks("bank.example", ["203.0.113.0/24", "bank.example", "AS64500", "@bank.example"], by="test")
    directory: Directory = services.get(Directory)
    who = services.get(Protect).operator()
    profile = replace(directory.own(who).profile, domains=("ministry.example",), prefixes=("198.51.100.0/24",))
    directory.save(who, profile, verified=False)
    own = dict(own_things(services))
    assert own["203.0.113.0/24"] == own["bank.example"] == "The bank" and "AS64500" not in own
    assert own["ministry.example"] == own["198.51.100.0/24"] == "what we are competent for"
